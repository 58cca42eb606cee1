"""The golden path's own questions, each asked in the way that suits it and checked at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from scaffolder.app import pickers
from scaffolder.app.repository_url import taken_apart
from scaffolder.cli.list_questions import ask_entries, ask_several, kept_if_left
from scaffolder.cli.picker_questions import ask_entity, entity_options, tag_options
from scaffolder.cli.prompt import Option
from scaffolder.cli.repository_questions import RepositoryQuestion
from scaffolder.cli.unmarked import unmarked
from scaffolder.template import parameters, typed_answers
from scaffolder.template.places import at, has, put, without
from scaffolder.template.schema import items
from scaffolder.template.wording import as_text, of_format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scaffolder.app.pickers import Pickers
    from scaffolder.cli.prompt import Prompter
    from scaffolder.template.manifest import Page
    from scaffolder.template.question import Kind, Question

NONE = "none"
HIDDEN = "(hidden)"
TYPED: frozenset[Kind] = frozenset({"text", "multiline", "integer", "number", "list", "row", "json", "secret"})
"""Kinds of questions whose answers are typed: an empty line is none."""
TYPED_AS = {
    "list": "entries with commas between",
    "row": "entries with commas between; or JSON",
    "json": "NAME=VALUE, with commas between; or JSON",
}


class Answers(Protocol):
    """Where answers are kept; secrets are apart, by their names."""

    answers: dict[str, Any]
    secrets: dict[str, str]


def is_certain(question: Question) -> bool:
    """Tell whether a question has one possible answer, so that it need not be asked."""
    return question.kind == "choice" and len(question.choices) == 1


def shown(question: Question, value: object) -> str:
    """Return an answer as it is shown to be changed, or what its page wants to be shown instead (`ui:backstage`)."""
    if question.review.get("show") is False:
        return HIDDEN
    return str(question.review.get("mask") or "") or typed_answers.as_read(question, value)


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks what one page of a template wants to know, and keeps the answers."""

    pickers: Pickers
    prompts: Prompter
    kept: Answers
    page: Page

    def ask(self, question: Question, *, typed: str) -> None:
        """Ask one question; an empty answer is none."""
        if question.kind == "secret":
            self.kept.secrets[question.name] = self.prompts.secret(
                question.title, check=lambda text: self._wrong_text(question, text), help_text=_help(question)
            )
        else:
            self._keep(question, self._value(question, typed))

    def _keep(self, question: Question, value: Any) -> None:
        """Keep an answer; a default that was emptied is not to come back."""
        if value not in (None, "") or (question.default not in (None, "") and not self.page.computed):
            self.kept.answers = put(self.kept.answers, question.place, value if value != "" else None)
        elif has(self.kept.answers, question.place):
            self.kept.answers = without(self.kept.answers, question.place)
        if question.kind == "entries":
            self._keep_secrets_apart(question)

    def _keep_secrets_apart(self, question: Question) -> None:
        inside = f"{question.name}."
        others = {name: secret for name, secret in self.kept.secrets.items() if not name.startswith(inside)}
        self.kept.answers, found = parameters.page_secrets_apart(self.page, self.kept.answers)
        self.kept.secrets = {**others, **found}

    def _value(self, question: Question, typed: str) -> Any:
        default = at(self.kept.answers, question.place) if has(self.kept.answers, question.place) else question.default
        if is_certain(question):
            return question.choices[0].value
        if question.picker in ASKED:
            return ASKED[question.picker](self, question, typed, default)
        if question.kind == "boolean":
            return self._yes_or_no(question, default=bool(default))
        if question.kind in BY_KIND:
            return BY_KIND[question.kind](self, question, default)
        return self._text(question, typed or typed_answers.as_typed(question, default))

    def _yes_or_no(self, question: Question, *, default: bool) -> bool | None:
        """Of a checkbox that nobody ticks, a form sends nothing."""
        answer = self.prompts.confirm(question.title, default=default, help_text=_help(question))
        is_untouched = not answer and not question.required and question.default is None
        return None if is_untouched else answer

    def _choice(self, question: Question, default: Any) -> Any:
        options = _options(question)
        if not question.required and question.default is None:
            options.append(Option(None, NONE))
        return self.prompts.choose(question.title, options, default=default, back=True, help_text=_help(question))

    def _choices(self, question: Question, default: Any) -> list[Any]:
        return self.prompts.choose_many(
            question.title,
            _options(question),
            default=default if isinstance(default, list) else (),
            check=lambda values: self._wrong(question, list(values)),
            back=True,
            help_text=_help(question),
        )

    def _text(self, question: Question, default: str) -> Any:
        asking = self.prompts.multiline if question.kind == "multiline" else self.prompts.text
        text = asking(
            question.title,
            default=default,
            check=lambda text: self._wrong_text(question, text),
            help_text=_help(question),
        )
        return self.pickers.meant(question, typed_answers.parse_answer(question, text)) if text else None

    def _entries(self, question: Question, default: Any) -> list[Any]:
        entries = parameters.with_secrets_in(list(items(default)), question.name, self.kept.secrets)
        with kept_if_left(entries, partial(self._keep, question)):
            ask_entries(
                self.prompts,
                question,
                entries,
                asking=lambda page, kept: Asking(self.pickers, self.prompts, kept, page),
                check=partial(self._wrong, question),
            )
        return entries

    def _entity(self, question: Question, typed: str, default: Any) -> str:
        return ask_entity(self.prompts, self.pickers, question, typed=typed, default=default, help_text=_help(question))

    def _entities(self, question: Question, _typed: str, default: Any) -> list[str]:
        other = self.pickers.takes_any_text(question)
        return self._several(question, default, entity_options(self.pickers, question), other=other)

    def _tags(self, question: Question, _typed: str, default: Any) -> list[str]:
        return self._several(question, default, tag_options(self.pickers, question), other=True)

    def _several(self, question: Question, default: Any, options: list[Option[str]], *, other: bool) -> list[str]:
        chosen = [str(one) for one in items(default)]
        with kept_if_left(chosen, partial(self._keep, question)):
            ask_several(
                self.prompts,
                question.title,
                options,
                chosen,
                other=other,
                check=partial(self._wrong, question),
                help_text=_help(question),
            )
        return chosen

    def _repository(self, question: Question, _typed: str, default: Any) -> str | None:
        return self._about_repositories(question).repository(as_text(default or ""))

    def _repository_owner(self, question: Question, typed: str, default: Any) -> Any:
        known = self._about_repositories(question).owner(default)
        return self._text(question, typed or as_text(default or "")) if known is None else known

    def _branch(self, question: Question, typed: str, default: Any) -> Any:
        """The branches are those of the repository that was answered last; `repoUrl` comes before all others."""
        texts = [self.kept.answers.get("repoUrl"), *reversed(self.kept.answers.values())]
        repository = next((one for one in texts if isinstance(one, str) and "repo" in taken_apart(one)[1]), "")
        known = self._about_repositories(question).branch(repository, typed or as_text(default or ""))
        return self._text(question, typed or as_text(default or "")) if known is None else known

    def _about_repositories(self, question: Question) -> RepositoryQuestion:
        known = self.pickers.repositories() if self.pickers.repositories else None
        return RepositoryQuestion(self.prompts, known, question, partial(self._wrong, question))

    def _wrong_text(self, question: Question, text: str) -> str:
        if not text:
            return "an answer is needed" if question.required else ""
        try:
            return self._wrong(question, typed_answers.parse_answer(question, text))
        except typed_answers.AnswerInvalid as error:
            return error.reason

    def _wrong(self, question: Question, value: Any) -> str:
        problem = parameters.check_answer(self.page, question.name, value, self.kept.answers)
        return problem or (self.pickers.problem(question, value) if question.picker else "")


