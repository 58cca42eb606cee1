"""How old a company's catalog is, and that it is read again by itself, beside whoever asks."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from scaffolder import profiles
from scaffolder.app import Scaffolder
from scaffolder.app.freshness import LOCK, Freshness, attempt, note, refresh
from scaffolder.app.joining import join
from scaffolder.catalog import Catalog, EntityRef
from scaffolder.gateways.home import Home
from scaffolder.gateways.lock import Busy, locked
from scaffolder.settings import Holding, of_profile
from tests.cli.program import run
from tests.companies import SETTINGS, TEAM, Company, component, founded
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.app.freshness import Attempt

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ACME = Holding(profile="acme")
HANGS = 8.0


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """A company that was joined a while ago, and has a new service since."""
    founded(tmp_path / "git")
    company = Company(tmp_path / "git")
    join(str(company.config))
    company.publish("catalog", {"teams.yaml": TEAM, "services.yaml": component("orders")})
    age(hours=3)
    return company


def age(**since: float) -> None:
    """Let the catalog have been read longer ago."""
    with closing(sqlite3.connect(Home.of_user("acme").data / "catalog.db")) as connection:
        connection.execute("UPDATE location SET read_at = ?", ((datetime.now(UTC) - timedelta(**since)).isoformat(),))
        connection.commit()


def has(name: str) -> bool:
    with closing(Catalog(Home.of_user("acme").data / "catalog.db")) as catalog:
        return catalog.get(EntityRef("component", name)) is not None


def noted() -> Attempt:
    found = attempt(Home.of_user("acme"))
    assert found is not None
    return found


def waited_for() -> Attempt:
    """Wait for a refresh that goes on by itself."""
    wait_until(lambda: attempt(Home.of_user("acme")) is not None, "nobody reads it again")
    return noted()


@pytest.mark.parametrize(
    ("fresh", "words"),
    [
        (Freshness(NOW - timedelta(hours=2)), "catalog read 2 h ago"),
        (Freshness(NOW), "catalog read just now"),
        (Freshness(NOW - timedelta(days=3), "no answer", offline=True), "offline: the catalog is 3 days old"),
        (Freshness(NOW - timedelta(days=1), "it is broken"), "catalog read 1 day ago; it is broken"),
        (Freshness(None), "the catalog has not been read"),
        (Freshness(None, "no answer", offline=True), "the catalog has not been read; no answer"),
    ],
)
def test_it_is_said_in_a_few_words(fresh: Freshness, words: str) -> None:
    assert fresh.said(NOW) == words


@pytest.mark.usefixtures("company")
def test_it_is_read_again_beside_whoever_asks(tmp_path: Path) -> None:
    first = run("catalog", "search", "orders", cwd=tmp_path)
    assert first.stderr.startswith("catalog read 3 h ago\n")
    assert waited_for().failed == ""

    second = run("catalog", "search", "orders", cwd=tmp_path)
    assert second.stderr == "catalog read just now\n"
    assert "component:orders" in second.stdout


@pytest.mark.usefixtures("company")
def test_nobody_waits_for_a_repository_that_does_not_answer(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    hanging = tmp_path / "bin/git"
    hanging.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\nexec sleep {HANGS:.0f}\n")
    hanging.chmod(0o755)
    began = time.monotonic()
    shown = run("catalog", "search", "invoices", cwd=tmp_path, PATH=f"{tmp_path}/bin:/usr/bin:/bin")

    assert time.monotonic() - began < HANGS
    assert shown.stderr == "catalog read 3 h ago\n"
    wait_until((tmp_path / "asked").exists, "nobody asks")


def is_due() -> bool:
    with closing(Scaffolder(of_profile("acme"), Home.of_user("acme"))) as app:
        fresh = app.freshness()
        assert fresh is not None
        return fresh.due


@pytest.mark.usefixtures("company")
def test_what_is_fresh_is_left_alone() -> None:
    age(minutes=14)
    assert not is_due()
    age(minutes=16)
    assert is_due()


@pytest.mark.usefixtures("company")
def test_after_an_attempt_there_is_a_pause() -> None:
    assert is_due()
    note(Home.of_user("acme"), "no answer", offline=True)

    assert not is_due()


def test_the_settings_say_how_fresh_it_must_be(company: Company, tmp_path: Path) -> None:
    company.configure(SETTINGS + "  refreshMinutes: 5\n")
    join(str(company.config))
    age(minutes=6)
    run("catalog", "search", "orders", cwd=tmp_path)

    assert waited_for().failed == ""


def test_a_configuration_that_is_away_is_no_mistake_in_it(company: Company) -> None:
    company.config.rename(company.root / "away.git")
    refresh(ACME)

    assert noted().offline


def test_offline_is_said_with_the_age(company: Company, tmp_path: Path) -> None:
    company.go_away()
    age(days=3)
    refresh(ACME)

    assert noted().offline
    shown = run("catalog", "list", cwd=tmp_path)
    assert shown.stderr.splitlines()[0] == "offline: the catalog is 3 days old"
    assert "component:invoices" in shown.stdout
    company.come_back()
    refresh(ACME)
    assert run("catalog", "list", cwd=tmp_path).stderr.splitlines()[0] == "catalog read just now"


def test_settings_that_cannot_be_used_are_told_and_those_of_before_hold(company: Company, tmp_path: Path) -> None:
    company.configure(SETTINGS + "  colour: red\n")
    refresh(ACME)

    assert has("orders")
    said = " ".join(run("catalog", "search", "orders", cwd=tmp_path).stderr.split())
    assert said.startswith("catalog read just now; the settings are those of before:")
    assert "scaffolder.colour: this key is not known" in said


def test_new_settings_hold_from_then_on(company: Company) -> None:
    company.publish("more", {"all.yaml": component("more")})
    company.configure(
        SETTINGS.replace("Acme", "Acme Ltd") + "catalog: {locations: [{type: url, target: ../more.git}]}\n"
    )
    refresh(ACME)
    assert has("more")
    company.configure(SETTINGS)
    refresh(ACME)

    assert not has("more")
    assert profiles.require("acme").taken_in == (str(company.root / "catalog.git"),)


def test_a_history_that_was_rewritten_and_a_default_branch_that_moved_are_followed(company: Company) -> None:
    company.publish("catalog", {"all.yaml": TEAM + "---\n" + component("trunk")}, ref="refs/heads/trunk")
    (company.root / "catalog.git/HEAD").write_text("ref: refs/heads/trunk\n")
    company.publish("config", {"scaffolder.yaml": SETTINGS.replace("Acme", "Moved")}, ref="refs/heads/trunk")
    (company.config / "HEAD").write_text("ref: refs/heads/trunk\n")
    refresh(ACME)

    assert has("trunk")
    assert not has("invoices")
    assert profiles.require("acme").branch == "trunk"


def test_a_branch_that_was_renamed_is_followed(company: Company) -> None:
    main = company.config / "refs/heads/main"
    main.rename(main.with_name("trunk"))
    (company.config / "HEAD").write_text("ref: refs/heads/trunk\n")
    refresh(ACME)

    assert profiles.require("acme").branch == "trunk"


def test_golden_paths_beside_settings_that_cannot_be_used_are_those_of_before(company: Company, tmp_path: Path) -> None:
    company.publish("config", {"scaffolder.yaml": SETTINGS + "  colour: red\n"})
    refresh(ACME)

    assert not {each["name"]: each["problem"] for each in _golden_paths(tmp_path)}["our-tool"]


def test_golden_paths_are_renewed_too(company: Company, tmp_path: Path) -> None:
    company.publish("paths", {"service/template.yaml": "kind: Template\n"})
    age(minutes=1)
    before = {each["name"]: each["problem"] for each in _golden_paths(tmp_path)}
    refresh(ACME)
    after = {each["name"]: each["problem"] for each in _golden_paths(tmp_path)}

    assert not before["our-service"]
    assert after["our-service"]


def _golden_paths(cwd: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(run("template", "list", "--json", cwd=cwd).stdout)["templates"]
    return found


@pytest.mark.usefixtures("company")
def test_one_at_a_time() -> None:
    state = Home.of_user("acme").state
    state.mkdir(parents=True, exist_ok=True)
    with locked(state / LOCK, patience=0), pytest.raises(Busy):
        refresh(ACME)

    assert not has("orders")


def test_a_person_who_keeps_a_catalog_of_their_own_is_told_nothing(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(component("mine"))
    run("catalog", "add", "all.yaml", cwd=tmp_path)

    assert run("catalog", "search", "mine", cwd=tmp_path).stderr == ""


def test_a_settings_file_may_name_a_catalog_repository_too(tmp_path: Path) -> None:
    company = founded(tmp_path / "git")
    file = tmp_path / "scaffolder.yaml"
    file.write_text("scaffolder: {catalogRepository: ./git/catalog.git}")
    shown = run("catalog", "search", "invoices", cwd=tmp_path)
    assert shown.stderr == "catalog read just now\n"
    assert "component:invoices" in shown.stdout

    company.publish("catalog", {"all.yaml": component("orders")})
    refresh(Holding(file=file))
    assert "component:orders" in run("catalog", "search", "orders", cwd=tmp_path).stdout
