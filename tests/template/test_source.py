from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from scaffolder.gateways.git import RefNotFound
from scaffolder.template.errors import TemplateNotFound
from scaffolder.template.manifest import load
from scaffolder.template.snapshot import SnapshotDamaged
from scaffolder.template.source import Resolved, resolve, shipped
from scaffolder.tree import Directory, File, Link, PathEscapes
from tests.template.golden import resolved, template_yaml, texts, write

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"template.yaml": template_yaml(), "skeleton/a.txt": "${{ values.name }}"}


def git(directory: Path, *arguments: str) -> str:
    done = subprocess.run(("git", "-C", str(directory), *arguments), check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one template in a directory, and a skeleton beside it; v1 is tagged, main is later."""
    beside = template_yaml(steps="  steps: [{action: 'fetch:template', input: {url: ../../skeletons/x}}]\n")
    files = {"templates/small/template.yaml": beside, "skeletons/x/a": "one", "unrelated/b": "not needed"}
    top = write(tmp_path / "repository", files)
    git(top, "init", "-q")
    git(top, "add", ".")
    git(top, "commit", "-q", "-m", "one")
    git(top, "tag", "v1")
    write(top, {"skeletons/x/a": "two"})
    git(top, "commit", "-q", "-a", "-m", "two")
    return top


def test_a_directory_has_a_version_and_a_digest(tmp_path: Path) -> None:
    found = resolved(tmp_path, FILES)
    assert (found.source.location, found.source.path) == (str(tmp_path / "template"), "")
    assert (found.source.version, found.source.commit) == ("1.2.0", "")
    assert found.source.digest == found.root.digest()
    assert texts(found.fetch("./skeleton")) == {"a.txt": "${{ values.name }}"}


def test_a_description_may_have_another_name(tmp_path: Path) -> None:
    place = write(tmp_path / "t", {"other.yaml": template_yaml(), "s/a": ""}) / "other.yaml"
    found = resolve(str(place), cache=tmp_path / "cache")
    assert load(found).name == "small"
    assert "s/a" in found.tree


@pytest.mark.parametrize(
    ("of_steps", "expected"), [("AWSTemplateFormatVersion: 1", "cookiecutter.json"), (template_yaml(), "template.yaml")]
)
def test_a_template_yaml_of_something_else_describes_nothing(tmp_path: Path, of_steps: str, expected: str) -> None:
    files = {"template.yaml": of_steps, "cookiecutter.json": '{"s": "x"}', "{{cookiecutter.s}}/f": ""}
    assert resolved(tmp_path, files).manifest == expected


def test_the_ref_asked_for_is_honoured_every_time(repository: Path, tmp_path: Path) -> None:
    def content(reference: str, ref: str = "") -> str:
        found = resolve(reference, ref=ref, directory="templates/small", cache=tmp_path / "cache")
        return texts(found.fetch("../../skeletons/x"))["a"]

    url = f"file://{repository}"
    assert [content(str(repository), "v1"), content(str(repository)), content(f"{repository}@v1")] == [
        "one",
        "two",
        "one",
    ]
    git(repository, "tag", "-f", "v1")
    assert content(f"{url}@v1") == "two"
    with pytest.raises(RefNotFound, match="v9"):
        content(str(repository), "v9")


def test_a_commit_is_noted_where_the_files_are_exactly_its(repository: Path, tmp_path: Path) -> None:
    place = str(repository / "templates/small")
    clean = resolve(place, cache=tmp_path / "cache")
    assert clean.source.commit == git(repository, "rev-parse", "HEAD")
    assert set(clean.root) == {"templates/small/template.yaml", "skeletons/x/a"}

    write(repository, {"skeletons/x/a": "edited"})
    edited = resolve(place, cache=tmp_path / "cache")
    assert edited.source.commit == ""
    assert texts(edited.fetch("../../skeletons/x")) == {"a": "edited"}

    by_commit = resolve(place, ref=clean.source.commit, cache=tmp_path / "cache")
    assert by_commit.source.digest == clean.source.digest != edited.source.digest


@pytest.mark.parametrize("url", ["../../../outside", "/etc", "../.."])
def test_nothing_outside_the_repository_is_fetched(repository: Path, tmp_path: Path, url: str) -> None:
    found = resolve(str(repository / "templates/small"), cache=tmp_path / "cache")
    if url == "../..":
        assert "unrelated/b" not in found.fetch(url)
    else:
        with pytest.raises(PathEscapes):
            found.fetch(url)


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "secret", {"a": "secret"})
    steps = "  steps: [{action: 'fetch:plain', input: {url: ../link}}]\n"
    top = write(
        tmp_path / "top", {"t/template.yaml": template_yaml(steps=steps), "link": Link(str(tmp_path / "secret"))}
    )
    git(top, "init", "-q")
    with pytest.raises(PathEscapes):
        resolve(str(top / "t"), cache=tmp_path / "cache")


def test_names_are_looked_up_and_near_ones_are_offered(tmp_path: Path) -> None:
    place = write(tmp_path / "t", FILES)
    assert load(resolve("ours", cache=tmp_path, known={"ours": str(place)})).name == "small"
    with pytest.raises(TemplateNotFound) as caught:
        resolve("orus", cache=tmp_path, known={"ours": str(place)})
    assert caught.value.hint == "did you mean ours?"


def test_a_directory_without_a_template_names_those_below(tmp_path: Path) -> None:
    several = {f"x/{number}/cookiecutter.json": "{}" for number in range(10)}
    write(tmp_path / "t", {"a/template.yaml": template_yaml(), "a/{{x}}/b/cookiecutter.json": "{}", **several})
    with pytest.raises(TemplateNotFound, match=r"below: a, x/0, x/1, .*, x/6 and 3 more$") as caught:
        resolve(str(tmp_path / "t"), cache=tmp_path / "cache")
    assert caught.value.hint == "choose one of them: --directory a"
    assert caught.value.details == ("x/7", "x/8", "x/9")
    assert load(resolve(str(tmp_path / "t"), directory="a", cache=tmp_path / "cache")).name == "small"
    with pytest.raises(PathEscapes):
        resolve(str(tmp_path / "t"), directory="../..", cache=tmp_path / "cache")


def test_a_plain_directory_has_no_other_version(tmp_path: Path) -> None:
    place = str(write(tmp_path / "t", FILES))
    assert resolve(place, ref="v1.2.0", cache=tmp_path / "cache").source.version == "1.2.0"
    with pytest.raises(RefNotFound):
        resolve(place, ref="v2", cache=tmp_path / "cache")


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    found = resolved(tmp_path, {**FILES, "run": File(b"x", 0o755), "l": Link("run"), "e": Directory(0o700), "ü": "ü"})
    kept = tmp_path / "kept.tar"
    found.save(kept)
    found.save(kept)
    assert kept.stat().st_mode & 0o777 == 0o600
    back = Resolved.load(kept)
    assert (back.source, back.directory, back.manifest, dict(back.root)) == (
        found.source,
        "",
        "template.yaml",
        dict(found.root),
    )
    kept.write_bytes(kept.read_bytes()[:700])
    with pytest.raises(SnapshotDamaged):
        Resolved.load(kept)


def test_the_golden_paths_we_ship_can_be_read(tmp_path: Path) -> None:
    for name in shipped():
        found = resolve(name, cache=tmp_path / "cache")
        assert found.source.location == "golden-path"
        assert load(found).name == name


def test_a_file_that_is_gone_makes_a_work_tree_another_than_its_commit(repository: Path, tmp_path: Path) -> None:
    write(repository, {"templates/small/more.txt": "x"})
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "three")
    place = str(repository / "templates/small")
    assert resolve(place, cache=tmp_path / "cache").source.commit == git(repository, "rev-parse", "HEAD")
    (repository / "templates/small/more.txt").unlink()
    assert resolve(place, cache=tmp_path / "cache").source.commit == ""


def test_line_ends_are_those_of_a_clone(repository: Path, tmp_path: Path) -> None:
    write(
        repository, {"templates/small/.gitattributes": "*.bat eol=crlf\n", "templates/small/skeleton/a.bat": "a\nb\n"}
    )
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "three")
    found = resolve(f"{repository}@HEAD", directory="templates/small", cache=tmp_path / "cache")
    assert texts(found.fetch("./skeleton"))["a.bat"] == "a\r\nb\r\n"
