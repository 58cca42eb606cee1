"""
When two names are one: letter case, separators, plurals, a `service` at the end, one slip of the finger.

`payment-gateway` is `Payment_Gateways`, `paymentGatewaySvc` and `paymnet-gateway`; it is not `payment-reporting`.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from scaffolder.catalog.comparisons import NAMES_END
from scaffolder.similar import text, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST_TYPO = 5
_SUFFIXES = frozenset({"service", "services", "svc", "svcs", "srv"})
_SEPARATORS = str.maketrans("", "", "-_. /")


class Nearness(Enum):
    """How near one name is to another."""

    TAKEN = "taken"
    """The same but for letter case: a catalog holds only one of them."""

    NEAR = "near"
    """A reader would take one for the other."""

    APART = "apart"
    """Another name."""


def flat(name: str) -> str:
    """Return `name` without letter case and separators."""
    return name.casefold().translate(_SEPARATORS)


class NameFinder:
    """Compares one wanted name with many; made to look at every name of a catalog in a few milliseconds."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted.strip().casefold()
        self._pieces = _name_pieces(wanted)
        whole = "".join(self._pieces)
        third = -(-len(whole) // 3)
        self._parts = {part for part in (whole[:third], whole[third : 2 * third], whole[2 * third :]) if part}
        self._least = len(whole) - 1
        self._most = len(whole) + 1 + len(self._pieces) + len("services")

    def likely_lines(self, every: str) -> Iterator[tuple[int, str]]:
        """
        Iterate over names that are worth a closer look: a slip leaves most of a name as it is.

        `every` holds the names of one thing after another, a line each and `NAMES_END` after the last; which thing it
        is comes with the name. The lines are flat first, and as they are written after a tab.
        """
        number = done = 0
        for start in sorted(set().union(*(_starts(every, part) for part in self._parts))):
            number, done = number + every.count(NAMES_END, done, start), start
            for line in every[start : every.index(NAMES_END, start)].split("\n"):
                flattened, _, written = line.partition("\t")
                if self._least <= len(flattened) <= self._most:
                    yield number, written

    def nearness(self, name: str) -> Nearness:
        """Tell how near `name` is to the wanted one."""
        if not self._pieces:
            return Nearness.APART
        if name.casefold() == self._wanted:
            return Nearness.TAKEN
        return Nearness.NEAR if _near(self._pieces, _name_pieces(name)) else Nearness.APART


def _starts(every: str, part: str) -> Iterator[int]:
    """Iterate over where the names of those things begin that have a part in them."""
    at = every.find(part)
    while at >= 0:
        yield every.rfind(NAMES_END, 0, at) + 1
        at = every.find(part, every.index(NAMES_END, at))


@lru_cache(maxsize=16384)
def _name_pieces(name: str) -> tuple[str, ...]:
    pieces = [piece.lower() for piece in text.pieces(name)]
    while len(pieces) > 1 and pieces[-1] in _SUFFIXES:
        pieces.pop()
    return tuple(_singular(piece) for piece in pieces)


def _singular(piece: str) -> str:
    if piece == "apis":
        return "api"
    if len(piece) < text.SHORTEST or not piece.endswith("s") or piece.endswith(("ss", "us", "is")):
        return piece
    return piece if piece in vocabulary.NOT_PLURAL else piece.removesuffix("s")


def _near(wanted: tuple[str, ...], other: tuple[str, ...]) -> bool:
    whole, other_whole = "".join(wanted), "".join(other)
    if whole == other_whole:
        return True
    if len(wanted) != len(other):
        return _one_slip(whole, other_whole)
    different = [pair for pair in zip(wanted, other, strict=True) if pair[0] != pair[1]]
    return len(different) == 1 and _one_slip(*different[0])


def _one_slip(one: str, two: str) -> bool:
    """Tell whether a letter was added, left out, changed, or swapped with its neighbour; digits do not slip."""
    if min(len(one), len(two)) < LEAST_TYPO:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    end = 0
    while end < min(len(one), len(two)) - start and one[-1 - end] == two[-1 - end]:
        end += 1
    middle, other_middle = one[start : len(one) - end], two[start : len(two) - end]
    if not (middle + other_middle).isalpha():
        return False
    if max(len(middle), len(other_middle)) == 1:
        return True
    return middle == other_middle[::-1] and not middle[2:]
