"""The filters and tests of nunjucks, and Backstage's own."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

from scaffolder.template.language import methods, values
from scaffolder.template.language.failures import FilterError
from scaffolder.template.language.operators import COMPARISONS, concatenate, strictly_equal
from scaffolder.template.language.values import (
    NAN,
    List,
    Missing,
    Object,
    is_missing,
    is_number,
    object_keys,
    to_index,
    to_number,
    to_string,
    to_text,
)

if TYPE_CHECKING:
    from scaffolder.template.language.bounds import Budget

Filter = Callable[..., Any]
_UNDEFINED = Missing()
DECIMAL = 10
_LEADING_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*(e[+-]?\d+)?|\.\d+)", re.IGNORECASE)
_LEADING_INTEGER = re.compile(r"\s*[+-]?\d+")
_TAG = re.compile(r"</?([a-z][a-z0-9]*)\b[^>]*>|<!--[\s\S]*?-->", re.IGNORECASE)
_PATH_PART = re.compile(r"[^.[\]]+")
_ENTITY_REF = re.compile(r"(?:([^:/]+):)?(?:([^:/]+)/)?(.+)")
_REPOSITORY_PARTS = {"bitbucket.org": ("workspace", "project", "repo"), "dev.azure.com": ("project", "repo")}


def _text(value: object, name: str) -> str:
    """Return a filter's input as text: nothing is '', and anything else is refused as it is by the original."""
    if value is None or is_missing(value) or value is False:
        return ""
    if isinstance(value, str):
        return value
    msg = f"the filter {name!r} wants a text, not {to_string(value)!r}"
    raise FilterError(msg)


def _items(value: object, name: str) -> list[Any]:
    if value is None or is_missing(value):
        return []
    if isinstance(value, (list, tuple, str)):
        return list(value)
    msg = f"the filter {name!r} wants a list, not {to_string(value)!r}"
    raise FilterError(msg)


def _member(value: object, path: object, budget: Budget) -> Any:
    parts = path if isinstance(path, list) else _PATH_PART.findall(to_string(path))
    for part in parts:
        value = methods.member(value, part, budget)
    return value


def _default(value: object, other: object = _UNDEFINED, falsy: object = None) -> Any:
    if falsy:
        return value or other
    return other if is_missing(value) else value


def _length(value: object) -> Any:
    match value:
        case str():
            return values.utf16_length(value)
        case list() | tuple() | dict():
            return len(value)
        case _:
            return 0 if value is None or is_missing(value) else _UNDEFINED


def _dump(budget: Budget, value: object, indent: object = 0) -> Any:
    if is_missing(value):
        return _UNDEFINED
    text = values.dump(value, min(to_index(indent), 10))
    budget.text(len(text))
    return text


def _join(budget: Budget, value: object, separator: object = "", attribute: object = _UNDEFINED) -> str:
    if is_missing(value) or value is None:
        msg = "the filter 'join' wants a list"
        raise FilterError(msg)
    found = [item if is_missing(attribute) else _member(item, attribute, budget) for item in _items(value, "join")]
    return str(methods.ARRAY["join"](budget, found, separator))


def _replace(budget: Budget, value: object, old: object, new: object = "", count: object = _UNDEFINED) -> Any:
    if not isinstance(value, str) and not is_number(value):
        return value
    text, replaced, replacement = to_string(value), to_string(old), to_string(new)
    budget.text(len(text) + (text.count(replaced) * len(replacement)))
    return text.replace(replaced, replacement, -1 if is_missing(count) else to_index(count))


def _indent(budget: Budget, value: object, width: object = 4, first: object = None) -> str:
    text = _text(value, "indent")
    lines = text.split("\n")
    margin = max(to_index(width), 0)
    budget.text(len(text) + margin * len(lines))
    return "\n".join(" " * margin + line if first or index else line for index, line in enumerate(lines))


