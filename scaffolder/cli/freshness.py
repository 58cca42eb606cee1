"""How old the company's catalog is, said before what it is asked; too old, it is read again meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scaffolder import profiles
from scaffolder.cli.console import one_line
from scaffolder.errors import InvalidInput

if TYPE_CHECKING:
    from scaffolder.catalog import Ingest
    from scaffolder.catalog.reports import Progress
    from scaffolder.cli.main import Session


def tell(session: Session) -> None:
    """Say how old a company's catalog is, and begin to read it again when that is too old."""
    if said := words(session):
        session.console.tell(said, style="dim")


def words(session: Session) -> str:
    """Say it in a word or two, and begin as `tell` does; '' where there is no company."""
    fresh = session.app.freshness()
    if fresh is None:
        return ""
    if fresh.due:
        session.app.refresh_meanwhile()
    return one_line(fresh.said(datetime.now(UTC)))


def read_again(session: Session, progress: Progress) -> list[Ingest]:
    """Read every location again; of a company that was joined, its settings before, and its golden paths."""
    profile = session.holding.profile
    if not profile:
        return session.app.catalog.refresh(progress=progress)
    from scaffolder.app import company
    from scaffolder.settings import ToolTooOld

    def warn(text: str) -> None:
        session.console.tell(one_line(text), style="warn")

    try:
        company.renew(profiles.require(profile), cache=session.home.cache / "git")
    except ToolTooOld:
        raise
    except InvalidInput as error:
        warn(f"the settings are those of before: {error.message}")
    session.begin_again()
    return company.refresh(session.app, whole=True, report=company.Report(progress, warn))
