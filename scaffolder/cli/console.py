"""
Everything that is printed.

Results go to stdout, conversation to stderr. What a line says it says in words: colour and glyphs are added where the
terminal can show them, and nothing depends on them. Text that came from a catalog, a template or an answer may hold
control characters; none reaches the terminal.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Literal, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scaffolder.errors import ScaffolderError

USUAL_WIDTH = 80
WIDEST = 120  # longer lines are hard to read, however wide the terminal is
WIDEST_TREE = 4_096  # a path is copied, never cut
GAP = 2
NARROWEST_CELL = 10

Style = Literal["", "title", "dim", "good", "warn", "bad", "accent"]
STYLES: Mapping[Style, str] = {"title": "1", "dim": "2", "good": "32", "warn": "33", "bad": "31", "accent": "36"}

# What our own texts use, for an encoding that lacks it. Other people's characters become escapes.
ASCII = str.maketrans(
    {
        "✓": "ok",
        "✗": "x",
        "❯": ">",  # noqa: RUF001  # the character is the subject
        "←": "<-",
        "→": "->",
        "…": "...",
        "·": "-",
        "—": "-",
        "–": "-",  # noqa: RUF001  # the character is the subject
        "×": "x",  # noqa: RUF001  # the character is the subject
        "●": "*",
        "○": "o",
        "├": "|",
        "└": "`",
        "─": "-",
        "│": "|",
        "“": '"',
        "”": '"',
        "‘": "'",  # noqa: RUF001  # the character is the subject
        "’": "'",  # noqa: RUF001  # the character is the subject
    }
)

# C0 and C1 controls but for tab and newline, and the marks that reorder a line (Unicode TR 9).
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


_WORDS = re.compile(r"(\s*)(\S+)")


def clean(text: str) -> str:
    """Return `text` with each control character shown as a harmless escape; tabs and newlines stay."""
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def without_controls(text: str) -> str:
    """Return `text` as it should be kept: nothing in it is meant for a terminal."""
    return _UNSAFE.sub("", text)


def one_line(text: str) -> str:
    """Return `text` cleaned and on one line."""
    return clean(" ".join(text.split()))


def columns(text: str) -> int:
    """Return how many columns a terminal needs for `text`."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, width: int) -> str:
    """Return `text` cut to `width` columns, with `…` where something is missing."""
    if columns(text) <= width:
        return text
    kept = ""
    for character in text:
        if columns(kept + character) >= width:
            break
        kept += character
    return kept.rstrip() + "…" if width > 0 else ""


def pad(text: str, width: int) -> str:
    """Return `text` filled with spaces to `width` columns."""
    return text + " " * max(0, width - columns(text))


def wrap(text: str, *, width: int, indent: int = 0) -> list[str]:
    """
    Return the lines of `text`, each at most `width` columns; all but the first are indented. Gaps stay as they are.

    A word that is longer than a line is left whole: it is a path, a link or a ref, and will be copied.
    """
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        line = "" if not lines else " " * indent
        empty = True
        for gap, word in _WORDS.findall(paragraph):
            if not empty and columns(line) + len(gap) + columns(word) > width:
                lines.append(line)
                line, empty = " " * indent, True
            line += word if empty else gap + word
            empty = False
        lines.append(line.rstrip())
    return lines


