"""The golden path's own questions, each asked in the way that suits it and checked at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.cli.prompt import Candidates, Option
from scaffolder.errors import ScaffolderError
from scaffolder.template import parameters
from scaffolder.template.wording import as_text

if TYPE_CHECKING:
    from scaffolder.app import Scaffolder
    from scaffolder.app.draft import Draft
    from scaffolder.cli.prompt import Prompter
    from scaffolder.template.manifest import Page
    from scaffolder.template.parameters import Question

ENTITY_PICKERS = frozenset({"EntityPicker", "OwnerPicker", "OwnedEntityPicker", "MyGroupsPicker"})


def ask(app: Scaffolder, prompts: Prompter, draft: Draft, page: Page, question: Question, *, typed: str) -> None:
    """Ask one question and keep its answer in the draft."""
    if question.kind == "secret":
        draft.secrets[question.name] = prompts.secret(
            question.title, check=_check(draft, page, question), help_text=_help(question)
        )
        return
    value = _answer(app, prompts, draft, page, question, typed=typed)
    if value is None or value == "":
        draft.answers.pop(question.name, None)
    else:
        draft.answers[question.name] = value


def is_certain(question: Question) -> bool:
    """Tell whether a question has one possible answer, so that it need not be asked."""
    return question.kind == "choice" and len(question.choices) == 1


def _answer(app: Scaffolder, prompts: Prompter, draft: Draft, page: Page, question: Question, *, typed: str) -> Any:
    default = draft.answers.get(question.name, question.default)
    if is_certain(question):
        return question.choices[0].value
    if question.picker in ENTITY_PICKERS:
        return _entity(app, prompts, question, typed or str(default or ""))
    match question.kind:
        case "boolean":
            return prompts.confirm(question.title, default=bool(default), help_text=_help(question))
        case "choice":
            return prompts.choose(
                question.title, _options(question), default=default, back=True, help_text=_help(question)
            )
        case "choices":
            return prompts.choose_many(
                question.title, _options(question), default=default or (), check=_check_list(draft, page, question)
            )
    asking = prompts.multiline if question.kind == "multiline" else prompts.text
    text = asking(
        question.title,
        default=typed or _shown(default),
        check=_check(draft, page, question),
        help_text=_help(question),
    )
    return parameters.parse_answer(question, text) if text else None


def _options(question: Question) -> list[Option[Any]]:
    return [Option(choice.value, choice.label) for choice in question.choices]


def _shown(default: Any) -> str:
    return "" if default is None else as_text(default)


def _help(question: Question) -> str:
    return question.help or question.description or question.placeholder


def _check(draft: Draft, page: Page, question: Question) -> Any:
    def wrong(text: str) -> str:
        if not text:
            return "an answer is needed" if question.required else ""
        try:
            value = parameters.parse_answer(question, text)
        except ScaffolderError as error:
            return error.message
        return parameters.check_answer(page, question.name, value, draft.answers)

    return wrong


def _check_list(draft: Draft, page: Page, question: Question) -> Any:
    return lambda values: parameters.check_answer(page, question.name, list(values), draft.answers)


def _entity(app: Scaffolder, prompts: Prompter, question: Question, default: str) -> str:
    """Ask for an entity of the catalog, of the kinds that the template wants."""
    kinds = _kinds(question)
    found = [one for kind in kinds for one in app.catalog.entities(kind=kind)]
    extras = [] if question.required else [Option("", "none")]
    options = [Option(str(one.ref), one.ref.name, hint=one.title) for one in found]
    return prompts.find(
        question.title,
        Candidates(
            options, extras=extras, other=lambda text: text if question.options.get("allowArbitraryValues") else None
        ),
        default=default.rpartition("/")[2] or ("" if question.required else "none"),
        help_text=_help(question),
    )


def _kinds(question: Question) -> list[str]:
    if question.picker in {"OwnerPicker", "MyGroupsPicker"}:
        return ["group", "user"]
    wanted = question.options.get("catalogFilter") or {}
    filters = wanted if isinstance(wanted, list) else [wanted]
    kinds = [one.get("kind") for one in filters if isinstance(one, dict)]
    flat = [
        kind for entry in kinds for kind in (entry if isinstance(entry, list) else [entry]) if isinstance(kind, str)
    ]
    return flat or [str(kind) for kind in question.options.get("allowedKinds", [])] or ["component"]
