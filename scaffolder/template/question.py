"""
A question: what is asked for one parameter, made from its JSON Schema. Pure.

A parameter inside of an object has a name with dots, and its place in the answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from scaffolder.template.places import dotted
from scaffolder.template.schema import CHOICES, Schema, items, mapping
from scaffolder.template.wording import as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.template.places import Place

Kind = Literal[
    "text", "secret", "boolean", "integer", "number", "choice", "choices", "list", "row", "entries", "json", "multiline"
]
KINDS_OF_TYPES: Mapping[str, Kind] = {"boolean": "boolean", "integer": "integer", "number": "number", "object": "json"}
SIMPLE = frozenset({"string", "integer", "number", "boolean"})
OPEN_WIDGETS = frozenset({"radio", "select"})
"""Of yes and no, they show neither until one is taken."""
PICKERS_OF_SEVERAL = frozenset({"MultiEntityPicker", "EntityTagsPicker"})
"""Fields that ask for a whole list."""
YES_OR_NO = ("Yes", "No")
FIXED = ("ui:readonly", "ui:disabled")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values a question allows, and how it is shown."""

    value: Any
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """
    What is asked for one parameter.

    `picker` is the form's field (`OwnerPicker`, `EntityPicker` …) or ''; `options` are its `ui:options`; `default` is
    None where there is none. `place` is where the answer goes. `entry` is the schema of one entry of a list; what it
    refers to is part of it. `review` is how the answer is shown again: `show`, `mask` and the like.
    """

    name: str
    title: str
    description: str
    kind: Kind
    choices: tuple[Choice, ...] = ()
    default: Any = None
    required: bool = False
    picker: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    placeholder: str = ""
    help: str = ""
    place: Place = ()
    entry: Mapping[str, Any] = field(default_factory=dict)
    review: Mapping[str, Any] = field(default_factory=dict)
    format: str = ""


def labelled(question: Question, labels: Sequence[str]) -> Question:
    """Return a question whose choices read otherwise after the answers so far."""
    choices = (Choice(choice.value, label) for choice, label in zip(question.choices, labels, strict=True))
    return replace(question, choices=tuple(choices))


def without_default(question: Question, reason: str) -> Question:
    """Return a question that says why it has no default; '' where it needs no reason."""
    return replace(question, default=None, help=f"no default: {reason}") if reason else question


def question_of(
    place: Place, definition: Schema, *, title: str, default: Any, required: bool, linked: Schema
) -> Question:
    """Return the question for a property; `linked` is what its schema may refer to."""
    choices = choices_of(definition)
    kind = kind_of(definition, choices)
    return Question(
        name=dotted(place),
        title=title,
        description=str(definition.get("description") or ""),
        kind=kind,
        choices=choices,
        default=default,
        required=bool(definition.get("minItems")) if type_of(definition) == "array" else required,
        picker=picker_of(definition),
        options=mapping(definition.get("ui:options")),
        placeholder=str(definition.get("ui:placeholder") or ""),
        format=str(definition.get("format") or ""),
        help=str(definition.get("ui:help") or ""),
        place=place,
        entry=_entry(definition, kind, linked),
        review=mapping(mapping(definition.get("ui:backstage")).get("review")),
    )


def _entry(definition: Schema, kind: Kind, linked: Schema) -> Schema:
    """Return what is said of one entry of a list; of a row, of each in its place."""
    if kind == "row":
        return {"items": items(definition.get("items"))}
    return {**linked, **mapping(definition.get("items"))} if kind in {"entries", "list"} else {}


def picker_of(definition: Schema) -> str:
    """Return the form's field for a property, ''  for a plain one."""
    return "" if definition.get("ui:field") == "Secret" else str(definition.get("ui:field") or "")


def widget_of(definition: Schema) -> str:
    """Return the form's widget for a property, or ''."""
    return str(definition.get("ui:widget") or mapping(definition.get("ui:options")).get("widget") or "")


