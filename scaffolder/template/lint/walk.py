"""
Walks through a text in the `${{ }}` language, and notes which variables it names, which filters, tests and methods
there are not, and what reads otherwise than it is.

A name that the text binds anywhere (`set`, `for`, `macro`) is its own everywhere: better to overlook something than to
complain about what is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.errors import did_you_mean
from scaffolder.template.language import nodes
from scaffolder.template.language.bounds import Allowance, Limits
from scaffolder.template.language.compiler import COMPATIBLE_FILTERS
from scaffolder.template.language.environment import PYTHON_CONSTANTS
from scaffolder.template.language.filters import FILTERS
from scaffolder.template.language.surroundings import surroundings
from scaffolder.template.language.tests import TESTS
from scaffolder.template.lint.texts import Known, Mistake, Path, Reading, Seen, Use, is_known, line_and_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

SURROUNDINGS = frozenset({*surroundings(Allowance(Limits())), "loop", "caller", "undefined"})
ASKING = frozenset({"defined", "undefined", "none", "null", "falsy", "truthy"})
"""Tests of what may be undefined."""
LENIENT = frozenset({"d", "default"})
CHANGING = frozenset({"replace", "replaceAll", "match", "length", "int", "includes", "indexOf", "startsWith", "pick"})
"""Filters and methods after which an answer is no more what somebody typed."""
BY_ATTRIBUTE = frozenset({"selectattr", "rejectattr"})
TAKES_NAMES = frozenset({"sort", "int", "d", "default"})
"""Filters that named arguments reach; a default with one is at least what it reads as."""
TO_JAVASCRIPT = "values are JavaScript's here"
PYTHON_METHODS = {
    "lower": "write | lower, or toLowerCase()",
    "upper": "write | upper, or toUpperCase()",
    "title": "write | title",
    "capitalize": "write | capitalize",
    "strip": "write | trim, or trim()",
    "startswith": "write startsWith()",
    "endswith": "write endsWith()",
    "items": "write {% for key, value in object %}",
    "append": "write push()",
    "get": "write object[name]",
    **dict.fromkeys(("lstrip", "rstrip", "swapcase", "zfill", "isdigit", "isalpha", "format"), TO_JAVASCRIPT),
}
"""Methods that Python's values have and JavaScript's have not, and what to write."""
COMPATIBLE_METHODS = frozenset({"items", "get", "append"})


def walk(statements: list[nodes.Statement], reading: Reading, *, compatible: bool) -> None:
    """Note what the statements of a text say; `compatible` ones know cookiecutter's ways, too."""
    found = _Walk(reading, frozenset(_bound(statements)), compatible=compatible)
    found.every(statements, Seen())


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
    """Collects the uses of a text, and what reads otherwise than it is; `at` is the place of the tag that it is in."""

    def __init__(self, reading: Reading, bound: frozenset[str], *, compatible: bool) -> None:
        self.reading = reading
        self.own = bound | SURROUNDINGS | (frozenset(PYTHON_CONSTANTS) if compatible else frozenset())
        self.filters = {*FILTERS, *(COMPATIBLE_FILTERS if compatible else ())}
        self.lacking = PYTHON_METHODS.keys() - (COMPATIBLE_METHODS if compatible else frozenset())
        self.at = 0

    def every(self, statements: Iterable[Any], seen: Seen) -> None:
        for one in statements:
            self.visit(one, seen)

    def visit(self, node: Any, seen: Seen) -> None:
        self.at = getattr(node, "at", self.at)
        path = _path(node) if isinstance(node, nodes.Expression) else None
        if path is not None:
            self._use(path, seen)
        elif way := WAYS.get(type(node)):
            way(self, node, seen)
        else:
            self._others(node, seen)

    def _others(self, node: Any, seen: Seen) -> None:
        for part in _parts(node):
            if not isinstance(part, str):
                self.visit(part, seen.only(asked=seen.asked))

    def _inner(self, node: nodes.Known | nodes.Group, seen: Seen) -> None:
        match node:
            case nodes.Known(_, value) | nodes.Group([value]):
                self.visit(value, seen)
            case _:
                self._others(node, seen)

    def _output(self, node: nodes.Output, seen: Seen) -> None:
        self.visit(node.value, seen.only(printed=True))

    def _if(self, node: nodes.If, seen: Seen) -> None:
        self.visit(node.condition, seen.only(asked=True))
        inner = seen.only().knowing(_looked_at(node.condition))
        self.every(node.body, inner)
        self.every(node.other, inner)

    def _choice(self, node: nodes.Choice, seen: Seen) -> None:
        self.visit(node.condition, seen.only(asked=True))
        inner = seen.only(printed=seen.printed).knowing(_looked_at(node.condition))
        self.visit(node.value, inner)
        self.visit(node.other, inner)

    def _both(self, node: nodes.Both, seen: Seen) -> None:
        self.visit(node.left, seen.only(asked=True))
        self.visit(node.right, seen.knowing(_looked_at(node.left)))

    def _either(self, node: nodes.Either, seen: Seen) -> None:
        inner = seen.knowing(_looked_at(node.left))
        self.visit(node.left, inner)
        self.visit(node.right, inner)

    def _not(self, node: nodes.Not, seen: Seen) -> None:
        self.visit(node.value, seen.only(asked=True))

    def _comparison(self, node: nodes.Comparison, seen: Seen) -> None:
        if _is_negated(node.operands[0]) and not any(_is_flag(one) for one in node.operands[1:]):
            operator = node.operators[0]
            self._odd(f"`not a {operator} b` is read as `(not a) {operator} b`: write `not (a {operator} b)`")
        self._others(node, seen)

    def _filter(self, node: nodes.Filter, seen: Seen) -> None:
        self._check("filter", node.name, self.filters)
        self._check_arguments(node.name, node.arguments)
        inner = seen.knowing(_looked_at(node.value)) if node.name in LENIENT else seen
        self.visit(node.value, inner._replace(printed=seen.printed and node.name not in CHANGING))
        self.visit(node.arguments, seen.only())

    def _test(self, node: nodes.Test, seen: Seen) -> None:
        self._check("test", node.name, TESTS)
        inner = seen.knowing(_looked_at(node.value)) if node.name in ASKING else seen
        self.visit(node.value, inner.only(asked=True))
        self.visit(node.arguments, seen.only())

    def _call(self, node: nodes.Call, seen: Seen) -> None:
        """A method is no member of what it belongs to."""
        match node.target:
            case nodes.Member(value, nodes.Literal(name)):
                if name in self.lacking:
                    self._mistaken(f"no value has {name}(): {PYTHON_METHODS[name]}", name)
                self.visit(value, seen.only(printed=seen.printed and name not in CHANGING))
            case target:
                self.visit(target, seen.only())
        self.visit(node.arguments, seen.only())

    def _member(self, node: nodes.Member, seen: Seen) -> None:
        if isinstance(node.key, nodes.Sign) and node.key.operator == "-":
            self._odd("a list has nothing at a negative place: write `| last` for the last")
        self.visit(node.target, seen.only())
        self.visit(node.key, seen.only())

    def _use(self, path: Path, seen: Seen) -> None:
        if path[0] not in self.own:
            guarded = is_known(path, seen.known)
            self.reading.uses.append(Use(path, self.at, guarded, seen.asked, seen.printed, seen.known))

    def _check(self, what: str, name: str, known: Iterable[str]) -> None:
        if name not in known:
            near = did_you_mean(name, known)
            self._mistaken(f"there is no {what} {name!r}{f': {near}' if near else ''}", name)

    def _check_arguments(self, name: str, arguments: nodes.Arguments) -> None:
        """What the engine passes over without a word."""
        if name in BY_ATTRIBUTE and len(arguments.plain) > 1:
            self._odd(f"{name} takes an attribute alone, and passes over the test: it asks whether that is true")
        elif name in FILTERS and arguments.named and name not in TAKES_NAMES:
            names = ", ".join(one for one, _ in arguments.named)
            self._odd(f"the filter {name} knows no names of arguments: {names} does not reach it")

    def _mistaken(self, message: str, name: str) -> None:
        self.reading.mistakes.append(Mistake(message, *self._place(name)))

    def _odd(self, message: str) -> None:
        self.reading.oddities.append(Mistake(message, *self._place("")))

    def _place(self, name: str) -> tuple[int, int]:
        found = self.reading.source.find(name, self.at)
        return line_and_column(self.reading.source, max(found, self.at))


