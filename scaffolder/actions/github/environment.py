"""Environments that a repository is deployed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.actions.github.inputs import (
    FLAG,
    NAMED_TEXTS,
    REPO_URL,
    TEXT,
    TEXTS,
    check_repository,
    repository_of,
    stays,
)
from scaffolder.catalog.entity import EntityRef
from scaffolder.errors import InvalidInput
from scaffolder.gateways.github import environments, variables
from scaffolder.gateways.github.repository_api import part
from scaffolder.task.action import Action, ActionContext, Effect, Values, object_schema

if TYPE_CHECKING:
    from scaffolder.gateways.github.repository_api import RepositoryApi

_POLICY = object_schema(
    {"protected_branches": FLAG, "custom_branch_policies": FLAG}, "protected_branches", "custom_branch_policies"
)
ENVIRONMENT: dict[str, Any] = {
    "name": TEXT,
    "deploymentBranchPolicy": {"anyOf": [_POLICY, {"type": "null"}]},
    "customBranchPolicyNames": TEXTS,
    "customTagPolicyNames": TEXTS,
    "environmentVariables": NAMED_TEXTS,
    "secrets": NAMED_TEXTS,
    "waitTimer": {"type": "integer"},
    "preventSelfReview": FLAG,
    "reviewers": TEXTS,
}
"""The inputs of `github:environment:create`, beside the repository."""


class PolicyMissing(InvalidInput):
    """Patterns of branches are given to an environment that does not look at them."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the environment {name} names branches or tags, and its deploymentBranchPolicy does not look at names",
            hint="deploymentBranchPolicy: {protected_branches: false, custom_branch_policies: true}",
        )


class ReviewerUnknown(InvalidInput):
    """A reviewer of an environment is not in the catalog, or not on GitHub."""

    def __init__(self, ref: EntityRef, forge: str, name: str) -> None:
        super().__init__(
            f"{ref} cannot review deployments: {forge} knows no {name}",
            hint="name a group or a user of the catalog, with github.com/team-slug or github.com/user-login if need be",
        )


def _create(context: ActionContext, value: Values) -> Values:
    name = value["name"]
    with repository_of(context, value) as repository:
        rules = {**_rules(value), **_reviewed(context, repository, value)}
        environments.set_environment(repository, name, rules)
        for kind, pattern in _patterns(value):
            environments.add_policy(repository, name, pattern, kind=kind)
        for variable, text in value.get("environmentVariables", {}).items():
            if not variables.add_variable(repository, variable, text, environment=name):
                context.log(f"the variable {variable} of {name} was there, and is left as it is")
        variables.set_secrets(repository, value.get("secrets", {}), environment=name)
    return {}


def _rules(value: Values) -> dict[str, Any]:
    words = {
        "deploymentBranchPolicy": "deployment_branch_policy",
        "waitTimer": "wait_timer",
        "preventSelfReview": "prevent_self_review",
    }
    return {words[name]: value[name] for name in words if name in value}


def _patterns(value: Values) -> list[tuple[str, str]]:
    named = (("branch", "customBranchPolicyNames"), ("tag", "customTagPolicyNames"))
    return [(kind, pattern) for kind, name in named for pattern in value.get(name, ())]


def _reviewed(context: ActionContext, repository: RepositoryApi, value: Values) -> dict[str, Any]:
    found = [_reviewer(context, repository, EntityRef.parse(ref)) for ref in value.get("reviewers", ())]
    return {"reviewers": found} if found else {}


def _reviewer(context: ActionContext, repository: RepositoryApi, ref: EntityRef) -> dict[str, Any]:
    """Return who it is on GitHub: by annotation, else by the entity's name, as Backstage does."""
    annotations = context.catalog.require(ref, what="reviewer").annotations
    if ref.kind.lower() == "group":
        slug = annotations.get("github.com/team-slug", ref.name).rpartition("/")[2]
        kind, path = "Team", f"/orgs/{repository.owner}/teams/{part(slug)}"
    else:
        slug = annotations.get("github.com/user-login", ref.name)
        kind, path = "User", f"/users/{part(slug)}"
    found = repository.client.find(path)
    if found is None:
        raise ReviewerUnknown(ref, context.forge.name, f"{kind.lower()} {slug}")
    return {"type": kind, "id": found["id"]}


def _check(context: ActionContext, value: Values) -> None:
    policy = value.get("deploymentBranchPolicy") or {}
    if _patterns(value) and not policy.get("custom_branch_policies"):
        raise PolicyMissing(value["name"])
    check_repository(context, value)
    with repository_of(context, value) as repository:
        _reviewed(context, repository, value)


ACTIONS = [
    Action(
        id="github:environment:create",
        description="Make an environment that is deployed to",
        run=_create,
        check=_check,
        predict=lambda _context, _value: {},
        undo=lambda context, value, _output: stays(context, value, f"the environment {value['name']}"),
        effect=Effect.OUTSIDE,
        input_schema=object_schema({**REPO_URL, **ENVIRONMENT}, "repoUrl", "name"),
        describe=lambda value, _output: f"environment {value['name']} made",
        forge="github",
        own_access=True,
        requests=lambda value: (
            1
            + len(_patterns(value))
            + len(value.get("environmentVariables", ()))
            + (1 + len(value["secrets"]) if value.get("secrets") else 0)
            + len(value.get("reviewers", ()))
        ),
    )
]
