"""The tests that stand behind `is`: the exact set of nunjucks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.template.expressions import UNDEFINED
from scaffolder.template.language.faults import Fault
from scaffolder.template.language.operators import COMPARISONS, remainder, strictly_equal
from scaffolder.template.language.regex import Regex
from scaffolder.template.language.values import Function, Safe, is_nothing, is_number, is_text, truthy

if TYPE_CHECKING:
    from collections.abc import Callable

    from scaffolder.template.language.frames import Run


def _cased(value: Any) -> str:
    if isinstance(value, str):
        return value
    msg = "this test wants a text"
    raise Fault(msg)


def _iterable(_run: Run, value: Any) -> bool:
    if is_nothing(value):
        msg = "nothing can be walked here: the value is not defined"
        raise Fault(msg)
    return isinstance(value, (str, list))


def _equal(_run: Run, value: Any, other: Any = UNDEFINED) -> bool:
    return strictly_equal(value, other)


def _ordered(operator: str) -> Callable[..., bool]:
    compare = COMPARISONS[operator]
    return lambda _run, value, other=UNDEFINED: compare(value, other)


TESTS: dict[str, Callable[..., bool]] = {
    "callable": lambda _run, value: isinstance(value, Function),
    "defined": lambda _run, value: value is not UNDEFINED,
    "divisibleby": lambda _run, value, by=UNDEFINED: remainder(value, by) == 0,
    "eq": _equal,
    "equalto": _equal,
    "escaped": lambda _run, value: isinstance(value, Safe),
    "even": lambda _run, value: remainder(value, 2) == 0,
    "falsy": lambda _run, value: not truthy(value),
    "ge": _ordered(">="),
    "greaterthan": _ordered(">"),
    "gt": _ordered(">"),
    "iterable": _iterable,
    "le": _ordered("<="),
    "lessthan": _ordered("<"),
    "lower": lambda _run, value: _cased(value).lower() == value and is_text(value),
    "lt": _ordered("<"),
    "mapping": lambda _run, value: isinstance(value, (dict, Safe, Regex)),
    "ne": lambda _run, value, other=UNDEFINED: not strictly_equal(value, other),
    "none": lambda _run, value: value is None,
    "null": lambda _run, value: value is None,
    "number": lambda _run, value: is_number(value),
    "odd": lambda _run, value: remainder(value, 2) == 1,
    "sameas": _equal,
    "string": lambda _run, value: is_text(value),
    "truthy": lambda _run, value: truthy(value),
    "undefined": lambda _run, value: value is UNDEFINED,
    "upper": lambda _run, value: _cased(value).upper() == value and is_text(value),
}
