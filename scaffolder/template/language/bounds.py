"""How much work one rendering may cost: a template is other people's code."""

from __future__ import annotations

import time
from typing import NamedTuple

CHECK_EVERY = 256
"""Ticks between two looks at the clock."""


class BoundError(Exception):
    """A rendering asked for more than it may have."""


class Limits(NamedTuple):
    """
    What one text may ask for while it is rendered.

    `output` and `items` bound one text and one list (what is written may be that much longer than the template);
    `characters` and `elements` all that a rendering makes, whether it keeps it or not; `seconds` is wall-clock time.
    """

    output: int = 16_000_000
    items: int = 100_000
    characters: int = 128_000_000
    elements: int = 5_000_000
    seconds: float = 10.0


WEIGHED = 4_096
"""Characters or elements that cost as much time as one turn of a loop."""


class Allowance:
    """What is left of the limits while one text renders."""

    __slots__ = ("_characters", "_deadline", "_elements", "_ticks", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._characters = limits.characters
        self._elements = limits.elements
        self._ticks = CHECK_EVERY
        self._deadline = time.monotonic() + limits.seconds

    def tick(self, weight: int = 0) -> None:
        """Count a turn of a loop, a call or a step of a search, and what it went through."""
        self._ticks -= 1 + weight // WEIGHED
        if self._ticks <= 0:
            self._ticks = CHECK_EVERY
            if time.monotonic() > self._deadline:
                msg = f"it takes longer than {self.limits.seconds:g} s"
                raise BoundError(msg)

    def text(self, characters: float) -> None:
        """Allow a text of that many characters, before it is made."""
        if characters > self.limits.output:
            msg = f"the text would be longer than {self.limits.output:,} characters"
            raise BoundError(msg)

    def items(self, count: float) -> None:
        """Allow a list of that many elements, before it is made."""
        if count > self.limits.items:
            msg = f"a list would have more than {self.limits.items:,} elements"
            raise BoundError(msg)

    def made(self, value: object) -> None:
        """Count what an operator, a filter or a method has made."""
        if isinstance(value, str):
            self._characters -= len(value)
            self.tick(len(value))
        elif isinstance(value, list):
            self._elements -= len(value)
            self.tick(len(value))
        if self._characters < 0 or self._elements < 0:
            msg = "it makes more texts and lists than one file needs"
            raise BoundError(msg)
