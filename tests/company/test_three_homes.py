"""A platform team and two engineers, each on a machine of their own, with nothing between them but repositories."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.company.repositories import founded, git, person

if TYPE_CHECKING:
    from pathlib import Path

    from tests.company.repositories import Company, Person

REFUNDS = ("new", "service", "--name", "refunds", "--purpose", "Pay money back to customers", "--no-input", "--no-open")
ASKED = ("catalog", "similar", "--name", "pay-back", "--purpose", "Give customers their money back")
PATIENCE = 20.0


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return founded(tmp_path)


@pytest.fixture
def ann(tmp_path: Path, company: Company) -> Person:
    ann = person(tmp_path, "ann")
    ann.types("join", company.address)
    return ann


@pytest.fixture
def bob(tmp_path: Path, company: Company) -> Person:
    bob = person(tmp_path, "bob")
    bob.types("join", company.address)
    return bob


def minutes_later(person: Person, minutes: int = 20) -> None:
    """Let the catalog of a home have been read so long ago."""
    database = person.home / ".local/share/scaffolder/profiles/acme/catalog.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "UPDATE location SET read_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', ?)", (f"-{minutes} minutes",)
        )


def until(person: Person, wanted: str) -> str:
    """Ask until the answer is there: reading again goes on beside the questions."""
    ends = time.monotonic() + PATIENCE
    while wanted not in (said := person.types(*ASKED)) and time.monotonic() < ends:
        time.sleep(0.2)
    return said


def test_one_finds_the_others_service_minutes_after_its_birth(company: Company, ann: Person, bob: Person) -> None:
    assert "refunds" not in bob.types(*ASKED)
    ann.types(*REFUNDS, "--owner", "payments")
    assert "refunds" not in bob.types(*ASKED), "nobody reads everything at each question"

    minutes_later(bob)
    said = until(bob, "refunds")

    assert "payments@example.com" in said
    assert company.refs() == ["refs/heads/main"]


def test_a_name_is_taken_before_the_other_has_read_of_it(company: Company, ann: Person, bob: Person) -> None:
    ann.types(*REFUNDS, "--owner", "payments")
    before = company.refs(), git(company.catalog, "rev-parse", "main")

    said = bob.types(*REFUNDS, "--owner", "shop", "--reason", "other: ours", code=3)

    assert "refunds is taken" in said
    assert (company.refs(), git(company.catalog, "rev-parse", "main")) == before
    assert not (bob.home / "work/refunds").exists()
    assert not list((bob.home / "work").iterdir())


def test_what_somebody_is_making_is_seen_before_it_stands(company: Company, bob: Person) -> None:
    work = company.place.parent / "platform-catalog"
    subject = "Reserve component:default/refunds\n\nPay money back to customers\n\n"
    trailers = "Entity: component:default/refunds\nOwner: group:default/payments\nTask: 0a0b0c0d\n"
    git(work, "commit", "--quiet", "--allow-empty", "--message", subject + trailers)
    git(work, "push", "--quiet", "origin", "HEAD:register/component-default-refunds")

    bob.types("catalog", "refresh")
    said = bob.types(*ASKED)
    assert "refunds" in said
    assert "reserved" in said

    git(work, "push", "--quiet", "origin", ":register/component-default-refunds")
    assert "refunds belongs to shop" in bob.types(*REFUNDS, "--owner", "shop", "--reason", "other: it was given back")


def test_a_golden_path_that_is_new_is_everybodys(company: Company, ann: Person) -> None:
    template = "service/template.yaml"
    work = company.place.parent / "platform-golden-paths"
    company.publish(
        "golden-paths", {template: (work / template).read_text().replace("as we", "newer, as we")}, tag="v2"
    )
    settings = (company.place.parent / "platform-config/scaffolder.yaml").read_text()
    company.publish("config", {"scaffolder.yaml": settings.replace("ref: v1", "ref: v2")})
    assert "newer" not in ann.types("template", "list")

    ann.types("catalog", "refresh")

    assert "newer" in ann.types("template", "list")


def test_what_was_read_serves_without_the_repositories(company: Company, ann: Person, bob: Person) -> None:
    ann.types(*REFUNDS, "--owner", "payments")
    bob.types("catalog", "refresh")
    company.place.rename(company.place.with_name("away"))
    minutes_later(bob, 3 * 24 * 60)

    assert "refunds" in bob.types(*ASKED)
    ends = time.monotonic() + PATIENCE
    while "offline: the catalog is 3 days old" not in (said := bob.types(*ASKED)) and time.monotonic() < ends:
        time.sleep(0.2)
    assert "offline: the catalog is 3 days old" in said

    said = bob.types("new", "service", "--name", "tills", "--purpose", "Count", "--owner", "shop", "--no-input", code=4)
    assert "catalog" in said
    assert not list((bob.home / "work").iterdir())


def test_a_task_is_resumed_where_it_was_begun(company: Company, ann: Person) -> None:
    ann.types("profiles", "use", "default")
    hook = company.catalog / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\nwhile read old new ref; do case $ref in refs/heads/main) exit 1;; esac; done\n")
    hook.chmod(0o755)

    said = ann.types("--profile", "acme", *REFUNDS, "--owner", "payments", code=5)

    assert "scaffolder --profile acme tasks resume" in said
    hook.unlink()
    task = said.partition("tasks resume ")[2].split()[0]
    ann.types("--profile", "acme", "tasks", "resume", task)
    assert company.refs() == ["refs/heads/main"]


def test_its_golden_paths_are_the_companys_own(ann: Person) -> None:
    said = ann.types("template", "list")

    assert "service" in said
    assert "python-service" not in said
    assert "vv1" not in ann.types(*REFUNDS, "--owner", "payments", "--dry-run")
