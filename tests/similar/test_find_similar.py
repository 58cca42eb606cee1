from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from scaffolder.catalog import Catalog, EntityRef
from scaffolder.settings import Settings
from scaffolder.similar import Query, Thresholds, find_similar, query_like
from scaffolder.similar.candidates import MADE_AT_ONCE
from scaffolder.similar.model import model
from tests.similar.catalogs import catalog_of, entity

if TYPE_CHECKING:
    from pathlib import Path

DEFINITION = """\
openapi: 3.0.0
paths:
  /leave-requests: {}
  /leave-requests/{id}/approve: {}
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return catalog_of(
        tmp_path,
        entity("Component", "link-checker-api", tags=["apis"]),
        entity("Component", "local-links-manager", tags=["publishing-apps"]),
        entity("Component", "payment-gateway", "Charges cards through several providers."),
        entity("Component", "payment-reporting", "Monthly numbers about payments for finance."),
        entity("Component", "old-scheduler", "Runs things at night.", spec={"lifecycle": "deprecated"}),
        entity(
            "Component",
            "absence",
            "Holidays of staff.",
            spec={"providesApis": ["absence-api"], "system": "people-desk"},
        ),
        entity("API", "absence-api", spec={"definition": DEFINITION}),
        entity("Component", "user-mgmt", "Accounts and their roles."),
        entity("Component", "invoice-archive", "Keeps signed invoices for ten years."),
        entity("Group", "link-checkers", "We check links on published pages."),
        entity("User", "checker", "Checks links."),
        entity("Domain", "links", "Links on published pages."),
        entity("System", "people-desk", "All about staff."),
    )


def test_a_company_may_say_from_where_on_something_exists(tmp_path: Path) -> None:
    catalog = catalog_of(tmp_path, entity("Component", "link-checker", "Checks that the links on published pages work"))
    query = Query("page-watch", "Checks the links of published pages")
    score = find_similar(catalog, query).matches[0].score

    def verdict(exists: float, close: float) -> str:
        return find_similar(catalog, query, thresholds=Thresholds(exists, close)).verdict

    assert verdict(score, score / 2) == "exists"
    assert verdict(score + 0.001, score) == "close"
    assert verdict(1, score + 0.001) == "none"


def test_the_settings_begin_with_what_was_fitted() -> None:
    fitted = model()

    assert (Settings().exists_from, Settings().close_from) == (round(fitted.exists * 100), round(fitted.close * 100))


def test_storyboard(catalog: Catalog) -> None:
    found = find_similar(catalog, Query("page-link-watch", "Check that the links on published pages still work"))
    checker = next(match for match in found.matches[:3] if match.ref.name == "link-checker-api")

    assert checker.matched == ("Check", "links")
    assert checker.unmentioned == ("published", "pages")
    assert found.verdict != "exists"
    assert found.confidence == found.matches[0].score
    assert found.uncovered == ("pages",)


@pytest.mark.parametrize(
    "name", ["payment-gateway", "PAYMENT-GATEWAY", "paymentGateways", "payment_gateway_svc", "paymnet-gateway"]
)
def test_a_taken_or_nearly_equal_name_is_found_without_a_purpose(catalog: Catalog, name: str) -> None:
    found = find_similar(catalog, Query(name), limit=1)

    assert [match.ref.name for match in found.matches] == ["payment-gateway"]
    assert found.verdict == "exists"
    assert found.matches[0].reasons[0].kind == "name"


def test_a_near_name_is_found_though_no_word_is_shared(catalog: Catalog) -> None:
    found = find_similar(catalog, Query("absense"))

    assert found.matches[0].ref.name == "absence"
    assert found.matches[0].reasons[0].words == ()


@pytest.mark.parametrize(
    ("name", "shown"), [("legder", "legder ~ Ledger"), ("holydays-api", "holydays-api ~ holidays-api")]
)
def test_the_name_that_is_near_is_shown(tmp_path: Path, name: str, shown: str) -> None:
    catalog = catalog_of(
        tmp_path,
        entity("Component", "books", title="Ledger"),
        entity("Component", "absence", spec={"providesApis": ["holidays-api"]}),
        entity("API", "holidays-api"),
    )

    found = find_similar(catalog, Query(name))

    assert found.verdict == "exists"
    assert [(reason.kind, reason.text) for reason in found.matches[0].reasons if not reason.words] == [("name", shown)]


def test_an_answer_is_honest_about_what_is_not_compared_yet(tmp_path: Path) -> None:
    catalog = catalog_of(
        tmp_path,
        entity("Component", "ledger", "Keeps the books."),
        *(entity("Component", f"other-{number}") for number in range(MADE_AT_ONCE)),
    )

    found = find_similar(catalog, Query("library", "keeps books"))

    assert [match.ref.name for match in found.matches] == ["ledger"]
    assert found.to_json()["unseen"] == MADE_AT_ONCE


def test_a_near_name_leads_whatever_the_purpose(catalog: Catalog) -> None:
    found = find_similar(catalog, Query("invoice-archives", "charges cards through several providers monthly"))

    assert found.matches[0].ref.name == "invoice-archive"


def test_another_job_on_the_same_object_is_no_duplicate(catalog: Catalog) -> None:
    verdicts = {match.ref.name: match.verdict for match in find_similar(catalog, Query("payment-gateway")).matches}

    assert verdicts["payment-gateway"] == "exists"
    assert verdicts.get("payment-reporting") != "exists"


def test_deprecated_ones_and_names_being_made_are_found_and_marked(catalog: Catalog) -> None:
    catalog.reserve(
        [EntityRef("component", "holiday-planner"), EntityRef("api", "holiday-planner")],
        task_id="7f3c",
        owner="group:default/team-a",
        purpose="Plan holidays",
        who="somebody",
        at=datetime.now(UTC),
    )

    planner, *others = find_similar(catalog, Query("holidayplaner")).matches
    old = find_similar(catalog, Query("old-schedulers")).matches[0]

    assert (planner.ref.name, planner.reserved, planner.verdict) == ("holiday-planner", True, "exists")
    assert all(match.ref.name != "holiday-planner" for match in others)
    assert (old.ref.name, old.lifecycle) == ("old-scheduler", "deprecated")


def test_an_api_speaks_for_the_component_that_provides_it(catalog: Catalog) -> None:
    found = find_similar(catalog, Query(purpose="approve leave requests", apis=("/leave-requests",)))

    assert [match.ref.kind for match in found.matches if "absence" in match.ref.name] == ["component"]
    reason = next(reason for reason in found.matches[0].reasons if reason.kind == "apis")
    assert set(reason.words) == {"approve", "leave", "requests"}


def test_people_places_and_domains_are_no_services(catalog: Catalog) -> None:
    for query in (Query("links", "check links on published pages"), Query("link-checkers"), Query("checker")):
        kinds = {match.ref.kind for match in find_similar(catalog, query, limit=50).matches}
        assert kinds <= {"component", "system", "api"}


def test_a_system_may_have_the_name_of_its_service(catalog: Catalog) -> None:
    found = find_similar(catalog, Query("people-desk"))

    assert (found.matches[0].ref.kind, found.verdict) == ("system", "close")


def test_exists_needs_everything_important(catalog: Catalog) -> None:
    whole = Query("bill-vault", "keeps signed invoices for ten years")
    other = Query("bill-vault", "translates signed invoices for ten years")

    assert find_similar(catalog, other).verdict != "exists"
    assert find_similar(catalog, whole).matches[0].ref.name == "invoice-archive"
    assert find_similar(catalog, whole).confidence > find_similar(catalog, other).confidence


def test_abbreviations_are_shown_with_what_they_were_taken_for(catalog: Catalog) -> None:
    (match, *_) = find_similar(catalog, Query(purpose="management of users")).matches
    reason = match.reasons[0]

    assert match.ref.name == "user-mgmt"
    assert reason.text == "management (mgmt), users"
    assert reason.words == ("users",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\x00\x1b[31m\u202e",
        '" OR name:* NEAR(a b) AND NOT ^x - ( ) *',
        "'; DROP TABLE claim; --",
        "check " * 2000,
        "🔥🔗✅",
        "проверка ссылок и checking of links",
        "リンク確認",
        "the of and",
        "x" * 10_000,
        "\ud800",
    ],
)
def test_hostile_text_is_ordinary(catalog: Catalog, text: str) -> None:
    before = catalog.entities()

    found = find_similar(catalog, Query(text, text, (text,), (text,)))

    assert found.to_json()["verdict"] == found.verdict != "exists"
    assert {match.ref for match in found.matches} <= {each.ref for each in before}
    assert catalog.entities() == before


def test_an_empty_catalog_holds_nothing(tmp_path: Path) -> None:
    found = find_similar(Catalog(tmp_path / "none.db"), Query("shop", "sells things"))

    assert (found.verdict, found.confidence, found.matches) == ("none", 0.0, ())
    assert found.uncovered == ("sells",)


def test_published_form(catalog: Catalog) -> None:
    published = find_similar(catalog, Query("payment-gateway"), limit=1).to_json()

    assert list(published) == ["verdict", "confidence", "matches", "uncovered", "unseen"]
    assert {"entityRef", "title", "owner", "score", "verdict", "reasons"} <= set(published["matches"][0])
    assert published["matches"][0]["owner"] == "group:default/team-a"
    assert published["matches"][0]["reasons"] == [{"kind": "name", "text": "payment, gateway"}]


def test_what_is_like_an_entity_is_not_itself(catalog: Catalog) -> None:
    ref = EntityRef("component", "payment-gateway")
    query = query_like(catalog, catalog.require(ref))

    assert all(match.ref.key != ref.key for match in find_similar(catalog, query, without=ref.key).matches)
    assert "/leave-requests" in query_like(catalog, catalog.require(EntityRef("component", "absence"))).apis


def test_gov_uk(tmp_path: Path, test_data: Path) -> None:
    catalog = Catalog(tmp_path / "catalog.db")
    catalog.add(str(test_data / "catalogs" / "govuk.yaml"))

    found = find_similar(catalog, Query("page-link-watch", "check that the links on published pages still work"))

    assert "link-checker-api" in [match.ref.name for match in found.matches[:3]]
    assert found.verdict == "close"
