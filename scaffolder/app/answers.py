"""Which of a template's questions are still open, and what a typed text means to one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scaffolder.app.births import prefilled
from scaffolder.errors import InvalidInput, did_you_mean
from scaffolder.template import parameters
from scaffolder.template.schema import possible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.app.draft import Draft
    from scaffolder.template.manifest import Page, Template
    from scaffolder.template.parameters import Question


SOME_OWNER, SOME_SYSTEM = "group:default/some-team", "system:default/some-system"


class UnknownAnswer(InvalidInput):
    """The template asks no such question."""


def names(template: Template) -> set[str]:
    """Return the name of every parameter, whether or not it counts with the answers so far."""
    return {name for page in template.pages for name in possible(page.schema)}


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
    found = asked(template, {**own, **draft.answers, **draft.secrets})
    return [
        (page, one)
        for page, one in found
        if one.picker != "RepoUrlPicker"
        and one.name not in own
        and (one.name not in later or (one.required and "system" in draft.answered))
    ]


def typed(template: Template, name: str, text: str, answers: Mapping[str, Any]) -> Any:
    """
    Return the value that `text` means as the answer called `name`.

    Raises:
        UnknownAnswer: The template does not ask for it.
        InvalidInput: The text means nothing to the question.
    """
    for _page, question in asked(template, answers):
        if question.name == name:
            return parameters.parse_answer(question, text)
    for page in template.pages:  # it may count once a later answer is given
        if definition := possible(page.schema).get(name):
            alone = replace(page, schema={"properties": {name: definition}})
            return next((parameters.parse_answer(one, text) for one in parameters.questions(alone, {})), text)
    known = names(template)
    raise UnknownAnswer(
        f"the template does not ask for {name}",
        hint=did_you_mean(name, known) or f"it asks for: {', '.join(sorted(known)) or 'nothing'}",
    )
