"""
The methods and properties of JavaScript's strings, arrays, objects and numbers.

This table is the whole of what a template can reach on a value: no attribute of a Python object is behind it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scaffolder.template.language.operators import strictly_equal
from scaffolder.template.language.values import (
    SAFE_INTEGER,
    List,
    Missing,
    is_missing,
    is_number,
    to_index,
    to_string,
    to_text,
    utf16_length,
)

if TYPE_CHECKING:
    from scaffolder.template.language.bounds import Budget

Method = Callable[..., Any]
_UNDEFINED = Missing()
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
DECIMAL = 10
LEAST_BASE = 2


class BoundMethod:
    """A method on its value, ready to be called by a template."""

    def __init__(self, method: Method, value: object) -> None:
        self._call = functools.partial(method, value)

    def __call__(self, *arguments: object) -> Any:
        """Call the method."""
        return self._call(*arguments)


def member(value: object, name: object, budget: Budget) -> Any:
    """Return a property, an element or a method of `value`, undefined when there is none."""
    key = to_string(name)
    match value:
        case str():
            return _string_member(value, key, budget)
        case list() | tuple():
            return _list_member(value, key, budget)
        case dict():
            return value[key] if key in value else _method(OBJECT, value, key, budget)
        case _:
            return _method(NUMBER if is_number(value) else {"toString": to_string}, value, key, budget)


def _string_member(value: str, key: str, budget: Budget) -> Any:
    if key == "length":
        return utf16_length(value)
    if key.isdecimal():
        return value[int(key)] if int(key) < len(value) else Missing(name=key)
    return _method(STRING, value, key, budget)


def _list_member(value: list[Any] | tuple[Any, ...], key: str, budget: Budget) -> Any:
    if key == "length":
        return len(value)
    if key.isdecimal():
        return value[int(key)] if int(key) < len(value) else Missing(name=key)
    return _method(ARRAY, value, key, budget)


def _method(table: dict[str, Method], value: object, key: str, budget: Budget) -> Any:
    if is_missing(value) or value is None or key not in table:
        return Missing(name=key)
    method = table[key]
    return BoundMethod(functools.partial(method, budget) if method in SIZED else method, value)


def _span(length: int, start: object, end: object) -> slice:
    """Return the indexes of `slice(start, end)`, negative ones counting from the end."""
    first, last = to_index(start), to_index(end, default=length)
    first = max(length + first, 0) if first < 0 else first
    last = max(length + last, 0) if last < 0 else last
    return slice(first, max(first, last))


def _substring(text: str, start: object = _UNDEFINED, end: object = _UNDEFINED) -> str:
    edges = sorted(
        min(max(to_index(edge, default=default), 0), len(text)) for edge, default in ((start, 0), (end, len(text)))
    )
    return text[edges[0] : edges[1]]


def _substr(text: str, start: object = _UNDEFINED, length: object = _UNDEFINED) -> str:
    first = to_index(start)
    first = max(len(text) + first, 0) if first < 0 else first
    return text[first : first + max(to_index(length, default=len(text)), 0)]


def _split(text: str, separator: object = _UNDEFINED, limit: object = _UNDEFINED) -> List:
    if is_missing(separator):
        return List([text])
    parts = text.split(to_string(separator)) if to_string(separator) else list(text)
    return List(parts if is_missing(limit) else parts[: to_index(limit)])


def _replace(budget: Budget, text: str, old: object = _UNDEFINED, new: object = _UNDEFINED) -> str:
    budget.text(len(text) + len(to_string(new)))
    return text.replace(to_string(old), to_string(new), 1)


def _replace_all(budget: Budget, text: str, old: object = _UNDEFINED, new: object = _UNDEFINED) -> str:
    replaced, replacement = to_string(old), to_string(new)
    budget.text(len(text) + (text.count(replaced) * len(replacement)))
    return text.replace(replaced, replacement)


def _repeat(budget: Budget, text: str, count: object = 0) -> str:
    budget.text(len(text) * to_index(count))
    return text * to_index(count)


def _padding(budget: Budget, text: str, length: object, fill: object) -> str:
    missing = max(to_index(length) - len(text), 0)
    pad = " " if is_missing(fill) else to_string(fill)
    budget.text(missing)
    return (pad * (missing // max(len(pad), 1) + 1))[:missing]


def _pad_start(budget: Budget, text: str, length: object = 0, fill: object = _UNDEFINED) -> str:
    return _padding(budget, text, length, fill) + text


def _pad_end(budget: Budget, text: str, length: object = 0, fill: object = _UNDEFINED) -> str:
    return text + _padding(budget, text, length, fill)


def _concat_text(budget: Budget, text: str, *others: object) -> str:
    parts = [text, *map(to_string, others)]
    budget.text(sum(map(len, parts)))
    return "".join(parts)


def _char_code(text: str, index: object = 0) -> Any:
    place = to_index(index)
    return ord(text[place]) if 0 <= place < len(text) else float("nan")


def _char(text: str, index: object = 0) -> str:
    place = to_index(index)
    return text[place] if 0 <= place < len(text) else ""


def _at(value: Any, index: object = 0) -> Any:
    place = to_index(index)
    return value[place] if -len(value) <= place < len(value) else _UNDEFINED


STRING: dict[str, Method] = {
    "toLowerCase": lambda text: text.lower(),
    "toUpperCase": lambda text: text.upper(),
    "toLocaleLowerCase": lambda text: text.lower(),
    "toLocaleUpperCase": lambda text: text.upper(),
    "trim": lambda text: text.strip(),
    "trimStart": lambda text: text.lstrip(),
    "trimEnd": lambda text: text.rstrip(),
    "includes": lambda text, part="undefined", start=0: to_string(part) in text[max(to_index(start), 0) :],
    "startsWith": lambda text, part="undefined", start=0: text.startswith(to_string(part), max(to_index(start), 0)),
    "endsWith": lambda text, part="undefined": text.endswith(to_string(part)),
    "indexOf": lambda text, part="undefined", start=0: text.find(to_string(part), max(to_index(start), 0)),
    "lastIndexOf": lambda text, part="undefined": text.rfind(to_string(part)),
    "slice": lambda text, start=0, end=_UNDEFINED: text[_span(len(text), start, end)],
    "substring": _substring,
    "substr": _substr,
    "split": _split,
    "replace": _replace,
    "replaceAll": _replace_all,
    "repeat": _repeat,
    "padStart": _pad_start,
    "padEnd": _pad_end,
    "concat": _concat_text,
    "charAt": _char,
    "charCodeAt": _char_code,
    "at": _at,
    "toString": to_string,
}


def _index_of(items: list[Any], wanted: object = _UNDEFINED) -> int:
    return next((index for index, item in enumerate(items) if strictly_equal(item, wanted)), -1)


def _last_index_of(items: list[Any], wanted: object = _UNDEFINED) -> int:
    return next((index for index in range(len(items) - 1, -1, -1) if strictly_equal(items[index], wanted)), -1)


def _join(budget: Budget, items: list[Any], separator: object = ",") -> str:
    texts = [to_text(item) for item in items]
    glue = to_string(separator)
    budget.text(sum(map(len, texts)) + len(glue) * len(texts))
    return glue.join(texts)


def _concat(budget: Budget, items: list[Any], *others: object) -> List:
    joined = List(items)
    for other in others:
        joined.extend(other if isinstance(other, list) else [other])
        budget.items(len(joined))
    return joined


def _push(budget: Budget, items: list[Any], *more: object) -> int:
    budget.items(len(items) + len(more))
    items.extend(more)
    return len(items)


def _unshift(budget: Budget, items: list[Any], *more: object) -> int:
    budget.items(len(items) + len(more))
    items[:0] = more
    return len(items)


def _reverse(items: list[Any]) -> list[Any]:
    items.reverse()
    return items


def _sort(items: list[Any]) -> list[Any]:
    items.sort(key=to_string)
    return items


def _fill(items: list[Any], value: object = _UNDEFINED) -> list[Any]:
    items[:] = [value] * len(items)
    return items


def _splice(items: list[Any], start: object = 0, count: object = SAFE_INTEGER, *new: object) -> List:
    first = _span(len(items), start, _UNDEFINED).start
    place = slice(first, first + max(to_index(count), 0))
    removed = List(items[place])
    items[place] = new
    return removed


def _flat(budget: Budget, items: list[Any], depth: object = 1) -> List:
    flattened = List()
    for item in items:
        nested = isinstance(item, list) and to_index(depth) > 0
        flattened.extend(_flat(budget, item, to_index(depth) - 1) if nested else [item])
        budget.items(len(flattened))
    return flattened


ARRAY: dict[str, Method] = {
    "join": _join,
    "includes": lambda items, wanted=_UNDEFINED: _index_of(items, wanted) >= 0,
    "indexOf": _index_of,
    "lastIndexOf": _last_index_of,
    "slice": lambda items, start=0, end=_UNDEFINED: List(items[_span(len(items), start, end)]),
    "concat": _concat,
    "reverse": _reverse,
    "sort": _sort,
    "push": _push,
    "unshift": _unshift,
    "pop": lambda items: items.pop() if items else _UNDEFINED,
    "shift": lambda items: items.pop(0) if items else _UNDEFINED,
    "at": _at,
    "flat": _flat,
    "fill": _fill,
    "splice": _splice,
    "toString": to_string,
}
OBJECT: dict[str, Method] = {
    "hasOwnProperty": lambda value, key="undefined": to_string(key) in value,
    "toString": to_string,
}


def _to_fixed(value: float, digits: object = 0) -> str:
    return f"{value:.{min(max(to_index(digits), 0), 100)}f}"


def _to_base(value: float, base: object = 10) -> str:
    radix = to_index(base, default=DECIMAL)
    if radix == DECIMAL or not isinstance(value, int) or not LEAST_BASE <= radix <= len(DIGITS):
        return to_string(value)
    digits, rest = "", abs(value)
    while rest:
        rest, digit = divmod(rest, radix)
        digits = DIGITS[digit] + digits
    return ("-" if value < 0 else "") + (digits or "0")


NUMBER: dict[str, Method] = {"toFixed": _to_fixed, "toString": _to_base}

SIZED = frozenset(
    {_replace, _replace_all, _repeat, _pad_start, _pad_end, _concat_text, _join, _concat, _push, _unshift, _flat}
)
"""Methods that can make something large: they ask the budget first."""

PYTHON_LIKE: dict[str, Method] = {
    "items": lambda value: List(List(pair) for pair in value.items()),
    "keys": List,
    "values": lambda value: List(value.values()),
    "get": lambda value, key="", default=None: value.get(to_string(key), default),
}
"""What an object also has under `cookiecutterCompat`."""

WORD = re.compile(r"\w+")
