"""
The entries that are worth a closer look: nearest by meaning, alike by name, and those an API speaks for.

Until every entry has its vectors, those that share words are looked up as well and get theirs on the spot; what is
neither is not seen, and `Candidates.unseen` says how many that may be.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.gateways.sqlite import DatabaseRefused, Locked
from scaffolder.similar import description, terms_in_use
from scaffolder.similar.encoder.arrays import np
from scaffolder.similar.features import Entry, Surroundings, Wish, features
from scaffolder.similar.names import NameFinder, Nearness
from scaffolder.similar.terms import search_terms
from scaffolder.similar.text import part, stem

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from scaffolder.catalog import Catalog
    from scaffolder.catalog.comparisons import Compared
    from scaffolder.similar.findings import Query
    from scaffolder.similar.index import Index, Loaded

    Floats = NDArray[np.float32]

MOST_NEAREST = 80
MOST_ALIKE = 20
MADE_AT_ONCE = 64
"""Entries that get their vectors while somebody waits: a quarter of a second for all."""


class Alike(NamedTuple):
    """How near an entry's name is, and which: its name, its title, or the name of an API that it provides."""

    nearness: Nearness
    name: str


class Candidates(NamedTuple):
    """Entries with their features, a row each; `names` says how near each name is."""

    entries: tuple[Entry, ...]
    features: Floats
    names: tuple[Alike, ...]
    unseen: int


def candidates(catalog: Catalog, index: Index, query: Query) -> Candidates:
    """Return what may do the job, in no order."""
    unseen = _make_missing(catalog, index, query)
    with index.rows.snapshot():
        return _compared(index, query, unseen)


def _compared(index: Index, query: Query, unseen: int) -> Candidates:
    known = index.loaded()
    if not len(known.ids):
        return Candidates((), np.zeros((0, 0), np.float32), (), unseen)
    wanted = description.of_query(query, known.repeated)
    ((whole, name),) = index.vectors([wanted])
    wish = Wish(wanted.texts, whole, name)
    cosines = known.vectors.cosines(whole)
    finder = NameFinder(query.name[: description.LONGEST_TEXT])
    alike = _alike(finder, index.rows.called(finder.sought))
    nearest = _nearest(cosines)
    rows = index.rows.rows([*dict.fromkeys([*alike, *(int(known.ids[at]) for at in nearest)])])
    providers = _providers(index, rows)
    entries = _entries(index, rows, providers)
    around = _around(index, known, wish, cosines=cosines, entries=entries, nearest=nearest)
    found = features(wish, entries, around, cosines[_places(known, entries)])
    names = _names(entries, alike, providers)
    return Candidates(tuple(entries), found, names, unseen)


def _make_missing(catalog: Catalog, index: Index, query: Query) -> int:
    """
    Compare what changed; of very much, what shares words with the query. Return how many stay unseen.

    Where nothing can be written, what was compared before has to do.
    """
    with suppress(DatabaseRefused, Locked):
        return _compared_now(catalog, index, query, index.pending())
    return index.missing()


def _compared_now(catalog: Catalog, index: Index, query: Query, pending: Sequence[int]) -> int:
    if len(pending) <= MADE_AT_ONCE:
        index.update()
        return 0
    terms = search_terms(word for text in (query.purpose, query.name) for word in part(text[:1000]).words)
    likely = set(catalog.candidate_ids(terms, limit=MADE_AT_ONCE)) if terms else set()
    likely.update(_pending_alike(index, query, pending))
    chosen = [entry_id for entry_id in pending if entry_id in likely]
    index.add(chosen)
    return len(pending) - len(chosen)


def _pending_alike(index: Index, query: Query, pending: Sequence[int]) -> list[int]:
    """Return which of the entries has this name, or nearly."""
    finder = NameFinder(query.name[: description.LONGEST_TEXT])
    named = ((entry_id, each) for entry_id, *names in index.rows.names(pending) for each in description.called(names))
    return [*_alike(finder, [(entry_id, each.name) for entry_id, each in named if finder.is_likely(each.key)])]


