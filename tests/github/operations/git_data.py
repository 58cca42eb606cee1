"""Git's own things: refs, commits, trees, blobs, branches, and how commits compare."""

from __future__ import annotations

import base64
import re
import subprocess
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from tests.github import shown
from tests.github.exchange import Page, Reply
from tests.github.git_store import DIRECTORY, FILE, Entry, Person
from tests.github.refusals import Refused, empty_repository, invalid, not_found, unprocessable
from tests.github.routing import operation

if TYPE_CHECKING:
    from tests.github.exchange import Call
    from tests.github.git_store import Commit, GitStore

LARGEST_TREE = 100_000
MOST_COMMITS = 10_000


@operation("GET", "/repos/{owner}/{repo}/git/ref/{ref}", permission="contents=read")
def ref(call: Call) -> Reply:
    name = f"refs/{call.at['ref']}"
    sha = _git(call).ref(name)
    if sha is None:
        raise not_found()
    return Reply(body=_ref(call, name, sha))


@operation("GET", "/repos/{owner}/{repo}/git/matching-refs/{ref}", permission="contents=read")
def matching_refs(call: Call) -> Page:
    found = [each for each in _git(call).refs().items() if each[0].startswith(f"refs/{call.at['ref']}")]
    return Page(found, lambda each: _ref(call, *each))


@operation("POST", "/repos/{owner}/{repo}/git/refs", permission="contents=write", role="write", creates=True)
def create_ref(call: Call) -> Reply:
    git, name, sha = _git(call), str(call.need("ref")), str(call.need("sha"))
    if not re.fullmatch(r"refs/[^/]+/[^ ~^:?*\[\\]+", name):
        raise unprocessable("Reference name must start with 'refs/' and contain at least two slashes.")
    if git.get(sha) is None:
        raise unprocessable("Object does not exist")
    if git.ref(name) is not None:
        raise unprocessable("Reference already exists")
    _check_room(git, name)
    git.set_ref(name, sha)
    call.state.pushed(call.repository)
    return Reply(201, _ref(call, name, sha), {"Location": f"{_api(call)}/git/{name}"})


@operation("PATCH", "/repos/{owner}/{repo}/git/refs/{ref}", permission="contents=write", role="write")
def update_ref(call: Call) -> Reply:
    git, name, sha = _git(call), f"refs/{call.at['ref']}", str(call.need("sha"))
    before = git.ref(name)
    if before is None:
        raise unprocessable("Reference does not exist")
    if git.commit(sha) is None:
        raise unprocessable("Object does not exist")
    if not call.said.get("force") and before not in {each.sha for each in git.history(sha)}:
        raise unprocessable("Update is not a fast forward")
    git.set_ref(name, sha)
    call.state.pushed(call.repository)
    return Reply(body=_ref(call, name, sha))


@operation("DELETE", "/repos/{owner}/{repo}/git/refs/{ref}", permission="contents=write", role="write")
def delete_ref(call: Call) -> Reply:
    git, name = _git(call), f"refs/{call.at['ref']}"
    if git.ref(name) is None:
        raise unprocessable("Reference does not exist")
    if name == f"refs/heads/{call.repository.default_branch}":
        raise unprocessable("Cannot delete the default branch")
    git.delete_ref(name)
    call.state.branch_gone(call.repository, name)
    return Reply(204)


@operation("POST", "/repos/{owner}/{repo}/git/blobs", permission="contents=write", role="write", creates=True)
def create_blob(call: Call) -> Reply:
    content = str(call.need("content"))
    data = base64.b64decode(content) if call.said.get("encoding") == "base64" else content.encode()
    sha = _git(call).put("blob", data)
    return Reply(201, {"sha": sha, "url": f"{_api(call)}/git/blobs/{sha}"})


@operation("GET", "/repos/{owner}/{repo}/git/blobs/{file_sha}", permission="contents=read")
def blob(call: Call) -> Reply:
    sha = call.at["file_sha"]
    data = _git(call).blob(sha)
    if data is None:
        raise not_found()
    content = base64.encodebytes(data).decode()
    more = {"node_id": f"B_{sha}", "size": len(data), "url": f"{_api(call)}/git/blobs/{sha}"}
    return Reply(body={"sha": sha, **more, "content": content, "encoding": "base64"})


@operation("POST", "/repos/{owner}/{repo}/git/trees", permission="contents=write", role="write", creates=True)
def create_tree(call: Call) -> Reply:
    git = _git(call)
    files = git.files(_tree_of(git, call.said["base_tree"])) if call.said.get("base_tree") else {}
    for each in call.need("tree"):
        _put(git, files, each)
    return Reply(201, _tree(call, git.put_tree(files), recursive=False))


@operation("GET", "/repos/{owner}/{repo}/git/trees/{tree_sha}", permission="contents=read")
def tree(call: Call) -> Reply:
    git, wanted = _git(call), call.at["tree_sha"]
    sha = _tree_of(git, git.at(wanted) or wanted)
    return Reply(body=_tree(call, sha, recursive="recursive" in call.query))


