"""
cookiecutter's Jinja2, in a sandbox and within bounds.

A name that is not defined is an error, as it is there. What could ask for unlimited time or memory is counted: turns
of loops, calls, the length of texts, and numbers that say how large something shall be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from types import BuiltinMethodType, CodeType
from typing import TYPE_CHECKING, Any

from jinja2 import FunctionLoader, StrictUndefined, Template, nodes, pass_eval_context
from jinja2.runtime import Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from scaffolder.errors import Place
from scaffolder.template.expressions import RenderError
from scaffolder.template.language.bounds import BoundError, Bounds, Budget
from scaffolder.template.language.failures import FAILURES, explain
from scaffolder.tree import Tree

if TYPE_CHECKING:
    from jinja2.nodes import EvalContext
    from jinja2.runtime import Context

EXTENSIONS = (
    "cookiecutter.extensions.JsonifyExtension",
    "cookiecutter.extensions.RandomStringExtension",
    "cookiecutter.extensions.SlugifyExtension",
    "cookiecutter.extensions.TimeExtension",
    "cookiecutter.extensions.UUIDExtension",
)
USES_EXTENSIONS = re.compile(r"jsonify|random_ascii_string|slugify|now|uuid4|include|import|extends")
"""Without one of these words a text cannot need the extensions, which take longer to load than a template to render."""
ALLOWED_OPTIONS = frozenset(
    {
        "block_start_string",
        "block_end_string",
        "variable_start_string",
        "variable_end_string",
        "comment_start_string",
        "comment_end_string",
        "line_statement_prefix",
        "line_comment_prefix",
        "trim_blocks",
        "lstrip_blocks",
        "newline_sequence",
        "keep_trailing_newline",
    }
)
LARGEST_NUMBER = 100_000
"""The largest number that may be handed to a function, or to a filter that makes something of that size."""
LONGEST_FILTERED = 1_000_000
"""Characters; such filters cannot be interrupted."""
SIZING_FILTERS = (
    "batch",
    "center",
    "indent",
    "jsonify",
    "pprint",
    "round",
    "slice",
    "tojson",
    "truncate",
    "urlize",
    "wordwrap",
)
NO_OPTIONS = repr([])
MOST_KEPT = 4_096
"""Compiled texts that are kept: a birth renders everything twice, for the plan and for real."""
WIDE_PERCENT = re.compile(r"%[-+ #0]*(?:\d{6,}|\*)|%[-+ #0]*\d*\.(?:\d{6,}|\*)")
WIDE_BRACES = re.compile(r"\{[^{}]*:[^{}]*(?:\d{6,}|\{)")
"""Formats that print a value as wide as they, or their arguments, please."""


class _Sandbox(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(
        self, budget: Budget, *, extensions: Iterable[str], loader: FunctionLoader, options: Mapping[str, Any]
    ) -> None:
        settings = {"keep_trailing_newline": True, **options}
        super().__init__(
            undefined=StrictUndefined, extensions=list(extensions), loader=loader, optimized=False, **settings
        )
        self.budget = budget
        self.globals["range"] = self.range
        self.globals.pop("lipsum")
        self.filters |= {name: _sized(self.filters[name]) for name in SIZING_FILTERS if name in self.filters}
        self.filters["format"] = self.format
        self.filters["join"] = self._bounded(self.filters["join"], self._allow_joining)
        self.filters["replace"] = self._bounded(self.filters["replace"], self._allow_replacing)

    @staticmethod
    def _bounded(call: Callable[..., Any], allow: Callable[..., None]) -> Callable[..., Any]:
        """Ask before a filter makes something large; Jinja's first argument to it is the evaluation's context."""

        @pass_eval_context
        def filter_(state: EvalContext, *arguments: Any, **named: Any) -> Any:
            allow(*arguments)
            return call(state, *arguments, **named)

        return filter_

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        counted: nodes.Template = _Counter().visit(template)
        return counted

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        self.budget.tick()
        if obj not in (self.range, self.counted, self.concatenated) and not isinstance(obj, Macro):
            _refuse_large((*args, *kwargs.values()))
        if isinstance(obj, BuiltinMethodType) and isinstance(obj.__self__, str):
            self._allow_method(obj.__name__, obj.__self__, args)
        return super().call(context, obj, *args, **kwargs)

    def _allow_method(self, name: str, text: str, args: tuple[Any, ...]) -> None:
        match name:
            case "replace":
                self._allow_replacing(text, *args)
            case "join":
                self._allow_joining(*args, text)
            case "expandtabs":
                self.budget.text(text.count("\t") * (args[0] if args and isinstance(args[0], int) else 8))

    def _allow_replacing(self, text: object, old: object = "", new: object = "", *_count: object) -> None:
        self.budget.text(len(str(text)) + str(text).count(str(old)) * len(str(new)))

    def _allow_joining(self, items: object = (), separator: object = "", *_attribute: object) -> None:
        if isinstance(items, Sized):
            self.budget.text(len(items) * len(str(separator)))

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Hand out `format` of a text, unless it would print as wide as somebody says."""
        if (
            isinstance(value, BuiltinMethodType)
            and isinstance(value.__self__, str)
            and value.__name__.startswith("format")
        ):
            _refuse_wide(WIDE_BRACES, value.__self__)
        return super().wrap_str_format(value)

    @staticmethod
    def format(value: str, *args: Any, **kwargs: Any) -> str:
        """Jinja's filter of that name."""
        _refuse_wide(WIDE_PERCENT, str(value))
        return str(value) % (kwargs or args)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        match operator, left, right:
            case "*", str() | list() | tuple(), int():
                self.budget.text(len(left) * right)
            case "*", int(), str() | list() | tuple():
                self.budget.text(left * len(right))
            case "*", int(), int():
                self.budget.text(left.bit_length() + right.bit_length())
            case "**", int(), int():
                self.budget.text(left.bit_length() * right)
            case "+", str() | list(), str() | list():
                self.budget.text(len(left) + len(right))
            case "%", str(), _:
                _refuse_wide(WIDE_PERCENT, left)
        return super().call_binop(context, operator, left, right)

    def concatenated(self, *values: object) -> str:
        """Do what `~` means."""
        return self.concat(map(str, values))

    def counted(self, items: Iterable[Any]) -> Iterator[Any]:
        """Count each turn of a loop."""
        if isinstance(items, (list, tuple, str, dict)):
            return _Counted(items, self.budget)  # type: ignore[return-value] # it can be walked, and has a length
        return iter(_Counted(items, self.budget))

    def range(self, *edges: int) -> range:
        numbers = range(*edges)
        self.budget.items(len(numbers))
        return numbers

    def concat(self, texts: Iterable[str]) -> str:
        parts = list(texts)
        self.budget.text(sum(map(len, parts)))
        return "".join(parts)


