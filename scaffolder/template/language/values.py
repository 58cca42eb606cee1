"""
JavaScript's values, for templates written against them.

Texts, numbers, true, false, null, lists and objects are Python's own; undefined is not null, and a number is an int
where that loses nothing. `to_js` and `to_python` convert at the border. What is true is asked of `truthy`, never of
Python: empty lists and objects are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from json.encoder import encode_basestring
from typing import Any

from scaffolder.template.expressions import UNDEFINED

SAFE_INTEGER = 2**53
MOST_PARTS = 1_000_000
MOST_CHARACTERS = 64_000_000
EXPONENT_FROM = 1e21
EXPONENT_BELOW = 1e-6
SPACES = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"  # noqa: E501
"""White space, as JavaScript sees it."""
_NUMBER = re.compile(r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|Infinity)")
_RADIX = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")
_HALF = re.compile("[\ud800-\udfff]")
NAN = math.nan


class Safe(str):
    """A text that `escape` leaves alone: an object, in JavaScript, and so true even when empty."""

    __slots__ = ()


class Function:
    """What a template can call."""

    __slots__ = ("call",)

    def __init__(self, call: Callable[..., Any]) -> None:
        self.call = call


class Keywords(dict[str, Any]):
    """The named arguments of a call, handed over as one object after the others."""

    def __init__(self, named: Mapping[str, Any]) -> None:
        super().__init__(named)
        self["__keywords"] = True


def is_missing(value: object) -> bool:
    """Tell whether `value` is undefined."""
    return value is UNDEFINED


def is_nothing(value: object) -> bool:
    """Tell whether `value` is undefined or null."""
    return value is UNDEFINED or value is None


def is_number(value: object) -> bool:
    """Tell whether `value` is a number; true and false are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_text(value: object) -> bool:
    """Tell whether `value` is a primitive text."""
    return isinstance(value, str) and not isinstance(value, Safe)


def truthy(value: object) -> bool:
    """Tell what an `if` tells."""
    if value is True or value is False:
        return value
    if isinstance(value, Safe):
        return True
    if isinstance(value, (str, int)):
        return bool(value)
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return not is_nothing(value)


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
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            waiting.extend(part.values())
        parts += 1
        characters += len(part) if isinstance(part, str) else 0
        if parts + len(waiting) > MOST_PARTS or characters > MOST_CHARACTERS:
            msg = "the value is too large"
            raise ValueError(msg)


def to_js(value: object) -> Any:
    """Copy a JSON value (and whatever a YAML file can hold) for use in a template."""
    match value:
        case None | str() | bool() | Function():
            return value
        case int() | float():
            return number(value)
        case Mapping():
            return {str(key): to_js(item) for key, item in value.items()}
        case list() | tuple():
            return [to_js(item) for item in value]
        case _ if callable(value):
            return Function(value)
        case _:
            return value if value is UNDEFINED else str(value)


def to_python(value: object, *, missing: object = None) -> Any:  # noqa: PLR0911 - one for each type
    """Convert a template's value to JSON: undefined members of objects are dropped, elsewhere they are `missing`."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return str(value)
        case float():
            return value if math.isfinite(value) else None
        case list():
            return [to_python(item) for item in value]
        case dict():
            return {key: to_python(item) for key, item in entries(value) if item is not UNDEFINED}
        case Function():
            return missing
        case _:
            return missing if value is UNDEFINED else {}


def print_number(value: float) -> str:
    """Print a number as JavaScript does."""
    value = number(value)
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity"
    if EXPONENT_BELOW <= abs(value) < EXPONENT_FROM:
        return _without_exponent(repr(value))
    digits, _, exponent = repr(value).partition("e")
    return f"{digits}e{int(exponent):+d}"


def _without_exponent(written: str) -> str:
    """Write a number out, with no more digits than tell it from others."""
    digits, _, exponent = written.partition("e")
    if not exponent:
        return digits.removesuffix(".0")
    sign, whole, fraction = "-" * digits.startswith("-"), *f"{digits.lstrip('-')}.".split(".")[:2]
    if int(exponent) < 0:
        return f"{sign}0.{'0' * (-int(exponent) - 1)}{whole}{fraction}"
    return sign + whole + fraction.ljust(int(exponent), "0")


def to_string(value: object) -> str:  # noqa: PLR0911 - one for each type
    """JavaScript's `String(value)`."""
    if isinstance(value, str):
        return str(value)
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return print_number(value)
        case list():
            check_size(value)
            return _joined(value)
        case dict():
            return "[object Object]"
        case Function():
            return "function () { [native code] }"
        case _:
            return "undefined" if value is UNDEFINED else str(value)


