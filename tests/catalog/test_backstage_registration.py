"""Services are registered with a running Backstage: looked up, checked, told once, and taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from scaffolder.catalog import Catalog, EntityRef, NameTaken
from scaffolder.catalog.backstage import NotBackstage, TokenRefused
from scaffolder.catalog.backstage_registration import (
    BackstageRegistration,
    InvalidThere,
    RefusedThere,
    UnreadableThere,
)
from scaffolder.catalog.crawl import Pushed
from scaffolder.catalog.reservations import Reservation
from scaffolder.gateways.git import GitDirectory, Identity
from scaffolder.gateways.http import RedirectRefused, Unavailable
from scaffolder.tree import File, Tree
from tests.catalog.backstage_server import Backstage, Said, entity, running
from tests.catalog.files import component

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SHOP = EntityRef("component", "shop")
PAGE = "https://git.example.com/acme/shop/blob/main/catalog-info.yaml"
TARGET = "git:https://git.example.com/acme/shop.git@main:catalog-info.yaml"
HELD = Reservation(SHOP, "7f3c", "group:default/payments", "Sells", "Ann <ann@example.com>", NOW)


@pytest.fixture
def backstage() -> Iterator[Backstage]:
    with running(Backstage()) as there:
        yield there
    assert there.wrong == []


@pytest.fixture
def registrar(backstage: Backstage) -> BackstageRegistration:
    return BackstageRegistration(backstage.url, ("", ""))


def registered(name: str, page: str) -> dict[str, object]:
    made = entity(name)
    made["metadata"]["annotations"]["backstage.io/managed-by-location"] = f"url:{page}"
    return made


def asked(backstage: Backstage) -> list[str]:
    return [path for path, _headers in backstage.asked]


# -- beforehand


@pytest.mark.parametrize("name", ["shop", "Shop"])
def test_a_name_is_looked_up(backstage: Backstage, registrar: BackstageRegistration, name: str) -> None:
    registrar.require_free([EntityRef("Component", name), EntityRef("api", "shop")])
    backstage.entities.append(entity("shop"))

    with pytest.raises(NameTaken, match=rf"{name} is taken \(registered in http://127\.0\.0\.1:\d+\)"):
        registrar.require_free([EntityRef("api", "shop"), EntityRef("Component", name)])

    assert asked(backstage)[0] == f"/api/catalog/entities/by-name/component/default/{name}"


def test_that_it_cannot_be_reserved_is_told(backstage: Backstage, registrar: BackstageRegistration) -> None:
    assert registrar.caution == f"a name cannot be reserved in {backstage.url}: whoever registers it first has it"


def test_what_it_would_not_accept_is_told(backstage: Backstage, registrar: BackstageRegistration) -> None:
    registrar.require_valid(TARGET, [entity("shop")])
    backstage.invalid["shop"] = "/spec/type must be one of our own"

    with pytest.raises(InvalidThere, match="would not accept component shop: /spec/type must be one of our own"):
        registrar.require_valid(TARGET, [entity("other"), entity("shop")])


def test_every_name_in_it_is_looked_up(backstage: Backstage, registrar: BackstageRegistration) -> None:
    backstage.entities.append(entity("shop", kind="API"))

    with pytest.raises(NameTaken, match="shop is taken"):
        registrar.require_valid(TARGET, [entity("shop"), entity("shop", kind="API")])


def test_what_it_could_not_read_is_told(registrar: BackstageRegistration) -> None:
    with pytest.raises(UnreadableThere, match=r"cannot read /srv/forge/acme/shop\.git: it is on this machine only"):
        registrar.require_valid("git:/srv/forge/acme/shop.git@main:catalog-info.yaml", [])


# -- registering


def test_it_is_told_where_the_entry_is_and_twice_changes_nothing(
    backstage: Backstage, registrar: BackstageRegistration
) -> None:
    for _ in range(2):
        assert registrar.register([HELD], target=TARGET, main=SHOP) == ""

    assert list(backstage.locations.values()) == [PAGE]


def test_an_answer_that_was_lost_is_no_second_location(backstage: Backstage, registrar: BackstageRegistration) -> None:
    registrar.require_free([SHOP])
    backstage.lost += [Said(404, b'{"error": {}}'), Said(502)]

    registrar.register([HELD], target=TARGET, main=SHOP)

    assert list(backstage.locations.values()) == [PAGE]
    assert backstage.told[-3:] == [404, 502, 409]


def test_what_it_has_read_meanwhile_is_ours(backstage: Backstage, registrar: BackstageRegistration) -> None:
    backstage.entities.append(registered("shop", PAGE))

    registrar.register([HELD], target=TARGET, main=SHOP)

    assert list(backstage.locations.values()) == [PAGE]


def test_a_name_that_somebody_took_meanwhile_is_a_conflict(
    backstage: Backstage, registrar: BackstageRegistration
) -> None:
    backstage.entities.append(registered("shop", PAGE.replace("acme", "elsewhere")))

    with pytest.raises(NameTaken):
        registrar.register([HELD], target=TARGET, main=SHOP)

    assert not backstage.locations


def test_it_is_taken_back_and_twice_changes_nothing(backstage: Backstage, registrar: BackstageRegistration) -> None:
    registrar.register([HELD], target=TARGET, main=SHOP)
    backstage.locations["other"] = PAGE.replace("shop", "other")

    for _ in range(2):
        registrar.unregister(TARGET, main=SHOP, task_id="7f3c")

    assert list(backstage.locations) == ["other"]


# -- trouble


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        (Said(401), TokenRefused, "wants a token"),
        (Said(403), TokenRefused, "wants a token"),
        (Said(404, b"<html>"), NotBackstage, "does not exist"),
        (Said(400, b'{"error": {"message": "No integration"}}'), RefusedThere, "refuses .*: No integration"),
        (Said(200, b"[]"), RefusedThere, "status 200"),
        (Said(302, headers={"Location": "https://login.example.com/"}), RedirectRefused, "elsewhere"),
    ],
)
def test_what_goes_wrong_is_told(
    backstage: Backstage, registrar: BackstageRegistration, said: Said, error: type[Exception], words: str
) -> None:
    registrar.require_free([SHOP])
    backstage.lost += [Said(404, b'{"error": {}}'), said]

    with pytest.raises(error, match=words):
        registrar.register([HELD], target=TARGET, main=SHOP)


def test_a_token_that_may_not_is_told_with_its_variable(backstage: Backstage) -> None:
    backstage.trouble.append(Said(403, b'{"error": {"message": "Missing catalog.location.create"}}'))

    with pytest.raises(RefusedThere, match=r"refuses the token in BACKSTAGE_TOKEN: Missing catalog\.location"):
        BackstageRegistration(backstage.url, ("s3cr3t", "BACKSTAGE_TOKEN")).require_free([SHOP])


def test_what_passes_by_itself_is_waited_out(backstage: Backstage, registrar: BackstageRegistration) -> None:
    backstage.trouble += [Said(503), Said(502)]
    registrar.require_free([SHOP])

    backstage.trouble += [Said(503, headers={"Retry-After": "0"})] * 3
    with pytest.raises(Unavailable):
        registrar.require_free([SHOP])


@pytest.mark.parametrize(
    ("trusted", "own", "sent"),
    [(True, "", "shared"), (False, "", ""), (True, "own", "own"), (False, "own", "own")],
)
def test_a_token_for_all_goes_only_where_somebody_here_trusts(
    backstage: Backstage, monkeypatch: pytest.MonkeyPatch, *, trusted: bool, own: str, sent: str
) -> None:
    monkeypatch.setenv("BACKSTAGE_TOKEN", "shared")
    monkeypatch.setenv("BACKSTAGE_TOKEN_127_0_0_1", own)

    BackstageRegistration.at(backstage.url, trusted=trusted).require_free([SHOP])

    assert backstage.asked[0][1].get("authorization", "") == (f"Bearer {sent}" if sent else "")


# -- through the catalog


def test_registered_there_it_is_known_here_and_gives_way_to_what_is_read_from_there(
    tmp_path: Path, backstage: Backstage
) -> None:
    text = component("shop").encode()
    work = GitDirectory.init(tmp_path / "shop.git")
    main = "refs/heads/main"
    tree = Tree({"catalog-info.yaml": File(text)})
    commit = work.commit(tree, message="x", identity=Identity("A", "a@x"), when=NOW, ref=main)
    registrar = BackstageRegistration(backstage.url, ("", ""))
    catalog = Catalog(tmp_path / "catalog.db", backstage=lambda: registrar)
    backstage.entities.append(entity("other"))
    catalog.add(backstage.target())

    catalog.reserve([SHOP], task_id="7f3c", owner="", purpose="", who="", at=NOW)
    made = catalog.register(TARGET, task_id="7f3c", main=SHOP, pushed=Pushed(work, commit))
    assert (made.refs, made.waits_at) == ([SHOP], "")
    assert catalog.get(SHOP) is not None

    backstage.entities.append(registered("shop", PAGE))
    (read,) = catalog.refresh(backstage.target())
    assert read.conflicts == ()
    assert [one.target for one in catalog.locations()] == [backstage.target()]

    catalog.unregister(TARGET, task_id="7f3c", main=SHOP)
    assert not backstage.locations
    catalog.close()
