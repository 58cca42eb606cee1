"""Joining a company, using it, and leaving it, as a person types it."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder import profiles
from scaffolder.gateways.home import Home
from scaffolder.task.journal import Journal, Task, TaskStatus
from tests.cli.person import CTRL_C, ENTER, Person
from tests.cli.program import run
from tests.companies import SETTINGS, TEAM, Company, clone, component, founded
from tests.gateways.repositories import as_person

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://git.acme.example/config.git"


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return founded(tmp_path / "git")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    place = tmp_path / "work"
    place.mkdir()
    return place


def leads_to(home: Path, base: Path) -> None:
    """Let git find the repositories of git.acme.example somewhere else."""
    with (home / ".gitconfig").open("a") as file:
        file.write(f'[url "{base}/"]\n\tinsteadOf = https://git.acme.example/\n')


def listed(here: Path, *options: str) -> list[str]:
    found = json.loads(run(*options, "catalog", "list", "--json", cwd=here).stdout)["entities"]
    return [entity["entityRef"] for entity in found]


def golden_paths(here: Path) -> dict[str, dict[str, Any]]:
    found = json.loads(run("template", "list", "--json", cwd=here).stdout)["templates"]
    return {path["name"]: path for path in found}


def known(here: Path) -> dict[str, dict[str, Any]]:
    found = json.loads(run("profiles", "--json", cwd=here).stdout)["profiles"]
    return {profile["name"]: profile for profile in found}


# -- joining


def test_one_line_and_everything_is_the_companys(company: Company, here: Path, home: Path) -> None:
    joined = run("join", "../git/config.git", cwd=here)

    assert joined.stderr == "joined Acme: 1 component, 1 team, 2 golden paths\nNext: scaffolder new\n"
    assert listed(here) == ["component:default/invoices", "group:default/payments"]
    assert not golden_paths(here)["our-service"]["problem"]
    assert not golden_paths(here)["our-tool"]["problem"]
    assert known(here)["acme"]["inUse"]
    assert run("profiles", cwd=here).stdout.splitlines() == [
        f"*  acme     {company.config}",
        "   default  your own catalog and settings",
    ]
    assert [path.name for path in home.rglob("catalog.db*")] == ["catalog.db"]


def test_by_its_url(company: Company, here: Path, home: Path) -> None:
    leads_to(home, company.root)
    company.configure(SETTINGS.replace("  localForge: {root: ../forge}\n", ""))

    told = json.loads(run("join", "https://ann:s3cret@git.acme.example/config.git", "--json", cwd=here).stdout)

    assert (told["name"], told["address"], told["components"], told["goldenPaths"]) == ("acme", URL, 1, 2)
    assert golden_paths(here)["our-service"]["problem"] == golden_paths(here)["our-tool"]["problem"] == ""
    assert not [path for path in home.rglob("*") if path.is_file() and b"s3cret" in path.read_bytes()]


def test_one_repository_may_play_every_part(company: Company, here: Path) -> None:
    text = "organization: {name: Small}\nscaffolder: {catalogRepository: .}\n"
    company.publish(
        "config", {"scaffolder.yaml": text, "catalog/catalog-info.yaml": TEAM + "---\n" + component("shop")}
    )

    run("join", str(company.config), cwd=here)

    assert listed(here) == ["component:default/shop", "group:default/payments"]


def test_files_of_the_configuration_repository_are_read_from_its_commit(company: Company, here: Path) -> None:
    text = "catalog: {locations: [{type: file, target: ./all.yaml}]}\n"
    company.publish("config", {"scaffolder.yaml": text, "all.yaml": TEAM})

    assert "joined config: 0 components, 1 team" in run("join", str(company.config), cwd=here).stderr
    assert listed(here) == ["group:default/payments"]


def test_another_ref(company: Company, here: Path) -> None:
    company.publish("config", {"scaffolder.yaml": SETTINGS.replace("Acme", "Acme Next")}, ref="refs/heads/next")

    assert "joined Acme Next" in run("join", str(company.config), "--ref", "next", cwd=here).stderr
    assert "did you mean next?" in run("join", str(company.config), "--ref", "nxt", cwd=here, code=2).stderr
    assert known(here)["acme-next"]["ref"] == "next"


@pytest.mark.parametrize(
    ("files", "words", "code"),
    [
        ({"README.md": "hello"}, "has no scaffolder.yaml at its top", 2),
        ({"scaffolder.yaml": "scaffolder: {colour: red}"}, "config.git:scaffolder.yaml:1 scaffolder.colour", 2),
        ({"scaffolder.yaml": 'scaffolder: {leastVersion: "99"}'}, "asks for scaffolder 99 or newer", 2),
        ({"scaffolder.yaml": "scaffolder: {catalogRepository: /etc}"}, "names a place on this machine", 2),
        ({"scaffolder.yaml": "scaffolder: {catalogRepository: ../nowhere.git}"}, "nowhere.git does not exist", 2),
        ({"scaffolder.yaml": "scaffolder: {catalogRepository: ../paths.git}"}, "describes no valid entity", 2),
        ({"scaffolder.yaml": "[" * 100_000}, "nested too deeply", 2),
        ({"scaffolder.yaml": "#" * 1_000_001}, "more than 1,000,000 bytes", 2),
        ({"scaffolder.yaml": "organization: {name: default}\nscaffolder: {visibility: no}"}, "is none of", 2),
    ],
)
def test_nothing_is_left_when_it_fails(
    company: Company, here: Path, home: Path, files: dict[str, str], words: str, code: int
) -> None:
    company.publish("config", files)
    if "describes no" in words:
        company.publish("paths", {"README.md": "nothing here"})

    failed = run("join", str(company.config), cwd=here, code=code)

    assert words in failed.stderr
    assert not list((home / ".local/share").rglob("*.*"))
    assert not (home / ".config/scaffolder").exists()
    assert known(here) == {}


def test_settings_that_are_a_link_out_of_the_repository(company: Company, here: Path, tmp_path: Path) -> None:
    work = clone(company, "config", tmp_path / "checkout")
    (tmp_path / "secret.yaml").write_text("organization: {name: Secret}")
    (work / "scaffolder.yaml").unlink()
    (work / "scaffolder.yaml").symlink_to(tmp_path / "secret.yaml")
    as_person(work, "commit", "--quiet", "--all", "--message", "Link")
    as_person(work, "push", "--quiet")

    assert "leads outside" in run("join", str(company.config), cwd=here, code=2).stderr


def test_what_is_no_repository_is_told(here: Path) -> None:
    failed = run("join", ".", cwd=here, code=2)

    assert f"error: {here} is no git repository" in failed.stderr


def test_a_catalog_nobody_can_push_to(company: Company, here: Path, tmp_path: Path) -> None:
    company.publish("config", {"scaffolder.yaml": "scaffolder: {catalogRepository: .}", "all.yaml": TEAM})
    work = clone(company, "config", tmp_path / "checkout")

    failed = run("join", str(work), cwd=here, code=2)

    assert f"the catalog repository {work} is a work tree" in failed.stderr
    assert f"git clone --bare {work}" in failed.stderr


def test_offline_is_exit_4_and_leaves_nothing(here: Path, home: Path) -> None:
    run("join", "https://nowhere.invalid/config.git", cwd=here, code=4)

    assert not list((home / ".local/share").rglob("*.*"))


def test_a_join_that_was_killed_is_cleaned_up(company: Company, here: Path, home: Path) -> None:
    leftover = home / ".local/share/scaffolder/profiles/.joining-x"
    leftover.mkdir(parents=True)
    (leftover / "catalog.db").write_text("half")
    run("join", str(company.config), cwd=here)

    assert [path.name for path in leftover.parent.iterdir()] == ["acme"]


def test_a_leaving_that_was_killed_does_not_damage_the_next_join(company: Company, here: Path) -> None:
    run("join", str(company.config), cwd=here)
    place = profiles.require("acme").home.data
    (place / "profile.json").unlink()
    (place / "catalog.db-wal").write_bytes(b"of another database" * 1_000)

    assert known(here) == {}
    run("join", str(company.config), cwd=here)
    assert sorted(path.name for path in place.iterdir()) == ["catalog.db", "profile.json", "scaffolder.yaml"]
    assert listed(here) == ["component:default/invoices", "group:default/payments"]


def test_a_settings_file_that_is_near_is_told(company: Company, here: Path) -> None:
    (here / "scaffolder.yaml").write_text("organization: {name: Near}")

    told = " ".join(run("join", str(company.config), cwd=here).stderr.split())

    assert f"here {here}/scaffolder.yaml holds; elsewhere acme does, or with --profile acme" in told
    assert listed(here) == []
    assert listed(here, "--profile", "acme") == ["component:default/invoices", "group:default/payments"]


# -- again, and others


def test_joining_again_reads_everything_again(company: Company, here: Path) -> None:
    company.publish("extra", {"all.yaml": component("extra")})
    more = "catalog: {locations: [{type: url, target: ../extra.git}]}\n"
    company.configure(SETTINGS + more)
    run("join", str(company.config), cwd=here)
    (here / "mine.yaml").write_text(component("mine"))
    run("catalog", "add", "mine.yaml", cwd=here)
    assert "component:default/extra" in listed(here)

    company.configure(SETTINGS.replace("Acme", "Acme Ltd"))
    company.publish("catalog", {"teams.yaml": TEAM, "services.yaml": component("orders")})
    joined = run("join", str(company.config), cwd=here)

    assert "joined Acme Ltd: 2 components, 1 team" in joined.stderr
    assert listed(here) == ["component:default/mine", "component:default/orders", "group:default/payments"]
    assert list(known(here)) == ["acme"]


def test_a_refresh_by_hand_reads_the_settings_and_what_a_person_added_too(company: Company, here: Path) -> None:
    run("join", str(company.config), cwd=here)
    (here / "mine.yaml").write_text(component("mine"))
    run("catalog", "add", "mine.yaml", cwd=here)
    (here / "mine.yaml").write_text(component("mine", "Changed"))
    company.publish("extra", {"all.yaml": component("extra")})
    company.configure(SETTINGS + "catalog: {locations: [{type: url, target: ../extra.git}]}\n")

    assert run("catalog", "refresh", cwd=here).stdout.splitlines() == [
        f"{company.root}/catalog.git: 2 unchanged",
        f"{company.root}/extra.git: 1 added",
        f"{here}/mine.yaml: 1 changed",
    ]


def test_joining_again_in_vain_keeps_what_was_there(company: Company, here: Path) -> None:
    run("join", str(company.config), cwd=here)
    company.configure("scaffolder: {colour: red}")
    run("join", str(company.config), cwd=here, code=2)
    company.configure(SETTINGS.replace("../catalog.git", "../gone.git"))
    run("join", str(company.config), cwd=here, code=2)

    assert known(here)["acme"]["inUse"]
    assert listed(here) == ["component:default/invoices", "group:default/payments"]


def test_two_companies_know_nothing_of_each_other(company: Company, here: Path, tmp_path: Path) -> None:
    other = founded(tmp_path / "elsewhere")
    other.publish("catalog", {"all.yaml": component("other")})
    run("join", str(company.config), cwd=here)
    taken = run("join", str(other.config), cwd=here, code=3)
    assert f"the profile acme is {company.config} already" in taken.stderr
    assert "--as NAME" in taken.stderr
    assert "cannot be the name" in run("join", str(other.config), "--as", "../x", cwd=here, code=2).stderr
    run("join", str(other.config), "--as", "other", cwd=here)

    assert listed(here) == ["component:default/other"]
    assert listed(here, "--profile", "acme") == ["component:default/invoices", "group:default/payments"]
    assert "now in use: acme" in run("profiles", "use", "acme", cwd=here).stderr
    assert "component:default/invoices" in listed(here)
    run("profiles", "use", "default", cwd=here)
    assert listed(here) == []
    assert "did you mean other?" in run("profiles", "use", "othr", cwd=here, code=2).stderr


# -- leaving


def test_leaving_forgets_the_company_and_keeps_ones_own(company: Company, here: Path, home: Path) -> None:
    (here / "mine.yaml").write_text(component("mine"))
    run("catalog", "add", "mine.yaml", cwd=here)
    run("join", str(company.config), cwd=here)

    assert f"left acme ({company.config})" in run("leave", cwd=here).stderr
    assert listed(here) == ["component:default/mine"]
    assert known(here) == {}
    assert not list((home / ".local/share/scaffolder/profiles").iterdir())
    assert "no company is in use" in run("leave", cwd=here, code=2).stderr


def test_repositories_of_a_local_forge_outlive_the_company(company: Company, here: Path) -> None:
    run("join", str(company.config), cwd=here)
    forge = Home.of_user("acme").data / "forge"
    (forge / "acme/shop.git").mkdir(parents=True)

    assert f"stay in {forge}" in run("leave", cwd=here).stderr
    assert (forge / "acme/shop.git").is_dir()
    run("join", str(company.config), cwd=here)
    assert (forge / "acme/shop.git").is_dir()
    assert listed(here) == ["component:default/invoices", "group:default/payments"]


def test_unfinished_tasks_are_not_left_behind(company: Company, here: Path) -> None:
    run("join", str(company.config), cwd=here)
    task = Task(
        id="ab12cd34",
        created_at=datetime.now(UTC),
        status=TaskStatus.STOPPED,
        label="our-service",
        template_ref="template:default/our-service",
        draft={},
        values={},
        secrets=(),
        user={},
        identity={},
        digest="",
        steps=(),
        output={},
    )
    with closing(Journal(profiles.require("acme").home.state / "tasks.db")) as journal:
        journal.create(task)

    failed = run("leave", cwd=here, code=3)

    assert "acme has unfinished tasks: ab12cd34" in failed.stderr
    assert "scaffolder --profile acme tasks resume ab12cd34" in failed.stderr
    assert "component:default/invoices" in listed(here)


# -- working there


def test_a_service_is_planned_offline_by_the_companys_golden_path(company: Company, here: Path) -> None:
    run("join", str(company.config), cwd=here)
    company.go_away()

    assert not golden_paths(here)["our-service"]["problem"]
    arguments = ("--purpose", "Counts apples", "--name", "apples", "--owner", "payments", "--no-input", "--dry-run")
    shown = run("new", "our-service", *arguments, "--json", cwd=here)
    assert json.loads(shown.stdout)["entity"] == "component:default/apples"


def test_a_golden_path_is_that_of_the_commit_that_was_read(company: Company, here: Path) -> None:
    run("join", str(company.config), cwd=here)
    company.configure(SETTINGS.replace("paths/tool", "nothing"))

    assert not golden_paths(here)["our-tool"]["problem"]


def test_the_wizard_joins(company: Company, here: Path) -> None:
    person = Person(here, "new")
    person.answers("Where do your services live?", ENTER)
    person.answers("Where is it?", str(company.config), ENTER)
    person.sees("joined Acme: 1 component, 1 team, 2 golden paths")
    person.sees("Acme · 1 component, 1 team · catalog read just now")
    person.answers("What will it do?", CTRL_C)
    person.leaves()

    assert known(here)["acme"]["inUse"]


def test_the_doctor_says_whose_settings_hold(company: Company, here: Path) -> None:
    run("join", str(company.config), cwd=here)
    shown = run("doctor", cwd=here, COLUMNS="200").stdout

    assert f"settings  {company.config}:scaffolder.yaml" in shown
    assert "company   Acme: catalog read just now" in shown


def test_a_company_that_asks_for_a_newer_program_can_be_left(company: Company, here: Path) -> None:
    run("join", str(company.config), cwd=here)
    company.configure('scaffolder: {leastVersion: "99"}')

    assert "asks for scaffolder 99" in run("catalog", "refresh", cwd=here, code=2).stderr
    assert "asks for scaffolder 99" in run("catalog", "list", cwd=here, code=2).stderr
    company.configure(SETTINGS)
    run("catalog", "refresh", cwd=here)
    assert listed(here) == ["component:default/invoices", "group:default/payments"]
    company.configure('scaffolder: {leastVersion: "99"}')
    run("catalog", "refresh", cwd=here, code=2)
    run("leave", cwd=here)


def test_what_is_cached_can_be_thrown_away(company: Company, here: Path, home: Path) -> None:
    run("join", str(company.config), cwd=here)
    shutil.rmtree(home / ".cache")

    assert listed(here) == ["component:default/invoices", "group:default/payments"]
    assert not golden_paths(here)["our-tool"]["problem"]
    run("catalog", "refresh", cwd=here)
