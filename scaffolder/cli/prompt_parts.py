"""What stands under a question on a terminal: what helps or is wrong, what was found, what an entry is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from questionary.constants import INDICATOR_UNSELECTED
from questionary.prompts.common import InquirerControl

from scaffolder.cli.console import columns, fit, one_line, pad, wrap
from scaffolder.cli.prompt import BACK, SHOWN_AT_ONCE, Back, Candidates, Option
from scaffolder.cli.prompt_keys import pointed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from questionary.question import Question

    from scaffolder.cli.console import Console

T = TypeVar("T")

POINTER: Final = "\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}"
GOING_BACK: Final[Option[Any]] = Option(None, BACK)
UNMARKED: Final = f"{INDICATOR_UNSELECTED} "
ROOM_FOR_A_HINT: Final = 30
MARGIN: Final = 6  # pointer, mark of a checkbox, and the last column, which some terminals wrap


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
        for number, title in enumerate(titles_of(self._console, self._shown)):
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
        here = pointed(self._question)
        lines = self._lines(self._descriptions[here]) if here < len(self._descriptions) else []
        lines += [""] * (tall - len(lines))
        return [("", self._console.encodable("\n" + "\n".join(lines)))]

    def _lines(self, text: str) -> list[str]:
        return ["  " + line for line in wrap(text, width=self._console.width - 3)]


def without_last_mark(question: Question) -> None:
    """Show the last entry of a list with marks, which leads back, without one: it cannot be marked."""
    [control] = [one for one in question.application.layout.find_all_controls() if isinstance(one, InquirerControl)]
    marked = cast("Callable[[], StyleAndTextTuples]", control.text)

    def shown() -> StyleAndTextTuples:
        tokens = list(marked())
        last = max(number for number, (_style, text, *_) in enumerate(tokens) if text == UNMARKED)
        tokens[last] = ("", " " * columns(UNMARKED))
        return tokens

    control.text = shown


def titles_of(console: Console, options: Sequence[Option[Any]]) -> list[str]:
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
