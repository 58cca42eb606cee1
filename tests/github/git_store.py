"""
A bare git repository, read and written without a git process.

All objects are kept loose (a push is unpacked at once), so that two thousand small repositories are made and read in
about a second.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

CONFIG = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tlogallrefupdates = false
[gc]
\tauto = 0
[http]
\treceivepack = true
[receive]
\tunpackLimit = 1000000
\tadvertisePushOptions = false
[uploadpack]
\tallowAnySHA1InWant = true
\tallowFilter = true
"""
FILE, EXECUTABLE, LINK, DIRECTORY, MODULE = "100644", "100755", "120000", "040000", "160000"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a tree; `mode` has six digits."""

    mode: str
    sha: str

    @property
    def type(self) -> str:
        """What it names."""
        return {DIRECTORY: "tree", MODULE: "commit"}.get(self.mode, "blob")


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote a commit, and when (seconds since 1970)."""

    name: str
    email: str
    when: int
    zone: str = "+0000"

    @property
    def date(self) -> str:
        """The time as the API says it."""
        return datetime.fromtimestamp(self.when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def __str__(self) -> str:
        return f"{self.name} <{self.email}> {self.when} {self.zone}"


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as it is stored."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str


@dataclass(slots=True)
class GitStore:
    """A bare repository at `path`."""

    path: Path
    _known: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    @classmethod
    def init(cls, path: Path, head: str = "main") -> GitStore:
        """Make an empty one."""
        for part in ("objects", "refs/heads", "refs/tags"):
            (path / part).mkdir(parents=True)
        (path / "config").write_text(CONFIG)
        store = cls(path)
        store.set_head(head)
        return store

    def set_head(self, branch: str) -> None:
        """Make `branch` the default one."""
        (self.path / "HEAD").write_text(f"ref: refs/heads/{branch}\n")

    @property
    def empty(self) -> bool:
        """Whether it has no ref."""
        return not self.refs()

    def refs(self) -> dict[str, str]:
        """Return every ref and what it names."""
        return dict(sorted(self._loose()))

    def _loose(self) -> Iterator[tuple[str, str]]:
        for directory, _, names in os.walk(self.path / "refs"):
            for name in names:
                if not name.endswith(".lock"):
                    file = os.path.join(directory, name)  # noqa: PTH118  walked thousands of times
                    with open(file) as opened:  # noqa: PTH123  the same
                        yield os.path.relpath(file, self.path), opened.read().strip()

    def ref(self, name: str) -> str | None:
        """Return what a ref names."""
        file = self.path / name
        return file.read_text().strip() if name.startswith("refs/") and file.is_file() else None

    def set_ref(self, name: str, sha: str) -> None:
        """Make a ref name `sha`."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.with_name(file.name + ".new").write_text(sha + "\n")
        file.with_name(file.name + ".new").replace(file)

    def delete_ref(self, name: str) -> None:
        """Take a ref away."""
        (self.path / name).unlink()

    def put(self, kind: str, body: bytes) -> str:
        """Store an object; return its name."""
        whole = f"{kind} {len(body)}\0".encode() + body
        sha = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        file = self.path / "objects" / sha[:2] / sha[2:]
        if not file.exists():
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(zlib.compress(whole, 1))
        return sha

    def get(self, sha: str) -> tuple[str, bytes] | None:
        """Return an object's kind and content."""
        if sha not in self._known:
            file = self.path / "objects" / sha[:2] / sha[2:]
            if len(sha) != 40 or not file.is_file():
                return None
            head, _, body = zlib.decompress(file.read_bytes()).partition(b"\0")
            self._known[sha] = head.split()[0].decode(), body
        return self._known[sha]

    def blob(self, sha: str) -> bytes | None:
        """Return a file's content."""
        found = self.get(sha)
        return found[1] if found and found[0] == "blob" else None

    def tree(self, sha: str) -> dict[str, Entry] | None:
        """Return the lines of one tree."""
        found = self.get(sha)
        return dict(_lines(found[1])) if found and found[0] == "tree" else None

    def commit(self, sha: str) -> Commit | None:
        """Return a commit."""
        found = self.get(sha)
        return _commit(sha, found[1].decode(errors="replace")) if found and found[0] == "commit" else None

    def walk(self, tree: str, prefix: str = "") -> Iterator[tuple[str, Entry]]:
        """Yield everything below a tree, directories before what is in them."""
        for name, entry in (self.tree(tree) or {}).items():
            yield prefix + name, entry
            if entry.type == "tree":
                yield from self.walk(entry.sha, f"{prefix}{name}/")

    def files(self, tree: str) -> dict[str, Entry]:
        """Return everything below a tree that is no directory."""
        return {path: entry for path, entry in self.walk(tree) if entry.type != "tree"}

    def put_tree(self, files: Mapping[str, Entry]) -> str:
        """Store the trees that hold these paths; return the root."""
        here: dict[str, Entry] = {}
        below: dict[str, dict[str, Entry]] = {}
        for path, entry in files.items():
            first, slash, rest = path.partition("/")
            if slash:
                below.setdefault(first, {})[rest] = entry
            else:
                here[first] = entry
        here |= {name: Entry(DIRECTORY, self.put_tree(part)) for name, part in below.items()}
        ordered = sorted(here.items(), key=lambda each: each[0] + ("/" if each[1].type == "tree" else ""))
        return self.put("tree", b"".join(_line(name, entry) for name, entry in ordered))

    def put_commit(self, tree: str, parents: tuple[str, ...], author: Person, committer: Person, message: str) -> str:
        """Store a commit; return its name."""
        lines = [f"tree {tree}", *(f"parent {each}" for each in parents), f"author {author}", f"committer {committer}"]
        return self.put("commit", ("\n".join(lines) + f"\n\n{message}").encode())

    def history(self, sha: str) -> Iterator[Commit]:
        """Yield a commit and all before it, newest first along first parents, each once."""
        waiting, seen = [sha], set[str]()
        while waiting:
            found = self.commit(waiting.pop(0))
            if found is not None and found.sha not in seen:
                seen.add(found.sha)
                waiting.extend(found.parents)
                yield found

    def at(self, revision: str) -> str | None:
        """Return the commit that HEAD, a branch, tag, ref or full name of a commit means."""
        if revision == "HEAD":
            return self.ref((self.path / "HEAD").read_text().strip().removeprefix("ref: "))
        for name in (f"refs/heads/{revision}", f"refs/tags/{revision}", revision):
            if found := self.ref(name):
                return self._peeled(found)
        return revision if self.commit(revision) else None

    def _peeled(self, sha: str) -> str:
        found = self.get(sha)
        if found and found[0] == "tag":
            return self._peeled(found[1].split(b"\n", 1)[0].removeprefix(b"object ").decode())
        return sha


def _line(name: str, entry: Entry) -> bytes:
    return f"{entry.mode.lstrip('0')} {name}\0".encode() + bytes.fromhex(entry.sha)


def _lines(body: bytes) -> Iterator[tuple[str, Entry]]:
    at = 0
    while at < len(body):
        end = body.index(b"\0", at)
        mode, name = body[at:end].split(b" ", 1)
        yield name.decode(errors="replace"), Entry(mode.decode().zfill(6), body[end + 1 : end + 21].hex())
        at = end + 21


def _commit(sha: str, text: str) -> Commit:
    head, _, message = text.partition("\n\n")
    values: dict[str, list[str]] = {}
    for line in head.splitlines():
        name, _, value = line.partition(" ")
        values.setdefault(name, []).append(value)
    author, committer = _person(values["author"][0]), _person(values["committer"][0])
    return Commit(sha, values["tree"][0], tuple(values.get("parent", ())), author, committer, message)


def _person(line: str) -> Person:
    who, _, stamp = line.rpartition("> ")
    name, _, email = who.partition(" <")
    when, zone = stamp.split()
    return Person(name, email, int(when), zone)
