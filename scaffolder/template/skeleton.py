"""
Renders a skeleton: of each entry of a tree of templates, what it becomes and where.

The rules are those of Backstage's `fetch:template`. Names are always rendered, contents unless they are binary or
excluded; a name that renders to nothing, to an absolute path or to an empty part leaves its entry out.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from posixpath import normpath, splitext
from typing import TYPE_CHECKING, Any, Final, Literal

from scaffolder.errors import InvalidInput, Place
from scaffolder.template.content import LOOKED_AT, NotText, encoded, is_binary
from scaffolder.template.expressions import Renderer, RenderError, Variables
from scaffolder.template.globs import matcher
from scaffolder.tree import Directory, File, Link, Node, Tree, contained, link_stays_inside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from scaffolder.template.language.environment import Dialect


WHOLE: Final = 300.0
"""Seconds for all of a skeleton: each of its texts may take some."""


@dataclass(frozen=True, slots=True)
class Options:
    """
    How a skeleton is rendered; the names are `fetch:template`'s inputs.

    `extension` is the suffix (`.njk` or `njk`) of the only files that are rendered, '' for all; `replace` lets the last
    of two entries with one rendered path win instead of the first. `seconds` bounds the whole.
    """

    copy_without: Sequence[str] = ()
    extension: str = ""
    trim_blocks: bool = False
    lstrip_blocks: bool = False
    replace: bool = False
    seconds: float = WHOLE

    def __post_init__(self) -> None:
        if self.extension and self.copy_without:
            msg = "templateFileExtension cannot be used together with copyWithoutTemplating"
            raise InvalidInput(msg, hint="choose one of the two")

    @property
    def suffix(self) -> str:
        """The extension with its dot."""
        return f".{self.extension.removeprefix('.')}" if self.extension else ""


def pressed(
    tree: Tree,
    values: Mapping[str, Any] | None,
    *,
    dialect: Literal["backstage", "cookiecutter"] = "backstage",
    options: Options | None = None,
    warnings: list[str] | None = None,
    stays: Callable[[str], bool] = lambda _: False,
) -> Iterator[tuple[str, str, Node]]:
    """
    Yield each entry: the path of its template, its rendered path, and what it becomes.

    They come in the order in which Backstage makes them, directories before what is in them; two may have one path.
    Where `stays` says of a rendered path that what is there is kept, the content is not looked at, and may be wrong.

    `values` None is not the same as none of them: the name itself is undefined then. `dialect` "cookiecutter" is
    `fetch:template` with `cookiecutterCompat`. `warnings` takes a line for each entry that was left out although
    something would have been made of it.

    Raises:
        RenderError: A template is wrong or asks for too much; the message names its file.
        PathEscapes: An answer makes a path leave the tree.
    """
    chosen = options or Options()
    compatible = dialect == "cookiecutter"
    if compatible and chosen.extension:
        msg = "templateFileExtension cannot be used together with cookiecutterCompat"
        raise InvalidInput(msg, hint="choose one of the two")
    dialect_ = dialect_of(compatible=compatible, trim_blocks=chosen.trim_blocks, lstrip_blocks=chosen.lstrip_blocks)
    press = _Press(
        chosen,
        _context(values, compatible=compatible),
        Renderer(dialect_),
        matcher(chosen.copy_without),
        [] if warnings is None else warnings,
    )
    return press.nodes(_in_time(tree, chosen.seconds), stays)


def render_file(data: bytes, values: Mapping[str, Any] | None, *, dialect: Dialect, file: str) -> bytes:
    """
    Render the content of one file, by the rules of a skeleton.

    Raises:
        RenderError: As `pressed` does.
    """
    press = _Press(Options(), _context(values, compatible=dialect.cookiecutter), Renderer(dialect), matcher(()), [])
    return press.content(file, data)


def dialect_of(*, compatible: bool, trim_blocks: bool, lstrip_blocks: bool) -> Dialect:
    """Return how texts are written, by `fetch:template`'s inputs."""
    from scaffolder.template.language.environment import Dialect

    return Dialect(cookiecutter=compatible, trim_blocks=trim_blocks, lstrip_blocks=lstrip_blocks)


def _context(values: Mapping[str, Any] | None, *, compatible: bool) -> Variables:
    return Variables() if values is None else Variables({"cookiecutter" if compatible else "values": values})


def _in_time(tree: Tree, seconds: float) -> Iterator[tuple[str, Node]]:
    """Yield the entries of a tree as long as there is time."""
    ends = time.monotonic() + seconds
    for path, node in _entries(tree):
        if time.monotonic() > ends:
            msg = f"all of the skeleton takes longer than {seconds:g} s"
            raise RenderError(msg, place=Place(path))
        yield path, node


