"""
Questions to a person.

One small interface, spoken by two: `prompt_terminal` moves the cursor; `prompt_plain` prints numbered lists and reads
lines, for a terminal that cannot, a screen reader, or a log. Questions go to stderr, so stdout holds results only.

Every question may raise `Back`, KeyboardInterrupt and `InputEnded`; none returns an answer its check refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TextIO, TypeVar

from scaffolder.errors import Interrupted, InvalidInput, did_you_mean

if TYPE_CHECKING:
    from scaffolder.cli.console import Console

T = TypeVar("T")

Check = Callable[[str], str]
"""'' or what is wrong with an answer, in words."""

BACK = "← Back"
SHOWN_AT_ONCE = 8
LONGEST_ANSWER = 10_000


class Back(Exception):  # noqa: N818  # not an error: the person wants the question before this one
    """The person goes back; `typed` is what stood there, to be the default when they return."""

    def __init__(self, typed: str = "") -> None:
        super().__init__()
        self.typed = typed


class InputEnded(Interrupted):
    """There is nobody to answer any more."""

    def __init__(self) -> None:
        super().__init__("the input ended before the last question", hint="scaffolder new --continue takes it up again")


class NotATerminal(InvalidInput):
    """Questions need somebody to answer them."""

    def __init__(self) -> None:
        super().__init__(
            "this is not a terminal, so nothing can be asked",
            hint="give the answers as options or with --answers FILE, and --no-input",
        )


@dataclass(frozen=True, slots=True)
class Option(Generic[T]):
    """
    One entry of a list.

    `hint` stands beside the label or under it, and may have two lines; `description` is shown for the entry being
    looked at; `key` is a letter that takes the entry.
    """

    value: T
    label: str
    hint: str = ""
    description: str = ""
    key: str = ""


class Candidates(Generic[T]):
    """
    What `find` may answer.

    `extras` stay in sight whatever is typed. What is not in the list is refused, unless `other` makes a value of it.
    `called` says what there is to search, and `also` what else may be typed.
    """

    def __init__(
        self,
        options: Sequence[Option[T]],
        *,
        extras: Sequence[Option[T]] = (),
        other: Callable[[str], T | None] | None = None,
        called: str = "",
        also: str = "",
    ) -> None:
        self.extras = extras
        self._called = called or f"{len(options):,}"
        self._also = also
        self._options = options
        self._other = other
        self._by_label = {option.label.lower(): option for option in reversed((*options, *extras))}
        self._texts = [(option.label.lower(), f"{option.label} {option.hint}".lower()) for option in options]

    @property
    def in_sight(self) -> bool:
        """Whether all of them can be shown at once."""
        return len(self._options) <= SHOWN_AT_ONCE

    @property
    def search(self) -> str:
        """How one is found by typing; '' where there is nothing to say."""
        if self.in_sight:
            choosing = "choose one, or " if self._options else ""
            return f"{choosing}type {self._also}" if self._also else ""
        return f"type to search {self._called}" + (f", or {self._also}" if self._also else "")

    def matches(self, typed: str, *, limit: int = SHOWN_AT_ONCE) -> list[Option[T]]:
        """Return the options that have every typed word; labels that begin with it come first, then labels."""
        words = typed.lower().split()
        phrase = " ".join(words)
        found: tuple[list[Option[T]], ...] = ([], [], [])
        for option, (label, text) in zip(self._options, self._texts, strict=True):
            if all(word in text for word in words):
                found[0 if label.startswith(phrase) else 1 if phrase in label else 2].append(option)
        return [option for group in found for option in group][:limit]

    def labelled(self, label: str) -> Option[T] | None:
        """Return the option of that very label."""
        return self._by_label.get(label.strip().lower())

    def named(self, typed: str) -> tuple[T, str] | None:
        """Return value and label of the option whose very label was typed, or of what `other` makes of it."""
        option = self.labelled(typed)
        if option:
            return option.value, option.label
        made = self._other(typed.strip()) if self._other and typed.strip() else None
        return None if made is None else (made, typed.strip())

    def refusal(self, typed: str) -> str:
        """Say that nothing of that name is here, and what is near."""
        if not typed.strip():
            return "type a part of a name, or choose one of the list"
        near = did_you_mean(typed.strip(), (option.label for option in self._options))
        return f"{typed.strip()} is not in the list{f': {near}' if near else ''}"


class Prompter(Protocol):
    """Asks; each `default` is what Enter takes. A `plain` one reads lines: there are no keys but Enter."""

    plain: bool

    def tell(self, text: str) -> None:
        """Say something of the last answer."""

    def text(self, message: str, *, default: str = "", check: Check | None = None, help_text: str = "") -> str:
        """Ask for one line, without surrounding space."""

    def secret(self, message: str, *, check: Check | None = None, help_text: str = "") -> str:
        """Ask for one line that is never shown."""

    def multiline(self, message: str, *, default: str = "", check: Check | None = None, help_text: str = "") -> str:
        """Ask for several lines."""

    def confirm(self, message: str, *, default: bool = True, help_text: str = "") -> bool:
        """Ask yes or no."""

    def choose(
        self,
        message: str,
        options: Sequence[Option[T]],
        *,
        default: T | None = None,
        back: bool = False,
        help_text: str = "",
    ) -> T:
        """Ask for one of a few; `back` adds an entry that goes back."""

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

    def find(
        self, message: str, candidates: Candidates[T], *, default: str = "", back: bool = False, help_text: str = ""
    ) -> T:
        """
        Ask for one of thousands, by typing a part of its label or hint.

        `default` is a label, or what was typed before.
        """


def prompter(console: Console, stdin: TextIO) -> Prompter:
    """
    Return who asks on this terminal.

    Raises:
        NotATerminal: Nobody is there to be asked.
    """
    if not stdin.isatty():
        raise NotATerminal
    if console.environ.get("TERM", "") in {"", "dumb", "unknown"} or not console.talks_to_a_person:
        from scaffolder.cli.prompt_plain import PlainPrompter

        return PlainPrompter(console, stdin)
    from scaffolder.cli.prompt_terminal import TerminalPrompter

    return TerminalPrompter(console, stdin)


def wrong_with(text: str, check: Check | None) -> str:
    """Return '' or what is wrong with a typed answer."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "this has characters that are not UTF-8: set a UTF-8 locale, or leave them out"
    if len(text) > LONGEST_ANSWER:
        return f"this is longer than {LONGEST_ANSWER:,} characters"
    return check(text) if check else ""


def default_index(options: Iterable[Option[T]], default: T | None) -> int:
    """Return where the default stands, or 0."""
    return next((index for index, option in enumerate(options) if option.value == default), 0)
