from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from platformdirs import PlatformDirs

from scaffolder.gateways.home import APPLICATION, Home, private_directory

if TYPE_CHECKING:
    from pathlib import Path


def test_the_xdg_variables_say_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for part in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{part}_HOME", str(tmp_path / part))

    home = Home.of_user()

    assert [home.config, home.data, home.state, home.cache] == [
        tmp_path / part / "scaffolder" for part in ("CONFIG", "DATA", "STATE", "CACHE")
    ]
    assert not list(tmp_path.iterdir()), "asking makes nothing"


@pytest.mark.parametrize("named", ["", "relative", "/elsewhere"])
@pytest.mark.parametrize("user", ["/home/ann", "/", "relative", ""])
def test_home_is_where_platformdirs_says(user: str, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", user)
    for part in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{part}_HOME", named)
    places = PlatformDirs(APPLICATION, appauthor=False)

    assert [*map(str, Home.of_user())] == [
        places.user_config_dir,
        places.user_data_dir,
        places.user_state_dir,
        places.user_cache_dir,
    ]


def test_a_directory_is_made_for_its_owner_only(tmp_path: Path) -> None:
    made = private_directory(tmp_path / "a" / "b")

    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_a_directory_that_exists_keeps_its_permissions(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)

    private_directory(shared)

    assert stat.S_IMODE(shared.stat().st_mode) == 0o755
