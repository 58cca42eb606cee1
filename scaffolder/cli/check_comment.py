"""
A check as a comment on a pull request, in Markdown.

Its first line is a mark by which a workflow finds the comment again. What an entity says is escaped; see `markdown`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.app.check import Severity
from scaffolder.cli.markdown import code, prose
from scaffolder.cli.review_comment import LONGEST, similar_services

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.app.check import Check, Finding

MARK = "<!-- scaffolder catalog check -->"
MOST = {Severity.ERROR: 50, Severity.UNKNOWN: 20, Severity.WARNING: 20}
"""Findings that are told of each severity; the others are counted."""
TITLES = {
    Severity.ERROR: ("1 error", "errors"),
    Severity.UNKNOWN: ("1 thing was not found out", "things were not found out"),
    Severity.WARNING: ("1 warning", "warnings"),
}


def comment(check: Check, summary: str) -> str:
    """Return the whole comment; what does not fit is counted."""
    parts = [_section(severity, check) for severity in TITLES]
    text = "\n\n".join([f"{MARK}\n### Catalog check: {_verdict(check)}", f"{summary}.", *filter(None, parts)])
    similar = similar_services(check.review, longest=LONGEST - len(text)) if check.review else ""
    return f"{text}\n\n{similar}" if similar else text


def _verdict(check: Check) -> str:
    if check.number(Severity.ERROR):
        return "failed"
    return "not complete" if check.number(Severity.UNKNOWN) else "passed"


def _section(severity: Severity, check: Check) -> str:
    found = [each for each in check.findings if each.severity is severity]
    if not found:
        return ""
    one, many = TITLES[severity]
    title = f"#### {one if len(found) == 1 else f'{len(found):,} {many}'}"
    return "\n".join([f"{title}\n", *map(_line, found[: MOST[severity]]), *_more(found, MOST[severity])])


def _line(finding: Finding) -> str:
    about = f"{code(finding.subject)}: " if finding.subject else ""
    return f"- {code(str(finding.place))}: {about}{prose(finding.message)}"


def _more(found: Sequence[Finding], most: int) -> list[str]:
    left = len(found) - most
    return [f"- …and {left:,} more: `scaffolder catalog check` has them all"] if left > 0 else []
