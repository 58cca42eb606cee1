"""
What tells whether an entry does the job that somebody describes: a row of numbers for each of the nearest entries.

Four views of the same question: how near the texts are as a whole; which words of one are said by the other, in the
same or in another word; which of the catalog's own terms lie near each other; and how the entry stands among all
others. Words count by how rare they are. `NAMES` says what each column is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.similar import terms_in_use
from scaffolder.similar.encoder.arrays import np
from scaffolder.similar.encoder.words import word_vectors
from scaffolder.similar.text import FORM_KEYS, stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from scaffolder.catalog.comparisons import Compared, Texts
    from scaffolder.similar.terms_in_use import Centre

    Floats = NDArray[np.float32]
    Numbers = NDArray[np.int64]

FORM_WEIGHT = 0.3
FORM_WEIGHT_IN_NAME = 0.25
UNRELATED, SAME = 0.2, 0.7
"""Cosines of two words' vectors below which they have nothing to do with each other, and above which they are one."""

PRESUMED, PRESUMED_MEAN, PRESUMED_DEVIATION = 50, 0.15, 0.09
"""Entries that every catalog is taken to have besides its own, and how near they are: three alone are no measure."""

LEAST_ENTRIES = 100
"""A word that no other entry of a small catalog uses is not common for that."""

MANY_WORDS = 40
LONG_WISH = 20
TELLING = 3
TELLING_TERMS = 4
NEIGHBOURS = 5


class Wish(NamedTuple):
    """What somebody wants: its words, and the vectors of all of it and of its name."""

    texts: Texts
    whole: Floats
    name: Floats


class Entry(NamedTuple):
    """An entry to compare it with; `apis` are the words of the APIs that it provides."""

    row: Compared
    apis: frozenset[str]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """
    The catalog around the entries: vectors of these, cosines of all to the wish, numbers of words, and its own terms.

    `counts` says how many entries use a term, `entries` how many there are.
    """

    vectors: Floats
    name_vectors: Floats
    cosines: Floats
    nearest: Floats
    middle: Floats
    counts: Mapping[str, int]
    centres: Mapping[str, Centre]
    entries: int

    def rarity(self, key: str) -> float:
        """Return how much a word tells."""
        return float(np.log1p(max(self.entries, LEAST_ENTRIES) / (self.counts.get(key, 0) + 1.0)))


def features(wish: Wish, entries: Sequence[Entry], around: Surroundings, cosines: Floats) -> Floats:
    """Return a row for each entry; `cosines` are those of the entries to the wish."""
    columns = {
        **_nearness(wish, around, cosines),
        **_Words(wish, entries, around).columns(),
        **_Terms(wish, entries, around).columns(),
    }
    columns["both"] = columns["name_said"] * columns["purpose_said"]
    columns["alike"] = np.sqrt(columns["said"] * columns["says"])
    columns["names_alike"] = np.sqrt(columns["said_by_name"] * columns["name_says"])
    return np.stack([columns[name] for name in NAMES], axis=1).astype(np.float32)


NAMES = (
    "cosine", "cosine_names", "cosine_name_whole", "cosine_whole_name", "deviation", "behind_best", "rank",
    "cosine_nearest", "crowd", "before_crowd",
    "same_words", "said", "said_raw", "says", "least_said", "telling_said", "name_said", "purpose_said",
    "name_said_by_name", "said_by_name", "name_says", "unsaid_most", "unsaid", "unsays",
    "letters", "tags", "paths", "paths_said", "undescribed", "words", "wish_words",
    "terms", "terms_least", "terms_back", "terms_back_least", "terms_known", "terms_whole", "terms_whole_least",
    "phrases", "first",
    "both", "alike", "names_alike",
)  # fmt: skip


