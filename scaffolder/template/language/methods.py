"""
What a template reaches on a value: members, elements, slices and methods.

The tables here are the whole of it: no attribute of a Python object is behind a name in a template. They hold what
either engine of Backstage knows; the newer one has fewer.
"""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

from scaffolder.template.expressions import UNDEFINED
from scaffolder.template.language import list_methods, python_methods
from scaffolder.template.language.calls import Method, applied
from scaffolder.template.language.faults import Fault
from scaffolder.template.language.list_methods import ARRAY
from scaffolder.template.language.python_methods import COMPATIBLE
from scaffolder.template.language.reader import RESERVED
from scaffolder.template.language.regex import Regex
from scaffolder.template.language.text_methods import STRING, groups
from scaffolder.template.language.values import (
    Function,
    is_index,
    is_number,
    number,
    to_number,
    to_string,
    truthy,
    units,
    utf16_length,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scaffolder.template.language.frames import Run

CHANGING = list_methods.CHANGING | python_methods.CHANGING
"""Methods that change the value they are called on."""


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


def _printed(name: str) -> Method:
    def method(_run: Run, value: float, given: Any = UNDEFINED) -> str:
        from scaffolder.template.language import printing  # exact decimals take their time to load

        return printing.WAYS[name](value, given)

    return method


OBJECT: dict[str, Method] = {
    "hasOwnProperty": lambda _run, value, key=UNDEFINED: to_string(key) in value,
    "toString": lambda _run, value: to_string(value),
}


NUMBER: dict[str, Method] = {name: _printed(name) for name in ("toExponential", "toFixed", "toPrecision", "toString")}
BOOLEAN: dict[str, Method] = {"toString": lambda _run, value: to_string(value)}
REGEX: dict[str, Method] = {
    "exec": lambda _run, regex, text=UNDEFINED: groups(regex.next(units(to_string(text)))),
    "test": lambda _run, regex, text=UNDEFINED: regex.next(units(to_string(text))) is not None,
    "toString": lambda _run, regex: str(regex),
}
REGEX_PROPERTIES: dict[str, Callable[[Regex], Any]] = {
    "flags": lambda regex: regex.flags,
    "global": lambda regex: regex.everywhere,
    "lastIndex": lambda regex: regex.last_index,
    "source": lambda regex: regex.source,
}
