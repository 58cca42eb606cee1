"""What came of looking at one thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


NOBODY: Final = "name-that-no-service-has"
"""What is asked for where any name will do."""


@dataclass(frozen=True, slots=True)
class Check:
    """
    One thing that was looked at.

    What is not `needed` may be missing: then `found` says what does not work without it. `fix` is how to get it;
    `lines` say more of it, and `facts` the same for programs.
    """

    name: str
    ok: bool
    found: str
    fix: str = ""
    needed: bool = True
    lines: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
