"""Questions as lines of text: for a dumb terminal, a screen reader, a log."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, TextIO, TypeVar

from scaffolder.cli.console import one_line
from scaffolder.cli.prompt import BACK, Back, Candidates, Check, InputEnded, Option, default_index, wrong_with

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scaffolder.cli.console import Console

T = TypeVar("T")

GOES_BACK = frozenset({"<", "back"})


class PlainPrompter:
    """Asks in lines; `<` goes back, and an empty line takes the default."""

    plain = True

    def __init__(self, console: Console, stdin: TextIO) -> None:
        self._console = console
        self._stdin = stdin

    def tell(self, text: str) -> None:
        """Say something of the last answer."""
        self._console.tell(one_line(text), indent=2, style="warn")

    def text(self, message: str, *, default: str = "", check: Check | None = None, help_text: str = "") -> str:
        """Ask for one line."""
        self._ask(message, default=default, help_text=help_text)
        while True:
            answer = self._line() or default
            wrong = wrong_with(answer, check)
            if not wrong:
                return answer
            self._complain(wrong)

    def secret(self, message: str, *, check: Check | None = None, help_text: str = "") -> str:
        """Ask for one line that is not echoed."""
        self._ask(message, help_text=help_text)
        while True:
            answer = self._hidden_line()
            wrong = wrong_with(answer, check)
            if not wrong:
                return answer
            self._complain(wrong)

    def multiline(self, message: str, *, default: str = "", check: Check | None = None, help_text: str = "") -> str:
        """Ask for lines up to one that holds a dot."""
        self._ask(message, help_text=help_text)
        self._console.tell("end with a line that holds only a dot", indent=2)
        if default:
            self._console.tell(f"a dot alone keeps: {default}", indent=2)
        while True:
            answer = self._lines() or default
            wrong = wrong_with(answer, check)
            if not wrong:
                return answer
            self._complain(wrong)

    def confirm(self, message: str, *, default: bool = True, help_text: str = "") -> bool:
        """Ask yes or no."""
        self._ask(f"{message} (yes or no)", default="yes" if default else "no", help_text=help_text)
        answers = {"": default, "y": True, "yes": True, "n": False, "no": False}
        while (answer := self._line().lower()) not in answers:
            self._complain("type yes or no")
        return answers[answer]

    def choose(
        self,
        message: str,
        options: Sequence[Option[T]],
        *,
        default: T | None = None,
        back: bool = False,
        help_text: str = "",
    ) -> T:
        """Ask for a number of a list."""
        self._ask(message, help_text=help_text)
        self._list(options, back=back)
        first = default_index(options, default)
        self._console.tell(f"a number, or Enter for {first + 1}:", indent=2)
        while True:
            answer = self._line()
            picked = _picked(answer, options) if answer else options[first]
            if picked:
                return picked.value
            self._complain(f"type a number from 1 to {len(options)}")

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
        """Ask for numbers of a list."""
        self._ask(message, help_text=help_text)
        self._list(options, back=back)
        standard = " ".join(str(index) for index, option in enumerate(options, 1) if option.value in default)
        self._console.tell(f"numbers with spaces between, - for none, or Enter for {standard or 'none'}:", indent=2)
        while True:
            words = (self._line() or standard).replace(",", " ").replace("-", " ").split()
            picked = [_picked(word, options) for word in words]
            chosen = [option.value for option in options if option in picked]
            wrong = f"type numbers from 1 to {len(options)}" if None in picked else check(chosen) if check else ""
            if not wrong:
                return chosen
            self._complain(wrong)

    def find(
        self, message: str, candidates: Candidates[T], *, default: str = "", back: bool = False, help_text: str = ""
    ) -> T:
        """Ask for a part of a name, and for a number where several have it."""
        search = candidates.search.replace("type to", "type a part of the name to")
        note = " · ".join(filter(None, [help_text, search]))
        self._ask(message, default=default, help_text=note)
        shown = [*(candidates.matches("") if candidates.in_sight else ()), *candidates.extras]
        self._list(shown, back=back)
        while True:
            answer = self._line() or default
            picked = _picked(answer, shown)
            taken = (picked.value, picked.label) if picked else candidates.named(answer)
            if taken:
                return taken[0]
            matches = candidates.matches(answer) if answer else []
            if matches:
                shown = [*matches, *candidates.extras]
                self._list(shown, back=back)
                self._console.tell("a number, or another part of the name:", indent=2)
            else:
                self._complain(candidates.refusal(answer))

    def _ask(self, message: str, *, default: str = "", help_text: str = "") -> None:
        self._console.say()
        self._console.tell(f"? {one_line(message)}{f' [{one_line(default)}]' if default else ''}")
        if help_text:
            self._console.tell(help_text, indent=2)

    def _list(self, options: Sequence[Option[T]], *, back: bool = False) -> None:
        for number, option in enumerate(options, 1):
            text = ": ".join(filter(None, [option.label, option.hint.replace("\n", " · ")]))
            self._console.tell(f"{number}  {one_line(text)}", indent=2)
            if option.description:
                self._console.tell(one_line(option.description), indent=5)
        if back:
            self._console.tell(f"<  {BACK.split()[-1]}", indent=2)

    def _complain(self, wrong: str) -> None:
        self._console.tell(wrong, indent=2, style="bad")

    def _line(self) -> str:
        self._console.stderr.write("> ")
        self._console.stderr.flush()
        line = self._stdin.readline()
        if not line:
            self._console.say()
            raise InputEnded
        if line.strip().lower() in GOES_BACK:
            raise Back
        return line.strip()

    def _lines(self) -> str:
        lines: list[str] = []
        while (line := self._stdin.readline()) and line.strip() != ".":
            if line.strip() == "<":
                raise Back("\n".join(lines))
            lines.append(line.rstrip("\r\n"))
        if not line:
            raise InputEnded
        return "\n".join(lines).strip()

    def _hidden_line(self) -> str:
        if not self._stdin.isatty():
            return self._line()
        try:
            line = getpass.getpass("> ", stream=self._console.stderr)
        except EOFError as ended:
            raise InputEnded from ended
        if line.strip() == "<":
            raise Back
        return line


def _picked(answer: str, options: Sequence[Option[T]]) -> Option[T] | None:
    if answer.isdecimal() and 1 <= int(answer) <= len(options):
        return options[int(answer) - 1]
    names = {answer.lower()}
    return next((option for option in options if names & {option.label.lower(), option.key or None}), None)
