"""
The words of a catalog entry that its golden path wrote (pure).

Everything made from one golden path looks alike: it says the same of its framework, its tests and whom to ask. Kept
with the entry at birth, these words are left out wherever services are compared. A word that the person used as well is
the person's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scaffolder.similar.entities import api_title, paths
from scaffolder.similar.text import content, pieces, stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scaffolder.catalog.entity import Entity
    from scaffolder.tree import Tree

MOST_WORDS = 100
LARGEST_FILE = 200_000
"""Bytes of a file of the template that is looked at; no entry, and no definition as it is compared, is larger."""

# Entries and the definitions they name are written in these; whatever a file is called while it is a skeleton's.
_DESCRIBES = re.compile(r"\.(ya?ml|json)\b", re.IGNORECASE)

# One that is never closed goes to the end: so its cost stays that of reading the text once.
_EXPRESSION = re.compile(r"\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z)|\{#.*?(?:#\}|\Z)", re.DOTALL)

# As words are told apart where those of the annotation are left out.
_WORD = re.compile(r"[^\W_]+")


def of_entry(entity: Entity, template: Tree, *, said: Iterable[str]) -> str:
    """
    Return the words that stand in the template's own files and in no text of `said`, sorted, with spaces between.

    Only words that would be compared, the first `MOST_WORDS` of them; '' when there is none.
    """
    own = {stem(word) for text in said for word in _spellings(text)}
    compared = dict.fromkeys(word for text in _compared(entity) for word in _words(text) if content(word))
    written = _written(frozenset(word for word in compared if stem(word) not in own), template)
    return " ".join(sorted([word for word in compared if word in written][:MOST_WORDS]))


def _compared(entity: Entity) -> Iterator[str]:
    """Iterate over the texts of an entity that are compared; its name is never its template's."""
    yield entity.description
    yield from entity.tags
    if entity.kind.lower() == "api":
        yield api_title(entity)
        yield from paths(entity)


def _written(words: frozenset[str], template: Tree) -> frozenset[str]:
    """Return those of the words that stand in a file of the template, outside of what is put in."""
    missing = words
    for path, file in template.files():
        if missing and _DESCRIBES.search(path) and len(file.data) <= LARGEST_FILE:
            literal = _EXPRESSION.sub(" ", file.data.decode(errors="replace"))
            missing -= frozenset(_words(literal))
    return words - missing


def _words(text: str) -> Iterator[str]:
    return (found[0].lower() for found in _WORD.finditer(text))


def _spellings(text: str) -> Iterator[str]:
    """Iterate over the words of a text, those of its identifiers too."""
    yield from _words(text)
    yield from (piece.lower() for piece in pieces(text))
