"""
Finding entities by words.

Names are identifiers: `linkCheckerV2` and `link-checker-v2` are both the words link, checker, v and 2. The index holds
the pieces beside the whole; a question is taken apart in the same way, so nothing in it reaches SQLite as syntax.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from scaffolder.catalog.entity import Entity

POINTER = "location"
"""The kind that only leads to other entities."""

MOST_WORDS = 32
LONGEST_WORD = 64
LONGEST_TEXT = 10_000
"""Characters of a description that are searched."""

_SEPARATORS = str.maketrans("", "", "-_.")
_RUN = re.compile(r"[^\W_]+")
_PIECE = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^\W\dA-Z_]+|[A-Z]+|\d+")
_API_PATH = re.compile(r"^\s*[\"']?(/[\w{}./:~-]*)[\"']?\s*:", re.MULTILINE)
# How much a hit is worth by where it is: name, title, tags, description, apis.
_QUERY = "SELECT rowid, bm25(search, 10.0, 6.0, 4.0, 2.0, 1.0) AS rank FROM search WHERE search MATCH ? ORDER BY 2, 1"


def pieces(text: str) -> list[str]:
    """Return the words of a text, identifiers split at changes of case and of letters to digits, in lower case."""
    return [piece.lower() for run in _RUN.findall(text) for piece in _PIECE.findall(run)]


def indexed(entity: Entity) -> tuple[str, str, str, str, str]:
    """Return what of an entity is searched, column by column."""
    name = entity.name
    whole = name.translate(_SEPARATORS)  # "linkchecker" finds link-checker
    definition = entity.spec.get("definition")
    paths = " ".join(_API_PATH.findall(definition)) if isinstance(definition, str) else ""
    return (
        f"{_spread(name)} {whole}",
        "" if entity.title == name else _spread(entity.title),
        _spread(" ".join(entity.tags)),
        _spread(entity.description[:LONGEST_TEXT]),
        _spread(paths[:LONGEST_TEXT]),
    )


def write(connection: sqlite3.Connection, rows: Iterable[tuple[int, Entity]]) -> None:
    """Add entities to the index, by the id of their claim or reservation; what only leads to others is not searched."""
    connection.executemany(
        "INSERT INTO search (rowid, name, title, tags, description, apis) VALUES (?, ?, ?, ?, ?, ?)",
        ((rowid, *indexed(entity)) for rowid, entity in rows if entity.kind.lower() != POINTER),
    )


def question(text: str) -> list[str]:
    """Return the words of what a person typed, each once, bounded in number and length."""
    return list(dict.fromkeys(piece[:LONGEST_WORD] for piece in pieces(text)))[:MOST_WORDS]


def hits(
    connection: sqlite3.Connection, words: Sequence[str], *, together: bool, prefix: bool
) -> Iterator[tuple[int, float]]:
    """Iterate over (id, score), best first, of what has all words, or any; a higher score is better."""
    if not words:
        return
    star = "*" if prefix else ""
    match = (" AND " if together else " OR ").join(f'"{word}"{star}' for word in words)
    for rowid, rank in connection.execute(_QUERY, (match,)):
        yield rowid, -rank


def _spread(text: str) -> str:
    """Return a text with the pieces of its identifiers after it; a plain word has none."""
    if not text:
        return text
    runs = [run for run in _RUN.findall(text) if not (run.islower() and run.isalpha())]
    parts = [part for run in runs if len(part := pieces(run)) > 1]
    return f"{text} {' '.join(piece for part in parts for piece in part)}" if parts else text
