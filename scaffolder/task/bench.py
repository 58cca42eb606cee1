"""What the steps of a task are carried out with: their actions, what each is given, and who is told of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scaffolder.gateways.git import Identity
from scaffolder.task import evaluate, masking
from scaffolder.task.action import Action, ActionContext, UndoContext, UnknownAction
from scaffolder.task.pinned import Pinned
from scaffolder.template.trust import Allowed

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.catalog import Catalog
    from scaffolder.task.journal import Journal, Row
    from scaffolder.task.pinned import Elsewhere
    from scaffolder.task.plan import PlannedStep
    from scaffolder.task.run import Run


@dataclass(frozen=True, slots=True)
class Event:
    """
    Something a watcher may want to know.

    `kind` is begun, effect (it has happened, its row is not yet written), finished, skipped, undone or log.
    """

    kind: str
    task_id: str
    step: PlannedStep
    number: int
    total: int
    text: str = ""
    seconds: float = 0.0


Listener = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Bench:
    """The parts that every task shares; `listener` is told what happens."""

    journal: Journal
    actions: Mapping[str, Action]
    catalog: Catalog
    elsewhere: Elsewhere
    listener: Listener

    def action(self, step: PlannedStep) -> Action:
        """
        Return what a step does.

        Raises:
            UnknownAction: Nothing here provides it.
        """
        if step.action not in self.actions:
            raise UnknownAction(step.id, step.action, self.actions)
        return self.actions[step.action]

    def input(self, run: Run, step: PlannedStep, row: Row) -> Any:
        """Return the input that a row was stored with."""
        return evaluate.stored(step, run.scope(), row.input, iteration=row.iteration)

    def tell(self, kind: str, run: Run, number: int, *, text: str = "", seconds: float = 0.0) -> None:
        """Tell the listener of a step, by its number."""
        step = run.task.steps[number]
        self.listener(Event(kind, run.task.id, step, number + 1, len(run.task.steps), text, seconds))

    def context(self, run: Run, step: PlannedStep, workspace: Path, *, began_before: bool) -> ActionContext:
        """Return what an action is given."""
        assert run.template is not None  # noqa: S101  only rolling back has no template, and it runs no action
        return ActionContext(
            task_id=run.task.id,
            step_id=step.id,
            workspace=workspace,
            task_directory=run.directory,
            template=run.template,
            template_ref=run.task.template_ref,
            allowed=Allowed.of(str(run.task.draft.get("trust", ""))),
            forge=run.forge,
            catalog=self.catalog,
            identity=Identity(**run.task.identity),
            created_at=run.task.created_at,
            began_before=began_before,
            log=self._logger(run, step),
            repository=run.task.draft.get("repository", ""),
            elsewhere=self._pinned(run),
        )

    def undo_context(self, run: Run) -> UndoContext:
        """Return what taking back is given."""
        return UndoContext(
            task_id=run.task.id,
            task_directory=run.directory,
            forge=run.forge,
            catalog=self.catalog,
            outputs={run.task.steps[row.step].action: row.output for row in run.all_rows if row.output},
        )

    def _logger(self, run: Run, step: PlannedStep) -> Callable[[str], None]:
        def log(line: str) -> None:
            shown = masking.redacted(line, run.every_secret)
            self.journal.log(run.task.id, step.id, shown)
            self.tell("log", run, run.task.steps.index(step), text=shown)

        return log

    def _pinned(self, run: Run) -> Pinned:
        """Return what reads other repositories, at the commits that the task has named."""

        def keep(pins: list[list[str]]) -> None:
            run.task = replace(run.task, pins=masking.masked(pins, run.every_secret))
            self.journal.pin(run.task.id, run.task.pins)

        return Pinned.of(self.elsewhere, masking.unmasked(run.task.pins, run.every_secret), keep)
