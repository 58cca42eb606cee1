"""What every test may rely on: a home of its own, and a git identity."""

from __future__ import annotations

import os
from pathlib import Path

import keyring
import pytest

from tests.file_keyring import FileKeyring

keyring.set_keyring(FileKeyring())  # type: ignore[no-untyped-call]  # nobody's own is asked, in whatever order tests run

GIT_CONFIG = """\
[user]
    name = Test Engineer
    email = test-engineer@example.com
[init]
    defaultBranch = main
"""


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point HOME, the XDG directories and git's configuration at a private directory."""
    private = tmp_path_factory.mktemp("home")
    (private / ".gitconfig").write_text(GIT_CONFIG)
    for name in [name for name in os.environ if name.startswith(("GIT_", "SCAFFOLDER_")) and not _is_data(name)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(private))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for variable, directory in {
        "XDG_CONFIG_HOME": ".config",
        "XDG_DATA_HOME": ".local/share",
        "XDG_STATE_HOME": ".local/state",
        "XDG_CACHE_HOME": ".cache",
    }.items():
        monkeypatch.setenv(variable, str(private / directory))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")  # for programs that tests start
    monkeypatch.setenv("TEST_KEYRING", str(private / "keyring.json"))
    for variable in ("EMAIL", "COLUMNS", "LINES"):  # readline sets the latter two, where tests run side by side
        monkeypatch.delenv(variable, raising=False)
    return private


def _is_data(name: str) -> bool:
    return name in {"SCAFFOLDER_TEST_DATA", "SCAFFOLDER_TEST_NPM"}


@pytest.fixture
def test_data() -> Path:
    """Outside data that is not part of the project; CI names it in SCAFFOLDER_TEST_DATA."""
    data = os.environ.get("SCAFFOLDER_TEST_DATA", "")
    if not data:
        pytest.skip("SCAFFOLDER_TEST_DATA names no directory of outside data")
    return Path(data)
