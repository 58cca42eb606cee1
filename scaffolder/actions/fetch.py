"""
Actions that bring files into the workspace.

A relative `url` is relative to the template; it may leave the template's directory only inside the template's own
repository. Any other is an address that a browser shows, read through git.
"""

from __future__ import annotations

import json
import os
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scaffolder.actions.placing import place, place_one
from scaffolder.errors import InvalidInput
from scaffolder.task.action import Action, ActionContext, Effect, Values, object_schema
from scaffolder.template.manifest import COOKIECUTTER_FILE
from scaffolder.tree import Directory, File, Link, Node, Tree, check_not_gits, contained, link_stays_inside

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.template.skeleton import Options

TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
FLAG = {"type": "boolean"}
PROJECT = "{{cookiecutter and 'contents'}}"
"""Where what a step fetches lies in the template made of it: a name with a variable, and the same for all values."""


class SourceMissing(InvalidInput):
    """A step fetches from a place that is not there, or not ours to read."""


class TwoWays(InvalidInput):
    """A step says in two ways which files are rendered."""

    def __init__(self) -> None:
        super().__init__(
            "templateFileExtension cannot be used together with copyWithoutTemplating", hint="choose one of the two"
        )


class NoDirectory(InvalidInput):
    """The directory is not there into which a file is to be copied."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"the directory of {path!r} is not in the workspace",
            hint="let a step before make it; Backstage does not make it either, for a template on disk",
        )


def _fetch_template(context: ActionContext, value: Values) -> Values:
    if value.get("copyWithoutRender"):
        context.log("copyWithoutRender has no effect, as in Backstage: the input is called copyWithoutTemplating")
    press(context, _directory(context, value["url"]), value)
    return {}


def options_of(value: Values) -> Options:
    """Return how a skeleton is rendered, by a step's inputs."""
    from scaffolder.template import skeleton

    suffix, copied = value.get("templateFileExtension", ""), value.get("copyWithoutTemplating")
    if suffix and copied is not None:
        raise TwoWays
    return skeleton.Options(
        copy_without=copied or (),
        extension=".njk" if suffix is True else suffix or "",
        trim_blocks=value.get("trimBlocks", False),
        lstrip_blocks=value.get("lstripBlocks", False),
        replace=value.get("replace", False),
    )


def _fetch_template_file(context: ActionContext, value: Values) -> Values:
    press_file(context, _file(context, value["url"]), value, name=value["url"])
    return {}


def press_file(context: ActionContext, source: File, value: Values, *, name: str) -> None:
    """Render one file into the workspace."""
    from scaffolder.template import skeleton

    dialect = skeleton.dialect_of(
        compatible=value.get("cookiecutterCompat", False),
        trim_blocks=value.get("trimBlocks", False),
        lstrip_blocks=value.get("lstripBlocks", False),
    )
    path = contained(value["targetPath"])
    rendered = skeleton.render_file(source.data, value.get("values"), dialect=dialect, file=name)
    place_one(path, File(rendered), context.workspace, replace=value.get("replace", False))


def press(context: ActionContext, source: Tree, value: Values) -> None:
    """Render a skeleton into the workspace; where it fails, what came before is there, as in Backstage."""
    from scaffolder.template import skeleton

    options, target = options_of(value), target_of(value.get("targetPath", "."))
    directory, warnings = os.path.join(context.workspace, target), list[str]()  # noqa: PTH118 - a Path takes its time
    pressed = skeleton.pressed(
        source,
        value.get("values"),
        dialect="cookiecutter" if value.get("cookiecutterCompat") else "backstage",
        options=options,
        warnings=warnings,
        stays=lambda path: not options.replace and os.path.exists(f"{directory}/{path}"),  # noqa: PTH110 - as above
    )
    try:
        placed = ((posixpath.join(target, path), node) for _, path, node in pressed)
        place((entry for entry in placed if _leads_inside(context, *entry)), context.workspace, replace=options.replace)
    finally:
        for warning in warnings:
            context.log(warning)


def _fetch_plain(context: ActionContext, value: Values) -> Values:
    found = _found(context, value["url"])
    if isinstance(found.node, File):
        _copy(context, found.node, contained(value.get("targetPath", ".")))
        return {}
    return _placed(context, found.tree, {**value, "replace": True})


