"""
A template and answers become a project, in memory.

What can do no more work than its length allows is rendered at once. As soon as a text may do more, everything is begun
again in a process that can be ended.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scaffolder.errors import Place
from scaffolder.template.content import NotText
from scaffolder.template.cookiecutter.bounds import Limits
from scaffolder.template.cookiecutter.compiled import Compiled
from scaffolder.template.cookiecutter.context import Origin, context_of
from scaffolder.template.cookiecutter.description import (
    chosen,
    hooks_of,
    project_directory,
    read_variables,
)
from scaffolder.template.cookiecutter.dialect import Dialect, ExtensionsRefused, dialect_of, foreign
from scaffolder.template.cookiecutter.engine import Engine, MayRunAway
from scaffolder.template.cookiecutter.line_ends import unified
from scaffolder.template.cookiecutter.links import LinkLost, followed
from scaffolder.template.cookiecutter.press import Files, Press, listed
from scaffolder.template.expressions import RenderError
from scaffolder.template.manifest import COOKIECUTTER_FILE
from scaffolder.tree import Directory, File, Node, Tree, contained

if TYPE_CHECKING:
    from scaffolder.gateways.confined import Note

Variables = Mapping[str, Any]
GRACE = 2.0
"""Seconds that a text which has had its time may take to notice it."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """
    A project: its files, and the name that its directory has.

    `hooks` are the scripts that the template would run, by their paths in it; none was run.
    """

    name: str
    tree: Tree
    hooks: tuple[str, ...]


def render(
    tree: Tree,
    answers: Variables,
    *,
    directory: str = "",
    origin: Origin | None = None,
    limits: Limits | None = None,
) -> Rendered:
    """
    Render the template in a directory of a tree. What `answers` leaves out has its default.

    Links may lead anywhere in the tree, which holds what is read, and nothing else is.

    Raises:
        RenderError: A template is wrong or asks for too much; the message names its file.
        Ended: A template took too long or too much memory, and was stopped.
        PathEscapes: An answer makes a path leave the project.
        ExtensionsRefused: The template brings code of its own.
        AnswerRefused: An answer is none of those that are possible.
    """
    home = chosen(tree, answers, directory=directory)
    job = _Job(tree, home, answers, origin or Origin(), limits or Limits())
    name, files, directories = job.done()
    return Rendered(name, _tree(tree, files, directories), hooks_of(job.own))


def render_cookiecutter(tree: Tree, answers: Variables) -> Tree:
    """Return the content of the project's directory, as `render` makes it."""
    return render(tree, answers).tree


def computed_defaults(variables: Variables, answers: Variables) -> dict[str, Any]:
    """
    Return the defaults of what is asked and not answered, over the answers that are.

    Raises:
        RenderError: One is wrong.
    """
    found = _Defaults(variables, answers).done()
    return {name: value for name, value in found.items() if name not in answers}


def rendered_choices(variables: Variables, answers: Variables, names: Sequence[str]) -> dict[str, list[str]]:
    """
    Return the options of choices, whose texts name other variables, as they read after these answers.

    Raises:
        RenderError: One is wrong.
    """
    context = {"cookiecutter": {**variables, **computed_defaults(variables, answers), **answers}}
    dialect = dialect_of({**variables, "_extensions": ()})

    def rendered(note: Note | None = None) -> dict[str, list[str]]:
        engine = Engine(dialect, note=note)
        return {
            name: [engine.text(str(option), context, file=COOKIECUTTER_FILE) for option in variables[name]]
            for name in names
        }

    try:
        return rendered()
    except MayRunAway:
        found: dict[str, list[str]] = _confined(rendered, Limits())
        return found


