"""Starting a workflow: at most once, for it cannot be taken back, nor found again when the answer was lost."""

from __future__ import annotations

from scaffolder.actions.github.inputs import REPO_URL, TEXT, check_repository, is_ours, repository_of, stays
from scaffolder.errors import InvalidInput
from scaffolder.gateways.github import workflows
from scaffolder.task.action import Action, ActionContext, Effect, Values, object_schema


class NotDispatchable(InvalidInput):
    """A step starts a workflow that is not there, or that nobody can start."""

    def __init__(self, workflow: str, where: str, reason: str) -> None:
        super().__init__(
            f"the workflow {workflow} of {where} cannot be started: {reason}",
            hint=f"workflowId is the name of a file in {workflows.DIRECTORY}, which has `on: {workflows.TRIGGER}`",
        )


def _check(context: ActionContext, value: Values) -> None:
    """Look for the workflow: in the workspace, when the repository is the one that this task makes."""
    check_repository(context, value)
    workflow, ref = str(value["workflowId"]), value["branchOrTagName"]
    if workflow.isdecimal():
        return
    with repository_of(context, value) as repository:
        if is_ours(context, repository.full_name):
            file = context.workspace / workflows.DIRECTORY / workflow
            text = file.read_text(errors="replace") if file.is_file() else None
        else:
            text = workflows.definition(repository, workflow, ref)
        if text is None or "/" in workflow:
            raise NotDispatchable(workflow, repository.full_name, f"{ref} does not have it")
        if workflows.TRIGGER not in text:
            raise NotDispatchable(workflow, repository.full_name, f"it is not started by {workflows.TRIGGER}")


def _dispatch(context: ActionContext, value: Values) -> Values:
    workflow = str(value["workflowId"])
    with repository_of(context, value) as repository:
        place = f"{repository.page}/actions"
        if context.began_before:
            context.log(f"{workflow} may have been started before, and is not started again: look at {place}")
            return {"dispatched": "unknown"}
        inputs = {name: _text(given) for name, given in value.get("workflowInputs", {}).items()}
        details = value.get("returnWorkflowRunDetails", False)
        run = workflows.dispatch(repository, workflow, value["branchOrTagName"], inputs, details=details)
    if run is None:
        context.log(f"whether {workflow} was started is not known, for the answer was lost: look at {place}")
        return {"dispatched": "unknown"}
    return {"dispatched": "yes", **_details(run)}


def _details(run: workflows.Started) -> Values:
    """Return what Backstage's action returns of a run, where GitHub has said which it is."""
    if not run.number:
        return {}
    return {"workflowRunId": run.number, "workflowRunUrl": run.url, "workflowRunHtmlUrl": run.page}


def _predict(context: ActionContext, value: Values) -> Values:
    if not value.get("returnWorkflowRunDetails"):
        return {"dispatched": "yes"}
    with repository_of(context, value) as repository:
        page = f"{repository.page}/actions/runs/0"
    return {"dispatched": "yes", "workflowRunId": 0, "workflowRunUrl": page, "workflowRunHtmlUrl": page}


def _text(given: object) -> str:
    """Return an input as GitHub wants it: a text."""
    return {True: "true", False: "false"}[given] if isinstance(given, bool) else str(given)


ACTIONS = [
    Action(
        id="github:actions:dispatch",
        description="Start a workflow of GitHub Actions",
        run=_dispatch,
        check=_check,
        predict=_predict,
        undo=lambda context, value, _output: stays(context, value, f"what the workflow {value['workflowId']} has done"),
        effect=Effect.OUTSIDE,
        input_schema=object_schema(
            {
                **REPO_URL,
                "workflowId": {"type": ["string", "integer"]},
                "branchOrTagName": TEXT,
                "workflowInputs": {
                    "type": "object",
                    "additionalProperties": {"type": ["string", "number", "boolean"]},
                },
                "returnWorkflowRunDetails": {"type": "boolean"},
            },
            *("repoUrl", "workflowId", "branchOrTagName"),
        ),
        describe=lambda value, output: (
            f"workflow {value['workflowId']} {'started' if output['dispatched'] == 'yes' else 'may have been started'}"
        ),
        forge="github",
        own_access=True,
        requests=lambda _value: 1,
    )
]
