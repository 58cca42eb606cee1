"""
Actions that bring files into the workspace.

A relative `url` is relative to the template; it may leave the template's directory only inside the template's own
repository.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from scaffolder.actions.placing import place
from scaffolder.errors import InvalidInput
from scaffolder.task.action import Action, ActionContext, Effect, Values, object_schema
from scaffolder.tree import File, Link, Node, Tree, contained, link_stays_inside

if TYPE_CHECKING:
    from scaffolder.template.skeleton import Options

TEXT = {"type": "string"}
FLAG = {"type": "boolean"}


class SourceMissing(InvalidInput):
    """A step fetches from a place that is not there, or not ours to read."""


def _fetch_template(context: ActionContext, value: Values) -> Values:
    from scaffolder.template import skeleton

    suffix = value.get("templateFileExtension", "")
    options = skeleton.Options(
        copy_without=value.get("copyWithoutTemplating", ()),
        extension=".njk" if suffix is True else suffix or "",
        trim_blocks=value.get("trimBlocks", False),
        lstrip_blocks=value.get("lstripBlocks", False),
        replace=value.get("replace", False),
    )
    if value.get("copyWithoutRender"):
        context.log("copyWithoutRender has no effect, as in Backstage: the input is called copyWithoutTemplating")
    _press(context, _directory(context, value["url"]), value, options)
    return {}


def _fetch_template_file(context: ActionContext, value: Values) -> Values:
    from scaffolder.template import skeleton

    dialect = skeleton.dialect_of(
        compatible=value.get("cookiecutterCompat", False),
        trim_blocks=value.get("trimBlocks", False),
        lstrip_blocks=value.get("lstripBlocks", False),
    )
    path, source = contained(value["targetPath"]), _file(context, value["url"])
    rendered = skeleton.render_file(source.data, value.get("values"), dialect=dialect, file=value["url"])
    place([(path, File(rendered))], context.workspace, replace=value.get("replace", False))
    return {}


def _press(context: ActionContext, source: Tree, value: Values, options: Options) -> None:
    """Render a skeleton into the workspace; where it fails, what came before is there, as in Backstage."""
    from scaffolder.template import skeleton

    warnings: list[str] = []
    pressed = skeleton.pressed(
        source,
        value.get("values"),
        dialect="cookiecutter" if value.get("cookiecutterCompat") else "backstage",
        options=options,
        warnings=warnings,
    )
    target = _target(value.get("targetPath", "."))
    try:
        placed = ((posixpath.join(target, path), node) for _, path, node in pressed)
        place((entry for entry in placed if _leads_inside(context, *entry)), context.workspace, replace=options.replace)
    finally:
        for warning in warnings:
            context.log(warning)


def _fetch_plain(context: ActionContext, value: Values) -> Values:
    return _placed(context, _source(context, value["url"]), {**value, "replace": True})


def _fetch_cookiecutter(context: ActionContext, value: Values) -> Values:
    from scaffolder.template import cookiecutter

    origin = cookiecutter.Origin(template=context.template.place, repository=context.template.place)
    rendered = cookiecutter.render(_source(context, value["url"]), value.get("values") or {}, origin=origin)
    return _placed(context, rendered.tree, {**value, "replace": True})


def _source(context: ActionContext, url: str) -> Tree:
    """Return the files that a step's `url` names."""
    if "://" in url:
        raise SourceMissing(
            f"step {context.step_id} fetches {url}: only the template's own repository can be read so far",
            hint="keep the skeleton beside template.yaml, and name it by a relative url",
        )
    return context.template.fetch(url)


def _directory(context: ActionContext, url: str) -> Tree:
    """Return the skeleton that a step's `url` names, which is no single file."""
    found = _source(context, url)
    if not found and isinstance(_node(context, url), File):
        raise SourceMissing(
            f"step {context.step_id} fetches {url}, which is a file",
            hint="name its directory, or use fetch:template:file",
        )
    return found


def _file(context: ActionContext, url: str) -> File:
    """Return the file that a step's `url` names."""
    _source(context, url)
    found = _node(context, url)
    if not isinstance(found, File):
        raise SourceMissing(f"step {context.step_id} fetches {url}, which is no file", hint="use fetch:template")
    return found


def _node(context: ActionContext, url: str) -> Node | None:
    return context.template.root.get(posixpath.normpath(posixpath.join(context.template.directory, url)))


def _placed(context: ActionContext, rendered: Tree, value: Values) -> Values:
    """Write what was rendered into the workspace; without `replace`, what is there stays."""
    target = _target(value.get("targetPath", "."))
    prefixed = Tree(_contained_links(context, target, rendered))
    if not value.get("replace"):
        present = Tree.read(context.workspace)
        prefixed = Tree({path: node for path, node in prefixed.items() if path not in present})
    prefixed.write(context.workspace)
    return {}


def _contained_links(context: ActionContext, target: str, rendered: Tree) -> dict[str, Node]:
    """Return the files at their places in the workspace, without links that would lead out of it from there."""
    placed = {posixpath.join(target, path): node for path, node in rendered.items()}
    return {path: node for path, node in placed.items() if _leads_inside(context, path, node)}


def _leads_inside(context: ActionContext, path: str, node: Node) -> bool:
    """Tell whether something is no link out of the workspace; such a one is left out, aloud."""
    inside = not isinstance(node, Link) or link_stays_inside(path, node.target)
    if not inside and isinstance(node, Link):
        context.log(f"{path}: left out, because the link leads outside: {node.target}")
    return inside


def _target(path: str) -> str:
    """Return the target directory inside the workspace, '' for its root."""
    return "" if posixpath.normpath(path or ".") == "." else contained(path)


COMMON = {"url": TEXT, "targetPath": TEXT, "token": TEXT}

TEMPLATE = Action(
    id="fetch:template",
    description="Render a skeleton into the workspace",
    run=_fetch_template,
    effect=Effect.WORKSPACE,
    input_schema=object_schema(
        {
            **COMMON,
            "values": {"type": "object"},
            "copyWithoutTemplating": {"type": "array", "items": TEXT},
            "copyWithoutRender": {"type": "array", "items": TEXT},
            "cookiecutterCompat": FLAG,
            "templateFileExtension": {"type": ["boolean", "string"]},
            "replace": FLAG,
            "trimBlocks": FLAG,
            "lstripBlocks": FLAG,
        },
        "url",
    ),
)
TEMPLATE_FILE = Action(
    id="fetch:template:file",
    description="Render one file into the workspace",
    run=_fetch_template_file,
    effect=Effect.WORKSPACE,
    input_schema=object_schema(
        {
            **COMMON,
            "values": {"type": "object"},
            "cookiecutterCompat": FLAG,
            "replace": FLAG,
            "trimBlocks": FLAG,
            "lstripBlocks": FLAG,
        },
        "url",
        "targetPath",
    ),
)
PLAIN = Action(
    id="fetch:plain",
    description="Copy a directory into the workspace as it is",
    run=_fetch_plain,
    effect=Effect.WORKSPACE,
    input_schema=object_schema(COMMON, "url"),
)
COOKIECUTTER = Action(
    id="fetch:cookiecutter",
    description="Render a cookiecutter template into the workspace",
    run=_fetch_cookiecutter,
    effect=Effect.WORKSPACE,
    input_schema=object_schema({**COMMON, "values": {"type": "object"}}, "url", "values"),
)


def scaffolder_actions() -> list[Action]:
    """Return the actions of this module."""
    return [TEMPLATE, TEMPLATE_FILE, PLAIN, COOKIECUTTER]
