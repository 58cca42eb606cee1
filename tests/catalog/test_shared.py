"""Names in a catalog repository: one of all who want one gets it, and it ends in an entry or is given back."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import yaml

from scaffolder.catalog import Catalog, EntityRef, NameTaken
from scaffolder.catalog.registration import NotShared, branch_of, file_of
from scaffolder.catalog.reservations import Reservation
from scaffolder.catalog.shared import (
    CatalogAway,
    CatalogRepository,
    EntryStays,
    EntryWaits,
    InUse,
    NotReservable,
    NotReserved,
)
from scaffolder.errors import ScaffolderError, TryAgain
from scaffolder.gateways.git import GitDirectory, Identity, RepositoryRefused, Unreachable, mirror
from scaffolder.tree import File, Tree
from tests.catalog.files import component, group
from tests.gateways.repositories import as_person

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scaffolder.catalog.shared import Way

NOW = datetime.now(UTC).replace(microsecond=0)
AGE = r"(just now|\d+ min ago)"  # how long ago that is depends on what else runs
ANN, BEN = "Ann <ann@example.com>", "Ben <ben@example.com>"
SHOP, API = EntityRef("component", "shop"), EntityRef("api", "shop")
BRANCH, FILE = "refs/heads/register/component-default-shop", "locations/component-default-shop.yaml"
MAIN = "refs/heads/main"


@dataclass(frozen=True)
class Company:
    """A catalog repository, and people who share it."""

    root: Path

    @property
    def there(self) -> GitDirectory:
        return GitDirectory(self.root / "catalog.git")

    def of(self, name: str) -> CatalogRepository:
        """Return it as somebody on a machine of their own uses it."""
        return CatalogRepository(str(self.there.path), cache=self.root / name / "cache")

    def commit(self, name: str, text: str | None, *, message: str = "theirs", ref: str = MAIN) -> str:
        """Change a file there, as somebody else does."""
        copy = mirror(str(self.there.path), cache=self.root / "somebody")
        who = Identity("Somebody", "somebody@example.com")
        changes = {name: None if text is None else text.encode()}
        new = copy.commit_upon([copy.refs()[ref]], changes, message=message, identity=who, when=NOW)
        as_person(copy.path, "push", "--quiet", str(self.there.path), f"{new}:{ref}")
        return new

    def protect(self, ref: str = MAIN, *, words: str = "GH006: main is protected") -> Path:
        hook = self.there.path / "hooks" / "update"
        hook.write_text(f'#!/bin/sh\n[ "$1" = {ref} ] || exit 0\necho "{words}" >&2\nexit 1\n')
        hook.chmod(0o755)
        return hook

    def service(self, name: str = "shop", *more: str) -> str:
        """Make a service's repository beside the catalog's; return where its entry is."""
        place = self.root / "services" / f"{name}.git"
        text = "---\n".join([component(name), *more])
        GitDirectory.init(place).commit(
            Tree({"catalog-info.yaml": File(text.encode())}),
            message="x",
            identity=Identity("A", "a@x"),
            when=NOW,
            ref=MAIN,
        )
        return f"git:{place}@main:catalog-info.yaml"

    def log(self, ref: str = MAIN, *options: str) -> list[str]:
        return as_person(self.there.path, "log", "--format=%s", *options, ref).splitlines()

    def entry(self, path: str = FILE) -> dict[str, object]:
        text = self.there.file(self.there.refs()[MAIN], path)
        assert text is not None
        found: dict[str, object] = yaml.safe_load(text)
        return found


@pytest.fixture
def company(tmp_path: Path) -> Company:
    made = GitDirectory.init(tmp_path / "catalog.git")
    teams = Tree({"teams.yaml": File(group("payments").encode())})
    made.commit(teams, message="Begin", identity=Identity("A", "a@x"), when=NOW, ref=MAIN)
    return Company(tmp_path)


def of(ref: EntityRef = SHOP, *, task: str = "7f3c", who: str = ANN, at: datetime = NOW) -> Reservation:
    return Reservation(ref, task, "group:default/payments", "Sells what\n others make", who, at)


BENS = of(task="0b1d", who=BEN)
TARGET = "git:https://git.example.com/acme/shop.git@main:catalog-info.yaml"


# -- names


def test_a_reserved_name_is_a_branch_that_says_who_what_for_and_since_when(company: Company) -> None:
    company.of("ann").reserve([of(), of(API)])

    assert sorted(company.there.refs()) == [MAIN, "refs/heads/register/api-default-shop", BRANCH]
    shown = as_person(company.there.path, "log", "-1", "--format=%an <%ae>%n%at%n%B", BRANCH)
    assert shown.splitlines() == [
        ANN,
        str(int(NOW.timestamp())),
        "Reserve component:default/shop",
        "",
        "Sells what others make",
        "",
        "Entity: component:default/shop",
        "Owner: group:default/payments",
        "Task: 7f3c",
    ]
    assert as_person(company.there.path, "diff", "--stat", MAIN, BRANCH) == ""
    api, shop = sorted(company.of("ben").reservations(), key=lambda held: str(held.reservation.ref))
    assert (shop.reservation, shop.branch, shop.waiting) == (
        of()._replace(purpose="Sells what others make"),
        BRANCH,
        False,
    )
    assert api.reservation.ref == API


@pytest.mark.parametrize("name", ["shop", "SHOP", "Shop"])
def test_a_reserved_name_is_taken_in_any_case_and_nothing_is_half_reserved(company: Company, name: str) -> None:
    company.of("ann").reserve([of(at=NOW - timedelta(minutes=2))])
    before = company.there.refs()

    wanted = [of(ref, task="0b1d", who=BEN) for ref in (API, EntityRef("component", name))]
    with pytest.raises(NameTaken, match=rf"{name} is taken \(reserved \d+ min ago by {ANN}, task 7f3c\)") as taken:
        company.of("ben").reserve(wanted)

    assert "scaffolder catalog reservations" in taken.value.hint
    assert company.there.refs() == before


def test_the_same_task_may_reserve_again_and_more(company: Company) -> None:
    company.of("ann").reserve([of()])
    before = company.there.refs()

    company.of("ann").reserve([of(), of(API)])

    assert company.there.refs() == {**before, branch_of(API): company.there.refs()[branch_of(API)]}


def test_a_registered_name_is_taken_for_whoever_has_not_read_it_yet(company: Company) -> None:
    ann, ben = company.of("ann"), company.of("ben")
    ann.reserve([of(), of(API)])
    ann.register([of(), of(API)], target=TARGET, main=SHOP)

    for ref in (SHOP, EntityRef("api", "Shop")):
        with pytest.raises(NameTaken, match=rf"registered {AGE} by {ANN} in {FILE}"):
            ben.reserve([of(ref, task="0b1d", who=BEN)])

    ben.reserve([of(EntityRef("api", "sho"), task="0b1d", who=BEN)])  # part of a name is another


def test_a_name_is_taken_though_its_file_was_written_by_hand(company: Company) -> None:
    company.commit("locations/Component-default-SHOP.yaml", "kind: Location\n")

    with pytest.raises(NameTaken, match="registered"):
        company.of("ben").reserve([BENS])


def test_a_name_that_is_mentioned_is_not_taken(company: Company) -> None:
    company.commit("locations/other.yaml", "# like component:default/shop\nkind: Location\n")
    company.commit("locations/broken.yaml", "{component:default/shop")

    company.of("ben").reserve([BENS])

    assert [held.reservation.task_id for held in company.of("ann").reservations()] == [BENS.task_id]


def test_what_was_left_behind_is_taken_over_and_told(company: Company) -> None:
    company.of("ann").reserve([of(at=NOW - timedelta(days=15)), of(API, at=NOW - timedelta(days=13))])

    with pytest.raises(NameTaken):
        company.of("ben").reserve([BENS, BENS._replace(ref=API)])
    (over,) = company.of("ben").reserve([BENS])

    assert (over.reservation.who, over.branch) == (ANN, BRANCH)
    held = {one.branch: one.reservation.who for one in company.of("carol").reservations()}
    assert held == {BRANCH: BEN, branch_of(API): ANN}


def test_a_name_is_given_back_by_its_task_only(company: Company) -> None:
    company.of("ann").reserve([of(), of(API)])
    company.of("ben").reserve([BENS._replace(ref=EntityRef("component", "till"))])

    company.of("ann").release("7f3c")
    company.of("ann").release("7f3c")

    assert sorted(company.there.refs()) == [MAIN, "refs/heads/register/component-default-till"]
    company.of("ben").reserve([BENS])


@pytest.mark.parametrize("name", ["a..b", "x.lock", "a.b", "dots...lock"])
def test_every_valid_name_can_be_a_branch(company: Company, name: str) -> None:
    ref = EntityRef("component", name)
    company.of("ann").reserve([of(ref)])
    company.of("ann").register([of(ref)], target=TARGET, main=ref)

    assert company.there.file(company.there.refs()[MAIN], file_of(ref)) is not None


def test_a_branch_that_somebody_made_by_hand_is_shown_and_respected(company: Company) -> None:
    main = company.there.refs()[MAIN]
    as_person(company.there.path, "update-ref", BRANCH, main)

    (held,) = company.of("ann").reservations()
    assert (held.reservation.ref, held.reservation.task_id) == (SHOP, "")
    with pytest.raises(NameTaken):
        company.of("ann").reserve([of()])


def test_a_branch_reserves_its_own_name_whatever_its_commit_says(company: Company) -> None:
    company.of("ann").reserve([of(EntityRef("component", "till"))])
    lying = company.there.refs()["refs/heads/register/component-default-till"]
    as_person(company.there.path, "update-ref", BRANCH, lying)

    refs = {held.branch: held.reservation.ref for held in company.of("ben").reservations()}

    assert refs[BRANCH] == SHOP


def test_a_name_that_somebody_got_and_registered_between_a_look_and_a_push_is_taken(company: Company) -> None:
    """The branch is free again by then: creating it succeeds, and must not count."""
    begin = company.there.refs()[MAIN]
    company.of("ann").reserve([of()])
    company.of("ann").register([of()], target=TARGET, main=SHOP)
    registered = company.there.refs()[MAIN]
    as_person(company.there.path, "update-ref", MAIN, begin)
    hook = company.there.path / "hooks" / "update"
    hook.write_text(f"#!/bin/sh\n[ $1 != {BRANCH} ] || git update-ref {MAIN} {registered}\n")
    hook.chmod(0o755)

    with pytest.raises(NameTaken, match=rf"registered {AGE} by {ANN}"):
        company.of("ben").reserve([BENS])


def test_what_was_looked_at_a_moment_ago_is_not_relied_upon(company: Company) -> None:
    ben = company.of("ben")
    ben.require_free([SHOP])
    company.of("ann").reserve([of()])
    with pytest.raises(NameTaken, match=ANN):
        ben.reserve([BENS])

    company.of("ann").release("7f3c")
    ben.require_free([SHOP])
    company.commit("locations/Component-default-SHOP.yaml", "kind: Location\n")
    with pytest.raises(NameTaken, match="registered"):
        ben.reserve([BENS])


def test_what_was_pushed_there_is_in_the_copy_too(company: Company) -> None:
    ann = company.of("ann")
    ann.reserve([of()])
    (held,) = ann.reservations(again=False)
    assert held.reservation.task_id == "7f3c"

    ann.release("7f3c")
    assert ann.reservations(again=False) == []


# -- by hand


def test_giving_back_by_hand_asks_for_more_where_it_is_somebody_elses_and_fresh(company: Company) -> None:
    ann, ben = company.of("ann"), company.of("ben")
    ann.reserve([of()])

    with pytest.raises(InUse, match=rf"reserved {AGE} by {ANN}") as refused:
        ben.give_back(SHOP, is_mine=lambda held: held.reservation.who == BEN)
    assert "give-back component:default/shop --force" in refused.value.hint
    ben.give_back(SHOP, is_mine=lambda held: held.reservation.who == ANN)

    with pytest.raises(NotReserved):
        ben.give_back(SHOP)
    ann.reserve([of(at=NOW - timedelta(days=15))])
    assert ben.give_back(EntityRef("component", "SHOP")).reservation.who == ANN
    ann.reserve([of()])
    ben.give_back(SHOP, force=True)
    assert list(company.there.refs()) == [MAIN]


# -- entries


def test_an_entry_comes_by_a_merge_and_takes_its_reservations_along(company: Company) -> None:
    ann = company.of("ann")
    ann.reserve([of(), of(API)])
    ann.register([of(), of(API)], target=company.service(), main=SHOP)

    assert list(company.there.refs()) == [MAIN]
    assert company.log(MAIN, "--first-parent") == ["Merge branch 'register/component-default-shop'", "Begin"]
    assert company.entry() == {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Location",
        "metadata": {
            "name": "component-default-shop",
            "annotations": {"scaffolder/entities": "component:default/shop api:default/shop"},
        },
        "spec": {"target": "git:../services/shop.git@main:catalog-info.yaml"},
    }
    assert as_person(company.there.path, "diff", "--stat", f"{MAIN}^1", MAIN).splitlines()[-1].startswith(" 1 file")


def test_an_entry_can_be_pushed_without_a_merge(company: Company) -> None:
    ann = replace(company.of("ann"), way="push")
    ann.reserve([of()])
    ann.register([of()], target=TARGET, main=SHOP)

    assert company.log() == ["Register component:default/shop", "Begin"]
    assert list(company.there.refs()) == [MAIN]
    assert company.entry()["metadata"] == {"name": "component-default-shop"}


def test_registering_again_changes_nothing(company: Company) -> None:
    ann = company.of("ann")
    ann.reserve([of()])
    ann.register([of()], target=TARGET, main=SHOP)
    before = company.there.refs()

    company.of("ann again").register([of()], target=TARGET, main=SHOP)

    assert company.there.refs() == before


def test_what_others_do_to_the_catalog_meanwhile_is_kept(company: Company) -> None:
    ann = company.of("ann")
    ann.reserve([of()])
    company.commit("more.yaml", group("web"))

    ann.register([of()], target=TARGET, main=SHOP)

    main = company.there.refs()[MAIN]
    assert sorted(company.there.listing(main)) == [FILE, "more.yaml", "teams.yaml"]


def test_a_rewritten_history_does_not_come_back_with_a_reservation(company: Company) -> None:
    company.commit("secret.txt", "hunter2")
    ann = company.of("ann")
    ann.reserve([of()])
    as_person(company.there.path, "update-ref", MAIN, f"{MAIN}^")

    ann.register([of()], target=TARGET, main=SHOP)

    assert sorted(company.there.listing(company.there.refs()[MAIN])) == [FILE, "teams.yaml"]
    assert "theirs" not in company.log()


def test_a_default_branch_that_is_another_now_gets_the_entry(company: Company) -> None:
    ann = company.of("ann")
    ann.reserve([of()])
    as_person(company.there.path, "branch", "-m", "main", "trunk")
    as_person(company.there.path, "symbolic-ref", "HEAD", "refs/heads/trunk")

    ann.register([of()], target=TARGET, main=SHOP)

    assert list(company.there.refs()) == ["refs/heads/trunk"]
    assert FILE in company.there.listing(company.there.refs()["refs/heads/trunk"])


def test_a_name_that_was_given_back_meanwhile_is_reserved_again(company: Company) -> None:
    ann = company.of("ann")
    ann.reserve([of(), of(API)])
    company.of("ben").give_back(SHOP, force=True)

    ann.register([of(), of(API)], target=TARGET, main=SHOP)

    assert list(company.there.refs()) == [MAIN]
    assert company.entry()


def test_a_name_that_was_taken_over_meanwhile_is_not_registered(company: Company) -> None:
    ann = company.of("ann")
    old = of(at=NOW - timedelta(days=20))
    ann.reserve([old, old._replace(ref=API)])
    company.of("ben").reserve([BENS])
    before = company.there.refs()

    with pytest.raises(NameTaken, match=BEN):
        ann.register([old, old._replace(ref=API)], target=TARGET, main=SHOP)

    assert company.there.refs() == before


@pytest.mark.parametrize("way", ["merge", "push"])
def test_where_the_default_branch_is_protected_the_entry_waits_on_its_own(company: Company, way: Way) -> None:
    ann = replace(company.of("ann"), way=way)
    old = [of(at=NOW - timedelta(days=20)), of(API, at=NOW - timedelta(days=20))]
    ann.reserve(old)
    hook = company.protect()

    for _ in range(2):
        with pytest.raises(EntryWaits, match=r"register/component-default-shop: .* refused: GH006: main is protected"):
            ann.register(old, target=TARGET, main=SHOP)

    assert company.log(BRANCH) == ["Register component:default/shop", "Reserve component:default/shop", "Begin"]
    assert FILE not in company.there.listing(company.there.refs()[MAIN])
    for ref in (SHOP, API):  # a service stands behind it, however old it is
        with pytest.raises(NameTaken, match="which waits to be merged"):
            company.of("ben").reserve([BENS._replace(ref=ref)])
    with pytest.raises(InUse, match="which waits to be merged"):
        ann.give_back(SHOP, is_mine=lambda _held: True)
    hook.unlink()
    ann.register(old, target=TARGET, main=SHOP)
    assert list(company.there.refs()) == [MAIN]
    assert company.entry()


def test_an_entry_that_somebody_merged_by_hand_is_taken_as_it_is(company: Company) -> None:
    ann = company.of("ann")
    ann.reserve([of()])
    hook = company.protect()
    with pytest.raises(EntryWaits):
        ann.register([of()], target=TARGET, main=SHOP)
    hook.unlink()
    text = company.there.file(company.there.refs()[BRANCH], FILE)
    assert text is not None
    merged = company.commit(FILE, text.decode(), message="squashed")
    company.protect()

    ann.register([of()], target=TARGET, main=SHOP)

    assert company.there.refs() == {MAIN: merged}


def test_where_nothing_may_be_pushed_that_is_said(company: Company) -> None:
    company.protect(BRANCH, words="you may only read")

    with pytest.raises(NotReservable, match=r"catalog\.git refused: you may only read"):
        company.of("ann").reserve([of()])


# -- taken back


def test_an_entry_is_taken_away_by_a_commit(company: Company) -> None:
    ann = company.of("ann")
    ann.reserve([of()])
    ann.register([of()], target=TARGET, main=SHOP)

    ann.unregister(TARGET, main=SHOP)
    ann.unregister(TARGET, main=SHOP)

    assert company.log()[0] == "Remove component:default/shop"
    assert list(company.there.listing(company.there.refs()[MAIN])) == ["teams.yaml"]
    company.of("ben").reserve([BENS])


@pytest.mark.parametrize(
    "changed",
    [
        lambda text: text.replace("shop.git", "other.git"),
        lambda text: text.replace("name:", "title: Shop\n  name:"),
        lambda _text: "{",
    ],
)
def test_an_entry_that_was_changed_since_stays(company: Company, changed: Callable[[str], str]) -> None:
    ann = company.of("ann")
    ann.reserve([of()])
    ann.register([of()], target=TARGET, main=SHOP)
    text = company.there.file(company.there.refs()[MAIN], FILE)
    assert text is not None
    company.commit(FILE, changed(text.decode()))
    before = company.there.refs()

    with pytest.raises(EntryStays, match=f"{FILE} in the catalog repository was changed since"):
        ann.unregister(TARGET, main=SHOP)

    assert company.there.refs() == before


def test_an_entry_on_a_protected_branch_stays_and_it_is_said_how_to_remove_it(company: Company) -> None:
    ann = company.of("ann")
    ann.reserve([of()])
    ann.register([of()], target=TARGET, main=SHOP)
    company.protect()

    with pytest.raises(EntryStays, match=f"GH006: main is protected; first let somebody remove {FILE} there"):
        ann.unregister(TARGET, main=SHOP)


# -- addresses


@pytest.mark.parametrize(
    ("repository", "address", "there"),
    [
        ("/srv/git/services/acme/shop.git", "/srv/git/catalog.git", "../services/acme/shop.git"),
        ("/srv/git/shop.git", "file:///srv/git/catalog.git", "../shop.git"),
        ("https://git.example.com/acme/shop.git", "/srv/git/catalog.git", "https://git.example.com/acme/shop.git"),
        ("git@git.example.com:acme/shop.git", "https://git.example.com/c.git", "git@git.example.com:acme/shop.git"),
    ],
)
def test_an_entry_says_where_a_service_is_for_everybody(
    tmp_path: Path, repository: str, address: str, there: str
) -> None:
    shared = CatalogRepository(address, cache=tmp_path)

    assert shared.target_there(f"git:{repository}@main:a/b.yaml") == f"git:{there}@main:a/b.yaml"


@pytest.mark.parametrize(
    "address", ["https://git.example.com/c.git", "/srv/catalog.git", "/home/ann/git/catalog.git", "git@host:c.git"]
)
def test_a_service_on_this_machine_only_cannot_be_registered_for_all(tmp_path: Path, address: str) -> None:
    shared = CatalogRepository(address, cache=tmp_path)

    with pytest.raises(NotShared, match=r"/home/ann/\.local/forge/shop\.git is on this machine"):
        shared.target_there("git:/home/ann/.local/forge/shop.git@main:catalog-info.yaml")


def test_what_was_there_and_is_away_may_come_back(company: Company) -> None:
    ann = company.of("ann")
    ann.reserve([of()])
    begun: list[str] = []
    company.there.path.rename(company.root / "away")

    with pytest.raises(CatalogAway) as away:
        ann.reserve([of(API)], begin=lambda: begun.append("yes"))
    assert isinstance(away.value, TryAgain)
    assert begun == []
    with pytest.raises(RepositoryRefused):  # an address that never was right is the person's to correct
        company.of("ben").reserve([BENS])


def test_the_ways_that_git_is_told_to_take_are_taken(company: Company, home: Path) -> None:
    """As behind a mirror or a proxy: `insteadOf` is the person's, and the entry says the address as it is for all."""
    shared = CatalogRepository("https://git.example.com/acme/catalog.git", cache=company.root / "cache")
    ours = f'[url "{company.root}/"]\n\tinsteadOf = https://git.example.com/acme/\n'
    config = (home / ".gitconfig").read_text()
    (home / ".gitconfig").write_text(config + ours)
    shared.reserve([of()])
    shared.register([of()], target=TARGET, main=SHOP)
    assert list(company.there.refs()) == [MAIN]
    assert company.entry()["spec"] == {"target": TARGET}

    (home / ".gitconfig").write_text(config + ours.replace(f"{company.root}/", "http://127.0.0.1:1/"))
    begun: list[str] = []
    with pytest.raises(Unreachable):
        shared.reserve([of(API)], begin=lambda: begun.append("yes"))
    assert begun == []


