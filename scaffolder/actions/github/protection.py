"""Protecting what was published: branch protection and rulesets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.actions.github.inputs import ACTORS, FLAG, REPO_URL, TEXT, TEXTS, check_repository, repository_of, stays
from scaffolder.errors import InvalidInput
from scaffolder.gateways.github import protection
from scaffolder.task.action import Action, ActionContext, Effect, Values, object_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

PROTECTION: dict[str, Any] = {
    "branch": TEXT,
    "enforceAdmins": FLAG,
    "requiredApprovingReviewCount": {"type": "number", "minimum": 0, "maximum": 6},
    "requireCodeOwnerReviews": FLAG,
    "dismissStaleReviews": FLAG,
    "bypassPullRequestAllowances": ACTORS,
    "restrictions": ACTORS,
    "requiredStatusCheckContexts": TEXTS,
    "requireBranchesToBeUpToDate": FLAG,
    "requiredConversationResolution": FLAG,
    "requireLastPushApproval": FLAG,
    "requiredCommitSigning": FLAG,
    "requiredLinearHistory": FLAG,
    "blockCreations": FLAG,
}
"""The inputs of `github:branch-protection:create`, beside the repository."""
_BYPASS = object_schema(
    {
        "actorId": {"type": ["integer", "null"]},
        "actorType": {
            "enum": ["Integration", "OrganizationAdmin", "RepositoryRole", "Team", "DeployKey", "User"],
        },
        "bypassMode": {"enum": ["always", "pull_request", "exempt"]},
    },
    "actorType",
)
_REF_NAME = object_schema({"include": TEXTS, "exclude": TEXTS}, "include", "exclude")
RULESET: dict[str, Any] = {
    "name": TEXT,
    "target": {"enum": ["branch", "tag", "push"]},
    "enforcement": {"enum": ["disabled", "active", "evaluate"]},
    "bypassActors": {"type": "array", "items": _BYPASS},
    "conditions": object_schema({"refName": _REF_NAME}),
    "rules": {"type": "array", "items": {"type": "object"}},
}


class PatternInvalid(InvalidInput):
    """A ruleset's pattern for refs is none that GitHub takes."""

    def __init__(self, pattern: str) -> None:
        super().__init__(
            f"the ruleset's condition {pattern!r} is no pattern for refs",
            hint="one looks like refs/heads/main, refs/heads/release/*, ~DEFAULT_BRANCH or ~ALL",
        )


def _protect(context: ActionContext, value: Values) -> Values:
    with repository_of(context, value) as repository:
        branch = value.get("branch") or str(repository.request("GET", "").body["default_branch"])
        signed = value.get("requiredCommitSigning", False)
        protection.protect(repository, branch, _rules(value), signed=signed)
    return {"branch": branch}


def _rules(value: Values) -> dict[str, Any]:
    """Return an input in GitHub's words, with Backstage's defaults."""
    reviews = {
        "required_approving_review_count": int(value.get("requiredApprovingReviewCount", 1)),
        "require_code_owner_reviews": value.get("requireCodeOwnerReviews", False),
        "dismiss_stale_reviews": value.get("dismissStaleReviews", False),
        "require_last_push_approval": value.get("requireLastPushApproval", False),
    }
    bypass = value.get("bypassPullRequestAllowances")
    return {
        "required_status_checks": {
            "strict": value.get("requireBranchesToBeUpToDate", True),
            "contexts": list(value.get("requiredStatusCheckContexts", ())),
        },
        "enforce_admins": value.get("enforceAdmins", True),
        "required_pull_request_reviews": {**reviews, **({"bypass_pull_request_allowances": bypass} if bypass else {})},
        "restrictions": _who(value.get("restrictions")),
        "required_conversation_resolution": value.get("requiredConversationResolution", False),
        "required_linear_history": value.get("requiredLinearHistory", False),
        "block_creations": value.get("blockCreations", False),
    }


def _who(actors: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return who alone may push, None for everybody who may write; GitHub wants people and teams named, or none."""
    return None if actors is None else {"users": [], "teams": [], **actors}


def _check_ruleset(context: ActionContext, value: Values) -> None:
    ref_name = value.get("conditions", {}).get("refName", {})
    for pattern in (*ref_name.get("include", ()), *ref_name.get("exclude", ())):
        if not pattern.startswith(("refs/", "~")):
            raise PatternInvalid(pattern)
    check_repository(context, value)


def _create_ruleset(context: ActionContext, value: Values) -> Values:
    with repository_of(context, value) as repository:
        made = protection.set_ruleset(repository, _ruleset(value), change=repository.fresh or context.began_before)
    link = made.get("_links", {}).get("self", {}).get("href")
    return {"rulesetId": made["id"], "rulesetName": made["name"], **({"rulesetUrl": link} if link else {})}


def _ruleset(value: Values) -> dict[str, Any]:
    ref_name = value.get("conditions", {}).get("refName")
    words = {"actorId": "actor_id", "actorType": "actor_type", "bypassMode": "bypass_mode"}
    actors = [{words[name]: said for name, said in actor.items()} for actor in value.get("bypassActors", ())]
    return {
        "name": value["name"],
        "target": value.get("target", "branch"),
        "enforcement": value["enforcement"],
        **({"bypass_actors": actors} if actors else {}),
        **({"conditions": {"ref_name": dict(ref_name)}} if ref_name else {}),
        "rules": list(value["rules"]),
    }


ACTIONS = [
    Action(
        id="github:branch-protection:create",
        description="Protect a branch",
        run=_protect,
        check=check_repository,
        predict=lambda _context, value: {"branch": value.get("branch", "")},
        undo=lambda context, value, output: stays(
            context, value, f"the protection of {output.get('branch') or value.get('branch') or 'its default branch'}"
        ),
        effect=Effect.OUTSIDE,
        input_schema=object_schema({**REPO_URL, **PROTECTION}, "repoUrl"),
        describe=lambda _value, output: f"{output['branch'] or 'default branch'} protected",
        forge="github",
        own_access=True,
        requests=lambda value: 1 + ("branch" not in value) + bool(value.get("requiredCommitSigning")),
    ),
    Action(
        id="github:ruleset:create",
        description="Make a ruleset",
        run=_create_ruleset,
        check=_check_ruleset,
        predict=lambda _context, value: {"rulesetId": 0, "rulesetName": value["name"]},
        undo=lambda context, value, _output: stays(context, value, f"the ruleset {value['name']}"),
        effect=Effect.OUTSIDE,
        input_schema=object_schema({**REPO_URL, **RULESET}, "repoUrl", "name", "enforcement", "rules"),
        describe=lambda value, _output: f"ruleset {value['name']} made",
        forge="github",
        own_access=True,
        requests=lambda _value: 1,
    ),
]
