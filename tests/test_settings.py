from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from scaffolder.errors import InvalidInput
from scaffolder.gateways.github.server import Server
from scaffolder.settings import KEYS, Settings, TemplateEntry, load, reference
from scaffolder.settings import publishing as settings_publishing
from scaffolder.task import publishing
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


def test_reads_what_concerns_github(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """\
integrations:
  github:
    - {host: git.acme.example, apiBaseUrl: "https://git.acme.example/api/v3/", token: "${NOT_READ}"}
    - {host: github.com}
scaffolder:
  forge: github
  registration: backstage
  backstage: https://backstage.acme.example/
  publish:
    topics: [go, "${TEAM}"]
    requiredApprovingReviewCount: 2
    protectDefaultBranch: true
    collaborators: [{team: platform, access: push}]
    repoVariables: {REGION: eu, LEVEL: "1"}
""",
    )

    assert load(tmp_path, environ={"TEAM": "red"}) == Settings(
        forge="github",
        registration="backstage",
        backstage="https://backstage.acme.example",
        publish={
            "topics": ["go", "red"],
            "requiredApprovingReviewCount": 2,
            "protectDefaultBranch": True,
            "collaborators": [{"team": "platform", "access": "push"}],
            "repoVariables": {"REGION": "eu", "LEVEL": "1"},
        },
        github=(
            Server("git.acme.example", "https://git.acme.example/api/v3", "https://git.acme.example"),
            Server("github.com", "https://api.github.com", "https://github.com"),
        ),
        file=file,
    )


def test_what_is_published_does_not_multiply_itself(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    error = refusal(tmp_path, "\n".join([*lines, "scaffolder: {publish: {topics: *a11}}"]))

    assert "has more than 1,000 values" in error.message


def test_a_test_server_may_be_on_this_machine(tmp_path: Path) -> None:
    written(tmp_path, "integrations: {github: [{apiBaseUrl: 'http://localhost:8080/api/v3'}]}")

    assert load(tmp_path, environ={}).github == (
        Server("github.com", "http://localhost:8080/api/v3", "http://localhost:8080"),
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
        ("scaffolder:\n  publish: x\n", ":2 scaffolder.publish: ", ""),
        ("scaffolder:\n  publish:\n    topic: []\n", ":3 scaffolder.publish.topic: this key is not known", "topics"),
        ("scaffolder:\n  publish:\n    topics: [a, b c]\n", ":3 scaffolder.publish.topics[1]: ", "Topics"),
        ("scaffolder:\n  publish:\n    hasWiki: yes\n", ':3 scaffolder.publish.hasWiki: "yes" is not of type', "wiki"),
        ("scaffolder:\n  publish:\n    secrets: {A: b}\n", ":3 scaffolder.publish.secrets: this key", "asked for by"),
        (
            "scaffolder:\n  publish:\n    collaborators:\n    - a: x\n",
            ":4 scaffolder.publish.collaborators[0]",
            "Teams",
        ),
        (
            "scaffolder:\n  publish:\n    restrictions: {user: []}\n",
            ":3 scaffolder.publish.restrictions.user: this key is not known",
            "users",
        ),
        ("scaffolder:\n  backstage: acme\n", ":2 scaffolder.backstage: that is no address", "https://"),
        ("integrations:\n  github:\n  - host: a b\n", ":3 integrations.github[0]: 'a b' is not the name of a host", ""),
        (
            "integrations:\n  github:\n  - apiBaseUrl: http://git.acme.example/api/v3\n",
            ":3 integrations.github[0]: http://git.acme.example is not asked",
            "https://git.acme.example",
        ),
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


def test_all_that_is_published_has_a_step_that_sets_it_up() -> None:
    names = sorted(settings_publishing.SCHEMA["properties"])

    assert publishing.named({}, dict.fromkeys(names)) == names


def test_every_setting_is_documented() -> None:
    of_no_key = {"file", "profile", "address", "backstages"}
    assert len(fields(Settings)) == len(of_no_key) + len([key for key in KEYS if "[]" not in key.name])
    table = reference()
    assert all(f"| `{key.name}` |" in table and key.meaning in table for key in KEYS)