def _center(budget: Budget, value: object, width: object = 80) -> str:
    text = _text(value, "center")
    space = max(to_index(width) - len(text), 0)
    budget.text(space)
    return " " * (space // 2) + text + " " * (space - space // 2)


def _truncate(value: object, length: object = 255, kill: object = None, end: object = "...") -> str:
    text, size = _text(value, "truncate"), to_index(length, default=255)
    if len(text) <= size:
        return text
    cut = size if kill else text.rfind(" ", 0, size + 1)
    return text[: cut if cut > 0 else size] + to_string(end)


def _int(value: object, default: object = _UNDEFINED, base: object = 10) -> Any:
    text = to_string(value)
    if to_index(base, default=DECIMAL) != DECIMAL:
        try:
            return int(text, to_index(base))
        except ValueError:
            return "" if is_missing(default) else default
    found = _LEADING_INTEGER.match(text)
    return values.number(int(found[0])) if found else ("" if is_missing(default) else default)


def _float(value: object, default: object = _UNDEFINED) -> Any:
    found = _LEADING_NUMBER.match(to_string(value))
    return values.number(float(found[0])) if found else ("" if is_missing(default) else default)


def _round(value: object, precision: object = 0, method: object = "round") -> Any:
    factor = 10.0 ** min(max(to_index(precision), -300), 300)
    scaled = to_number(value) * factor
    if not math.isfinite(scaled):
        return scaled
    match to_string(method):
        case "ceil":
            rounded = math.ceil(scaled)
        case "floor":
            rounded = math.floor(scaled)
        case _:
            rounded = math.floor(scaled + 0.5)
    return values.number(rounded / factor)


def _sort(
    budget: Budget,
    value: object,
    reverse: object = None,
    case_sensitive: object = None,
    attribute: object = _UNDEFINED,
) -> List:
    def key(item: object) -> tuple[int, Any]:
        found = item if is_missing(attribute) else _member(item, attribute, budget)
        if isinstance(found, str):
            return (1, found if case_sensitive else found.lower())
        return (0, to_number(found))

    return List(sorted(_items(value, "sort"), key=key, reverse=bool(reverse)))


def _group_by(budget: Budget, value: object, attribute: object) -> Object:
    groups = Object()
    for item in _items(value, "groupby"):
        groups.setdefault(to_string(_member(item, attribute, budget)), List()).append(item)
    return groups


def _dict_sort(value: object, case_sensitive: object = None, by: object = "key") -> List:
    if not isinstance(value, dict):
        msg = "the filter 'dictsort' wants an object"
        raise FilterError(msg)
    place = 1 if to_string(by) == "value" else 0

    def key(pair: List) -> tuple[int, Any]:
        part = pair[place]
        if isinstance(part, str):
            return (1, part if case_sensitive else part.upper())
        return (0, to_number(part))

    return List(sorted((List(pair) for pair in value.items()), key=key))


def _list(value: object) -> List:
    match value:
        case str() | list() | tuple():
            return List(value)
        case dict():
            return List(Object({"key": key, "value": value[key]}) for key in object_keys(value))
        case None:
            return List()
    if is_missing(value):
        return List()
    msg = "the filter 'list' wants something that can be walked"
    raise FilterError(msg)


def _batch(value: object, size: object, fill: object = _UNDEFINED) -> List:
    items, width = _items(value, "batch"), max(to_index(size), 1)
    rows = List(List(items[start : start + width]) for start in range(0, len(items), width))
    if rows and fill:
        rows[-1].extend([fill] * (min(width, 10_000) - len(rows[-1])))
    return rows


def _slice(budget: Budget, value: object, count: object, fill: object = _UNDEFINED) -> List:
    items, columns = _items(value, "slice"), max(to_index(count), 1)
    budget.items(columns)
    size, extra = divmod(len(items), columns)
    rows, start = List(), 0
    for column in range(columns):
        end = start + size + (column < extra)
        row = List(items[start:end])
        if fill and column >= extra:
            row.append(fill)
        rows.append(row)
        start = end
    return rows


def _sum(budget: Budget, value: object, attribute: object = _UNDEFINED, start: object = 0) -> Any:
    if isinstance(attribute, dict):
        return NAN
    found = [item if is_missing(attribute) else _member(item, attribute, budget) for item in _items(value, "sum")]
    return values.number(to_number(start) + sum(to_number(item) for item in found))


def _title(value: object) -> str:
    return " ".join(word[:1].upper() + word[1:].lower() for word in _text(value, "title").split(" "))


def _string(value: object) -> str:
    if is_missing(value) or value is None:
        msg = "the filter 'string' wants a value"
        raise FilterError(msg)
    return to_string(value)


def _trim(value: object) -> str:
    if not isinstance(value, str):
        msg = "the filter 'trim' wants a text"
        raise FilterError(msg)
    return value.strip()


def _strip_tags(value: object, keep_lines: object = None) -> str:
    text = _TAG.sub("", _text(value, "striptags")).strip()
    return text if keep_lines else re.sub(r"\s+", " ", text)


def _url_encode(value: object) -> str:
    safe = "-_.!~*'()"
    if isinstance(value, str):
        return quote(value, safe=safe)
    pairs = value.items() if isinstance(value, dict) else values.as_list(value)
    return "&".join(f"{quote(to_string(key), safe=safe)}={quote(to_string(item), safe=safe)}" for key, item in pairs)


def _first(value: object) -> Any:
    items = _items(value, "first") if not is_missing(value) and value is not None else None
    if items is None:
        msg = "the filter 'first' wants a list"
        raise FilterError(msg)
    return items[0] if items else _UNDEFINED


def _last(value: object) -> Any:
    items = _items(value, "last")
    return items[-1] if items else _UNDEFINED


def _reverse(value: object) -> Any:
    return value[::-1] if isinstance(value, str) else List(reversed(_items(value, "reverse")))


def _escape(value: object) -> str:
    return html.escape(to_text(value), quote=True).replace("&#x27;", "&#39;")


def _select_attribute(budget: Budget, value: object, attribute: object, *_test: object) -> List:
    return List(item for item in _items(value, "selectattr") if _member(item, attribute, budget))


def _reject_attribute(budget: Budget, value: object, attribute: object, *_test: object) -> List:
    return List(item for item in _items(value, "rejectattr") if not _member(item, attribute, budget))


def _select(value: object, test: object = "truthy", *arguments: object) -> List:
    check = _test(test)
    return List(item for item in _items(value, "select") if check(item, *arguments))


def _reject(value: object, test: object = "truthy", *arguments: object) -> List:
    check = _test(test)
    return List(item for item in _items(value, "reject") if not check(item, *arguments))


def _test(name: object) -> Callable[..., bool]:
    if to_string(name) not in TESTS:
        msg = f"there is no test {to_string(name)!r}"
        raise FilterError(msg)
    return TESTS[to_string(name)]


def parse_repo_url(value: object) -> Object:
    """Take `host?owner=…&repo=…` apart, as the RepoUrlPicker puts it together."""
    text = to_string(value)
    url = urlsplit(text if "://" in text else f"https://{text}")
    query = {name: part.strip("/") for name, part in parse_qsl(url.query)}
    wanted = _REPOSITORY_PARTS.get(url.netloc, ("project",) if "project" in query else ("owner", "repo"))
    lacking = [name for name in wanted if not query.get(name)]
    if not url.netloc or lacking:
        msg = (
            f"{text!r} is no repository URL (host?owner=OWNER&repo=NAME): {', '.join(lacking) or 'the host'} is missing"
        )
        raise FilterError(msg)
    names = ("owner", "organization", "repo", "workspace", "project")
    return Object({"host": url.netloc, **{name: query[name] for name in names if query.get(name)}})


def parse_entity_ref(value: object, defaults: object = None) -> Object:
    """Take `[kind:][namespace/]name` apart."""
    given = defaults if isinstance(defaults, dict) else {}
    kind, namespace, name = _entity_ref_parts(value)
    kind = kind or given.get("defaultKind")
    if not name or not kind:
        msg = f'the entity reference {to_string(value)!r} has no kind (it does not start with "component:" or similar)'
        raise FilterError(msg)
    return Object({"kind": kind, "namespace": namespace or given.get("defaultNamespace") or "default", "name": name})


def _entity_ref_parts(value: object) -> tuple[Any, Any, Any]:
    if isinstance(value, dict):
        return value.get("kind"), value.get("namespace"), value.get("name")
    found = _ENTITY_REF.fullmatch(to_string(value))
    return (found[1], found[2], found[3]) if found else (None, None, None)


def _project_slug(value: object) -> str:
    parts = parse_repo_url(value)
    return f"{to_string(parts.get('owner', _UNDEFINED))}/{to_string(parts.get('repo', _UNDEFINED))}"


def _pick(budget: Budget, value: object, path: object, default: object = _UNDEFINED) -> Any:
    found = _member(value, path, budget)
    return default if is_missing(found) else found


SIZED: dict[str, Filter] = {
    "center": _center,
    "dump": _dump,
    "groupby": _group_by,
    "indent": _indent,
    "join": _join,
    "pick": _pick,
    "rejectattr": _reject_attribute,
    "replace": _replace,
    "selectattr": _select_attribute,
    "slice": _slice,
    "sum": _sum,
}
PLAIN: dict[str, Filter] = {
    "abs": lambda value: values.number(abs(to_number(value))),
    "batch": _batch,
    "capitalize": lambda value: _text(value, "capitalize").capitalize(),
    "d": _default,
    "default": _default,
    "dictsort": _dict_sort,
    "e": _escape,
    "escape": _escape,
    "first": _first,
    "float": _float,
    "forceescape": _escape,
    "int": _int,
    "last": _last,
    "length": _length,
    "list": _list,
    "lower": lambda value: _text(value, "lower").lower(),
    "nl2br": lambda value: to_text(value).replace("\r\n", "\n").replace("\n", "<br />\n"),
    "parseEntityRef": parse_entity_ref,
    "parseRepoUrl": parse_repo_url,
    "projectSlug": _project_slug,
    "reject": _reject,
    "reverse": _reverse,
    "round": _round,
    "safe": to_text,
    "select": _select,
    "string": _string,
    "striptags": _strip_tags,
    "title": _title,
    "trim": _trim,
    "truncate": _truncate,
    "upper": lambda value: _text(value, "upper").upper(),
    "urlencode": _url_encode,
    "wordcount": lambda value: len(methods.WORD.findall(_text(value, "wordcount"))) or None,
    "list of": List,
    "object of": lambda value: Object({to_string(key): item for key, item in value.items()}),
}


def filters(budget: Budget) -> dict[str, Filter]:
    """Return every filter, those that can make something large bound to the budget."""

    def followed_by(left: object, right: object) -> Any:
        joined = concatenate(left, right)
        budget.text(len(joined) if isinstance(joined, str) else 0)
        return joined

    bound = {name: partial(call, budget) for name, call in SIZED.items()}
    return {name: _positional(call) for name, call in (PLAIN | bound).items()} | {
        "followed by": followed_by,
        "sort": partial(_sort, budget),
    }


def _positional(call: Filter) -> Filter:
    """Hand keyword arguments over as one object after the others: the original's filters know no names."""

    def filter_(*arguments: object, **named: object) -> Any:
        return call(*arguments, Object(named)) if named else call(*arguments)

    return filter_


TESTS: dict[str, Callable[..., bool]] = {
    **COMPARISONS,
    "callable": callable,
    "defined": lambda value: not is_missing(value),
    "divisibleby": lambda value, by: to_number(value) % to_number(by) == 0,
    "eq": strictly_equal,
    "equalto": strictly_equal,
    "escaped": lambda _: False,
    "even": lambda value: to_number(value) % 2 == 0,
    "falsy": lambda value: not value,
    "ge": COMPARISONS[">="],
    "greaterthan": COMPARISONS[">"],
    "gt": COMPARISONS[">"],
    "iterable": lambda value: isinstance(value, (str, list, tuple)),
    "le": COMPARISONS["<="],
    "lessthan": COMPARISONS["<"],
    "lower": lambda value: to_string(value).lower() == value,
    "lt": COMPARISONS["<"],
    "mapping": lambda value: isinstance(value, dict),
    "ne": lambda value, other: not strictly_equal(value, other),
    "none": lambda value: value is None,
    "null": lambda value: value is None,
    "number": is_number,
    "odd": lambda value: to_number(value) % 2 == 1,
    "sameas": strictly_equal,
    "string": lambda value: isinstance(value, str),
    "truthy": bool,
    "undefined": is_missing,
    "upper": lambda value: to_string(value).upper() == value,
}
