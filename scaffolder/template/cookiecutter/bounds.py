"""How much work one text may cost: a template is other people's code."""

from __future__ import annotations

import time
from typing import Final, NamedTuple

LONGEST: Final = 64_000_000
"""Characters of one text."""
MOST_ITEMS: Final = 100_000
"""Elements of one list."""
CHECK_EVERY: Final = 256
"""Ticks between two looks at the clock."""


class Limits(NamedTuple):
    """Seconds for one text, seconds for all of them, and bytes of memory."""

    text: float = 10.0
    whole: float = 300.0
    memory: int = 1_000_000_000


class BoundError(Exception):
    """A rendering asked for more than it may have."""


class Budget:
    """What is left of the bounds while something renders."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.start()

    def start(self) -> None:
        """Begin another text with all of its time."""
        self._ticks = 0
        self._deadline = time.monotonic() + self._seconds

    def tick(self) -> None:
        """Count one turn of a loop or one call."""
        self._ticks += 1
        if self._ticks % CHECK_EVERY == 0 and time.monotonic() > self._deadline:
            msg = f"it takes longer than {self._seconds:g} s"
            raise BoundError(msg)

    @staticmethod
    def text(characters: float) -> None:
        """Allow a text of that many characters, before it is made."""
        if characters > LONGEST:
            msg = f"the text would be longer than {LONGEST:,} characters"
            raise BoundError(msg)

    @staticmethod
    def items(count: float) -> None:
        """Allow a list of that many elements, before it is made."""
        if count > MOST_ITEMS:
            msg = f"a list would have more than {MOST_ITEMS:,} elements"
            raise BoundError(msg)