# -- the catalog of a person who shares it


def laptop(company: Company, name: str) -> Catalog:
    return Catalog(company.root / name / "catalog.db", repository=lambda: company.of(name))


def reserve(catalog: Catalog, *refs: EntityRef, task: str = "7f3c", who: str = ANN) -> None:
    catalog.reserve(refs, task_id=task, owner="group:default/payments", purpose="Sells", who=who, at=NOW)


def test_what_is_reserved_for_all_is_seen_here_at_once(company: Company) -> None:
    catalog = laptop(company, "ann")
    reserve(catalog, SHOP)

    assert [(each.ref, each.reserved) for each in catalog.entities()] == [(SHOP, True)]
    assert BRANCH in company.there.refs()
    catalog.release("7f3c")
    assert catalog.entities() == []
    assert BRANCH not in company.there.refs()


def test_the_loser_keeps_nothing_here_or_there(company: Company) -> None:
    ann, ben = laptop(company, "ann"), laptop(company, "ben")
    reserve(ann, SHOP)
    before = company.there.refs()

    with pytest.raises(NameTaken, match=ANN):
        reserve(ben, API, SHOP, task="0b1d", who=BEN)

    assert ben.entities() == []
    assert company.there.refs() == before


def test_a_name_that_is_taken_here_is_not_reserved_there(company: Company, tmp_path: Path) -> None:
    ann = laptop(company, "ann")
    (tmp_path / "a.yaml").write_text(component("shop"))
    ann.add(str(tmp_path / "a.yaml"))

    with pytest.raises(NameTaken, match="owned by payments"):
        reserve(ann, SHOP)

    assert list(company.there.refs()) == [MAIN]


