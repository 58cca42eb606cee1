"""May a template's steps have the person's own token? Asked when it is known for which host, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scaffolder.cli.console import one_line
from scaffolder.cli.prompt import Option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.app.lending import Loan
    from scaffolder.cli.console import Console
    from scaffolder.cli.prompt import Prompter
    from scaffolder.template.source import Resolved

TOKEN: Final = "token"  # noqa: S105  a name
"""What the questions' names in the wizard begin with."""
GIVE: Final = "yes"
REFUSE: Final = "no"
LEAVE: Final = "leave"


def ask(console: Console, prompts: Prompter, loans: Sequence[Loan], resolved: Resolved) -> str:
    """Say which steps want a token, all for one host, and whose they are; return GIVE, REFUSE or LEAVE."""
    host = loans[0].host
    console.say()
    console.tell(one_line(f"Steps of the template want your token for {host}:"), indent=2, style="warn")
    for loan in loans:
        for step in loan.steps:
            console.tell(one_line(f"{step} has it as {loan.name}"), indent=4, hang=2)
    console.tell(one_line(f"from {resolved.place} {resolved.source.version}".rstrip()), indent=2, hang=2)
    console.tell(one_line(f"With it they can do on {host} whatever you can."), indent=2, style="dim")
    return prompts.choose(
        "Give it to them?",
        [
            Option(REFUSE, "No, go on without", hint="they find nothing in its place, and may fail"),
            Option(GIVE, "Yes, give it", hint="for this task; it is kept nowhere"),
            Option(LEAVE, "Stop here", hint="nothing is made"),
        ],
        back=True,
    )
