"""What findings mean, in words: the same in the wizard, in a terminal and in a comment."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scaffolder.app.existing import Existing
    from scaffolder.similar import Findings, Match

SAID = {
    "exists": "This exists already",
    "close": "Something like this may exist already",
    "none": "Nothing like it",
}
_EACH = {"exists": "does this already", "close": "may do this", "none": "something else"}
_PARTS = {"apis": "API paths"}


def said(findings: Findings) -> str:
    """Return the verdict, and how sure it is; what was found although nothing is like it is only nearest."""
    if not findings.matches:
        return f"{SAID['none']} is in the catalog"
    if findings.verdict == "none":
        return f"{SAID['none']}: these come nearest ({percent(findings.confidence)} likely)"
    return f"{SAID[findings.verdict]} ({percent(findings.confidence)} likely)"


def unseen(findings: Findings) -> str:
    """Return how much was not looked at yet; '' when everything was."""
    if not findings.unseen:
        return ""
    return f"{findings.unseen:,} entities are not made ready yet: of those, only what shares words was looked at"


def percent(probability: float) -> str:
    """Return a probability as people say it; nothing that was guessed is certain."""
    return f"{min(max(round(probability * 100), 1), 99)} %"


def of_one(match: Match) -> str:
    """Return what one match is to the query, and how sure that is."""
    return f"{_EACH[match.verdict]} ({percent(match.score)})"


def lifecycle(existing: Existing) -> str:
    """Return where it is in its life; a name being made and what nobody should use any more are marked."""
    if existing.match.reserved:
        return "reserved: being made right now"
    return "deprecated: on its way out" if existing.is_deprecated else existing.match.lifecycle


def kind(match: Match) -> str:
    """Return what it is: its type, else its kind."""
    return match.type or match.ref.kind.lower()


def why(match: Match) -> str:
    """Return what matched, and where."""
    return " · ".join(f"{_PARTS.get(reason.kind, reason.kind)}: {reason.text}" for reason in match.reasons)
