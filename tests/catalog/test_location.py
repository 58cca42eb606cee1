from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from scaffolder.catalog.location import BadLocation, Found, normalised, read
from scaffolder.catalog.reports import LocationProblem
from tests.catalog.files import component, group, location, write

if TYPE_CHECKING:
    from pathlib import Path

API = (
    "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: orders\n"
    "spec:\n  type: openapi\n  lifecycle: production\n  owner: payments\n  definition:\n    {how}: {target}\n"
)


def names(target: object) -> list[str]:
    return [each.entity.name for each in read(str(target)) if isinstance(each, Found)]


def problems(target: object) -> list[LocationProblem]:
    return [each for each in read(str(target)) if isinstance(each, LocationProblem)]


def test_a_problem_names_file_document_line_and_field(tmp_path: Path) -> None:
    text = component("good") + "---\n" + component("bad", more="  tags:\n    - Big\n") + "---\n" + component("fine")
    write(tmp_path, {"all.yaml": text})

    (problem,) = problems(tmp_path / "all.yaml")

    assert str(problem.place) == f"{tmp_path}/all.yaml:15 (document 2) metadata.tags.0"
    assert names(tmp_path / "all.yaml") == ["good", "fine"]


def test_locations_are_followed_and_end(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "all.yaml": location("./teams.yaml", "./services/*.yaml", "./deep/**/x.yaml", "./all.yaml"),
            "teams.yaml": group("payments") + "---\n" + location("./all.yaml").replace("all\n", "back\n"),
            "services/a.yaml": component("a"),
            "services/b.yaml": component("b"),
            "services/not.yml": component("not"),
            "deep/1/2/x.yaml": component("deep"),
        },
    )

    assert sorted(names(tmp_path / "all.yaml")) == ["a", "all", "b", "back", "deep", "payments"]
    assert problems(tmp_path / "all.yaml") == []


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("./none.yaml", "no file"),
        ("../outside.yaml", "outside"),
        ("/etc/passwd", "outside"),
        ("https://example.com/a.yaml", "another machine"),
        ("./link.yaml", "outside"),
    ],
)
def test_a_target_that_cannot_be_followed_is_told(tmp_path: Path, target: str, words: str) -> None:
    write(tmp_path, {"root/all.yaml": location(target), "outside.yaml": component("outside")})
    (tmp_path / "root" / "link.yaml").symlink_to(tmp_path / "outside.yaml")

    (problem,) = problems(tmp_path / "root" / "all.yaml")

    assert words in problem.message
    assert "outside" not in names(tmp_path / "root" / "all.yaml")


def test_an_optional_target_may_be_missing(tmp_path: Path) -> None:
    write(tmp_path, {"all.yaml": location("./none.yaml", spec="  presence: optional\n")})

    assert problems(tmp_path / "all.yaml") == []


def test_locations_are_followed_to_a_bound(tmp_path: Path) -> None:
    write(
        tmp_path,
        {f"{n}.yaml": location(f"./{n + 1}.yaml").replace("name: all", f"name: l{n}") for n in range(15)},
    )

    (problem,) = problems(tmp_path / "0.yaml")

    assert "more than 10 times" in problem.message


def test_substitutions_take_content_from_files_beside(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "text.yaml": API.format(how="$text", target="./spec/orders.txt"),
            "json.yaml": API.format(how="$json", target="spec/name.json"),
            "yaml.yaml": API.format(how="$yaml", target="spec/name.yaml"),
            "spec/orders.txt": "openapi: 3.0.0 ü",
            "spec/name.json": '"from json"',
            "spec/name.yaml": "from yaml",
        },
    )

    found = [each.entity.spec["definition"] for each in read(str(tmp_path / "*.yaml")) if isinstance(each, Found)]

    assert found == ["from json", "openapi: 3.0.0 ü", "from yaml"]


