"""
Actions that turn a workspace into a repository on the forge.

Each is one effect that ensures: the commit is the same whenever it is made, the repository is known again by the
task's id, a push finds the ref already there.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from scaffolder.actions.additions import Facts, completed
from scaffolder.errors import InvalidInput, ScaffolderError
from scaffolder.gateways.forge import RepositorySpec
from scaffolder.gateways.git import GitDirectory
from scaffolder.gateways.git_work_tree import BASE
from scaffolder.task.action import Action, ActionContext, Effect, UndoContext, Values, object_schema
from scaffolder.task.plan import COMMIT, CREATE, PUSH
from scaffolder.tree import Directory, Tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TEXT = {"type": "string"}
ADDRESSES = ("remoteUrl", "repoContentsUrl")
"""Outputs of Backstage's `github:repo:push` that another step of ours knows."""
MOST_REFS = 3
"""How many of the refs are named that somebody else has pushed."""


class NothingToPublish(InvalidInput):
    """A template publishes a directory that it does not make."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"the template publishes its directory {source}, and makes none of that name",
            hint="correct sourcePath in the publishing step of template.yaml",
        )


def git_directory(task_directory: Path) -> Path:
    """Return where a task keeps its commits until they are pushed and placed."""
    return task_directory / "repository.git"


def branch_ref(branch: str) -> str:
    """Return the full name of a branch."""
    return f"refs/heads/{branch}"


def used_since(context: UndoContext, repository: str, refs: Mapping[str, str]) -> str:
    """Return why a repository must stay, '' when it is gone or holds nothing but `refs`."""
    more = sorted(ref for ref, commit in context.forge.refs(repository).items() if refs.get(ref) != commit)
    if not more:
        return ""
    named = ", ".join([*more[:MOST_REFS], *(["…"] if more[MOST_REFS:] else [])])
    return f"the repository {repository} has been used since: {named}"


def refs_pushed(context: UndoContext) -> dict[str, str]:
    """Return what the task pushed to its repository, or was about to."""
    refs: dict[str, str] = context.outputs.get(PUSH, {}).get("refs") or {}
    place = git_directory(context.task_directory)
    return refs or (GitDirectory(place).refs() if place.is_dir() else {})


# -- repository:commit


def _commit(context: ActionContext, value: Values) -> Values:
    """Commit what the template made as the base of later updates, then that and the additions as the first commit."""
    rendered, whole = _completed(context, value)
    place = git_directory(context.task_directory)
    shutil.rmtree(place, ignore_errors=True)
    repository = GitDirectory.init(place, branch=value["branch"])
    made = (rendered, f"What {value['label']} made", BASE), (whole, value["message"], branch_ref(value["branch"]))
    base, commit = repository.commit_all(made, identity=context.identity, when=context.created_at)
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
    """Write the additions into what is published of the workspace; return what the template made, and the whole."""
    published = context.workspace / value.get("source", "")
    if not published.is_dir():
        raise NothingToPublish(value["source"])
    rendered = Tree.read(published)
    whole = completed(rendered, Facts.of(value["additions"]), template=context.template.root)
    Tree({path: node for path, node in whole.items() if rendered.get(path) != node}).write(published)
    return rendered, whole


def _counted(whole: Tree) -> dict[str, Any]:
    return {"files": len(list(whole.files())), "digest": without_empty(whole).digest()}


def without_empty(tree: Tree) -> Tree:
    """Return what a commit keeps of a tree."""
    return Tree({path: node for path, node in tree.items() if not isinstance(node, Directory)})


# -- repository:create


def _spec(value: Values) -> RepositorySpec:
    owner, _, name = value["repository"].partition("/")
    return RepositorySpec(owner, name, value.get("description", ""), value["visibility"], value["branch"])


def _check_repository(context: ActionContext, value: Values) -> None:
    context.forge.check_name(value["repository"])  # whether it is free is asked by the forge's own preflight


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
    """Delete the repository with what was pushed to it, if this task made it and nobody else has pushed."""
    if not _is_ours(context, value):
        return ""
    refs = refs_pushed(context)
    kept = used_since(context, value["repository"], refs)
    return kept or context.forge.delete_repository(value["repository"], marker=context.task_id, refs=refs)


def _is_ours(context: UndoContext, value: Values) -> bool:
    found = context.forge.find(value["repository"])
    return found is not None and found.created_by == context.task_id


# -- repository:push


def _pushed(context: UndoContext, value: Values) -> dict[str, str]:
    ours = GitDirectory(git_directory(context.task_directory))
    return {ref: ours.resolve(ref) or "" for ref in (branch_ref(value["branch"]), BASE)}


def _push(context: ActionContext, value: Values) -> Values:
    refs = _pushed(context, value)
    context.forge.push(value["repository"], git_directory(context.task_directory), refs)
    told = {name: value[name] for name in ADDRESSES if name in value}
    return {"commitHash": refs[branch_ref(value["branch"])], "refs": refs, **told}


def _withdraw(context: UndoContext, value: Values, output: Values) -> str:
    """
    Take our refs back, unless somebody has pushed since: all or nothing.

    A repository that the task made goes as a whole, when its creation is taken back.
    """
    refs = refs_pushed(context)
    if _is_ours(context, value):
        return used_since(context, value["repository"], refs)
    if not output and context.forge.refs(value["repository"]).get(BASE) != refs.get(BASE):
        return ""  # the push was refused, or never came so far
    return used_since(context, value["repository"], refs) or context.forge.withdraw(value["repository"], refs)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


ACTIONS = [
    Action(
        id=COMMIT,
        description="Complete the workspace and commit it",
        run=_commit,
        predict=_predict_commit,
        intact=_is_committed,
        effect=Effect.WORKSPACE,
        input_schema=object_schema(
            {"branch": TEXT, "message": TEXT, "label": TEXT, "source": TEXT, "additions": {"type": "object"}},
            "branch",
            "message",
            "label",
            "additions",
        ),
        describe=lambda _value, output: f"{_files(output['files'])} committed",
    ),
    Action(
        id=CREATE,
        description="Create the repository on the forge",
        run=_create,
        undo=_delete,
        check=_check_repository,
        predict=_predict_create,
        requests=lambda _value: 1,
        effect=Effect.OUTSIDE,
        input_schema=object_schema(
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
        predict=lambda _context, value: {
            "commitHash": "",
            "refs": {},
            **{name: value[name] for name in ADDRESSES if name in value},
        },
        requests=lambda _value: 1,
        effect=Effect.OUTSIDE,
        input_schema=object_schema(
            {"repository": TEXT, "branch": TEXT, "files": {"type": "integer"}, **dict.fromkeys(ADDRESSES, TEXT)},
            "repository",
            "branch",
        ),
        describe=lambda value, _output: f"{_files(value.get('files', 0))} pushed to {value['branch']}",
    ),
]


def scaffolder_actions() -> list[Action]:
    """Return the actions of this module."""
    return ACTIONS