def _copy(context: ActionContext, source: File, path: str) -> None:
    """Copy one file, with its mode."""
    place_one(path, source, context.workspace, replace=True)
    (context.workspace / path).chmod(source.mode & 0o777)


def _fetch_plain_file(context: ActionContext, value: Values) -> Values:
    path, source = contained(value["targetPath"]), _file(context, value["url"])
    parent = context.workspace / posixpath.dirname(path)
    if not parent.is_dir() and not _is_remote(context, value["url"]):
        raise NoDirectory(path)
    _copy(context, source, path)
    return {}


def _fetch_cookiecutter(context: ActionContext, value: Values) -> Values:
    """Render a cookiecutter template; a step of Backstage names what is in a project, a template of ours itself."""
    from scaffolder.actions.project import project
    from scaffolder.template.cookiecutter import Home, Origin
    from scaffolder.template.expressions import RenderError

    origin, ours = Origin(template=context.template.place, repository=context.template.place), "://" not in value["url"]
    if context.template.manifest == COOKIECUTTER_FILE:  # it has this one step, which renders all of it
        whole = Home(context.template.root, context.template.directory)
        made = project(context, whole, value.get("values") or {}, origin=origin, ours=ours)
    else:
        source = _directory(context, value["url"])
        try:
            made = project(context, Home(_as_template(source, value)), {}, origin=origin, ours=ours)
        except RenderError as error:
            error.message = error.message.replace(PROJECT, posixpath.normpath(value["url"]))
            raise
    return _placed(context, made, {**value, "replace": True})


def _as_template(contents: Tree, value: Values) -> Tree:
    """Return a template whose project has these contents, as Backstage makes one: its variables are the step's."""
    asked = {"_copy_without_render": value.get("copyWithoutRender"), "_extensions": value.get("extensions")}
    said = {**_variables(contents), **value["values"], **asked}  # only the step says these two, as in Backstage
    variables = {name: one for name, one in said.items() if name not in asked or one is not None}
    files = {f"{PROJECT}/{path}": node for path, node in contents.items()}
    return Tree({PROJECT: Directory(), **files, COOKIECUTTER_FILE: File(json.dumps(variables).encode())})


def _variables(contents: Tree) -> dict[str, Any]:
    """Return what a `cookiecutter.json` among the contents says."""
    text = contents.text(COOKIECUTTER_FILE)
    try:
        found = json.loads(text) if text is not None else {}
    except ValueError as error:
        raise SourceMissing(
            f"{COOKIECUTTER_FILE} cannot be read: {error}", hint="it is JSON: an object of variables"
        ) from error
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class _Found:
    """What a step's `url` names: a path in a tree, '' for the whole."""

    root: Tree
    path: str

    @property
    def tree(self) -> Tree:
        return self.root.under(self.path)

    @property
    def node(self) -> Node | None:
        return self.root.get(self.path)


def _found(context: ActionContext, url: str) -> _Found:
    if "://" in url:
        return _Found(*context.elsewhere(url))
    context.template.fetch(url)
    path = posixpath.normpath(posixpath.join(context.template.directory, url))
    return _Found(context.template.root, "" if path == "." else path)


def _is_remote(context: ActionContext, url: str) -> bool:
    """Tell whether a `url` is read from a repository elsewhere, and not from a disk."""
    return "://" in posixpath.join(context.template.source.location, url)


def _directory(context: ActionContext, url: str) -> Tree:
    """Return the skeleton that a step's `url` names, which is no single file."""
    found = _found(context, url)
    if isinstance(found.node, File):
        raise SourceMissing(
            f"step {context.step_id} fetches {url}, which is a file",
            hint="name its directory, or use fetch:template:file",
        )
    return found.tree


def _file(context: ActionContext, url: str) -> File:
    """Return the file that a step's `url` names."""
    found = _found(context, url)
    node = followed(found.root, found.path)
    if not isinstance(node, File):
        raise SourceMissing(f"step {context.step_id} fetches {url}, which is no file", hint="use fetch:template")
    return node


def followed(root: Tree, path: str, *, depth: int = 10) -> Node | None:
    """Return what is at a path: where that is a link, what it leads to."""
    node = root.get(path)
    if not isinstance(node, Link) or not depth or not link_stays_inside(path, node.target):
        return node
    return followed(root, posixpath.normpath(posixpath.join(posixpath.dirname(path), node.target)), depth=depth - 1)


