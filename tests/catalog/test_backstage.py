from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.catalog import Catalog, EntityRef, Ingest
from scaffolder.catalog.backstage import (
    Backstage,
    EndlessPages,
    NotBackstage,
    NothingShown,
    TokenRefused,
    normalised,
)
from scaffolder.catalog.ingest import LocationUnknown, NothingFound
from scaffolder.catalog.location import opened
from scaffolder.errors import ScaffolderError
from scaffolder.gateways import http
from scaffolder.gateways.http import AddressRefused, RedirectRefused, Unavailable
from tests.catalog import backstage_server as stand_in
from tests.catalog.backstage_server import BY_QUERY, Said, by_query, entity, running
from tests.catalog.files import component, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "s3cr3t-token"
TIMES = tuple(f'INSERT INTO "{table}"' for table in ("location", "whole"))  # each reading notes when it was


@pytest.fixture(autouse=True)
def _no_token_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("BACKSTAGE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def server() -> Iterator[stand_in.Backstage]:
    with running(stand_in.Backstage([entity(name) for name in ("a", "b", "c")])) as backstage:
        yield backstage


def many(number: int) -> list[dict[str, Any]]:
    return [entity(f"service-{each}") for each in range(number)]


def names(catalog: Catalog) -> list[str]:
    return sorted(each.ref.name for each in catalog.entities())


def content(catalog: Catalog) -> list[str]:
    """Return everything the database has, but for its search index."""
    with closing(sqlite3.connect(catalog.path)) as connection:
        return [line for line in connection.iterdump() if line.startswith("INSERT") and '"search' not in line]


def trouble(catalog: Catalog, target: str) -> ScaffolderError:
    """Add, and refresh what is known, with the same refusal; return it."""
    known = bool(catalog.locations())
    before = content(catalog) if known else []
    with pytest.raises(ScaffolderError) as caught:
        catalog.refresh(target) if known else catalog.add(target)
    assert (content(catalog) if known else catalog.locations()) == before
    assert SECRET not in f"{caught.value} {caught.value.hint} {caught.value.details}"
    return caught.value


# the stand-in is what it stands for


def test_the_stand_in_filters_as_published() -> None:
    has = [
        entity("a"),
        entity("b", type="website", tags=["java"]),
        entity("web", kind="Group"),
        entity("C", n=[{"d": 1}]),
    ]

    def found(*filters: str) -> set[str]:
        return {each["metadata"]["name"] for each in by_query(has, {"filter": list(filters)})["items"]}

    assert found("kind=COMPONENT,spec.type=website") == {"b"}
    assert found("kind=component,spec.type=website", "kind=group") == {"b", "web"}
    assert found("spec.tags.java") == found("spec.tags.java=true") == {"b"}
    assert found("spec.n.d=1") == {"C"}
    assert found("spec.none") == set()
    assert len(by_query(has, {})["items"]) == 4


def test_the_stand_in_pages_as_published() -> None:
    has = [*many(45), entity("web", kind="Group")]
    first = by_query(has, {"filter": ["kind=component"]})
    cursor = first["pageInfo"]["nextCursor"]
    has.append(entity("new-one"))

    second = by_query(has, {"cursor": [cursor], "filter": ["kind=group"], "limit": ["50"], "fields": ["metadata.name"]})

    assert len(first["items"]) == 20
    assert first["totalItems"] == second["totalItems"] == 45
    assert 25 <= len(second["items"]) <= 26  # the new one only if its uid comes later
    assert all(list(each) == ["metadata"] and list(each["metadata"]) == ["name"] for each in second["items"])
    assert "web" not in {each["metadata"]["name"] for each in second["items"]}
    assert second["pageInfo"] == {}


# what is taken in


def test_entities_are_kept_as_they_come_but_for_what_the_server_alone_says(
    catalog: Catalog, server: stand_in.Backstage
) -> None:
    assert catalog.add(server.target()) == Ingest(server.target(), added=3)

    kept = catalog.require(EntityRef("component", "a"))
    given = entity("a")
    del given["relations"], given["status"], given["metadata"]["etag"]
    assert kept.document == given
    assert [str(each.target) for each in catalog.relations(kept.ref)] == ["group:default/web"]
    (place,) = catalog.claim(kept.ref).places  # type: ignore[union-attr]
    assert str(place) == f"{server.target()} component:default/a"
    assert "relations" not in server.asked[0][0]


def test_every_page_is_read_in_few_requests(catalog: Catalog, server: stand_in.Backstage) -> None:
    server.entities = many(1_234)
    told: list[tuple[int, int]] = []

    assert catalog.add(server.target(), progress=lambda *so_far: told.append(so_far)).added == 1_234
    assert len(server.asked) == 3
    assert told == [(500, 1_234), (1_000, 1_234), (1_234, 1_234)]


def test_what_the_server_alone_says_is_left_out_even_if_it_was_not_asked_for(
    catalog: Catalog, server: stand_in.Backstage
) -> None:
    server.trouble = [Said(body=json.dumps(by_query(server.entities, {})).encode())]

    catalog.add(server.target())

    assert set(catalog.require(EntityRef("component", "a")).document) == {"apiVersion", "kind", "metadata", "spec"}


@pytest.mark.parametrize("etags", [True, False])
def test_a_refresh_takes_in_what_changed(catalog: Catalog, server: stand_in.Backstage, *, etags: bool) -> None:
    server.etags = etags
    server.entities = many(1_200)
    catalog.add(server.target())
    server.entities = [*many(1_200)[1:], entity("new"), entity("service-5", owner="group:default/other")]
    server.entities.remove(entity("service-5"))

    assert catalog.refresh() == [Ingest(server.target(), added=1, changed=1, removed=1, unchanged=1_198)]
    assert str(catalog.require(EntityRef("component", "service-5")).owner) == "group:default/other"
    assert catalog.get(EntityRef("component", "service-0")) is None
    assert [each.ref.name for each in catalog.search("new", limit=1)] == ["new"]


def test_pages_that_are_as_they_were_are_not_sent_again(catalog: Catalog, server: stand_in.Backstage) -> None:
    server.etags = True
    server.entities = many(1_200)
    catalog.add(server.target())
    before = [line for line in content(catalog) if not line.startswith(TIMES)]
    server.told.clear()

    assert catalog.refresh() == [Ingest(server.target(), unchanged=1_200)]
    assert server.told == [304, 304, 304]
    assert [line for line in content(catalog) if not line.startswith(TIMES)] == before


def test_what_is_as_it_was_by_its_etag_is_not_looked_at_again(catalog: Catalog, server: stand_in.Backstage) -> None:
    catalog.add(server.target())
    (a, b, c) = server.entities
    a["spec"]["owner"] = "group:default/unnoticed"
    b["metadata"]["etag"] = "another, as when somebody else's relation to it has changed"
    del c["metadata"]["etag"]

    assert catalog.refresh() == [Ingest(server.target(), unchanged=3)]
    assert str(catalog.require(EntityRef("component", "a")).owner) == "group:default/web"


def test_without_etags_contents_are_compared(catalog: Catalog, server: stand_in.Backstage) -> None:
    for each in server.entities:
        del each["metadata"]["etag"]
    catalog.add(server.target())
    server.entities[0]["spec"]["owner"] = "group:default/other"

    assert catalog.refresh() == [Ingest(server.target(), changed=1, unchanged=2)]


def test_what_is_gone_when_the_end_is_cut_off_is_kept(catalog: Catalog, server: stand_in.Backstage) -> None:
    server.entities = many(600)
    catalog.add(server.target())
    (page,) = [by_query(server.entities, {"limit": ["500"]})]
    server.trouble = [Said(body=json.dumps({**page, "pageInfo": {}}).encode())]

    (result,) = catalog.refresh()

    assert (result.removed, result.unchanged) == (0, 600)
    assert "only 500 of its 600 entities came" in result.problems[0].message
    assert catalog.refresh() == [Ingest(server.target(), unchanged=600)]


def test_an_entity_that_a_page_repeats_counts_once(catalog: Catalog, server: stand_in.Backstage) -> None:
    server.entities = [entity("a"), entity("a"), entity("b")]

    assert catalog.add(server.target()).added == 2


def test_a_page_of_big_definitions_is_asked_for_in_parts(
    catalog: Catalog, server: stand_in.Backstage, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.entities = [entity(f"api-{each}", kind="API", definition="x" * 20_000) for each in range(150)]
    monkeypatch.setattr(http.Service.get, "__kwdefaults__", {"etag": "", "largest": 1_000_000})

    assert catalog.add(server.target()).added == 150
    assert "limit=20" in server.asked[-1][0]


def test_the_location_is_listed_and_removed_by_any_form_of_its_address(
    catalog: Catalog, server: stand_in.Backstage
) -> None:
    catalog.add(f"{server.target()}/api/catalog/")

    assert [(each.target, each.entities) for each in catalog.locations()] == [(server.target(), 3)]
    assert catalog.remove(f"{server.target()}/") == 3
    assert catalog.locations() == []
    assert names(catalog) == []


def test_a_name_that_a_file_holds_stays_the_files(catalog: Catalog, server: stand_in.Backstage, tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": component("A", owner="files")})
    catalog.add(str(tmp_path / "a.yaml"))

    (conflict,) = catalog.add(server.target()).conflicts

    assert [place.file for place in conflict.places] == [f"{tmp_path}/a.yaml", f"{server.target()} component:default/a"]
    assert str(catalog.require(EntityRef("component", "a")).owner) == "group:default/files"
    catalog.remove(str(tmp_path / "a.yaml"))
    assert str(catalog.require(EntityRef("component", "a")).owner) == "group:default/web"


def test_its_templates_are_told_of_and_are_no_golden_paths_here(catalog: Catalog, server: stand_in.Backstage) -> None:
    template = entity("python-service", kind="Template", steps=[])
    template["apiVersion"] = "scaffolder.backstage.io/v1beta3"
    server.entities = [template]

    assert catalog.add(server.target()).problems == ()
    assert [each.ref.name for each in catalog.entities(kind="template")] == ["python-service"]
    assert catalog.templates() == {}


# what is wrong with entities


def wrong_ones() -> list[Any]:
    deep: Any = "x"
    for _ in range(150):
        deep = [deep]
    nameless = entity("e")
    del nameless["metadata"]["name"]
    return [
        entity("not good"),
        entity("no-owner", owner=7),
        entity("deep", deep=deep),
        entity("half", half=["\ud800"]),
        entity("half-key", **{"\udfff": "x"}),
        entity("endless", number=float("inf")),
        nameless,
        {"kind": "?", "metadata": {"name": "x"}},
        "text",
        None,
    ]


def test_an_entity_that_is_wrong_is_named_with_its_field_and_the_others_come_in(
    catalog: Catalog, server: stand_in.Backstage
) -> None:
    server.entities += wrong_ones()

    result = catalog.add(server.target())

    said = sorted(str(problem).removeprefix(server.target()).strip() for problem in result.problems)
    assert result.added == 3
    assert 'component:default/not good metadata.name: is "not good": ' in "\n".join(said)
    assert "component:default/no-owner spec.owner: is 7, which is not text: put quotes around it" in said
    assert "component:default/deep: is nested more than 100 levels deep" in said
    assert "component:default/half spec.half.0: holds half a character, which is no text" in said
    assert "component:default/half-key spec: has a key that is no text" in said
    assert "component:default/endless spec.number: is a number that JSON does not have" in said
    assert sum("item " in each and "metadata.name: is missing" in each for each in said) == 1
    assert catalog.refresh()[0]._replace(problems=(), conflicts=()) == Ingest(server.target(), unchanged=3)
    assert len(catalog.refresh()[0].problems) == len(result.problems)


@pytest.mark.parametrize("odd", ["\ud800", float("inf"), float("nan"), -float("inf")])
def test_one_odd_value_on_a_page_is_noticed(catalog: Catalog, server: stand_in.Backstage, odd: object) -> None:
    server.entities.append(entity("odd", odd=odd))

    (problem,) = catalog.add(server.target()).problems

    assert problem.field == "spec.odd"


def test_an_entity_that_became_wrong_stays_as_it_was(catalog: Catalog, server: stand_in.Backstage) -> None:
    catalog.add(server.target())
    server.entities[0] = entity("a", owner=7)

    (result,) = catalog.refresh()

    assert [str(problem.place) for problem in result.problems] == [f"{server.target()} component:default/a spec.owner"]
    assert names(catalog) == ["a", "b", "c"]


def test_a_backstage_of_nothing_valid_is_not_remembered(catalog: Catalog, server: stand_in.Backstage) -> None:
    server.entities = wrong_ones()

    assert isinstance(trouble(catalog, server.target()), NothingFound)


# what is wrong with servers


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        (Said(401), TokenRefused, "set BACKSTAGE_TOKEN to"),
        (Said(403), TokenRefused, "set BACKSTAGE_TOKEN to"),
        (Said(404), NotBackstage, "give the address"),
        (Said(400), NotBackstage, "status 400"),
        (Said(200, b"<html>"), NotBackstage, "not JSON"),
        (Said(200, b'{"items": [{]'), NotBackstage, "not JSON"),
        (Said(200, b"[" * 100_000), NotBackstage, "not JSON"),
        (Said(200, b'{"items": ["\xff"]}'), NotBackstage, "not JSON"),
        (Said(200, b'{"items": ["\xed\xa0\x80"]}'), NotBackstage, "not JSON"),
        (Said(200, b"[]"), NotBackstage, "no page of entities"),
        (Said(200, b'{"items": {}}'), NotBackstage, "no page of entities"),
        (Said(200, b'{"items": []}'), NothingShown, "no entity"),
        (Said(304), NotBackstage, "status 304"),
        (Said(302, headers={"Location": "https://sso.example.com/"}), RedirectRefused, "sso.example.com"),
        (Said(429, headers={"Retry-After": "0"}), Unavailable, "asked too often"),
        (Said(429, headers={"Retry-After": "60"}), Unavailable, "alone for 60 s"),
        (Said(500, headers={"Retry-After": "0"}), Unavailable, "answered 500"),
        (Said(503, headers={"Retry-After": "0"}), Unavailable, "answered 503"),
    ],
)
def test_what_cannot_be_read_changes_nothing(
    catalog: Catalog, server: stand_in.Backstage, said: Said, kind: type[ScaffolderError], words: str
) -> None:
    server.trouble = [said] * 9
    error = trouble(catalog, server.target())
    server.trouble = []
    catalog.add(server.target())
    server.trouble = [said] * 9
    once_more = trouble(catalog, server.target())

    assert isinstance(error, kind)
    assert words in f"{error} {error.hint}"
    assert error.exit_code == (4 if kind is Unavailable else 2)
    assert (str(once_more), once_more.hint) == (str(error), error.hint)
    assert names(catalog) == ["a", "b", "c"]


def test_trouble_on_a_later_page_changes_nothing(catalog: Catalog, server: stand_in.Backstage) -> None:
    server.entities = many(700)
    catalog.add(server.target())
    server.entities = many(10)
    page = json.dumps(by_query(many(900), {"limit": ["500"]})).encode()
    server.trouble = [Said(body=page), Said(body=b"{")]

    assert isinstance(trouble(catalog, server.target()), NotBackstage)


def test_pages_without_an_end_are_an_error(catalog: Catalog, server: stand_in.Backstage) -> None:
    pages = [{"items": [entity(name)], "pageInfo": {"nextCursor": "once more"}} for name in "abcdef"]
    server.trouble = [Said(body=json.dumps(page).encode()) for page in pages]

    assert isinstance(trouble(catalog, server.target()), EndlessPages)
    assert len(server.asked) == 2


def test_pages_of_nothing_without_an_end_are_an_error(catalog: Catalog, server: stand_in.Backstage) -> None:
    first = by_query(many(30), {})
    pages = [{**first, "pageInfo": {"nextCursor": str(number)}} for number in range(9)]
    server.trouble = [Said(body=json.dumps(page).encode()) for page in pages]

    assert isinstance(trouble(catalog, server.target()), EndlessPages)
    assert len(server.asked) == 2


def test_one_that_cannot_be_asked_keeps_no_other_location_from_being_read(
    catalog: Catalog, server: stand_in.Backstage, tmp_path: Path
) -> None:
    catalog.add(server.target())
    write(tmp_path, {"x.yaml": component("x")})
    catalog.add(str(tmp_path / "x.yaml"))
    write(tmp_path, {"x.yaml": component("y")})
    server.trouble = [Said(503, headers={"Retry-After": "0"})] * 9

    asked, read = catalog.refresh()

    assert isinstance(asked.failed, Unavailable)
    assert (read.added, read.removed) == (1, 1)
    assert names(catalog) == ["a", "b", "c", "y"]


def test_a_ctrl_c_changes_nothing(catalog: Catalog, server: stand_in.Backstage) -> None:
    server.entities = many(1_200)

    def pressed(number: int, _total: int) -> None:
        if number > 500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        catalog.add(server.target(), progress=pressed)

    assert catalog.locations() == []
    assert names(catalog) == []


# the token


def test_the_token_comes_from_the_environment_and_is_kept_nowhere(
    catalog: Catalog, server: stand_in.Backstage, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.token = SECRET
    assert "wants a token" in trouble(catalog, server.target()).message
    monkeypatch.setenv("BACKSTAGE_TOKEN", "a-wrong-one")
    assert "refuses the token in BACKSTAGE_TOKEN" in trouble(catalog, server.target()).message
    monkeypatch.setenv("BACKSTAGE_TOKEN", f" {SECRET}\n")

    catalog.add(server.target())
    catalog.refresh()

    catalog.close()
    assert [file for file in catalog.path.parent.iterdir() if SECRET.encode() in file.read_bytes()] == []


def test_a_hosts_own_token_is_for_it_alone(
    catalog: Catalog, server: stand_in.Backstage, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.token = SECRET
    monkeypatch.setenv("BACKSTAGE_TOKEN", "for-others")
    monkeypatch.setenv("BACKSTAGE_TOKEN_127_0_0_1", SECRET)
    monkeypatch.setenv("BACKSTAGE_TOKEN_BACKSTAGE_EXAMPLE_COM", "for-example")

    assert catalog.add(server.target()).added == 3


def test_a_token_that_cannot_be_sent_is_not_shown(
    catalog: Catalog, server: stand_in.Backstage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKSTAGE_TOKEN", f"{SECRET}\nInjected: yes")

    assert trouble(catalog, server.target()).message.startswith("BACKSTAGE_TOKEN cannot be sent")
    assert server.asked == []


# the address


@pytest.mark.parametrize("end", ["", "/", "/api/catalog", "/api/catalog/", "/api/catalog/entities", BY_QUERY])
def test_a_base_url_is_meant_with_and_without_the_path_of_the_api(end: str) -> None:
    assert normalised(f"backstage:https://Backstage.example.com/x{end}") == "backstage:https://backstage.example.com/x"


@pytest.mark.parametrize("given", ["backstage:", "backstage:http://example.com", "backstage:https://a:s3cr3t-token@b"])
def test_other_addresses_are_refused(catalog: Catalog, given: str) -> None:
    assert isinstance(trouble(catalog, given), AddressRefused)


def test_one_that_was_never_added_is_not_asked(catalog: Catalog, server: stand_in.Backstage) -> None:
    with pytest.raises(LocationUnknown):
        catalog.refresh(server.target())

    assert isinstance(opened(server.target()), Backstage)
    assert server.asked == []
