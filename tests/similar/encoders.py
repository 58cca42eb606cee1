"""An encoder as a plugin may bring one, small and quick."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from scaffolder.similar.encoder.arrays import np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Letters:
    """Texts are near each other when they share words; `asked` holds every text that it was given."""

    def __init__(self, name: str = "letters 1", *, dimensions: int = 64) -> None:
        self.name = name
        self.dimensions = dimensions
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for number, text in enumerate(texts):
            for word in text.lower().replace(".", " ").split():
                rows[number, crc32(word.encode(errors="replace")) % self.dimensions] += 1
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.where(lengths == 0, 1, lengths), np.float32)
