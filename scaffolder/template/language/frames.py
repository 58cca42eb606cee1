"""
Where a running template keeps its variables.

A loop opens a frame, and so do a macro, a call and a block; `if` does not. `set` changes the variable of that name
where it is, if there is one, and otherwise makes one in the innermost frame. Macros see the variables of the outermost
frame, and no others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.template.expressions import UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.template.language.bounds import Allowance


class Run:
    """
    One text that is being rendered.

    `at` is the place of the tag that is at work; `changed` says that a method has changed a list or an object, which
    may be one of the variables.
    """

    __slots__ = ("_left", "allowance", "at", "changed", "compatible", "surroundings", "variables")

    def __init__(
        self, variables: dict[str, Any], allowance: Allowance, *, surroundings: Mapping[str, Any], compatible: bool
    ) -> None:
        self.variables = variables
        self.allowance = allowance
        self.surroundings = surroundings
        self.compatible = compatible
        self.at = 0
        self.changed = False
        self._left = allowance.limits.output

    def variable(self, name: str) -> Any:
        """Return what is known everywhere by that name."""
        if name in self.variables:
            return self.variables[name]
        return self.surroundings.get(name, UNDEFINED)

    def allow(self, characters: int) -> None:
        """Let that much more be written."""
        self._left += characters

    def wrote(self, text: str) -> str:
        """Count what is written."""
        self._left -= len(text)
        if self._left < 0:
            self.allowance.text(float("inf"))
        return text


class Frame:
    """Variables, and the frame around them; from an `isolated` one, `set` reaches no other."""

    __slots__ = ("isolated", "parent", "run", "variables")

    def __init__(self, run: Run, parent: Frame | None = None, *, isolated: bool = False) -> None:
        self.run = run
        self.parent = parent
        self.isolated = isolated
        self.variables: dict[str, Any] = {}

    def lookup(self, name: str) -> Any:
        """Return a variable, undefined when there is none."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.variables:
                return frame.variables[name]
            frame = frame.parent
        return self.run.variable(name)

    def assign(self, name: str, value: Any) -> None:
        """Do what `set` does."""
        self._owner(name).variables[name] = value

    def define(self, name: str, value: Any) -> None:
        """Do what `macro` does."""
        self.variables[name] = value

    def _owner(self, name: str) -> Frame:
        frame = None if self.isolated or name in self.variables else self.parent
        while frame is not None:
            if name in frame.variables:
                return frame
            frame = frame.parent
        return self


class Outermost(Frame):
    """The frame of the template itself."""

    __slots__ = ()

    def assign(self, name: str, value: Any) -> None:
        """Do what `set` does, for the macros too."""
        self.define(name, value)

    def define(self, name: str, value: Any) -> None:
        """Do what `macro` does, for the other macros too."""
        self.variables[name] = value
        self.run.variables[name] = value
