"""Which of a template's questions are still open, and what a typed text means to one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scaffolder.app.values import prefilled
from scaffolder.errors import InvalidInput, did_you_mean
from scaffolder.template import parameters, typed_answers
from scaffolder.template.fields import every
from scaffolder.template.places import at, dotted, has, put
from scaffolder.template.question import question_of
from scaffolder.template.schema import linked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.app.draft import Draft
    from scaffolder.template.manifest import Page, Template
    from scaffolder.template.places import Place
    from scaffolder.template.question import Question
    from scaffolder.template.schema import Schema


SOME_OWNER, SOME_SYSTEM = "group:default/some-team", "system:default/some-system"


class UnknownAnswer(InvalidInput):
    """The template asks no such question."""


def names(template: Template) -> set[str]:
    """Return the name of every parameter, whether or not it counts with the answers so far; inside of objects too."""
    return {dotted(place) for place in _places(template)}


def _places(template: Template) -> dict[Place, Schema]:
    return {place: rule for page in template.pages for place, rule in every(page.schema)}


def with_answer(template: Template, answers: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    """Return the answers with one more, which may be inside of an object."""
    places = {dotted(place): place for place in _places(template)}
    complete: dict[str, Any] = put(answers, places.get(name, (name,)), value)
    return complete


def asked(template: Template, answers: Mapping[str, Any]) -> list[tuple[Page, Question]]:
    """Return every question that these answers lead to, with its page."""
    given = parameters.with_defaults(template, answers)
    return [(page, question) for page in template.pages for question in parameters.questions(page, given)]


def open_questions(template: Template, draft: Draft) -> list[tuple[Page, Question]]:
    """
    Return the questions that are the template's own: not those that the wizard's answers fill, or will fill.

    One that the wizard's answer leaves open (no system) is asked only when the template cannot do without.
    """
    own = prefilled(template, draft)
    later = prefilled(template, replace(draft, owner=draft.owner or SOME_OWNER, system=draft.system or SOME_SYSTEM))
    found = asked(template, parameters.with_secrets(template, {**own, **draft.answers}, draft.secrets))
    return [
        (page, one)
        for page, one in found
        if one.name not in own and (one.name not in later or (one.required and "system" in draft.answered))
    ]


def filled_questions(template: Template, draft: Draft) -> list[tuple[Page, Question]]:
    """Return the questions that the wizard's answers fill: they are not asked, and may be answered otherwise."""
    own = prefilled(template, draft)
    found = asked(template, parameters.with_secrets(template, {**own, **draft.answers}, draft.secrets))
    return [(page, replace(one, default=own[one.name])) for page, one in found if one.name in own]


def followed(template: Template, page: Page, name: str, draft: Draft) -> Any:
    """Return what a question's default is made from the answers before it; None where it is made from none."""
    if page.computed is None or not page.follows.get(name):
        return None
    given = {**prefilled(template, draft), **draft.answers, **draft.secrets}
    return page.computed({key: value for key, value in given.items() if key != name}).get(name)


def kept(questions: list[tuple[Page, Question]], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the answers that belong to these questions."""
    found: dict[str, Any] = {}
    for _page, question in questions:
        if has(answers, question.place):
            found = put(found, question.place, at(answers, question.place))
    return found


def typed(template: Template, name: str, text: str, answers: Mapping[str, Any]) -> Any:
    """
    Return the value that `text` means as the answer called `name`.

    Raises:
        UnknownAnswer: The template does not ask for it.
        InvalidInput: The text means nothing to the question.
    """
    for _page, question in asked(template, answers):
        if question.name == name:
            return typed_answers.parse_answer(question, text)
    for page in template.pages:  # it may count once a later answer is given
        found = next((rule for place, rule in every(page.schema) if dotted(place) == name), None)
        if found is not None:
            return typed_answers.parse_answer(_alone(name, found, page), text)
    known = names(template)
    whole, inside, key = name.partition(".")
    of_a_map = f"{whole} takes names and values: -d {whole}={key}=VALUE" if inside and whole in known else ""
    raise UnknownAnswer(
        f"the template does not ask for {name}",
        hint=of_a_map or did_you_mean(name, known) or f"it asks for: {', '.join(sorted(known)) or 'nothing'}",
    )


def _alone(name: str, definition: Schema, page: Page) -> Question:
    return question_of((name,), definition, title=name, default=None, required=False, linked=linked(page.schema))
