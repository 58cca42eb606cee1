from __future__ import annotations

import io
import json
import os
import pty

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.cli.console import Console, clean, columns, fit, one_line, pad, tree_lines, wrap
from scaffolder.errors import Conflict

ROWS = [
    ("component:default/link-checker-api", "service", "Checks links on published pages, and says which are broken"),
    ("component:default/shop", "website", "Sells stamps"),
]


class Screen(io.StringIO):
    """A terminal's stream, by its own account."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class AsciiScreen(Screen):
    encoding = "ascii"


def on_screen(width: int = 80, **environ: str) -> Console:
    return Console(Screen(), Screen(), {"TERM": "xterm", "COLUMNS": str(width), **environ})


def in_file() -> Console:
    return Console(io.StringIO(), io.StringIO(), {"COLUMNS": "40"})


def shown(console: Console) -> str:
    assert isinstance(console.stdout, io.StringIO)
    return console.stdout.getvalue()


def said(console: Console) -> str:
    assert isinstance(console.stderr, io.StringIO)
    return console.stderr.getvalue()


def test_results_and_conversation_are_kept_apart() -> None:
    console = in_file()
    console.result("result")
    console.say("conversation")

    assert (shown(console), said(console)) == ("result\n", "conversation\n")


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("over\rwritten", "over\\rwritten"),
        ("a\u202egnp.exe", "a\\u202egnp.exe"),
        ("one\ttwo\nthree ✓ é 漢", "one\ttwo\nthree ✓ é 漢"),
    ],
)
def test_control_characters_are_shown_and_not_obeyed(text: str, harmless: str) -> None:
    assert clean(text) == harmless


@given(st.text())
def test_nothing_that_is_printed_can_steer_the_terminal(text: str) -> None:
    console = on_screen(NO_COLOR="1")
    console.result(text)
    console.say(text)
    console.fields([("name", text)])
    console.table([(text, text)], header=("a", "b"))
    console.tree([f"d/{text}"])

    for character in shown(console) + said(console):
        assert character in "\n\t" or (character.isprintable() or ord(character) > 0x9F)


@pytest.mark.parametrize(("no_color", "term"), [("1", "xterm"), ("", "dumb")])
def test_no_colour_where_none_is_wanted(no_color: str, term: str) -> None:
    console = on_screen(NO_COLOR=no_color, TERM=term)
    console.say("bad", style="bad")
    console.result("title", style="title")

    assert said(console) + shown(console) == "bad\ntitle\n"


def test_colour_only_on_a_terminal() -> None:
    console, quiet = on_screen(), in_file()
    console.say("bad", style="bad")
    quiet.say("bad", style="bad")

    assert (said(console), said(quiet)) == ("\x1b[31mbad\x1b[0m\n", "bad\n")


def test_ascii_where_the_encoding_has_no_more() -> None:
    console = Console(AsciiScreen(), AsciiScreen(), {})
    console.result("✓ done… é 漢")

    assert shown(console) == "ok done... \\xe9 \\u6f22\n"
    assert console.glyph("❯") == ">"  # noqa: RUF001  # the character is the subject


def test_json_is_one_line_of_ascii() -> None:
    console = in_file()
    console.json({"name": "é\x1b\n"})

    assert shown(console).count("\n") == 1
    assert shown(console).isascii()
    assert json.loads(shown(console)) == {"name": "é\x1b\n"}


@pytest.mark.parametrize("width", [20, 40, 80])
def test_a_table_fits_the_terminal(width: int) -> None:
    console = on_screen(width, NO_COLOR="1")
    console.table(ROWS, header=("Entity", "Type", "Description"))

    lines = shown(console).splitlines()
    longest_word = len(ROWS[0][0])  # a ref is left whole: it will be copied
    assert max(len(line) for line in lines) <= max(width, longest_word)
    assert all(row[0] in shown(console) for row in ROWS)


def test_a_table_in_a_file_is_whole() -> None:
    console = in_file()
    console.table(ROWS, header=("Entity", "Type", "Description"))

    assert shown(console).splitlines() == [
        "Entity                              Type     Description",
        "component:default/link-checker-api  service  Checks links on published pages, and says which are broken",
        "component:default/shop              website  Sells stamps",
    ]


def test_a_table_of_nothing() -> None:
    console = in_file()
    console.table([])

    assert not shown(console)


def test_fields_hang_under_themselves() -> None:
    console = on_screen(40, NO_COLOR="1")
    console.fields([("owner", "the team that looks after the published pages"), ("docs", ""), ("type", "service")])

    assert shown(console).splitlines() == [
        "owner  the team that looks after the",
        "       published pages",
        "type   service",
    ]


def test_a_tree() -> None:
    assert tree_lines(["src/app/main.py", "src/app/api.py", "README.md", "docs/"]) == [
        "README.md",
        "docs",
        "src/",
        "└── app/",
        "    ├── api.py",
        "    └── main.py",
    ]


def test_an_error_says_the_way_out() -> None:
    console = in_file()
    console.error(Conflict("shop is taken", details=("by a", "by b"), hint="choose another"))

    assert said(console) == "error: shop is taken\n  by a\n  by b\nhint: choose another\n"


def test_an_answer_stays_in_sight_at_every_width() -> None:
    wide, narrow = on_screen(80), on_screen(30)
    for console in (wide, narrow):
        console.answered("What will it do?", "Check links of pages")

    assert said(wide) == "? What will it do?  Check links of pages\n"
    assert said(narrow) == "? What will it do?\n    Check links of pages\n"


def test_the_width_is_the_terminals() -> None:
    import termios

    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, 63))
    with os.fdopen(slave, "w", encoding="utf-8") as stream:
        assert Console(io.StringIO(), stream, {}).width == 63
    os.close(master)
    assert in_file().width == 40
    assert Console(io.StringIO(), io.StringIO(), {}).width == 80


def test_wide_characters_take_two_columns() -> None:
    assert (columns("漢字"), columns("é"), columns("e\u0301")) == (4, 1, 1)
    assert fit("漢字漢字", 5) == "漢字…"
    assert pad("漢", 4) == "漢  "


@given(st.text(), st.integers(1, 40))
def test_what_is_cut_fits(text: str, width: int) -> None:
    assert columns(fit(one_line(text), width)) <= width


@given(st.text(alphabet="ab \n", max_size=200), st.integers(5, 40))
def test_wrapping_loses_no_word(text: str, width: int) -> None:
    lines = wrap(text, width=width, indent=2)

    assert " ".join(lines).split() == text.split()
    assert all(len(line) <= width or " " not in line.strip() for line in lines)
