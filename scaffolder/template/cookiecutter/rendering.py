"""
A template and answers become a project, in memory.

What can do no more work than its length allows is rendered at once. As soon as a text may do more, everything is begun
again in a process that can be ended.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffolder.errors import Place
from scaffolder.template.content import NotText
from scaffolder.template.cookiecutter.apart import apart, needed, with_code
from scaffolder.template.cookiecutter.bounds import Limits, MayRunAway
from scaffolder.template.cookiecutter.brought import Code
from scaffolder.template.cookiecutter.compiled import Compiled
from scaffolder.template.cookiecutter.context import Origin, context_of
from scaffolder.template.cookiecutter.description import (
    chosen,
    hooks_of,
    project_directory,
    read_variables,
)
from scaffolder.template.cookiecutter.dialect import dialect_of
from scaffolder.template.cookiecutter.engine import Engine
from scaffolder.template.cookiecutter.line_ends import unified
from scaffolder.template.cookiecutter.links import LinkLost, followed
from scaffolder.template.cookiecutter.press import Files, Press, listed
from scaffolder.template.expressions import RenderError
from scaffolder.template.manifest import COOKIECUTTER_FILE
from scaffolder.tree import Directory, File, Node, Tree, check_not_gits, contained

if TYPE_CHECKING:
    from scaffolder.gateways.confined import Note
    from scaffolder.template.cookiecutter.hooks import Bench
    from scaffolder.template.trust import Allowed

Variables = Mapping[str, Any]


class Rendered(NamedTuple):
    """
    A project: its files, and the name that its directory has.

    `hooks` are the scripts that the template would run, by their paths in it, and that were not; `ran` those that were.
    """

    name: str
    tree: Tree
    hooks: tuple[str, ...]
    ran: tuple[str, ...] = ()


def render(
    tree: Tree,
    answers: Variables,
    *,
    directory: str = "",
    origin: Origin | None = None,
    limits: Limits | None = None,
    code: Code | None = None,
) -> Rendered:
    """
    Render the template in a directory of a tree. What `answers` leaves out has its default.

    Links may lead anywhere in the tree, which holds what is read, and nothing else is. Of the template's own code that
    is run which `code` allows; the hook before the questions is left to whoever asks them (`after_pre_prompt`).

    Raises:
        RenderError: A template is wrong or asks for too much; the message names its file.
        Ended: A template took too long or too much memory, and was stopped.
        PathEscapes: An answer makes a path leave the project.
        BelongsToGit: A file would be in git's own directory.
        ExtensionsRefused: The template brings code of its own.
        AnswerRefused: An answer is none of those that are possible.
        HookFailed, ExtensionFailed: That code has failed.
    """
    code = code or Code()
    order = _Order(tree, directory, answers, origin or Origin(), limits or Limits())
    if not (code.allowed.hooks or code.allowed.extensions):
        return _rendered(order, code.allowed)
    from scaffolder.template.cookiecutter.hooks import bench

    with bench(code) as private:
        return _rendered(order, code.allowed, private)


class _Order(NamedTuple):
    """What is to be rendered."""

    tree: Tree
    directory: str
    answers: Variables
    origin: Origin
    limits: Limits


def _rendered(order: _Order, allowed: Allowed, bench: Bench | None = None) -> Rendered:
    home = chosen(order.tree, order.answers, directory=order.directory)
    if bench and allowed.hooks and home != order.directory:
        from scaffolder.template.cookiecutter.hooks import after_pre_prompt

        order = order._replace(tree=after_pre_prompt(order.tree, bench, directory=home))
    job = _Job(order, home, allowed, bench)
    try:
        name, files, directories, scripts = job.done()
    except RenderError as error:
        if why := needed(job.variables, job.dialect):
            error.hint = f"{why}   (--trust)"
        _find_default(error, order.tree, home)
        raise
    tree, hooks = _tree(order.tree, files, directories), tuple(hooks_of(order.tree, home))
    if bench is None or not allowed.hooks:
        return Rendered(name, tree, hooks)
    return Rendered(name, bench.finished(name, tree, scripts), (), hooks)


def render_cookiecutter(tree: Tree, answers: Variables) -> Tree:
    """Return the content of the project's directory, as `render` makes it."""
    return render(tree, answers).tree


