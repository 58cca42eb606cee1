"""
What steps of Backstage templates take and return there, where that is not what our own actions do.

Publishing is made of several steps here, and registering is asked about what the task made; in a dry run neither
happens, and a step is held to what its author knows: https://backstage.io/docs/features/software-templates/builtin-actions.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from scaffolder.task.action import Effect, object_schema
from scaffolder.task.plan import PUBLISHING, REGISTER, REPO_CREATE, REPO_PUSH
from scaffolder.task.providers import PROVIDERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.task.action import Action, Predict

ANYTHING: Mapping[str, Any] = {"type": "object"}
HOSTS = "allowedHosts"
"""An input that publishing does not have, and that many templates pass to it all the same."""


_ONLY_THERE = PUBLISHING | {"publish:bitbucket", "publish:gitlab:merge-request"}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a step takes and returns; one that is `remote` is not run in a dry run, but recorded."""

    input_schema: Mapping[str, Any] = field(default_factory=lambda: ANYTHING)
    output_schema: Mapping[str, Any] = field(default_factory=lambda: ANYTHING)
    remote: bool = True
    dry_run: Predict | None = None


def shape_of(action_id: str, actions: Mapping[str, Action]) -> Shape | None:
    """Return the shape of an action, None when nobody knows it; Backstage's others take and return anything."""
    there = _there().get(action_id)
    if there is not None and (action_id in _ONLY_THERE or there.input_schema is not ANYTHING):
        return there
    ours = actions.get(action_id)
    if ours is None:
        return Shape(output_schema=object_schema({})) if action_id in PROVIDERS else None
    more = _HELD_TO.get(action_id, {})
    taken = {**ours.input_schema, "properties": {**ours.input_schema.get("properties", {}), **more}}
    shape = Shape(taken if more else ours.input_schema, ours.output_schema, ours.effect is Effect.OUTSIDE, ours.dry_run)
    return replace(shape, output_schema=there.output_schema) if there else shape


def example(schema: Mapping[str, Any]) -> Any:
    """Return a value of a schema, as Backstage's dry run makes one."""
    if isinstance(schema.get("examples"), list) and schema["examples"]:
        return schema["examples"][0]
    match schema.get("type"):
        case "object":
            return {name: example(part) for name, part in schema.get("properties", {}).items()}
        case "array":
            items = schema.get("items")
            first = items[0] if isinstance(items, list) and items else items
            return [example(first)] if isinstance(first, dict) else []
    return _EXAMPLES.get(str(schema.get("type")), "<unknown>")


_EXAMPLES: Mapping[str, Any] = {"string": "<example>", "number": 0, "integer": 0, "boolean": False}


@cache
def _there() -> dict[str, Shape]:
    text, number = {"type": "string"}, {"type": "number"}
    made = {"remoteUrl": text, "repoContentsUrl": text}
    published = object_schema({**made, "commitHash": text})
    proposed = object_schema({"targetBranchName": text, "remoteUrl": text, "pullRequestNumber": number})
    run = object_schema({"workflowRunId": number, "workflowRunUrl": text, "workflowRunHtmlUrl": text})
    return {
        **dict.fromkeys(_ONLY_THERE, Shape(output_schema=published)),
        "publish:github": Shape(_taken({**_REPOSITORY, **_PUSH}), published),
        REPO_CREATE: Shape(_taken({**_REPOSITORY, **_CREATED}), object_schema(made)),
        REPO_PUSH: Shape(_taken(_PUSH), published),
        REGISTER: Shape(_registered()),
        "publish:github:pull-request": Shape(output_schema=proposed),
        "publish:gitlab:merge-request": Shape(
            output_schema=object_schema(
                {"targetBranchName": text, "projectid": text, "projectPath": text, "mergeRequestUrl": text}
            )
        ),
        "github:actions:dispatch": Shape(output_schema=run),
        "github:deployKey:create": Shape(output_schema=object_schema({"privateKeySecretName": text})),
    }


