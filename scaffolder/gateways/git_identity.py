"""Who commits, as git sees it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from scaffolder.errors import InvalidInput
from scaffolder.gateways.git_command import attempt


class IdentityInvalid(InvalidInput):
    """git cannot write this name or address into a commit."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} cannot stand in a commit",
            hint="give a name and an e-mail address, without '<', '>' and line breaks",
        )


@dataclass(frozen=True, slots=True)
class Identity:
    """
    Who commits.

    Raises:
        IdentityInvalid: A part is empty or would break the commit's form.
    """

    name: str
    email: str

    def __post_init__(self) -> None:
        for part in (self.name, self.email):
            if not part.strip() or re.search(r"[<>\n\r\x00]", part):
                raise IdentityInvalid(part)

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


def identity() -> Identity | None:
    """
    Return who the person is to git, or None when git would have to guess.

    It is asked from the root directory: the identity of the repository a person happens to stand in is not meant.
    """
    for extra in ({}, {"GIT_AUTHOR_EMAIL": os.environ.get("EMAIL", "")}):  # git itself looks at EMAIL last
        done = attempt("-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT", cwd=Path("/"), extra=extra)
        found = re.match(r"(.+) <(.+)> \d+ [-+]\d+$", done.stdout.decode(errors="replace"))
        if done.returncode == 0 and found:
            return Identity(found[1], found[2])
        if not os.environ.get("EMAIL"):
            break
    return None
