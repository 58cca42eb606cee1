"""Turns a directory of files into a work tree of the repository they were published to."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from scaffolder.errors import Conflict
from scaffolder.gateways.git_command import git
from scaffolder.gateways.git_directory import GitDirectory, as_id, lay_out
from scaffolder.tree import NotWritable

BASE = "refs/scaffolder/base"
"""The pristine render a project was born from."""


class WorkTreeTaken(Conflict):
    """The directory belongs to another repository already."""

    def __init__(self, directory: Path) -> None:
        super().__init__(
            f"{directory} is a git repository of its own already", hint="choose another directory (--output-dir)"
        )


def attach_work_tree(directory: Path, source: GitDirectory, *, branch: str, commit: str, origin: str) -> None:
    """
    Make `directory`, which holds the files of `commit`, a work tree with `branch` checked out.

    Its origin is `origin`, as after a clone. `.git` appears by one rename; said again, nothing changes.

    Raises:
        WorkTreeTaken: There is another `.git` already.
        NotWritable: The file system refused.
    """
    place = directory / ".git"
    if place.exists() or place.is_symlink():
        if GitDirectory(place).resolve(f"refs/heads/{branch}") != commit:
            raise WorkTreeTaken(directory)
        return
    partial = directory / ".git.partial"
    try:
        shutil.rmtree(partial, ignore_errors=True)
        _lay_out_clone(partial, source, branch=branch, commit=commit, origin=origin)
        git(f"--work-tree={directory}", "reset", "--quiet", "--mixed", "--refresh", directory=partial)
        (partial / "ORIG_HEAD").unlink(missing_ok=True)
        partial.rename(place)
    except OSError as error:
        raise NotWritable(Path(error.filename or place), error) from error


def _lay_out_clone(path: Path, source: GitDirectory, *, branch: str, commit: str, origin: str) -> None:
    core = {"bare": "false", "logAllRefUpdates": "true"}
    if sys.platform == "darwin":
        core |= {"ignoreCase": "true", "precomposeUnicode": "true"}  # what `git init` finds out on a Mac's usual disk
    sections = {
        "core": core,
        'remote "origin"': {"url": origin, "fetch": "+refs/heads/*:refs/remotes/origin/*"},
        f'branch "{branch}"': {"remote": "origin", "merge": f"refs/heads/{branch}"},
    }
    lay_out(path, branch=branch, config=sections)
    _copy_objects(source.path / "objects", path / "objects")
    base = source.resolve(BASE)
    refs = {f"refs/heads/{branch}": commit, f"refs/remotes/origin/{branch}": commit} | ({BASE: base} if base else {})
    for ref, name in refs.items():
        (path / ref).parent.mkdir(parents=True, exist_ok=True)
        (path / ref).write_text(f"{as_id(name)}\n", encoding="ascii")
    (path / "refs/remotes/origin/HEAD").write_text(f"ref: refs/remotes/origin/{branch}\n", encoding="utf-8")


def _copy_objects(source: Path, target: Path) -> None:
    """Share object files where the file system can, as a local `git clone` does: git never changes one."""
    for found in source.rglob("*"):
        if not found.is_file() or found.name.startswith("tmp_"):
            continue
        place = target / found.relative_to(source)
        place.parent.mkdir(exist_ok=True)
        try:
            place.hardlink_to(found)
        except OSError:
            shutil.copy2(found, place)
