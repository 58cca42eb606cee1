"""
BERT's tokens of a text: words in lower case without accents, cut into the longest pieces that the vocabulary knows.

As the original's tokenizer does it, but that special tokens written out in a text, such as `[SEP]`, are words like any
other: whoever writes a description cannot end it early. The rules are those of the `BertNormalizer`, `BertPreTokenizer`
and `WordPiece` of https://github.com/huggingface/tokenizers.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_TOKENS = 256  # the original's max_seq_length: what comes after is not read
LONGEST_WORD = 100  # characters; a longer one is unknown as a whole
LONGEST_PIECE = 18  # characters; no piece of the vocabulary is longer
REMEMBERED_WORDS = 1 << 15
CONTINUED = "##"  # begins a piece that continues a word
IDEOGRAPHS = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B81F),
    (0x2B920, 0x2CEAF),  # the gap before it is the original's
    (0x2F800, 0x2FA1F),
)
PLAIN = re.compile(r"[a-z0-9]+|[!-/:-@\[-`{-~]")
SPACES = "\t\n\r"
CONTROLS = dict.fromkeys(code for code in (*range(32), 127) if chr(code) not in SPACES)
REMOVED = frozenset({"Cc", "Cf", "Co", "Cs"})
REPLACEMENT = "\ufffd"


class Tokenizer:
    """
    Turns texts into the numbers of their tokens.

    Args:
        vocabulary: All pieces, sorted, a line each; a piece's number is its line's.
    """

    def __init__(self, vocabulary: bytes) -> None:
        self._pieces = vocabulary.split(b"\n")
        self._first, self._last, self._unknown = map(self._number, ("[CLS]", "[SEP]", "[UNK]"))
        self._wordless = frozenset((self._first, self._last, self._unknown))
        self._tokens_of = lru_cache(REMEMBERED_WORDS)(self._cut)

    def __call__(self, text: str) -> list[int]:
        """Return the numbers of a text's tokens, with those that begin and end each text around them."""
        found: list[int] = [self._first]
        for word in words(text):
            found += self._tokens_of(word)
            if len(found) >= MOST_TOKENS:
                break
        return [*found[: MOST_TOKENS - 1], self._last]

    def knows_any(self, tokens: Iterable[int]) -> bool:
        """Tell whether there is a word among tokens: not only ends of a text and what the vocabulary does not have."""
        return not self._wordless.issuperset(tokens)

    def _cut(self, word: str) -> tuple[int, ...]:
        """Return the longest piece that the word begins with, then the longest that follows it, and so on."""
        if len(word) > LONGEST_WORD:
            return (self._unknown,)
        found: list[int] = []
        begin = 0
        while begin < len(word):
            number, begin = self._longest_piece(word, begin)
            if number < 0:
                return (self._unknown,)
            found.append(number)
        return tuple(found)

    def _longest_piece(self, word: str, begin: int) -> tuple[int, int]:
        before = CONTINUED if begin else ""
        for end in range(min(len(word), begin + LONGEST_PIECE), begin, -1):
            number = self._number(before + word[begin:end])
            if number >= 0:
                return number, end
        return -1, begin

    def _number(self, piece: str) -> int:
        sought = piece.encode()
        number = bisect_left(self._pieces, sought)
        return number if number < len(self._pieces) and self._pieces[number] == sought else -1


def words(text: str) -> list[str]:
    """Return the words of a text; each sign of punctuation and each ideograph is one."""
    if text.isascii():
        return PLAIN.findall(text.translate(CONTROLS).lower())
    return unicodedata.normalize("NFD", text.translate(_CLEANED)).translate(_FOLDED).split()


class _Cleaned(dict[int, str]):
    """What becomes of a character first: controls go, ideographs stand alone."""

    def __missing__(self, code: int) -> str:
        self[code] = made = _clean(chr(code))
        return made


def _clean(character: str) -> str:
    if character in SPACES:
        return " "
    if character == REPLACEMENT or unicodedata.category(character) in REMOVED:
        return ""
    if any(first <= ord(character) <= last for first, last in IDEOGRAPHS):
        return f" {character} "
    return character


class _Folded(dict[int, str]):
    """What becomes of a character once accents stand apart: they go, capitals get small, punctuation stands alone."""

    def __missing__(self, code: int) -> str:
        self[code] = made = _fold(chr(code))
        return made


def _fold(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Mn":
        return ""
    if category[0] == "P" or (PLAIN.fullmatch(character) and not character.isalnum()):
        return f" {character} "
    return character.lower()


_CLEANED, _FOLDED = _Cleaned(), _Folded()
