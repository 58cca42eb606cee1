"""
What an entity says in words of its own (pure).

Everything made from one golden path looks alike: it says the same of its framework, its tests and whom to ask. The
words that the golden path wrote are noted with the entry at birth, and left out wherever entities are compared.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from scaffolder.catalog.entity import Entity
from scaffolder.similar import vocabulary
from scaffolder.similar.entities import LONGEST_DEFINITION
from scaffolder.similar.text import stem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

TEMPLATE_WORDS = "scaffolder/template-words"
"""The annotation with the words of an entry that its golden path wrote."""

_WORD = re.compile(r"[^\W_]+")


def own(entity: Entity) -> Entity:
    """Return the entity without the words that its golden path wrote."""
    noted = str(entity.annotations.get(TEMPLATE_WORDS, "")).split()
    if not noted:
        return entity
    words = frozenset(stem(word.lower()) for word in noted)
    document = dict(entity.document)
    document["metadata"] = {**entity.metadata, **_left_in(entity.metadata, ("description", "tags"), words)}
    document["spec"] = {**entity.spec, **_left_in(entity.spec, ("definition",), words)}
    return Entity(document, reserved=entity.reserved)


def left(text: str, words: Collection[str]) -> str:
    """
    Return what is left of a text without some words, given as their stems, and without what only joined them.

    A stop word goes with the word that says something next to it, on either side: of `a service with numbers` without
    `service` there is `numbers` left.
    """
    found = list(_WORD.finditer(text))
    kinds = [_kind(match[0].lower(), words) for match in found]
    gone = {at for at, kind in enumerate(kinds) if kind == "gone" or (kind == "joins" and _is_beside_gone(kinds, at))}
    parts, done = [], 0
    for at in sorted(gone):
        parts.append(text[done : found[at].start()])
        done = found[at].end()
    return "".join([*parts, text[done:]])


def _kind(word: str, words: Collection[str]) -> str:
    if stem(word) in words:
        return "gone"
    return "joins" if word in vocabulary.STOP_WORDS else "says"


def _is_beside_gone(kinds: list[str], at: int) -> bool:
    before = next((kind for kind in reversed(kinds[:at]) if kind != "joins"), "")
    after = next((kind for kind in kinds[at + 1 :] if kind != "joins"), "")
    return "gone" in {before, after}


def _left_in(part: Any, names: Collection[str], words: Collection[str]) -> dict[str, Any]:
    return {name: _left_of(part[name], words) for name in names if name in part}


def _left_of(value: Any, words: Collection[str]) -> Any:
    if isinstance(value, str):
        return left(value[:LONGEST_DEFINITION], words)
    return list(_tags(value, words)) if isinstance(value, list) else value


def _tags(tags: list[Any], words: Collection[str]) -> Iterator[str]:
    return (rest for tag in tags if (rest := left(str(tag), words).strip("-_. +#:")))
