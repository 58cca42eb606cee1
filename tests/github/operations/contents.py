"""Files of a repository, one at a time."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from tests.github import shown
from tests.github.exchange import Reply
from tests.github.git_store import FILE, LINK, Entry, Person
from tests.github.refusals import Refused, conflict, invalid, not_found, unprocessable
from tests.github.routing import operation

if TYPE_CHECKING:
    from tests.github.exchange import Call
    from tests.github.git_store import Commit

TYPES = {"tree": "dir", "commit": "submodule", "blob": "file"}


@operation("GET", "/repos/{owner}/{repo}/contents/{path}", permission="contents=read")
def get(call: Call) -> Reply:
    tree, path = _tree(call), call.at["path"].strip("/")
    found = dict(call.repository.git.walk(tree))
    if path and path not in found:
        raise not_found()
    if path and found[path].type != "tree":
        return Reply(body=file(call, path, found[path]))
    prefix = f"{path}/" if path else ""
    here = [each for each in found if each.startswith(prefix) and "/" not in each.removeprefix(prefix)]
    return Reply(body=[_line(call, each, found[each]) for each in here])


@operation("GET", "/repos/{owner}/{repo}/readme", permission="contents=read")
def readme(call: Call) -> Reply:
    for path, entry in call.repository.git.walk(_tree(call)):
        if path.lower() in ("readme.md", "readme", "readme.rst"):
            return Reply(body=file(call, path, entry))
    raise not_found()


@operation("PUT", "/repos/{owner}/{repo}/contents/{path}", permission="contents=write", role="write", creates=True)
def put(call: Call) -> Reply:
    git, path = call.repository.git, call.at["path"]
    branch, files = _branch(call)
    _check_known(call, files.get(path), path)
    _check_workflow(call, path)
    entry = Entry(files[path].mode if path in files else FILE, git.put("blob", _decoded(call.need("content"))))
    status = 200 if path in files else 201
    return _committed(call, branch, {**files, path: entry}, status)


@operation("DELETE", "/repos/{owner}/{repo}/contents/{path}", permission="contents=write", role="write", creates=True)
def delete(call: Call) -> Reply:
    path = call.at["path"]
    branch, files = _branch(call)
    if path not in files:
        raise not_found()
    call.need("sha")
    _check_known(call, files[path], path)
    del files[path]
    return _committed(call, branch, files, 200)


def file(call: Call, path: str, entry: Entry, *, whole: bool = True) -> dict[str, Any]:
    """Show one file; `whole` with its content."""
    line = _line(call, path, entry)
    content = call.repository.git.blob(entry.sha) or b""
    if line["type"] == "symlink":
        return {**line, "target": content.decode()}
    if not whole:
        return line
    return {**line, "content": base64.encodebytes(content).decode(), "encoding": "base64"}


def _tree(call: Call) -> str:
    git = call.repository.git
    if git.empty:
        raise Refused(404, "This repository is empty.")
    wanted = call.query.get("ref") or call.repository.default_branch
    at = git.at(wanted)
    found = git.commit(at) if at else None
    if found is None:
        raise Refused(404, f"No commit found for the ref {wanted}")
    return found.tree


def _line(call: Call, path: str, entry: Entry) -> dict[str, Any]:
    state, name = call.state, call.repository.full_name
    ref = call.query.get("ref") or call.repository.default_branch
    api, page = f"{state.api}/repos/{name}", f"{state.url}/{name}"
    kind = "symlink" if entry.mode == LINK else TYPES[entry.type]
    is_file = entry.type == "blob"
    urls = {
        "url": f"{api}/contents/{path}?ref={ref}",
        "html_url": f"{page}/{'blob' if is_file else 'tree'}/{ref}/{path}",
        "git_url": f"{api}/git/{'blobs' if is_file else 'trees'}/{entry.sha}",
        "download_url": f"{state.url}/raw/{name}/{ref}/{path}" if is_file else None,
    }
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.sha,
        "size": len(call.repository.git.blob(entry.sha) or b"") if is_file else 0,
        **urls,
        "type": kind,
        "_links": {"self": urls["url"], "git": urls["git_url"], "html": urls["html_url"]},
    }


def _branch(call: Call) -> tuple[str, dict[str, Entry]]:
    """Return the branch that is written to, and its files."""
    repository = call.repository
    branch = call.said.get("branch") or repository.default_branch
    at = repository.git.ref(f"refs/heads/{branch}")
    if at is None and not repository.git.empty:
        raise Refused(404, f"Branch {branch} not found")
    found = repository.git.commit(at) if at else None
    return branch, repository.git.files(found.tree) if found else {}


def _check_known(call: Call, there: Entry | None, path: str) -> None:
    sha = call.said.get("sha")
    if there is not None and not sha:
        raise unprocessable('Invalid request.\n\n"sha" wasn\'t supplied.')
    if sha and (there is None or there.sha != sha):
        raise conflict(f"{path} does not match {sha}")


def _check_workflow(call: Call, path: str) -> None:
    if path.startswith(".github/workflows/") and call.token and not call.token.may_push_workflows:
        raise not_found()


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=False)
    except binascii.Error:
        raise invalid("", "content", "invalid", message="content is not valid Base64") from None


def _committed(call: Call, branch: str, files: dict[str, Entry], status: int) -> Reply:
    git, path = call.repository.git, call.at["path"]
    parent = git.ref(f"refs/heads/{branch}")
    author, committer = _who(call, "author"), _who(call, "committer")
    message = str(call.need("message"))
    sha = git.put_commit(git.put_tree(files), (parent,) if parent else (), author, committer, message)
    git.set_ref(f"refs/heads/{branch}", sha)
    call.state.pushed(call.repository)
    made = git.commit(sha)
    assert made is not None
    content = file(call, path, files[path], whole=False) if path in files else None
    return Reply(status, {"content": content, "commit": _commit(call, made)})


def _who(call: Call, part: str) -> Person:
    said = call.said.get(part) or call.said.get("committer")
    known = call.state.person(call.actor)
    return Person(said["name"], said["email"], known.when) if said else known


def _commit(call: Call, made: Commit) -> dict[str, Any]:
    return shown.git_commit(call, made)
