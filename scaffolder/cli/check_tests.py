"""What a catalog check found, as tests: an entity is one, and so is what was found in no entity."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from scaffolder.app.check import Check, Severity, place_of
from scaffolder.cli.junit import Result, Test, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffolder.app.check import Finding
    from scaffolder.errors import Place

SUITE: Final = "scaffolder catalog check"
RESULTS: Final[dict[Severity, Result]] = {Severity.ERROR: "failure", Severity.UNKNOWN: "error"}


def as_tests(check: Check) -> Iterator[Test]:
    """Iterate over the entities and reservations, then over what was found apart from them."""
    left: dict[tuple[str, int | None], list[Finding]] = defaultdict(list)
    for finding in check.findings:
        left[_key(finding.place)].append(finding)
    for found in check.entities:
        yield _test(str(found.entity.ref), found.place, left.pop(_key(found.place), []))
    for held in check.reservations:
        place = place_of(held)
        yield _test(str(held.reservation.ref), place, left.pop(_key(place), []))
    for findings in left.values():
        yield _test(findings[0].subject or str(findings[0].place), findings[0].place, findings)


def _key(place: Place) -> tuple[str, int | None]:
    return place.file, place.document


def _test(name: str, place: Place, findings: Sequence[Finding]) -> Test:
    """Return a test with its worst result; its lines are all that was found."""
    lines = [plain(str(each)) for each in findings]
    worst = next((each for severity in RESULTS for each in findings if each.severity is severity), None)
    if worst is None:
        return Test(name, place, lines=lines)
    return Test(name, place, RESULTS[worst.severity], worst.message, worst.code, lines)