# ruff: noqa: SLF001 - these are its ways
WAYS: Mapping[type, Any] = {
    nodes.Known: _Walk._inner,
    nodes.Group: _Walk._inner,
    nodes.Output: _Walk._output,
    nodes.If: _Walk._if,
    nodes.Choice: _Walk._choice,
    nodes.Both: _Walk._both,
    nodes.Either: _Walk._either,
    nodes.Not: _Walk._not,
    nodes.Comparison: _Walk._comparison,
    nodes.Filter: _Walk._filter,
    nodes.Test: _Walk._test,
    nodes.Call: _Walk._call,
    nodes.Member: _Walk._member,
    nodes.Text: lambda *_: None,
}


def _looked_at(node: Any) -> Known:
    """Return the paths that an expression looks at."""
    path = _path(node) if isinstance(node, nodes.Expression) else None
    if path is not None:
        return frozenset({path})
    inside = [_looked_at(part) for part in _parts(node) if not isinstance(part, str)]
    return frozenset().union(*inside)


def _is_negated(node: Any) -> bool:
    """Tell whether a row begins with a `not` that is not in brackets: it belongs to the first operand alone."""
    while isinstance(node, nodes.Row):
        node = node.operands[0]
    return isinstance(node, nodes.Not)


def _is_flag(node: Any) -> bool:
    return isinstance(node, nodes.Literal) and isinstance(node.value, bool)
