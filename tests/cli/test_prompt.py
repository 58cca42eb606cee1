"""The questions, on a real pseudo-terminal."""

from __future__ import annotations

import io
import json
import re
import sys
from typing import TYPE_CHECKING

import pexpect
import pytest

from scaffolder.cli.console import Console
from scaffolder.cli.prompt import Back, Candidates, InputEnded, NotATerminal, Option, prompter
from scaffolder.cli.prompt_plain import PlainPrompter
from tests.cli import program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

UP, DOWN, SHIFT_TAB, CTRL_C, CTRL_D, CTRL_U = "\x1b[A", "\x1b[B", "\x1b[Z", "\x03", "\x04", "\x15"
ENTER = "\r"
ASKED = {
    "name": "A name for it?",
    "kept": "What will it do?",
    "secret": "Token?",
    "lines": "Describe it",
    "yes": "Make it?",
    "path": "Golden path",
    "many": "Which of them?",
    "team": "Which team will own it?",
}
COLOURED = re.compile(r"\x1b\[[\d;]*3[0-7]")


class Terminal:
    """A terminal in which the driver asks; its stdout goes to a file."""

    def __init__(self, directory: Path, *questions: str, width: int = 80, **environ: str) -> None:
        self._answers = directory / "answers.json"
        driver = f'exec "{sys.executable}" -m tests.cli.prompt_driver {" ".join(questions)} > "{self._answers}"'
        self.seen = io.StringIO()
        self.child: pexpect.spawn[str] = pexpect.spawn(
            "/bin/sh",
            ["-c", driver],
            env={**program.environment(TERM="xterm", PROMPT_TOOLKIT_NO_CPR="1"), **environ},
            encoding="utf-8",
            codec_errors="replace",
            dimensions=(24, width),
            timeout=10,
        )
        self.child.logfile_read = self.seen

    def expect(self, text: str) -> None:
        self.child.expect_exact(text)

    def send(self, *keys: str) -> None:
        for key in keys:
            self.child.send(key)

    def end(self) -> tuple[int | None, object]:
        self.child.expect(pexpect.EOF)
        self.child.close()
        text = self._answers.read_text()
        return self.child.exitstatus, json.loads(text) if text else None


def test_a_wrong_answer_is_told_at_once_and_can_be_mended(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "name")
    terminal.expect("A name for it?")
    terminal.send("page link", ENTER)
    terminal.expect("page link: a name has letters, digits, '-', '_' and '.'")
    terminal.send("\x7f" * 5, "-link", ENTER)

    assert terminal.end() == (0, ["page-link"])


def test_enter_takes_what_stands_there(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "kept", "second", "yes")
    terminal.expect("in your own words")
    terminal.send(ENTER)
    terminal.expect("python-service")
    terminal.send(ENTER)
    terminal.expect("Make it?")
    terminal.send(ENTER)

    assert terminal.end() == (0, ["Check links", "data-pipeline", True])


def test_shift_tab_goes_back_from_every_question(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, *ASKED)
    for words in ASKED.values():
        terminal.expect(words)
        terminal.send(SHIFT_TAB)

    assert terminal.end() == (0, [{"back": "Check links" if question == "kept" else ""} for question in ASKED])


def test_ctrl_c_leaves_every_question(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, *ASKED)
    for words in ASKED.values():
        terminal.expect(words)
        terminal.send(CTRL_C)

    assert terminal.end() == (0, ["ctrl-c"] * len(ASKED))


def test_going_back_keeps_what_was_typed_but_no_secret(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "name", "secret")
    terminal.expect("A name for it?")
    terminal.send("half a na", SHIFT_TAB)
    terminal.expect("Token?")
    terminal.send("hunter2", SHIFT_TAB)

    assert terminal.end() == (0, [{"back": "half a na"}, {"back": ""}])
    assert "hunter2" not in terminal.seen.getvalue()


def test_a_list_has_an_entry_that_goes_back(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "path")
    terminal.expect("← Back")
    terminal.send(UP, ENTER)

    assert terminal.end() == (0, [{"back": ""}])


