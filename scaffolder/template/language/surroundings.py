"""The functions that every template can call: nunjucks' own, and Backstage's `always` and `failure`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.template.expressions import UNDEFINED
from scaffolder.template.language.operators import COMPARISONS, add
from scaffolder.template.language.values import Function, truthy

if TYPE_CHECKING:
    from scaffolder.template.language.bounds import Allowance

_STATELESS = {"always": Function(lambda *_: True), "failure": Function(lambda *_: False)}


def surroundings(allowance: Allowance) -> dict[str, Any]:
    """Return them, bound to what one text may ask for."""
    return {
        **_STATELESS,
        "range": Function(lambda *edges: _range(allowance, *edges)),
        "cycler": Function(_cycler),
        "joiner": Function(_joiner),
    }


def _range(
    allowance: Allowance, start: Any = UNDEFINED, stop: Any = UNDEFINED, step: Any = UNDEFINED, *_others: Any
) -> list[Any]:
    place, end, width = (0, start, 1) if stop is UNDEFINED else (start, stop, step if truthy(step) else 1)
    if all(type(edge) is int for edge in (place, end, width)):
        return _whole_numbers(allowance, range(place, end, width))
    goes_on = COMPARISONS["<" if COMPARISONS[">"](width, 0) else ">"]
    numbers = []
    while goes_on(place, end):
        numbers.append(place)
        allowance.items(len(numbers))
        allowance.made(place)
        place = add(place, width)
    return numbers


def _whole_numbers(allowance: Allowance, numbers: range) -> list[Any]:
    allowance.items(len(numbers))
    return list(numbers)


def _cycler(*items: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"current": None}
    index = -1

    def reset(*_: Any) -> Any:
        nonlocal index
        index, made["current"] = -1, None
        return UNDEFINED

    def following(*_: Any) -> Any:
        nonlocal index
        index = index + 1 if index + 1 < len(items) else 0
        made["current"] = items[index] if items else UNDEFINED
        return made["current"]

    made |= {"reset": Function(reset), "next": Function(following)}
    return made


def _joiner(separator: Any = UNDEFINED, *_others: Any) -> Function:
    mark = separator if truthy(separator) else ","
    first = True

    def joiner(*_: Any) -> Any:
        nonlocal first
        now, first = "" if first else mark, False
        return now

    return Function(joiner)
