"""
Shallow copies of other repositories, to read single files from: the newest commit of those refs that were asked for.

A server that lets us gives commits and trees, and of the files only those that are wanted; the others give everything
the commit has. Reading never fetches by itself: the copy does not know where it is from.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.gateways.git_command import GitFailed, check_address, git
from scaffolder.gateways.git_directory import GitDirectory, as_id, check_ref
from scaffolder.gateways.git_mirror import of_the_other_side
from scaffolder.gateways.home import private_directory
from scaffolder.gateways.lock import locked
from scaffolder.tree import NotWritable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffolder.gateways.git_directory import Blob

LOOK = 60.0
"""Seconds for asking one of many repositories what it has."""
FETCH = 300.0
"""Seconds for one of many to give it."""
MOST_PACKS = 64
"""Packs, one of each fetch, after which a copy is made anew: what came before is of no use any more."""

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REMOTE = "scaffolder-source"
_SHA256 = {"core": {"repositoryformatversion": "1"}, "extensions": {"objectFormat": "sha256"}}
_SPARSE = "--filter=blob:none"
_DUMB = "dumb http transport does not support shallow"


class Tip(NamedTuple):
    """What a ref is there: its full name, or a commit's id, and the commit it names."""

    name: str
    commit: str


def tips(address: str, refs: Sequence[str]) -> dict[str, Tip]:
    """
    Return what each of these branches, tags, commit ids or `HEAD` is in a repository now; what it has not is left out.

    Raises:
        AddressInvalid: The address could be taken for an option or a command.
        Unreachable: The network is down, or the other side.
        RepositoryRefused: There is none, or it cannot be read.
    """
    named = {ref: Tip(ref, ref) for ref in refs if _COMMIT.fullmatch(ref)}
    asked = {ref: _full_names(ref) for ref in refs if ref not in named}
    if not asked:
        return named
    patterns = dict.fromkeys(
        pattern for names in asked.values() for name in names for pattern in (name, f"{name}^{{}}")
    )
    with of_the_other_side():
        printed = git("ls-remote", "--", check_address(address), *patterns, timeout=LOOK)
    there = {name: value for value, _, name in (line.partition("\t") for line in os.fsdecode(printed).splitlines())}
    for ref, names in asked.items():
        if name := next((name for name in names if name in there), ""):
            named[ref] = Tip(name, there.get(f"{name}^{{}}", there[name]))
    return named


def _full_names(ref: str) -> tuple[str, ...]:
    """Return what a ref may be called in full, the likeliest first."""
    if ref == "HEAD" or ref.startswith("refs/"):
        return (check_ref(ref),)
    return (f"refs/heads/{check_ref(ref)}", f"refs/tags/{ref}")


@dataclass(frozen=True, slots=True)
class ShallowCopy(GitDirectory):
    """The copy at `path` of what is at `address`."""

    address: str

    @classmethod
    def of(cls, address: str, *, cache: Path) -> ShallowCopy:
        """
        Return the copy of a repository under `cache`; nothing is in it before something is fetched.

        Raises:
            AddressInvalid: The address could be taken for an option or a command.
        """
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", address.rsplit("/", 1)[-1]).removesuffix(".git").strip("-.")
        digest = hashlib.sha256(address.encode()).hexdigest()[:16]
        return cls(cache / f"{name[:40]}-{digest}.shallow", check_address(address))

    def newest(self, tip: Tip) -> str:
        """
        Return the commit of a ref, fetched unless it is here; when the other side has moved meanwhile, a newer one.

        Raises:
            Unreachable: The network is down, or the other side.
            GitFailed: The transfer was refused, or broke off.
            NotWritable: The cache cannot be written.
        """
        place = _place(tip.name)
        with _writing(self.path):
            self._make(tip.commit)
            if self.resolve(place) != tip.commit:
                self._fetch(f"+{tip.name}:{place}")
            return self.resolve(place) or tip.commit

    def listing(self, commit: str) -> dict[str, Blob]:
        """Return what the files of a commit are; their sizes are not known before they are here."""
        return self._listing(as_id(commit))

    def obtain(self, names: Sequence[str]) -> dict[str, int]:
        """
        Fetch those of these files' contents that are not here, together; return the sizes of all that then are.

        Raises:
            Unreachable: The network is down, or the other side.
            GitFailed: The transfer was refused, or broke off.
        """
        sizes = self._sizes(names)
        missing = [name for name in names if name not in sizes]
        if not missing:
            return sizes
        with _writing(self.path):
            self._fetch("--stdin", stdin="".join(f"{name}\n" for name in missing).encode())
        return {**sizes, **self._sizes(missing)}

    def _sizes(self, names: Sequence[str]) -> dict[str, int]:
        wanted = "".join(f"{name}\n" for name in names).encode()
        form = "--batch-check=%(objectname) %(objectsize)"
        printed = git("cat-file", form, "--buffer", directory=self.path, stdin=wanted).decode()
        rows = (line.split(" ") for line in printed.splitlines())
        return {name: int(size) for name, size in rows if size.isdigit()}

    def _make(self, commit: str) -> None:
        if len(list((self.path / "objects/pack").glob("*.pack"))) > MOST_PACKS:
            shutil.rmtree(self.path)
        if not (self.path / "HEAD").is_file():
            GitDirectory.init(self.path, config=_SHA256 if len(commit) == len(hashlib.sha256().hexdigest()) else {})

    def _fetch(self, *what: str, stdin: bytes = b"") -> None:
        little = (_SPARSE,) if stdin else (_SPARSE, "--depth=1")
        with of_the_other_side(transfer=True):
            try:
                self._git_fetch(*little, *what, stdin=stdin)
            except GitFailed as error:
                if _DUMB not in error.message:
                    raise
                self._git_fetch(*what)  # a server of plain files gives all or nothing

    def _git_fetch(self, *what: str, stdin: bytes = b"") -> None:
        # the remote is described on the command line only, so that no later command can fetch what it misses
        sparse = {"promisor": "true", "partialCloneFilter": "blob:none"} if _SPARSE in what else {}
        remote = {"url": self.address, **sparse}
        options = [word for key, value in remote.items() for word in ("-c", f"remote.{_REMOTE}.{key}={value}")]
        flags = [word for word in what if word.startswith("--")]
        git(
            *options,
            *("-c", "fetch.unpackLimit=1"),  # one pack, rather than a file an object
            *(("-c", "fetch.negotiationAlgorithm=noop") if stdin else ()),  # what is here says nothing of what is not
            *("fetch", "--quiet", "--no-tags", "--force", "--no-write-fetch-head", "--no-recurse-submodules"),
            *flags,
            *("--", _REMOTE),
            *(word for word in what if word not in flags),
            directory=self.path,
            stdin=stdin,
            timeout=FETCH,
        )


def _place(name: str) -> str:
    """Return the ref that keeps what a ref of the other side named; no two of them are in each other's way here."""
    kind = "refs/tags" if name.startswith("refs/tags/") else "refs/scaffolder"
    return f"{kind}/{hashlib.sha256(name.encode()).hexdigest()[:16]}"


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    """Let nobody else change a copy during the block."""
    try:
        private_directory(place.parent)
        with locked(place.with_suffix(".lock"), patience=FETCH):
            yield
    except OSError as error:
        raise NotWritable(Path(error.filename or place), error) from error
