"""What the plan says of a repository on a host: who may do what there, what protects it, what it is set to (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scaffolder.app.planned import Plan


def lines(plan: Plan) -> Iterator[tuple[str, str]]:
    """Iterate over what each step that sets something up means, as a label and a text."""
    for step, values in zip(plan.task.steps, plan.preview.inputs, strict=True):
        label, text = _SAID.get(step.action, ("", _nothing))
        if label and step.fixed:
            yield from ((label, text(value)) for value in values)


def _nothing(_value: Mapping[str, Any]) -> str:
    return ""


def _list(name: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda value: ", ".join(map(str, value[name]))


def _access(value: Mapping[str, Any]) -> str:
    from scaffolder.gateways.github.access import grants

    owner = value["repository"].partition("/")[0]
    given = grants(owner, value.get("access", ""), value.get("collaborators", ()))
    return ", ".join(f"{one.kind} {one.name}: {one.permission}" for one in given)


def _settings(value: Mapping[str, Any]) -> str:
    own = {name: setting for name, setting in value.items() if name != "repository"}
    return ", ".join(f"{name}: {_word(setting)}" for name, setting in own.items())


def _word(setting: object) -> str:
    return {True: "yes", False: "no"}.get(setting, str(setting)) if isinstance(setting, bool) else str(setting)


def _protection(value: Mapping[str, Any]) -> str:
    count = int(value.get("requiredApprovingReviewCount", 1))
    checks = ", ".join(value.get("requiredStatusCheckContexts", ()))
    told = (
        f"{count} approval{'' if count == 1 else 's'}" if count else "",
        f"checks: {checks}" if checks else "",
        "" if value.get("enforceAdmins", True) else "not for administrators",
    )
    return f"{value['branch']}: {', '.join(filter(None, told)) or 'changed by pull requests only'}"


_SAID: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    "github:topics": ("topics", _list("topics")),
    "github:access": ("access", _access),
    "github:variables": ("variables", _list("repoVariables")),
    "github:secrets": ("secrets", _list("secrets")),
    "github:labels": ("labels", lambda value: ", ".join(one["name"] for one in value["labels"])),
    "github:properties": ("properties", _list("customProperties")),
    "github:oidc": ("token claims", lambda value: _settings(value["oidcCustomization"])),
    "github:subscription": ("watched", lambda value: _word(value["subscribe"])),
    "github:environment:create": ("environment", lambda value: str(value["name"])),
    "github:settings": ("settings", _settings),
    "github:branch-protection:create": ("protection", _protection),
}
