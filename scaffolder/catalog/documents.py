"""
YAML files, document by document.

Scalars are read as YAML 1.2 reads them (`no` is a word, `2024-01-02` too), because Backstage does. What comes out is
plain JSON: text keys, no cycles, bounded in depth and in size once aliases are expanded. Each document keeps where its
fields stand, so that a problem found later can name its line.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    import yaml

DEEPEST = 100
MOST_NODES = 1_000_000
"""Values in one document with its aliases expanded; enough for 100,000 entities' worth of one big API definition."""

_YAML = "tag:yaml.org,2002:"
_TEXT, _SEQUENCE, _MAPPING, _MERGE = (_YAML + kind for kind in ("str", "seq", "map", "merge"))
_START = re.compile(rb"^---(?=[ \t\r\n]|$)", re.MULTILINE)
# Block nesting needs a longer indent or a row of indicators for each level, flow nesting a bracket.
_DEEP_BLOCK = re.compile(rb"^[ ?:-]{%d}" % (4 * DEEPEST), re.MULTILINE)


# https://yaml.org/spec/1.2.2/#1032-tag-resolution, without the infinities and not-a-numbers that JSON lacks
_CORE = (
    ("bool", re.compile(r"true|True|TRUE|false|False|FALSE")),
    ("null", re.compile(r"~|null|Null|NULL|")),
    ("int", re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")),
    ("float", re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")),
    ("merge", re.compile(r"<<")),
)
_WORDS_ONLY = frozenset("abcdeghijklmopqrsuvwxyzABCDEGHIJKLMOPQRSUVWXYZ/$")


class Document(NamedTuple):
    """
    One document of a file; `number` and lines count from 1.

    `error` says why it cannot be read, on `line`; else `value` is its content, and `line` where it begins.
    """

    number: int
    line: int
    value: Any = None
    error: str = ""
    node: yaml.Node | None = None
    offset: int = 0

    def line_of(self, field: str) -> int:
        """Return the line of a dotted field, or of the nearest one above it that is written in the file."""
        node, line = self.node, self.line
        while field and (step := _step(node, field)) is not None:
            node, field, line = step[0], step[1], step[2] + self.offset
        return line


class _NotPlainError(Exception):  # it is caught here, and never an error of its own
    """A value that JSON does not have, or a bound."""

    def __init__(self, node: yaml.Node, message: str) -> None:
        super().__init__(message)
        self.line = node.start_mark.line + 1


def documents(data: bytes) -> Iterator[Document]:
    """Iterate over the documents of a file; empty ones are passed over but counted."""
    if too_deep(data):
        yield Document(1, 1, error=f"is nested more than {DEEPEST} levels deep")
        return
    import yaml

    try:
        nodes = _nodes(data)
    except (yaml.YAMLError, UnicodeDecodeError):
        yield from _one_by_one(data)
    else:
        for number, node in enumerate(nodes, 1):
            if document := _read(node, number, 0):
                yield document


def _one_by_one(data: bytes) -> Iterator[Document]:
    """Read a file with an error in it: each document by itself, so that the others still come in."""
    import yaml

    starts = [found.start() for found in _START.finditer(data)]
    if not starts or data[: starts[0]].strip():
        starts.insert(0, 0)
    number = 0
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        offset = data.count(b"\n", 0, start)
        try:
            nodes = _nodes(data[start:end])
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            number += 1
            message, line = _said(error)
            yield Document(number, offset + (line or 1), error=message)
            continue
        for node in nodes:
            number += 1
            if document := _read(node, number, offset):
                yield document


def _said(error: yaml.YAMLError | UnicodeDecodeError) -> tuple[str, int | None]:
    """Return what the YAML reader says, and the line."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return "is not YAML: it holds a byte or a character that YAML text cannot have", None
    context = getattr(error, "context", None)
    return f"is not YAML: {error.problem}{f', {context}' if context else ''}", mark.line + 1  # type: ignore[union-attr]  # a marked error has them


def _read(node: yaml.Node, number: int, offset: int) -> Document | None:
    line = node.start_mark.line + 1 + offset
    try:
        value = _Plain().of(node, 0)
    except _NotPlainError as problem:
        return Document(number, problem.line + offset, error=str(problem))
    return None if value is None else Document(number, line, value, node=node, offset=offset)


def too_deep(data: bytes) -> bool:
    """
    Tell whether the nesting goes beyond the bound.

    The C parser builds nodes by recursion and would run off its stack; the events before that are cheap to count, and
    are counted only where there are enough brackets or indents to be suspicious.
    """
    if data.count(b"[") + data.count(b"{") <= DEEPEST and not _DEEP_BLOCK.search(data):
        return False
    import yaml

    depth = 0
    try:
        for event in yaml.parse(data, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > DEEPEST:
                return True
    except (yaml.YAMLError, UnicodeDecodeError):
        return False  # it is nested this deep before the error, and so is what will be built of it
    return False


@cache
def _loader() -> type[yaml.CSafeLoader]:
    """Return the C loader, with YAML 1.2's core schema for scalars."""
    import yaml

    class Loader(yaml.CSafeLoader):
        """Knows what plain scalars mean; PyYAML's own way to find that out takes a quarter of the time of reading."""

        def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
            """Return the tag of a node that has none."""
            if kind is not yaml.ScalarNode:
                return _MAPPING if kind is yaml.MappingNode else _SEQUENCE
            return _meaning(value) if implicit[0] else _TEXT

    return Loader


def _meaning(plain: str) -> str:
    """Return the tag of a plain scalar; most begin with a letter that only words begin with."""
    if plain[:1] in _WORDS_ONLY:
        return _TEXT
    return next((_YAML + tag for tag, pattern in _CORE if pattern.fullmatch(plain)), _TEXT)


def _nodes(data: bytes) -> list[yaml.Node]:
    loader = _loader()(data)
    nodes: list[yaml.Node] = []
    try:
        while loader.check_node():
            node = loader.get_node()
            if node is not None:
                nodes.append(node)
    finally:
        loader.dispose()
    return nodes


class _Plain:
    """Makes plain values of one document's nodes, and counts them."""

    def __init__(self) -> None:
        self.left = MOST_NODES

    def of(self, node: yaml.Node, depth: int) -> Any:
        self.left -= 1
        if self.left < 0:
            raise _NotPlainError(node, f"holds more than {MOST_NODES} values once its aliases are expanded")
        if depth > DEEPEST:
            raise _NotPlainError(node, f"is nested more than {DEEPEST} levels deep, or holds itself")
        tag = node.tag
        if tag == _TEXT:
            return node.value
        if tag == _MAPPING and isinstance(node.value, list):
            return self._mapping(node, depth + 1)
        if tag == _SEQUENCE and isinstance(node.value, list):
            return [self.of(item, depth + 1) for item in node.value]
        return _scalar(node)

    def _mapping(self, node: yaml.Node, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                self._merge(merged, value_node, depth)
                continue
            key = _key(key_node)
            if key in values:
                raise _NotPlainError(key_node, f"the key {key!r} is given twice")
            values[key] = self.of(value_node, depth)
        return {**merged, **values} if merged else values

    def _merge(self, merged: dict[str, Any], node: yaml.Node, depth: int) -> None:
        """Take in what `<<` points to: a mapping or a list of them, the first to have a key gives it."""
        value = self.of(node, depth)
        for mapping in value if isinstance(value, list) else [value]:
            if not isinstance(mapping, dict):
                raise _NotPlainError(node, "'<<' takes a mapping, or a list of them")
            for key, item in mapping.items():
                merged.setdefault(key, item)


def _key(node: yaml.Node) -> str:
    """Return a mapping's key as JSON has it: text."""
    if not isinstance(node.value, str):
        raise _NotPlainError(node, "a key is not text: put quotes around a value that begins with '{' or '['")
    return node.value


def _scalar(node: yaml.Node) -> Any:
    tag, text = node.tag, node.value
    if tag.startswith(_YAML) and isinstance(text, str):
        try:
            match tag.removeprefix(_YAML):
                case "bool":
                    return {"true": True, "false": False}[text.lower()]
                case "null":
                    return None
                case "int":
                    return int(text, 0 if text[:2] in {"0x", "0o"} else 10)
                case "float":
                    return _finite(float(text))
                case "merge":
                    return text
        except (ValueError, KeyError):
            raise _NotPlainError(node, f"{text[:40]!r} is no {tag.removeprefix(_YAML)}") from None
    raise _NotPlainError(node, f"the tag {tag.replace(_YAML, '!!')} is not known here")


def _finite(number: float) -> float:
    if number in {float("inf"), float("-inf")}:
        raise ValueError
    return number


def _step(node: yaml.Node | None, field: str) -> tuple[yaml.Node, str, int] | None:
    """Go one level down towards `field`: the node there, what is left of the field, and the line."""
    if node is None or not isinstance(node.value, list):
        return None
    if node.tag == _SEQUENCE:
        index, _, rest = field.partition(".")
        if not index.isdecimal() or int(index) >= len(node.value):
            return None
        item = node.value[int(index)]
        return item, rest, item.start_mark.line + 1
    # a key may have dots of its own; the longest that fits is meant
    fitting = [pair for pair in node.value if f"{field}.".startswith(f"{pair[0].value}.")]
    if not fitting:
        return None
    key, value = max(fitting, key=lambda pair: len(str(pair[0].value)))
    return value, field[len(key.value) + 1 :], key.start_mark.line + 1
