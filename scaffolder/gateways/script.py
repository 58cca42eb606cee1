"""
Runs a program that a template brings, once a person has allowed it.

It has the rights of the person, and no more from us: an environment without tokens, no terminal, a time that ends. What
it starts and leaves running is ended with it.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scaffolder.errors import Failed

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping
    from pathlib import Path

SECONDS: Final = 900.0
"""How long a script may take: some install what the project needs."""
MOST_LINES: Final = 200
"""What a script prints beyond this is not passed on."""
LONGEST_LINE: Final = 2_000
LOOK_EVERY: Final = 0.25

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
    process = _started(argv, name=name, cwd=cwd, env=environment(os.environ, temporary=temporary))
    heard = _Heard(tell)
    ended = False
    try:
        ended = _listen(process, heard, time.monotonic() + seconds)
    finally:
        _end_all(process)
    if not ended:
        raise ScriptStalled(name, seconds)
    heard.flush()
    return Ran(process.returncode, tuple(heard.last))


def _started(argv: list[str], *, name: str, cwd: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    import errno
    import subprocess

    try:
        return subprocess.Popen(  # noqa: S603 - no shell; what is run was allowed by the person
            argv,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        empty = "it may be empty, or have no first line such as #!/bin/sh"
        raise ScriptNotStarted(name, empty if error.errno == errno.ENOEXEC else error.strerror or str(error)) from error


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


def _listen(process: subprocess.Popen[bytes], heard: _Heard, deadline: float) -> bool:
    """Read what it prints until it has ended; return whether that was in time. Its children may hold the pipe open."""
    assert process.stdout is not None  # noqa: S101 - it is piped
    out = process.stdout.fileno()
    os.set_blocking(out, False)
    with selectors.DefaultSelector() as waiting:
        waiting.register(out, selectors.EVENT_READ)
        while time.monotonic() < deadline:
            over = _is_over(process)
            closed = _read(out, heard) if waiting.select(0 if over else LOOK_EVERY) else False
            if over:
                return True
            if closed:
                waiting.unregister(out)
                while not _is_over(process) and time.monotonic() < deadline:
                    time.sleep(0.005)
    return _is_over(process)


def _is_over(process: subprocess.Popen[bytes]) -> bool:
    """Tell whether it has ended, and leave it to be waited for: until then nobody else has its process group."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None


def _read(out: int, heard: _Heard) -> bool:
    """Take what is there; return whether there will be no more."""
    with contextlib.suppress(BlockingIOError):
        while data := os.read(out, 65_536):
            heard.add(data)
        return True
    return False


def _end_all(process: subprocess.Popen[bytes]) -> None:
    """End the script and everything it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
