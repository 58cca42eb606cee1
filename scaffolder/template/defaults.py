"""
Defaults, as the form fills them in before anything is sent. Pure.

A property's own default comes before the one that an object around it has for it, and an answer before both. A list
without any is empty, and has as many entries as it must have, where they have defaults; an object that would be empty
is left out unless it is required. What a default closes again is not sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scaffolder.template.fields import chosen
from scaffolder.template.places import dotted
from scaffolder.template.question import type_of
from scaffolder.template.schema import DEEPEST, WHICH, Schema, active, items, mapping, resolved

if TYPE_CHECKING:
    from scaffolder.template.fields import Field
    from scaffolder.template.places import Place

MOST_ENTRIES = 100
"""Entries that a list is filled up to; one that must have more is wrong until they are given."""


def default_of(definition: Schema) -> Any:
    """Return the default that a property names itself, or None."""
    return definition.get("const", definition.get("default"))


def default_of_field(schema: Schema, field: Field, given: Mapping[str, Any]) -> Any:
    """Return what the form has in a field before anything is answered, None for nothing."""
    own = default_of(field.definition)
    default = field.inherited if own is None else own
    if type_of(field.definition) != "array":
        return default
    return _Filling(schema, given).value(field.place, field.definition, None, field.inherited) or default


def filled_page(schema: Schema, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers to a page with the defaults of what counts; adding one may make further ones count."""
    return _Filling(schema, answers).object((), schema, answers, mapping(schema.get("default")))


@dataclass(frozen=True, slots=True)
class _Filling:
    root: Schema
    picked: Mapping[str, Any]

    def object(
        self, place: Place, schema: Schema, given: Mapping[str, Any], defaults: Mapping[str, Any]
    ) -> dict[str, Any]:
        complete, seen = {**defaults, **given}, set[str]()
        prefix = "".join(f"{part}." for part in place)
        while True:
            found = active(schema, complete, root=self.root, picked=self.picked, prefix=prefix)
            fresh = [name for name in found.properties if name not in seen and not name.endswith(WHICH)]
            if not fresh or len(place) > DEEPEST:
                closed = seen - found.properties.keys() - given.keys()  # by a default that came later
                return {name: value for name, value in complete.items() if name not in closed}
            seen.update(fresh)
            for name in fresh:
                value = self.value((*place, name), found.properties[name], given.get(name), defaults.get(name))
                emptied = name in given and given[name] is None
                if not emptied and value is not None and (value != {} or name in found.required or name in given):
                    complete[name] = value

    def value(self, place: Place, definition: Schema, given: Any, inherited: Any = None) -> Any:
        """Return a value with what its schema fills in; None is none."""
        definition = resolved(definition, self.root)
        definition, _ = chosen(definition, given, root=self.root, picked=self.picked, name=dotted(place))
        own = default_of(definition)
        own = inherited if own is None else own
        match type_of(definition):
            case "object" if given is None or isinstance(given, Mapping):
                defaults = {**mapping(inherited), **mapping(default_of(definition))}
                return self.object(place, definition, mapping(given), defaults)
            case "array" if given is None or isinstance(given, list):
                return self.entries(place, definition, items(own) if given is None else given)
        return own if given is None else given

    def entries(self, place: Place, definition: Schema, given: list[Any]) -> list[Any]:
        rule, least = definition.get("items"), definition.get("minItems")
        if not isinstance(rule, Mapping):
            return given
        rule = resolved(rule, self.root)
        is_marked = "enum" in rule and definition.get("uniqueItems") is True  # a list with marks
        lacking = least - len(given) if isinstance(least, int) and least <= MOST_ENTRIES and not is_marked else 0
        entries = [self.value((*place, number), rule, entry) for number, entry in enumerate(given)]
        blanks = (self.value((*place, number), rule, None) for number in range(len(given), len(given) + lacking))
        return [*entries, *(blank for blank in blanks if blank not in (None, {}))]
