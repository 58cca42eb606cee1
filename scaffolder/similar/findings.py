"""What is asked, and what was found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from scaffolder.catalog.entity import EntityRef

# People, places and what makes services are not services.
NEVER_SIMILAR = frozenset({"group", "user", "location", "domain", "template"})

LEAST_SHOWN = 0.04
"""The probability from which something is shown to a person."""

Verdict = Literal["exists", "close", "none"]


class Thresholds(NamedTuple):
    """The least probabilities from which it is said that something exists, or is close."""

    exists: float
    close: float


@dataclass(frozen=True, slots=True)
class Query:
    """A service somebody has in mind; `apis` are paths it would offer."""

    name: str = ""
    purpose: str = ""
    tags: tuple[str, ...] = ()
    apis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """
    Why an entity was found: in which part of it (`name`, `purpose`, `tags`, `apis`, `system`, or in the
    `meaning` of a word), and by which words.

    Each of `words` stands, in one of its forms, in the query and in that part, and is written as the person wrote it.
    `text` is for reading; an abbreviation shows there beside what it was taken for.
    """

    kind: str
    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """
    An entity that may do the job.

    `score` is how probable that is; a match whose `verdict` is none shares words, and little else. `matched` are words
    of the query that it mentions, `unmentioned` those of the purpose that it does not.
    """

    ref: EntityRef
    title: str
    description: str
    type: str
    lifecycle: str
    owner: str
    reserved: bool
    score: float
    verdict: Verdict
    reasons: tuple[Reason, ...]
    matched: tuple[str, ...]
    unmentioned: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the published form."""
        return {
            "entityRef": str(self.ref),
            "title": self.title,
            "owner": self.owner,
            "score": round(self.score, 4),
            "verdict": self.verdict,
            "reasons": [{"kind": reason.kind, "text": reason.text} for reason in self.reasons],
            "matched": list(self.matched),
            "unmentioned": list(self.unmentioned),
            "lifecycle": self.lifecycle,
            "reserved": self.reserved,
        }


@dataclass(frozen=True, slots=True)
class Findings:
    """
    All that was found, best first.

    `uncovered` are words of the purpose that none of the matches mentions. `unseen` is how many entities have no
    vectors yet and share no word with the query: they were not compared.
    """

    verdict: Verdict
    confidence: float
    matches: tuple[Match, ...]
    uncovered: tuple[str, ...]
    unseen: int = 0

    def worth_a_look(self) -> Findings:
        """Return what a person should read through; the rest is near only because everything else is farther."""
        return replace(self, matches=tuple(each for each in self.matches if each.score >= LEAST_SHOWN))

    def to_json(self) -> dict[str, Any]:
        """Return the published form."""
        return {
            "verdict": self.verdict,
            "confidence": round(self.confidence, 4),
            "matches": [match.to_json() for match in self.matches],
            "uncovered": list(self.uncovered),
            "unseen": self.unseen,
        }
