"""
How much work one text may cost: a template is other people's code.

In a process that can be ended from outside, what could fill the memory is refused before it is made. Anywhere else only
what is small is made at all, so that no single operation takes long.
"""

from __future__ import annotations

import time
from typing import Final, NamedTuple

LONGEST: Final = 64_000_000
"""Characters of one text."""
MOST_ITEMS: Final = 100_000
"""Elements of one list."""
AT_ONCE: Final = 500_000
"""Characters or elements that are made where nothing could end it."""
ALL_AT_ONCE: Final = 64_000_000
"""Characters of all texts that are rendered there."""
CHECK_EVERY: Final = 256
"""Ticks between two looks at the clock."""


class Limits(NamedTuple):
    """Seconds for one text, seconds for all of them, and bytes of memory."""

    text: float = 10.0
    whole: float = 300.0
    memory: int = 1_000_000_000


class BoundError(Exception):
    """A rendering asked for more than it may have."""


class MayRunAway(Exception):  # noqa: N818 - a signal within this package, never shown
    """A text may be rendered only where the process can be ended."""


class Budget:
    """What is left of the bounds while something renders; `confined` is a process that can be ended from outside."""

    def __init__(self, limits: Limits, *, confined: bool) -> None:
        self._seconds = limits.text
        self._whole = limits.whole
        self.confined = confined
        self._written = 0
        self._began = time.monotonic()
        self.start()

    def start(self) -> None:
        """Begin another text with all of its time."""
        self._ticks = 0
        now = time.monotonic()
        self._deadline = now + self._seconds
        if now - self._began > self._whole:
            msg = f"all of it takes longer than {self._whole:g} s"
            raise BoundError(msg)

    def look(self) -> None:
        """Look at the clock."""
        if time.monotonic() > self._deadline:
            msg = f"it takes longer than {self._seconds:g} s"
            raise BoundError(msg)

    def tick(self) -> None:
        """Count one turn of a loop or one call."""
        self._ticks += 1
        if self._ticks % CHECK_EVERY == 0:
            self.look()

    def text(self, characters: float) -> None:
        """Allow a text of that many characters, before it is made."""
        if characters > LONGEST:
            msg = f"the text would be longer than {LONGEST:,} characters"
            raise BoundError(msg)
        self.at_once(characters)

    def items(self, count: float) -> None:
        """Allow a list of that many elements, before it is made."""
        if count > MOST_ITEMS:
            msg = f"a list would have more than {MOST_ITEMS:,} elements"
            raise BoundError(msg)

    def at_once(self, size: float) -> None:
        """Allow something of that size here; it is not refused, but may have to be made elsewhere."""
        if size > AT_ONCE and not self.confined:
            raise MayRunAway

    def written(self, characters: int) -> None:
        """Count what was rendered."""
        self._written += characters
        if self._written > ALL_AT_ONCE and not self.confined:
            raise MayRunAway