@dataclass(slots=True)
class _Defaults:
    """Works out the defaults of a page."""

    variables: Variables
    answers: Variables

    def done(self) -> dict[str, Any]:
        extensions = list(self.variables.get("_extensions") or ())
        refused = foreign(extensions)
        dialect = dialect_of({**self.variables, "_extensions": [name for name in extensions if name not in refused]})
        try:
            return self._rendered(dialect)
        except RenderError as error:
            if refused:  # that may be why
                raise ExtensionsRefused(refused) from error
            raise

    def _rendered(self, dialect: Dialect) -> dict[str, Any]:
        try:
            return self._values(Engine(dialect))
        except MayRunAway:
            found: dict[str, Any] = _confined(lambda note: self._values(Engine(dialect, note=note)), Limits())
            return found

    def _values(self, engine: Engine) -> dict[str, Any]:
        context = context_of(self.variables, self.answers, engine=engine, origin=Origin())["cookiecutter"]
        return {
            name: self._shown(default, context[name]) for name, default in self.variables.items() if name[:1] != "_"
        }

    @staticmethod
    def _shown(default: Any, value: Any) -> Any:
        """Return a default as the question offers it: a choice is the option as it is written."""
        if isinstance(default, list) and default:
            return str(default[0])
        return dict(value) if isinstance(value, dict) else value


class _Job:
    """One rendering; `own` is the template's own directory."""

    def __init__(self, tree: Tree, home: str, answers: Variables, origin: Origin, limits: Limits) -> None:
        self.own = tree.under(home)
        self._variables = read_variables(self.own)
        self._answers, self._origin, self._limits = answers, origin, limits
        self._dialect = dialect_of(self._variables)
        self._nodes = listed(tree)
        self._name = project_directory(self.own)
        self._project = posixpath.join(home, self._name)
        self._compiled = Compiled(self._dialect.key)

    def done(self) -> tuple[str, Files, set[str]]:
        """Return the name of the project's directory, its files, and its directories."""
        try:
            done = self._run()
        except MayRunAway:
            *done, news = _confined(lambda note: (*self._run(note), self._compiled.news()), self._limits)
            self._compiled.learn(news)
        self._compiled.keep()
        return done[0], done[1], done[2]

    def _run(self, note: Note | None = None) -> tuple[str, Files, set[str]]:
        engine = Engine(
            self._dialect, load=self._load, note=note, compiled=self._compiled, files=self._texts, limits=self._limits
        )
        context = context_of(self._variables, self._answers, engine=engine, origin=self._origin)
        name = self._named(engine.text(self._name, context, file=self._name))
        press = Press(engine, context, self._nodes, self._project)
        press.run()
        return name, press.files, press.directories

    def _named(self, name: str) -> str:
        if not name:
            msg = "the project's directory would have no name: one of the answers is empty"
            raise RenderError(msg, place=Place(self._name))
        return contained(name)

    def _load(self, name: str) -> str | None:
        """Return what a text includes: a file of the project's directory, or of `templates` beside it."""
        parts = [part for part in name.split("/") if part not in {"", "."}]
        if ".." in parts:
            return None
        for home in (self._project, posixpath.join(posixpath.dirname(self._project), "templates")):
            path = posixpath.join(home, *parts)
            with suppress(LinkLost):
                _, node = followed(self._nodes, path)
                if isinstance(node, File):
                    return _decoded(node.data, path)
        return None

    def _texts(self) -> Iterator[bytes]:
        """Return all that may be compiled."""
        return (node.data for path, node in self._nodes.items() if isinstance(node, File))


def _confined(work: Callable[[Note], Any], limits: Limits) -> Any:
    """Do the work where it can be ended, which takes some time to load."""
    from scaffolder.gateways.confined import confined

    return confined(work, step=limits.text + GRACE, whole=limits.whole, memory=limits.memory)


def _decoded(data: bytes, path: str) -> str:
    try:
        return unified(data).decode()
    except UnicodeDecodeError as error:
        raise NotText(path) from error


def _tree(tree: Tree, files: Files, directories: set[str]) -> Tree:
    """Put the files together; what was not changed is taken from the template."""
    nodes: dict[str, Node] = {}
    for path, (content, mode) in files.items():
        original = tree[content] if isinstance(content, str) else None
        nodes[path] = File(original.data if isinstance(original, File) else bytes(content), mode)  # type: ignore[arg-type] # one or the other
    filled = {""}
    for path in nodes:
        parent = posixpath.dirname(path)
        while parent not in filled:
            filled.add(parent)
            parent = posixpath.dirname(parent)
    leaves = directories - filled - {posixpath.dirname(path) for path in directories}
    return Tree(nodes | dict.fromkeys(leaves, Directory()))
