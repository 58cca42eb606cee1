"""
Which entity a person means: by its ref, by a file or directory of its repository, by the repository's address, or by
some words.

A path belongs to what the nearest `catalog-info.yaml` upwards describes, else to what the catalog says is in the
repository that it was cloned from.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from scaffolder.catalog.about import source_url
from scaffolder.catalog.entity import KINDS, BadRef, Entity, EntityRef, check
from scaffolder.errors import InvalidInput, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scaffolder.catalog import Catalog

DESCRIPTORS = ("catalog-info.yaml", "catalog-info.yml")
MOST_OTHERS = 5

Way = Literal["ref", "path", "repository", "words"]

_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://|[\w.-]+@[\w.-]+:).+", re.IGNORECASE)
_HOSTED = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://)?(?:[^/@]*@)?(?P<host>[^/:]+)(?::\d+(?=/))?[:/]+(?P<path>.*)", re.IGNORECASE
)
# A page of a directory or a file: GitHub's and Bitbucket's, GitLab's, Gitea's.
_PAGE = re.compile(
    r"(?P<repository>[^/]+/.+?)/(?:-/)?(?:tree|blob|src)/(?:branch/|tag/|commit/)?[^/]+(?:/(?P<path>.*))?"
)
_ORDER = {kind.lower(): number for number, kind in enumerate(KINDS)}


class NothingMeant(InvalidInput):
    """Nothing in the catalog fits what a person typed."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"nothing in the catalog fits {text!r}",
            hint="other words may: scaffolder catalog list names what there is, scaffolder catalog add takes in more",
        )


