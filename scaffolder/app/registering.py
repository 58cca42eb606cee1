"""Where services are registered for all, as the settings say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.catalog.reports import BACKSTAGE
from scaffolder.errors import InvalidInput

if TYPE_CHECKING:
    from scaffolder.app import Scaffolder
    from scaffolder.catalog.backstage_registration import BackstageRegistration
    from scaffolder.catalog.proposals import Proposals
    from scaffolder.catalog.shared import CatalogRepository
    from scaffolder.settings import Settings

PULL_REQUEST = "pull-request"


class NowhereToRegister(InvalidInput):
    """The settings say how services are registered, and not where."""

    def __init__(self, settings: Settings, key: str) -> None:
        super().__init__(
            f"{settings.label}: scaffolder.registration is {settings.registration}, and scaffolder.{key} is not set",
            hint=f"set scaffolder.{key}, or another registration",
        )


def is_shared(settings: Settings) -> bool:
    """Tell whether there is a catalog repository, or ought to be one."""
    return bool(settings.catalog_repository) or settings.registration == PULL_REQUEST


def repository(app: Scaffolder) -> CatalogRepository:
    """
    Return the catalog repository.

    Raises:
        NowhereToRegister: There is none.
        NotOnGitHub: Its entries are to be pull requests, and it has none.
    """
    from scaffolder.catalog.shared import CatalogRepository

    settings = app.settings
    if not settings.catalog_repository:
        raise NowhereToRegister(settings, "catalogRepository")
    return CatalogRepository(
        settings.catalog_repository,
        cache=app.home.cache / "git",
        way="push" if settings.registration == "push" else "merge",
        days=settings.reservation_days,
        proposals=_proposals(app) if settings.registration == PULL_REQUEST else None,
    )


def _proposals(app: Scaffolder) -> Proposals:
    from scaffolder.catalog.proposals import Proposals

    return Proposals.to(app.settings.catalog_repository, app.github.client)


def backstage(app: Scaffolder) -> BackstageRegistration:
    """
    Return the Backstage that is told; one that others have named gets no token that is not for its host.

    Raises:
        NowhereToRegister: There is none.
    """
    from scaffolder.catalog.backstage_registration import BackstageRegistration

    base = app.settings.backstage
    if not base:
        raise NowhereToRegister(app.settings, "backstage")
    by_hand = (location.target == f"{BACKSTAGE}{base}" for location in app.catalog.locations())
    return BackstageRegistration.at(base, trusted=not app.settings.profile or any(by_hand))
