"""
Addresses that stand in a repository: of others beside it, or of itself.

As in git's own submodules, "./", "../" and "." are relative to the address of the repository they stand in. Whoever
wrote them decides nothing about this machine: an address is never a path here, unless the repository itself was
reached by one; then it may name what lies in the same directory, and nothing that is hidden.
"""

from __future__ import annotations

import posixpath
import re

from scaffolder.errors import InvalidInput
from scaffolder.gateways.git_address import Address, without_user
from scaffolder.gateways.git_command import AddressInvalid, check_address

_OTHER_MACHINE = re.compile(r"(?P<host>(?:https|http|ssh|git)://[^/]+/|[\w.-]+@[\w.-]+:/?)(?P<path>.*)", re.IGNORECASE)


class AddressForbidden(InvalidInput):
    """What was read from a repository names a place that it has no say about."""

    def __init__(self, address: str, reason: str) -> None:
        shown = without_user(address)
        super().__init__(
            f"{shown!r} {reason}",
            hint="give an address such as https://HOST/OWNER/NAME.git, or one relative to this repository: ../NAME.git",
        )


def is_relative(address: str) -> bool:
    """Tell whether an address is relative to the repository it stands in."""
    return address in {".", ".."} or address.startswith(("./", "../"))


def resolved(address: str, *, base: str) -> str:
    """
    Return what an address means that stands in the repository at `base`, itself a URL, `user@host:path` or a path.

    Raises:
        AddressForbidden: It is a path on this machine, or climbs too high.
    """
    if is_relative(address):
        return _beside(address, base.rstrip("/"))
    try:
        check_address(address)
    except AddressInvalid:
        raise AddressForbidden(address, "is not the address of a git repository") from None
    if _OTHER_MACHINE.fullmatch(address) is None:
        raise AddressForbidden(address, "names a place on this machine, which what a repository holds may not")
    found = Address.parse(address)
    if found is None or found.ref:
        raise AddressForbidden(address, "is not the address of a git repository")
    return found.kept


def _beside(address: str, base: str) -> str:
    elsewhere = _OTHER_MACHINE.fullmatch(base)
    if elsewhere is None:
        return _beside_path(address, base)
    path = posixpath.normpath(posixpath.join(elsewhere["path"], address))
    if path.startswith("..") or path == ".":
        raise AddressForbidden(address, f"climbs higher than {without_user(base)} has directories")
    return elsewhere["host"] + path


def _beside_path(address: str, base: str) -> str:
    path = posixpath.normpath(posixpath.join(base, address))
    if path == base:
        return path
    inside = posixpath.relpath(path, posixpath.dirname(base))
    parts = inside.split("/")
    if parts[0] in {".", ".."}:
        raise AddressForbidden(address, "climbs higher than the directory that the repository is in")
    if any(part.startswith(".") for part in parts):
        raise AddressForbidden(address, "names something hidden")
    return path