def _alike(finder: NameFinder, names: Iterable[tuple[int, str]]) -> dict[int, Alike]:
    """Return which entries, of ids and names, are called the same or nearly; the same first, then by id."""
    found: dict[int, Alike] = {}
    for entry_id, name in names:
        nearness = finder.nearness(name)
        if nearness is not Nearness.APART:
            found.setdefault(entry_id, Alike(nearness, name))
    taken_first = sorted(found, key=lambda entry_id: found[entry_id].nearness is not Nearness.TAKEN)
    return {entry_id: found[entry_id] for entry_id in taken_first[:MOST_ALIKE]}


def _nearest(cosines: Floats) -> list[int]:
    """Return where the entries with the highest cosines are, the highest first."""
    most = min(MOST_NEAREST, len(cosines))
    best = np.argpartition(-cosines, most - 1)[:most]
    return [int(number) for number in best[np.lexsort((best, -cosines[best]))]]


def _providers(index: Index, rows: Sequence[Compared]) -> list[tuple[Compared, Compared]]:
    """Return the APIs among the rows that somebody provides, each with who does."""
    apis = {row.key: row for row in rows if row.kind == "api"}
    pairs = index.rows.related([*apis], "apiProvidedBy") if apis else []
    there = index.rows.by_key([provider for _, provider in pairs])
    return [(apis[api], there[provider]) for api, provider in pairs if provider in there]


def _entries(index: Index, rows: Sequence[Compared], providers: Sequence[tuple[Compared, Compared]]) -> list[Entry]:
    """Return the entries of rows, an API's provider in its place, each with the words of its APIs."""
    spoken_for = {api.key for api, _ in providers}
    every = {row.key: row for row in rows if row.key not in spoken_for}
    every |= {provider.key: provider for _, provider in providers}
    words = _api_words(index, [*every])
    return [
        Entry(row, words.get(row.key, frozenset()) | _keys(row))
        for row in every.values()
        if not _goes_with_component(row, every)
    ]


def _goes_with_component(row: Compared, found: Container[str]) -> bool:
    """Tell whether this is the reserved name of an API whose component, of the same name, is found too."""
    return row.id < 0 and row.kind == "api" and f"component:{row.key.removeprefix('api:')}" in found


def _names(
    entries: Sequence[Entry], alike: Mapping[int, Alike], providers: Sequence[tuple[Compared, Compared]]
) -> tuple[Alike, ...]:
    """Return how near each name is; who is called otherwise goes by the names of its APIs."""
    of_apis = {provider.id: alike[api.id] for api, provider in providers if api.id in alike}
    by_id = {**of_apis, **alike}
    return tuple(by_id.get(entry.row.id, Alike(Nearness.APART, "")) for entry in entries)


def _api_words(index: Index, keys: Sequence[str]) -> dict[str, frozenset[str]]:
    """Return the words of what each entity provides."""
    provided = index.rows.related(keys, "providesApi")
    apis = index.rows.by_key([api for _, api in provided])
    found: dict[str, frozenset[str]] = {}
    for key, api in provided:
        if api in apis:
            found[key] = found.get(key, frozenset()) | _keys(apis[api])
    return found


def _keys(row: Compared) -> frozenset[str]:
    return frozenset(map(stem, row.texts.apis.split()))


def _places(known: Loaded, entries: Sequence[Entry]) -> NDArray[np.int64]:
    """Return where the entries' vectors are."""
    return np.searchsorted(known.ids, [entry.row.id for entry in entries])


def _around(
    index: Index, known: Loaded, wish: Wish, *, cosines: Floats, entries: Sequence[Entry], nearest: Sequence[int]
) -> Surroundings:
    terms = terms_in_use.terms_of(wish.texts).union(*(terms_in_use.terms_of(entry.row.texts) for entry in entries))
    about = index.rows.terms(terms)
    return Surroundings(
        vectors=known.vectors.rows(_places(known, entries)),
        name_vectors=index.name_vectors([entry.row.id for entry in entries]),
        cosines=cosines,
        nearest=known.vectors.rows(nearest[:3]).mean(axis=0),
        middle=known.middle,
        counts={term: each.entries for term, each in about.items()},
        centres=terms_in_use.loaded(about, len(wish.whole)),
        entries=max(known.entries, len(known.ids)),
    )
