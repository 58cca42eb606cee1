"""
From arguments to an exit code.

Everything that goes wrong below comes up here, and only here becomes a message and an exit code: what a person can
act on is one message with its way out; ctrl-c is 130; anything else is a bug, whose traceback goes to a file.
"""

from __future__ import annotations

import errno
import importlib
import os
import re
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from scaffolder.cli.commands import COMMANDS, terminal_width, top_level_help
from scaffolder.cli.console import Console, error_as_json
from scaffolder.errors import Failed, Interrupted, InvalidInput, ScaffolderError, did_you_mean
from scaffolder.gateways import git_credentials

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.app import Scaffolder
    from scaffolder.gateways.home import Home
    from scaffolder.settings import Holding, Settings
    from scaffolder.template.user_config import UserConfig

PROGRAM = "scaffolder"
COMPLETION_VARIABLE = "_SCAFFOLDER_COMPLETE"

# An operating-system error with one of these is the machine's condition, not a mistake of ours.
MACHINE_TROUBLE = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENAMETOOLONG}
)


class UsageError(InvalidInput):
    """The command line cannot be understood."""


class MachineTrouble(Failed):
    """The operating system refused."""


class DirectoryGone(InvalidInput):
    """The directory that the person is in was removed."""

    def __init__(self) -> None:
        super().__init__("the directory you are in does not exist any more", hint="cd to one that does")


class UnexpectedError(Failed):
    """A bug."""


@dataclass
class Session:
    """What a command is given: where to print, and the use cases."""

    console: Console
    as_json: bool = False
    settings_file: Path | None = field(default=None)
    profile: str = ""

    def __post_init__(self) -> None:
        git_credentials.offer(lambda origin: self.app.token_for_git(origin))  # noqa: PLW0108  the app is made late

    @cached_property
    def holding(self) -> Holding:
        """Which settings hold here."""
        from scaffolder import settings

        return settings.find(Path.cwd(), explicit=self.settings_file, profile=self.profile, environ=os.environ)

    @cached_property
    def home(self) -> Home:
        """Where this person's state lives: each company's apart. What names no settings is told by who needs them."""
        from scaffolder.gateways.home import Home

        try:
            return Home.of_user(self.holding.profile)
        except ScaffolderError:
            return Home.of_user()

    @cached_property
    def settings(self) -> Settings:
        """The settings that hold here."""
        from scaffolder import settings

        return settings.held(self.holding, os.environ)

    @cached_property
    def app(self) -> Scaffolder:
        """The use cases."""
        from scaffolder.app import Scaffolder, Waiting
        from scaffolder.cli.progress import countdown

        return Scaffolder(
            self.settings,
            self.home,
            warn=lambda text: self.console.tell(text, style="warn"),
            waiting=Waiting(countdown(self.console)),
        )

    @cached_property
    def cookiecutter(self) -> UserConfig:
        """What the person has set for cookiecutter, read once."""
        if "app" in vars(self):
            return self.app.cookiecutter
        from scaffolder.template import user_config

        return user_config.read()

    def close(self) -> None:
        """Let go of what was used."""
        if "app" in vars(self):
            self.app.close()

    def begin_again(self) -> None:
        """Forget which settings hold: another company was joined, or its settings were read again."""
        self.close()
        for part in ("holding", "home", "settings", "app"):
            vars(self).pop(part, None)


