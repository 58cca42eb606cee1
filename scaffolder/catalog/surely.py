"""
Whether a document surely keeps a schema's rules.

To load the validator takes longer than to check a thousand documents with it. Where a few are looked at, most of them
are in order, and these few lines can tell that; what they do not know, or are not sure of, is for the validator to say.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST = 1_000
"""Characters that a pattern is tried on: Python's patterns may take the square of that in steps."""

_TYPES = {"array": list, "boolean": bool, "object": dict, "string": str}
_SAY_NOTHING = frozenset({"$schema", "$defs", "title", "description"})

Schema = dict[str, Any]


def keeps(value: object, schema: Schema, whole: Schema | None = None) -> bool:
    """Tell whether a value surely keeps the rules of a schema, which is a part of the `whole` one."""
    for keyword, rule in schema.items():
        if keyword in _SAY_NOTHING:
            continue
        check = _CHECKS.get(keyword)
        if check is None or not check(value, rule, schema, whole or schema):
            return False
    return True


def _is_type(value: Any, rule: Any, *_: Schema) -> bool:
    return type(value) in [_TYPES.get(name) for name in ([rule] if isinstance(rule, str) else rule)]


def _follows(value: Any, rule: str, _: Schema, whole: Schema) -> bool:
    return keeps(value, whole["$defs"][rule.removeprefix("#/$defs/")], whole)


def _has(value: Any, rule: list[str], *_: Schema) -> bool:
    return isinstance(value, dict) and all(name in value for name in rule)


def _properties(value: Any, rule: Mapping[str, Schema], _: Schema, whole: Schema) -> bool:
    return isinstance(value, dict) and all(
        keeps(value[name], each, whole) for name, each in rule.items() if name in value
    )


def _others(value: Any, rule: Schema, schema: Schema, whole: Schema) -> bool:
    named = schema.get("properties", {})
    return isinstance(value, dict) and all(
        keeps(each, rule, whole) for name, each in value.items() if name not in named
    )


def _each(value: Any, rule: Schema, _: Schema, whole: Schema, *, of: type) -> bool:
    """Check the items of a list, or the keys of a mapping."""
    return isinstance(value, of) and all(keeps(each, rule, whole) for each in value)  # type: ignore[attr-defined]  # both are iterable


def _matches(value: Any, rule: str, *_: Schema) -> bool:
    """Beyond ASCII, and for control characters, Python's patterns and those of JSON Schema are not quite the same."""
    plain = isinstance(value, str) and value.isascii() and value.isprintable() and len(value) <= LONGEST
    return plain and re.fullmatch(rule, value) is not None


_CHECKS: dict[str, Callable[..., bool]] = {
    "type": _is_type,
    "$ref": _follows,
    "required": _has,
    "properties": _properties,
    "additionalProperties": _others,
    "propertyNames": partial(_each, of=dict),
    "items": partial(_each, of=list),
    "pattern": _matches,
    "enum": lambda value, rule, *_: isinstance(value, str) and value in rule,
    "minLength": lambda value, rule, *_: isinstance(value, str) and len(value) >= rule,
    "maxLength": lambda value, rule, *_: isinstance(value, str) and len(value) <= rule,
}