@dataclass(frozen=True, slots=True)
class Console:
    """Two streams, and what the person's terminal can do."""

    stdout: TextIO
    stderr: TextIO
    environ: Mapping[str, str]

    @property
    def width(self) -> int:
        """Columns to fill: the terminal's, whichever stream is one."""
        wanted = self.environ.get("COLUMNS", "")
        if wanted.isdecimal() and int(wanted) > 0:
            return min(int(wanted), WIDEST)
        for stream in (self.stdout, self.stderr):
            try:
                found = os.get_terminal_size(stream.fileno()).columns
            except (OSError, ValueError):
                continue
            return min(found or USUAL_WIDTH, WIDEST)
        return USUAL_WIDTH

    @property
    def talks_to_a_person(self) -> bool:
        """Tell whether somebody can see the conversation."""
        return self.stderr.isatty()

    def glyph(self, glyph: str) -> str:
        """Return `glyph`, or the ASCII that stands for it where the terminal cannot show it."""
        return self.encodable(glyph)

    def encodable(self, text: str) -> str:
        """Return `text` as the conversation's encoding can show it."""
        return _encodable(text, self.stderr)

    def result(self, text: str = "", *, style: Style = "") -> None:
        """Print a result: what the command was asked for."""
        self.stdout.write(self._styled(text, style, self.stdout) + "\n")

    def json(self, value: object) -> None:
        """Print one JSON value on one line; ASCII, so that every encoding and terminal takes it."""
        self.stdout.write(json.dumps(value, separators=(", ", ": ")) + "\n")

    def say(self, text: str = "", *, style: Style = "") -> None:
        """Print conversation. Work goes on when nobody listens any more."""
        try:
            self.stderr.write(self._styled(text, style, self.stderr) + "\n")
            self.stderr.flush()
        except (BrokenPipeError, ValueError):
            return

    def tell(self, text: str, *, indent: int = 0, hang: int = 0, style: Style = "") -> None:
        """Print conversation wrapped to the terminal, every line indented, those after the first by `hang` more."""
        margin = " " * indent
        for line in wrap(text, width=self.width - indent, indent=hang):
            self.say(margin + line if line else "", style=style)

    def passing(self, text: str = "") -> None:
        """Show how far something is, on a line that the next thing printed takes the place of; nothing clears it."""
        if self.talks_to_a_person:
            shown = fit(one_line(self.encodable(text)), self.width - 1)
            self.stderr.write(f"\r{pad(shown, self.width - 1)}\r")
            self.stderr.flush()

    def answered(self, question: str, answer: str) -> None:
        """Leave a question and its answer in sight: on one line, or the answer below."""
        asked, given = f"? {one_line(question)}", one_line(answer)
        if columns(asked) + GAP + columns(given) <= self.width:
            self.say(f"{asked}  {given}".rstrip())
        else:
            self.tell(asked)
            self.tell(given, indent=4)

    def table(self, rows: Sequence[Sequence[str]], *, header: Sequence[str] = ()) -> None:
        """
        Print rows in columns.

        On a terminal the widest columns but the first are cut to fit; where even that would leave too little, each
        row becomes a short paragraph. Elsewhere nothing is cut.
        """
        cells = [[one_line(cell) for cell in row] for row in ([header, *rows] if header else rows)]
        if not cells:
            return
        widths = [max(columns(row[index]) for row in cells) for index in range(len(cells[0]))]
        if self.stdout.isatty() and not _shrink(widths, self.width):
            self._paragraphs(cells[1:] if header else cells)
            return
        for number, row in enumerate(cells):
            line = (" " * GAP).join(pad(fit(cell, width), width) for cell, width in zip(row, widths, strict=True))
            self.result(line.rstrip(), style="dim" if header and number == 0 else "")

    def _paragraphs(self, rows: Iterable[Sequence[str]]) -> None:
        for first, *others in rows:
            self.result(first)
            for cell in filter(None, others):
                for line in wrap(cell, width=self.width - GAP):
                    self.result(" " * GAP + line)

    def fields(self, pairs: Sequence[tuple[str, str]], *, indent: int = 0) -> None:
        """Print `name     text` lines, the text wrapped under itself; pairs without text are left out."""
        for line in _fields(pairs, indent=indent, width=self.width if self.stdout.isatty() else 0):
            self.result(line)

    def tell_fields(self, pairs: Sequence[tuple[str, str]], *, indent: int = 0) -> None:
        """Print such lines as conversation."""
        for line in _fields(pairs, indent=indent, width=self.width):
            self.say(line)

    def tree(self, paths: Iterable[str], *, to_stdout: bool = False) -> None:
        """Print paths as a tree."""
        for line in tree_lines(paths):
            if to_stdout:
                self.result(line)
            else:
                self.say(line)

    def error(self, error: ScaffolderError) -> None:
        """Print what went wrong and the way out."""
        self.say(f"error: {error.message}", style="bad")
        for detail in error.details:
            self.say(f"  {detail}")
        if error.hint:
            self.say(f"hint: {error.hint}")

    def interrupted(self, error: ScaffolderError) -> None:
        """Print how far it came and how to go on: pressing ctrl-c is no error. A command stands after a colon."""
        between = ": " if error.hint.startswith("scaffolder ") else ". "
        message = error.message[:1].upper() + error.message[1:]
        hint = error.hint if between == ": " else error.hint[:1].upper() + error.hint[1:]
        self.say()
        self.tell(f"{message}{between if hint else '.'}{hint}")

    def flush(self) -> None:
        """Hand everything to the operating system, which may refuse."""
        self.stdout.flush()

    def has_colour(self, stream: TextIO) -> bool:
        """Tell whether colour is wanted on `stream` (https://no-color.org)."""
        return stream.isatty() and not self.environ.get("NO_COLOR") and self.environ.get("TERM", "dumb") != "dumb"

    def _styled(self, text: str, style: Style, stream: TextIO) -> str:
        shown = _encodable(clean(text), stream)
        if not style or not shown or not self.has_colour(stream):
            return shown
        return f"\x1b[{STYLES[style]}m{shown}\x1b[0m"


