"""
A template's questions, their answers and defaults, and the checks of them. Pure.

Everything a wizard asks is a `Question`, made from one property of a page's JSON Schema and the answers so far.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from scaffolder.errors import did_you_mean
from scaffolder.template.defaults import default_of_field, filled_page
from scaffolder.template.fields import every, fields_of
from scaffolder.template.places import at, dotted, has, put, without
from scaffolder.template.question import is_secret, labelled, question_of, type_of, without_default
from scaffolder.template.schema import (
    WHICH,
    active,
    is_behind_a_flag,
    items,
    linked,
    mapping,
    possible,
    resolved,
    violations,
)
from scaffolder.template.wording import in_words, where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffolder.template.fields import Field
    from scaffolder.template.manifest import Page, Template
    from scaffolder.template.places import Place
    from scaffolder.template.question import Question
    from scaffolder.template.schema import Schema

Values = TypeVar("Values", dict[str, Any], list[Any])


def questions(page: Page, answers: Mapping[str, Any]) -> list[Question]:
    """Return what a page asks after these answers; a hidden parameter is not asked."""
    given = page_defaults(page, answers)
    labels = page.labels(given) if page.labels else {}
    waiting = page.waiting(given) if page.waiting else {}
    found = [_question(page, field, given) for field in fields_of(page.schema, given)]
    return [
        labelled(one, labels[one.name]) if one.name in labels else without_default(one, waiting.get(one.name, ""))
        for one in found
    ]


def _question(page: Page, field: Field, given: Mapping[str, Any]) -> Question:
    default = default_of_field(page.schema, field, given)
    if page.computed:  # it depends on the answers before it: it is the one that would be taken now
        default = at(given, field.place)
    return question_of(
        field.place,
        field.definition,
        title=field.title,
        default=default,
        required=field.required,
        linked=linked(page.schema),
    )


# -- secrets


def secrets_apart(template: Template, answers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the answers without secrets, and the secrets by their names; empty ones are none."""
    rest, secrets = dict(answers), dict[str, str]()
    for page in template.pages:
        rest, found = page_secrets_apart(page, rest)
        secrets |= found
    return rest, secrets