def _placed(context: ActionContext, rendered: Tree, value: Values) -> Values:
    """Write what was rendered into the workspace; without `replace`, what is there stays."""
    target = target_of(value.get("targetPath", "."))
    prefixed = Tree(_contained_links(context, target, rendered))
    for path, node in prefixed.items():
        check_not_gits(path, node)
    if not value.get("replace"):
        present = Tree.read(context.workspace)
        prefixed = Tree({path: node for path, node in prefixed.items() if path not in present})
    prefixed.write(context.workspace)
    if not rendered and not (context.workspace / target).exists():
        Tree({target: Directory()}).write(context.workspace)
    return {}


def _contained_links(context: ActionContext, target: str, rendered: Tree) -> dict[str, Node]:
    """Return the files at their places in the workspace, without links that would lead out of it from there."""
    placed = {posixpath.join(target, path): node for path, node in rendered.items()}
    return {path: node for path, node in placed.items() if _leads_inside(context, path, node)}


def _leads_inside(context: ActionContext, path: str, node: Node) -> bool:
    """Tell whether something is no link out of the workspace; such a one is left out, aloud."""
    inside = not isinstance(node, Link) or link_stays_inside(_real(context.workspace, path), node.target)
    if not inside and isinstance(node, Link):
        context.log(f"{path}: left out, because the link leads outside: {node.target}")
    return inside


def _real(workspace: Path, path: str) -> str:
    """Return where a path of the workspace ends up: a directory on the way may be a link to another, further up."""
    parent, _, name = path.rpartition("/")
    return posixpath.join(os.path.relpath(os.path.realpath(workspace / parent), os.path.realpath(workspace)), name)


def target_of(path: str) -> str:
    """Return the target directory inside the workspace, '' for its root."""
    return "" if posixpath.normpath(path or ".") == "." else contained(path)


COMMON = {"url": TEXT, "targetPath": TEXT, "token": TEXT}
RENDERED_FILE = {
    "values": {"type": "object"},
    "cookiecutterCompat": FLAG,
    "replace": FLAG,
    "trimBlocks": FLAG,
    "lstripBlocks": FLAG,
}
RENDERED = {
    **RENDERED_FILE,
    "copyWithoutTemplating": TEXTS,
    "templateFileExtension": {"type": ["boolean", "string"]},
}

TEMPLATE = Action(
    id="fetch:template",
    description="Render a skeleton into the workspace",
    run=_fetch_template,
    effect=Effect.WORKSPACE,
    own_access=True,
    input_schema=object_schema({**COMMON, **RENDERED, "copyWithoutRender": TEXTS}, "url"),
)
TEMPLATE_FILE = Action(
    id="fetch:template:file",
    description="Render one file into the workspace",
    run=_fetch_template_file,
    effect=Effect.WORKSPACE,
    own_access=True,
    input_schema=object_schema({**COMMON, **RENDERED_FILE}, "url", "targetPath"),
)
PLAIN_FILE = Action(
    id="fetch:plain:file",
    description="Copy one file into the workspace as it is",
    run=_fetch_plain_file,
    effect=Effect.WORKSPACE,
    own_access=True,
    input_schema=object_schema(COMMON, "url", "targetPath"),
)
PLAIN = Action(
    id="fetch:plain",
    description="Copy a directory into the workspace as it is",
    run=_fetch_plain,
    effect=Effect.WORKSPACE,
    own_access=True,
    input_schema=object_schema(COMMON, "url"),
)
COOKIECUTTER = Action(
    id="fetch:cookiecutter",
    description="Render a cookiecutter template into the workspace",
    run=_fetch_cookiecutter,
    effect=Effect.WORKSPACE,
    input_schema=object_schema(
        {
            "url": TEXT,
            "targetPath": TEXT,
            "values": {"type": "object"},
            "copyWithoutRender": TEXTS,
            "extensions": TEXTS,
            "imageName": TEXT,
        },
        "url",
        "values",
    ),
)


def scaffolder_actions() -> list[Action]:
    """Return the actions of this module."""
    return [TEMPLATE, TEMPLATE_FILE, PLAIN, PLAIN_FILE, COOKIECUTTER]