def _taken(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return object_schema({"repoUrl": _TEXT, "token": _TEXT, **inputs}, "repoUrl")


def _registered() -> dict[str, Any]:
    by_url = object_schema({"catalogInfoUrl": _TEXT, "optional": _FLAG}, "catalogInfoUrl")
    contents = {"repoContentsUrl": _TEXT, "catalogInfoPath": _TEXT, "optional": _FLAG}
    return {"anyOf": [by_url, object_schema(contents, "repoContentsUrl")]}


_TEXT, _FLAG = {"type": "string"}, {"type": "boolean"}
_TEXTS = {"type": "array", "items": _TEXT}
_BY_NAME = {"type": "object", "additionalProperties": _TEXT}
_WHO = {"users": _TEXTS, "teams": _TEXTS, "apps": _TEXTS}
_POLICY = {"protected_branches": _FLAG, "custom_branch_policies": _FLAG}
_EVENTS = """
    branch_protection_rule check_run check_suite code_scanning_alert commit_comment create delete dependabot_alert
    deploy_key deployment deployment_status discussion discussion_comment fork github_app_authorization gollum
    installation installation_repositories installation_target issue_comment issues label marketplace_purchase member
    membership merge_group meta milestone org_block organization package page_build ping project project_card
    project_column projects_v2_item public pull_request pull_request_review pull_request_review_comment
    pull_request_review_thread push registry_package release repository repository_dispatch repository_import
    repository_vulnerability_alert secret_scanning_alert security_advisory sponsorship star status team team_add watch
    workflow_dispatch workflow_job workflow_run
"""
"""What a webhook can be told of: https://docs.github.com/webhooks/webhook-events-and-payloads."""
_HELD_TO: Mapping[str, Any] = {
    "github:actions:dispatch": {"workflowId": _TEXT, "workflowInputs": _BY_NAME},
    "github:branch-protection:create": {
        "requiredApprovingReviewCount": {"type": "number"},
        "restrictions": object_schema(_WHO, "users", "teams"),
    },
    "github:environment:create": {
        "deploymentBranchPolicy": object_schema(_POLICY, *_POLICY),
        "waitTimer": {"type": "number"},
    },
    "github:issues:create": {"milestone": {"type": ["string", "number"]}},
    "github:issues:label": {"number": {"type": "number"}},
    "github:webhook": {"events": {"type": "array", "items": {"enum": ["*", *_EVENTS.split()]}}},
}
"""Inputs that are held to other rules there than by ours."""
_REPOSITORY: Mapping[str, Any] = {
    "description": _TEXT,
    "homepage": _TEXT,
    "access": _TEXT,
    "repoVisibility": {"type": "string", "enum": ["private", "public", "internal"]},
    "deleteBranchOnMerge": _FLAG,
    "allowMergeCommit": _FLAG,
    "allowSquashMerge": _FLAG,
    "squashMergeCommitTitle": {"type": "string", "enum": ["PR_TITLE", "COMMIT_OR_PR_TITLE"]},
    "squashMergeCommitMessage": {"type": "string", "enum": ["PR_BODY", "COMMIT_MESSAGES", "BLANK"]},
    "allowRebaseMerge": _FLAG,
    "allowAutoMerge": _FLAG,
    "allowUpdateBranch": _FLAG,
    "collaborators": {
        "type": "array",
        "items": {"anyOf": [object_schema({"access": _TEXT, who: _TEXT}, "access", who) for who in ("user", "team")]},
    },
    "hasProjects": _FLAG,
    "hasWiki": _FLAG,
    "hasIssues": _FLAG,
    "topics": _TEXTS,
    "repoVariables": _BY_NAME,
    "secrets": _BY_NAME,
    "oidcCustomization": object_schema({"useDefault": _FLAG, "includeClaimKeys": _TEXTS}),
    "customProperties": {"type": "object", "additionalProperties": {"anyOf": [_TEXT, _TEXTS]}},
    "subscribe": _FLAG,
}
"""Inputs that say what a repository is."""
_CREATED = {"autoInit": _FLAG, "workflowAccess": {"type": "string", "enum": ["none", "organization", "user"]}}
_PUSH: Mapping[str, Any] = {
    "bypassPullRequestAllowances": object_schema(_WHO),
    "requiredApprovingReviewCount": {"type": "number"},
    "restrictions": object_schema(_WHO, "users", "teams"),
    "requireCodeOwnerReviews": _FLAG,
    "dismissStaleReviews": _FLAG,
    "requiredStatusCheckContexts": _TEXTS,
    "requireBranchesToBeUpToDate": _FLAG,
    "requiredConversationResolution": _FLAG,
    "requireLastPushApproval": _FLAG,
    "requiredCommitSigning": _FLAG,
    "requiredLinearHistory": _FLAG,
    "defaultBranch": _TEXT,
    "protectDefaultBranch": _FLAG,
    "protectEnforceAdmins": _FLAG,
    "gitCommitMessage": _TEXT,
    "gitAuthorName": _TEXT,
    "gitAuthorEmail": _TEXT,
    "sourcePath": _TEXT,
}
"""Inputs that say what is pushed, and how its branch is protected."""
