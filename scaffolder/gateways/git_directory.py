"""
One git directory, read and written with as few processes as possible.

It is laid out by hand: `HEAD`, `config`, `objects/` and `refs/` are all that git asks for (see
gitrepository-layout(5)), and a person's `init.*` settings then have no say in it. All else is git's own work: one
`fast-import` makes a commit, one `ls-tree` and one `cat-file --batch` read one.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Self

from scaffolder.errors import Failed, InvalidInput
from scaffolder.gateways.git_command import (
    GitFailed,
    attempt,
    check_address,
    git,
    git_bounded,
    split_credentials,
    without_credentials,
)
from scaffolder.gateways.process import PrintedTooMuch
from scaffolder.tree import File, Link, NotWritable, Tree, belongs_to_git, contained

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from scaffolder.gateways.git_identity import Identity
    from scaffolder.tree import Node

TRANSFER = 1800.0
"""Seconds for moving commits to or from another host."""

_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NOT_IN_A_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)|^[-./]|[./]$|^@$")


class RefNotFound(InvalidInput):
    """The repository has no such branch, tag or commit."""

    def __init__(self, ref: str, where: str, *, hint: str = "") -> None:
        super().__init__(f"{ref!r} is no branch, tag or commit of {without_credentials(where)}", hint=hint)


class RefInvalid(InvalidInput):
    """git does not allow this name for a branch or tag."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            f"{ref!r} cannot be the name of a branch or tag",
            hint="use letters, digits, '-', '_', '.' and '/', and begin with a letter or a digit",
        )


class CommitIdInvalid(InvalidInput):
    """A full commit id was needed."""

    def __init__(self, commit: str) -> None:
        super().__init__(f"{commit!r} is no commit id")


class ObjectMissing(Failed):
    """A repository lacks part of its own content."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the repository is damaged: its object {name} is missing", hint="git fsck says what is left")


class TooManyFiles(InvalidInput):
    """A commit has more files than are looked through: it may be made to fill our memory."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"the repository has more files than are looked through (its copy is {path})")


class TooLarge(InvalidInput):
    """The files of a commit would fill our memory: a few bytes of a repository can stand for any number."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"the repository has more than {LARGEST >> 20} MB of files in it (its copy is {path})")


class PathForbidden(InvalidInput):
    """A file would become part of git's own directory in every clone."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path!r} cannot be committed: git keeps its own files there")


def check_ref(ref: str) -> str:
    """
    Return `ref` when git allows it as a name (see git-check-ref-format(1)).

    Raises:
        RefInvalid: It does not, or could be taken for an option or an expression.
    """
    if not ref or _NOT_IN_A_REF.search(ref):
        raise RefInvalid(ref)
    return ref


LARGEST = 512 << 20
"""Bytes of all files of a commit, where they are read at once."""
LONGEST_LISTING = 128 * 1024 * 1024
"""Bytes of the names of a commit's files; a million of them."""

BRANCHES = ("refs/heads/", "refs/scaffolder/")
"""Refs that name commits, never tags."""
NO_MORE: Mapping[str, Mapping[str, str]] = MappingProxyType({})
LINK, SUBMODULE = "120000", "160000"
"""Modes of what is no file in a commit, as git writes them."""


class Blob(NamedTuple):
    """A file or link of a commit: its mode as git writes it, the id of its content, and how many bytes that has."""

    mode: str
    name: str
    size: int

    @property
    def is_link(self) -> bool:
        """Whether its content is a path."""
        return self.mode == LINK