class _Counter(NodeTransformer):
    """Lets loops and `~` go through the environment, which counts."""

    def visit_For(self, loop: nodes.For) -> nodes.For:  # noqa: N802 - Jinja's naming
        self.generic_visit(loop)
        loop.iter = _call("counted", [loop.iter], loop.lineno)
        return loop

    def visit_Concat(self, joined: nodes.Concat) -> nodes.Call:  # noqa: N802 - Jinja's naming
        self.generic_visit(joined)
        return _call("concatenated", joined.nodes, joined.lineno)


def _call(name: str, arguments: list[Any], lineno: int) -> nodes.Call:
    return nodes.Call(nodes.EnvironmentAttribute(name), arguments, [], None, None, lineno=lineno)


class _Counted:
    """Walks something, counting; the length is known when that of the original is."""

    def __init__(self, items: Iterable[Any], budget: Budget) -> None:
        self._items = items
        self._budget = budget

    def __iter__(self) -> Iterator[Any]:
        for item in self._items:
            self._budget.tick()
            yield item

    def __len__(self) -> int:
        return len(self._items)  # type: ignore[arg-type] # Jinja asks only those that have one


def _refuse_large(values: Iterable[object]) -> None:
    for value in values:
        if isinstance(value, (int, float)) and abs(value) > LARGEST_NUMBER:
            msg = f"the number {value:,} is larger than {LARGEST_NUMBER:,}"
            raise BoundError(msg)


