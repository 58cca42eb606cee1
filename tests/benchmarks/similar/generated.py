"""Catalogs of any size with varied words, the same for the same seed: to measure speed, not how well is found."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 11
EVERY_API = 5

THINGS = (Path(__file__).parent / "things.txt").read_text(encoding="utf-8").split()
WHERE = (Path(__file__).parent / "where.txt").read_text(encoding="utf-8").splitlines()

ACTIONS = {
    "approval": "lets a manager accept or refuse",
    "archive": "keeps for many years",
    "audit": "records who changed",
    "broker": "brings together those who need",
    "calculator": "works out the cost of",
    "cleaner": "removes what nobody needs of",
    "collector": "gathers data about",
    "comparison": "puts side by side",
    "counter": "counts",
    "dispatcher": "sends people out to",
    "editor": "lets staff change",
    "exporter": "hands to the accountants",
    "finder": "finds by words",
    "forecast": "predicts next month's",
    "gateway": "receives from partners",
    "history": "shows how it went with",
    "importer": "reads from files",
    "inspector": "checks the state of",
    "ledger": "adds up",
    "mailer": "writes letters about",
    "map": "shows on a map",
    "matcher": "matches with its owner",
    "merger": "joins duplicates of",
    "monitor": "watches and warns about",
    "notifier": "tells people about changes of",
    "optimiser": "finds the cheapest",
    "planner": "plans ahead",
    "preview": "shows before it is published",
    "printer": "prints",
    "ranking": "puts into order",
    "register": "keeps the list of",
    "renderer": "draws",
    "report": "sums up every week",
    "router": "passes on to the right team",
    "scanner": "reads from paper",
    "simulator": "tries out",
    "sync": "copies between two offices",
    "tracker": "follows on its way",
    "translator": "puts into other languages",
    "validator": "refuses wrong",
}

TECH = ("kafka", "python", "go", "java", "postgres", "batch", "stream", "rest", "mobile", "web", "internal", "legacy")


def rows(number: int, *, seed: int = SEED) -> list[dict[str, Any]]:
    """Return as many rows; every fifth offers an API."""
    return list(islice(_rows(Random(seed)), number))  # noqa: S311  # the same rows each time


def _rows(random: Random) -> Iterator[dict[str, Any]]:
    number = 0
    while True:
        thing, other, third = random.sample(THINGS, 3)
        action, does = random.choice(list(ACTIONS.items()))
        paths = [f"/v1/{thing}s", f"/v1/{thing}s/{{id}}/{action}"] if number % EVERY_API == 0 else []
        yield {
            "id": f"made:{number:06}",
            "name": f"{thing}-{other}-{action}",
            "description": f"{does.capitalize()} each {thing} and its {other} {random.choice(WHERE)}; needs a {third}.",
            "tags": [thing, *random.sample(TECH, 2)],
            "extra": {"owner": f"team-{random.choice(THINGS)}", "apis": paths},
        }
        number += 1
