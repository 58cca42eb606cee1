"""
Signatures as git makes them with ssh keys: `ssh-keygen -Y sign` and `-Y verify`.

See https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder.errors import Failed, InvalidInput
from scaffolder.gateways.process import run

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = "ssh-keygen"
WHO = "signer"
SECONDS = 60.0
_PUBLIC_KEY = re.compile(r"(?P<key>(?:ssh|ecdsa|sk)-[\w.@-]+ [A-Za-z0-9+/]+={0,3})(?: [^\x00-\x1f]*)?")


class KeyInvalid(InvalidInput):
    """What should be a public key is none."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"{text[:40]!r} is no public key",
            hint="give it as the file ending in .pub has it: ssh-ed25519 AAAA…",
        )


class NotSigned(Failed):
    """ssh-keygen could not sign."""

    def __init__(self, key: Path, words: str) -> None:
        super().__init__(
            f"cannot sign with {key}: {words}",
            hint="give a private ssh key without a passphrase; ssh-keygen -t ed25519 makes one",
        )


def public_key(text: str) -> str:
    """
    Return a public key without its comment.

    Raises:
        KeyInvalid: It is none, or says more than a key.
    """
    found = _PUBLIC_KEY.fullmatch(text.strip())
    if found is None:
        raise KeyInvalid(text)
    return found["key"]


def public_half(key: Path) -> str:
    """
    Return the public half of a private key.

    Raises:
        NotSigned: The key cannot be used.
    """
    done = run((PROGRAM, "-y", "-f", str(key.absolute())), timeout=SECONDS)
    if done.returncode != 0:
        raise NotSigned(key, _last_words(done.stderr))
    return public_key(done.stdout.decode())


def sign(file: Path, key: Path, *, namespace: str) -> Path:
    """
    Sign a file and return where its signature is: beside it, `.sig` after its name.

    Raises:
        NotSigned: The key cannot be used.
    """
    signature = file.with_name(f"{file.name}.sig")
    signature.unlink(missing_ok=True)
    done = run((PROGRAM, "-q", "-Y", "sign", "-n", namespace, "-f", str(key.absolute()), str(file)), timeout=SECONDS)
    if done.returncode != 0 or not signature.exists():
        raise NotSigned(key, _last_words(done.stderr))
    return signature


def is_signed(data: bytes, signature: bytes, *, keys: Sequence[str], namespace: str) -> bool:
    """
    Tell whether one of these public keys has signed data.

    Raises:
        KeyInvalid: One of them is none.
    """
    allowed = "".join(f"{WHO} {public_key(key)}\n" for key in keys)
    with tempfile.TemporaryDirectory() as name:
        signers, made = Path(name) / "signers", Path(name) / "signature"
        signers.write_text(allowed, encoding="utf-8")
        made.write_bytes(signature)
        words = (PROGRAM, "-q", "-Y", "verify", "-n", namespace, "-I", WHO, "-f", str(signers), "-s", str(made))
        return run(words, stdin=data, timeout=SECONDS).returncode == 0


def _last_words(printed: bytes) -> str:
    words = [line.strip() for line in printed.decode(errors="replace").splitlines() if line.strip()]
    return words[-1] if words else "it gave no reason"
