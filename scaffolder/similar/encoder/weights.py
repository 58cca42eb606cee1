"""
The file of weights that is shipped, mapped into memory.

It is in the safetensors format, so that other tools read it too: eight bytes with the length of a JSON header, the
header, then the tensors one after another. `scripts/encoder_weights.py` makes it, and says what is in it.
"""

from __future__ import annotations

import json
import mmap
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffolder.similar.encoder.arrays import np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FILE = Path(__file__).with_name("minilm.safetensors")
DTYPES = {"F32": "<f4", "I8": "|i1", "U8": "|u1"}


def mapped(file: Path = FILE) -> Mapping[str, NDArray[Any]]:
    """Return every tensor by its name; none is read from disk before it is used."""
    with file.open("rb") as opened:
        data = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    (length,) = struct.unpack("<Q", data[:8])
    header: dict[str, Any] = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    return {name: _tensor(data, 8 + length, **about) for name, about in header.items()}


def _tensor(data: mmap.mmap, start: int, *, dtype: str, shape: list[int], data_offsets: list[int]) -> NDArray[Any]:
    begin, end = data_offsets
    of = np.dtype(DTYPES[dtype])
    return np.frombuffer(data, of, (end - begin) // of.itemsize, start + begin).reshape(shape)
