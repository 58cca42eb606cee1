from __future__ import annotations

import pytest

from scaffolder.gateways.git_address import Address


@pytest.mark.parametrize(
    ("text", "url", "ref"),
    [
        ("https://git.example.com/acme/catalog.git", "https://git.example.com/acme/catalog.git", ""),
        ("https://git.example.com/acme/catalog/@v1.2", "https://git.example.com/acme/catalog", "v1.2"),
        ("ssh://git@git.example.com:22/acme/catalog.git@a/b", "ssh://git@git.example.com:22/acme/catalog.git", "a/b"),
        ("git@git.example.com:acme/catalog.git@main", "git@git.example.com:acme/catalog.git", "main"),
    ],
)
def test_an_address_is_a_url_and_a_ref(text: str, url: str, ref: str) -> None:
    assert Address.parse(text) == Address(url, ref)


@pytest.mark.parametrize("text", ["catalog", "../catalog@v1", "/srv/git/catalog.git@v1", "https://git.example.com"])
def test_a_path_is_none(text: str) -> None:
    assert Address.parse(text) is None


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://ann:s3cret@git.example.com/a.git@v1", "https://git.example.com/a.git@v1"),
        ("https://ann:s3@cr:et@git.example.com/a.git", "https://git.example.com/a.git"),
        ("https://t0ken@git.example.com/a.git", "https://git.example.com/a.git"),
        ("ssh://git:s3cret@git.example.com/a.git", "ssh://git@git.example.com/a.git"),
        ("git@git.example.com:a.git@v1", "git@git.example.com:a.git@v1"),
    ],
)
def test_what_may_be_a_secret_is_not_kept(text: str, kept: str) -> None:
    address = Address.parse(text)

    assert address is not None
    assert address.kept == kept
