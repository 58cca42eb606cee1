"""What has come of a long reading is there again, as long as it is of use."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from scaffolder.catalog.pages import LASTS, Pages

if TYPE_CHECKING:
    from pathlib import Path


def kept(directory: Path, *, at: float, since: str = "noon", target: str = "github:acme") -> Pages:
    pages = Pages(directory, target)
    pages.begin(since)
    pages.put({"a": [1]}, at=at)
    pages.put({"b": [2]}, at=at + 1)
    return pages


def test_a_reading_goes_on(tmp_path: Path) -> None:
    now = time.time()
    kept(tmp_path, at=now)
    again = Pages(tmp_path, "github:acme")
    again.begin("noon")

    assert (again.get("a"), again.get("b"), again.get("c"), again.began) == ([1], [2], None, now)


@pytest.mark.parametrize(
    ("target", "since", "ago"),
    [
        ("github:acme", "later", 0),
        ("github:acme", "noon", LASTS + 1),
        ("github:other", "noon", 0),
    ],
)
def test_what_was_read_for_something_else_or_long_ago_is_not_used(
    tmp_path: Path, target: str, since: str, ago: float
) -> None:
    kept(tmp_path, at=time.time() - ago)
    again = Pages(tmp_path, target)
    again.begin(since)

    assert (again.get("a"), again.began) == (None, 0.0)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}\n", b"no JSON\n", b'["github:acme", "noon", 1, 1]\n'])
def test_a_file_that_makes_no_sense_is_as_none(tmp_path: Path, content: bytes) -> None:
    kept(tmp_path, at=time.time())
    [file] = tmp_path.iterdir()
    file.write_bytes(content)
    again = Pages(tmp_path, "github:acme")

    again.begin("noon")

    assert again.get("a") is None
