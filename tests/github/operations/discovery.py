"""Searching code and repositories."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.github import shown
from tests.github.exchange import Page, Reply
from tests.github.refusals import invalid, unprocessable
from tests.github.routing import operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.github.exchange import Call
    from tests.github.git_store import Entry
    from tests.github.state import Repository

MOST_RESULTS = 1000
"""No search ever shows more."""
Found = tuple["Repository", str, "Entry"]


@operation("GET", "/search/code", resource="code_search")
def code(call: Call) -> Reply | Page:
    wanted, words = _query(call)
    found = [hit for one in _scope(call, wanted) for hit in _files(one, wanted, words)]
    return _page(call, found, lambda hit: _hit(call, hit))


@operation("GET", "/search/repositories", resource="search", anonymous=True)
def repositories(call: Call) -> Reply | Page:
    wanted, words = _query(call)
    found = [one for one in _scope(call, wanted) if all(word in _described(one) for word in words)]
    found = [one for one in found if all(topic in one.topics for topic in wanted.get("topic", ()))]
    return _page(call, found, lambda one: {**_repository(call, one), "score": 1.0})


def _query(call: Call) -> tuple[dict[str, list[str]], list[str]]:
    text = call.query.get("q", "").strip()
    if not text:
        raise invalid("Search", "q", "missing")
    wanted: dict[str, list[str]] = {}
    words = []
    for part in re.findall(r'[\w-]+:"[^"]*"|[\w-]+:\S+|"[^"]*"|\S+', text):
        name, colon, value = part.partition(":")
        if colon and not part.startswith('"'):
            wanted.setdefault(name.lower(), []).append(value.strip('"'))
        else:
            words.append(part.strip('"').lower())
    return wanted, words


def _scope(call: Call, wanted: dict[str, list[str]]) -> Iterator[Repository]:
    owners = {owner.lower() for name in ("org", "user", "owner") for owner in wanted.get(name, ())}
    names = {name.lower() for name in wanted.get("repo", ())}
    archived = wanted.get("archived", [""])[0]
    for one in call.state.repositories.values():
        inside = (one.owner.login.lower() in owners or one.full_name.lower() in names) or not (owners or names)
        seen = call.state.sees(call.token, one)
        if inside and seen and (not archived or one.archived == (archived == "true")):
            yield one


def _files(one: Repository, wanted: dict[str, list[str]], words: list[str]) -> Iterator[Found]:
    at = one.git.at(one.default_branch)
    head = one.git.commit(at) if at else None
    if head is not None:
        for path, entry in one.git.walk(head.tree):
            if entry.type == "blob" and _named(path, wanted) and _says(one, entry, words):
                yield one, path, entry


def _named(path: str, wanted: dict[str, list[str]]) -> bool:
    name, low = path.rpartition("/")[2].lower(), path.lower()
    return (
        all(each.lower() in name for each in wanted.get("filename", ()))
        and all(name.endswith(f".{each.lower()}") for each in wanted.get("extension", ()))
        and all(_beneath(low, each.lower().strip("/")) for each in wanted.get("path", ()))
    )


def _beneath(path: str, wanted: str) -> bool:
    return path.startswith(f"{wanted}/") or path == wanted if wanted else "/" not in path


def _says(one: Repository, entry: Entry, words: list[str]) -> bool:
    content = (one.git.blob(entry.sha) or b"").lower() if words else b""
    return all(word.encode() in content for word in words)


def _described(one: Repository) -> str:
    return f"{one.name} {one.settings.get('description') or ''} {' '.join(one.topics)}".lower()


def _page(call: Call, found: list[Any], show: Any) -> Page:
    size, number = int(call.query.get("per_page", 30)), int(call.query.get("page", 1))
    if size * (number - 1) >= MOST_RESULTS:
        raise unprocessable("Only the first 1000 search results are available")
    more = {"total_count": len(found), "incomplete_results": False}
    return Page(found[:MOST_RESULTS], show, key="items", more=more)


def _repository(call: Call, one: Repository) -> dict[str, Any]:
    return shown.repository(call.state, one, call.token.user if call.token else None)


def _hit(call: Call, hit: Found) -> dict[str, Any]:
    one, path, entry = hit
    api, page = f"{call.state.api}/repositories/{one.id}", f"{call.state.url}/{one.full_name}"
    commit = one.git.at(one.default_branch)
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.sha,
        "score": 1.0,
        "url": f"{api}/contents/{path}?ref={commit}",
        "git_url": f"{api}/git/blobs/{entry.sha}",
        "html_url": f"{page}/blob/{commit}/{path}",
        "repository": _repository(call, one),
    }
