"""What can be wrong with a template before anything is rendered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scaffolder.errors import InvalidInput, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable


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
