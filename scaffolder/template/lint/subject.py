"""A template of steps as it is looked at: what it says, where that stands, and what has been read of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from scaffolder.template.lint.asked import Asked
from scaffolder.template.lint.skeletons import RENDERING, Fetch, Skeletons

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from scaffolder.template.lint.outline import Outline
    from scaffolder.template.lint.texts import Reading
    from scaffolder.template.manifest import Template
    from scaffolder.template.source import Resolved


class Shape(Protocol):
    """What an action takes and returns, as JSON Schemas."""

    @property
    def input_schema(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def output_schema(self) -> Mapping[str, Any]: ...  # noqa: D102


class Shapes(Protocol):
    """The actions that there are."""

    def names(self) -> Collection[str]:
        """Return their ids."""

    def of(self, action_id: str) -> Shape | None:
        """Return the shape of one, None when there is no such action."""

    def provider(self, action_id: str) -> str:
        """Return what has an action in Backstage that is not carried out here, '' for every other."""


@dataclass(slots=True)
class Subject:
    """A template, and the readings of the fields of its steps and output as they come up."""

    resolved: Resolved
    template: Template
    outline: Outline
    shapes: Shapes
    asked: Asked = field(init=False)
    skeletons: Skeletons = field(init=False)
    ids: dict[str, int] = field(init=False)
    readings: list[Reading] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.asked = Asked.of(self.template.document["spec"].get("parameters"))
        self.skeletons = Skeletons(self.resolved, self.asked.choices())
        self.ids = {step.id: number for number, step in reversed([*enumerate(self.template.steps)])}

    def fetches(self) -> list[Fetch]:
        """Return the steps that render files, as far as they say which."""
        return [
            Fetch.of(number, step.action, step.input)
            for number, step in enumerate(self.template.steps)
            if step.action in RENDERING and isinstance(step.input, dict) and step.input.get("url")
        ]
