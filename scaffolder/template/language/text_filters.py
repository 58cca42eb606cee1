"""The filters that make texts: the exact set of nunjucks."""

from __future__ import annotations

import re
from math import ceil, inf, isfinite
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from scaffolder.template.expressions import UNDEFINED
from scaffolder.template.language.given import as_safe_as, defined, listed, refuse, text_of
from scaffolder.template.language.methods import member
from scaffolder.template.language.operators import remainder
from scaffolder.template.language.regex import Regex
from scaffolder.template.language.text_methods import substituted
from scaffolder.template.language.values import (
    SPACES,
    Safe,
    entries,
    has_pairs,
    is_nothing,
    is_number,
    is_text,
    joined,
    to_index,
    to_number,
    to_string,
    to_text,
    truthy,
    units,
)

if TYPE_CHECKING:
    from scaffolder.template.language.calls import Method
    from scaffolder.template.language.frames import Run

UNRESERVED = "-_.!~*'()"
_TAG = re.compile(r"</?[a-z][a-z0-9]*\b|<!--", re.IGNORECASE | re.ASCII)
_LINE_END = re.compile(r"([\n\r\u2028\u2029])")
_WORD = re.compile(r"[A-Za-z0-9_]+")
_BLANKS = re.compile(f"[{SPACES}]+")
_PUNCTUATED = re.compile(r"(?:\(|<|&lt;)?(.*?)(?:\.|,|\)|\n|&gt;)?", re.DOTALL)
_MAIL = re.compile(r"[\w.!#$%&'*+\-/=?^`{|}~]+@[a-z\d-]+(\.[a-z\d-]+)+", re.IGNORECASE | re.ASCII)
_DOMAIN = re.compile(r"\.(?:org|net|com)(?::|/|\Z)")
_ESCAPES = {"&": "&amp;", '"': "&quot;", "'": "&#39;", "<": "&lt;", ">": "&gt;", "\\": "&#92;"}
_ESCAPED = re.compile(r"[&\"'<>\\]")


def _capitalized(text: str) -> str:
    lower = text.lower()
    return lower if has_pairs(lower[:1]) else lower[:1].upper() + lower[1:]


def _capitalize(_run: Run, value: Any) -> str:
    return as_safe_as(value, _capitalized(text_of(value)))


def _title(_run: Run, value: Any) -> str:
    return as_safe_as(value, " ".join(_capitalized(word) for word in text_of(value).split(" ")))


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
    return as_safe_as(value, _spaces(run, before) + (_printed(value)) + _spaces(run, space / 2))


def _printed(value: Any) -> str:
    return "" if value is False else to_text(value)


def _force_escape(run: Run, value: Any) -> Safe:
    text = to_text(value)
    run.allowance.text(len(text) * 6)
    return Safe(_ESCAPED.sub(lambda found: _ESCAPES[found[0]], text))


def _escape(run: Run, value: Any) -> Safe:
    return value if isinstance(value, Safe) else _force_escape(run, value)


def _indent(run: Run, value: Any, width: Any = UNDEFINED, first: Any = UNDEFINED) -> str:
    lines = text_of(value).split("\n")
    count = to_number(width) if truthy(width) else 4
    run.allowance.text(len(lines) * max(count, 0) if isfinite(count) else count)
    margin = _spaces(run, count)
    indented = [margin + line if index or truthy(first) else line for index, line in enumerate(lines)]
    run.allowance.text(sum(map(len, indented)))
    return as_safe_as(value, "\n".join(indented)) if text_of(value) else ""


def _break_lines(run: Run, value: Any) -> str:
    if is_nothing(value):
        return ""
    text = value if isinstance(value, str) else refuse(value, "a text")
    run.allowance.text(len(text) + 6 * text.count("\n"))
    return as_safe_as(value, text.replace("\r\n", "\n").replace("\n", "<br />\n"))


