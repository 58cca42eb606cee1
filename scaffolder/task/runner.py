"""
Running a task: every effect between two rows of the journal.

A refused or failed run takes back what it began, or, once something stands outside, stops as a task that `resume`
finishes. The journal decides: what is completed is never run again, what was cut short runs with the input it had.
"""

from __future__ import annotations

import time
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from scaffolder.errors import Conflict, Failed, Interrupted, ScaffolderError, Stopped, TryAgain
from scaffolder.gateways.forge import NotOffered
from scaffolder.task import evaluate, masking
from scaffolder.task.action import Action, ActionContext, Effect, Values
from scaffolder.task.bench import Bench, Listener
from scaffolder.task.directories import Directories
from scaffolder.task.evaluate import Environment
from scaffolder.task.journal import Journal, Row, RowStatus, Task, TaskStatus
from scaffolder.task.run import Run, output_of
from scaffolder.task.taking_back import Left, acts_outside, stands, undo
from scaffolder.task.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from scaffolder.catalog import Catalog
    from scaffolder.gateways.forge import Forge
    from scaffolder.task.pinned import Elsewhere
    from scaffolder.task.plan import PlannedStep
    from scaffolder.template.source import Resolved


UNFINISHED = frozenset({TaskStatus.RUNNING, TaskStatus.STOPPED})
LEFT_OUT: Values = {"created": False}
"""The output of a step that was gone on without."""
OVER = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.ROLLED_BACK})


class NothingToResume(Conflict):
    """The task has ended, or is on its way back."""

    def __init__(self, task: Task) -> None:
        command = "rollback" if task.status is TaskStatus.UNDOING else "show"
        super().__init__(
            f"task {task.id} is {task.status.value}: there is nothing to go on with",
            hint=f"scaffolder tasks {command} {task.id}",
        )


class TemplateLost(Failed):
    """What a task keeps of its template is not what it began with."""

    def __init__(self, task: Task) -> None:
        super().__init__(
            f"the copy of {task.label} that task {task.id} kept is damaged",
            hint=f"scaffolder tasks rollback {task.id}   and begin again",
        )


class ResultChanged(Failed):
    """A step whose files were lost made something else this time, and what it made before stands outside."""

    def __init__(self, task_id: str, step: PlannedStep) -> None:
        super().__init__(
            f"step {step.id} had to run again, and made other files than those that are already published",
            hint=f"scaffolder tasks rollback {task_id}   and begin again",
        )


