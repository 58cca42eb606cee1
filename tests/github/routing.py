"""
Which function answers what, by the paths of GitHub's own description.

Importing `tests.github.operations` fills the table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.github.exchange import Call, Page, Reply

SPANNING = {"ref", "path", "basehead", "branch"}
"""Parameters that may hold a '/' as it is."""


@dataclass(frozen=True, slots=True)
class Operation:
    """
    What can be asked.

    `permission` is what a fine-grained token or an app needs ("contents=write"), `role` what its user needs in the
    repository, `resource` the rate that is charged. `creates` marks what GitHub counts as creating content,
    `app` what only an app that signed its request may ask.
    """

    method: str
    template: str
    answer: Callable[[Call], Reply | Page]
    permission: str = ""
    role: str = "read"
    scope: str = ""
    resource: str = "core"
    anonymous: bool = False
    creates: bool = False
    app: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        """The path as a regular expression."""

        def group(found: re.Match[str]) -> str:
            name = found.group(1)
            return f"(?P<{name}>{'.*' if name in SPANNING else '[^/]+'})"

        return re.compile(re.sub(r"\\\{(\w+)\\\}", group, re.escape(self.template)))


OPERATIONS: list[Operation] = []
_SORTED: list[tuple[re.Pattern[str], Operation]] = []


def operation(
    method: str, template: str, **what: str | bool
) -> Callable[[Callable[[Call], Reply | Page]], Callable[[Call], Reply | Page]]:
    """Say that the function below answers `method` of `template`."""

    def enter(answer: Callable[[Call], Reply | Page]) -> Callable[[Call], Reply | Page]:
        OPERATIONS.append(Operation(method, template, answer, **what))  # type: ignore[arg-type]
        _SORTED.clear()
        return answer

    return enter


def find(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """Return the operation and the parameters of its path; the one with the most words of its own comes first."""
    if not _SORTED:
        by_words = sorted(OPERATIONS, key=lambda each: (-len(re.sub(r"\{\w+\}", "", each.template)), each.template))
        _SORTED.extend((each.pattern, each) for each in by_words)
    for pattern, each in _SORTED:
        if each.method == method and (found := pattern.fullmatch(path)):
            return each, {name: unquote(value) for name, value in found.groupdict().items()}
    return None
