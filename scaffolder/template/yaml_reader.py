"""
Reads a template's YAML as Backstage does: YAML 1.2's core schema, so that `yes`, `no` and dates are texts.

A file that is malformed, nests absurdly or multiplies itself by aliases is refused with its line.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from math import inf
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

MULTIPLIED = "its aliases multiply it beyond measure"


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
    if len(text) > MOST_DIGITS:
        return inf if text[:2] in {"0x", "0o"} else float(text)
    return int(text, 0) if text[:2] in {"0x", "0o"} else int(text)


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
        check_events(text, file)
        documents = list(yaml.load_all(text, Loader=CoreLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else None
        _refuse(file, line, " ".join(part for part in (error.context, error.problem) if part))
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        _refuse(file, None, str(error).splitlines()[0])
    if len(documents) != 1:
        _refuse(file, None, f"it has {len(documents)} documents instead of one")
    check_size(documents[0], file, MULTIPLIED)
    return documents[0]


def check_events(text: str, file: str) -> None:
    """
    Refuse what nests absurdly or multiplies itself by aliases, before anything is made of it: merging follows them all.

    Raises:
        TemplateInvalid: With file and line.
        yaml.YAMLError: It is no YAML.
    """
    within = [_Collection(None)]
    weights: dict[str | None, int] = {}
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark is not None else None
        if isinstance(event, yaml.CollectionStartEvent):
            within.append(_Collection(event.anchor))
        elif isinstance(event, yaml.CollectionEndEvent):
            ended = within.pop()
            weights[ended.anchor] = ended.weight
            within[-1].weight += ended.weight
        elif isinstance(event, yaml.NodeEvent):
            within[-1].weight += weights.get(event.anchor, 1) if isinstance(event, yaml.AliasEvent) else 1
        if len(within) > DEEPEST + 1:
            _refuse(file, line, f"it nests deeper than {DEEPEST} levels")
        if within[-1].weight > MOST_NODES:
            _refuse(file, line, MULTIPLIED)


@dataclass(slots=True)
class _Collection:
    """A list or map that is being read, and how many nodes it has with its aliases followed."""

    anchor: str | None
    weight: int = 1


def check_size(document: Any, file: str, reason: str) -> None:
    """
    Count nodes as an algorithm that follows aliases would meet them, and stop early.

    Raises:
        TemplateInvalid: It is larger, or nests deeper, than a description can be; it says the `reason`.
    """
    waiting, count = [(document, 0)], 0
    while waiting:
        node, depth = waiting.pop()
        count += 1
        if count > MOST_NODES or depth > DEEPEST:
            _refuse(file, None, reason)
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        waiting.extend((child, depth + 1) for child in children)


def _refuse(file: str, line: int | None, reason: str) -> NoReturn:
    raise TemplateInvalid(reason, place=Place(file, line))