@operation("POST", "/repos/{owner}/{repo}/git/commits", permission="contents=write", role="write", creates=True)
def create_commit(call: Call) -> Reply:
    git, parents = _git(call), tuple(call.said.get("parents") or ())
    if git.tree(str(call.need("tree"))) is None:
        raise unprocessable("Tree SHA does not exist")
    if any(git.commit(each) is None for each in parents):
        raise unprocessable("Parent SHA does not exist or is not a commit object")
    author = _person(call, "author")
    committer = _person(call, "committer") if call.said.get("committer") else author
    sha = git.put_commit(call.said["tree"], parents, author, committer, str(call.need("message")))
    return Reply(201, shown.git_commit(call, _commit(git, sha)))


@operation("GET", "/repos/{owner}/{repo}/git/commits/{commit_sha}", permission="contents=read")
def git_commit(call: Call) -> Reply:
    return Reply(body=shown.git_commit(call, _commit(_git(call), call.at["commit_sha"])))


@operation("GET", "/repos/{owner}/{repo}/commits", permission="contents=read")
def commits(call: Call) -> Page:
    git = _git(call)
    at = git.at(call.query.get("sha") or call.repository.default_branch)
    if at is None:
        raise not_found()
    found = list(islice(git.history(at), MOST_COMMITS))
    if path := call.query.get("path"):
        found = [each for each in found if _touches(git, each, path)]
    return Page(found, partial(shown.commit, call))


@operation("GET", "/repos/{owner}/{repo}/branches", permission="contents=read")
def branches(call: Call) -> Page:
    found = list(call.repository.branches().items())
    if "protected" in call.query:
        wanted = call.query["protected"] == "true"
        found = [each for each in found if (each[0] in call.repository.protections) == wanted]
    return Page(found, lambda each: _branch_brief(call, *each))


@operation("GET", "/repos/{owner}/{repo}/branches/{branch}", permission="contents=read")
def branch(call: Call) -> Reply:
    name = call.at["branch"]
    sha = call.repository.branches().get(name)
    if sha is None:
        raise Refused(404, "Branch not found")
    brief = _branch_brief(call, name, sha)
    page = f"{call.state.url}/{call.repository.full_name}/tree/{name}"
    checks: dict[str, Any] = {"enforcement_level": "off", "contexts": [], "checks": []}
    return Reply(
        body={
            **brief,
            "commit": shown.commit(call, _commit(call.repository.git, sha)),
            "_links": {"self": f"{_api(call)}/branches/{name}", "html": page},
            "protection": {"enabled": brief["protected"], "required_status_checks": checks},
        }
    )


@operation("GET", "/repos/{owner}/{repo}/compare/{basehead}", permission="contents=read")
def compare(call: Call) -> Reply:
    git = _git(call)
    base, _, head = call.at["basehead"].partition("...")
    old, new = git.at(base.rpartition(":")[2]), git.at(head.rpartition(":")[2])
    if old is None or new is None:
        raise not_found()
    ahead = _beyond(git, new, old)
    behind = _beyond(git, old, new)
    status = {(False, False): "identical", (True, False): "ahead", (False, True): "behind", (True, True): "diverged"}
    page = f"{call.state.url}/{call.repository.full_name}/compare/{call.at['basehead']}"
    return Reply(
        body={
            "url": f"{_api(call)}/compare/{call.at['basehead']}",
            "html_url": page,
            "permalink_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "base_commit": shown.commit(call, _commit(git, old)),
            "merge_base_commit": shown.commit(call, _commit(git, merge_base(git, old, new))),
            "status": status[bool(ahead), bool(behind)],
            "ahead_by": len(ahead),
            "behind_by": len(behind),
            "total_commits": len(ahead),
            "commits": [shown.commit(call, each) for each in reversed(ahead)],
            "files": changed_files(call, merge_base(git, old, new), new),
        }
    )


def changed_files(call: Call, old: str, new: str) -> list[dict[str, Any]]:
    """Return the files that differ between two commits, as comparisons and pull requests show them."""
    git = call.repository.git
    before, after = git.files(_commit(git, old).tree), git.files(_commit(git, new).tree)
    paths = sorted(path for path in before | after if before.get(path) != after.get(path))
    return [_changed(call, path, before.get(path), after.get(path), new) for path in paths]


def merge_base(git: GitStore, one: str, other: str) -> str:
    """Return the newest commit that both have."""
    theirs = {each.sha for each in git.history(other)}
    for each in git.history(one):
        if each.sha in theirs:
            return each.sha
    raise Refused(404, "No common ancestor between them.")


def merged_tree(git: GitStore, ours: str, theirs: str) -> str | None:
    """Return the tree of a merge; None when they conflict."""
    command = ["git", "--git-dir", str(git.path), "merge-tree", "--write-tree", ours, theirs]
    done = subprocess.run(command, capture_output=True, check=False)
    return done.stdout.split()[0].decode() if done.returncode == 0 else None


