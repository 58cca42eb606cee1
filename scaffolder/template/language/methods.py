"""
What a template reaches on a value: members, elements, slices, and the methods of JavaScript's texts, lists, objects,
numbers and regular expressions.

The tables here are the whole of it: no attribute of a Python object is behind a name in a template. They hold what
either engine of Backstage knows; the newer one has fewer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cmp_to_key
from math import isnan
from typing import TYPE_CHECKING, Any

from scaffolder.template.expressions import UNDEFINED
from scaffolder.template.language import printing
from scaffolder.template.language.faults import Fault
from scaffolder.template.language.operators import strictly_equal
from scaffolder.template.language.reader import RESERVED
from scaffolder.template.language.regex import Match, Regex
from scaffolder.template.language.values import (
    NAN,
    SAFE_INTEGER,
    SPACES,
    Function,
    entries,
    has_pairs,
    is_index,
    is_number,
    joined,
    number,
    object_keys,
    to_index,
    to_number,
    to_string,
    to_text,
    truthy,
    units,
    utf16_length,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.template.language.frames import Run

Method = Callable[..., Any]
_LANGUAGE = re.compile(r"(?:[A-Za-z]{2,3}|[A-Za-z]{5,8})(?:-[A-Za-z0-9]{1,8})*")
TAKES_ANY = 0x04
"""The flag of a function's code that says that it takes any number of arguments."""


def applied(function: Method, run: Run, value: Any, arguments: Sequence[Any]) -> Any:
    """Call a method, filter or test; arguments too many are left out, as JavaScript does."""
    if isinstance(value, (str, list)):
        run.allowance.tick(len(value))
    code = function.__code__
    if not code.co_flags & TAKES_ANY:
        arguments = arguments[: code.co_argcount - 2]
    return function(run, value, *arguments)


def member(value: Any, key: Any, run: Run) -> Any:
    """Return a property, an element or a method of `value`, undefined when there is none."""
    if isinstance(key, str) and isinstance(value, dict) and not run.compatible:
        if key in value and key not in RESERVED:
            return value[key]
    elif is_number(key):
        return element(value, key, run)
    return _member(value, to_string(key), run)


def _member(value: Any, key: str, run: Run) -> Any:
    if key in RESERVED:
        msg = f"the name {key!r} is reserved"
        raise Fault(msg)
    if run.compatible and key in COMPATIBLE.get(type(value), {}):
        return _bound(COMPATIBLE[type(value)][key], value, run)
    match value:
        case dict() if key in value:
            return value[key]
        case str() | list() if key == "length":
            return utf16_length(value) if isinstance(value, str) else len(value)
        case str() | list() if is_index(key):
            return element(value, int(key), run)
        case Regex() if key in REGEX_PROPERTIES:
            return REGEX_PROPERTIES[key](value)
    method = _methods(value).get(key)
    return UNDEFINED if method is None else _bound(method, value, run)


def _methods(value: Any) -> dict[str, Method]:
    if value is True or value is False:
        return BOOLEAN
    for kind, table in ((str, STRING), (list, ARRAY), (dict, OBJECT), ((int, float), NUMBER), (Regex, REGEX)):
        if isinstance(value, kind):
            return table
    return {}


def _bound(method: Method, value: Any, run: Run) -> Function:
    if method in CHANGING:
        return Function(lambda *arguments: _changed(method, run, value, arguments))
    return Function(lambda *arguments: applied(method, run, value, arguments))


def _changed(method: Method, run: Run, value: Any, arguments: Sequence[Any]) -> Any:
    run.changed = True
    return applied(method, run, value, arguments)


def element(value: Any, index: float, run: Run) -> Any:
    """Return an element of a list, a character of a text, or a member named by a number."""
    if not isinstance(value, (str, list)):
        return _member(value, to_string(index), run) if isinstance(value, dict) else UNDEFINED
    if not isinstance(index, int) or index < 0:
        return UNDEFINED
    taken = units(value) if isinstance(value, str) else value
    return taken[index] if index < len(taken) else UNDEFINED


