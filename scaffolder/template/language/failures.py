"""What can go wrong while a template is rendered, and how to say it."""

from __future__ import annotations

from jinja2 import TemplateError, TemplateSyntaxError

from scaffolder.template.language.bounds import BoundError


class FilterError(Exception):
    """A filter does not work on this value."""


class OperandError(Exception):
    """An operator does not work on this kind of value."""


FAILURES = (
    TemplateError,
    BoundError,
    FilterError,
    OperandError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    NameError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""Everything a hostile or mistaken template can make Jinja2, Python or our own filters raise."""


def explain(error: BaseException) -> tuple[str, int | None]:
    """Return what went wrong in words, and the line when it is known."""
    match error:
        case TemplateSyntaxError():
            return error.message or "syntax error", error.lineno
        case RecursionError() | SyntaxError():
            return "it nests or calls itself too deeply", _line(error)
        case MemoryError():
            return "it needs more memory than there is", _line(error)
        case _:
            return str(error) or type(error).__name__, _line(error)


def _line(error: BaseException) -> int | None:
    """Return the line of the template, which Jinja writes into the traceback of a running one."""
    line, frame = None, error.__traceback__
    while frame is not None:
        template = frame.tb_frame.f_globals.get("__jinja_template__")
        line = template.get_corresponding_lineno(frame.tb_lineno) if template is not None else line
        frame = frame.tb_next
    return line
