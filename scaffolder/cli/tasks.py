"""`scaffolder tasks`: look at runs; go on with one, or take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from scaffolder.cli.main import Session
    from scaffolder.task.journal import Row, Task
    from scaffolder.task.taking_back import Left

LEFT_SOMETHING = 3


@click.group()
def tasks() -> None:
    """Look at runs; resume one, or roll it back."""


@tasks.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def list_command(session: Session, *, as_json: bool) -> int:
    """Show every task, newest first."""
    found = session.app.tasks()
    if as_json:
        for task in found:
            session.console.json(_json(session, task, session.app.task(task.id)[1]))
        return 0
    rows = [
        [
            task.id,
            str(task.draft.get("name", "")),
            standing(session, task),
            f"{task.created_at:%Y-%m-%d %H:%M}",
            task.label,
        ]
        for task in found
    ]
    session.console.table(rows, header=["task", "service", "status", "begun", "template"])
    if not found:
        session.console.say("no task yet: scaffolder new begins one")
    return 0


@tasks.command("show")
@click.argument("task_id", metavar="TASK")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def show_command(session: Session, task_id: str, *, as_json: bool) -> int:
    """Show what a task did, step by step, and what exists outside because of it."""
    task, rows = session.app.task(task_id)
    if as_json:
        session.console.json(_json(session, task, rows))
        return 0
    _show(session, task, rows)
    return 0


@tasks.command("log")
@click.argument("task_id", metavar="TASK")
@click.pass_obj
def log_command(session: Session, task_id: str) -> int:
    """Show every line a task has logged."""
    task, _rows = session.app.task(task_id)
    for at, step, line in session.app.logged(task.id):
        session.console.result(f"{at:%H:%M:%S}  {step}  {line}")
    return 0


@tasks.command("resume")
@click.argument("task_id", metavar="TASK")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def resume_command(session: Session, task_id: str, *, as_json: bool) -> int:
    """Go on with a task where it stopped."""
    from scaffolder.app.results import made_by
    from scaffolder.cli import plan_screen

    _watch(session)
    task = session.app.resume(task_id)
    made = made_by(*session.app.task(task.id))
    if as_json:
        session.console.json(made.to_json())
    else:
        session.console.fields(
            [
                ("code", f"cd {made.directory}"),
                ("source", made.page or made.url),
                ("catalog", made.entity),
                *plan_screen.proposed(made),
            ]
        )
    return 0


@tasks.command("rollback")
@click.argument("task_id", metavar="TASK")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def rollback_command(session: Session, task_id: str, *, as_json: bool) -> int:
    """Take back what a task made; what somebody has used since stays, and is named."""
    _watch(session)
    task, _rows = session.app.task(task_id)
    left = session.app.rollback(task.id)
    if as_json:
        session.console.json({"taskId": task.id, "left": [{"step": one.step, "reason": one.reason} for one in left]})
    else:
        _report_left(session, left)
    return LEFT_SOMETHING if left else 0


def standing(session: Session, task: Task) -> str:
    """Return where a task stands, in words: one that nobody works on was cut short."""
    if task.status.value == "running" and not session.app.runner.busy(task.id):
        return "cut short"
    return task.status.value


def _watch(session: Session) -> None:
    from scaffolder.cli import progress

    session.app.listener = lambda event: progress.show(session.console, event)


def _report_left(session: Session, left: list[Left]) -> None:
    if not left:
        session.console.result("everything the task made is gone; the name is free again")
    for one in left:
        session.console.result(f"left: {one.reason}")


def _show(session: Session, task: Task, rows: list[Row]) -> None:
    from scaffolder.app.results import made_by
    from scaffolder.cli import plan_screen

    made = made_by(task, rows)
    session.console.fields(
        [
            ("task", task.id),
            ("service", str(task.draft.get("name", ""))),
            ("template", task.label),
            ("status", standing(session, task)),
            ("error", task.error),
            ("entity", made.entity),
            ("repository", made.page or made.url),
            ("directory", made.directory),
            *plan_screen.proposed(made),
        ]
    )
    session.console.result()
    session.console.table([_row(task, row) for row in rows], header=["step", "status", "seconds"])
    if standing(session, task) in {"cut short", "stopped"}:
        session.console.say(f"hint: scaffolder tasks resume {task.id}   (or: scaffolder tasks rollback {task.id})")


def _row(task: Task, row: Row) -> list[str]:
    seconds = f"{(row.ended_at - row.begun_at).total_seconds():.2f}" if row.begun_at and row.ended_at else ""
    return [task.steps[row.step].name, row.status.value, seconds]


def _json(session: Session, task: Task, rows: list[Row]) -> dict[str, Any]:
    from scaffolder.app.results import made_by

    return {
        **made_by(task, rows).to_json(),
        "id": task.id,
        "status": standing(session, task),
        "template": task.label,
        "createdAt": task.created_at.isoformat(),
        "error": task.error,
        "steps": [
            {
                "id": task.steps[row.step].id,
                "action": task.steps[row.step].action,
                "status": row.status.value,
                "begunAt": row.begun_at and row.begun_at.isoformat(),
                "endedAt": row.ended_at and row.ended_at.isoformat(),
            }
            for row in rows
        ],
    }
