"""Which sources an entry of `scaffolder.trust` holds for, and which only look like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaffolder.template.source import TemplateSource
from scaffolder.template.trusted import Trusted, TrustUnclear

COMMIT = "3f" * 20
DIGEST = "sha256:" + "ab" * 32


def holds(entry: str, location: str, path: str = "", **facts: str) -> bool:
    known = {"version": "", "commit": "", "digest": DIGEST, **facts}
    return Trusted.parse(entry, base=Path("/home/me")).holds(TemplateSource(location, path, **known))


@pytest.mark.parametrize(
    ("entry", "location"),
    [
        ("https://github.com/acme", "https://github.com/acme/paths"),
        ("https://github.com/acme/", "https://github.com/acme/paths.git"),
        ("https://github.com/acme/paths", "https://github.com/acme/paths.git"),
        ("https://github.com/acme/paths.git", "https://github.com/acme/paths"),
        ("https://me:secret@GitHub.com:443/acme", "https://github.com/acme/paths"),
        ("gh:acme", "https://github.com/acme/paths"),
        ("git@github.com:acme", "git@github.com:acme/paths.git"),
        ("git@github.com:acme", "ssh://git@github.com/acme/paths"),
        ("https://git.acme.example", "https://git.acme.example/any/thing"),
        ("/srv/paths", "/srv/paths/one"),
        ("./paths", "/home/me/paths"),
    ],
)
def test_what_lies_below_is_trusted(entry: str, location: str) -> None:
    assert holds(entry, location)


@pytest.mark.parametrize(
    ("entry", "location"),
    [
        ("https://github.com/acme", "https://github.com/acme-evil/paths"),
        ("https://github.com/acme", "https://github.com/evil/acme"),
        ("https://github.com/acme", "https://github.com/acme/../evil/paths"),
        ("https://github.com/acme", "https://github.com/acme/%2e%2e/evil/paths"),
        ("https://github.com/acme", "https://github.com/acme%2f..%2fevil"),
        ("https://github.com/acme", "https://github.com/acme//paths"),
        ("https://github.com/acme", "https://github.com/acme/paths?x=/.."),
        ("https://github.com/acme", "https://github.com.evil.example/acme/paths"),
        ("https://github.com/acme", "https://github.com@evil.example/acme/paths"),
        ("https://github.com/acme", "https://github.com:8443/acme/paths"),
        ("https://github.com/acme", "http://github.com/acme/paths"),
        ("https://github.com/acme", "git://github.com/acme/paths"),
        ("https://github.com/acme", "file:///github.com/acme/paths"),
        ("https://github.com/acme", "ssh://git@github.com/acme/paths"),
        ("https://github.com/acme", "https://github.com/Acme/paths"),
        ("git@github.com:acme", "git@github.com:acme/../evil/paths"),
        ("/srv/paths", "/srv/paths-of-others"),
        ("/srv/paths", "/srv/paths/../others"),
        ("/srv/paths", "golden-path"),
        ("/srv/paths", "srv/paths"),
    ],
)
def test_what_only_looks_like_it_is_not(entry: str, location: str) -> None:
    assert not holds(entry, location)


def test_a_link_out_of_a_trusted_directory_leads_out(tmp_path: Path) -> None:
    (tmp_path / "trusted").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "trusted" / "link").symlink_to(tmp_path / "other")
    assert not holds(str(tmp_path / "trusted"), str(tmp_path / "trusted" / "link"))


def test_a_directory_of_a_repository_can_be_trusted_alone() -> None:
    entry, location = "https://github.com/acme/paths/python", "https://github.com/acme/paths.git"
    assert holds(entry, location, "python")
    assert holds(entry, location, "python/small")
    assert not holds(entry, location)
    assert not holds(entry, location, "pythons")
    assert not holds(entry, location, "python/../go")


@pytest.mark.parametrize(
    ("pin", "facts", "expected"),
    [
        ("v1.2", {"version": "v1.2", "commit": COMMIT}, True),
        ("v1.2", {"version": "v1.3", "commit": COMMIT}, False),
        ("v1.2", {"version": "v1.2"}, False),  # what a directory says of itself
        (COMMIT, {"commit": COMMIT}, True),
        (COMMIT[:12], {"commit": COMMIT}, False),
        (COMMIT, {}, False),
        (DIGEST, {}, True),
        (DIGEST[:-1] + "0", {}, False),
    ],
)
def test_a_version_is_pinned_on_request(pin: str, facts: dict[str, str], expected: bool) -> None:  # noqa: FBT001 - a table
    assert holds(f"https://github.com/acme/paths@{pin}", "https://github.com/acme/paths", **facts) is expected


@pytest.mark.parametrize(
    "entry",
    [
        "https://github.com",
        "https://github.com/",
        "https://github.com:443",
        "gl:",
        "/",
        "http://github.com/acme",
        "git://github.com/acme",
        "ext::sh -c x",
        "paths",
        "acme/paths",
        "https://github.com/acme/../evil",
        "https://github.com/acme/*",
        "https://github.com/%61cme",
    ],
)
def test_an_entry_that_would_trust_more_than_it_says_is_refused(entry: str) -> None:
    with pytest.raises(TrustUnclear):
        Trusted.parse(entry, base=Path("/"))
