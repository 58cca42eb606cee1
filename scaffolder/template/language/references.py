"""Backstage's own filters: they take repository URLs and entity refs apart, and pick from what they find."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from scaffolder.template.expressions import UNDEFINED
from scaffolder.template.language.faults import Fault
from scaffolder.template.language.methods import member
from scaffolder.template.language.values import is_nothing, to_string

if TYPE_CHECKING:
    from scaffolder.template.language.frames import Run

_PATH_PART = re.compile(r"""\[(["'])(.*?)\1\]|[^.[\]]+""")
_REPOSITORY_PARTS = {"bitbucket.org": ("workspace", "project", "repo"), "dev.azure.com": ("project", "repo")}
_NAMES = ("owner", "repo", "organization", "workspace", "project")


def parse_repo_url(_run: Run, value: Any) -> dict[str, Any]:
    """Take `host?owner=…&repo=…` apart, as the RepoUrlPicker puts it together."""
    text = to_string(value)
    url = urlsplit(text if "://" in text else f"https://{text}")
    query = {name: part.strip("/") for name, part in parse_qsl(url.query)}
    wanted = _REPOSITORY_PARTS.get(url.netloc, ("project",) if "project" in query else ("owner", "repo"))
    lacking = [name for name in wanted if not query.get(name)]
    if not url.netloc or lacking:
        missing = ", ".join(lacking) or "the host"
        msg = f"{text!r} is no repository URL (host?owner=OWNER&repo=NAME): {missing} is missing"
        raise Fault(msg)
    return {"host": url.netloc, **{name: query[name] for name in _NAMES if query.get(name)}}


def parse_entity_ref(_run: Run, value: Any, defaults: Any = UNDEFINED) -> dict[str, Any]:
    """Take `[kind:][namespace/]name` apart."""
    given = defaults if isinstance(defaults, dict) else {}
    kind, namespace, name = _entity_ref_parts(value)
    kind = kind or given.get("defaultKind")
    if not kind or not name:
        msg = f'the entity reference {to_string(value)!r} has no kind (it does not start with "component:" or similar)'
        raise Fault(msg)
    return {"kind": kind, "namespace": namespace or given.get("defaultNamespace") or "default", "name": name}


def _entity_ref_parts(value: Any) -> tuple[Any, Any, Any]:
    if isinstance(value, dict):
        return value.get("kind"), value.get("namespace"), value.get("name")
    text = to_string(value)
    kind, colon, rest = text.partition(":")
    if not colon or "/" in kind:
        kind, colon, rest = "", "", text
    namespace, slash, name = rest.partition("/")
    if not slash:
        namespace, name = "", rest
    if not name or (colon and not kind) or (slash and not namespace):
        msg = f"{text!r} is no entity reference ([KIND:][NAMESPACE/]NAME)"
        raise Fault(msg)
    return kind, namespace, name


def project_slug(run: Run, value: Any) -> str:
    """Return `owner/repo` of a repository URL."""
    parts = parse_repo_url(run, value)
    return f"{to_string(parts.get('owner', UNDEFINED))}/{to_string(parts.get('repo', UNDEFINED))}"


def pick(run: Run, value: Any, path: Any = UNDEFINED, default: Any = UNDEFINED) -> Any:
    """Follow a path such as `a.b[0].c`."""
    found = value
    for part in _parts(path):
        found = UNDEFINED if is_nothing(found) else member(found, part, run)
    return default if found is UNDEFINED else found


def _parts(path: Any) -> list[str]:
    if isinstance(path, list):
        return [to_string(part) for part in path]
    return [found[2] if found[1] else found[0] for found in _PATH_PART.finditer(to_string(path))]
