"""What exists, and who owns it."""

from __future__ import annotations

from scaffolder.catalog.entity import BadRef, Entity, EntityRef
from scaffolder.catalog.entries import CatalogFacts, Summary
from scaffolder.catalog.ingest import EntityNotFound, Ingest
from scaffolder.catalog.location import LocationProblem
from scaffolder.catalog.registry import Claim, LocationState
from scaffolder.catalog.relations import Relation
from scaffolder.catalog.reservations import NameTaken, Reservation
from scaffolder.catalog.store import Catalog

__all__ = [
    "BadRef",
    "Catalog",
    "CatalogFacts",
    "Claim",
    "Entity",
    "EntityNotFound",
    "EntityRef",
    "Ingest",
    "LocationProblem",
    "LocationState",
    "NameTaken",
    "Relation",
    "Reservation",
    "Summary",
]
