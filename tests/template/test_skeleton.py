from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from scaffolder.actions.placing import place
from scaffolder.errors import InvalidInput, ScaffolderError
from scaffolder.template.content import NotText
from scaffolder.template.expressions import RenderError
from scaffolder.template.skeleton import Options, pressed
from scaffolder.tree import Directory, File, Link, PathEscapes, Tree
from tests.template.golden import texts, tree_of


def render(tree: Tree, values: dict[str, Any], *, options: Options | None = None, **given: Any) -> Tree:
    """Return what becomes of a skeleton in an empty directory."""
    chosen = options or Options()
    with TemporaryDirectory() as root:
        entries = pressed(tree, values, options=chosen, **given)
        place(((path, node) for _, path, node in entries), Path(root), replace=chosen.replace)
        return Tree.read(Path(root))


def test_renders_names_and_contents_with_values_alone() -> None:
    tree = tree_of({"${{ values.pkg }}/a.txt": "${{ values.name }}${{ parameters.name }}", "b": "{{ helm }}"})
    made = render(tree, {"pkg": "com/acme", "name": "shop"})
    assert texts(made) == {"com/acme/a.txt": "shop", "b": "{{ helm }}"}


@pytest.mark.parametrize(
    "path",
    ["{% if false %}x{% endif %}", "{% if false %}d{% endif %}/x", "a/${{ values.nothing }}/b", "${{ values.root }}"],
)
def test_a_name_that_renders_to_nothing_leaves_the_entry_out(path: str) -> None:
    assert not list(render(tree_of({path: "x"}), {"root": "/etc/passwd"}).files())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("${{ values.p }}", "../evil"),
        ("sub/${{ values.p }}", "../../evil"),
        ("${{ values.p }}/x", ".."),
        ("${{ values.p }}", "a\0b"),
    ],
)
def test_no_answer_leads_outside(path: str, value: str) -> None:
    with pytest.raises(PathEscapes):
        render(tree_of({path: "x"}), {"p": value})


def test_links_stay_inside_and_others_are_left_out_aloud() -> None:
    warnings: list[str] = []
    tree = tree_of({"a": "x", "in": Link("a"), "out": Link("../secret"), "abs": Link("/etc/passwd")})
    assert set(render(tree, {}, warnings=warnings)) == {"a", "in"}
    assert [warning.split(":")[0] for warning in warnings] == ["abs", "out"]


def test_what_is_no_text_is_copied_unless_it_has_tags() -> None:
    latin, binary = "caf\xe9".encode("latin-1"), b"\0\1${{ values.n }}"
    message = b"\nP" + b"\xff\xfe ${{ values.n }}".ljust(80)  # a field of a protocol buffer
    assert texts(tree_of({"l": "x"})) == {"l": "x"}
    made = render(
        tree_of({"latin": latin, "binary": binary, "pdf": b"%PDF-1 ${{ values.n }}", "message": message}), {"n": 1}
    )
    assert made["latin"] == File(latin)
    assert made["binary"] == File(binary)
    assert made["message"] == File(message)
    assert made["pdf"] == File(b"%PDF-1 ${{ values.n }}")
    with pytest.raises(NotText, match="latin-tags"):
        render(tree_of({"latin-tags": b"a text that is long enough ${{ values.n }} caf\xe9"}), {"n": 1})


def test_modes_links_and_empty_directories_are_kept() -> None:
    tree = tree_of({"run": File(b"${{ values.n }}", 0o755), "e/${{ values.n }}": Directory(), "l": Link("run")})
    assert dict(render(tree, {"n": 1})) == {"run": File(b"1", 0o755), "e/1": Directory(), "l": Link("run")}


def test_globs_are_matched_on_the_names_as_they_are_written() -> None:
    files = {
        "static/${{ values.n }}/a.txt": "${{ values.n }}",
        "d/b.txt": "${{ values.n }}",
        "b.txt": "${{ values.n }}",
    }
    options = Options(copy_without=("static", "*.txt", "{x,y}/**", "!nothing"))
    made = texts(render(tree_of(files), {"n": 1}, options=options))
    assert made == {"static/1/a.txt": "${{ values.n }}", "d/b.txt": "1", "b.txt": "${{ values.n }}"}


@pytest.mark.parametrize("extension", [".njk", "njk"])
def test_only_files_with_the_extension_are_rendered_and_lose_it(extension: str) -> None:
    files = {"a.txt.njk": "${{ values.n }}", "b": "${{ values.n }}", "${{ values.n }}": "x", ".njk": "${{ values.n }}"}
    made = texts(render(tree_of(files), {"n": 1}, options=Options(extension=extension)))
    assert made == {"a.txt": "1", "b": "${{ values.n }}", "1": "x", ".njk": "${{ values.n }}"}
    with pytest.raises(InvalidInput):
        Options(extension=extension, copy_without=("*",))


def test_cookiecutter_compatibility() -> None:
    files = {"{{ cookiecutter.n }}": "{{ cookiecutter.obj | jsonify }}{{ values }}${{ 1 }}"}
    made = texts(render(tree_of(files), {"n": "x", "obj": {"a": 1}}, dialect="cookiecutter"))
    assert made == {"x": '{"a":1}$1'}


@pytest.mark.parametrize(("replace", "content"), [(False, "one"), (True, "three")])
def test_of_two_entries_with_one_name_one_wins_aloud(replace: Any, content: str) -> None:
    warnings: list[str] = []
    files = {"${{ values.a }}.txt": "one", "${{ values.b }}.txt": "two", "z.txt": "three"}
    made = render(tree_of(files), {"a": "z", "b": "z"}, options=Options(replace=replace), warnings=warnings)
    assert texts(made) == {"z.txt": content}
    assert len(warnings) == (0 if replace else 2)


def test_a_file_cannot_be_a_directory_too() -> None:
    with pytest.raises(ScaffolderError, match="a/b"):
        render(tree_of({"${{ values.a }}": "x", "a/b": "y"}), {"a": "a"})


def test_the_last_file_is_wrong_and_nothing_is_made() -> None:
    tree: Tree = tree_of({"a": "${{ values.n }}", "z/last.txt": "fine\n${{ values. }}"})
    with pytest.raises(RenderError, match=r"^z/last\.txt:2: "):
        render(tree, {"n": 1})


def test_one_place_written_in_two_ways_is_one_place() -> None:
    warnings: list[str] = []
    made = render(tree_of({"${{ values.p }}": "one", "z.txt": "two"}), {"p": "x/../z.txt"}, warnings=warnings)
    assert (texts(made), len(warnings)) == ({"z.txt": "one"}, 1)


def test_what_leads_to_the_directory_itself_is_left_out() -> None:
    files: dict[str, str | Directory] = {"src/${{ values.p }}": "x", "d/${{ values.p }}": Directory(), "b": "y"}
    assert texts(render(tree_of(files), {"p": ".."})) == {"b": "y"}
    with pytest.raises(RenderError, match="the target directory itself"):
        render(tree_of({"src/${{ values.p }}": "x"}), {"p": ".."}, options=Options(replace=True))


def test_what_stays_is_not_looked_at() -> None:
    tree = tree_of({"a": "${{ wrong", "b": "${{ values.n }}"})
    assert [path for path, _, _ in pressed(tree, {"n": 1}, stays=lambda path: path == "a")] == ["b"]


def test_a_link_that_leads_outside_is_left_out_whatever_its_name_becomes() -> None:
    warnings: list[str] = []
    assert texts(render(tree_of({"${{ values.p }}": Link("/etc/passwd")}), {"p": "../x"}, warnings=warnings)) == {}
    assert len(warnings) == 1
