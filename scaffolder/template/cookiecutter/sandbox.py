"""
cookiecutter's Jinja2, in a sandbox and within bounds.

A name that is not defined is an error, as it is there, and a template may change its lists and maps. What could ask for
unlimited time or memory is counted: turns of loops, calls, the length of texts and lists, and numbers that say how
large something shall be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from math import inf
from types import BuiltinMethodType, CodeType, MethodType
from typing import TYPE_CHECKING, Any

from jinja2 import BaseLoader, StrictUndefined, nodes, pass_eval_context
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer

from scaffolder.template.cookiecutter import straight
from scaffolder.template.cookiecutter.bounds import BoundError, Budget, MayRunAway
from scaffolder.template.cookiecutter.extensions import Additions, random_ascii_string

if TYPE_CHECKING:
    from jinja2.nodes import EvalContext
    from jinja2.runtime import Context

    from scaffolder.template.cookiecutter.compiled import Compiled

LARGEST_NUMBER = 100_000
"""The largest number that may be handed to something that makes a text or list of that size."""
LONGEST_FILTERED = 1_000_000
"""Characters; some filters cannot be interrupted."""
LARGEST_POWER = 100_000
"""Bits of a whole number."""
SIZING_FILTERS = (
    *("batch", "center", "indent", "jsonify", "pprint", "round", "slice", "tojson", "truncate", "urlize", "wordwrap"),
)
LISTING_METHODS = frozenset({"rsplit", "split", "splitlines"})
METHOD = BuiltinMethodType | MethodType
"""Of a value of Python's own, or of a text that is marked as safe."""
SIZING_METHODS = frozenset({"center", "expandtabs", "ljust", "rjust", "to_bytes", "zfill"})
GROWING_METHODS = frozenset({"extend", "update"})
MOST_PARAGRAPHS = 100
WIDE_PERCENT = re.compile(r"%(?:\([^)]*\))?[-+ #0]*(?:\d{6,}|\*|\d*\.(?:\d{6,}|\*))")
WIDE_BRACES = re.compile(r"\{[^{}]*:[^{}]*(?:\d{6,}|\{)")
"""Formats that print a value as wide as they, or their arguments, please."""


