"""The words to search a catalog's text for, so that whatever says the same is among the candidates."""

from __future__ import annotations

from collections import defaultdict
from itertools import zip_longest
from typing import TYPE_CHECKING

from scaffolder.similar import vocabulary
from scaffolder.similar.text import Word, stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# A text search that knows English plurals and verb forms still keeps `checker` apart from `check`.
_DOERS = ("er", "or")
_LEAST_FOR_DOER = 4


def search_terms(words: Iterable[Word]) -> list[str]:
    """
    Return what to look for: each word, what it is short for, what is short for it, and who does it.

    The words themselves come first, because a search may look at so many terms only.
    """
    every = [list(_forms(word)) for word in words]
    by_turns = (term for turn in zip_longest(*every) for term in turn if term)
    return list(dict.fromkeys(by_turns))


def _forms(word: Word) -> Iterator[str]:
    lower = word.written.lower()
    yield lower
    for phrase in vocabulary.ABBREVIATIONS.get(lower, ()):
        yield from (term for term in phrase.split() if term not in vocabulary.STOP_WORDS)
    yield from _ABBREVIATED.get(word.key, ())
    if not word.readings and word.key.isascii() and word.key.isalpha() and len(word.key) >= _LEAST_FOR_DOER:
        yield word.key
        yield from (word.key + doer for doer in _DOERS)


def _abbreviated() -> Mapping[str, tuple[str, ...]]:
    """Return the abbreviations of each single word, by its key."""
    found: dict[str, list[str]] = defaultdict(list)
    for short, phrases in vocabulary.ABBREVIATIONS.items():
        for phrase in phrases:
            if " " not in phrase:
                found[stem(phrase)].append(short)
    return {key: tuple(shorts) for key, shorts in found.items()}


_ABBREVIATED = _abbreviated()
