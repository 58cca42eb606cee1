"""
The catalog, ready to be compared: a description and vectors of every entry that could be used again.

All of it is derived from the catalog and kept in its database. What changed is made again at the next question; what
the catalog says as a whole — which sentences it repeats, what its words mean — when enough has changed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from scaffolder.catalog.comparisons import Comparing
from scaffolder.similar import description, terms_in_use
from scaffolder.similar.encoder.arrays import np
from scaffolder.similar.findings import NEVER_SIMILAR
from scaffolder.similar.vectors import Vectors, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from scaffolder.catalog import Catalog
    from scaffolder.catalog.comparisons import Compared, Comparisons
    from scaffolder.similar.description import Description
    from scaffolder.similar.encoder import Encoder

    Floats = NDArray[np.float32]

ENTRIES_AT_ONCE = 256
TAGS_SHARE = np.float32(0.2)
"""How much the tags' vector counts beside that of name and purpose."""

CHANGED_SHARE = 0.05
"""How much of a catalog changes before what it says as a whole is told anew."""


def no_progress(_done: int, _total: int) -> None:
    """Tell nobody."""


class Loaded(NamedTuple):
    """
    Every entry's id and its vector, in the same order.

    `middle` is the mean of all vectors, `entries` their number when that was told; both are of the catalog as it was
    then.
    """

    ids: NDArray[np.int64]
    vectors: Vectors
    middle: Floats
    entries: int
    repeated: frozenset[str]


