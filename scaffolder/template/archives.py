"""
Zip files, unpacked in memory and within bounds.

Nothing is written: a path that leaves the archive is refused, and what is larger than it says is noticed while it is
unpacked. As in cookiecutter, what is unpacked has the usual permissions, and a link is a file that holds its target.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder.errors import InvalidInput
from scaffolder.gateways.download import downloaded
from scaffolder.gateways.home import private_directory
from scaffolder.template.errors import PASSWORD, ArchiveRefused, PasswordNeeded
from scaffolder.tree import Directory, File, Node, NotWritable, PathsClash, Tree, contained

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LARGEST: Final = 64 << 20
"""Bytes of an archive."""
READ: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""How a file may be compressed: of the others, zipfile unpacks more at once than it is asked for."""

_CHUNK = 1 << 18
_ENCRYPTED = 0x1
_END, _END_OF_64 = b"PK\x05\x06", b"PK\x06\x07"
_END_SIZE, _END_OF_64_SIZE = 22, 20
_LONGEST_COMMENT = 1 << 16
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, UnicodeError, struct.error)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bytes of an archive, of the list of its files (eight million are about eighty thousand files), of all files."""

    archive: int = LARGEST
    listed: int = 8 << 20
    unpacked: int = 256 << 20


USUAL: Final = Bounds()


def unpacked(data: bytes, *, name: str, bounds: Bounds = USUAL) -> Tree:
    """
    Return the files of a zip file, which messages call `name`.

    Raises:
        ArchiveRefused: It is damaged, too large, needs a password, or a path in it leaves it.
    """
    _check_size(data, name, bounds)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _without_filled(Tree(dict(_Unpacking(archive, name, bounds).nodes())))
    except PathsClash as error:
        raise ArchiveRefused(name, error.message) from error
    except _DAMAGED as error:
        raise ArchiveRefused(name, "it is damaged, or no zip file", hint="download it again") from error


def fetched(url: str, *, cache: Path, refresh: bool = True) -> bytes:
    """
    Return the zip file at `url`; a copy is kept under `cache`, which is enough unless `refresh` is asked for.

    Raises:
        ScaffolderError: As `download.downloaded`.
        NotWritable: The cache cannot be written.
    """
    copy = copy_of(url, cache=cache)
    try:
        if not refresh and copy.is_file():
            return copy.read_bytes()
        data = downloaded(url, largest=LARGEST)
        _keep(data, copy)
    except OSError as error:
        raise NotWritable(Path(error.filename or copy), error) from error
    return data


def copy_of(url: str, *, cache: Path) -> Path:
    """Return where the copy of the zip file at `url` is kept."""
    return cache / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.zip"


def _keep(data: bytes, path: Path) -> None:
    """Write a file that only its owner can read, by one rename."""
    private_directory(path.parent)
    fresh = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
        handle.write(data)
    fresh.replace(path)


def top(paths: Iterable[str], *, descriptions: Iterable[str], directory: str = "") -> str:
    """Return the directory in an archive that stands for the repository: the only one at its top, else the top."""
    present = list(paths)
    at_top = {path.partition("/")[0] for path in present}
    if not at_top.isdisjoint(descriptions) or (directory and directory.partition("/")[0] in at_top):
        return ""
    only = next(iter(at_top)) if len(at_top) == 1 else ""
    return only if any(path.startswith(f"{only}/") for path in present) else ""


def _without_filled(tree: Tree) -> Tree:
    """Leave out the directories that have something in them, as everywhere."""
    filled = {path[:at] for path in tree for at, character in enumerate(path) if character == "/"}
    return Tree({path: node for path, node in tree.items() if path not in filled})


def _check_size(data: bytes, name: str, bounds: Bounds) -> None:
    """Refuse an archive whose list of files alone would fill the memory; zipfile reads it at once."""
    if len(data) > bounds.archive:
        raise ArchiveRefused(name, f"it is larger than {bounds.archive >> 20} MB")
    end = _end_of(data)
    if end < 0:
        raise ArchiveRefused(name, "it is damaged, or no zip file", hint="download it again")
    listed = int.from_bytes(data[end + 12 : end + 16], "little")
    begins = max(end - _END_OF_64_SIZE, 0)
    if listed > bounds.listed or data[begins : begins + len(_END_OF_64)] == _END_OF_64:
        raise ArchiveRefused(name, "it lists too many files")


def _end_of(data: bytes) -> int:
    """Return where the record at an archive's end begins, as zipfile finds it; -1 for none."""
    usual = len(data) - _END_SIZE
    if usual >= 0 and data.startswith(_END, usual) and data.endswith(b"\0\0"):
        return usual
    return data.rfind(_END, max(0, len(data) - _END_SIZE - _LONGEST_COMMENT))


class _Unpacking:
    """Reads one archive, and counts what comes out of it."""

    def __init__(self, archive: zipfile.ZipFile, name: str, bounds: Bounds) -> None:
        self._archive = archive
        self._name = name
        self._most = self._left = bounds.unpacked
        self._seen: set[str] = set()

    def nodes(self) -> Iterator[tuple[str, Node]]:
        for entry in self._archive.infolist():
            path = self._path(entry.orig_filename)
            if entry.orig_filename.endswith("/"):
                yield path, Directory()
            else:
                self._once(path)
                yield path, File(self._content(entry))

    def _path(self, written: str) -> str:
        """Refuse what would be written outside; unpackers do not agree on what such a path means."""
        odd = "\\" in written or any(character < " " for character in written)
        if odd or written.startswith("/") or written[1:2] == ":" or ".." in written.split("/"):
            raise ArchiveRefused(self._name, f"{written!r} leads outside it, or is no path", hint="do not use it")
        try:
            return contained(written)
        except InvalidInput as error:
            raise ArchiveRefused(self._name, error.message, hint="do not use it") from error

    def _once(self, path: str) -> None:
        if path in self._seen:
            raise ArchiveRefused(self._name, f"it holds {path!r} twice", hint="do not use it")
        self._seen.add(path)

    def _content(self, entry: zipfile.ZipInfo) -> bytes:
        if entry.compress_type not in READ:
            raise ArchiveRefused(self._name, f"{entry.filename} is compressed in a way that is not read here")
        content = bytearray()
        with self._opened(entry) as file:
            while chunk := file.read(min(_CHUNK, self._left + 1)):
                content += chunk
                self._left -= len(chunk)
                if self._left < 0:
                    raise ArchiveRefused(self._name, f"it holds more than {self._most >> 20} MB", hint="do not use it")
        return bytes(content)

    def _opened(self, entry: zipfile.ZipInfo) -> zipfile.ZipExtFile:
        password = os.environ.get(PASSWORD, "") if entry.flag_bits & _ENCRYPTED else ""
        try:
            return self._archive.open(entry, pwd=password.encode() or None)  # type: ignore[return-value] # as it reads
        except RuntimeError as error:  # zipfile's word for it
            raise PasswordNeeded(self._name, wrong=bool(password)) from error
