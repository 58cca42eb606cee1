"""What every template finds as `environment`: Backstage's `scaffolder.defaultEnvironment`."""

from __future__ import annotations

from typing import Any

from scaffolder.settings.publishing import Problem

PARTS = ("parameters", "secrets")


def problem_in(found: Any) -> Problem | None:
    """Return the first thing that is wrong, None where nothing is."""
    if not isinstance(found, dict):
        return Problem((), "this must be a mapping", "parameters and secrets, each a text by its name")
    for part, texts in found.items():
        if part not in PARTS:
            return Problem((part,), f"{part!r} is not known", f"it has {' and '.join(PARTS)}")
        if not isinstance(texts, dict):
            return Problem((part,), "this must be a mapping", "each a text by its name")
        for name, text in texts.items():
            if not isinstance(text, str):
                return Problem((part, name), "this must be text", "put it in quotes")
    return None
