"""Figures in rows: to read in a terminal, or as Markdown for the documentation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.similar.measures import Measures

HEADS = ("queries", "hit@5", "recall@10", "MRR", "PR-AUC", "exists: precision", "recall", "false alarms", "ECE")


@dataclass(frozen=True, slots=True)
class Table:
    """A head and rows of as many cells, under a title."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def text(self) -> str:
        """Return the table in columns."""
        widths = [max(map(len, column)) for column in zip(self.head, *self.rows, strict=True)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in self._all()]
        return "\n".join([self.title, *(line.rstrip() for line in lines), ""])

    def markdown(self) -> str:
        """Return the table in Markdown."""
        head, *rows = (f"| {' | '.join(row)} |" for row in self._all())
        return "\n".join([f"{self.title}:", "", head, "|" + "---|" * len(self.head), *rows, ""])

    def _all(self) -> list[Sequence[str]]:
        return [self.head, *self.rows]


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure, and what it is to be: `most` or, where `is_most` is false, least."""

    what: str
    value: float | None
    limit: float
    is_most: bool = False
    unit: str = ""

    @property
    def is_reached(self) -> bool:
        """Tell whether the figure was measured and is good enough."""
        if self.value is None:
            return False
        return self.value <= self.limit if self.is_most else self.value >= self.limit

    @property
    def row(self) -> tuple[str, str, str]:
        """What, how much, and how much it is to be."""
        sign = "≤" if self.is_most else "≥"
        to_reach = f"{sign} {shown(self.limit, self.unit)}{'' if self.is_reached else ', missed'}"
        return self.what, shown(self.value, self.unit), to_reach


def goals_table(title: str, goals: Sequence[Goal]) -> Table:
    """Return figures beside what they are to be."""
    return Table(title, ("what", "measured", "to reach"), [goal.row for goal in goals])


def measures_row(name: str, measures: Measures, *, ranks_only: bool = False) -> tuple[str, ...]:
    """Return the figures of one system; one that only ranks gives no verdict, and scores that are no probabilities."""
    ranking = (measures.hit5, measures.recall10, measures.mrr, measures.pr_auc)
    judging = (measures.precision, measures.recall, measures.false_alarms, measures.ece)
    cells = [shown(value) for value in (*ranking, *((None,) * len(judging) if ranks_only else judging))]
    return name, str(measures.queries), *cells


def shown(value: float | None, unit: str = "") -> str:
    """Return a figure as text: a share with three decimals, anything that has a unit with what its size needs."""
    if value is None:
        return "·"
    if not unit:
        return f"{value:.3f}".removeprefix("0")
    decimals = 0 if value >= 20 or value == int(value) else 1
    return f"{value:,.{decimals}f} {unit}"
