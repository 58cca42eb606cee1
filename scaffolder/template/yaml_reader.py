"""
Reads a template's YAML as Backstage does: YAML 1.2's core schema, so that `yes`, `no` and dates are texts.

A file that is malformed, nests absurdly or multiplies itself by aliases is refused with its line.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import yaml

from scaffolder.errors import Place
from scaffolder.template.errors import TemplateInvalid

DEEPEST = 100
"""Levels of nesting; the C parser has no limit of its own and would exhaust the stack."""
LARGEST = 2_000_000
"""Bytes of one file."""
MOST_DIGITS = 1000
"""A number that has more is beyond any that is worked with."""
MOST_NODES = 200_000
"""Nodes of a document once its aliases are followed."""


class CoreLoader(yaml.CSafeLoader):
    """Resolves plain scalars by YAML 1.2's core schema."""


CoreLoader.yaml_implicit_resolvers = {}


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+0123456789.",
    ),
    ("merge", r"<<", "<"),
):
    CoreLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})\\Z"), [*_first, *([""] if _tag == "null" else [])]
    )


def _construct_int(loader: CoreLoader, node: yaml.ScalarNode) -> float:
    text = str(loader.construct_scalar(node))
    if text[:2] in {"0x", "0o"}:
        return int(text, 0)
    return int(text) if len(text) <= MOST_DIGITS else float(text)


def _construct_float(loader: CoreLoader, node: yaml.ScalarNode) -> float:
    return float(str(loader.construct_scalar(node)).lower().replace(".inf", "inf").replace(".nan", "nan"))


def _construct_map(loader: CoreLoader, node: yaml.MappingNode) -> dict[str, Any]:
    seen = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark)
            seen.add(key.value)
    loader.flatten_mapping(node)
    pairs = ((loader.construct_object(key, deep=True), one) for key, one in node.value)
    return {_name(key): loader.construct_object(one, deep=True) for key, one in pairs}


def _name(key: Any) -> str:
    """Return a key as the text that it is in JavaScript."""
    return key if isinstance(key, str) else "" if key is None else json.dumps(key, default=str)


CoreLoader.add_constructor("tag:yaml.org,2002:int", _construct_int)
CoreLoader.add_constructor("tag:yaml.org,2002:float", _construct_float)
CoreLoader.add_constructor("tag:yaml.org,2002:map", _construct_map)


def read_document(data: bytes, file: str) -> Any:
    """
    Return the one document of a YAML file.

    Raises:
        TemplateInvalid: With file and line.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = "it is not UTF-8 text"
        raise TemplateInvalid(msg, place=Place(file, data[: error.start].count(b"\n") + 1)) from error
    if len(data) > LARGEST:
        _refuse(file, None, f"it is larger than {LARGEST:,} bytes")
    try:
        _check_nesting(text, file)
        documents = list(yaml.load_all(text, Loader=CoreLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else None
        _refuse(file, line, " ".join(part for part in (error.context, error.problem) if part))
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        _refuse(file, None, str(error).splitlines()[0])
    if len(documents) != 1:
        _refuse(file, None, f"it has {len(documents)} documents instead of one")
    _check_size(documents[0], file)
    return documents[0]


def _check_nesting(text: str, file: str) -> None:
    depth = 0
    line = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark is not None else line
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            _refuse(file, line, f"it nests deeper than {DEEPEST} levels")


def _check_size(document: Any, file: str) -> None:
    """Count nodes as an algorithm that follows aliases would meet them, and stop early."""
    waiting, count = [(document, 0)], 0
    while waiting:
        node, depth = waiting.pop()
        count += 1
        if count > MOST_NODES or depth > DEEPEST:
            _refuse(file, None, "its aliases multiply it beyond measure")
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        waiting.extend((child, depth + 1) for child in children)


def _refuse(file: str, line: int | None, reason: str) -> NoReturn:
    raise TemplateInvalid(reason, place=Place(file, line))
