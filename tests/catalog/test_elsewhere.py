"""Files of other repositories: how they are named, and what may not be named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scaffolder.catalog.elsewhere import FileElsewhere, is_same, resolved
from scaffolder.catalog.roots import Origin, Unreadable

if TYPE_CHECKING:
    from pathlib import Path

HOSTED = Origin("https://git.acme.example/acme/catalog.git")
BY_SSH = Origin("git@git.acme.example:acme/catalog.git")


def meant(target: str, origin: Origin = HOSTED) -> str:
    file = FileElsewhere.parse(target)
    assert file is not None
    return str(resolved(file, origin))


@pytest.mark.parametrize(
    ("target", "address", "ref", "path"),
    [
        ("git:https://h.example/a.git@main:catalog-info.yaml", "https://h.example/a.git", "main", "catalog-info.yaml"),
        ("git:git@h.example:a/b.git@v1:x/y.yaml", "git@h.example:a/b.git", "v1", "x/y.yaml"),
        ("git:ssh://git@h.example:22/a.git@f/x:c.yaml", "ssh://git@h.example:22/a.git", "f/x", "c.yaml"),
        ("git:../orders.git@main:catalog-info.yaml", "../orders.git", "main", "catalog-info.yaml"),
        ("https://github.com/acme/a/blob/main/c.yaml", "https://github.com/acme/a.git", "main", "c.yaml"),
        ("url:https://github.com/acme/a/blob/main/c.yaml", "https://github.com/acme/a.git", "main", "c.yaml"),
        ("https://h.example/acme/a/raw/v1/x/c.yaml", "https://h.example/acme/a.git", "v1", "x/c.yaml"),
        ("https://h.example/g/sub/a/-/blob/main/x/c.yaml", "https://h.example/g/sub/a.git", "main", "x/c.yaml"),
        ("https://h.example:8443/g/a/-/raw/main/c.yaml", "https://h.example:8443/g/a.git", "main", "c.yaml"),
        ("https://h.example/acme/a/src/branch/main/x/c.yaml", "https://h.example/acme/a.git", "main", "x/c.yaml"),
        ("https://h.example/acme/a/src/commit/1f2e/c.yaml", "https://h.example/acme/a.git", "1f2e", "c.yaml"),
        ("https://bitbucket.org/acme/a/src/main/x/c.yaml", "https://bitbucket.org/acme/a.git", "main", "x/c.yaml"),
        (
            "https://github.com/acme/a/blob/main/a%20b.yaml?plain=1#L3",
            "https://github.com/acme/a.git",
            "main",
            "a b.yaml",
        ),
    ],
)
def test_says_repository_ref_and_path(target: str, address: str, ref: str, path: str) -> None:
    assert FileElsewhere.parse(target) == FileElsewhere(address, ref, path)


@pytest.mark.parametrize(
    "target",
    [
        "./catalog-info.yaml",
        "https://h.example/acme/a.git",
        "https://h.example/all.yaml",
        "https://h.example/acme/a/blob/main",
        "git://h.example/a.git@main:c.yaml",
        "git:https://h.example/a.git",
        "file:///etc/passwd",
    ],
)
def test_other_targets_name_none(target: str) -> None:
    assert FileElsewhere.parse(target) is None


@pytest.mark.parametrize(
    ("address", "origin", "expected"),
    [
        (".", HOSTED, "https://git.acme.example/acme/catalog.git"),
        ("../orders.git", HOSTED, "https://git.acme.example/acme/orders.git"),
        ("../../services/orders.git", HOSTED, "https://git.acme.example/services/orders.git"),
        ("../orders.git", BY_SSH, "git@git.acme.example:acme/orders.git"),
        ("../../orders.git", BY_SSH, "git@git.acme.example:orders.git"),
        ("../orders.git", Origin("git@h.example:/srv/catalog.git"), "git@h.example:/srv/orders.git"),
        ("../orders.git", Origin("ssh://git@h.example:22/srv/c.git"), "ssh://git@h.example:22/srv/orders.git"),
        ("../services/orders.git", Origin("/srv/acme/catalog.git"), "/srv/acme/services/orders.git"),
        (".", Origin("/srv/acme/catalog.git"), "/srv/acme/catalog.git"),
        ("../../orders.git", Origin("/srv/acme/catalog", by_hand=True), "/srv/orders.git"),
        ("/srv/orders.git", Origin("/home/ann/catalog", by_hand=True), "/srv/orders.git"),
        ("https://ann:s3cret@h.example/a.git/", HOSTED, "https://h.example/a.git"),
        ("ssh://git:s3cret@h.example/a.git", HOSTED, "ssh://git@h.example/a.git"),
    ],
)
def test_an_address_is_relative_to_its_repository(address: str, origin: Origin, expected: str) -> None:
    assert meant(f"git:{address}@main:c.yaml", origin) == f"git:{expected}@main:c.yaml"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/srv/orders.git", "names a place on this machine"),
        ("~/orders.git", "names a place on this machine"),
        ("file:///srv/orders.git", "names a place on this machine"),
        ("orders.git", "names a place on this machine"),
        ("ext::sh -c touch% owned", "is not the address"),
        ("--upload-pack=touch owned", "is not the address"),
        ("https://-x/a.git", "is not the address"),
        ("ssh://-oProxyCommand=x/a.git", "is not the address"),
        ("git@-oProxyCommand=x:a.git", "is not the address"),
        ("https://h.example/a\x1b[2J.git", "is not the address"),
        ("../../../orders.git", "climbs higher than"),
        ("../..", "climbs higher than"),
    ],
)
def test_what_comes_from_a_repository_names_no_place_here(address: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        resolved(FileElsewhere(address, "main", "c.yaml"), HOSTED)


@pytest.mark.parametrize("address", ["../../orders.git", "../..", "../.ssh/keys.git"])
def test_a_repository_on_this_machine_names_those_beside_it_only(tmp_path: Path, address: str) -> None:
    origin = Origin(f"{tmp_path}/acme/catalog.git")

    with pytest.raises(Unreadable, match=r"climbs higher than|names something hidden"):
        resolved(FileElsewhere(address, "main", "c.yaml"), origin)


def test_a_relative_address_needs_a_repository() -> None:
    with pytest.raises(Unreadable, match="stands in no repository"):
        resolved(FileElsewhere("../a.git", "main", "c.yaml"), Origin())


@pytest.mark.parametrize("path", ["/etc/passwd", "../x.yaml", "a/../../x.yaml"])
def test_a_path_stays_in_its_repository(path: str) -> None:
    with pytest.raises(Unreadable, match="leads outside its repository"):
        resolved(FileElsewhere("https://h.example/a.git", "main", path), HOSTED)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://h.example/acme/a.git", "git@H.example:acme/a.git", True),
        ("https://h.example/acme/a", "ssh://git@h.example:22/acme/a.git", True),
        ("https://h.example/acme/a.git", "https://h.example/acme/b.git", False),
        ("https://h.example/acme/a.git", "https://i.example/acme/a.git", False),
        ("/srv/acme/a.git", "/srv/acme/a.git", True),
        ("/srv/acme/a.git", "/srv/acme/b.git", False),
    ],
)
def test_knows_one_repository_by_several_addresses(one: str, other: str, *, same: bool) -> None:
    assert is_same(f"git:{one}@main:c.yaml", f"git:{other}@main:c.yaml") is same
    assert not is_same(f"git:{one}@main:c.yaml", f"git:{other}@v1:c.yaml")
