"""How JavaScript prints numbers when it is told how: with so many digits, or in another base than ten."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any

from scaffolder.template.expressions import UNDEFINED
from scaffolder.template.language.faults import Fault
from scaffolder.template.language.values import to_index, to_string

if TYPE_CHECKING:
    from collections.abc import Callable

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
DECIMAL = 10
MOST_DIGITS = 100
LEAST_EXPONENT = -6
"""Below it `toPrecision` writes an exponent."""
LARGEST_FIXED = 1e21
EXACT = Context(prec=1_200, rounding=ROUND_HALF_UP)
"""Enough for all digits of any double."""


def fixed(value: float, digits: Any) -> str:
    """`value.toFixed(digits)`."""
    places = _within("toFixed", to_index(digits), 0)
    if not abs(value) < LARGEST_FIXED:
        return to_string(value)
    return _signed(value, lambda exact: f"{exact.quantize(Decimal(1).scaleb(-places), context=EXACT):f}")


def exponential(value: float, digits: Any) -> str:
    """`value.toExponential(digits)`: as many digits as tell the number from others, if none are asked for."""
    places = to_index(digits)
    if not math.isfinite(value):
        return to_string(value)
    if digits is UNDEFINED:
        shortest = Decimal(repr(value)).normalize(EXACT)
        return _signed(shortest, lambda exact: _scientific(exact, len(exact.as_tuple().digits) - 1))
    _within("toExponential", places, 0)
    return _signed(value, lambda exact: _scientific(exact, places))


def precise(value: float, digits: Any) -> str:
    """`value.toPrecision(digits)`."""
    if digits is UNDEFINED or not math.isfinite(value):
        return to_string(value)
    count = _within("toPrecision", to_index(digits), 1)
    return _signed(value, lambda exact: _significant(exact, count))


def _within(method: str, digits: int, least: int) -> int:
    if not least <= digits <= MOST_DIGITS:
        msg = f"{method} wants a number of digits between {least} and {MOST_DIGITS}"
        raise Fault(msg)
    return digits


def _signed(value: float | Decimal, printed: Callable[[Decimal], str]) -> str:
    return ("-" if value < 0 else "") + printed(Decimal(value).copy_abs())


def _significant(value: Decimal, count: int) -> str:
    rounded = _rounded(value, count)
    exponent = rounded.adjusted() if value else 0
    if LEAST_EXPONENT <= exponent < count:
        return f"{rounded.quantize(Decimal(1).scaleb(exponent + 1 - count), context=EXACT):f}"
    return _scientific(rounded, count - 1)


def _scientific(value: Decimal, places: int) -> str:
    rounded = _rounded(value, places + 1)
    digits = "".join(map(str, rounded.as_tuple().digits)).ljust(places + 1, "0")[: places + 1]
    exponent = rounded.adjusted() if value else 0
    return f"{digits[0]}{'.' if places else ''}{digits[1:]}e{exponent:+d}"


def _rounded(value: Decimal, count: int) -> Decimal:
    return Context(prec=count, rounding=ROUND_HALF_UP).plus(value)


def in_base(value: float, base: Any) -> str:
    """`value.toString(base)`."""
    radix = to_index(base, default=DECIMAL)
    if not 2 <= radix <= len(DIGITS):  # noqa: PLR2004 - the least base there is
        msg = "toString wants a base between 2 and 36"
        raise Fault(msg)
    if radix == DECIMAL or not math.isfinite(value):
        return to_string(value)
    whole, digits = _fraction(abs(float(value)), radix)
    return (
        ("-" if value < 0 else "") + _whole(whole, radix) + "." * bool(digits) + "".join(DIGITS[one] for one in digits)
    )


def _whole(value: float, radix: int) -> str:
    left, digits = int(value), ""
    while True:
        left, digit = divmod(left, radix)
        digits = DIGITS[digit] + digits
        if not left:
            return digits


def _fraction(value: float, radix: int) -> tuple[float, list[int]]:
    """Return the whole part, and as many digits of the rest as tell the number from its neighbours."""
    whole = float(math.floor(value))
    rest, error = value - whole, max((math.nextafter(value, math.inf) - value) / 2, math.ulp(0.0))
    digits: list[int] = []
    while rest >= error:
        rest, error = rest * radix, error * radix
        digits.append(int(rest))
        rest -= digits[-1]
        if (rest > 0.5 or (rest == 0.5 and digits[-1] % 2)) and rest + error > 1:  # noqa: PLR2004 - the half of one
            return whole + _carried(digits, radix), digits
    return whole, digits


def _carried(digits: list[int], radix: int) -> int:
    """Round the digits up; return what is carried over to the whole."""
    while digits and digits[-1] + 1 == radix:
        digits.pop()
    if digits:
        digits[-1] += 1
    return 0 if digits else 1


WAYS = {"toExponential": exponential, "toFixed": fixed, "toPrecision": precise, "toString": in_base}
"""The methods of numbers."""
