"""What a task tells people at its end: Backstage's rules for the links and texts of its output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scaffolder.template import expressions

CONDITIONAL = ("links", "text")


def rendered(output: Any, variables: Mapping[str, Any], *, warnings: list[expressions.Warned] | None = None) -> Any:
    """
    Return a task's output; a link or text whose condition is false is left out, and no other has its condition shown.

    One whose condition is undefined stays: there is none any more once it is rendered.
    """
    value = expressions.render_value(output, variables, warnings=warnings)
    if not isinstance(value, Mapping):
        return value
    lists = {name: _shown(value[name]) for name in CONDITIONAL if isinstance(value.get(name), list)}
    return {**value, **lists}


def _shown(entries: list[Any]) -> list[Any]:
    return [_without_condition(entry) for entry in entries if not isinstance(entry, Mapping) or _holds(entry)]


def _holds(entry: Mapping[str, Any]) -> bool:
    return "if" not in entry or expressions.truthy(entry["if"])


def _without_condition(entry: Any) -> Any:
    return {name: value for name, value in entry.items() if name != "if"} if isinstance(entry, Mapping) else entry
