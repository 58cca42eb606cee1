"""Does a step's input fit its action, as far as that is known before it is rendered? Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from scaffolder.errors import did_you_mean
from scaffolder.template.expressions import has_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffolder.template.lint.outline import Where

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "integer": (int, float),
    "null": (type(None),),
}
_WORDS = {
    "object": "names and values",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "number": "a number",
    "integer": "a whole number",
    "null": "nothing",
}


class Misfit(NamedTuple):
    """A rule that an input breaks, and where; `unknown` or `missing` is the property that is so."""

    where: Where
    message: str
    hint: str = ""
    unknown: str = ""
    missing: str = ""


def misfits(schema: Mapping[str, Any], value: Any, where: Where = ()) -> Iterator[Misfit]:
    """Yield what breaks a rule whatever the answers are; what an expression will be is not known."""
    if isinstance(value, str) and has_tags(value):
        return
    several = [one for one in schema.get("anyOf") or schema.get("oneOf") or () if isinstance(one, dict)]
    if several:
        found = [list(misfits(one, value, where)) for one in several]
        yield from min(found, key=len)
    wanted = schema.get("type")
    names = [wanted] if isinstance(wanted, str) else list(wanted or ())
    if names and not any(_is(value, name) for name in names):
        yield Misfit(where, f"{' or '.join(_WORDS.get(name, name) for name in names)} is expected here")
        return
    if "enum" in schema and value not in schema["enum"]:
        allowed = [str(one) for one in schema["enum"]]
        yield Misfit(where, f"{value!r} is not one of: {', '.join(allowed)}", did_you_mean(str(value), allowed))
    if isinstance(value, dict):
        yield from _of_object(schema, value, where)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for number, item in enumerate(value):
            yield from misfits(schema["items"], item, (*where, number))


def _of_object(schema: Mapping[str, Any], value: dict[str, Any], where: Where) -> Iterator[Misfit]:
    properties: Mapping[str, Any] = schema.get("properties") or {}
    for name in schema.get("required") or ():
        if name not in value:
            yield Misfit(where, f"{name} is missing", missing=name)
    for name, item in value.items():
        rule = properties.get(name, schema.get("additionalProperties", True))
        if rule is False:
            yield Misfit((*where, name), f"{name} is not known here", did_you_mean(str(name), properties), str(name))
        elif isinstance(rule, dict):
            yield from misfits(rule, item, (*where, name))


def _is(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(name, (object,)))
