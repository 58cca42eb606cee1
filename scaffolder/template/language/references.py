"""Backstage's own filters: they take repository URLs and entity refs apart, and pick from what they find."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from scaffolder.template.expressions import UNDEFINED
from scaffolder.template.language.faults import Fault
from scaffolder.template.language.methods import member
from scaffolder.template.language.values import SPACES, Function, is_nothing, is_text, to_string, truthy

if TYPE_CHECKING:
    from scaffolder.template.language.frames import Run

_URL = re.compile(r"[/\\]*(?:[^/\\?#]*@)?(?P<host>[^/\\?#@]*)[^?#]*(?:\?(?P<query>[^#]*))?")
_HOST = re.compile(r"[^\s%:<>^|[\]]+(?::[0-9]+)?")
_PATH_PART = re.compile(
    r"""[^.[\]]+|\[(?:(-?\d+(?:\.\d+)?)|(["'])((?:(?!\2)[^\\]|\\.)*?)\2)\]|(?=(?:\.|\[\])(?:\.|\[\]|\Z))"""
)
_DEEP = re.compile(r"""\.|\[(?:[^\[\]]*|(["'])(?:(?!\1)[^\\]|\\.)*?\1)\]""")
_REPOSITORY_PARTS = {"bitbucket.org": ("workspace", "project", "repo"), "dev.azure.com": ("project", "repo")}
_NAMES = ("owner", "repo", "organization", "workspace", "project")


def parse_repo_url(_run: Run, value: Any) -> dict[str, Any]:
    """Take `host?owner=…&repo=…` apart, as the RepoUrlPicker puts it together."""
    text = to_string(value)
    host, query = _taken_apart(text)
    wanted = _REPOSITORY_PARTS.get(host) or (("project",) if query.get("project") else ("owner", "repo"))
    lacking = [name for name in wanted if not query.get(name)]
    if not _HOST.fullmatch(host) or lacking:
        missing = ", ".join(lacking) or "the host"
        msg = f"{text!r} is no repository URL (host?owner=OWNER&repo=NAME): {missing} is missing"
        raise Fault(msg)
    return {"host": host, **{name: query[name].strip("/") for name in _NAMES if name in query}}


def _taken_apart(text: str) -> tuple[str, dict[str, str]]:
    """Return the host and the query of `https://` and a text, as browsers read it; the first of each name counts."""
    found = _URL.match(text.rstrip(SPACES))
    assert found is not None  # noqa: S101 - every part of the pattern is optional
    pairs = parse_qsl(found["query"] or "", keep_blank_values=True)
    return found["host"].lower(), dict(reversed(pairs))


def parse_entity_ref(_run: Run, value: Any, defaults: Any = UNDEFINED) -> dict[str, Any]:
    """Take `[kind:][namespace/]name` apart."""
    given = defaults if isinstance(defaults, dict) else {}
    kind, namespace, name = _entity_ref_parts(value)
    found = {
        "kind": given.get("defaultKind") if is_nothing(kind) else kind,
        "namespace": (given.get("defaultNamespace") or "default") if is_nothing(namespace) else namespace,
        "name": name,
    }
    for part, there in found.items():
        if not truthy(there):
            msg = f"the entity reference {to_string(value)!r} has no {part} ([KIND:][NAMESPACE/]NAME)"
            raise Fault(msg)
    return found


def _entity_ref_parts(value: Any) -> tuple[Any, Any, Any]:
    if isinstance(value, dict):
        return value.get("kind"), value.get("namespace"), value.get("name")
    return _written_parts(value) if is_text(value) else (None, None, None)


def _written_parts(text: str) -> tuple[str | None, str | None, str]:
    kind, colon, rest = text.partition(":")
    if not colon or "/" in kind:
        kind, colon, rest = "", "", text
    namespace, slash, name = rest.partition("/")
    if not slash:
        namespace, name = "", rest
    if not name or (colon and not kind) or (slash and not namespace):
        msg = f"{text!r} is no entity reference ([KIND:][NAMESPACE/]NAME)"
        raise Fault(msg)
    return kind if colon else None, namespace if slash else None, name


def project_slug(run: Run, value: Any) -> str:
    """Return `owner/repo` of a repository URL."""
    parts = parse_repo_url(run, value)
    return f"{to_string(parts.get('owner', UNDEFINED))}/{to_string(parts.get('repo', UNDEFINED))}"


def pick(run: Run, value: Any, path: Any = UNDEFINED, default: Any = UNDEFINED) -> Any:
    """Follow a path such as `a.b[0].c`."""
    parts = _parts(path, value)
    found = value if parts else UNDEFINED
    for part in parts:
        found = UNDEFINED if is_nothing(found) else member(found, part, run)
    if isinstance(found, Function):
        msg = f"pick: {to_string(path)!r} is a method, not a value"
        raise Fault(msg)
    return default if found is UNDEFINED else found


def _parts(path: Any, value: Any) -> list[str]:
    """Return the steps of a path, as lodash does: what is a member's name as a whole is one."""
    if isinstance(path, list):
        return [to_string(part) for part in path]
    text = to_string(path)
    if not _DEEP.search(text) or (isinstance(value, dict) and text in value):
        return [text]
    return [""] * text.startswith(".") + [_part(found) for found in _PATH_PART.finditer(text)]


def _part(found: re.Match[str]) -> str:
    return re.sub(r"\\(\\)?", r"\1", found[3]) if found[2] else found[1] or found[0]
