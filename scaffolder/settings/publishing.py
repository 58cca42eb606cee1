"""
What every new repository on GitHub gets: the inputs of Backstage's `publish:github` that are a company's to decide.

Names and meanings are those of https://backstage.io/docs/features/software-templates/builtin-actions; what is one
repository's own (its address, its description, its secrets) stands in the template's step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from scaffolder.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def _true_or_false(description: str) -> dict[str, Any]:
    return {"type": "boolean", "description": description}


def _texts(description: str, pattern: str = ".") -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string", "pattern": pattern}, "description": description}


def _one_of(choices: Sequence[str], description: str) -> dict[str, Any]:
    return {"enum": list(choices), "description": description}


def _who(description: str) -> dict[str, Any]:
    named: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
    return {**_mapping({"users": named, "teams": named, "apps": named}), "description": description}


def _mapping(properties: Mapping[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


ELSEWHERE: Final = {
    "repoVisibility": "set scaffolder.visibility",
    "defaultBranch": "set scaffolder.defaultBranch",
    "repoUrl": "set scaffolder.repositoryOwner; the name is the service's own",
    "secrets": "a secret is asked for by a template, and given to its step",
    "token": "the token is found by itself: scaffolder login",
}
"""What to do instead, for inputs that are not set here."""
_TEXT: Final = {"type": "string", "minLength": 1}
_COLLABORATOR: Final = {
    "anyOf": [_mapping({who: _TEXT, "access": _TEXT}, who, "access") for who in ("team", "user", "username")]
}
_LABEL: Final = _mapping(
    {"name": _TEXT, "color": {"type": "string", "pattern": "^[0-9A-Fa-f]{6}$"}, "description": {"type": "string"}},
    "name",
)
_PROPERTIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "topics": {
        **_texts("Topics of the repository.", "^[A-Za-z0-9][A-Za-z0-9-]{0,49}$"),
        "maxItems": 20,
    },
    "access": {**_TEXT, "description": "Who administers it: a login, or `ORGANISATION/TEAM`."},
    "collaborators": {
        "type": "array",
        "items": _COLLABORATOR,
        "description": "Teams and people: each a `team` or a `user`, and its `access`: pull, push, admin, …",
    },
    "protectDefaultBranch": _true_or_false("Whether the default branch is protected."),
    "protectEnforceAdmins": _true_or_false("Whether that holds for administrators, too."),
    "requiredApprovingReviewCount": {
        "type": "integer",
        "minimum": 0,
        "maximum": 6,
        "description": "How many have to approve a pull request.",
    },
    "requireCodeOwnerReviews": _true_or_false("Whether a code owner has to approve."),
    "dismissStaleReviews": _true_or_false("Whether a new commit takes approvals away."),
    "requireLastPushApproval": _true_or_false("Whether somebody else has to approve the last push."),
    "requiredStatusCheckContexts": _texts("The checks that have to pass."),
    "requireBranchesToBeUpToDate": _true_or_false("Whether a branch has to be up to date before it is merged."),
    "requiredConversationResolution": _true_or_false("Whether every conversation has to be resolved."),
    "requiredCommitSigning": _true_or_false("Whether commits have to be signed."),
    "requiredLinearHistory": _true_or_false("Whether merge commits are refused."),
    "blockCreations": _true_or_false("Whether only those in `restrictions` may create matching branches."),
    "bypassPullRequestAllowances": _who("Who needs no pull request: `users`, `teams`, `apps`."),
    "restrictions": _who("Who alone may push: `users`, `teams`, `apps`."),
    "deleteBranchOnMerge": _true_or_false("Whether a merged branch is deleted."),
    "allowMergeCommit": _true_or_false("Whether pull requests may be merged by a merge commit."),
    "allowSquashMerge": _true_or_false("Whether they may be squashed."),
    "allowRebaseMerge": _true_or_false("Whether they may be rebased."),
    "allowAutoMerge": _true_or_false("Whether they may be merged by themselves."),
    "allowUpdateBranch": _true_or_false("Whether a branch can be updated from the page of its pull request."),
    "squashMergeCommitTitle": _one_of(("PR_TITLE", "COMMIT_OR_PR_TITLE"), "The title of a squashed commit."),
    "squashMergeCommitMessage": _one_of(("PR_BODY", "COMMIT_MESSAGES", "BLANK"), "The message of a squashed commit."),
    "hasIssues": _true_or_false("Whether it has issues."),
    "hasProjects": _true_or_false("Whether it has projects."),
    "hasWiki": _true_or_false("Whether it has a wiki."),
    "repoVariables": {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "Variables of GitHub Actions, by name.",
    },
    "customProperties": {
        "type": "object",
        "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        "description": "Properties that the organisation has defined, by name.",
    },
    "oidcCustomization": {
        **_mapping({"useDefault": {"type": "boolean"}, "includeClaimKeys": _texts("")}),
        "description": "Claims of its workflows' tokens: `useDefault`, or `includeClaimKeys`.",
    },
    "subscribe": _true_or_false("Whether you watch it."),
    "labels": {
        "type": "array",
        "items": _LABEL,
        "description": "Labels of issues: each a `name`, a `color` and a `description`.",
    },
    "environments": _texts("Environments to deploy to, by name."),
}

SCHEMA: Final[dict[str, Any]] = _mapping(_PROPERTIES)
"""The JSON schema of `scaffolder.publish`."""


class Problem(NamedTuple):
    """What is wrong, and where below."""

    path: tuple[str | int, ...]
    message: str
    hint: str = ""


def problem_in(found: Any) -> Problem | None:
    """Return the first thing that is wrong in what somebody has set, None when nothing is."""
    import jsonschema_rs

    error = next(jsonschema_rs.validator_for(SCHEMA).iter_errors(found), None)
    if error is None:
        return None
    path = tuple(error.instance_path)
    unexpected = getattr(error.kind, "unexpected", None)
    if unexpected:
        known = _PROPERTIES if not path else ("users", "teams", "apps")
        near = did_you_mean(unexpected[0], known) or ELSEWHERE.get(unexpected[0], "")
        return Problem((*path, unexpected[0]), "this key is not known", near)
    meant = _PROPERTIES[str(path[0])]["description"] if path else ""
    return Problem(path, error.message.partition(" under any of")[0], meant)


def described() -> list[tuple[str, str, str]]:
    """Return each name, its type in words, and what it means."""
    return [(name, _type_of(schema), schema["description"]) for name, schema in _PROPERTIES.items()]


def _type_of(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " or ".join(f"`{choice}`" for choice in schema["enum"])
    words = {"boolean": "true or false", "array": "list", "object": "mapping", "integer": "number", "string": "text"}
    return words[schema["type"]]
