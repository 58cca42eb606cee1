"""
Families of near-duplicates over a whole catalog.

The model is a logistic regression on a few numbers that say how alike two entities are (`group_pairs`), none of which
may count against being alike; `scripts/fit_groups.py` writes its weights. numpy is loaded when groups are looked for.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from scaffolder.similar.findings import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from scaffolder.catalog.entity import EntityRef
    from scaffolder.similar.entities import Profile
    from scaffolder.similar.group_links import Family, Link
    from scaffolder.similar.group_pairs import Pairs
    from scaffolder.similar.group_terms import Terms
    from scaffolder.similar.text import Word

LEAST_PROBABLE = 0.3
"""On average over every two members: below it, a group is more often wrong than right somewhere."""

MOST_WORDS = 6
MOST_NEAR = 3
LEAST_NEAR = 0.7
"""Of the cosine of two terms' directions: these are used for one thing in this catalog."""

LEAST_USES = 4
"""Entities that use a term before it is said what the catalog uses it for."""

LEAST_TELLING = 0.4
"""Of what the most telling word of a group tells: a word below it is everywhere, and no reason."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an entity says of itself, as the keys of its words, in their order; only entities of a `kind` compare."""

    ref: EntityRef
    kind: str
    type: str
    name: tuple[str, ...]
    purpose: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    apis: tuple[str, ...] = ()


class Compared(Protocol):
    """All entities that can be near-duplicates; `full` has a vector of length 1 for each."""

    @property
    def entities(self) -> Sequence[Said]:
        """What each says."""

    @property
    def full(self) -> NDArray[np.float32]:
        """Vectors of names, descriptions and tags."""


@dataclass(frozen=True, slots=True)
class Group:
    """
    Entities that probably do one job.

    `confidence` is how probable that is of any two of them. `near` are terms of two members that this catalog uses for
    one thing; `tells` is how much a term of theirs tells.
    """

    members: tuple[EntityRef, ...]
    confidence: float
    near: tuple[tuple[str, str], ...] = ()
    tells: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Model:
    """What each feature counts for, per unit."""

    weights: tuple[float, ...]
    bias: float

    def probabilities(self, pairs: Pairs) -> NDArray[np.float32]:
        """Return how probable it is of each pair that the two do one job."""
        from scaffolder.similar.encoder.arrays import np

        found: NDArray[np.float32] = 1 / (
            1 + np.exp(-(pairs.features @ np.array(self.weights, np.float32) + self.bias))
        )
        return found


@cache
def model() -> Model:
    """Return the fitted model."""
    from scaffolder.similar.group_pairs import FEATURES

    stored: Mapping[str, Any] = json.loads(Path(__file__).with_name("groups.json").read_text(encoding="utf-8"))
    return Model(tuple(float(stored["weights"].get(name, 0.0)) for name in FEATURES), float(stored["bias"]))


def find_groups(compared: Compared) -> list[Group]:
    """Return the families of near-duplicates, the surest first."""
    if not compared.entities:
        return []
    from scaffolder.similar.group_links import families
    from scaffolder.similar.group_pairs import pairs_of

    pairs, terms = pairs_of(compared)
    found = families(_links(pairs), least=LEAST_PROBABLE)
    return [_group(family, compared, terms) for family in found]


def reasons(profiles: Sequence[Profile], tells: Mapping[str, float]) -> tuple[Reason, ...]:
    """
    Return why these are a group: the words that all of them say, then those that most of them do; the telling ones.

    A word counts wherever an entity says it: in its name, purpose, tags or APIs.
    """
    said = [_words(profile) for profile in profiles]
    counts = Counter(key for words in said for key in words)
    written = {key: word.written for words in reversed(said) for key, word in words.items()}
    least = LEAST_TELLING * max((tells.get(key, 0.0) for key in counts), default=0.0)
    telling = sorted((key for key in counts if tells.get(key, 0.0) >= least), key=lambda key: -tells.get(key, 0.0))
    every = [written[key] for key in telling if counts[key] == len(said)][:MOST_WORDS]
    most = [key for key in telling if len(said) > counts[key] > len(said) / 2][:MOST_WORDS]
    shares = [f"{written[key]} ({counts[key]} of {len(said)})" for key in most]
    found = (
        Reason("every", ", ".join(every), tuple(every)),
        Reason("most", ", ".join(shares), tuple(written[key] for key in most)),
    )
    return tuple(reason for reason in found if reason.words)


def near_words(near: Iterable[tuple[str, str]], profiles: Sequence[Profile]) -> tuple[tuple[str, str], ...]:
    """Return keys as members write them; a word that stands only abbreviated is left out."""
    written = {key: word.written for profile in reversed(profiles) for key, word in _words(profile).items()}
    return tuple((written[one], written[other]) for one, other in near if one in written and other in written)


def _words(profile: Profile) -> dict[str, Word]:
    parts = (profile.purpose, profile.name, profile.tags, profile.apis)
    found: dict[str, Word] = {}
    for word in (word for part in parts for word in part.words if not word.is_form):
        found.setdefault(word.key, word)
    return found


def _links(pairs: Pairs) -> Iterator[Link]:
    from scaffolder.similar import group_links

    probable = model().probabilities(pairs)
    (kept,) = (probable >= group_links.LEAST_PROBABLE).nonzero()
    numbers = (pairs.ones[kept].tolist(), pairs.others[kept].tolist(), probable[kept].tolist())
    for one, other, probability in zip(*numbers, strict=True):
        yield group_links.Link(one, other, probability)


def _group(family: Family, compared: Compared, terms: Terms) -> Group:
    refs = tuple(compared.entities[number].ref for number in family.members)
    own = [{row for row in terms.of[member].tolist() if row >= 0} for member in family.members]
    tells = {terms.names[row]: float(terms.tells[row]) for row in sorted(set[int]().union(*own))}
    return Group(refs, family.mean, tuple(_near(own, terms)), tells)


def _near(own: Sequence[set[int]], terms: Terms) -> list[tuple[str, str]]:
    """Return words that stand for each other among members and are used for one thing, the nearest first."""
    rows = [row for row in sorted(set[int]().union(*own)) if terms.uses[row] >= LEAST_USES and _is_word(terms, row)]
    directions = terms.directions[rows]
    alike = (directions @ directions.T).tolist()
    found = [
        (alike[first][second], terms.names[other], terms.names[one])
        for first, one in enumerate(rows)
        for second, other in enumerate(rows[:first])
        if alike[first][second] >= LEAST_NEAR and _stand_for_each_other(one, other, own)
    ]
    return [(one, other) for _, one, other in sorted(found, reverse=True)[:MOST_NEAR]]


def _is_word(terms: Terms, row: int) -> bool:
    return " " not in terms.names[row]


def _stand_for_each_other(one: int, other: int, own: Sequence[set[int]]) -> bool:
    """Tell whether some member says only one of the two, and some other only the other."""
    return any(one in each and other not in each for each in own) and any(
        other in each and one not in each for each in own
    )
