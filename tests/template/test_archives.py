from __future__ import annotations

import io
import stat
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest

from scaffolder.gateways.git import RefNotFound
from scaffolder.template.archives import USUAL, Bounds, unpacked
from scaffolder.template.errors import PASSWORD, ArchiveRefused, TemplateNotFound
from scaffolder.template.source import resolve
from scaffolder.tree import Directory, File
from tests.gateways.file_server import serving
from tests.parity.side_by_side import found as entries
from tests.template.golden import texts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SMALL = {
    "small-1.0/": "",
    "small-1.0/cookiecutter.json": '{"slug": "boat"}',
    "small-1.0/{{cookiecutter.slug}}/a.txt": "{{ cookiecutter.slug }}",
}


def zipped(files: Mapping[str, str | bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive with these names as they are written here."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo("placeholder")
            entry.filename, entry.compress_type = name, compression
            archive.writestr(entry, content)
    return made.getvalue()


def refused(data: bytes, bounds: Bounds = USUAL) -> str:
    with pytest.raises(ArchiveRefused) as caught:
        unpacked(data, name="a.zip", bounds=bounds)
    assert caught.value.hint
    return caught.value.message


def test_files_and_empty_directories_come_out() -> None:
    found = unpacked(zipped({"a/": "", "a/b": "text", "empty/": ""}), name="a.zip")
    assert dict(found) == {"a/b": File(b"text"), "empty": Directory()}


@pytest.mark.parametrize(
    "name",
    [
        *("../evil", "a/../../evil", "a/../b", "/etc/passwd", "..", "C:/windows", "c:evil"),
        *("..\\evil", "a\\b", "a\nb", "a/..", "/"),
    ],
)
def test_a_path_that_leaves_the_archive_is_refused(name: str) -> None:
    assert "leads outside" in refused(zipped({"fine": "", name: "x"}))


def test_a_link_is_a_file_as_cookiecutter_has_it() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert dict(unpacked(made.getvalue(), name="a.zip")) == {"link": File(b"/etc/passwd")}


def test_the_same_path_twice_is_refused() -> None:
    assert "twice" in refused(zipped({"a": "1", "./a": "2"}))
    assert "both a file and a directory" in refused(zipped({"a": "1", "a/b": "2"}))


def test_a_bomb_is_not_unpacked() -> None:
    bounds = Bounds(unpacked=1 << 20)
    assert unpacked(zipped({"a": b"\0" * (1 << 20)}), name="a.zip", bounds=bounds)
    assert "holds more than 1 MB" in refused(zipped({"a": b"\0" * (1 << 20), "b": b"0"}), bounds)


def test_a_bomb_that_lies_about_its_size_is_not_unpacked() -> None:
    data = bytearray(zipped({"a": b"\0" * (8 << 20)}))
    claimed = struct.pack("<L", 8 << 20)
    assert data.count(claimed) == 2
    lie = bytes(data).replace(claimed, struct.pack("<L", 10))
    assert refused(lie, Bounds(unpacked=1 << 20))


def test_a_list_that_would_fill_the_memory_is_not_read() -> None:
    data = zipped({f"{number}": "" for number in range(100)})
    assert len(unpacked(data, name="a.zip")) == 100
    assert "lists too many files" in refused(data, Bounds(listed=1000))


def test_an_archive_is_not_too_large() -> None:
    data = zipped({"a": b"1" * 200}, compression=zipfile.ZIP_STORED)
    assert "larger than" in refused(data, Bounds(archive=100))


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_unpacks_without_a_bound_is_not_read(compression: int) -> None:
    assert "compressed in a way" in refused(zipped({"a": "1"}, compression=compression))


@pytest.mark.parametrize("data", [b"", b"PK", b"<html>please sign in</html>", zipped({"a": "1" * 999})[:-40]])
def test_what_is_no_archive_is_told(data: bytes) -> None:
    assert "damaged, or no zip file" in refused(data)


def test_a_damaged_file_is_told() -> None:
    data = bytearray(zipped({"a": b"0123456789" * 10}, compression=zipfile.ZIP_STORED))
    data[40] ^= 0xFF
    assert "damaged" in refused(bytes(data))


def test_an_encrypted_archive_needs_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytearray(zipped({"a": b"0123456789" * 10}, compression=zipfile.ZIP_STORED))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # says that it is encrypted
        data[data.index(signature) + flags] |= 1
    monkeypatch.delenv(PASSWORD, raising=False)
    assert "needs a password" in refused(bytes(data))
    monkeypatch.setenv(PASSWORD, "wrong")
    assert "is wrong" in refused(bytes(data))


def test_a_template_in_an_archive_is_found(tmp_path: Path) -> None:
    path = tmp_path / "Small.ZIP"
    path.write_bytes(zipped(SMALL))
    found = resolve(str(path), cache=tmp_path / "cache" / "git")
    assert set(texts(found.tree)) == {"cookiecutter.json", "{{cookiecutter.slug}}/a.txt"}
    assert (found.source.location, found.source.path, found.source.commit) == (str(path), "", "")


def test_an_archive_may_have_no_directory_around_it(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    for inside in ({"cookiecutter.json": "{}", "{{cookiecutter.slug}}/a": ""}, {"cookiecutter.json": "{}"}):
        path.write_bytes(zipped(inside))
        assert set(resolve(str(path), cache=tmp_path / "git").tree) == set(inside)


@pytest.mark.parametrize("around", ["", "repository-main/"])
def test_a_directory_in_an_archive_is_found(tmp_path: Path, around: str) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({f"{around}sub/one/cookiecutter.json": "{}", f"{around}sub/two/b": ""}))
    assert resolve(str(path), directory="sub/one", cache=tmp_path / "git").source.path == "sub/one"
    with pytest.raises(TemplateNotFound):
        resolve(str(path), directory="sub/two", cache=tmp_path / "git")


def test_an_archive_has_one_version(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped(SMALL))
    with pytest.raises(RefNotFound) as caught:
        resolve(str(path), ref="v2", cache=tmp_path / "git")
    assert "zip file" in caught.value.hint


def test_an_archive_elsewhere_is_read_and_a_copy_kept_for_its_owner(tmp_path: Path) -> None:
    with serving() as files:
        files.content |= {"/a.zip": "/real.zip?key=secret", "/real.zip?key=secret": zipped(SMALL)}
        first = resolve(f"{files.url}/a.zip", cache=tmp_path / "git")
        again = resolve(f"{files.url}/a.zip", cache=tmp_path / "git", refresh=False)
        assert files.asked == ["/a.zip", "/real.zip?key=secret"]
    assert first.source == again.source
    assert first.source.location == f"{files.url}/a.zip"
    (copy,) = (tmp_path / "archives").iterdir()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700


def test_a_project_from_an_archive_is_cookiecutters(tmp_path: Path) -> None:
    """With its permissions, too: what is unpacked there is not executable."""
    from cookiecutter.main import cookiecutter

    from scaffolder.template.cookiecutter import render

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in {**SMALL, "small-1.0/{{cookiecutter.slug}}/run": "#!/bin/sh\n"}.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (0o40755 if name.endswith("/") else 0o100755) << 16
            archive.writestr(entry, content)
    path = tmp_path / "a.zip"
    path.write_bytes(made.getvalue())
    theirs = cookiecutter(
        str(path), no_input=True, output_dir=str(tmp_path / "theirs"), default_config=True, accept_hooks=False
    )
    rendered = render(resolve(str(path), cache=tmp_path / "git").tree, {})
    rendered.tree.write(tmp_path / "ours" / rendered.name)
    assert entries(tmp_path / "ours/boat", tmp_path / "ours") == entries(tmp_path / "theirs/boat", tmp_path / "theirs")
    assert theirs.endswith("boat")
