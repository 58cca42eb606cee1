"""Signatures by ssh keys: of one key, for one purpose, of these bytes."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from scaffolder.gateways.ssh_signature import KeyInvalid, NotSigned, is_signed, public_half, public_key, sign

if TYPE_CHECKING:
    from pathlib import Path


def new_key(place: Path, *, passphrase: str = "", kind: str = "ed25519") -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "ci", "-f", str(place)], check=True)
    return place


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_signature_is_good_for_its_key_its_purpose_and_its_bytes(tmp_path: Path, kind: str) -> None:
    key, file = new_key(tmp_path / "key", kind=kind), tmp_path / "file"
    file.write_bytes(b"hello")
    ours, others = public_half(key), public_half(new_key(tmp_path / "other"))

    signature = sign(file, key, namespace="post").read_bytes()

    assert is_signed(b"hello", signature, keys=[others, ours], namespace="post")
    assert not is_signed(b"hello", signature, keys=[others], namespace="post")
    assert not is_signed(b"hello", signature, keys=[], namespace="post")
    assert not is_signed(b"hullo", signature, keys=[ours], namespace="post")
    assert not is_signed(b"hello", signature, keys=[ours], namespace="other")
    assert not is_signed(b"hello", b"", keys=[ours], namespace="post")
    assert not is_signed(b"hello", b"\xff\x00", keys=[ours], namespace="post")


def test_what_cannot_sign_says_so(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"hello")

    with pytest.raises(NotSigned, match="No such file"):
        sign(file, tmp_path / "nokey", namespace="post")
    with pytest.raises(NotSigned):
        public_half(file)
    assert not (tmp_path / "file.sig").exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "key",
        "ssh-ed25519",
        "ssh-ed25519 AA!A",
        "cert-authority ssh-ed25519 AAAA",
        "me ssh-ed25519 AAAA",
        "ssh-ed25519 AAAA\n* ssh-ed25519 BBBB",
        "ssh-ed25519 AAAA me\x00you",
    ],
)
def test_only_a_key_is_a_key(text: str) -> None:
    with pytest.raises(KeyInvalid):
        public_key(text)


@pytest.mark.parametrize("comment", ["", " me@host", " me and you "])
def test_a_key_is_taken_without_its_comment(comment: str) -> None:
    assert public_key(f"ssh-ed25519 AAAAC3Nz+/=={comment}\n") == "ssh-ed25519 AAAAC3Nz+/=="
