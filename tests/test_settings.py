from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from scaffolder.errors import InvalidInput
from scaffolder.settings import KEYS, Settings, TemplateEntry, load, reference
from tests.gateways.repositories import as_person

if TYPE_CHECKING:
    from pathlib import Path


def written(directory: Path, text: str) -> Path:
    file = directory / "scaffolder.yaml"
    file.write_text(text)
    return file


def refusal(directory: Path, text: str, **environ: str) -> InvalidInput:
    written(directory, text)
    with pytest.raises(InvalidInput) as raised:
        load(directory, environ=environ)
    return raised.value


def test_without_a_file_everything_has_a_default(tmp_path: Path) -> None:
    assert load(tmp_path, environ={}) == Settings()


def test_reads_every_key(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """\
organization: {name: Harbour}
catalog:
  locations:
    - {type: file, target: ./catalog/*.yaml, rules: [{allow: [Component]}]}
    - {type: url, target: "https://example.com/all.yaml"}
    - {type: github-discovery, target: "https://github.com/harbour"}
scaffolder:
  forge: local
  localForge: {root: forge}
  repositoryOwner: harbour
  visibility: internal
  defaultBranch: trunk
  templates:
    - {source: ./paths, name: ours, ref: v1, directory: python}
    - {source: "https://example.com/paths.git", name: theirs}
""",
    )

    assert load(tmp_path, environ={}) == Settings(
        organization="Harbour",
        catalog_locations=(str(tmp_path / "catalog/*.yaml"), "https://example.com/all.yaml"),
        template_sources=(
            TemplateEntry("ours", str(tmp_path / "paths"), "v1", "python"),
            TemplateEntry("theirs", "https://example.com/paths.git"),
        ),
        forge_root=tmp_path / "forge",
        repository_owner="harbour",
        visibility="internal",
        default_branch="trunk",
        file=file,
    )


def test_the_nearest_file_upwards_wins_over_the_persons_own(tmp_path: Path, home: Path) -> None:
    own = home / ".config/scaffolder"
    own.mkdir(parents=True)
    written(own, "organization: {name: Own}")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)

    assert load(below, environ={}).organization == "Own"
    written(tmp_path, "organization: {name: Near}")
    assert load(below, environ={}).organization == "Near"


def test_a_named_file_wins_over_the_nearest(tmp_path: Path) -> None:
    written(tmp_path, "organization: {name: Near}")
    named, chosen = tmp_path / "app-config.yaml", tmp_path / "chosen.yaml"
    named.write_text("organization: {name: Named}")
    chosen.write_text("organization: {name: Chosen}")

    assert load(tmp_path, environ={"SCAFFOLDER_SETTINGS": str(named)}).organization == "Named"
    both = load(tmp_path, explicit=chosen, environ={"SCAFFOLDER_SETTINGS": str(named)})
    assert both.organization == "Chosen"


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"nothing\.yaml.*SCAFFOLDER_SETTINGS"):
        load(tmp_path, environ={"SCAFFOLDER_SETTINGS": str(tmp_path / "nothing.yaml")})


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("scaffolder:\n  visibilty: private\n", ":2 scaffolder.visibilty: this key is not known", "visibility"),
        ("scaffolder:\n  localForge:\n    rot: x\n", ":3 scaffolder.localForge.rot", "did you mean root?"),
        ("scaffolder:\n  templates:\n  - sorce: x\n", ":3 scaffolder.templates[0].sorce", "did you mean source?"),
        ("scaffolder:\n  templates:\n  - name: x\n", ":3 scaffolder.templates[0]: a template needs a source", ""),
        ("scaffolder:\n  templates:\n  - source: x\n", ":3 scaffolder.templates[0]: a template needs a name", ""),
        ("scaffolder:\n  templates: x\n", ":2 scaffolder.templates: this must be a list", ""),
        ("scaffolder:\n  visibility: privat\n", ":2 scaffolder.visibility: 'privat' is none of", "private"),
        ("scaffolder:\n  defaultBranch: [main]\n", ":2 scaffolder.defaultBranch: this must be text", ""),
        ("scaffolder: yes\n", ":1 scaffolder: this must be a mapping", ""),
        ("a: 1\nb: [\n", ":3: not YAML", ""),
        ("organization:\n  name: ${COMPANY}\n", ":2 organization.name: the environment variable COMPANY", "set it"),
        ("catalog:\n  locations:\n  - type: file\n", ":3 catalog.locations[0]: a location needs a target", ""),
    ],
)
def test_says_what_is_wrong_and_where(tmp_path: Path, text: str, words: str, hint: str) -> None:
    error = refusal(tmp_path, text)

    assert f"scaffolder.yaml{words}" in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${TEAM}-x", "red-x"),
        ("$${TEAM}", "${TEAM}"),
        ("$${TEAM}-${ TEAM }", "${TEAM}-red"),
        ("${NOBODY:-blue}", "blue"),
        ("${TEAM:-blue}", "red"),
        ("$TEAM", "$TEAM"),
        ("{$env: TEAM}", "red"),
    ],
)
def test_variables_are_replaced_as_backstage_does(tmp_path: Path, value: str, expected: str) -> None:
    written(tmp_path, f"organization:\n  name: {value}\n")

    assert load(tmp_path, environ={"TEAM": " red\n"}).organization == expected