@pytest.mark.parametrize(
    ("how", "target", "words"),
    [
        ("$text", "../secret", "outside"),
        ("$text", "/etc/passwd", "outside"),
        ("$text", "./link", "outside"),
        ("$text", "./none", "No such file"),
        ("$text", "https://example.com/x", "another machine"),
        ("$text", "./binary", "UTF-8"),
        ("$text", "./pipe", "is no file"),
        ("$text", "[a]", "names no file"),
        ("$json", "./bad", "not JSON"),
        ("$json", "./deep", "nested"),
        ("$yaml", "./bad", "not YAML"),
    ],
)
def test_a_substitution_stays_inside_the_location(tmp_path: Path, how: str, target: str, words: str) -> None:
    root = write(
        tmp_path / "root", {"api.yaml": API.format(how=how, target=target), "bad": "{", "deep": "[" * 900 + "]" * 900}
    )
    (tmp_path / "secret").write_text("secret")
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "binary").write_bytes(b"\xff\x00")
    os.mkfifo(root / "pipe")

    (problem,) = problems(root / "api.yaml")

    assert words in problem.message
    assert problem.field == f"spec.definition.{how}"
    assert problem.place.line == 10


def test_the_root_is_the_repository(tmp_path: Path) -> None:
    write(tmp_path, {"a/api.yaml": API.format(how="$text", target="../b/spec"), "b/spec": "x", ".git/HEAD": ""})

    assert names(tmp_path / "a" / "api.yaml") == ["orders"]


def test_a_directory_is_its_catalog_info_files_and_templates(tmp_path: Path) -> None:
    template = (
        "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata:\n  name: service\n"
        "spec:\n  type: service\n  steps:\n    - action: debug:log\n"
    )
    write(
        tmp_path,
        {
            "catalog-info.yaml": component("root"),
            "x/catalog-info-api.yml": component("x"),
            "x/other.yaml": "nothing: here",
            "golden/template.yaml": template,
            "golden/skeleton/catalog-info.yaml": "name: ${{ values.name }}",
            "cloud/template.yaml": "Resources: {}",
            "cloud/catalog-info.yaml": component("cloud"),
            "node_modules/y/catalog-info.yaml": component("not-ours"),
            ".hidden/catalog-info.yaml": component("hidden"),
        },
    )

    assert sorted(names(tmp_path)) == ["cloud", "root", "service", "x"]
    assert problems(tmp_path) == []


def test_a_directory_without_them_is_all_its_yaml_that_means_entities(tmp_path: Path) -> None:
    cluster = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec: {}\n"
    write(
        tmp_path,
        {"a.yaml": component("a"), "k8s.yaml": cluster, "mkdocs.yml": "site_name: x", "b.yml": component("b b")},
    )

    assert names(tmp_path) == ["a"]
    assert [problem.field for problem in problems(tmp_path)] == ["metadata.name"]


@pytest.mark.parametrize("target", ["none.yaml", "https://example.com/x.yaml", "git@example.com:a/b.git", "*.nope"])
def test_a_place_with_nothing_in_it_is_refused(tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(BadLocation) as refused:
        list(read(target))

    assert refused.value.hint


def test_a_file_that_is_too_large_is_a_problem(tmp_path: Path) -> None:
    with (tmp_path / "big.yaml").open("wb") as file:
        file.truncate(100_000_000)

    (problem,) = problems(tmp_path / "big.yaml")

    assert "too large" in problem.message


@pytest.mark.skipif(sys.platform == "darwin", reason="its disks take no such name")
def test_a_file_whose_name_is_no_text_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": component("good")})
    (tmp_path / os.fsdecode(b"b\xff.yaml")).write_text(component("lost"))

    found, problem = read(str(tmp_path))

    assert isinstance(found, Found)
    assert str(problem) == f"{tmp_path}/b?.yaml: has a name that is not UTF-8: rename it"


def test_a_target_is_remembered_as_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert normalised("a/../b.yaml") == f"{tmp_path}/b.yaml"
    assert normalised("file:b.yaml") == f"{tmp_path}/b.yaml"
    assert normalised("git:r.git@main:catalog-info.yaml") == f"git:{tmp_path}/r.git@main:catalog-info.yaml"
