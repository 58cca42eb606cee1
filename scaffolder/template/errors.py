"""What can be wrong with a template before anything is rendered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scaffolder.errors import InvalidInput, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable


PASSWORD = "COOKIECUTTER_REPO_PASSWORD"  # noqa: S105 - the variable that holds it, which is cookiecutter's
MOST_NAMED = 8
MOST_LISTED = 100

_OWNER_AND_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9_-][\w.-]*", re.ASCII)


class TemplateInvalid(InvalidInput):
    """A template's description cannot be read, or breaks a rule."""


class TemplateNotFound(InvalidInput):
    """Nothing of that name or at that place is a template."""

    def __init__(self, reference: str, known: Iterable[str] = (), *, reason: str = "", hint: str = "") -> None:
        super().__init__(
            f"the template {reference!r} was not found{f': {reason}' if reason else ''}",
            hint=hint
            or did_you_mean(reference, known)
            or (f"if it is on GitHub: gh:{reference}" if not reason and _OWNER_AND_NAME.fullmatch(reference) else "")
            or "scaffolder template list shows what there is; a directory or a git URL works too",
        )


class TemplatesBelow(TemplateNotFound):
    """A place holds no template itself, but directories `inside` it do."""

    def __init__(self, place: str, reason: str, inside: tuple[str, ...]) -> None:
        more = f" and {len(inside) - MOST_NAMED} more" if len(inside) > MOST_NAMED else ""
        named = f"there are templates below: {', '.join(inside[:MOST_NAMED])}{more}"
        super().__init__(place, reason=f"{reason}, but {named}", hint=f"choose one of them: --directory {inside[0]}")
        self.inside = inside
        self.details = inside[MOST_NAMED:MOST_LISTED]


class ArchiveRefused(InvalidInput):
    """A zip file is damaged, or not one to unpack."""

    def __init__(self, name: str, reason: str, *, hint: str = "") -> None:
        super().__init__(f"{name} is not unpacked: {reason}", hint=hint or "unpack it yourself, and name the directory")


class PasswordNeeded(ArchiveRefused):
    """A zip file has a password, which is in the environment."""

    def __init__(self, name: str, *, wrong: bool) -> None:
        reason = f"the password in {PASSWORD} is wrong" if wrong else "it needs a password"
        super().__init__(name, reason, hint=f"set {PASSWORD}")
