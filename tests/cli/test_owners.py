"""`scaffolder owners`, as a person types it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.catalog.files import component, group, user, write
from tests.cli.program import run

if TYPE_CHECKING:
    from pathlib import Path

CATALOG = "---\n".join(
    [
        component(
            "orders",
            owner="trade",
            more=(
                "  description: Takes orders\n"
                "  annotations: {backstage.io/source-location: 'url:https://github.com/acme/orders/'}\n"
                "  links: [{url: 'https://run.example/orders', title: Runbook}]\n"
            ),
        ),
        component("order-history", owner="nobody-knows", more='  description: "Keeps \\e[31morders"\n'),
        group("trade", spec="  profile: {displayName: Trade, email: trade@example.com}\n  members: [ann]\n"),
        user("ann", spec="  profile: {displayName: Ann, email: ann@example.com}\n"),
    ]
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write(tmp_path, {"all.yaml": CATALOG})
    run("catalog", "add", "all.yaml", cwd=tmp_path)
    return tmp_path


def test_the_answer_fits_on_a_screen(place: Path) -> None:
    assert run("owners", "orders", cwd=place).stdout.splitlines() == [
        "orders · component · service · production",
        "  Takes orders",
        "",
        "owner   Trade (trade)",
        "reach   trade@example.com",
        "people  Ann ann@example.com",
        "run     Runbook https://run.example/orders",
        "        https://github.com/acme/orders#readme",
        "docs    none registered",
        "source  https://github.com/acme/orders",
        "ref     component:default/orders",
    ]


def test_a_team_is_its_own_answer(place: Path) -> None:
    assert run("owners", "trade", cwd=place).stdout.splitlines()[2:] == [
        "owner   Trade (trade)",
        "reach   trade@example.com",
        "people  Ann ann@example.com",
        "ref     group:default/trade",
    ]


def test_words_need_no_quotes_and_what_else_they_mean_is_said(place: Path) -> None:
    done = run("owners", "keeps", "orders", cwd=place)

    assert "owner   nobody-knows (not in the catalog)" in done.stdout
    assert "\x1b" not in done.stdout
    assert run("owners", "takes orders now", cwd=place).stderr == "\nThis could also mean component:order-history.\n"


def test_json(place: Path) -> None:
    assert json.loads(run("owners", "orders", "--json", cwd=place).stdout) == {
        "entityRef": "component:default/orders",
        "title": "orders",
        "description": "Takes orders",
        "type": "service",
        "lifecycle": "production",
        "reserved": False,
        "meantBy": "ref",
        "others": [],
        "owner": {
            "entityRef": "group:default/trade",
            "name": "Trade (trade)",
            "ways": ["trade@example.com"],
            "people": [{"entityRef": "user:default/ann", "name": "Ann", "email": "ann@example.com"}],
            "teams": [],
        },
        "instead": None,
        "run": ["Runbook https://run.example/orders"],
        "docs": [],
        "source": "https://github.com/acme/orders",
        "readme": "https://github.com/acme/orders#readme",
        "template": None,
        "file": "",
    }


def test_what_nothing_fits_is_an_error_with_a_way_out(place: Path) -> None:
    assert "hint: " in run("owners", "bakery", cwd=place, code=2).stderr
    assert json.loads(run("owners", "bakery", "--json", cwd=place, code=2).stdout)["error"]["code"] == "nothing-meant"
