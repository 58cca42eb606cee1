"""
Rendering of `${{ }}` in texts and in the fields of steps.

The two places differ as they do in Backstage. In a file an error is an error. In the field of a step a lone expression
keeps its type, undefined drops the key, and a text that cannot be rendered stays as it was written: the step sees it
raw, and the person a warning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from scaffolder.errors import Failed, Place

if TYPE_CHECKING:
    from scaffolder.template.language.environment import Dialect, Environment

MARKS = ("${{", "{%", "{#", "#}")
PATH = re.compile(r"\$\{\{ *([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+) *\}\}", re.ASCII)
SAFE_INTEGER: Final = 2**53
RESERVED = frozenset({"true", "false", "none", "null", "not", "in", "is", "if", "else", "and", "or"})


class _NoValue:
    """Says why there is no value."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return type(self).__name__.upper()


class Undefined(_NoValue):
    """The value of a field that no expression defines."""


UNDEFINED: Final = Undefined()


class Absent(_NoValue):
    """The value of a step's field that is not written at all, which is not the same as null."""


ABSENT: Final = Absent()


class Variables(dict[str, Any]):
    """Variables of many texts, which nobody changes meanwhile: they are made ready once."""

    ready: dict[str, Any] | None = None


class RenderError(Failed):
    """A template cannot be rendered."""

    def __init__(self, message: str, *, place: Place | None = None) -> None:
        super().__init__(message, place=place, hint="correct the template, or tell its owner")


class Warned(NamedTuple):
    """A field that was left as written because its expression failed."""

    text: str
    reason: str

    def __str__(self) -> str:
        return f"{self.text!r} is used as it is written: {self.reason}"


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders texts in one dialect."""

    dialect: Dialect | None = None

    def text(self, source: str, context: Mapping[str, Any], *, file: str = "") -> str:
        """
        Render a text.

        Raises:
            RenderError: With the file and line, when they are known.
        """
        if not has_tags(source, compatible=self.dialect is not None and self.dialect.cookiecutter):
            return source
        from scaffolder.template.language.faults import Fault

        try:
            return self._engine().render(source, context)
        except Fault as error:
            raise RenderError(error.message, place=Place(file, error.line) if file else None) from error

    def value(self, source: str, context: Mapping[str, Any]) -> Any:
        """Render the text of a field: a lone expression keeps its type; when it is undefined, UNDEFINED."""
        if not has_tags(source):
            return source
        if (plain := _looked_up(source, context)) is not None:
            return plain
        from scaffolder.template.language.faults import Fault

        try:
            return self._engine().evaluate(source, context)
        except Fault as error:
            raise RenderError(error.message) from error

    def _engine(self) -> Environment:
        from scaffolder.template.language.environment import Dialect, environment

        return environment(self.dialect or Dialect())


def _looked_up(source: str, context: Mapping[str, Any]) -> str | bool | None:
    """
    Return what a bare `${{ parameters.name }}` means, None when the language must tell.

    Most fields are no more than this, and loading the language takes longer than all of them.
    """
    found = PATH.fullmatch(source)
    value: Any = context
    for name in found[1].split(".") if found else ():
        if not isinstance(value, Mapping) or name not in value or name in RESERVED:
            return None
        value = value[name]
    return value if found and isinstance(value, str | bool) else None


def has_tags(text: str, *, compatible: bool = False) -> bool:
    """Tell whether a text needs rendering at all."""
    return any(mark in text for mark in MARKS) or (compatible and "{{" in text)


def render_value(
    value: Any, context: Mapping[str, Any], *, warnings: list[Warned] | None = None, holes: bool = False
) -> Any:
    """
    Render a step's field: lists and objects are walked, their keys left alone.

    A text that cannot be rendered stays as it is; `warnings` takes a line about each. What is undefined in a list
    becomes null, or with `holes` stays UNDEFINED.
    """
    walk = _Walk(context, Renderer(), [] if warnings is None else warnings, UNDEFINED if holes else None)
    try:
        return walk.rendered(value)
    except RecursionError as error:
        msg = "a step's field nests too deeply"
        raise RenderError(msg) from error


@dataclass(frozen=True, slots=True)
class _Walk:
    """Walks through a field; `gap` is what stands in a list for what is undefined."""

    context: Mapping[str, Any]
    renderer: Renderer
    warnings: list[Warned]
    gap: Undefined | None

    def rendered(self, value: Any) -> Any:
        match value:
            case str():
                return self._text(value)
            case Mapping():
                items = ((key, self.rendered(item)) for key, item in value.items())
                return {key: item for key, item in items if item is not UNDEFINED}
            case list() | tuple():
                items_of_list = [self.rendered(item) for item in value]
                return [self.gap if item is UNDEFINED else item for item in items_of_list]
            case float() | int() if not isinstance(value, bool):
                return _as_in_json(value)
        return value

    def _text(self, text: str) -> Any:
        try:
            return self.renderer.value(text, self.context)
        except RenderError as error:
            self.warnings.append(Warned(text, error.message))
            return text


def _as_in_json(value: float) -> float | None:
    """Return a number as JavaScript keeps it: no more digits than a double has, and null where JSON has no number."""
    if isinstance(value, int) and abs(value) <= SAFE_INTEGER:
        return value
    with suppress(OverflowError):
        return float(value) if isfinite(value) else None
    return None


def truthy(value: Any) -> bool:
    """Tell whether a step's `if` lets it run: false, null, 0, '', undefined and an empty list do not."""
    return bool(value) or isinstance(value, Mapping)
