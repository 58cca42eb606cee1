"""
When two names are one: letter case, separators, plurals, a `service` at the end, one slip of the finger.

`payment-gateway` is `Payment_Gateways`, `paymentGatewaySvc` and `paymnet-gateway`; it is not `payment-reporting`.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from scaffolder.catalog.comparisons import Sought
from scaffolder.similar import text, vocabulary

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


def keys(name: str) -> tuple[str, ...]:
    """Return what a name is found by: the letters that count, and where that is another, all of them."""
    return tuple(dict.fromkeys(("".join(_name_pieces(name)), flat(name))))


class NameFinder:
    """
    Compares one wanted name with others.

    `sought` says which are worth it: a slip leaves one half of a name as it is, or swaps the two letters between them.
    """

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted.strip().casefold()
        self._pieces = _name_pieces(wanted)
        whole = "".join(self._pieces)
        middle = len(whole) // 2
        first, second = whole[:middle], whole[middle:]
        slips = len(whole) >= LEAST_TYPO
        self.sought = Sought(
            equal=frozenset((*keys(wanted), first[:-1] + second[:1] + first[-1:] + second[1:])),
            begin=first if slips else "",
            end=second if slips else "",
            least=len(whole) - 1,
            most=len(whole) + 1,
        )

    def is_likely(self, key: str) -> bool:
        """Tell whether a name with this key is worth a closer look."""
        _, begin, end, least, most = self.sought
        if key in self.sought.equal:
            return True
        return bool(begin) and least <= len(key) <= most and (key.startswith(begin) or key.endswith(end))

    def nearness(self, name: str) -> Nearness:
        """Tell how near `name` is to the wanted one."""
        if not self._pieces:
            return Nearness.APART
        if name.casefold() == self._wanted:
            return Nearness.TAKEN
        return Nearness.NEAR if _near(self._pieces, _name_pieces(name)) else Nearness.APART


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
