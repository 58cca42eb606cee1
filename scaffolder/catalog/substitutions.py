"""
`$text`, `$json` and `$yaml`: fields whose content is in another file of the same location.

https://backstage.io/docs/features/software-catalog/descriptor-format#substitutions-in-the-descriptor-format
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scaffolder.catalog.documents import DEEPEST, documents
from scaffolder.catalog.entity import Problem
from scaffolder.catalog.roots import Unreadable, beside

if TYPE_CHECKING:
    from collections.abc import Callable


class _RefusedError(Exception):  # it is caught here, and never an error of its own
    """A file does not hold what it should; the text says what it is instead."""


class Substitutions:
    """Makes the substitutions in documents of the file at `path`; `repository` is as in `beside`."""

    def __init__(self, path: str, read: Callable[[str], bytes], *, repository: str = "") -> None:
        self.path = path
        self.read = read
        self.repository = repository
        self.problems: list[Problem] = []

    def made(self, document: Any) -> tuple[Any, list[Problem]]:
        """Return a document with its substitutions made, and those that could not be."""
        self.problems = []
        return self._of(document, ""), self.problems

    def _of(self, value: Any, field: str) -> Any:
        if isinstance(value, dict):
            how = next(iter(value), "") if len(value) == 1 else ""
            if how in _READERS:
                return self._content(how, value[how], _join(field, how))
            return {key: self._of(item, _join(field, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self._of(item, _join(field, str(index))) for index, item in enumerate(value)]
        return value

    def _content(self, how: str, target: Any, field: str) -> Any:
        if not isinstance(target, str):
            self.problems.append(Problem(field, "names no file"))
            return None
        try:
            return _READERS[how](self.read(beside(self.path, target, repository=self.repository)))
        except _RefusedError as error:
            self.problems.append(Problem(field, f"{target} {error}"))
        except Unreadable as error:
            self.problems.append(Problem(field, error.message))
        return None


def needed(data: bytes) -> bool:
    """Tell whether a descriptor may have substitutions."""
    return any(how.encode() in data for how in _READERS)


def _join(field: str, part: str) -> str:
    return f"{field}.{part}" if field else part


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = "is not UTF-8 text"
        raise _RefusedError(reason) from error


def _json(data: bytes) -> Any:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        reason = f"is not JSON: {error}"
        raise _RefusedError(reason) from error
    return _bounded(value)


def _bounded(value: Any) -> Any:
    """Return the value, unless it is nested too deeply to be stored; level by level, without recursion."""
    level = [value]
    for _ in range(DEEPEST):
        level = [item for each in level for item in _children(each)]
        if not level:
            return value
    reason = f"is nested more than {DEEPEST} levels deep"
    raise _RefusedError(reason)


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _yaml(data: bytes) -> Any:
    found = list(documents(data))
    if len(found) == 1 and not found[0].error:
        return found[0].value
    reason = "is empty, or holds several documents" if len(found) != 1 else found[0].error
    raise _RefusedError(reason)


_READERS: dict[str, Callable[[bytes], Any]] = {"$text": _text, "$json": _json, "$yaml": _yaml}
