"""
Actions on the files of the workspace: delete, rename, list.

Nothing outside the workspace is looked at or touched, neither by `..` nor through a link.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder.errors import Conflict, InvalidInput
from scaffolder.task.action import Action, ActionContext, Effect, Values, object_schema
from scaffolder.template.globs import matcher
from scaffolder.tree import NotWritable, PathEscapes, check_not_gits, contained

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = {"type": "string"}
ENTRIES = {"type": "array", "items": object_schema({"name": TEXT, "path": TEXT, "fullPath": TEXT})}


class NoSuchFile(InvalidInput):
    """A step names something that is not in the workspace."""

    def __init__(self, path: str) -> None:
        super().__init__(f"there is no {path!r} in the workspace", hint="look at what the steps before have made")


class CannotMove(Conflict):
    """Something cannot be renamed as a step says."""

    def __init__(self, source: str, target: str, reason: str) -> None:
        hint = "overwrite: true replaces what is there" if reason == TAKEN else "correct the step in template.yaml"
        super().__init__(f"{source!r} cannot become {target!r}: {reason}", hint=hint)


class NoPath(InvalidInput):
    """A path is empty, or nothing defines it."""

    def __init__(self) -> None:
        super().__init__(
            "one of the paths is empty or undefined",
            hint="leave it out, or give the parameter it is made of a default",
        )


class TooManyWays(InvalidInput):
    """Links within the workspace make so many paths of few files that nobody can go through them."""

    def __init__(self) -> None:
        super().__init__(
            f"to look for files in the workspace takes longer than {LOOKING:g} s: links in it lead to one another",
            hint="leave those links out of what is fetched",
        )


TAKEN = "that is there already"
LOOKING = 10.0
"""Seconds that a step may look for files, through links."""


# -- fs:delete


def _delete(context: ActionContext, value: Values) -> Values:
    ends = time.monotonic() + LOOKING
    for wanted in value["files"]:
        matches = matcher([_below_top(_inside(context.workspace, wanted).replace("\\", "/"))])
        for path in sorted(_files(context.workspace, ends)):
            if matches(_below_top(path)):
                _place(context.workspace, path).unlink(missing_ok=True)
                context.log(f"{path} deleted")
    return {}


def _below_top(path: str) -> str:
    """Return a path, or a glob, as seen from above the workspace: as in Backstage, nothing stands before a `!` then."""
    return posixpath.normpath(f"workspace/{path}")


def _files(directory: Path, ends: float, above: tuple[Path, ...] = (), below: str = "") -> Iterator[str]:
    """Iterate over the files, also those that links within lead to; a link that leads nowhere, or out, is none."""
    if time.monotonic() > ends:
        raise TooManyWays
    within = (*above, Path(os.path.realpath(directory)))
    for entry in sorted(directory.iterdir()):
        place = Path(os.path.realpath(entry))  # `resolve` fails on a link that leads to itself
        if not place.is_relative_to(within[0]) or place in within:
            continue
        if entry.is_dir():
            yield from _files(entry, ends, within, f"{below}{entry.name}/")
        elif entry.is_file():
            yield f"{below}{entry.name}"


# -- fs:rename


def _rename(context: ActionContext, value: Values) -> Values:
    for file in value["files"]:
        source, target = (_inside(context.workspace, file[end]) for end in ("from", "to"))
        if not source or not target:
            raise NoPath
        check_not_gits(target)
        _check_move(context.workspace, source, target, overwrite=file.get("overwrite", False))
        _move(_place(context.workspace, source), _place(context.workspace, target))
        context.log(f"{source} renamed to {target}")
    return {}


def _check_move(workspace: Path, source: str, target: str, *, overwrite: bool) -> None:
    old, new = _place(workspace, source), _place(workspace, target)
    if not os.path.lexists(old):
        raise NoSuchFile(source)
    if source == target:
        raise CannotMove(source, target, "both are the same")
    if target.startswith(f"{source}/") and _is_directory(old):
        raise CannotMove(source, target, "a directory cannot be moved into itself")
    if not new.exists():
        return
    if not overwrite:
        raise CannotMove(source, target, TAKEN)
    if _is_directory(old) is not _is_directory(new):
        raise CannotMove(source, target, "one is a directory, and the other is not")


def _move(old: Path, new: Path) -> None:
    try:
        new.parent.mkdir(parents=True, exist_ok=True)
        if _is_directory(new):
            shutil.rmtree(new)
        old.replace(new)
    except OSError as error:
        raise NotWritable(new, error) from error


def _is_directory(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


# -- fs:readdir


def _list(context: ActionContext, value: Values) -> Values:
    found = [
        entry
        for path in value["paths"]
        for entry in _entries(_directory(context.workspace, path), deep=value.get("recursive", False))
    ]
    kinds = {"files": False, "folders": True}
    return {
        kind: [
            _entry(context.workspace, Path(one.path)) for one in found if one.is_dir(follow_symlinks=False) is is_one
        ]
        for kind, is_one in kinds.items()
    }


def _directory(workspace: Path, path: str) -> Path:
    place = _place(workspace, _inside(workspace, path))
    if not place.is_dir():
        raise NoSuchFile(path)
    return place


def _entries(directory: Path, *, deep: bool) -> Iterator[os.DirEntry[str]]:
    """Iterate over a directory by name; the directories that it has come after it, the last one first."""
    waiting = [os.fspath(directory)]
    while waiting:
        with os.scandir(waiting.pop()) as scanned:
            found = sorted(scanned, key=lambda entry: os.fsencode(entry.name))
        yield from found
        waiting += [entry.path for entry in found if deep and entry.is_dir(follow_symlinks=False)]


def _entry(workspace: Path, path: Path) -> dict[str, str]:
    return {"name": path.name, "path": path.relative_to(workspace).as_posix(), "fullPath": os.fspath(path)}


# -- paths


def _inside(workspace: Path, path: str | None) -> str:
    """Return a path of the workspace, normalised; '' for the workspace itself."""
    if path is None:
        raise NoPath
    absolute = os.path.normpath(workspace / path)
    relative = os.path.relpath(absolute, workspace)
    return "" if relative == "." else contained(relative)


def _place(workspace: Path, path: str) -> Path:
    """Return where a path of the workspace is, unless a link on the way to it leads out."""
    place = workspace / path
    real = os.path.realpath(workspace)
    for checked in (place.parent, place) if path else ():
        there = os.path.realpath(checked)
        if there != real and not there.startswith(real + os.sep):
            raise PathEscapes(path)
    return place


DELETE = Action(
    id="fs:delete",
    description="Delete files of the workspace, named by globs",
    run=_delete,
    effect=Effect.WORKSPACE,
    input_schema=object_schema({"files": {"type": "array", "items": TEXT}}, "files"),
)
RENAME = Action(
    id="fs:rename",
    description="Rename files and directories of the workspace",
    run=_rename,
    effect=Effect.WORKSPACE,
    input_schema=object_schema(
        {
            "files": {
                "type": "array",
                "items": object_schema({"from": TEXT, "to": TEXT, "overwrite": {"type": "boolean"}}, "from", "to"),
            }
        },
        "files",
    ),
)
READDIR = Action(
    id="fs:readdir",
    description="List the files and directories of the workspace",
    run=_list,
    effect=Effect.NONE,
    input_schema=object_schema(
        {"paths": {"type": "array", "items": {**TEXT, "minLength": 1}}, "recursive": {"type": "boolean"}}, "paths"
    ),
    output_schema=object_schema({"files": ENTRIES, "folders": ENTRIES}, "files", "folders"),
)


def scaffolder_actions() -> list[Action]:
    """Return the actions of this module."""
    return [DELETE, RENAME, READDIR]
