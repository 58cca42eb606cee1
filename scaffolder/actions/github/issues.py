"""Issues, and labels of issues and pull requests."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scaffolder.actions.github.inputs import REPO_URL, TEXT, TEXTS, check_repository, full_name_of, repository_of, stays
from scaffolder.gateways.github import issues
from scaffolder.task.action import Action, ActionContext, Effect, UndoContext, Values, object_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

_NUMBER = {"type": "integer", "minimum": 0}


# -- github:issues:create


def _create(context: ActionContext, value: Values) -> Values:
    with repository_of(context, value) as repository:
        made = issues.ensure_issue(
            repository,
            _wanted(value),
            mark=_mark(context, value),
            since=context.created_at,
            maybe_there=context.began_before,
        )
    return {"issueUrl": made.url, "issueNumber": made.number}


def _wanted(value: Values) -> dict[str, Any]:
    given = {name: value[name] for name in ("title", "body", "assignees", "labels") if name in value}
    milestone = value.get("milestone", "")
    return {**given, **({"milestone": int(milestone)} if milestone != "" else {})}


def _mark(context: UndoContext, value: Values) -> str:
    """Return what an issue is known again by: the task, and what was wanted, for a step may run for several items."""
    wanted = json.dumps([full_name_of(context, value).lower(), _wanted(value)], sort_keys=True)
    return f"task {context.task_id}, issue {hashlib.sha256(wanted.encode()).hexdigest()[:16]}"


def _predict_issue(context: ActionContext, value: Values) -> Values:
    with repository_of(context, value) as repository:
        return {"issueUrl": f"{repository.page}/issues/0", "issueNumber": 0}


def _close(context: UndoContext, value: Values, output: Values) -> str:
    """Close it: GitHub deletes no issue for a program."""
    with repository_of(context, value) as repository:
        if repository.find("") is None:
            return ""
        found = output.get("issueNumber")
        if found is None:
            there = issues.find_issue(repository, mark=_mark(context, value), since=_LONG_AGO)
            found = there.number if there else None
        if found is not None:
            issues.close_issue(repository, found)
    return ""


_LONG_AGO = datetime(2008, 4, 10, tzinfo=UTC)


# -- github:issues:label


def _label(context: ActionContext, value: Values) -> Values:
    with repository_of(context, value) as repository:
        issues.add_labels(repository, int(value["number"]), value["labels"])
    return {}


def _labels_of(value: Mapping[str, Any]) -> str:
    return ", ".join(value["labels"])


ACTIONS = [
    Action(
        id="github:issues:create",
        description="Open an issue",
        run=_create,
        check=check_repository,
        predict=_predict_issue,
        undo=_close,
        effect=Effect.OUTSIDE,
        input_schema=object_schema(
            {
                **REPO_URL,
                "title": TEXT,
                "body": TEXT,
                "assignees": TEXTS,
                "milestone": {"type": ["integer", "string"], "pattern": "^[0-9]*$"},
                "labels": TEXTS,
            },
            "repoUrl",
            "title",
        ),
        output_schema=object_schema({"issueUrl": TEXT, "issueNumber": _NUMBER}),
        describe=lambda value, output: f"issue #{output['issueNumber']} opened: {value['title']}",
        forge="github",
        own_access=True,
        requests=lambda _value: 1,
    ),
    Action(
        id="github:issues:label",
        description="Add labels to an issue or a pull request",
        run=_label,
        check=check_repository,
        predict=lambda _context, _value: {},
        undo=lambda context, value, _output: stays(
            context, value, f"the labels {_labels_of(value)} of #{value['number']}"
        ),
        effect=Effect.OUTSIDE,
        input_schema=object_schema({**REPO_URL, "number": _NUMBER, "labels": TEXTS}, "repoUrl", "number", "labels"),
        describe=lambda value, _output: f"#{value['number']} labelled {_labels_of(value)}",
        forge="github",
        own_access=True,
        requests=lambda _value: 1,
    ),
]
