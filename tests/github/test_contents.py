from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.github.asking import Asking
    from tests.github.server import GitHub


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_file_is_written_read_changed_and_deleted(github: GitHub, mona: Asking) -> None:
    shop = github.add_repository("acme/shop")
    place = "/repos/acme/shop/contents/docs/a.md"

    made = mona.put(place, message="First", content=coded("one"))
    assert (made.status, made.body["commit"]["message"]) == (201, "First")
    assert made.body["commit"]["author"]["email"] == "mona@acme.example"
    shown = mona.get(place).body
    assert (base64.b64decode(shown["content"]), shown["size"]) == (b"one", 3)

    assert mona.put(place, message="Second", content=coded("two")).status == 422
    assert mona.put(place, message="Second", content=coded("two"), sha="0" * 40).status == 409
    assert mona.put(place, message="Second", content=coded("two"), sha=shown["sha"]).status == 200
    assert shop.files() == {"docs/a.md": b"two"}

    sha = mona.get(place).body["sha"]
    assert mona.delete(place, message="Gone", sha=sha).status == 200
    assert mona.get(place).status == 404
    assert [each["commit"]["message"] for each in mona.get("/repos/acme/shop/commits").body] == [
        "Gone",
        "Second",
        "First",
    ]
    assert mona.get("/repos/acme/shop/commits").body[0]["author"]["login"] == "mona"


def test_directories_links_and_the_readme(github: GitHub, mona: Asking) -> None:
    github.add_repository("acme/shop", files={"README.md": b"# Shop\n", "src/a.py": b"", "src/deep/b.py": b""})

    assert [each["name"] for each in mona.get("/repos/acme/shop/contents/").body] == ["README.md", "src"]
    assert [each["name"] for each in mona.get("/repos/acme/shop/contents/src?ref=main").body] == ["a.py", "deep"]
    assert base64.b64decode(mona.get("/repos/acme/shop/readme").body["content"]) == b"# Shop\n"
    assert mona.get("/repos/acme/shop/contents/none").status == 404
    assert mona.get("/repos/acme/shop/contents/src?ref=none").message == "No commit found for the ref none"


def test_an_empty_repository_says_so(github: GitHub, mona: Asking) -> None:
    github.add_repository("acme/shop")

    assert mona.get("/repos/acme/shop/contents/a").message == "This repository is empty."
    for place in ("git/ref/heads/main", "git/trees/main", "commits", "git/matching-refs/heads/"):
        refused = mona.get(f"/repos/acme/shop/{place}")
        assert (refused.status, refused.message) == (409, "Git Repository is empty.")
    assert mona.post("/repos/acme/shop/git/blobs", content="a").status == 409
    assert mona.get("/repos/acme/shop/branches").body == []


def test_refs_are_made_moved_and_deleted(github: GitHub, mona: Asking) -> None:
    shop = github.add_repository("acme/shop", files={"a": b"1"})
    first = shop.branches()["main"]
    second = github.state.write(shop, {"a": b"2"}, author=shop.creator, message="Second")
    refs = "/repos/acme/shop/git/refs"

    assert mona.post(refs, ref="refs/heads/register/shop", sha=first).status == 201
    assert mona.post(refs, ref="refs/heads/register/shop", sha=first).message == "Reference already exists"
    assert mona.post(refs, ref="refs/heads/register", sha=first).status == 422
    assert mona.post(refs, ref="refs/heads/x", sha="0" * 40).message == "Object does not exist"
    assert mona.post(refs, ref="main", sha=first).status == 422
    assert mona.get("/repos/acme/shop/git/ref/heads/register/shop").body["object"]["sha"] == first
    assert [each["ref"] for each in mona.get("/repos/acme/shop/git/matching-refs/heads/reg").body] == [
        "refs/heads/register/shop"
    ]

    assert mona.patch(f"{refs}/heads/register/shop", sha=second).status == 200
    refused = mona.patch(f"{refs}/heads/register/shop", sha=first)
    assert (refused.status, refused.message) == (422, "Update is not a fast forward")
    assert mona.patch(f"{refs}/heads/register/shop", sha=first, force=True).status == 200

    assert mona.delete(f"{refs}/heads/register/shop").status == 204
    assert mona.delete(f"{refs}/heads/register/shop").status == 422
    assert sorted(shop.refs()) == ["refs/heads/main"]
    assert mona.get("/repos/acme/shop/git/ref/heads/register/shop").status == 404