def test_where_the_catalog_repository_is_away_nothing_is_begun_and_giving_back_asks_nobody(company: Company) -> None:
    ann = laptop(company, "ann")
    reserve(ann, SHOP)
    ann.release("7f3c")
    company.there.path.rename(company.root / "away")

    with pytest.raises(TryAgain):
        reserve(ann, SHOP)

    ann.release("7f3c")
    assert ann.entities() == []
    with pytest.raises(TryAgain):
        ann.release("7f3c", reserved=True)


def test_a_registration_is_seen_here_at_once_and_ends_both_reservations(company: Company) -> None:
    ann, target = laptop(company, "ann"), company.service()
    reserve(ann, SHOP)

    for _ in range(2):
        assert ann.register(target, task_id="7f3c", main=SHOP, who=ANN, at=NOW).refs == [SHOP]

    assert [(each.ref, each.reserved) for each in ann.entities()] == [(SHOP, False)]
    assert list(company.there.refs()) == [MAIN]
    ann.unregister(target, task_id="7f3c", main=SHOP)
    assert ann.entities() == []
    assert company.log()[0] == "Remove component:default/shop"


def test_a_registration_that_was_read_from_there_already_is_not_a_conflict_and_goes_at_once(company: Company) -> None:
    ann, target = laptop(company, "ann"), company.service()
    reserve(ann, SHOP)
    company.of("ann").register([of()], target=target, main=SHOP)  # and here the process was killed
    ann.add(str(company.there.path))
    assert SHOP in [each.ref for each in ann.entities()]

    assert ann.register(target, task_id="7f3c", main=SHOP, who=ANN, at=NOW).refs == [SHOP]

    assert ann.conflicts() == []
    ann.unregister(target, task_id="7f3c", main=SHOP)
    assert [each.ref.kind for each in ann.entities()] == ["group"]
    reserve(ann, SHOP)


