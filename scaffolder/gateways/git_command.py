"""
Starts git: in a scrubbed environment, with its failures in words a person can use.

What the person's own configuration says about *who* and *how to reach* (identity, credentials, proxies, certificates,
ssh, `insteadOf`) holds; what it says about *how to work* (hooks, signing, templates, line endings) does not.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import sys
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from scaffolder.errors import Failed, InvalidInput
from scaffolder.gateways import git_credentials
from scaffolder.gateways.git_credentials import Supplied
from scaffolder.gateways.process import Completed, ProgramMissing, run, run_bounded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LEAST_VERSION = (2, 38)
"""`cat-file -z` came with 2.38, and so did protected configuration (`safe.directory`)."""

_KEPT = re.compile(
    r"GIT_(?:"
    r"SSH|SSH_.+"  # how to reach a host
    r"|ASKPASS|SSL_.+|HTTP_.+|PROXY_.+"  # credentials, certificates, proxies
    r"|(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL)"  # who commits
    r"|CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM|COUNT|KEY_\d+|VALUE_\d+)"  # where the configuration is; ours still wins
    r"|EXEC_PATH"  # where git's own programs are
    r")"
)
"""
The GIT_ variables handed down. All others are dropped: inside a hook GIT_DIR, GIT_INDEX_FILE, GIT_WORK_TREE and
GIT_CONFIG_PARAMETERS speak of the repository of that hook, and GIT_TRACE would write secrets to the terminal.
"""

_SET = {
    "GIT_TERMINAL_PROMPT": "0",  # a prompt nobody sees hangs for ever; askpass and credential helpers still work
    "GIT_NO_LAZY_FETCH": "1",  # what a repository lacks is not asked of whom its own configuration names
    "GIT_OPTIONAL_LOCKS": "0",  # reading somebody's repository must not take its locks
    "GIT_NO_REPLACE_OBJECTS": "1",  # a commit is what its id says
    "LC_ALL": "C",  # messages we look into
    "LANGUAGE": "C",  # GNU gettext looks here before LC_ALL
}

_TALK = frozenset({"fetch", "ls-remote", "push"})
"""The commands that reach another repository."""
_ALLOWED = "file:git:http:https:ssh"
"""How they may: `ext::` and other helpers can start any program."""
_NOBODY = "nobody"
"""For all others, as a git before 2.39.4 knows no other way to keep a repository from asking for what it lacks."""

_CONFIGURATION = {
    "core.hooksPath": os.devnull,  # nobody's hooks run
    "core.fsmonitor": "false",  # may name a program, or start a daemon
    "core.autocrlf": "false",  # bytes stay bytes
    "core.attributesFile": os.devnull,  # the same
    "commit.gpgSign": "false",  # no key is asked for
    "push.gpgSign": "false",
    "init.templateDir": "",  # nobody's files are added
    "gc.auto": "0",  # no process outlives ours
    "maintenance.auto": "false",
    "color.ui": "false",  # `always` would colour what we parse
    "advice.detachedHead": "false",
    "http.lowSpeedLimit": "1",  # a stalled connection would hang for ever:
    "http.lowSpeedTime": "60",  # less than a byte a second, for a minute
}
_OPTIONS = tuple(word for key, value in _CONFIGURATION.items() for word in ("-c", f"{key}={value}"))

_CREDENTIALS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)[^\s/@]*(?:@[^\s/@]*)*@")
_SECRET_URL = re.compile(r"(?P<scheme>https?://)(?P<user>[^/@:]*)(?::(?P<password>[^/]*))?@(?P<rest>.*)", re.DOTALL)

_NETWORK = "look at the network connection, then try again"
_UNREACHABLE = (
    "Could not resolve host",
    "Couldn't connect to server",
    "Failed to connect",
    "Connection refused",
    "Connection reset",
    "Network is unreachable",
    "No route to host",
    "Connection closed by",
    "Empty reply from server",
    "returned error: 429",
    "returned error: 5",
    "timed out",
)
_WAYS_OUT = (
    ("dubious ownership", "the directory belongs to another user: git config --global --add safe.directory DIRECTORY"),
    ("No space left", "free some space, then try again"),
    ("Disk quota exceeded", "free some space, then try again"),
    ("Permission denied (publickey", "add your key to the agent (ssh-add), or use an https address"),
    ("Permission denied", "look at the permissions of that place, then try again"),
    ("could not read Username", "for a GitHub: scaffolder login; else give git a credential helper, or use ssh"),
    ("Authentication failed", "the credentials were refused: renew them in your credential helper"),
    *((sign, _NETWORK) for sign in _UNREACHABLE),
    ("does not appear to be a git repository", "look at the path or address for a slip"),
)


class GitMissing(Failed):
    """There is no git on this machine."""

    def __init__(self) -> None:
        super().__init__("git is not installed, or not on the PATH", hint=_how_to_get_git())


class GitTooOld(Failed):
    """The git found lacks what we need."""

    def __init__(self, found: Sequence[int]) -> None:
        super().__init__(f"git {_dotted(found)} is too old: {_dotted(LEAST_VERSION)} is needed", hint=_how_to_get_git())


class GitFailed(Failed):
    """git refused or broke off; its own words, without credentials."""

    def __init__(self, command: str, words: bytes, *, secrets: Sequence[str] = ()) -> None:
        text = without_credentials(words.decode(errors="replace"), secrets=secrets)
        lines = [line.rstrip() for line in text.splitlines() if line.strip() and not line.startswith("hint:")]
        blame = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1] if lines else "")
        said = blame.removeprefix("fatal: ").removeprefix("error: ") or "it gave no reason"
        super().__init__(
            f"git {command} failed: {said}",
            hint=next((way_out for sign, way_out in _WAYS_OUT if sign in text), ""),
            details=tuple(line for line in lines if line != blame),
        )

    @property
    def is_of_the_network(self) -> bool:
        """Tell whether the other side could not be reached: later it may."""
        return self.hint == _NETWORK


class AddressInvalid(InvalidInput):
    """What should be the address of a repository could mean something else to git."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"{without_credentials(address)!r} is not the address of a git repository",
            hint="an address is a path, or begins with https://, ssh://, git:// or file://, or reads user@host:path",
        )


