"""
Questions on a terminal that can move its cursor, on questionary.

A question is erased once it is answered, and one line with the answer is left, which is ours: so it fits the terminal,
and a secret leaves nothing. Under a question stands what helps, or what is wrong with the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import questionary
from prompt_toolkit.filters import Always
from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import KeyBindings, merge_key_bindings
from prompt_toolkit.layout.containers import HSplit, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.output import create_output
from prompt_toolkit.styles import Style

from scaffolder.cli.console import columns, one_line, wrap
from scaffolder.cli.prompt import (
    Back,
    Candidates,
    Check,
    InputEnded,
    Option,
    default_index,
    wrong_with,
)
from scaffolder.cli.prompt_keys import arrows, back_entry, leaving, letters
from scaffolder.cli.prompt_parts import GOING_BACK, POINTER, Described, Found, Note, titles_of, without_last_mark
from scaffolder.cli.prompt_plain import PlainPrompter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet

    from prompt_toolkit.buffer import Buffer
    from questionary.question import Question

    from scaffolder.cli.console import Console

T = TypeVar("T")

# The sixteen colours of the person's own theme; questionary's are fixed, and unreadable on some backgrounds.
STYLE = Style.from_dict(
    {
        "qmark": "fg:ansicyan",
        "question": "bold",
        "answer": "noinherit",
        "pointer": "fg:ansicyan bold",
        "highlighted": "bold",
        "wrong": "fg:ansired",
    }
)
QMARK = "?"
CHECKED = "●"
HIDDEN = "********"
MANY = 10  # a longer list can be narrowed by typing
ROOM_FOR_AN_ANSWER = 20


class TerminalPrompter:
    """Asks with a cursor; shift-tab goes back."""

    plain = False

    def __init__(self, console: Console, stdin: TextIO) -> None:
        self._console = console
        self._stdin = stdin

    def tell(self, text: str) -> None:
        """Say something of the last answer."""
        self._console.tell(one_line(text), indent=2, style="warn")

    def text(self, message: str, *, default: str = "", check: Check | None = None, help_text: str = "") -> str:
        """Ask for one line."""
        answer = self._typed(message, Note(self._console, help_text), default=default, check=check)
        self._console.answered(message, answer)
        return answer

    def secret(self, message: str, *, check: Check | None = None, help_text: str = "") -> str:
        """Ask for one line that is not shown."""
        try:
            answer = self._typed(message, Note(self._console, help_text), check=check, is_password=True)
        except Back:
            raise Back from None  # without what was typed, which would be kept
        self._console.answered(message, HIDDEN if answer else "")
        return answer

    def multiline(self, message: str, *, default: str = "", check: Check | None = None, help_text: str = "") -> str:
        """Ask for several lines."""
        note = Note(self._console, f"{help_text} (Enter begins a line; Esc, then Enter ends the answer)".strip())
        answer = self._typed(message, note, default=default, check=check, multiline=True)
        first, *others = answer.splitlines() or [""]
        self._console.answered(message, _and_more(first, len(others)))
        return answer

    def confirm(self, message: str, *, default: bool = True, help_text: str = "") -> bool:
        """Ask yes or no."""
        question = questionary.confirm(self._message(message), default=default, qmark=QMARK, style=STYLE, **self._io())
        answer = bool(self._run(question, Note(self._console, help_text)))
        self._console.answered(message, "Yes" if answer else "No")
        return answer

    def choose(
        self,
        message: str,
        options: Sequence[Option[T]],
        *,
        default: T | None = None,
        back: bool = False,
        help_text: str = "",
    ) -> T:
        """Ask for one of a few."""
        choices = self._choices([*options, *([GOING_BACK] if back else [])])
        narrow = "(type to narrow the list)" if len(options) > MANY else ""
        question = questionary.select(
            self._message(message),
            choices,
            default=choices[default_index(options, default)],
            pointer=self._console.glyph(POINTER),
            use_search_filter=len(options) > MANY,
            **self._list_look(),
        )
        index: int = self._run(
            question,
            Note(self._console, f"{help_text} {narrow}".strip(), apart=True),
            below=Described(self._console, question, options) if any(one.description for one in options) else None,
            bindings=[letters(options)] if len(options) <= MANY else [],
        )
        if index == len(options):
            raise Back
        self._console.answered(message, options[index].label)
        return options[index].value

    def choose_many(
        self,
        message: str,
        options: Sequence[Option[T]],
        *,
        default: Sequence[T] = (),
        check: Callable[[Sequence[T]], str] | None = None,
        back: bool = False,
        help_text: str = "",
    ) -> list[T]:
        """Ask for any number of a few."""
        if self._console.glyph(CHECKED) != CHECKED:  # questionary's marks are fixed, and would all look the same
            plain = PlainPrompter(self._console, self._stdin)
            return plain.choose_many(message, options, default=default, check=check, back=back, help_text=help_text)
        note = Note(self._console, f"{help_text} (space marks, Enter ends)".strip(), apart=True)
        marked: AbstractSet[int] = {index for index, option in enumerate(options) if option.value in default}
        while True:
            choices = self._choices([*options, *([GOING_BACK] if back else [])], marked=marked)
            question = questionary.checkbox(self._message(message), choices, pointer=POINTER, **self._list_look())
            if back:
                without_last_mark(question)
            marked = frozenset(self._run(question, note, bindings=[back_entry(question, len(options))]))
            chosen = [option for index, option in enumerate(options) if index in marked]
            values = [option.value for option in chosen]
            note.wrong = check(values) if check else ""
            if not note.wrong:
                self._console.answered(message, ", ".join(option.label for option in chosen) or "none")
                return values

    def find(
        self, message: str, candidates: Candidates[T], *, default: str = "", back: bool = False, help_text: str = ""
    ) -> T:
        """Ask for one of thousands."""
        note = Note(self._console, " · ".join(filter(None, [help_text, candidates.search])))
        typed = default
        while True:
            found = Found(self._console, candidates, typed, back=back)
            question = questionary.text(
                self._message(message), default=found.typed, qmark=QMARK, style=STYLE, **self._io()
            )
            _follow(question, found, note)
            typed = str(self._run(question, note, below=found, bindings=[arrows(found)]))
            taken = found.taken(typed)
            if taken:
                self._console.answered(message, taken[1])
                return taken[0]
            note.wrong = candidates.refusal(typed)

    def _typed(self, message: str, note: Note, *, default: str = "", check: Check | None = None, **how: Any) -> str:
        """Ask until the check has nothing to say; what was typed stays, to be mended."""
        typed = default
        while True:
            question = questionary.text(
                self._message(message), default=typed, qmark=QMARK, style=STYLE, instruction="", **how, **self._io()
            )
            typed = str(self._run(question, note)).strip()
            note.wrong = wrong_with(typed, check)
            if not note.wrong:
                return typed

    def _run(
        self,
        question: Question,
        note: Note,
        *,
        below: Found[Any] | Described | None = None,
        bindings: Sequence[KeyBindings] = (),
    ) -> Any:
        """Add what is ours to questionary's question, and ask it."""
        application = question.application
        application.key_bindings = merge_key_bindings(
            [*([application.key_bindings] if application.key_bindings else []), leaving(), *bindings]
        )
        container = application.layout.container
        for window in application.layout.find_all_windows():
            window.dont_extend_height = Always()  # else the list grows to the end of the screen, away from its note
        if isinstance(container, HSplit):
            # not the toolbars: they appear only where the terminal tells its cursor's place
            container.children += [_under(part) for part in (below, note) if part]
        try:
            return question.unsafe_ask()
        except EOFError as ended:
            raise InputEnded from ended

    def _io(self) -> dict[str, Any]:
        """Ask on stderr, and leave nothing on the screen."""
        return {
            "input": create_input(self._stdin),
            "output": create_output(self._console.stderr),
            "erase_when_done": True,
        }

    def _list_look(self) -> dict[str, Any]:
        # without an instruction of ours, questionary would add a long one
        return {"qmark": QMARK, "instruction": " ", "style": STYLE, "use_jk_keys": False, **self._io()}

    def _message(self, message: str) -> str:
        """Wrap the question at words; a long one leaves the line below to the answer."""
        text = self._console.encodable(one_line(message))
        room = self._console.width - columns(QMARK) - 2
        if columns(text) + ROOM_FOR_AN_ANSWER <= room:
            return text
        return "\n  ".join(wrap(text, width=room)) + "\n "

    def _choices(
        self, options: Sequence[Option[Any]], *, marked: AbstractSet[int] = frozenset()
    ) -> list[questionary.Choice]:
        titles = titles_of(self._console, options)
        return [questionary.Choice(title, value=index, checked=index in marked) for index, title in enumerate(titles)]


def _and_more(first: str, others: int) -> str:
    return first + (f" (and {others} more {'line' if others == 1 else 'lines'})" if others else "")


def _under(part: Note | Found[Any] | Described) -> Window:
    return Window(FormattedTextControl(part), dont_extend_height=True)


def _follow(question: Question, found: Found[Any], note: Note) -> None:
    def typed(buffer: Buffer) -> None:
        found.narrow(buffer.text)
        note.wrong = ""

    question.application.current_buffer.on_text_changed += typed
