"""
JSON Schema as a form reads it: which properties count, given the answers so far.

`dependencies`, `oneOf` on a constant, `allOf` and `if`/`then`/`else` add properties when earlier answers say so. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

Schema = Mapping[str, Any]
DEEPEST = 20
"""Levels of conditions within conditions that are followed."""
IGNORED_PREFIXES = ("ui:", "backstage:", "x-")
SUBSCHEMAS = frozenset({"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"})
SUBSCHEMA_MAPS = frozenset({"properties", "patternProperties", "definitions", "$defs", "dependencies"})
SUBSCHEMA_LISTS = frozenset({"allOf", "anyOf", "oneOf"})
TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object", "null"})


@dataclass(slots=True)
class Active:
    """The properties that count, in the order they are asked, and the names of those that need an answer."""

    properties: dict[str, Schema] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)

    def add(self, schema: Schema, answers: Mapping[str, Any], *, depth: int = 0) -> None:
        """Take in a schema and whatever of its conditional parts applies."""
        if depth > DEEPEST:
            return
        for name, definition in mapping(schema.get("properties")).items():
            if name not in self.properties and isinstance(definition, Mapping):
                self.properties[name] = definition
            if mapping(definition).get("required") is True:
                self.required.add(name)
        if isinstance(schema.get("required"), list):
            self.required.update(map(str, schema["required"]))
        for part in self._applicable(schema, answers):
            self.add(part, answers, depth=depth + 1)

    def _applicable(self, schema: Schema, answers: Mapping[str, Any]) -> Iterator[Schema]:
        for name, dependency in mapping(schema.get("dependencies")).items():
            if answers.get(name) in (None, ""):
                continue
            yield {"required": dependency} if isinstance(dependency, list) else mapping(dependency)
        yield from (mapping(part) for part in items(schema.get("allOf")))
        for keyword in ("oneOf", "anyOf"):
            fitting = (mapping(part) for part in items(schema.get(keyword)) if _fits(mapping(part), answers))
            yield from islice(fitting, 1)
        if isinstance(schema.get("if"), Mapping):
            yield mapping(schema.get("then" if is_valid(schema["if"], answers) else "else"))


def active(schema: Schema, answers: Mapping[str, Any]) -> Active:
    """Return what counts, in the order of `ui:order`."""
    found = Active()
    found.add(schema, answers)
    order = [str(name) for name in items(schema.get("ui:order"))]
    rest = [name for name in found.properties if name not in order]
    at = order.index("*") if "*" in order else len(order)
    names = [*order[:at], *rest, *order[at + 1 :]]
    found.properties = {name: found.properties[name] for name in names if name in found.properties}
    return found


def possible(schema: Schema, *, depth: int = 0) -> dict[str, Schema]:
    """Return every property that some answers would make count."""
    if depth > DEEPEST:
        return {}
    found = {name: mapping(definition) for name, definition in mapping(schema.get("properties")).items()}
    parts = [part for keyword in SUBSCHEMA_LISTS for part in items(schema.get(keyword))]
    parts += [schema.get("then"), schema.get("else"), *mapping(schema.get("dependencies")).values()]
    for part in filter(None, map(mapping, parts)):
        found = possible(part, depth=depth + 1) | found
    return found


def _fits(branch: Schema, answers: Mapping[str, Any]) -> bool:
    """Tell whether the constants of a branch are the answers; a branch without any is for everybody."""
    for name, definition in mapping(branch.get("properties")).items():
        rule = mapping(definition)
        if "const" in rule and answers.get(name) != rule["const"]:
            return False
        if isinstance(rule.get("enum"), list) and name in answers and answers[name] not in rule["enum"]:
            return False
    return all(name in answers or name in mapping(branch.get("properties")) for name in items(branch.get("required")))


def mapping(value: object) -> Mapping[str, Any]:
    """Return `value` if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> list[Any]:
    """Return `value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def strict(schema: object) -> Any:
    """Return what a validator should see: without the form's own keywords, and without what draft 7 does not allow."""
    if not isinstance(schema, Mapping):
        return schema
    kept = ((str(key), value) for key, value in schema.items() if not str(key).startswith(IGNORED_PREFIXES))
    return {key: _strict_value(key, value) for key, value in kept if not _is_foreign(key, value)}


def _is_foreign(key: str, value: object) -> bool:
    names = value if isinstance(value, list) else [value]
    unknown_type = key == "type" and not all(isinstance(name, str) and name in TYPES for name in names)
    return (
        unknown_type
        or (key == "required" and not isinstance(value, list))
        or key in {"enumNames", "default", "$schema"}
    )


def _strict_value(key: str, value: object) -> Any:
    if key in SUBSCHEMA_MAPS and isinstance(value, Mapping):
        return {str(name): strict(part) for name, part in value.items()}
    if key in SUBSCHEMA_LISTS and isinstance(value, list):
        return [strict(part) for part in value]
    return strict(value) if key in SUBSCHEMAS else value


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a value breaks: its keyword, what the keyword says, and where in the value."""

    keyword: str
    rule: Any
    path: tuple[str | int, ...]


def violations(schema: Schema, value: object) -> list[Violation]:
    """
    Return every rule of `schema` that `value` breaks. No value is part of the result: it may be a secret.

    Raises:
        ValueError: The schema itself is wrong.
    """
    import jsonschema_rs

    clean = strict(schema)
    validator = jsonschema_rs.Draft7Validator(clean, validate_formats=True)
    return [
        _violation(clean, list(error.schema_path), tuple(error.instance_path)) for error in validator.iter_errors(value)
    ]


def _violation(schema: Schema, where: list[Any], path: tuple[str | int, ...]) -> Violation:
    rule: Any = schema
    for part in where:
        if isinstance(rule, list) and isinstance(part, int):
            rule = rule[part] if part < len(rule) else None
        else:
            rule = mapping(rule).get(str(part))
    return Violation(str(where[-1]) if where else "", rule, path)


def is_valid(schema: Schema, value: object) -> bool:
    """Tell whether `value` keeps every rule; a schema that is wrong itself has no say."""
    try:
        return not violations(schema, value)
    except ValueError:
        return False
