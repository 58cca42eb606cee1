"""What can go wrong while a template of this language is read or rendered."""

from __future__ import annotations


class Fault(Exception):  # noqa: N818 - it is a template's, not ours
    """A template is wrong; `line` counts from one, and is None where no line is to blame."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def in_words(error: BaseException) -> str:
    """Return what went wrong, for whoever wrote the template."""
    match error:
        case RecursionError():
            return "it nests or calls itself too deeply"
        case MemoryError():
            return "it needs more memory than there is"
        case Fault():
            return error.message
        case _:
            return str(error) or type(error).__name__


MISTAKES = (ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError)
"""What else a hostile or mistaken template can make Python raise."""
