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
            text = _rule_in_words(keyword, rule)
    return f"{_place_in_words(violation)}: {text}" if violation.path and definition else text


def _place_in_words(violation: Violation) -> str:
    """Say where in an answer; people count the entries of a list from 1."""
    parts = (f"entry {part + 1}" if isinstance(part, int) else part for part in violation.path)
    return ", ".join(parts)


def _pattern_in_words(pattern: str, definition: Schema) -> str:
    message = mapping(definition.get("errorMessage")).get("pattern") or definition.get("patternDescription")
    return str(message) if message else f"it does not have the form {pattern}"


FORMATS = {
    "date": ("a date", "2024-01-31"),
    "time": ("a time", "12:30:00"),
    "date-time": ("a date and time", "2024-01-31T12:30:00Z"),
    "duration": ("a duration", "P1DT12H"),
    "email": ("an e-mail address", "somebody@example.com"),
    "hostname": ("the name of a host", "www.example.com"),
    "ipv4": ("an IPv4 address", "192.0.2.1"),
    "ipv6": ("an IPv6 address", "2001:db8::1"),
    "uri": ("a URI", "https://example.com/page"),
    "uuid": ("a UUID", "123e4567-e89b-12d3-a456-426614174000"),
    "color": ("a colour", "#ff8800"),
    "phone": ("a phone number", "+44 1632 960000"),
}
"""What a text of a format is, and looks like."""
SIZES = {
    **dict.fromkeys(("minLength", "maxLength"), ("character", "characters")),
    **dict.fromkeys(("minItems", "maxItems"), ("entry", "entries")),
    **dict.fromkeys(("minProperties", "maxProperties"), ("answer", "answers")),
}
"""What is counted: one, and several."""
RULES = {
    "uniqueItems": "an entry stands twice",
    "minimum": "it must be {} or more",
    "maximum": "it must be {} or less",
    "exclusiveMinimum": "it must be more than {}",
    "exclusiveMaximum": "it must be less than {}",
    "multipleOf": "it must be a multiple of {}",
    "additionalProperties": "it holds something nobody asked for",
    "dependencies": "it needs a further answer",
    "oneOf": "it has to fit one of several forms, and no other",
    "anyOf": "it fits none of the forms it may have",
    "not": "it has what the template does not want",
    "contains": "an entry that has to be there is missing",
}


def _rule_in_words(keyword: str, rule: Any) -> str:
    if keyword in SIZES:
        one, several = SIZES[keyword]
        bound = "at least" if keyword.startswith("min") else "at most"
        return f"it must have {bound} {rule} {one if rule == 1 else several}"
    if keyword == "format":
        return f"it is not {of_format(rule) or f'a valid {rule}'}"
    return RULES.get(keyword, f"it breaks the template's rule {keyword!r}").format(rule)


def of_format(name: str) -> str:
    """Say what a text of a format is, with an example; '' for a format without words."""
    what, example = FORMATS.get(name, ("", ""))
    return f"{what}, like {example}" if what else ""
