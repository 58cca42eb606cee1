"""The settings of a joined repository: what they may say, and what they may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scaffolder import __version__, profiles, settings
from scaffolder.errors import InvalidInput
from scaffolder.profiles import Profile
from scaffolder.settings import Settings, TemplateEntry, ToolTooOld, joined

if TYPE_CHECKING:
    from pathlib import Path

URL, PATH, COMMIT = "https://git.acme.example/acme/config.git", "/srv/git/config.git", "c" * 40
PLACE = f"{URL}:scaffolder.yaml"


def read(text: str, *, address: str = URL, branch: str = "main") -> Settings:
    return joined(Profile("acme", address, branch=branch, commit=COMMIT), text.encode())


def refusal(text: str, *, address: str = URL) -> InvalidInput:
    with pytest.raises(InvalidInput) as raised:
        read(text, address=address)
    return raised.value


def test_they_trust_nobody() -> None:
    assert read("scaffolder: {trust: [https://git.acme.example/acme, /srv]}").trust == ()


def test_relative_places_are_the_repositorys_own_and_its_neighbours() -> None:
    found = read("""\
organization: {name: Acme}
catalog:
  locations:
    - {type: file, target: ./catalog/all.yaml}
    - {type: url, target: ../more.git}
    - {type: url, target: "https://github.com/acme/orders/blob/main/catalog-info.yaml"}
    - {type: url, target: "git:../orders.git@main:catalog-info.yaml"}
scaffolder:
  catalogRepository: ../catalog.git
  templates:
    - {name: service, source: ./paths, directory: python}
    - {name: pinned, source: ./paths/go, ref: v1}
    - {name: whole, source: .}
    - {name: beside, source: ../paths.git, directory: python, ref: v2}
    - {name: away, source: "https://example.com/paths.git"}
    - {name: short, source: "gh:acme/paths@v3", directory: go}
""")

    assert (found.profile, found.address, found.label) == ("acme", URL, PLACE)
    assert found.catalog_repository == "https://git.acme.example/acme/catalog.git"
    assert found.catalog_locations == (
        f"git:{URL}@main:catalog/all.yaml",
        "https://git.acme.example/acme/more.git",
        "git:https://github.com/acme/orders.git@main:catalog-info.yaml",
        "git:https://git.acme.example/acme/orders.git@main:catalog-info.yaml",
    )
    assert found.template_sources == (
        TemplateEntry("service", URL, COMMIT, "paths/python"),
        TemplateEntry("pinned", URL, "v1", "paths/go"),
        TemplateEntry("whole", URL, COMMIT),
        TemplateEntry("beside", "https://git.acme.example/acme/paths.git", "v2", "python"),
        TemplateEntry("away", "https://example.com/paths.git"),
        TemplateEntry("short", "https://github.com/acme/paths.git", "v3", "go"),
    )


def test_of_a_path_the_neighbours_are_what_is_committed_there() -> None:
    found = read(
        """\
catalog: {locations: [{type: file, target: all.yaml}]}
scaffolder:
  catalogRepository: .
  localForge: {root: ../forge}
  templates: [{name: beside, source: ../paths}]
