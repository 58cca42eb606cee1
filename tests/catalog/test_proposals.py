"""Names in a catalog repository on GitHub: the branch that reserves one is a pull request, which ends in the entry."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from scaffolder.catalog import Catalog, EntityRef, NameTaken
from scaffolder.catalog.crawl import Pushed
from scaffolder.catalog.proposals import NotOnGitHub, ProposalClosed, Proposals
from scaffolder.catalog.registration import branch_of
from scaffolder.catalog.reservations import Reservation
from scaffolder.catalog.shared import CatalogRepository, EntryStays, NotReservable
from scaffolder.errors import TryAgain
from scaffolder.gateways.git import GitDirectory, Identity
from scaffolder.gateways.github.client import Client
from scaffolder.gateways.github.limits import Clock
from scaffolder.gateways.github.pulls import CannotOpen
from scaffolder.gateways.github.server import Server
from scaffolder.tree import File, Tree
from tests.catalog.files import component, group
from tests.github.description import where_there_is_one
from tests.github.faults import Trouble
from tests.github.operations.git_data import merged_tree
from tests.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.github.state import Pull, Repository

NOW = datetime.now(UTC).replace(microsecond=0)
SHOP, API = EntityRef("component", "shop"), EntityRef("api", "shop")
MAIN = "refs/heads/main"
HEAD = "register/component-default-shop"
FILE = "locations/component-default-shop.yaml"
PULLS = "/repos/acme/catalog/pulls"
PAGE = "https://git.example.com/acme/shop"
TARGET = f"git:{PAGE}.git@main:catalog-info.yaml"
REVIEWED = {"required_pull_request_reviews": {}, "enforce_admins": True}


def of(ref: EntityRef = SHOP, *, task: str = "7f3c", at: datetime = NOW) -> Reservation:
    return Reservation(ref, task, "group:default/payments", "Sells <what>\n others make", "Ann <ann@example.com>", at)


@dataclass
class Company:
    """A catalog repository on GitHub, and people who share it; nobody has to wait."""

    github: GitHub
    root: Path
    time: list[float]
    opened: list[Client] = field(default_factory=list)

    @property
    def there(self) -> Repository:
        return self.github.repository("acme/catalog")

    @property
    def pull(self) -> Pull:
        (found,) = self.there.pulls.values()
        return found

    def of(self, name: str, token: str = "", *, machine: str = "") -> CatalogRepository:
        """Return it as somebody on a machine of their own uses it, in a new process."""
        token = token or self.github.add_token(name)
        clock = Clock(lambda: self.time[0], self.wait)
        client = Client(Server.of(api_base_url=self.github.api_url), lambda: token, clock)
        self.opened.append(client)
        address = self.github.clone_url("acme/catalog").replace("://", f"://x-access-token:{token}@")
        proposals = Proposals.to(address, client)
        return CatalogRepository(address, cache=self.root / (machine or name), proposals=proposals)

    def wait(self, seconds: float) -> None:
        self.time[0] += seconds

    def asked(self, *, since: int = 0) -> list[str]:
        asked = [one for one in self.github.requests[since:] if not one.git]
        return [f"{one.method} {one.path}" for one in asked]

    def branches(self) -> list[str]:
        return sorted(self.there.branches())


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    time = [NOW.timestamp()]
    with serving(tmp_path / "github", clock=lambda: time[0], description=where_there_is_one()) as github:
        github.add_organization("acme", members={"ann": "admin", "ben": "member"}, base_role="write")
        github.add_repository("acme/catalog", files={"teams.yaml": group("payments").encode()}, private=True)
        made = Company(github, tmp_path, time)
        yield made
        for client in made.opened:
            client.close()


# -- reserving


def test_a_reserved_name_is_a_draft_that_says_who_and_what_for(company: Company) -> None:
    company.of("ann").reserve([of(), of(API)], page=PAGE)

    assert company.branches() == ["main", "register/api-default-shop", HEAD]
    assert (company.pull.head, company.pull.base, company.pull.draft) == (HEAD, "main", True)
    assert company.pull.issue.title == "Register component:default/shop"
    assert (company.pull.issue.body or "").splitlines() == [
        "Sells &lt;what> others make",
        "",
        "* Owner: group:default/payments",
        f"* Repository: {PAGE}",
        "* Task: 7f3c",
        "",
        "The name is reserved while this is open; the entry comes when the repository stands.",
    ]
    assert company.asked() == [f"POST {PULLS}"]


@pytest.mark.parametrize("trouble", [Trouble.RESET_AFTER, Trouble.BAD_GATEWAY_AFTER, Trouble.BAD_GATEWAY])
def test_reserved_again_nothing_is_doubled(company: Company, trouble: Trouble) -> None:
    fault = company.github.faults.add(trouble, "POST", PULLS)
    for _ in range(3):
        company.of("ann").reserve([of()], page=PAGE)

    assert fault.fired
    assert company.pull.draft


def test_somebody_else_gets_neither_the_name_nor_a_pull_request(company: Company) -> None:
    company.of("ann").reserve([of()])

    with pytest.raises(NameTaken):
        company.of("ben").reserve([of(task="0b1d")])

    assert "Task: 7f3c" in (company.pull.issue.body or "")


def test_what_was_left_behind_is_taken_over_with_its_pull_request(company: Company) -> None:
    company.of("ann").reserve([of(at=NOW - timedelta(days=20))])

    (left,) = company.of("ben").reserve([of(task="0b1d")])

    assert left.reservation.task_id == "7f3c"
    assert "Task: 0b1d" in (company.pull.issue.body or "")


def test_where_there_are_no_drafts_it_is_opened_when_the_entry_is_there(company: Company) -> None:
    company.github.state.organizations["acme"].plan = "free"
    ann = company.of("ann")

    ann.reserve([of()])
    assert not company.there.pulls

    assert ann.register([of()], target=TARGET, main=SHOP) == ""
    assert company.pull.merged


# -- registering


def test_the_entry_is_merged_and_nothing_stays_behind(company: Company) -> None:
    ann = company.of("ann")
    ann.require_free([SHOP])
    ann.reserve([of(), of(API)], page=PAGE)

    assert ann.register([of(), of(API)], target=TARGET, main=SHOP) == ""

    assert company.branches() == ["main"]
    assert FILE in company.there.files()
    assert company.pull.merged
    assert company.asked() == [  # all that it costs
        "GET /repos/acme/catalog",
        f"POST {PULLS}",
        "POST /graphql",
        f"PUT {PULLS}/1/merge",
    ]
    assert ann.register([of(), of(API)], target=TARGET, main=SHOP) == ""
    assert len(company.asked()) == 4


@pytest.mark.parametrize("method", ["squash", "rebase"])
def test_it_is_merged_as_the_repository_allows(company: Company, method: str) -> None:
    company.there.settings.update({"allow_merge_commit": False, "allow_squash_merge": method == "squash"})
    ann = company.of("ann")
    ann.reserve([of()])

    assert ann.register([of()], target=TARGET, main=SHOP) == ""

    assert company.branches() == ["main"]
    assert FILE in company.there.files()


def test_where_the_branch_goes_with_the_merge(company: Company) -> None:
    company.there.settings["delete_branch_on_merge"] = True
    ann = company.of("ann")
    ann.reserve([of()])

    assert ann.register([of()], target=TARGET, main=SHOP) == ""
    assert company.branches() == ["main"]


def test_what_somebody_aimed_elsewhere_gets_to_the_default_branch_all_the_same(company: Company) -> None:
    company.there.git.set_ref("refs/heads/old", company.there.branches()["main"])
    ann = company.of("ann")
    ann.reserve([of()])
    company.pull.base = "old"

    assert ann.register([of()], target=TARGET, main=SHOP) == ""

    assert FILE in company.there.files()
    assert company.branches() == ["main", "old"]


def test_what_has_to_be_approved_waits_at_its_page(company: Company) -> None:
    company.there.protections["main"] = REVIEWED
    ann = company.of("ann")
    ann.reserve([of()], page=PAGE)

    page = ann.register([of()], target=TARGET, main=SHOP)

    assert page == f"{company.github.url}/acme/catalog/pull/1"
    assert not company.pull.draft
    assert FILE in company.there.files(HEAD)
    assert ann.proposals is not None
    assert ann.proposals.pages() == {branch_of(SHOP): page}
    (held,) = ann.reservations()
    assert held.waiting


@pytest.mark.parametrize("offered", [True, False])
def test_what_waits_merges_by_itself_where_that_is_offered(company: Company, *, offered: bool) -> None:
    company.there.protections["main"] = REVIEWED
    company.there.settings.update({"allow_auto_merge": offered, "allow_merge_commit": False})
    ann = company.of("ann")
    ann.reserve([of()])

    assert ann.register([of()], target=TARGET, main=SHOP)

    assert company.pull.merges_later == ("SQUASH" if offered else "")
    assert company.asked().count("POST /graphql") == (2 if offered else 1)


def test_that_it_cannot_merge_by_itself_is_no_trouble(company: Company) -> None:
    company.there.protections["main"] = REVIEWED
    company.there.settings["allow_auto_merge"] = True
    ann = company.of("ann")
    ann.reserve([of()])
    fault = company.github.faults.add(Trouble.FORBIDDEN, "POST", "/graphql", nth=2)

    assert ann.register([of()], target=TARGET, main=SHOP).endswith("/pull/1")

    assert fault.fired


def test_resumed_it_finds_what_waits_and_when_it_was_merged_it_is_done(company: Company) -> None:
    company.there.protections["main"] = REVIEWED
    company.of("ann").reserve([of()], page=PAGE)
    page = company.of("ann").register([of()], target=TARGET, main=SHOP)

    assert company.of("ann").register([of()], target=TARGET, main=SHOP) == page
    assert not [one for one in company.asked() if one.startswith("PATCH")]

    company.there.protections.clear()
    assert company.of("ann").register([of()], target=TARGET, main=SHOP) == ""
    assert company.pull.merged
    assert company.branches() == ["main"]


def test_what_somebody_closed_is_not_opened_again(company: Company) -> None:
    company.of("ann").reserve([of()])
    company.pull.issue.state = "closed"

    with pytest.raises(ProposalClosed, match="component:default/shop was declined: somebody closed http") as caught:
        company.of("ann").register([of()], target=TARGET, main=SHOP)

    assert caught.value.exit_code == 3
    assert FILE not in company.there.files(HEAD)
    company.pull.issue.state = "open"
    assert company.of("ann").register([of()], target=TARGET, main=SHOP) == ""


def test_a_name_that_was_given_back_meanwhile_is_reserved_anew(company: Company) -> None:
    ann = company.of("ann")
    ann.reserve([of()])
    ann.release("7f3c")

    assert company.of("ann").register([of()], target=TARGET, main=SHOP) == ""

    assert [one.merged is not None for one in company.there.pulls.values()] == [False, True]


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/graphql"), ("PUT", f"{PULLS}/1/merge"), ("GET", "/repos/acme/catalog")]
)
@pytest.mark.parametrize(
    "trouble",
    [
        *(Trouble.RESET_BEFORE, Trouble.RESET_AFTER, Trouble.ERROR, Trouble.BAD_GATEWAY_AFTER),
        *(Trouble.SECONDARY_LIMIT, Trouble.TOO_MANY, Trouble.PRIMARY_LIMIT, Trouble.IN_PROGRESS),
    ],
)
def test_no_trouble_doubles_or_loses_an_entry(company: Company, method: str, path: str, trouble: Trouble) -> None:
    ann = company.of("ann")
    ann.reserve([of()], page=PAGE)
    fault = company.github.faults.add(trouble, method, path, retry_after=1)

    try:
        done = ann.register([of()], target=TARGET, main=SHOP)
    except TryAgain:
        company.wait(3600)
        done = company.of("ann").register([of()], target=TARGET, main=SHOP)

    assert fault.fired
    assert done == ""
    assert company.pull.merged
    assert (company.branches(), FILE in company.there.files()) == (["main"], True)


def test_somebody_who_may_not_merge_leaves_that_to_others(company: Company) -> None:
    company.of("ann").reserve([of()])
    token = company.github.add_fine_grained_token("ann", {"contents": "write", "pull_requests": "write"})
    fault = company.github.faults.add(Trouble.FORBIDDEN, "PUT", f"{PULLS}/1/merge")

    page = company.of("ann", token).register([of()], target=TARGET, main=SHOP)

    assert fault.fired
    assert page.endswith("/acme/catalog/pull/1")
    assert company.pull.issue.state == "open"


def test_what_waits_is_reserved_here_and_known_when_it_was_merged(company: Company) -> None:
    github, text = company.github, component("shop").encode()
    company.there.private = False
    github.add_repository("acme/shop", files={"catalog-info.yaml": text})
    work = GitDirectory.init(company.root / "shop.git")
    who = Identity("Ann", "ann@example.com")
    commit = work.commit(Tree({"catalog-info.yaml": File(text)}), message="x", identity=who, when=NOW, ref=MAIN)
    target = f"git:{github.clone_url('acme/shop')}@main:catalog-info.yaml"
    company.there.protections["main"] = REVIEWED
    shared = company.of("ann")
    catalog = Catalog(company.root / "catalog.db", cache=shared.cache, repository=lambda: shared)
    catalog.add(shared.address)
    catalog.reserve([SHOP], task_id="7f3c", owner="", purpose="Sells", who=str(who), at=NOW)

    made = catalog.register(target, task_id="7f3c", main=SHOP, pushed=Pushed(work, commit))

    page = f"{github.url}/acme/catalog/pull/1"
    assert made == ([SHOP], page, page)
    assert catalog.get(SHOP) is None
    assert [each.reserved for each in catalog.named("shop")] == [True]
    with pytest.raises(NameTaken, match="which waits to be merged"):
        catalog.require_unreserved([SHOP])

    company.there.protections.clear()
    assert shared.proposals is not None
    pull = shared.proposals.pulls.find(HEAD)
    assert pull is not None
    shared.proposals.pulls.merge(pull, pull.commit)
    (read,) = catalog.refresh()
    catalog.note_reserved()

    assert (read.failed, read.conflicts) == (None, ())
    assert [each.reserved for each in catalog.named("shop")] == [False]
    catalog.close()
    assert (shared.reservations(), HEAD in company.branches()) == ([], True)
    company.of("ben").reserve([of(EntityRef("component", "other"), task="0b1d")])
    assert HEAD not in company.branches()  # what was left standing goes with the next one


def test_it_is_known_by_which_pull_request_an_entry_came(company: Company) -> None:
    ann = company.of("ann")
    ann.reserve([of()], page=PAGE)
    ann.register([of()], target=TARGET, main=SHOP)
    asked = len(company.github.requests)

    page = f"{company.github.url}/acme/catalog/pull/1"
    assert ann.proposed_at(SHOP, task_id="7f3c") == page
    assert len(company.github.requests) == asked  # what was just merged is not asked for
    assert company.of("ben").proposed_at(SHOP, task_id="7f3c") == page  # as after a kill
    assert company.of("ben").proposed_at(SHOP, task_id="0b1d") == ""
    company.github.faults.add(Trouble.FORBIDDEN, "GET", PULLS)
    assert company.of("ann").proposed_at(SHOP, task_id="7f3c") == ""


def test_a_branch_that_somebody_brought_up_to_date_is_still_the_tasks(company: Company) -> None:
    company.there.protections["main"] = REVIEWED
    ann = company.of("ann")
    ann.reserve([of(), of(API)])
    ann.register([of(), of(API)], target=TARGET, main=SHOP)
    git, github = company.there.git, company.github
    github.state.write(company.there, {"other.yaml": b"x: 1\n"}, author=company.there.creator, message="Other")
    ours, theirs, who = company.there.branches()[HEAD], company.there.branches()["main"], company.there.creator
    tree = merged_tree(git, ours, theirs)
    assert tree is not None
    person = github.state.person(who)
    git.set_ref(f"refs/heads/{HEAD}", git.put_commit(tree, (ours, theirs), person, person, f"Merge main into {HEAD}"))

    held = company.of("ben").reservations()

    assert {(str(each.reservation.ref), each.reservation.task_id, each.waiting) for each in held} == {
        ("component:default/shop", "7f3c", True),
        ("api:default/shop", "7f3c", True),
    }
    with pytest.raises(NameTaken, match="which waits to be merged"):
        company.of("ben").reserve([of(task="0b1d")])
    company.of("ann").release("7f3c")
    assert company.branches() == ["main"]
    assert company.pull.issue.state == "closed"


# -- giving back


def test_a_name_is_given_back_with_its_pull_request(company: Company) -> None:
    ann = company.of("ann")
    ann.reserve([of(), of(API)])

    for _ in range(2):
        ann.release("7f3c")

    assert company.branches() == ["main"]
    assert company.pull.issue.state == "closed"
    assert f"PATCH {PULLS}/1" in company.asked()


def test_by_hand_it_is_given_back_too(company: Company) -> None:
    ann = company.of("ann")
    ann.reserve([of()])

    ann.give_back(SHOP, is_mine=lambda _held: True)

    assert company.branches() == ["main"]
    assert company.pull.issue.state == "closed"


def test_what_waits_is_closed_when_it_is_taken_back(company: Company) -> None:
    company.there.protections["main"] = REVIEWED
    ann = company.of("ann")
    ann.reserve([of()])
    ann.register([of()], target=TARGET, main=SHOP)

    ann.unregister(TARGET, main=SHOP, task_id="7f3c")
    assert (company.pull.issue.state, company.branches()) == ("closed", ["main", HEAD])

    ann.release("7f3c")
    assert company.branches() == ["main"]


def test_what_somebody_else_has_reserved_since_is_not_closed(company: Company) -> None:
    company.of("ben").reserve([of(task="0b1d")])

    company.of("ann").unregister(TARGET, main=SHOP, task_id="7f3c")

    assert company.pull.issue.state == "open"


def test_an_entry_is_taken_away_again(company: Company) -> None:
    ann = company.of("ann")
    ann.reserve([of()])
    ann.register([of()], target=TARGET, main=SHOP)

    ann.unregister(TARGET, main=SHOP, task_id="7f3c")

    assert FILE not in company.there.files()


@pytest.mark.parametrize("approved", [True, False])
def test_where_nobody_may_push_its_removal_is_proposed(company: Company, *, approved: bool) -> None:
    ann = company.of("ann")
    ann.reserve([of()])
    ann.register([of()], target=TARGET, main=SHOP)
    company.there.protections["main"] = REVIEWED if not approved else {**REVIEWED, "enforce_admins": False}
    company.github.faults.add(Trouble.HOOK, "POST", "*/git-receive-pack")

    if approved:
        ann.unregister(TARGET, main=SHOP, task_id="7f3c")
    else:
        with pytest.raises(EntryStays, match=r"its removal waits to be merged at http.*/pull/2"):
            ann.unregister(TARGET, main=SHOP, task_id="7f3c")

    assert (FILE in company.there.files()) is not approved
    assert (company.branches() == ["main"]) is approved
    assert company.there.pulls[2].issue.title == "Remove component:default/shop"


# -- what cannot be


def test_branches_that_may_not_be_pushed_are_said_to_be_so(company: Company) -> None:
    fault = company.github.faults.add(Trouble.HOOK, "POST", "*/git-receive-pack")

    with pytest.raises(NotReservable, match=r"no name can be reserved: http.*acme/catalog") as caught:
        company.of("ann").reserve([of()])

    assert fault.fired
    assert "register/*" in caught.value.hint
    assert not company.there.pulls


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("archived", "it is archived"),
        ("reader", "may not push branches"),
        ("scope", "lacks the scope public_repo"),
    ],
)
def test_what_stands_in_the_way_is_told_before(company: Company, case: str, said: str) -> None:
    company.there.archived = case == "archived"
    company.there.private = case != "scope"
    company.github.state.organizations["acme"].base_role = "read"
    token = company.github.add_token("ann", scopes=["read:org"]) if case == "scope" else ""
    who = company.of("ben" if case == "reader" else "ann", token)
    assert who.proposals is not None

    with pytest.raises(CannotOpen, match=said):
        who.proposals.check()


def test_a_repository_elsewhere_has_no_pull_requests(company: Company) -> None:
    client = Client(Server.of("github.com"), lambda: "", Clock())

    for address in ("/srv/catalog.git", "https://git.example.com/acme/catalog.git", "git@gitlab.com:acme/catalog.git"):
        with pytest.raises(NotOnGitHub, match=r"is not on github\.com"):
            Proposals.to(address, client)

    assert company.github.url


@pytest.mark.parametrize(
    "address",
    [
        *("https://github.com/acme/catalog.git", "https://github.com/acme/catalog/", "git@github.com:acme/catalog.git"),
        *("ssh://git@github.com/acme/catalog", "ssh://git@ssh.github.com:443/acme/catalog.git"),
        "https://user:pass@GitHub.com/acme/catalog",
    ],
)
def test_however_it_is_reached_it_is_one_repository(address: str) -> None:
    client = Client(Server.of("github.com"), lambda: "", Clock())

    assert Proposals.to(address, client).pulls.repository == "acme/catalog"
