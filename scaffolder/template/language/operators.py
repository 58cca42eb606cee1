"""JavaScript's operators, with its coercions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from scaffolder.template.language.faults import Fault
from scaffolder.template.language.regex import Regex
from scaffolder.template.language.values import (
    NAN,
    Function,
    Safe,
    is_nothing,
    is_number,
    number,
    to_number,
    to_string,
)

if TYPE_CHECKING:
    from collections.abc import Callable


PRINTED = (str, list, dict, Regex, Function)
"""What an operator between two values takes as a text."""


def add(left: object, right: object) -> Any:
    """Join texts (lists and objects print as texts), add everything else as numbers."""
    if isinstance(left, PRINTED) or isinstance(right, PRINTED):
        return to_string(left) + to_string(right)
    return number(to_number(left) + to_number(right))


def concatenate(left: object, right: object) -> Any:
    """Do what `left ~ right` means: `left + "" + right`."""
    return add(add(left, ""), right)


def subtract(left: object, right: object) -> Any:
    """`left - right`."""
    return number(to_number(left) - to_number(right))


def multiply(left: object, right: object) -> Any:
    """`left * right`."""
    return number(to_number(left) * to_number(right))


def divide(left: object, right: object) -> Any:
    """`left / right`; by zero is infinite, or NaN."""
    dividend, divisor = to_number(left), to_number(right)
    if divisor != 0:
        return number(dividend / divisor)
    return NAN if dividend == 0 or math.isnan(dividend) else math.copysign(math.inf, dividend)


def remainder(left: object, right: object) -> Any:
    """`left % right`: the sign is the left one's."""
    dividend, divisor = to_number(left), to_number(right)
    if divisor == 0 or not math.isfinite(dividend):
        return NAN
    return number(math.fmod(dividend, divisor))


def power(left: object, right: object) -> Any:
    """`Math.pow(left, right)`."""
    base, exponent = float(to_number(left)), float(to_number(right))
    if math.isnan(exponent) or (abs(base) == 1 and math.isinf(exponent)):
        return NAN
    try:
        return number(math.pow(base, exponent))
    except OverflowError:
        return math.inf
    except ValueError:
        return math.inf if base == 0 else NAN


def negate(value: object) -> Any:
    """`-value`."""
    return number(-to_number(value))


def positive(value: object) -> Any:
    """`+value`."""
    return to_number(value)


def floor(value: object) -> Any:
    """`Math.floor(value)`."""
    double = to_number(value)
    return number(math.floor(double)) if math.isfinite(double) else double


def strictly_equal(left: object, right: object) -> bool:
    """`left === right`: lists and objects are equal only to themselves."""
    if is_number(left) and is_number(right):
        return left == right
    if type(left) is str and type(right) is str:
        return left == right
    return left is right


def equal(left: object, right: object) -> bool:
    """`left == right`."""
    if is_nothing(left) or is_nothing(right):
        return is_nothing(left) and is_nothing(right)
    compound = [isinstance(side, OBJECTS) for side in (left, right)]
    if all(compound):
        return left is right
    if any(compound):
        left, right = (
            to_string(side) if is_compound else side for side, is_compound in zip((left, right), compound, strict=True)
        )
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return to_number(left) == to_number(right)


OBJECTS = (list, dict, Safe, Regex, Function)
"""What is equal only to itself."""


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[object, object], bool]:
    def operator(left: object, right: object) -> bool:
        if isinstance(left, PRINTED) and isinstance(right, PRINTED):
            return compare(to_string(left), to_string(right))
        return compare(to_number(left), to_number(right))

    return operator


def contains(element: object, container: object) -> bool:
    """`element in container`: a substring, an element, or a key."""
    match container:
        case Safe():
            return False
        case str():
            return to_string(element) in container
        case list():
            return any(strictly_equal(element, item) for item in container)
        case dict():
            return to_string(element) in container
    msg = f'cannot use "in" to search for {to_string(element)!r} in {to_string(container)}'
    raise Fault(msg)


BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": add,
    "~": concatenate,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": remainder,
    "**": power,
}
UNARY: dict[str, Callable[[Any], Any]] = {"-": negate, "+": positive, "floor": floor}
EQUALITIES = frozenset({"==", "!=", "===", "!=="})
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "===": strictly_equal,
    "!==": lambda left, right: not strictly_equal(left, right),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
}
