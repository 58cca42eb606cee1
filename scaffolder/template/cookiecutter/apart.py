"""
The work of a template that may not be done in this process.

It is work that may run away, or code that the template brings: done in a process that can be ended, which gives back
plain values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import ScaffolderError
from scaffolder.template.cookiecutter.bounds import Limits
from scaffolder.template.cookiecutter.brought import ExtensionFailed
from scaffolder.template.cookiecutter.dialect import Dialect, foreign
from scaffolder.template.trust import listed_extensions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from scaffolder.gateways.confined import Note

GRACE: Final = 2.0
"""Seconds that a text which has had its time may take to notice it."""
BOUNDS: Final = Limits()


def needed(variables: Mapping[str, Any], dialect: Dialect) -> str:
    """Say that there are extensions which were left out, which may be why something fails; '' where there are none."""
    left_out = [] if dialect.brought else foreign(listed_extensions(variables.get("_extensions")))
    return f"it may need its extensions, which are not loaded: {', '.join(left_out)}" if left_out else ""


def with_code(work: Callable[[Note], Any], dialect: Dialect, home: Path, limits: Limits = BOUNDS) -> Any:
    """Do the work in a process of its own, where the template's extensions are loaded from its directory."""

    def loaded(note: Note) -> Any:
        from scaffolder.template.cookiecutter import brought

        note.write("_extensions")
        brought.load(dialect.brought, home)
        try:
            return work(note)
        except (ScaffolderError, MemoryError):
            raise
        except Exception as error:
            raise ExtensionFailed(", ".join(dialect.brought), error) from error

    return apart(loaded, limits, starts_others=True)


def apart(work: Callable[[Note], Any], limits: Limits = BOUNDS, *, starts_others: bool = False) -> Any:
    """Do the work where it can be ended, which takes some time to load."""
    from scaffolder.gateways.confined import Bounds, confined

    bounds = Bounds(limits.text + GRACE, limits.whole, limits.memory)
    return confined(work, bounds, starts_others=starts_others)
