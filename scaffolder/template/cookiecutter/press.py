"""
Renders the directory of a template that becomes the project, entry after entry, in cookiecutter's own order.

The order counts: a template can change its variables while it is rendered. Directories are rendered before what is in
them, names in order; what a pattern of `_copy_without_render` names is copied, links are replaced by what they lead to.
A directory that two names render to, or none, is an error; a file whose name renders to nothing is left out.
"""

from __future__ import annotations

import fnmatch
import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scaffolder.errors import Place
from scaffolder.template.content import NotText
from scaffolder.template.cookiecutter import line_ends
from scaffolder.template.cookiecutter.binaries import TAGS, is_binary
from scaffolder.template.cookiecutter.links import LinkRefused, followed
from scaffolder.template.expressions import RenderError
from scaffolder.tree import Directory, File, Link, Node, contained

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffolder.template.cookiecutter.engine import Engine

NEW_LINES = "_new_lines"
COPIED = "_copy_without_render"


Files = dict[str, tuple[bytes | str, int]]
"""By its path in the project, each file's content, or the path in the template whose content it is; and its mode."""


class DirectoryTwice(RenderError):  # noqa: N818 - our errors are named by what is wrong
    """The name of a directory renders to one that is there already."""

    def __init__(self, shown: str, rendered: str) -> None:
        what = f"to {rendered!r}, which another directory or file is already" if rendered else "to nothing"
        super().__init__(f"the name of the directory renders {what}", place=Place(shown))
        self.hint = "give it another name; what is wanted only sometimes is removed by a hook"


def listed(nodes: Mapping[str, Node]) -> dict[str, Node]:
    """Return the entries of a tree with every directory among them, '' the first."""
    every: dict[str, Node] = {"": Directory()}
    for path, node in nodes.items():
        parent = posixpath.dirname(path)
        while parent and parent not in every:
            every[parent] = Directory()
            parent = posixpath.dirname(parent)
        every[path] = node
    return every


def _is_within(path: str, place: str) -> bool:
    return not place or f"{path}/".startswith(f"{place}/")


