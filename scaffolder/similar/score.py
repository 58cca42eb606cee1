"""
How well an entity does the job that somebody describes, from a few features a person can follow.

The weights are set by hand; what they mix is meant to be learned later. Nothing here reads a catalog.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from scaffolder.similar.names import Nearness

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scaffolder.similar.text import Part, Word

Verdict = Literal["exists", "close", "none"]

TAKEN_SCORE = 0.97
NEAR_SCORE = 0.9
EXISTS_SCORE = 0.75
CLOSE_SCORE = 0.25
LEAST_WORDS = 3
IMPORTANT = 0.5

FORM_WEIGHT = 0.25
NAME_WEIGHT = 1.25
SYSTEM_WEIGHT = 0.3
KIN_WEIGHT = 0.5
POWER = 1.5
TYPICAL = 0.7
LEVEL = 2.75
SLOPE = 11.5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody is looking for, in words."""

    name: Part
    purpose: Part
    tags: Part
    apis: Part

    @property
    def words(self) -> tuple[Word, ...]:
        """Every word of the query, each key once; those of the purpose first."""
        every = (*self.purpose.words, *self.name.words, *self.tags.words, *self.apis.words)
        return tuple({word.key: word for word in reversed(every)}.values())[::-1]


@dataclass(frozen=True, slots=True)
class Profile:
    """An entity as it is compared; `name` holds its title too, `apis` the paths and names of what it provides."""

    name: Part
    purpose: Part
    tags: Part
    apis: Part
    system: Part

    @property
    def known(self) -> frozenset[str]:
        """The keys it knows of itself; its system is said elsewhere."""
        return self.name.known | self.purpose.known | self.tags.known | self.apis.known

    def says(self, word: Word) -> bool:
        """Tell whether any part means `word`."""
        return word.means(self.known) or self.system.says(word)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much a word tells, by its key: rare words more. `typical` stands for a word nobody asked about."""

    by_key: Mapping[str, float]
    typical: float

    def of(self, word: Word) -> float:
        """Return the weight of one word."""
        weight = self.by_key.get(word.key, self.typical)
        return weight * FORM_WEIGHT if word.is_form else weight


@dataclass(frozen=True, slots=True)
class Features:
    """
    What a score is made of.

    `covered` is the share of what is wanted that the entity mentions, between 0 and 1; `focus` falls with all the rest
    that it mentions as well.
    """

    covered: float
    focus: float


def weigh(counts: Mapping[str, int], entities: int) -> Weights:
    """Return how much each key tells, when `counts` of that many `entities` mention it."""
    by_key = {key: math.log(1 + entities / (count + 1)) for key, count in counts.items()}
    return Weights(by_key, TYPICAL * math.log(1 + entities))


def asked(wanted: Wanted, weights: Weights) -> list[tuple[Word, float]]:
    """Return each word of the query with what it tells; a name is a purpose boiled down, and its words tell more."""
    return [
        (word, weights.of(word) ** POWER * (NAME_WEIGHT if word.key in wanted.name.keys else 1.0))
        for word in wanted.words
    ]


def features(asked_for: list[tuple[Word, float]], profile: Profile, weights: Weights) -> Features:
    """Compare one entity with what is `asked`."""
    known = profile.known
    covered = sum(weight * (1.0 if word.means(known) else _nearly(word, profile)) for word, weight in asked_for)
    own = {word.key: word for part in (profile.name, profile.purpose, profile.tags) for word in part.words}
    breadth = math.sqrt(sum(weights.of(word) ** 2 for word in own.values()))
    return Features(covered / (sum(weight for _, weight in asked_for) or 1.0), 1 / math.sqrt(max(1.0, breadth)))


def _nearly(word: Word, profile: Profile) -> float:
    """Return a part of 1 for a word of its system, or one that begins alike (`register`, `registration`)."""
    kinship = max(part.kinship(word) for part in (profile.name, profile.purpose, profile.tags))
    return max(KIN_WEIGHT * kinship, SYSTEM_WEIGHT * profile.system.says(word))


def score(found: Features, nearness: Nearness) -> float:
    """Return how probable it is that the entity does the job."""
    if nearness is not Nearness.APART:
        return TAKEN_SCORE if nearness is Nearness.TAKEN else NEAR_SCORE
    return 1 / (1 + math.exp(LEVEL - SLOPE * found.covered * found.focus))


def verdict(found_score: float, *, nearness: Nearness, fits: Callable[[], bool]) -> Verdict:
    """Turn a score into a word; `fits` tells that nothing important of the purpose is left uncovered."""
    if nearness is not Nearness.APART or (found_score >= EXISTS_SCORE and fits()):
        return "exists"
    return "close" if found_score >= CLOSE_SCORE else "none"


def fits(wanted: Wanted, profile: Profile, weights: Weights) -> bool:
    """
    Tell whether object and action both fit.

    Which word is which only grammar knows; so enough words are asked for, and none that tells much may be missing.
    """
    words = [word for word in wanted.purpose.words if not word.is_form]
    missing = [word for word in words if not (profile.name.says(word) or profile.purpose.says(word))]
    most = max(map(weights.of, words), default=0.0)
    return len(words) - len(missing) >= LEAST_WORDS and all(weights.of(word) < IMPORTANT * most for word in missing)
