"""
What a step means here and now: is it run, for which items, with what input.

The rules are Backstage's: a literal `false` skips and every other literal runs; a text is rendered and must be true;
`each` runs the step once for every item of a list or a map, with `each.key` and `each.value`; what is empty or null
there is no `each` at all. In a list, a field that no expression defines leaves a hole: no schema minds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from scaffolder.errors import InvalidInput
from scaffolder.task import masking
from scaffolder.template import expressions

if TYPE_CHECKING:
    from scaffolder.task.plan import PlannedStep
    from scaffolder.template.expressions import Warned


_HAPPENS = re.compile(r"\b(?:steps|always|failure)\b")


class Takes(Protocol):
    """What says which input it takes: an action."""

    @property
    def input_schema(self) -> Mapping[str, Any]:
        """The JSON Schema of the input."""


class StepInvalid(InvalidInput):
    """A step's input, or what it loops over, does not fit."""


@dataclass(slots=True)
class Course:
    """How the task has gone so far, as `always()` and `failure()` tell; `asked`: a condition wanted to know."""

    failed: bool = False
    asked: bool = False

    def tell(self, *, whether: bool) -> bool:
        """Return the answer, and remember the question."""
        self.asked = True
        return whether


@dataclass(frozen=True, slots=True)
class Environment:
    """What the settings give to every template, whatever it asks for."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """The variables that a step's fields may name. `outputs` maps a step's id to what it returned."""

    task_id: str
    parameters: Mapping[str, Any]
    secrets: Mapping[str, str]
    user: Mapping[str, Any]
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    environment: Environment = field(default_factory=Environment)
    course: Course = field(default_factory=Course)

    def variables(self, *, secrets: bool = True) -> dict[str, Any]:
        """Return the context of an expression; a condition and the task's output never see the secrets."""
        hidden = {"secrets": self.secrets} if secrets else {}
        return {
            "parameters": self.parameters,
            "steps": {step: {"output": output} for step, output in self.outputs.items()},
            "user": self.user,
            "context": {"task": {"id": self.task_id}},
            "environment": {
                "parameters": self.environment.parameters,
                "secrets": self.environment.secrets if secrets else {},
            },
            **hidden,
            "always": lambda: self.course.tell(whether=True),
            "failure": lambda: self.course.tell(whether=self.course.failed),
        }

    @property
    def every_secret(self) -> dict[str, str]:
        """The task's own secrets, and by a longer name those of the environment."""
        return {**{f"environment.{name}": value for name, value in self.environment.secrets.items()}, **self.secrets}

    def without_secrets(self, *, stand_in: Callable[[str], str]) -> Scope:
        """Return the same with something else in the place of every secret, made from its name."""
        instead = {name: stand_in(name) for name in self.secrets}
        there = {name: stand_in(f"environment.{name}") for name in self.environment.secrets}
        environment = replace(self.environment, secrets=there)
        return replace(self, parameters={**self.parameters, **instead}, secrets=instead, environment=environment)


def inputs(step: PlannedStep, scope: Scope, *, warnings: list[Warned] | None = None) -> list[Any]:
    """
    Return the rendered input of every run of the step; no run when its condition does not hold.

    `warnings` takes each field that could not be rendered, and is used as it is written.

    Raises:
        StepInvalid: `each` names nothing that can be looped over.
    """
    return [filled(value) for value in with_holes(step, scope, warnings=warnings)]


def is_never(step: PlannedStep) -> bool:
    """Tell whether a step's condition is `false` as it is written: 0 is not the same."""
    return bool(step.condition) and step.condition[0] is False


def is_settled(step: PlannedStep) -> bool:
    """Tell whether nothing that happens before a step can change for which items it is run, if at all."""
    said = texts((step.condition, step.each))
    return is_never(step) or not any(_HAPPENS.search(text) for text in said)


def texts(written: object) -> Iterator[str]:
    """Iterate over the texts of a value, at whatever depth; keys are none."""
    match written:
        case str():
            yield written
        case Mapping():
            yield from texts(list(written.values()))
        case list() | tuple():
            for value in written:
                yield from texts(value)


def begins(step: PlannedStep, scope: Scope, *, warnings: list[Warned]) -> bool:
    """Tell whether a step is run at all, though it be for no item."""
    return not is_never(step) and (loops(step) or holds(step, scope, {}, warnings=warnings))


def with_holes(step: PlannedStep, scope: Scope, *, warnings: list[Warned] | None = None) -> list[Any]:
    """Return the same as `inputs`, with UNDEFINED for what no expression defines in a list."""
    if is_never(step):
        return []
    heard = [] if warnings is None else warnings
    rendered = [
        _input(step, scope, {**scope.variables(), **item}, heard)
        for item in items(step, scope, warnings=heard)
        if holds(step, scope, item, warnings=heard)
    ]
    return [value for value in rendered if not step.fixed or _says_something(step, value)]


def filled(value: Any) -> Any:
    """Return a rendered input with null in its holes."""
    match value:
        case expressions.Undefined():
            return None
        case Mapping():
            return {key: filled(item) for key, item in value.items()}
        case list():
            return [filled(item) for item in value]
    return value


def asks_how_it_goes(step: PlannedStep, scope: Scope) -> bool:
    """Tell whether a step's condition wants to know if one before has failed: no other step runs then."""
    if not step.condition or not isinstance(step.condition[0], str):
        return False
    scope.course.asked = False
    expressions.render_value(step.condition[0], scope.variables(secrets=False))
    return scope.course.asked