def is_secret(definition: Schema) -> bool:
    """Tell whether a property's value must never be shown or kept."""
    return definition.get("ui:field") == "Secret" or widget_of(definition) == "password"


def is_asked(definition: Schema) -> bool:
    """Tell whether the form lets a person answer: not what is hidden or fixed, or no value at all."""
    options = mapping(definition.get("ui:options"))
    fixed = any(definition.get(key) is True or options.get(key.removeprefix("ui:")) is True for key in FIXED)
    never = fixed or definition.get("readOnly") is True or definition.get("type") == "null"
    return widget_of(definition) != "hidden" and not never


def type_of(definition: Schema) -> str:
    """Return the property's type; of several, the first that is not null."""
    named = definition.get("type")
    names = [
        name for name in (named if isinstance(named, list) else [named]) if isinstance(name, str) and name != "null"
    ]
    if names:
        return names[0]
    return "object" if definition.get("properties") else "array" if definition.get("items") else "string"


def kind_of(definition: Schema, choices: tuple[Choice, ...]) -> Kind:
    """Return how a property is asked for."""
    type_ = type_of(definition)
    if is_secret(definition):
        return "secret"
    if type_ == "array":
        return _kind_of_list(definition, choices)
    if choices and (type_ != "boolean" or any(isinstance(choice.value, bool) for choice in choices)):
        return "choice"
    if widget_of(definition) == "textarea" or mapping(definition.get("ui:options")).get("multiline"):
        return "multiline"
    return KINDS_OF_TYPES.get(type_, "text")


def _kind_of_list(definition: Schema, choices: tuple[Choice, ...]) -> Kind:
    if picker_of(definition) in PICKERS_OF_SEVERAL:
        return "list"
    if choices:
        return "choices"
    entry = definition.get("items")
    if entry is not None and not isinstance(entry, Mapping):
        return "row"  # each place of the list has a schema of its own
    if not entry:
        return "list"
    several = any(len(items(entry.get(keyword))) > 1 for keyword in CHOICES)
    plain = type_of(entry) in SIMPLE and not (picker_of(entry) or several or "$ref" in entry or is_secret(entry))
    if plain:
        return "list"
    shapeless = type_of(entry) == "object" and not (entry.get("properties") or several or "$ref" in entry)
    return "row" if shapeless else "entries"


def choices_of(definition: Schema) -> tuple[Choice, ...]:
    """Return the values that a property, or each entry of a list, may have; a form may leave some of them out."""
    rule = mapping(definition.get("items")) if type_of(definition) == "array" else definition
    found = _named(definition, rule)
    disabled = items(definition.get("ui:enumDisabled") or mapping(definition.get("ui:options")).get("enumDisabled"))
    return tuple(choice for choice in found if choice.value not in disabled)


def _named(definition: Schema, rule: Schema) -> tuple[Choice, ...]:
    shown = _shown_names(definition) or _shown_names(rule)
    if isinstance(rule.get("enum"), list):
        labels = [*map(str, shown), *map(as_text, rule["enum"][len(shown) :])]
        return tuple(Choice(value, label) for value, label in zip(rule["enum"], labels, strict=False))
    if "const" in rule:
        return (Choice(rule["const"], str(rule.get("title") or as_text(rule["const"]))),)
    constants = [mapping(part) for part in items(rule.get("oneOf") or rule.get("anyOf"))]
    if constants and all("const" in part for part in constants):
        return tuple(Choice(part["const"], str(part.get("title") or as_text(part["const"]))) for part in constants)
    if rule.get("type") == "boolean" and (len(shown) > 1 or widget_of(rule) in OPEN_WIDGETS):
        yes, no, *_ = map(str, shown if len(shown) > 1 else YES_OR_NO)
        return (Choice(True, yes), Choice(False, no))  # noqa: FBT003 - values of a choice
    return ()


def _shown_names(definition: Schema) -> list[Any]:
    options = mapping(definition.get("ui:options"))
    return items(definition.get("enumNames") or definition.get("ui:enumNames") or options.get("enumNames"))