def _nearness(wish: Wish, around: Surroundings, cosines: Floats) -> dict[str, Floats]:
    middle, spread = _typical(around.cosines)
    nearest = around.nearest / (np.linalg.norm(around.nearest) or 1.0)
    among = around.vectors @ around.vectors.T
    np.fill_diagonal(among, 0)
    crowd = np.sort(among, axis=1)[:, -NEIGHBOURS:].mean(axis=1)
    ranks = np.argsort(np.argsort(-cosines, kind="stable"), kind="stable")
    return {
        "cosine": cosines,
        "cosine_names": around.name_vectors @ wish.name,
        "cosine_name_whole": around.vectors @ wish.name,
        "cosine_whole_name": around.name_vectors @ wish.whole,
        "deviation": (cosines - middle) / spread,
        "behind_best": cosines - cosines.max(),
        "rank": 1 / (1 + ranks),
        "cosine_nearest": around.vectors @ nearest,
        "crowd": crowd,
        "before_crowd": cosines - crowd,
    }


def _typical(cosines: Floats) -> tuple[float, float]:
    """Return mean and deviation of all cosines; of few, mostly what they are in any catalog."""
    some = len(cosines) + PRESUMED
    middle = (float(cosines.sum()) + PRESUMED * PRESUMED_MEAN) / some
    squares = float(((cosines - middle) ** 2).sum()) + PRESUMED * PRESUMED_DEVIATION**2
    return middle, float((squares / some) ** 0.5)


class _Table(NamedTuple):
    """Words, or terms, of many entries, each once; `of` holds the columns of each entry, padded with `pad`."""

    keys: list[str]
    of: Numbers
    present: NDArray[np.bool_]

    @classmethod
    def made(cls, lists: Sequence[Sequence[str]]) -> _Table:
        numbers: dict[str, int] = {}
        found = [[numbers.setdefault(key, len(numbers)) for key in keys] for keys in lists]
        longest = max(1, *map(len, found)) if found else 1
        of = np.zeros((len(found), longest), np.int64)
        present = np.zeros((len(found), longest), bool)
        for row, each in enumerate(found):
            of[row, : len(each)] = each
            present[row, : len(each)] = True
        return cls(list(numbers), of, present)

    def most(self, fit: Floats) -> Floats:
        """Return the best fit among an entry's columns: of (wanted x keys), (entries x wanted)."""
        spread = np.where(self.present[None], fit[:, self.of], 0.0)
        return np.asarray(spread.max(axis=2).T, np.float32)

    def values(self, by_key: Floats) -> Floats:
        """Return one value a key, laid out for each entry, 0 where there is none."""
        return np.where(self.present, by_key[self.of] if len(by_key) else 0.0, 0.0).astype(np.float32)


def _share(part: Floats, whole: Floats | float) -> Floats:
    return np.asarray(part / np.where(np.asarray(whole) == 0, 1, whole), np.float32)


