"""
A few files kept beside a repository's branches: one commit without parents, on a ref of its own, replaced as a whole.

Nobody's clone brings such a ref along unless it is asked for.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.gateways.git_command import GitFailed, attempt, check_address, git, split_credentials
from scaffolder.gateways.git_directory import TRANSFER, Blob, GitDirectory, as_id
from scaffolder.gateways.git_mirror import LOOK, SNAPSHOT, of_the_other_side

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scaffolder.gateways.git_identity import Identity

REF = SNAPSHOT
_SHA256 = {"core": {"repositoryformatversion": "1"}, "extensions": {"objectFormat": "sha256"}}
_SHA1_LENGTH = 40


class Published(NamedTuple):
    """What stands on the ref of a repository: a commit, fetched into a directory, and its files by their names."""

    commit: str
    directory: GitDirectory
    files: Mapping[str, Blob]

    def read(self, name: str, *, most: int) -> bytes | None:
        """Return a small file; None where there is none, or it is larger than `most` bytes."""
        blob = self.files.get(name)
        if blob is None or blob.size > most:
            return None
        return next(iter(self.directory.blobs([blob.name])))

    def extract(self, name: str) -> Path:
        """Write a file to the disk, beside the directory, and return where; it need not fit into memory."""
        beside = self.directory.path.parent
        written = git("unpack-file", self.files[name].name, directory=self.directory.path, cwd=beside)
        return beside / os.fsdecode(written).strip()


def look(address: str) -> str:
    """
    Return the id of the commit that stands on the ref of a repository; '' when there is none.

    Raises:
        Unreachable: It does not answer now.
        RepositoryRefused: There is no such repository, or it cannot be read.
    """
    url, options, secrets = split_credentials(check_address(address))
    with of_the_other_side():
        printed = git(*options, "ls-remote", "--", url, REF, extra=secrets, timeout=LOOK)
    found = [line.split("\t")[0] for line in printed.decode().splitlines() if line.endswith(f"\t{REF}")]
    return as_id(found[0]) if found else ""


def fetch(address: str, commit: str, *, into: Path) -> Published:
    """
    Fetch what stands on the ref, a `commit` a moment ago, into a new directory below `into`.

    Raises:
        Unreachable: It does not answer now.
        GitFailed: It was refused, or broke off.
    """
    url, options, secrets = split_credentials(check_address(address))
    directory = GitDirectory.init(into / "snapshot.git", config={} if len(commit) == _SHA1_LENGTH else _SHA256)
    with of_the_other_side(transfer=True):
        git(
            *options,
            *("-c", "fetch.unpackLimit=1", "fetch", "--quiet", "--no-tags", "--depth=1", "--no-write-fetch-head"),
            *("--no-recurse-submodules", "--", url, f"+{REF}:{REF}"),
            directory=directory.path,
            extra=secrets,
            timeout=TRANSFER,
        )
    now = directory.resolve(REF) or commit
    return Published(now, directory, directory.listing(now))


def is_before(directory: GitDirectory, commit: str, later: str) -> bool:
    """Tell whether a commit is another one, or in its history."""
    done = attempt("merge-base", "--is-ancestor", as_id(commit), as_id(later), directory=directory.path)
    return done.returncode == 0


def address_of(directory: GitDirectory, remote: str) -> str:
    """Return the address of a repository's remote, as it is configured; '' where there is none."""
    done = attempt("config", "--get", f"remote.{remote}.url", directory=directory.path)
    return os.fsdecode(done.stdout).removesuffix("\n") if done.returncode == 0 else ""


def publish(
    directory: GitDirectory, files: Mapping[str, Path], *, remote: str, identity: Identity, message: str
) -> str:
    """
    Let the ref of a remote name one commit of these files, whatever stood there, and return its id.

    The remote is asked as the repository in `directory` is configured to.

    Raises:
        GitFailed: It was refused, or broke off.
    """
    commit = _commit(directory, files, identity, message)
    done = attempt(
        *("push", "--porcelain", "--quiet", "--no-verify", "--no-follow-tags", "--recurse-submodules=no"),
        *("--", remote, f"+{commit}:{REF}"),
        directory=directory.path,
        timeout=TRANSFER,
    )
    if done.returncode != 0:
        refused = b"".join(line + b"\n" for line in done.stdout.splitlines() if line.startswith(b"!"))
        raise GitFailed("push", done.stderr + refused)
    return commit


def _commit(directory: GitDirectory, files: Mapping[str, Path], identity: Identity, message: str) -> str:
    who = {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", identity.name), ("EMAIL", identity.email))
    }
    paths = "".join(f"{path}\n" for path in files.values()).encode()
    ids = git("hash-object", "-w", "--no-filters", "--stdin-paths", directory=directory.path, stdin=paths).decode()
    rows = "".join(f"100644 blob {name}\t{path}\n" for path, name in zip(files, ids.split(), strict=True))
    tree = git("mktree", directory=directory.path, stdin=rows.encode()).decode().strip()
    return git("commit-tree", tree, "-m", message, directory=directory.path, extra=who).decode().strip()
