"""
Jinja2's sandbox, made to speak the `${{ }}` language within bounds.

What a template can reach is decided in two places: `methods.member` for values, `Environment.call` for functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from jinja2 import nodes
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner

from scaffolder.template.language.bounds import Bounds, Budget
from scaffolder.template.language.filters import TESTS, filters
from scaffolder.template.language.grammar import NunjucksParser
from scaffolder.template.language.methods import PYTHON_LIKE, BoundMethod, member
from scaffolder.template.language.operators import BINARY, UNARY
from scaffolder.template.language.values import (
    List,
    Missing,
    dump,
    object_keys,
    to_index,
    to_js,
    to_string,
    to_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jinja2 import Template

MOST_KEPT = 4_096
"""Compiled texts that an environment keeps: a birth renders everything twice, for the plan and for real."""
KEY_AND_VALUE = 2
"""Names in a `for` over an object."""
LOOP_PROPERTIES = frozenset({"index", "index0", "revindex", "revindex0", "first", "last", "length"})
CALLABLE = (Macro, BoundMethod, Joiner, FunctionType, MethodType)
"""Functions and methods are the ones we hand out ourselves: `methods.member` gives no others."""
MARK_FOR_RETURN = "\x1c"
"""Stands for a carriage return while Jinja, which would drop it, has the text; it counts as white space there too."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a place in Backstage writes templates; see `fetch:template`'s inputs of the same names."""

    cookiecutter: bool = False
    trim_blocks: bool = False
    lstrip_blocks: bool = False


class Walk(List):
    """A list that counts each turn of the loop over it."""

    def __init__(self, items: Iterable[Any], budget: Budget) -> None:
        super().__init__(items)
        self._budget = budget

    def __iter__(self) -> Iterator[Any]:
        for item in super().__iter__():
            self._budget.tick()
            yield item