@dataclass(slots=True)
class _Press:
    """Renders entry after entry in the order of the original, so that the same one wins a collision."""

    options: Options
    context: Mapping[str, Any]
    renderer: Renderer
    excluded: Callable[[str], bool]
    warnings: list[str]

    def nodes(
        self, entries: Iterable[tuple[str, Node]], stays: Callable[[str], bool]
    ) -> Iterator[tuple[str, str, Node]]:
        made: set[str] = set()
        for path, node in entries:
            if self._leads_outside(path, path, node):
                continue
            place = self._place(path, node)
            if not place or self._stays(path, place, node, made) or stays(place):
                continue
            if not self._leads_outside(path, place, node):
                made.add(place)
                yield path, place, self._rendered(path, node)

    def _stays(self, path: str, place: str, node: Node, made: set[str]) -> bool:
        """Tell whether another entry of the skeleton has become the same, and is kept."""
        stays = place in made and not self.options.replace
        if stays and not isinstance(node, Directory):
            self.warnings.append(f"{path}: left out, because another entry has become {place} before")
        return stays

    def _leads_outside(self, path: str, place: str, node: Node) -> bool:
        outside = isinstance(node, Link) and not link_stays_inside(place, node.target)
        if outside:
            self.warnings.append(f"{path}: left out, because the link leads outside the skeleton")
        return outside

    def _place(self, path: str, node: Node) -> str:
        """Return the rendered path, '' when the entry is left out."""
        shown = path + "/" if isinstance(node, Directory) else path
        place = self.renderer.text(self._without_extension(shown, node), self.context, file=path)
        if not place or place.startswith("/") or "//" in place:
            return ""
        if normpath(place) == ".":
            return self._here(path, node)
        return contained(place)

    def _here(self, path: str, node: Node) -> str:
        """Leave out what would take the place of the target itself."""
        if self.options.replace and not isinstance(node, Directory):
            msg = "its name becomes `.`, which is the target directory itself"
            raise RenderError(msg, place=Place(path))
        return ""

    def _without_extension(self, path: str, node: Node) -> str:
        """Return a path without the suffix of a template; of a directory so called, the dot is left, as there."""
        if isinstance(node, Directory) and path.rstrip("/").endswith(self.options.suffix or "/"):
            return path[: -len(self.options.suffix)]
        return path.removesuffix(self.options.suffix) if self._is_template(path, node) else path

    def _is_template(self, path: str, node: Node) -> bool:
        extension = self.options.suffix
        if not extension or not isinstance(node, File):
            return False
        name = path.rpartition("/")[2]
        return splitext(name)[1] == extension

    def _rendered(self, path: str, node: Node) -> Node:
        return File(self._content(path, node.data, node), node.mode) if isinstance(node, File) else node

    def _content(self, path: str, data: bytes, node: Node) -> bytes:
        as_it_is = bool(self.options.suffix) and not self._is_template(path, node)
        return data if as_it_is or self.excluded(path) else self.content(path, data)

    def content(self, path: str, data: bytes) -> bytes:
        """Return what the content of a file becomes."""
        if not self._has_tags(data) or is_binary(data):
            return data
        try:
            source = data.decode()
        except UnicodeDecodeError as error:
            return self._not_text(path, data, error)
        return encoded(self.renderer.text(source, self.context, file=path))

    def _not_text(self, path: str, data: bytes, error: UnicodeDecodeError) -> bytes:
        """Refuse tags in what is not UTF-8; only in the first bytes, which say what a file is, are they looked for."""
        if self._has_tags(data[:LOOKED_AT]):
            raise NotText(path) from error
        self.warnings.append(f"{path}: copied as it is with its tags, because it is not UTF-8 text")
        return data

    def _has_tags(self, data: bytes) -> bool:
        compatible = self.renderer.dialect is not None and self.renderer.dialect.cookiecutter
        return any(mark in data for mark in (b"{{" if compatible else b"${{", b"{%", b"{#", b"#}"))


def _entries(tree: Tree) -> Iterator[tuple[str, Node]]:
    """Walk breadth-first, names in byte order, directories before what is in them."""
    nodes: dict[str, Node] = {}
    for path, node in tree.items():
        parent = path.rpartition("/")[0]
        while parent and parent not in nodes:
            nodes[parent] = Directory()
            parent = parent.rpartition("/")[0]
        nodes[path] = node
    return iter(
        sorted(nodes.items(), key=lambda entry: (entry[0].count("/"), entry[0].encode("utf-8", "surrogateescape")))
    )
