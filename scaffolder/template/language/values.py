"""
JavaScript's values, for templates written against them.

`List` and `Object` are true even when empty; numbers are doubles that print without a needless `.0`; undefined is not
null. `to_js` and `to_python` convert at the border.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import ChainableUndefined, Undefined

SAFE_INTEGER = 2**53
MOST_PARTS = 1_000_000
MOST_CHARACTERS = 64_000_000
EXPONENT_FROM = 1e21
EXPONENT_BELOW = 1e-6
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?Infinity")
_RADIX = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")


class Missing(ChainableUndefined):
    """Undefined: prints as nothing, and so does everything reached through it."""


class List(list[Any]):
    """An array."""

    def __bool__(self) -> bool:
        return True


class Object(dict[str, Any]):
    """A plain object; keys keep their order."""

    def __bool__(self) -> bool:
        return True


class _NotANumber(float):
    def __bool__(self) -> bool:
        return False


NAN = _NotANumber("nan")


def is_missing(value: object) -> bool:
    """Tell whether `value` is undefined."""
    return isinstance(value, Undefined)


def is_number(value: object) -> bool:
    """Tell whether `value` is a number; true and false are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def number(value: float) -> float:
    """Return a double in its simplest form: integral ones as int, one NaN for all."""
    if isinstance(value, int) and -SAFE_INTEGER <= value <= SAFE_INTEGER:
        return value
    try:
        double = float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    if math.isnan(double):
        return NAN
    return int(double) if double.is_integer() and abs(double) <= SAFE_INTEGER else double


def check_size(value: object) -> None:
    """
    Refuse a value that holds itself or is shared so often that walking it would not end.

    Raises:
        ValueError: It has too many parts.
    """
    waiting, parts, characters = [value], 0, 0
    while waiting:
        part = waiting.pop()
        if isinstance(part, (list, tuple)):
            waiting.extend(part)
        elif isinstance(part, dict):
            waiting.extend(part.values())
        parts += 1
        characters += len(part) if isinstance(part, str) else 0
        if parts + len(waiting) > MOST_PARTS or characters > MOST_CHARACTERS:
            msg = "the value is too large"
            raise ValueError(msg)


def to_js(value: object) -> Any:
    """Convert a JSON value (and whatever a YAML file can hold) for use in a template."""
    match value:
        case None | str() | bool() | Undefined():
            return value
        case int() | float():
            return number(value)
        case Mapping():
            return Object({str(key): to_js(item) for key, item in value.items()})
        case list() | tuple():
            return List(to_js(item) for item in value)
        case _:
            return str(value)


def to_python(value: object, *, missing: object = None) -> Any:
    """Convert a template's value to JSON: undefined members of objects are dropped, elsewhere they are `missing`."""
    match value:
        case Undefined():
            return missing
        case None | bool() | int() | str():
            return str(value) if isinstance(value, str) else value
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {key: to_python(item) for key, item in value.items() if not is_missing(item)}
        case list() | tuple():
            return [to_python(item) for item in value]
        case _:
            return str(value)


def print_number(value: float) -> str:
    """Print a number as JavaScript does."""
    value = number(value)
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity"
    if value.is_integer() and abs(value) < EXPONENT_FROM:
        return str(int(value))
    digits, _, exponent = repr(value).partition("e")
    if not exponent:
        return digits
    if EXPONENT_BELOW <= abs(value) < EXPONENT_FROM:
        return f"{value:.{len(digits.replace('.', '').lstrip('-')) - 1 - int(exponent)}f}"
    return f"{digits}e{int(exponent):+d}"


def to_string(value: object) -> str:
    """JavaScript's `String(value)`."""
    match value:
        case Undefined():
            text = "undefined"
        case None:
            text = "null"
        case bool():
            text = "true" if value else "false"
        case int() | float():
            text = print_number(value)
        case list() | tuple():
            check_size(value)
            text = ",".join(_element_text(item) for item in value)
        case dict():
            text = "[object Object]"
        case str():
            text = str(value)
        case _:
            text = "function () { [native code] }" if callable(value) else "[object Object]"
    return text


def _element_text(value: object) -> str:
    """Print an element of a list whose size has been checked."""
    return ",".join(map(_element_text, value)) if isinstance(value, (list, tuple)) else to_text(value)


def to_text(value: object) -> str:
    """Print a value into the output: undefined and null are nothing."""
    return "" if value is None or is_missing(value) else to_string(value)


def to_number(value: object) -> float:
    """JavaScript's `Number(value)`."""
    match value:
        case bool():
            return int(value)
        case int() | float():
            return number(value)
        case None:
            return 0
        case str():
            return _parse_number(value.strip())
        case list():
            return _parse_number(to_string(value).strip())
        case _:
            return NAN


def _parse_number(text: str) -> float:
    if not text:
        return 0
    if _RADIX.fullmatch(text):
        return number(int(text, 0))
    return number(float(text)) if _NUMBER.fullmatch(text) else NAN


def to_index(value: object, *, default: int = 0) -> int:
    """Return a value as an integer argument of a method."""
    if is_missing(value):
        return default
    double = to_number(value)
    if math.isinf(double):
        return SAFE_INTEGER if double > 0 else -SAFE_INTEGER
    return 0 if math.isnan(double) else int(double)


def dump(value: object, indent: int = 0) -> str:
    """JavaScript's `JSON.stringify`."""
    check_size(value)
    separators = (",", ": " if indent else ":")
    return json.dumps(_printable(value), ensure_ascii=False, separators=separators, indent=min(indent, 10) or None)


def _printable(value: object) -> Any:
    """Like `to_python`, with doubles that JSON would print differently made integers."""
    match value:
        case float() if math.isfinite(value) and value.is_integer() and abs(value) < EXPONENT_FROM:
            return int(value)
        case dict():
            return {key: _printable(item) for key, item in value.items() if not is_missing(item)}
        case list() | tuple():
            return [_printable(item) for item in value]
        case _:
            return to_python(value)


def object_keys(value: Mapping[str, Any]) -> list[str]:
    """Return the keys in JavaScript's order: array indexes ascending, then as inserted."""
    indexes = sorted((key for key in value if _is_index(key)), key=int)
    return [*indexes, *(key for key in value if not _is_index(key))]


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdigit() and (key == "0" or key[0] != "0")


def utf16_length(text: str) -> int:
    """Return the length as JavaScript counts it."""
    return len(text) + sum(character > "\uffff" for character in text)


def as_list(value: object) -> Iterable[Any]:
    """Return the elements of a list, the characters of a string; nothing else has any."""
    return value if isinstance(value, (list, tuple, str)) else ()
