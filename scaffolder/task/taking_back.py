"""What a task has left outside, and taking it back: the last effect first, and only what nobody else has used since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaffolder.errors import Interrupted, ScaffolderError, Stopped
from scaffolder.task import masking
from scaffolder.task.action import Effect
from scaffolder.task.journal import Row, RowStatus, TaskStatus
from scaffolder.task.plan import RESERVE
from scaffolder.task.run import BEGUN

if TYPE_CHECKING:
    from scaffolder.task.bench import Bench
    from scaffolder.task.run import Run


@dataclass(frozen=True, slots=True)
class Left:
    """Something that was not taken back, and why."""

    step: str
    reason: str


def stands(run: Run, bench: Bench) -> bool:
    """Tell whether something is outside that a person may want to keep, or that nobody could take back."""
    return any(_is_outside(run, row, bench) for row in run.all_rows if row.status in BEGUN)


def acts_outside(run: Run, bench: Bench) -> bool:
    """Tell whether an effect outside, more than a reservation, has begun: what to take back cannot be asked now."""
    begun = [run.task.steps[row.step] for row in run.all_rows if row.status in BEGUN]
    return any(step.action != RESERVE and bench.action(step).effect is Effect.OUTSIDE for step in begun)


def _is_outside(run: Run, row: Row, bench: Bench) -> bool:
    """Tell whether a row left something outside: neither a reservation nor what was there before."""
    step = run.task.steps[row.step]
    action = bench.action(step)
    if step.action == RESERVE or action.effect is not Effect.OUTSIDE:
        return False
    finished = row.status is RowStatus.COMPLETED and row.output.get("created") is not False
    return finished or action.undo is None


def undo(run: Run, bench: Bench) -> list[Left]:
    """
    Take back every effect, the last first; where one must stay, say why once.

    Raises:
        Stopped, Interrupted: It could not be finished now.
    """
    bench.journal.finish(run.task.id, TaskStatus.UNDOING, error=run.task.error)
    again = f"scaffolder tasks rollback {run.task.id}"
    try:
        reasons = [(run.task.steps[row.step].id, _undo_row(run, row, bench)) for row in reversed(run.all_rows)]
    except KeyboardInterrupt:
        raise Interrupted("interrupted while taking back what was made", hint=again) from None
    except ScaffolderError as error:
        said = masking.without_secrets(error, run.every_secret)
        raise Stopped(f"stopped while taking back what was made: {said}", task_id=run.task.id, hint=again) from error
    return [Left(step, reason) for reason, step in {reason: step for step, reason in reasons if reason}.items()]


def _undo_row(run: Run, row: Row, bench: Bench) -> str:
    """Return '' or why an effect must stay."""
    step = run.task.steps[row.step]
    if row.status not in BEGUN or (take_back := bench.action(step).undo) is None:
        return ""
    value, output = bench.input(run, step, row), masking.unmasked(row.output, run.every_secret)
    reason = take_back(bench.undo_context(run), value, output)
    bench.tell("effect", run, row.step)
    if not reason:
        run.rows[row.step][row.iteration] = bench.journal.undone(run.task.id, row)
    bench.tell("undone", run, row.step, text=reason)
    return reason
