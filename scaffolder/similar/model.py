"""
From features to how probable it is that an entry does the job.

Two steps. Two forests of small trees say how well each entry fits, and their sum orders them: one learned to put the
right one first, the other to tell right from wrong. Then one linear model looks at how the first of them stands among
the others, and says how probable it is that it does the job; the rest follow from their distance to it. All weights
are in `model.json`, which `scripts/fit_similar.py` makes.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffolder.similar.encoder.arrays import np
from scaffolder.similar.features import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FILE = Path(__file__).with_name("model.json")
FURTHER = 5
"""The entry whose distance to the first tells whether many would do."""

LOOKED_AT = (
    "cosine", "deviation", "said", "least_said", "says", "terms", "terms_back", "undescribed", "purpose_said",
    "names_alike", "unsaid_most", "terms_known", "wish_words", "crowd",
)  # fmt: skip
"""Features of the first entry that the second step looks at."""


ARRAYS = {"feature": "<i2", "threshold": "<f8", "low": "<i2", "high": "<i2", "value": "<f8", "roots": "<i2"}


class Linear(NamedTuple):
    """A weighted sum of features, each brought to mean 0 and deviation 1 first."""

    mean: Floats
    scale: Floats
    weights: Floats
    bias: float

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Linear:
        """Return the one that was written."""
        mean, scale, weights = (np.array(written[name], np.float64) for name in ("mean", "scale", "weights"))
        return cls(mean, scale, weights, float(written["bias"]))

    def __call__(self, rows: Floats) -> Floats:
        """Return a number for each row."""
        return np.asarray((rows - self.mean) / self.scale @ self.weights + self.bias, np.float64)


class Trees(NamedTuple):
    """
    Many small decision trees, whose leaves are added up.

    One array for all nodes: the feature and threshold of each, and the nodes that follow; a leaf follows itself.
    """

    feature: NDArray[np.integer]
    threshold: Floats
    low: NDArray[np.integer]
    high: NDArray[np.integer]
    value: Floats
    roots: NDArray[np.integer]
    depth: int

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Trees:
        """Return those that were written."""
        return cls(
            **{name: np.frombuffer(b64decode(written[name]), kind) for name, kind in ARRAYS.items()},
            depth=int(written["depth"]),
        )

    def write(self) -> dict[str, str | int]:
        """Return them as they are written: arrays in base64, which is read ten times as quickly as numbers."""
        arrays = {name: b64encode(getattr(self, name).astype(kind)).decode() for name, kind in ARRAYS.items()}
        return {**arrays, "depth": self.depth}

    def __call__(self, rows: Floats) -> Floats:
        """Return the sum of the leaves that each row comes to."""
        here = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        which = np.arange(len(rows))[:, None]
        for _ in range(self.depth):
            lower = rows[which, self.feature[here]] <= self.threshold[here]
            here = np.where(lower, self.low[here], self.high[here])
        return np.asarray(self.value[here].sum(axis=1), np.float64)


class Judged(NamedTuple):
    """The order of entries, best first, and how probable each is, in that order."""

    order: NDArray[np.int64]
    probabilities: Floats


class Model(NamedTuple):
    """The weights; `exists` and `close` are the least probabilities for these verdicts."""

    ranks: Trees
    chances: Trees
    first: Linear
    exists: float
    close: float

    @classmethod
    def read(cls, text: str) -> Model:
        """Return the model that was written."""
        written = json.loads(text)
        ranks, chances = (Trees.read(written[name]) for name in ("ranks", "chances"))
        return cls(ranks, chances, Linear.read(written["first"]), written["exists"], written["close"])

    def judge(self, features: NDArray[np.float32]) -> Judged:
        """Order entries by their features, a row each, and say how probable each of them is."""
        rows = features.astype(np.float64)
        parts = self.parts(rows)
        fits = parts.sum(axis=1) / 2
        order = np.argsort(-fits, kind="stable")
        chance = self.first(standing(parts, rows)[None])[0]
        return Judged(order, 1 / (1 + np.exp(fits[order[0]] - fits[order] - chance)))

    def parts(self, rows: Floats) -> Floats:
        """Return what each of the two forests says of each row."""
        return np.stack([self.ranks(rows), self.chances(rows)], axis=1)


def standing(parts: Floats, rows: Floats) -> Floats:
    """Return how the best entry stands: what the forests say of it, how far it is ahead, and some of its features."""
    fits = parts.sum(axis=1) / 2
    order = np.argsort(-fits, kind="stable")
    best, second, further = order[0], order[min(1, len(order) - 1)], order[min(FURTHER, len(order) - 1)]
    ranks, chances = parts.T
    share = np.exp(ranks[best] - ranks.max()) / np.exp(ranks - ranks.max()).sum()
    crowd = np.log((1 / (1 + np.exp(-chances))).sum() + 0.05)
    return np.array(
        [
            ranks[best],
            chances[best],
            share,
            fits[best] - fits[second],
            fits[best] - fits[further],
            chances[second],
            crowd,
            chances.max() - chances[best],
            *rows[best, [NAMES.index(name) for name in LOOKED_AT]],
        ]
    )


@cache
def model() -> Model:
    """Return the model of this installation."""
    return Model.read(FILE.read_text(encoding="utf-8"))


def written(linear: Linear) -> dict[str, Sequence[float] | float]:
    """Return a linear model as it is written."""
    parts = {name: [round(float(x), 6) for x in getattr(linear, name)] for name in ("mean", "scale", "weights")}
    return {**parts, "bias": round(linear.bias, 6)}
