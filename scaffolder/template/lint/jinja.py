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
from scaffolder.template.lint.texts import Mistake, Path, Reading, Use, is_known, start_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from scaffolder.template.cookiecutter.dialect import Dialect

ROOTS = frozenset({"cookiecutter", "_cookiecutter"})
"""What holds the variables of a template; where a text binds such a name, it is usually to the same."""
ASKING = frozenset({"defined", "undefined"})
LENIENT = frozenset({"d", "default", "pprint"})
BOUND = frozenset({"loop", "caller", "varargs", "kwargs", "super", "self", "_"})
METHODS = frozenset({"items", "keys", "values", "get", "pop", "update", "copy", "setdefault", "popitem"})
"""What is called on a map is not in it."""
Known = frozenset[Path]


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
            reading.mistakes.append(Mistake(str(error) or "it nests too deeply", 1))
        return reading

    def _walk(self, template: nodes.Template, reading: Reading) -> None:
        walk = _Walk(reading, self._environment, foreign=self.foreign)
        walk.own |= {one.name for one in template.find_all(nodes.Name) if one.ctx != "load"}
        walk.own |= _named(template)
        walk.visit(template, frozenset())

    def included(self, source: str) -> list[str]:
        """Return the names of what a text includes, extends or imports, as far as they are fixed."""
        try:
            return [name for name in find_referenced_templates(self._environment.parse(source)) if name]
        except (TemplateError, RecursionError, ValueError):
            return []


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

    def visit(  # noqa: C901 - one case for each kind of node
        self, node: nodes.Node, known: Known, *, asked: bool = False, printed: bool = False
    ) -> None:
        path = _path(node)
        if path is not None:
            self._use(node, path, known, asked=asked, printed=printed)
            return
        match node:
            case nodes.Output():
                for one in node.nodes:
                    self.visit(one, known, printed=True)
            case nodes.If():
                self._if(node, known)
            case nodes.CondExpr():
                inner = known | _asked_for(node.test)
                self.visit(node.test, known, asked=True)
                self.visit(node.expr1, inner, printed=printed)
                if node.expr2 is not None:
                    self.visit(node.expr2, inner, printed=printed)
            case nodes.And() | nodes.Or():
                self.visit(node.left, known, asked=True)
                self.visit(node.right, known | _asked_for(node.left), asked=True)
            case nodes.Filter():
                self._filter(node, known, printed=printed)
            case nodes.Test():
                self._check(node, "test", node.name, self.tests)
                inner = known | _looked_at(node.node) if node.name in ASKING else known
                self.visit(node.node, inner, asked=True)
                self._children(node, known, but=node.node)
            case nodes.Call():
                self._call(node, known, printed=printed)
            case _:
                self._children(node, known)

    def _children(self, node: nodes.Node, known: Known, *, but: nodes.Node | None = None) -> None:
        for child in node.iter_child_nodes():
            if child is not but:
                self.visit(child, known)

    def _if(self, node: nodes.If, known: Known) -> None:
        inner = known | _asked_for(node.test)
        self.visit(node.test, known, asked=True)
        for one in (*node.body, *node.elif_, *node.else_):
            self.visit(one, inner)

    def _filter(self, node: nodes.Filter, known: Known, *, printed: bool) -> None:
        self._check(node, "filter", node.name, self.filters)
        if node.node is not None:
            inner = known | _looked_at(node.node) if node.name in LENIENT else known
            changed = node.name in {"slugify", "replace", "int", "length"}
            self.visit(node.node, inner, printed=printed and not changed)
        self._children(node, known, but=node.node)

    def _call(self, node: nodes.Call, known: Known, *, printed: bool) -> None:
        match node.node:
            case nodes.Getattr() as reached:
                self.visit(reached.node, known, printed=printed and reached.attr != "replace")
            case other:
                self.visit(other, known)
        self._children(node, known, but=node.node)

    def _use(self, node: nodes.Node, path: Path, known: Known, *, asked: bool, printed: bool) -> None:
        own = path[0] in self.own
        if own and path[0] not in ROOTS:
            return
        at = start_of(self.reading.source, node.lineno)
        self.reading.uses.append(Use(path, at, own or is_known(path, known), asked, printed, known))

    def _check(self, node: nodes.Node, what: str, name: str, known: Any) -> None:
        if name not in known and not self.foreign:
            near = did_you_mean(name, known)
            self.reading.mistakes.append(
                Mistake(f"there is no {what} {name!r}{f': {near}' if near else ''}", node.lineno)
            )


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
