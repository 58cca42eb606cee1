"""All that an account has on GitHub, taken in, and looked at again."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.catalog import Catalog, EntityRef, Ingest
from scaffolder.catalog.ingest import LocationUnknown, NothingFound
from scaffolder.catalog.repositories import BadLocation
from scaffolder.gateways.github.client import Client
from scaffolder.gateways.github.discovery import AccountUnknown
from scaffolder.gateways.github.limits import Clock
from scaffolder.gateways.github.refusals import LimitReached, SignOnNeeded, TokenRefused, Unavailable
from scaffolder.gateways.github.server import Server
from tests.catalog.files import component, location
from tests.github.description import where_there_is_one
from tests.github.faults import Trouble
from tests.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from scaffolder.errors import ScaffolderError

INFO = "catalog-info.yaml"
ACME = "github:acme"


@dataclass
class World:
    """A GitHub with the company Acme, and the catalog of Mona, who owns it."""

    github: GitHub
    directory: Path
    token: str = ""
    waited: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.token = self.github.add_user("mona", name="Mona Lisa", email="mona@acme.example")
        self.github.add_organization("Acme", members={"mona": "admin", "hubot": "member"})
        self.catalog = self.other_catalog("one")

    def other_catalog(self, name: str) -> Catalog:
        return Catalog(self.directory / name / "catalog.db", github=self.client)

    def client(self) -> Client:
        clock = Clock(lambda: time.time() + sum(self.waited), self.waited.append)
        return Client(Server.of(api_base_url=self.github.api_url), lambda: self.token, clock)

    def add(self, name: str, text: str = "", **files: str) -> None:
        """Make a repository that describes a component, or has other files."""
        whole = {INFO: text or component(name.rpartition("/")[2])} if not files else {}
        self.github.add_repository(name, files={path: text.encode() for path, text in {**whole, **files}.items()})

    def push(self, name: str, text: str, path: str = INFO) -> None:
        one = self.github.repository(name)
        self.github.state.write(one, {path: text.encode()}, author=one.creator, message="Change")

    def names(self, kind: str = "component") -> list[str]:
        return [each.ref.name for each in self.catalog.entities(kind=kind)]

    def document(self, ref: str) -> dict[str, Any]:
        return self.catalog.require(EntityRef.parse(ref)).document

    @contextmanager
    def counted(self) -> Iterator[dict[str, int]]:
        """Count questions by what is asked for."""
        begin, found = len(self.github.requests), {"points": self.github.rates.spent["graphql"]}
        yield found
        found["points"] = self.github.rates.spent["graphql"] - found["points"]
        for kind in ("recent", "listed", "files", "crowd"):
            found[kind] = 0
        for request in self.github.requests[begin:]:
            if request.path == "/graphql":
                found[_kind(request.json["query"])] += 1
                found["looked into"] = found.get("looked into", 0) + len(request.json["variables"].get("ids", ()))


def _kind(query: str) -> str:
    signs = {"pushed:": "recent", "repositoryOwner": "listed", "nodes(ids": "files"}
    return next((kind for sign, kind in signs.items() if sign in query), "crowd")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with serving(tmp_path / "github", description=where_there_is_one()) as github:
        yield World(github, tmp_path)


@pytest.fixture
def acme(world: World) -> World:
    """Acme with two services and a team, taken in."""
    world.github.add_team("Acme", "web", members=["mona"])
    world.add("Acme/shop")
    world.add("Acme/till")
    assert world.catalog.add(ACME).added == 5
    return world


def refused(world: World, target: str = ACME) -> ScaffolderError:
    with pytest.raises((AccountUnknown, TokenRefused, SignOnNeeded, LimitReached, Unavailable, NothingFound)) as caught:
        world.catalog.add(target)
    assert world.catalog.locations() == []
    return caught.value


def told(result: Ingest) -> list[str]:
    return [str(problem) for problem in result.problems]


# what is there


def test_repositories_are_what_they_describe(world: World) -> None:
    world.add("Acme/shop")
    world.add("Acme/docs", **{"README.md": "# Docs\n"})
    world.add("Acme/old")
    world.github.repository("Acme/old").archived = True
    world.github.add_repository("Acme/empty")
    world.add("other/foreign")
    seen: list[tuple[int, int]] = []

    result = world.catalog.add(ACME, progress=lambda number, total: seen.append((number, total)))

    assert (result.target, result.problems, world.names()) == (ACME, (), ["shop"])
    annotations = world.document("component:shop")["metadata"]["annotations"]
    assert annotations == {
        "backstage.io/managed-by-location": f"url:{world.github.url}/Acme/shop/blob/main/catalog-info.yaml",
        "backstage.io/source-location": f"url:{world.github.url}/Acme/shop/tree/main/",
    }
    assert seen[-1] == (3, 3)


def test_what_an_author_says_of_the_source_stays(world: World) -> None:
    more = "  annotations: {backstage.io/source-location: 'url:https://example.com/shop'}\n"
    world.add("Acme/shop", component("shop", more=more))

    world.catalog.add(ACME)

    annotations = world.document("component:shop")["metadata"]["annotations"]
    assert annotations["backstage.io/source-location"] == "url:https://example.com/shop"


def test_teams_and_people_are_groups_and_users_as_backstage_makes_them(world: World) -> None:
    world.github.add_team("Acme", "web", name="Web!", members=["mona"]).description = "The web team"
    world.github.add_team("Acme", "shop", members=["mona", "hubot"], parent="web")
    world.github.state.users["mona"].bio = "Smiles"
    world.add("Acme/shop")

    world.catalog.add(ACME)

    url, teams = world.github.url, world.github.state.organizations["acme"].teams
    assert world.document("group:web") == {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Group",
        "metadata": {
            "name": "web",
            "description": "The web team",
            "annotations": {
                "backstage.io/managed-by-location": f"url:{url}/orgs/Acme/teams/web",
                "github.com/team-slug": "Acme/web",
                "backstage.io/edit-url": f"{url}/orgs/Acme/teams/web/edit",
            },
        },
        "spec": {
            "type": "team",
            "profile": {"displayName": "Web!", "picture": f"{url}/avatars/t/{teams['web'].id}"},
            "children": ["shop"],
            "members": ["mona"],
        },
    }
    assert world.document("group:shop")["spec"]["parent"] == "web"
    mona = world.document("user:mona")
    assert mona["metadata"]["description"] == "Smiles"
    assert mona["metadata"]["annotations"] == {
        "backstage.io/managed-by-location": f"url:{url}/mona",
        "github.com/user-login": "mona",
    }
    picture = f"{url}/avatars/u/{world.github.state.users['mona'].id}"
    assert mona["spec"]["profile"] == {"displayName": "Mona Lisa", "email": "mona@acme.example", "picture": picture}
    assert mona["spec"]["memberOf"] == ["shop", "web"]
    assert [each.ref.name for each in map(_entity, world.catalog.people(EntityRef("group", "web")))] == [
        "hubot",
        "mona",
    ]


def _entity(entity: Any) -> Any:
    return entity


def test_a_person_has_repositories_and_no_teams(world: World) -> None:
    world.add("mona/toy")

    world.catalog.add("github:mona")

    assert (world.names(), world.names("user"), world.names("group")) == (["toy"], [], [])


@pytest.mark.parametrize("target", ["github:ACME", "{url}/acme", "url:{url}/Acme/"])
def test_an_account_is_one_location_however_it_is_named(acme: World, target: str) -> None:
    named = target.format(url=acme.github.url)

    with acme.counted() as asked:
        assert acme.catalog.add(named).unchanged == 5
    assert asked["files"] == 0
    assert [each.target for each in acme.catalog.locations()] == [ACME]
    assert acme.catalog.refresh(named)[0].unchanged == 5
    assert acme.catalog.remove(named) == 5
    assert acme.catalog.locations() == []
    with pytest.raises(LocationUnknown):
        acme.catalog.remove(named)


@pytest.mark.parametrize("target", ["github:", "github:acme/shop", "github:-x", "github:a b"])
def test_only_an_account_is_one(world: World, target: str) -> None:
    with pytest.raises(BadLocation, match="names no account"):
        world.catalog.add(target)


def test_what_a_repository_leads_to_is_read_by_git(world: World) -> None:
    more = {"shop/catalog-info.yaml": component("shop"), "till.yaml": component("till")}
    world.add("Acme/mono", **{INFO: location("./shop/catalog-info.yaml", "./till.yaml", "./none.yaml"), **more})
    api = "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {name: rates}\n"
    api += "spec: {type: openapi, lifecycle: production, owner: web, definition: {$text: ./api.json}}\n"
    world.add("Acme/rates", **{INFO: api, "api.json": "{}"})

    result = world.catalog.add(ACME)

    place = f"git:{world.github.url}/Acme/mono.git@main:catalog-info.yaml:9 (document 1) spec.targets.2"
    assert told(result) == [f"{place}: there is no file ./none.yaml"]
    assert (world.names(), world.names("api")) == (["shop", "till"], ["rates"])
    assert world.document("api:rates")["spec"]["definition"] == "{}"
    annotations = world.document("component:shop")["metadata"]["annotations"]
    assert annotations["backstage.io/source-location"] == f"url:{world.github.url}/Acme/mono/tree/main/shop/"
    with world.counted() as asked:
        assert world.catalog.refresh()[0].unchanged == result.added
    assert asked["files"] == 0


# looked at again


def test_what_has_not_changed_is_not_looked_into(acme: World) -> None:
    with acme.counted() as asked:
        [result] = acme.catalog.refresh()

    assert (result.unchanged, result.added, result.changed, result.removed) == (5, 0, 0, 0)
    assert asked == {"points": 2, "recent": 1, "listed": 0, "files": 0, "crowd": 1, "looked into": 0}


def test_only_what_was_pushed_to_is_looked_into(acme: World) -> None:
    acme.push("Acme/shop", component("shop", more="  description: Sells\n"))
    acme.push("Acme/till", "# Till\n", path="README.md")

    with acme.counted() as asked:
        [result] = acme.catalog.refresh()

    assert (result.changed, result.unchanged, asked["looked into"], asked["listed"]) == (1, 4, 2, 0)
    with acme.counted() as asked:
        acme.catalog.refresh()
    assert asked["looked into"] == 0


def test_what_is_new_and_what_is_gone_is_seen(acme: World) -> None:
    acme.add("Acme/new")
    assert acme.catalog.refresh()[0].added == 1
    acme.github.state.delete(acme.github.repository("Acme/shop"))
    acme.add("Acme/newer")
    acme.github.repository("Acme/till").archived = True

    [result] = acme.catalog.refresh()

    assert (result.added, result.removed, acme.names()) == (1, 2, ["new", "newer"])


def test_a_file_that_is_taken_away_or_added_is_seen(acme: World) -> None:
    acme.add("Acme/docs", **{"README.md": "# Docs\n"})
    assert acme.catalog.refresh()[0].added == 0
    acme.push("Acme/docs", component("docs"))
    shop = acme.github.repository("Acme/shop")
    acme.github.state.commit(shop, "main", {}, "Empty", shop.creator)

    acme.catalog.refresh()

    assert acme.names() == ["docs", "till"]


def test_another_name_is_another_address(world: World) -> None:
    _add_ago(world, 600, "Acme/shop")
    _add_ago(world, 300, "Acme/till")
    world.catalog.add(ACME)
    shop = world.github.repository("Acme/shop")
    world.github.state.rename(shop, "store")
    shop.updated = world.github.state.date(time.time() - 100)

    assert world.catalog.refresh()[0].removed == 1

    source = world.document("component:shop")["metadata"]["annotations"]["backstage.io/source-location"]
    assert source.endswith("/Acme/store/tree/main/")


def test_what_was_shown_late_is_seen(world: World) -> None:
    _add_ago(world, 600, "Acme/shop")
    world.catalog.add(ACME)
    world.push("Acme/shop", component("store"))
    world.github.repository("Acme/shop").pushed = world.github.state.date(time.time() - 300)

    world.catalog.refresh()

    assert world.names() == ["store"]


def _add_ago(world: World, seconds: float, name: str) -> None:
    """Make a repository to which nothing was pushed for so long."""
    world.add(name)
    one = world.github.repository(name)
    one.pushed = one.updated = world.github.state.date(time.time() - seconds)


def test_people_and_teams_come_and_go(acme: World) -> None:
    company = acme.github.state.organizations["acme"]
    acme.github.add_team("Acme", "shop", members=["hubot", "octocat"], parent="web")
    company.teams["web"].members = {"hubot": "member"}
    del company.members["mona"]
    acme.token = acme.github.add_token("hubot")

    acme.catalog.refresh()

    assert (acme.names("group"), acme.names("user")) == (["shop", "web"], ["hubot", "octocat"])
    assert acme.document("group:web")["spec"]["members"] == ["hubot"]
    assert acme.document("user:hubot")["spec"]["memberOf"] == ["shop", "web"]


def test_pages_of_people_are_asked_for_together_the_next_time(world: World) -> None:
    world.add("Acme/shop")
    world.github.add_team("Acme", "all", members=[f"person-{number:03}" for number in range(250)])
    with world.counted() as first:
        world.catalog.add(ACME)
    with world.counted() as second:
        assert world.catalog.refresh()[0].changed == 0
    assert (first["crowd"], second["crowd"]) == (5, 3)  # three pages of people and two more of the team's members
    assert len(world.names("user")) == 252
    assert len(world.document("group:all")["spec"]["members"]) == 250

    company = world.github.state.organizations["acme"]
    company.members = {"aaron": "member", **{who: role for who, role in company.members.items() if who != "person-007"}}
    world.github.add_user("aaron")
    del company.teams["all"].members["person-007"]
    world.catalog.refresh()

    assert len(world.names("user")) == 252
    assert {"aaron", "person-249"} <= set(world.names("user"))
    assert "person-007" not in world.names("user")


def test_more_changes_than_fit_on_a_page_are_all_seen(world: World) -> None:
    for number in range(130):
        world.add(f"Acme/service-{number:03}")
    world.catalog.add(ACME)
    _later(world)
    for number in range(120):
        world.push(f"Acme/service-{number:03}", component(f"changed-{number:03}"))

    with world.counted() as asked:
        [result] = world.catalog.refresh()

    assert (result.added, result.removed, result.unchanged) == (120, 120, 12)
    assert (asked["listed"], asked["looked into"]) == (2, 120)


def _later(world: World) -> None:
    """Let the clock of GitHub go on, so that what comes next is later than all that was seen."""
    now = world.github.state.clock
    world.github.state.clock = lambda: now() + 60


# what goes wrong


def test_what_is_wrong_in_one_repository_stops_nothing(world: World) -> None:
    world.add("Acme/bad", "kind: [\n")
    world.add("Acme/shop")
    world.add("Acme/worse", component("no name"))

    result = world.catalog.add(ACME)

    assert world.names() == ["shop"]
    assert [problem.place.file.rpartition("/")[2] for problem in result.problems] == [
        "bad.git@main:catalog-info.yaml",
        "worse.git@main:catalog-info.yaml",
    ]
    assert len(world.catalog.refresh()[0].problems) == 2


def test_what_the_token_may_not_read_keeps_what_was_read_of_it(acme: World) -> None:
    acme.push("Acme/shop", component("store"))
    everything = acme.token
    acme.token = acme.github.add_fine_grained_token("mona", {"members": "read"})

    [result] = acme.catalog.refresh()

    assert told(result) == [
        f"{ACME}: {acme.github.url}/Acme/shop is listed, and not shown; what was read earlier is kept"
    ]
    assert acme.names() == ["shop", "till"]
    acme.token = everything
    assert acme.catalog.refresh()[0].problems == ()
    assert acme.names() == ["store", "till"]


@pytest.mark.parametrize("way", ["classic", "fine-grained"])
def test_where_people_may_not_be_seen_the_rest_is_taken_in(acme: World, way: str) -> None:
    github = acme.github
    classic = github.add_token("mona", scopes=("repo",))
    acme.token = classic if way == "classic" else github.add_fine_grained_token("mona", {"contents": "read"})
    acme.add("Acme/new")

    [result] = acme.catalog.refresh()

    [problem] = told(result)
    assert problem.startswith(f"{ACME}: its teams and people cannot be seen, and those that were read earlier are kept")
    assert (acme.names(), acme.names("group")) == (["new", "shop", "till"], ["web"])


def test_addresses_are_left_out_where_the_token_may_not_see_them(world: World) -> None:
    world.token = world.github.add_token("mona", scopes=("repo", "read:org"))
    world.add("Acme/shop")

    assert world.catalog.add(ACME).problems == ()

    assert "email" not in world.document("user:mona")["spec"]["profile"]


def test_what_takes_github_too_long_is_asked_for_in_parts(world: World) -> None:
    for number in range(60):
        world.add(f"Acme/service-{number:02}")
    world.github.add_team("Acme", "all", members=["mona", *(f"person-{number}" for number in range(9))])
    world.github.rates.largest_question = 40

    result = world.catalog.add(ACME)

    assert (result.added, result.problems) == (60 + 1 + 11, ())
    assert len(world.document("group:all")["spec"]["members"]) == 10


def test_what_takes_github_too_long_in_any_case_is_told(world: World) -> None:
    world.github.rates.largest_question = 3
    assert isinstance(refused(world), Unavailable)


def test_nobody_of_that_name(world: World) -> None:
    assert str(refused(world, "github:nobody")) == "github.com shows no organisation or person nobody"


def test_a_token_that_holds_no_more(world: World) -> None:
    world.token = "ghp_old"
    assert isinstance(refused(world), TokenRefused)
    world.token = ""
    assert refused(world).hint == "scaffolder login --host github.com"


def test_a_single_sign_on_is_asked_for(world: World) -> None:
    world.token = world.github.add_token("mona", sso="Acme")
    assert isinstance(refused(world), SignOnNeeded)


def test_an_account_that_shows_nothing_is_not_forgotten(acme: World) -> None:
    for name in ("shop", "till"):
        acme.github.repository(f"Acme/{name}").settings["visibility"] = "private"
    acme.token = acme.github.add_user("stranger")

    result = acme.catalog.refresh(None)[0]

    assert str(result.failed) == "github.com shows no repository of acme"
    assert acme.names() == ["shop", "till"]


# cut short


class Questions:
    """What was asked for, over several tries, by what it began at."""

    def __init__(self, world: World) -> None:
        self._requests = world.github.requests

    def repeated(self) -> Sequence[Any]:
        asked = [
            repr(request.json["variables"].get("ids") or (_kind(request.json["query"]), request.json["variables"]))
            for request in self._requests
            if request.path == "/graphql" and request.status == 200
        ]
        return [each for each in set(asked) if asked.count(each) > 1]


@pytest.mark.parametrize("nth", range(1, 9))
def test_goes_on_where_it_was_cut_short(world: World, nth: int) -> None:
    for number in range(110):
        world.add(f"Acme/service-{number:03}")
    world.github.add_team("Acme", "all", members=[f"person-{number:03}" for number in range(120)])
    world.github.faults.add(Trouble.PRIMARY_LIMIT, "POST", "/graphql", nth=nth, times=99)
    assert isinstance(refused(world), LimitReached)
    world.github.faults.clear()

    result = world.other_catalog("one").add(ACME)

    assert (result.added, result.problems) == (110 + 1 + 122, ())
    assert Questions(world).repeated() == []


def test_what_happened_while_it_was_cut_short_is_seen_the_next_time(world: World) -> None:
    for number in range(30):
        world.add(f"Acme/service-{number:02}")
    world.github.faults.add(Trouble.PRIMARY_LIMIT, "POST", "/graphql", nth=3, times=99)
    refused(world)
    world.github.faults.clear()
    _later(world)
    world.push("Acme/service-00", component("changed"))
    world.catalog.add(ACME)

    world.catalog.refresh()

    assert "changed" in world.names()


def test_what_was_renamed_between_two_pages_is_seen_the_next_time(world: World) -> None:
    for number in range(110):
        world.add(f"Acme/service-{number:03}")
    world.github.faults.add(Trouble.PRIMARY_LIMIT, "POST", "/graphql", nth=2, times=99)
    refused(world)
    world.github.faults.clear()
    first, last = (world.github.repository(f"Acme/service-{number}") for number in ("000", "109"))
    world.github.state.rename(first, "renamed")
    first.updated, last.pushed = (world.github.state.date(time.time() + later) for later in (60, 120))
    world.catalog.add(ACME)

    world.catalog.refresh()

    source = world.document("component:service-000")["metadata"]["annotations"]["backstage.io/source-location"]
    assert source.endswith("/Acme/renamed/tree/main/")


def test_what_is_kept_is_for_its_owner_alone_and_forgotten_at_the_end(world: World) -> None:
    world.add("Acme/shop")
    world.github.faults.add(Trouble.PRIMARY_LIMIT, "POST", "/graphql", nth=3, times=99)
    refused(world)
    [kept] = (world.directory / "one" / "github").iterdir()
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    world.github.faults.clear()

    world.catalog.add(ACME)

    assert not kept.exists()


def test_a_line_that_was_not_written_to_its_end_is_asked_for_again(world: World) -> None:
    world.add("Acme/shop")
    world.github.faults.add(Trouble.PRIMARY_LIMIT, "POST", "/graphql", nth=3, times=99)
    refused(world)
    [kept] = (world.directory / "one" / "github").iterdir()
    kept.write_bytes(kept.read_bytes()[:-5])
    world.github.faults.clear()

    with world.counted() as asked:
        world.catalog.add(ACME)

    assert (asked["listed"], asked["files"], world.names()) == (0, 1, ["shop"])