def _joined(items: list[Any]) -> str:
    """Print the elements of a list whose size has been checked."""
    return ",".join(_joined(item) if isinstance(item, list) else to_text(item) for item in items)


def to_text(value: object) -> str:
    """Print a value into the output: undefined and null are nothing."""
    return "" if value is None or value is UNDEFINED else to_string(value)


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
            return _parse_number(value.strip(SPACES))
        case list():
            return _parse_number(to_string(value).strip(SPACES))
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
    if value is UNDEFINED:
        return default
    double = to_number(value)
    if math.isinf(double):
        return SAFE_INTEGER if double > 0 else -SAFE_INTEGER
    return 0 if math.isnan(double) else int(double)


def object_keys(value: Mapping[str, Any]) -> list[str]:
    """Return the keys in JavaScript's order: array indexes ascending, then as inserted."""
    keys = list(value)
    if not any(key[:1].isdecimal() for key in keys):
        return keys
    indexes = sorted((key for key in keys if is_index(key)), key=int)
    return [*indexes, *(key for key in keys if not is_index(key))]


def entries(value: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Return the members of an object, in JavaScript's order."""
    return ((key, value[key]) for key in object_keys(value))


def is_index(key: str) -> bool:
    """Tell whether a key names an element of a list."""
    return len(key) <= 10 and key.isascii() and key.isdigit() and (key == "0" or key[0] != "0")  # noqa: PLR2004 - 2**32


def utf16_length(text: str) -> int:
    """Return the length as JavaScript counts it."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


def has_pairs(text: str) -> bool:
    """Tell whether a text has characters that JavaScript counts as two."""
    return not text.isascii() and max(text) > "\uffff"


def units(text: str) -> str:
    """Take the characters that JavaScript counts as two apart."""
    if not has_pairs(text):
        return text
    data = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(data[place] | data[place + 1] << 8) for place in range(0, len(data), 2))


def joined(text: str) -> str:
    """Put halves of characters that stand side by side together again."""
    if text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def dump(value: object, indent: str = "") -> Any:
    """JavaScript's `JSON.stringify`, which says nothing (undefined) about what is undefined."""
    check_size(value)
    return UNDEFINED if value is UNDEFINED or isinstance(value, Function) else _dumped(value, indent, "\n")


def _dumped(value: object, indent: str, line: str) -> str:  # noqa: PLR0911 - one for each type
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return print_number(value) if math.isfinite(value) else "null"
        case str():
            return _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", encode_basestring(value))
        case list():
            parts = [_dumped(item, indent, line + indent) for item in value]
            return _enclosed("[]", parts, indent, line)
        case dict():
            colon = ": " if indent else ":"
            parts = [
                f"{_dumped(key, '', '')}{colon}{_dumped(item, indent, line + indent)}"
                for key, item in entries(value)
                if item is not UNDEFINED and not isinstance(item, Function)
            ]
            return _enclosed("{}", parts, indent, line)
        case _:
            return "null" if value is UNDEFINED or isinstance(value, Function) else "{}"


def _enclosed(brackets: str, parts: list[str], indent: str, line: str) -> str:
    opening, closing = brackets[0], brackets[1]
    if not indent or not parts:
        return opening + ",".join(parts) + closing
    return opening + line + indent + ("," + line + indent).join(parts) + line + closing
