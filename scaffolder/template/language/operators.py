"""JavaScript's operators, with its coercions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from scaffolder.template.language.failures import OperandError
from scaffolder.template.language.values import (
    NAN,
    is_missing,
    is_number,
    number,
    to_number,
    to_string,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def add(left: object, right: object) -> Any:
    """Join texts (lists and objects print as texts), add everything else as numbers."""
    if any(isinstance(side, (str, list, dict, tuple)) for side in (left, right)):
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


def floor_divide(left: object, right: object) -> Any:
    """`Math.floor(left / right)`."""
    quotient = divide(left, right)
    return number(math.floor(quotient)) if math.isfinite(quotient) else quotient


def remainder(left: object, right: object) -> Any:
    """`left % right`: the sign is the left one's."""
    dividend, divisor = to_number(left), to_number(right)
    if divisor == 0 or not math.isfinite(dividend):
        return NAN
    return number(math.fmod(dividend, divisor))


def power(left: object, right: object) -> Any:
    """`Math.pow(left, right)`."""
    base, exponent = float(to_number(left)), float(to_number(right))
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


def strictly_equal(left: object, right: object) -> bool:
    """`left === right`: lists and objects are equal only to themselves."""
    if is_missing(left) or is_missing(right):
        return is_missing(left) and is_missing(right)
    if is_number(left) and is_number(right):
        return left == right
    if isinstance(left, (list, dict)) or isinstance(right, (list, dict)):
        return left is right
    return type(left) is type(right) and left == right


def equal(left: object, right: object) -> bool:
    """`left == right`."""
    nothing = [side is None or is_missing(side) for side in (left, right)]
    if any(nothing):
        return all(nothing)
    compound = [isinstance(side, (list, dict)) for side in (left, right)]
    if all(compound):
        return left is right
    if any(compound):
        left, right = (
            to_string(side) if is_compound else side for side, is_compound in zip((left, right), compound, strict=True)
        )
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return to_number(left) == to_number(right)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[object, object], bool]:
    def operator(left: object, right: object) -> bool:
        texts = [to_string(side) if isinstance(side, (str, list, dict)) else None for side in (left, right)]
        if None not in texts:
            return compare(*texts)
        return compare(to_number(left), to_number(right))

    return operator


def contains(element: object, container: object) -> bool:
    """`element in container`: a substring, an element, or a key."""
    match container:
        case str():
            return to_string(element) in container
        case list():
            return any(strictly_equal(element, item) for item in container)
        case dict():
            return to_string(element) in container
    msg = f'cannot use "in" to search for {to_string(element)!r} in {to_string(container)}'
    raise OperandError(msg)


BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "//": floor_divide,
    "%": remainder,
    "**": power,
}
UNARY: dict[str, Callable[[Any], Any]] = {"-": negate, "+": positive}
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "===": strictly_equal,
    "!==": lambda left, right: not strictly_equal(left, right),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "contained in": contains,
    "not contained in": lambda element, container: not contains(element, container),
}
