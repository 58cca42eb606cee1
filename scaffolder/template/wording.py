"""Rules of JSON Schema that were broken, in words. Pure; no value is ever repeated, because it may be a secret."""

from __future__ import annotations

import json
from typing import Any

from scaffolder.template.schema import Schema, Violation, items, mapping

TYPE_WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "yes or no",
    "array": "a list",
    "object": "an object (JSON)",
    "null": "nothing",
}


def as_text(value: Any) -> str:
    """Return a value as a person would type it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def where(violation: Violation) -> str:
    """Return the place in the value, dotted."""
    return ".".join(map(str, violation.path))


def in_words(violation: Violation, definition: Schema) -> str:
    """Say which rule is broken, the way a person would."""
    rule = violation.rule
    match violation.keyword:
        case "type":
            wanted = " or ".join(
                TYPE_WORDS.get(str(name), str(name)) for name in (rule if isinstance(rule, list) else [rule])
            )
            text = f"it must be {wanted}"
        case "enum":
            text = f"it must be one of: {', '.join(map(as_text, items(rule)))}"
        case "const":
            text = f"it must be {as_text(rule)}"
        case "pattern":
            text = _pattern_in_words(str(rule), definition)
        case "required":
            text = f"something is missing; it needs {', '.join(map(str, items(rule)))}"
        case keyword:
            text = _size_in_words(keyword, rule)
    inside = where(violation)
    return f"at {inside}: {text}" if inside and definition else text


def _pattern_in_words(pattern: str, definition: Schema) -> str:
    message = mapping(definition.get("errorMessage")).get("pattern") or definition.get("patternDescription")
    return str(message) if message else f"it does not have the form {pattern}"


def _size_in_words(keyword: str, rule: Any) -> str:
    words = {
        "minLength": "it must have at least {} characters",
        "maxLength": "it must have at most {} characters",
        "minItems": "it must have at least {} entries",
        "maxItems": "it must have at most {} entries",
        "uniqueItems": "an entry stands twice",
        "minimum": "it must be {} or more",
        "maximum": "it must be {} or less",
        "exclusiveMinimum": "it must be more than {}",
        "exclusiveMaximum": "it must be less than {}",
        "multipleOf": "it must be a multiple of {}",
        "format": "it is not a valid {}",
        "additionalProperties": "it holds something nobody asked for",
        "dependencies": "it needs a further answer",
        "oneOf": "it has to fit one of several forms, and no other",
        "anyOf": "it fits none of the forms it may have",
        "not": "it has what the template does not want",
        "contains": "an entry that has to be there is missing",
        "minProperties": "it must have at least {} answers",
        "maxProperties": "it must have at most {} answers",
    }
    return words.get(keyword, f"it breaks the template's rule {keyword!r}").format(rule)
