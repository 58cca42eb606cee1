from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scaffolder.actions.placing import InTheWay, place
from scaffolder.tree import Directory, File, Link, Node, NotWritable, PathEscapes

if TYPE_CHECKING:
    from pathlib import Path


def test_makes_files_links_and_directories(tmp_path: Path) -> None:
    entries: list[tuple[str, Node]] = [
        ("a/b", Directory()),
        ("a/f", File(b"x", 0o777)),
        ("a/l", Link("f")),
        ("g", File(b"y", 0o664)),
    ]
    place(entries, tmp_path, replace=False)

    assert (tmp_path / "a/l").read_bytes() == b"x"
    assert (tmp_path / "a/b").is_dir()
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("a/f", "g")] == [0o755, 0o644]


@pytest.mark.parametrize(("replace", "content"), [(False, b"old"), (True, b"new")])
def test_what_is_there_stays_or_keeps_its_mode(tmp_path: Path, replace: bool, content: bytes) -> None:  # noqa: FBT001
    (tmp_path / "f").write_bytes(b"old")
    (tmp_path / "f").chmod(0o640)

    place([("f", File(b"new", 0o755))], tmp_path, replace=replace)

    assert ((tmp_path / "f").read_bytes(), (tmp_path / "f").stat().st_mode & 0o777) == (content, 0o640)


@pytest.mark.parametrize("entry", [("out/f", File(b"x")), ("out/d/e", Directory()), ("link", File(b"x"))])
def test_nothing_is_written_through_a_link_that_leads_out(tmp_path: Path, entry: tuple[str, File]) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    root.mkdir()
    (outside / "file").write_bytes(b"theirs")
    (root / "out").symlink_to(outside)
    (root / "link").symlink_to(outside / "file")

    with pytest.raises(PathEscapes):
        place([entry], root, replace=True)
    assert [path.name for path in outside.iterdir()] == ["file"]
    assert (outside / "file").read_bytes() == b"theirs"


def test_a_link_takes_no_place_and_a_directory_none_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"")
    for node in (Link("x"), Directory()):
        with pytest.raises(InTheWay, match="f is there already"):
            place([("f", node)], tmp_path, replace=True)
    with pytest.raises(NotWritable):
        place([("f/g", File(b""))], tmp_path, replace=False)


@pytest.mark.parametrize(("replace", "now"), [(False, "old"), (True, "new")])
def test_a_link_takes_the_place_of_another(tmp_path: Path, replace: bool, now: str) -> None:  # noqa: FBT001
    (tmp_path / "old").touch()
    (tmp_path / "l").symlink_to("old")
    (tmp_path / "broken").symlink_to("nowhere")

    place([("l", Link("new")), ("broken", Link("new"))], tmp_path, replace=replace)

    assert [(tmp_path / name).readlink().name for name in ("l", "broken")] == [now, "new"]


def test_no_link_outside_is_taken_away(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    root.mkdir()
    (outside / "theirs").symlink_to("nowhere")
    (root / "out").symlink_to(outside)

    with pytest.raises(PathEscapes):
        place([("out/theirs", Link("new"))], root, replace=True)
    assert (outside / "theirs").readlink().name == "nowhere"


def test_what_came_before_a_failure_is_there(tmp_path: Path) -> None:
    def entries() -> object:
        yield "a", File(b"a")
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - it is our own
        place(entries(), tmp_path, replace=False)  # type: ignore[arg-type] # it fails before it matters
    assert (tmp_path / "a").exists()
