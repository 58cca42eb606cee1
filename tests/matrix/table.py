"""The matrix run as a whole, and its counts as a table."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

from tests.matrix.cells import End, Found, cells, tried, untroubled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.matrix.cells import Cell
    from tests.matrix.faults import Asked


@dataclass(frozen=True, slots=True)
class Matrix:
    """The requests of a run that meets no trouble, and how each cell ended."""

    requests: list[Asked]
    found: list[Found]

    @property
    def wrong(self) -> list[str]:
        """Return everything that is wrong, each with its cell."""
        return [f"{one.cell.name}: {words}" for one in self.found for words in one.wrong]


def run(
    choose: Callable[[Cell], bool] = lambda _cell: True, *, tell: Callable[[Found], None] = lambda _found: None
) -> Matrix:
    """Try every cell that is chosen, in as many processes as there are processors; `tell` hears of each."""
    found = []
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        requests = pool.submit(untroubled).result()
        for one in pool.map(tried, filter(choose, cells(requests))):
            found.append(one)
            tell(one)
    return Matrix(requests, found)


def counts(found: Sequence[Found]) -> str:
    """Return how often each fault ended in which way, as a table in Markdown."""
    names = list(dict.fromkeys(one.cell.kind.name for one in found))
    ended = Counter((one.cell.kind.name, one.end) for one in found)
    rows = [_row(name, [ended[name, end] for end in End]) for name in names]
    whole = _row("**all**", [sum(ended[name, end] for name in names) for end in End])
    head = ["| fault | cells | " + " | ".join(end.value for end in End) + " |", "|---|" + "---:|" * (1 + len(End))]
    return "\n".join([*head, *rows, whole]) + "\n"


def _row(name: str, numbers: list[int]) -> str:
    return f"| {name} | {sum(numbers)} | " + " | ".join(str(number or "") for number in numbers) + " |"
