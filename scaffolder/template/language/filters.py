"""
The filters: the exact set of nunjucks, and Backstage's own.

They fail on the values on which the originals fail, and know no named arguments, which reach them as one object after
the others; only `sort` and `int` understand those.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cmp_to_key
from math import ceil, inf, isfinite
from math import floor as whole_below
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

from scaffolder.template.expressions import UNDEFINED
from scaffolder.template.language import values
from scaffolder.template.language.calls import applied
from scaffolder.template.language.faults import Fault
from scaffolder.template.language.list_methods import join
from scaffolder.template.language.methods import element, member
from scaffolder.template.language.operators import COMPARISONS, add, multiply, remainder, strictly_equal
from scaffolder.template.language.references import parse_entity_ref, parse_repo_url, pick, project_slug
from scaffolder.template.language.regex import Regex
from scaffolder.template.language.tests import TESTS
from scaffolder.template.language.text_methods import substituted
from scaffolder.template.language.values import (
    NAN,
    SPACES,
    Keywords,
    Safe,
    entries,
    has_pairs,
    is_index,
    is_nothing,
    is_number,
    is_text,
    joined,
    number,
    to_index,
    to_number,
    to_string,
    to_text,
    truthy,
    units,
    utf16_length,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.template.language.frames import Run

Filter = Callable[..., Any]
DECIMAL = 10
HEXADECIMAL = 16
WIDEST_INDENT = 10
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LONGEST_NUMBER = 1_100
"""Digits beyond which a number is infinite, whatever its base."""
UNRESERVED = "-_.!~*'()"
_LEADING_NUMBER = re.compile(r"[+-]?(?:Infinity|[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)")
_TAG = re.compile(r"</?[a-z][a-z0-9]*\b|<!--", re.IGNORECASE | re.ASCII)
_LINE_END = re.compile(r"([\n\r\u2028\u2029])")
_WORD = re.compile(r"[A-Za-z0-9_]+")
_BLANKS = re.compile(f"[{SPACES}]+")
_PUNCTUATED = re.compile(r"(?:\(|<|&lt;)?(.*?)(?:\.|,|\)|\n|&gt;)?", re.DOTALL)
_MAIL = re.compile(r"[\w.!#$%&'*+\-/=?^`{|}~]+@[a-z\d-]+(\.[a-z\d-]+)+", re.IGNORECASE | re.ASCII)
_DOMAIN = re.compile(r"\.(?:org|net|com)(?::|/|\Z)")
_ESCAPES = {"&": "&amp;", '"': "&quot;", "'": "&#39;", "<": "&lt;", ">": "&gt;", "\\": "&#92;"}
_ESCAPED = re.compile(r"[&\"'<>\\]")


def _refuse(value: Any, wanted: str) -> NoReturn:
    msg = f"this filter wants {wanted}, not {to_string(value)[:60]!r}"
    raise Fault(msg)


def _text(value: Any) -> str:
    """Return a filter's input as text: nothing and false are ''."""
    if value is None or value is UNDEFINED or value is False:
        return ""
    return value if isinstance(value, str) else _refuse(value, "a text")


def _as_safe_as(value: Any, text: str) -> str:
    return Safe(text) if isinstance(value, Safe) else text


def _defined(value: Any) -> Any:
    return _refuse(value, "a value") if is_nothing(value) else value


def _listed(run: Run, value: Any) -> list[Any]:
    """Return what has a length as a list of its elements; what has none is an empty list, and nothing is refused."""
    if isinstance(_defined(value), list):
        return list(value)
    if isinstance(value, dict) and "length" in value:
        count = max(to_index(value["length"]), 0)
        run.allowance.items(count)
        return [_counted(element(value, place, run), run) for place in range(count)]
    return list(units(value)) if isinstance(value, str) else []


def _counted(item: Any, run: Run) -> Any:
    run.allowance.tick()
    return item


def _array(value: Any) -> list[Any]:
    return value if isinstance(value, list) else _refuse(value, "a list")


