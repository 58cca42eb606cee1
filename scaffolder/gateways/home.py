"""
Where a person's configuration, data, state and cache live on this platform.

    config/scaffolder.yaml   data/catalog.db   state/tasks.db   state/tasks/ID/   state/logs/   cache/git/
    cache/archives/

Each company that was joined has data and state of its own, in `data/profiles/NAME` and `state/profiles/NAME`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NamedTuple, Self

APPLICATION = "scaffolder"
PROFILES = "profiles"


class Home(NamedTuple):
    """Four directories; whoever first writes into one makes it, for its owner only (`private_directory`)."""

    config: Path
    data: Path
    state: Path
    cache: Path

    @classmethod
    def of_user(cls, profile: str = "") -> Self:
        """
        Return the directories of the person who runs us: the XDG variables, else what the platform says.

        Those of a `profile` share configuration and cache with the others.
        """
        whole = cls._of_user()
        if not profile:
            return whole
        data, state = (place / PROFILES / profile for place in (whole.data, whole.state))
        return cls(whole.config, data, state, whole.cache)

    @classmethod
    def _of_user(cls) -> Self:
        user = os.environ.get("HOME", "")
        if sys.platform == "linux" and user.startswith("/"):
            return cls(*(_xdg(user, name, default) for name, default in _XDG.items()))
        from platformdirs import PlatformDirs

        places = PlatformDirs(APPLICATION, appauthor=False)
        return cls(
            config=Path(places.user_config_dir),
            data=Path(places.user_data_dir),
            state=Path(places.user_state_dir),
            cache=Path(places.user_cache_dir),
        )


# https://specifications.freedesktop.org/basedir-spec/latest/ which platformdirs follows, too; but every command needs
# these, and platformdirs takes 5 ms to load, half of what bare Python takes to start.
_XDG = {
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "XDG_CACHE_HOME": ".cache",
}


def _xdg(user: str, name: str, default: str) -> Path:
    """Return our directory under the one that a variable names; a relative one does not count."""
    named = os.environ.get(name, "")
    return Path(named if named.startswith("/") else f"{user.rstrip('/')}/{default}", APPLICATION)


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
