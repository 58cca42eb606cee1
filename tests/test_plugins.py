"""What installed packages bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder import plugins
from scaffolder.similar.encoder import built_in

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PLUGIN = """\
from scaffolder.hookspecs import hookimpl


class Lengths:
    name = "lengths"
    dimensions = 1

    def encode(self, texts):
        return [[len(text)] for text in texts]


@hookimpl
def scaffolder_encoder():
    return {value}
"""


def install(directory: Path, module: str, value: str) -> None:
    """Make a directory that, being on the path, holds an installed plugin whose encoder is a value."""
    about = directory / f"{module}-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1\n")
    (about / "entry_points.txt").write_text(f"[scaffolder]\nacme = {module}\n")
    (directory / f"{module}.py").write_text(PLUGIN.format(value=value))


def test_the_encoder_is_ours_when_no_plugin_is_installed() -> None:
    assert not plugins.any_installed()
    assert plugins.encoder() is built_in()


def test_a_plugins_encoder_takes_the_place_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "acme_lengths", "Lengths()")
    monkeypatch.syspath_prepend(tmp_path)

    assert plugins.any_installed()
    assert plugins.encoder().name == "lengths"


def test_a_plugin_may_leave_the_encoder_to_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "acme_nothing", "None")
    monkeypatch.syspath_prepend(tmp_path)

    assert plugins.any_installed()
    assert plugins.encoder() is built_in()
