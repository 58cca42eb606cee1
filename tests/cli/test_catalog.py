from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.catalog.files import component, group, user, write
from tests.cli.program import run

if TYPE_CHECKING:
    from pathlib import Path

CALM = {"COLUMNS": "100"}

CATALOG = "---\n".join(
    [
        component(
            "link-checker",
            owner="web",
            spec="  system: publishing\n  dependsOn: [resource:queue]\n  providesApis: [links]\n",
            more=(
                "  description: Finds dead links\n  tags: [links]\n  annotations:\n"
                "    github.com/project-slug: example/link-checker\n    backstage.io/techdocs-ref: dir:.\n"
                "  links:\n    - {url: 'https://example.com/runbook', title: Runbook}\n"
            ),
        ),
        component("shop").replace("lifecycle: production", "lifecycle: deprecated"),
        component("shop")
        .replace("kind: Component", "kind: API")
        .replace("type: service", "type: openapi\n  definition: x"),
        group(
            "web",
            children="[search-team]",
            spec="  profile: {displayName: Web team, email: web@example.com}\n",
            more="  annotations: {slack.com/channel: '#web'}\n",
        ),
        user("ann", "web", spec="  profile: {displayName: Ann, email: ann@example.com}\n"),
        group("quiet", more="  description: 'Reached in the Slack channel #quiet'\n"),
        component("silent", owner="quiet"),
        (
            "apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: publishing}\n"
            "spec: {owner: web, domain: content}\n"
        ),
    ]
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write(tmp_path, {"all.yaml": CATALOG})
    run("catalog", "add", "all.yaml", cwd=tmp_path)
    return tmp_path


def printed(place: Path, *arguments: str, code: int = 0) -> Any:
    return json.loads(run("catalog", *arguments, "--json", cwd=place, code=code).stdout)


def lines(text: str) -> dict[str, str]:
    """Return the fields of what `show` prints."""
    pairs = (line.split("  ", 1) for line in text.splitlines() if "  " in line.strip())
    return {name.strip(): value.strip() for name, value in pairs}


def test_add_tells_what_was_taken_in(tmp_path: Path) -> None:
    write(tmp_path, {"all.yaml": CATALOG})

    assert run("catalog", "add", "all.yaml", cwd=tmp_path).stdout == f"{tmp_path}/all.yaml: 8 added\n"
    assert run("catalog", "add", "all.yaml", cwd=tmp_path).stdout == f"{tmp_path}/all.yaml: 8 unchanged\n"


def test_add_tells_every_problem_and_takes_in_the_rest(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": component("good") + "---\n" + component("not good") + "---\na: [\n"})

    result = run("catalog", "add", "a.yaml", cwd=tmp_path, code=2)

    assert result.stdout == f"{tmp_path}/a.yaml: 1 added\n"
    assert f"{tmp_path}/a.yaml:13 (document 2) metadata.name: " in result.stderr
    assert f"{tmp_path}/a.yaml:20 (document 3): is not YAML" in result.stderr


def test_a_file_without_a_valid_entity_is_refused_and_nothing_is_made(tmp_path: Path, home: Path) -> None:
    write(tmp_path, {"a.yaml": component("not good")})

    result = run("catalog", "add", "a.yaml", cwd=tmp_path, code=2)

    assert "a name has letters" in result.stderr
    assert not (home / ".local").exists()


def test_both_claims_of_a_name_are_told(place: Path) -> None:
    write(place, {"other.yaml": component("Link-Checker", owner="others")})

    added = run("catalog", "add", "other.yaml", cwd=place, code=3)
    shown = run("catalog", "show", "link-checker", cwd=place)
    listed = run("catalog", "list", cwd=place)

    for told in (added.stderr, shown.stdout, listed.stderr):
        assert "other.yaml:1" in told
        assert "all.yaml:1" in told
    assert printed(place, "list")["conflicts"][0]["entityRef"] == "component:default/link-checker"


def test_a_component_is_shown_with_everything_one_asks_first(place: Path) -> None:
    shown = run("catalog", "show", "link-checker", cwd=place).stdout

    assert shown.startswith("link-checker · component · service · production\n")
    assert "Finds dead links" in shown
    assert {name: text for name, text in lines(shown).items() if name not in {"Finds dead links", "from"}} == {
        "ref": "component:default/link-checker",
        "owner": "Web team (web) — web@example.com · Slack #web",
        "people": "Ann",
        "source": "https://github.com/example/link-checker",
        "docs": "in its source, docs · Runbook https://example.com/runbook",
        "part of": "system:publishing",
        "provides": "api:links (not in the catalog)",
        "depends on": "resource:queue (not in the catalog)",
        "tags": "links",
    }


def test_a_team_is_shown_with_its_people_and_what_it_owns(place: Path) -> None:
    told = lines(run("catalog", "show", "web", cwd=place).stdout)

    assert told["reach"] == "web@example.com · Slack #web"
    assert told["has member"] == "user:ann"
    assert told["owns"] == "component:link-checker, system:publishing"
    assert told["parent of"] == "group:search-team (not in the catalog)"


def test_a_person_is_shown_with_teams_and_what_these_own(place: Path) -> None:
    told = lines(run("catalog", "show", "user:ann", cwd=place).stdout)

    assert told["reach"] == "ann@example.com"
    assert told["member of"] == "group:web"
    assert told["owns, by web"] == "component:link-checker, system:publishing"


def test_a_system_is_shown_with_its_parts_and_domain(place: Path) -> None:
    told = lines(run("catalog", "show", "publishing", cwd=place).stdout)

    assert told["has part"] == "component:link-checker"
    assert told["part of"] == "domain:content (not in the catalog)"


def test_a_team_that_only_its_description_reaches(place: Path) -> None:
    assert lines(run("catalog", "show", "silent", cwd=place).stdout)["owner"] == "quiet — the Slack channel #quiet"


def test_an_ambiguous_name_shows_the_likeliest_and_names_the_others(place: Path) -> None:
    result = run("catalog", "show", "SHOP", cwd=place)

    assert result.stdout.startswith("shop · component · service · deprecated")
    assert "There is also api:shop." in result.stderr
    assert run("catalog", "show", "shop", "--kind", "api", cwd=place).stdout.startswith("shop · api")
    assert run("catalog", "show", "api:shop", cwd=place).stderr == ""


def test_what_is_not_there_has_a_way_out(place: Path) -> None:
    result = run("catalog", "show", "link-cheker", cwd=place, code=2)

    assert "did you mean component:default/link-checker?" in result.stderr


def test_show_as_json_is_the_entity_with_its_relations(place: Path) -> None:
    shown = printed(place, "show", "link-checker")

    assert shown["metadata"]["name"] == "link-checker"
    assert {"type": "ownedBy", "targetRef": "group:default/web"} in shown["relations"]
    assert shown["places"] == [{"file": f"{place}/all.yaml", "line": 1, "document": 1, "field": ""}]


def test_lists_are_filtered_and_mark_what_is_ending(place: Path) -> None:
    everything = run("catalog", "list", "--kind", "component", cwd=place).stdout
    assert "deprecated" in next(line for line in everything.splitlines() if line.startswith("component:shop"))

    owned = printed(place, "list", "--owner", "WEB")
    assert [each["entityRef"] for each in owned["entities"]] == [
        "component:default/link-checker",
        "system:default/publishing",
    ]
    assert "nothing that fits" in run("catalog", "list", "--lifecycle", "nope", cwd=place).stderr
    assert run("catalog", "list", "--locations", cwd=place).stdout.startswith(f"{place}/all.yaml  8 entities")


def test_search_prints_what_it_finds(place: Path) -> None:
    assert "component:link-checker" in run("catalog", "search", "dead", "links", cwd=place).stdout
    assert printed(place, "search", "dead links")["entities"][0]["title"] == "link-checker"
    assert "Nothing" in run("catalog", "search", "zebra", cwd=place).stderr


def test_validate_stores_nothing_and_tells_each_problem_on_a_line(tmp_path: Path, home: Path) -> None:
    write(
        tmp_path,
        {"good.yaml": component("good"), "bad.yaml": component("not good") + "---\n" + component("b", owner="''")},
    )

    assert run("catalog", "validate", "good.yaml", cwd=tmp_path).stderr == "1 entity valid, no problems\n"
    result = run("catalog", "validate", "good.yaml", "bad.yaml", cwd=tmp_path, code=2)

    first, second = result.stdout.splitlines()
    assert first.startswith(f"{tmp_path}/bad.yaml:4 (document 1) metadata.name: ")
    assert second.startswith(f"{tmp_path}/bad.yaml:17 (document 2) spec.owner: ")
    assert printed(tmp_path, "validate", "bad.yaml", code=2)["problems"][1]["field"] == "spec.owner"
    assert not (home / ".local").exists()


def test_refresh_and_remove(place: Path) -> None:
    write(place, {"all.yaml": CATALOG + "---\n" + component("new")})

    assert run("catalog", "refresh", cwd=place).stdout == f"{place}/all.yaml: 1 added, 8 unchanged\n"
    assert printed(place, "refresh", "all.yaml")["unchanged"] == 9
    assert run("catalog", "remove", "all.yaml", cwd=place).stdout == "forgot 9 entities\n"
    assert "The catalog is empty" in run("catalog", "list", cwd=place).stderr
    assert "no locations yet" in run("catalog", "refresh", cwd=place).stderr
    assert (place / "all.yaml").exists()


def test_a_template_is_taken_in(tmp_path: Path) -> None:
    template = (
        "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: service, title: A service}\n"
        "spec: {type: service, owner: web, steps: [{action: debug:log}]}\n"
    )
    write(tmp_path, {"template.yaml": template})
    run("catalog", "add", "template.yaml", cwd=tmp_path)

    assert run("catalog", "show", "service", cwd=tmp_path).stdout.startswith("A service · template · service")


def test_control_characters_of_a_catalog_are_harmless(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": component("evil", more='  description: "\\e]0;owned\\a\\e[2J"\n')})
    run("catalog", "add", "a.yaml", cwd=tmp_path)

    for command in (("show", "evil"), ("list",), ("search", "evil")):
        assert "\x1b" not in run("catalog", *command, cwd=tmp_path).stdout


def test_a_look_loads_nothing_that_reads_files(place: Path) -> None:
    import subprocess
    import sys

    from tests.cli.program import environment

    code = (
        "import sys; from scaffolder.cli.main import main; main(['catalog', 'show', 'link-checker']);"
        "print(sorted({'yaml', 'jsonschema_rs', 'jinja2', 'rich', 'scaffolder.catalog.location'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=place, env=environment(), capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_a_reserved_name_is_shown_as_such(tmp_path: Path, home: Path) -> None:
    from datetime import UTC, datetime

    from scaffolder.catalog import Catalog, EntityRef

    catalog = Catalog(home / ".local" / "share" / "scaffolder" / "catalog.db")
    catalog.reserve(
        [EntityRef("component", "soon")],
        task_id="7f3c",
        owner="group:default/web",
        purpose="To come",
        who="Ann",
        at=datetime.now(UTC),
    )
    catalog.close()

    shown = run("catalog", "show", "soon", cwd=tmp_path).stdout
    assert shown.startswith("soon · component · reserved\n  To come\n")
    assert "reserved just now by Ann, task 7f3c" in shown
    assert "reserved" in run("catalog", "list", cwd=tmp_path).stdout
    assert printed(tmp_path, "search", "come")["entities"][0]["reserved"] is True


# -- locations of the settings

APP_CONFIG = """\
catalog:
  locations:
    - {type: url, target: "https://example.com/all.yaml"}
    - {type: url, target: "https://example.com/more.yaml"}
    - {type: file, target: ../gone.yaml}
    - {type: file, target: ../shared/team.yaml}
"""


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    """Return a directory with the settings of a company that uses Backstage."""
    write(tmp_path, {"work/app-config.yaml": APP_CONFIG, "shared/team.yaml": group("red")})
    return tmp_path / "work"


def test_what_cannot_be_read_keeps_nobody_from_what_can(configured: Path) -> None:
    done = run("catalog", "list", "--json", cwd=configured, SCAFFOLDER_SETTINGS="app-config.yaml")
    found = {
        check["name"]: check
        for check in json.loads(run("doctor", "--json", cwd=configured, SCAFFOLDER_SETTINGS="app-config.yaml").stdout)[
            "checks"
        ]
    }

    assert [each["entityRef"] for each in json.loads(done.stdout)["entities"]] == ["group:default/red"]
    assert " ".join(done.stderr.split()) == (
        f"{configured}/app-config.yaml: https://example.com/all.yaml is on another machine,"
        " and 2 more; left out (see scaffolder doctor)"
    )
    assert "more.yaml is on another machine" in found["locations"]["found"]
    assert "gone.yaml does not exist" in found["locations"]["found"]
    assert "team.yaml" not in found["locations"]["found"]


def test_a_location_that_is_taken_in_is_not_read_again(configured: Path, tmp_path: Path) -> None:
    run("catalog", "list", cwd=configured, SCAFFOLDER_SETTINGS="app-config.yaml")
    write(tmp_path, {"shared/team.yaml": group("blue")})

    assert "blue" not in run("catalog", "list", cwd=configured, SCAFFOLDER_SETTINGS="app-config.yaml").stdout
    removed = run("catalog", "remove", "../shared/team.yaml", cwd=configured, SCAFFOLDER_SETTINGS="app-config.yaml")
    assert f"names {tmp_path}/shared/team.yaml" in removed.stderr
