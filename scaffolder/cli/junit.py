"""
A check as JUnit XML, which GitLab, Jenkins, Azure and the actions of GitHub show as tests.

There is no standard; this is the part all of them read, as Jenkins' plugin has it:
https://github.com/testmoapp/junitxml · https://docs.gitlab.com/ci/testing/unit_test_reports/

An entity is a test, and what was found in no entity is one of its own. What XML cannot hold is shown as an escape.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET  # only written, never read

from scaffolder.app.check import Check, Severity, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffolder.app.check import Finding
    from scaffolder.errors import Place

SUITE = "scaffolder catalog check"

# https://www.w3.org/TR/xml/#charsets, without what XML would turn into a space, and without marks that reorder a line.
_NOT_XML = re.compile(
    "[^\x20-\x7e\xa0-\u061b\u061d-\u200d\u2010-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufefe\uff00-\ufffd"
    "\U00010000-\U0010ffff]"
)
_TAGS = {Severity.ERROR: "failure", Severity.UNKNOWN: "error"}


class Case(NamedTuple):
    """A test: what it is about, where that is, and what was found there."""

    name: str
    place: Place
    findings: Sequence[Finding]

    def number(self, severity: Severity) -> int:
        """Return how many findings of a severity it has."""
        return sum(each.severity is severity for each in self.findings)


def document(check: Check) -> str:
    """Return the whole document."""
    tests = list(tests_of(check))
    failures = sum(bool(each.number(Severity.ERROR)) for each in tests)
    errors = sum(bool(each.number(Severity.UNKNOWN) and not each.number(Severity.ERROR)) for each in tests)
    numbers = {"tests": str(len(tests)), "failures": str(failures), "errors": str(errors)}
    root = ET.Element("testsuites", {"name": SUITE, **numbers})
    suite = ET.SubElement(root, "testsuite", {"name": SUITE, **numbers, "skipped": "0", "time": "0"})
    for each in tests:
        _write(suite, each)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def tests_of(check: Check) -> Iterator[Case]:
    """Iterate over the entities and reservations as tests, then over what was found apart from them."""
    left: dict[tuple[str, int | None], list[Finding]] = defaultdict(list)
    for finding in check.findings:
        left[_key(finding.place)].append(finding)
    for found in check.entities:
        yield Case(str(found.entity.ref), found.place, left.pop(_key(found.place), []))
    for held in check.reservations:
        place = place_of(held)
        yield Case(str(held.reservation.ref), place, left.pop(_key(place), []))
    for findings in left.values():
        yield Case(findings[0].subject or str(findings[0].place), findings[0].place, findings)


def _key(place: Place) -> tuple[str, int | None]:
    return place.file, place.document


def _write(suite: ET.Element, case: Case) -> None:
    """Write a test with at most one result: others are not read everywhere, and its text has all findings."""
    file, line = plain(case.place.file), case.place.line
    facts = {"classname": file, "name": plain(case.name), "file": file, "time": "0"}
    element = ET.SubElement(suite, "testcase", facts | ({"line": str(line)} if line else {}))
    wrong = next((each for tag in _TAGS for each in case.findings if each.severity is tag), None)
    result = ET.Element(_TAGS[wrong.severity], message=plain(wrong.message), type=wrong.code) if wrong else None
    told = result if result is not None else ET.Element("system-out")
    told.text = "\n".join(plain(str(each)) for each in case.findings)
    if case.findings:
        element.append(told)


def plain(text: str) -> str:
    """Return a text on one line that XML can hold."""
    line = " ".join(text.split())
    return _NOT_XML.sub(lambda found: found[0].encode("unicode_escape").decode(), line)
