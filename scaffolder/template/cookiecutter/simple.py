"""
Texts whose only tags are `{{ cookiecutter.name }}`, put together without Jinja.

Most files of most templates are of this kind. Whatever looks different in any way is left to the engine.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from scaffolder.errors import Place, did_you_mean
from scaffolder.template.expressions import RenderError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SIMPLE = re.compile(r"\{\{\s*cookiecutter\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
MARK = re.compile(r"\{[{%#]")
TAKEN = frozenset(dir(OrderedDict))
"""Names that mean a method of the context, not a variable."""


class NotDefined(RenderError):  # noqa: N818 - our errors are named by what is wrong
    """A template uses a variable that nobody defines."""

    def __init__(self, name: str, known: Sequence[str], *, place: Place) -> None:
        super().__init__(f"cookiecutter.{name} is not defined", place=place)
        near = did_you_mean(name, known)
        self.hint = near or f"add {name!r} to cookiecutter.json, or correct the template"


def has_tags(source: str) -> bool:
    """Tell whether Jinja would find anything to do."""
    return MARK.search(source) is not None


def parts(source: str) -> list[str] | None:
    """Return a text taken apart, literal and variable in turn; None when it holds anything else."""
    found = SIMPLE.split(source)
    literals = "\0".join(found[::2])
    if "{\0" in literals or MARK.search(literals) or not TAKEN.isdisjoint(found[1::2]):
        return None
    return found


def put_together(found: Sequence[str], variables: Mapping[str, Any], *, file: str, allow: Callable[[int], None]) -> str:
    """
    Return the text with the values of its variables, whose length is allowed before it is put together.

    Raises:
        NotDefined: One of them has none.
    """
    pieces, total = list(found), 0
    for at in range(1, len(pieces), 2):
        if pieces[at] not in variables:
            line = "".join(found[:at]).count("\n") + 1
            raise NotDefined(pieces[at], list(variables), place=Place(file, line))
        pieces[at] = str(variables[pieces[at]])
        total += len(pieces[at])
        allow(total)
    return "".join(pieces)
