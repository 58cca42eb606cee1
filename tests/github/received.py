"""A request as it came in, and what became of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.github.faults import Trouble
    from tests.github.routing import Operation


@dataclass(slots=True)
class Received:
    """
    One request: `path` is without the API's prefix and the query; everything is kept, secrets included.

    `at` is the double's clock; `status` is None while, or where, there was no answer.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    at: float
    git: bool = False
    login: str = ""
    operation: Operation | None = None
    trouble: Trouble | None = None
    status: int | None = None
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        """What the body says; None when there is none."""
        return json.loads(self.body) if self.body else None

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        asks = self.path.endswith("git-upload-pack") or (self.path == "/graphql" and b"mutation" not in self.body)
        return self.method not in ("GET", "HEAD") and not asks

    def __str__(self) -> str:
        return f"{self.method} {self.path}{'?' if self.query else ''}{self.query} -> {self.status or 'no answer'}"
