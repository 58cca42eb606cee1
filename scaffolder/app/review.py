"""
What a change adds to the catalog, compared with what there is: most duplicates never pass a wizard.

The change is what happened in a checkout since its branch left another: a repository with many entities, or a service's
own. A change adds an entity when reading the repository finds it now and did not find it then; one that has only moved
is no news, one that is described in other words is. It is compared with the catalog as it would be with the change,
which is a copy: the person's own stays as it is.
"""

from __future__ import annotations

import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from scaffolder.app.existing import Contact, Existing, Phonebook, left_out
from scaffolder.catalog.checkout import CommitRoot, WorkTreeRoot, entities_of
from scaffolder.catalog.elsewhere import GIT, FileElsewhere, resolved
from scaffolder.catalog.reading import Read
from scaffolder.catalog.reports import Claim
from scaffolder.catalog.roots import Unreadable
from scaffolder.errors import InvalidInput
from scaffolder.gateways.git_checkout import Checkout
from scaffolder.tree import PathEscapes, contained

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scaffolder.catalog import Catalog, Entity, LocationProblem
    from scaffolder.catalog.files import FileRead
    from scaffolder.catalog.reading import Found
    from scaffolder.catalog.roots import Origin
    from scaffolder.errors import Place
    from scaffolder.similar import Findings, Thresholds
    from scaffolder.similar.encoder import Encoder

    Find = Callable[..., Findings]

BUILT_ANYWAY = "scaffolder/built-anyway"
"""The annotation that says why something was built although something like it exists."""

Change = Literal["added", "described anew"]

# What an author names as part of the same thing is no other thing.
_FAMILY = frozenset({"partOf", "hasPart", "providesApi", "apiProvidedBy"})
_WORD = re.compile(r"\w+")
_STRONGEST_FIRST = ("exists", "close", "none")


class PathOutside(InvalidInput):
    """A path is not in the checkout."""

    def __init__(self, path: str, top: Path) -> None:
        super().__init__(f"{path} is not in {top}", hint="give files or directories of the repository you are in")


class NoSuchPath(InvalidInput):
    """A path holds no catalog file, neither now nor before the change."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} holds no catalog file, neither now nor at the base", hint="look at it for a slip")


@dataclass(frozen=True, slots=True)
class Reviewed:
    """
    One entity that a change adds or describes anew, and what there is already.

    `siblings` are the keys of those of `existing` that the same change adds; `owner` is the entity's own.
    """

    entity: Entity
    place: Place
    change: Change
    findings: Findings
    existing: tuple[Existing, ...]
    owner: Contact
    siblings: frozenset[str]

    @property
    def reason(self) -> str:
        """Why it is built anyway, as its entry says; '' when it does not."""
        return str(self.entity.annotations.get(BUILT_ANYWAY, "")).strip()

    @property
    def is_open(self) -> bool:
        """Tell whether something does already what is added, and nobody has said why it is built."""
        return self.change == "added" and self.findings.verdict == "exists" and not self.reason


@dataclass(frozen=True, slots=True)
class Review:
    """
    A change, reviewed: what may exist already first.

    `problems` are those that it brings; `claims` are names that it gives to two things. `compared_with` is the number
    of entities there were to compare with.
    """

    revision: str
    base: str
    entities: tuple[Reviewed, ...]
    problems: tuple[LocationProblem, ...]
    claims: tuple[Claim, ...]
    compared_with: int


@dataclass(frozen=True, slots=True)
class _Side:
    """All of a repository's entities, at one time; `paths` are the files that are looked at, `problems` theirs."""

    read: Read
    paths: frozenset[str]
    problems: tuple[LocationProblem, ...]

    @classmethod
    def of(cls, whole: Read, looked_at: Read) -> _Side:
        """Return what was read of everything, and of what is looked at."""
        return cls(whole, frozenset(looked_at.paths()), tuple(looked_at.problems()))

    @property
    def found(self) -> list[Found]:
        return [found for file in self.read.files for found in file.found]

    def first(self) -> Mapping[str, Found]:
        """Return the entities by their keys; of those that share one, the first."""
        return {found.entity.ref.key: found for found in reversed(self.found)}


