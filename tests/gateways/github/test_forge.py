"""GitHub as a forge, against a double with real repositories behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import pytest

from scaffolder.gateways.forge import Forge, RepositorySpec, RepositoryTaken
from scaffolder.gateways.git_remote import PushRefused
from scaffolder.gateways.github.accounts import OwnerIsSomebodyElse, OwnerUnknown
from scaffolder.gateways.github.client import Client
from scaffolder.gateways.github.forge import GitHubForge, RepositoryRenamed, RepositoryUnseen
from scaffolder.gateways.github.limits import Clock
from scaffolder.gateways.github.marks import Mark
from scaffolder.gateways.github.refusals import LimitReached, NotAllowed
from scaffolder.gateways.github.server import Server
from scaffolder.gateways.local_forge import RepositoryMissing
from scaffolder.tree import File, Tree
from tests.gateways.forge_contract import BASE, MAIN, SHOP, ForgeContract, source
from tests.gateways.github.scripted import Reply, answering
from tests.gateways.repositories import as_person, commit
from tests.github.faults import Trouble
from tests.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from scaffolder.gateways.git import GitDirectory
    from tests.github.description import Description

__all__ = ["source"]  # a fixture of the contract

MARK = "refs/scaffolder/task/task-1"


class Time:
    """A clock that stands still but for those who wait."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.meanwhile: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        happens, self.meanwhile = self.meanwhile, lambda: None
        happens()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def github(tmp_path: Path, time: Time, description: Description | None) -> Iterator[GitHub]:
    with serving(tmp_path / "github", clock=lambda: time.now, description=description) as github:
        github.add_organization("acme", members={"mona": "admin"})
        yield github


def as_(github: GitHub, token: str, time: Time) -> GitHubForge:
    server = Server.of(api_base_url=github.api_url)
    return GitHubForge(Client(server, lambda: token, Clock(lambda: time.now, time.sleep)))


@pytest.fixture
def forge(github: GitHub, time: Time) -> Iterator[GitHubForge]:
    forge = as_(github, github.add_user("mona"), time)
    yield forge
    forge.client.close()


def asked(github: GitHub) -> list[str]:
    return [f"{one.method} {one.path}" for one in github.requests if not one.git]


class TestGitHubForge(ForgeContract):
    """The contract, kept by GitHub."""

    def test_what_was_pushed_is_withdrawn(self, forge: Forge, source: GitDirectory) -> None:
        """All but the default branch, which GitHub does not let go of."""
        forge.ensure_repository(SHOP, marker="task-1")
        forge.push("acme/shop", source.path, source.refs())

        for _ in range(2):
            assert forge.withdraw("acme/shop", source.refs()) == (
                f"acme/shop keeps {MAIN}: github.com does not let go of a default branch"
            )

        assert forge.refs("acme/shop") == {MAIN: source.refs()[MAIN]}


# -- creating


def test_what_is_created_is_what_was_asked_for(forge: GitHubForge, github: GitHub) -> None:
    made = forge.ensure_repository(SHOP, marker="task-1")

    there = github.repository("acme/shop")
    assert (there.visibility, there.settings["description"]) == ("private", "Sells things")
    assert made.clone_url == github.clone_url("acme/shop")
    assert made.page == f"{github.url}/acme/shop"


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_who_may_see_it(forge: GitHubForge, github: GitHub, visibility: Literal["private", "public"]) -> None:
    forge.ensure_repository(replace(SHOP, visibility=visibility), marker="task-1")

    assert github.repository("acme/shop").visibility == visibility


def test_all_of_an_enterprise_may_see_it(tmp_path: Path, time: Time) -> None:
    """The description is that of github.com, which has no such repositories: it is left out."""
    with serving(tmp_path / "enterprise") as github:
        github.add_organization("acme", members={"mona": "admin"}, plan="enterprise")
        forge = as_(github, github.add_user("mona"), time)
        forge.ensure_repository(replace(SHOP, visibility="internal"), marker="task-1")
        forge.client.close()

        assert github.repository("acme/shop").visibility == "internal"


