"""
A template's questions, and the checks of their answers. Pure.

Everything a wizard asks is a `Question`, made from one property of a page's JSON Schema and the answers so far.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from scaffolder.errors import InvalidInput, did_you_mean
from scaffolder.template.schema import Schema, active, items, mapping, possible, violations
from scaffolder.template.wording import TYPE_WORDS, as_text, in_words, where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scaffolder.template.manifest import Page, Template

Kind = Literal["text", "secret", "boolean", "integer", "number", "choice", "choices", "list", "json", "multiline"]
YES = frozenset({"true", "yes", "y", "1", "on"})
NO = frozenset({"false", "no", "n", "0", "off"})
KINDS_OF_TYPES: Mapping[str, Kind] = {"boolean": "boolean", "integer": "integer", "number": "number", "object": "json"}


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
    None where there is none.
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


def questions(page: Page, answers: Mapping[str, Any]) -> list[Question]:
    """Return what a page asks after these answers; a hidden parameter is not asked."""
    given = _page_defaults(page, answers)
    found = active(page.schema, given)
    return [
        _question(
            name, definition, default=_default_shown(page, name, definition, given), required=name in found.required
        )
        for name, definition in found.properties.items()
        if definition.get("ui:widget") != "hidden"
    ]


def _default_shown(page: Page, name: str, definition: Schema, given: Mapping[str, Any]) -> Any:
    """A computed default depends on the answers before it: it is the one that would be taken now."""
    return given.get(name) if page.computed else default_of(definition)


def _question(name: str, definition: Schema, *, default: Any, required: bool) -> Question:
    choices = _choices(definition)
    return Question(
        name=name,
        title=str(definition.get("title") or name),
        description=str(definition.get("description") or ""),
        kind=_kind(definition, choices),
        choices=choices,
        default=default,
        required=required,
        picker="" if definition.get("ui:field") == "Secret" else str(definition.get("ui:field") or ""),
        options=mapping(definition.get("ui:options")),
        placeholder=str(definition.get("ui:placeholder") or ""),
        help=str(definition.get("ui:help") or ""),
    )


def is_secret(definition: Schema) -> bool:
    """Tell whether a property's value must never be shown or kept."""
    widget = definition.get("ui:widget") or mapping(definition.get("ui:options")).get("widget")
    return definition.get("ui:field") == "Secret" or widget == "password"


def secret_names(template: Template) -> frozenset[str]:
    """Return the parameters whose values are secrets."""
    return frozenset(
        name for page in template.pages for name, definition in possible(page.schema).items() if is_secret(definition)
    )


def _kind(definition: Schema, choices: tuple[Choice, ...]) -> Kind:
    widget = definition.get("ui:widget") or mapping(definition.get("ui:options")).get("widget")
    type_ = _type(definition)
    if is_secret(definition):
        return "secret"
    if type_ == "array":
        return "choices" if choices else _list_kind(definition)
    if choices and type_ != "boolean":
        return "choice"
    if widget == "textarea" or mapping(definition.get("ui:options")).get("multiline"):
        return "multiline"
    return KINDS_OF_TYPES.get(type_, "text")


def _list_kind(definition: Schema) -> Kind:
    element = _type(mapping(definition.get("items"))) if definition.get("items") else "string"
    return "list" if element == "string" else "json"


def _type(definition: Schema) -> str:
    """Return the property's type; of several, the first that is not null."""
    named = definition.get("type")
    names = [
        name for name in (named if isinstance(named, list) else [named]) if isinstance(name, str) and name != "null"
    ]
    if names:
        return names[0]
    return "object" if definition.get("properties") else "string"


def _choices(definition: Schema) -> tuple[Choice, ...]:
    rule = mapping(definition.get("items")) if _type(definition) == "array" else definition
    if isinstance(rule.get("enum"), list):
        shown = items(definition.get("enumNames") or definition.get("ui:enumNames") or rule.get("enumNames"))
        labels = [*map(str, shown), *map(as_text, rule["enum"][len(shown) :])]
        return tuple(Choice(value, label) for value, label in zip(rule["enum"], labels, strict=False))
    if "const" in rule:
        return (Choice(rule["const"], str(rule.get("title") or as_text(rule["const"]))),)
    constants = [mapping(part) for part in items(rule.get("oneOf") or rule.get("anyOf"))]
    if constants and all("const" in part for part in constants):
        return tuple(Choice(part["const"], str(part.get("title") or as_text(part["const"]))) for part in constants)
    return ()


def default_of(definition: Schema) -> Any:
    """Return a property's default; an object's is put together from its members', None is none."""
    if "default" in definition:
        return definition["default"]
    if "const" in definition:
        return definition["const"]
    members = {name: default_of(mapping(part)) for name, part in mapping(definition.get("properties")).items()}
    return {name: value for name, value in members.items() if value is not None} or None