def test_an_entry_that_must_stay_there_stays_here(company: Company) -> None:
    ann, target = laptop(company, "ann"), company.service()
    reserve(ann, SHOP)
    ann.register(target, task_id="7f3c", main=SHOP, who=ANN, at=NOW)
    company.protect()

    with pytest.raises(EntryStays):
        ann.unregister(target, task_id="7f3c", main=SHOP)

    assert [each.ref for each in ann.entities()] == [SHOP]


# -- two who want one name


ROUNDS = 20


def race(company: Company, number: int, laptops: dict[str, Catalog]) -> None:
    """Let everybody want one name at the same moment."""
    ref, together = EntityRef("component", f"shop-{number}"), threading.Barrier(len(laptops))
    ended: dict[str, ScaffolderError | None] = {}

    def want(name: str) -> None:
        together.wait()
        try:
            reserve(laptops[name], ref, EntityRef("api", ref.name), task=f"task-{name}", who=f"{name} <{name}@x>")
        except ScaffolderError as error:
            ended[name] = error
        else:
            ended[name] = None
        laptops[name].close()  # a connection is its thread's own

    threads = [threading.Thread(target=want, args=(name,)) for name in laptops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [name for name, error in ended.items() if error is None]
    held = {one.branch: one.reservation.task_id for one in company.of("nobody").reservations()}
    assert held == {branch_of(EntityRef(kind, ref.name)): f"task-{winner}" for kind in ("api", "component")}
    for name, catalog in laptops.items():
        assert len(catalog.entities()) == (2 if name == winner else 0)
        assert name == winner or (isinstance(ended[name], NameTaken) and f"{winner} <" in str(ended[name]))
        catalog.release(f"task-{name}")
        catalog.close()


@pytest.mark.parametrize("rounds", [ROUNDS, pytest.param(200, marks=(pytest.mark.slow, pytest.mark.thorough))])
def test_of_two_machines_that_want_a_name_one_gets_it_every_time(company: Company, rounds: int) -> None:
    laptops = {name: laptop(company, name) for name in ("ann", "ben")}
    for number in range(rounds):
        race(company, number, laptops)

    assert list(company.there.refs()) == [MAIN]


def test_of_many_at_once_one_gets_it(company: Company) -> None:
    race(company, 0, {name: laptop(company, name) for name in ("ann", "ben", "carol", "dan", "eve")})


def test_many_who_register_at_once_all_get_there(company: Company) -> None:
    names = [f"shop-{number}" for number in range(6)]

    def register(name: str) -> None:
        ref = EntityRef("component", name)
        company.of(name).reserve([of(ref, task=name)])
        company.of(name).register([of(ref, task=name)], target=TARGET, main=ref)

    threads = [threading.Thread(target=register, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    files = company.there.listing(company.there.refs()[MAIN])
    assert sorted(files) == sorted(["teams.yaml", *(file_of(EntityRef("component", name)) for name in names)])
    assert list(company.there.refs()) == [MAIN]


def test_a_copy_that_is_thrown_away_is_made_again(company: Company) -> None:
    ann = company.of("ann")
    ann.reserve([of()])
    shutil.rmtree(ann.cache)

    ann.register([of()], target=TARGET, main=SHOP)

    assert list(company.there.refs()) == [MAIN]