def test_the_mark_is_part_of_the_request(forge: GitHubForge, github: GitHub) -> None:
    forge.ensure_repository(SHOP, marker='odd "marker" ~ ü #1')

    assert [one for one in asked(github) if not one.startswith("GET")] == ["POST /orgs/acme/repos"]
    found = forge.find("acme/shop")
    assert found is not None
    assert found.created_by == 'odd "marker" ~ ü #1'


def test_the_first_push_brings_the_mark_that_stays(forge: GitHubForge, github: GitHub, source: GitDirectory) -> None:
    marker = 'odd..marker ~ "ü" #1.lock'
    forge.ensure_repository(SHOP, marker=marker)
    forge.push("acme/shop", source.path, source.refs())

    there = github.repository("acme/shop")
    assert there.settings["homepage"] == ""
    assert there.default_branch == "trunk"
    assert there.refs().keys() - source.refs().keys() == {
        "refs/scaffolder/task/odd%2E%2Emarker%20%7E%20%22%C3%BC%22%20%231%2Elock"
    }
    found = forge.find("acme/shop")
    assert found is not None
    assert found.created_by == marker


def test_a_description_is_one_line_and_not_too_long(forge: GitHubForge, github: GitHub) -> None:
    forge.ensure_repository(replace(SHOP, description="Sells\x07\n  things " + "x" * 400), marker="task-1")

    description = github.repository("acme/shop").settings["description"]
    assert description.startswith("Sells things xxx")
    assert (len(description), description[-1]) == (350, "…")


def test_in_a_persons_own_account(forge: GitHubForge, github: GitHub, source: GitDirectory) -> None:
    forge.ensure_repository(RepositorySpec("mona", "shop"), marker="task-1")
    forge.push("mona/shop", source.path, source.refs())

    assert github.repository("mona/shop").owner.login == "mona"


def test_in_nobody_elses_account(forge: GitHubForge, github: GitHub) -> None:
    github.add_user("hubot")

    with pytest.raises(OwnerIsSomebodyElse, match="hubot is another person's account, and the token is mona's"):
        forge.ensure_repository(RepositorySpec("hubot", "shop"), marker="task-1")
    with pytest.raises(OwnerUnknown, match="nobody"):
        forge.ensure_repository(RepositorySpec("nobody", "shop"), marker="task-1")
    assert github.names() == []


def test_a_person_who_may_not(github: GitHub, time: Time) -> None:
    forge = as_(github, github.add_user("hubot"), time)

    with pytest.raises(NotAllowed, match="creating a repository in acme is not allowed: You need admin access"):
        forge.ensure_repository(SHOP, marker="task-1")


@pytest.mark.parametrize(
    "trouble", [Trouble.BAD_GATEWAY_AFTER, Trouble.RESET_AFTER, Trouble.BAD_GATEWAY, Trouble.ERROR]
)
def test_where_the_answer_was_lost_there_is_one_repository(
    forge: GitHubForge, github: GitHub, source: GitDirectory, trouble: Trouble
) -> None:
    fault = github.faults.add(trouble, "POST", "/orgs/acme/repos")

    made = forge.ensure_repository(SHOP, marker="task-1")
    forge.push("acme/shop", source.path, source.refs())

    assert fault.fired == 1
    assert (made.created_by, made.default_branch, made.empty) == ("task-1", "trunk", True)
    assert github.names() == ["acme/shop"]


def test_the_answer_was_lost_and_it_is_not_to_be_seen_yet(forge: GitHubForge, github: GitHub) -> None:
    github.faults.add(Trouble.BAD_GATEWAY_AFTER, "POST", "/orgs/acme/repos")
    unseen = github.faults.add(Trouble.NOT_FOUND, "GET", "/repos/acme/shop", times=4)

    made = forge.ensure_repository(SHOP, marker="task-1")

    assert unseen.fired == 4
    assert made.created_by == "task-1"
    assert github.names() == ["acme/shop"]


