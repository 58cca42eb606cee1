"""
From pairs to groups: two groups become one while their members are, on average, probably one job.

The average runs over every two members, those never found near each other included: a chain of look-alikes, each near
the next, does not become a group.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LEAST_PROBABLE = 0.05
"""A pair less probable than this counts as never seen."""


@dataclass(frozen=True, slots=True)
class Link:
    """Two of a group's members, and how probable it is that they do one job."""

    one: int
    other: int
    probability: float


@dataclass(frozen=True, slots=True)
class Family:
    """Members by their numbers, and the mean over every two of them."""

    members: tuple[int, ...]
    mean: float


def families(links: Iterable[Link], *, least: float) -> list[Family]:
    """Return groups whose members are probably one job: at `least` so probable, on average. The surest come first."""
    linkage = _Linkage(links, least)
    linkage.run()
    return sorted(linkage.families(), key=lambda family: (-family.mean, family.members))


class _Linkage:
    """Groups that grow; `_sums` holds for each pair of groups the sum over the pairs between them."""

    def __init__(self, links: Iterable[Link], least: float) -> None:
        self._least = least
        self._members: dict[int, list[int]] = {}
        self._sums: dict[int, dict[int, float]] = {}
        self._inner: dict[int, float] = {}
        self._grown: dict[int, int] = {}
        self._queue: list[tuple[float, int, int, int, int]] = []
        for link in links:
            self._take(link)

    def run(self) -> None:
        """Join the most probable two, until none are probable enough."""
        for one, others in self._sums.items():
            for other in others:
                if one < other:
                    self._offer(one, other)
        while self._queue:
            _, one, other, *grown = heapq.heappop(self._queue)
            if grown == [self._grown.get(one), self._grown.get(other)]:
                self._join(one, other)

    def families(self) -> Iterator[Family]:
        """Iterate over what has more than one member."""
        for one, members in self._members.items():
            if len(members) > 1:
                yield Family(tuple(sorted(members)), self._inner[one] / (len(members) * (len(members) - 1) / 2))

    def _take(self, link: Link) -> None:
        if link.probability < LEAST_PROBABLE:
            return
        for one, other in ((link.one, link.other), (link.other, link.one)):
            self._members.setdefault(one, [one])
            self._inner.setdefault(one, 0.0)
            self._grown.setdefault(one, 0)
            self._sums.setdefault(one, {})[other] = link.probability

    def _offer(self, one: int, other: int) -> None:
        mean = self._sums[one][other] / (len(self._members[one]) * len(self._members[other]))
        if mean >= self._least:
            low, high = sorted((one, other))
            heapq.heappush(self._queue, (-mean, low, high, self._grown[low], self._grown[high]))

    def _join(self, one: int, other: int) -> None:
        """Let one group have the members of the other."""
        if len(self._sums[one]) < len(self._sums[other]):
            one, other = other, one
        between = self._sums[one].pop(other)
        taken = self._sums.pop(other)
        self._members[one] += self._members.pop(other)
        self._inner[one] += self._inner.pop(other) + between
        self._grown[one] += 1
        del self._grown[other], taken[one]
        for third, total in taken.items():
            del self._sums[third][other]
            self._sums[one][third] = self._sums[third][one] = self._sums[one].get(third, 0.0) + total
        for third in self._sums[one]:
            self._offer(one, third)
