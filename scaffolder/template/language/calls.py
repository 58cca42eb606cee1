"""How methods, filters and tests are called, and what indexes mean to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scaffolder.template.expressions import UNDEFINED
from scaffolder.template.language.values import to_index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.template.language.frames import Run

Method = Callable[..., Any]
TAKES_ANY = 0x04
"""The flag of a function's code that says that it takes any number of arguments."""


def applied(function: Method, run: Run, value: Any, arguments: Sequence[Any]) -> Any:
    """Call a method, filter or test; arguments too many are left out, as JavaScript does."""
    if isinstance(value, (str, list)):
        run.allowance.tick(len(value))
    code = function.__code__
    if not code.co_flags & TAKES_ANY:
        arguments = arguments[: code.co_argcount - 2]
    return function(run, value, *arguments)


def span(length: int, start: Any, end: Any) -> slice:
    """Return the indexes of `slice(start, end)`, negative ones counting from the end."""
    first, last = to_index(start), to_index(end, default=length)
    first = max(length + first, 0) if first < 0 else first
    last = max(length + last, 0) if last < 0 else last
    return slice(first, max(first, last))


def clamped(value: Any, length: int, default: int) -> int:
    """Return an index, not beyond either end."""
    return min(max(to_index(value, default=default), 0), length)


def at(_run: Run, value: Any, index: Any = 0) -> Any:
    """Return an element, counted from the end when its index is negative."""
    place = to_index(index)
    return value[place] if -len(value) <= place < len(value) else UNDEFINED