def error_as_json(error: ScaffolderError) -> dict[str, object]:
    """Return an error as scripts read it."""
    message = "\n".join([error.message, *error.details])
    return {"code": error.code, "message": message, "hint": error.hint, "exitCode": error.exit_code}


def tree_lines(paths: Iterable[str]) -> list[str]:
    """Return the lines of a tree drawing of POSIX `paths`; a path that ends in `/` is an empty directory."""
    from rich.console import Console as Screen
    from rich.text import Text
    from rich.tree import Tree

    root = Tree("", hide_root=True)
    drawn = {"": root}
    for path in sorted(paths):
        parent = ""
        for part in path.rstrip("/").split("/"):
            here = f"{parent}/{part}"
            inner = here.lstrip("/") != path.rstrip("/")
            if here not in drawn:
                drawn[here] = drawn[parent].add(Text(one_line(part) + ("/" if inner else "")))
            parent = here
    screen = Screen(file=StringIO(), width=WIDEST_TREE, color_system=None)
    with screen.capture() as capture:
        screen.print(root)
    return [line.rstrip() for line in capture.get().splitlines()]


def _fields(pairs: Sequence[tuple[str, str]], *, indent: int, width: int) -> list[str]:
    shown = [(one_line(name), clean(text)) for name, text in pairs if text]
    column = max((columns(name) for name, _ in shown), default=0) + GAP
    room = max(width - indent, 1) if width else 0
    return [" " * indent + line for name, text in shown for line in _field(name, text, column=column, width=room)]


def _field(name: str, text: str, *, column: int, width: int) -> list[str]:
    if width and width - column < NARROWEST_CELL * 2:
        return [name, *(" " * GAP + line for line in wrap(text, width=width - GAP))]
    lines = wrap(text, width=width - column) if width else text.splitlines()
    return [pad(name, column) + lines[0], *(" " * column + line for line in lines[1:])]


def _shrink(widths: list[int], room: int) -> bool:
    """Make the columns after the first narrower until all fit; False when they cannot."""
    while sum(widths) + GAP * (len(widths) - 1) > room:
        widest = max(range(1, len(widths)), key=lambda index: widths[index], default=0)
        if widest == 0 or widths[widest] <= NARROWEST_CELL:
            return False
        widths[widest] -= 1
    return True


def _encodable(text: str, stream: TextIO) -> str:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(ASCII).encode(encoding, "backslashreplace").decode(encoding)
    return text