@dataclass(slots=True)
class Press:
    """
    Renders into `files`; `directories` are those of the project so far.

    `nodes` lists the whole template, directories too; `project` is the directory that is rendered.
    """

    engine: Engine
    context: Mapping[str, Any]
    nodes: Mapping[str, Node]
    project: str
    files: Files = field(default_factory=dict)
    directories: set[str] = field(default_factory=lambda: {""})
    _children: dict[str, list[str]] = field(default_factory=dict)

    def run(self) -> None:
        """Render everything."""
        inside, _ = followed(self.nodes, self.project)
        for path in self.nodes:
            if path:
                self._children.setdefault(posixpath.dirname(path), []).append(posixpath.basename(path))
        self._render_below(inside, "")

    def _render_below(self, directory: str, path: str) -> None:
        """Render what is in a directory of the template; `path` is its unrendered place in the project."""
        entries = [(name, *self._entry(directory, name)) for name in sorted(self._children.get(directory, ()))]
        inner = [(name, real) for name, real, node in entries if isinstance(node, Directory)]
        copied = [name for name, _ in inner if self._is_copied(posixpath.join(path, name))]
        for name, real in inner:
            if name in copied:
                self._copy_directory(posixpath.join(path, name), real)
        for name, _ in inner:
            if name not in copied:
                self._make_directory(posixpath.join(path, name))
        for name, real, node in entries:
            if isinstance(node, File):
                self._make_file(posixpath.join(path, name), real, node)
        for name, _ in inner:
            if name not in copied:  # a link's directory stays empty: there is nothing below its own path
                self._render_below(posixpath.join(directory, name), posixpath.join(path, name))

    def _entry(self, directory: str, name: str) -> tuple[str, File | Directory]:
        path = posixpath.join(directory, name)
        node = self.nodes[path]
        return followed(self.nodes, path) if isinstance(node, Link) else (path, node)

    def _is_copied(self, path: str) -> bool:
        patterns = self.context["cookiecutter"].get(COPIED, ())
        return any(fnmatch.fnmatch(path, str(pattern)) for pattern in patterns or ())

    def _copy_directory(self, path: str, real: str) -> None:
        """Copy a directory with all that is in it; what was made there before goes: all, where its name is nothing."""
        place = self._place(path)
        self.files = {there: made for there, made in self.files.items() if not _is_within(there, place)}
        self.directories = {there for there in self.directories if not (there and _is_within(there, place))}
        self._add_directory(place)
        for below, source, node in self._within(real):
            inside = posixpath.join(place, below)
            if isinstance(node, Directory):
                self._add_directory(inside)
            else:
                self.files[inside] = (source, node.mode)

    def _within(
        self, real: str, below: str = "", through: tuple[str, ...] = ()
    ) -> Iterator[tuple[str, str, File | Directory]]:
        """Walk a directory and those its links lead to; `through` is the way there."""
        if real in through:
            raise LinkRefused(self._shown(below), real, "leads in circles")
        for name in self._children.get(real, ()):
            source, node = self._entry(real, name)
            yield posixpath.join(below, name), source, node
            if isinstance(node, Directory):
                yield from self._within(source, posixpath.join(below, name), (*through, real))

    def _make_directory(self, path: str) -> None:
        place = self._place(path)
        if not place or place in self.directories or place in self.files:
            self._refuse_directory(path, place)
        self._add_directory(place)

    def _refuse_directory(self, path: str, place: str) -> None:
        raise DirectoryTwice(self._shown(path), place)

    def _add_directory(self, place: str) -> None:
        while place not in self.directories:
            self.directories.add(place)
            place = posixpath.dirname(place)

    def _make_file(self, path: str, real: str, node: File) -> None:
        copied = self._is_copied(path)
        place = self._place(path)
        if place in self.directories and not copied:
            return  # its name has rendered to nothing
        if place in self.directories or posixpath.dirname(place) not in self.directories:
            msg = f"the name renders to {place!r}, and there is {'a' if place in self.directories else 'no'} directory"
            raise RenderError(msg, place=Place(self._shown(path)))
        if copied or is_binary(path, node.data):
            self.files[place] = (real, node.mode)
        else:
            self.files[place] = (self._content(path, real, node.data), node.mode)

    def _place(self, path: str) -> str:
        """Return the rendered path, '' for the project itself."""
        if not self.engine.has_tags(path):
            return path
        rendered = self.engine.text(path, self.context, file=self._shown(path))
        if not rendered or posixpath.normpath(rendered) == ".":
            return ""
        return contained(rendered)

    def _content(self, path: str, real: str, data: bytes) -> bytes | str:
        """Return the rendered content, or the path of the file whose content it is."""
        end = line_ends.chosen(self.context["cookiecutter"].get(NEW_LINES), data)
        unified = line_ends.unified(data)
        if self.engine.dialect.plain and not TAGS.search(data):
            return real if end in {"", "\n"} and unified == data else self._with_ends(real, unified, end)
        try:
            source = unified.decode()
        except UnicodeDecodeError as error:
            if not self.engine.has_tags(unified.decode("latin-1")):
                return real
            raise NotText(self._shown(path)) from error
        text = self.engine.text(source, self.context, file=self._shown(path))
        try:
            return line_ends.written(text, end)
        except UnicodeEncodeError as error:
            msg = "what it renders to is not text"
            raise RenderError(msg, place=Place(self._shown(path))) from error

    @staticmethod
    def _with_ends(real: str, unified: bytes, end: str) -> bytes | str:
        """Return a text without tags in one kind of line ends; what is not UTF-8 stays as it is."""
        try:
            unified.decode()
        except UnicodeDecodeError:
            return real
        return unified if end in {"", "\n"} else unified.replace(b"\n", end.encode())

    def _shown(self, path: str) -> str:
        return posixpath.join(self.project, path)
