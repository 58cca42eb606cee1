"""
Is everything in a catalog repository as it should be? Asked by its CI, in a clone of it.

The repository is read as everybody's machine will read it, with what its Locations lead to. What makes the catalog lie
is an error; a ref to what is not there is a warning, because that may come later; what was not found out, since another
machine did not answer, is said to be so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.catalog.checkout import WorkTreeRoot, entities_of
from scaffolder.catalog.crawl import Crawl
from scaffolder.catalog.documents import documents
from scaffolder.catalog.elsewhere import FileElsewhere
from scaffolder.catalog.relations import refs_of
from scaffolder.catalog.reports import silent
from scaffolder.catalog.roots import Unreadable
from scaffolder.errors import InvalidInput, Place, ScaffolderError, did_you_mean
from scaffolder.gateways.git_checkout import Checkout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from scaffolder.app.review import Review, Reviewed
    from scaffolder.catalog import EntityRef
    from scaffolder.catalog.documents import Document
    from scaffolder.catalog.files import FileRead
    from scaffolder.catalog.reading import Found, Read
    from scaffolder.catalog.registration import ReservedBranch
    from scaffolder.catalog.relations import Said
    from scaffolder.catalog.reports import LocationProblem, Progress

ORIGIN = "origin"
MOST_COMPARED = 50_000
"""Names that are compared to find the nearest of those that do not exist; that many take a second or two."""

_OWNERS = frozenset({"group", "user"})


class Severity(StrEnum):
    """How bad something is."""

    ERROR = "error"
    """The catalog is wrong."""
    UNKNOWN = "unknown"
    """It could not be looked at now."""
    WARNING = "warning"
    """It may become right without anybody's doing."""
    NOTICE = "notice"
    """Something to think about."""


class Finding(NamedTuple):
    """Something found: `code` is its name for scripts, `subject` the entity or branch it is about, where known."""

    severity: Severity
    code: str
    place: Place
    message: str
    subject: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.message}"


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, and what was found, in the order of the files."""

    entities: tuple[Found, ...]
    reservations: tuple[ReservedBranch, ...]
    findings: tuple[Finding, ...]
    review: Review | None = None

    def number(self, severity: Severity) -> int:
        """Return how many findings there are of a severity."""
        return sum(each.severity is severity for each in self.findings)


class NothingThere(InvalidInput):
    """A repository has no entity."""

    def __init__(self, top: Path) -> None:
        super().__init__(
            f"{top} describes no entity", hint="scaffolder catalog check is for a clone of a catalog repository"
        )


def check(
    here: Path,
    *,
    cache: Path,
    reservation_days: int,
    review: Callable[[Read], Review] | None = None,
    progress: Progress = silent,
) -> Check:
    """
    Check the clone around a directory; copies of the repositories that it leads to are kept under `cache`.

    `review` reviews a change, given all that was read; then what no change can help is only a warning. `progress` is
    told how many files of other repositories have come, of how many.

    Raises:
        CheckoutMissing: It is none.
        NothingThere: It describes nothing.
    """
    checkout = Checkout.around(here)
    root, others = WorkTreeRoot(checkout), Crawl(cache, progress=progress)
    read = entities_of(root)._replace(others=others).read()
    found = tuple(each for file in read.files for each in file.found)
    if not found and not read.problems():
        raise NothingThere(checkout.top)
    reservations, unknown = _reservations(checkout)
    stale = Severity.WARNING if review else Severity.ERROR
    reviewed = replace(review(read), problems=(), claims=()) if review else None
    findings = [
        *_unread(read, found, others),
        *_passed_over(root, read),
        *_taken(found),
        *_leading_nowhere(found, _Lines(root)),
        *_left_behind(reservations, reservation_days, stale),
        *unknown,
        *(_similar(each) for each in (reviewed.entities if reviewed else ()) if each.findings.verdict != "none"),
    ]
    return Check(found, reservations, tuple(sorted(findings, key=_order)), reviewed)


def _order(finding: Finding) -> tuple[str, int, int, str]:
    place = finding.place
    return place.file, place.document or 0, place.line or 0, place.field


# -- entities and Locations


def _unread(read: Read, found: Sequence[Found], others: Crawl) -> Iterator[Finding]:
    """Find what is no valid entity, and what a Location leads to in vain."""
    subjects = {(each.place.file, each.place.document): str(each.entity.ref) for each in found}
    codes = [(each, _code(file, each, others)) for file in read.files for each in file.problems]
    for (place, message), code in [*codes, *((each, "unreadable") for each in read.lost)]:
        severity = Severity.UNKNOWN if code == "unreachable" else Severity.ERROR
        yield Finding(severity, code, place, message, subjects.get((place.file, place.document), ""))


def _code(file: FileRead, problem: LocationProblem, others: Crawl) -> str:
    """Tell whether a file is wrong, or could not be read: then the problem is where a Location leads to it."""
    elsewhere = FileElsewhere.parse(file.path)
    if elsewhere is None or problem.place.file == file.path:
        return "invalid"
    return "unreachable" if elsewhere.address in others.away else "unreadable"


def _passed_over(root: WorkTreeRoot, read: Read) -> Iterator[Finding]:
    """Find entries that nobody reads: beside a `catalog-info.yaml`, only what is named as an entry is read."""
    from scaffolder.catalog.registration import LOCATIONS

    entries = {path for path in root.walk(LOCATIONS) if path.endswith((".yaml", ".yml"))}
    for path in sorted(entries - read.paths()):
        message = f"nobody reads this: call it KIND-NAMESPACE-NAME.yaml, or let catalog-info.yaml lead to ./{path}"
        yield Finding(Severity.ERROR, "not-read", Place(path), message)


def _taken(found: Iterable[Found]) -> Iterator[Finding]:
    """Find the names that two entities have; the case of letters does not tell them apart."""
    first: dict[str, Found] = {}
    for each in found:
        ref = each.entity.ref
        holder = first.setdefault(ref.key, each)
        if holder is not each:
            written = "" if holder.entity.ref == ref else f", as {holder.entity.ref}"
            message = f"the name {ref} is taken: it is described in {holder.place} too{written}"
            yield Finding(Severity.ERROR, "name-taken", each.place, message, str(ref))


def _leading_nowhere(found: Sequence[Found], lines: _Lines) -> Iterator[Finding]:
    """Find what entities name that is not there; an owner has to be."""
    known = _Known(each.entity.ref for each in found)
    for each in found:
        for said in refs_of(each.entity):
            is_owner = said.type == "ownedBy"
            if wrong := known.wrong(said, is_owner=is_owner):
                severity = Severity.ERROR if is_owner else Severity.WARNING
                code = "owner-unknown" if is_owner else "ref-unknown"
                yield Finding(severity, code, lines.place(each.place, said.field), wrong, str(each.entity.ref))


class _Known:
    """The names there are."""

    def __init__(self, refs: Iterable[EntityRef]) -> None:
        self._refs = {ref.key: ref for ref in refs}
        self._near: dict[str, str] = {}
        self._left = MOST_COMPARED

    def wrong(self, said: Said, *, is_owner: bool) -> str:
        """Return what is wrong with a ref, in words; '' when nothing is."""
        ref = self._refs.get(said.target.key)
        if ref is None:
            near = self._nearest(said.target, _OWNERS if is_owner else {said.target.kind})
            return f"{said.target} does not exist{f': {near}' if near else ''}"
        return f"{ref} is no group or user, and can own nothing" if is_owner and ref.kind not in _OWNERS else ""

    def _nearest(self, ref: EntityRef, kinds: Iterable[str]) -> str:
        if ref.key not in self._near and self._left > 0:
            fits = [str(each) for each in self._refs.values() if each.kind in kinds]
            self._left -= len(fits)
            self._near[ref.key] = did_you_mean(str(ref), fits)
        return self._near.get(ref.key, "")


class _Lines:
    """Finds the lines of fields, in the files of the clone; other repositories' were read and let go."""

    def __init__(self, root: WorkTreeRoot) -> None:
        self._root = root

    def place(self, place: Place, field: str) -> Place:
        """Return the place of a field of the entity at a place."""
        document = self._documents(place.file).get(place.document or 0)
        line = document.line_of(field) if document else place.line
        return Place(place.file, line, place.document, field)

    @lru_cache(maxsize=4)  # noqa: B019  # it lives as long as one check
    def _documents(self, file: str) -> Mapping[int, Document]:
        try:
            return {each.number: each for each in documents(self._root.read(file))} if self._root.has(file) else {}
        except Unreadable:
            return {}