class Index:
    """What is compared of a catalog, by one encoder."""

    def __init__(self, catalog: Catalog, encoder: Encoder) -> None:
        self._rows: Comparisons = catalog.comparisons
        self._encoder = encoder
        self._version = version_of(encoder)
        self._known: tuple[tuple[int, int], Loaded] | None = None

    @property
    def rows(self) -> Comparisons:
        """The rows of the database."""
        return self._rows

    def pending(self) -> list[int]:
        """Return the ids of entries that are not compared yet: all of them, when another encoder has."""
        if not self._is_ours() and self._rows.comparable(NEVER_SIMILAR):  # looking at nothing makes no database
            self._rows.forget({"version": self._version})
        return self._rows.pending(NEVER_SIMILAR)

    def missing(self) -> int:
        """Return how many entries are not compared, where that cannot be changed."""
        return len((self._rows.pending if self._is_ours() else self._rows.comparable)(NEVER_SIMILAR))

    def update(self, progress: Callable[[int, int], None] = no_progress) -> None:
        """
        Compare every entry from now on; `progress` is told how many of those that were missing are done.

        What is done stays done when this is interrupted.

        Raises:
            DatabaseRefused: The database cannot be written.
            Locked: Another process kept it busy.
        """
        pending = self.pending()
        if not pending and not self._has_changed(0):
            self._rows.pack()
            return
        if self._has_changed(len(pending)):
            self._tell_repeated()
            pending = self.pending()
        for start in range(0, len(pending), ENTRIES_AT_ONCE):
            progress(start, len(pending))
            self.add(pending[start : start + ENTRIES_AT_ONCE])
        progress(len(pending), len(pending))
        self._rows.pack()
        if self._has_changed(0):
            self._tell_terms()

    def add(self, ids: Sequence[int]) -> None:
        """Make the rows of some entries."""
        repeated = self._rows.repeated()
        made = [
            (entry_id, entity, description.of_entity(entity, repeated)) for entry_id, entity in self._rows.entities(ids)
        ]
        vectors = self._new_vectors([each for _, _, each in made])
        rows = ((entry_id, entity, each.texts, each.called, each.digest) for entry_id, entity, each in made)
        self._rows.add(rows, vectors, version=self._version)
        self._note_changed(len(made))

    def loaded(self) -> Loaded:
        """Return every vector; they are read again when the database has changed."""
        state = self._rows.state()
        if self._known is None or self._known[0] != state:
            self._known = (state, self._load())
        return self._known[1]

    def vectors(self, made: Sequence[Description]) -> Iterator[tuple[Floats, Floats]]:
        """Iterate over the vectors of descriptions: of the whole, in which tags count a little, and of the name."""
        texts = list(dict.fromkeys(text for each in made for text in (each.said, each.name, each.labels) if text))
        rows = self._encoder.encode(texts) if texts else np.zeros((0, self._encoder.dimensions), np.float32)
        vector = dict(zip(texts, rows, strict=True))
        nothing = np.zeros(self._encoder.dimensions, np.float32)
        for each in made:
            whole = vector.get(each.said, nothing) + TAGS_SHARE * vector.get(each.labels, nothing)
            yield whole / np.float32(np.linalg.norm(whole) or 1.0), vector.get(each.name, nothing)

    def name_vectors(self, ids: Sequence[int]) -> Floats:
        """Return the vectors of some entries' names."""
        return Vectors(self._rows.name_vectors(ids), self._encoder.dimensions).rows(slice(None))

    def every(self) -> list[Compared]:
        """Return all rows, in the order of the vectors."""
        return list(self._rows.every())

    # what is derived from one entry

    def _new_vectors(self, made: Iterable[Description]) -> dict[bytes, tuple[bytes, bytes]]:
        by_digest = {each.digest: each for each in made}
        known = self._rows.vector_ids(by_digest)
        new = {digest: each for digest, each in by_digest.items() if digest not in known}
        both = zip(new, self.vectors(list(new.values())), strict=True)
        return {digest: (written(whole), written(name)) for digest, (whole, name) in both}

    # what is derived from all of them

    def _has_changed(self, changed: int) -> bool:
        """Tell whether so much has changed, with that many more, that the whole says something else."""
        facts = self._rows.facts()
        return changed + int(facts.get("changed", "0")) > CHANGED_SHARE * int(facts.get("entries", "0"))

    def _tell_repeated(self) -> None:
        described = list(self._rows.descriptions())
        before = self._rows.repeated()
        now = description.repeated_sentences((text for _, text in described), len(described))
        if now != before:
            different = now ^ before
            again = (entry_id for entry_id, text in described if not different.isdisjoint(_plain(text)))
            self._rows.write_repeated(now, again)

    def _tell_terms(self) -> None:
        with self._rows.snapshot():
            known = self._load()
            middle = known.vectors.mean()
            term_sets = (terms_in_use.terms_of(row.texts) for row in self._rows.every())
            found = [_term(term, about) for term, about in terms_in_use.centres(term_sets, known.vectors, middle)]
        facts = {
            "entries": str(len(known.ids)),
            "changed": "0",
            "middle": json.dumps([round(float(x), 6) for x in middle]),
        }
        self._rows.write_terms(found, facts, version=self._version)
        self._rows.sweep()

    def _note_changed(self, changed: int) -> None:
        before = int(self._rows.facts().get("changed", "0"))
        self._rows.note({"changed": str(before + changed)})

    def _is_ours(self) -> bool:
        return self._rows.facts().get("version") == self._version

    def _load(self) -> Loaded:
        with self._rows.snapshot():
            return self._read(self._rows.facts())

    def _read(self, facts: Mapping[str, str]) -> Loaded:
        packs = list(self._rows.packs()) if facts.get("version") == self._version else []
        ids = np.frombuffer(b"".join(pack.ids for pack in packs), np.int64)
        vectors = Vectors([pack.vectors for pack in packs], self._encoder.dimensions)
        middle = np.array(json.loads(facts.get("middle", "[0]")), np.float32)
        return Loaded(ids, vectors, middle, int(facts.get("entries", "0")), self._rows.repeated())


def version_of(encoder: Encoder) -> str:
    """Return what tells rows made by an encoder from others."""
    return f"{encoder.name} · {description.VERSION}"


def comparing(encoder: Encoder) -> Comparing:
    """Return what rows made by an encoder are, so that rows made elsewhere can be taken over."""
    row = len(written(np.zeros(encoder.dimensions, np.float32)))
    return Comparing(version_of(encoder), encoder.dimensions, row)


def index_of(catalog: Catalog, encoder: Encoder) -> Index:
    """Return the index of a catalog, kept as long as the catalog is."""
    known = _indexes.get(catalog)
    if known is None or known[0] != encoder.name:
        known = _indexes[catalog] = (encoder.name, Index(catalog, encoder))
    return known[1]


def _plain(text: str) -> set[str]:
    return {description.plain(each) for each in description.sentences(text)}


def _term(term: str, about: terms_in_use.Centre | int) -> tuple[str, int, float, bytes | None]:
    if isinstance(about, int):
        return term, about, 0.0, None
    return term, about.entries, about.agreement, written(about.vector)


_indexes: WeakKeyDictionary[Catalog, tuple[str, Index]] = WeakKeyDictionary()