def review(  # noqa: PLR0913  # what the command takes, and what it is compared with
    catalog: Catalog,
    here: Path,
    *,
    revision: str,
    paths: Sequence[str] = (),
    limit: int = 5,
    whole: Read | None = None,
    encoder: Encoder,
    thresholds: Thresholds | None = None,
    progress: Callable[[int, int], None] = lambda _number, _total: None,
) -> Review:
    """
    Review what the checkout around `here` adds since it left `revision`; with `paths`, in these files and directories.

    `whole` is the checkout as somebody has read it already, with files of other repositories that its Locations lead
    to; those are new to which no Location led before.
    `progress` is told how many entities have been made ready to be compared, and of how many.

    Raises:
        CheckoutMissing: It is none.
        RevisionUnknown: There is no such commit.
        NothingInCommon: The clone does not reach back to where the branches parted.
        PathOutside: One of the paths is elsewhere.
        NoSuchPath: One of them holds no catalog file.
    """
    checkout = Checkout.around(here)
    inside = [_inside(checkout, here, path) for path in paths]
    base = checkout.common_ancestor(revision)
    now = _side(WorkTreeRoot(checkout), inside, whole)
    before = _side(CommitRoot(checkout.directory, base), inside)
    before.read.files += _known_elsewhere(before.read, now.read, WorkTreeRoot(checkout).origin)
    for path, shown in zip(inside, paths, strict=True):
        _require(path, shown, before, now)
    changed = _changed(before, now)
    claims = _claims(catalog, checkout, before, now)
    gone = before.first().keys() - now.first().keys()
    from scaffolder.similar import find_similar
    from scaffolder.similar.index import index_of

    find = partial(find_similar, encoder=encoder, thresholds=thresholds)
    with tempfile.TemporaryDirectory(prefix="scaffolder-review-") as aside:
        tried = catalog.with_changes(Path(aside, "catalog.db"), now.read, target=str(checkout.top), without=gone)
        try:
            index_of(tried, encoder).update(progress)
            entities = tuple(_reviewed(tried, changed, limit, find))
            number = tried.facts().entities - len(changed)
        finally:
            tried.close()
    return Review(revision, base, entities, _new_problems(before, now), claims, number)


def _inside(checkout: Checkout, here: Path, path: str) -> str:
    """Return a path as the repository names it; '' is all of it."""
    whole = Path(here, path).absolute()
    top = checkout.top.resolve()
    try:
        relative = Path(_without_dots(whole)).relative_to(top).as_posix()
        return "" if relative == "." else contained(relative)
    except (ValueError, PathEscapes):
        raise PathOutside(path, checkout.top) from None


def _without_dots(path: Path) -> Path:
    """Return a path whose directories are resolved; what it ends in may be gone, or a glob."""
    parent = path.parent.resolve()
    return path.resolve() if path.name in {"", ".."} else parent / path.name


def _side(root: WorkTreeRoot | CommitRoot, paths: Sequence[str], whole: Read | None = None) -> _Side:
    whole = whole or entities_of(root).read()
    if not paths or "" in paths:
        return _Side.of(whole, whole)
    named = entities_of(root, paths).read()
    files = {file.path: file for file in (*whole.files, *named.files)}
    return _Side.of(Read(files=list(files.values()), lost=[*whole.lost, *named.lost]), named)


def _known_elsewhere(before: Read, now: Read, origin: Origin) -> list[FileRead]:
    """Return which files of other repositories are no news: Locations led there before, or to what leads there."""
    led, leads = (_led_elsewhere(side, origin) for side in (before, now))
    repositories = tuple({file.repository for file in led.values()})
    there = [file for file in now.files if file.path.startswith(GIT)]
    return [
        each for each in there if each.path in led or (each.path not in leads and each.path.startswith(repositories))
    ]


def _led_elsewhere(read: Read, origin: Origin) -> dict[str, FileElsewhere]:
    """Return the files of other repositories that the Locations of this one lead to."""
    led = {}
    for pointer in (each for file in read.files if not file.path.startswith(GIT) for each in file.pointers):
        with suppress(Unreadable):
            if file := FileElsewhere.parse(pointer.target):
                led[str(resolved(file, origin))] = resolved(file, origin)
    return led


def _require(path: str, shown: str, *sides: _Side) -> None:
    """Make sure that a path names something; a glob names what it names."""
    if path and not any(_is_below(file, path) for side in sides for file in side.paths) and "*" not in path:
        raise NoSuchPath(shown)


