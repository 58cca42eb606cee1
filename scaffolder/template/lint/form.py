"""What no form can show, ask or accept: names that are not there, patterns that are none. Pure."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import did_you_mean
from scaffolder.template.lint.findings import Finding, error, warning
from scaffolder.template.schema import items, mapping, violations

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from scaffolder.template.lint.outline import Outline, Where

FIELDS: Final = frozenset(
    {
        *("EntityPicker", "MultiEntityPicker", "OwnerPicker", "OwnedEntityPicker", "MyGroupsPicker", "Secret"),
        *("EntityNamePicker", "EntityTagsPicker", "RepoUrlPicker", "RepoBranchPicker", "RepoOwnerPicker"),
    }
)
"""The form's own fields; a company may have others."""
ALMOST: Final = 0.9
"""How alike a name is to another that was meant."""


def of_schema(schema: Mapping[str, Any], where: Where, known: Collection[str], outline: Outline) -> Iterator[Finding]:
    """Yield what is wrong with a page, or a part of one; `known` are the names of all parameters."""
    for number, name in enumerate(items(schema.get("required"))):
        if name not in known:
            message = f"an answer to {name} is required, and nothing asks for it: nobody can finish the form"
            yield error("form", outline.spot(*where, "required", number), message, did_you_mean(str(name), known))
    for name in mapping(schema.get("dependencies")):
        if name not in known:
            message = f"nothing asks for {name}: what depends on it is never asked"
            yield warning(
                "form", outline.spot(*where, "dependencies", name, key=True), message, did_you_mean(str(name), known)
            )
    for name, definition in mapping(schema.get("properties")).items():
        yield from _of_property(str(name), mapping(definition), (*where, "properties", name), outline)
    yield from _of_order(schema, where, outline)


def _of_order(schema: Mapping[str, Any], where: Where, outline: Outline) -> Iterator[Finding]:
    """The form refuses an order that leaves something out."""
    order, names = items(schema.get("ui:order")), mapping(schema.get("properties"))
    missing = [str(name) for name in names if name not in order]
    if order and missing and "*" not in order:
        message = f"ui:order leaves out {', '.join(missing)}: Backstage shows an error in the place of the form"
        yield error("form", outline.spot(*where, "ui:order", key=True), message, "end it with '*'")


def _of_property(name: str, rule: Mapping[str, Any], where: Where, outline: Outline) -> Iterator[Finding]:
    pattern, field = rule.get("pattern"), rule.get("ui:field")
    if isinstance(pattern, str) and not _is_pattern(pattern):
        message = f"the pattern of {name} is no regular expression: every answer is refused"
        yield error("form", outline.spot(*where, "pattern"), message)
    if isinstance(field, str) and field not in FIELDS and (near := get_close_matches(field, FIELDS, 1, ALMOST)):
        message, hint = f"{field} is none of Backstage's fields", f"did you mean {near[0]}?"
        yield warning("form", outline.spot(*where, "ui:field"), message, hint)


def _is_pattern(pattern: str) -> bool:
    try:
        violations({"pattern": pattern}, "")
    except ValueError:
        return False
    return True
