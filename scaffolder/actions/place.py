"""
The action that puts the new repository into the person's directory.

It is built beside its place and appears by one rename; a directory that holds exactly our commit is ours.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from scaffolder.actions.publish import git_directory, without_empty
from scaffolder.errors import Conflict, InvalidInput
from scaffolder.gateways.git import GitDirectory, attach_work_tree
from scaffolder.gateways.git_work_tree import BASE
from scaffolder.task.action import Action, ActionContext, Effect, UndoContext, Values
from scaffolder.task.plan import PLACE
from scaffolder.tree import NotReadable, NotWritable, Tree

FIELDS = ("directory", "within", "branch", "commit", "digest", "origin")


class DirectoryTaken(Conflict):
    """The place where the new service would go is not free."""

    def __init__(self, directory: Path) -> None:
        link_or_file = "is a link" if directory.is_symlink() else "is a file"
        super().__init__(
            f"{directory} {'is not empty' if _is_directory(directory) else link_or_file}",
            hint="choose another place (--output-dir DIR), or move what is there away",
        )


class DirectoryMissing(InvalidInput):
    """The directory in which the new one would be made cannot be used."""


def _check_place(_context: ActionContext, value: Values) -> None:
    directory = Path(value["directory"])
    if os.path.lexists(directory) and (not _is_directory(directory) or any(directory.iterdir())):
        raise DirectoryTaken(directory)
    parent = next(one for one in directory.parents if one.exists())
    wrong = "" if os.access(parent, os.W_OK | os.X_OK) else "is not writable"
    if wrong or not parent.is_dir():
        raise DirectoryMissing(
            f"cannot make {directory}: {parent} {wrong if parent.is_dir() else 'is not a directory'}",
            hint="choose another place (--output-dir DIR)",
        )


def _is_directory(place: Path) -> bool:
    """Tell whether this is a directory itself: what is placed would not replace a link to one."""
    return place.is_dir() and not place.is_symlink()


def _place(context: ActionContext, value: Values) -> Values:
    directory = Path(value["directory"])
    if _is_placed(directory, value["commit"]):
        return {"directory": str(directory)}
    _check_place(context, value)
    staged = _staged(context, directory)
    try:
        shutil.rmtree(staged, ignore_errors=True)
        ours = GitDirectory(git_directory(context.task_directory))
        ours.tree(value["commit"]).write(staged)
        attach_work_tree(staged, ours, branch=value["branch"], commit=value["commit"], origin=value["origin"])
        staged.replace(directory)
    except OSError as error:
        raise NotWritable(directory, error) from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return {"directory": str(directory)}


def _staged(context: UndoContext, directory: Path) -> Path:
    """Return where the directory is built: beside its place, so that one rename puts it there."""
    return directory.parent / f".{directory.name}.{context.task_id}"


def _is_placed(directory: Path, commit: str) -> bool:
    git = directory / ".git"
    return git.is_dir() and GitDirectory(git).resolve("HEAD") == commit


def _remove(context: UndoContext, value: Values, output: Values) -> str:
    """Remove the directory when it is still exactly what was placed, and the empty ones around it that we made."""
    directory = Path(value["directory"])
    aside = _staged(context, directory)
    shutil.rmtree(aside, ignore_errors=True)
    if _is_placed(directory, value["commit"]):
        if _is_changed(directory, value):
            return f"the directory {directory} was changed since"
        directory.replace(aside)  # half a directory would not be known again
        shutil.rmtree(aside)
    elif output and directory.exists():
        return f"the directory {directory} is no longer what was made"
    _leave_as_before(directory, Path(value["within"]))
    return ""


def _is_changed(directory: Path, value: Values) -> bool:
    """Tell whether there is anything of the person's: in the files, or in commits on whatever branch."""
    own = {
        commit
        for ref, commit in GitDirectory(directory / ".git").refs().items()
        if ref != BASE and not ref.startswith("refs/remotes/")
    }
    try:
        files = Tree.read(directory, without=frozenset({".git"}))
    except NotReadable:
        return True
    return own != {value["commit"]} or without_empty(files).digest() != value["digest"]


def _leave_as_before(directory: Path, within: Path) -> None:
    """Remove empty parents below `within`, which stood before; when that was the directory itself, it stands again."""
    if within == directory:
        directory.mkdir(exist_ok=True)
        return
    for parent in directory.parents:
        if parent == within or not parent.is_relative_to(within):
            return
        with contextlib.suppress(OSError):
            parent.rmdir()


def standing(directory: Path) -> Path:
    """Return the part of a path that exists already."""
    return next(place for place in (directory, *directory.parents) if place.is_dir())


ACTION = Action(
    id=PLACE,
    description="Put the new repository into its directory",
    run=_place,
    undo=_remove,
    check=_check_place,
    predict=lambda _context, value: {"directory": value["directory"]},
    effect=Effect.OUTSIDE,
    input_schema={
        "type": "object",
        "properties": {name: {"type": "string"} for name in FIELDS},
        "required": list(FIELDS),
        "additionalProperties": False,
    },
    describe=lambda value, _output: f"put in {value['directory']}",
)


def scaffolder_actions() -> list[Action]:
    """Return the action of this module."""
    return [ACTION]
