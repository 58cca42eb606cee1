"""Asking for lists: several of thousands, and entries that each have questions of their own."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from scaffolder.cli.interview import Interview
from scaffolder.cli.interview import Question as Step
from scaffolder.cli.prompt import Back, Candidates, InputEnded, Option
from scaffolder.template import parameters
from scaffolder.template.entry_sheet import entry_sheet
from scaffolder.template.places import at
from scaffolder.template.typed_answers import spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scaffolder.cli.prompt import Prompter
    from scaffolder.cli.template_questions import Answers, Asking
    from scaffolder.template.entry_sheet import EntrySheet
    from scaffolder.template.manifest import Page
    from scaffolder.template.question import Question

ENOUGH, TAKE_OUT, ADD, CHANGE = "\0enough", "\0take out", "\0add", "\0change"
SHOWN_OF_AN_ENTRY = 3
LEAVING = (KeyboardInterrupt, InputEnded)


@contextmanager
def kept_if_left(entries: list[Any], keep: Callable[[list[Any]], None]) -> Iterator[None]:
    """Keep what was said of a list by somebody who goes back, or leaves, before saying that it is all."""
    before = list(entries)
    try:
        yield
    except (Back, *LEAVING):
        if entries != before:
            keep(entries)
        raise


def ask_several(  # noqa: PLR0913 - a question is these facts
    prompts: Prompter,
    title: str,
    options: Sequence[Option[str]],
    chosen: list[str],
    *,
    other: bool,
    check: Callable[[list[str]], str],
    help_text: str,
) -> None:
    """Change what is chosen of thousands, one after the other; with `other`, it need not be among them."""
    labels = {option.value: option.label for option in options}
    note = help_text
    while True:
        names = [labels.get(one, one) for one in chosen]
        enough = Option(ENOUGH, "that is all" if chosen else "none")
        last = [Option(TAKE_OUT, f"take {names[-1]} out")] if chosen else []
        candidates = Candidates(
            [option for option in options if option.value not in chosen],
            extras=[enough, *last],
            other=(lambda text: text) if other else None,
            also="a new one" if other else "",
        )
        message = f"{title} ({', '.join(names)})" if names else title
        taken = prompts.find(message, candidates, default=enough.label, back=True, help_text=note)
        note = help_text
        if taken == TAKE_OUT:
            chosen.pop()
        elif taken != ENOUGH:
            note = check([*chosen, taken]) if taken not in chosen else ""
            chosen += [] if note or taken in chosen else [taken]
        elif not (note := check(chosen)):
            return


@dataclass(slots=True)
class Kept:
    """The answers for one entry."""

    answers: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)


def ask_entries(
    prompts: Prompter,
    question: Question,
    entries: list[Any],
    *,
    asking: Callable[[Page, Answers], Asking],
    check: Callable[[list[Any]], str],
) -> None:
    """Add entries, change and take them out, until the person has enough."""
    sheet, note = entry_sheet(question), ""
    while True:
        act, number = _next(prompts, question, sheet, entries, note)
        note = ""
        try:
            if act == ENOUGH:
                note = check(entries)
                if not note:
                    return
            elif act == TAKE_OUT:
                entries.pop(number)
            else:
                _ask_entry(sheet, entries, number, asking)
        except Back:
            continue  # back to the list


def _next(prompts: Prompter, question: Question, sheet: EntrySheet, entries: list[Any], note: str) -> tuple[str, int]:
    """Return what the person wants to do next, and with which entry."""
    shown = [_in_short(sheet, entry) for entry in entries]
    options = [
        Option((ENOUGH, 0), "That is all" if entries else "None"),
        Option((ADD, len(entries)), "Add another" if entries else "Add one"),
        *(Option((CHANGE, number), f"Change {text}") for number, text in enumerate(shown)),
        *(Option((TAKE_OUT, number), f"Take {text} out") for number, text in enumerate(shown)),
    ]
    wanted = ADD if question.required and not entries else ENOUGH
    default = next(option.value for option in options if option.value[0] == wanted)
    help_text = note or question.description
    return prompts.choose(question.title, options, default=default, back=True, help_text=help_text)


def _ask_entry(sheet: EntrySheet, entries: list[Any], number: int, asking: Callable[[Page, Answers], Asking]) -> None:
    """Ask for one entry; going back from its first question leaves it as it was, and leaving keeps what was said."""
    kept = Kept()
    before = entries[number] if number < len(entries) else None
    kept.answers, kept.secrets = parameters.page_secrets_apart(sheet.page, sheet.wrapped(before))
    try:
        Interview(partial(_steps, sheet, kept, asking), [], within=True).finish()
    except LEAVING:
        if kept.answers or kept.secrets:
            entries[number : number + 1] = [_whole(sheet, kept)]
        raise
    entries[number : number + 1] = [_whole(sheet, kept)]


def _steps(sheet: EntrySheet, kept: Kept, asking: Callable[[Page, Answers], Asking]) -> list[Step]:
    """Return the questions of an entry, after the answers so far."""

    def ask(question: Question, typed: str) -> None:
        asking(sheet.page, kept).ask(question, typed=typed)

    given = parameters.page_with_secrets(sheet.page, kept.answers, kept.secrets)
    return [
        Step(one.name, partial(ask, one), partial(_answer, kept, one), fixed=len(one.choices) == 1)
        for one in parameters.questions(sheet.page, given)
    ]


def _whole(sheet: EntrySheet, kept: Kept) -> Any:
    """Return the entry that the answers are."""
    whole = parameters.page_defaults(sheet.page, kept.answers)
    return sheet.unwrapped(parameters.page_with_secrets(sheet.page, whole, kept.secrets))


def _answer(kept: Answers, question: Question) -> object:
    return at(kept.answers, question.place)


def _in_short(sheet: EntrySheet, entry: Any) -> str:
    """Return what tells an entry from the others: its first answers."""
    shown, _secrets = parameters.page_secrets_apart(sheet.page, sheet.wrapped(entry))
    values = [value for value in shown.values() if value not in (None, "", [], {}) and not isinstance(value, bool)]
    return ", ".join(spoken(value) for value in values[:SHOWN_OF_AN_ENTRY]) or "an empty one"