""",
        address=PATH,
        branch="next",
    )

    assert found.catalog_repository == PATH
    assert found.catalog_locations == (f"git:{PATH}@next:all.yaml",)
    assert found.catalog_targets == (PATH, f"git:{PATH}@next:all.yaml")
    assert str(found.forge_root) == "/srv/git/forge"
    assert found.template_sources == (TemplateEntry("beside", "/srv/git/paths", "HEAD"),)


@pytest.mark.parametrize("address", [URL, PATH])
@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("catalogRepository: /srv/secret.git", "catalogRepository"),
        ("catalogRepository: ~/secret.git", "catalogRepository"),
        ("catalogRepository: file:///srv/secret.git", "catalogRepository"),
        ("catalogRepository: ../../../secret.git", "catalogRepository"),
        ('catalogRepository: "ext::sh -c id"', "catalogRepository"),
        ("catalogRepository: secret.git", "catalogRepository"),
        ("localForge: {root: /srv/forge}", "localForge.root"),
        ("localForge: {root: ~/forge}", "localForge.root"),
        ("localForge: {root: forge}", "localForge.root"),
        ("localForge: {root: ../../forge}", "localForge.root"),
        ("localForge: {root: ../.config}", "localForge.root"),
        ("localForge: {root: ../config.git}", "localForge.root"),
        ("localForge: {root: ../a/b}", "localForge.root"),
        ("templates: [{name: a, source: /srv/paths}]", "templates[0]"),
        ("templates: [{name: a, source: ~/paths}]", "templates[0]"),
        ("templates: [{name: a, source: paths}]", "templates[0]"),
        ("templates: [{name: a, source: 'file:///srv/paths'}]", "templates[0]"),
        ("templates: [{name: a, source: ../../../paths}]", "templates[0]"),
        ("templates: [{name: a, source: ., directory: ../x}]", "templates[0]"),
        ("templates: [{name: a, source: ., directory: /x}]", "templates[0]"),
        ("templates: [{name: ., source: .}]", "templates[0]"),
        ("templates: [{name: 'https://good.example/paths', source: .}]", "templates[0]"),
    ],
)
def test_no_place_on_this_machine_is_named(address: str, line: str, field: str) -> None:
    error = refusal(f"scaffolder:\n  {line}\n", address=address)

    assert error.message.startswith(f"{address}:scaffolder.yaml:2 scaffolder.{field}: ")
    assert error.hint or "name of a golden path" in error.message


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("{type: file, target: /etc/all.yaml}", "a place on this machine"),
        ("{type: file, target: ../all.yaml}", "a place on this machine"),
        ("{type: file, target: ~/all.yaml}", "a place on this machine"),
        ("{type: file, target: .}", "a place on this machine"),
        ("{type: file, target: ./catalog/*.yaml}", "is a pattern"),
        ("{type: url, target: 'file:///etc'}", "a place on this machine"),
        ("{type: url, target: /etc}", "a place on this machine"),
        ("{type: url, target: 'git:/etc@main:passwd'}", "a place on this machine"),
    ],
)
def test_no_location_on_this_machine_is_named(location: str, words: str) -> None:
    error = refusal(f"catalog:\n  locations:\n  - {location}\n", address=PATH)

    assert words in error.message
    assert ":3 catalog.locations[0].target" in error.message


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("scaffolder:\n  backstage: http://localhost:7007\n", "scaffolder.backstage", "a place on this machine"),
        ("scaffolder:\n  backstage: http://acme.example\n", "scaffolder.backstage", "is not asked"),
        ("integrations:\n  github: [{apiBaseUrl: 'http://127.0.0.1:80/api/v3'}]\n", "[0]", "a place on this machine"),
        ("integrations:\n  github: [{apiBaseUrl: 'https://localhost/api/v3'}]\n", "[0]", "a place on this machine"),
        ("integrations:\n  github: [{host: localhost}]\n", "[0]", "a place on this machine"),
        ("integrations:\n  github: [{apiBaseUrl: 'http://git.acme.example/api/v3'}]\n", "[0]", "is not asked"),
        ("integrations:\n  github: [{apiBaseUrl: 'https://me:x@git.acme.example/'}]\n", "[0]", "has a user"),
        ("scaffolder:\n  publish: {repoVariables: {A: '${TOKEN}'}}\n", "repoVariables.A", "variables of this machine"),
    ],
)
def test_no_service_on_this_machine_is_named(text: str, field: str, words: str) -> None:
    error = refusal(text)

    assert f"{field}: " in error.message
    assert words in error.message


def test_a_github_that_is_elsewhere_has_tokens_of_its_own() -> None:
    """Whoever writes the settings of a company says where the API is: the token for github.com is not for them."""
    found = read("integrations: {github: [{host: github.com, apiBaseUrl: 'https://evil.example/api/v3'}]}")

    assert [server.host for server in found.github] == ["evil.example"]


def test_its_token_and_apps_are_not_read() -> None:
    github = "{host: git.acme.example, token: '${TOKEN}', apps: [{appId: '${APP}'}]}"

    assert [server.web for server in read(f"integrations: {{github: [{github}]}}").github] == [
        "https://git.acme.example"
    ]


def test_a_backstage_is_told_and_not_asked() -> None:
    text = "catalog:\n  locations:\n  - {type: url, target: 'backstage:https://backstage.example'}\n"
    found = read(text, address=PATH)

    assert found.backstages == ("backstage:https://backstage.example",)
    assert found.catalog_targets == ()


@pytest.mark.parametrize("value", ["https://evil.example/${TOKEN}", "${TOKEN:-x}", "{$env: TOKEN}"])
def test_the_variables_of_this_machine_are_not_read(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "hush")

    assert "environment variables of this machine" in refusal(f"scaffolder:\n  catalogRepository: {value}\n").message


def test_a_newer_version_is_asked_for_before_keys_are_called_unknown() -> None:
    with pytest.raises(ToolTooOld) as raised:
        read('scaffolder:\n  leastVersion: "99.1"\n  colour: red\n')

    error = raised.value
    assert error.message == f"{PLACE} asks for scaffolder 99.1 or newer, and this is {__version__}"
    assert "pip install --upgrade golden-path-scaffolder" in error.hint
    assert error.details == (f"{PLACE}:3 scaffolder.colour: this key is not known to this version",)


@pytest.mark.parametrize("version", ["0.0.9", __version__, f"{__version__}.0", "0"])
def test_this_version_is_new_enough(version: str) -> None:
    assert read(f'scaffolder: {{leastVersion: "{version}"}}').least_version == version


def test_an_unknown_key_without_a_newer_version_is_a_mistake() -> None:
    assert f"{PLACE}:2 scaffolder.colour: this key is not known" in refusal("scaffolder:\n  colour: red\n").message
    assert "is no version" in refusal("scaffolder:\n  leastVersion: new\n").message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 200_000, "nested too deeply"),
        ("- " * 200_000, "nested too deeply"),
        ("scaffolder: {templates: [" + "{name: a, source: .}," * 1_001 + "]}", "more than 1,000 entries"),
        ("scaffolder: !!python/object/apply:os.system [id]", "must be a mapping"),
        ("organization: {name: !!python/object/apply:os.system [id]}", "must be text"),
        ("\x00", "not YAML"),
    ],
)
def test_a_hostile_file_is_refused_with_the_reason(text: str, words: str) -> None:
    assert words in refusal(text).message


def test_a_persons_own_file_may_ask_for_a_newer_version_too(tmp_path: Path) -> None:
    (tmp_path / "scaffolder.yaml").write_text('scaffolder: {leastVersion: "99"}')

    with pytest.raises(ToolTooOld, match="asks for scaffolder 99"):
        settings.load(tmp_path, environ={})


# -- which settings hold


@pytest.fixture
def acme() -> Profile:
    profile = Profile("acme", URL, commit=COMMIT)
    profiles.save(profile, b"organization: {name: Acme}")
    return profile


def name_here(directory: Path, **chosen: str) -> str:
    profile = chosen.pop("profile", "")
    return settings.load(directory, profile=profile, environ=chosen).organization


def test_the_profile_in_use_comes_after_the_nearest_file_and_before_the_persons_own(
    tmp_path: Path, home: Path, acme: Profile
) -> None:
    own = home / ".config/scaffolder/scaffolder.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("organization: {name: Own}")
    below = tmp_path / "below"
    below.mkdir()
    (below / "scaffolder.yaml").write_text("organization: {name: Near}")

    assert name_here(tmp_path) == "Own"
    profiles.use(acme.name)
    assert name_here(tmp_path) == "Acme"
    assert name_here(below) == "Near"
    assert name_here(below, profile="acme") == "Acme"
    assert name_here(below, SCAFFOLDER_PROFILE="acme") == "Acme"
    assert name_here(below, profile="acme", SCAFFOLDER_SETTINGS=str(below / "scaffolder.yaml")) == "Acme"
    assert name_here(below, profile="default") == "Own"
    assert name_here(tmp_path, SCAFFOLDER_SETTINGS=str(below / "scaffolder.yaml"), SCAFFOLDER_PROFILE="acme") == "Near"


def test_a_profile_has_data_and_state_of_its_own(acme: Profile, home: Path) -> None:
    assert acme.home.data == home / ".local/share/scaffolder/profiles/acme"
    assert acme.home.state == home / ".local/state/scaffolder/profiles/acme"
    assert acme.home.config == home / ".config/scaffolder"
    assert acme.home.cache == home / ".cache/scaffolder"


@pytest.mark.usefixtures("acme")
def test_a_profile_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="there is no profile 'acm'") as raised:
        name_here(tmp_path, profile="acm")
    assert "did you mean acme?" in raised.value.hint


def test_a_profile_that_is_gone_is_not_in_use(tmp_path: Path, acme: Profile) -> None:
    profiles.use(acme.name)
    (acme.home.data / "profile.json").unlink()

    assert profiles.in_use() == ""
    assert name_here(tmp_path) == ""


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "Acme", "a/b", "default", "-a", "a" * 41, "a\n"])
def test_what_no_profile_can_be_called(name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be the name of a profile"):
        profiles.check_name(name)