def with_defaults(template: Template, answers: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the answers with the default of every parameter that counts and has no answer, as the form would send them.

    Raises:
        RenderError: A computed default is wrong.
    """
    complete = dict(answers)
    for page in template.pages:
        complete = _page_defaults(page, complete)
    return complete


def _page_defaults(page: Page, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Add defaults until no further parameter counts because of them."""
    if page.computed:
        return {**answers, **page.computed(answers)}
    complete = dict(answers)
    while True:
        before = len(complete)
        for name, definition in active(page.schema, complete).properties.items():
            default = None if name in complete else default_of(definition)
            if default is not None:
                complete[name] = default
        if len(complete) == before:
            return complete


def check_answer(page: Page, name: str, value: Any, answers: Mapping[str, Any]) -> str:
    """Return '' or what is wrong with one answer, in words."""
    found = active(page.schema, {**answers, name: value})
    definition = found.properties.get(name)
    if definition is None:
        return "this is not asked here"
    if value in (None, ""):
        return "an answer is needed" if name in found.required else ""
    shared = {key: page.schema[key] for key in ("definitions", "$defs") if key in page.schema}
    try:
        broken = violations({**shared, **definition}, value)
    except ValueError as error:
        return f"the template's own rule for it is wrong: {str(error).splitlines()[0]}"
    return in_words(broken[0], definition) if broken else ""


def check_answers(template: Template, answers: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the answers to all pages, a line for each; defaults count as answers."""
    complete = with_defaults(template, answers)
    known = {name for page in template.pages for name in possible(page.schema)}
    wrong = [_unknown(name, known) for name in answers if name not in known]
    for page in template.pages:
        lines = list(_page_problems(page, complete))
        wrong += lines or _whole_page_problems(page, complete)
    return wrong


def _unknown(name: str, known: set[str]) -> str:
    near = did_you_mean(name, known)
    return f"{name}: the template does not ask for this" + (f"; {near}" if near else "")


def _page_problems(page: Page, answers: Mapping[str, Any]) -> Iterator[str]:
    found = active(page.schema, answers)
    for name in (*found.properties, *sorted(found.required - found.properties.keys())):
        if name not in found.properties:
            problem = "" if name in answers else "an answer is needed"
        else:
            problem = check_answer(page, name, answers.get(name), answers)
        if problem:
            yield f"{name}: {problem}"


def _whole_page_problems(page: Page, answers: Mapping[str, Any]) -> list[str]:
    """Check the rules that are about several answers at once."""
    given = {name: value for name, value in answers.items() if value is not None}
    try:
        broken = violations(page.schema, given)
    except ValueError:
        return []
    return [f"{where(violation) or page.title or 'the answers'}: {in_words(violation, {})}" for violation in broken]


class AnswerInvalid(InvalidInput):
    """A text cannot be taken as the answer to a question."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")


def parse_answer(question: Question, text: str) -> Any:
    """
    Return the value that a typed text means.

    Raises:
        AnswerInvalid: It means none.
    """
    parse = PARSERS.get(question.kind)
    return parse(question, text) if parse else text


def _boolean(question: Question, text: str) -> bool:
    word = text.strip().lower()
    if word not in YES | NO:
        raise AnswerInvalid(question.name, f"{text!r} is neither yes nor no")
    return word in YES


def _number(question: Question, text: str) -> float:
    try:
        return int(text) if question.kind == "integer" else _simplest(float(text))
    except (ValueError, OverflowError) as error:
        wanted = TYPE_WORDS[question.kind]
        raise AnswerInvalid(question.name, f"{text!r} is not {wanted}") from error


def _simplest(value: float) -> float:
    """Return a whole number as such; ValueError for one that JSON cannot hold."""
    if not math.isfinite(value):
        raise ValueError
    return int(value) if value.is_integer() else value


def _choice(question: Question, text: str) -> Any:
    for choice in question.choices:
        if text in {as_text(choice.value), choice.label}:
            return choice.value
    allowed = [as_text(choice.value) for choice in question.choices]
    raise AnswerInvalid(question.name, f"{text!r} is not one of: {', '.join(allowed)}")


def _parts(question: Question, text: str) -> list[str]:
    """A list is typed with commas, or as JSON."""
    if not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    return [as_text(part) for part in items(_json(question, text))]


def _json(question: Question, text: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise AnswerInvalid(question.name, f"{text!r} is not JSON") from error


def _choices_of(question: Question, text: str) -> list[Any]:
    return [_choice(question, part) for part in _parts(question, text)]


PARSERS: Mapping[Kind, Callable[[Question, str], Any]] = {
    "boolean": _boolean,
    "integer": _number,
    "number": _number,
    "choice": _choice,
    "choices": _choices_of,
    "list": _parts,
    "json": _json,
}
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
    """Return the template's answers that the wizard's own answers give: by picker, else by conventional name."""
    own = {"name": name, "description": description, "owner": owner, "system": system, "repo_url": repo_url}
    filled = {}
    for page in template.pages:
        for parameter, definition in possible(page.schema).items():
            value = own.get(_meaning(parameter, definition), "")
            if value and _takes(definition, value):
                filled[parameter] = value
    return filled


def _meaning(parameter: str, definition: Schema) -> str:
    """Return which of the wizard's answers a parameter asks for again, or ''."""
    picker = str(definition.get("ui:field") or "")
    if picker == "EntityPicker":
        return "system" if "system" in json.dumps(mapping(definition.get("ui:options")), default=str).lower() else ""
    if picker:
        return PICKERS.get(picker, "")
    return next((meaning for meaning, names in NAMES.items() if parameter.lower() in names), "")


def _takes(definition: Schema, value: str) -> bool:
    """A parameter takes a text if it is one, allows this one, and does not compute its own from another answer."""
    computed = "{{" in str(definition.get("default", ""))
    allowed = definition.get("enum")
    return not computed and _type(definition) == "string" and (not isinstance(allowed, list) or value in allowed)
