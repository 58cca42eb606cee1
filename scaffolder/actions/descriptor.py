"""
Insert a few lines into a catalog file that somebody else wrote (pure).

The file keeps its comments, its order and its quotes: lines are added, none is changed but one that holds a mapping in
braces. What was made is read again; if it does not hold exactly what was wanted, the file is returned as it was.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import yaml


def inserted(
    text: str, name: str, *, annotations: Mapping[str, str], spec: Mapping[str, str], kind: str = "Component"
) -> str:
    """
    Return the catalog file `text` with annotations and spec fields added to the first entity of that kind and name.

    A key that is already there keeps its value. A file that is no YAML, or has no such entity, stays as it is.
    """
    wanted = ((("metadata", "annotations"), annotations), (("spec",), spec))
    for path, values in wanted:
        for key, value in values.items():
            text = _with(text, (kind, name), (*path, key), value)
    return text


def _with(text: str, entity: tuple[str, str], path: tuple[str, ...], value: str) -> str:
    before = _documents(text)
    number = next((index for index, one in enumerate(before) if _is(one, *entity)), None)
    if number is None or _get(before[number], path) is not None:
        return text
    changed = _insert(text, number, path, value)
    expected = [_set(one, path, value) if index == number else one for index, one in enumerate(before)]
    return changed if _documents(changed) == expected else text


def _documents(text: str) -> list[Any]:
    import yaml

    from scaffolder.template.errors import TemplateInvalid
    from scaffolder.template.yaml_reader import check_events

    try:
        check_events(text, "")
        return list(yaml.load_all(text, Loader=yaml.CSafeLoader))
    except (TemplateInvalid, yaml.YAMLError, ValueError, RecursionError):  # an impossible date is a ValueError
        return []


def _is(document: Any, kind: str, name: str) -> bool:
    if not isinstance(document, dict) or document.get("kind") != kind:
        return False
    metadata = document.get("metadata")
    return isinstance(metadata, dict) and str(metadata.get("name", "")).lower() == name.lower()


def _insert(text: str, number: int, path: tuple[str, ...], value: str) -> str:
    """Add `path: value` as the first line of the deepest mapping of `path` that is there."""
    import yaml

    node = list(yaml.compose_all(text, Loader=yaml.CSafeLoader))[number]
    depth = 0
    while depth < len(path) - 1 and (child := _child(node, path[depth])) is not None:
        node, depth = child, depth + 1
    if not isinstance(node, yaml.MappingNode):
        return text
    if node.flow_style:
        return _insert_in_braces(text, node, path[depth:], value)
    first = node.value[0][0].start_mark
    lines = _nested(path[depth:], value, first.column)
    start = first.index - first.column
    line_end = "\r\n" if "\r\n" in text else "\n"
    return text[:start] + "".join(line + line_end for line in lines) + text[start:]


def _insert_in_braces(text: str, node: yaml.MappingNode, keys: tuple[str, ...], value: str) -> str:
    """Add to a mapping that is written as JSON writes one."""
    at = node.start_mark.index
    if text[at] != "{":  # an anchor or a tag comes first
        return text
    *outer, last = (f'"{key}": ' for key in keys)
    entry = "{".join([*outer, last]) + _quoted(value) + "}" * len(outer)
    return f"{text[: at + 1]}{entry}{', ' if node.value else ''}{text[at + 1 :]}"


def _nested(keys: tuple[str, ...], value: str, column: int) -> list[str]:
    last = len(keys) - 1
    return [
        f"{' ' * (column + 2 * depth)}{key}:{f' {_quoted(value)}' if depth == last else ''}"
        for depth, key in enumerate(keys)
    ]


def _quoted(value: str) -> str:
    """Return a text in double quotes, on one line."""
    import yaml

    return str(yaml.safe_dump(value, default_style='"', allow_unicode=True, width=sys.maxsize)).rstrip("\n")


def _child(node: yaml.Node, key: str) -> yaml.Node | None:
    import yaml

    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _get(document: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _set(document: Any, path: tuple[str, ...], value: str) -> Any:
    key, *rest = path
    inner = document.get(key) if isinstance(document.get(key), dict) else {}
    return {**document, key: _set(inner, tuple(rest), value) if rest else value}
