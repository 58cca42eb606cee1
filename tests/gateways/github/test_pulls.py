"""Pull requests: never two of one branch, whatever becomes of the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scaffolder.gateways.github.client import Client
from scaffolder.gateways.github.limits import Clock
from scaffolder.gateways.github.pulls import DraftsNotOffered, PullRequests, Wanted
from scaffolder.gateways.github.refusals import NotAllowed, RefusedByGitHub
from scaffolder.gateways.github.server import Server
from tests.github.faults import Trouble
from tests.github.git_store import FILE, Entry
from tests.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.github.description import Description
    from tests.github.state import Pull, Repository

HEAD = "register/component-default-shop"
WANTED = Wanted(HEAD, "main", "Register component:default/shop", "Sells things\n")
LOST = [Trouble.RESET_AFTER, Trouble.BAD_GATEWAY_AFTER]
NOTHING_DONE = [Trouble.BAD_GATEWAY, Trouble.RESET_BEFORE, Trouble.SECONDARY_LIMIT]


@pytest.fixture
def github(tmp_path: Path, description: Description | None) -> Iterator[GitHub]:
    with serving(tmp_path / "github", description=description) as github:
        github.add_organization("acme", members={"mona": "admin"})
        github.add_repository("acme/catalog", files={"README.md": b"Ours\n"}, private=True)
        yield github


@pytest.fixture
def there(github: GitHub) -> Repository:
    """A repository with a branch that is one commit ahead of the default one."""
    found = github.repository("acme/catalog")
    git = found.git
    git.set_ref(f"refs/heads/{HEAD}", found.branches()["main"])
    files = {"locations/shop.yaml": Entry(FILE, git.put("blob", b"kind: Location\n"))}
    github.state.commit(found, HEAD, files, "Register", found.creator)
    return found


def as_(github: GitHub, token: str) -> PullRequests:
    """Return them as somebody asks for them whose clock does not let anybody wait."""
    time = [1_700_000_000.0]

    def sleep(seconds: float) -> None:
        time[0] += seconds

    client = Client(Server.of(api_base_url=github.api_url), lambda: token, Clock(lambda: time[0], sleep))
    return PullRequests(client, "acme/catalog")


@pytest.fixture
def pulls(github: GitHub) -> Iterator[PullRequests]:
    made = as_(github, github.add_user("mona"))
    yield made
    made.client.close()


def only(there: Repository) -> Pull:
    (found,) = there.pulls.values()
    return found


def asked(github: GitHub) -> list[str]:
    return [f"{one.method} {one.path}" for one in github.requests]


def test_one_is_opened_once_and_brought_up_to_date(there: Repository, pulls: PullRequests) -> None:
    first = pulls.ensure(WANTED)
    assert pulls.ensure(WANTED) == first

    later = pulls.ensure(WANTED._replace(title="Register component:default/shop (acme/shop)"))

    assert later.number == first.number
    assert only(there).issue.title == "Register component:default/shop (acme/shop)"


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize("trouble", [*LOST, *NOTHING_DONE])
def test_one_whose_answer_was_lost_is_not_doubled(
    github: GitHub, there: Repository, pulls: PullRequests, trouble: Trouble, *, fresh: bool
) -> None:
    fault = github.faults.add(trouble, "POST", "/repos/acme/catalog/pulls", retry_after=1)

    made = pulls.ensure(WANTED, draft=True, fresh=fresh)

    assert fault.fired
    assert (only(there).issue.number, only(there).draft) == (made.number, True)


def test_of_a_branch_just_made_nothing_is_asked_before(github: GitHub, there: Repository, pulls: PullRequests) -> None:
    pulls.ensure(WANTED, fresh=True)

    assert asked(github) == ["POST /repos/acme/catalog/pulls"]
    assert only(there).head == HEAD


def test_one_of_an_earlier_reservation_becomes_ours(there: Repository, pulls: PullRequests) -> None:
    pulls.ensure(WANTED._replace(title="Theirs"))

    pulls.ensure(WANTED, fresh=True)

    assert only(there).issue.title == WANTED.title


def test_a_branch_that_is_not_seen_yet_is_waited_for(there: Repository, pulls: PullRequests) -> None:
    commit = there.branches()[HEAD]
    there.git.delete_ref(f"refs/heads/{HEAD}")
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        there.git.set_ref(f"refs/heads/{HEAD}", commit)

    pulls.client.clock = Clock(lambda: float(len(waited)), sleep)
    pulls.ensure(WANTED, fresh=True)

    assert waited
    assert only(there).head == HEAD


def test_a_branch_that_never_comes_is_refused(pulls: PullRequests, there: Repository) -> None:
    with pytest.raises(RefusedByGitHub, match=r"head invalid|Validation Failed"):
        pulls.ensure(WANTED._replace(head="nowhere"))
    assert not there.pulls


def test_where_there_are_no_drafts_that_is_said(github: GitHub, there: Repository, pulls: PullRequests) -> None:
    github.state.organizations["acme"].plan = "free"

    with pytest.raises(DraftsNotOffered):
        pulls.ensure(WANTED, draft=True)

    assert not there.pulls


@pytest.mark.parametrize("trouble", [None, *LOST, *NOTHING_DONE])
def test_a_draft_is_made_ready(github: GitHub, there: Repository, pulls: PullRequests, trouble: Trouble | None) -> None:
    made = pulls.ensure(WANTED, draft=True)
    fault = github.faults.add(trouble, "POST", "/graphql", retry_after=1) if trouble else None

    assert not pulls.ready(made).draft

    assert not only(there).draft
    assert fault is None or fault.fired
    before = len(github.requests)
    assert not pulls.ready(made).draft
    assert len(github.requests) == before


def test_somebody_who_may_not_make_it_ready_is_told(github: GitHub, there: Repository, pulls: PullRequests) -> None:
    made = pulls.ensure(WANTED, draft=True)
    reader = as_(github, github.add_fine_grained_token("mona", {"pull_requests": "read"}))

    with pytest.raises(NotAllowed, match=r"making http.*/pull/1 ready is not allowed"):
        reader.ready(made)

    assert only(there).draft


@pytest.mark.parametrize("trouble", [None, *LOST, *NOTHING_DONE])
def test_one_is_merged(github: GitHub, there: Repository, pulls: PullRequests, trouble: Trouble | None) -> None:
    made = pulls.ensure(WANTED)
    fault = github.faults.add(trouble, "PUT", "*/merge", retry_after=1) if trouble else None

    assert pulls.merge(made, made.commit) == ""

    assert fault is None or fault.fired
    assert there.files()["locations/shop.yaml"] == b"kind: Location\n"
    assert only(there).merged
    assert pulls.find(HEAD) == made._replace(open=False, merged=True)


@pytest.mark.parametrize(
    ("allowed", "parents"), [({"allow_merge_commit": False}, 1), ({"allow_squash_merge": False}, 2)]
)
def test_the_method_is_one_that_is_allowed(
    there: Repository, pulls: PullRequests, allowed: dict[str, bool], parents: int
) -> None:
    there.settings.update(allowed)
    made = pulls.ensure(WANTED)

    pulls.merge(made, made.commit)

    found = there.git.commit(there.branches()["main"])
    assert found is not None
    assert len(found.parents) == parents


def test_what_nobody_has_approved_waits(github: GitHub, there: Repository, pulls: PullRequests) -> None:
    there.protections["main"] = {"required_pull_request_reviews": {}, "enforce_admins": True}
    made = pulls.ensure(WANTED)
    before = len(github.requests)

    assert pulls.merge(made, made.commit).startswith("At least 1 approving review is required")

    assert asked(github)[before:] == [  # it is not asked again and again
        "GET /repos/acme/catalog",
        "PUT /repos/acme/catalog/pulls/1/merge",
        "GET /repos/acme/catalog/pulls/1",
    ]
    assert only(there).merged is None


def test_somebody_who_may_not_merge_leaves_it(github: GitHub, there: Repository) -> None:
    reader = as_(github, github.add_fine_grained_token("mona", {"pull_requests": "write", "contents": "read"}))
    made = reader.ensure(WANTED)

    assert "not accessible" in reader.merge(made, made.commit)
    assert only(there).merged is None


def test_what_collides_waits(github: GitHub, there: Repository, pulls: PullRequests) -> None:
    made = pulls.ensure(WANTED)
    github.state.write(there, {"locations/shop.yaml": b"other\n"}, author=there.creator, message="Other")

    assert pulls.merge(made, made.commit) == "Pull Request is not mergeable"


def test_one_is_closed_and_what_is_closed_stays(github: GitHub, there: Repository, pulls: PullRequests) -> None:
    made = pulls.ensure(WANTED)

    for _ in range(2):
        pulls.close(HEAD)

    assert only(there).issue.state == "closed"
    assert [one for one in asked(github) if one.startswith("PATCH")] == [
        f"PATCH /repos/acme/catalog/pulls/{made.number}"
    ]
    assert pulls.find(HEAD) == made._replace(open=False)
    assert list(pulls.every()) == []


def test_all_that_are_open_are_found_with_their_branches(there: Repository, pulls: PullRequests) -> None:
    made = pulls.ensure(WANTED)

    assert [one.head for one in pulls.every()] == [HEAD]
    assert pulls.last_seen(HEAD) == made
    assert there.pulls
