"""
The fields of a form: every property that counts and that a person answers, down into objects. Pure.

An object is asked for by its properties. What may be one of several schemas is asked for first: which.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scaffolder.template.places import dotted
from scaffolder.template.question import is_asked, picker_of, type_of
from scaffolder.template.schema import (
    CHOICES,
    DEEPEST,
    WHICH,
    Schema,
    active,
    chosen_of,
    is_behind_a_flag,
    items,
    mapping,
    merged,
    possible,
    resolved,
    titles_of,
    which,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffolder.template.places import Place

SHAPES = frozenset({"type", "properties", "items", "enum", "const", "title", "$ref", "additionalProperties"})


@dataclass(frozen=True, slots=True)
class Field:
    """A property, where its value goes, what it is called, and the default that an object around it has for it."""

    place: Place
    definition: Schema
    title: str
    required: bool
    inherited: Any = None

    @property
    def name(self) -> str:
        """What a person calls it on the command line."""
        return dotted(self.place)


@dataclass(frozen=True, slots=True)
class Around:
    """What holds fields: where it is, what it is called, and whether what it needs is needed."""

    root: Schema
    picked: Mapping[str, Any]
    place: Place = ()
    titles: tuple[str, ...] = ()
    required: bool = True
    defaults: Mapping[str, Any] = field(default_factory=dict)

    @property
    def prefix(self) -> str:
        """What the names of questions inside begin with."""
        return "".join(f"{part}." for part in self.place)


def fields_of(schema: Schema, answers: Mapping[str, Any]) -> Iterator[Field]:
    """Yield the fields of a page after these answers, in the order they are asked."""
    if not is_behind_a_flag(schema):
        yield from _fields(schema, answers, Around(schema, answers, defaults=mapping(schema.get("default"))))


def _fields(schema: Schema, values: Mapping[str, Any], around: Around) -> Iterator[Field]:
    found = active(schema, values, root=around.root, picked=around.picked, prefix=around.prefix)
    for name, definition in found.properties.items():
        if name.endswith(WHICH):
            yield Field((name,), definition, _title(around, definition, "Which"), required=True)
        elif is_asked(definition):
            needed = name in found.required and (around.required or bool(values))
            yield from _field(name, definition, values.get(name), around, required=needed)


def _field(name: str, definition: Schema, value: Any, around: Around, *, required: bool) -> Iterator[Field]:
    place = (*around.place, name)
    title = _title(around, definition, name)
    definition, asked = chosen(definition, value, root=around.root, picked=around.picked, name=dotted(place))
    if asked:
        yield Field((f"{dotted(place)}{WHICH}",), {**asked, "title": title}, title, required=True)
    if not is_form(definition) or len(place) > DEEPEST:
        yield Field(place, definition, title, required, around.defaults.get(name))
        return
    defaults = {**mapping(around.defaults.get(name)), **mapping(definition.get("default"))}
    titles = (*around.titles, str(definition["title"])) if definition.get("title") else around.titles
    inside = Around(around.root, around.picked, place, titles, required, defaults)
    yield from _fields(definition, mapping(value), inside)


def _title(around: Around, definition: Schema, name: str) -> str:
    return ": ".join((*around.titles[-1:], str(definition.get("title") or name)))


def is_form(definition: Schema) -> bool:
    """Tell whether an object is asked for by its properties."""
    described = definition.get("properties") or any(items(definition.get(keyword)) for keyword in (*CHOICES, "allOf"))
    return type_of(definition) == "object" and bool(described) and not picker_of(definition)


def chosen(
    definition: Schema, value: object, *, root: Schema, picked: Mapping[str, Any], name: str
) -> tuple[Schema, Schema]:
    """Return a property as it is once one of its several schemas is chosen, and the schema of the question which."""
    for keyword in CHOICES:
        branches = [resolved(mapping(part), root) for part in items(definition.get(keyword))]
        branches = [branch for branch in branches if branch.get("type") != "null"]
        if not branches or not all(SHAPES & branch.keys() for branch in branches):
            continue
        if all("const" in branch for branch in branches):
            continue
        titles = titles_of(branches)
        number = chosen_of(branches, titles, picked.get(f"{name}{WHICH}"), value)
        rest = {key: rule for key, rule in definition.items() if key != keyword}
        branch = {key: rule for key, rule in branches[number].items() if key != "title"}
        return merged(rest, branch), which(titles, number) if len(branches) > 1 else {}
    return definition, {}


def every(schema: Schema, *, root: Schema | None = None, depth: int = 0) -> Iterator[tuple[Place, Schema]]:
    """Yield place and schema of every property that some answers would make count, also inside of objects."""
    root = schema if root is None else root
    if depth > DEEPEST // 2:
        return
    for name, definition in possible(schema, root=root).items():
        yield (name,), definition
        if type_of(definition) == "object" or any(definition.get(keyword) for keyword in CHOICES):
            yield from (((name, *place), rule) for place, rule in every(definition, root=root, depth=depth + 1))