def test_a_secret_leaves_nothing_on_the_screen(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "secret")
    terminal.expect("Token?")
    terminal.send("hunter2", ENTER)

    assert terminal.end() == (0, ["hunter2"])
    assert "hunter2" not in terminal.seen.getvalue()
    assert "? Token?  ********" in terminal.seen.getvalue()  # its length is no hint either


FOUND = {
    "group:default/team-1234": ["team-1234", ENTER],
    "group:default/team-1999": ["NUMBER 1999", ENTER],
    "group:default/team-0007": ["0007", ENTER],
    "group:default/team-0119": ["number 19", DOWN, ENTER],
    "group:default/team-0001": [DOWN, DOWN, ENTER],
    "unknown": [UP, ENTER],
}


def test_one_of_two_thousand_is_found_by_typing_a_part(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, *(["team"] * len(FOUND)))
    for keys in FOUND.values():
        terminal.expect("type to search 2,000")
        terminal.send(*keys)

    assert terminal.end() == (0, list(FOUND))


def test_what_is_not_in_the_list_is_refused(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "team")
    terminal.expect("type to search 2,000")
    terminal.send("taem-0042x", ENTER)
    terminal.expect("taem-0042x is not in the list: did you mean team-0042?")
    terminal.send(CTRL_U, ENTER)
    terminal.expect("type a part of a name, or choose one of the list")
    terminal.send("team-0042", ENTER)

    assert terminal.end() == (0, ["group:default/team-0042"])


def test_what_is_not_in_the_list_is_taken_where_it_may_be(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "free")
    terminal.expect("Which system?")
    terminal.send("billing", ENTER)

    assert terminal.end() == (0, ["new billing"])


def test_any_number_of_a_few(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "many")
    terminal.expect("space marks, Enter ends")
    terminal.send(ENTER)
    terminal.expect("choose one")
    terminal.send(DOWN, " ", ENTER)

    assert terminal.end() == (0, [["data-pipeline"]])


def test_what_leads_back_cannot_be_marked(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "marks")
    terminal.expect("space marks, Enter ends")
    terminal.send(UP, " ")

    assert terminal.end() == (0, [{"back": ""}])
    shown = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", terminal.seen.getvalue())
    assert re.search(r"○ data-pipeline", shown)
    assert not re.search(r"[○●] ← Back", shown)


def test_several_lines(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "lines")
    terminal.expect("Esc, then Enter")
    terminal.send("one", ENTER, "two", "\x1b", ENTER)

    terminal.expect("one (and 1 more line)")
    assert terminal.end() == (0, ["one\ntwo"])


def test_the_end_of_input_is_no_crash(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "name")
    terminal.expect("A name for it?")
    terminal.send(CTRL_D)
    terminal.expect("hint: scaffolder new --continue")

    assert terminal.end() == (130, None)


def test_forty_columns_wrap_at_words_and_cut_nothing_that_counts(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "name", "path", width=40)
    terminal.expect("A name for it?")
    terminal.send("page link watch", ENTER)
    terminal.expect("page link watch: a name has letters,\x1b")
    terminal.expect("digits, '-', '_' and '.'")
    terminal.send(SHIFT_TAB)
    terminal.expect("FastAPI service: tested,")  # under the label
    terminal.expect("made")  # to its end, on the lines it needs
    terminal.send(ENTER)

    assert terminal.end() == (0, [{"back": "page link watch"}, "python-service"])


def test_no_colour_where_none_is_wanted(tmp_path: Path) -> None:
    for no_color, coloured in (("1", False), ("", True)):
        terminal = Terminal(tmp_path, "path", NO_COLOR=no_color)
        terminal.expect("python-service")
        terminal.send(ENTER)
        terminal.end()
        assert bool(COLOURED.search(terminal.seen.getvalue())) is coloured


def test_ascii_where_the_encoding_has_no_more(tmp_path: Path) -> None:
    terminal = Terminal(
        tmp_path, "path", "many", PYTHONIOENCODING="ascii", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", LC_ALL="C"
    )
    terminal.expect("> ")
    terminal.expect("<- Back")
    terminal.send(DOWN, ENTER)
    terminal.expect("numbers with spaces between")
    terminal.send("1 2", ENTER)

    assert terminal.end() == (0, ["data-pipeline", ["python-service", "data-pipeline"]])
    assert terminal.seen.getvalue().isascii()


