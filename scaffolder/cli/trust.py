"""May a template run its own code on this machine? Asked once, before anything else, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from scaffolder.cli.console import clean, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from scaffolder.cli.console import Console
    from scaffolder.cli.prompt import Option, Prompter
    from scaffolder.template.trust import Wanted

TRUST: Final = "trust:its own code"
"""The question's name in the wizard."""
SHOWN: Final = {"all": "is run", "extensions": "is run, but for hooks", "none": "is left out"}
LEAVE: Final = "leave"
SHOW: Final = "show"
RIGHTS: Final = "It would have your rights: it can read and change your files, and use the network."
MAY_IT: Final = "May it?"
EDGE: Final = "  │ "


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the two options that answer beforehand."""
    trust = click.option("--trust", is_flag=True, help="Let the template run its code, and have a token it asks for.")
    no_hooks = click.option("--no-hooks", is_flag=True, help="Go on without the hooks of the template.")
    return trust(no_hooks(command))


def ask(
    console: Console, prompts: Prompter, wanted: Wanted, code: Callable[[], Mapping[str, str]], *, back: bool = False
) -> str:
    """Say what a template wants to run and whose that is; return a word of `WORDS`, or LEAVE. `code` are its texts."""
    console.say()
    console.tell("The template wants to run its own code on this machine:", indent=2, style="warn")
    for line in wanted.lines():
        console.tell(one_line(line), indent=4, hang=2)
    console.tell(one_line(f"from {wanted.source} {wanted.version}".rstrip()), indent=2, hang=2)
    console.tell(RIGHTS, indent=2, style="dim")
    while (word := prompts.choose(MAY_IT, _ways(wanted), back=back)) == SHOW:
        show(code(), width=console.width, say=console.say)
    return word


def _ways(wanted: Wanted) -> list[Option[str]]:
    from scaffolder.cli.prompt import Option

    without = "the files may lack what the hooks would do" if wanted.hooks else "it stops where they are needed"
    return [
        Option("none", "No, go on without", hint=without),
        Option("all", "Yes, run it", hint="in a private directory, before anything is placed"),
        Option(SHOW, "Show it to me first", hint="as it stands in the template", key="s"),
        Option(LEAVE, "Stop here", hint="nothing is made"),
    ]


def show(code: Mapping[str, str], *, width: int, say: Callable[[str], None]) -> None:
    """Print texts, each below its name, so that nothing of them is hidden and none can be taken for our own words."""
    for name, text in code.items():
        say("")
        say(f"  {one_line(name)}")
        for line in text.expandtabs(4).splitlines():
            for piece in _pieces(clean(line), width - len(EDGE) - 1):
                say(EDGE + piece)
    say("")


def _pieces(line: str, width: int) -> Iterator[str]:
    """Yield a line cut where the terminal ends."""
    for start in range(0, max(len(line), 1), max(width, 20)):
        yield line[start : start + max(width, 20)]
