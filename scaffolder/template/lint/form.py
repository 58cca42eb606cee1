"""What no form can show, ask or accept: names that are not there, patterns that are none. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import did_you_mean
from scaffolder.template.formats import KNOWN as FORMATS
from scaffolder.template.lint.findings import Finding, error, meant, warning
from scaffolder.template.schema import TYPES, items, mapping, violations

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
KEYWORDS: Final = frozenset(
    {
        *("title", "description", "type", "required", "properties", "items", "default", "enum", "enumNames", "const"),
        *("pattern", "format", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "multipleOf"),
        *("uniqueItems", "additionalProperties", "patternProperties", "propertyNames", "additionalItems", "contains"),
        *("exclusiveMinimum", "exclusiveMaximum", "minProperties", "maxProperties", "dependencies", "definitions"),
        *("if", "then", "else", "not", "allOf", "anyOf", "oneOf", "examples", "readOnly", "writeOnly", "errorMessage"),
        *("ui:field", "ui:widget", "ui:options", "ui:order", "ui:help", "ui:placeholder", "ui:disabled", "ui:readonly"),
        *("ui:autofocus", "ui:title", "ui:description", "ui:enumNames", "ui:enumDisabled", "ui:emptyValue"),
        *("ui:backstage", "backstage:featureFlag", "ui:classNames", "ui:style", "ui:autocomplete", "ui:label"),
    }
)
WIDGETS: Final = frozenset(
    {
        *("textarea", "password", "radio", "select", "checkboxes", "checkbox", "hidden", "updown", "range", "text"),
        *("color", "date", "date-time", "time", "email", "uri", "file", "alt-date", "alt-datetime", "files"),
    }
)
WITHOUT_EFFECT: Final = {
    "dependentRequired": "write dependencies",
    "dependentSchemas": "write dependencies",
    "unevaluatedProperties": "write additionalProperties",
}
"""Keywords of later drafts of JSON Schema, which neither form nor backend looks at."""
OPTIONS: Final = frozenset(
    {
        *("allowedHosts", "allowedOwners", "allowedOrganizations", "allowedProjects", "allowedRepos", "excludedOwners"),
        *("requestUserCredentials", "catalogFilter", "allowedKinds", "defaultKind", "defaultNamespace", "kinds"),
        *("allowArbitraryValues", "showCounts", "helperText", "multiline", "rows", "orderable", "addable", "removable"),
    }
)
"""What `ui:options` may have; a field of a company may have others."""


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
    yield from _of_keywords(schema, where, outline)


def _of_keywords(rule: Mapping[str, Any], where: Where, outline: Outline) -> Iterator[Finding]:
    """Yield the keywords that count for nothing: misspelt ones, and those of another draft."""
    for key in map(str, rule):
        spot = outline.spot(*where, key, key=True)
        if key in WITHOUT_EFFECT:
            yield warning("form", spot, f"{key} has no effect", WITHOUT_EFFECT[key])
        elif near := meant(key, KEYWORDS):
            yield warning("form", spot, f"{key} is no keyword, and counts for nothing", f"did you mean {near}?")


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
    if isinstance(field, str) and (near := meant(field, FIELDS)):
        message, hint = f"{field} is none of Backstage's fields", f"did you mean {near}?"
        yield warning("form", outline.spot(*where, "ui:field"), message, hint)
    yield from _of_keywords(rule, where, outline)
    yield from _of_names(rule, where, outline)


def _of_names(rule: Mapping[str, Any], where: Where, outline: Outline) -> Iterator[Finding]:
    """Yield names of types, formats, widgets and options that are hardly what was meant."""
    for keyword, known in (("type", TYPES), ("format", FORMATS), ("ui:widget", WIDGETS)):
        name = rule.get(keyword)
        near = meant(name, known, alike=0.75) if isinstance(name, str) else ""
        if near or (keyword == "type" and isinstance(name, str) and name not in known):
            message = f"{name} is no {keyword.removeprefix('ui:')}, and counts for nothing"
            yield warning("form", outline.spot(*where, keyword), message, f"did you mean {near}?" if near else "")
    for key in map(str, mapping(rule.get("ui:options"))):
        if near := meant(key, OPTIONS):
            message = f"{key} is no option of a field, and counts for nothing"
            yield warning("form", outline.spot(*where, "ui:options", key, key=True), message, f"did you mean {near}?")


def _is_pattern(pattern: str) -> bool:
    try:
        violations({"pattern": pattern}, "")
    except ValueError:
        return False
    return True
