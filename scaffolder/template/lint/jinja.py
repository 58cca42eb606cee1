"""
Reads texts in cookiecutter's Jinja: which variables they name, what they include, which filters there are not.

A name that the text binds anywhere is its own everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.meta import find_referenced_templates
from jinja2.sandbox import SandboxedEnvironment

from scaffolder.errors import did_you_mean
from scaffolder.template.cookiecutter.extensions import Additions
from scaffolder.template.lint.texts import Known, Mistake, Path, Reading, Seen, Use, is_known, start_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from scaffolder.template.cookiecutter.dialect import Dialect

ROOTS = frozenset({"cookiecutter", "_cookiecutter"})
"""What holds the variables of a template; where a text binds such a name, it is usually to the same."""
ASKING = frozenset({"defined", "undefined"})
LENIENT = frozenset({"d", "default", "pprint"})
CHANGING = frozenset({"slugify", "replace", "int", "length"})
"""Filters after which an answer is no more what somebody typed."""
BOUND = frozenset({"loop", "caller", "varargs", "kwargs", "super", "self", "_"})
METHODS = frozenset({"items", "keys", "values", "get", "pop", "update", "copy", "setdefault", "popitem"})
"""What is called on a map is not in it."""


class Reader:
    """
    Reads the texts of one template.

    With `foreign` extensions, nobody knows which tags, filters and variables there are: none is missed.
    """

    def __init__(self, dialect: Dialect, *, foreign: bool = False) -> None:
        options: dict[str, Any] = {"keep_trailing_newline": True, **dialect.options}
        self._environment = SandboxedEnvironment(
            undefined=StrictUndefined, extensions=[Additions, *dialect.extensions], **options
        )
        self.foreign = foreign

    def read(self, source: str) -> Reading:
        """Read a text."""
        reading = Reading(source)
        try:
            self._walk(self._environment.parse(source), reading)
        except TemplateSyntaxError as error:
            reading.broken = True
            if not (self.foreign and "unknown tag" in str(error.message)):
                reading.mistakes.append(Mistake(str(error.message).rstrip("."), error.lineno))
        except (TemplateError, RecursionError, ValueError) as error:
            reading.broken = True
            reading.mistakes.append(Mistake(_reason(error), 1))
        return reading

    def _walk(self, template: nodes.Template, reading: Reading) -> None:
        walk = _Walk(reading, self._environment, foreign=self.foreign)
        walk.own |= {one.name for one in template.find_all(nodes.Name) if one.ctx != "load"}
        walk.own |= _named(template)
        walk.visit(template, Seen())

    def included(self, source: str) -> list[str]:
        """Return the names of what a text includes, extends or imports, as far as they are fixed."""
        try:
            return [name for name in find_referenced_templates(self._environment.parse(source)) if name]
        except (TemplateError, RecursionError, ValueError):
            return []


def _reason(error: Exception) -> str:
    return "it nests too deeply" if isinstance(error, RecursionError) else str(error) or type(error).__name__


def _named(template: nodes.Template) -> set[str]:
    """Return the names of macros and of what is imported."""
    found = {one.name for one in template.find_all(nodes.Macro)} | {
        one.target for one in template.find_all(nodes.Import)
    }
    for imported in template.find_all(nodes.FromImport):
        found |= {name if isinstance(name, str) else name[1] for name in imported.names}
    return found


def _path(node: nodes.Node) -> Path | None:
    match node:
        case nodes.Name():
            return (node.name,)
        case nodes.Getattr():
            before = _path(node.node)
            return None if before is None else (*before, node.attr)
        case nodes.Getitem(arg=nodes.Const(value=str() as key)):
            before = _path(node.node)
            return None if before is None else (*before, key)
    return None


class _Walk:
    def __init__(self, reading: Reading, environment: SandboxedEnvironment, *, foreign: bool) -> None:
        self.reading = reading
        self.own = {*environment.globals, *BOUND}
        self.filters: Container[str] | Iterable[str] = environment.filters
        self.tests = environment.tests
        self.foreign = foreign

    def visit(self, node: nodes.Node, seen: Seen) -> None:
        path = _path(node)
        if path is not None:
            self._use(node, path, seen)
        elif way := WAYS.get(type(node)):
            way(self, node, seen)
        else:
            self._children(node, seen)

    def _children(self, node: nodes.Node, seen: Seen, *, but: nodes.Node | None = None) -> None:
        for child in node.iter_child_nodes():
            if child is not but:
                self.visit(child, seen.only())

    def _output(self, node: nodes.Output, seen: Seen) -> None:
        for one in node.nodes:
            self.visit(one, seen.only(printed=True))

    def _if(self, node: nodes.If, seen: Seen) -> None:
        self.visit(node.test, seen.only(asked=True))
        inner = seen.only().knowing(_asked_for(node.test))
        for one in (*node.body, *node.elif_, *node.else_):
            self.visit(one, inner)

    def _choice(self, node: nodes.CondExpr, seen: Seen) -> None:
        self.visit(node.test, seen.only(asked=True))
        inner = seen.only(printed=seen.printed).knowing(_asked_for(node.test))
        for one in filter(None, (node.expr1, node.expr2)):
            self.visit(one, inner)

    def _either(self, node: nodes.And | nodes.Or, seen: Seen) -> None:
        inner = seen.only(asked=True)
        self.visit(node.left, inner)
        self.visit(node.right, inner.knowing(_asked_for(node.left)))

    def _test(self, node: nodes.Test, seen: Seen) -> None:
        self._check(node, "test", node.name, self.tests)
        inner = seen.knowing(_looked_at(node.node)) if node.name in ASKING else seen
        self.visit(node.node, inner.only(asked=True))
        self._children(node, seen, but=node.node)

    def _filter(self, node: nodes.Filter, seen: Seen) -> None:
        self._check(node, "filter", node.name, self.filters)
        if node.node is not None:
            inner = seen.knowing(_looked_at(node.node)) if node.name in LENIENT else seen
            self.visit(node.node, inner.only(printed=seen.printed and node.name not in CHANGING))
        self._children(node, seen, but=node.node)

    def _call(self, node: nodes.Call, seen: Seen) -> None:
        match node.node:
            case nodes.Getattr() as reached:
                self.visit(reached.node, seen.only(printed=seen.printed and reached.attr != "replace"))
            case other:
                self.visit(other, seen.only())
        self._children(node, seen, but=node.node)

    def _use(self, node: nodes.Node, path: Path, seen: Seen) -> None:
        own = path[0] in self.own
        if own and path[0] not in ROOTS:
            return
        at = start_of(self.reading.source, node.lineno)
        self.reading.uses.append(Use(path, at, own or is_known(path, seen.known), seen.asked, seen.printed, seen.known))

    def _check(self, node: nodes.Node, what: str, name: str, known: Any) -> None:
        if name not in known and not self.foreign:
            near = did_you_mean(name, known)
            self.reading.mistakes.append(
                Mistake(f"there is no {what} {name!r}{f': {near}' if near else ''}", node.lineno)
            )


# ruff: noqa: SLF001 - these are its ways
WAYS: Mapping[type, Any] = {
    nodes.Output: _Walk._output,
    nodes.If: _Walk._if,
    nodes.CondExpr: _Walk._choice,
    nodes.And: _Walk._either,
    nodes.Or: _Walk._either,
    nodes.Filter: _Walk._filter,
    nodes.Test: _Walk._test,
    nodes.Call: _Walk._call,
}


def _asked_for(node: nodes.Node) -> Known:
    """Return the paths of which a condition asks whether they are defined."""
    tests = [node, *node.find_all(nodes.Test)]
    asking = [one for one in tests if isinstance(one, nodes.Test) and one.name in ASKING]
    found: frozenset[Path] = frozenset()
    return found.union(*(_looked_at(one.node) for one in asking))


def _looked_at(node: nodes.Node) -> Known:
    path = _path(node)
    if path is not None:
        return frozenset({path})
    found: frozenset[Path] = frozenset()
    return found.union(*(_looked_at(child) for child in node.iter_child_nodes()))
