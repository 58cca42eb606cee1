"""
What makes an entity valid, said in plain words.

`envelope.json` holds for every kind, `kinds/*.json` one schema for each kind we know. Where a schema has a pattern, its
`description` is the rule in words, and that is what a person reads.
"""

from __future__ import annotations

import json
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffolder.catalog import surely
from scaffolder.catalog.entity import KINDS, Problem, check_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jsonschema_rs import ValidationError, Validator

FEW = 100
"""So many checks are tried without the validator, which is slow to load; for more it is worth it, being faster."""

_CHECKED = count()
_HERE = Path(__file__).parent
_BY_LOWER = {kind.lower(): kind for kind in KINDS}
_NOUNS = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "empty",
    "number": "a number",
    "object": "a mapping",
    "string": "text",
}
_LONGEST_QUOTE = 60


def problems_of(document: object) -> list[Problem]:
    """Return what is wrong with a document, the envelope's problems first."""
    if not isinstance(document, dict):
        return [Problem("", "an entity is a mapping with apiVersion, kind, metadata and spec")]
    problems = list(_broken("envelope.json", document))
    kind = document.get("kind")
    known = _BY_LOWER.get(kind.lower()) if isinstance(kind, str) else None
    if known is None:
        return problems
    if kind != known:
        problems.append(Problem("kind", f"is {kind!r}: this kind is written {known}"))
    return _once([*problems, *_broken(f"kinds/{known}.json", document)])


@cache
def _schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((_HERE / name).read_text(encoding="utf-8"))
    return schema


@cache
def _validator(name: str) -> Validator:
    """Compile a schema, once in the life of the process."""
    import jsonschema_rs

    return jsonschema_rs.validator_for(_schema(name))


def _broken(name: str, document: Mapping[str, Any]) -> Iterator[Problem]:
    if next(_CHECKED) < FEW and surely.keeps(document, _schema(name)):
        return
    validator = _validator(name)
    if validator.is_valid(document):
        return
    for error in validator.iter_errors(document):
        yield _in_words(error, _schema(name))


def _once(problems: Sequence[Problem]) -> list[Problem]:
    """Keep the first problem of each field: the envelope and the kind may both see it."""
    by_field = {problem.field: problem for problem in reversed(problems) if problem.field}
    return [problem for problem in problems if not problem.field or by_field[problem.field] is problem]


def _in_words(error: ValidationError, schema: Mapping[str, Any]) -> Problem:
    kind: Any = error.kind  # each kind has facts of its own, which the type stubs leave out
    field = [str(part) for part in error.instance_path]
    if kind.name == "required":
        return Problem(".".join([*field, kind.property]), "is missing")
    if field == ["metadata", "name"] and isinstance(error.instance, str):
        return Problem("metadata.name", f"is {_quoted(error.instance)}: {check_name(error.instance)}")
    return Problem(".".join(field), _complaint(error, kind, schema))


def _complaint(error: ValidationError, kind: Any, schema: Mapping[str, Any]) -> str:
    match kind.name:
        case "type":
            return _wrong_type(error.instance, kind.types)
        case "propertyNames":
            return f"has the key {_quoted(kind.error.instance)}: {_rule(error, schema)}"
        case "minLength":
            return "is empty"
        case "maxLength":
            return f"is longer than {kind.limit} characters"
        case "enum":
            return f"is {_quoted(error.instance)}: choose one of {', '.join(kind.options)}"
        case _:
            return f"is {_quoted(error.instance)}: {_rule(error, schema)}"


def _wrong_type(value: object, types: Sequence[str]) -> str:
    wanted = " or ".join(_NOUNS[name] for name in types)
    if "string" in types and isinstance(value, bool | int | float):
        return f"is {json.dumps(value)}, which is not text: put quotes around it"
    return f"is {_kind_of(value)} and should be {wanted}"


def _kind_of(value: object) -> str:
    match value:
        case None:
            return "empty"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return _quoted(value)


def _quoted(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"


def _rule(error: ValidationError, schema: Mapping[str, Any]) -> str:
    """Return the rule in words that stands beside the broken keyword."""
    here: Any = schema
    for part in error.schema_path[:-1]:
        here = here[part]
    return str(here.get("description") or error.message)
