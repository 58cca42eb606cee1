"""
How a name stands in a catalog repository: reserved as a branch, registered as a file with a Location.

The branch is `register/<kind>-<namespace>-<name>`, the file `locations/<kind>-<namespace>-<name>.yaml`, in lower case:
two names that differ by the case of their letters only are one there. What git does not allow in a branch is escaped
as in a URL.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import quote

from scaffolder.catalog.documents import documents
from scaffolder.catalog.entity import LONGEST_NAME, BadRef, EntityRef
from scaffolder.catalog.reservations import Reservation, ago
from scaffolder.errors import InvalidInput
from scaffolder.gateways.git_address import without_user
from scaffolder.gateways.git_relative import AddressForbidden, resolved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

BRANCHES = "refs/heads/register/"
REMOVALS = "refs/heads/unregister/"
LOCATIONS = "locations"
ENTITIES = "scaffolder/entities"
"""The annotation of a Location that names all entities it leads to, where it is not its own name's alone."""

RESERVE, REGISTER = "Reserve", "Register"
"""The first words of commits on these branches."""

_TARGET = re.compile(r"git:(?P<repository>.+)@(?P<branch>[^@:]+):(?P<path>[^:]+)")
_FIELDS = ("%(objectname)", "%(refname)", "%(authorname)", "%(authoremail)", "%(authordate:raw)", "%(contents)")
REF_FORMAT = "%00".join((*_FIELDS, ""))
"""What `git for-each-ref` is to print of each reservation."""
LOG_FORMAT = "%H%x00%x00%an%x00<%ae>%x00%at%x00%B%x00"
"""What `git log` is to print of each commit: the same, without the branch."""


class Registrar(Protocol):
    """Where the entries of all who share a catalog are: a repository, or a running Backstage."""

    @property
    def location(self) -> str:
        """How the catalog remembers it, as one of its locations."""

    @property
    def caution(self) -> str:
        """What a person should know about names there, '' when they can be reserved."""

    def require_free(self, refs: Sequence[EntityRef], *, task_id: str = "") -> None:
        """Check that nobody has any of these names there, and that we may register."""

    def require_valid(self, target: str, entities: Iterable[Mapping[str, Any]]) -> None:
        """Check that all there will be able to read what a task registers."""

    def reserve(
        self, wanted: Sequence[Reservation], *, page: str = "", begin: Callable[[], None]
    ) -> list[ReservedBranch]:
        """Reserve all of these names, or none; `begin` is called just before something may be there."""

    def release(self, task_id: str) -> None:
        """Give back the names a task has reserved."""

    def register(self, reservations: Sequence[Reservation], *, target: str, main: EntityRef) -> str:
        """Register what a task made; return the page where that waits for somebody, '' when it is done."""

    def unregister(self, target: str, *, main: EntityRef, task_id: str = "") -> None:
        """Take back what a task registered."""


class NotShared(InvalidInput):
    """Nobody else could read a repository that is to be registered for all."""

    def __init__(self, repository: str, address: str) -> None:
        super().__init__(
            f"{repository} is on this machine, where the others of {without_user(address)} cannot read it",
            hint="make it beside the catalog repository (scaffolder.localForge.root), or on a host",
        )


def slug(ref: EntityRef) -> str:
    """Return what stands for a name in branches and files."""
    plain = quote(f"{ref.kind}-{ref.namespace}-{ref.name}".lower(), safe="")
    return re.sub(r"\.(?=\.|$|lock$)", "%2e", plain)


def branch_of(ref: EntityRef) -> str:
    """Return the full name of the branch that reserves a name."""
    return BRANCHES + slug(ref)


def removal_of(ref: EntityRef) -> str:
    """Return the full name of the branch that proposes to take an entry away."""
    return f"{REMOVALS}{slug(ref)}"


def file_of(ref: EntityRef) -> str:
    """Return the path of the file that registers a name."""
    return f"{LOCATIONS}/{slug(ref)}.yaml"


# -- a reservation as a commit


