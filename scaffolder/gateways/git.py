"""
Reads and writes git repositories with as few processes as possible.

A repository of our own is laid out by hand: `HEAD`, `config`, `objects/` and `refs/` are all that git asks for (see
gitrepository-layout(5)), and a person's `init.*` settings then have no say in it. All else is git's own work: one
`fast-import` makes a commit, one `ls-tree` and one `cat-file --batch` read one.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scaffolder.errors import Conflict, InvalidInput
from scaffolder.gateways.git_command import (
    LEAST_VERSION,
    AddressInvalid,
    GitFailed,
    GitMissing,
    GitTooOld,
    attempt,
    check_address,
    git,
    require,
    split_credentials,
    version,
    without_credentials,
)
from scaffolder.gateways.home import private_directory
from scaffolder.gateways.lock import locked
from scaffolder.tree import File, Link, NotWritable, Tree, contained

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from scaffolder.tree import Node

__all__ = [
    "LEAST_VERSION",
    "AddressInvalid",
    "GitDirectory",
    "GitFailed",
    "GitMissing",
    "GitTooOld",
    "Identity",
    "RefNotFound",
    "attach_work_tree",
    "check_address",
    "check_ref",
    "identity",
    "mirror",
    "require",
    "version",
]

LOOK = 120.0
"""Seconds for a question to another host."""
TRANSFER = 1800.0
"""Seconds for moving commits to or from another host."""

BASE = "refs/scaffolder/base"
_MIRRORED = ("refs/heads/", "refs/tags/", "refs/scaffolder/")
_DETACHED = "refs/scaffolder-mirror/HEAD"
_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NOT_IN_A_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)|^[-./]|[./]$|^@$")
# Letters that HFS+ leaves out when it compares names, so that ".g\u200cit" would be ".git" on a Mac.
_IGNORED_BY_HFS = dict.fromkeys((*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF))


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


class IdentityInvalid(InvalidInput):
    """git cannot write this name or address into a commit."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text!r} cannot stand in a commit",
            hint="give a name and an e-mail address, without '<', '>' and line breaks",
        )


