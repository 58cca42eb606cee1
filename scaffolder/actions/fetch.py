"""
Actions that bring files into the workspace.

A relative `url` is relative to the template; it may leave the template's directory only inside the template's own
repository. Everything is rendered in memory first, so that a failure half way writes nothing.
"""

from __future__ import annotations

import posixpath

from scaffolder.errors import InvalidInput
from scaffolder.task.action import Action, ActionContext, Effect, Values, object_schema
from scaffolder.tree import Link, Node, Tree, contained, link_stays_inside

TEXT = {"type": "string"}
FLAG = {"type": "boolean"}


class SourceMissing(InvalidInput):
    """A step fetches from a place that is not there, or not ours to read."""


def _fetch_template(context: ActionContext, value: Values) -> Values:
    from scaffolder.template import skeleton

    suffix = value.get("templateFileExtension", "")
    warnings: list[str] = []
    rendered = skeleton.render(
        _source(context, value["url"]),
        value.get("values") or {},
        dialect="cookiecutter" if value.get("cookiecutterCompat") else "backstage",
        options=skeleton.Options(
            copy_without=value.get("copyWithoutTemplating", ()),
            extension=".njk" if suffix is True else suffix or "",
            trim_blocks=value.get("trimBlocks", False),
            lstrip_blocks=value.get("lstripBlocks", False),
            replace=value.get("replace", False),
        ),
        warnings=warnings,
    )
    if value.get("copyWithoutRender"):
        warnings.append("copyWithoutRender has no effect, as in Backstage: the input is called copyWithoutTemplating")
    for warning in warnings:
        context.log(warning)
    return _placed(context, rendered, value)


def _fetch_plain(context: ActionContext, value: Values) -> Values:
    return _placed(context, _source(context, value["url"]), {**value, "replace": True})


def _fetch_cookiecutter(context: ActionContext, value: Values) -> Values:
    from scaffolder.template import cookiecutter

    rendered = cookiecutter.render_cookiecutter(_source(context, value["url"]), value.get("values") or {})
    return _placed(context, rendered, {**value, "replace": True})


def _source(context: ActionContext, url: str) -> Tree:
    """Return the files that a step's `url` names."""
    if "://" in url:
        raise SourceMissing(
            f"step {context.step_id} fetches {url}: only the template's own repository can be read so far",
            hint="keep the skeleton beside template.yaml, and name it by a relative url",
        )
    return context.template.fetch(url)


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
    placed: dict[str, Node] = {}
    for path, node in rendered.items():
        place = posixpath.join(target, path)
        if isinstance(node, Link) and not link_stays_inside(place, node.target):
            context.log(f"{path}: left out, because the link leads outside: {node.target}")
        else:
            placed[place] = node
    return placed


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
    return [TEMPLATE, PLAIN, COOKIECUTTER]