@dataclass(frozen=True, slots=True)
class ReservedBranch:
    """
    A name that is reserved in a catalog repository, by the branch `branch` that names `commit`.

    `waiting` tells that the entry is on it already, and only has to be merged: its service stands.
    """

    reservation: Reservation
    branch: str
    commit: str
    waiting: bool

    def is_stale(self, now: datetime, *, days: int) -> bool:
        """Tell whether it was left behind: it is older than that, and no service stands behind it."""
        return not self.waiting and now - self.reservation.at > timedelta(days=days)


def message(verb: str, each: Reservation) -> str:
    """Return what a commit says about a name: what is done, what for, and by which task."""
    trailers = {"Entity": str(each.ref), "Owner": each.owner, "Task": each.task_id}
    paragraphs = (
        f"{verb} {each.ref}",
        _one_line(each.purpose),
        "\n".join(f"{name}: {_one_line(text)}" for name, text in trailers.items() if text),
    )
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def read_branches(
    printed: str, beneath: Callable[[ReservedBranch], ReservedBranch] = lambda held: held
) -> list[ReservedBranch]:
    """
    Return the reservations that `git for-each-ref` printed by `REF_FORMAT`, oldest first.

    Where the last commit of a branch is no task's, as after GitHub has brought it up to date, `beneath` finds that one.
    """
    read = (held if held.reservation.task_id else beneath(held) for held in _rows(printed))
    found = sorted(read, key=lambda one: one.reservation.at)
    waiting = {held.reservation.task_id for held in found if held.waiting} - {""}
    return [replace(held, waiting=held.waiting or held.reservation.task_id in waiting) for held in found]


def read_beneath(held: ReservedBranch, printed: str) -> ReservedBranch:
    """Return a branch with the reservation of its newest commit that is a task's, of those `LOG_FORMAT` printed."""
    own = (each for each in _rows(printed, held.branch) if each.reservation.task_id)
    return next((replace(each, commit=held.commit) for each in own), held)


def _rows(printed: str, branch: str = "") -> Iterator[ReservedBranch]:
    fields = printed.split("\0")
    rows = zip(*(fields[at :: len(_FIELDS)] for at in range(len(_FIELDS))), strict=False)
    return (_read(commit, branch or named, *row) for commit, named, *row in rows)


def _read(commit: str, branch: str, name: str, email: str, date: str, contents: str) -> ReservedBranch:
    """Read one, whatever somebody may have pushed there."""
    subject, _, body = contents.strip().partition("\n\n")
    *paragraphs, last = body.strip().split("\n\n")
    trailers = dict(re.findall(r"^(Entity|Owner|Task): (.*)$", last, re.MULTILINE))
    held = Reservation(
        _ref(trailers.get("Entity", ""), branch),
        trailers.get("Task", ""),
        trailers.get("Owner", ""),
        " ".join(paragraphs[0].split()) if paragraphs else "",
        f"{name} {email}".strip(),
        _time(date),
    )
    return ReservedBranch(held, branch, commit.strip(), waiting=subject.startswith(f"{REGISTER} "))


def _ref(text: str, branch: str) -> EntityRef:
    """Return the name that a branch reserves: as its commit says it, else as far as the branch tells."""
    try:
        ref = EntityRef.parse(text)
    except BadRef:
        ref = None
    if ref is not None and branch_of(ref) == branch:
        return ref
    kind, _, rest = branch.removeprefix(BRANCHES).partition("-")
    namespace, _, name = rest.partition("-")
    return EntityRef(kind, name or rest, namespace)


