"""
Templates that have only a `cookiecutter.json`.

Its variables become one page of questions, and rendering is a single step. The bodies are Jinja2 with cookiecutter's
own extensions, in a sandbox; hooks are named but never run, and extensions that the template brings are refused.
"""

from __future__ import annotations

import fnmatch
import json
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import InvalidInput, Place
from scaffolder.template.content import NotText, is_binary
from scaffolder.template.errors import TemplateInvalid
from scaffolder.template.expressions import RenderError
from scaffolder.template.manifest import COOKIECUTTER_FILE, Page, Step, Template
from scaffolder.tree import Directory, File, Link, Node, Tree, contained, link_stays_inside

if TYPE_CHECKING:
    from scaffolder.template.jinja import Engine
    from scaffolder.template.source import TemplateSource

ACTION: Final = "fetch:cookiecutter"
PROMPTS: Final = "__prompts__"
MARKS: Final = (b"{{", b"{%", b"{#")


class ExtensionsRefused(InvalidInput):
    """A template wants to bring Python code into the rendering."""

    def __init__(self, extensions: object) -> None:
        names = ", ".join(map(str, extensions)) if isinstance(extensions, list) else str(extensions)
        super().__init__(
            f"the template asks for extensions, which are other people's code and are not loaded: {names}",
            hint="use a template without _extensions in its cookiecutter.json",
        )


def manifest_of(tree: Tree, *, source: TemplateSource, file: str) -> Template:
    """
    Return the description of a cookiecutter template.

    Raises:
        TemplateInvalid: `cookiecutter.json` is malformed, or no directory of the template is named by it.
    """
    variables = read_variables(tree, file=file)
    project_directory(tree)
    asked = {name: value for name, value in variables.items() if not name.startswith("_")}
    name = PurePosixPath(source.path).name or PurePosixPath(source.location).name.removesuffix(".git")
    step = Step(
        "render",
        "Render the template",
        ACTION,
        {"url": ".", "values": {n: f"${{{{ parameters.{n} }}}}" for n in asked}},
    )
    return Template(
        name=name,
        title=name,
        description=_first_line(tree),
        tags=("cookiecutter",),
        owner="",
        type="",
        version=source.version,
        dialect="cookiecutter",
        pages=(Page("", "", _schema(asked, variables.get(PROMPTS)), computed=True),),
        steps=(step,),
        output={},
        document=variables,
        hooks=tuple(sorted(path for path in tree if path.startswith("hooks/") and _is_hook(path))),
    )


def _is_hook(path: str) -> bool:
    return PurePosixPath(path).stem in {"pre_prompt", "pre_gen_project", "post_gen_project"}


def _first_line(tree: Tree) -> str:
    """Return the first paragraph's first line of the README, which says what the template makes."""
    lines = (tree.text("README.md") or "").splitlines()
    return next((line.strip() for line in lines if line[:1].isalnum()), "")


def read_variables(tree: Tree, *, file: str = COOKIECUTTER_FILE) -> dict[str, Any]:
    """Return the content of `cookiecutter.json`."""
    text = tree.text(COOKIECUTTER_FILE)
    if text is None:
        msg = "it is missing, or not UTF-8 text"
        raise TemplateInvalid(msg, place=Place(file))
    try:
        variables = json.loads(text)
    except json.JSONDecodeError as error:
        raise TemplateInvalid(error.msg, place=Place(file, error.lineno)) from error
    except RecursionError as error:
        msg = "it nests too deeply"
        raise TemplateInvalid(msg, place=Place(file)) from error
    if not isinstance(variables, dict):
        msg = "an object (names and values) is expected"
        raise TemplateInvalid(msg, place=Place(file, 1))
    return variables


def project_directory(tree: Tree) -> str:
    """Return the directory that becomes the project: the one whose name is a variable."""
    names = sorted(
        {path.partition("/")[0] for path, node in tree.items() if "/" in path or isinstance(node, Directory)}
    )
    found = [name for name in names if "cookiecutter" in name and "{{" in name and "}}" in name]
    if not found:
        msg = "no directory of the template is named by a variable, like {{cookiecutter.project_slug}}"
        raise TemplateInvalid(msg, place=Place(COOKIECUTTER_FILE))
    return found[0]


def _schema(asked: Mapping[str, Any], prompts: object) -> dict[str, Any]:
    labels = prompts if isinstance(prompts, Mapping) else {}
    properties = {name: {"default": value, **_property(value, labels.get(name))} for name, value in asked.items()}
    return {"type": "object", "properties": properties}


def _property(value: object, label: object) -> dict[str, Any]:
    """Return the schema of one variable; its JSON value says what kind it is."""
    labels = label if isinstance(label, Mapping) else {}
    title = {"title": text} if (text := labels.get("__prompt__", label if isinstance(label, str) else "")) else {}
    match value:
        case bool():
            return {**title, "type": "boolean"}
        case list() if value:
            choices = [str(choice) for choice in value]
            names = [str(labels.get(choice, choice)) for choice in choices]
            return {**title, "type": "string", "enum": choices, "enumNames": names, "default": choices[0]}
        case dict():
            return {**title, "type": "object"}
        case _:
            return {**title, "type": "string", "default": "" if value is None else str(value)}