class _Words:
    """Which words are said, in the same or another word."""

    def __init__(self, wish: Wish, entries: Sequence[Entry], around: Surroundings) -> None:
        self._wish = wish
        self._entries = entries
        self._around = around
        self._wanted = _by_key(wish.texts.name, wish.texts.purpose, wish.texts.tags) or {"?": "?"}
        self._weights = np.array([self._weight(key, FORM_WEIGHT) for key in self._wanted], np.float32)
        self._own = [_by_key(row.texts.name, row.texts.purpose, row.texts.tags) for row, _ in entries]

    def _weight(self, key: str, form: float) -> float:
        return self._around.rarity(key) * (form if key in FORM_KEYS else 1.0)

    def columns(self) -> dict[str, Floats]:
        return {**self._coverage(), **self._name_coverage(), **self._rest()}

    @cached_property
    def _vectors(self) -> Floats:
        return word_vectors()(list(self._wanted.values()))

    def _fit(self, table: _Table, words: Mapping[str, str]) -> tuple[Floats, Floats]:
        """Return how well each wanted word fits each key: as it is, and from nothing in common to the same."""
        if not table.keys:
            nothing = np.zeros((len(self._wanted), 1), np.float32)
            return nothing, nothing
        raw = self._vectors @ word_vectors()([words[key] for key in table.keys]).T
        same = np.array([[key == other for other in table.keys] for key in self._wanted], bool)
        scaled = np.clip((raw - UNRELATED) / (SAME - UNRELATED), 0, 1)
        return np.where(same, 1, raw), np.where(same, 1, scaled)

    def _coverage(self) -> dict[str, Floats]:
        table = _Table.made([list(own) for own in self._own])
        raw, scaled = self._fit(table, {key: word for own in self._own for key, word in own.items()})
        in_paths = self._having([each.apis for each in self._entries])
        same = np.maximum(self._having([own.keys() for own in self._own]), in_paths)
        said = np.maximum(table.most(scaled), in_paths)
        weights, total = self._weights, self._weights.sum()
        says = table.values(scaled.max(axis=0)) if len(table.keys) else np.zeros(table.of.shape, np.float32)
        rarity = table.values(np.array([self._around.rarity(key) for key in table.keys], np.float32))
        telling = np.argsort(-weights, kind="stable")[:TELLING]
        named, meant = self._in(self._wish.texts.name), self._in(self._wish.texts.purpose)
        missing = (1 - said) * weights
        return {
            "same_words": _share(same @ weights, total),
            "said": _share(said @ weights, total),
            "said_raw": _share(np.maximum(table.most(raw), in_paths) @ weights, total),
            "says": _share((says * rarity).sum(axis=1), rarity.sum(axis=1)),
            "least_said": said[:, telling].min(axis=1),
            "telling_said": said[:, telling].mean(axis=1),
            "name_said": _share(said @ (weights * named), (weights * named).sum()),
            "purpose_said": _share(said @ (weights * meant), (weights * meant).sum()),
            "unsaid_most": missing.max(axis=1) / (weights.max() or 1.0),
            "unsaid": missing.sum(axis=1),
            "unsays": ((1 - says) * rarity).sum(axis=1),
            "paths_said": _share(in_paths @ weights, total),
            "words": np.minimum(table.present.sum(axis=1), MANY_WORDS) / np.float32(MANY_WORDS),
        }

    def _name_coverage(self) -> dict[str, Floats]:
        names = [_by_key(row.texts.name) for row, _ in self._entries]
        table = _Table.made([list(name) for name in names])
        _, scaled = self._fit(table, {key: word for name in names for key, word in name.items()})
        said = table.most(scaled)
        says = table.values(scaled.max(axis=0)) if len(table.keys) else np.zeros(table.of.shape, np.float32)
        rarity = table.values(np.array([self._weight(key, FORM_WEIGHT_IN_NAME) for key in table.keys], np.float32))
        named = self._weights * self._in(self._wish.texts.name)
        return {
            "name_said_by_name": _share(said @ named, named.sum()),
            "said_by_name": _share(said @ self._weights, self._weights.sum()),
            "name_says": _share((says * rarity).sum(axis=1), rarity.sum(axis=1)),
        }

    def _rest(self) -> dict[str, Floats]:
        texts = [row.texts for row, _ in self._entries]
        tags = self._having([{stem(word) for word in text.tags.split()} for text in texts])
        paths = {stem(word) for word in self._wish.texts.apis.split()}
        letters = _letters(_flat_name(self._wish.texts))
        first = next(iter(map(stem, self._wish.texts.purpose.split())), None)
        return {
            "letters": _column(_overlap(letters, _letters(_flat_name(text))) for text in texts),
            "tags": _share(tags @ self._weights, self._weights.sum()),
            "paths": _column(len(paths & each.apis) / (len(paths) or 1) for each in self._entries),
            "undescribed": _column(not text.purpose for text in texts),
            "wish_words": np.full(len(texts), min(len(self._wanted), LONG_WISH) / LONG_WISH, np.float32),
            "first": _column(first in own for own in self._own),
        }

    def _having(self, keys: Iterable[Iterable[str]]) -> Floats:
        held = [frozenset(each) for each in keys]
        return np.array([[key in each for key in self._wanted] for each in held], np.float32)

    def _in(self, text: str) -> Floats:
        keys = {stem(word) for word in text.split()}
        return np.array([key in keys for key in self._wanted], np.float32)