def _mapped(run: Run, value: Any, attribute: Any) -> list[Any]:
    """Return an attribute of each element."""
    items = [] if is_nothing(value) else _listed(run, value)
    return [member(_defined(item), attribute, run) for item in items]


def _attribute(run: Run, item: Any, path: Any) -> Any:
    """Return what a dotted path leads to, members of their own only."""
    for part in to_string(path).split(".") if truthy(path) else ():
        if isinstance(_defined(item), dict):
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
    for index, item in enumerate(_listed(run, value)):
        if not rows or remainder(index, size) == 0:
            rows.append([])
        rows[-1].append(item)
    lacking = to_index(size) - len(rows[-1]) if rows else 0
    if truthy(fill) and lacking > 0:
        run.allowance.items(lacking)
        rows[-1] += [fill] * lacking
    return rows


def _capitalized(text: str) -> str:
    lower = text.lower()
    return lower if has_pairs(lower[:1]) else lower[:1].upper() + lower[1:]


def _capitalize(_run: Run, value: Any) -> str:
    return _as_safe_as(value, _capitalized(_text(value)))


def _spaces(run: Run, count: float) -> str:
    run.allowance.text(count)
    return " " * max(ceil(count), 0) if isfinite(count) else ""


def _center(run: Run, value: Any, width: Any = UNDEFINED) -> Any:
    wanted = to_number(width) if truthy(width) else 80
    length = to_number(member("" if is_nothing(value) or value is False else value, "length", run))
    if length >= wanted:
        return value
    space = wanted - length
    before = space / 2 - remainder(space, 2)
    return _as_safe_as(value, _spaces(run, before) + (_printed(value)) + _spaces(run, space / 2))


def _printed(value: Any) -> str:
    return "" if value is False else to_text(value)


def _default(_run: Run, value: Any, other: Any = UNDEFINED, falsy: Any = UNDEFINED) -> Any:
    if truthy(falsy):
        return value if truthy(value) else other
    return other if value is UNDEFINED else value


def _dict_sort(_run: Run, value: Any, case_sensitive: Any = UNDEFINED, by: Any = UNDEFINED) -> list[Any]:
    if not isinstance(value, dict):
        _refuse(value, "an object")
    if by is not UNDEFINED and by not in {"key", "value"}:
        _refuse(by, "to sort by key or by value")
    place = 1 if by == "value" else 0

    def compare(left: list[Any], right: list[Any]) -> int:
        a, b = left[place], right[place]
        if not truthy(case_sensitive):
            a, b = (side.upper() if isinstance(side, str) else side for side in (a, b))
        return 1 if COMPARISONS[">"](a, b) else 0 if strictly_equal(a, b) else -1

    return sorted(map(list, entries(value)), key=cmp_to_key(compare))


def _dump(_run: Run, value: Any, indent: Any = UNDEFINED) -> Any:
    if is_number(indent):
        return values.dump(value, " " * min(max(to_index(indent), 0), WIDEST_INDENT))
    return values.dump(value, indent[:WIDEST_INDENT] if isinstance(indent, str) else "")


def _force_escape(run: Run, value: Any) -> Safe:
    text = to_text(value)
    run.allowance.text(len(text) * 6)
    return Safe(_ESCAPED.sub(lambda found: _ESCAPES[found[0]], text))


def _escape(run: Run, value: Any) -> Safe:
    return value if isinstance(value, Safe) else _force_escape(run, value)


def _first(run: Run, value: Any) -> Any:
    return element(_defined(value), 0, run)


def _last(run: Run, value: Any) -> Any:
    length = member(_defined(value), "length", run)
    return UNDEFINED if length is UNDEFINED else member(value, add(length, -1), run)


def _float(_run: Run, value: Any, default: Any = UNDEFINED) -> Any:
    found = _LEADING_NUMBER.match(to_string(value).strip(SPACES))
    return number(float(found[0])) if found else default


