"""
The filters: the exact set of nunjucks, and Backstage's own.

They fail on the values on which the originals fail, and know no named arguments, which reach them as one object after
the others; only `sort` and `int` understand those.
"""

from __future__ import annotations

import re
from math import ceil, isfinite
from math import floor as whole_below
from typing import TYPE_CHECKING, Any

from scaffolder.template.expressions import UNDEFINED
from scaffolder.template.language import values
from scaffolder.template.language.given import named
from scaffolder.template.language.list_filters import LIST_FILTERS
from scaffolder.template.language.operators import multiply
from scaffolder.template.language.references import parse_entity_ref, parse_repo_url, pick, project_slug
from scaffolder.template.language.text_filters import TEXT_FILTERS
from scaffolder.template.language.values import NAN, SPACES, is_number, number, to_index, to_number, to_string, truthy

if TYPE_CHECKING:
    from scaffolder.template.language.calls import Method
    from scaffolder.template.language.frames import Run

DECIMAL = 10
HEXADECIMAL = 16
WIDEST_INDENT = 10
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LONGEST_NUMBER = 1_100
"""Digits beyond which a number is infinite, whatever its base."""
_LEADING_NUMBER = re.compile(r"[+-]?(?:Infinity|[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)")


def _default(_run: Run, value: Any, other: Any = UNDEFINED, falsy: Any = UNDEFINED) -> Any:
    if truthy(falsy):
        return value if truthy(value) else other
    return other if value is UNDEFINED else value


def _dump(_run: Run, value: Any, indent: Any = UNDEFINED) -> Any:
    if is_number(indent):
        return values.dump(value, " " * min(max(to_index(indent), 0), WIDEST_INDENT))
    return values.dump(value, indent[:WIDEST_INDENT] if isinstance(indent, str) else "")


def _float(_run: Run, value: Any, default: Any = UNDEFINED) -> Any:
    found = _LEADING_NUMBER.match(to_string(value).strip(SPACES))
    return number(float(found[0])) if found else default


def _int(_run: Run, *given: Any) -> Any:
    value, default, base = named(given, "value", "default", "base")
    radix = DECIMAL if base is UNDEFINED else to_index(base)
    text = to_string(value).strip(SPACES)
    sign, digits = (text[:1], text[1:]) if text[:1] in {"+", "-"} else ("", text)
    if radix in {0, HEXADECIMAL} and digits[:2].lower() == "0x":
        radix, digits = HEXADECIMAL, digits[2:]
    radix = radix or DECIMAL
    valid = DIGITS[:radix] if 1 < radix <= len(DIGITS) else ""
    end = next((place for place, digit in enumerate(digits) if digit.lower() not in valid), len(digits))
    return number(_whole(sign + digits[:end], radix)) if end and valid else default


def _whole(digits: str, radix: int) -> float:
    """Return a number that is written with any number of digits."""
    return float(digits) if radix == DECIMAL else int(digits[:LONGEST_NUMBER], radix)


def _round(_run: Run, value: Any, precision: Any = UNDEFINED, method: Any = UNDEFINED) -> Any:
    factor = 10.0 ** min(max(to_number(precision) if truthy(precision) else 0, -400), 300)
    scaled = multiply(value, factor)
    if not isfinite(scaled):
        return scaled
    rounded = ceil(scaled) if method == "ceil" else whole_below(scaled if method == "floor" else scaled + 0.5)
    return number(rounded / factor) if factor else NAN


FILTERS: dict[str, Method] = {
    **TEXT_FILTERS,
    **LIST_FILTERS,
    "abs": lambda _run, value=UNDEFINED: number(abs(to_number(value))),
    "d": _default,
    "default": _default,
    "dump": _dump,
    "float": _float,
    "int": _int,
    "parseEntityRef": parse_entity_ref,
    "parseRepoUrl": parse_repo_url,
    "pick": pick,
    "projectSlug": project_slug,
    "round": _round,
}
