"""Paths as a person would type them here."""

from __future__ import annotations

from pathlib import Path


def shown_path(path: str) -> str:
    """Return a path below the working directory as a relative one; another as it is."""
    here, whole = Path.cwd(), Path(path)
    return str(whole.relative_to(here)) if whole.is_relative_to(here) and whole != here else path