def _replace(run: Run, value: Any, old: Any = UNDEFINED, new: Any = UNDEFINED, most: Any = UNDEFINED) -> Any:
    if isinstance(old, Regex):
        return joined(substituted(run, units(value if isinstance(value, str) else refuse(value, "a text")), old, new))
    if not (is_number(old) or is_text(old)) or not (is_number(value) or isinstance(value, str)):
        return value
    text, wanted, replacement = to_string(value), to_string(old), to_string(new)
    if not wanted:
        return as_safe_as(value, _spread(run, units(text), replacement))
    limit = -1 if most is UNDEFINED else to_number(most)
    if not limit or limit != limit or wanted not in text:  # noqa: PLR0124 - NaN is not itself
        return value if isinstance(value, str) else text
    run.allowance.text(len(text) + text.count(wanted) * len(replacement))
    count = -1 if limit in {-1, inf} else max(ceil(limit), 0)
    return as_safe_as(value, text.replace(wanted, replacement, count))


def _spread(run: Run, text: str, between: str) -> str:
    run.allowance.text(len(text) + (len(text) + 1) * len(between))
    return joined(between + between.join(text) + between)


def _strip_tags(_run: Run, value: Any, keep_lines: Any = UNDEFINED) -> str:
    text = _without_tags(text_of(value)).strip(SPACES)
    if not truthy(keep_lines):
        return as_safe_as(value, _BLANKS.sub(" ", text))
    text = "".join(part.strip(" ") for part in _LINE_END.split(text))
    text = re.sub(" +", " ", text).replace("\r\n", "\n")
    return as_safe_as(value, re.sub(r"\n\n\n+", "\n\n", text))


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


def _trim(_run: Run, value: Any) -> str:
    return as_safe_as(value, value.strip(SPACES) if isinstance(value, str) else refuse(value, "a text"))


def _truncate(_run: Run, value: Any, length: Any = UNDEFINED, kill: Any = UNDEFINED, end: Any = UNDEFINED) -> Any:
    size = to_number(length) if truthy(length) else 255
    if isinstance(value, list) and len(value) <= size:
        return value
    text = units(text_of(value))
    if len(text) <= size:
        return text_of(value)
    most = max(to_index(size), 0)
    cut = -1 if truthy(kill) else text.rfind(" ", 0, most + 1 if size == size else len(text))  # noqa: PLR0124 - NaN
    short = text[: most if cut < 0 else cut]
    return as_safe_as(value, joined(short) + ("..." if is_nothing(end) else to_string(end)))


def _url_encode(run: Run, value: Any) -> str:
    if isinstance(value, str):
        return quote(value, safe=UNRESERVED)
    pairs = list(entries(value)) if isinstance(value, dict) else value if isinstance(value, list) else []
    return "&".join(f"{_encoded(run, pair, 0)}={_encoded(run, pair, 1)}" for pair in pairs)


def _encoded(run: Run, pair: Any, place: int) -> str:
    parts = [*listed(run, list(pair) if isinstance(pair, tuple) else pair), UNDEFINED, UNDEFINED]
    return quote(to_string(parts[place]), safe=UNRESERVED)


def _urlize(run: Run, value: Any, length: Any = UNDEFINED, no_follow: Any = UNDEFINED) -> str:
    text = value if isinstance(value, str) else refuse(value, "a text")
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


def _string(_run: Run, value: Any) -> str:
    return value if isinstance(value, Safe) else to_string(defined(value))


TEXT_FILTERS: dict[str, Method] = {
    "capitalize": _capitalize,
    "center": _center,
    "e": _escape,
    "escape": _escape,
    "forceescape": _force_escape,
    "indent": _indent,
    "lower": lambda _run, value: text_of(value).lower(),
    "nl2br": _break_lines,
    "replace": _replace,
    "safe": lambda _run, value: value if isinstance(value, Safe) else Safe(to_text(value)),
    "string": _string,
    "striptags": _strip_tags,
    "title": _title,
    "trim": _trim,
    "truncate": _truncate,
    "upper": lambda _run, value: text_of(value).upper(),
    "urlencode": _url_encode,
    "urlize": _urlize,
    "wordcount": lambda _run, value: (len(_WORD.findall(text_of(value))) or None) if truthy(value) else None,
}
"""The filters that make texts."""
