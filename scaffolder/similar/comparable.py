"""All of a catalog that can be near-duplicates, with what each says and its vectors, as the index has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaffolder.similar.groups import Said
from scaffolder.similar.text import stem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from scaffolder.catalog import Catalog, Summary
    from scaffolder.catalog.comparisons import Compared
    from scaffolder.similar.encoder import Encoder
    from scaffolder.similar.index import Index

    Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Comparable:
    """Entities, and the vector of each."""

    entities: tuple[Said, ...]
    full: NDArray[np.float32]


def comparable(catalog: Catalog, encoder: Encoder, *, progress: Progress) -> Comparable:
    """
    Return the components, systems and resources of a catalog, and the APIs that nobody in it provides.

    An API's paths are its provider's. A name that is only reserved has nothing to say yet.
    """
    from scaffolder.similar.index import index_of

    index = index_of(catalog, encoder)
    index.update(progress)
    with index.rows.snapshot():
        return _compared(catalog, index)


def _compared(catalog: Catalog, index: Index) -> Comparable:
    known = {summary.ref.key: summary for summary in catalog.entities() if not summary.reserved}
    rows = index.every()
    offers = _offers(index, rows, known)
    spoken_for = {api for apis in offers.values() for api in apis}
    numbers = [place for place, row in enumerate(rows) if row.key in known and row.key not in spoken_for]
    paths = {row.key: row.texts.apis for row in rows}
    said = tuple(_said(rows[place], known[rows[place].key], offers, paths) for place in numbers)
    return Comparable(said, index.loaded().vectors.rows(numbers))


def _offers(index: Index, rows: Sequence[Compared], known: Mapping[str, Summary]) -> dict[str, list[str]]:
    """Return the keys of the APIs that each component provides."""
    components = [row.key for row in rows if row.kind == "component" and row.key in known]
    offers: dict[str, list[str]] = {}
    for component, api in index.rows.related(components, "providesApi"):
        offers.setdefault(component, []).append(api)
    return offers


def _said(row: Compared, summary: Summary, offers: Mapping[str, Sequence[str]], paths: Mapping[str, str]) -> Said:
    apis = " ".join([row.texts.apis, *(paths.get(api, "") for api in offers.get(row.key, ()))])
    return Said(
        ref=summary.ref,
        kind=row.kind,
        type=summary.type.lower(),
        name=_keys(row.texts.name),
        purpose=_keys(row.texts.purpose),
        tags=_keys(row.texts.tags),
        apis=_keys(apis),
    )


def _keys(text: str) -> tuple[str, ...]:
    return tuple(map(stem, text.split()))
