from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from scaffolder.errors import Conflict, Failed, ScaffolderError
from scaffolder.gateways.forge import RepositorySpec, RepositoryTaken
from scaffolder.gateways.git import GitDirectory, GitFailed
from scaffolder.gateways.local_forge import LocalForge
from scaffolder.tree import Tree
from tests.gateways.forge_contract import MAIN, SHOP, ForgeContract, source
from tests.gateways.repositories import as_person

__all__ = ["source"]  # a fixture of the contract


@pytest.fixture
def forge(tmp_path: Path) -> LocalForge:
    return LocalForge(tmp_path / "forge")


class TestLocalForge(ForgeContract):
    """The contract, kept by a directory."""


def existing(forge: LocalForge, name: str = "acme/shop") -> Path:
    """Make a repository by hand, as a person would."""
    place = forge.root / f"{name}.git"
    place.mkdir(parents=True)
    as_person(place, "init", "--quiet", "--bare", "--initial-branch=main")
    return place


def test_looking_makes_nothing(forge: LocalForge) -> None:
    forge.find("acme/shop")
    forge.expected(SHOP)
    forge.refs("acme/shop")
    forge.delete_repository("acme/shop", marker="task-1", refs={})

    assert not forge.root.exists()


def test_is_its_owners_alone(forge: LocalForge) -> None:
    forge.ensure_repository(SHOP, marker="task-1")

    assert stat.S_IMODE(forge.root.stat().st_mode) == 0o700


def test_git_finds_nothing_wrong_with_what_is_made(forge: LocalForge) -> None:
    made = forge.ensure_repository(SHOP, marker='odd "marker"\\ #1')

    assert made == forge.find("acme/shop")
    place = Path(made.clone_url)
    assert as_person(place, "config", "scaffolder.task") == 'odd "marker"\\ #1'
    assert as_person(place, "symbolic-ref", "HEAD") == "refs/heads/trunk"
    assert as_person(place, "fsck", "--strict", "--no-dangling") == ""
    assert (place / "description").read_text() == "Sells things\n"


def test_an_empty_repository_made_by_hand_is_published_into(forge: LocalForge, source: GitDirectory) -> None:
    existing(forge)

    found = forge.ensure_repository(SHOP, marker="task-1")
    forge.push("acme/shop", source.path, source.refs())

    assert (found.created_by, found.empty, found.default_branch) == ("", True, "main")
    assert forge.delete_repository("acme/shop", marker="task-1", refs=source.refs())
    assert forge.withdraw("acme/shop", source.refs()) == ""


def test_one_with_content_is_a_conflict(forge: LocalForge, source: GitDirectory) -> None:
    place = existing(forge)
    source.push(str(place), source.refs())

    with pytest.raises(RepositoryTaken):
        forge.ensure_repository(SHOP, marker="task-1")


@pytest.mark.parametrize("kind", ["file", "directory", "link"])
def test_what_is_no_repository_still_takes_the_name(forge: LocalForge, kind: str) -> None:
    place = forge.root / "acme/shop.git"
    place.parent.mkdir(parents=True)
    if kind == "file":
        place.write_text("mine")
    elif kind == "directory":
        (place / "notes").mkdir(parents=True)
    else:
        place.symlink_to("/nowhere")
    before = Tree.read(forge.root).digest()

    found = forge.find("acme/shop")
    assert found is not None
    assert (found.created_by, found.empty) == ("", False)
    with pytest.raises(RepositoryTaken):
        forge.ensure_repository(SHOP, marker="task-1")
    assert forge.delete_repository("acme/shop", marker="task-1", refs={})

    (forge.root / ".lock").unlink()
    assert Tree.read(forge.root).digest() == before


def test_names_that_differ_by_case_share_the_owners_directory(forge: LocalForge) -> None:
    forge.ensure_repository(SHOP, marker="task-1")

    other = forge.ensure_repository(RepositorySpec(owner="ACME", name="other"), marker="task-2")

    assert other.full_name == "acme/other"
    assert [path.name for path in forge.root.iterdir() if path.name != ".lock"] == ["acme"]


def test_what_a_killed_process_left_does_not_block(forge: LocalForge) -> None:
    for leftover in (".new", ".gone"):
        (forge.root / leftover / "objects").mkdir(parents=True)
        (forge.root / leftover / "HEAD.lock").write_text("")

    assert forge.ensure_repository(SHOP, marker="task-1") == forge.find("acme/shop")
    assert sorted(path.name for path in forge.root.iterdir()) == [".lock", "acme"]


CREATE = """
import sys
from pathlib import Path
from scaffolder.errors import ScaffolderError
from scaffolder.gateways.forge import RepositorySpec
from scaffolder.gateways.local_forge import LocalForge
forge = LocalForge(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    try:
        forge.ensure_repository(RepositorySpec(owner="acme", name=f"shop-{number}"), marker=sys.argv[2])
    except ScaffolderError as error:
        print(number, error.code)
    else:
        print(number, "made", flush=True)
"""


def creator(forge: LocalForge, marker: str, count: int) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", CREATE, str(forge.root), marker, str(count)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