class PathMissing(InvalidInput):
    """There is no such file."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} does not exist", hint="look at it for a slip")


class NobodysPath(InvalidInput):
    """Nothing says what a file belongs to."""

    def __init__(self, path: Path, wrong: Sequence[str]) -> None:
        super().__init__(
            f"nothing says what {path} belongs to",
            hint=f"describe it in a {DESCRIPTORS[0]} at the top of its repository",
            details=(
                *wrong,
                f"no {DESCRIPTORS[0]} in its directory or above it describes an entity",
                "nothing in the catalog has its source in the repository that this was cloned from",
            ),
        )


@dataclass(frozen=True, slots=True)
class Meant:
    """
    What a person means, and how that was found out.

    `others` could have been meant as well. `file` is the descriptor that led there, and is None where none did.
    """

    entity: Entity
    way: Way
    others: tuple[EntityRef, ...] = ()
    file: Path | None = None


def meant(catalog: Catalog, text: str, here: Path) -> Meant:
    """
    Return what somebody in the directory `here` means.

    Raises:
        EntityNotFound: It is a ref that names nothing.
        PathMissing: It is a path, and nothing is there.
        NobodysPath: Nothing says what is there.
        NothingMeant: Nothing fits.
    """
    text = text.strip()
    if text.startswith((".", "/", "~")):
        return _by_path(catalog, here / Path(text).expanduser())
    if _ADDRESS.fullmatch(text):
        return _by_address(catalog, text)
    if found := _by_ref(catalog, text):
        return found
    if text and (here / text).exists():
        return _by_path(catalog, here / text)
    if re.fullmatch(r"\w+:\S+", text):
        return Meant(catalog.require(EntityRef.parse(text)), "ref")
    return _by_words(catalog, text)


def _by_ref(catalog: Catalog, text: str) -> Meant | None:
    """Return what has this ref; what has this bare name, the kind that is most likely meant first."""
    try:
        ref = EntityRef.parse(text, default_kind="component")
    except BadRef:
        return None
    if ":" in text:
        refs = [ref]
    else:
        fits = (each.ref for each in catalog.named(ref.name))
        refs = [each for each in fits if "/" not in text or each.namespace.lower() == ref.namespace.lower()]
    return _first(catalog, refs, "ref")


def _by_words(catalog: Catalog, text: str) -> Meant:
    hits = [each.ref for each in catalog.search(text, limit=1 + MOST_OTHERS)]
    found = _first(catalog, sorted(hits, key=_is_person), "words")
    if found is None:
        raise NothingMeant(text)
    return found


def _first(catalog: Catalog, refs: Sequence[EntityRef], way: Way) -> Meant | None:
    """Return the first that is there, the others with it."""
    for number, ref in enumerate(refs):
        if entity := _entry(catalog, ref):
            return Meant(entity, way, tuple(refs[number + 1 :]))
    return None


def _entry(catalog: Catalog, ref: EntityRef) -> Entity | None:
    """Return an entity, or what is known of one that is being made."""
    reservation = catalog.reservation(ref)
    return catalog.get(ref) or (reservation.entity if reservation else None)


def _by_path(catalog: Catalog, path: Path) -> Meant:
    place = Path(os.path.abspath(path))  # noqa: PTH100  # Path.absolute keeps "..", and resolve follows links
    if not os.path.lexists(place):
        raise PathMissing(path)
    wrong: list[str] = []
    for file in _descriptors_above(place):
        if found := _described(catalog, file, wrong):
            return found
    if found := _cloned_from(catalog, place):
        return found
    raise NobodysPath(path, wrong)


def _descriptors_above(place: Path) -> Iterator[Path]:
    """Iterate over the descriptors that a path may belong to, the nearest first; those above its repository do not."""
    if place.name.startswith("catalog-info") and place.is_file():
        yield place
    for directory in (place, *place.parents) if place.is_dir() else place.parents:
        yield from (file for name in DESCRIPTORS if (file := directory / name).is_file() and file != place)
        if (directory / ".git").exists():
            return


def _described(catalog: Catalog, file: Path, wrong: list[str]) -> Meant | None:
    """Return what a descriptor describes, as the catalog has it where it does; note what is wrong in it."""
    entities = sorted(_entities(file, wrong), key=_rank)
    if not entities:
        return None
    first, *others = entities
    return Meant(catalog.get(first.ref) or first, "path", tuple(each.ref for each in others), file)


def _entities(file: Path, wrong: list[str]) -> Iterator[Entity]:
    """Iterate over the entities of a file that are not only a way to others."""
    from scaffolder.catalog.documents import documents
    from scaffolder.catalog.roots import DirectoryRoot, Unreadable

    try:
        data = DirectoryRoot(file.parent).read(file.name)
    except Unreadable as error:
        wrong.append(error.message)
        return
    for document in documents(data):
        problems = [("", document.error)] if document.error else check(document.value)
        for field, message in problems:
            place = Place(str(file), document.line_of(field) if field else document.line, document.number, field)
            wrong.append(f"{place}: {message}")
        if not problems and document.value["kind"] != "Location":
            yield Entity(document.value)


def _cloned_from(catalog: Catalog, place: Path) -> Meant | None:
    """Return what is in the repository that a path was cloned from; the deepest directory that it is in decides."""
    from scaffolder.gateways.git_checkout import Checkout, CheckoutMissing

    with suppress(CheckoutMissing):
        checkout = Checkout.around(place if place.is_dir() else place.parent)
        inside = os.path.relpath(os.path.realpath(place), os.path.realpath(checkout.top))
        for address in (*checkout.remotes(), str(checkout.top)):
            if found := _in_repository(catalog, repository(address)[0], "" if inside == "." else inside, "path"):
                return found
    return None


def _by_address(catalog: Catalog, text: str) -> Meant:
    """Return what is in the repository, or in the directory of it, whose address somebody copied."""
    address, path = repository(text)
    found = _in_repository(catalog, address, path, "repository")
    if found is None:
        raise NothingMeant(text)
    return found


def _in_repository(catalog: Catalog, wanted: str, path: str, way: Way) -> Meant | None:
    """Return what has its source in the deepest directory of a repository that a path is in."""
    name = wanted.rpartition("/")[2]
    within = [
        (directory, entity)
        for entity, file in (catalog.mentioning(name) if name else ())
        for source, directory in _sources(entity, file)
        if source == wanted and (not directory or f"{path}/".startswith(f"{directory}/"))
    ]
    deepest = max((len(directory) for directory, _ in within), default=0)
    entities = {each.ref.key: each for directory, each in within if len(directory) == deepest}
    if not entities:
        return None
    first, *others = sorted(entities.values(), key=_rank)
    return Meant(first, way, tuple(each.ref for each in others))


def _sources(entity: Entity, file: str) -> Iterable[tuple[str, str]]:
    """Return which repositories an entity is in, by its own word, or because it is described there, and where."""
    described = re.fullmatch(r"git:(?P<address>.+)@[^@:]+:(?P<path>[^:]+)", file)
    yield repository(source_url(entity))
    if described:
        yield repository(described["address"])[0], os.path.dirname(described["path"])  # noqa: PTH120  # a path in git


def repository(address: str) -> tuple[str, str]:
    """Return in one form what different addresses and pages of a repository have in common, and the directory there."""
    hosted = _HOSTED.fullmatch(address) if _ADDRESS.fullmatch(address) and not address.startswith("file:") else None
    if hosted is None:
        local = address.removeprefix("file://")
        return os.path.realpath(local).removesuffix(".git") if local.startswith("/") else "", ""
    page = _PAGE.fullmatch(hosted["path"])
    path = page["repository"] if page else hosted["path"]
    name = path.strip("/").removesuffix(".git")
    return f"{hosted['host']}/{name}".lower(), (page["path"] or "").strip("/") if page else ""


def _is_person(ref: EntityRef) -> bool:
    return ref.kind == "user"


def _rank(entity: Entity) -> int:
    return _ORDER.get(entity.ref.kind, len(_ORDER))