@dataclass(frozen=True, slots=True)
class GitDirectory:
    """One git directory: a bare repository, or the `.git` of a work tree."""

    path: Path

    @classmethod
    def init(cls, path: Path, *, branch: str = "main", config: Mapping[str, Mapping[str, str]] = NO_MORE) -> Self:
        """
        Make a bare repository, without anybody's templates or hooks; `branch` is its default branch.

        `config` adds to its configuration, or overrules it: keys and values by section. It can be said again where
        an earlier attempt was cut short: `HEAD`, by which git knows a repository, is written last.

        Raises:
            NotWritable: The file system refused.
        """
        try:
            lay_out(path, branch=check_ref(branch), config=config)
        except OSError as error:
            raise NotWritable(Path(error.filename or path), error) from error
        return cls(path)

    def commit(self, tree: Tree, *, message: str, identity: Identity, when: datetime, ref: str) -> str:
        """
        Make a commit without parents of exactly this tree, let `ref` name it, and return its id.

        The same arguments give the same id. Neither `.gitignore` nor `.gitattributes` changes anything; git cannot
        keep empty directories.

        Raises:
            PathForbidden: A file would be inside `.git`.
            GitFailed: The disk is full, or the directory is no repository.
        """
        return self.commit_all([(tree, message, ref)], identity=identity, when=when)[0]

    def commit_all(self, trees: Sequence[tuple[Tree, str, str]], *, identity: Identity, when: datetime) -> list[str]:
        """
        Make a commit, as `commit` does, of each tree with its message and the ref that names it; return their ids.

        Raises:
            PathForbidden: A file would be inside `.git`.
            GitFailed: The disk is full, or the directory is no repository.
        """
        who = _signature(identity, when)
        stream = b"".join(
            part
            for number, (tree, message, ref) in enumerate(trees, start=1)
            for part in _import_stream(tree, message=message, who=who, ref=check_ref(ref), mark=number)
        )
        printed = git(
            *("-c", "fastimport.unpackLimit=0"),  # one pack, rather than a file an object
            *("fast-import", "--quiet", "--force", "--done", "--date-format=raw"),
            directory=self.path,
            stdin=stream + b"done\n",
        )
        return printed.decode().split()

    def commit_upon(
        self,
        parents: Sequence[str],
        changes: Mapping[str, bytes | Node | None],
        *,
        message: str,
        identity: Identity,
        when: datetime,
    ) -> str:
        """
        Make a commit with the files of its first parent but for `changes` (None takes a file away); return its id.

        No ref names it. The same arguments give the same id.

        Raises:
            PathForbidden: A file would be inside `.git`.
            GitFailed: The disk is full, or a parent is not there.
        """
        ref = f"refs/scaffolder-commit/{os.urandom(8).hex()}"  # fast-import wants one, and is told to forget it again
        first, *others = map(as_id, parents)
        lines = [f"from {first}", *(f"merge {other}" for other in others)]
        stream = b"".join(
            (
                _commit_head(message, who=_signature(identity, when), ref=ref, mark=1),
                "".join(f"{line}\n" for line in lines).encode(),
                *(part for path, data in changes.items() for part in _changed(path, data)),
                f"\nget-mark :1\nreset {ref}\nfrom {'0' * len(first)}\n\ndone\n".encode(),
            )
        )
        arguments = ("fast-import", "--quiet", "--force", "--done", "--date-format=raw")
        return git(*arguments, directory=self.path, stdin=stream).decode().strip()

    def resolve(self, ref: str) -> str | None:
        """Return the id of the commit that a branch, a tag, a full ref, `HEAD` or a (short) commit id means."""
        if not ref or _NOT_IN_A_REF.search(ref):
            return None
        if found := self._loose(ref):
            return found
        done = attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", directory=self.path)
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def _loose(self, ref: str) -> str:
        """Return what the file of a branch says, '' when git must be asked: a process takes far longer."""
        if not ref.startswith(BRANCHES):
            return ""
        try:
            text = (self.path / ref).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return ""
        return text if _ID.fullmatch(text) else ""

    def refs(self) -> dict[str, str]:
        """Return every ref and the commit it names, through tags of their own."""
        printed = git("for-each-ref", "--format=%(objectname) %(*objectname) %(refname)", directory=self.path)
        rows = (line.split(" ", 2) for line in os.fsdecode(printed).splitlines())
        return {name: peeled or direct for direct, peeled, name in rows}

    def tree(self, commit: str) -> Tree:
        """
        Return all files of a commit; submodules are left out.

        Raises:
            GitFailed: There is no such commit.
            ObjectMissing: The repository is damaged.
            TooManyFiles, TooLarge: It is more than we are ready to hold.
        """
        listed = self.listing(commit)
        if sum(blob.size for blob in listed.values()) > LARGEST:
            raise TooLarge(self.path)
        blobs = self.blobs([blob.name for blob in listed.values()])
        nodes = zip(listed.items(), blobs, strict=True)
        return Tree({path: _node(blob.mode, data) for (path, blob), data in nodes})

    def listing(self, commit: str) -> dict[str, Blob]:
        """
        Return what the files of a commit are, without reading them; submodules are left out.

        Raises:
            GitFailed: There is no such commit.
            TooManyFiles: It has more than anybody could want to look through.
        """
        return self._listing("-l", as_id(commit))

    def _listing(self, *what: str) -> dict[str, Blob]:
        try:
            printed = git_bounded("ls-tree", "-rz", "--full-tree", *what, directory=self.path, most=LONGEST_LISTING)
        except PrintedTooMuch:
            raise TooManyFiles(self.path) from None
        entries = (_tree_entry(entry) for entry in printed.split(b"\0")[:-1])
        return {path: blob for path, blob in entries if blob.mode != SUBMODULE}

    def blobs(self, names: Sequence[str]) -> Iterable[bytes]:
        """
        Return the contents with these ids, in one go.

        Raises:
            ObjectMissing: The repository is damaged.
        """
        wanted = "".join(f"{name}\n" for name in names).encode()
        return _blobs(git("cat-file", "--batch", "--buffer", directory=self.path, stdin=wanted))

    def file(self, commit: str, path: str) -> bytes | None:
        """Return one file of a commit, through links that stay inside it, or None."""
        wanted = os.fsencode(f"{as_id(commit)}:{contained(path)}\0")
        printed = git("cat-file", "--batch", "-z", "--follow-symlinks", directory=self.path, stdin=wanted)
        header, _, rest = printed.partition(b"\n")
        return rest[:-1] if re.fullmatch(rb"[0-9a-f]+ blob \d+", header) else None

    def push(self, url: str, refs: Mapping[str, str]) -> None:
        """
        Let each ref there name its commit: all or none. None is moved: it is new, or names that commit already.

        Raises:
            AddressInvalid: The url could be taken for an option or a command.
            GitFailed: It was refused, or broke off; a ref may be there all the same when the answer was lost.
        """
        if not refs:
            return  # without a refspec, git would push what the person's configuration says
        command = "push"
        address, options, secrets = split_credentials(check_address(url))
        leases = (f"--force-with-lease={check_ref(ref)}:" for ref in refs)
        moves = (f"{as_id(commit)}:{ref}" for ref, commit in refs.items())
        done = attempt(
            *options,
            *(command, "--porcelain", "--quiet", "--atomic", "--no-verify", "--no-follow-tags"),
            *("--recurse-submodules=no", *leases, "--", address, *moves),
            directory=self.path,
            extra=secrets,
            timeout=TRANSFER,
        )
        if done.returncode != 0:
            refused = b"".join(line + b"\n" for line in done.stdout.splitlines() if line.startswith(b"!"))
            raise GitFailed(command, done.stderr + refused, secrets=tuple(secrets.values()))


