from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.github.faults import Trouble

if TYPE_CHECKING:
    from pathlib import Path

    from tests.github.asking import Asking
    from tests.github.server import GitHub
    from tests.github.state import Repository


class Clone:
    """A repository on somebody's disk, and git as they would use it."""

    def __init__(self, directory: Path, github: GitHub, token: str) -> None:
        self.directory, self.github, self.token = directory, github, token
        directory.mkdir(exist_ok=True)
        self("init", "--quiet")

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        helper = f'!f() {{ echo "username=x-access-token"; echo "password={self.token}"; }}; f'
        quick = ["-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=1"]
        return subprocess.run(
            ["git", "-c", f"credential.helper={helper}", *quick, *arguments],
            cwd=self.directory,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
            capture_output=True,
            text=True,
            check=False,
        )

    def commit(self, files: dict[str, str]) -> str:
        for path, text in files.items():
            file = self.directory / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self("add", "--all")
        assert self("commit", "--quiet", "--message", "Work").returncode == 0
        return self("rev-parse", "HEAD").stdout.strip()

    def push(self, name: str = "acme/shop", *refs: str) -> subprocess.CompletedProcess[str]:
        return self("push", self.github.clone_url(name), *(refs or ("main",)))


@pytest.fixture
def shop(github: GitHub, mona: Asking) -> Repository:
    assert mona.post("/orgs/acme/repos", name="shop", private=True).status == 201
    return github.repository("acme/shop")


@pytest.fixture
def clone(tmp_path: Path, github: GitHub, mona: Asking) -> Clone:
    return Clone(tmp_path / "clone", github, mona.token)


def test_a_push_arrives_and_comes_back(shop: Repository, clone: Clone, github: GitHub) -> None:
    sha = clone.commit({"README.md": "# Shop\n", "src/a.py": "x = 1\n"})

    assert clone.push("acme/shop", "main", "HEAD:refs/scaffolder/base").returncode == 0

    assert shop.refs() == {"refs/heads/main": sha, "refs/scaffolder/base": sha}
    assert shop.files() == {"README.md": b"# Shop\n", "src/a.py": b"x = 1\n"}
    assert clone("clone", "--quiet", github.clone_url("Acme/SHOP"), "again").returncode == 0
    assert (clone.directory / "again" / "src" / "a.py").read_text() == "x = 1\n"
    assert [each.git for each in github.requests] == [False] + [True] * (len(github.requests) - 1)


def test_a_large_push_comes_in_pieces(shop: Repository, clone: Clone) -> None:
    clone.directory.joinpath("big").write_bytes(os.urandom(3_000_000))
    clone.commit({"small": "1"})

    assert clone.push().returncode == 0
    assert len(shop.files()["big"]) == 3_000_000


def test_what_the_double_writes_is_what_git_would_write(github: GitHub, mona: Asking) -> None:
    shop = github.add_repository("acme/shop", files={"a.txt": b"1", "a/b": b"2", "a0": b"3", "a-c/d/e": b"4"})
    mona.put("/repos/acme/shop/contents/a/c", message="Ünïcode", content="")

    checked = subprocess.run(
        ["git", "--git-dir", str(shop.git.path), "fsck", "--strict", "--full"], capture_output=True, check=False
    )

    assert (checked.returncode, checked.stdout) == (0, b"")


def test_much_is_asked_for_in_packed_requests(shop: Repository, clone: Clone, github: GitHub) -> None:
    for number in range(40):
        shop.git.set_ref(f"refs/heads/b{number}", github.state.write(shop, {"a": b"%d" % number}, **by(shop)))

    assert clone("clone", "--quiet", github.clone_url("acme/shop"), "again").returncode == 0
    assert "gzip" in [each.headers.get("content-encoding") for each in github.requests]


def by(shop: Repository) -> dict[str, Any]:
    return {"author": shop.creator, "message": "Work"}


def test_the_first_branch_becomes_the_default_one(shop: Repository, clone: Clone, mona: Asking) -> None:
    clone.commit({"a": "1"})
    clone.push("acme/shop", "main:trunk")

    assert mona.get("/repos/acme/shop").body["default_branch"] == "trunk"
    assert shop.files() == {"a": b"1"}


def test_whom_it_is_not_for_is_turned_away(shop: Repository, clone: Clone, github: GitHub) -> None:
    clone.commit({"a": "1"})

    clone.token = "ghp_wrong"
    assert "Authentication failed" in clone.push().stderr
    clone.token = github.add_user("stranger")
    assert "not found" in clone.push().stderr
    clone.token = github.add_fine_grained_token("mona", {"contents": "read"})
    assert "Permission to acme/shop.git denied to mona" in clone.push().stderr
    github.add_repository("acme/open")
    clone.token = github.add_token("stranger")
    assert clone.push("acme/open").returncode == 128
    assert shop.refs() == github.repository("acme/open").refs() == {}


