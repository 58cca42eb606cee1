"""
Actions on the catalog: reserve a name, read entities, register what a repository holds.

A name is reserved before the repository exists; the reservation ends in the entry, or is given back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.actions.entity_file import CATALOG_FILE
from scaffolder.actions.publish import branch_ref, git_directory, used_since
from scaffolder.catalog import EntityRef
from scaffolder.catalog.entity import DEFAULT_NAMESPACE
from scaffolder.errors import InvalidInput, TryAgain
from scaffolder.gateways.forge import RepositorySpec
from scaffolder.gateways.git import GitDirectory
from scaffolder.gateways.git_work_tree import BASE
from scaffolder.task.action import Action, ActionContext, Effect, UndoContext, Values, object_schema
from scaffolder.task.plan import REGISTER, RESERVE
from scaffolder.tree import Tree, contained

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

TEXT = {"type": "string"}


# -- catalog:reserve


def _refs(value: Values) -> list[EntityRef]:
    return [EntityRef.parse(ref) for ref in value["entities"]]


def _reserve(context: ActionContext, value: Values) -> Values:
    over = context.catalog.reserve(
        _refs(value),
        task_id=context.task_id,
        owner=value["owner"],
        purpose=value["purpose"],
        who=str(context.identity),
        at=context.created_at,
        page=_page(context, value["repository"]) if "repository" in value else "",
    )
    for left in over:
        context.log(f"{left.ref} was {left.said(context.created_at)}, and left behind: its name is taken over")
    return {"reserved": value["entities"]}


def _page(context: ActionContext, full_name: str) -> str:
    """Return the page of the repository to be, '' where it has none."""
    owner, _, name = full_name.partition("/")
    return context.forge.expected(RepositorySpec(owner, name)).page


def _check_free(context: ActionContext, value: Values) -> None:
    """Look whether the names are free for all who share the catalog, when that can be known now."""
    try:
        context.catalog.require_unreserved(_refs(value))
    except TryAgain as error:
        context.log(f"whether the name is free will show when it is reserved: {error.message}")
    if context.catalog.registrar is not None and context.catalog.registrar.caution:
        context.log(context.catalog.registrar.caution)


def _release(context: UndoContext, _value: Values, output: Values) -> str:
    context.catalog.release(context.task_id, reserved=bool(output))
    return ""


# -- catalog:fetch


class EntityNotNamed(InvalidInput):
    """A step is to fetch from the catalog, and does not say what."""

    def __init__(self) -> None:
        super().__init__("there is no entity ref to fetch", hint="give entityRef or entityRefs, or optional: true")


def _fetch(context: ActionContext, value: Values) -> Values:
    refs, optional = value.get("entityRefs"), value.get("optional", False)
    if not value.get("entityRef") and refs is None and not optional:
        raise EntityNotNamed
    found: dict[str, Any] = {}
    if value.get("entityRef"):
        found["entity"] = _fetched(context, value["entityRef"], value)
    if refs is not None:
        found["entities"] = [_fetched(context, ref, value) for ref in refs]
    return found


def _fetched(context: ActionContext, text: str, value: Values) -> Mapping[str, Any] | None:
    ref = EntityRef.parse(
        text,
        default_kind=value.get("defaultKind", ""),
        default_namespace=value.get("defaultNamespace", DEFAULT_NAMESPACE),
    )
    entity = context.catalog.get(ref) if value.get("optional", False) else context.catalog.require(ref)
    return entity.document if entity else None


# -- catalog:register


def location_of(clone_url: str, branch: str, path: str) -> str:
    """Return the location of an entity's file in its own repository."""
    return f"git:{clone_url}@{branch}:{path.lstrip('/') or CATALOG_FILE}"


def _target(context: UndoContext, value: Values) -> str:
    return location_of(
        value.get("remoteUrl") or _clone_url(context, value["repository"]),
        value["branch"],
        value.get("catalogInfoPath", CATALOG_FILE),
    )


def _clone_url(context: UndoContext, full_name: str) -> str:
    owner, _, name = full_name.partition("/")
    repository = context.forge.find(full_name) or context.forge.expected(RepositorySpec(owner, name))
    return repository.clone_url


