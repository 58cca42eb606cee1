"""
What the links of a template lead to beside it, in the same repository.

cookiecutter checks out the whole repository, and a link of a template in one of its directories may lead to any other.
What they lead to is read along; nothing outside the repository is, nor what git keeps for itself.
"""

from __future__ import annotations

import posixpath
from contextlib import suppress
from typing import TYPE_CHECKING

from scaffolder.tree import Link, NotReadable, PathEscapes, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffolder.template.repository import Repository
    from scaffolder.tree import Node


def with_linked(root: Tree, where: str, repository: Repository) -> Tree:
    """Return what is read of a repository, of which `where` is complete, with all that links in it lead to."""
    if not where:
        return root
    waiting, seen, found = list(_targets(root)), set[str](), dict(root)
    while waiting:
        path = waiting.pop()
        if path in seen or _is_within(path, where):
            continue
        seen.add(path)
        with suppress(PathEscapes, NotReadable):  # rendering says which link leads where nothing may be read
            part = _read(path, repository)
            waiting += [*_targets(part), *_through(path, part)]
            found.update(part)
    return Tree(found)


def _read(path: str, repository: Repository) -> Tree:
    """Return what is at a path, or the first link on the way there."""
    parts = path.split("/") if path else []
    for length in range(1, len(parts) + 1):
        here = "/".join(parts[:length])
        if parts[length - 1].casefold() == ".git":
            raise PathEscapes(path)
        if link := repository.link(here):
            return Tree({here: link})
    return repository.part(path)


def _through(path: str, part: Mapping[str, Node]) -> Iterator[str]:
    """Yield where a path goes on behind the link on its way."""
    for here, node in part.items():
        if isinstance(node, Link) and path.startswith(f"{here}/"):
            yield from (posixpath.join(end, path[len(here) + 1 :]) for end in _targets({here: node}))


def _targets(nodes: Mapping[str, Node]) -> Iterator[str]:
    """Yield where links lead inside the repository, '' its top, by their texts alone."""
    for path, node in nodes.items():
        if isinstance(node, Link) and not node.target.startswith("/"):
            end = posixpath.normpath(posixpath.join(posixpath.dirname(path), node.target))
            if end != ".." and not end.startswith("../"):
                yield "" if end == "." else end


def _is_within(path: str, directory: str) -> bool:
    return not directory or path == directory or path.startswith(f"{directory}/")
