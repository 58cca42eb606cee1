"""What one would try first: simple ways to find a similar entity, on the same rows and queries."""

from __future__ import annotations

import heapq
import sqlite3
from typing import TYPE_CHECKING, Any

from tests.benchmarks.similar import texts
from tests.benchmarks.similar.measures import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from tests.benchmarks.similar.data import Query

    Rows = Sequence[Mapping[str, Any]]
    Found = dict[str, list[Answer]]
    Baseline = Callable[[Rows, Sequence[Query]], Found]
    Vectors = NDArray[np.float32]

MOST = 50
SHORTEST = 3
BATCH = 256


def substring(rows: Rows, queries: Sequence[Query]) -> Found:
    """Order by how many of the query's words stand anywhere in the text."""
    held = [(row["id"], texts.of_row(row).lower()) for row in rows]
    return {query.id: _best(_substrings(query, held)) for query in queries}


def rapidfuzz(rows: Rows, queries: Sequence[Query]) -> Found:
    """Order by rapidfuzz's `token_set_ratio` of both texts."""
    from rapidfuzz import fuzz, process, utils

    held = {row["id"]: utils.default_process(texts.of_row(row)) for row in rows}
    found: Found = {}
    for query in queries:
        asked = utils.default_process(texts.of_query(query))
        best = process.extract(asked, held, scorer=fuzz.token_set_ratio, limit=MOST)
        found[query.id] = [Answer(key, score) for _text, score, key in best]
    return found


def full_text(rows: Rows, queries: Sequence[Query]) -> Found:
    """Order by SQLite's bm25: FTS5, porter stems, names split, abbreviations expanded, stop words left out."""
    index = sqlite3.connect(":memory:")
    try:
        index.execute("CREATE VIRTUAL TABLE held USING fts5(id UNINDEXED, said, tokenize='porter unicode61')")
        index.executemany("INSERT INTO held VALUES (?, ?)", map(_fields, rows))
        return {query.id: _full_text(index, query) for query in queries}
    finally:
        index.close()


class Encoder:
    """The sentence encoder alone: order by the cosine of both vectors. A text met again is not encoded again."""

    def __init__(self) -> None:
        self._known: dict[str, Vectors] = {}

    def __call__(self, rows: Rows, queries: Sequence[Query]) -> Found:
        """Return the nearest rows of each query."""
        held = self.vectors([spoken(row) for row in rows])
        asked = self.vectors([texts.spoken(it.name, it.purpose, ", ".join(it.tags)) for it in queries])
        ids = [row["id"] for row in rows]
        cosines = (asked @ held.T).tolist()
        return {query.id: _best(zip(near, ids, strict=True)) for query, near in zip(queries, cosines, strict=True)}

    def vectors(self, said: Sequence[str]) -> Vectors:
        """Return a vector for each text."""
        import numpy as np

        from scaffolder.similar.encoder import built_in

        new = sorted({text for text in said if text not in self._known}, key=len)
        for start in range(0, len(new), BATCH):
            batch = new[start : start + BATCH]
            self._known.update(zip(batch, built_in().encode(batch), strict=True))
        return np.stack([self._known[text] for text in said])


def baselines(encoder: Encoder) -> dict[str, Baseline]:
    """Return each baseline by what it is called."""
    return {
        "substring": substring,
        "rapidfuzz token_set_ratio": rapidfuzz,
        "SQLite FTS5": full_text,
        "encoder alone": encoder,
    }


def spoken(row: Mapping[str, Any]) -> str:
    """Return a row as an encoder reads it."""
    return texts.spoken(row["name"], row["description"], ", ".join(row.get("tags") or ()))


def _substrings(query: Query, held: Iterable[tuple[str, str]]) -> Iterable[tuple[float, str]]:
    asked = [word for word in texts.keywords(texts.of_query(query)) if len(word) >= SHORTEST]
    return ((sum(word in text for word in asked), key) for key, text in held)


def _best(scored: Iterable[tuple[float, str]]) -> list[Answer]:
    """Return the highest scores; of equal ones those that come first."""
    return [Answer(key, score) for score, key in heapq.nlargest(MOST, scored, key=lambda each: each[0]) if score > 0]


def _fields(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["id"], " ".join(texts.words(" ".join([texts.of_row(row), *(row["extra"].get("apis") or ())])))


def _full_text(index: sqlite3.Connection, query: Query) -> list[Answer]:
    asked = texts.keywords(" ".join([texts.of_query(query), *query.apis]))
    if not asked:
        return []
    match = " OR ".join(f'"{word}"' for word in asked)
    order = "SELECT id, -bm25(held) AS score FROM held WHERE held MATCH ? ORDER BY score DESC LIMIT ?"
    return [Answer(key, score) for key, score in index.execute(order, (match, MOST))]
