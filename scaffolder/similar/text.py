"""
Words, and what they are compared by.

A word keeps the letters its writer chose, for showing, and has a *key*, its stem. Two words say the same when their
keys are equal, or when one is short for the other.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from scaffolder.similar import vocabulary

LONGEST_WORD = 64
MOST_WORDS = 120
SHORTEST = 4
"""Letters of the shortest word that has forms."""

_RUN = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=\d)(?=[^\W\d])|(?<=[^\W\d])(?=\d)")
_VERSION = re.compile(r"v?\d+")
_PASSES = 3
_LEAST_VERB = 3

# Ending, what takes its place, least number of letters before it.
_ENDINGS = (
    ("ification", "ifi", 2),
    ("ifying", "ifi", 2),
    ("ified", "ifi", 2),
    ("ifier", "ifi", 2),
    ("ify", "ifi", 2),
    ("isation", "iz", 3),
    ("ization", "iz", 3),
    ("ising", "iz", 3),
    ("izing", "iz", 3),
    ("ised", "iz", 3),
    ("ized", "iz", 3),
    ("iser", "iz", 3),
    ("izer", "iz", 3),
    ("ise", "iz", 3),
    ("ize", "iz", 3),
    ("ysis", "ys", 3),
    ("yze", "ys", 3),
    ("yzing", "ys", 3),
    ("yzed", "ys", 3),
    ("yzer", "ys", 3),
    ("ating", "", 4),
    ("ation", "", 4),
    ("ated", "", 4),
    ("ator", "", 4),
    ("ate", "", 4),
    ("tion", "t", 3),
    ("sion", "s", 3),
    ("tor", "t", 3),
    ("sor", "s", 3),
    ("ment", "", 3),
    ("val", "v", 3),
    ("wal", "w", 3),
    ("ying", "y", 2),
    ("ied", "y", 2),
    ("er", "", 4),
    ("ly", "", 4),
)


@dataclass(frozen=True, slots=True)
class Word:
    """
    A word that says something.

    `readings` are the phrases it may be short for, each as a set of keys.
    """

    written: str
    key: str
    readings: tuple[frozenset[str], ...] = ()

    @property
    def is_form(self) -> bool:
        """Tell whether it only says what a thing is made as (`service`, `api`)."""
        return self.means(FORM_KEYS)

    def means(self, known: frozenset[str]) -> bool:
        """Tell whether the word, or what it is short for, is among `known` keys."""
        return self.key in known or any(reading <= known for reading in self.readings)


@dataclass(frozen=True, slots=True)
class Part:
    """
    The words of one part of a text, each key once, in their order.

    `keys` holds what is written there; `known` also what its abbreviations may stand for.
    """

    words: tuple[Word, ...]
    keys: frozenset[str]
    known: frozenset[str]

    def has(self, word: Word) -> bool:
        """Tell whether `word` itself is written here, in any of its forms."""
        return word.key in self.keys

    def says(self, word: Word) -> bool:
        """Tell whether `word` is meant here: written, abbreviated, or written in full."""
        return word.means(self.known)


def pieces(text: str) -> list[str]:
    """Split `text` into words and identifiers into theirs: camelCase, kebab-case, snake_case, digits."""
    runs = _RUN.findall(unicodedata.normalize("NFC", text))
    return [piece for run in runs if len(run) <= LONGEST_WORD for piece in _split(run)]


def _split(run: str) -> list[str]:
    lower = run.lower()
    if lower in vocabulary.ONE_WORD or lower in vocabulary.ABBREVIATIONS:
        return [run]
    return _HUMP.split(run)


def part(text: str) -> Part:
    """Return the words of `text` that say something; what comes after the first `MOST_WORDS` of them is left out."""
    return _part(text)


@lru_cache(maxsize=8192)
def _part(text: str) -> Part:
    words: dict[str, Word] = {}
    for piece in pieces(text):
        word = _word(piece)
        if word is not None and len(words) < MOST_WORDS:
            words.setdefault(word.key, word)
    keys = frozenset(words)
    meant = (reading for word in words.values() for reading in word.readings)
    return Part(tuple(words.values()), keys, keys.union(*meant))


def content(text: str) -> list[str]:
    """Return the words of `text` that say something, in lower case, an abbreviation as what it likely stands for."""
    known = ((word, vocabulary.ABBREVIATIONS.get(word.written.lower())) for word in part(text).words)
    return [each for word, meanings in known for each in (meanings[0] if meanings else word.written.lower()).split()]


def is_version(piece: str) -> bool:
    """Tell whether this is a number, or a version such as `v2`."""
    return _VERSION.fullmatch(piece) is not None


@lru_cache(maxsize=16384)
def _word(piece: str) -> Word | None:
    lower = _plain(piece)
    if lower in vocabulary.STOP_WORDS or _VERSION.fullmatch(lower) or _is_letter(lower):
        return None
    readings = vocabulary.ABBREVIATIONS.get(lower, ())
    return Word(piece, stem(lower), tuple(_phrase(reading) for reading in readings))


def _is_letter(lower: str) -> bool:
    """Tell whether this is a single letter of an alphabet; one ideograph may well be a word."""
    return len(lower) == 1 and lower < "\u2e80"


def _phrase(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split() if word not in vocabulary.STOP_WORDS)


def _plain(piece: str) -> str:
    """Return `piece` without letter case, accents, and letters that only look different."""
    if piece.isascii():
        return piece.lower()
    letters = unicodedata.normalize("NFKD", piece.casefold()).casefold()
    return "".join(letter for letter in letters if not unicodedata.combining(letter)) or piece


@lru_cache(maxsize=16384)
def stem(word: str) -> str:
    """
    Return what the forms of one English word have in common: `checks`, `checker` and `checking` give `check`.

    Light on purpose: two words brought together wrongly make an explanation false. Takes lower case.
    """
    word = vocabulary.IRREGULAR.get(word, word)
    if len(word) < SHORTEST or not (word.isascii() and word.isalpha()):
        return word
    word = _singular(word)
    for _ in range(_PASSES):
        shorter = word if word in vocabulary.NO_ENDING else _without_ending(word)
        if shorter == word:
            break
        word = shorter
    return _evened(word)


def _singular(word: str) -> str:
    if not word.endswith("s") or word.endswith(("ss", "us", "is")) or word in vocabulary.NOT_PLURAL:
        return word
    if word.endswith("ies") and len(word) > SHORTEST:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1]


def _without_ending(word: str) -> str:
    for ending, instead, least in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return word[: -len(ending)] + instead
    if word.endswith("ing"):
        return _verb(word, word[:-3])
    if word.endswith("ed") and not word.endswith("eed"):
        return _verb(word, word[:-2])
    return word


def _verb(word: str, left: str) -> str:
    """Return `left`, the start of `word`, as a verb: `cod` of `coding` is `code`; `str` of `string` is none."""
    if len(left) < _LEAST_VERB or not re.search("[aeiouy]", left):
        return word
    if re.fullmatch("[^aeiou][aeiou][^aeiouwxy]", left):
        return left + "e"
    return left


def _evened(word: str) -> str:
    """Even out what endings leave behind: a last e, y for i, a doubled consonant."""
    if len(word) > SHORTEST and word.endswith("e"):
        word = word[:-1]
    if len(word) >= SHORTEST and word[-1] == "y" and word[-2] not in "aeiou":
        return word[:-1] + "i"
    if len(word) >= SHORTEST and word[-1] == word[-2] and word[-1] not in "aeiou":
        return word[:-1]
    return word


FORM_KEYS = frozenset(stem(word) for word in vocabulary.FORM_WORDS)
