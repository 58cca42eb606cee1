"""
The companies that were joined on this machine, each by a name: its profile.

    data/profiles/NAME/profile.json     where its configuration is, and which commit of it was read
    data/profiles/NAME/scaffolder.yaml  what is in it
    config/profile                      the name of the profile in use

A profile is there when its `profile.json` is: that is written last, and removed first.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from scaffolder.errors import Failed, InvalidInput, did_you_mean
from scaffolder.gateways.home import PROFILES, Home, private_directory

if TYPE_CHECKING:
    from collections.abc import Iterable

OWN: Final = "default"
"""What the catalog and the settings are called that belong to no company."""
FACTS: Final = "profile.json"
TEXT: Final = "scaffolder.yaml"
LONGEST: Final = 40
_NAME = re.compile(rf"[a-z0-9](?:[a-z0-9._-]{{0,{LONGEST - 2}}}[a-z0-9])?")


class ProfileUnknown(InvalidInput):
    """No company of that name was joined here."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        near = did_you_mean(name, known)
        super().__init__(
            f"there is no profile {name!r} on this machine",
            hint=f"{near} scaffolder profiles   lists them".strip() if near else "scaffolder join URL   makes one",
        )


class ProfileNameInvalid(InvalidInput):
    """A profile's name is a directory's, and is typed."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} cannot be the name of a profile",
            hint=f"small letters, digits, '-', '_' and '.', at most {LONGEST} of them; {OWN!r} is your own",
        )


class ProfileDamaged(Failed):
    """Its facts cannot be read."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} is damaged", hint="join the company again: scaffolder join URL")


class Profile(NamedTuple):
    """
    A company that was joined.

    `address` is its configuration repository's, without credentials; `ref` what was asked for, '' for the default
    branch; `branch` and `commit` are what was read then; `taken_in` the locations that its settings named.
    """

    name: str
    address: str
    ref: str = ""
    branch: str = ""
    commit: str = ""
    taken_in: tuple[str, ...] = ()

    @property
    def home(self) -> Home:
        """Where its data and state are."""
        return Home.of_user(self.name)

    @property
    def settings(self) -> Path:
        """The file that holds what was read."""
        return self.home.data / TEXT


def check_name(name: str) -> str:
    """
    Return `name` when a profile may be called so.

    Raises:
        ProfileNameInvalid: It may not.
    """
    if not _NAME.fullmatch(name) or name == OWN:
        raise ProfileNameInvalid(name)
    return name


def joined() -> list[Profile]:
    """Return every profile, by name."""
    home = Home.of_user()
    found = sorted((home.data / PROFILES).glob(f"*/{FACTS}"))
    return [_read(file) for file in found if _NAME.fullmatch(file.parent.name)]


def require(name: str) -> Profile:
    """
    Return a profile.

    Raises:
        ProfileUnknown: There is none of that name.
    """
    file = Home.of_user(name).data / FACTS if _NAME.fullmatch(name) else None
    if file is None or not file.is_file():
        raise ProfileUnknown(name, (each.name for each in joined()))
    return _read(file)


def in_use() -> str:
    """Return the name of the profile in use, '' for none; one that is gone is not in use."""
    try:
        name = _pointer().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return name if _NAME.fullmatch(name) and (Home.of_user(name).data / FACTS).is_file() else ""


def use(name: str) -> None:
    """Use a profile from now on, or none (`OWN`)."""
    if name == OWN:
        _pointer().unlink(missing_ok=True)
        return
    require(name)
    private_directory(_pointer().parent)
    write_whole(_pointer(), f"{name}\n".encode())


def save(profile: Profile, text: bytes) -> None:
    """Keep a profile and its settings."""
    private_directory(profile.home.data)
    write_whole(profile.settings, text)
    facts = {key: value for key, value in profile._asdict().items() if key != "name"}
    write_whole(profile.home.data / FACTS, json.dumps(facts, indent=1).encode())


def write_whole(file: Path, data: bytes) -> None:
    """Write a file that only its owner can read, in one step."""
    import os
    import tempfile

    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _read(file: Path) -> Profile:
    try:
        facts = json.loads(file.read_bytes())
        return Profile(
            name=file.parent.name,
            address=str(facts["address"]),
            ref=str(facts["ref"]),
            branch=str(facts["branch"]),
            commit=str(facts["commit"]),
            taken_in=tuple(map(str, facts["taken_in"])),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ProfileDamaged(file) from error


def _pointer() -> Path:
    return Home.of_user().config / "profile"