class Commands(click.Group):
    """The top-level commands, each imported when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands, in the order of the help."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, attribute, _ = COMMANDS[cmd_name]
        return cast("click.Command", getattr(importlib.import_module(module), attribute))

    def get_help(self, ctx: click.Context) -> str:
        """Return the help, which is a text that needs no click."""
        del ctx
        return top_level_help(terminal_width(sys.stdout)).rstrip("\n")


def _version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:  # noqa: FBT001  # click's own form
    if wanted and not context.resilient_parsing:
        from scaffolder import __version__

        context.obj.console.result(f"{PROGRAM} {__version__}")
        context.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--settings", "settings_file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--profile", default="", metavar="NAME")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version)
@click.pass_obj
def command_line(session: Session, settings_file: Path | None, profile: str) -> None:
    """Say what all commands share."""
    session.settings_file = settings_file
    session.profile = profile


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a name in an odd encoding is shown, not a crash
    session = Session(Console(sys.stdout, sys.stderr, os.environ), as_json=_asks_for_json(arguments))
    try:
        return run(arguments, session)
    finally:
        session.close()


def run(arguments: Sequence[str], session: Session) -> int:
    """Run one command; every exception ends here."""
    try:
        code = _invoke(arguments, session)
        session.console.flush()
    except KeyboardInterrupt:
        session.console.say()
        return Interrupted.exit_code
    except BrokenPipeError:
        _stop_printing()
        return Failed.exit_code
    except Exception as error:  # noqa: BLE001  # the one place where a bug becomes a message and a log file
        return _report(_explain(error, arguments, session), session)
    return code


def _explain(error: Exception, arguments: Sequence[str], session: Session) -> ScaffolderError:
    if isinstance(error, ScaffolderError):
        return error
    if isinstance(error, click.ClickException):
        return _usage_error(error)
    if isinstance(error, FileNotFoundError) and not _is_somewhere():
        return DirectoryGone()
    if isinstance(error, OSError) and error.errno in MACHINE_TROUBLE:
        what = f"cannot use {error.filename}" if error.filename else "cannot write the output"
        return MachineTrouble(f"{what}: {error.strerror}", hint="scaffolder doctor checks this machine")
    return _bug(error, arguments, session)


def _is_somewhere() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _invoke(arguments: Sequence[str], session: Session) -> int:
    """
    Parse and run.

    Not click's own `main`: that one prints errors itself, and takes an end of input for a ctrl-c.
    """
    if COMPLETION_VARIABLE in session.console.environ:
        return _complete(session)
    try:
        with command_line.make_context(PROGRAM, list(arguments), obj=session) as context:
            return command_line.invoke(context) or 0
    except click.exceptions.Exit as finished:
        return finished.exit_code


def _report(error: ScaffolderError, session: Session) -> int:
    """Tell the person, and the program that reads stdout; return the exit code."""
    if session.profile:  # a task is known where it was begun
        error.hint = error.hint.replace(f"{PROGRAM} tasks", f"{PROGRAM} --profile {session.profile} tasks")
    if isinstance(error, Interrupted):
        session.console.interrupted(error)
    else:
        session.console.error(error)
    try:
        if session.as_json:
            session.console.json({"error": error_as_json(error)})
        session.console.flush()
    except OSError:
        _stop_printing()
    return error.exit_code


def _usage_error(error: click.ClickException) -> UsageError:
    """Say what click says, in our form: the nearest name first, then where to read on."""
    context = getattr(error, "ctx", None)
    read_on = f"{context.command_path if context else PROGRAM} --help"
    near = _nearest(error, context.command) if context else ""
    # the message without what newer versions of click add to it: their own nearest names
    message = error.message if near else error.format_message()
    return UsageError(_sentence(message), hint=f"{near} (see {read_on})" if near else f"see {read_on}")


def _nearest(error: click.ClickException, command: click.Command) -> str:
    if isinstance(error, click.NoSuchOption):
        options = [param for param in command.params if isinstance(param, click.Option)]
        return did_you_mean(error.option_name, [name for option in options for name in option.opts])
    unknown = re.search(r"'(.+)'", error.message)
    if isinstance(command, click.Group) and unknown:
        return did_you_mean(unknown[1], command.list_commands(click.Context(command)))
    return ""


def _sentence(message: str) -> str:
    text = message.rstrip(".")
    return text[:1].lower() + text[1:]


def _bug(error: Exception, arguments: Sequence[str], session: Session) -> ScaffolderError:
    from scaffolder.cli.crash import write_log

    place = write_log(error, arguments, session)
    hint = f"please report it with the file {place}" if place else "please report it"
    return UnexpectedError(f"unexpected {type(error).__name__}: {error}", hint=hint)


def _stop_printing() -> None:
    """Let the interpreter's last flush go nowhere: the reader has gone, or the disk is full."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _complete(session: Session) -> int:
    from click.shell_completion import shell_complete

    instruction = session.console.environ[COMPLETION_VARIABLE]
    return shell_complete(command_line, {"obj": session}, PROGRAM, COMPLETION_VARIABLE, instruction)


def _asks_for_json(arguments: Sequence[str]) -> bool:
    """Tell it from the words alone: an error of parsing must be told as JSON too."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options