def test_another_process_knows_it_again(forge: GitHubForge, github: GitHub, source: GitDirectory, time: Time) -> None:
    forge.ensure_repository(SHOP, marker="task-1")
    other = as_(github, github.add_token("mona"), time)

    assert other.ensure_repository(SHOP, marker="task-1").created_by == "task-1"
    other.push("acme/shop", source.path, source.refs())

    assert MARK in github.repository("acme/shop").refs()
    assert github.repository("acme/shop").settings["homepage"] == ""


def test_what_somebody_made_meanwhile_is_theirs(forge: GitHubForge, github: GitHub) -> None:
    github.add_repository("acme/Shop", files={"README.md": b"# Shop"}, by="hubot")
    github.faults.add(Trouble.NOT_FOUND, "GET", "/repos/acme/shop")

    with pytest.raises(RepositoryTaken, match=r"acme/Shop already exists on github\.com"):
        forge.ensure_repository(SHOP, marker="task-1")


def test_what_has_the_name_and_cannot_be_seen(github: GitHub, time: Time) -> None:
    token = github.add_user("hubot")
    github.state.organizations["acme"].members["hubot"] = "member"
    github.state.organizations["acme"].base_role = "none"
    github.add_repository("acme/shop", private=True, by="mona")

    with pytest.raises(RepositoryUnseen, match=r"already exists on github\.com, and this token cannot see it"):
        as_(github, token, time).ensure_repository(SHOP, marker="task-1")


def test_an_empty_repository_made_by_hand_is_published_into(
    forge: GitHubForge, github: GitHub, source: GitDirectory
) -> None:
    there = github.add_repository("acme/shop", by="mona")
    there.settings["homepage"] = "https://shop.example"

    found = forge.ensure_repository(SHOP, marker="task-1")
    forge.push("acme/shop", source.path, source.refs())

    assert (found.created_by, found.empty) == ("", True)
    assert there.settings["homepage"] == "https://shop.example"
    assert MARK not in there.refs()
    assert forge.delete_repository("acme/shop", marker="task-1", refs=source.refs())


def test_an_old_name_leads_elsewhere(forge: GitHubForge, github: GitHub) -> None:
    renamed = github.add_repository("acme/shop", by="mona")
    github.state.rename(renamed, "store")

    found = forge.find("acme/shop")
    assert found is not None
    assert found.full_name == "acme/store"
    with pytest.raises(RepositoryRenamed, match=r"acme/shop on github\.com is the old name of acme/store"):
        forge.ensure_repository(SHOP, marker="task-1")
    assert github.names() == ["acme/store"]


def test_an_archived_one_is_found(forge: GitHubForge, github: GitHub) -> None:
    github.add_repository("acme/shop", files={"README.md": b""}, archived=True, by="mona")

    with pytest.raises(RepositoryTaken):
        forge.ensure_repository(SHOP, marker="task-1")


@pytest.mark.parametrize(("fork", "created_by"), [(True, ""), (False, "task-1")])
def test_a_fork_has_the_homepage_of_ours_and_is_not_ours(*, fork: bool, created_by: str) -> None:
    homepage = Mark("task-1", "main").homepage("https://github.com/acme")
    facts = {"full_name": "acme/shop", "fork": fork, "homepage": homepage, "default_branch": "main"}
    with answering(Reply(200, facts)) as script:
        found = GitHubForge(script.client()).find("acme/shop")

    assert found is not None
    assert found.created_by == created_by


def test_a_fork_with_our_ref_is_not_ours(forge: GitHubForge, source: GitDirectory) -> None:
    forge.ensure_repository(SHOP, marker="task-1")
    forge.push("acme/shop", source.path, source.refs())
    facts = forge.facts("acme/shop")

    assert facts is not None
    assert forge.described(facts).created_by == "task-1"
    assert forge.described({**facts, "fork": True}).created_by == ""