def test_of_two_that_want_a_name_at_once_one_wins(forge: LocalForge) -> None:
    rivals = [creator(forge, marker, 12) for marker in ("task-1", "task-2", "task-3")]
    outputs = [rival.communicate()[0].splitlines() for rival in rivals]

    for number in range(12):
        said = sorted(line.split()[1] for output in outputs for line in output if line.split()[0] == str(number))
        assert said == ["made", "repository-taken", "repository-taken"]


@pytest.mark.parametrize("after", [0, 0.002, 0.004, 0.006])
def test_a_kill_at_any_moment_leaves_whole_repositories(forge: LocalForge, after: float) -> None:
    with creator(forge, "task-1", 10_000) as killed:
        assert killed.stdout is not None
        killed.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            killed.wait(after + 0.01)
        killed.send_signal(signal.SIGKILL)
        assert killed.wait() == -9

    there = sorted(path.stem for path in (forge.root / "acme").iterdir())
    for name in there:
        assert as_person(forge.root / f"acme/{name}.git", "config", "scaffolder.task") == "task-1"
    retried = forge.ensure_repository(RepositorySpec(owner="acme", name=f"shop-{len(there)}"), marker="task-1")
    assert retried.created_by == "task-1"


def test_a_hook_that_refuses_is_quoted_and_nothing_is_moved(forge: LocalForge, source: GitDirectory) -> None:
    made = forge.ensure_repository(SHOP, marker="task-1")
    hook = Path(made.clone_url) / "hooks/update"
    hook.write_text("#!/bin/sh\necho not today >&2\ntest $1 = refs/heads/trunk\n")
    hook.chmod(0o755)

    with pytest.raises(GitFailed) as caught:
        forge.push("acme/shop", source.path, source.refs())

    assert "not today" in f"{caught.value.message} {caught.value.details}"
    assert forge.refs("acme/shop") == {}


def test_the_persons_hooks_do_not_run(forge: LocalForge, source: GitDirectory, home: Path) -> None:
    hooks = home / "hooks"
    hooks.mkdir()
    for name in ("pre-push", "pre-receive", "post-receive", "reference-transaction"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {home}/sang\nexit 1\n")
        (hooks / name).chmod(0o755)
    with (home / ".gitconfig").open("a") as file:
        file.write(f"[core]\n\thooksPath = {hooks}\n[protocol]\n\tallow = never\n")
    forge.ensure_repository(SHOP, marker="task-1")

    forge.push("acme/shop", source.path, source.refs())

    assert not (home / "sang").exists()


def test_a_push_into_nothing_says_so(forge: LocalForge, source: GitDirectory) -> None:
    with pytest.raises(Failed, match="no longer on the local forge"):
        forge.push("acme/shop", source.path, source.refs())


def test_of_two_pushes_at_once_one_wins(forge: LocalForge, tmp_path: Path) -> None:
    forge.ensure_repository(SHOP, marker="task-1")
    script = (
        "import sys; from pathlib import Path; from tests.gateways.test_local_forge import push_own; "
        "print(push_own(Path(sys.argv[1]), Path(sys.argv[2])))"
    )
    argv = [sys.executable, "-c", script, str(forge.root)]
    rivals = [subprocess.Popen([*argv, str(tmp_path / str(n))], stdout=subprocess.PIPE, text=True) for n in range(2)]

    said = sorted(rival.communicate()[0].strip() for rival in rivals)

    assert said == ["pushed", "ref-taken"]
    assert set(forge.refs("acme/shop")) == {MAIN}


def push_own(root: Path, place: Path) -> str:
    from tests.gateways.repositories import commit

    mine = GitDirectory.init(place)
    commit(mine, message=place.name, ref=MAIN)
    try:
        LocalForge(root).push("acme/shop", mine.path, mine.refs())
    except Conflict as error:
        return error.code
    return "pushed"


@pytest.mark.parametrize("root", ["file", "file/below", "/proc/forge"])
def test_a_root_that_cannot_be_written_is_told(tmp_path: Path, root: str) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ScaffolderError, match="cannot write the local forge") as caught:
        LocalForge(tmp_path / root).ensure_repository(SHOP, marker="task-1")

    assert caught.value.exit_code == 1
    assert caught.value.hint


FULL = """
import resource, sys
from pathlib import Path
from scaffolder.errors import Failed
from tests.gateways.forge_contract import SHOP
from scaffolder.gateways.local_forge import LocalForge
resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))
try:
    LocalForge(Path(sys.argv[1])).ensure_repository(SHOP, marker="task-1")
except Failed as error:
    print(error.message, error.hint)
"""


def test_a_full_disk_leaves_no_repository(forge: LocalForge) -> None:
    done = subprocess.run([sys.executable, "-B", "-c", FULL, str(forge.root)], capture_output=True, check=True)

    assert b"cannot write the local forge" in done.stdout, done.stderr
    assert b"free some space" in done.stdout
    assert forge.find("acme/shop") is None
    assert forge.ensure_repository(SHOP, marker="task-1").created_by == "task-1"


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not hold the administrator back")
def test_a_read_only_root_is_told(forge: LocalForge) -> None:
    forge.root.mkdir(mode=0o500)

    with pytest.raises(ScaffolderError, match="cannot write the local forge"):
        forge.ensure_repository(SHOP, marker="task-1")
