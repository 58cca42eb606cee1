"""
An encoder for measuring only, as a plugin: a query is encoded as ever, thousands of entities by the sum of their words.

Vectors of 100,000 entities take many minutes, and how long a query takes does not depend on how good they are.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from scaffolder.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

MODULE = __name__
MOST = 40


class Quick:
    """The built-in encoder, word by word wherever several texts come at once."""

    name = "benchmark"

    @property
    def dimensions(self) -> int:
        """As the built-in encoder's."""
        from scaffolder.similar.encoder import built_in

        return built_in().dimensions

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a vector of length 1 for each text."""
        import numpy as np

        from scaffolder.similar.encoder import built_in

        if len(texts) == 1:
            return built_in().encode(texts)
        sums = np.stack(
            [np.sum([_word(word) for word in text.split()[:MOST] or ["nothing"]], axis=0) for text in texts]
        )
        vectors: NDArray[np.float32] = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return vectors


@lru_cache(maxsize=20_000)
def _word(word: str) -> NDArray[np.float32]:
    from scaffolder.similar.encoder import built_in

    vector: NDArray[np.float32] = built_in().encode([word])[0]
    return vector


@hookimpl
def scaffolder_encoder() -> Quick:
    """Take the place of the built-in encoder."""
    return Quick()


def install(directory: Path) -> None:
    """Make a directory such that, being on the path, it is an installed plugin."""
    about = directory / "benchmark_encoder-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: benchmark-encoder\nVersion: 1\n", encoding="utf-8")
    (about / "entry_points.txt").write_text(f"[scaffolder]\nencoder = {MODULE}\n", encoding="utf-8")
