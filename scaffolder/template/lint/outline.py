"""Where the values of a YAML or JSON file stand in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from scaffolder.template.errors import TemplateInvalid
from scaffolder.template.lint.findings import Spot
from scaffolder.template.lint.texts import line_and_column, mention
from scaffolder.template.yaml_reader import CoreLoader, check_events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.template.lint.texts import Path

Where = tuple[str | int, ...]


def texts_in(value: object, where: Where, *, keys: bool = False) -> Iterator[tuple[Where, str]]:
    """Yield each text of a value and where it stands; with `keys`, the names in its maps as well."""
    match value:
        case str():
            yield where, value
        case list():
            for number, item in enumerate(value):
                yield from texts_in(item, (*where, number), keys=keys)
        case dict():
            for key, item in value.items():
                if keys:
                    yield (*where, key), key
                yield from texts_in(item, (*where, key), keys=keys)


class Outline:
    """Tells the places of a file; one that cannot be read has only its first line."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self._text = text.removeprefix("\ufeff")
        try:
            readable = self._text.replace("\t", " ")
            check_events(readable, path)  # what nests without end would exhaust the stack of the reader in C
            self._root = yaml.compose(readable, Loader=CoreLoader)
        except (TemplateInvalid, yaml.YAMLError, ValueError, RecursionError):
            self._root = None

    def spot(self, *where: str | int, key: bool = False) -> Spot:
        """Return the place of a value, or of its key; of what is not there, of what it would be in."""
        found = self._root
        mark = None if found is None else found.start_mark
        for depth, part in enumerate(where):
            name, found = _child(found, part)
            if found is None:
                break
            last = depth == len(where) - 1
            mark = name.start_mark if name is not None and (key or not last) else found.start_mark
        return Spot(self.path, mark.line + 1, mark.column + 1) if mark is not None else Spot(self.path, 1)

    def mention(self, where: Where, path: Path) -> Spot:
        """Return where a value first names a variable."""
        node = self._root
        for part in where:
            node = _child(node, part)[1]
        if node is None:
            return self.spot(*where)
        at = mention(self._text, path, node.start_mark.index)
        if at is None or at > node.end_mark.index:
            return self.spot(*where)
        return Spot(self.path, *line_and_column(self._text, at))


def _child(node: Any, part: str | int) -> tuple[Any, Any]:
    """Return the key and the value at a name or number in a node; a merged mapping's are its own."""
    match node:
        case yaml.SequenceNode() if isinstance(part, int) and part < len(node.value):
            return None, node.value[part]
        case yaml.MappingNode():
            for key, value in node.value:
                if key.value == str(part):
                    return key, value
            merged = [value for key, value in node.value if key.value == "<<"]
            several = [
                one for value in merged for one in (value.value if isinstance(value, yaml.SequenceNode) else [value])
            ]
            return next((found for one in several if (found := _child(one, part))[1] is not None), (None, None))
    return None, None
