"""
`$text`, `$json` and `$yaml`: fields whose content is in another file of the same location.

https://backstage.io/docs/features/software-catalog/descriptor-format#substitutions-in-the-descriptor-format
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from scaffolder.catalog.documents import documents
from scaffolder.catalog.entity import Problem
from scaffolder.catalog.roots import Unreadable, beside

Read = Callable[[str], bytes]


class _Refused(Exception):  # noqa: N818  # it is caught here, and never an error of its own
    """A substitution cannot be made; the text says why."""


def substituted(value: Any, path: str, read: Read) -> tuple[Any, list[Problem]]:
    """Return a document with its substitutions made, and those that could not be."""
    problems: list[Problem] = []
    return _walk(value, "", path, read, problems), problems


def _walk(value: Any, field: str, path: str, read: Read, problems: list[Problem]) -> Any:  # noqa: PLR0917  # a recursion carries its state
    if isinstance(value, dict):
        if len(value) == 1 and (found := next(iter(value))) in _READERS:
            return _substitute(found, value[found], field, path, read, problems)
        return {key: _walk(item, _join(field, key), path, read, problems) for key, item in value.items()}
    if isinstance(value, list):
        return [_walk(item, _join(field, str(index)), path, read, problems) for index, item in enumerate(value)]
    return value


def _join(field: str, part: str) -> str:
    return f"{field}.{part}" if field else part


def _substitute(how: str, target: Any, field: str, path: str, read: Read, problems: list[Problem]) -> Any:  # noqa: PLR0913, PLR0917  # the same
    try:
        if not isinstance(target, str):
            raise _Refused("names no file")
        return _READERS[how](read(beside(path, target)))
    except (_Refused, Unreadable) as error:
        problems.append(Problem(_join(field, how), str(error)))
        return None


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _Refused("names a file that is not UTF-8 text") from None


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _Refused(f"names a file that is not JSON: {error}") from None


def _yaml(data: bytes) -> Any:
    found = list(documents(data))
    if len(found) != 1 or found[0].error:
        raise _Refused(
            f"names a file that {found[0].error if found else 'is empty'}"
            if len(found) < 2
            else "names a file of several documents"
        )
    return found[0].value


_READERS: dict[str, Callable[[bytes], Any]] = {"$text": _text, "$json": _json, "$yaml": _yaml}