def version() -> tuple[int, ...]:
    """
    Return the version of the git on the PATH.

    Raises:
        GitMissing: There is none that works.
    """
    program = shutil.which("git")
    if program is None:
        raise GitMissing
    return _version_of(program)


def require() -> None:
    """
    Make sure that git can do what we need.

    Raises:
        GitMissing: There is none.
        GitTooOld: It is older than `LEAST_VERSION`.
    """
    found = version()
    if found < LEAST_VERSION:
        raise GitTooOld(found)


def git(
    *arguments: str,
    directory: Path | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    extra: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> bytes:
    """
    Run one git command and return what it prints; `directory` is its git directory.

    Raises:
        GitMissing: There is no git.
        GitFailed: It ended with an error.
    """
    done = attempt(*arguments, directory=directory, cwd=cwd, stdin=stdin, extra=extra, timeout=timeout)
    if done.returncode != 0:
        raise GitFailed(_command(arguments), done.stderr, secrets=tuple((extra or {}).values()))
    return done.stdout


def attempt(
    *arguments: str,
    directory: Path | None = None,
    cwd: Path | None = None,
    stdin: bytes = b"",
    extra: Mapping[str, str] | None = None,
    timeout: float | None = None,
) -> Completed:
    """
    Run one git command whose failure is the caller's to judge; again, where a server wants a token that we have.

    An explicit git directory also keeps git from looking for one above, and from asking who owns it.
    """

    def tried(supplied: Supplied) -> Completed:
        argv = _argv((*supplied.options, *arguments), directory)
        nowhere = {"GIT_DIR": os.devnull} if directory is None and cwd is None else {}  # none that it may find here
        env = {**_environment(arguments), **nowhere, **supplied.environ, **(extra or {})}
        try:
            done = run(argv, cwd=cwd, env=env, stdin=stdin, timeout=timeout)
        except ProgramMissing as error:
            raise GitMissing from error
        words = git_credentials.heard(done.stderr, arguments)
        return replace(done, stderr=_without(supplied.secrets, words))

    if extra:  # credentials of its own
        return tried(Supplied())
    if at_once := git_credentials.at_once_for(arguments):
        done = tried(at_once)
        if done.returncode == 0 or not git_credentials.held_back(done.stderr, arguments):
            return done
    done = tried(git_credentials.known_for(arguments))
    more = git_credentials.after(done.stderr) if done.returncode != 0 else None
    return tried(more) if more else done


def _without(secrets: Sequence[str], words: bytes) -> bytes:
    for secret in secrets:
        words = words.replace(secret.encode(), b"***")
    return words


def git_bounded(*arguments: str, directory: Path, most: int) -> bytes:
    """
    Run one git command on a repository that somebody else made, and return what it prints.

    Raises:
        GitMissing: There is no git.
        GitFailed: It ended with an error.
        PrintedTooMuch: It printed more than `most` bytes: ten trees that each hold the next ten times print for ever.
    """
    try:
        done = run_bounded(_argv(arguments, directory), env=_environment(arguments), most=most)
    except ProgramMissing as error:
        raise GitMissing from error
    if done.returncode != 0:
        raise GitFailed(arguments[0], done.stderr)
    return done.stdout


def _argv(arguments: Sequence[str], directory: Path | None) -> tuple[str, ...]:
    where = (f"--git-dir={directory}",) if directory is not None else ()
    return ("git", *_OPTIONS, *where, *arguments)


def _environment(arguments: Sequence[str]) -> dict[str, str]:
    protocols = _ALLOWED if _command(arguments) in _TALK else _NOBODY
    return {**environment(os.environ), "GIT_ALLOW_PROTOCOL": protocols}


def _command(arguments: Sequence[str]) -> str:
    """Return the word that says what git shall do, after options such as `-c KEY=VALUE`."""
    return next(word for word in arguments if not word.startswith("-") and "=" not in word)


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment git is given, out of our own."""
    kept = {name: value for name, value in environ.items() if not name.startswith("GIT_") or _KEPT.fullmatch(name)}
    return {**kept, **_SET}


def check_address(address: str) -> str:
    """
    Return `address` when git can only take it for a place, never for an option or a command.

    Raises:
        AddressInvalid: It can be taken for something else.
    """
    scheme, is_url, rest = address.partition("://")
    strange = not address or address.startswith("-") or any(ord(letter) < ord(" ") for letter in address)
    helper = re.match(r"[A-Za-z0-9+.-]*::", address)  # "ext::sh -c ..." and the like start programs
    if strange or helper or (is_url and (scheme not in {"https", "http", "ssh", "git", "file"} or rest[:1] == "-")):
        raise AddressInvalid(address)
    if not is_url and re.match(r"(?:[^/]*@)?-[^/]*:|[^/]*:-", address):  # ssh would read these as its options
        raise AddressInvalid(address)
    return address


def split_credentials(address: str) -> tuple[str, tuple[str, ...], dict[str, str]]:
    """
    Return an address without its password, and the git options and environment that supply it instead.

    So the password shows neither in the list of processes nor in any file git writes.
    """
    parts = _SECRET_URL.fullmatch(address)
    if parts is None or not parts["password"]:
        return address, (), {}  # a name alone is asked for its password as always, by the person's own helper
    user, password = unquote(parts["user"]), unquote(parts["password"])
    options, environ = git_credentials.with_password(user, password)
    return parts["scheme"] + parts["rest"], options, environ


def without_credentials(text: str, *, secrets: Sequence[str] = ()) -> str:
    """Return `text` with user names and passwords taken out of its addresses, and `secrets` wherever they stand."""
    for secret in secrets:
        text = text.replace(secret, "***") if secret else text
    return _CREDENTIALS.sub(r"\1", text)


@functools.cache
def _version_of(program: str) -> tuple[int, ...]:
    done = run((program, "version"), env=environment(os.environ))
    numbers = re.match(rb"git version (\d+(?:\.\d+)*)", done.stdout)
    if numbers is None:  # macOS has a stand-in for git that only asks to install it
        raise GitMissing
    return tuple(int(number) for number in numbers[1].split(b"."))


def _how_to_get_git() -> str:
    least = _dotted(LEAST_VERSION)
    if sys.platform == "darwin":
        return f"install git {least} or newer: brew install git   (or: xcode-select --install)"
    return f"install git {least} or newer: sudo apt install git   (Fedora: sudo dnf install git)"


def _dotted(numbers: Sequence[int]) -> str:
    return ".".join(str(number) for number in numbers)