class Environment(ImmutableSandboxedEnvironment):
    """Compiles and runs the language. Every text has its own time; what was compiled once is kept."""

    intercepted_binops = frozenset(BINARY)
    intercepted_unops = frozenset(UNARY)

    def __init__(self, dialect: Dialect, bounds: Bounds) -> None:
        super().__init__(
            variable_start_string="{{" if dialect.cookiecutter else "${{",
            trim_blocks=dialect.trim_blocks,
            lstrip_blocks=dialect.lstrip_blocks,
            keep_trailing_newline=True,
            newline_sequence="\n",
            undefined=Missing,
            finalize=to_text,
            optimized=False,
            autoescape=False,
        )
        self.dialect = dialect
        self.budget = Budget(bounds)
        self._compiled = lru_cache(MOST_KEPT)(self._template_of)
        self._lone = lru_cache(MOST_KEPT)(self._lone_template)
        self.filters = self._filters()
        self.tests = dict(TESTS)
        self.globals = {"range": self.range, "cycler": Cycler, "joiner": Joiner, "always": _always, "failure": _failure}
        if dialect.cookiecutter:
            self.globals |= {"True": True, "False": False, "None": None}

    def _filters(self) -> dict[str, Any]:
        self_filters: dict[str, Any] = filters(self.budget)
        if self.dialect.cookiecutter:
            self_filters["jsonify"] = dump
        return self_filters

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return NunjucksParser(self, source, name, filename).parse()

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return a property of a value."""
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return a property or an element of a value."""
        if isinstance(obj, LoopContext):
            return getattr(obj, argument) if argument in LOOP_PROPERTIES else Missing(name=to_string(argument))
        if isinstance(obj, Cycler):
            return obj.next if argument == "next" else obj.current if argument == "current" else Missing()
        if self.dialect.cookiecutter and isinstance(obj, dict) and argument in PYTHON_LIKE and argument not in obj:
            return BoundMethod(PYTHON_LIKE[argument], obj)
        return member(obj, argument, self.budget)

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call one of the few things that can be called."""
        self.budget.tick()
        if isinstance(obj, CALLABLE) or obj in (Cycler, Joiner):
            return context.call(obj, *args, **kwargs)
        name = getattr(obj, "_undefined_name", None) or to_string(obj)
        msg = f"unable to call {name!r}, which is no function"
        raise TypeError(msg)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002 - Jinja hands it over
        """Apply one of JavaScript's operators."""
        result = BINARY[operator](left, right)
        self.budget.text(len(result) if isinstance(result, str) else 0)
        return result

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:  # noqa: ARG002 - Jinja hands it over
        """Apply a sign."""
        return UNARY[operator](arg)

    def range(self, *edges: object) -> List:
        """Return whole numbers, like `range` of nunjucks; never more than a list may have."""
        numbers = range(*(to_index(edge) for edge in edges))
        self.budget.items(len(numbers))
        return List(numbers)

    def walk(self, value: Any, names: int) -> Walk:
        """Return what a `for` with that many names goes through."""
        match value:
            case dict() if names == KEY_AND_VALUE:
                items: Iterable[Any] = [(key, value[key]) for key in object_keys(value)]
            case list() | tuple() | str() if names == 1:
                items = list(value)
            case list() | tuple():
                items = [self._unpacked(item, names) for item in value]
            case _:
                items = ()
        return Walk(items, self.budget)

    @staticmethod
    def _unpacked(item: Any, names: int) -> list[Any]:
        parts = list(item) if isinstance(item, (list, tuple, str)) else []
        return (parts + [Missing()] * names)[:names]

    def concat(self, texts: Iterable[str]) -> str:
        """Join what a template, a macro or a block has written."""
        parts = list(texts)
        self.budget.text(sum(map(len, parts)))
        return "".join(parts)

    def render(self, source: str, context: Mapping[str, Any]) -> str:
        """Render a text."""
        self.budget.start()
        lines = source.count("\n")
        self.newline_sequence = "\r\n" if lines and lines == source.count("\r\n") == source.count("\r") else "\n"
        if "\r" not in source or self.newline_sequence == "\r\n":
            return self._run(self._compiled(source, self.newline_sequence), context)
        marked = self._run(self._compiled(source.replace("\r", MARK_FOR_RETURN), self.newline_sequence), context)
        return marked.replace(MARK_FOR_RETURN, "\r")

    def _run(self, template: Template, context: Mapping[str, Any]) -> str:
        written, total = [], 0
        for part in template.root_render_func(template.new_context(_variables(context))):
            total += len(part)
            self.budget.text(total)
            written.append(part)
        return "".join(written)

    def _template_of(self, source: str, newline_sequence: str) -> Template:
        del newline_sequence  # a part of the key: the same text compiles differently
        return self.from_string(source)

    def lone_expression(self, source: str) -> Template | None:
        """Return what `evaluate` takes, when `source` is one `${{ … }}` and nothing else."""
        return self._lone(source)

    def _lone_template(self, source: str) -> Template | None:
        match self.parse(source).body:
            case [nodes.Output(nodes=[expression])] if not isinstance(expression, nodes.TemplateData):
                result = nodes.Name("result", "store", lineno=1)
                assignment = nodes.Template([nodes.Assign(result, expression, lineno=1)], lineno=1)
                assignment.set_environment(self)
                return self.from_string(assignment)
        return None

    def evaluate(self, template: Template, context: Mapping[str, Any]) -> Any:
        """Return the value of a lone expression."""
        self.budget.start()
        variables = template.new_context(_variables(context))
        for _ in template.root_render_func(variables):
            pass
        return variables.vars["result"]


def _always() -> bool:
    return True


def _failure() -> bool:
    return False


def _variables(context: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item if callable(item) else to_js(item) for name, item in context.items()}


@lru_cache
def environment(dialect: Dialect) -> Environment:
    """Return the environment of a dialect: setting one up costs more than most renderings."""
    return Environment(dialect, Bounds())
