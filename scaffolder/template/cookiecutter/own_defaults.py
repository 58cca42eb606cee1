"""
A template's variables with a person's own defaults in place of the template's. Pure.

What the template does not ask for is passed over, and so is a default that is none of its choices.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from scaffolder.template.cookiecutter.context import NO, YES

_KEPT = object()


def overlaid(variables: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables as cookiecutter has them once `default_context` is laid over; the private ones stay."""
    found = OrderedDict(variables)
    for name in variables.keys() & defaults.keys():
        value = _KEPT if name.startswith("_") else _laid_over(variables[name], defaults[name])
        found[name] = variables[name] if value is _KEPT else value
    return found


def _laid_over(there: Any, default: Any) -> Any:
    """Return what stands in the place of a variable's value."""
    match there:
        case list():
            return _choices(there, default)
        case bool() if isinstance(default, str):
            word = default.strip().lower()
            return word in YES if word in YES | NO else _KEPT
        case Mapping() if isinstance(default, Mapping):
            return _merged(there, default)
        case _:
            return _as_json(default)


def _choices(options: list[Any], default: Any) -> Any:
    """Return the options with the default one first; of several defaults, those alone."""
    wanted = default if isinstance(default, list) else [default]
    if not wanted or any(one not in options for one in wanted):
        return _KEPT
    return wanted if isinstance(default, list) else [default, *(one for one in options if one != default)]


def _merged(there: Mapping[str, Any], default: Mapping[str, Any]) -> dict[str, Any]:
    merged = OrderedDict(there)
    for key, value in default.items():
        inner = there.get(key)
        laid = _as_json(value) if isinstance(inner, list) else _laid_over(inner, value)  # a list in a map is no choice
        merged[str(key)] = inner if laid is _KEPT else laid
    return merged


def _as_json(value: Any) -> Any:
    """Return what YAML can say and JSON cannot, as text: dates."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list():
            return [_as_json(one) for one in value]
        case Mapping():
            return OrderedDict((str(key), _as_json(one)) for key, one in value.items())
        case _:
            return str(value)