def sliced(value: Any, start: Any, stop: Any, step: Any, *, run: Run) -> list[Any]:
    """
    Return `value[start:stop:step]`: elements of a list, or characters of a text.

    The edges are the engines': unlike in Python, one beyond the end of the value leaves nothing.
    """
    taken: Any = units(value) if isinstance(value, str) else value if truthy(value) else []
    length, width = to_number(member(taken, "length", run)), 1 if step is None else to_number(step)
    place, end = (
        _edge(start, length, 0 if width > 0 else length - 1),
        _edge(stop, length, length if width > 0 else None),
    )
    if not width or isnan(width) or isnan(place) or (isnan(length) and isnan(end)):
        msg = "a slice wants a list or a text, and a step that is not 0"
        raise Fault(msg)
    found: list[Any] = []
    while not (place < 0 or place > length or (place >= end if width > 0 else place <= end)):
        run.allowance.items(len(found))
        found.append(element(taken, number(place), run))
        place += width
    run.allowance.made(found)
    return found


def _edge(given: Any, length: float, default: float | None) -> float:
    """Return an edge of a slice, counted from the end when it is negative."""
    if given is None:
        return -1 if default is None else default
    place = to_number(given)
    return place + length if place < 0 else place


def _in_units(method: Method) -> Method:
    """Let a method on texts count as JavaScript does: a character beyond 16 bits is two."""

    def on_units(run: Run, text: str, *arguments: Any) -> Any:
        if not any(has_pairs(part) for part in (text, *arguments) if isinstance(part, str)):
            return applied(method, run, text, arguments)
        found = applied(
            method, run, units(text), [units(part) if isinstance(part, str) else part for part in arguments]
        )
        if isinstance(found, list):
            return [joined(part) if isinstance(part, str) else part for part in found]
        return joined(found) if isinstance(found, str) else found

    return on_units


def _span(length: int, start: Any, end: Any) -> slice:
    """Return the indexes of `slice(start, end)`, negative ones counting from the end."""
    first, last = to_index(start), to_index(end, default=length)
    first = max(length + first, 0) if first < 0 else first
    last = max(length + last, 0) if last < 0 else last
    return slice(first, max(first, last))


def _clamped(value: Any, length: int, default: int) -> int:
    return min(max(to_index(value, default=default), 0), length)


def _substring(_run: Run, text: str, start: Any = UNDEFINED, end: Any = UNDEFINED) -> str:
    first, last = sorted((_clamped(start, len(text), 0), _clamped(end, len(text), len(text))))
    return text[first:last]


def _substr(_run: Run, text: str, start: Any = UNDEFINED, length: Any = UNDEFINED) -> str:
    first = to_index(start)
    first = max(len(text) + first, 0) if first < 0 else first
    return text[first : first + max(to_index(length, default=len(text)), 0)]


def _split(run: Run, text: str, separator: Any = UNDEFINED, limit: Any = UNDEFINED) -> list[Any]:
    if separator is UNDEFINED:
        parts: list[Any] = [text]
    elif isinstance(separator, Regex):
        parts = [UNDEFINED if part is None else part for part in separator.split(text)]
    else:
        mark = to_string(separator)
        run.allowance.items(text.count(mark) if mark else len(text))
        parts = text.split(mark) if mark else list(text)
    most = to_index(limit, default=-1)
    return parts if most < 0 else parts[:most]


def _slice(_run: Run, text: str, start: Any = 0, end: Any = UNDEFINED) -> str:
    return text[_span(len(text), start, end)]


def _replace(run: Run, text: str, old: Any = UNDEFINED, new: Any = UNDEFINED) -> str:
    if isinstance(old, Regex):
        return substituted(run, text, old, new)
    wanted = to_string(old)
    place = text.find(wanted)
    if place < 0:
        return text
    edges = (place, place + len(wanted))
    run.allowance.text(len(text) + (0 if isinstance(new, Function) else len(text) * to_string(new).count("$")))
    return text[: edges[0]] + _replacement(Match(text, edges, {}), new) + text[edges[1] :]


def _replacement(match: Match, new: Any) -> str:
    if not isinstance(new, Function):
        return match.expand(to_string(new))
    groups = [UNDEFINED if group is None else group for group in match.groups()]
    return to_string(new.call(*groups, match.start, match.text))


def substituted(run: Run, text: str, old: Regex, new: Any) -> str:
    """Replace what a regular expression matches."""
    parts, place, size = [], 0, len(text)
    for match in old.all(text):
        replacement = _replacement(match, new)
        size += len(replacement)
        run.allowance.text(size)
        parts += [text[place : match.start], replacement]
        place = match.end
    return "".join([*parts, text[place:]])


