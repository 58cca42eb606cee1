"""What a catalog repository's own CI finds."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from scaffolder.app.check import Check, NothingThere, Severity, check
from scaffolder.app.review import Review, review
from scaffolder.catalog import Catalog
from scaffolder.gateways.git_checkout import CheckoutMissing
from scaffolder.similar.encoder import built_in
from tests.catalog.files import component, group, location, user, write

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.catalog.reading import Read

DAYS = 14
RESERVE = "{verb} {ref}\n\nSells bread\n\nEntity: {ref}\nOwner: group:default/payments\nTask: t1\n"
SYSTEM = "apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: selling}\nspec: {owner: payments}\n"
ERROR, WARNING, UNKNOWN = Severity.ERROR, Severity.WARNING, Severity.UNKNOWN


@dataclass(frozen=True)
class Company:
    """A catalog repository that has an owner `payments`, and a clone of it."""

    clone: Path
    bare: Path

    @property
    def cache(self) -> Path:
        return self.bare.parent / "cache"

    def git(self, *words: str, **environ: str) -> None:
        subprocess.run(["git", *words], cwd=self.clone, check=True, capture_output=True, env={**os.environ, **environ})

    def reserve(self, ref: str, branch: str, *, age: timedelta, verb: str = "Reserve") -> None:
        when = (datetime.now(UTC) - age).isoformat()
        message = RESERVE.format(ref=ref, verb=verb)
        self.git("checkout", "--quiet", "--detach")
        self.git("commit", "--quiet", "--allow-empty", "--message", message, GIT_AUTHOR_DATE=when)
        self.git("push", "--quiet", "origin", f"HEAD:refs/heads/register/{branch}")
        self.git("checkout", "--quiet", "main")

    def checked(self, files: dict[str, str] | None = None, *, here: str = "") -> Check:
        write(self.clone, files or {})
        return check(self.clone / here, cache=self.cache, reservation_days=DAYS)

    def told(self, files: dict[str, str] | None = None) -> list[tuple[Severity, str, str]]:
        return [(each.severity, each.code, str(each.place)) for each in self.checked(files).findings]


@pytest.fixture
def company(tmp_path: Path) -> Company:
    made = Company(tmp_path / "clone", tmp_path / "catalog.git")
    made.clone.mkdir()
    made.git("init", "--quiet", "--bare", "--initial-branch", "main", str(made.bare))
    made.git("init", "--quiet", "--initial-branch", "main")
    made.git("remote", "add", "origin", str(made.bare))
    write(made.clone, {"org.yaml": group("payments") + "---\n" + user("ann", "payments")})
    made.git("add", "--all")
    made.git("commit", "--quiet", "--message", "x")
    made.git("push", "--quiet", "origin", "main")
    return made


def test_a_catalog_that_is_as_it_should_be(company: Company) -> None:
    done = company.checked({"locations/a.yaml": location("../services/a.yaml"), "services/a.yaml": component("a")})

    assert {each.entity.ref.kind for each in done.entities} == {"group", "user", "location", "component"}
    assert not done.findings


def test_a_location_that_nobody_reads(company: Company) -> None:
    files = {"catalog-info.yaml": location("./org.yaml"), "locations/a.yaml": SYSTEM, "a.yaml": "{}"}

    assert company.told(files) == [(ERROR, "not-read", "locations/a.yaml")]
    assert not company.told(
        {"catalog-info.yaml": location("./org.yaml", "./locations/*.yaml"), "a.yaml": component("a")}
    )


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a.yaml": component("not good")}, [(ERROR, "invalid", "a.yaml:4 (document 1) metadata.name")]),
        ({"a.yaml": "a: [\n"}, [(ERROR, "invalid", "a.yaml:2 (document 1)")]),
        ({"a.yaml": location("./b.yaml")}, [(ERROR, "unreadable", "a.yaml:7 (document 1) spec.targets.0")]),
        ({"a.yaml": location("./b.yaml", spec="  presence: optional\n")}, []),
        ({"a.yaml": component("a", owner="paymnts")}, [(ERROR, "owner-unknown", "a.yaml:8 (document 1) spec.owner")]),
        ({"a.yaml": component("a", owner="user:ann")}, []),
        (
            {"a.yaml": component("a", owner="component:a")},
            [(ERROR, "owner-unknown", "a.yaml:8 (document 1) spec.owner")],
        ),
        ({"a.yaml": component("a", spec="  system: selling\n") + "---\n" + SYSTEM}, []),
        (
            {"a.yaml": component("a", spec="  system: selling\n  dependsOn:\n    - component:A\n    - resource:db\n")},
            [
                (WARNING, "ref-unknown", "a.yaml:9 (document 1) spec.system"),
                (WARNING, "ref-unknown", "a.yaml:12 (document 1) spec.dependsOn.1"),
            ],
        ),
        (
            {"a.yaml": "\n---\n" + component("a"), "b.yaml": component("A")},
            [(ERROR, "name-taken", "b.yaml:1 (document 1)")],
        ),
        ({"a.yaml": component("a") + "---\n" + component("a")}, [(ERROR, "name-taken", "a.yaml:10 (document 2)")]),
    ],
    ids=[
        "not valid",
        "not YAML",
        "a Location to nothing",
        "an optional one",
        "no such owner",
        "a person owns it",
        "a component owns it",
        "a system",
        "refs to nothing",
        "a name in other letters",
        "a name twice",
    ],
)
def test_what_is_found_and_where(
    company: Company, files: dict[str, str], told: list[tuple[Severity, str, str]]
) -> None:
    assert company.told(files) == told


def test_the_words_say_what_was_meant(company: Company) -> None:
    done = company.checked({"a.yaml": component("a", owner="paymnts"), "b.yaml": component("A")})

    assert [str(each) for each in done.findings] == [
        (
            "a.yaml:8 (document 1) spec.owner: error: group:default/paymnts does not exist:"
            " did you mean group:default/payments?"
        ),
        (
            "b.yaml:1 (document 1): error: the name component:default/A is taken:"
            " it is described in a.yaml:1 (document 1) too, as component:default/a"
        ),
    ]
    assert [each.subject for each in done.findings] == ["component:default/a", "component:default/A"]


def test_a_reservation_that_was_left_behind(company: Company) -> None:
    company.reserve("component:default/fresh", "component-default-fresh", age=timedelta(days=13))
    company.reserve("component:default/Old", "component-default-old", age=timedelta(days=15))

    done = company.checked()

    (found,) = done.findings
    assert (found.severity, found.code, found.subject) == (ERROR, "reservation-stale", "component:default/Old")
    assert str(found.place) == "register/component-default-old"
    assert "reserved 15 days ago by Test Engineer" in found.message
    assert len(done.reservations) == 2


def test_an_entry_that_nobody_merges(company: Company) -> None:
    company.reserve("component:default/new", "component-default-new", age=timedelta(days=13), verb="Register")
    company.reserve("component:default/old", "component-default-old", age=timedelta(days=15), verb="Register")

    assert company.told() == [(WARNING, "entry-waits", "register/component-default-old")]


def test_a_reservation_that_was_given_back_is_gone(company: Company) -> None:
    company.reserve("component:default/old", "component-default-old", age=timedelta(days=15))
    assert company.told()

    company.git("push", "--quiet", str(company.bare), ":refs/heads/register/component-default-old")

    assert not company.told()


def test_a_clone_of_one_branch_still_knows_the_reservations(company: Company, tmp_path: Path) -> None:
    company.reserve("component:default/old", "component-default-old", age=timedelta(days=15))
    alone = tmp_path / "alone"
    company.git("clone", "--quiet", "--depth", "1", f"file://{company.bare}", str(alone))

    assert len(check(alone, cache=company.cache, reservation_days=DAYS).findings) == 1


def test_where_the_other_side_does_not_answer_the_rest_is_checked(company: Company) -> None:
    company.bare.rename(company.bare.with_name("away"))

    told = company.told({"a.yaml": component("a", owner="nobody")})

    assert told == [
        (ERROR, "owner-unknown", "a.yaml:8 (document 1) spec.owner"),
        (UNKNOWN, "reservations-unknown", "origin"),
    ]


def test_a_repository_that_was_cloned_from_nowhere_has_no_reservations(company: Company) -> None:
    company.git("remote", "remove", "origin")

    assert not company.told()


def test_a_directory_of_the_clone_means_all_of_it(company: Company) -> None:
    assert company.checked({"deep/down/a.yaml": component("a", owner="nobody")}, here="deep").findings


def test_what_git_ignores_is_not_there(company: Company) -> None:
    assert not company.told({".gitignore": "out/\n", "out/a.yaml": component("a", owner="nobody")})


def test_no_clone_and_no_entity(tmp_path: Path) -> None:
    with pytest.raises(CheckoutMissing):
        check(tmp_path, cache=tmp_path, reservation_days=DAYS)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    with pytest.raises(NothingThere):
        check(tmp_path, cache=tmp_path, reservation_days=DAYS)


def service(company: Company, name: str, text: str) -> str:
    """Make a service's repository beside the catalog's, and return what a Location leads to."""
    place = write(company.bare.parent / f"{name}-work", {"catalog-info.yaml": text})
    for words in (
        ["init", "-qb", "main"],
        ["add", "."],
        ["commit", "-qm", "x"],
        ["clone", "-q", "--bare", ".", f"../{name}.git"],
    ):
        subprocess.run(["git", *words], cwd=place, check=True, capture_output=True)
    return f"git:../{name}.git@main:catalog-info.yaml"


def test_services_are_read_in_their_own_repositories(company: Company) -> None:
    orders = service(company, "orders", component("orders") + "---\n" + component("Orders-Worker", owner="nobody"))
    files = {"a.yaml": location(orders), "z.yaml": component("orders-worker")}

    done = company.checked(files)

    there = f"git:{company.bare.parent}/orders.git@main:catalog-info.yaml"
    assert {str(each.place) for each in done.entities if each.entity.name == "orders"} == {f"{there}:1 (document 1)"}
    assert [(each.code, str(each.place), each.subject) for each in done.findings] == [
        ("name-taken", f"{there}:10 (document 2)", "component:default/Orders-Worker"),
        ("owner-unknown", f"{there}:10 (document 2) spec.owner", "component:default/Orders-Worker"),
    ]


@pytest.mark.parametrize(
    ("target", "code", "severity"),
    [
        ("git:../orders.git@main:nothing.yaml", "unreadable", ERROR),
        ("git:../orders.git@gone:catalog-info.yaml", "unreadable", ERROR),
        ("git:../nothing.git@main:catalog-info.yaml", "unreadable", ERROR),
        ("git:/etc@main:catalog-info.yaml", "unreadable", ERROR),
        ("git:../../orders.git@main:catalog-info.yaml", "unreadable", ERROR),
        ("file:///etc/hostname", "unreadable", ERROR),
        ("~/catalog-info.yaml", "unreadable", ERROR),
        ("git:http://127.0.0.1:9/orders.git@main:catalog-info.yaml", "unreachable", UNKNOWN),
    ],
)
def test_where_a_location_leads_in_vain(company: Company, target: str, code: str, severity: Severity) -> None:
    service(company, "orders", component("orders"))

    done = company.checked({"a.yaml": location(target)})

    assert [(each.severity, each.code, str(each.place), each.subject) for each in done.findings] == [
        (severity, code, "a.yaml:7 (document 1) spec.targets.0", "location:default/all")
    ]


def test_what_is_wrong_in_a_service_is_told_where_it_is(company: Company) -> None:
    orders = service(company, "orders", component("not good"))

    (found,) = company.checked({"a.yaml": location(orders)}).findings

    assert (found.severity, found.code) == (ERROR, "invalid")
    assert found.place.file == f"git:{company.bare.parent}/orders.git@main:catalog-info.yaml"


@pytest.mark.parametrize("repository", ["new", "old"])
def test_a_change_that_adds_a_location_is_asked_about_its_service(company: Company, repository: str) -> None:
    links = "  description: Crawls published pages and reports dead links\n"
    old = service(company, "old", location("./old.yaml").replace("name: all", "name: inner"))
    place = write(company.bare.parent / "old-work", {"old.yaml": component("link-checker", more=links)})
    again = component("link-checkers", more=links)
    write(place, {"new/catalog-info.yaml": again})
    for words in (["add", "."], ["commit", "-qm", "x"], ["push", "-q", str(company.bare.parent / "old.git"), "main"]):
        subprocess.run(["git", *words], cwd=place, check=True, capture_output=True)
    write(company.clone, {"a.yaml": location(old)})
    company.git("add", "--all")
    company.git("commit", "--quiet", "--message", "x")
    targets = {"new": service(company, "new", again), "old": old.replace("catalog-info", "new/catalog-info")}
    write(company.clone, {"b.yaml": location(targets[repository]).replace("name: all", "name: new")})
    catalog = Catalog(company.bare.parent / "catalog.db")

    def reviewed(whole: Read) -> Review:
        return review(catalog, company.clone, revision="HEAD", whole=whole, encoder=built_in())

    done = check(company.clone, cache=company.cache, reservation_days=DAYS, review=reviewed)

    (found,) = done.findings
    assert (found.severity, found.code, found.subject) == (
        Severity.NOTICE,
        "similar",
        "component:default/link-checkers",
    )
    assert found.place.file.startswith(f"git:{company.bare.parent}/{repository}.git@main:")
    assert found.message == "component:default/link-checker does this already, owned by payments"
    assert done.review
    assert [each.entity.name for each in done.review.entities] == ["link-checkers"]


def test_what_no_change_can_help_is_a_warning_for_a_change(company: Company) -> None:
    company.reserve("component:default/old", "component-default-old", age=timedelta(days=15))
    catalog = Catalog(company.bare.parent / "catalog.db")

    def reviewed(whole: Read) -> Review:
        return review(catalog, company.clone, revision="HEAD", whole=whole, encoder=built_in())

    done = check(company.clone, cache=company.cache, reservation_days=DAYS, review=reviewed)

    assert [(each.severity, each.code) for each in done.findings] == [(WARNING, "reservation-stale")]
