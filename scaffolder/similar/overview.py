"""
All of a catalog at a glance: its names, and how often a word is used.

Reading it takes a twentieth of a second for thousands of entities, so it is kept for a moment: many queries in a row
share it, and a person who asks again sees what was reserved meanwhile.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from scaffolder.similar.names import NameFinder, Nearness, flat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scaffolder.catalog import Catalog, Summary

KEPT_SECONDS = 2.0
# A shorter stem begins too many other words.
_LEAST_START = 4
_BREAKS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Overview:
    """
    What there is.

    `flats` are the names, and after them the titles, without case and separators, in the order of `summaries`; `text`
    holds the words of every name, title and description, each after a space.
    """

    summaries: tuple[Summary, ...]
    flats: tuple[str, ...]
    text: str
    read_at: float

    def named_like(self, name: str) -> Iterator[tuple[Summary, Nearness]]:
        """Iterate over what has this name or nearly this one, or bears it as its title."""
        finder = NameFinder(name)
        for number in finder.likely(self.flats):
            is_title, at = divmod(number, len(self.summaries))
            summary = self.summaries[at]
            nearness = finder.nearness(summary.title if is_title else summary.ref.name)
            if nearness is not Nearness.APART:
                yield summary, Nearness.NEAR if is_title else nearness

    def counts(self, keys: Iterable[str]) -> Mapping[str, int]:
        """Return how often each key is used, nearly: words that begin with a stem are taken for its forms."""
        return {key: self.text.count(f" {key}" if len(key) >= _LEAST_START else f" {key} ") for key in keys}


def overview(catalog: Catalog) -> Overview:
    """Return the overview of a catalog, at most `KEPT_SECONDS` old."""
    known = _kept.get(catalog)
    if known is None or time.monotonic() - known.read_at > KEPT_SECONDS:
        known = _kept[catalog] = _read(catalog)
    return known


def _read(catalog: Catalog) -> Overview:
    summaries = tuple(catalog.entities())
    lines = (f"{it.ref.name} {it.title if it.title != it.ref.name else ''} {it.description}" for it in summaries)
    flats = (*(flat(it.ref.name) for it in summaries), *(_flat_title(it) for it in summaries))
    text = _BREAKS.sub(" ", " ".join(lines)).lower()
    return Overview(summaries, flats, f" {text} ", time.monotonic())


def _flat_title(summary: Summary) -> str:
    return flat(summary.title) if summary.title != summary.ref.name else ""


_kept: WeakKeyDictionary[Catalog, Overview] = WeakKeyDictionary()