class PathForbidden(InvalidInput):
    """A file would become part of git's own directory in every clone."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path!r} cannot be committed: git keeps its own files there")


class WorkTreeTaken(Conflict):
    """The directory belongs to another repository already."""

    def __init__(self, directory: Path) -> None:
        super().__init__(
            f"{directory} is a git repository of its own already", hint="choose another directory (--output-dir)"
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


def check_ref(ref: str) -> str:
    """
    Return `ref` when git allows it as a name (see git-check-ref-format(1)).

    Raises:
        RefInvalid: It does not, or could be taken for an option or an expression.
    """
    if not ref or _NOT_IN_A_REF.search(ref):
        raise RefInvalid(ref)
    return ref


@dataclass(frozen=True, slots=True)
class GitDirectory:
    """One git directory: a bare repository, or the `.git` of a work tree."""

    path: Path

    @classmethod
    def init(cls, path: Path, *, branch: str = "main", object_format: str = "sha1") -> Self:
        """
        Make a bare repository, without anybody's templates or hooks; `branch` is its default branch.

        It can be said again where an earlier attempt was cut short: `HEAD`, by which git knows it, is written last.

        Raises:
            NotWritable: The file system refused.
        """
        core = {"repositoryformatversion": "0", "filemode": "true", "bare": "true"}
        sections = {"core": core}
        if object_format != "sha1":
            core["repositoryformatversion"] = "1"
            sections["extensions"] = {"objectFormat": object_format}
        _lay_out(path, branch=check_ref(branch), config=configuration(sections))
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
        stream = b"".join(_import_stream(tree, message=message, who=_signature(identity, when), ref=check_ref(ref)))
        printed = git(
            *("-c", "fastimport.unpackLimit=0"),  # one pack, rather than a file an object
            *("fast-import", "--quiet", "--force", "--done", "--date-format=raw"),
            directory=self.path,
            stdin=stream,
        )
        return printed.decode().strip()

    def resolve(self, ref: str) -> str | None:
        """Return the id of the commit that a branch, a tag, a full ref, `HEAD` or a (short) commit id means."""
        if not ref or _NOT_IN_A_REF.search(ref):
            return None
        done = attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", directory=self.path)
        return done.stdout.decode().strip() if done.returncode == 0 else None

    def refs(self) -> dict[str, str]:
        """Return every ref and the commit it names, through tags of their own."""
        printed = git("for-each-ref", "--format=%(objectname) %(*objectname) %(refname)", directory=self.path)
        rows = (line.split(" ", 2) for line in os.fsdecode(printed).splitlines())
        return {name: peeled or direct for direct, peeled, name in rows}

    def tree(self, commit: str) -> Tree:
        """
        Return all files of a commit; submodules are left out.

        Raises:
            GitFailed: There is no such commit, or an object is missing.
        """
        listed = git("ls-tree", "-r", "-z", "--full-tree", _as_id(commit), directory=self.path)
        entries = [_tree_entry(entry) for entry in listed.split(b"\0")[:-1]]
        kept = [(mode, name, path) for mode, name, path in entries if mode != b"160000"]
        wanted = b"".join(name + b"\n" for _, name, _ in kept)
        blobs = _blobs(git("cat-file", "--batch", "--buffer", directory=self.path, stdin=wanted))
        return Tree({path: _node(mode, data) for (mode, _, path), data in zip(kept, blobs, strict=True)})

    def file(self, commit: str, path: str) -> bytes | None:
        """Return one file of a commit, through links that stay inside it, or None."""
        wanted = os.fsencode(f"{_as_id(commit)}:{contained(path)}\0")
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
        address, options, secrets = split_credentials(check_address(url))
        leases = (f"--force-with-lease={check_ref(ref)}:" for ref in refs)
        moves = (f"{_as_id(commit)}:{ref}" for ref, commit in refs.items())
        done = attempt(
            *options,
            *("push", "--porcelain", "--quiet", "--atomic", "--no-verify", "--no-signed", "--no-follow-tags"),
            *("--recurse-submodules=no", *leases, "--", address, *moves),
            directory=self.path,
            extra=secrets,
            timeout=TRANSFER,
        )
        if done.returncode != 0:
            refused = b"".join(line + b"\n" for line in done.stdout.splitlines() if line.startswith(b"!"))
            raise GitFailed("push", done.stderr + refused, secrets=tuple(secrets.values()))


def attach_work_tree(directory: Path, source: GitDirectory, *, branch: str, commit: str, origin: str) -> None:
    """
    Make `directory`, which holds the files of `commit`, a work tree with `branch` checked out.

    Its origin is `origin`, as after a clone. `.git` appears by one rename; said again, nothing changes.

    Raises:
        WorkTreeTaken: There is another `.git` already.
        NotWritable: The file system refused.
    """
    place = directory / ".git"
    if place.exists() or place.is_symlink():
        if GitDirectory(place).resolve(f"refs/heads/{branch}") != commit:
            raise WorkTreeTaken(directory)
        return
    partial = directory / ".git.partial"
    try:
        shutil.rmtree(partial, ignore_errors=True)
        _lay_out_clone(partial, source, branch=branch, commit=commit, origin=origin)
        git(f"--work-tree={directory}", "reset", "--quiet", "--mixed", "--refresh", directory=partial)
        (partial / "ORIG_HEAD").unlink(missing_ok=True)
        partial.rename(place)
    except OSError as error:
        raise NotWritable(Path(error.filename or place), error) from error


def mirror(url: str, *, cache: Path, refresh: bool = True) -> GitDirectory:
    """
    Return a bare copy of a repository's branches and tags, kept under `cache` and brought up to date with `refresh`.

    `HEAD` is the other side's. A path is read like any other address; no password is kept.

    Raises:
        AddressInvalid: The url could be taken for an option or a command.
        GitFailed: It cannot be reached or read.
        NotWritable: The cache cannot be written.
    """
    given = Path(url).expanduser()
    address, options, secrets = split_credentials(check_address(str(given.resolve()) if given.exists() else url))
    remote = _Remote(address, options, secrets)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", address.rstrip("/").rsplit("/", 1)[-1]).removesuffix(".git").strip("-.")
    place = cache / f"{name[:40]}-{hashlib.sha256(address.encode()).hexdigest()[:16]}.git"
    try:
        private_directory(cache)
        with locked(place.with_suffix(".lock"), patience=TRANSFER):
            if not (place / "HEAD").is_file():
                _make_mirror(place, remote)
            elif refresh:
                remote.fetch_into(GitDirectory(place), remote.look())
    except OSError as error:
        raise NotWritable(Path(error.filename or place), error) from error
    return GitDirectory(place)


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


@dataclass(frozen=True, slots=True)
class _Seen:
    """What another repository shows: where its HEAD points ('' when nowhere), and the refs we mirror, unpeeled."""

    head: str
    head_id: str
    refs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Remote:
    """Another repository, and how to say the password."""

    address: str
    options: tuple[str, ...]
    secrets: Mapping[str, str]

    def look(self) -> _Seen:
        printed = git(*self.options, "ls-remote", "--symref", "--", self.address, extra=self.secrets, timeout=LOOK)
        head = head_id = ""
        refs = {}
        for line in os.fsdecode(printed).splitlines():
            value, _, name = line.partition("\t")
            if name == "HEAD" and value.startswith("ref: "):
                head = value.removeprefix("ref: ")
            elif name == "HEAD":
                head_id = value
            elif name.startswith(_MIRRORED) and not name.endswith("^{}"):
                refs[name] = value
        return _Seen(head, head_id, refs)

    def fetch_into(self, copy: GitDirectory, seen: _Seen) -> None:
        detached = {_DETACHED: seen.head_id} if seen.head_id and not seen.head else {}
        if _unpeeled(copy) != {**seen.refs, **detached}:
            patterns = [f"+{prefix}*:{prefix}*" for prefix in _MIRRORED]
            patterns += [f"+HEAD:{_DETACHED}"] if detached else []
            git(
                *self.options,
                *("fetch", "--quiet", "--prune", "--no-tags", "--force", "--update-head-ok", "--no-write-fetch-head"),
                *("--no-recurse-submodules", "--", self.address, *patterns),
                directory=copy.path,
                extra=self.secrets,
                timeout=TRANSFER,
            )
        _write_whole(
            copy.path / "HEAD", f"ref: {seen.head}\n" if seen.head else f"{seen.head_id or 'ref: refs/heads/main'}\n"
        )


def _make_mirror(place: Path, remote: _Remote) -> None:
    """Build it beside its place, under the caller's lock: what a killed process left there is in nobody's use."""
    partial = place.with_suffix(".partial")
    for leftover in (partial, place):
        shutil.rmtree(leftover, ignore_errors=True)
    seen = remote.look()
    sha256 = any(len(name) == hashlib.sha256().digest_size * 2 for name in seen.refs.values())
    copy = GitDirectory.init(partial, object_format="sha256" if sha256 else "sha1")
    remote.fetch_into(copy, seen)
    partial.rename(place)


def _unpeeled(directory: GitDirectory) -> dict[str, str]:
    printed = git("for-each-ref", "--format=%(objectname) %(refname)", directory=directory.path)
    return {name: value for value, _, name in (line.partition(" ") for line in os.fsdecode(printed).splitlines())}


def _lay_out(path: Path, *, branch: str, config: str) -> None:
    try:
        for part in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info", "hooks"):
            (path / part).mkdir(parents=True, exist_ok=True)
        (path / "config").write_text(config, encoding="utf-8")
        _write_whole(path / "HEAD", f"ref: refs/heads/{branch}\n")
    except OSError as error:
        raise NotWritable(Path(error.filename or path), error) from error


def _lay_out_clone(path: Path, source: GitDirectory, *, branch: str, commit: str, origin: str) -> None:
    core = {"repositoryformatversion": "0", "filemode": "true", "bare": "false", "logAllRefUpdates": "true"}
    if sys.platform == "darwin":
        core |= {"ignoreCase": "true", "precomposeUnicode": "true"}  # what `git init` finds out on a Mac's usual disk
    sections = {
        "core": core,
        'remote "origin"': {"url": origin, "fetch": "+refs/heads/*:refs/remotes/origin/*"},
        f'branch "{check_ref(branch)}"': {"remote": "origin", "merge": f"refs/heads/{branch}"},
    }
    _lay_out(path, branch=branch, config=configuration(sections))
    _copy_objects(source.path / "objects", path / "objects")
    base = source.resolve(BASE)
    refs = {f"refs/heads/{branch}": commit, f"refs/remotes/origin/{branch}": commit} | ({BASE: base} if base else {})
    for ref, name in refs.items():
        (path / ref).parent.mkdir(parents=True, exist_ok=True)
        (path / ref).write_text(f"{_as_id(name)}\n", encoding="ascii")
    (path / "refs/remotes/origin/HEAD").write_text(f"ref: refs/remotes/origin/{branch}\n", encoding="utf-8")


def _copy_objects(source: Path, target: Path) -> None:
    """Share object files where the file system can, as a local `git clone` does: git never changes one."""
    for found in source.rglob("*"):
        if not found.is_file() or found.name.startswith("tmp_"):
            continue
        place = target / found.relative_to(source)
        place.parent.mkdir(exist_ok=True)
        try:
            place.hardlink_to(found)
        except OSError:
            shutil.copy2(found, place)


def _write_whole(path: Path, text: str) -> None:
    aside = path.with_name(f"{path.name}.lock")  # git's own name for it: nobody else writes meanwhile
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def _signature(identity: Identity, when: datetime) -> str:
    offset = when.utcoffset()
    minutes = int(offset.total_seconds()) // 60 if offset is not None else 0
    sign = "-" if minutes < 0 else "+"
    return f"{identity} {int(when.timestamp())} {sign}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"


def _import_stream(tree: Tree, *, message: str, who: str, ref: str) -> Iterator[bytes]:
    """Yield the commands of git-fast-import(1)."""
    yield f"commit {ref}\nmark :1\nauthor {who}\ncommitter {who}\n".encode()
    yield _data(message.encode())
    for path, node in tree.items():
        match node:
            case File(data, mode):
                yield b"M %s inline %s\n" % (b"100755" if mode & 0o100 else b"100644", _quoted(path))
                yield _data(data)
            case Link(target):
                yield b"M 120000 inline %s\n" % _quoted(path)
                yield _data(os.fsencode(target))
            case _:
                pass
    yield b"\nget-mark :1\ndone\n"


def _data(data: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(data), data)


def _quoted(path: str) -> bytes:
    for part in path.split("/"):
        if part.translate(_IGNORED_BY_HFS).casefold().rstrip(". ") in {".git", "git~1"}:  # any case, as disks see it
            raise PathForbidden(path)
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return b'"%s"' % os.fsencode(escaped)


def _as_id(commit: str) -> str:
    if not _ID.fullmatch(commit):
        raise RefNotFound(commit, "a repository", hint="a full commit id is needed here")
    return commit


def _tree_entry(entry: bytes) -> tuple[bytes, bytes, str]:
    head, _, path = entry.partition(b"\t")
    mode, _, name = head.split(b" ")
    return mode, name, os.fsdecode(path)


def _blobs(printed: bytes) -> Iterable[bytes]:
    """Read what `cat-file --batch` prints: `ID TYPE SIZE`, the bytes and a line break, for each object."""
    at = 0
    while at < len(printed):
        end = printed.index(b"\n", at)
        header = printed[at:end].split(b" ")
        if len(header) != 3:
            raise GitFailed("cat-file", b"an object is missing: " + printed[at:end])
        size = int(header[2])
        yield printed[end + 1 : end + 1 + size]
        at = end + 2 + size


def _node(mode: bytes, data: bytes) -> Node:
    if mode == b"120000":
        return Link(os.fsdecode(data))
    return File(data, 0o755 if mode == b"100755" else 0o644)
