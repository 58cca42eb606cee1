"""
Vectors of a byte for each number: quick to read, and to go through, since there is little to bring from memory.

A row is written as its scale, a 32-bit float, and its numbers in steps of that, from -127 to 127.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.similar.encoder.arrays import np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

STEPS = np.float32(127)
ROWS_AT_ONCE = 2_048  # as many as stay in the cache when they are widened


def written(vector: Floats) -> bytes:
    """Return the row of a vector, as it is kept."""
    largest = np.abs(vector).max(initial=0)
    steps = np.rint(vector * (STEPS / (largest or 1))).astype(np.int8)
    scale = np.float32(np.linalg.norm(vector) / (np.linalg.norm(steps.astype(np.float32)) or 1))  # keeps its length
    return bytes(scale.astype("<f4").tobytes() + steps.tobytes())


class Vectors:
    """Many of them, in the order in which they were written."""

    def __init__(self, parts: Sequence[bytes], dimensions: int) -> None:
        row = np.dtype([("scale", "<f4"), ("steps", "i1", (dimensions,))])
        number = sum(map(len, parts)) // row.itemsize
        self._steps = np.empty((number, dimensions), np.int8)
        self._scales = np.empty(number, np.float32)
        done = 0
        for part in parts:
            rows = np.frombuffer(part, row)
            here = slice(done, done + len(rows))
            self._steps[here], self._scales[here] = rows["steps"], rows["scale"]
            done += len(rows)

    def __len__(self) -> int:
        return len(self._scales)

    def rows(self, places: Sequence[int] | NDArray[np.int64] | slice) -> Floats:
        """Return some of them."""
        return np.asarray(self._steps[places] * self._scales[places, None], np.float32)

    def cosines(self, other: Floats) -> Floats:
        """Return the cosine of each to another vector, all of length 1."""
        found = np.concatenate([np.zeros(0, np.float32), *(rows @ other for _, rows in self._widened())])
        return np.asarray(found * self._scales, np.float32)

    def mean(self) -> Floats:
        """Return the mean of all; zeros when there are none."""
        sums = sum((self._scales[here] @ rows for here, rows in self._widened()), np.zeros(self._steps.shape[1]))
        return np.asarray(sums / max(1, len(self)), np.float32)

    def _widened(self) -> Iterable[tuple[slice, Floats]]:
        """Iterate over all rows, many at a time; the memory they are widened in is used again for the next."""
        memory = np.empty((min(ROWS_AT_ONCE, len(self)), self._steps.shape[1]), np.float32)
        for begin in range(0, len(self), ROWS_AT_ONCE):
            here = slice(begin, begin + ROWS_AT_ONCE)
            rows = memory[: len(self._steps[here])]
            np.copyto(rows, self._steps[here])
            yield here, rows
