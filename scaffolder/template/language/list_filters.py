"""The filters of lists, and of what is walked like one: the exact set of nunjucks."""

from __future__ import annotations

from functools import cmp_to_key
from math import ceil
from math import floor as whole_below
from typing import TYPE_CHECKING, Any

from scaffolder.template.expressions import UNDEFINED
from scaffolder.template.language.calls import Method, applied
from scaffolder.template.language.given import array, as_safe_as, defined, listed, named, refuse
from scaffolder.template.language.list_methods import join
from scaffolder.template.language.methods import element, member
from scaffolder.template.language.operators import COMPARISONS, add, remainder, strictly_equal
from scaffolder.template.language.tests import TESTS
from scaffolder.template.language.values import (
    entries,
    is_index,
    is_nothing,
    joined,
    to_index,
    to_number,
    to_string,
    truthy,
    units,
    utf16_length,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.template.language.frames import Run


def _mapped(run: Run, value: Any, attribute: Any) -> list[Any]:
    """Return an attribute of each element."""
    items = [] if is_nothing(value) else listed(run, value)
    return [member(defined(item), attribute, run) for item in items]


def _attribute(run: Run, item: Any, path: Any) -> Any:
    """Return what a dotted path leads to, members of their own only."""
    for part in to_string(path).split(".") if truthy(path) else ():
        if isinstance(defined(item), dict):
            item = item.get(part, UNDEFINED)
        elif part == "length":
            item = member(item, part, run)
        else:
            item = element(item, int(part), run) if is_index(part) else UNDEFINED
        if item is UNDEFINED:
            return item
    return item


def _batch(run: Run, value: Any, size: Any = UNDEFINED, fill: Any = UNDEFINED) -> list[Any]:
    rows: list[Any] = []
    for index, item in enumerate(listed(run, value)):
        if not rows or remainder(index, size) == 0:
            rows.append([])
        rows[-1].append(item)
    lacking = to_index(size) - len(rows[-1]) if rows else 0
    if truthy(fill) and lacking > 0:
        run.allowance.items(lacking)
        rows[-1] += [fill] * lacking
    return rows


def _dict_sort(_run: Run, value: Any, case_sensitive: Any = UNDEFINED, by: Any = UNDEFINED) -> list[Any]:
    if not isinstance(value, dict):
        refuse(value, "an object")
    if by is not UNDEFINED and by not in ("key", "value"):
        refuse(by, "to sort by key or by value")
    place = 1 if by == "value" else 0

    def compare(left: list[Any], right: list[Any]) -> int:
        a, b = left[place], right[place]
        if not truthy(case_sensitive):
            a, b = (side.upper() if isinstance(side, str) else side for side in (a, b))
        return 1 if COMPARISONS[">"](a, b) else 0 if strictly_equal(a, b) else -1

    return sorted(map(list, entries(value)), key=cmp_to_key(compare))


def _first(run: Run, value: Any) -> Any:
    return element(defined(value), 0, run)


def _last(run: Run, value: Any) -> Any:
    length = member(defined(value), "length", run)
    return UNDEFINED if length is UNDEFINED else member(value, add(length, -1), run)


def _group_by(run: Run, value: Any, attribute: Any = UNDEFINED) -> dict[str, Any]:
    groups: dict[str, Any] = {}
    for item in listed(run, value):
        groups.setdefault(to_string(_attribute(run, item, attribute)), []).append(item)
    return groups


def _join(run: Run, value: Any, separator: Any = UNDEFINED, attribute: Any = UNDEFINED) -> str:
    items = _mapped(run, value, attribute) if truthy(attribute) else array(value)
    return join(run, items, separator if truthy(separator) else "")


def _length(_run: Run, value: Any) -> Any:
    if isinstance(value, str):
        return utf16_length(value)
    if isinstance(value, (list, dict)):
        return len(value)
    return 0 if is_nothing(value) or value is False else UNDEFINED


def _list(_run: Run, value: Any) -> list[Any]:
    if isinstance(value, str):
        return list(units(value))
    if isinstance(value, dict):
        return [{"key": key, "value": item} for key, item in entries(value)]
    return array(value)


def _random(run: Run, value: Any) -> Any:
    import random  # few templates want it

    items = listed(run, value)
    return element(items, random.randrange(len(items)), run) if items else UNDEFINED  # noqa: S311 - it keeps no secret


def _selected(run: Run, value: Any, arguments: Sequence[Any], *, wanted: bool) -> list[Any]:
    name, *others = arguments or [UNDEFINED]
    name = "truthy" if name is UNDEFINED else name
    if to_string(name) not in TESTS:
        refuse(name, "the name of a test")
    test = TESTS[to_string(name)]
    return [item for item in listed(run, value) if bool(applied(test, run, item, others[:1])) is wanted]


def _by_attribute(run: Run, value: Any, attribute: Any, *, wanted: bool) -> list[Any]:
    return [item for item in array(value) if truthy(member(defined(item), attribute, run)) is wanted]


def _reverse(run: Run, value: Any) -> Any:
    if isinstance(value, str):
        return as_safe_as(value, joined(units(value)[::-1]))
    return [] if is_nothing(value) else listed(run, value)[::-1]


def _slice(run: Run, value: Any, count: Any = UNDEFINED, fill: Any = UNDEFINED) -> list[Any]:
    items: Any = units(value) if isinstance(value, str) else array(defined(value))
    columns = to_number(count)
    if not columns > 0:
        return []
    run.allowance.items(columns)
    size, extra, offset = whole_below(len(items) / columns), remainder(len(items), columns), 0
    rows = []
    for column in range(ceil(columns)):
        start = offset + column * size
        offset += column < extra
        row = items[start : offset + (column + 1) * size]
        if truthy(fill) and column >= extra:
            row = [*array(row), fill]
        rows.append(row)
    return rows


def _sort(run: Run, *given: Any) -> list[Any]:
    value, reverse, case_sensitive, attribute = named(given, "value", "reverse", "case_sensitive", "attribute")
    sign = -1 if truthy(reverse) else 1

    def key(item: Any) -> Any:
        found = _attribute(run, item, attribute)
        return found.lower() if isinstance(found, str) and not truthy(case_sensitive) else found

    def compare(left: Any, right: Any) -> int:
        run.allowance.tick()
        a, b = left[0], right[0]
        return -sign if COMPARISONS["<"](a, b) else sign if COMPARISONS[">"](a, b) else 0

    items = [] if is_nothing(value) else listed(run, value)
    sortable = sorted(((key(item), item) for item in items if item is not UNDEFINED), key=cmp_to_key(compare))
    return [item for _, item in sortable] + [item for item in items if item is UNDEFINED]


def _sum(run: Run, value: Any, attribute: Any = UNDEFINED, start: Any = 0) -> Any:
    total: Any = 0
    for item in _mapped(run, value, attribute) if truthy(attribute) else array(value):
        run.allowance.tick()
        total = add(total, item)
        run.allowance.text(len(total) if isinstance(total, str) else 0)
    return add(0 if start is UNDEFINED else start, total)


LIST_FILTERS: dict[str, Method] = {
    "batch": _batch,
    "dictsort": _dict_sort,
    "first": _first,
    "groupby": _group_by,
    "join": _join,
    "last": _last,
    "length": _length,
    "list": _list,
    "random": _random,
    "reject": lambda run, value, *test: _selected(run, value, test, wanted=False),
    "rejectattr": lambda run, value, attribute=UNDEFINED: _by_attribute(run, value, attribute, wanted=False),
    "reverse": _reverse,
    "select": lambda run, value, *test: _selected(run, value, test, wanted=True),
    "selectattr": lambda run, value, attribute=UNDEFINED: _by_attribute(run, value, attribute, wanted=True),
    "slice": _slice,
    "sort": _sort,
    "sum": _sum,
}
"""The filters of lists, and of what is walked like one."""
