from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scaffolder.errors import InvalidInput
from scaffolder.gateways.download import DownloadRefused, downloaded
from scaffolder.gateways.http import AddressRefused, AnswerTooLarge, RedirectRefused
from tests.gateways.file_server import Files, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def files() -> Iterator[Files]:
    with serving() as server:
        yield server


def test_a_file_is_downloaded_with_its_query(files: Files) -> None:
    files.content["/a.zip?signed=yes"] = b"content"
    assert downloaded(f"{files.url}/a.zip?signed=yes#part") == b"content"


def test_a_file_may_have_moved_to_another_host(files: Files) -> None:
    elsewhere = files.url.replace("127.0.0.1", "localhost")
    files.content |= {"/a.zip": f"{elsewhere}/b.zip?x=1", "/b.zip?x=1": "c.zip", "/c.zip": b"content"}
    assert downloaded(f"{files.url}/a.zip") == b"content"


def test_going_round_in_circles_ends(files: Files) -> None:
    files.content |= {"/a.zip": "/b.zip", "/b.zip": "/a.zip"}
    with pytest.raises(RedirectRefused, match="circles"):
        downloaded(f"{files.url}/a.zip")
    assert len(files.asked) < 10


@pytest.mark.parametrize("moved", ["http://example.com/a.zip", "file:///etc/passwd", "ftp://example.com/a", ""])
def test_what_could_be_changed_on_the_way_is_not_followed(files: Files, moved: str) -> None:
    files.content["/a.zip"] = moved
    with pytest.raises(InvalidInput):
        downloaded(f"{files.url}/a.zip")
    assert files.asked == ["/a.zip"]


def test_what_is_not_there_is_told_without_what_may_be_a_signature(files: Files) -> None:
    with pytest.raises(DownloadRefused, match="answered 404") as caught:
        downloaded(f"{files.url}/a.zip?signature=secret")
    assert "secret" not in caught.value.message


def test_more_than_is_allowed_is_not_read(files: Files) -> None:
    files.content["/a.zip"] = b"x" * 1000
    assert len(downloaded(f"{files.url}/a.zip", largest=1000)) == 1000
    with pytest.raises(AnswerTooLarge):
        downloaded(f"{files.url}/a.zip", largest=999)


@pytest.mark.parametrize("url", ["http://example.com/a.zip", "https://me:password@example.com/a.zip"])
def test_an_address_is_safe_to_ask_at(url: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        downloaded(url)
    assert "password@" not in caught.value.message