class _Job:
    """One rendering. The code that is allowed has a `bench` to run at."""

    def __init__(self, order: _Order, home: str, allowed: Allowed, bench: Bench | None) -> None:
        self._home, self._allowed, self._bench = home, allowed, bench
        self.variables = read_variables(order.tree, home)
        self._tree, self._answers, self._origin, self._limits = order.tree, order.answers, order.origin, order.limits
        self.dialect = dialect_of(self.variables, allowed)
        self._nodes = listed(order.tree)
        self._name = project_directory(order.tree, home)
        self._project = posixpath.join(home, self._name)
        self._compiled = Compiled(self.dialect.key)

    def done(self) -> _Done:
        """Return what was rendered."""
        if self._bench and (self.dialect.brought or self._hooks_look_at_the_template()):
            self._tree.write(self._bench.template)
        if self._bench and self.dialect.brought:
            place = self._bench.template / self._home
            return _Done(*with_code(lambda note: tuple(self._run(note)), self.dialect, place, self._limits))
        try:
            done = self._run()
        except MayRunAway:
            *whole, news = apart(lambda note: (*self._run(note), self._compiled.news()), self._limits)
            done = _Done(*whole)
            self._compiled.learn(news)
        self._compiled.keep()
        return done

    def _hooks_look_at_the_template(self) -> bool:
        scripts = hooks_of(self._tree, self._home).values() if self._allowed.hooks else ()
        return any(b"_repo_dir" in (data or b"") for data in scripts)

    def _scripts(self, engine: Engine, context: dict[str, Any], when: str) -> list[tuple[str, bytes]]:
        """Render the hooks of one kind; in them the directories are those where they run."""
        if self._bench is None or not self._allowed.hooks:
            return []
        from scaffolder.template.cookiecutter.hooks import scripts_of

        variables = context["cookiecutter"]
        said = {name: variables[name] for name in ("_output_dir", "_repo_dir")}
        variables |= {"_output_dir": str(self._bench.output), "_repo_dir": str(self._bench.template / self._home)}
        try:
            return [
                (path, engine.text(_decoded(data, path), context, file=path).encode("utf-8", "surrogatepass"))
                for path, data in scripts_of(self._tree, self._home, when).items()
            ]
        finally:
            variables |= said

    def _run(self, note: Note | None = None) -> _Done:
        engine = Engine(
            self.dialect, load=self._load, note=note, compiled=self._compiled, files=self._texts, limits=self._limits
        )
        context = context_of(self.variables, self._answers, engine=engine, origin=self._origin)
        name = self._named(engine.text(self._name, context, file=self._name))
        scripts = self._scripts(engine, context, "pre_gen_project")
        press = Press(engine, context, self._nodes, self._project)
        press.run()
        for path in (name, *press.files, *press.directories):
            check_not_gits(path)
        scripts += self._scripts(engine, context, "post_gen_project")
        return _Done(name, press.files, press.directories, scripts)

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


class _Done(NamedTuple):
    """The name of the project's directory, its files, its directories, and its hooks with their texts."""

    name: str
    files: Files
    directories: set[str]
    scripts: list[tuple[str, bytes]]


def _find_default(error: RenderError, tree: Tree, home: str) -> None:
    """Say of a default that is wrong on which line it stands."""
    name = error.place.field if error.place else ""
    if name:
        from scaffolder.template.lint.outline import Outline

        path = posixpath.join(home, COOKIECUTTER_FILE)
        line = Outline(path, tree.text(path) or "").spot(name, key=True).line
        error.move(Place(path, line, field=name))


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