def _register(context: ActionContext, value: Values) -> Values:
    from scaffolder.catalog.crawl import Pushed

    target = _target(context, value)
    refs, waits_at, proposed_at = context.catalog.register(
        target,
        task_id=context.task_id,
        main=EntityRef.parse(value["entity"]),
        who=str(context.identity),
        at=context.created_at,
        pushed=Pushed(GitDirectory(git_directory(context.task_directory)), value["commit"]),
    )
    if waits_at:
        context.log(f"the entry waits to be merged: {waits_at}")
    made = {"entityRef": _first(refs, value), "catalogInfoUrl": target, "entities": [str(ref) for ref in refs]}
    return {**made, "waitsAt": waits_at, "pullRequest": proposed_at}


def _first(refs: list[EntityRef], value: Values) -> str:
    """Return the entity this is about: the one that was planned, else the first."""
    planned = [str(ref) for ref in refs if str(ref).lower() == value["entity"].lower()]
    return (planned or [str(ref) for ref in refs] or [""])[0]


def _check_shared(context: ActionContext, value: Values) -> None:
    """Check that all who share the catalog will be able to read the entry."""
    if context.catalog.registrar is not None:
        context.catalog.require_registrable(_target(context, value), _entities(context.workspace, value))


def _entities(workspace: Path, value: Values) -> Iterator[Mapping[str, Any]]:
    """Iterate over what the catalog file in the workspace describes, as far as it is there already."""
    from scaffolder.catalog.reading import Read, read_files
    from scaffolder.catalog.roots import TreeRoot

    path = contained(value.get("catalogInfoPath", CATALOG_FILE).lstrip("/"))
    tree = Tree.read(workspace)
    whole = read_files(TreeRoot(tree), [path], walked=False, known={}) if path in tree else Read()
    yield from (entity.document for entity in whole.entities())


def _predict_register(_context: ActionContext, value: Values) -> Values:
    return {
        "entityRef": value["entity"],
        "catalogInfoUrl": "",
        "entities": [value["entity"]],
        "waitsAt": "",
        "pullRequest": "",
    }


def _said(output: Values) -> str:
    """Return what has become of the entry, and by which pull request."""
    page = output.get("pullRequest", "")
    by = f" by pull request #{page.rpartition('/')[2]}" if page else ""
    waits = bool(output.get("waitsAt"))
    return f"entry proposed{by}, and waits to be merged" if waits else f"registered in the catalog{by}"


def _unregister(context: UndoContext, value: Values, output: Values) -> str:
    """Remove the entry, unless the repository has been used since: then both stay."""
    refs = {branch_ref(value["branch"]): value["commit"], BASE: value["base"]}
    if reason := used_since(context, value["repository"], refs):
        return f"the catalog entry stays: {reason}"
    target = output.get("catalogInfoUrl") or _target(context, value)
    context.catalog.unregister(target, task_id=context.task_id, main=EntityRef.parse(value["entity"]))
    return ""


ACTIONS = [
    Action(
        id=RESERVE,
        description="Reserve names in the catalog",
        run=_reserve,
        undo=_release,
        check=_check_free,
        effect=Effect.OUTSIDE,
        input_schema=object_schema(
            {"entities": {"type": "array", "items": TEXT}, "owner": TEXT, "purpose": TEXT, "repository": TEXT},
            "entities",
            "owner",
            "purpose",
        ),
        predict=lambda _context, _value: {},
    ),
    Action(
        id="catalog:fetch",
        description="Read entities from the catalog",
        run=_fetch,
        effect=Effect.NONE,
        input_schema=object_schema(
            {
                "entityRef": TEXT,
                "entityRefs": {"type": "array", "items": TEXT},
                "optional": {"type": "boolean"},
                "defaultKind": TEXT,
                "defaultNamespace": TEXT,
            }
        ),
        output_schema=object_schema({"entity": {}, "entities": {"type": "array"}}),
    ),
    Action(
        id=REGISTER,
        description="Register what the new repository holds in the catalog",
        run=_register,
        undo=_unregister,
        check=_check_shared,
        effect=Effect.OUTSIDE,
        input_schema=object_schema(
            {
                "repository": TEXT,
                "branch": TEXT,
                "commit": TEXT,
                "base": TEXT,
                "remoteUrl": TEXT,
                "catalogInfoPath": TEXT,
                "entity": TEXT,
            },
            "repository",
            "branch",
            "commit",
            "base",
            "entity",
        ),
        predict=_predict_register,
        describe=lambda _value, output: _said(output),
    ),
]


def scaffolder_actions() -> list[Action]:
    """Return the actions of this module."""
    return ACTIONS
