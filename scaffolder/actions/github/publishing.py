"""
What publishing sets up in a new repository, as Backstage's `publish:github` does: each kind a step of its own.

The inputs have the names and meanings of that action's. A homepage is set after the first push: until then it says
which task made the repository.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.actions.github.inputs import FLAG, NAMED_TEXTS, REPOSITORY, TEXT, TEXTS, repository_of, stays
from scaffolder.gateways.github import access, labels, repository_settings, variables
from scaffolder.task.action import Action, ActionContext, Effect, Values, object_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scaffolder.task.action import Requests

SETTINGS: dict[str, Any] = {
    "homepage": TEXT,
    "deleteBranchOnMerge": FLAG,
    "allowMergeCommit": FLAG,
    "allowSquashMerge": FLAG,
    "squashMergeCommitTitle": {"enum": ["PR_TITLE", "COMMIT_OR_PR_TITLE"]},
    "squashMergeCommitMessage": {"enum": ["PR_BODY", "COMMIT_MESSAGES", "BLANK"]},
    "allowRebaseMerge": FLAG,
    "allowAutoMerge": FLAG,
    "allowUpdateBranch": FLAG,
    "hasProjects": FLAG,
    "hasWiki": FLAG,
    "hasIssues": FLAG,
}
"""The inputs of `github:settings`, beside the repository."""
COLLABORATOR = {
    "type": "object",
    "properties": {"access": TEXT, "user": TEXT, "team": TEXT, "username": TEXT},
    "required": ["access"],
    "anyOf": [{"required": ["team"]}, {"required": ["user"]}, {"required": ["username"]}],
    "additionalProperties": False,
}
LABEL = {
    "type": "object",
    "properties": {"name": TEXT, "color": {"type": "string", "pattern": "^[0-9A-Fa-f]{6}$"}, "description": TEXT},
    "required": ["name"],
    "additionalProperties": False,
}


def _settings(context: ActionContext, value: Values) -> Values:
    asked = {name: setting for name, setting in value.items() if name in SETTINGS}
    with repository_of(context, value) as repository:
        repository_settings.change(repository, asked)
    return {}


def _topics(context: ActionContext, value: Values) -> Values:
    with repository_of(context, value) as repository:
        return {"topics": repository_settings.set_topics(repository, value["topics"])}


def _access(context: ActionContext, value: Values) -> Values:
    with repository_of(context, value) as repository:
        for grant in _grants(value):
            if not access.give(repository, grant):
                context.log(f"{grant.name} was invited, and has to accept first")
    return {}


def _grants(value: Values) -> list[access.Grant]:
    owner = str(value["repository"]).partition("/")[0]
    return access.grants(owner, value.get("access", ""), value.get("collaborators", ()))


def _variables(context: ActionContext, value: Values) -> Values:
    with repository_of(context, value) as repository:
        for name, text in value["repoVariables"].items():
            variables.set_variable(repository, name, text)
    return {}


def _secrets(context: ActionContext, value: Values) -> Values:
    with repository_of(context, value) as repository:
        variables.set_secrets(repository, value["secrets"])
    return {}


def _labels(context: ActionContext, value: Values) -> Values:
    with repository_of(context, value) as repository:
        for label in value["labels"]:
            labels.set_label(repository, label)
    return {}


def _properties(context: ActionContext, value: Values) -> Values:
    with repository_of(context, value) as repository:
        repository_settings.set_properties(repository, value["customProperties"])
    return {}


def _claims(context: ActionContext, value: Values) -> Values:
    with repository_of(context, value) as repository:
        repository_settings.set_claims(repository, value["oidcCustomization"])
    return {}


def _subscription(context: ActionContext, value: Values) -> Values:
    with repository_of(context, value) as repository:
        repository_settings.subscribe(repository, subscribed=value["subscribe"])
    return {}


def _action(
    name: str,
    what: str,
    run: Callable[[ActionContext, Values], Values],
    properties: Mapping[str, Any],
    *required: str,
    requests: Requests = lambda _value: 1,
    describe: Callable[[Values], str] | None = None,
) -> Action:
    """Return an action that sets `what` in the repository, with which it goes."""
    return Action(
        id=f"github:{name}",
        description=f"Set the {what} of the repository",
        run=run,
        predict=lambda _context, _value: {},
        undo=lambda context, value, _output: stays(context, value, f"its {what}"),
        effect=Effect.OUTSIDE,
        input_schema=object_schema({**REPOSITORY, **properties}, "repository", *required),
        describe=lambda value, _output: describe(value) if describe else f"{what} set",
        forge="github",
        requests=requests,
    )


ACTIONS = [
    _action("settings", "settings", _settings, SETTINGS),
    _action(
        "topics",
        "topics",
        _topics,
        {"topics": {**TEXTS, "maxItems": 20}},
        "topics",
        describe=lambda value: f"topics set: {', '.join(value['topics'])}",
    ),
    _action(
        "access",
        "teams and collaborators",
        _access,
        {"access": TEXT, "collaborators": {"type": "array", "items": COLLABORATOR}},
        requests=lambda value: len(_grants(value)),
        describe=lambda value: ", ".join(f"{one.name} may {one.permission}" for one in _grants(value)),
    ),
    _action(
        "variables",
        "variables",
        _variables,
        {"repoVariables": NAMED_TEXTS},
        "repoVariables",
        requests=lambda value: len(value["repoVariables"]),
        describe=lambda value: f"variables set: {', '.join(value['repoVariables'])}",
    ),
    _action(
        "secrets",
        "secrets",
        _secrets,
        {"secrets": NAMED_TEXTS},
        "secrets",
        requests=lambda value: 1 + len(value["secrets"]),
        describe=lambda value: f"secrets set: {', '.join(value['secrets'])}",
    ),
    _action(
        "labels",
        "labels",
        _labels,
        {"labels": {"type": "array", "items": LABEL}},
        "labels",
        requests=lambda value: len(value["labels"]),
        describe=lambda value: f"labels set: {', '.join(one['name'] for one in value['labels'])}",
    ),
    _action(
        "properties", "custom properties", _properties, {"customProperties": {"type": "object"}}, "customProperties"
    ),
    _action(
        "oidc",
        "claims of workflows' tokens",
        _claims,
        {"oidcCustomization": object_schema({"useDefault": FLAG, "includeClaimKeys": TEXTS})},
        "oidcCustomization",
    ),
    _action("subscription", "subscription", _subscription, {"subscribe": FLAG}, "subscribe"),
]