def computed_default(default: object, answers: Mapping[str, Any]) -> Any:
    """
    Return a default whose text is a template over earlier answers.

    Raises:
        RenderError: The template is wrong.
    """
    from scaffolder.template.jinja import Engine

    return _rendered(Engine(), default, {"cookiecutter": dict(answers)})


def _rendered(engine: Engine, value: object, context: Mapping[str, Any]) -> Any:
    match value:
        case str():
            return engine.text(value, context, file=COOKIECUTTER_FILE)
        case list():
            return [_rendered(engine, item, context) for item in value]
        case dict():
            return {_rendered(engine, key, context): _rendered(engine, item, context) for key, item in value.items()}
        case _:
            return value


def context_of(variables: Mapping[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return every variable with its answer or its computed default, private ones as they stand.

    Raises:
        ExtensionsRefused: The template brings extensions.
    """
    from scaffolder.template.jinja import Engine

    if variables.get("_extensions"):
        raise ExtensionsRefused(variables["_extensions"])
    engine = Engine()
    context: dict[str, Any] = {}
    for name, default in variables.items():
        if name == PROMPTS:
            continue
        if name in answers and not name.startswith("_"):
            context[name] = answers[name]
        elif name.startswith("_") and not name.startswith("__"):
            context[name] = default
        else:
            value = _rendered(engine, default, {"cookiecutter": context})
            context[name] = value[0] if isinstance(value, list) and value and not name.startswith("_") else value
    extra = {name: value for name, value in answers.items() if name not in context and not name.startswith("_")}
    return context | extra


def render_cookiecutter(tree: Tree, answers: Mapping[str, Any], *, copy_without: tuple[str, ...] = ()) -> Tree:
    """
    Render a template; the result is the content of the project's directory.

    `tree` holds `cookiecutter.json`; what `answers` leaves out has its default. Hooks are not run.

    Raises:
        RenderError: A template is wrong or asks for too much; the message names its file.
        PathEscapes: An answer makes a path leave the project.
    """
    from scaffolder.template.jinja import Engine

    variables = read_variables(tree)
    context = {"cookiecutter": context_of(variables, answers)}
    project = project_directory(tree)
    engine = Engine(files=tree, home=project, options=variables.get("_jinja2_env_vars"))
    contained(engine.text(project, context, file=project))
    patterns = (*_patterns(variables.get("_copy_without_render")), *copy_without)
    press = _Press(engine, context, patterns, project)
    return _checked({press.place(path): press.node(path, node) for path, node in tree.under(project).items()})


def _patterns(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


@dataclass(frozen=True, slots=True)
class _Press:
    """Renders the entries of the project's directory; `patterns` name what is copied as it is."""

    engine: Engine
    context: Mapping[str, Any]
    patterns: tuple[str, ...]
    project: str

    def place(self, path: str) -> str:
        """Return the rendered path; below a directory that is copied, names stay as they are."""
        head = self._copied(path) or path
        rendered = self.engine.text(head, self.context, file=self._shown(path)) if self.engine.has_tags(head) else head
        if not all(part.strip() for part in rendered.split("/")):
            msg = f"the name renders to {rendered!r}, in which a part is empty"
            raise RenderError(msg, place=Place(self._shown(path)))
        return contained(rendered + path[len(head) :])

    def node(self, path: str, node: Node) -> Node:
        match node:
            case Link(target) if not link_stays_inside(path, target):
                msg = f"the link leads outside the project: {target!r}"
                raise RenderError(msg, place=Place(self._shown(path)))
            case File(data, mode) if not self._copied(path):
                return File(self._content(path, data), mode)
        return node

    def _content(self, path: str, data: bytes) -> bytes:
        if is_binary(data):
            return data
        try:
            source = data.decode()
        except UnicodeDecodeError as error:
            if not any(mark in data for mark in MARKS):
                return data
            raise NotText(self._shown(path)) from error
        if not self.engine.has_tags(source):
            return data
        return self.engine.text(source, self.context, file=self._shown(path)).encode("utf-8", "surrogatepass")

    def _copied(self, path: str) -> str:
        """Return the part of `path` that a pattern names, '' when none does."""
        parts = path.split("/")
        heads = ("/".join(parts[: count + 1]) for count in range(len(parts)))
        return next((head for head in heads if any(fnmatch.fnmatchcase(head, glob) for glob in self.patterns)), "")

    def _shown(self, path: str) -> str:
        return posixpath.join(self.project, path)


def _checked(nodes: dict[str, Node]) -> Tree:
    for path in nodes:
        for parent in PurePosixPath(path).parents[:-1]:
            if str(parent) in nodes and not isinstance(nodes[str(parent)], Directory):
                msg = f"{parent} would be a file, and also the directory of {path}"
                raise RenderError(msg)
    return Tree(nodes)
