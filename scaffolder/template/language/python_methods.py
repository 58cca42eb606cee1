"""What lists and objects also have under `cookiecutterCompat`: methods of Python's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.template.expressions import UNDEFINED
from scaffolder.template.language.faults import Fault
from scaffolder.template.language.list_methods import index_of, push, splice
from scaffolder.template.language.operators import strictly_equal
from scaffolder.template.language.values import entries, object_keys, to_index, to_number, to_string

if TYPE_CHECKING:
    from scaffolder.template.language.calls import Method
    from scaffolder.template.language.frames import Run


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
    place = index_of(run, items, wanted)
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
    return splice(run, items, index, 0, item)


PYTHON_LISTS: dict[str, Method] = {
    "append": push,
    "count": lambda _run, items, wanted=UNDEFINED: sum(strictly_equal(item, wanted) for item in items),
    "find": index_of,
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
CHANGING = frozenset(
    {
        *(PYTHON_LISTS[name] for name in ("insert", "pop", "remove")),
        *(PYTHON_OBJECTS[name] for name in ("pop", "popitem", "setdefault", "update")),
    }
)
"""Methods that change the value they are called on."""