def test_limits_that_last_say_when_to_come_back(forge: GitHubForge, github: GitHub) -> None:
    github.faults.add(Trouble.PRIMARY_LIMIT, "POST", "/orgs/acme/repos")

    with pytest.raises(LimitReached, match="takes no more requests before"):
        forge.ensure_repository(SHOP, marker="task-1")

    assert github.names() == []


# -- pushing


@pytest.mark.parametrize("trouble", [Trouble.RESET_AFTER, Trouble.RESET_BEFORE, Trouble.BAD_GATEWAY, Trouble.CUT])
def test_a_push_whose_answer_was_lost(
    forge: GitHubForge, github: GitHub, source: GitDirectory, trouble: Trouble
) -> None:
    forge.ensure_repository(SHOP, marker="task-1")
    fault = github.faults.add(trouble, "POST", "*/git-receive-pack")

    forge.push("acme/shop", source.path, source.refs())

    assert fault.fired == 1
    assert forge.refs("acme/shop") == source.refs()
    assert MARK in github.repository("acme/shop").refs()


def test_a_push_to_what_is_not_to_be_seen_yet(forge: GitHubForge, github: GitHub, source: GitDirectory) -> None:
    forge.ensure_repository(SHOP, marker="task-1")
    unseen = github.faults.add(Trouble.NOT_FOUND, "GET", "*/info/refs", times=3)

    forge.push("acme/shop", source.path, source.refs())

    assert unseen.fired == 3
    assert forge.refs("acme/shop") == source.refs()


def test_a_push_that_a_hook_refuses(forge: GitHubForge, github: GitHub, source: GitDirectory) -> None:
    forge.ensure_repository(SHOP, marker="task-1")
    hook = github.faults.add(Trouble.HOOK, "POST", "*/git-receive-pack", times=9)

    with pytest.raises(PushRefused, match="policy: this push is not wanted here"):
        forge.push("acme/shop", source.path, source.refs())

    assert hook.fired == 1
    assert github.repository("acme/shop").refs() == {}


def test_a_push_to_what_is_gone(forge: GitHubForge, source: GitDirectory) -> None:
    with pytest.raises(RepositoryMissing):
        forge.push("acme/shop", source.path, source.refs())


def test_what_was_pushed_but_not_unmarked(forge: GitHubForge, github: GitHub, source: GitDirectory, time: Time) -> None:
    forge.ensure_repository(SHOP, marker="task-1")
    fault = github.faults.add(Trouble.FORBIDDEN, "PATCH", "/repos/acme/shop")
    with pytest.raises(NotAllowed):
        forge.push("acme/shop", source.path, source.refs())

    as_(github, github.add_token("mona"), time).push("acme/shop", source.path, source.refs())

    assert fault.fired == 1
    assert github.repository("acme/shop").settings["homepage"] == ""


def test_more_is_pushed_beside_a_mark_that_came_before(
    forge: GitHubForge, github: GitHub, source: GitDirectory
) -> None:
    forge.ensure_repository(SHOP, marker="task-1")
    github.faults.add(Trouble.FORBIDDEN, "PATCH", "/repos/acme/shop")
    with pytest.raises(NotAllowed):
        forge.push("acme/shop", source.path, {BASE: source.refs()[BASE]})

    forge.push("acme/shop", source.path, source.refs())

    assert github.repository("acme/shop").refs() == {**source.refs(), MARK: source.refs()[BASE]}
    assert github.repository("acme/shop").settings["homepage"] == ""


def test_the_mark_is_taken_off_what_is_not_to_be_seen_yet(
    forge: GitHubForge, github: GitHub, source: GitDirectory
) -> None:
    forge.ensure_repository(SHOP, marker="task-1")
    unseen = github.faults.add(Trouble.NOT_FOUND, "PATCH", "/repos/acme/shop", times=2)

    forge.push("acme/shop", source.path, source.refs())

    assert unseen.fired == 2
    assert github.repository("acme/shop").settings["homepage"] == ""