def counts_as_done(step: PlannedStep) -> bool:
    """Tell whether a step without a run is done, for it had no item, rather than skipped."""
    return loops(step) and not is_never(step)


def storable(step: PlannedStep, scope: Scope, values: Sequence[Any]) -> list[Any]:
    """
    Return rendered inputs as they may be stored: a mark in the place of every secret.

    Where an expression made something else of a secret, a mark says that the input must be rendered again.
    """
    if step.ours or not scope.every_secret:
        return list(values)
    shadows = inputs(step, scope.without_secrets(stand_in=masking.mark))
    if len(shadows) != len(values):
        return [masking.AGAIN] * len(values)
    return [
        masking.masked(shadow, scope.every_secret)
        if masking.unmasked(shadow, scope.every_secret) == value
        else masking.AGAIN
        for shadow, value in zip(shadows, values, strict=True)
    ]


def stored(step: PlannedStep, scope: Scope, value: Any, *, iteration: int) -> Any:
    """Return the input of one run that `storable` made fit to be stored."""
    if step.ours:
        return value
    if value == masking.AGAIN:
        return inputs(step, scope)[iteration]
    return masking.unmasked(value, scope.every_secret)


def _input(step: PlannedStep, scope: Scope, variables: Mapping[str, Any], warnings: list[Warned]) -> Any:
    if step.fixed:
        return _laid(step, expressions.render_value(step.input, variables, warnings=warnings, holes=True))
    if not step.ours:
        rendered = expressions.render_value(step.input, variables, warnings=warnings, holes=True)
        return {} if rendered is None or rendered is expressions.UNDEFINED else rendered
    taken = {}
    for name, source in step.takes:
        group, _, output = source.rpartition(".")
        taken[name] = scope.outputs[group][output]
    return {**step.input, **taken}


def _laid(step: PlannedStep, rendered: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rendered input between what lies under and over it."""
    said = {name: value for name, value in rendered.items() if value is not None}
    return {**step.defaults, **said, **step.fixed}


def _says_something(step: PlannedStep, value: Mapping[str, Any]) -> bool:
    """Tell whether an input holds more than what is fixed, or was to hold no more."""
    own = [each for name, each in value.items() if name not in step.fixed]
    return not (step.input or step.defaults) or any(each not in ("", [], {}) for each in own)


def holds(step: PlannedStep, scope: Scope, item: Mapping[str, Any], *, warnings: list[Warned]) -> bool:
    """
    Tell whether a step's condition lets it run, for an item of `each` (empty where it has none).

    In a loop the condition is read once more for every item: a list in it, which otherwise runs, is empty then.
    """
    condition = step.condition[0] if step.condition else None
    if item and not _is_something(condition):
        return True
    if not item and not isinstance(condition, str):
        return True
    variables = {**scope.variables(secrets=bool(item)), **item}
    value = expressions.render_value(condition, variables, warnings=warnings)
    return value != [] and expressions.truthy(value)


def loops(step: PlannedStep) -> bool:
    """Tell whether a step runs for items: of what is empty or null there are none."""
    return bool(step.each) and _is_something(step.each[0])


def _is_something(value: Any) -> bool:
    """Tell whether a value as it is written counts as there: a list or a map does, though it be empty."""
    return bool(value) or isinstance(value, list | Mapping)


def items(step: PlannedStep, scope: Scope, *, warnings: list[Warned]) -> list[dict[str, Any]]:
    """
    Return `each` for every run of a step: one without it where the step does not loop.

    Raises:
        StepInvalid: It is nothing that can be looped over.
    """
    if not loops(step):
        return [{}]
    found = expressions.render_value(step.each[0], scope.variables(), warnings=warnings, holes=True)
    members = _members(found)
    if members is not None:
        return [{"each": {"key": key, "value": value}} for key, value in members if value is not expressions.UNDEFINED]
    raise StepInvalid(
        f"step {step.id}: each ({step.each[0]!r}) is neither a list nor a map",
        hint="each needs a list or a map, such as ${{ parameters.items }}",
    )


def _members(found: Any) -> Iterable[tuple[str, Any]] | None:
    """Return keys and values of a list or a map, as Backstage goes through it; None where it is neither."""
    if isinstance(found, Mapping):
        from scaffolder.template.language.values import entries

        return entries(found)
    if isinstance(found, Sequence) and not isinstance(found, str):
        return ((str(number), value) for number, value in enumerate(found))
    return None


def check_input(step: PlannedStep, action: Takes, value: Any) -> None:
    """
    Check a rendered input against the action's schema, which minds no hole.

    Raises:
        StepInvalid: Naming the step, the field and what is wrong.
    """
    import jsonschema_rs

    holes = set(_holes(value, ()))
    found = jsonschema_rs.validator_for(dict(action.input_schema)).iter_errors(filled(value))
    problems = tuple(
        f"{'.'.join(map(str, error.instance_path)) or 'input'}: {error.message}"
        for error in found
        if tuple(error.instance_path) not in holes
    )
    if problems:
        raise StepInvalid(
            f"step {step.id} ({step.action}): its input does not fit: {problems[0]}",
            hint="correct the step in template.yaml",
            details=problems[1:],
        )


def _holes(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    match value:
        case expressions.Undefined():
            yield path
        case Mapping():
            for key, item in value.items():
                yield from _holes(item, (*path, key))
        case list():
            for number, item in enumerate(value):
                yield from _holes(item, (*path, number))