def _int(_run: Run, *given: Any) -> Any:
    value, default, base = _named(given, "value", "default", "base")
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


def _named(given: Sequence[Any], *names: str) -> list[Any]:
    """Return the values of parameters that may be given by name."""
    plain = list(given)
    named = plain.pop() if plain and isinstance(plain[-1], Keywords) else {}
    plain = plain[: len(names)]
    return plain + [named.get(name, UNDEFINED) for name in names[len(plain) :]]


def _group_by(run: Run, value: Any, attribute: Any = UNDEFINED) -> dict[str, Any]:
    groups: dict[str, Any] = {}
    for item in _listed(run, value):
        groups.setdefault(to_string(_attribute(run, item, attribute)), []).append(item)
    return groups


def _indent(run: Run, value: Any, width: Any = UNDEFINED, first: Any = UNDEFINED) -> str:
    lines = _text(value).split("\n")
    count = to_number(width) if truthy(width) else 4
    run.allowance.text(len(lines) * max(count, 0) if isfinite(count) else count)
    margin = _spaces(run, count)
    indented = [margin + line if index or truthy(first) else line for index, line in enumerate(lines)]
    run.allowance.text(sum(map(len, indented)))
    return _as_safe_as(value, "\n".join(indented)) if _text(value) else ""


def _join(run: Run, value: Any, separator: Any = UNDEFINED, attribute: Any = UNDEFINED) -> str:
    items = _mapped(run, value, attribute) if truthy(attribute) else _array(value)
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
    return _array(value)


def _break_lines(run: Run, value: Any) -> str:
    if is_nothing(value):
        return ""
    text = value if isinstance(value, str) else _refuse(value, "a text")
    run.allowance.text(len(text) + 6 * text.count("\n"))
    return _as_safe_as(value, text.replace("\r\n", "\n").replace("\n", "<br />\n"))


def _random(run: Run, value: Any) -> Any:
    items = _listed(run, value)
    return element(items, random.randrange(len(items)), run) if items else UNDEFINED  # noqa: S311 - it keeps no secret


def _selected(run: Run, value: Any, arguments: Sequence[Any], *, wanted: bool) -> list[Any]:
    name, *others = arguments or [UNDEFINED]
    name = "truthy" if name is UNDEFINED else name
    if to_string(name) not in TESTS:
        _refuse(name, "the name of a test")
    test = TESTS[to_string(name)]
    return [item for item in _listed(run, value) if bool(applied(test, run, item, others[:1])) is wanted]


def _by_attribute(run: Run, value: Any, attribute: Any, *, wanted: bool) -> list[Any]:
    return [item for item in _array(value) if truthy(member(_defined(item), attribute, run)) is wanted]


def _replace(run: Run, value: Any, old: Any = UNDEFINED, new: Any = UNDEFINED, most: Any = UNDEFINED) -> Any:
    if isinstance(old, Regex):
        return joined(substituted(run, units(value if isinstance(value, str) else _refuse(value, "a text")), old, new))
    if not (is_number(old) or is_text(old)) or not (is_number(value) or isinstance(value, str)):
        return value
    text, wanted, replacement = to_string(value), to_string(old), to_string(new)
    if not wanted:
        return _as_safe_as(value, _spread(run, units(text), replacement))
    limit = -1 if most is UNDEFINED else to_number(most)
    if not limit or limit != limit or wanted not in text:  # noqa: PLR0124 - NaN is not itself
        return value if isinstance(value, str) else text
    run.allowance.text(len(text) + text.count(wanted) * len(replacement))
    count = -1 if limit in {-1, inf} else max(ceil(limit), 0)
    return _as_safe_as(value, text.replace(wanted, replacement, count))


def _spread(run: Run, text: str, between: str) -> str:
    run.allowance.text(len(text) + (len(text) + 1) * len(between))
    return joined(between + between.join(text) + between)


def _reverse(run: Run, value: Any) -> Any:
    if isinstance(value, str):
        return _as_safe_as(value, joined(units(value)[::-1]))
    return [] if is_nothing(value) else _listed(run, value)[::-1]


