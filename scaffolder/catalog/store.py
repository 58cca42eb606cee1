"""
The catalog: what exists, who owns it, and which names are about to be taken.

Everything that writes is one transaction. What reads locations is imported when it is asked for: a look needs none of
it, and should come at once.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffolder.catalog import entries, registry, reservations
from scaffolder.catalog.comparisons import Comparisons
from scaffolder.catalog.database import Database
from scaffolder.catalog.entries import EntityNotFound
from scaffolder.catalog.reports import silent
from scaffolder.catalog.reservations import Reservation
from scaffolder.errors import Conflict, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from scaffolder.catalog.crawl import Pushed
    from scaffolder.catalog.entity import Entity, EntityRef
    from scaffolder.catalog.entries import CatalogFacts, Summary
    from scaffolder.catalog.location import AsksGitHub
    from scaffolder.catalog.reading import Read
    from scaffolder.catalog.registration import Registrar
    from scaffolder.catalog.relations import Relation
    from scaffolder.catalog.reports import Claim, Ingest, LocationProblem, LocationState, Progress
    from scaffolder.catalog.shared import CatalogRepository


class Registered(NamedTuple):
    """
    The entities that were registered.

    `waits_at` is the page where that waits for somebody to merge it, '' when it is done; `proposed_at` that of the pull
    request, '' where there is none.
    """

    refs: list[EntityRef]
    waits_at: str = ""
    proposed_at: str = ""


class Catalog:
    """
    The catalog in the database at `path`, which is opened, and made, when it is needed.

    Copies of the repositories it is read from are kept under `cache`; beside the database unless told. Where there is
    a catalog `repository`, names are reserved and registered there as well: they are taken for all who share it. A
    running `backstage` is told what is registered, instead. Accounts on GitHub are read by asking what `github` gives.
    """

    def __init__(
        self,
        path: Path,
        *,
        cache: Path | None = None,
        repository: Callable[[], CatalogRepository] | None = None,
        backstage: Callable[[], Registrar] | None = None,
        github: AsksGitHub | None = None,
    ) -> None:
        self.path = path
        self._cache = cache or path.parent / "git"
        self._opened = repository
        self._github = github
        self._told = backstage
        self._database = Database(path)
        self.comparisons = Comparisons(self._database)

    def close(self) -> None:
        """Let go of the database; it is opened again when it is needed."""
        self._database.close()

    @cached_property
    def repository(self) -> CatalogRepository | None:
        """Where names are reserved for all; None when this catalog is one person's."""
        return self._opened() if self._opened else None

    @cached_property
    def registrar(self) -> Registrar | None:
        """Where services are registered for all; None when this catalog is one person's."""
        return self._told() if self._told else self.repository

    # locations

    def add(self, target: str, *, progress: Progress = silent) -> Ingest:
        """
        Remember a location and take in its entities; of one that is known, what changed.

        `progress` is told how many entities have come, of how many, where that takes its time.

        Raises:
            BadLocation: There is nothing there.
            NothingFound: It describes no valid entity; nothing is remembered.
        """
        from scaffolder.catalog import ingest

        target = ingest.meant(target, self._github)
        return ingest.add(self._database, target, cache=self._cache, progress=progress, github=self._github)

    def refresh(
        self, target: str | None = None, *, elsewhere: bool = True, progress: Progress = silent
    ) -> list[Ingest]:
        """
        Read a location again, or all; files that did not change are not parsed.

        Other repositories, to which its Location entities lead, are asked again too; without `elsewhere`, only for
        what was never read of them. One of all that cannot be asked now is reported as `failed`; nothing of it has
        changed.

        Raises:
            LocationUnknown: `target` was never added.
            ScaffolderError: `target` cannot be asked now.
        """
        from scaffolder.catalog import ingest

        return ingest.refresh(
            self._database,
            ingest.meant(target, self._github) if target else None,
            cache=self._cache,
            elsewhere=elsewhere,
            progress=progress,
            github=self._github,
        )

    def remove(self, target: str) -> int:
        """
        Forget a location, or the location of an entity that has one to itself; return how many entities that were.

        Raises:
            LocationUnknown: It is neither.
            LocationShared: The entity shares its location with others.
        """
        from scaffolder.catalog import ingest

        return ingest.remove(self._database, ingest.meant(target, self._github))

    def with_changes(self, path: Path, read: Read, *, target: str, without: Iterable[str] = ()) -> Catalog:
        """
        Return a copy at `path` in which what was read of a location holds its names; this catalog stays as it is.

        The keys `without` are gone there.
        """
        from scaffolder.catalog import overlay

        overlay.copy(self._database, path)
        copied = Catalog(path)
        overlay.overlay(copied._database, read, target=target, without=without)
        return copied

    def locations(self) -> list[LocationState]:
        """Return every location, in the order they were added."""
        with self._database.reading() as connection:
            return registry.states(connection)

    def problems(self) -> list[LocationProblem]:
        """Return what is wrong in all locations."""
        return [problem for state in self.locations() for problem in state.problems]

    def conflicts(self) -> list[Claim]:
        """Return the names that several places claim."""
        with self._database.reading() as connection:
            return registry.conflicts(connection)

    def claim(self, ref: EntityRef) -> Claim | None:
        """Return the places that claim a name, the one that holds it first; None when there is none."""
        with self._database.reading() as connection:
            return registry.claim_of(connection, ref.key)

    # entities

    def get(self, ref: EntityRef) -> Entity | None:
        """Return an entity, whatever the case of the letters in `ref`."""
        with self._database.reading() as connection:
            return entries.get(connection, ref)

    def require(self, ref: EntityRef, *, what: str = "") -> Entity:
        """
        Return an entity that must be there; `what` says what it is to the person, such as "the owner".

        Raises:
            EntityNotFound: It is not; the hint names the nearest.
        """
        entity = self.get(ref)
        if entity is None:
            raise EntityNotFound(ref, what=what, nearest=self._nearest(ref))
        return entity

    def entities(
        self,
        *,
        kind: str | None = None,
        type: str | None = None,  # noqa: A002  # the field's own word
        owner: EntityRef | None = None,
        lifecycle: str | None = None,
    ) -> list[Summary]:
        """Return the entities and reserved names that fit, by kind and name; Locations only when they are asked for."""
        wanted = {"kind": kind, "type": type, "owner": str(owner) if owner else None, "lifecycle": lifecycle}
        with self._database.reading() as connection:
            return entries.by_fields(connection, {name: value for name, value in wanted.items() if value is not None})

    def described(self, kind: str | None = None) -> list[Entity]:
        """Return the entities of a kind, or of all, with their documents, by kind and name."""
        with self._database.reading() as connection:
            return entries.described(connection, kind)

    def named(self, name: str) -> list[Summary]:
        """Return what has this bare name, the kind that is most likely meant first."""
        with self._database.reading() as connection:
            return entries.named(connection, name)

    def search(self, text: str, *, kind: str | None = None, limit: int = 20) -> list[Summary]:
        """Return what has all the words of `text`, else what has any, best first; an equal name before everything."""
        with self._database.reading() as connection:
            return entries.found(connection, text, kind=kind, limit=limit)

    def mentioning(self, text: str) -> list[tuple[Entity, str]]:
        """Return the entities in whose documents, or in the names of whose files, a text stands; with those names."""
        with self._database.reading() as connection:
            return entries.mentioning(connection, text)

    def candidate_ids(self, terms: Sequence[str], *, limit: int) -> list[int]:
        """Return the ids of entities and reservations that have any of `terms`, best first."""
        with self._database.reading() as connection:
            return entries.candidate_ids(connection, terms, limit=limit)

    def relations(self, ref: EntityRef) -> list[Relation]:
        """Return what an entity is to others, as either side states it."""
        with self._database.reading() as connection:
            return entries.relations(connection, ref)

    def people(self, ref: EntityRef) -> list[Entity]:
        """Return who is behind an owner: a group's members and those of the groups below it, or the one person."""
        with self._database.reading() as connection:
            return entries.people(connection, ref)

    def user_by_email(self, email: str) -> Entity | None:
        """Return the person with this e-mail address, in any letter case."""
        with self._database.reading() as connection:
            return entries.user_by_email(connection, email)

    def templates(self) -> dict[str, str]:
        """Return the file of each Template entity, by its name."""
        with self._database.reading() as connection:
            return entries.templates(connection)

    def facts(self) -> CatalogFacts:
        """Return how much there is, and how old it is."""
        with self._database.reading() as connection:
            return entries.facts(connection)

    def read_at(self, targets: Iterable[str]) -> datetime | None:
        """Return when the location was read, of some, that was read longest ago; None when none of them was."""
        with self._database.reading() as connection:
            times = registry.times_read(connection)
        return min((times[target] for target in targets if target in times), default=None)

    # names

    def reserve(  # noqa: PLR0913  # a reservation is these facts
        self,
        refs: Sequence[EntityRef],
        *,
        task_id: str,
        owner: str,
        purpose: str,
        who: str,
        at: datetime,
        page: str = "",
    ) -> list[Reservation]:
        """
        Reserve all of a task's names, or none; the same task may do so again. `page` is that of the repository to be.

        Returns the reservations that were taken over, because they were left behind.

        Raises:
            NameTaken: An entity or another task has one of them.
            TryAgain: The catalog repository cannot be reached; nothing was reserved.
        """
        wanted = [Reservation(ref, task_id, owner, purpose, who, at) for ref in refs]
        if self.registrar is None:
            self._note(wanted)
            return []
        try:  # what may be there is noted here before, so that giving back knows whether to look there
            over = self.registrar.reserve(wanted, page=page, begin=lambda: self._note(wanted))
        except Conflict:
            self.release(task_id)
            raise
        return [held.reservation for held in over]

    def _note(self, wanted: Sequence[Reservation]) -> None:
        with self._database.writing() as connection:
            reservations.reserve(connection, wanted)

    def require_unreserved(self, refs: Sequence[EntityRef]) -> None:
        """
        Check that nobody has any of these names where services are registered for all, by looking there.

        Raises:
            NameTaken: Somebody has.
            ScaffolderError: It cannot be asked, or we may not register there.
        """
        if self.registrar is not None:
            self.registrar.require_free(refs)

    def require_registrable(self, target: str, entities: Iterable[Mapping[str, Any]]) -> None:
        """
        Check that what a task is going to make can be registered where all see it; entities are read when need be.

        Raises:
            ScaffolderError: It cannot be read there, or is not valid there.
        """
        if self.registrar is not None:
            self.registrar.require_valid(target, entities)

    def require_free(self, refs: Sequence[EntityRef]) -> None:
        """
        Check that nobody has any of these names.

        Raises:
            NameTaken: An entity or a task has one of them.
        """
        with self._database.reading() as connection:
            for ref in refs:
                reservations.refuse_taken(connection, ref, task_id="")

    def release(self, task_id: str, *, reserved: bool = False) -> None:
        """
        Give back the names a task has reserved.

        The catalog repository is asked when they were `reserved` there, or may have been.

        Raises:
            ScaffolderError: The catalog repository cannot be reached, or refuses.
        """
        with self._database.reading() as connection:
            begun = bool(reservations.of_task(connection, task_id))
        if self.registrar is not None and (reserved or begun):
            self.registrar.release(task_id)
        with self._database.writing() as connection:
            reservations.release(connection, task_id)

    def reservations(self) -> list[Reservation]:
        """Return the names that tasks on this machine have reserved, oldest first."""
        with self._database.reading() as connection:
            return reservations.every(connection)

    def note_reserved(self) -> None:
        """
        Note which names others have reserved in the catalog repository, as it was last read.

        Raises:
            ScaffolderError: There is no copy of it.
        """
        if self.repository is None:
            return
        held = [each.reservation for each in self.repository.reservations(again=False)]
        with self._database.writing() as connection:
            reservations.note_others(connection, held)

    def give_back(self, ref: EntityRef) -> None:
        """Forget that a task on this machine has reserved a name."""
        with self._database.writing() as connection:
            reservations.give_back(connection, ref)

    def reservation(self, ref: EntityRef) -> Reservation | None:
        """Return who has reserved a name."""
        with self._database.reading() as connection:
            return reservations.find(connection, ref)

    def register(
        self,
        target: str,
        *,
        task_id: str,
        main: EntityRef | None = None,
        who: str = "",
        at: datetime | None = None,
        pushed: Pushed | None = None,
    ) -> Registered:
        """
        Take in what a task made, and end its reservations; the same task may do so again.

        Where the target is on another machine, it is read from what was `pushed`.

        In the catalog repository, if there is one, it is registered first: for the entity `main`, by `who`. Where it
        waits there for somebody to merge it, its names stay reserved, and it is taken in when it is read from there.

        Raises:
            EntityInvalid: Something in it is wrong; nothing is taken in.
            NameTaken: An entity's name belongs to somebody else.
            LocationTaken: The location was added by somebody else.
            ScaffolderError: The catalog repository cannot be reached, or refuses.
        """
        from scaffolder.catalog import ingest

        if self.registrar is None:
            return Registered(ingest.register(self._database, target, task_id=task_id, pushed=pushed))
        read = ingest.described(target, pushed)
        made = [
            Reservation(one.ref, task_id, str(one.owner or ""), one.description, who, at or datetime.now(UTC))
            for one in read.entities()
        ]
        refs = [one.ref for one in made]
        about = main or refs[0]
        waits_at = self.registrar.register(made, target=target, main=about)
        if waits_at:
            self._wait(task_id)
        elif not self._is_read(target, task_id):
            ingest.register(self._database, target, task_id=task_id, read=read)
        proposed_at = waits_at or (self.repository.proposed_at(about, task_id=task_id) if self.repository else "")
        return Registered(refs, waits_at, proposed_at)

    def _wait(self, task_id: str) -> None:
        """Let a task's names be reserved as those of others are: as long as the catalog repository says so."""
        with self._database.writing() as connection:
            reservations.release(connection, task_id)
        self.note_reserved()

    def _is_read(self, target: str, task_id: str) -> bool:
        """Tell whether the entry has been read from the catalog repository already; then the reservations end."""
        with self._database.writing() as connection:
            read = registry.is_described(connection, target)
            if read:
                reservations.release(connection, task_id)
            return read

    def unregister(self, target: str, *, task_id: str, main: EntityRef | None = None) -> None:
        """
        Forget what a task registered, in the catalog repository as well; what somebody else added stays.

        Raises:
            EntryStays: The entry in the catalog repository cannot be taken away.
            ScaffolderError: The catalog repository cannot be reached.
        """
        from scaffolder.catalog import claims, ingest
        from scaffolder.catalog.registration import file_of

        if self.registrar is not None and main is not None:
            self.registrar.unregister(target, main=main, task_id=task_id)
            with self._database.writing() as connection:
                registry.forget_files(connection, self.registrar.location, (target, file_of(main)))
                claims.hand_over(connection)
        ingest.unregister(self._database, target, task_id=task_id)

    # events

    def record(self, event: Mapping[str, Any]) -> None:
        """Note what somebody chose about similar services; nothing changes or removes it later."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO event (at, body) VALUES (?, ?)", (datetime.now(UTC).isoformat(), json.dumps(dict(event)))
            )

    def events(self) -> list[dict[str, Any]]:
        """Return the events, oldest first, each with the time `at` which it was noted."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT at, body FROM event ORDER BY id").fetchall()
        return [{"at": at, **json.loads(body)} for at, body in rows]

    def _nearest(self, ref: EntityRef) -> str:
        """Return the ref of the entity that was probably meant, or ''."""
        of_kind = [each.ref for each in self.entities(kind=ref.kind) if not each.reserved]
        meant = did_you_mean(ref.name, (each.name for each in of_kind))
        near = [each for each in of_kind if meant == f"did you mean {each.name}?"]
        near += [each.ref for each in self.search(ref.name, kind=ref.kind, limit=1) if not each.reserved]
        return str(near[0]) if near else ""
