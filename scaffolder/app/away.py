"""Templates whose other side does not answer now: the copy that was made before is read, and the person is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scaffolder.errors import InvalidInput, TryAgain
from scaffolder.template import source
from scaffolder.template.copies import copied_at
from scaffolder.template.reference import split_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from scaffolder.template.source import Resolved


class Reader:
    """Reads templates; `warn` is told once of each that cannot be reached, which then is not asked again."""

    def __init__(self, cache: Path, warn: Callable[[str], None]) -> None:
        self._cache = cache
        self._warn = warn
        self._away: set[tuple[str, str]] = set()

    def read(self, reference: str, *, ref: str, directory: str, known: Mapping[str, str], refresh: bool) -> Resolved:
        """
        Return a template, as `source.resolve` does; with `refresh` anew, or else from the copy.

        Raises:
            TryAgain: The other side does not answer, and no copy holds what is wanted.
        """

        def resolved(*, refresh: bool) -> Resolved:
            return source.resolve(
                reference, ref=ref, directory=directory, cache=self._cache, known=known, refresh=refresh
            )

        if not refresh or (reference, ref) in self._away:
            return resolved(refresh=False)
        try:
            return resolved(refresh=True)
        except TryAgain as error:
            name, _ = split_name(reference, known)
            at = copied_at(known.get(name, reference), cache=self._cache)
            if at is None:
                raise
            try:
                found = resolved(refresh=False)
            except InvalidInput:
                raise error from None  # the copy does not hold it
        self._away.add((reference, ref))
        self._warn(f"{found.place} cannot be reached now: its copy is used, brought up to date {_since(at)}")
        return found


def _since(at: float) -> str:
    from scaffolder.catalog.reservations import ago

    return ago(datetime.now(UTC) - datetime.fromtimestamp(at, UTC))
