"""
Takes a template apart into text, comments and the words between tags, as nunjucks does.

A tag may begin or end with `-`. `trimBlocks` drops the line end after a block, but not after a comment; `lstripBlocks`
drops the white space before a block that is the first in its line.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING

from scaffolder.template.language.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator


class Kind(Enum):
    """What a token is."""

    TEXT = auto()
    COMMENT = auto()
    BLOCK_START = auto()
    BLOCK_END = auto()
    VARIABLE_START = auto()
    VARIABLE_END = auto()
    STRING = auto()
    NUMBER = auto()
    WORD = auto()
    REGEX = auto()
    OPERATOR = auto()
    END = auto()
    """The end of the template."""


class Token:
    """A part of the source; `at` is where it begins."""

    __slots__ = ("at", "kind", "text")

    def __init__(self, kind: Kind, text: str, at: int) -> None:
        self.kind = kind
        self.text = text
        self.at = at


_WORDS = re.compile(
    r"""[ \n\t\r\u00A0]*(?:
    (?P<BLOCK_END>-?%\}) | (?P<VARIABLE_END>-?\}\})
    | (?P<STRING>"(?:[^"\\]|\\.)*"? | '(?:[^'\\]|\\.)*'?)
    | (?P<REGEX>r/(?:[^/]|(?<=\\)/)*/?[gimy]*)
    | (?P<OPERATOR>===|!==|==|!=|<=|>=|//|\*\*|[()\[\]{}%*+~/\#,:|.<>=!-])
    | (?P<NUMBER>[0-9]+(?:(?=[ \n\t\r\u00A0()\[\]{}%*+~/\#,:|<>=!-]|\Z)|\.[0-9]*))
    | (?P<WORD>[^ \n\t\r\u00A0()\[\]{}%*+~/\#,:|.<>=!-]+)
    )?""",
    re.VERBOSE | re.DOTALL,
)
_PLAIN = re.compile(r"([^'\"{}%#/\\]*?)(?=-?[%}]\})")
_KINDS = {kind.name: kind for kind in Kind}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class Lexer:
    """Reads tokens from a source, in the mode that the last of them has left it in."""

    def __init__(
        self, source: str, *, variable_start: str, trim_blocks: bool, lstrip_blocks: bool, inside: bool = False
    ) -> None:
        self.source = source
        self._marks = _marks(variable_start)
        self._trim = trim_blocks
        self._strip = lstrip_blocks
        self._at = 0
        self._inside = inside
        self._mark: re.Match[str] | None = None
        """What follows the text just read."""

    def line(self, at: int) -> int:
        """Return the number of the line of a place, counted from one."""
        return self.source.count("\n", 0, at) + 1

    def fault(self, message: str, at: int) -> Fault:
        """Return an error about a place."""
        return Fault(message, self.line(at))

    def next(self) -> Token:
        """Return the next token."""
        return self._next_inside() if self._inside else self._next_outside()

    @property
    def plain(self) -> str:
        """What is left of a tag that has neither quotes nor braces in it; '' if it has."""
        found = _PLAIN.match(self.source, self._at)
        return found[1] if found else ""

    def skip(self, characters: int) -> None:
        """Go on behind what has been seen."""
        self._at += characters

    def raw(self, name: str) -> str:
        """Return what stands before the `{% endraw %}` that belongs to the tag just read, and go behind it."""
        begin, depth = self._at, 1
        for found in re.compile(rf"\{{%\s*(end)?{name}\s*%\}}").finditer(self.source, begin):
            depth += -1 if found[1] else 1
            if depth == 0:
                self._at = found.end()
                return self.source[begin : found.start()]
        raise self.fault(f"{{% {name} %}} has no {{% end{name} %}}", max(begin - 1, 0))

    def _next_inside(self) -> Token:
        found = _WORDS.match(self.source, self._at)
        assert found is not None  # noqa: S101 - every part of the pattern is optional
        self._at = found.end()
        name = found.lastgroup
        if name is None:
            return Token(Kind.END, "", self._at)
        token = Token(_KINDS[name], found[name], found.start(name))
        if token.kind is Kind.BLOCK_END or token.kind is Kind.VARIABLE_END:
            self._leave(token.kind)
        return token

    def _leave(self, kind: Kind) -> None:
        self._inside = False
        if kind is Kind.BLOCK_END and self._trim:
            for end in ("\n", "\r\n"):
                if self.source.startswith(end, self._at):
                    self._at += len(end)
                    return

    def _next_outside(self) -> Token:
        begin, found = self._at, self._mark
        if found is not None:
            self._mark = None
            return self._tag(found)
        if begin >= len(self.source):
            return Token(Kind.END, "", begin)
        found = self._marks.search(self.source, begin)
        if found is None:
            self._at = len(self.source)
            return Token(Kind.TEXT, self.source[begin:], begin)
        if found.start() == begin:
            return self._tag(found)
        self._at, self._mark = found.start(), found
        text = self._text(begin, found)
        return Token(Kind.TEXT, text, begin) if text else self._next_outside()

    def _tag(self, found: re.Match[str]) -> Token:
        mark, begin = found[0], found.start()
        if mark == "#}":
            msg = "`#}` ends a comment that has no beginning"
            raise self.fault(msg, begin)
        if mark == "{#":
            end = self.source.find("#}", found.end())
            if end < 0:
                msg = "`{#` begins a comment that has no end"
                raise self.fault(msg, begin)
            self._at = end + 2
            return Token(Kind.COMMENT, self.source[begin : self._at], begin)
        self._at, self._inside = found.end(), True
        return Token(Kind.BLOCK_START if mark.startswith("{%") else Kind.VARIABLE_START, mark, begin)

    def _text(self, begin: int, mark: re.Match[str]) -> str:
        text = self.source[begin : mark.start()]
        if self._strip and mark[0].startswith("{%"):
            line = self.source.rfind("\n", max(begin - 1, 0), mark.start()) + 1
            if begin <= line < mark.start() and self.source[line : mark.start()].isspace():
                return text[: line - begin]
        return text


@cache
def _marks(variable_start: str) -> re.Pattern[str]:
    return re.compile(rf"\{{%-?|{re.escape(variable_start)}-?|\{{#|#\}}")


def unquoted(text: str) -> str:
    """Return what a string literal means."""
    body = text[1:-1] if len(text) > 1 and text[-1] == text[0] else text[1:]
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), body) if "\\" in body else body


def tokens(lexer: Lexer) -> Iterator[Token]:
    """Yield what is left, the end included."""
    while True:
        token = lexer.next()
        yield token
        if token.kind is Kind.END:
            return
