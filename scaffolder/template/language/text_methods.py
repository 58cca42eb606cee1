"""The methods of JavaScript's texts, which count as it does: a character beyond 16 bits is two."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from scaffolder.template.expressions import UNDEFINED
from scaffolder.template.language.calls import Method, applied, at, clamped, span
from scaffolder.template.language.faults import Fault
from scaffolder.template.language.regex import Match, Regex
from scaffolder.template.language.values import (
    NAN,
    SAFE_INTEGER,
    SPACES,
    Function,
    has_pairs,
    joined,
    to_index,
    to_number,
    to_string,
    units,
)

if TYPE_CHECKING:
    from scaffolder.template.language.frames import Run

_LANGUAGE = re.compile(r"(?:[A-Za-z]{2,3}|[A-Za-z]{5,8})(?:-[A-Za-z0-9]{1,8})*")


def _in_units(method: Method) -> Method:
    """Let a method on texts count as JavaScript does: a character beyond 16 bits is two."""

    def on_units(run: Run, text: str, *arguments: Any) -> Any:
        if not any(has_pairs(part) for part in (text, *arguments) if isinstance(part, str)):
            return applied(method, run, text, arguments)
        found = applied(
            method, run, units(text), [units(part) if isinstance(part, str) else part for part in arguments]
        )
        if isinstance(found, list):
            return [joined(part) if isinstance(part, str) else part for part in found]
        return joined(found) if isinstance(found, str) else found

    return on_units


def _substring(_run: Run, text: str, start: Any = UNDEFINED, end: Any = UNDEFINED) -> str:
    first, last = sorted((clamped(start, len(text), 0), clamped(end, len(text), len(text))))
    return text[first:last]


def _substr(_run: Run, text: str, start: Any = UNDEFINED, length: Any = UNDEFINED) -> str:
    first = to_index(start)
    first = max(len(text) + first, 0) if first < 0 else first
    return text[first : first + max(to_index(length, default=len(text)), 0)]


def _split(run: Run, text: str, separator: Any = UNDEFINED, limit: Any = UNDEFINED) -> list[Any]:
    if separator is UNDEFINED:
        parts: list[Any] = [text]
    elif isinstance(separator, Regex):
        parts = [UNDEFINED if part is None else part for part in separator.split(text)]
    else:
        mark = to_string(separator)
        run.allowance.items(text.count(mark) if mark else len(text))
        parts = text.split(mark) if mark else list(text)
    most = to_index(limit, default=-1)
    return parts if most < 0 else parts[:most]


def _slice(_run: Run, text: str, start: Any = 0, end: Any = UNDEFINED) -> str:
    return text[span(len(text), start, end)]


def _replace(run: Run, text: str, old: Any = UNDEFINED, new: Any = UNDEFINED) -> str:
    if isinstance(old, Regex):
        return substituted(run, text, old, new)
    wanted = to_string(old)
    place = text.find(wanted)
    if place < 0:
        return text
    edges = (place, place + len(wanted))
    run.allowance.text(len(text) + (0 if isinstance(new, Function) else len(text) * to_string(new).count("$")))
    return text[: edges[0]] + _replacement(Match(text, edges, {}), new) + text[edges[1] :]


def _replacement(match: Match, new: Any) -> str:
    if not isinstance(new, Function):
        return match.expand(to_string(new))
    groups = [UNDEFINED if group is None else group for group in match.groups()]
    return to_string(new.call(*groups, match.start, match.text))


def substituted(run: Run, text: str, old: Regex, new: Any) -> str:
    """Replace what a regular expression matches."""
    parts, place, size = [], 0, len(text)
    for match in old.all(text):
        replacement = _replacement(match, new)
        size += len(replacement)
        run.allowance.text(size)
        parts += [text[place : match.start], replacement]
        place = match.end
    return "".join([*parts, text[place:]])


def _replace_all(run: Run, text: str, old: Any = UNDEFINED, new: Any = UNDEFINED) -> str:
    if isinstance(old, Regex):
        if not old.everywhere:
            msg = "replaceAll wants a regular expression with the flag g"
            raise Fault(msg)
        return substituted(run, text, old, new)
    wanted, parts, size = to_string(old), [], len(text)
    place = 0
    found = text.find(wanted)
    while found >= 0:
        run.allowance.tick()
        replacement = _replacement(Match(text, (found, found + len(wanted)), {}), new)
        size += len(replacement)
        run.allowance.text(size)
        parts += [text[place:found], replacement]
        place = found + len(wanted)
        found = text.find(wanted, max(place, found + 1)) if found < len(text) else -1
    return "".join([*parts, text[place:]])


def _match(run: Run, text: str, wanted: Any = UNDEFINED) -> Any:
    regex = wanted if isinstance(wanted, Regex) else Regex(_source(wanted), "", run.allowance)
    if regex.everywhere:
        return [match.groups()[0] for match in regex.all(text)] or None
    return groups(regex.next(text))


def _source(wanted: Any) -> str:
    return "" if wanted is UNDEFINED else to_string(wanted)


def groups(match: Match | None) -> Any:
    """Return what a match has found, the whole and its groups, null when there is none."""
    return None if match is None else [UNDEFINED if group is None else group for group in match.groups()]


def _search(run: Run, text: str, wanted: Any = UNDEFINED) -> int:
    regex = wanted if isinstance(wanted, Regex) else Regex(_source(wanted), "", run.allowance)
    found = regex.search(text)
    return found.start if found else -1


def _repeat(run: Run, text: str, count: Any = 0) -> str:
    times = to_index(count)
    if times < 0 or times >= SAFE_INTEGER:
        msg = f"a text cannot be repeated {to_string(count)} times"
        raise Fault(msg)
    run.allowance.text(len(text) * times)
    return text * times


def _padding(run: Run, text: str, length: Any, fill: Any) -> str:
    missing = max(to_index(length) - len(text), 0)
    pad = " " if fill is UNDEFINED else to_string(fill)
    if not pad:
        return ""
    run.allowance.text(missing)
    return (pad * (missing // len(pad) + 1))[:missing]


def _pad_start(run: Run, text: str, length: Any = 0, fill: Any = UNDEFINED) -> str:
    return _padding(run, text, length, fill) + text


def _pad_end(run: Run, text: str, length: Any = 0, fill: Any = UNDEFINED) -> str:
    return text + _padding(run, text, length, fill)


def _concat_text(run: Run, text: str, *others: Any) -> str:
    parts = [text, *map(to_string, others)]
    run.allowance.text(sum(map(len, parts)))
    return "".join(parts)


def _char_code(_run: Run, text: str, index: Any = 0) -> Any:
    place = to_index(index)
    return ord(text[place]) if 0 <= place < len(text) else NAN


def _code_point(_run: Run, text: str, index: Any = 0) -> Any:
    place = to_index(index)
    return ord(joined(text[place : place + 2])[0]) if 0 <= place < len(text) else UNDEFINED


def _char(_run: Run, text: str, index: Any = 0) -> str:
    place = to_index(index)
    return text[place] if 0 <= place < len(text) else ""


def _part_of(part: Any) -> str:
    if isinstance(part, Regex):
        msg = "a text is wanted here, not a regular expression"
        raise Fault(msg)
    return to_string(part)


def _includes(_run: Run, text: str, part: Any = UNDEFINED, start: Any = 0) -> bool:
    return text.find(_part_of(part), clamped(start, len(text), 0)) >= 0


def _starts_with(_run: Run, text: str, part: Any = UNDEFINED, start: Any = 0) -> bool:
    return text.startswith(_part_of(part), clamped(start, len(text), 0))


def _ends_with(_run: Run, text: str, part: Any = UNDEFINED, end: Any = UNDEFINED) -> bool:
    return text[: clamped(end, len(text), len(text))].endswith(_part_of(part))


def _text_index(_run: Run, text: str, part: Any = UNDEFINED, start: Any = 0) -> int:
    return text.find(to_string(part), clamped(start, len(text), 0))


def _last_text_index(_run: Run, text: str, part: Any = UNDEFINED, start: Any = UNDEFINED) -> int:
    wanted, last = to_string(part), to_number(start)
    end = min(max(last, 0), len(text)) if last == last else len(text)  # noqa: PLR0124 - NaN is not itself
    return text.rfind(wanted, 0, int(end) + len(wanted))


def _compare(_run: Run, text: str, other: Any = UNDEFINED, locale: Any = UNDEFINED) -> int:
    _check_locale(locale)
    left, right = ((part.casefold(), part.swapcase()) for part in (text, to_string(other)))
    return (left > right) - (left < right)


def _check_locale(locale: Any) -> None:
    """Refuse what names no language: all languages are the same here."""
    names = [] if locale is UNDEFINED else locale if isinstance(locale, list) else [locale]
    if not all(isinstance(name, str) and _LANGUAGE.fullmatch(name) for name in names):
        msg = f"{to_string(locale)!r} names no language"
        raise Fault(msg)


def _to_lower(_run: Run, text: str, locale: Any = UNDEFINED) -> str:
    _check_locale(locale)
    return text.lower()


def _to_upper(_run: Run, text: str, locale: Any = UNDEFINED) -> str:
    _check_locale(locale)
    return text.upper()


def _normalize(_run: Run, text: str, form: Any = UNDEFINED) -> str:
    name = "NFC" if form is UNDEFINED else to_string(form)
    if name not in {"NFC", "NFD", "NFKC", "NFKD"}:
        msg = f"{name!r} is no form of Unicode"
        raise Fault(msg)
    return unicodedata.normalize(name, text)  # type: ignore[arg-type] # it is one of the four


IN_UNITS: dict[str, Method] = {
    "at": at,
    "charAt": _char,
    "charCodeAt": _char_code,
    "codePointAt": _code_point,
    "concat": _concat_text,
    "endsWith": _ends_with,
    "includes": _includes,
    "indexOf": _text_index,
    "lastIndexOf": _last_text_index,
    "localeCompare": _compare,
    "match": _match,
    "normalize": _normalize,
    "padEnd": _pad_end,
    "padStart": _pad_start,
    "repeat": _repeat,
    "replace": _replace,
    "replaceAll": _replace_all,
    "search": _search,
    "slice": _slice,
    "split": _split,
    "startsWith": _starts_with,
    "substr": _substr,
    "substring": _substring,
}
STRING: dict[str, Method] = {name: _in_units(method) for name, method in IN_UNITS.items()} | {
    "toLocaleLowerCase": _to_lower,
    "toLocaleUpperCase": _to_upper,
    "toLowerCase": lambda _run, text: text.lower(),
    "toString": lambda _run, text: str(text),
    "toUpperCase": lambda _run, text: text.upper(),
    "trim": lambda _run, text: text.strip(SPACES),
    "trimEnd": lambda _run, text: text.rstrip(SPACES),
    "trimStart": lambda _run, text: text.lstrip(SPACES),
    "valueOf": lambda _run, text: str(text),
}