def _time(date: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(date.split(maxsplit=1)[0]), UTC)
    except (ValueError, IndexError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _one_line(text: str) -> str:
    return " ".join(text.split())


# -- an entry as a file


class Entry(NamedTuple):
    """
    The entry of a service in a catalog repository: a Location, under the name of the entity it is about.

    `entities` are all that its target describes; `target` is `git:REPOSITORY@BRANCH:PATH`, as the others read it.
    """

    ref: EntityRef
    entities: tuple[EntityRef, ...]
    target: str

    @property
    def path(self) -> str:
        """Where it is in the repository."""
        return file_of(self.ref)

    @property
    def document(self) -> dict[str, Any]:
        """The Location."""
        metadata: dict[str, Any] = {"name": _name(slug(self.ref))}
        if self.entities != (self.ref,):
            metadata["annotations"] = {ENTITIES: " ".join(map(str, self.entities))}
        return {
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "Location",
            "metadata": metadata,
            "spec": {"target": self.target},
        }

    @property
    def text(self) -> bytes:
        """The file."""
        import yaml

        return yaml.safe_dump(self.document, sort_keys=False, allow_unicode=True, width=1_000).encode()


def is_entry_of(text: bytes, ref: EntityRef, target: str) -> bool:
    """Tell whether a file is as `Entry` makes it for this name and target, whatever else is described there."""
    document = _loaded(text)
    try:
        entities = tuple(map(EntityRef.parse, _said(document))) or (ref,)
    except BadRef:
        return False
    return document == Entry(ref, entities, target).document


def named_in(text: bytes) -> set[str]:
    """Return the keys of the entities that a Location says it leads to."""
    return {word.lower() for word in _said(_loaded(text))}


def _loaded(text: bytes) -> dict[str, Any]:
    found = [one.value for one in documents(text)]
    return found[0] if len(found) == 1 and isinstance(found[0], dict) else {}


def _said(document: Mapping[str, Any]) -> list[str]:
    """Return the refs in a Location's annotation."""
    said: object = document
    for key in ("metadata", "annotations", ENTITIES):
        said = said.get(key) if isinstance(said, dict) else None
    return said.split() if isinstance(said, str) else []


def _name(text: str) -> str:
    """Return a valid name for a Location; one that had to be cut ends in a digest."""
    valid = re.sub(r"[^a-z0-9_.-]+", "-", text).strip("-_.")
    if len(valid) <= LONGEST_NAME and valid == text:
        return valid
    return f"{valid[: LONGEST_NAME - 9].rstrip('-_.')}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def target_there(target: str, address: str) -> str:
    """
    Return a task's `git:REPOSITORY@BRANCH:PATH` as it stands in the catalog repository at `address`.

    A path of this machine becomes one that begins where that repository is, as git's own submodules have it.

    Raises:
        NotShared: It leads to where nobody else can read it.
    """
    found = _TARGET.fullmatch(target)
    repository = _path(found["repository"]) if found else ""
    if found is None or not repository:
        return target
    base = _path(address)
    relative = posixpath.join("..", posixpath.relpath(repository, posixpath.dirname(base) or "/"))
    try:
        if not base or resolved(relative, base=base) != repository:
            raise NotShared(repository, address)
    except AddressForbidden:
        raise NotShared(repository, address) from None
    return f"git:{relative}@{found['branch']}:{found['path']}"


def page_of(target: str) -> str:
    """Return the page of the repository that `git:REPOSITORY@BRANCH:PATH` is in, '' where that has none."""
    found = _TARGET.fullmatch(target)
    repository = without_user(found["repository"]) if found else ""
    return repository.removesuffix(".git") if repository.startswith(("https://", "http://")) else ""


def _path(address: str) -> str:
    """Return the path that an address means, '' when it is on another machine."""
    plain = address.removeprefix("file://")
    return posixpath.normpath(plain) if plain.startswith("/") else ""


def said(held: ReservedBranch, ref: EntityRef, now: datetime) -> str:
    """Return who has a name and since when, in words."""
    other = "" if held.reservation.ref.key == ref.key else f" for {held.reservation.ref}"
    return held.reservation.said(now) + other + (", which waits to be merged" if held.waiting else "")


def registered_said(path: str, who: str, at: datetime | None, now: datetime) -> str:
    """Return that a name is registered, by whom and since when, in words."""
    when = f" {ago(now - at)}" if at else ""
    return f"registered{when}{f' by {who}' if who else ''} in {path}"
