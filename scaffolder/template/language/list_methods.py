"""The methods of JavaScript's lists; a list is changed where it is."""

from __future__ import annotations

from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from scaffolder.template.expressions import UNDEFINED
from scaffolder.template.language.calls import Method, at, span
from scaffolder.template.language.faults import Fault
from scaffolder.template.language.operators import strictly_equal
from scaffolder.template.language.values import Function, to_index, to_number, to_string, to_text, truthy

if TYPE_CHECKING:
    from scaffolder.template.language.frames import Run


def index_of(_run: Run, items: list[Any], wanted: Any = UNDEFINED, start: Any = 0) -> int:
    """Return the index of an element, -1 when it is not there."""
    first = span(len(items), start, UNDEFINED).start
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


def push(run: Run, items: list[Any], *more: Any) -> int:
    """Add elements, and return how many there are."""
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
    place = range(len(items))[span(len(items), start, end)]
    items[place.start : place.stop] = [value] * len(place)
    return items


def splice(run: Run, items: list[Any], *arguments: Any) -> list[Any]:
    """Put elements in the place of others, and return those."""
    start, count, new = (*arguments, UNDEFINED)[0], arguments[1:2], arguments[2:]
    first = min(span(len(items), start, UNDEFINED).start, len(items))
    size = to_index(count[0]) if count else len(items) if arguments else 0
    run.allowance.items(len(items) + len(new))
    place = slice(first, first + max(size, 0))
    removed = items[place]
    items[place] = new
    return removed


def _copy_within(
    _run: Run, items: list[Any], target: Any = UNDEFINED, start: Any = 0, end: Any = UNDEFINED
) -> list[Any]:
    copied = items[span(len(items), start, end)]
    first = span(len(items), target, UNDEFINED).start
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
    "at": at,
    "concat": _concat,
    "copyWithin": _copy_within,
    "every": lambda run, items, function=UNDEFINED: all(holds for _, holds in _each(run, items, function)),
    "fill": _fill,
    "filter": lambda run, items, function=UNDEFINED: [item for item, holds in _each(run, items, function) if holds],
    "flat": _flat,
    "includes": lambda run, items, wanted=UNDEFINED: index_of(run, items, wanted) >= 0,
    "indexOf": index_of,
    "join": join,
    "lastIndexOf": _last_index_of,
    "map": _map,
    "pop": lambda _run, items: items.pop() if items else UNDEFINED,
    "push": push,
    "reverse": _reverse,
    "shift": lambda _run, items: items.pop(0) if items else UNDEFINED,
    "slice": lambda _run, items, start=0, end=UNDEFINED: items[span(len(items), start, end)],
    "some": lambda run, items, function=UNDEFINED: any(holds for _, holds in _each(run, items, function)),
    "sort": _sort,
    "splice": splice,
    "toString": lambda _run, items: to_string(items),
    "unshift": _unshift,
}
CHANGING = frozenset(
    ARRAY[name] for name in ("copyWithin", "fill", "pop", "push", "reverse", "shift", "sort", "splice", "unshift")
)
"""Methods that change the list they are called on."""
