"""What can go wrong while Jinja renders a text, and how to say it."""

from __future__ import annotations

import re
from typing import Final

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

from scaffolder.template.cookiecutter.bounds import BoundError

FAILURES: Final = (
    TemplateError,
    BoundError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    NameError,
    OSError,
    RecursionError,
    SyntaxError,
    TypeError,
    ValueError,
)
"""Everything a hostile or mistaken template can make Jinja or Python raise."""
MISSING: Final = re.compile(r"'collections\.OrderedDict object' has no attribute '([^']*)'")


def explain(error: BaseException) -> tuple[str, int | None]:
    """Return what went wrong in words, and the line when it is known."""
    match error:
        case TemplateSyntaxError():
            return error.message or "syntax error", error.lineno
        case TemplateNotFound():
            return f"it includes {error.message!r}, which is not in the template", _line(error)
        case RecursionError() | SyntaxError():
            return "it nests or calls itself too deeply", _line(error)
        case MemoryError():
            return "it needs more memory than it may have", _line(error)
        case _:
            return str(error) or type(error).__name__, _line(error)


def missing_variable(reason: str) -> str:
    """Return the variable of which Jinja says that it is not defined, '' when it says something else."""
    found = MISSING.fullmatch(reason)
    return found[1] if found else ""


def _line(error: BaseException) -> int | None:
    """Return the line of the template, which Jinja writes into the traceback of a running one."""
    line, frame = None, error.__traceback__
    while frame is not None:
        template = frame.tb_frame.f_globals.get("__jinja_template__")
        line = template.get_corresponding_lineno(frame.tb_lineno) if template is not None else line
        frame = frame.tb_next
    return line
