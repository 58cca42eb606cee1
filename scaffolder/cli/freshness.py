"""How old the company's catalog is, said before what it is asked; too old, it is read again meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scaffolder.cli.console import one_line

if TYPE_CHECKING:
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