def _api(call: Call) -> str:
    return f"{call.state.api}/repos/{call.repository.full_name}"


def _git(call: Call) -> GitStore:
    """Return the store, when there is something in it."""
    if call.repository.git.empty:
        raise empty_repository()
    return call.repository.git


def _ref(call: Call, name: str, sha: str) -> dict[str, Any]:
    kind = (call.repository.git.get(sha) or ("commit", b""))[0]
    target = {"type": kind, "sha": sha, "url": f"{_api(call)}/git/{kind}s/{sha}"}
    return {"ref": name, "node_id": f"REF_{name}", "url": f"{_api(call)}/git/{name}", "object": target}


def _check_room(git: GitStore, name: str) -> None:
    for each in git.refs():
        if each.startswith(f"{name}/") or name.startswith(f"{each}/"):
            raise unprocessable("Reference update failed")


def _tree_of(git: GitStore, sha: str) -> str:
    found = git.commit(sha)
    tree = found.tree if found else sha
    if git.tree(tree) is None:
        raise not_found()
    return tree


def _put(git: GitStore, files: dict[str, Entry], said: dict[str, Any]) -> None:
    path = said["path"]
    for below in [each for each in files if each.startswith(f"{path}/")]:
        del files[below]
    files.pop(path, None)
    if "content" in said:
        files[path] = Entry(said.get("mode", FILE), git.put("blob", said["content"].encode()))
    elif said.get("mode") == DIRECTORY:
        files.update({f"{path}/{name}": entry for name, entry in git.files(said["sha"]).items()})
    elif said.get("sha"):
        if git.get(said["sha"]) is None:
            raise invalid("Tree", "sha", "invalid", message="tree.sha is not a valid blob")
        files[path] = Entry(said["mode"], said["sha"])


def _tree(call: Call, sha: str, *, recursive: bool) -> dict[str, Any]:
    git = call.repository.git
    entries = git.walk(sha) if recursive else (git.tree(sha) or {}).items()
    found = list(islice(entries, LARGEST_TREE + 1))
    lines = [_tree_line(call, path, entry) for path, entry in found[:LARGEST_TREE]]
    url = f"{_api(call)}/git/trees/{sha}"
    return {"sha": sha, "url": url, "tree": lines, "truncated": len(found) > LARGEST_TREE}


def _tree_line(call: Call, path: str, entry: Entry) -> dict[str, Any]:
    line: dict[str, Any] = {"path": path, "mode": entry.mode, "type": entry.type, "sha": entry.sha}
    if entry.type == "blob":
        line["size"] = len(call.repository.git.blob(entry.sha) or b"")
    if entry.type != "commit":
        line["url"] = f"{_api(call)}/git/{entry.type}s/{entry.sha}"
    return line


def _person(call: Call, part: str) -> Person:
    known, said = call.state.person(call.actor), call.said.get(part)
    if not said:
        return known
    date = said.get("date")
    when = int(datetime.fromisoformat(date).timestamp()) if date else known.when
    return Person(said["name"], said["email"], when)


def _commit(git: GitStore, sha: str) -> Commit:
    found = git.commit(sha)
    if found is None:
        raise not_found()
    return found


def _touches(git: GitStore, one: Commit, path: str) -> bool:
    def there(sha: str) -> Any:
        return dict(git.walk(_commit(git, sha).tree)).get(path)

    return bool(there(one.sha) != (there(one.parents[0]) if one.parents else None))


def _branch_brief(call: Call, name: str, sha: str) -> dict[str, Any]:
    return {
        "name": name,
        "commit": {"sha": sha, "url": f"{_api(call)}/commits/{sha}"},
        "protected": name in call.repository.protections,
        "protection_url": f"{_api(call)}/branches/{name}/protection",
    }


def _beyond(git: GitStore, one: str, other: str) -> list[Commit]:
    known = {each.sha for each in git.history(other)}
    return [each for each in git.history(one) if each.sha not in known]


def _changed(call: Call, path: str, before: Entry | None, after: Entry | None, new: str) -> dict[str, Any]:
    status = "added" if before is None else "removed" if after is None else "modified"
    entry = after or before
    assert entry is not None
    git = call.repository.git
    lines = [len((git.blob(each.sha) or b"").splitlines()) if each else 0 for each in (before, after)]
    page = f"{call.state.url}/{call.repository.full_name}"
    return {
        "sha": entry.sha,
        "filename": path,
        "status": status,
        "additions": lines[1],
        "deletions": lines[0],
        "changes": sum(lines),
        "blob_url": f"{page}/blob/{new}/{path}",
        "raw_url": f"{page}/raw/{new}/{path}",
        "contents_url": f"{_api(call)}/contents/{path}?ref={new}",
    }