def test_refs_are_commits_through_tags(forge: GitHubForge, github: GitHub, source: GitDirectory) -> None:
    forge.ensure_repository(SHOP, marker="task-1")
    forge.push("acme/shop", source.path, source.refs())
    place = github.repository("acme/shop").git.path
    as_person(place, "tag", "--annotate", "--message=First", "v1", MAIN)

    assert forge.refs("acme/shop") == {**source.refs(), "refs/tags/v1": source.refs()[MAIN]}


def test_a_push_costs_one_request(forge: GitHubForge, github: GitHub, source: GitDirectory) -> None:
    forge.ensure_repository(SHOP, marker="task-1")
    before = len(asked(github))

    forge.push("acme/shop", source.path, source.refs())

    assert asked(github)[before:] == ["PATCH /repos/acme/shop"]
    assert [one.method for one in github.requests if one.git][-2:] == ["GET", "POST"]


# -- deleting


def test_deleting_goes_on_where_it_was_killed(forge: GitHubForge, github: GitHub, source: GitDirectory) -> None:
    forge.ensure_repository(SHOP, marker="task-1")
    forge.push("acme/shop", source.path, source.refs())
    github.repository("acme/shop").archived = True

    assert forge.delete_repository("acme/shop", marker="task-1", refs=source.refs()) == ""
    assert github.names() == []


def test_what_was_pushed_while_we_looked_stays(
    forge: GitHubForge, github: GitHub, source: GitDirectory, time: Time
) -> None:
    forge.ensure_repository(SHOP, marker="task-1")
    forge.push("acme/shop", source.path, source.refs())
    refs, there = source.refs(), github.repository("acme/shop")
    other = commit(source, Tree({"other": File(b"")}), ref="refs/heads/other")
    time.meanwhile = lambda: source.push(str(there.git.path), {"refs/heads/other": other})  # before the next write

    reason = forge.delete_repository("acme/shop", marker="task-1", refs=refs)

    assert reason == "acme/shop has been used since: refs/heads/other"
    assert not there.archived
    assert there.refs()["refs/heads/other"] == other


def test_a_lost_answer_to_deleting(forge: GitHubForge, github: GitHub) -> None:
    forge.ensure_repository(SHOP, marker="task-1")
    fault = github.faults.add(Trouble.RESET_AFTER, "DELETE", "/repos/acme/shop")

    assert forge.delete_repository("acme/shop", marker="task-1", refs={}) == ""
    assert fault.fired == 1


def test_a_token_that_may_not_delete(github: GitHub, time: Time, source: GitDirectory) -> None:
    github.add_user("mona")
    forge = as_(github, github.add_token("mona", scopes=("repo", "admin:org")), time)
    forge.ensure_repository(SHOP, marker="task-1")

    reason = forge.delete_repository("acme/shop", marker="task-1", refs={})

    assert reason == (
        "acme/shop could not be deleted: deleting acme/shop is not allowed: Must have admin rights to Repository."
    )
    assert not github.repository("acme/shop").archived
    forge.push("acme/shop", source.path, source.refs())


def test_what_was_renamed_since_is_left(forge: GitHubForge, github: GitHub) -> None:
    forge.ensure_repository(SHOP, marker="task-1")
    github.state.rename(github.repository("acme/shop"), "store")

    assert forge.delete_repository("acme/shop", marker="task-1", refs={}) == (
        "acme/shop was renamed: it is acme/store now"
    )
    assert github.names() == ["acme/store"]


def test_what_was_archived_by_a_person_stays_archived(forge: GitHubForge, github: GitHub, source: GitDirectory) -> None:
    forge.ensure_repository(SHOP, marker="task-1")
    forge.push("acme/shop", source.path, source.refs())
    github.repository("acme/shop").archived = True

    reason = forge.delete_repository("acme/shop", marker="task-1", refs={})

    assert "has been used since" in reason
    assert reason.endswith("; it is archived")
    assert github.repository("acme/shop").archived
