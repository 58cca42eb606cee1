"""
What publishing sets up in a new repository, beside making it and pushing to it (pure).

The inputs have the names and meanings of Backstage's `publish:github`, `github:repo:create`, `github:repo:push`. Each
part is a step of its own, planned only where it is asked for: by the template's publishing step, whose inputs are
rendered when their turn comes, or by the settings, which are data and lie under them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROTECT: Final = "protectDefaultBranch"
ENVIRONMENTS: Final = "environments"

_OWN: Final = frozenset(
    {
        *("repoUrl", "description", "repoVisibility", "defaultBranch"),
        *("gitCommitMessage", "sourcePath"),
    }
)
"""Inputs that the birth itself answers."""


@dataclass(frozen=True, slots=True)
class Part:
    """
    One effect of publishing: the `action` that has it, and which of its inputs are publishing's.

    `inputs` maps publishing's names to the action's. `by_url` tells that the action names its repository by `repoUrl`;
    `after_push` that there must be a branch, or that what marks the repository as ours must not be needed any more.
    """

    id: str
    name: str
    action: str
    inputs: Mapping[str, str]
    by_url: bool = False
    after_push: bool = False


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


SETTINGS = Part(
    "settings",
    "settings set",
    "github:settings",
    _same(
        *("homepage", "deleteBranchOnMerge", "allowMergeCommit", "allowSquashMerge", "squashMergeCommitTitle"),
        *("squashMergeCommitMessage", "allowRebaseMerge", "allowAutoMerge", "allowUpdateBranch"),
        *("hasProjects", "hasWiki", "hasIssues"),
    ),
    after_push=True,
)
PROTECTION = Part(
    "protection",
    "default branch protected",
    "github:branch-protection:create",
    {
        "protectEnforceAdmins": "enforceAdmins",
        **_same(
            *("requiredApprovingReviewCount", "requireCodeOwnerReviews", "dismissStaleReviews"),
            *("bypassPullRequestAllowances", "restrictions", "requiredStatusCheckContexts"),
            *("requireBranchesToBeUpToDate", "requiredConversationResolution", "requireLastPushApproval"),
            *("requiredCommitSigning", "requiredLinearHistory", "blockCreations"),
        ),
    },
    by_url=True,
    after_push=True,
)
PARTS: Final = (
    Part("topics", "topics set", "github:topics", _same("topics")),
    Part("access", "teams and collaborators added", "github:access", _same("access", "collaborators")),
    Part("variables", "variables set", "github:variables", _same("repoVariables")),
    Part("secrets", "secrets set", "github:secrets", _same("secrets")),
    Part("labels", "labels set", "github:labels", _same("labels")),
    Part("properties", "custom properties set", "github:properties", _same("customProperties")),
    Part("oidc", "claims of workflows' tokens set", "github:oidc", _same("oidcCustomization")),
    Part("subscription", "repository watched", "github:subscription", _same("subscribe")),
    SETTINGS,
)
_KNOWN: Final = {name for part in (*PARTS, PROTECTION) for name in part.inputs} | {PROTECT, ENVIRONMENTS}


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    A part that is asked for.

    `input` is the template's, to be rendered, and `defaults` lie under it; `fixed` lies over it. `condition` holds one
    value, or none. `optional` tells that nobody said it in so many words.
    """

    part: Part
    input: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    condition: tuple[Any, ...] = ()
    optional: bool = False


def wanted(asked: Mapping[str, Any] | None, settings: Mapping[str, Any]) -> Iterator[Wanted]:
    """Iterate over the parts that a publishing step (None where the template has none) and the settings ask for."""
    for part in PARTS:
        said, under = _inputs(part, asked or {}), _inputs(part, settings)
        if said or under:
            yield Wanted(part, said, under)
    for name in settings.get(ENVIRONMENTS, ()):
        yield Wanted(
            Part(f"environment-{name}", f"environment {name} made", "github:environment:create", {}, by_url=True),
            fixed={"name": name},
        )
    yield from _protection(asked, settings)


def _protection(asked: Mapping[str, Any] | None, settings: Mapping[str, Any]) -> Iterator[Wanted]:
    """Iterate over one or none: a template that publishes has its default branch protected unless it says otherwise."""
    said = (asked or {}).get(PROTECT, settings.get(PROTECT))
    whether = asked is not None if said is None else said
    if whether is False:
        return
    under = {"enforceAdmins": True, **_inputs(PROTECTION, settings)}
    condition = (whether,) if isinstance(whether, str) else ()
    yield Wanted(PROTECTION, _inputs(PROTECTION, asked or {}), under, condition=condition, optional=said is None)


def _inputs(part: Part, said: Mapping[str, Any]) -> dict[str, Any]:
    return {own: said[name] for name, own in part.inputs.items() if name in said}


def named(asked: Mapping[str, Any], settings: Mapping[str, Any]) -> list[str]:
    """Return the inputs, of those that are asked for, which only a host with such parts can answer."""
    return sorted(_KNOWN & (asked.keys() | settings.keys()))


def unused(asked: Mapping[str, Any]) -> list[str]:
    """Return the inputs of a publishing step that mean nothing here."""
    return sorted(asked.keys() - _KNOWN - _OWN)
