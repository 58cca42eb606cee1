"""What something that takes its time looks like: a task's steps, a line each; a number that grows."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scaffolder.cli.console import columns, fit, one_line, pad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scaffolder.cli.console import Console, Style
    from scaffolder.gateways.github.limits import Wait, Watcher
    from scaffolder.task.bench import Event

TIME_WIDTH = 8
LONGEST_TEXT = 58


def show(console: Console, event: Event) -> None:
    """Print a line for what a person wants to know; the rest is in `tasks log`."""
    if event.kind == "finished":
        _line(console, "✓", event.text or event.step.name, f"{event.seconds:.1f} s", style="good")
    elif event.kind == "log":
        console.tell(one_line(event.text), indent=4, style="dim")
    elif event.kind == "undone" and event.text:
        _line(console, "✗", event.text, "left", style="warn")
    elif event.kind == "undone":
        _line(console, "←", f"taken back: {event.step.name}", "")


@contextmanager
def counted(console: Console, what: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """
    Say that something is read, and give what is told how much has come, of how much; nothing stays in sight.

    With `quiet`, nothing is said before the first number.
    """

    def told(number: int, total: int) -> None:
        console.passing(f"{number:,} of {total:,} {what}" if total else f"{number:,} {what}")

    if not quiet:
        console.passing("reading …")
    try:
        yield told
    finally:
        console.passing()


def countdown(console: Console) -> Watcher:
    """Return what shows how long GitHub is still waited for: on one line of a terminal; elsewhere it is said once."""
    said: set[str] = set()

    def watch(wait: Wait) -> None:
        if wait.seconds <= 0:
            said.discard(wait.reason)
            console.passing()
        elif console.talks_to_a_person:
            console.passing(f"{wait.reason}: again in {math.ceil(wait.seconds)} s")
        elif wait.reason not in said:
            said.add(wait.reason)
            console.tell(f"{wait.reason}: waiting {math.ceil(wait.seconds)} s", style="dim")

    return watch


def _line(console: Console, glyph: str, text: str, end: str, *, style: Style = "") -> None:
    room = min(console.width - TIME_WIDTH - columns(console.glyph(glyph)) - 4, LONGEST_TEXT)
    shown = f"  {glyph} {pad(fit(one_line(text), room), room)} {end:>{TIME_WIDTH}}"
    console.say(shown.rstrip(), style=style)
