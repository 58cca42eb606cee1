"""
Short forms of addresses: `gh:owner/template`. Pure.

They are cookiecutter's, and a person's own configuration may add to them.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from scaffolder.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

USUAL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "gh": "https://github.com/{0}.git",
        "gl": "https://gitlab.com/{0}.git",
        "bb": "https://bitbucket.org/{0}",
    }
)
_SEGMENT = r"(?!\.{1,2}(?:/|$))[\w.~][\w.~-]*"
_PATH = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*", re.ASCII)


class NotAbbreviated(InvalidInput):
    """What stands after an abbreviation is no path of a repository."""

    def __init__(self, reference: str, abbreviation: str) -> None:
        super().__init__(
            f"{reference!r} names no repository",
            hint=f"after {abbreviation}: comes OWNER/NAME, and @REF where another version is wanted",
        )


def expanded(reference: str, abbreviations: Mapping[str, str] = USUAL) -> tuple[str, str]:
    """
    Return the address that a reference means, and the ref that stands after an '@' in it; '' for none.

    A reference that is no abbreviation is returned as it is.

    Raises:
        NotAbbreviated: It begins with one, and goes on with what is no path.
    """
    name, at, ref = reference.partition("@")
    if name in abbreviations:
        return abbreviations[name], ref
    abbreviation, colon, path = name.partition(":")
    if not colon or abbreviation not in abbreviations:
        return reference, ""
    path = path.removesuffix(".git")
    if not _PATH.fullmatch(path) or (at and not ref):
        raise NotAbbreviated(reference, abbreviation)
    return re.sub(r"\{0?\}", lambda _: path, abbreviations[abbreviation]), ref