def _signature(identity: Identity, when: datetime) -> str:
    offset = when.utcoffset()
    minutes = int(offset.total_seconds()) // 60 if offset is not None else 0
    sign = "-" if minutes < 0 else "+"
    return f"{identity} {int(when.timestamp())} {sign}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"


def _import_stream(tree: Tree, *, message: str, who: str, ref: str, mark: int) -> Iterator[bytes]:
    """Yield the commands of git-fast-import(1) for one commit, which print its id."""
    yield _commit_head(message, who=who, ref=ref, mark=mark)
    for path, node in tree.items():
        yield from _written(path, node)
    yield b"\nget-mark :%d\n" % mark


def _commit_head(message: str, *, who: str, ref: str, mark: int) -> bytes:
    return f"commit {ref}\nmark :{mark}\nauthor {who}\ncommitter {who}\n".encode() + _data(message.encode())


def _changed(path: str, change: bytes | Node | None) -> Iterator[bytes]:
    """Yield the commands that write a file or a link, or take it away."""
    if change is None:
        yield b"D %s\n" % _quoted(path)
    else:
        yield from _written(path, File(change) if isinstance(change, bytes) else change)


def _written(path: str, node: Node) -> Iterator[bytes]:
    """Yield the commands that write a file or a link; git keeps no empty directory."""
    match node:
        case File(data, mode):
            yield b"M %s inline %s\n" % (b"100755" if mode & 0o100 else b"100644", _quoted(path))
            yield _data(data)
        case Link(target):
            yield b"M 120000 inline %s\n" % _quoted(path)
            yield _data(os.fsencode(target))
        case _:
            pass