class Runner:
    """
    Runs, resumes and rolls back tasks.

    `root` holds a private directory for each task that has not ended; `forge` says where a task's repository is.
    """

    def __init__(  # noqa: PLR0913 - one for each part it needs
        self,
        journal: Journal,
        root: Path,
        *,
        actions: Mapping[str, Action],
        forge: Callable[[Task], Forge],
        catalog: Catalog,
        listener: Listener,
        elsewhere: Elsewhere,
        environment: Environment | None = None,
    ) -> None:
        self._journal = journal
        self._directories = Directories(root, self._is_over)
        self._forge = forge
        self._bench = Bench(journal, actions, catalog, elsewhere, listener)
        self._environment = environment or Environment()

    def start(self, task: Task, template: Resolved, secrets: Mapping[str, str]) -> Task:
        """Store a new task with its template, and run it."""
        self._directories.sweep()
        with self._directories.held(task.id) as directory:
            return self._go(self._run(task, template, secrets, directory), new=True)

    def resume(
        self, task_id: str, template: Callable[[Path], Resolved], secrets: Callable[[], Mapping[str, str]]
    ) -> Task:
        """
        Go on with a task that was cut short or stopped.

        `template` loads what `start` stored, `secrets` finds again what it could not store.

        Raises:
            NothingToResume: It has ended.
            TaskBusy: Another process works on it.
            TemplateLost: What `start` stored is damaged.
        """
        self._directories.sweep()
        with self._directories.held(task_id) as directory:
            task = self._journal.task(task_id)
            if task.status not in UNFINISHED:
                raise NothingToResume(task)
            kept = template(directory / "template.tar")
            if kept.root.digest() != task.digest:
                raise TemplateLost(task)
            run = self._run(task, kept, secrets(), directory)
            self._restore(run)
            return self._go(run)

    def rollback(self, task_id: str, secrets: Mapping[str, str]) -> list[Left]:
        """
        Take back what the task made, last effect first; return what had to be left.

        Raises:
            TaskBusy: Another process works on it.
            Stopped: It could not be finished now; said again, it goes on.
        """
        self._directories.sweep()
        with self._directories.held(task_id) as directory:
            task = self._journal.task(task_id)
            left = undo(self._run(task, None, secrets, directory), self._bench)
            said = "; ".join(f"left: {one.reason}" for one in left)
            self._journal.finish(task_id, TaskStatus.ROLLED_BACK, error=said or task.error)
            return left

    def busy(self, task_id: str) -> bool:
        """Tell whether a process works on the task right now."""
        return self._directories.busy(task_id)

    # -- one step after the other

    def _go(self, run: Run, *, new: bool = False) -> Task:
        try:
            if new:
                self._store(run)
            for number in range(len(run.task.steps)):
                self._step_or_those_that_ask(run, number)
            self._journal.finish(run.task.id, TaskStatus.COMPLETED, output=output_of(run))
        except KeyboardInterrupt:
            raise self._settle(run, Interrupted("interrupted")) from None
        except ScaffolderError as error:
            raise self._settle(run, error) from error
        except OSError as error:
            raise self._settle(
                run, Failed(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "))
            ) from error
        except Exception as error:  # an action's own bug: it is reported as one, unless something stands already
            self._keep_traceback(run, error)
            settled = self._settle(run, Failed(f"unexpected {type(error).__name__}: {error}"))
            if isinstance(settled, Stopped) or masking.tells_a_secret(error, run.every_secret):
                raise settled from None
            raise
        return self._journal.task(run.task.id)

    def _keep_traceback(self, run: Run, error: Exception) -> None:
        """Put a bug's traceback where `tasks log` shows it."""
        for line in "".join(traceback.format_exception(error)).splitlines():
            self._journal.log(run.task.id, "bug", masking.redacted(line, run.every_secret))

    def _store(self, run: Run) -> None:
        """Store everything that the task needs, before its first effect."""
        if run.template is not None:
            run.template.save(run.directory / "template.tar")
        self._journal.create(run.task)

    def _step_or_those_that_ask(self, run: Run, number: int) -> None:
        """Take a step; when it fails for good, the later ones whose condition asks how it goes are taken as well."""
        try:
            self._step(run, number, run.task.steps[number])
        except (TryAgain, Interrupted):
            raise  # the task only waits
        except Exception:
            run.course.failed = not all(step.ours for step in run.task.steps[: number + 1])
            for later in range(number + 1, len(run.task.steps) if run.course.failed else 0):
                self._step_that_asks(run, number, later)
            raise

    def _step_that_asks(self, run: Run, failed: int, number: int) -> None:
        """
        Take a step after a failure, if its condition says so; what it fails with is only logged.

        It writes no files: the step that failed begins from what stands now, should the task go on.
        """
        step, said = run.task.steps[number], ""
        try:
            if step.ours or not (evaluate.asks_how_it_goes(step, run.scope()) and evaluate.inputs(step, run.scope())):
                return
            if self._bench.action(step).effect is Effect.WORKSPACE:
                said = f"step {step.id} is passed over: it writes files, and step {run.task.steps[failed].id} failed"
            else:
                self._step(run, number, step)
        except (ScaffolderError, OSError) as error:
            said = f"step {step.id} failed, too: {error}"
        if said:
            self._journal.log(run.task.id, step.id, masking.redacted(said, run.every_secret))

    def _step(self, run: Run, number: int, step: PlannedStep) -> None:
        if number not in run.rows:
            run.rows[number] = self._resolve(run, number, step)
        rows = run.rows[number]
        for index, row in enumerate(rows):
            if row.status in {RowStatus.PENDING, RowStatus.PROCESSING}:
                rows[index] = self._perform(run, step, row)

    def _resolve(self, run: Run, number: int, step: PlannedStep) -> list[Row]:
        scope = run.scope()
        values = evaluate.inputs(step, scope)
        if not values:
            status = RowStatus.EMPTY if evaluate.counts_as_done(step) else RowStatus.SKIPPED
            row = self._journal.skip(run.task.id, number, status=status)
            self._bench.tell("skipped", run, number)
            return [row]
        action = self._bench.action(step)
        for value in values:
            evaluate.check_input(step, action, value)
        return self._journal.resolve(run.task.id, number, evaluate.storable(step, scope, values))

    def _perform(self, run: Run, step: PlannedStep, row: Row) -> Row:
        action, started = self._bench.action(step), time.monotonic()
        began_before = row.status is RowStatus.PROCESSING
        self._bench.tell("begun", run, row.step)
        row = row if began_before else self._journal.begin(run.task.id, row)
        run.rows[row.step][row.iteration] = row
        state = run.state
        writes = action.effect is Effect.WORKSPACE
        place = run.workspace.begin(state) if writes else run.workspace.current(state)
        value = self._bench.input(run, step, row)
        output = _acted(step, action, self._bench.context(run, step, place, began_before=began_before), value)
        self._bench.tell("effect", run, row.step)
        mark = run.workspace.digest(state + 1) if writes else ""
        if row.mark != mark and row.mark and stands(run, self._bench):
            raise ResultChanged(run.task.id, step)
        done = self._journal.complete(
            run.task.id, row, output=_without_secrets(step, output, run.every_secret), mark=mark
        )
        text = action.describe(value, output) if action.describe and output is not LEFT_OUT else step.name
        self._bench.tell("finished", run, row.step, text=text, seconds=time.monotonic() - started)
        return done

    # -- how it ends, and how it goes on

    def _settle(self, run: Run, error: ScaffolderError) -> ScaffolderError:
        """Return what to raise: the error itself once everything is taken back, else that the task stopped."""
        error = masking.without_secrets(error, run.every_secret)
        if stands(run, self._bench) or (isinstance(error, TryAgain) and acts_outside(run, self._bench)):
            return self._stopped(run, error)
        run.workspace.discard()  # a full disk must have room for what is written below
        try:
            left = undo(run, self._bench)
        except Stopped:
            if isinstance(error, TryAgain) and not any(row.status is RowStatus.UNDONE for row in run.all_rows):
                return self._stopped(run, error)  # nothing is taken back yet: it can go on as well
            raise
        self._journal.finish(run.task.id, TaskStatus.FAILED, error=error.message)
        error.details = (*error.details, *(one.reason for one in left))
        return error

    def _stopped(self, run: Run, error: ScaffolderError) -> ScaffolderError:
        """Let the task wait for somebody; return what to raise."""
        self._journal.finish(run.task.id, TaskStatus.STOPPED, error=error.message)
        done = len({row.step for row in run.all_rows if row.status is RowStatus.COMPLETED})
        where = f"stopped after step {done} of {len(run.task.steps)}"
        stopped = Stopped(f"{where}: {error.message}", task_id=run.task.id, details=error.details)
        return Interrupted(where, hint=stopped.hint) if isinstance(error, Interrupted) else stopped

    def _restore(self, run: Run) -> None:
        """Run the steps that wrote files again, with the inputs they had, when what they made is gone."""
        if run.written and not self._is_intact(run):
            for row in self._journal.reopen(run.task.id, run.written):
                run.rows[row.step][row.iteration] = row

    def _is_intact(self, run: Run) -> bool:
        checks = [(self._bench.action(run.task.steps[row.step]).intact, row.output) for row in run.written]
        whole = all(intact is None or intact(self._bench.undo_context(run), output) for intact, output in checks)
        return whole and run.workspace.digest(run.state) == run.written[-1].mark

    # -- parts

    def _run(self, task: Task, template: Resolved | None, secrets: Mapping[str, str], directory: Path) -> Run:
        rows: dict[int, list[Row]] = {}
        for row in self._journal.rows(task.id):
            rows.setdefault(row.step, []).append(row)
        forge, workspace = self._forge(task), Workspace(directory / "workspace")
        return Run(task, template, secrets, workspace, directory, forge, environment=self._environment, rows=rows)

    def _is_over(self, task_id: str) -> bool:
        with suppress(ScaffolderError):
            status = self._journal.status(task_id)
            return status is None or status in OVER
        return False


def _acted(step: PlannedStep, action: Action, context: ActionContext, value: Any) -> Values:
    """Return what the action returned; where the forge does not offer what is optional, it is said and left out."""
    try:
        return action.run(context, value)
    except NotOffered as error:
        if not step.optional:
            raise
        context.log(f"left out: {error.message}")
        return LEFT_OUT


def _without_secrets(step: PlannedStep, output: Values, secrets: Mapping[str, str]) -> Values:
    """Return an output as it may be stored; what our own steps return holds no secret."""
    kept: Values = dict(output) if step.ours else masking.masked(dict(output), secrets)
    return kept
