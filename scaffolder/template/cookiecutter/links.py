"""
Links of a template, followed as the file system would follow them, but only inside the template.

cookiecutter copies what a link leads to. A link that leads out of the template would bring files of the person's
machine into the project.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from scaffolder.errors import Place
from scaffolder.template.expressions import RenderError
from scaffolder.tree import Directory, File, Link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.tree import Node

MOST = 40
"""Links that lead to links are followed so often, as Linux does."""


class LinkRefused(RenderError):  # noqa: N818 - our errors are named by what is wrong
    """A link of a template leads where nothing may be read, or nothing is."""

    def __init__(self, path: str, target: str, reason: str) -> None:
        super().__init__(f"the link {reason}: {target!r}", place=Place(path))
        self.hint = "replace it by what it leads to, or take it out of the template"


class LinkLost(LinkRefused):
    """There is nothing at the end of a link."""

    def __init__(self, path: str, target: str) -> None:
        super().__init__(path, target, "leads to nothing")


def followed(nodes: Mapping[str, Node], path: str) -> tuple[str, File | Directory]:
    """
    Return where a path really is, and what is there; every part of it may be a link.

    `nodes` lists every directory.

    Raises:
        LinkRefused: It leads outside, in circles, or to nothing.
    """
    done, rest, links = "", path.split("/"), 0
    while rest:
        here = posixpath.join(done, rest.pop(0))
        node = nodes.get(here)
        if node is None:
            raise LinkLost(path, here)
        if not isinstance(node, Link):
            done = here
            continue
        links += 1
        if links > MOST:
            raise LinkRefused(path, node.target, "leads in circles")
        done, rest = "", _beyond(path, here, node.target, rest)
    found = nodes.get(done, Directory())
    assert not isinstance(found, Link)  # noqa: S101 - it was followed
    return done, found


def _beyond(path: str, here: str, target: str, rest: list[str]) -> list[str]:
    """Return the parts of the path from the top, once a link is replaced by its target."""
    end = posixpath.normpath(posixpath.join(posixpath.dirname(here), target))
    if target.startswith("/") or end == ".." or end.startswith("../"):
        raise LinkRefused(path, target, "leads outside the template")
    return [*(end.split("/") if end != "." else []), *rest]