def _is_below(file: str, path: str) -> bool:
    return file == path or file.startswith(f"{path}/")


def _changed(before: _Side, now: _Side) -> dict[str, tuple[Found, Change]]:
    """Return what is new, or described anew, by key."""
    known = before.first()
    changed: dict[str, tuple[Found, Change]] = {}
    for key, found in now.first().items():
        if found.place.file not in now.paths or not _is_compared(found.entity):
            continue
        if key not in known:
            changed[key] = (found, "added")
        elif _is_anew(known[key].entity.description, found.entity.description):
            changed[key] = (found, "described anew")
    return changed


def _is_compared(entity: Entity) -> bool:
    from scaffolder.similar import NEVER_SIMILAR

    return entity.kind.lower() not in NEVER_SIMILAR


def _is_anew(before: str, now: str) -> bool:
    """Tell whether a description says something else: fewer than half of its words stood there before."""
    old, new = (set(_WORD.findall(text.lower())) for text in (before, now))
    return len(new & old) * 2 < len(new)


def _reviewed(catalog: Catalog, changed: Mapping[str, tuple[Found, Change]], limit: int, find: Find) -> list[Reviewed]:
    phonebook = Phonebook(catalog)
    keys = frozenset(changed)
    reviewed = []
    for found, change in changed.values():
        family = _family(catalog, found.entity)
        if found.entity.kind.lower() == "api" and family & keys:
            continue  # what provides it is new as well, and speaks for it
        findings = _findings(catalog, found.entity, family, limit, find)
        existing = phonebook.existing(findings)
        owner = phonebook.contact(found.entity.owner)
        siblings = keys & {each.match.ref.key for each in existing}
        reviewed.append(Reviewed(found.entity, found.place, change, findings, existing, owner, siblings))
    return sorted(reviewed, key=lambda each: (_STRONGEST_FIRST.index(each.findings.verdict), -each.findings.confidence))


def _findings(catalog: Catalog, entity: Entity, family: set[str], limit: int, find: Find) -> Findings:
    from scaffolder.similar import query_like

    query = query_like(catalog, entity)
    found = find(catalog, query, limit=limit + len(family), without=entity.ref.key)
    return left_out(found, family, limit=limit).worth_a_look()


def _family(catalog: Catalog, entity: Entity) -> set[str]:
    """Return the keys of what an entity is a part of, its parts, and the APIs it provides or is provided by."""
    return {each.target.key for each in catalog.relations(entity.ref) if each.type in _FAMILY}


def _claims(catalog: Catalog, checkout: Checkout, before: _Side, now: _Side) -> tuple[Claim, ...]:
    """Return the names that the change gives to a second thing: here, or elsewhere in the company."""
    places, earlier = _places(now), _places(before)
    known = before.first()
    claims = []
    for key, found in now.first().items():
        if not now.paths.intersection(place.file for place in places[key]):
            continue
        elsewhere = [] if key in known else _elsewhere(catalog, checkout, found.entity)
        if elsewhere or len(places[key]) > max(len(earlier.get(key, ())), 1):
            claims.append(Claim(found.entity.ref, (*elsewhere, *places[key])))
    return tuple(claims)


def _places(side: _Side) -> dict[str, list[Place]]:
    places: dict[str, list[Place]] = {}
    for found in side.found:
        places.setdefault(found.entity.ref.key, []).append(found.place)
    return places


def _elsewhere(catalog: Catalog, checkout: Checkout, entity: Entity) -> Sequence[Place]:
    """Return where the catalog has something else of this name: not this repository, nor another copy of it."""
    held, claim = catalog.get(entity.ref), catalog.claim(entity.ref)
    if held is None or claim is None:
        return ()
    same = (held.description, held.owner, held.type) == (entity.description, entity.owner, entity.type)
    ours = any(_is_below(place.file, str(checkout.top)) for place in claim.places)
    return () if same or ours else claim.places[:1]


def _new_problems(before: _Side, now: _Side) -> tuple[LocationProblem, ...]:
    """Return what is wrong now and was not before, wherever its lines have moved to."""
    known = {_said(each) for each in before.read.problems()}
    return tuple(each for each in now.problems if _said(each) not in known)


def _said(problem: LocationProblem) -> tuple[str, str, str]:
    return problem.place.file, problem.field, problem.message
