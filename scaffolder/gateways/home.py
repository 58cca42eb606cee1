"""
Where a person's configuration, data, state and cache live on this platform.

    config/scaffolder.yaml   data/catalog.db   state/tasks.db   state/tasks/ID/   state/logs/   cache/git/
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

APPLICATION = "scaffolder"


@dataclass(frozen=True, slots=True)
class Home:
    """Four directories; whoever first writes into one makes it, for its owner only (`private_directory`)."""

    config: Path
    data: Path
    state: Path
    cache: Path

    @classmethod
    def of_user(cls) -> Self:
        """Return the directories of the person who runs us: the XDG variables, else what the platform says."""
        from platformdirs import PlatformDirs

        places = PlatformDirs(APPLICATION, appauthor=False)
        return cls(
            config=Path(places.user_config_dir),
            data=Path(places.user_data_dir),
            state=Path(places.user_state_dir),
            cache=Path(places.user_cache_dir),
        )


def private_directory(path: Path) -> Path:
    """
    Make `path`, readable by its owner only, and return it. One that exists is left as it is.

    Raises:
        OSError: The file system refused.
    """
    if not path.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.mkdir(mode=0o700, exist_ok=True)
    return path
