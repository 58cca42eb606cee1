"""The file in which a repository says what it is to the catalog, and the action that writes it."""

from __future__ import annotations

from collections.abc import Mapping

from scaffolder.actions.placing import place_one
from scaffolder.errors import InvalidInput
from scaffolder.task.action import Action, ActionContext, Effect, Values, object_schema
from scaffolder.tree import File, contained

CATALOG_FILE = "catalog-info.yaml"


class NoMetadata(InvalidInput):
    """What a step writes is no entity."""

    def __init__(self) -> None:
        super().__init__("the entity has no metadata", hint="an entity has apiVersion, kind, metadata and spec")


def _write(context: ActionContext, value: Values) -> Values:
    from scaffolder.template.yaml_entity import write_entity

    entity = value["entity"]
    metadata = entity.get("metadata")
    if not isinstance(metadata, Mapping):
        raise NoMetadata
    written = metadata.get("annotations")
    annotations = {
        **(written if isinstance(written, Mapping) else {}),
        "backstage.io/source-template": context.template_ref,
    }
    text = write_entity({**entity, "metadata": {**metadata, "annotations": annotations}})
    place_one(contained(value.get("filePath", CATALOG_FILE)), File(text.encode()), context.workspace, replace=True)
    return {}


WRITE = Action(
    id="catalog:write",
    description="Write an entity's file into the workspace",
    run=_write,
    effect=Effect.WORKSPACE,
    input_schema=object_schema({"entity": {"type": "object"}, "filePath": {"type": "string"}}, "entity"),
)


def scaffolder_actions() -> list[Action]:
    """Return the actions of this module."""
    return [WRITE]
