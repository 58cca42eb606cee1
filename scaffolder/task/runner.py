"""
Running a task: every effect between two rows of the journal.

A refused or failed run takes back what it began, or, once something stands outside, stops as a task that `resume`
finishes. The journal decides: what is completed is never run again, what was cut short runs with the input it had.
"""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scaffolder.errors import Conflict, Failed, Interrupted, ScaffolderError, Stopped
from scaffolder.gateways.git import Identity
from scaffolder.task import evaluate, masking
from scaffolder.task.action import Action, ActionContext, Effect, UndoContext, UnknownAction, Values
from scaffolder.task.journal import Journal, Row, RowStatus, Task, TaskStatus
from scaffolder.task.plan import RESERVE, PlannedStep
from scaffolder.task.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.catalog import Catalog
    from scaffolder.gateways.forge import Forge
    from scaffolder.template.source import Resolved


class TaskBusy(Conflict):
    """Another process works on the task."""

    def __init__(self, task_id: str) -> None:
        super().__init__(
            f"task {task_id} is running in another process", hint="wait for it, or stop that process first"
        )


class NothingToResume(Conflict):
    """The task has ended."""

    def __init__(self, task: Task) -> None:
        super().__init__(
            f"task {task.id} is {task.status.value}: there is nothing to go on with",
            hint=f"scaffolder tasks show {task.id}",
        )


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
class Left:
    """Something that was not taken back, and why."""

    step: str
    reason: str


@dataclass(slots=True)
class Run:
    """A task in this process: what it was given and how far it is."""

    task: Task
    template: Resolved | None
    secrets: Mapping[str, str]
    workspace: Workspace
    directory: Path
    rows: dict[int, list[Row]] = field(default_factory=dict)

    @property
    def all_rows(self) -> list[Row]:
        """Every row, in the order of the steps."""
        return [row for number in sorted(self.rows) for row in self.rows[number]]

    def scope(self) -> evaluate.Scope:
        """Return the variables as they stand after the completed steps."""
        values = masking.unmasked(self.task.values, self.secrets)
        return evaluate.Scope(self.task.id, values, self.secrets, self.task.user, self._outputs())

    def _outputs(self) -> dict[str, dict[str, Any]]:
        outputs: dict[str, dict[str, Any]] = {}
        for number, rows in self.rows.items():
            step = self.task.steps[number]
            done = [masking.unmasked(row.output, self.secrets) for row in rows if row.status is RowStatus.COMPLETED]
            if done:
                outputs.setdefault(step.group, {}).update(_gathered(done) if step.each else done[-1])
        return outputs


