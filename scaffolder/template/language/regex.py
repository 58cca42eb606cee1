"""
Regular expressions, matched within the allowance of a rendering.

Python's own cannot be interrupted, and `(a+)+$` may keep them busy for ever. This matcher goes back when a way leads
nowhere, as JavaScript's do, and counts its steps.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffolder.template.language.faults import Fault
from scaffolder.template.language.patterns import LINE_ENDS, WORDS, Characters, Pattern, Step, folded, pattern
from scaffolder.template.language.values import joined, units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.template.language.bounds import Allowance

MOST_WAYS = 1_000_000
"""Ways left open at one time."""
STEPS_PER_TICK = 256
_WORD = Characters(WORDS)
_REFERENCE = re.compile(r"\$(?:(\$)|(&)|(`)|(')|([0-9]{1,2})|<([^>]*)>)")
Groups = tuple[int | None, ...]


@lru_cache(maxsize=256)
def _pattern(source: str, flags: str) -> Pattern:
    """Read a pattern, in which a character beyond 16 bits is two."""
    return pattern(units(source), flags)


class _Way(NamedTuple):
    """A way that is still open; of a greedy one, all places down to `lowest` are."""

    step: int
    at: int
    groups: Groups
    marks: tuple[tuple[int, int], ...]
    lowest: int


class Match:
    """Where a regular expression was found."""

    __slots__ = ("_edges", "names", "text")

    def __init__(self, text: str, edges: Groups, names: dict[str, int]) -> None:
        self.text = text
        self.names = names
        self._edges = edges

    @property
    def start(self) -> int:
        """Where it begins."""
        return self._edges[0] or 0

    @property
    def end(self) -> int:
        """Where it ends."""
        return self._edges[1] or 0

    def groups(self) -> list[str | None]:
        """Return the whole, then the groups; None for one that took no part."""
        return [self._group(number) for number in range(len(self._edges) // 2)]

    def _group(self, number: int) -> str | None:
        first, last = self._edges[2 * number], self._edges[2 * number + 1]
        return None if first is None or last is None else joined(self.text[first:last])

    def expand(self, replacement: str) -> str:
        """Return a replacement with what it says about the match (`$&`, `$1`, `$<name>`) filled in."""
        return _REFERENCE.sub(self._expanded, replacement) if "$" in replacement else replacement

    def _expanded(self, reference: re.Match[str]) -> str:
        dollar, whole, before, behind, number, name = reference.groups()
        if dollar:
            return "$"
        if whole:
            return self.text[self.start : self.end]
        if before:
            return self.text[: self.start]
        if behind:
            return self.text[self.end :]
        if name is not None:
            return (self._group(self.names[name]) or "" if name in self.names else "") if self.names else reference[0]
        return self._numbered(number, reference[0])

    def _numbered(self, number: str, written: str) -> str:
        count = len(self._edges) // 2
        for digits in (number, number[:1]):
            if 0 < int(digits) < count:
                return (self._group(int(digits)) or "") + number[len(digits) :]
        return written


class Regex:
    """A regular expression; `last_index` is where `test` and `exec` go on, with the flags `g` and `y`."""

    __slots__ = ("_allowance", "_program", "flags", "last_index", "source")

    def __init__(self, source: str, flags: str, allowance: Allowance) -> None:
        self.source = source
        self.flags = "".join(sorted(flags))
        self.last_index = 0
        self._allowance = allowance
        self._program = _pattern(source, flags)

    def __str__(self) -> str:
        return f"/{self.source or '(?:)'}/{self.flags}"

    @staticmethod
    def check(source: str, flags: str) -> None:
        """
        Read a pattern, for the errors.

        Raises:
            Fault: It is not valid.
        """
        _pattern(source, flags)

    @property
    def everywhere(self) -> bool:
        """Tell whether it means every place (the flag `g`)."""
        return "g" in self.flags

    def search(self, text: str, start: int = 0) -> Match | None:
        """Look for the first match at or behind a place; with the flag `y` only at it."""
        last = start if "y" in self.flags else len(text)
        for place in range(start, last + 1):
            self._allowance.tick()
            if (found := self.at(text, place)) is not None:
                return found
        return None

    def at(self, text: str, place: int) -> Match | None:
        """Match at one place."""
        matcher = _Matcher(self._program, text, self._allowance, without_case="i" in self.flags)
        groups = matcher.run(0, place, (None,) * (2 * self._program.groups + 2))
        return None if groups is None else Match(text, (place, *groups[1:]), self._program.names)

    def all(self, text: str) -> Iterator[Match]:
        """Yield what `replace` replaces: the first match, or every one."""
        place = self.last_index if "y" in self.flags else 0
        while place <= len(text) and (found := self.search(text, place)) is not None:
            yield found
            if not self.everywhere:
                return
            place = found.end if found.end > found.start else found.end + 1

    def next(self, text: str) -> Match | None:
        """Go on where the last match was, with the flags `g` and `y`; else look from the beginning."""
        goes_on = self.everywhere or "y" in self.flags
        found = self.search(text, self.last_index if goes_on else 0) if self.last_index <= len(text) else None
        if goes_on:
            self.last_index = found.end if found else 0
        return found

    def split(self, text: str) -> Iterator[str | None]:
        """Yield the parts between the matches, and the groups of each match."""
        begin = place = 0
        while place < len(text):
            self._allowance.tick()
            found = self.at(text, place)
            if found is None or found.end == begin:
                place += 1
                continue
            yield joined(text[begin:place])
            yield from found.groups()[1:]
            begin = place = found.end
        if text or self.at(text, 0) is None:
            yield joined(text[begin:])


class _Matcher:
    def __init__(self, program: Pattern, text: str, allowance: Allowance, *, without_case: bool) -> None:
        self._steps = program.steps
        self._text = text
        self._allowance = allowance
        self._without_case = without_case

    def run(self, step: int, at: int, groups: Groups) -> Groups | None:  # noqa: C901, PLR0912, PLR0915 - calls are slow
        """Return the edges of the groups when the steps match from a place on; the end of all is the second."""
        ways = [_Way(step, at, groups, (), at)]
        count = 0
        while ways:
            step, at, groups, marks, lowest = ways.pop()
            if at > lowest:
                ways.append(_Way(step, at - 1, groups, marks, lowest))
            alive = True
            while alive:
                count += 1
                if count % STEPS_PER_TICK == 0:
                    self._count(ways)
                current = self._steps[step]
                do, first, second = current.do, current.first, current.second
                what: Any = current.what
                step += 1
                match do:
                    case "match":
                        return (groups[0], at, *groups[2:])
                    case "one":
                        alive = at < len(self._text) and self._text[at] in what
                        at += 1
                    case "many":
                        begin, at = at, self._far(current, at)
                        alive = at - begin >= first
                        if alive and at - begin > first:
                            ways.append(_Way(step, at - 1, groups, marks, begin + first))
                    case "fork":
                        ways.append(_Way(second, at, groups, marks, at))
                        step = first
                    case "go":
                        step = first
                    case "save":
                        groups = (*groups[:what], at, *groups[what + 1 :])
                    case "forget":
                        groups = (*groups[:first], *(None,) * (second - first), *groups[second:])
                    case "mark":
                        marks = (*(mark for mark in marks if mark[0] != step - 1), (step - 1, at))
                    case "moved":
                        alive = (what, at) not in marks
                    case "behind":
                        at -= 1
                        alive = at >= 0 and self._text[at] in what
                    case "again":
                        moved = self._again(current, at, groups)
                        alive, at = moved is not None, moved or at
                    case "look":
                        found = self.run(first, at, groups)
                        alive = (found is None) is bool(what)
                        groups = (*groups[:2], *found[2:]) if found and not what else groups
                        step = second
                    case _:
                        alive = self._holds(do, at)
        return None

    def _count(self, ways: list[_Way]) -> None:
        self._allowance.tick()
        if len(ways) > MOST_WAYS:
            msg = "a regular expression leaves too many ways open"
            raise Fault(msg)

    def _far(self, many: Step, at: int) -> int:
        characters: Any = many.what
        last = min(len(self._text), at + many.second)
        self._allowance.tick()
        while at < last and self._text[at] in characters:
            at += 1
        return at

    def _again(self, step: Step, at: int, groups: Groups) -> int | None:
        number: Any = step.what
        first, last = groups[2 * number : 2 * number + 2]
        if not number or first is None or last is None:
            return at
        begin = at - (last - first) if step.first else at
        wanted, there = self._text[first:last], self._text[max(begin, 0) : begin + last - first]
        if self._without_case:
            wanted, there = ("".join(map(folded, part)) for part in (wanted, there))
        if begin < 0 or wanted != there:
            return None
        return begin if step.first else at + last - first

    def _holds(self, assertion: str, at: int) -> bool:
        match assertion:
            case "^":
                return at == 0
            case "$":
                return at == len(self._text)
            case "^m":
                return at == 0 or self._text[at - 1] in LINE_ENDS
            case "$m":
                return at == len(self._text) or self._text[at] in LINE_ENDS
        before = at > 0 and self._text[at - 1] in _WORD
        behind = at < len(self._text) and self._text[at] in _WORD
        return (before is not behind) is (assertion == "b")
