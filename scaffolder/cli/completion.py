"""`scaffolder completion`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from scaffolder.cli.main import Session

PROGRAM = "scaffolder"
VARIABLE = "_SCAFFOLDER_COMPLETE"

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, *, shell: str) -> int:
    """
    Print a completion script for your shell.

    \b
    bash  echo 'eval "$(scaffolder completion bash)"' >> ~/.bashrc
    zsh   echo 'eval "$(scaffolder completion zsh)"' >> ~/.zshrc
    fish  scaffolder completion fish > ~/.config/fish/completions/scaffolder.fish
    """  # noqa: D301  # \b is click's mark for lines that stay as they are
    session: Session = context.obj
    session.console.result(script(context.find_root().command, shell))
    return 0


def script(command: click.Command, shell: str) -> str:
    """Return click's own script for a shell."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise click.BadParameter(shell)
    # not `source()`, which starts bash to look at its version, and prints
    made = kind(command, {}, PROGRAM, VARIABLE)
    return made.source_template % made.source_vars()
