"""
What a task would do, worked out before anything is written.

The steps that only touch the workspace run for real, in a temporary one; the others check what could fail later and
say what they would return. What comes out is what the plan shows: the files, the entities, the inputs.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from scaffolder.actions.entity_file import CATALOG_FILE
from scaffolder.catalog.reading import Read, read_files
from scaffolder.catalog.roots import TreeRoot
from scaffolder.errors import InvalidInput
from scaffolder.task import evaluate
from scaffolder.task.action import Action, ActionContext, Effect, ForgeLacks, UnknownAction
from scaffolder.task.masking import redacted
from scaffolder.task.plan import COMMIT, REGISTER, REPO_CREATE, REPO_PUSH, ROLES, PlannedStep
from scaffolder.tree import Tree, contained

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scaffolder.catalog.entity import Entity
    from scaffolder.template.expressions import Warned


class EntryInvalid(InvalidInput):
    """The catalog entry that the template makes would not be accepted."""


class PublishesTwice(InvalidInput):
    """A template publishes more than one repository at a time."""


@dataclass(slots=True)
class Preview:
    """
    The result: the files as they will be committed, and what each step would be given.

    `inputs` has, for each step of the task, the inputs of its runs (none when it is skipped); `outside` the names of
    the template's own steps that leave something outside, beside publishing and registering.
    """

    tree: Tree = field(default_factory=Tree)
    inputs: list[list[Any]] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)


def choose_publishing(steps: tuple[PlannedStep, ...], scope: evaluate.Scope) -> tuple[str, str]:
    """
    Return the id of the template's step that publishes with these answers, '' when none does.

    Where that only creates the repository, the second is the step that pushes to it; else it is ''.

    Raises:
        PublishesTwice: More than one would.
    """
    active = {step.id: step.action for step in steps if step.action in ROLES and evaluate.inputs(step, scope)}
    pushing = [step for step, action in active.items() if action == REPO_PUSH]
    making = [step for step in active if step not in pushing]
    if len(making) > 1 or len(pushing) > 1:
        raise PublishesTwice(
            f"the template publishes more than one repository (steps {', '.join(active)}); one service has one",
            hint="keep one publish step in template.yaml, or give each a condition",
        )
    publishing = next(iter(making or pushing), "")
    pushes_itself = active.get(publishing) != REPO_CREATE
    return publishing, "" if pushes_itself else next(iter(pushing), "")


def preview(
    steps: Iterable[PlannedStep], *, scope: evaluate.Scope, actions: Mapping[str, Action], context: ActionContext
) -> Preview:
    """
    Work out a task. `context` is what the actions are given, with a temporary task directory.

    Raises:
        ScaffolderError: Whatever a step would fail with later, as far as it can be known now.
    """
    context.workspace.mkdir(mode=0o700)
    working = _Working(scope, actions, context)
    for step in steps:
        working.take(step)
    return working.worked_out()


@dataclass(slots=True)
class _Working:
    """A task that is worked out, step after step; `lacking` are those that the forge cannot carry out."""

    scope: evaluate.Scope
    actions: Mapping[str, Action]
    context: ActionContext
    result: Preview = field(default_factory=Preview)
    seen: list[PlannedStep] = field(default_factory=list)
    lacking: dict[str, Action] = field(default_factory=dict)

    def take(self, step: PlannedStep) -> None:
        values = self._inputs(step)
        self.seen.append(step)
        self.result.inputs.append(values)
        if evaluate.counts_as_done(step):
            self.result.outputs.setdefault(step.group, {})
        if step.action not in self.actions:
            if values or not evaluate.is_settled(step):
                raise UnknownAction(step.id, step.action, self.actions, skips=True)
        elif values and self.actions[step.action].forge not in {"", self.context.forge.kind}:
            self.lacking[step.id] = self.actions[step.action]
        else:
            self._foresee(step, self.actions[step.action], values)

    def _inputs(self, step: PlannedStep) -> list[Any]:
        warnings: list[Warned] = []
        values = evaluate.inputs(step, replace(self.scope, outputs=self.result.outputs), warnings=warnings)
        for warning in warnings:
            self._log(f"step {step.id}: {warning}")
        return values

    def _foresee(self, step: PlannedStep, action: Action, values: Iterable[Any]) -> None:
        context = replace(self.context, step_id=step.id, log=self._log)
        for value in values:
            evaluate.check_input(step, action, value)
            _keep(self.result, step, _outcome(action, context, value))
            if step.action == COMMIT:
                self.result.tree = Tree.read(context.workspace / value.get("source", ""))

    def _log(self, line: str) -> None:
        self.result.notes.append(redacted(line, self.scope.every_secret))

    def worked_out(self) -> Preview:
        if self.lacking:
            raise ForgeLacks(self.lacking, self.context.forge)
        self.result.entities = _entities(self.seen, self.result)
        self.result.outside = _outside(self.seen, self.result, self.actions)
        return self.result


def _outside(steps: Iterable[PlannedStep], result: Preview, actions: Mapping[str, Action]) -> list[str]:
    """Return the names of the template's own steps outside: publishing has become several, and registering is ours."""
    return [
        step.name
        for step, values in zip(steps, result.inputs, strict=True)
        if values and actions[step.action].effect is Effect.OUTSIDE and not step.ours and not step.fixed
    ]


def _outcome(action: Action, context: ActionContext, value: Any) -> Mapping[str, Any]:
    if action.check is not None:
        action.check(context, value)
    if action.predict is not None:
        return action.predict(context, value)
    return action.run(context, value) if action.effect is not Effect.OUTSIDE else {}


def _keep(result: Preview, step: PlannedStep, output: Mapping[str, Any]) -> None:
    kept = result.outputs.setdefault(step.group, {})
    for name, value in output.items():
        kept[name] = [*kept.get(name, []), value] if step.each else value


def _entities(steps: Iterable[PlannedStep], result: Preview) -> list[Entity]:
    """Return the entities of the catalog file that will be registered, each checked by the catalog's rules."""
    found: list[Entity] = []
    for step, values in zip(steps, result.inputs, strict=True):
        if step.action == REGISTER and values:
            path = contained(values[-1].get("catalogInfoPath", CATALOG_FILE).lstrip("/"))
            found += _checked(result.tree, path)
    return found


def _checked(tree: Tree, path: str) -> list[Entity]:
    """Read a catalog file as it will be read from the commit, which nothing in it can leave."""
    whole = read_files(TreeRoot(tree), [path], walked=False, known={}) if path in tree else Read()
    problems, entities = [str(one) for one in whole.problems()], whole.entities()
    if problems or not entities:
        raise EntryInvalid(
            f"the catalog entry {path} would not be accepted: {problems[0] if problems else 'it holds no entity'}",
            hint="correct it in the template, or the answers it was made from",
            details=tuple(problems[1:]),
        )
    return entities