def test_what_is_not_read_may_use_variables_that_are_not_set(tmp_path: Path) -> None:
    written(tmp_path, "backend:\n  auth: ${SECRET}\norganization: {name: Harbour}\n")

    assert load(tmp_path, environ={}).organization == "Harbour"


def test_a_file_that_multiplies_itself_is_read_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    written(tmp_path, "\n".join([*lines, "organization: {name: Harbour}"]))

    assert load(tmp_path, environ={}).organization == "Harbour"


def test_a_location_is_named_as_the_catalog_remembers_it(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    written(below, "catalog: {locations: [{type: file, target: ../shared/all.yaml}]}")

    assert load(below, environ={}).catalog_locations == (str(tmp_path / "shared/all.yaml"),)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("../catalog.git", "{up}/catalog.git"),
        (".", "{here}"),
        ("../../catalog.git", "{upper}/catalog.git"),
        ("/srv/catalog.git", "/srv/catalog.git"),
        ("file:///srv/catalog.git", "/srv/catalog.git"),
        ("https://me:secret@git.example.com/catalog.git", "https://git.example.com/catalog.git"),
        ("git@git.example.com:acme/catalog.git", "git@git.example.com:acme/catalog.git"),
    ],
)
def test_a_catalog_repository_is_beside_the_file(tmp_path: Path, address: str, expected: str) -> None:
    written(tmp_path, f"scaffolder: {{catalogRepository: '{address}'}}")
    places = {"here": tmp_path, "up": tmp_path.parent, "upper": tmp_path.parent.parent}

    found = load(tmp_path, environ={})

    assert found.catalog_repository == expected.format(**places)
    assert found.catalog_targets == (found.catalog_repository,)


def test_in_a_clone_it_is_beside_what_was_cloned(tmp_path: Path) -> None:
    as_person(tmp_path, "init", "--quiet")
    as_person(tmp_path, "remote", "add", "origin", "https://me@git.example.com/acme/config.git")
    written(tmp_path, "scaffolder: {catalogRepository: ../catalog.git}")

    assert load(tmp_path, environ={}).catalog_repository == "https://git.example.com/acme/catalog.git"


def test_every_setting_is_documented() -> None:
    of_no_key = {"file", "profile", "address", "backstages"}
    assert len(fields(Settings)) == len(of_no_key) + len([key for key in KEYS if "[]" not in key.name])
    table = reference()
    assert all(f"| `{key.name}` |" in table and key.meaning in table for key in KEYS)