def test_a_commit_is_made_piece_by_piece(github: GitHub, mona: Asking) -> None:
    shop = github.add_repository("acme/shop", files={"a": b"1", "old/b": b"2"})
    head = shop.branches()["main"]
    api = "/repos/acme/shop/git"
    blob = mona.post(f"{api}/blobs", content=coded("\x00binary"), encoding="base64").body["sha"]
    lines = [
        {"path": "bin/run", "mode": "100755", "type": "blob", "sha": blob},
        {"path": "notes", "mode": "100644", "type": "blob", "content": "hello"},
        {"path": "old/b", "mode": "100644", "type": "blob", "sha": None},
    ]
    tree = mona.post(f"{api}/trees", base_tree=head, tree=lines).body["sha"]
    commit = mona.post(f"{api}/commits", message="Next", tree=tree, parents=[head]).body
    assert mona.patch(f"{api}/refs/heads/main", sha=commit["sha"]).status == 200

    assert shop.files() == {"a": b"1", "bin/run": b"\x00binary", "notes": b"hello"}
    deep = mona.get(f"{api}/trees/main?recursive=1").body
    assert [(each["path"], each["mode"]) for each in deep["tree"]] == [
        ("a", "100644"),
        ("bin", "040000"),
        ("bin/run", "100755"),
        ("notes", "100644"),
    ]
    assert deep["truncated"] is False
    assert base64.b64decode(mona.get(f"{api}/blobs/{blob}").body["content"]) == b"\x00binary"
    assert mona.get(f"{api}/commits/{commit['sha']}").body["parents"][0]["sha"] == head
    assert mona.post(f"{api}/commits", message="No", tree="0" * 40).status == 422
    assert mona.get(f"{api}/trees/none").status == 404


def test_branches_and_how_they_compare(github: GitHub, mona: Asking) -> None:
    shop = github.add_repository("acme/shop", files={"a": b"1"})
    mona.post("/repos/acme/shop/git/refs", ref="refs/heads/feature/x", sha=shop.branches()["main"])
    mona.put("/repos/acme/shop/contents/b", message="b", content=coded("b"), branch="feature/x")

    assert [each["name"] for each in mona.get("/repos/acme/shop/branches").body] == ["feature/x", "main"]
    assert mona.get("/repos/acme/shop/branches/feature/x").body["commit"]["commit"]["message"] == "b"
    assert mona.get("/repos/acme/shop/branches/none").message == "Branch not found"
    compared = mona.get("/repos/acme/shop/compare/main...feature/x").body
    assert (compared["status"], compared["ahead_by"], compared["behind_by"]) == ("ahead", 1, 0)
    assert [each["filename"] for each in compared["files"]] == ["b"]
    assert len(mona.get("/repos/acme/shop/commits?sha=feature/x&path=b").body) == 1


@pytest.mark.parametrize("path", [".github/workflows/ci.yml"])
def test_a_workflow_needs_a_scope_of_its_own(github: GitHub, mona: Asking, path: str) -> None:
    github.add_repository("acme/shop", files={"a": b""})
    narrow = type(mona)(github, github.add_token("mona", scopes=["repo"]))

    assert narrow.put(f"/repos/acme/shop/contents/{path}", message="m", content="").status == 404
    assert mona.put(f"/repos/acme/shop/contents/{path}", message="m", content="").status == 201
