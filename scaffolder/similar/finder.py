"""From a catalog and a query to findings: gather, judge, explain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaffolder.catalog.entity import LONGEST_NAME, Entity, EntityRef
from scaffolder.catalog.relations import relations_of
from scaffolder.similar import entities, reasons
from scaffolder.similar.encoder import built_in
from scaffolder.similar.entities import Profile, Wanted
from scaffolder.similar.findings import Findings, Match, Query, Reason, Thresholds, Verdict
from scaffolder.similar.own_words import own
from scaffolder.similar.text import part

if TYPE_CHECKING:
    from scaffolder.catalog import Catalog
    from scaffolder.similar.candidates import Alike, Candidates
    from scaffolder.similar.encoder import Encoder

LONGEST_TEXT = 10_000
_LEAST = {"taken": 0.97, "near": 0.9}
"""How probable an entry is at least whose name is the same, or nearly."""

# A system often has the name of the service it began as: that is near, and no reason to stop.
NAMED_ALIKE = "system"

_STRONGEST_FIRST: tuple[Verdict, ...] = ("exists", "close")


@dataclass(frozen=True, slots=True)
class _Judged:
    entry_id: int
    key: str
    kind: str
    alike: Alike
    score: float
    verdict: Verdict


def find_similar(
    catalog: Catalog,
    query: Query,
    *,
    limit: int = 5,
    without: str = "",
    encoder: Encoder | None = None,
    thresholds: Thresholds | None = None,
) -> Findings:
    """
    Return the entities that may already do what `query` describes, best first.

    An entity whose name is taken or nearly equal is always among them, whatever else was asked. An API speaks for the
    component that provides it. `without` is the key of a ref to leave out: what the query was made from. What changed
    in the catalog since the last question is compared first; of very much, what shares words with the query. Without
    `thresholds`, those that were fitted hold.
    """
    from scaffolder.similar.candidates import candidates
    from scaffolder.similar.index import index_of

    found = candidates(catalog, index_of(catalog, encoder or built_in()), query)
    best = [each for each in _judged(found, thresholds) if each.key != without][:limit]
    wanted = wanted_of(query)
    held = dict(catalog.comparisons.entities([each.entry_id for each in best]))
    compared = [
        (each, held[each.entry_id], _profile(catalog, held[each.entry_id])) for each in best if each.entry_id in held
    ]
    return Findings(
        verdict=next((it for it in _STRONGEST_FIRST if any(each.verdict == it for each, _, _ in compared)), "none"),
        confidence=compared[0][0].score if compared else 0.0,
        matches=tuple(_match(each, entity, profile, wanted, query) for each, entity, profile in compared),
        uncovered=reasons.unmentioned(wanted, *(profile for _, _, profile in compared)),
        unseen=found.unseen,
    )


def query_like(catalog: Catalog, entity: Entity) -> Query:
    """Return the query that an entity, once it exists, would have been."""
    said = own(entity)
    apis = (said, *_apis_of(catalog, entity))
    return Query(
        name=entity.title,
        purpose=said.description,
        tags=said.tags,
        apis=tuple(path for api in apis for path in entities.paths(api)),
    )


def wanted_of(query: Query) -> Wanted:
    """Return the words of a query; of a very long text, those of its beginning."""
    return Wanted(
        name=part(query.name[:LONGEST_TEXT]),
        purpose=part(query.purpose[:LONGEST_TEXT]),
        tags=part(" ".join(query.tags)[:LONGEST_TEXT]),
        apis=part(" ".join(query.apis)[:LONGEST_TEXT]),
    )


def _judged(found: Candidates, thresholds: Thresholds | None) -> list[_Judged]:
    """Return the entries with what is thought of them, best first."""
    if not found.entries:
        return []
    from scaffolder.similar.model import model

    weights = model()
    exists, close = thresholds or (weights.exists, weights.close)
    order, probabilities = weights.judge(found.features)
    judged = []
    for at, probability in zip(order, probabilities, strict=True):
        entry, alike = found.entries[at].row, found.names[at]
        score = max(float(probability), _LEAST.get(alike.nearness.value, 0.0))
        verdict: Verdict = "exists" if score >= exists else "close" if score >= close else "none"
        if verdict == "exists" and entry.kind == NAMED_ALIKE:
            verdict = "close"
        judged.append(_Judged(entry.id, entry.key, entry.kind, alike, score, verdict))
    return sorted(judged, key=lambda each: -each.score)


def _profile(catalog: Catalog, entity: Entity) -> Profile:
    return entities.profile(own(entity), _apis_of(catalog, entity))


def _apis_of(catalog: Catalog, entity: Entity) -> tuple[Entity, ...]:
    refs = [it.forward.target for it in relations_of(entity) if it.forward.type == "providesApi"]
    return tuple(own(api) for ref in refs if (api := catalog.get(ref)) is not None)


def _match(judged: _Judged, entity: Entity, profile: Profile, wanted: Wanted, query: Query) -> Match:
    return Match(
        ref=EntityRef(entity.kind.lower(), entity.name, entity.namespace),
        title=entity.title,
        description=entity.description,
        type=entity.type,
        lifecycle=entity.lifecycle,
        owner=str(entity.owner or ""),
        reserved=entity.reserved,
        score=judged.score,
        verdict=judged.verdict,
        reasons=_why(judged, profile, wanted, query),
        matched=reasons.matched(wanted, profile),
        unmentioned=reasons.unmentioned(wanted, profile),
    )


def _why(judged: _Judged, profile: Profile, wanted: Wanted, query: Query) -> tuple[Reason, ...]:
    """Return the reasons; two names can be nearly one and share no word, and then both are shown."""
    why = reasons.reasons(wanted, profile)
    if not judged.alike.name or any(reason.kind in {"name", "apis"} for reason in why):
        return why
    return (Reason("name", f"{query.name[:LONGEST_NAME]} ~ {judged.alike.name}", ()), *why)
