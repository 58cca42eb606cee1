"""The golden path's own questions, each asked in the way that suits it and checked at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scaffolder.cli import entity_choice
from scaffolder.cli.prompt import Candidates, Option
from scaffolder.errors import ScaffolderError
from scaffolder.template import parameters, typed_answers
from scaffolder.template.wording import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scaffolder.app import Scaffolder
    from scaffolder.app.draft import Draft
    from scaffolder.cli.prompt import Prompter
    from scaffolder.template.manifest import Page
    from scaffolder.template.question import Question

ENTITY_PICKERS = frozenset({"EntityPicker", "OwnerPicker", "OwnedEntityPicker", "MyGroupsPicker"})
NONE = "none"


def is_certain(question: Question) -> bool:
    """Tell whether a question has one possible answer, so that it need not be asked."""
    return question.kind == "choice" and len(question.choices) == 1


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks what one page of a template wants to know, and keeps the answers in the draft."""

    app: Scaffolder
    prompts: Prompter
    draft: Draft
    page: Page

    def ask(self, question: Question, *, typed: str) -> None:
        """Ask one question; an empty answer is none."""
        if question.kind == "secret":
            self.draft.secrets[question.name] = self.prompts.secret(
                question.title, check=lambda text: self._wrong_text(question, text), help_text=_help(question)
            )
            return
        value = self._value(question, typed)
        if value is None or value == "":
            self.draft.answers.pop(question.name, None)
        else:
            self.draft.answers[question.name] = value

    def _value(self, question: Question, typed: str) -> Any:
        default = self.draft.answers.get(question.name, question.default)
        title, help_text = question.title, _help(question)
        if is_certain(question):
            return question.choices[0].value
        if question.picker in ENTITY_PICKERS:
            return self._entity(question, typed or entity_choice.label(as_text(default or "")))
        match question.kind:
            case "boolean":
                return self.prompts.confirm(title, default=bool(default), help_text=help_text)
            case "choice":
                return self.prompts.choose(title, _options(question), default=default, back=True, help_text=help_text)
            case "choices":
                marked = default if isinstance(default, list) else ()
                return self._several(question, marked, help_text)
            case _:
                return self._text(question, typed or ("" if default is None else as_text(default)), help_text)

    def _several(self, question: Question, marked: Sequence[Any], help_text: str) -> list[Any]:
        return self.prompts.choose_many(
            question.title,
            _options(question),
            default=marked,
            check=lambda values: self._wrong(question, list(values)),
            back=True,
            help_text=help_text,
        )

    def _text(self, question: Question, default: str, help_text: str) -> Any:
        asking = self.prompts.multiline if question.kind == "multiline" else self.prompts.text
        text = asking(
            question.title,
            default=default,
            check=lambda text: self._wrong_text(question, text),
            help_text=help_text,
        )
        return typed_answers.parse_answer(question, text) if text else None

    def _entity(self, question: Question, default: str) -> str:
        """Ask for an entity of the catalog, of the kinds that the template wants."""
        found = entity_choice.options(self.app.catalog, _kinds(question))
        any_text = bool(question.options.get("allowArbitraryValues")) or not found
        return self.prompts.find(
            question.title,
            Candidates(
                found,
                extras=[] if question.required else [Option("", NONE)],
                other=lambda text: text if any_text else None,
            ),
            default=default or ("" if question.required else NONE),
            back=True,
            help_text=_help(question),
        )

    def _wrong_text(self, question: Question, text: str) -> str:
        if not text:
            return "an answer is needed" if question.required else ""
        try:
            return self._wrong(question, typed_answers.parse_answer(question, text))
        except ScaffolderError as error:
            return error.message

    def _wrong(self, question: Question, value: Any) -> str:
        return parameters.check_answer(self.page, question.name, value, self.draft.answers)


def _options(question: Question) -> list[Option[Any]]:
    return [Option(choice.value, choice.label) for choice in question.choices]


def _help(question: Question) -> str:
    return question.help or question.description or question.placeholder


def _kinds(question: Question) -> list[str]:
    """Return the kinds that a picker offers: those of its filter, of `allowedKinds`, or the usual ones."""
    if question.picker in {"OwnerPicker", "MyGroupsPicker"}:
        return ["group", "user"]
    wanted = question.options.get("catalogFilter") or {}
    filters: Iterable[Any] = wanted if isinstance(wanted, list) else [wanted]
    kinds = [one.get("kind") for one in filters if isinstance(one, dict)]
    named = [kind for entry in kinds for kind in (entry if isinstance(entry, list) else [entry])]
    allowed = question.options.get("allowedKinds") or ["component"]
    return [kind for kind in named if isinstance(kind, str)] or [str(kind) for kind in allowed]