class Sandbox(SandboxedEnvironment):
    """An environment for one rendering. `straight` tells of the text parsed last whether it can run away."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(
        self,
        budget: Budget,
        *,
        loader: BaseLoader,
        compiled: Compiled,
        extensions: Iterable[str] = (),
        options: Mapping[str, Any],
    ) -> None:
        super().__init__(
            undefined=StrictUndefined,
            extensions=[Additions, *extensions],
            loader=loader,
            optimized=False,
            **{"keep_trailing_newline": True, **options},
        )
        self.budget = budget
        self.straight = False
        self._compiled = compiled
        self.globals |= {"range": self.range, "lipsum": self.lipsum, "random_ascii_string": self.random_ascii_string}
        self.filters |= {name: _sized(self.filters[name]) for name in SIZING_FILTERS}
        self.filters["format"] = self.format
        self.filters["join"] = self._bounded(self.filters["join"], self._joinable)
        self.filters["replace"] = self._bounded(self.filters["replace"], self._replaceable)
        self.filters |= {name: self._timed(self.filters[name]) for name in straight.FILTERS}

    @staticmethod
    def _bounded(call: Callable[..., Any], allow: Callable[..., tuple[Any, ...]]) -> Callable[..., Any]:
        """Ask before a filter makes something large; Jinja's first argument to it is the evaluation's context."""

        @pass_eval_context
        def filter_(state: EvalContext, *arguments: Any, **named: Any) -> Any:
            return call(state, *allow(*arguments), **named)

        return filter_

    def _timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Look at the clock before a filter, and hand it only what is small where nothing could end it."""
        from functools import wraps

        own = 1 if hasattr(call, "jinja_pass_arg") else 0

        @wraps(call)
        def filter_(*arguments: Any, **named: Any) -> Any:
            self.budget.look()
            if isinstance(arguments[own], str | list | tuple | dict):
                self.budget.at_once(len(arguments[own]))
            return call(*arguments, **named)

        return filter_

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        self.straight = straight.is_straight(template)
        counted: nodes.Template = _Counter().visit(template)
        if not (self.straight or self.budget.confined):
            raise MayRunAway  # to compile is to work out what is constant
        return counted

    def compile(self, source: Any, name: str | None = None, *rest: Any, **options: Any) -> CodeType:  # type: ignore[override] # of texts only
        """Return the code of a text, which may be known from another run."""
        found = self._compiled.get(name, source)
        if found is None:
            found = super().compile(source, name, *rest, **options), self.straight
            self._compiled.put(name, source, found)
        self.straight = found[1]
        return found[0]

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call something for a template, unless it would make too much."""
        self.budget.tick()
        if isinstance(obj, METHOD):
            args = self._allow_method(obj.__name__, obj.__self__, args, kwargs)
        return super().call(context, obj, *args, **kwargs)

    def _allow_method(
        self, name: str, owner: object, args: tuple[Any, ...], named: Mapping[str, Any]
    ) -> tuple[Any, ...]:
        """Return the arguments of a method of a built-in value, unless it would make something too large of them."""
        if name in SIZING_METHODS:
            _refuse_large((*args, *named.values()))
        elif name in GROWING_METHODS and args and isinstance(args[0], Sized) and isinstance(owner, Sized):
            self.budget.items(len(owner) + len(args[0]))
        elif not isinstance(owner, str):
            return args
        elif name in LISTING_METHODS:
            self.budget.at_once(len(owner))
        elif name == "replace":
            self._replaceable(owner, *args)
        elif name == "join" and args:
            return (self._joinable(args[0], owner)[0],)
        elif name == "translate" and args and isinstance(args[0], Mapping):
            self.budget.text(len(owner) * max((len(str(value)) for value in args[0].values()), default=1))
        return args

    def _replaceable(self, text: object, old: object = "", new: object = "", *rest: object) -> tuple[Any, ...]:
        self.budget.text(len(str(text)) + str(text).count(str(old)) * len(str(new)))
        return (text, old, new, *rest)

    def _joinable(self, items: Any = (), separator: object = "", *rest: object) -> tuple[Any, ...]:
        """Count what would be joined; what comes one by one is gathered for it."""
        if isinstance(items, StrictUndefined):
            return (items, separator, *rest)
        gathered, total = [], 0
        for item in items:
            total += len(str(separator)) + (len(item) if isinstance(item, str) else 1)
            self.budget.text(total)
            gathered.append(item)
        return (gathered, separator, *rest)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Hand out `format` of a text, unless it would print as wide as somebody says."""
        if isinstance(value, METHOD) and isinstance(value.__self__, str) and value.__name__.startswith("format"):
            _refuse_wide(WIDE_BRACES, value.__self__)
        return super().wrap_str_format(value)

    @staticmethod
    def format(value: str, *args: Any, **kwargs: Any) -> str:
        """Jinja's filter of that name."""
        _refuse_wide(WIDE_PERCENT, str(value))
        return str(value) % (kwargs or args)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Work out an operator, unless its result would be too large."""
        match operator, left, right:
            case "*", str() | bytes(), int():
                self.budget.text(len(left) * right)
            case "*", int(), str() | bytes():
                self.budget.text(left * len(right))
            case "*", list() | tuple(), int():
                self.budget.items(len(left) * right)
            case "*", int(), list() | tuple():
                self.budget.items(left * len(right))
            case "*", int(), int():
                _refuse_long(left.bit_length() + right.bit_length())
            case "**", int(), int():
                _refuse_long(left.bit_length() * right)
            case "+", str(), str():
                self.budget.text(len(left) + len(right))
            case "+", list() | tuple(), list() | tuple():
                self.budget.items(len(left) + len(right))
                self.budget.at_once(inf)  # its elements may be large, and a list of lists of them larger
            case "%", str() | bytes(), _:
                _refuse_wide(WIDE_PERCENT, left if isinstance(left, str) else left.decode("latin-1"))
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
        """Return Python's, of a length that may be."""
        numbers = range(*edges)
        self.budget.items(len(numbers))
        return numbers

    @staticmethod
    def random_ascii_string(length: int, punctuation: bool = False) -> str:  # noqa: FBT001, FBT002 - cookiecutter's form
        """Return letters by chance, but not too many."""
        _refuse_large([length])
        return random_ascii_string(length, punctuation)

    def lipsum(self, n: int = 5, html: bool = True, min: int = 20, max: int = 100) -> str:  # noqa: A002, FBT001, FBT002 - Jinja's form
        """Return text that means nothing, as Jinja does, but not much of it."""
        from jinja2.utils import generate_lorem_ipsum

        if n > MOST_PARAGRAPHS or max > LARGEST_NUMBER // MOST_PARAGRAPHS:
            msg = "too much text is asked for"
            raise BoundError(msg)
        return generate_lorem_ipsum(n, html, min, max)

    def concat(self, texts: Iterable[str]) -> str:
        """Put texts together, unless that is too long."""
        parts, total = [], 0
        for text in texts:
            total += len(text)
            self.budget.text(total)
            parts.append(text)
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


def _refuse_long(bits: float) -> None:
    if bits > LARGEST_POWER:
        msg = f"a number would have more than {LARGEST_POWER:,} bits"
        raise BoundError(msg)


def _refuse_wide(form: re.Pattern[str], text: str) -> None:
    if form.search(text):
        msg = "a format asks for a very large width"
        raise BoundError(msg)


def _sized(call: Callable[..., Any]) -> Callable[..., Any]:
    """Let a filter refuse numbers that would make it fill the memory."""
    from functools import wraps

    own = 2 if hasattr(call, "jinja_pass_arg") else 1  # Jinja's, then the value

    @wraps(call)
    def filter_(*arguments: Any, **named: Any) -> Any:
        _refuse_large((*arguments[own:], *named.values()))
        if any(isinstance(argument, str) and len(argument) > LONGEST_FILTERED for argument in arguments):
            msg = f"a filter is given more than {LONGEST_FILTERED:,} characters"
            raise BoundError(msg)
        return call(*arguments, **named)

    return filter_