def page_secrets_apart(page: Page, answers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the answers without what one page says is secret, and the secrets by their names."""
    rest, secrets = dict(answers), dict[str, str]()
    for place in list(dict.fromkeys(_secret_places(page.schema, answers, root=page.schema))):
        secret = at(rest, place)
        if secret not in (None, ""):
            secrets[dotted(place)] = str(secret)
        rest = _taken_out(rest, place)
    return rest, secrets


def _taken_out(values: Any, place: Place) -> Any:
    """Return the values without a secret; entries of a list keep their numbers."""
    if all(isinstance(part, str) for part in place):
        return without(values, place)
    if isinstance(place[-1], int):
        return put(values, place, "")
    inside = at(values, place[:-1])
    return put(values, place[:-1], {name: value for name, value in inside.items() if name != place[-1]})


def with_secrets(template: Template, answers: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    """Return the answers with each secret at its place."""
    known = {dotted(place): place for page in template.pages for place, _rule in every(page.schema)}
    return _with_secrets(dict(answers), secrets, known)


def page_with_secrets(page: Page, answers: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    """Return the answers with each secret of one page at its place."""
    return _with_secrets(dict(answers), secrets, {dotted(place): place for place, _rule in every(page.schema)})


def _with_secrets(answers: Values, secrets: Mapping[str, str], known: Mapping[str, Place]) -> Values:
    for name, secret in secrets.items():
        answers = put(answers, known.get(name) or _place_named(name), secret)
    return answers


def with_secrets_in(entries: list[Any], name: str, secrets: Mapping[str, str]) -> list[Any]:
    """Return the entries of the list of that name, with each secret at its place."""
    inside = f"{name}."
    own = {key.removeprefix(inside): secret for key, secret in secrets.items() if key.startswith(inside)}
    return _with_secrets(entries, own, {})


def _place_named(name: str) -> Place:
    return tuple(int(part) if part.isdecimal() else part for part in name.split("."))


def _secret_places(schema: Schema, values: object, *, root: Schema) -> Iterator[Place]:
    """Yield the places of secrets that are there, also in the entries of lists."""
    for place, rule in every(schema, root=root):
        if is_secret(rule) and has(values, place):
            yield place
        elif type_of(rule) == "array":
            entry = resolved(mapping(rule.get("items")), root)
            for number, value in enumerate(items(at(values, place))):
                if is_secret(entry):
                    yield (*place, number)
                yield from ((*place, number, *inner) for inner in _secret_places(entry, value, root=root))


# -- defaults


def with_defaults(template: Template, answers: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the answers with the default of every parameter that counts and has no answer, as the form would send them.

    Raises:
        RenderError: A computed default is wrong.
    """
    complete = dict(answers)
    for page in template.pages:
        complete = page_defaults(page, complete)
    return complete


def sent(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form sends: nothing for what was emptied, nor which of several schemas was meant."""
    return {name: value for name, value in answers.items() if value is not None and not name.endswith(WHICH)}


def page_defaults(page: Page, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers with the defaults of one page."""
    if page.computed:
        return {**answers, **page.computed(answers)}
    return dict(answers) if is_behind_a_flag(page.schema) else filled_page(page.schema, answers)


# -- checks


def check_answer(page: Page, name: str, value: Any, answers: Mapping[str, Any]) -> str:
    """Return '' or what is wrong with one answer, in words; the name of one inside of an object has dots."""
    if not has(answers, (name,)) and "." in name:
        return _check_inside(page, name, value, answers)
    found = active(page.schema, {**answers, name: value})
    if name not in found.properties:
        return _check_inside(page, name, value, answers)
    return _check(page, found.properties[name], value, required=name in found.required)


def _check_inside(page: Page, name: str, value: Any, answers: Mapping[str, Any]) -> str:
    fields = {field.name: field for field in fields_of(page.schema, answers)}
    if name not in fields:
        return "this is not asked here"
    return _check(page, fields[name].definition, value, required=fields[name].required)


def _check(page: Page, definition: Schema, value: Any, *, required: bool) -> str:
    if value in (None, ""):
        return "an answer is needed" if required else ""
    try:
        broken = violations({**linked(page.schema), **definition}, value)
    except ValueError as error:
        return f"the template's own rule for it is wrong: {str(error).splitlines()[0]}"
    return in_words(broken[0], definition) if broken else ""


def check_answers(template: Template, answers: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the answers to all pages, a line for each; defaults count as answers."""
    complete = with_defaults(template, answers)
    known = {name for page in template.pages for name in possible(page.schema)}
    wrong = [_unknown(name, known) for name in answers if name not in known and not name.endswith(WHICH)]
    for page in template.pages:
        if not is_behind_a_flag(page.schema):
            lines = list(_page_problems(page, complete))
            wrong += lines or _whole_page_problems(page, complete)
    return wrong


def _unknown(name: str, known: set[str]) -> str:
    near = did_you_mean(name, known)
    return f"{name}: the template does not ask for this" + (f"; {near}" if near else "")


def _page_problems(page: Page, answers: Mapping[str, Any]) -> Iterator[str]:
    found = active(page.schema, answers)
    inside = [field for field in fields_of(page.schema, answers) if len(field.place) > 1]
    for name in (*found.properties, *sorted(found.required - found.properties.keys())):
        lines = [line for field in inside if field.place[0] == name for line in _field_problems(page, field, answers)]
        if name not in found.properties:
            problem = "" if name in answers else "an answer is needed"
        else:
            problem = check_answer(page, name, answers.get(name), answers)
        yield from lines or ([f"{name}: {problem}"] if problem else [])


def _field_problems(page: Page, field: Field, answers: Mapping[str, Any]) -> Iterator[str]:
    problem = _check(page, field.definition, at(answers, field.place), required=field.required)
    if problem:
        yield f"{field.name}: {problem}"


def _whole_page_problems(page: Page, answers: Mapping[str, Any]) -> list[str]:
    """Check the rules that are about several answers at once."""
    try:
        broken = violations(page.schema, sent(answers))
    except ValueError:
        return []
    return [f"{where(violation) or page.title or 'the answers'}: {in_words(violation, {})}" for violation in broken]
