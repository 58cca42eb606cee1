"""From a catalog and a query to findings: gather, compare, explain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scaffolder.catalog.entity import LONGEST_NAME, Entity
from scaffolder.catalog.relations import relations_of
from scaffolder.similar import entities, reasons, score
from scaffolder.similar.findings import Findings, Match, Query, Reason
from scaffolder.similar.names import Nearness
from scaffolder.similar.overview import overview
from scaffolder.similar.score import Profile, Verdict, Wanted, Weights
from scaffolder.similar.terms import search_terms
from scaffolder.similar.text import Word, part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffolder.catalog import Catalog, Summary

MOST_CANDIDATES = 80
LONGEST_TEXT = 10_000

# People, places and what makes services are not services.
NEVER_SIMILAR = frozenset({"group", "user", "location", "domain", "template"})

# A system often has the name of the service it began as: that is near, and no reason to stop.
NAMED_ALIKE = "system"

_STRONGEST_FIRST: tuple[Verdict, ...] = ("exists", "close")


@dataclass(frozen=True, slots=True)
class _Candidate:
    entity: Entity
    nearness: Nearness = Nearness.APART
    apis: tuple[Entity, ...] = ()

    def joined(self, other: _Candidate) -> _Candidate:
        """Return one candidate for what both say of the same entity."""
        apis = {api.ref.key: api for api in (*self.apis, *other.apis)}
        nearness = next((it.nearness for it in (self, other) if it.nearness is not Nearness.APART), Nearness.APART)
        return replace(self, nearness=nearness, apis=tuple(apis.values()))


@dataclass(frozen=True, slots=True)
class _Compared:
    candidate: _Candidate
    profile: Profile
    score: float
    verdict: Verdict


def find_similar(catalog: Catalog, query: Query, *, limit: int = 5, without: str = "") -> Findings:
    """
    Return the entities that may already do what `query` describes, best first.

    An entity whose name is taken or nearly equal is always among them, whatever else was asked. An API speaks for the
    component that provides it. `without` is the key of a ref to leave out: what the query was made from.
    """
    wanted = wanted_of(query)
    weights = _weights(catalog, wanted)
    asked = score.asked(wanted, weights)
    compared = [_compare(candidate, wanted, weights, asked) for candidate in _gather(catalog, query, wanted)]
    compared = [each for each in compared if each.candidate.entity.ref.key != without]
    compared.sort(key=lambda each: (-each.score, each.candidate.entity.ref.key))
    return _findings(query, wanted, compared[:limit])


def query_like(catalog: Catalog, entity: Entity) -> Query:
    """Return the query that an entity, once it exists, would have been."""
    apis = (entity, *_apis_of(catalog, entity))
    return Query(
        name=entity.title,
        purpose=entity.description,
        tags=entity.tags,
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


def _findings(query: Query, wanted: Wanted, best: list[_Compared]) -> Findings:
    return Findings(
        verdict=next((it for it in _STRONGEST_FIRST if any(each.verdict == it for each in best)), "none"),
        confidence=best[0].score if best else 0.0,
        matches=tuple(_match(each, query, wanted) for each in best),
        uncovered=reasons.unmentioned(wanted, *(each.profile for each in best)),
    )


def _gather(catalog: Catalog, query: Query, wanted: Wanted) -> list[_Candidate]:
    """Return what shares words or nearly the name with the query, each entity once."""
    found: dict[str, _Candidate] = {}
    for candidate in (*_by_words(catalog, wanted), *_by_name(catalog, query.name[:LONGEST_TEXT])):
        for spoken_for in _spoken_for(catalog, candidate):
            key = spoken_for.entity.ref.key
            found[key] = found[key].joined(spoken_for) if key in found else spoken_for
    candidates = [candidate for candidate in found.values() if not _goes_with_component(candidate.entity, found)]
    return [_with_apis(catalog, candidate) for candidate in candidates] if wanted.apis.words else candidates


def _goes_with_component(entity: Entity, found: Mapping[str, _Candidate]) -> bool:
    """Tell whether this is the reserved name of an API whose component, of the same name, is found too."""
    component = replace(entity.ref, kind="component")
    return entity.reserved and entity.kind.lower() == "api" and component.key in found


def _by_words(catalog: Catalog, wanted: Wanted) -> Iterator[_Candidate]:
    terms = search_terms(wanted.words)
    for entity, _ in catalog.candidates(terms, limit=MOST_CANDIDATES) if terms else []:
        if entity.kind.lower() not in NEVER_SIMILAR:
            yield _Candidate(entity)


def _by_name(catalog: Catalog, name: str) -> Iterator[_Candidate]:
    for summary, nearness in overview(catalog).named_like(name):
        if summary.ref.kind not in NEVER_SIMILAR:
            yield _Candidate(_entity_of(catalog, summary), nearness)


def _entity_of(catalog: Catalog, summary: Summary) -> Entity:
    """Return the entity of a row; a reserved name has no document, and stands for itself."""
    entity = None if summary.reserved else catalog.get(summary.ref)
    return entity or _reserved(summary)


def _reserved(summary: Summary) -> Entity:
    metadata = {"name": summary.ref.name, "namespace": summary.ref.namespace, "description": summary.description}
    return Entity({"kind": summary.ref.kind, "metadata": metadata, "spec": {"owner": summary.owner}}, reserved=True)


def _spoken_for(catalog: Catalog, candidate: _Candidate) -> list[_Candidate]:
    """Return the components an API speaks for, or what was found itself."""
    api = candidate.entity
    if api.kind.lower() != "api" or api.reserved:
        return [candidate]
    refs = [it.target for it in catalog.relations(api.ref) if it.type == "apiProvidedBy"]
    providers = [provider for ref in refs if (provider := catalog.get(ref)) is not None]
    return [replace(candidate, entity=provider, apis=(api,)) for provider in providers] or [candidate]


def _with_apis(catalog: Catalog, candidate: _Candidate) -> _Candidate:
    """Return the candidate with each API it provides, found by words or not."""
    return candidate.joined(replace(candidate, apis=_apis_of(catalog, candidate.entity)))


def _apis_of(catalog: Catalog, entity: Entity) -> tuple[Entity, ...]:
    refs = [it.forward.target for it in relations_of(entity) if it.forward.type == "providesApi"]
    return tuple(api for ref in refs if (api := catalog.get(ref)) is not None)


def _weights(catalog: Catalog, wanted: Wanted) -> Weights:
    known = overview(catalog)
    return score.weigh(known.counts(word.key for word in wanted.words), len(known.summaries))


def _compare(candidate: _Candidate, wanted: Wanted, weights: Weights, asked: list[tuple[Word, float]]) -> _Compared:
    profile = entities.profile(candidate.entity, candidate.apis)
    value = score.score(score.features(asked, profile, weights), candidate.nearness)
    verdict = score.verdict(value, nearness=candidate.nearness, fits=lambda: score.fits(wanted, profile, weights))
    if candidate.entity.kind.lower() == NAMED_ALIKE and verdict == "exists":
        verdict = "close"
    return _Compared(candidate, profile, value, verdict)


def _match(compared: _Compared, query: Query, wanted: Wanted) -> Match:
    entity, profile = compared.candidate.entity, compared.profile
    return Match(
        ref=entity.ref,
        title=entity.title,
        description=entity.description,
        type=entity.type,
        lifecycle=entity.lifecycle,
        owner=str(entity.owner or ""),
        reserved=entity.reserved,
        score=compared.score,
        verdict=compared.verdict,
        reasons=_why(compared, query, wanted),
        matched=reasons.matched(wanted, profile),
        unmentioned=reasons.unmentioned(wanted, profile),
    )


def _why(compared: _Compared, query: Query, wanted: Wanted) -> tuple[Reason, ...]:
    """Return the reasons; two names can be nearly one and share no word, and then both are shown."""
    why = reasons.reasons(wanted, compared.profile)
    if compared.candidate.nearness is Nearness.APART or any(reason.kind in {"name", "apis"} for reason in why):
        return why
    return (Reason("name", f"{query.name[:LONGEST_NAME]} ~ {compared.candidate.entity.name}", ()), *why)