# ruff: noqa: SLF001 - these are the ways to ask
ASKED: Mapping[str, Callable[[Asking, Question, str, Any], Any]] = {
    **dict.fromkeys(pickers.ENTITY, Asking._entity),
    pickers.ENTITIES: Asking._entities,
    pickers.TAGS: Asking._tags,
    pickers.REPOSITORY: Asking._repository,
    pickers.OWNER_OF_REPOSITORIES: Asking._repository_owner,
    pickers.BRANCH: Asking._branch,
}
BY_KIND: Mapping[str, Callable[[Asking, Question, Any], Any]] = {
    "choice": Asking._choice,
    "choices": Asking._choices,
    "entries": Asking._entries,
}


def _options(question: Question) -> list[Option[Any]]:
    return [Option(choice.value, choice.label) for choice in question.choices]


def _help(question: Question) -> str:
    """Return what the form says about a question, and what is typed."""
    said = [unmarked(question.description), question.help]
    return " · ".join(filter(None, [*dict.fromkeys(said), _typed_as(question), *_of_an_empty_line(question)]))


def _typed_as(question: Question) -> str:
    if question.placeholder:
        return f"for example {question.placeholder}"
    return "" if question.picker else TYPED_AS.get(question.kind) or of_format(question.format)


def _of_an_empty_line(question: Question) -> Iterator[str]:
    """Say that nothing need be typed, where no list says so."""
    if question.kind in TYPED and not (question.required or question.default or question.picker in pickers.ENTITY):
        yield "optional"
    if question.kind == "secret":
        yield "kept nowhere"
