"""What a form says in Markdown, read in a terminal."""

from __future__ import annotations

import pytest

from scaffolder.cli.unmarked import unmarked


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("what **everybody** should _know_", "what everybody should know"),
        ("**tl;dr;** a `code` word", "tl;dr; a code word"),
        ("see [the guide](https://a.example/x) first", "see the guide (https://a.example/x) first"),
        ("see [https://a.example](https://a.example)", "see https://a.example"),
        ("see [below](#names) or <https://a.example>", "see below or https://a.example"),
        ("# Names\n> lower case", "Names\nlower case"),
        ("***both***", "both"),
    ],
)
def test_markup_is_left_out(written: str, read: str) -> None:
    assert unmarked(written) == read


@pytest.mark.parametrize(
    "text", ["snake_case_name", "*.txt and *.md", "2 * 3 * 4", "__init__.py", "a_b and c_d", "[x] done", "- one\n- two"]
)
def test_what_is_no_markup_stays(text: str) -> None:
    assert unmarked(text) == text


def test_what_stands_in_code_stays() -> None:
    assert unmarked("`**/*.py` and ``a `b` c``") == "**/*.py and a `b` c"


@pytest.mark.parametrize("part", ["*", "_ a", "[", "`", "**a "])
def test_what_begins_often_and_never_ends_stays(part: str) -> None:
    assert unmarked(part * 5_000) == part * 5_000