# -- reservations


def _reservations(checkout: Checkout) -> tuple[tuple[ReservedBranch, ...], list[Finding]]:
    """Return the names that are reserved where the clone is from, and why that is not known."""
    from scaffolder.catalog.registration import BRANCHES, REF_FORMAT, read_branches

    try:
        printed = checkout.branches_of(ORIGIN, BRANCHES, form=REF_FORMAT)
    except ScaffolderError as error:
        message = f"the reservations of {ORIGIN} are not known: {error.message}"
        return (), [Finding(Severity.UNKNOWN, "reservations-unknown", Place(ORIGIN), message)]
    return tuple(read_branches(printed)), []


def _left_behind(reservations: Iterable[ReservedBranch], days: int, severity: Severity) -> Iterator[Finding]:
    """Find the names that are kept from others for nothing, and the entries that nobody merges."""
    now = datetime.now(UTC)
    for each in reservations:
        held, place = each.reservation, place_of(each)
        if each.is_stale(now, days=days):
            message = f"{held.ref} was {held.said(now)}, and left behind: nothing came of it within {days} days"
            yield Finding(severity, "reservation-stale", place, message, str(held.ref))
        elif each.waiting and now - held.at > timedelta(days=days):
            message = f"the entry of {held.ref} waits on this branch to be merged; it was {held.said(now)}"
            yield Finding(Severity.WARNING, "entry-waits", place, message, str(held.ref))


def place_of(held: ReservedBranch) -> Place:
    """Return where a name is reserved: on a branch."""
    return Place(held.branch.removeprefix("refs/heads/"))


# -- similar services


def _similar(reviewed: Reviewed) -> Finding:
    best = reviewed.existing[0]
    owned = f", owned by {best.owner.name}" if best.owner.name else ""
    does = "does this already" if reviewed.findings.verdict == "exists" else "may do this"
    message = f"{best.match.ref} {does}{owned}"
    return Finding(Severity.NOTICE, "similar", reviewed.place, message, str(reviewed.entity.ref))