class _Terms:
    """How near the catalog's own terms are."""

    def __init__(self, wish: Wish, entries: Sequence[Entry], around: Surroundings) -> None:
        self._around = around
        self._all = terms_in_use.terms_of(wish.texts)
        self._wanted = sorted(term for term in self._all if term in around.centres)
        self._entries = [terms_in_use.terms_of(row.texts) for row, _ in entries]
        known = [sorted(term for term in terms if term in around.centres) for terms in self._entries]
        self._table = _Table.made(known)

    def columns(self) -> dict[str, Floats]:
        phrases = {term for term in self._all if " " in term}
        single = self._all - phrases
        found = {
            "phrases": _column(len(phrases & terms) for terms in self._entries),
            "terms_known": np.full(
                len(self._entries), len(single.intersection(self._wanted)) / max(1, len(single)), np.float32
            ),
        }
        return {**found, **self._whole(), **self._one_by_one()}

    def _whole(self) -> dict[str, Floats]:
        if not self._wanted:
            return dict.fromkeys(("terms_whole", "terms_whole_least"), self._nothing)
        near: Floats = terms_in_use.centred(self._around.vectors, self._around.middle) @ self._vectors(self._wanted).T
        weights = self._weights(self._wanted)
        return {
            "terms_whole": _share(near @ weights, weights.sum()),
            "terms_whole_least": near[:, np.argsort(-weights, kind="stable")[:TELLING]].min(axis=1),
        }

    def _one_by_one(self) -> dict[str, Floats]:
        names = ("terms", "terms_least", "terms_back", "terms_back_least")
        if not self._wanted or not self._table.keys:
            return dict.fromkeys(names, self._nothing)
        near = self._vectors(self._wanted) @ self._vectors(self._table.keys).T
        weights, there = self._weights(self._wanted), self._weights(self._table.keys)
        said = self._table.most(near)
        back = self._table.values(near.max(axis=0))
        back_weights = self._table.values(there)
        telling = np.argsort(-weights, kind="stable")[:TELLING_TERMS]
        any_there = self._table.present.any(axis=1)
        columns = (
            _share(said @ weights, weights.sum()),
            said[:, telling].min(axis=1),
            _share((back * back_weights).sum(axis=1), back_weights.sum(axis=1)),
            _least_telling(back, back_weights),
        )
        return dict(zip(names, (np.where(any_there, column, 0) for column in columns), strict=True))

    def _vectors(self, terms: Sequence[str]) -> Floats:
        return np.asarray(np.stack([self._around.centres[term].vector for term in terms]), np.float32)

    def _weights(self, terms: Sequence[str]) -> Floats:
        """Return what terms tell: rare ones more, and those more whose entries agree."""
        return np.array(
            [self._around.centres[term].agreement * self._around.rarity(term) for term in terms], np.float32
        )

    @property
    def _nothing(self) -> Floats:
        return np.zeros(len(self._entries), np.float32)


def _least_telling(values: Floats, weights: Floats) -> Floats:
    """Return the least value among the columns that tell most, row by row."""
    order = np.argsort(-weights, axis=1, kind="stable")[:, :TELLING_TERMS]
    chosen = np.take_along_axis(values, order, axis=1)
    telling = np.take_along_axis(weights, order, axis=1) > 0
    return np.asarray(np.where(telling, chosen, 1).min(axis=1), np.float32)


def _by_key(*texts: str) -> dict[str, str]:
    """Return the words of texts by their keys, the first of each."""
    words: dict[str, str] = {}
    for text in texts:
        for word in text.split():
            words.setdefault(stem(word), word)
    return words


def _column(values: Iterable[float]) -> Floats:
    return np.fromiter(values, np.float32)


def _flat_name(texts: Texts) -> str:
    return texts.names.partition("\t")[0]


def _letters(name: str) -> set[str]:
    """Return every three letters in a row."""
    return {name[at : at + 3] for at in range(len(name) - 2)}


def _overlap(one: set[str], other: set[str]) -> float:
    return 2 * len(one & other) / ((len(one) + len(other)) or 1)
