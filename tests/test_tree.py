from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING

import pytest

from scaffolder.tree import (
    Directory,
    File,
    Link,
    Node,
    NotReadable,
    NotWritable,
    PathEscapes,
    PathsClash,
    Tree,
    contained,
    link_stays_inside,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ODD: dict[str, Node] = {
    "a b/é.txt": File("é\r\n".encode()),
    "bytes \udcff": File(bytes(range(256))),
    "empty/below": Directory(),
    "line\nbreak": File(b""),
    "link": Link("a b/é.txt"),
    "loop": Link("loop"),
    "out": Link("/etc/passwd"),
    "private": File(b"s", 0o600),
    "read-only": File(b"r", 0o444),
    "run": File(b"#!/bin/sh\n", 0o755),
    "to-directory": Link("a b"),
}


@pytest.mark.parametrize("path", ["", ".", "..", "/", "/etc/passwd", "../x", "a/../../x", "a/..", "a\0b", "//x"])
def test_no_path_leaves_the_tree(path: str) -> None:
    with pytest.raises(PathEscapes):
        Tree({path: File(b"")})


@pytest.mark.parametrize(
    ("path", "normal"),
    [("a", "a"), ("./a", "a"), ("a//b/", "a/b"), ("a/../b", "b"), ("..a", "..a"), ("a/...", "a/...")],
)
def test_paths_are_normalised(path: str, normal: str) -> None:
    assert contained(path) == normal


def test_paths_are_sorted_as_they_will_stand() -> None:
    assert list(Tree({"b": File(b""), "./z/../a": File(b""), "a.b": File(b"")})) == ["a", "a.b", "b"]


@pytest.mark.parametrize("node", [File(b""), Link("elsewhere")])
def test_nothing_is_a_file_and_a_directory_at_once(node: Node) -> None:
    with pytest.raises(PathsClash, match="a/b"):
        Tree({"a/b": node, "a/b/c/d": File(b"")})


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    tree = Tree(ODD)

    tree.write(tmp_path / "new" / "root")

    assert Tree.read(tmp_path / "new" / "root") == tree


def test_writing_again_replaces(tmp_path: Path) -> None:
    Tree({"a": File(b"a long one"), "b": Link("a"), "c": File(b"", 0o444)}).write(tmp_path)

    Tree({"a": File(b"short", 0o755), "b": File(b"b"), "c": Link("a")}).write(tmp_path)

    assert Tree.read(tmp_path) == Tree({"a": File(b"short", 0o755), "b": File(b"b"), "c": Link("a")})


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_link_in_the_way_is_never_written_through(tmp_path: Path, link: Callable[[Path, Path], None]) -> None:
    precious, root = tmp_path / "precious", tmp_path / "root"
    precious.write_text("mine")
    root.mkdir()
    link(precious, root / "a")

    Tree({"a": File(b"new", 0o777)}).write(root)

    assert precious.read_text() == "mine"
    assert (root / "a").read_bytes() == b"new"


@pytest.mark.parametrize("path", ["door/x", "door/deep/er/x", "in/door/x"])
def test_a_link_that_stands_there_leads_nothing_out(tmp_path: Path, path: str) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    (root / "in").mkdir(parents=True)
    (root / "door").symlink_to(outside)
    (root / "in/door").symlink_to("../../outside")

    with pytest.raises(PathEscapes):
        Tree({path: File(b"")}).write(root)

    assert not list(outside.iterdir()), "not even a directory was made there"


def test_a_directory_whose_name_begins_like_the_root_is_outside(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root-2").mkdir()
    (tmp_path / "root/door").symlink_to("../root-2")

    with pytest.raises(PathEscapes):
        Tree({"door/x": File(b"")}).write(tmp_path / "root")


def test_a_link_within_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "alias").symlink_to("real")

    Tree({"alias/x": File(b"x")}).write(tmp_path)

    assert (tmp_path / "real/x").read_bytes() == b"x"


@pytest.mark.parametrize(
    ("mode", "written"), [(0o4755, 0o755), (0o2711, 0o711), (0o1777, 0o777), (0, 0), (0o400, 0o400)]
)
def test_only_permissions_are_written(tmp_path: Path, mode: int, written: int) -> None:
    Tree({"a": File(b"", mode)}).write(tmp_path)

    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == written


def test_a_read_only_directory_gets_its_files_first(tmp_path: Path) -> None:
    Tree({"d": Directory(0o500), "d/e": Directory(0o500), "d/e/f": File(b"f")}).write(tmp_path)

    assert (tmp_path / "d/e/f").read_bytes() == b"f"
    assert [stat.S_IMODE((tmp_path / path).stat().st_mode) for path in ("d", "d/e")] == [0o500, 0o500]
    for path in ("d", "d/e"):
        (tmp_path / path).chmod(0o700)


@pytest.mark.parametrize(("there", "path"), [("a", "a/b"), ("a", "a")])
def test_something_in_the_way_is_told(tmp_path: Path, there: str, path: str) -> None:
    if path == there:
        (tmp_path / there).mkdir()
    else:
        (tmp_path / there).write_text("")

    with pytest.raises(NotWritable, match="cannot write"):
        Tree({path: File(b"")}).write(tmp_path)


def test_parts_are_left_out_at_the_top_only(tmp_path: Path) -> None:
    Tree({".git/config": File(b""), "a/.git/config": File(b""), "b": File(b"")}).write(tmp_path)

    assert list(Tree.read(tmp_path, without=frozenset({".git"}))) == ["a/.git/config", "b"]


def test_a_pipe_is_told_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(NotReadable, match="pipe"):
        Tree.read(tmp_path)


@pytest.mark.parametrize("name", ["missing", "file"])
def test_what_is_no_directory_cannot_be_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(NotReadable, match=name):
        Tree.read(tmp_path / name)


def test_an_empty_root_is_an_empty_tree(tmp_path: Path) -> None:
    assert Tree.read(tmp_path) == Tree()


def test_the_digest_depends_on_all_that_git_keeps() -> None:
    trees = [
        Tree({"a": File(b"x")}),
        Tree({"a": File(b"y")}),
        Tree({"b": File(b"x")}),
        Tree({"a": File(b"x", 0o755)}),
        Tree({"a": Link("x")}),
        Tree({"a": Directory()}),
        Tree(),
    ]

    assert len({tree.digest() for tree in trees}) == len(trees)
    assert Tree({"a": File(b"x", 0o600)}).digest() == trees[0].digest()


def test_parts_and_overlays() -> None:
    tree = Tree({"a/b": File(b"1"), "a/c": File(b"2"), "ab": File(b"3")})

    assert list(tree.under("a/")) == ["b", "c"]
    assert tree.under(".") is tree
    assert tree.overlaid({"a/b": File(b"new")}).text("a/b") == "new"
    assert [path for path, _ in tree.files()] == ["a/b", "a/c", "ab"]


def test_text_is_utf_8_or_none() -> None:
    tree = Tree({"a": File("é".encode()), "b": File(b"\xff"), "c": Link("a")})

    assert [tree.text(path) for path in ("a", "b", "c", "d")] == ["é", None, None, None]


@pytest.mark.parametrize(
    ("target", "inside"),
    [
        ("x", True),
        ("../x", True),
        ("../../x", False),
        ("/x", False),
        ("../..", False),
        ("..", True),
        ("y/../../x", True),
    ],
)
def test_tells_where_a_link_points(target: str, *, inside: bool) -> None:
    assert link_stays_inside("a/link", target) is inside


def test_a_big_tree_is_quick_in_memory() -> None:
    nodes: dict[str, Node] = {f"d{number % 50}/e{number % 7}/f{number}": File(b"x" * 200) for number in range(10_000)}
    began = time.perf_counter()

    Tree(nodes).digest()

    assert time.perf_counter() - began < 1
