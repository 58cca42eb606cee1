"""
What an entry, or a wish, says of itself, made ready to be compared: words by part, and the texts for the encoder.

Sentences that the catalog repeats ("Deployed on Kubernetes.") are left out: they are the same for many, and say nothing
of any. So are the words that a golden path wrote.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.catalog.comparisons import Called, Texts
from scaffolder.similar import vocabulary
from scaffolder.similar.entities import api_title, paths
from scaffolder.similar.names import flat, keys
from scaffolder.similar.own_words import own
from scaffolder.similar.text import content, is_version, pieces

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from scaffolder.catalog.entity import Entity
    from scaffolder.similar.findings import Query

VERSION = "3"
"""Another one whenever a description would become another text, or its vector be written otherwise."""

LONGEST_TEXT = 10_000
MOST_PATH_WORDS = 40
LEAST_REPEATED = 5
REPEATED_SHARE = 0.002

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\s*\n\s*")


class Description(NamedTuple):
    """Words of each part, its names, and the texts that become vectors: name and purpose, the name alone, the tags."""

    texts: Texts
    called: tuple[Called, ...]
    said: str
    name: str
    labels: str

    @property
    def digest(self) -> bytes:
        """What is the same for the same texts."""
        return hashlib.blake2b(
            f"{self.said}\0{self.name}\0{self.labels}".encode(errors="replace"), digest_size=16
        ).digest()


def of_entity(entity: Entity, repeated: Collection[str]) -> Description:
    """Return the description of an entry; an API's also says what its definition does."""
    entity = own(entity)
    is_api = entity.kind.lower() == "api"
    return _described(
        names=[entity.title, entity.name],
        purpose=" ".join(filter(None, (entity.description, api_title(entity) if is_api else ""))),
        tags=entity.tags,
        apis=paths(entity) if is_api else [],
        repeated=repeated,
    )


def of_query(query: Query, repeated: Collection[str]) -> Description:
    """Return the description of what somebody wants; of a very long text, that of its beginning."""
    return _described(
        names=[query.name[:LONGEST_TEXT]],
        purpose=query.purpose,
        tags=query.tags,
        apis=query.apis,
        repeated=repeated,
    )


def sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    return [sentence for sentence in _SENTENCE_END.split(text[:LONGEST_TEXT]) if sentence.strip()]


def plain(sentence: str) -> str:
    """Return what tells that two sentences are the same."""
    return sentence.strip().rstrip(".!?").lower()


def repeated_sentences(descriptions: Iterable[str], entries: int) -> frozenset[str]:
    """Return the sentences that so many of the entries have that it cannot be their own."""
    counts = Counter(sentence for text in descriptions for sentence in {plain(each) for each in sentences(text)})
    least = max(LEAST_REPEATED, entries * REPEATED_SHARE)
    return frozenset(sentence for sentence, count in counts.items() if count >= least)


def called(names: Iterable[str]) -> Iterator[Called]:
    """Iterate over names, each under every key that it is found by."""
    return (Called(key, name) for name in dict.fromkeys(names) for key in keys(name))


def name_lines(names: Iterable[str]) -> str:
    """Return names as they are kept: a line each, flat and as it is written."""
    return "\n".join(f"{flat(each)}\t{each}" for each in dict.fromkeys(" ".join(each.split()) for each in names))


def _described(  # the parts are these
    *,
    names: Iterable[str],
    purpose: str,
    tags: Iterable[str],
    apis: Iterable[str],
    repeated: Collection[str],
) -> Description:
    names = list(dict.fromkeys(names))
    said_here = " ".join(each for each in sentences(purpose) if plain(each) not in repeated)
    labels = " ".join(tags)[:LONGEST_TEXT]
    name = " ".join(dict.fromkeys(word for each in names for word in _spelled_out(each)))
    texts = Texts(
        names=name_lines(names),
        name=" ".join(dict.fromkeys(word for each in names for word in content(each))),
        purpose=" ".join(content(said_here)),
        tags=" ".join(content(labels)),
        apis=" ".join(content(" ".join(apis)[:LONGEST_TEXT])[:MOST_PATH_WORDS]),
    )
    said = f"{name}. {said_here} {texts.apis if not purpose else ''}".strip()
    return Description(texts, tuple(called(names)), said, name, " ".join(pieces(labels)))


def _spelled_out(name: str) -> list[str]:
    """Return the words of a name, abbreviations as what they stand for, its version left out."""
    words = [piece.lower() for piece in pieces(name)]
    told = (word for word, after in zip_longest(words, words[1:], fillvalue="") if not _is_version(word, after))
    known = ((word, vocabulary.ABBREVIATIONS.get(word)) for word in told)
    return [part for word, meanings in known for part in (meanings[0] if meanings else word).split()]


def _is_version(word: str, after: str) -> bool:
    """Tell whether a word is a number, or the letter before one: `v2` comes in two pieces."""
    return is_version(word) or (word == "v" and is_version(after))
