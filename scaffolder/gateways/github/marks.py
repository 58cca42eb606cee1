"""
How a repository is known again as the one that a task made.

The mark is part of the request that creates it: an address in the field `homepage`, which is the only one that every
kind of account has, that may hold anything, and that nobody is told about. With the first push comes a ref,
`refs/scaffolder/task/ID`, that stays; then the homepage is free for what it is meant for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

REFS = "refs/scaffolder/task/"
_TASK, _BRANCH = "scaffolder-task", "branch"


class Mark(NamedTuple):
    """The task that made a repository, and the branch that is to be its default."""

    task: str
    branch: str = ""

    def homepage(self, page: str) -> str:
        """Return the address that says so, and leads to `page`."""
        return f"{page}#{urlencode({_TASK: self.task, _BRANCH: self.branch}, quote_via=quote)}"

    @property
    def ref(self) -> str:
        """The ref that says so; what git does not allow in a name is written as in an address."""
        return REFS + quote(self.task, safe="").replace(".", "%2E").replace("~", "%7E")


def in_homepage(homepage: object) -> Mark | None:
    """Return the mark that a homepage is, None when it is a page."""
    if not isinstance(homepage, str) or f"#{_TASK}=" not in homepage:
        return None
    found = parse_qs(homepage.partition("#")[2])
    return Mark(found[_TASK][0], found.get(_BRANCH, [""])[0]) if _TASK in found else None


def in_refs(refs: Iterable[str]) -> str:
    """Return the task that a ref names, '' when none does."""
    from urllib.parse import unquote

    return next((unquote(ref.removeprefix(REFS)) for ref in sorted(refs) if ref.startswith(REFS)), "")


def without_marks(refs: Mapping[str, str]) -> dict[str, str]:
    """Return the refs that are no marks."""
    return {ref: commit for ref, commit in refs.items() if not ref.startswith(REFS)}
