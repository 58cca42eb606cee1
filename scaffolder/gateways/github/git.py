"""
Git over https, in the name of a token.

The token reaches git by its environment alone: it stands in no argument, in no configuration and in no address that
git is given.
"""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from scaffolder.gateways.git_command import git, split_credentials
from scaffolder.gateways.git_credentials import USER
from scaffolder.gateways.git_directory import TRANSFER, GitDirectory
from scaffolder.gateways.git_mirror import of_the_other_side
from scaffolder.gateways.git_remote import Move, move

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path as Place

    from scaffolder.errors import ScaffolderError

LOOK = 60.0
_PEELED = "^{}"
_NOT_FOUND = re.compile(r"repository\b.* not found", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository at the address `url`, and the token for it; '' is nobody."""

    url: str
    token: str

    def refs(self) -> dict[str, str]:
        """
        Return every ref and the commit it names, through tags of their own.

        Raises:
            Unreachable: GitHub does not answer now.
            RepositoryRefused: There is none, or we may not read it.
        """
        address, options, secrets = split_credentials(self._whole)
        with of_the_other_side():
            printed = git(*options, "ls-remote", "--", address, extra=secrets, timeout=LOOK)
        rows = [line.partition("\t") for line in os.fsdecode(printed).splitlines()]
        named = {name: value for value, _, name in rows if name != "HEAD"}
        return {name: named.get(f"{name}{_PEELED}", value) for name, value in named.items() if not _is_peeled(name)}

    def push(self, source: Place, refs: Mapping[str, str]) -> None:
        """Let each ref name its commit, all or none; see `GitDirectory.push`."""
        with of_the_other_side(transfer=True):
            GitDirectory(source).push(self._whole, refs)

    def fetch(self, directory: GitDirectory, ref: str, *, into: str, depth: int = 1) -> str:
        """
        Fetch what a ref names, `depth` commits of it, and let the ref `into` of `directory` name it; return it.

        Raises:
            Unreachable: GitHub does not answer now.
        """
        address, options, secrets = split_credentials(self._whole)
        little = (f"--depth={depth}", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules")
        with of_the_other_side(transfer=True):
            git(
                *options,
                *("-c", "fetch.unpackLimit=1"),  # one pack, rather than a file an object
                *("fetch", "--quiet", "--force", *little, "--", address, f"+{ref}:{into}"),
                directory=directory.path,
                extra=secrets,
                timeout=TRANSFER,
            )
        return directory.resolve(into) or ""

    def move(self, source: Place, moves: Sequence[Move]) -> None:
        """Move refs that still name what they did to commits of `source`; see `git_remote.move`."""
        move(GitDirectory(source), self._whole, moves)

    def delete(self, refs: Mapping[str, str]) -> None:
        """Delete refs that still name these commits, all or none; see `git_remote.move`."""
        with tempfile.TemporaryDirectory() as nowhere:
            nothing = GitDirectory.init(Path(nowhere) / "empty.git")
            move(nothing, self._whole, [Move(ref, commit, "") for ref, commit in refs.items()])

    @property
    def _whole(self) -> str:
        scheme, _, rest = self.url.partition("://")
        return f"{scheme}://{USER}:{quote(self.token, safe='')}@{rest}" if self.token else self.url


def is_missing(error: ScaffolderError) -> bool:
    """Tell whether git says that there is no such repository: GitHub does so for a while after it was made."""
    return any(_NOT_FOUND.search(line) for line in (error.message, *error.details))


def _is_peeled(name: str) -> bool:
    return name.endswith(_PEELED)
