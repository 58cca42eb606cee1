"""
Actions that turn a workspace into a repository, and put it where people find it.

Each is one effect that ensures: the commit is the same whenever it is made, the repository is known again by the
task's id, a push finds the ref already there, a directory that holds exactly our files is ours.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffolder.actions.additions import Facts, completed
from scaffolder.errors import Conflict, InvalidInput, ScaffolderError
from scaffolder.gateways.forge import RepositorySpec
from scaffolder.gateways.git import GitDirectory, attach_work_tree
from scaffolder.hookspecs import hookimpl
from scaffolder.task.action import Action, ActionContext, Effect, UndoContext, Values
from scaffolder.task.plan import COMMIT, CREATE, PLACE, PUSH
from scaffolder.tree import Directory, NotWritable, Tree

if TYPE_CHECKING:
    from collections.abc import Mapping

BASE = "refs/scaffolder/base"
TEXT = {"type": "string"}


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


def git_directory(task_directory: Path) -> Path:
    """Return where a task keeps its commits until they are pushed and placed."""
    return task_directory / "repository.git"


def branch_ref(branch: str) -> str:
    """Return the full name of a branch."""
    return f"refs/heads/{branch}"


def used_since(context: UndoContext, repository: str, refs: Mapping[str, str]) -> str:
    """Return why a repository must stay, '' when it is gone or holds nothing but `refs`."""
    more = [ref for ref, commit in context.forge.refs(repository).items() if refs.get(ref) != commit]
    return f"the repository {repository} has been used since" if more else ""


# -- repository:commit


def _commit(context: ActionContext, value: Values) -> Values:
    """Commit what the template made as the base of later updates, then that and the additions as the first commit."""
    rendered, whole = _completed(context, value)
    place = git_directory(context.task_directory)
    shutil.rmtree(place, ignore_errors=True)
    repository = GitDirectory.init(place, branch=value["branch"])
    base, commit = (
        repository.commit(tree, message=message, identity=context.identity, when=context.created_at, ref=ref)
        for tree, message, ref in (
            (rendered, f"What {value['label']} made", BASE),
            (whole, value["message"], branch_ref(value["branch"])),
        )
    )
    return {"commitHash": commit, "base": base, **_counted(whole)}


def _is_committed(context: UndoContext, output: Values) -> bool:
    """Tell whether both commits can still be read, to the last file."""
    ours = GitDirectory(git_directory(context.task_directory))
    try:
        return all(len(ours.tree(output[name])) > 0 for name in ("commitHash", "base"))
    except ScaffolderError:
        return False


def _predict_commit(context: ActionContext, value: Values) -> Values:
    """Complete the workspace; git has nothing to say yet."""
    _rendered, whole = _completed(context, value)
    return {"commitHash": "", "base": "", **_counted(whole)}


def _completed(context: ActionContext, value: Values) -> tuple[Tree, Tree]:
    """Write the additions into the workspace; return what the template made, and the whole."""
    rendered = Tree.read(context.workspace)
    whole = completed(rendered, Facts.of(value["additions"]))
    Tree({path: node for path, node in whole.items() if rendered.get(path) != node}).write(context.workspace)
    return rendered, whole


def _counted(whole: Tree) -> dict[str, Any]:
    return {"files": len(list(whole.files())), "digest": _without_empty(whole).digest()}


def _without_empty(tree: Tree) -> Tree:
    """Return what a commit keeps of a tree."""
    return Tree({path: node for path, node in tree.items() if not isinstance(node, Directory)})


# -- repository:create


def _spec(value: Values) -> RepositorySpec:
    owner, _, name = value["repository"].partition("/")
    return RepositorySpec(owner, name, value.get("description", ""), value["visibility"], value["branch"])


def _check_repository(context: ActionContext, value: Values) -> None:
    from scaffolder.gateways.forge import RepositoryTaken

    context.forge.check_name(value["repository"])
    found = context.forge.find(value["repository"])
    if found is not None and not found.empty:
        raise RepositoryTaken(found.full_name, context.forge.name)


def _create(context: ActionContext, value: Values) -> Values:
    made = context.forge.ensure_repository(_spec(value), marker=context.task_id)
    return _outputs(made.full_name, made.clone_url, made.page, created=made.created_by == context.task_id)


def _predict_create(context: ActionContext, value: Values) -> Values:
    made = context.forge.expected(_spec(value))
    return _outputs(made.full_name, made.clone_url, made.page, created=True)


def _outputs(full_name: str, clone_url: str, page: str, *, created: bool) -> dict[str, Any]:
    """Return the outputs that Backstage's publishing actions have, and what rolling back needs."""
    remote = page or clone_url
    return {
        "repository": full_name,
        "remoteUrl": clone_url,
        "repoContentsUrl": remote,
        "repositoryUrl": remote,
        "page": page,
        "created": created,
    }


