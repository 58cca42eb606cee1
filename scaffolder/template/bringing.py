"""The code that a template wants to run, as text: for a person to read before they decide. Nothing of it is run."""

from __future__ import annotations

import posixpath
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


def code_of(resolved: Resolved, template: Template) -> dict[str, str]:
    """Return each hook by its path, and each module of an extension, with its text as it stands in the template."""
    nodes, found = listed(resolved.root), wanted(resolved, template)
    shown = {path: _text(nodes, posixpath.join(resolved.directory, path)) for path in found.hooks}
    homes = [resolved.directory, *template.within.values()]
    for extension in found.extensions:
        files = dict(_modules(nodes, extension.partition(".")[0].partition(":")[0], homes))
        shown |= files or {extension: INSTALLED}
    return shown


def _modules(nodes: Mapping[str, Node], name: str, homes: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the files of a module or package of that name in the directories of a template."""
    for home in dict.fromkeys(homes):
        place = posixpath.join(home, name)
        inside = sorted(path for path in nodes if path.startswith(f"{place}/") and path.endswith(".py"))
        for path in (f"{place}.py", *inside):
            if path in nodes:
                yield path, _text(nodes, path)


def _text(nodes: Mapping[str, Node], path: str) -> str:
    try:
        _, node = followed(nodes, path)
    except LinkRefused:
        return NO_TEXT
    return node.data.decode("utf-8", "backslashreplace") if isinstance(node, File) else NO_TEXT