def _refuse_wide(form: re.Pattern[str], text: str) -> None:
    if form.search(text):
        msg = "a format asks for a very large width"
        raise BoundError(msg)


def _sized(call: Callable[..., Any]) -> Callable[..., Any]:
    """Let a filter refuse numbers that would make it fill the memory."""
    from functools import wraps

    @wraps(call)
    def filter_(*arguments: Any, **named: Any) -> Any:
        _refuse_large((*arguments[1:], *named.values()))
        if any(isinstance(argument, str) and len(argument) > LONGEST_FILTERED for argument in arguments):
            msg = f"a filter is given more than {LONGEST_FILTERED:,} characters"
            raise BoundError(msg)
        return call(*arguments, **named)

    return filter_


_compiled: dict[tuple[str, str], CodeType] = {}
"""By the options that count for it and the text. The code holds no environment: it is given one when it is run."""


class Engine:
    """Renders texts; `files` below `home` and in `templates` can be included."""

    def __init__(self, *, files: Tree | None = None, home: str = "", options: object = None) -> None:
        self._budget = Budget(Bounds())
        given = options if isinstance(options, Mapping) else {}
        self._files = files or Tree()
        self._home = home
        self._allowed = {name: value for name, value in given.items() if name in ALLOWED_OPTIONS}
        self._options = repr(sorted(self._allowed.items()))
        self._sandboxes: dict[bool, _Sandbox] = {}

    def _sandbox(self, source: str) -> _Sandbox:
        extended = USES_EXTENSIONS.search(source) is not None
        if extended not in self._sandboxes:
            self._sandboxes[extended] = _Sandbox(
                self._budget,
                extensions=EXTENSIONS if extended else (),
                loader=FunctionLoader(self._load),
                options=self._allowed,
            )
        return self._sandboxes[extended]

    def _load(self, name: str) -> str | None:
        """Return a file that a template includes, by its path in the project or among `templates`."""
        return self._files.text(f"{self._home}/{name}") or self._files.text(f"templates/{name}")

    def has_tags(self, source: str) -> bool:
        """Tell whether a text needs rendering; of a template with delimiters of its own, each does."""
        return "{" in source or self._options != NO_OPTIONS

    def text(self, source: str, context: Mapping[str, Any], *, file: str) -> str:
        """
        Render a text; its line ends stay what the first one is.

        Raises:
            RenderError: With file and line.
        """
        self._budget.start()
        first = source.find("\n")
        returns = first > 0 and source[first - 1] == "\r"
        try:
            sandbox = self._sandbox(source)
            template = Template.from_code(sandbox, self._code(source, sandbox), sandbox.make_globals(None))
            parts, total = [], 0
            for part in template.root_render_func(template.new_context(dict(context))):
                total += len(part)
                self._budget.text(total)
                parts.append(part)
        except FAILURES as error:
            reason, line = explain(error)
            raise RenderError(reason, place=Place(file, line)) from error
        text = "".join(parts)
        return text.replace("\r\n", "\n").replace("\n", "\r\n") if returns else text

    def _code(self, source: str, sandbox: _Sandbox) -> CodeType:
        known = self._options, source
        if known not in _compiled:
            if len(_compiled) >= MOST_KEPT:
                _compiled.clear()
            _compiled[known] = sandbox.compile(source)
        return _compiled[known]
