"""What is shown while GitHub is waited for."""

from __future__ import annotations

from io import StringIO

from scaffolder.cli.console import Console
from scaffolder.cli.progress import countdown
from scaffolder.gateways.github.limits import Wait

REASON = "github.com takes no more requests for now"


class Terminal(StringIO):
    """A stream that a person looks at."""

    def isatty(self) -> bool:
        return True


def shown(stream: StringIO) -> str:
    watch = countdown(Console(StringIO(), stream, {"TERM": "xterm", "COLUMNS": "80", "NO_COLOR": "1"}))
    for seconds in (2.0, 1.0, 0.0, 61.0, 60.0, 0.0):
        watch(Wait(seconds, REASON))
    return stream.getvalue()


def test_a_terminal_counts_down_on_one_line() -> None:
    text = shown(Terminal())

    assert [line.strip() for line in text.split("\r") if line.strip()] == [
        f"{REASON}: again in {seconds} s" for seconds in (2, 1, 61, 60)
    ]
    assert "\n" not in text
    assert text.endswith(" \r")  # nothing stays in sight


def test_elsewhere_it_is_said_once_each_time() -> None:
    assert shown(StringIO()).splitlines() == [f"{REASON}: waiting 2 s", f"{REASON}: waiting 61 s"]
