"""
Which hooks of a template call programs or reach for the network.

A hook that does neither can be trusted more easily; one that does makes a birth depend on what the machine has.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from scaffolder.template.lint.findings import Finding, Spot, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Texts = Mapping[str, ast.expr]

PROGRAMS = (
    *("git", "hg", "gh", "pip", "pip3", "pipx", "pipenv", "poetry", "uv", "conda", "npm", "npx", "yarn", "pnpm"),
    *("curl", "wget", "ssh", "scp", "rsync", "nc", "docker", "gem", "bundle", "cargo", "go", "mvn", "gradle"),
)
NETWORK = frozenset(
    {
        *("socket", "ssl", "requests", "httpx", "aiohttp", "urllib3", "http.client", "urllib.request", "ftplib"),
        *("smtplib", "telnetlib", "xmlrpc.client", "paramiko", "pycurl", "websockets"),
    }
)
CALLING = frozenset({"git", "pygit2", "dulwich", "pip", "sh", "plumbum"})
"""Modules that call such programs."""
TELLING = frozenset(
    {
        *("print", "input", "echo", "secho", "exit", "info", "warning", "error", "debug", "log", "write", "format"),
        *("join", "Path", "open", "exists", "remove", "rmtree", "move", "copy", "rename", "replace", "startswith"),
    }
)
"""Functions whose texts are not run."""
SHELLING = frozenset(
    {*("system", "popen", "run", "call", "check_call", "check_output", "Popen", "getoutput", "getstatusoutput", "sh")}
)
"""Functions whose texts a shell may run, as more than one command."""
_NAMES = "|".join(map(re.escape, PROGRAMS))
_COMMAND = re.compile(rf"\A\s*(?:sudo\s+)?(?P<program>{_NAMES})(?:\s|\Z)")
_IN_SHELL = re.compile(
    rf"(?:^|[;&|(`!{{]|\b(?:then|do|else|if|while|exec|command|sudo|xargs|time)\s)\s*(?:\w+=\S*\s+)*"
    rf"(?P<program>{_NAMES})(?=\s|;|\)|$)"
)
_IN_QUOTES = re.compile(rf"['\"`](?P<program>{_NAMES})(?:\s|['\"`])")
_SOCKET = re.compile(r"/dev/(?:tcp|udp)/")
_TAG = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_QUOTED = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
SHELLS = (".sh", ".bash", "")


def look(path: str, text: str) -> Iterator[Finding]:
    """Yield a finding for each program that a hook calls, and for the network."""
    seen = set()
    for line, what in _calls(path, text):
        if what not in seen:
            seen.add(what)
            yield warning(
                "hook-calls",
                Spot(path, line),
                f"the hook {what}",
                "say so in the template's README: whoever runs it must trust it, and have what it needs",
            )


def _calls(path: str, text: str) -> Iterator[tuple[int, str]]:
    if path.endswith(".py") or text.startswith(("#!/usr/bin/env python", "#!/usr/bin/python")):
        try:
            tree = ast.parse(_without_tags(text))
            found = sorted(_in_python(tree, _texts(tree)))
        except (SyntaxError, ValueError, RecursionError):
            yield from _in_lines(text, _IN_QUOTES)
        else:
            yield from found
    elif path.endswith(SHELLS) and ("." not in path.rpartition("/")[2] or path.endswith((".sh", ".bash"))):
        yield from _in_lines(text, _IN_SHELL, without=_QUOTED)
    else:
        yield from _in_lines(text, _IN_QUOTES if path.endswith((".js", ".ts", ".rb")) else _IN_SHELL)


def _without_tags(text: str) -> str:
    """Return a hook with a plain name for each value, and nothing for the rest; lines stay where they are."""

    def instead(found: re.Match[str]) -> str:
        return ("_value" if found[0].startswith("{{") else "") + "\n" * found[0].count("\n")

    return _TAG.sub(instead, text)


def _in_lines(
    text: str, pattern: re.Pattern[str], *, without: re.Pattern[str] | None = None
) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith(("#", "//", "REM ", "rem ")):
            continue
        shown = without.sub('""', line) if without else line
        if found := pattern.search(shown):
            yield number, f"calls {found['program']}"
        if _SOCKET.search(line):
            yield number, "opens a socket"


def _in_python(tree: ast.AST, texts: Texts, *, called: re.Pattern[str] | None = None) -> Iterator[tuple[int, str]]:
    """Yield what is called and imported; `called` finds a program in a text that is handed to a call."""
    match tree:
        case ast.Import(names):
            yield from ((tree.lineno, said) for one in names for said in _imported(one.name))
        case ast.ImportFrom(module=str() as module, names=names):
            several = {module, *(f"{module}.{one.name}" for one in names)}
            yield from ((tree.lineno, said) for one in sorted(several) for said in _imported(one))
        case ast.Call(function, arguments):
            yield from _in_python(function, texts, called=called)
            for part in (*arguments, *(keyword.value for keyword in tree.keywords)):
                yield from _in_python(part, texts, called=_looking_for(_name(function)))
            return
        case ast.List(items) | ast.Tuple(items):
            yield from _in_row(items)
        case ast.Name(name) if called and name in texts:
            yield from _in_python(texts[name], texts, called=called)
        case ast.Constant(str() as text) if called and (found := called.search(text)):
            yield tree.lineno, f"calls {found['program']}"
    for child in ast.iter_child_nodes(tree):
        yield from _in_python(child, texts, called=None if isinstance(child, ast.stmt) else called)


def _looking_for(function: str) -> re.Pattern[str] | None:
    """Return what finds a program in a text that a function is given, None where the text is not run."""
    if function in TELLING or function.endswith(("Error", "Exception")):
        return None
    return _IN_SHELL if function in SHELLING else _COMMAND


def _texts(tree: ast.AST) -> Texts:
    """Return the texts that have names."""
    named = [one for one in ast.walk(tree) if isinstance(one, ast.Assign) and isinstance(one.value, ast.Constant)]
    return {name.id: one.value for one in named for name in one.targets if isinstance(name, ast.Name)}


def _in_row(items: list[ast.expr]) -> Iterator[tuple[int, str]]:
    """Yield the program that a row of arguments begins with, or `python -m` has after it."""
    texts = [one.value if isinstance(one, ast.Constant) else None for one in items]
    wanted = texts[:1] + ([texts[2]] if texts[1:2] == ["-m"] and len(texts) > 2 else [])  # noqa: PLR2004 - what follows -m
    for text, item in zip(wanted, items, strict=False):
        if len(items) > 1 and isinstance(text, str) and text in PROGRAMS:
            yield item.lineno, f"calls {text}"


def _imported(module: str) -> Iterator[str]:
    top = module.partition(".")[0]
    if module in NETWORK or (top in NETWORK and top not in {"http", "urllib"}):
        yield f"opens sockets, by {module}"
    elif module in CALLING:
        yield f"calls other programs, by {module}"


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
    return ""
