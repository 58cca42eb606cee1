"""
Vectors of texts: near each other when the texts mean something alike.

What is here costs nothing to import; numpy and the weights are loaded when the built-in encoder is made.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


class Encoder(Protocol):
    """Turns texts into vectors; any text is ordinary input."""

    @property
    def name(self) -> str:
        """What tells its vectors from those of others: another one whenever the same text would get another vector."""

    @property
    def dimensions(self) -> int:
        """How many numbers a vector has."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a row of length 1 for each text; it may be zeros for a text without a word."""


@cache
def built_in() -> Encoder:
    """Return the encoder that is part of the installation."""
    from scaffolder.similar.encoder.minilm import MiniLM

    return MiniLM()
