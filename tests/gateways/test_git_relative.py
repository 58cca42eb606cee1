from __future__ import annotations

import pytest

from scaffolder.gateways.git_relative import AddressForbidden, resolved

URL, SSH, PATH = (
    "https://git.acme.example/acme/config.git",
    "git@git.acme.example:acme/config.git",
    "/srv/git/config.git",
)


@pytest.mark.parametrize(
    ("address", "base", "expected"),
    [
        (".", URL, URL),
        ("../catalog.git", URL, "https://git.acme.example/acme/catalog.git"),
        ("../../tools/paths.git", URL, "https://git.acme.example/tools/paths.git"),
        ("../catalog.git", URL + "/", "https://git.acme.example/acme/catalog.git"),
        ("../catalog.git", SSH, "git@git.acme.example:acme/catalog.git"),
        ("../../catalog.git", SSH, "git@git.acme.example:catalog.git"),
        ("../catalog.git", "ssh://git@host:7999/~acme/config.git", "ssh://git@host:7999/~acme/catalog.git"),
        (".", PATH, PATH),
        ("../catalog.git", PATH, "/srv/git/catalog.git"),
        ("../acme/orders.git", PATH, "/srv/git/acme/orders.git"),
        ("../a/../catalog.git", PATH, "/srv/git/catalog.git"),
        ("https://example.com/a/b.git", PATH, "https://example.com/a/b.git"),
        ("https://me:secret@example.com/a/b.git", PATH, "https://example.com/a/b.git"),
        ("git@example.com:a/b.git", PATH, "git@example.com:a/b.git"),
    ],
)
def test_what_an_address_in_a_repository_means(address: str, base: str, expected: str) -> None:
    assert resolved(address, base=base) == expected


@pytest.mark.parametrize(
    ("address", "base", "reason"),
    [
        ("/etc", URL, "a place on this machine"),
        ("~/secrets", URL, "a place on this machine"),
        ("file:///etc", URL, "a place on this machine"),
        ("catalog.git", PATH, "a place on this machine"),
        ("C:\\git", URL, "a place on this machine"),
        ("host:path", URL, "a place on this machine"),
        ("", URL, "not the address"),
        ("ext::sh -c id", URL, "not the address"),
        ("--upload-pack=id", URL, "not the address"),
        ("ssh://-oProxyCommand=id/x", URL, "not the address"),
        ("https://example.com/a@ref", URL, "not the address"),
        ("https://example.com/a\nb", URL, "not the address"),
        ("../../../x", URL, "climbs higher"),
        ("../..", URL, "climbs higher"),
        ("../../../x", SSH, "climbs higher"),
        ("..", PATH, "climbs higher"),
        ("../../x", PATH, "climbs higher"),
        ("../a/../../x", PATH, "climbs higher"),
        ("../.ssh", PATH, "hidden"),
        ("../other/.git/hooks", PATH, "hidden"),
    ],
)
def test_what_is_refused(address: str, base: str, reason: str) -> None:
    with pytest.raises(AddressForbidden, match=reason):
        resolved(address, base=base)
