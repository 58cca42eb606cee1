"""GitHub's description, asked only once about what is the same but for numbers, names of commits and times."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from tests.github.description import Description, found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.github.received import Received

_CHANGING = re.compile(rb"[0-9a-f]{40}|[0-9a-f]{12}|\d+")


class Checked(Description):
    """All that is said in the cells of one process."""

    known: ClassVar[set[tuple[object, ...]]] = set()

    @classmethod
    def where_there_is_one(cls) -> Checked | None:
        """Return it, or None: then nothing is checked."""
        there = found()
        return None if isinstance(there, str) else cls(there.api)

    def note(self, request: Received, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Keep an exchange that is not like one before."""
        template = request.operation.template if request.operation else request.path
        asked, answered = (_CHANGING.sub(b"0", one) for one in (request.query.encode() + request.body, body))
        key = (request.method, template, request.trouble, status, asked, answered)
        if key not in self.known:
            self.known.add(key)
            super().note(request, status, headers, body)
