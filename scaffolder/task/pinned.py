"""
What steps fetch from other repositories, always at the commit that an address meant first.

A branch moves on between the plan and a step, or a step and the resumed task. The files of one task do not: what an
address means is kept with the task before anything comes of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scaffolder.template.elsewhere import Pin
    from scaffolder.tree import Tree

Elsewhere = Callable[[str, "Pin | None"], "tuple[Tree, Pin]"]


@dataclass(slots=True)
class Pinned:
    """Reads by `read`; `keep` is told all pins when there is a new one."""

    read: Elsewhere
    pins: dict[str, Pin] = field(default_factory=dict)
    keep: Callable[[list[list[str]]], None] = lambda _pins: None

    @classmethod
    def of(cls, read: Elsewhere, stored: Iterable[Iterable[str]], keep: Callable[[list[list[str]]], None]) -> Pinned:
        """Return the same with the pins of `stored`."""
        return cls(read, {url: (commit, path) for url, commit, path in stored}, keep)

    @property
    def stored(self) -> list[list[str]]:
        """Every address with its pin, as JSON takes them."""
        return [[url, *pin] for url, pin in self.pins.items()]

    def __call__(self, url: str) -> tuple[Tree, str]:
        """Return the files of the repository that an address is in, and the path in it."""
        tree, pin = self.read(url, self.pins.get(url))
        if url not in self.pins:
            self.pins[url] = pin
            self.keep(self.stored)
        return tree, pin[1]