def _gathered(outputs: list[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return a list for every output of a step that ran for several items."""
    names = {name: None for output in outputs for name in output}
    return {name: [output[name] for output in outputs if name in output] for name in names}


class Runner:
    """Runs, resumes and rolls back tasks. `root` holds a private directory for each task that has not ended."""

    def __init__(
        self,
        journal: Journal,
        root: Path,
        *,
        actions: Mapping[str, Action],
        forge: Forge,
        catalog: Catalog,
        listener: Listener,
    ) -> None:
        self._journal = journal
        self._root = root
        self._actions = actions
        self._forge = forge
        self._catalog = catalog
        self._listener = listener

    def start(self, task: Task, template: Resolved, secrets: Mapping[str, str]) -> Task:
        """Store a new task with its template, and run it."""
        with self._locked(task.id) as directory:
            template.save(directory / "template.tar")
            self._journal.create(task)
            return self._go(self._run(task, template, secrets, directory))

    def resume(self, task: Task, template: Callable[[Path], Resolved], secrets: Mapping[str, str]) -> Task:
        """
        Go on with a task that was cut short or stopped. `template` loads what `start` stored.

        Raises:
            NothingToResume: It has ended.
            TaskBusy: Another process works on it.
        """
        with self._locked(task.id) as directory:
            if task.status not in {TaskStatus.RUNNING, TaskStatus.STOPPED}:
                raise NothingToResume(task)
            run = self._run(task, template(directory / "template.tar"), secrets, directory)
            self._restore(run)
            return self._go(run)

    def rollback(self, task: Task, secrets: Mapping[str, str]) -> list[Left]:
        """Take back what the task made, last effect first; return what had to be left."""
        with self._locked(task.id) as directory:
            run = self._run(task, None, secrets, directory)
            left = self._undo(run)
            self._journal.finish(task.id, TaskStatus.ROLLED_BACK, error="; ".join(one.reason for one in left))
            shutil.rmtree(directory, ignore_errors=True)
            return left

    def busy(self, task_id: str) -> bool:
        """Tell whether a process works on the task right now."""
        if not (self._root / task_id).is_dir():
            return False
        try:
            with self._locked(task_id):
                return False
        except TaskBusy:
            return True

    # -- one step after the other

    def _go(self, run: Run) -> Task:
        try:
            for number, step in enumerate(run.task.steps):
                self._step(run, number, step)
        except KeyboardInterrupt:
            raise self._settle(run, Interrupted("interrupted")) from None
        except ScaffolderError as error:
            raise self._settle(run, error) from error
        except OSError as error:
            raise self._settle(
                run, Failed(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
            ) from error
        except Exception as error:  # an action's own bug: what stands is settled, and the bug is reported as one
            self._settle(run, Failed(f"{type(error).__name__}: {error}"))
            raise
        output = masking.masked(evaluate_output(run), run.secrets)
        self._journal.finish(run.task.id, TaskStatus.COMPLETED, output=output)
        shutil.rmtree(run.directory, ignore_errors=True)
        return self._journal.task(run.task.id)

    def _step(self, run: Run, number: int, step: PlannedStep) -> None:
        rows = run.rows.get(number) or self._resolve(run, number, step)
        run.rows[number] = rows
        for index, row in enumerate(rows):
            if row.status in {RowStatus.PENDING, RowStatus.PROCESSING}:
                rows[index] = self._perform(run, step, row)

    def _resolve(self, run: Run, number: int, step: PlannedStep) -> list[Row]:
        values = evaluate.inputs(step, run.scope())
        if not values:
            self._journal.skip(run.task.id, number)
            self._tell("skipped", run, number)
            return []
        action = self._action(step)
        for value in values:
            evaluate.check_input(step, action, value)
        return self._journal.resolve(run.task.id, number, [masking.masked(value, run.secrets) for value in values])

    def _perform(self, run: Run, step: PlannedStep, row: Row) -> Row:
        action, started = self._action(step), time.monotonic()
        began_before = row.status is RowStatus.PROCESSING
        self._tell("begun", run, row.step)
        row = row if began_before else self._journal.begin(run.task.id, row)
        run.rows[row.step][row.iteration] = row
        state = self._state(run)
        writes = action.effect is Effect.WORKSPACE
        place = run.workspace.begin(state) if writes else run.workspace.current(state)
        value = masking.unmasked(row.input, run.secrets)
        output = action.run(self._context(run, step, place, began_before=began_before), value)
        self._tell("effect", run, row.step)
        mark = run.workspace.digest(state + 1) if writes else ""
        done = self._journal.complete(run.task.id, row, output=masking.masked(dict(output), run.secrets), mark=mark)
        text = action.describe(value, output) if action.describe else step.name
        self._tell("finished", run, row.step, text=text, seconds=time.monotonic() - started)
        return done

    # -- what stands, and taking it back

    def _settle(self, run: Run, error: ScaffolderError) -> ScaffolderError:
        """Return what to raise: the error itself once everything is taken back, else that the task stopped."""
        outside = [row for row in run.all_rows if row.status is RowStatus.COMPLETED and self._is_outside(run, row)]
        if not outside and not self._undo(run):
            self._journal.finish(run.task.id, TaskStatus.FAILED, error=masking.redacted(error.message, run.secrets))
            shutil.rmtree(run.directory, ignore_errors=True)
            return error
        self._journal.finish(run.task.id, TaskStatus.STOPPED, error=masking.redacted(error.message, run.secrets))
        done = len({row.step for row in run.all_rows if row.status is RowStatus.COMPLETED})
        stopped = Stopped(
            f"stopped after step {done} of {len(run.task.steps)}: {error.message}",
            task_id=run.task.id,
            details=error.details,
        )
        if isinstance(error, Interrupted):
            return Interrupted(stopped.message, hint=stopped.hint)
        return stopped

    def _is_outside(self, run: Run, row: Row) -> bool:
        """Tell whether a row left something outside that a person may want to keep: a reservation is not."""
        step = run.task.steps[row.step]
        return step.action != RESERVE and self._action(step).effect is Effect.OUTSIDE

    def _undo(self, run: Run) -> list[Left]:
        left = []
        for row in reversed(run.all_rows):
            step = run.task.steps[row.step]
            undo = self._action(step).undo
            if undo is None or row.status not in {RowStatus.PROCESSING, RowStatus.COMPLETED}:
                continue
            value, output = (masking.unmasked(one, run.secrets) for one in (row.input, row.output))
            context = UndoContext(
                task_id=run.task.id, task_directory=run.directory, forge=self._forge, catalog=self._catalog
            )
            if reason := undo(context, value, output):
                left.append(Left(step.id, reason))
            self._tell("undone", run, row.step, text=reason)
        return left

    def _restore(self, run: Run) -> None:
        """Run the workspace's steps again, with the inputs they had, when their files are gone."""
        written = [row for row in run.all_rows if row.status is RowStatus.COMPLETED and row.mark]
        if not written or run.workspace.digest(len(written)) == written[-1].mark:
            return
        for row in written:
            run.rows[row.step][row.iteration] = self._journal.reopen(run.task.id, row)

    def _state(self, run: Run) -> int:
        return sum(1 for row in run.all_rows if row.status is RowStatus.COMPLETED and row.mark)

    # -- parts

    def _run(self, task: Task, template: Resolved | None, secrets: Mapping[str, str], directory: Path) -> Run:
        rows: dict[int, list[Row]] = {}
        for row in self._journal.rows(task.id):
            rows.setdefault(row.step, []).append(row)
        return Run(task, template, secrets, Workspace(directory / "workspace"), directory, rows)

    def _action(self, step: PlannedStep) -> Action:
        if step.action not in self._actions:
            raise UnknownAction(step.action, self._actions)
        return self._actions[step.action]

    def _context(self, run: Run, step: PlannedStep, workspace: Path, *, began_before: bool) -> ActionContext:
        def log(line: str) -> None:
            shown = masking.redacted(line, run.secrets)
            self._journal.log(run.task.id, step.id, shown)
            self._tell("log", run, run.task.steps.index(step), text=shown)

        assert run.template is not None  # noqa: S101  only rolling back has no template, and it runs no action
        return ActionContext(
            task_id=run.task.id,
            step_id=step.id,
            workspace=workspace,
            task_directory=run.directory,
            template=run.template,
            template_ref=run.task.template_ref,
            forge=self._forge,
            catalog=self._catalog,
            identity=Identity(**run.task.identity),
            created_at=run.task.created_at,
            began_before=began_before,
            log=log,
        )

    def _tell(self, kind: str, run: Run, number: int, *, text: str = "", seconds: float = 0.0) -> None:
        step = run.task.steps[number]
        self._listener(Event(kind, run.task.id, step, number + 1, len(run.task.steps), text, seconds))

    @contextmanager
    def _locked(self, task_id: str) -> Iterator[Path]:
        """Hold the task's directory; the kernel lets go when the process ends, however it ends."""
        directory = self._root / task_id
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (directory / "lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise TaskBusy(task_id) from None
            yield directory


def evaluate_output(run: Run) -> Values:
    """Return the task's output: links and texts for people, without the entries whose condition is false."""
    from scaffolder.template import expressions

    shown = expressions.render_value(run.task.output, run.scope().variables(secrets=False))
    return shown if isinstance(shown, Mapping) else {}