def _round(_run: Run, value: Any, precision: Any = UNDEFINED, method: Any = UNDEFINED) -> Any:
    factor = 10.0 ** min(max(to_number(precision) if truthy(precision) else 0, -400), 300)
    scaled = multiply(value, factor)
    if not isfinite(scaled):
        return scaled
    rounded = ceil(scaled) if method == "ceil" else whole_below(scaled if method == "floor" else scaled + 0.5)
    return number(rounded / factor) if factor else NAN


def _slice(run: Run, value: Any, count: Any = UNDEFINED, fill: Any = UNDEFINED) -> list[Any]:
    items: Any = units(value) if isinstance(value, str) else _array(_defined(value))
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
            row = [*_array(row), fill]
        rows.append(row)
    return rows


def _sort(run: Run, *given: Any) -> list[Any]:
    value, reverse, case_sensitive, attribute = _named(given, "value", "reverse", "case_sensitive", "attribute")
    sign = -1 if truthy(reverse) else 1

    def key(item: Any) -> Any:
        found = _attribute(run, item, attribute)
        return found.lower() if isinstance(found, str) and not truthy(case_sensitive) else found

    def compare(left: Any, right: Any) -> int:
        run.allowance.tick()
        a, b = left[0], right[0]
        return -sign if COMPARISONS["<"](a, b) else sign if COMPARISONS[">"](a, b) else 0

    items = [] if is_nothing(value) else _listed(run, value)
    sortable = sorted(((key(item), item) for item in items if item is not UNDEFINED), key=cmp_to_key(compare))
    return [item for _, item in sortable] + [item for item in items if item is UNDEFINED]


def _string(_run: Run, value: Any) -> str:
    return value if isinstance(value, Safe) else to_string(_defined(value))


def _strip_tags(_run: Run, value: Any, keep_lines: Any = UNDEFINED) -> str:
    text = _without_tags(_text(value)).strip(SPACES)
    if not truthy(keep_lines):
        return _as_safe_as(value, _BLANKS.sub(" ", text))
    text = "".join(part.strip(" ") for part in _LINE_END.split(text))
    text = re.sub(" +", " ", text).replace("\r\n", "\n")
    return _as_safe_as(value, re.sub(r"\n\n\n+", "\n\n", text))


def _without_tags(text: str) -> str:
    """Cut tags and comments out; a beginning without an end is text, and so is every later one of its kind."""
    parts, place, endless = [], 0, set[str]()
    for found in _TAG.finditer(text):
        mark = "-->" if found[0] == "<!--" else ">"
        if found.start() < place or mark in endless:
            continue
        end = text.find(mark, found.end())
        if end < 0:
            endless.add(mark)
            continue
        parts.append(text[place : found.start()])
        place = end + len(mark)
    return "".join([*parts, text[place:]])


def _sum(run: Run, value: Any, attribute: Any = UNDEFINED, start: Any = 0) -> Any:
    total: Any = 0
    for item in _mapped(run, value, attribute) if truthy(attribute) else _array(value):
        run.allowance.tick()
        total = add(total, item)
        run.allowance.text(len(total) if isinstance(total, str) else 0)
    return add(0 if start is UNDEFINED else start, total)


def _title(_run: Run, value: Any) -> str:
    return _as_safe_as(value, " ".join(_capitalized(word) for word in _text(value).split(" ")))


def _trim(_run: Run, value: Any) -> str:
    return _as_safe_as(value, value.strip(SPACES) if isinstance(value, str) else _refuse(value, "a text"))


def _truncate(_run: Run, value: Any, length: Any = UNDEFINED, kill: Any = UNDEFINED, end: Any = UNDEFINED) -> Any:
    size = to_number(length) if truthy(length) else 255
    if isinstance(value, list) and len(value) <= size:
        return value
    text = units(_text(value))
    if len(text) <= size:
        return _text(value)
    most = max(to_index(size), 0)
    cut = -1 if truthy(kill) else text.rfind(" ", 0, most + 1 if size == size else len(text))  # noqa: PLR0124 - NaN
    short = text[: most if cut < 0 else cut]
    return _as_safe_as(value, joined(short) + ("..." if is_nothing(end) else to_string(end)))


