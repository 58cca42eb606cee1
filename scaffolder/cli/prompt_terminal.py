"""
Questions on a terminal that can move its cursor, on questionary.

A question is erased once it is answered, and one line with the answer is left, which is ours: so it fits the terminal,
and a secret leaves nothing. Under a question stands what helps, or what is wrong with the answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TextIO, TypeVar

import questionary
from prompt_toolkit.filters import Always, Condition
from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent, merge_key_bindings
from prompt_toolkit.layout.containers import HSplit, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.output import create_output
from prompt_toolkit.styles import Style
from questionary.prompts.common import InquirerControl

from scaffolder.cli.console import columns, fit, one_line, pad, wrap
from scaffolder.cli.prompt import (
    BACK,
    SHOWN_AT_ONCE,
    Back,
    Candidates,
    Check,
    InputEnded,
    Option,
    default_index,
    wrong_with,
)
from scaffolder.cli.prompt_plain import PlainPrompter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from collections.abc import Set as AbstractSet

    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.formatted_text import StyleAndTextTuples
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
POINTER = "\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}"
CHECKED = "●"
HIDDEN = "********"
MANY = 10  # a longer list can be narrowed by typing
GOING_BACK: Option[Any] = Option(None, BACK)
ROOM_FOR_AN_ANSWER = 20
ROOM_FOR_A_HINT = 30
MARGIN = 6  # pointer, mark of a checkbox, and the last column, which some terminals wrap


class Note:
    """What stands under a question: what is wrong with the last answer, or what helps."""

    def __init__(self, console: Console, help_text: str = "", *, apart: bool = False) -> None:
        self._console = console
        self._help_text = help_text
        self._apart = apart
        self.wrong = ""

    def __call__(self) -> StyleAndTextTuples:
        """Return the text for the screen."""
        text = one_line(self.wrong or self._help_text)
        style = "class:wrong" if self.wrong else ""
        lines = ["  " + line for line in wrap(text, width=self._console.width - 3)] if text else []
        if lines and self._apart:
            lines.insert(0, "")
        return [(style, self._console.encodable("\n".join(lines)))]


class Found(Generic[T]):
    """The entries that match what is typed so far, and the one pointed at."""

    def __init__(self, console: Console, candidates: Candidates[T], default: str, *, back: bool) -> None:
        self._console = console
        self._candidates = candidates
        self._last = [GOING_BACK] if back else []
        self._preferred = candidates.labelled(default)
        self._shown: list[Option[T]] = []
        self._pointed: int | None = None
        self._moved = False
        self._tallest = 0
        self.typed = "" if self._preferred else default
        self.narrow(self.typed)

    def narrow(self, typed: str) -> None:
        """Show what matches; before anything is typed, the default comes first and is pointed at."""
        matches = self._candidates.matches(typed)
        if self._preferred and not typed.strip():
            matches = [self._preferred, *(one for one in matches if one != self._preferred)][:SHOWN_AT_ONCE]
        self._shown = [*matches, *(extra for extra in self._candidates.extras if extra not in matches), *self._last]
        self._pointed = 0 if matches and (typed.strip() or self._preferred) else None
        self._moved = False

    def move(self, by: int) -> None:
        """Point at the next entry, or the one before, around the ends."""
        if self._shown:
            start = self._pointed if self._pointed is not None else -1 if by > 0 else 0
            self._pointed = (start + by) % len(self._shown)
            self._moved = True

    def taken(self, typed: str) -> tuple[T, str] | None:
        """Return value and label of what Enter takes: what the arrows point at, the very name, the first match."""
        pointed = None if self._pointed is None else self._shown[self._pointed]
        if self._moved and pointed is GOING_BACK:
            raise Back(typed)
        if self._moved and pointed:
            return pointed.value, pointed.label
        return self._candidates.named(typed) or ((pointed.value, pointed.label) if pointed else None)

    def __call__(self) -> StyleAndTextTuples:
        """Return the list for the screen."""
        pointer = self._console.glyph(POINTER)
        tokens: StyleAndTextTuples = []
        for number, title in enumerate(_titles(self._console, self._shown)):
            here = number == self._pointed
            tokens.append(("class:pointer", f" {pointer} " if here else " " * (columns(pointer) + 2)))
            tokens.append(("class:highlighted" if here else "", title + "\n"))
        lines = sum(text.count("\n") for _style, text, *_ in tokens)
        self._tallest = max(self._tallest, lines)
        return [*tokens, ("", "\n" * (self._tallest - lines))]  # what stands below keeps its place


class Described:
    """The description of the entry being looked at."""

    def __init__(self, console: Console, question: Question, options: Sequence[Option[Any]]) -> None:
        self._console = console
        self._question = question
        self._descriptions = [one_line(option.description) for option in options]

    def __call__(self) -> StyleAndTextTuples:
        """Return the text for the screen, of one height whatever is pointed at."""
        tall = max(len(self._lines(text)) for text in self._descriptions)
        here = _pointed(self._question)
        lines = self._lines(self._descriptions[here]) if here < len(self._descriptions) else []
        lines += [""] * (tall - len(lines))
        return [("", self._console.encodable("\n" + "\n".join(lines)))]

    def _lines(self, text: str) -> list[str]:
        return ["  " + line for line in wrap(text, width=self._console.width - 3)]


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
        self._console.answered(message, f"{first} (and {len(others)} more)" if others else first)
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
            bindings=[_keys(options)] if len(options) <= MANY else [],
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
            marked = frozenset(self._run(question, note, bindings=[_back_entry(question, len(options))]))
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
            typed = str(self._run(question, note, below=found, bindings=[_arrows(found)]))
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
            [*([application.key_bindings] if application.key_bindings else []), _leaving(), *bindings]
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
        titles = _titles(self._console, options)
        return [questionary.Choice(title, value=index, checked=index in marked) for index, title in enumerate(titles)]


def _titles(console: Console, options: Sequence[Option[Any]]) -> list[str]:
    """Return what stands for each option: label and hint side by side, or one under the other where it is narrow."""
    room = console.width - MARGIN
    labels = [fit(one_line(option.label), room) for option in options]
    widest = max((columns(label) for label, option in zip(labels, options, strict=True) if option.hint), default=0)
    titles = []
    for label, option in zip(labels, options, strict=True):
        hints = [one_line(line) for line in option.hint.splitlines()]
        beside = room - widest - 2
        if " ".join(hints) and beside >= min(ROOM_FOR_A_HINT, *map(columns, hints)):
            margin = "\n" + " " * (widest + 5)
            title = f"{pad(label, widest)}  {margin.join(_lines_of(hints, beside))}"
        else:
            below = [line for hint in hints for line in wrap(hint, width=room - 1)]
            title = "".join([label, *(f"\n{' ' * MARGIN}{line}" for line in below)])
        titles.append(console.encodable(title))
    return titles


def _lines_of(hints: Sequence[str], room: int) -> list[str]:
    """Put the lines of a hint on one line where it holds them."""
    whole = "   ".join(hints)
    return [whole] if columns(whole) <= room else [fit(hint, room) for hint in hints]


def _under(part: Note | Found[Any] | Described) -> Window:
    return Window(FormattedTextControl(part), dont_extend_height=True)


def _follow(question: Question, found: Found[Any], note: Note) -> None:
    def typed(buffer: Buffer) -> None:
        found.narrow(buffer.text)
        note.wrong = ""

    question.application.current_buffer.on_text_changed += typed


def _leaving() -> KeyBindings:
    bindings = KeyBindings()

    @bindings.add("s-tab", eager=True)
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=Back(event.app.current_buffer.text))

    @bindings.add("c-d", eager=True)
    def _(event: KeyPressEvent) -> None:
        if event.app.current_buffer.text:
            event.app.current_buffer.delete()
        else:
            event.app.exit(exception=EOFError)

    return bindings


def _keys(options: Sequence[Option[Any]]) -> KeyBindings:
    """Let a letter take an entry."""
    bindings = KeyBindings()

    def taking(index: int) -> Callable[[KeyPressEvent], None]:
        return lambda event: event.app.exit(result=index)

    for index, option in enumerate(options):
        if option.key:
            bindings.add(option.key, eager=True)(taking(index))
    return bindings


def _back_entry(question: Question, index: int) -> KeyBindings:
    """Let Enter and space on the last entry of a list with marks go back."""
    bindings = KeyBindings()
    there = Condition(lambda: _pointed(question) == index)

    @bindings.add("enter", eager=True, filter=there)
    @bindings.add("space", eager=True, filter=there)
    def _(event: KeyPressEvent) -> None:
        event.app.exit(exception=Back())

    return bindings


def _pointed(question: Question) -> int:
    """Return which entry of a list the pointer is at."""
    controls = question.application.layout.find_all_controls()
    value: Any = next(one.get_pointed_at().value for one in controls if isinstance(one, InquirerControl))
    return int(value)


def _arrows(found: Found[Any]) -> KeyBindings:
    bindings = KeyBindings()

    @bindings.add("up", eager=True)
    @bindings.add("c-p", eager=True)
    def _(event: KeyPressEvent) -> None:
        del event
        found.move(-1)

    @bindings.add("down", eager=True)
    @bindings.add("c-n", eager=True)
    def _(event: KeyPressEvent) -> None:
        del event
        found.move(1)

    return bindings
