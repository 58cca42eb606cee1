"""Where things stand in a template's YAML, for warnings that name a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator


class Lines:
    """The lines of one document, which is known to be readable."""

    def __init__(self, text: str) -> None:
        self._root: yaml.Node | None = yaml.compose(text, Loader=yaml.CSafeLoader)

    def of(self, *path: str | int) -> int | None:
        """Return the line of a key or an item; None when there is no such."""
        found = self._find(path)
        return found[0].start_mark.line + 1 if found else None

    def of_text(self, text: str, *path: str | int) -> int | None:
        """Return the line of a text at a path or below it; the path's own when it is not found."""
        found = self._find(path)
        lines = (node.start_mark.line + 1 for node in _scalars(found[1]) if node.value == text) if found else iter(())
        return next(lines, self.of(*path))

    def _find(self, path: tuple[str | int, ...]) -> tuple[yaml.Node, yaml.Node] | None:
        """Return the node where a path begins (its key), and the one that it names."""
        if self._root is None:
            return None
        key = node = self._root
        for part in path:
            match node:
                case yaml.MappingNode(value=pairs):
                    found = next(((name, value) for name, value in pairs if name.value == part), None)
                case yaml.SequenceNode(value=items) if isinstance(part, int) and part < len(items):
                    found = (items[part], items[part])
                case _:
                    found = None
            if found is None:
                return None
            key, node = found
        return key, node


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    match node:
        case yaml.ScalarNode():
            yield node
        case yaml.SequenceNode(value=items):
            for item in items:
                yield from _scalars(item)
        case yaml.MappingNode(value=pairs):
            for _, value in pairs:
                yield from _scalars(value)
