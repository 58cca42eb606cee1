"""
MiniLM-L6, a transformer of six layers that turns a text into a vector, in numpy.

Texts of one length stand side by side, so that nothing is padded and nothing masked; texts of all lengths go through
the matrices together, as rows of tokens. The weights stay as they are shipped: each layer's are widened into one small
buffer when its turn comes, which is quicker than to touch six times as much memory, and their scales are applied to
what comes out.
"""

from __future__ import annotations

from itertools import chain, groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffolder.gateways.process import processors
from scaffolder.similar.encoder.arrays import np
from scaffolder.similar.encoder.tokenizer import Tokenizer
from scaffolder.similar.encoder.weights import mapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Tokens = list[int]

LAYERS, HEADS, WIDTH, INNER = 6, 12, 384, 1536
TINY = np.float32(1e-12)  # the original's layer_norm_eps
TOKENS_AT_ONCE = 512  # enough for the matrices to be quick, few enough to stay in the cache
MOST_THREADS = 8


class MiniLM:
    """The encoder that is part of the installation; see `scaffolder.similar.encoder.Encoder`."""

    name = "all-MiniLM-L6-v2 int8 1"
    dimensions = WIDTH

    def __init__(self) -> None:
        tensors = mapped()
        self._tokenizer = Tokenizer(tensors["vocabulary"].tobytes())
        self._words: NDArray[np.int8] = tensors["words.weight"]
        self._scales: Floats = tensors["words.scale"]
        self._positions: Floats = tensors["positions"]
        self._norm = Norm.of(tensors, "norm")
        self._layers = [Layer.of(tensors, f"layer.{number}.") for number in range(LAYERS)]

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return a row of length 1 for each text, and one of zeros for a text without a word that is known."""
        vectors = np.zeros((len(texts), WIDTH), np.float32)
        tokens = [self._tokenizer(text) for text in texts]
        telling = [number for number, each in enumerate(tokens) if self._tokenizer.knows_any(each)]
        batches = list(_batches(sorted(telling, key=lambda number: len(tokens[number])), tokens))
        made = self._in_threads([[tokens[number] for number in batch] for batch in batches])
        for batch, rows in zip(batches, made, strict=True):
            vectors[batch] = rows
        return vectors

    def _in_threads(self, batches: Sequence[Sequence[Tokens]]) -> Iterable[Floats]:
        threads = min(len(batches), processors(), MOST_THREADS)
        if threads <= 1:
            return [self._vectors(batch) for batch in batches]
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(self._vectors, reversed(batches)))[::-1]

    def _vectors(self, batch: Sequence[Tokens]) -> Floats:
        """Return a row for each of some texts, the shorter ones first."""
        groups = list(_groups(batch))
        rows = self._embedded(batch)
        scratch = Scratch.of(len(rows))
        for layer in self._layers:
            layer.apply(rows, groups, scratch)
        sums = np.concatenate([group.of(rows).sum(axis=1) for group in groups])
        sums /= np.sqrt(np.vecdot(sums, sums))[:, None]
        return sums

    def _embedded(self, batch: Sequence[Tokens]) -> Floats:
        numbers = np.fromiter(chain.from_iterable(batch), np.int64)
        rows = self._words[numbers] * self._scales[numbers, None]
        rows += np.concatenate([self._positions[: len(tokens)] for tokens in batch])
        self._norm.apply(rows)
        return rows


class Group(NamedTuple):
    """Texts of one length, side by side."""

    begin: int
    texts: int
    tokens: int

    def of(self, rows: Floats) -> Floats:
        """Return a view of their rows: texts, tokens, what a row holds."""
        return rows[self.begin : self.begin + self.texts * self.tokens].reshape(self.texts, self.tokens, -1)


class Scratch(NamedTuple):
    """Memory that one thread uses again in every layer."""

    weights: Floats
    wide: Floats
    three: Floats
    narrow: Floats
    mixed: Floats

    @classmethod
    def of(cls, rows: int) -> Scratch:
        """Return enough for so many rows."""
        shapes = ((WIDTH * INNER,), (rows, INNER), (rows, 3 * WIDTH), (rows, WIDTH), (rows, WIDTH))
        return cls(*(np.empty(shape, np.float32) for shape in shapes))


class Norm(NamedTuple):
    """Brings each row to mean 0 and variance 1, then to what was learnt."""

    weight: Floats
    bias: Floats

    @classmethod
    def of(cls, tensors: Mapping[str, NDArray[Any]], name: str) -> Norm:
        """Return the one of this name."""
        return cls(tensors[f"{name}.weight"], tensors[f"{name}.bias"])

    def apply(self, rows: Floats) -> None:
        """Change rows in place."""
        rows -= rows.mean(axis=1, keepdims=True)
        variance = np.vecdot(rows, rows) / np.float32(WIDTH)
        rows /= np.sqrt(variance + TINY)[:, None]
        rows *= self.weight
        rows += self.bias


class Linear(NamedTuple):
    """A matrix and what is added: the matrix in int8, with a scale for each output."""

    weight: NDArray[np.int8]
    scale: Floats
    bias: Floats

    @classmethod
    def of(cls, tensors: Mapping[str, NDArray[Any]], name: str) -> Linear:
        """Return the one of this name."""
        return cls(*(tensors[f"{name}.{kind}"] for kind in ("weight", "scale", "bias")))

    def apply(self, rows: Floats, out: Floats, weights: Floats) -> None:
        """Write what becomes of rows; `weights` is memory for the widened matrix."""
        wide = weights[: self.weight.size].reshape(self.weight.shape)
        np.copyto(wide, self.weight)
        np.matmul(rows, wide, out=out)
        out *= self.scale
        out += self.bias


class Layer(NamedTuple):
    """Every token looks at the others of its text, then changes by itself."""

    attention: Linear
    mixed: Linear
    mixed_norm: Norm
    up: Linear
    down: Linear
    down_norm: Norm

    @classmethod
    def of(cls, tensors: Mapping[str, NDArray[Any]], name: str) -> Layer:
        """Return the one of this name."""
        attention, mixed, up, down = (
            Linear.of(tensors, f"{name}{one}") for one in ("attention", "mixed", "up", "down")
        )
        mixed_norm, down_norm = (Norm.of(tensors, f"{name}{one}.norm") for one in ("mixed", "down"))
        return cls(attention, mixed, mixed_norm, up, down, down_norm)

    def apply(self, rows: Floats, groups: Sequence[Group], scratch: Scratch) -> None:
        """Change rows in place."""
        self.attention.apply(rows, scratch.three, scratch.weights)
        for group in groups:
            attend(group.of(scratch.three), out=group.of(scratch.mixed))
        self.mixed.apply(scratch.mixed, scratch.narrow, scratch.weights)
        rows += scratch.narrow
        self.mixed_norm.apply(rows)
        self.up.apply(rows, scratch.wide, scratch.weights)
        gelu(scratch.wide)
        self.down.apply(scratch.wide, scratch.narrow, scratch.weights)
        rows += scratch.narrow
        self.down_norm.apply(rows)


def attend(three: Floats, *, out: Floats) -> None:
    """Write the mean of each text's values, weighted for each of its tokens by how well keys fit the token's query."""
    texts, tokens, _ = three.shape
    query, key, value = three.reshape(texts, tokens, 3, HEADS, -1).transpose(2, 0, 3, 1, 4)
    fit = query @ key.swapaxes(2, 3)
    fit -= fit.max(axis=3, keepdims=True)
    np.exp(fit, out=fit)
    fit /= fit.sum(axis=3, keepdims=True)
    out.reshape(texts, tokens, HEADS, -1).swapaxes(1, 2)[:] = fit @ value


def gelu(rows: Floats) -> None:
    """Change rows in place, by the form with tanh written with exp: at most 0.0005 off, and quick."""
    inner = rows * rows
    inner *= np.float32(-2 * 0.7978845608 * 0.044715)
    inner -= np.float32(2 * 0.7978845608)
    inner *= rows
    with np.errstate(over="ignore"):  # a large negative number becomes 0, as it should
        np.exp(inner, out=inner)
    inner += np.float32(1)
    rows /= inner


def _batches(order: Iterable[int], tokens: Sequence[Tokens]) -> Iterator[list[int]]:
    """Iterate over texts in the order given, as many at a time as have few enough tokens together."""
    batch: list[int] = []
    room = TOKENS_AT_ONCE
    for number in order:
        if batch and len(tokens[number]) > room:
            yield batch
            batch, room = [], TOKENS_AT_ONCE
        batch.append(number)
        room -= len(tokens[number])
    if batch:
        yield batch


def _groups(batch: Iterable[Tokens]) -> Iterator[Group]:
    """Iterate over the runs of equally long texts."""
    begin = 0
    for tokens, run in groupby(map(len, batch)):
        texts = sum(1 for _ in run)
        yield Group(begin, texts, tokens)
        begin += texts * tokens