def test_a_renamed_repository_is_pushed_to_by_its_old_name(
    shop: Repository, clone: Clone, github: GitHub, mona: Asking
) -> None:
    mona.patch("/repos/acme/shop", name="store")
    clone.commit({"a": "1"})

    assert clone.push().returncode == 0
    assert github.repository("acme/store").files() == shop.files() == {"a": b"1"}


def test_an_archived_one_is_not_pushed_to(shop: Repository, clone: Clone) -> None:
    shop.archived = True
    clone.commit({"a": "1"})

    assert clone.push().returncode == 128
    assert shop.refs() == {}


def test_workflows_need_their_scope(shop: Repository, clone: Clone, github: GitHub, mona: Asking) -> None:
    clone.commit({"a": "1", ".github/workflows/ci.yml": "on: push\n"})
    clone.token = github.add_token("mona", scopes=["repo"])

    refused = clone.push()

    assert (refused.returncode, shop.refs()) == (1, {})
    assert "refusing to allow a Personal Access Token to create or update workflow" in refused.stderr
    assert ".github/workflows/ci.yml" in refused.stderr
    clone.token = mona.token
    assert clone.push().returncode == 0
    clone.token = github.add_token("mona", scopes=["repo"])
    clone.commit({"b": "1"})
    assert clone.push().returncode == 0


def test_a_protected_branch_is_pushed_to_only_by_those_who_may(shop: Repository, clone: Clone, github: GitHub) -> None:
    clone.commit({"a": "1"})
    assert clone.push().returncode == 0
    rule = {"conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"]}}, "rules": [{"type": "pull_request"}]}
    shop.rulesets[1] = {"id": 1, "enforcement": "active", **rule}
    clone.commit({"a": "2"})

    assert "GH013" in clone.push().stderr
    shop.rulesets[1]["enforcement"] = "disabled"
    shop.protections["main"] = {"required_pull_request_reviews": {}, "enforce_admins": True}
    assert "GH006" in clone.push().stderr
    assert clone.push("acme/shop", "main:other").returncode == 0
    shop.protections["main"]["enforce_admins"] = False
    assert clone.push().returncode == 0
    assert github.repository("acme/shop").files() == {"a": b"2"}


def test_a_hook_of_the_server_refuses(shop: Repository, clone: Clone, github: GitHub) -> None:
    fault = github.faults.add(Trouble.HOOK, "POST", "*/git-receive-pack")
    clone.commit({"a": "1"})

    refused = clone.push()

    assert (refused.returncode, fault.fired, shop.refs()) == (1, 1, {})
    assert "remote: policy: this push is not wanted here" in refused.stderr
    assert "[remote rejected]" in refused.stderr
    assert clone.push().returncode == 0


@pytest.mark.parametrize(
    ("trouble", "arrived"),
    [
        (Trouble.CUT, False),
        (Trouble.RESET_BEFORE, False),
        (Trouble.ERROR, False),
        (Trouble.BAD_GATEWAY_AFTER, True),
        (Trouble.RESET_AFTER, True),
        (Trouble.STALLED, False),
        (Trouble.TIMEOUT_AFTER, True),
    ],
)
def test_a_push_goes_wrong(shop: Repository, clone: Clone, github: GitHub, trouble: Trouble, *, arrived: bool) -> None:
    times = 2 if trouble in (Trouble.CUT, Trouble.RESET_BEFORE) else 1
    fault = github.faults.add(trouble, "POST", "/acme/shop.git/git-receive-pack", times=times)
    sha = clone.commit({"a": "1"})

    begun = time.monotonic()

    assert clone.push().returncode != 0

    assert fault.fired == times
    assert time.monotonic() - begun < 15, "a stall ends when the client has gone"
    assert shop.refs() == ({"refs/heads/main": sha} if arrived else {})
    assert clone.push().returncode == 0
    assert shop.refs() == {"refs/heads/main": sha}


def test_git_itself_asks_again_after_one_reset(shop: Repository, clone: Clone, github: GitHub) -> None:
    fault = github.faults.add(Trouble.RESET_BEFORE, "POST", "*/git-receive-pack")
    clone.commit({"a": "1"})

    assert (clone.push().returncode, fault.fired) == (0, 1)
    assert shop.files() == {"a": b"1"}
