"""The code that a template wants to run, as text: for a person to read before they decide. Nothing of it is run."""

from __future__ import annotations

import posixpath
from importlib.machinery import all_suffixes
from typing import TYPE_CHECKING

from scaffolder.template.cookiecutter.links import LinkRefused, followed
from scaffolder.template.cookiecutter.press import listed
from scaffolder.template.trust import wanted
from scaffolder.tree import File

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scaffolder.template.manifest import Template
    from scaffolder.template.source import Resolved
    from scaffolder.tree import Node

INSTALLED = "not a file of the template: whatever is installed by this name"
NO_TEXT = "no text, or a link that leads nowhere"
COMPILED = "compiled: it has no text that could be shown"


def code_of(resolved: Resolved, template: Template) -> dict[str, str]:
    """Return each hook by its path, and each module of an extension, with its text as it stands in the template."""
    nodes, found = listed(resolved.root), wanted(resolved, template)
    shown = {path: _text(nodes, posixpath.join(resolved.directory, path)) for path in found.hooks}
    homes = [resolved.directory, *template.within.values()] if template.dialect == "cookiecutter" else []
    for extension in found.extensions:
        files = dict(_modules(nodes, extension.partition(".")[0].partition(":")[0], homes))
        shown |= files or {extension: INSTALLED}
    return shown


def _modules(nodes: Mapping[str, Node], name: str, homes: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the files that a module or package of that name may be loaded from, in the directories of a template."""
    suffixes = tuple(all_suffixes())
    for home in dict.fromkeys(homes):
        place, cached = posixpath.join(home, name), posixpath.join(home, "__pycache__", f"{name}.")
        package = f"{_led_to(nodes, place)}/"
        alone = [path for path in (place + suffix for suffix in suffixes) if path in nodes]
        inside = sorted(path for path in nodes if path.startswith((package, cached)) and path.endswith(suffixes))
        yield from ((path, _text(nodes, path)) for path in (*alone, *inside))


def _led_to(nodes: Mapping[str, Node], path: str) -> str:
    try:
        return followed(nodes, path)[0]
    except LinkRefused:
        return path


def _text(nodes: Mapping[str, Node], path: str) -> str:
    try:
        _, node = followed(nodes, path)
    except LinkRefused:
        return NO_TEXT
    if not isinstance(node, File):
        return NO_TEXT
    return COMPILED if b"\0" in node.data else node.data.decode("utf-8", "backslashreplace")