def _data(data: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(data), data)


def _quoted(path: str) -> bytes:
    if belongs_to_git(path):
        raise PathForbidden(path)
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return b'"%s"' % os.fsencode(escaped)


def as_id(commit: str) -> str:
    """
    Return `commit` when it is a full commit id, which can be neither an option nor an expression.

    Raises:
        CommitIdInvalid: It is not.
    """
    if not _ID.fullmatch(commit):
        raise CommitIdInvalid(commit)
    return commit


def _tree_entry(entry: bytes) -> tuple[str, Blob]:
    head, _, path = entry.partition(b"\t")
    mode, _, name, *size = head.decode().split()
    return os.fsdecode(path), Blob(mode, name, int(size[0]) if size and size[0].isdigit() else 0)  # "-" for a submodule


def _blobs(printed: bytes) -> Iterable[bytes]:
    """Read what `cat-file --batch` prints: `ID TYPE SIZE`, the bytes and a line break, for each object."""
    at = 0
    while at < len(printed):
        end = printed.index(b"\n", at)
        header = printed[at:end].split(b" ")
        if not header[-1].isdigit():  # "ID missing"
            raise ObjectMissing(header[0].decode())
        size = int(header[-1])
        yield printed[end + 1 : end + 1 + size]
        at = end + 2 + size


def _node(mode: str, data: bytes) -> Node:
    if mode == LINK:
        return Link(os.fsdecode(data))
    return File(data, 0o755 if mode == "100755" else 0o644)


def configuration(sections: Mapping[str, Mapping[str, str]]) -> str:
    """Return the text of a git configuration file; a section is `core`, or `remote "origin"`."""

    def quoted(value: str) -> str:
        if re.fullmatch(r"[A-Za-z0-9/+:*._-]+", value):
            return value
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'

    return "".join(
        f"[{section}]\n" + "".join(f"\t{key} = {quoted(value)}\n" for key, value in values.items())
        for section, values in sections.items()
    )


def lay_out(path: Path, *, branch: str, config: Mapping[str, Mapping[str, str]]) -> None:
    """
    Write what makes a directory a git directory, `HEAD` last; see `GitDirectory.init`.

    Raises:
        OSError: The file system refused.
    """
    for part in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info", "hooks"):
        (path / part).mkdir(parents=True, exist_ok=True)
    core = {"repositoryformatversion": "0", "filemode": "true", "bare": "true", **config.get("core", {})}
    (path / "config").write_text(configuration({**config, "core": core}), encoding="utf-8")
    write_whole(path / "HEAD", f"ref: refs/heads/{check_ref(branch)}\n")


def write_whole(path: Path, text: str) -> None:
    """Replace one of git's small files so that nobody ever reads half of it."""
    aside = path.with_name(f"{path.name}.lock")  # git's own name for it: nobody else writes meanwhile
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)
