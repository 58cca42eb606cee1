"""Which of a template's parameters the wizard's own answers fill: by the form's field, or by a conventional name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scaffolder.template.question import type_of
from scaffolder.template.schema import Schema, items, mapping, possible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scaffolder.template.manifest import Template

NAMES = {
    "name": (
        "name",
        "component_id",
        "componentid",
        "component_name",
        "service_name",
        "app_name",
        "repo_name",
        "project_name",
        "project_slug",
    ),
    "description": (
        "description",
        "purpose",
        "summary",
        "project_description",
        "project_short_description",
        "short_description",
    ),
    "owner": ("owner", "owner_ref", "team"),
    "system": ("system",),
    "repo_url": ("repourl", "repo_url", "repository_url"),
}
"""The conventional names of parameters, in lower case, for each of the wizard's own answers."""
PICKERS = {"EntityNamePicker": "name", "OwnerPicker": "owner", "RepoUrlPicker": "repo_url", "MyGroupsPicker": "owner"}


def prefill(
    template: Template, *, name: str = "", description: str = "", owner: str = "", system: str = "", repo_url: str = ""
) -> dict[str, Any]:
    """
    Return the template's answers that the wizard's own answers give.

    Of several fields that ask for the same, those with a conventional name are filled, else the first.
    """
    own = {"name": name, "description": description, "owner": owner, "system": system, "repo_url": repo_url}
    taking: dict[str, dict[str, str]] = {}
    for page in template.pages:
        for parameter, definition in possible(page.schema).items():
            meaning = _meaning(parameter, definition)
            if own.get(meaning) and _takes(definition, own[meaning]):
                taking.setdefault(meaning, {})[parameter] = _for(definition, own[meaning])
    return {parameter: found[parameter] for meaning, found in taking.items() for parameter in _meant(meaning, found)}


def _meant(meaning: str, parameters: Iterable[str]) -> list[str]:
    found = list(parameters)
    return [one for one in found if one.lower() in NAMES[meaning]] or found[:1]


def _for(definition: Schema, value: str) -> str:
    """Return a value as a parameter takes it: a repository, on a host that is allowed."""
    hosts = items(mapping(definition.get("ui:options")).get("allowedHosts"))
    host, mark, rest = value.partition("?")
    takes_another = definition.get("ui:field") == "RepoUrlPicker" and mark and hosts and host not in hosts
    return f"{hosts[0]}?{rest}" if takes_another else value


def _meaning(parameter: str, definition: Schema) -> str:
    """Return which of the wizard's answers a parameter asks for again, or ''."""
    picker = str(definition.get("ui:field") or "")
    if picker == "EntityPicker":
        return _meaning_of_entity(parameter, definition)
    if picker:
        return PICKERS.get(picker, "")
    return next((meaning for meaning, names in NAMES.items() if parameter.lower() in names), "")


def _meaning_of_entity(parameter: str, definition: Schema) -> str:
    options = json.dumps(mapping(definition.get("ui:options")), default=str).lower()
    if parameter.lower() in NAMES["owner"] and ("group" in options or "user" in options):
        return "owner"
    return "system" if "system" in options else ""


def _takes(definition: Schema, value: str) -> bool:
    """A parameter takes a text if it is one, allows this one, and does not compute its own from another answer."""
    computed = "{{" in str(definition.get("default", ""))
    allowed = definition.get("enum")
    return not computed and type_of(definition) == "string" and (not isinstance(allowed, list) or value in allowed)