def _delete(context: UndoContext, value: Values, _output: Values) -> str:
    """Delete the repository, if this task made it and it is empty again."""
    found = context.forge.find(value["repository"])
    if found is None or found.created_by != context.task_id:
        return ""
    kept = used_since(context, value["repository"], {})
    return kept or context.forge.delete_repository(value["repository"], marker=context.task_id, refs={})


# -- repository:push


def _pushed(context: UndoContext, value: Values) -> dict[str, str]:
    ours = GitDirectory(git_directory(context.task_directory))
    return {ref: ours.resolve(ref) or "" for ref in (branch_ref(value["branch"]), BASE)}


def _push(context: ActionContext, value: Values) -> Values:
    refs = _pushed(context, value)
    context.forge.push(value["repository"], git_directory(context.task_directory), refs)
    return {"commitHash": refs[branch_ref(value["branch"])], "refs": refs}


def _withdraw(context: UndoContext, value: Values, output: Values) -> str:
    """Take our refs back, unless somebody has pushed since: all or nothing."""
    refs = output.get("refs") or {}
    if not refs and git_directory(context.task_directory).is_dir():
        refs = _pushed(context, value)
    if not output and context.forge.refs(value["repository"]).get(BASE) != refs.get(BASE):
        return ""  # the push was refused, or never came so far
    return used_since(context, value["repository"], refs) or context.forge.withdraw(value["repository"], refs)


# -- directory:place


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
        shutil.rmtree(staged, ignore_errors=True)
        raise NotWritable(directory, error) from error
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
    shutil.rmtree(_staged(context, directory), ignore_errors=True)
    if _is_placed(directory, value["commit"]):
        if _is_changed(directory, value):
            return f"the directory {directory} was changed since"
        shutil.rmtree(directory)
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
    files = Tree.read(directory, without=frozenset({".git"}))
    return own != {value["commit"]} or _without_empty(files).digest() != value["digest"]


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


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _s(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


ACTIONS = [
    Action(
        id=COMMIT,
        description="Complete the workspace and commit it",
        run=_commit,
        predict=_predict_commit,
        intact=_is_committed,
        effect=Effect.WORKSPACE,
        input_schema=_object(
            {"branch": TEXT, "message": TEXT, "label": TEXT, "additions": {"type": "object"}},
            "branch",
            "message",
            "label",
            "additions",
        ),
        describe=lambda _value, output: f"{_s(output['files'])} committed",
    ),
    Action(
        id=CREATE,
        description="Create the repository on the forge",
        run=_create,
        undo=_delete,
        check=_check_repository,
        predict=_predict_create,
        effect=Effect.OUTSIDE,
        input_schema=_object(
            {
                "repository": TEXT,
                "description": TEXT,
                "visibility": {"enum": ["private", "internal", "public"]},
                "branch": TEXT,
            },
            "repository",
            "visibility",
            "branch",
        ),
        describe=lambda value, output: (
            f"repository {value['repository']} {'created' if output['created'] else 'found empty'}"
        ),
    ),
    Action(
        id=PUSH,
        description="Push the first commit",
        run=_push,
        undo=_withdraw,
        predict=lambda _context, _value: {"commitHash": "", "refs": {}},
        effect=Effect.OUTSIDE,
        input_schema=_object(
            {"repository": TEXT, "branch": TEXT, "files": {"type": "integer"}}, "repository", "branch"
        ),
        describe=lambda value, _output: f"{_s(value.get('files', 0))} pushed to {value['branch']}",
    ),
    Action(
        id=PLACE,
        description="Put the new repository into its directory",
        run=_place,
        undo=_remove,
        check=_check_place,
        predict=lambda _context, value: {"directory": value["directory"]},
        effect=Effect.OUTSIDE,
        input_schema=_object(
            {"directory": TEXT, "within": TEXT, "branch": TEXT, "commit": TEXT, "digest": TEXT, "origin": TEXT},
            "directory",
            "within",
            "branch",
            "commit",
            "digest",
            "origin",
        ),
        describe=lambda value, _output: f"put in {value['directory']}",
    ),
]


@hookimpl
def scaffolder_actions() -> list[Action]:
    """Return the actions of this module."""
    return ACTIONS
