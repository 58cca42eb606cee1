"""`scaffolder catalog reservations`, and a birth in a company, as people see them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.catalog import EntityRef, Reservation
from scaffolder.catalog.proposals import Proposals
from scaffolder.catalog.registration import branch_of
from scaffolder.catalog.shared import CatalogRepository
from scaffolder.gateways.git import GitDirectory, Identity
from scaffolder.gateways.github.client import Client
from scaffolder.gateways.github.server import Server
from scaffolder.tree import File, Tree
from tests.catalog.files import component, group, write
from tests.cli.program import run
from tests.gateways.repositories import as_person
from tests.github.description import where_there_is_one
from tests.github.faults import Trouble
from tests.github.server import serving

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import CompletedProcess

ME, CAROL = "Test Engineer <test-engineer@example.com>", "Carol <carol@example.com>"
TEMPLATE = (
    "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {name: small}\n"
    "spec:\n  type: service\n  steps:\n"
    "    - {id: skeleton, action: fetch:template, input: {url: ./skeleton}}\n"
)
NEW = ("new", "--no-input", "--purpose", "Counts weather frogs", "--name", "frogs", "--owner", "web")


@dataclass(frozen=True)
class Shared:
    """A company, in whose settings a person works."""

    root: Path

    @property
    def there(self) -> GitDirectory:
        return GitDirectory(self.root / "git" / "catalog.git")

    def run(self, *arguments: str, code: int = 0) -> CompletedProcess[str]:
        return run(*arguments, cwd=self.root / "work", code=code, COLUMNS="80")

    def listed(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.run("catalog", "reservations", "--json").stdout)["reservations"]
        return found

    def reserve(self, name: str, *, who: str = CAROL, days: float = 0, task: str = "0badcafe") -> None:
        at = datetime.now(UTC) - timedelta(days=days)
        each = Reservation(EntityRef("component", name), task, "group:default/web", f"Does {name}", who, at)
        CatalogRepository(str(self.there.path), cache=self.root / "carol").reserve([each])


@pytest.fixture
def shared(tmp_path: Path) -> Shared:
    GitDirectory.init(tmp_path / "git" / "catalog.git").commit(
        Tree({"all.yaml": File((group("web") + "---\n" + component("page-store", owner="web")).encode())}),
        message="Begin",
        identity=Identity("P", "p@example.com"),
        when=datetime.now(UTC),
        ref="refs/heads/main",
    )
    settings = "scaffolder:\n  catalogRepository: ../git/catalog.git\n  localForge: {root: ../git/services}\n"
    write(tmp_path / "work", {"scaffolder.yaml": settings})
    write(tmp_path / "template", {"template.yaml": TEMPLATE, "skeleton/README.md": "# It\n"})
    return Shared(tmp_path)


def birth(shared: Shared, *more: str, code: int = 0) -> CompletedProcess[str]:
    return shared.run(*NEW, *more, str(shared.root / "template"), code=code)


def test_there_is_nothing_to_list(shared: Shared) -> None:
    done = shared.run("catalog", "reservations")

    assert (done.stdout, done.stderr) == ("", "No name is reserved.\n")
    assert shared.listed() == []


def test_each_reservation_is_listed_with_age_and_owner_and_what_was_left_behind(shared: Shared) -> None:
    shared.reserve("frogs", days=3)
    shared.reserve("newts", days=15, task="0ddba115")

    done = shared.run("catalog", "reservations")

    first, newts, frogs = (" ".join(line.split()) for line in done.stdout.splitlines())
    assert first == "ENTITY STATE SINCE WHO OWNER TASK"
    assert newts == f"component:newts left behind 15 days ago {CAROL} web 0ddba115"
    assert frogs == f"component:frogs reserved 3 days ago {CAROL} web 0badcafe"
    assert "scaffolder catalog reservations give-back REF" in done.stderr
    assert {each["entityRef"]: each["state"] for each in shared.listed()} == {
        "component:default/newts": "stale",
        "component:default/frogs": "reserved",
    }
    assert shared.listed()[1] | {"at": ""} == {
        "entityRef": "component:default/frogs",
        "state": "reserved",
        "who": CAROL,
        "at": "",
        "owner": "group:default/web",
        "purpose": "Does frogs",
        "taskId": "0badcafe",
        "branch": "register/component-default-frogs",
        "mine": False,
        "page": "",
    }


@pytest.mark.parametrize(("who", "days"), [(ME, 0), (CAROL, 15)])
def test_what_is_mine_or_left_behind_is_given_back_by_a_word(shared: Shared, who: str, days: int) -> None:
    shared.reserve("frogs", who=who, days=days)

    done = shared.run("catalog", "reservations", "give-back", "frogs")

    assert done.stdout.startswith("component:default/frogs is free again; it was reserved ")
    assert shared.listed() == []


def test_somebody_elses_is_given_back_by_force_only(shared: Shared) -> None:
    shared.reserve("frogs")

    refused = shared.run("catalog", "reservations", "give-back", "component:frogs", code=3)

    assert f"reserved just now by {CAROL}" in refused.stderr
    assert "scaffolder catalog reservations give-back component:default/frogs --force" in refused.stderr
    given = json.loads(shared.run("catalog", "reservations", "give-back", "frogs", "--force", "--json").stdout)
    assert given["taskId"] == "0badcafe"
    assert shared.listed() == []


def test_what_is_not_reserved_cannot_be_given_back(shared: Shared) -> None:
    refused = shared.run("catalog", "reservations", "give-back", "frogs", code=2)

    assert "component:default/frogs is not reserved" in refused.stderr
    shared.run("catalog", "reservations", "give-back", "a:b:c", code=2)


def test_a_hostile_branch_is_listed_and_harms_nobody(shared: Shared) -> None:
    branch, main = branch_of(EntityRef("component", "frogs")), "refs/heads/main"
    text = "Reserve x\n\nEntity: \x1b[31mred\nTask: ../../../../tmp\nOwner: \x1b]0;x\x07\n"
    commit = as_person(shared.there.path, "-c", "user.name=\x1b[2J", "commit-tree", "-m", text, f"{main}^{{tree}}")
    as_person(shared.there.path, "update-ref", branch, commit)

    done = shared.run("catalog", "reservations")

    assert "component:frogs" in done.stdout
    refused = shared.run("catalog", "reservations", "give-back", "frogs", code=3)
    assert "\x1b" not in done.stdout + refused.stderr
    shared.run("catalog", "reservations", "give-back", "frogs", "--force")


def test_without_a_catalog_repository_the_names_on_this_machine_are_listed(shared: Shared) -> None:
    (shared.root / "work" / "scaffolder.yaml").unlink()

    assert shared.listed() == []
    shared.run("catalog", "reservations", "give-back", "frogs", code=2)


# -- births


def test_a_service_is_registered_for_all(shared: Shared) -> None:
    done = birth(shared)

    assert "frogs belongs to web" in done.stderr
    assert shared.listed() == []
    text = shared.there.file(shared.there.refs()["refs/heads/main"], "locations/component-default-frogs.yaml")
    assert text is not None
    assert b"target: git:../services/local/frogs.git@main:catalog-info.yaml\n" in text
    shared.run("catalog", "refresh")
    assert json.loads(shared.run("catalog", "list", "--json").stdout)["conflicts"] == []
    shared.run("catalog", "show", "frogs")


def test_a_name_that_somebody_has_reserved_is_told_before_anything_is_made(shared: Shared) -> None:
    shared.reserve("frogs")

    done = birth(shared, code=3)

    assert f"frogs is taken (reserved just now by {CAROL}, task 0badcafe)" in done.stderr
    assert "scaffolder catalog reservations" in done.stderr
    assert "✓" not in done.stderr
    assert not (shared.root / "git" / "services").exists()
    assert json.loads(shared.run("tasks", "list", "--json").stdout or "{}") == {}


def test_a_plan_says_that_the_catalog_repository_is_away(shared: Shared) -> None:
    shared.run("catalog", "list")
    shared.there.path.rename(shared.root / "away")

    planned = birth(shared, "--dry-run")
    refused = birth(shared, code=4)

    assert "whether the name is free will show when it is reserved" in " ".join(planned.stderr.split())
    assert "the catalog repository cannot be read now" in refused.stderr
    assert not (shared.root / "work" / "frogs").exists()


def test_taking_over_what_was_left_behind_is_told(shared: Shared) -> None:
    shared.reserve("frogs", days=20)

    done = birth(shared)

    said = " ".join(done.stderr.split())
    assert f"component:default/frogs was reserved 20 days ago by {CAROL}, task 0badcafe, and left behind" in said


def test_what_is_a_pull_request_is_listed_with_its_page(tmp_path: Path) -> None:
    with serving(tmp_path / "github", description=where_there_is_one()) as github:
        token = github.add_user("carol")
        github.add_repository("carol/catalog", files={"teams.yaml": group("web").encode()})
        api, there = github.api_url, github.clone_url("carol/catalog")
        write(
            tmp_path / "work",
            {
                "scaffolder.yaml": f"integrations:\n  github:\n    - {{host: github.com, apiBaseUrl: '{api}'}}\n"
                f"scaffolder:\n  catalogRepository: {there}\n  registration: pull-request\n"
            },
        )
        client = Client(Server.of(api_base_url=api), lambda: token)
        own = there.replace("://", f"://x-access-token:{token}@")
        each = Reservation(EntityRef("component", "shop"), "7f3c", "group:web", "Sells", CAROL, datetime.now(UTC))
        CatalogRepository(own, cache=tmp_path / "cache", proposals=Proposals.to(there, client)).reserve([each])
        client.close()

        shown = run("catalog", "reservations", cwd=tmp_path / "work", GITHUB_TOKEN=token)
        assert f"shop: {github.url}/carol/catalog/pull/1" in shown.stderr
        shown = run("catalog", "reservations", "--json", cwd=tmp_path / "work", GITHUB_TOKEN=token)
        assert json.loads(shown.stdout)["reservations"][0]["page"] == f"{github.url}/carol/catalog/pull/1"

        assert "its pull request is closed" not in shown.stderr  # what is only reserved needs none

        github.faults.add(Trouble.FORBIDDEN, "GET", "/repos/carol/catalog/pulls")
        shown = run("catalog", "reservations", "--json", cwd=tmp_path / "work", GITHUB_TOKEN=token)
        assert json.loads(shown.stdout)["reservations"][0]["page"] == ""