def _replace_all(run: Run, text: str, old: Any = UNDEFINED, new: Any = UNDEFINED) -> str:
    if isinstance(old, Regex):
        if not old.everywhere:
            msg = "replaceAll wants a regular expression with the flag g"
            raise Fault(msg)
        return substituted(run, text, old, new)
    wanted, parts, size = to_string(old), [], len(text)
    place = 0
    found = text.find(wanted)
    while found >= 0:
        run.allowance.tick()
        replacement = _replacement(Match(text, (found, found + len(wanted)), {}), new)
        size += len(replacement)
        run.allowance.text(size)
        parts += [text[place:found], replacement]
        place = found + len(wanted)
        found = text.find(wanted, max(place, found + 1)) if found < len(text) else -1
    return "".join([*parts, text[place:]])


def _match(run: Run, text: str, wanted: Any = UNDEFINED) -> Any:
    regex = wanted if isinstance(wanted, Regex) else Regex(_source(wanted), "", run.allowance)
    if regex.everywhere:
        return [match.groups()[0] for match in regex.all(text)] or None
    return _groups(regex.next(text))


def _source(wanted: Any) -> str:
    return "" if wanted is UNDEFINED else to_string(wanted)


def _groups(match: Match | None) -> Any:
    return None if match is None else [UNDEFINED if group is None else group for group in match.groups()]


def _search(run: Run, text: str, wanted: Any = UNDEFINED) -> int:
    regex = wanted if isinstance(wanted, Regex) else Regex(_source(wanted), "", run.allowance)
    found = regex.search(text)
    return found.start if found else -1


def _repeat(run: Run, text: str, count: Any = 0) -> str:
    times = to_index(count)
    if times < 0 or times >= SAFE_INTEGER:
        msg = f"a text cannot be repeated {to_string(count)} times"
        raise Fault(msg)
    run.allowance.text(len(text) * times)
    return text * times


