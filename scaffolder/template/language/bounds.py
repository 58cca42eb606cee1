"""How much work one rendering may cost: a template is other people's code."""

from __future__ import annotations

import time
from dataclasses import dataclass

CHECK_EVERY = 256
"""Ticks between two looks at the clock."""


class BoundError(Exception):
    """A rendering asked for more than it may have."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """`output` counts characters, `items` the elements of one list, `seconds` wall-clock time."""

    output: int = 64_000_000
    items: int = 100_000
    seconds: float = 10.0


class Budget:
    """What is left of the bounds while something renders."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.start()

    def start(self) -> None:
        """Begin another text with all of its time."""
        self._ticks = 0
        self._deadline = time.monotonic() + self.bounds.seconds

    def tick(self) -> None:
        """Count one turn of a loop or one call."""
        self._ticks += 1
        if self._ticks % CHECK_EVERY == 0 and time.monotonic() > self._deadline:
            msg = f"it takes longer than {self.bounds.seconds:g} s"
            raise BoundError(msg)

    def text(self, characters: float) -> None:
        """Allow a text of that many characters, before it is made."""
        if characters > self.bounds.output:
            msg = f"the text would be longer than {self.bounds.output:,} characters"
            raise BoundError(msg)

    def items(self, count: float) -> None:
        """Allow a list of that many elements, before it is made."""
        if count > self.bounds.items:
            msg = f"a list would have more than {self.bounds.items:,} elements"
            raise BoundError(msg)
