"""A template's parameters: the wizard's own answers, the person's, and the defaults for the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from scaffolder.app.pickers import Pickers
from scaffolder.errors import InvalidInput
from scaffolder.gateways.github.server import GITHUB
from scaffolder.template import parameters
from scaffolder.template.prefilling import prefill

if TYPE_CHECKING:
    from scaffolder.app.asking import Parts
    from scaffolder.app.draft import Draft
    from scaffolder.template.manifest import Template


class AnswersInvalid(InvalidInput):
    """Answers are missing, unknown or of the wrong type."""


def values_of(template: Template, draft: Draft) -> dict[str, Any]:
    """
    Return the template's parameters: the wizard's own answers, the person's, and the defaults for the rest.

    Raises:
        AnswersInvalid: Every answer that does not fit, or that nobody asked for.
    """
    values = values_so_far(template, draft)
    problems = parameters.check_answers(template, parameters.with_secrets(template, values, draft.secrets))
    if problems:
        raise AnswersInvalid(
            problems[0],
            hint=f"answer with -d NAME=VALUE; scaffolder template show {draft.template} lists what it asks",
            details=tuple(problems[1:]),
        )
    return parameters.sent({name: value for name, value in values.items() if name not in draft.secrets})


def values_so_far(template: Template, draft: Draft) -> dict[str, Any]:
    """Return the same, whether or not the answers are right and complete; with secrets among them."""
    given = {**prefilled(template, draft), **draft.said()}
    if any(page.computed for page in template.pages):
        given |= draft.secrets  # a default may be made from one
    return parameters.with_defaults(template, given)


def picked(template: Template, draft: Draft, parts: Parts) -> dict[str, Any]:
    """Return the template's parameters, with whole refs for the entities of the catalog that they name."""
    pickers = Pickers(parts.catalog, parts.user)
    values, problems = pickers.settled(template, values_of(template, draft), but=prefilled(template, draft))
    if problems:
        raise AnswersInvalid(problems[0], hint="answer with -d NAME=VALUE", details=tuple(problems[1:]))
    return values


def prefilled(template: Template, draft: Draft) -> dict[str, Any]:
    """Return the parameters that the wizard's own answers fill."""
    owner, _, name = draft.repository.partition("/")
    return prefill(
        template,
        name=draft.name,
        description=draft.purpose,
        owner=draft.owner,
        system=draft.system,
        repo_url=f"{draft.host or GITHUB}?owner={quote(owner)}&repo={quote(name)}",
    )


def with_secrets_apart(draft: Draft, template: Template) -> Draft:
    """Return the draft with no secret among its answers, and no empty one among its secrets."""
    answers, found = parameters.secrets_apart(template, draft.answers)
    given = found | draft.secrets
    return replace(draft, answers=answers, secrets={name: value for name, value in given.items() if value})