def test_a_dumb_terminal_gets_lines(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "name", "path", "team", "secret", "yes", TERM="dumb", width=40)
    terminal.expect("A name for it?")
    terminal.send("a b", ENTER)
    terminal.expect("a b: a name has letters, digits, '-',")
    terminal.send("back", ENTER)
    terminal.expect("2  data-pipeline")
    terminal.send("2", ENTER)
    terminal.expect("search\r\n  2,000")
    terminal.send("number 15", ENTER)
    terminal.expect("2  team-0115: Team Number 115")
    terminal.send("2", ENTER)
    terminal.expect("Token?\r\n> ")
    terminal.send("hunter2", ENTER)
    terminal.expect("Make it? (yes or no) [yes]")
    terminal.send("n", ENTER)

    assert terminal.end() == (0, [{"back": ""}, "data-pipeline", "group:default/team-0115", "hunter2", False])
    assert "hunter2" not in terminal.seen.getvalue()
    assert "\x1b" not in terminal.seen.getvalue()


def test_ctrl_c_and_the_end_of_input_on_a_dumb_terminal(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "name", "name", TERM="dumb")
    terminal.expect("> ")
    terminal.send(CTRL_C)
    terminal.expect("> ")
    terminal.send(CTRL_D)
    terminal.expect("the input ended")

    assert terminal.end() == (130, None)


def test_without_a_terminal_nothing_is_asked() -> None:
    with pytest.raises(NotATerminal) as raised:
        prompter(Console(io.StringIO(), io.StringIO(), {"TERM": "xterm"}), io.StringIO("y\n"))

    assert raised.value.exit_code == 2
    assert "--no-input" in raised.value.hint


FEW = [Option(1, "one", "the first", "of all"), Option(2, "two"), Option(3, "three")]


def plain(typed: str) -> PlainPrompter:
    return PlainPrompter(Console(io.StringIO(), io.StringIO(), {}), io.StringIO(typed))


@pytest.mark.parametrize(
    ("typed", "ask", "answer"),
    [
        ("\n", lambda ask: ask.text("?", default="kept"), "kept"),
        (" spaced \n", lambda ask: ask.text("?"), "spaced"),
        ("maybe\nY\n", lambda ask: ask.confirm("?"), True),
        ("\n", lambda ask: ask.confirm("?", default=False), False),
        ("9\n0\n-1\ntwo\n", lambda ask: ask.choose("?", FEW), 2),
        ("\n", lambda ask: ask.choose("?", FEW, default=3), 3),
        ("\n", lambda ask: ask.choose_many("?", FEW, default=[1, 3]), [1, 3]),
        ("-\n", lambda ask: ask.choose_many("?", FEW, default=[1, 3]), []),
        ("7\n3, 1\n", lambda ask: ask.choose_many("?", FEW), [1, 3]),
        ("one\n", lambda ask: ask.find("?", Candidates(FEW)), 1),
        ("\nx\nfirst\n1\n", lambda ask: ask.find("?", Candidates(FEW)), 1),
        ("\n", lambda ask: ask.find("?", Candidates(FEW), default="two"), 2),
        ("four\n", lambda ask: ask.find("?", Candidates(FEW, other=len)), 4),
        ("a\n\nb\n.\n", lambda ask: ask.multiline("?"), "a\n\nb"),
        (".\n", lambda ask: ask.multiline("?", default="kept"), "kept"),
    ],
)
def test_plain_answers(typed: str, ask: Callable[[PlainPrompter], object], answer: object) -> None:
    assert ask(plain(typed)) == answer


@pytest.mark.parametrize("typed", ["<\n", "back\n", "BACK\n"])
def test_plain_back(typed: str) -> None:
    with pytest.raises(Back):
        plain(typed).choose("?", FEW, back=True)


def test_plain_end_of_input() -> None:
    with pytest.raises(InputEnded):
        plain("a b").text("?", check=lambda text: "no space" if " " in text else "")


def test_an_answer_that_is_not_utf8_is_refused() -> None:
    asking = plain("caf\udce9\ncafe\n")

    assert asking.text("?") == "cafe"
