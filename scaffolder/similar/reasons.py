"""
Why an entity was found, in words that are true.

A word is given as a reason only when one of its forms stands in the query and in the part of the entity named with it,
or when a word there is near it in the encoder; then both are shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.similar.findings import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffolder.similar.entities import Profile, Wanted
    from scaffolder.similar.text import Part, Word

NEAR = 0.36
"""The cosine of two words' vectors from which a person takes one for the other: `alarm` and `alert`."""


def reasons(wanted: Wanted, profile: Profile) -> tuple[Reason, ...]:
    """Return a reason for each part of the entity that shares a word with the query, and one for like meanings."""
    parts = {
        "name": profile.name,
        "purpose": profile.purpose,
        "tags": profile.tags,
        "apis": profile.apis,
        "system": profile.system,
    }
    found = (_reason(kind, wanted.words, part) for kind, part in parts.items())
    shared = tuple(reason for reason in found if reason is not None)
    pairs = near(_missing(wanted.words, profile), profile)
    if not pairs:
        return shared
    text = ", ".join(f"{word.written} ~ {other}" for word, other in pairs)
    return (*shared, Reason("meaning", text, tuple(word.written for word, _ in pairs)))


def matched(wanted: Wanted, profile: Profile) -> tuple[str, ...]:
    """Return the words of the query that the entity mentions, those left out that say only what it is made as."""
    return tuple(word.written for word in wanted.words if not word.is_form and profile.says(word))


def unmentioned(wanted: Wanted, *profiles: Profile) -> tuple[str, ...]:
    """Return the words of the purpose that none of the entities mentions, in the same or a near word."""
    missing = [word for word in wanted.purpose.words if not word.is_form]
    for profile in profiles:
        missing = _missing(missing, profile)
        close = {word.key for word, _ in near(missing, profile)}
        missing = [word for word in missing if word.key not in close]
    return tuple(word.written for word in missing)


def near(words: Sequence[Word], profile: Profile) -> list[tuple[Word, str]]:
    """Return the words that the entity says in another word of like meaning, each with the nearest."""
    said = {word.key: word for part in (profile.name, profile.purpose, profile.tags) for word in part.words}
    others = [word for word in said.values() if not word.is_form]
    if not words or not others:
        return []
    from scaffolder.similar.encoder.words import word_vectors

    vectors = word_vectors()
    fit = vectors([word.written.lower() for word in words]) @ vectors([word.written.lower() for word in others]).T
    best = fit.argmax(axis=1)
    return [(word, others[at].written) for word, at, row in zip(words, best, fit, strict=True) if row[at] >= NEAR]


def _missing(words: Sequence[Word], profile: Profile) -> list[Word]:
    return [word for word in words if not word.is_form and not profile.says(word)]


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