def _padding(run: Run, text: str, length: Any, fill: Any) -> str:
    missing = max(to_index(length) - len(text), 0)
    pad = " " if fill is UNDEFINED else to_string(fill)
    if not pad:
        return ""
    run.allowance.text(missing)
    return (pad * (missing // len(pad) + 1))[:missing]


def _pad_start(run: Run, text: str, length: Any = 0, fill: Any = UNDEFINED) -> str:
    return _padding(run, text, length, fill) + text


def _pad_end(run: Run, text: str, length: Any = 0, fill: Any = UNDEFINED) -> str:
    return text + _padding(run, text, length, fill)


def _concat_text(run: Run, text: str, *others: Any) -> str:
    parts = [text, *map(to_string, others)]
    run.allowance.text(sum(map(len, parts)))
    return "".join(parts)


def _char_code(_run: Run, text: str, index: Any = 0) -> Any:
    place = to_index(index)
    return ord(text[place]) if 0 <= place < len(text) else NAN


def _code_point(_run: Run, text: str, index: Any = 0) -> Any:
    place = to_index(index)
    return ord(joined(text[place : place + 2])[0]) if 0 <= place < len(text) else UNDEFINED


def _char(_run: Run, text: str, index: Any = 0) -> str:
    place = to_index(index)
    return text[place] if 0 <= place < len(text) else ""


def _at(_run: Run, value: Any, index: Any = 0) -> Any:
    place = to_index(index)
    return value[place] if -len(value) <= place < len(value) else UNDEFINED


def _part_of(part: Any) -> str:
    if isinstance(part, Regex):
        msg = "a text is wanted here, not a regular expression"
        raise Fault(msg)
    return to_string(part)


def _includes(_run: Run, text: str, part: Any = UNDEFINED, start: Any = 0) -> bool:
    return text.find(_part_of(part), _clamped(start, len(text), 0)) >= 0


def _starts_with(_run: Run, text: str, part: Any = UNDEFINED, start: Any = 0) -> bool:
    return text.startswith(_part_of(part), _clamped(start, len(text), 0))


def _ends_with(_run: Run, text: str, part: Any = UNDEFINED, end: Any = UNDEFINED) -> bool:
    return text[: _clamped(end, len(text), len(text))].endswith(_part_of(part))


def _text_index(_run: Run, text: str, part: Any = UNDEFINED, start: Any = 0) -> int:
    return text.find(to_string(part), _clamped(start, len(text), 0))


def _last_text_index(_run: Run, text: str, part: Any = UNDEFINED, start: Any = UNDEFINED) -> int:
    wanted, last = to_string(part), to_number(start)
    end = min(max(last, 0), len(text)) if last == last else len(text)  # noqa: PLR0124 - NaN is not itself
    return text.rfind(wanted, 0, int(end) + len(wanted))


def _compare(_run: Run, text: str, other: Any = UNDEFINED, locale: Any = UNDEFINED) -> int:
    _check_locale(locale)
    left, right = ((part.casefold(), part.swapcase()) for part in (text, to_string(other)))
    return (left > right) - (left < right)


def _check_locale(locale: Any) -> None:
    """Refuse what names no language: all languages are the same here."""
    names = [] if locale is UNDEFINED else locale if isinstance(locale, list) else [locale]
    if not all(isinstance(name, str) and _LANGUAGE.fullmatch(name) for name in names):
        msg = f"{to_string(locale)!r} names no language"
        raise Fault(msg)


def _to_lower(_run: Run, text: str, locale: Any = UNDEFINED) -> str:
    _check_locale(locale)
    return text.lower()


def _to_upper(_run: Run, text: str, locale: Any = UNDEFINED) -> str:
    _check_locale(locale)
    return text.upper()


def _normalize(_run: Run, text: str, form: Any = UNDEFINED) -> str:
    name = "NFC" if form is UNDEFINED else to_string(form)
    if name not in {"NFC", "NFD", "NFKC", "NFKD"}:
        msg = f"{name!r} is no form of Unicode"
        raise Fault(msg)
    return unicodedata.normalize(name, text)  # type: ignore[arg-type] # it is one of the four


IN_UNITS: dict[str, Method] = {
    "at": _at,
    "charAt": _char,
    "charCodeAt": _char_code,
    "codePointAt": _code_point,
    "concat": _concat_text,
    "endsWith": _ends_with,
    "includes": _includes,
    "indexOf": _text_index,
    "lastIndexOf": _last_text_index,
    "localeCompare": _compare,
    "match": _match,
    "normalize": _normalize,
    "padEnd": _pad_end,
    "padStart": _pad_start,
    "repeat": _repeat,
    "replace": _replace,
    "replaceAll": _replace_all,
    "search": _search,
    "slice": _slice,
    "split": _split,
    "startsWith": _starts_with,
    "substr": _substr,
    "substring": _substring,
}
STRING: dict[str, Method] = {name: _in_units(method) for name, method in IN_UNITS.items()} | {
    "toLocaleLowerCase": _to_lower,
    "toLocaleUpperCase": _to_upper,
    "toLowerCase": lambda _run, text: text.lower(),
    "toString": lambda _run, text: str(text),
    "toUpperCase": lambda _run, text: text.upper(),
    "trim": lambda _run, text: text.strip(SPACES),
    "trimEnd": lambda _run, text: text.rstrip(SPACES),
    "trimStart": lambda _run, text: text.lstrip(SPACES),
    "valueOf": lambda _run, text: str(text),
}


def _index_of(_run: Run, items: list[Any], wanted: Any = UNDEFINED, start: Any = 0) -> int:
    first = _span(len(items), start, UNDEFINED).start
    return next((index for index in range(first, len(items)) if strictly_equal(items[index], wanted)), -1)


def _last_index_of(_run: Run, items: list[Any], wanted: Any = UNDEFINED) -> int:
    return next((index for index in range(len(items) - 1, -1, -1) if strictly_equal(items[index], wanted)), -1)


def join(run: Run, items: list[Any], separator: Any = ",") -> str:
    """Join the texts of a list's elements."""
    texts = [to_text(item) for item in items]
    glue = "," if separator is UNDEFINED else to_string(separator)
    run.allowance.text(sum(map(len, texts)) + len(glue) * len(texts))
    return glue.join(texts)


def _concat(run: Run, items: list[Any], *others: Any) -> list[Any]:
    together = list(items)
    for other in others:
        together.extend(other if isinstance(other, list) else [other])
        run.allowance.items(len(together))
    return together


def _push(run: Run, items: list[Any], *more: Any) -> int:
    run.allowance.items(len(items) + len(more))
    items.extend(more)
    return len(items)


def _unshift(run: Run, items: list[Any], *more: Any) -> int:
    run.allowance.items(len(items) + len(more))
    items[:0] = more
    return len(items)


def _reverse(_run: Run, items: list[Any]) -> list[Any]:
    items.reverse()
    return items


def _sort(run: Run, items: list[Any], compare: Any = UNDEFINED) -> list[Any]:
    if compare is UNDEFINED:
        items.sort(key=lambda item: (item is UNDEFINED, to_string(item)))
        return items
    function = _function(compare)

    def order(left: Any, right: Any) -> int:
        run.allowance.tick()
        found = to_number(function.call(left, right))
        return (found > 0) - (found < 0)

    items[:] = sorted(items, key=cmp_to_key(order))
    return items


def _fill(_run: Run, items: list[Any], value: Any = UNDEFINED, start: Any = 0, end: Any = UNDEFINED) -> list[Any]:
    place = range(len(items))[_span(len(items), start, end)]
    items[place.start : place.stop] = [value] * len(place)
    return items


def _splice(run: Run, items: list[Any], *arguments: Any) -> list[Any]:
    start, count, new = (*arguments, UNDEFINED)[0], arguments[1:2], arguments[2:]
    first = min(_span(len(items), start, UNDEFINED).start, len(items))
    size = to_index(count[0]) if count else len(items) if arguments else 0
    run.allowance.items(len(items) + len(new))
    place = slice(first, first + max(size, 0))
    removed = items[place]
    items[place] = new
    return removed


def _copy_within(
    _run: Run, items: list[Any], target: Any = UNDEFINED, start: Any = 0, end: Any = UNDEFINED
) -> list[Any]:
    copied = items[_span(len(items), start, end)]
    first = _span(len(items), target, UNDEFINED).start
    copied = copied[: max(len(items) - first, 0)]
    items[first : first + len(copied)] = copied
    return items


def _flat(run: Run, items: list[Any], depth: Any = 1) -> list[Any]:
    levels, flattened = to_index(depth, default=1), []
    for item in items:
        flattened.extend(_flat(run, item, levels - 1) if isinstance(item, list) and levels > 0 else [item])
        run.allowance.items(len(flattened))
    return flattened


def _each(run: Run, items: list[Any], function: Any) -> list[tuple[Any, bool]]:
    called, found = _function(function), []
    for index, item in enumerate(list(items)):
        run.allowance.tick()
        found.append((item, truthy(called.call(item, index, items))))
    return found


def _function(value: Any) -> Function:
    if isinstance(value, Function):
        return value
    msg = "a macro is wanted here"
    raise Fault(msg)


def _map(run: Run, items: list[Any], function: Any = UNDEFINED) -> list[Any]:
    called = _function(function)
    run.allowance.items(len(items))
    return [called.call(item, index, items) for index, item in enumerate(list(items))]


ARRAY: dict[str, Method] = {
    "at": _at,
    "concat": _concat,
    "copyWithin": _copy_within,
    "every": lambda run, items, function=UNDEFINED: all(holds for _, holds in _each(run, items, function)),
    "fill": _fill,
    "filter": lambda run, items, function=UNDEFINED: [item for item, holds in _each(run, items, function) if holds],
    "flat": _flat,
    "includes": lambda run, items, wanted=UNDEFINED: _index_of(run, items, wanted) >= 0,
    "indexOf": _index_of,
    "join": join,
    "lastIndexOf": _last_index_of,
    "map": _map,
    "pop": lambda _run, items: items.pop() if items else UNDEFINED,
    "push": _push,
    "reverse": _reverse,
    "shift": lambda _run, items: items.pop(0) if items else UNDEFINED,
    "slice": lambda _run, items, start=0, end=UNDEFINED: items[_span(len(items), start, end)],
    "some": lambda run, items, function=UNDEFINED: any(holds for _, holds in _each(run, items, function)),
    "sort": _sort,
    "splice": _splice,
    "toString": lambda _run, items: to_string(items),
    "unshift": _unshift,
}
OBJECT: dict[str, Method] = {
    "hasOwnProperty": lambda _run, value, key=UNDEFINED: to_string(key) in value,
    "toString": lambda _run, value: to_string(value),
}


NUMBER: dict[str, Method] = {
    "toExponential": lambda _run, value, digits=UNDEFINED: printing.exponential(value, digits),
    "toFixed": lambda _run, value, digits=UNDEFINED: printing.fixed(value, digits),
    "toPrecision": lambda _run, value, digits=UNDEFINED: printing.precise(value, digits),
    "toString": lambda _run, value, base=UNDEFINED: printing.in_base(value, base),
}
BOOLEAN: dict[str, Method] = {"toString": lambda _run, value: to_string(value)}
REGEX: dict[str, Method] = {
    "exec": lambda _run, regex, text=UNDEFINED: _groups(regex.next(units(to_string(text)))),
    "test": lambda _run, regex, text=UNDEFINED: regex.next(units(to_string(text))) is not None,
    "toString": lambda _run, regex: str(regex),
}
REGEX_PROPERTIES: dict[str, Callable[[Regex], Any]] = {
    "flags": lambda regex: regex.flags,
    "global": lambda regex: regex.everywhere,
    "lastIndex": lambda regex: regex.last_index,
    "source": lambda regex: regex.source,
}


def _pop_at(_run: Run, items: list[Any], index: Any = UNDEFINED) -> Any:
    if index is UNDEFINED:
        return items.pop() if items else UNDEFINED
    place = to_number(index)
    if place < 0 or place >= len(items):
        msg = "pop: there is no such element"
        raise Fault(msg)
    first = to_index(index)
    taken, items[first : first + 1] = items[first : first + 1], []
    return taken


def _remove(run: Run, items: list[Any], wanted: Any = UNDEFINED) -> list[Any]:
    return [items.pop(_index(run, items, wanted))]


def _index(run: Run, items: list[Any], wanted: Any = UNDEFINED) -> int:
    place = _index_of(run, items, wanted)
    if place < 0:
        msg = "there is no such element in the list"
        raise Fault(msg)
    return place


def _get(_run: Run, value: dict[str, Any], key: Any = UNDEFINED, default: Any = UNDEFINED) -> Any:
    found = value.get(to_string(key), UNDEFINED)
    return default if found is UNDEFINED else found


def _pop_key(_run: Run, value: dict[str, Any], key: Any = UNDEFINED, default: Any = UNDEFINED) -> Any:
    found = value.get(to_string(key), UNDEFINED)
    if found is not UNDEFINED:
        return value.pop(to_string(key))
    if default is UNDEFINED:
        msg = f"pop: there is no {to_string(key)!r}"
        raise Fault(msg)
    return default


def _pop_item(_run: Run, value: dict[str, Any]) -> list[Any]:
    if not value:
        msg = "popitem: the object is empty"
        raise Fault(msg)
    first = object_keys(value)[0]
    return [first, value.pop(first)]


def _set_default(run: Run, value: dict[str, Any], key: Any = UNDEFINED, default: Any = None) -> Any:
    run.allowance.items(len(value) + 1)
    return value.setdefault(to_string(key), None if default is UNDEFINED else default)


def _update(run: Run, value: dict[str, Any], other: Any = UNDEFINED) -> None:
    more = other if isinstance(other, dict) else {}
    run.allowance.items(len(value) + len(more))
    value.update(more)


def _insert(run: Run, items: list[Any], index: Any = 0, item: Any = UNDEFINED) -> list[Any]:
    return _splice(run, items, index, 0, item)


PYTHON_LISTS: dict[str, Method] = {
    "append": _push,
    "count": lambda _run, items, wanted=UNDEFINED: sum(strictly_equal(item, wanted) for item in items),
    "find": _index_of,
    "index": _index,
    "insert": _insert,
    "pop": _pop_at,
    "remove": _remove,
}
PYTHON_OBJECTS: dict[str, Method] = {
    "get": _get,
    "has_key": lambda _run, value, key=UNDEFINED: to_string(key) in value,
    "items": lambda _run, value: [list(pair) for pair in entries(value)],
    "keys": lambda _run, value: object_keys(value),
    "pop": _pop_key,
    "popitem": _pop_item,
    "setdefault": _set_default,
    "update": _update,
    "values": lambda _run, value: [item for _, item in entries(value)],
}
PYTHON_OBJECTS |= {f"iter{name}": PYTHON_OBJECTS[name] for name in ("items", "keys", "values")}
COMPATIBLE: dict[type, dict[str, Method]] = {list: PYTHON_LISTS, dict: PYTHON_OBJECTS}
"""What lists and objects also have under `cookiecutterCompat`."""
CHANGING = frozenset(
    {
        *(
            ARRAY[name]
            for name in ("copyWithin", "fill", "pop", "push", "reverse", "shift", "sort", "splice", "unshift")
        ),
        *(PYTHON_LISTS[name] for name in ("insert", "pop", "remove")),
        *(PYTHON_OBJECTS[name] for name in ("pop", "popitem", "setdefault", "update")),
    }
)
"""Methods that change the value they are called on."""
