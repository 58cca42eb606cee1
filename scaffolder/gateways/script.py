"""
Runs a program that a template brings, once a person has allowed it.

It has the rights of the person, and no more from us: an environment without tokens, no terminal, a time that ends. What
it starts and leaves running is ended with it.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scaffolder.errors import Failed
from scaffolder.gateways.keeper import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

SECONDS: Final = 900.0
"""How long a script may take: some install what the project needs."""
MOST_LINES: Final = 200
"""What a script prints beyond this is not passed on."""
LONGEST_LINE: Final = 2_000
READS: Final = 16
"""How often in a row it is read: who prints faster than we read would keep us from looking at the time."""

_KEPT = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|TERM|TZ|LANG|LANGUAGE|LC_[A-Z]+"  # who and where the person is
    r"|XDG_(?:CONFIG|DATA|STATE|CACHE)_HOME"
    r"|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE"  # how the network is reached
    r"|(?:[Hh][Tt][Tt][Pp][Ss]?|[Aa][Ll][Ll]|[Nn][Oo])_[Pp][Rr][Oo][Xx][Yy]"
    r"|GIT_(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL)|GIT_CONFIG_(?:GLOBAL|NOSYSTEM)"  # git's identity
    r"|VIRTUAL_ENV|PYENV_ROOT|PYENV_VERSION|NVM_DIR|JAVA_HOME|GOPATH|CARGO_HOME|RUSTUP_HOME"  # which tools are found
)
_CREDENTIALS = re.compile(r"://[^/\s]*@")


@dataclass(frozen=True, slots=True)
class Ran:
    """How a script ended: its exit status, negative for a signal, and the last lines it printed."""

    status: int
    last: tuple[str, ...]


class ScriptStalled(Failed):
    """A script did not end in time."""

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(
            f"{name} did not end within {seconds:g} s and was stopped", hint="go on without it: --no-hooks"
        )


class ScriptNotStarted(Failed):
    """The system refused to start a script."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} cannot be started: {reason}", hint="tell the template's owner, or use --no-hooks")


def environment(environ: Mapping[str, str], *, temporary: Path) -> dict[str, str]:
    """Return what a template's code may know of the person's environment: nothing that is, or holds, a secret."""
    kept = {name: value for name, value in environ.items() if _KEPT.fullmatch(name) and not _CREDENTIALS.search(value)}
    return {**kept, "TMPDIR": str(temporary)}


def run_script(
    script: Path, *, name: str, cwd: Path, temporary: Path, tell: Callable[[str], None], seconds: float = SECONDS
) -> Ran:
    """
    Run a script to its end: Python by our own interpreter, anything else by what its first line names.

    `name` is how a person calls it; `tell` is given each line it prints.

    Raises:
        ScriptStalled: It did not end in time.
        ScriptNotStarted: The system does not know how to run it.
    """
    script.chmod(0o700)
    argv = [sys.executable, str(script)] if script.suffix == ".py" else [str(script)]
    env = environment(os.environ, temporary=temporary)
    out, printing = os.pipe()
    os.set_blocking(out, False)
    program = Kept(lambda: _begin(argv, cwd=cwd, env=env, printing=printing), output=printing)
    try:
        return _listen(program, out, _Heard(tell), name=name, seconds=seconds)
    finally:
        program.kill()
        os.close(out)


def _begin(argv: list[str], *, cwd: Path, env: dict[str, str], printing: int) -> int:
    """Start it, from the keeper: no shell; what is run was allowed by the person."""
    os.chdir(cwd)
    nothing = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    prints = [(os.POSIX_SPAWN_DUP2, printing, number) for number in (1, 2)]
    ignored = [signal.SIGPIPE, signal.SIGXFSZ]  # by Python, which others need not be
    return os.posix_spawn(argv[0], argv, env, file_actions=[nothing, *prints], setpgroup=0, setsigdef=ignored)


class _Heard:
    """Takes what a script prints, line by line."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._rest = b""
        self._count = 0
        self.last: list[str] = []

    def add(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line)
        if len(self._rest) > LONGEST_LINE:
            self.flush()

    def flush(self) -> None:
        if self._rest:
            self._line(self._rest)
        self._rest = b""

    def _line(self, data: bytes) -> None:
        text = data[:LONGEST_LINE].decode("utf-8", "replace").rstrip()
        if not text:
            return
        self.last = [*self.last[-9:], text]
        self._count += 1
        if self._count <= MOST_LINES:
            self._tell(text)
        elif self._count == MOST_LINES + 1:
            self._tell("… (it prints more)")


def _listen(program: Kept, out: int, heard: _Heard, *, name: str, seconds: float) -> Ran:
    """Pass on what it prints until it has ended, and all that it started."""
    deadline, waiting = time.monotonic() + seconds, [out, program.fileno()]
    while (left := deadline - time.monotonic()) > 0:
        ready, _, _ = select.select(waiting, [], [], left)
        if out in ready and _read(out, heard):
            waiting.remove(out)
        elif program.fileno() in ready:
            heard.flush()
            return Ran(_status(program, name), tuple(heard.last))
    raise ScriptStalled(name, seconds)


def _read(out: int, heard: _Heard) -> bool:
    """Take what is there, and of what is added meanwhile no more than a pipe holds; return whether it has an end."""
    with contextlib.suppress(BlockingIOError):
        for _ in range(READS):
            data = os.read(out, 65_536)
            if not data:
                return True
            heard.add(data)
    return False


def _status(program: Kept, name: str) -> int:
    import errno

    try:
        return program.status()
    except OSError as error:
        empty = "it may be empty, or have no first line such as #!/bin/sh"
        raise ScriptNotStarted(name, empty if error.errno == errno.ENOEXEC else error.strerror or str(error)) from error