def _url_encode(run: Run, value: Any) -> str:
    if isinstance(value, str):
        return quote(value, safe=UNRESERVED)
    pairs = list(entries(value)) if isinstance(value, dict) else value if isinstance(value, list) else []
    return "&".join(f"{_encoded(run, pair, 0)}={_encoded(run, pair, 1)}" for pair in pairs)


def _encoded(run: Run, pair: Any, place: int) -> str:
    parts = [*_listed(run, list(pair) if isinstance(pair, tuple) else pair), UNDEFINED, UNDEFINED]
    return quote(to_string(parts[place]), safe=UNRESERVED)


def _urlize(run: Run, value: Any, length: Any = UNDEFINED, no_follow: Any = UNDEFINED) -> str:
    text = value if isinstance(value, str) else _refuse(value, "a text")
    relation = ' rel="nofollow"' if no_follow is True else ""
    most = len(text) if length is UNDEFINED else max(to_index(length), 0)
    words = [word for word in re.split(f"([{SPACES}]+)", text) if word]
    run.allowance.text(3 * len(text) + 40 * len(words))
    return "".join(_linked(word, most, relation) for word in words)


def _linked(word: str, most: int, relation: str) -> str:
    found = _PUNCTUATED.fullmatch(word)
    link = found[1] if found else word
    if link.startswith(("http://", "https://")):
        return f'<a href="{link}"{relation}>{link[:most]}</a>'
    if link.startswith("www."):
        return f'<a href="http://{link}"{relation}>{link[:most]}</a>'
    if _MAIL.fullmatch(link):
        return f'<a href="mailto:{link}">{link}</a>'
    if _DOMAIN.search(link):
        return f'<a href="http://{link}"{relation}>{link[:most]}</a>'
    return word


FILTERS: dict[str, Filter] = {
    "abs": lambda _run, value=UNDEFINED: number(abs(to_number(value))),
    "batch": _batch,
    "capitalize": _capitalize,
    "center": _center,
    "d": _default,
    "default": _default,
    "dictsort": _dict_sort,
    "dump": _dump,
    "e": _escape,
    "escape": _escape,
    "first": _first,
    "float": _float,
    "forceescape": _force_escape,
    "groupby": _group_by,
    "indent": _indent,
    "int": _int,
    "join": _join,
    "last": _last,
    "length": _length,
    "list": _list,
    "lower": lambda _run, value: _text(value).lower(),
    "nl2br": _break_lines,
    "parseEntityRef": parse_entity_ref,
    "parseRepoUrl": parse_repo_url,
    "pick": pick,
    "projectSlug": project_slug,
    "random": _random,
    "reject": lambda run, value, *test: _selected(run, value, test, wanted=False),
    "rejectattr": lambda run, value, attribute=UNDEFINED: _by_attribute(run, value, attribute, wanted=False),
    "replace": _replace,
    "reverse": _reverse,
    "round": _round,
    "safe": lambda _run, value: value if isinstance(value, Safe) else Safe(to_text(value)),
    "select": lambda run, value, *test: _selected(run, value, test, wanted=True),
    "selectattr": lambda run, value, attribute=UNDEFINED: _by_attribute(run, value, attribute, wanted=True),
    "slice": _slice,
    "sort": _sort,
    "string": _string,
    "striptags": _strip_tags,
    "sum": _sum,
    "title": _title,
    "trim": _trim,
    "truncate": _truncate,
    "upper": lambda _run, value: _text(value).upper(),
    "urlencode": _url_encode,
    "urlize": _urlize,
    "wordcount": lambda _run, value: (len(_WORD.findall(_text(value))) or None) if truthy(value) else None,
}
