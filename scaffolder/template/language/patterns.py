"""
Reads JavaScript's regular expressions into programs for the matcher of `regex`.

The syntax is that of patterns without the flag `u`, as browsers read them: a brace or bracket that means nothing is a
character, and so is an escaped letter without a meaning.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from scaffolder.template.language.faults import Fault
from scaffolder.template.language.values import SPACES

LONGEST_PROGRAM = 20_000
"""Instructions; what is repeated a number of times is there as many times."""
NO_END = 1 << 30
"""The most repetitions where none are named."""
LAST = "\uffff"
_QUANTIFIER = re.compile(r"(?:([*+?])|\{([0-9]+)(?:(,)([0-9]*))?\})(\??)")
_GROUP = re.compile(r"\((?!\?)|(\(\?<[A-Za-z_$][\w$]*>)")
_OPENING = re.compile(r"\(\?(?:([:=!])|<([=!])|<([A-Za-z_$][\w$]*)>)")
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
Ranges = list[tuple[str, str]]
DIGITS: Ranges = [("0", "9")]
WORDS: Ranges = [("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")]
BLANKS: Ranges = [(space, space) for space in SPACES]
LINE_ENDS = "\n\r\u2028\u2029"
_SETS = {"d": DIGITS, "w": WORDS, "s": BLANKS}


class Characters:
    """A set of characters; what was asked once is remembered."""

    __slots__ = ("_inverted", "_known", "_ranges", "_without_case")

    def __init__(self, ranges: Ranges, *, inverted: bool = False, without_case: bool = False) -> None:
        self._ranges = ranges
        self._inverted = inverted
        self._without_case = without_case
        self._known: dict[str, bool] = {}

    def __contains__(self, character: str) -> bool:
        known = self._known.get(character)
        if known is None:
            forms = _forms(character) if self._without_case else {character}
            inside = any(first <= form <= last for form in forms for first, last in self._ranges)
            known = self._known[character] = inside is not self._inverted
        return known


def _forms(character: str) -> set[str]:
    """Return what is the same character to a pattern that does not tell small from capital letters."""
    same = folded(character)
    return {form for form in (character, character.lower(), character.upper()) if folded(form) == same}


def folded(character: str) -> str:
    """Return the one form that stands for all of a character; no other one becomes a letter of ASCII."""
    upper = character.upper()
    return character if len(upper) != 1 or upper < "\x80" <= character else upper


class Step(NamedTuple):
    """One instruction: what it does (`do`), with what, and where it leads."""

    do: str
    what: Characters | int | None = None
    first: int = 0
    second: int = 0


class Pattern(NamedTuple):
    """A program, the number of its groups, and the names of some of them."""

    steps: list[Step]
    groups: int
    names: dict[str, int]


class _Set(NamedTuple):
    characters: Characters


class _Assertion(NamedTuple):
    kind: str


class _Back(NamedTuple):
    group: int | str


class _Group(NamedTuple):
    number: int | None
    body: _Choice


class _Look(NamedTuple):
    body: _Choice
    inverted: bool
    behind: bool


class _Repeat(NamedTuple):
    body: _Node
    least: int
    most: int
    lazy: bool
    groups: tuple[int, int]


class _Choice(NamedTuple):
    ways: list[list[_Node]]


_Node = _Set | _Assertion | _Back | _Group | _Look | _Repeat


def pattern(body: str, flags: str) -> Pattern:
    """
    Read a pattern.

    Raises:
        Fault: It is not well formed, or too long.
    """
    if len(set(flags)) != len(flags):
        msg = f"the flags {flags!r} of a regular expression name one twice"
        raise Fault(msg)
    syntax = _Syntax(body, without_case="i" in flags)
    tree = syntax.choice()
    if syntax.at < len(body):
        raise syntax.fault("a parenthesis too many")
    if unknown := syntax.wanted - syntax.names.keys():
        raise syntax.fault(f"there is no group named {min(unknown)}")
    program = _Program(syntax.names, lines="m" in flags)
    program.choice(tree, behind=False)
    program.add(Step("match"))
    return Pattern(program.steps, syntax.count, syntax.names)


class _Syntax:
    def __init__(self, body: str, *, without_case: bool) -> None:
        self.body = body
        self.at = 0
        self.count = 0
        self.names: dict[str, int] = {}
        self.wanted: set[str] = set()
        self._without_case = without_case
        groups = _GROUP.findall(re.sub(r"\\.|\[(?:\\.|[^\]])*\]", "x", body))
        self._all = len(groups)
        self._named = any(groups)

    def fault(self, reason: str) -> Fault:
        return Fault(f"the regular expression /{self.body}/ is not valid: {reason}")

    def _skip(self, text: str) -> bool:
        found = self.body.startswith(text, self.at)
        self.at += len(text) if found else 0
        return found

    def choice(self) -> _Choice:
        ways = [self._way()]
        while self._skip("|"):
            ways.append(self._way())
        return _Choice(ways)

    def _way(self) -> list[_Node]:
        nodes: list[_Node] = []
        while self.at < len(self.body) and self.body[self.at] not in "|)":
            groups = self.count
            node = self._term()
            nodes.append(self._quantified(node, groups))
        return nodes

    def _quantified(self, node: _Node, groups: int) -> _Node:
        found = _QUANTIFIER.match(self.body, self.at)
        if not found:
            return node
        if isinstance(node, _Assertion) or (isinstance(node, _Look) and node.behind):
            raise self.fault("nothing to repeat")
        self.at = found.end()
        mark, least, comma, most, lazy = found.groups()
        low, high = {"*": (0, NO_END), "+": (1, NO_END), "?": (0, 1)}.get(mark) or (
            int(least),
            int(most) if most else NO_END if comma else int(least),
        )
        if low > high:
            raise self.fault("numbers out of order")
        return _Repeat(node, low, high, bool(lazy), (groups, self.count))

    def _term(self) -> _Node:
        character = self.body[self.at]
        if character == "(":
            return self._group()
        if _QUANTIFIER.match(self.body, self.at):
            raise self.fault("nothing to repeat")
        self.at += 1
        match character:
            case "^" | "$":
                return _Assertion(character)
            case ".":
                return self._set([(end, end) for end in LINE_ENDS], inverted=True)
            case "[":
                return self._class()
            case "\\":
                return self._escape()
        return self._set([(character, character)])

    def _set(self, ranges: Ranges, *, inverted: bool = False) -> _Set:
        return _Set(Characters(ranges, inverted=inverted, without_case=self._without_case))

    def _group(self) -> _Group | _Look:
        found = _OPENING.match(self.body, self.at)
        if found is None and self.body.startswith("(?", self.at):
            raise self.fault("an unknown group")
        self.at = found.end() if found else self.at + 1
        kind, behind, name = found.groups() if found else (None, None, None)
        number = None
        if not kind and not behind:
            number = self.count = self.count + 1
        if name in self.names:
            raise self.fault(f"two groups are named {name}")
        if name and number:
            self.names[name] = number
        body = self.choice()
        if not self._skip(")"):
            raise self.fault("a group has no end")
        if kind in {"=", "!"} or behind:
            return _Look(body, inverted="!" in {kind, behind}, behind=bool(behind))
        return _Group(number, body)

    def _escape(self) -> _Node:
        if self.at >= len(self.body):
            raise self.fault("it ends with a backslash")
        character = self.body[self.at]
        if character in "bB":
            self.at += 1
            return _Assertion(character)
        number = re.compile(r"[1-9][0-9]*").match(self.body, self.at)
        if number and int(number[0]) <= self._all:
            self.at = number.end()
            return _Back(int(number[0]))
        if character == "k" and self._named:
            return self._name()
        return self._set(*self._escaped()) if character not in "DWS" else self._inverted(character)

    def _name(self) -> _Back:
        name = re.compile(r"k<([^>]*)>").match(self.body, self.at)
        if not name:
            raise self.fault("a group is to be named after \\k")
        self.at = name.end()
        self.wanted.add(name[1])
        return _Back(name[1])

    def _inverted(self, character: str) -> _Set:
        self.at += 1
        return self._set(_SETS[character.lower()], inverted=True)

    def _escaped(self) -> tuple[Ranges]:
        """Read what stands behind a backslash, as characters."""
        character = self.body[self.at]
        code = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|c([A-Za-z])|([0-3]?[0-7]{1,2})").match(
            self.body, self.at
        )
        self.at = code.end() if code else self.at + 1
        if character in _SETS:
            return (_SETS[character],)
        if character in "DWS":
            return (_inverse(_SETS[character.lower()]),)
        if code:
            hexadecimal, control, octal = code[1] or code[2], code[3], code[4]
            number = int(hexadecimal, 16) if hexadecimal else ord(control) % 32 if control else int(octal, 8)
            return ([(chr(number), chr(number))],)
        meant = _CONTROLS.get(character, character)
        return ([(meant, meant)],)

    def _class(self) -> _Set:
        inverted = self._skip("^")
        ranges: Ranges = []
        while not self._skip("]"):
            first = self._member()
            if self.body.startswith("-", self.at) and not self.body.startswith("-]", self.at):
                self.at += 1
                ranges += self._range(first, self._member())
            else:
                ranges += first
        return self._set(ranges, inverted=inverted)

    def _range(self, first: Ranges, last: Ranges) -> Ranges:
        if len(first) > 1 or len(last) > 1 or first[0][0] != first[0][1] or last[0][0] != last[0][1]:
            return [*first, ("-", "-"), *last]
        if first[0][0] > last[0][0]:
            raise self.fault("a range out of order")
        return [(first[0][0], last[0][0])]

    def _member(self) -> Ranges:
        if self.at >= len(self.body):
            raise self.fault("a class has no end")
        character = self.body[self.at]
        self.at += 1
        if character != "\\":
            return [(character, character)]
        if self._skip("b"):
            return [("\b", "\b")]
        if self.at >= len(self.body):
            raise self.fault("it ends with a backslash")
        return self._escaped()[0]


def _inverse(ranges: Ranges) -> Ranges:
    first, inverse = "\0", []
    for low, high in sorted(ranges):
        if first < low:
            inverse.append((first, chr(ord(low) - 1)))
        first = chr(ord(high) + 1)
    return [*inverse, (first, LAST)]


class _Program:
    """Writes instructions; those of a look behind go from right to left."""

    def __init__(self, names: dict[str, int], *, lines: bool) -> None:
        self.steps: list[Step] = []
        self._names = names
        self._lines = lines

    def add(self, step: Step) -> int:
        self.steps.append(step)
        if len(self.steps) > LONGEST_PROGRAM:
            msg = "a regular expression is too long"
            raise Fault(msg)
        return len(self.steps) - 1

    def choice(self, choice: _Choice, *, behind: bool) -> None:
        ends = []
        for way in choice.ways[:-1]:
            fork = self.add(Step("fork"))
            self._way(way, behind=behind)
            ends.append(self.add(Step("go")))
            self.steps[fork] = Step("fork", None, fork + 1, len(self.steps))
        self._way(choice.ways[-1], behind=behind)
        for end in ends:
            self.steps[end] = Step("go", None, len(self.steps))

    def _way(self, way: list[_Node], *, behind: bool) -> None:
        for node in reversed(way) if behind else way:
            self._node(node, behind=behind)

    def _node(self, node: _Node, *, behind: bool) -> None:
        match node:
            case _Set(characters):
                self.add(Step("behind" if behind else "one", characters))
            case _Assertion(kind):
                self.add(Step(kind + ("m" if self._lines and kind in "^$" else "")))
            case _Back(group):
                number = self._names.get(group, 0) if isinstance(group, str) else group
                self.add(Step("again", number, int(behind)))
            case _Group(number, body):
                self._group(number, body, behind=behind)
            case _Look():
                self._look(node)
            case _Repeat():
                self._repeat(node, behind=behind)

    def _group(self, number: int | None, body: _Choice, *, behind: bool) -> None:
        edges = (2 * (number or 0), 2 * (number or 0) + 1)
        if number is not None:
            self.add(Step("save", edges[behind]))
        self.choice(body, behind=behind)
        if number is not None:
            self.add(Step("save", edges[not behind]))

    def _look(self, node: _Look) -> None:
        look = self.add(Step("look"))
        self.choice(node.body, behind=node.behind)
        self.add(Step("match"))
        self.steps[look] = Step("look", int(node.inverted), look + 1, len(self.steps))

    def _repeat(self, node: _Repeat, *, behind: bool) -> None:
        if isinstance(node.body, _Set) and not node.lazy and not behind:
            self.add(Step("many", node.body.characters, node.least, node.most))
            return
        for _ in range(node.least):
            self._once(node, behind=behind)
        if node.most >= NO_END:
            self._loop(node, behind=behind)
            return
        forks = []
        for _ in range(node.most - node.least):
            forks.append(self.add(Step("fork")))
            self._once_more(node, behind=behind)
        for fork in forks:
            self._fork(fork, lazy=node.lazy)

    def _once(self, node: _Repeat, *, behind: bool) -> None:
        first, last = node.groups
        if last > first:
            self.add(Step("forget", None, 2 * first + 2, 2 * last + 2))
        self._node(node.body, behind=behind)

    def _once_more(self, node: _Repeat, *, behind: bool) -> None:
        """What is not asked for must find something."""
        mark = self.add(Step("mark"))
        self._once(node, behind=behind)
        self.add(Step("moved", mark))

    def _loop(self, node: _Repeat, *, behind: bool) -> None:
        fork = self.add(Step("fork"))
        self._once_more(node, behind=behind)
        self.add(Step("go", None, fork))
        self._fork(fork, lazy=node.lazy)

    def _fork(self, fork: int, *, lazy: bool) -> None:
        ways = (fork + 1, len(self.steps))
        self.steps[fork] = Step("fork", None, *(reversed(ways) if lazy else ways))
