"""
`scaffolder`, and `python -m scaffolder`.

The version and the list of commands are answered before click is imported: bare Python starts in a third of the time
that click alone takes to load, and these two are what shells, scripts and people ask for most.
"""

from __future__ import annotations

import gc
import os
import sys

FEWER_COLLECTIONS = 50_000
"""A command lives for a second and keeps nearly all it makes: looking for garbage every 700 objects finds none."""


def main() -> int:
    """Answer at once what needs no command, else run the command line."""
    _open_what_is_closed()
    try:
        text = _known_at_once(sys.argv[1:])
        if text:
            return _print(text)
        gc.set_threshold(FEWER_COLLECTIONS)
        from scaffolder.cli.main import main as run

        return run(sys.argv[1:])
    except KeyboardInterrupt:
        return 130
    finally:
        gc.freeze()  # the interpreter looks for garbage once more before it ends, though all memory is about to go


def _open_what_is_closed() -> None:
    """Let nothing be read or written where who started us has closed a stream: the next file would have its number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115 - as long as the process


def _known_at_once(arguments: list[str]) -> str:
    if arguments == ["--version"]:
        from scaffolder import __version__

        return f"scaffolder {__version__}\n"
    # a shell that completes a word runs us without arguments, too
    if arguments in (["--help"], ["-h"]) or (not arguments and "_SCAFFOLDER_COMPLETE" not in os.environ):
        from scaffolder.cli.commands import terminal_width, top_level_help

        return top_level_help(terminal_width(sys.stdout))
    return ""


def _print(text: str) -> int:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError:  # nobody listens, or the disk is full
        sys.stdout = None  # else the interpreter flushes it again, and complains
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
