"""
Reads texts in the `${{ }}` language: which variables they name, and which filters and tests there are not.

A name that the text binds anywhere (`set`, `for`, `macro`) is its own everywhere: better to overlook something than to
complain about what is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.errors import did_you_mean
from scaffolder.template.language import nodes
from scaffolder.template.language.bounds import Allowance, Limits
from scaffolder.template.language.compiler import COMPATIBLE_FILTERS
from scaffolder.template.language.environment import PYTHON_CONSTANTS, Dialect
from scaffolder.template.language.faults import Fault
from scaffolder.template.language.filters import FILTERS
from scaffolder.template.language.lexer import Lexer
from scaffolder.template.language.parser import parse
from scaffolder.template.language.surroundings import surroundings
from scaffolder.template.language.tests import TESTS
from scaffolder.template.lint.texts import Mistake, Path, Reading, Use, is_known, line_and_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SURROUNDINGS = frozenset({*surroundings(Allowance(Limits())), *PYTHON_CONSTANTS, "loop", "caller"})
ASKING = frozenset({"defined", "undefined", "none", "null", "falsy", "truthy"})
"""Tests of what may be undefined."""
LENIENT = frozenset({"d", "default"})
CHANGING = frozenset({"replace", "replaceAll", "match", "length", "int", "includes", "indexOf", "startsWith", "pick"})
"""Filters and methods after which an answer is no more what somebody typed."""
STEP = Dialect()
"""How the fields of steps are written."""
Known = frozenset[Path]


def read(source: str, dialect: Dialect = STEP) -> Reading:
    """Read a text."""
    reading = Reading(source)
    lexer = Lexer(
        source,
        variable_start="{{" if dialect.cookiecutter else "${{",
        trim_blocks=dialect.trim_blocks,
        lstrip_blocks=dialect.lstrip_blocks,
    )
    try:
        statements = parse(lexer)
        walk = _Walk(reading, frozenset(_bound(statements)), dialect.cookiecutter)
        walk.every(statements, frozenset())
    except Fault as fault:
        reading.mistakes.append(Mistake(fault.message, fault.line or 1))
        reading.broken = True
    except RecursionError:
        reading.mistakes.append(Mistake("it nests too deeply", 1))
        reading.broken = True
    return reading


def fixed_text(source: str) -> str:
    """Return what a text has written beside its tags, without the white space around; '' when it cannot be read."""
    try:
        statements = parse(Lexer(source, variable_start="${{", trim_blocks=False, lstrip_blocks=False))
    except Fault:
        return ""
    return "".join(one.text for one in statements if isinstance(one, nodes.Text)).strip()


def _parts(node: Any) -> Iterator[Any]:
    """Yield what is directly in a node."""
    if isinstance(node, list | tuple):
        yield from node
    elif isinstance(node, nodes.Node):
        yield from (getattr(node, name) for name in node.parts if name != "function")


def _bound(node: Any) -> Iterator[str]:
    """Yield the names that a text gives to something."""
    match node:
        case nodes.For(names) | nodes.Set(names):
            yield from names
        case nodes.MacroDefinition(name):
            yield name
        case nodes.Parameters(plain, named):
            yield from (*plain, *(name for name, _ in named))
    for part in _parts(node):
        if not isinstance(part, str):
            yield from _bound(part)


def _path(node: nodes.Expression) -> Path | None:
    """Return the path that an expression follows from a variable, None when it is no such thing."""
    match node:
        case nodes.Known(_, value):
            return _path(value)
        case nodes.Name(name):
            return (name,)
        case nodes.Group([one]):
            return _path(one)
        case nodes.Member(target, nodes.Literal(str() as key)):
            before = _path(target)
            return None if before is None else (*before, key)
    return None


class _Walk:
    """Collects the uses of a text; `at` is the place of the tag that it is in."""

    def __init__(self, reading: Reading, bound: frozenset[str], compatible: bool) -> None:  # noqa: FBT001 - of one caller
        self.reading = reading
        self.own = bound | SURROUNDINGS
        self.filters = {*FILTERS, *(COMPATIBLE_FILTERS if compatible else ())}
        self.at = 0

    def every(self, statements: Iterable[Any], known: Known) -> None:
        for one in statements:
            self.visit(one, known)

    def visit(self, node: Any, known: Known, *, asked: bool = False, printed: bool = False) -> None:  # noqa: C901, PLR0912 - one case for each kind of node
        self.at = getattr(node, "at", self.at)
        path = _path(node) if isinstance(node, nodes.Expression) else None
        if path is not None:
            self._use(path, known, asked=asked, printed=printed)
            return
        match node:
            case nodes.Known(_, value) | nodes.Group([value]):
                self.visit(value, known, asked=asked, printed=printed)
            case nodes.Output(value):
                self.visit(value, known, printed=True)
            case nodes.If(condition, body, other):
                self.visit(condition, known, asked=True)
                inner = known | self._looked_at(condition)
                self.every(body, inner)
                self.every(other, inner)
            case nodes.Choice(value, condition, other):
                self.visit(condition, known, asked=True)
                inner = known | self._looked_at(condition)
                self.visit(value, inner, printed=printed)
                self.visit(other, inner, printed=printed)
            case nodes.Both(left, right):
                self.visit(left, known, asked=True)
                self.visit(right, known | self._looked_at(left), asked=asked, printed=printed)
            case nodes.Either(left, right):
                inner = known | self._looked_at(left)
                self.visit(left, inner, asked=asked, printed=printed)
                self.visit(right, inner, asked=asked, printed=printed)
            case nodes.Not(value):
                self.visit(value, known, asked=True)
            case nodes.Filter(value, name, arguments):
                self._check("filter", name, self.filters)
                inner = known | self._looked_at(value) if name in LENIENT else known
                self.visit(value, inner, asked=asked, printed=printed and name not in CHANGING)
                self.visit(arguments, known)
            case nodes.Test(value, name, arguments):
                self._check("test", name, TESTS)
                self.visit(value, known | self._looked_at(value) if name in ASKING else known, asked=True)
                self.visit(arguments, known)
            case nodes.Call(target, arguments):
                self._call(target, known, printed=printed)
                self.visit(arguments, known)
            case nodes.Member(target, key):
                self.visit(target, known)
                self.visit(key, known)
            case nodes.Text() | str():
                pass
            case _:
                for part in _parts(node):
                    self.visit(part, known, asked=asked)

    def _call(self, target: nodes.Expression, known: Known, *, printed: bool) -> None:
        """A method is no member of what it belongs to."""
        match target:
            case nodes.Member(value, nodes.Literal(name)):
                self.visit(value, known, printed=printed and name not in CHANGING)
            case _:
                self.visit(target, known)

    def _use(self, path: Path, known: Known, *, asked: bool, printed: bool) -> None:
        if path[0] not in self.own:
            self.reading.uses.append(Use(path, self.at, is_known(path, known), asked, printed, known))

    def _looked_at(self, node: Any) -> Known:
        """Return the paths that an expression looks at."""
        path = _path(node) if isinstance(node, nodes.Expression) else None
        if path is not None:
            return frozenset({path})
        found: set[Path] = set()
        for part in _parts(node):
            if not isinstance(part, str):
                found |= self._looked_at(part)
        return frozenset(found)

    def _check(self, what: str, name: str, known: Iterable[str]) -> None:
        if name not in known:
            near = did_you_mean(name, known)
            message = f"there is no {what} {name!r}{f': {near}' if near else ''}"
            found = self.reading.source.find(name, self.at)
            place = line_and_column(self.reading.source, max(found, self.at))
            self.reading.mistakes.append(Mistake(message, *place))
