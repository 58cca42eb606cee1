"""
Why an entity was found, in words that are true.

A word is given as a reason only when one of its forms stands in the query and in the part of the entity named with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.similar.findings import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.similar.score import Profile, Wanted
    from scaffolder.similar.text import Part, Word


def reasons(wanted: Wanted, profile: Profile) -> tuple[Reason, ...]:
    """Return a reason for each part of the entity that shares a word with the query."""
    parts = {
        "name": profile.name,
        "purpose": profile.purpose,
        "tags": profile.tags,
        "apis": profile.apis,
        "system": profile.system,
    }
    found = (_reason(kind, wanted.words, part) for kind, part in parts.items())
    return tuple(reason for reason in found if reason is not None)


def matched(wanted: Wanted, profile: Profile) -> tuple[str, ...]:
    """Return the words of the query that the entity mentions, those left out that say only what it is made as."""
    return tuple(word.written for word in wanted.words if not word.is_form and profile.says(word))


def unmentioned(wanted: Wanted, *profiles: Profile) -> tuple[str, ...]:
    """Return the words of the purpose that none of the entities mentions."""
    words = (word for word in wanted.purpose.words if not word.is_form)
    return tuple(word.written for word in words if not any(profile.says(word) for profile in profiles))


def _reason(kind: str, words: tuple[Word, ...], part: Part) -> Reason | None:
    said = [word for word in words if part.says(word)]
    if all(word.is_form for word in said):
        return None
    text = ", ".join(_shown(word, part) for word in said)
    return Reason(kind, text, tuple(word.written for word in said if part.has(word)))


def _shown(word: Word, part: Part) -> str:
    """Return a word as the person wrote it, with the entity's own where one is short for the other."""
    if part.has(word):
        return word.written
    return " ".join((word.written, *(f"({other})" for other in _counterparts(word, part))))


def _counterparts(word: Word, part: Part) -> Iterator[str]:
    meant = frozenset[str]().union(*word.readings)
    for other in part.words:
        if other.key in meant or any(word.key in reading or reading & meant for reading in other.readings):
            yield other.written
            if not meant:
                return
