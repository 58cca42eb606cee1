"""What exists, and who owns it."""

from __future__ import annotations

from scaffolder.catalog.entity import BadRef, Entity, EntityRef
from scaffolder.catalog.entries import CatalogFacts, EntityNotFound, Summary
from scaffolder.catalog.relations import Relation
from scaffolder.catalog.reports import Claim, Ingest, LocationProblem, LocationState
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
