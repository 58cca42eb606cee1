"""What a task tells people at its end: Backstage's rules for the links and texts of its output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scaffolder.task import evaluate
from scaffolder.template import expressions

CONDITIONAL = ("links", "text")


def rendered(output: Any, variables: Mapping[str, Any], *, warnings: list[expressions.Warned] | None = None) -> Any:
    """
    Return a task's output; a link or text whose condition is false is left out, and no other has its condition shown.

    One whose condition is undefined stays: there is none any more once it is rendered. What is undefined itself goes.
    """
    value = expressions.render_value(output, variables, warnings=warnings, holes=True)
    if isinstance(value, Mapping):
        lists = {name: _shown(value[name]) for name in CONDITIONAL if isinstance(value.get(name), list)}
        value = {**value, **lists}
    return evaluate.filled(value)


def _shown(entries: list[Any]) -> list[Any]:
    return [_without_condition(entry) for entry in entries if _holds(entry)]


def _holds(entry: Any) -> bool:
    if isinstance(entry, Mapping) and "if" in entry:
        return expressions.truthy(entry["if"])
    return entry is not expressions.UNDEFINED


def _without_condition(entry: Any) -> Any:
    return {name: value for name, value in entry.items() if name != "if"} if isinstance(entry, Mapping) else entry
