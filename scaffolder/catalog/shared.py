"""
A catalog that many share, as a git repository and nothing else: names are reserved and registered there.

Reserving a name is creating a branch, which succeeds for one of all who try; its entry lands on that branch, and one
push merges it and takes the branch away. Each push says what it has seen, so that what somebody else did meanwhile
makes it fail, is looked at, and is taken into account. A branch is known as a task's own by the task's id.
"""

from __future__ import annotations

import random
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal

from scaffolder.catalog import registration
from scaffolder.catalog.registration import Entry, ReservedBranch, branch_of, file_of, page_of
from scaffolder.catalog.reservations import NameTaken
from scaffolder.catalog.seen import Seen, branches
from scaffolder.errors import Conflict, Failed, InvalidInput, ScaffolderError, TryAgain
from scaffolder.gateways.git import Identity, RepositoryRefused, Unreachable, identity, mirror
from scaffolder.gateways.git_address import Address
from scaffolder.gateways.git_remote import Move, PushRefused, RefsMoved, follow, move

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from scaffolder.catalog.entity import EntityRef
    from scaffolder.catalog.proposals import Proposals
    from scaffolder.catalog.reservations import Reservation
    from scaffolder.gateways.git_directory import GitDirectory

PATIENCE = 60.0
"""Seconds in which a push is tried again that somebody else was faster than."""
LONGEST_PAUSE = 2.0
LATELY = 10.0
"""Seconds for which a look is not taken again by who is about to look after their push anyway."""

Way = Literal["merge", "push"]


class CatalogAway(TryAgain):
    """A catalog repository that was there once cannot be read now; git's own words."""

    def __init__(self, error: RepositoryRefused) -> None:
        super().__init__(
            f"the catalog repository cannot be read now: {error.message}",
            hint="look whether it is where it was, and may be read; then try again",
            details=error.details,
        )


class EntryWaits(Conflict):
    """An entry is on its branch, and the catalog repository lets nobody like us merge it."""

    def __init__(self, ref: EntityRef, branch: str, error: PushRefused) -> None:
        name = branch.removeprefix("refs/heads/")
        super().__init__(
            f"the entry of {ref} waits on the branch {name}: {error.message}",
            details=(*error.details, f"merge the branch {name} there, or let somebody do it; then resume"),
        )


class NotReservable(Failed):
    """A catalog repository lets nobody like us push the branches that reserve names."""

    def __init__(self, error: PushRefused) -> None:
        super().__init__(
            f"no name can be reserved: {error.message}",
            hint="branches register/* must be free to create, push and delete there: exclude them from its rules",
            details=error.details,
        )


class EntryStays(Conflict):
    """An entry that cannot be taken away; what it leads to must stay with it."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"the catalog entry stays: {reason}; first let somebody remove {path} there")


class NotReserved(InvalidInput):
    """There is no such reservation."""

    def __init__(self, ref: EntityRef) -> None:
        super().__init__(f"{ref} is not reserved", hint="to see what is: scaffolder catalog reservations")


class InUse(Conflict):
    """Somebody else's reservation that is not old, or has a service behind it."""

    def __init__(self, ref: EntityRef, holder: str) -> None:
        super().__init__(
            f"{ref} is {holder}",
            hint=f"ask them; to take it away all the same: scaffolder catalog reservations give-back {ref} --force",
        )


@dataclass(frozen=True, slots=True)
class CatalogRepository:
    """
    The catalog repository at `address`; a copy of it is kept under `cache`.

    `way` is how an entry gets to the default branch: its branch is merged, or it is pushed there directly; with
    `proposals`, its branch is a pull request. A reservation older than `days` was left behind, and anybody may take its
    name.
    """

    address: str
    cache: Path
    way: Way = "merge"
    days: int = 14
    proposals: Proposals | None = None
    _lately: list[tuple[float, Seen]] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def location(self) -> str:
        """How the catalog remembers it, as one of its locations."""
        found = Address.parse(self.address)
        return found.kept if found else self.address

    @property
    def caution(self) -> str:
        """Names can be reserved here."""
        return ""

    # -- names

    def reservations(self, *, again: bool = True) -> list[ReservedBranch]:
        """
        Return the names that are reserved, oldest first: as they are now, or were when it was last read.

        Raises:
            ScaffolderError: The repository cannot be read.
        """
        copy = self._copy() if again else mirror(self.address, cache=self.cache, refresh=False)
        found = branches(copy)
        if any(held.waiting for held in found.values()):
            for held in Seen.read(copy, address=self.address).merged():
                del found[held.branch]
        return list(found.values())

    def require_free(self, refs: Sequence[EntityRef], *, task_id: str = "") -> None:
        """
        Check that nobody has any of these names there, and that we may propose entries.

        Raises:
            NameTaken: Somebody has one.
            ScaffolderError: The repository cannot be read, or no pull request can be opened.
        """
        seen = self._look()
        if self.proposals:
            self.proposals.check()
        for ref in refs:
            self._refuse_taken(seen, ref, task_id=task_id)
        self._lately[:] = [(time.monotonic(), seen)]

    def reserve(
        self, wanted: Sequence[Reservation], *, page: str = "", begin: Callable[[], None] = lambda: None
    ) -> list[ReservedBranch]:
        """
        Reserve all of these names, or none; those that the same task has already are left as they are.

        `begin` is called just before something may be there. The first name gets the pull request, if there is to be
        one; it leads to `page`, that of the repository to be. Returns those that were left behind and taken over.

        Raises:
            NameTaken: Somebody has one of them.
            NotReservable: No such branch may be pushed there.
            ScaffolderError: The repository cannot be reached, or refuses.
        """
        taken_over, pushed, seen = self._reserve(wanted, begin)
        if self.proposals:
            branch = branch_of(wanted[0].ref)
            commit = "" if branch in pushed else seen.branches[branch].commit
            self.proposals.begin(wanted[0], branch, default=seen.default, page=page, commit=commit)
        return taken_over

    def _reserve(
        self, wanted: Sequence[Reservation], begin: Callable[[], None]
    ) -> tuple[list[ReservedBranch], set[str], Seen]:
        """Return what was taken over, the branches that were pushed, and how it looks now."""
        taken_over: list[ReservedBranch] = []
        pushed: set[str] = set()
        begun, upon = False, ""
        # once more after a push: an entry may have come, and its branch gone, since it was looked
        for seen in chain(self._seen_lately(), self._looks()):
            if seen.commit == upon:
                break
            old = [self._refuse_taken(seen, each.ref, task_id=each.task_id) for each in wanted]
            moves = [self._claim(seen, *pair) for pair in zip(wanted, old, strict=True) if not _is_own(*pair)]
            if not begun:
                begin()
                begun = True
            if not moves:
                break
            self._sweep(seen)
            if self._claimed(seen.copy, moves):
                upon = seen.commit
                pushed |= {one.ref for one in moves}
                taken_over = [held for each, held in zip(wanted, old, strict=True) if held and not _is_own(each, held)]
        return taken_over, pushed, seen

    def release(self, task_id: str) -> None:
        """
        Give back the names a task has reserved.

        Raises:
            ScaffolderError: The repository cannot be reached, or refuses.
        """
        for copy in self._copies():
            own = _of_task(branches(copy), task_id)
            if not own or self._let_go(copy, own):
                return

    def give_back(
        self, ref: EntityRef, *, is_mine: Callable[[ReservedBranch], bool] = lambda _held: False, force: bool = False
    ) -> ReservedBranch:
        """
        Give a name back by hand, and return what was given back.

        Raises:
            NotReserved: There is no such reservation.
            InUse: It is somebody else's and not old; not with `force`.
        """
        for copy in self._copies():
            held = branches(copy).get(branch_of(ref))
            if held is None:
                raise NotReserved(ref)
            now = datetime.now(UTC)
            if not (force or held.is_stale(now, days=self.days) or (is_mine(held) and not held.waiting)):
                raise InUse(ref, registration.said(held, ref, now))
            if self._let_go(copy, [held]):
                return held
        raise NotReserved(ref)

    # -- entries

    def require_valid(self, target: str, entities: Iterable[Mapping[str, Any]]) -> None:
        """
        Check that the others will be able to read what a task registers; whether that is valid, the task knows.

        Raises:
            NotShared: It leads to where nobody else can read it.
        """
        del entities
        self.target_there(target)

    def pages(self) -> dict[str, str]:
        """Return the page of each pull request that is open, by the full name of its branch."""
        return self.proposals.pages() if self.proposals else {}

    def proposed_at(self, main: EntityRef, *, task_id: str) -> str:
        """Return the page of the pull request by which a task has registered its entry; '' where there is none."""
        if self.proposals is None:
            return ""
        try:
            return self.proposals.page(branch_of(main), task_id)
        except ScaffolderError:  # it is registered, and only not to be said by which
            return ""

    def target_there(self, target: str) -> str:
        """
        Return a task's `git:REPOSITORY@BRANCH:PATH` as an entry has it.

        Raises:
            NotShared: It leads to where nobody else can read it.
        """
        return registration.target_there(target, self.address)

    def register(self, reservations: Sequence[Reservation], *, target: str, main: EntityRef) -> str:
        """
        Turn reservations into the entry of a service; said again, nothing changes.

        Returns the page of the pull request where the entry waits for somebody to merge it, '' when it is registered.

        Raises:
            NameTaken: One of the names was given back, and somebody else has it.
            EntryWaits: The default branch is protected: the entry is on its branch.
            ProposalClosed: Somebody has decided against it.
            ScaffolderError: The repository cannot be reached.
        """
        task_id = reservations[0].task_id
        entry = Entry(main, tuple(each.ref for each in reservations), self.target_there(target))
        by_name = {each.ref.key: each for each in reservations}
        about = by_name.get(main.key, reservations[0])
        for seen in self._looks():
            own = _of_task(seen.branches, task_id)
            waits, done = "", False
            if seen.has(entry):
                done = not own or self._moved(seen.copy, _deletions(own))
            elif not {branch_of(each.ref) for each in reservations} <= {held.branch for held in own}:
                first = sorted(reservations, key=lambda each: each is not about)
                self.reserve(first, page=page_of(entry.target))  # somebody gave a name back, as if left behind
            elif self.proposals:
                waits, merged = self._propose(self.proposals, seen, entry, about, own)
                done = bool(merged) and self._moved(seen.copy, _deletions(merged))
            else:
                done = self._land(seen, entry, about, own)
            if done or waits:
                return waits
        return ""

    def unregister(self, target: str, *, main: EntityRef, task_id: str = "") -> None:
        """
        Take the entry of a service away, if it is as it was made; what is gone already is no error.

        Where it is only proposed by the task, that is withdrawn.

        Raises:
            EntryStays: Somebody has changed it, or the default branch is protected.
            ScaffolderError: The repository cannot be reached.
        """
        path, there = file_of(main), self.target_there(target)
        for seen in self._looks():
            text = seen.file(path)
            if text is None:
                self._withdraw(seen, main, task_id)
                return
            if not registration.is_entry_of(text, main, there):
                raise EntryStays(path, f"{path} in the catalog repository was changed since")
            commit = self._commit(seen, [seen.commit], {path: None}, f"Remove {main}\n", by=_somebody())
            try:
                if self._moved(seen.copy, [Move(seen.default, seen.commit, commit)]):
                    return
            except PushRefused as error:
                self._propose_removal(seen, main, commit, error)

    def _withdraw(self, seen: Seen, main: EntityRef, task_id: str) -> None:
        """Close what a task has proposed, and forget the branch of a removal that was merged."""
        if self.proposals is None:
            return
        held = seen.reservation(main)
        if held is not None and held.reservation.task_id == task_id != "":
            self.proposals.withdraw([held])
        if commit := seen.copy.resolve(registration.removal_of(main)):
            self._moved(seen.copy, [Move(registration.removal_of(main), commit, "")])

    def _propose_removal(self, seen: Seen, main: EntityRef, commit: str, error: PushRefused) -> None:
        """
        Have an entry taken away by a pull request.

        Raises:
            EntryStays: There are none, or somebody else has to merge it.
        """
        path, branch = file_of(main), registration.removal_of(main)
        if self.proposals is None:
            raise EntryStays(path, error.message) from error
        if self._moved(seen.copy, [Move(branch, seen.copy.resolve(branch) or "", commit)]):
            page = self.proposals.remove(main, branch, default=seen.default, commit=commit)
            if page:
                raise EntryStays(path, f"its removal waits to be merged at {page}") from error

    # -- one look, one push

    def _looks(self) -> Iterator[Seen]:
        """Look again and again, with pauses, until the caller has what it wants."""
        for copy in self._copies():
            yield Seen.read(copy, address=self.address)

    def _copies(self) -> Iterator[GitDirectory]:
        deadline, pause = time.monotonic() + PATIENCE, 0.02
        while True:
            yield self._copy()
            if time.monotonic() > deadline:
                raise RefsMoved(self.address)
            time.sleep(random.uniform(0, pause))  # noqa: S311  # so that two who collided do not collide again
            pause = min(LONGEST_PAUSE, 2 * pause)

    def _look(self) -> Seen:
        return next(self._looks())

    def _seen_lately(self) -> list[Seen]:
        """
        Return what was seen a moment ago, once.

        It is used where each look is paid for, at GitHub's; elsewhere a look tells beforehand whether anybody is there.
        """
        lately, self._lately[:] = [*self._lately] if self.proposals else [], []
        return [seen for at, seen in lately if time.monotonic() - at < LATELY]

    def _copy(self) -> GitDirectory:
        """Return the copy, brought up to date."""
        try:
            return mirror(self.address, cache=self.cache)
        except RepositoryRefused as error:
            if not self._was_there():
                raise
            raise CatalogAway(error) from None

    def _was_there(self) -> bool:
        """Tell whether there is a copy: then the address is right, and the other side is away."""
        try:
            mirror(self.address, cache=self.cache, refresh=False)
        except (RepositoryRefused, Unreachable):
            return False
        return True

    def _moved(self, copy: GitDirectory, moves: Sequence[Move]) -> bool:
        """Move refs there, and in the copy as well; tell whether nobody was faster."""
        try:
            move(copy, self.address, moves)
        except RefsMoved:
            return False
        follow(copy, moves)
        return True

    # -- reserving

    def _refuse_taken(self, seen: Seen, ref: EntityRef, *, task_id: str) -> ReservedBranch | None:
        """
        Return the reservation of a name that does not keep this task from it: its own, or one left behind.

        Raises:
            NameTaken: Somebody has it.
        """
        now = datetime.now(UTC)
        if path := seen.registered_at(ref):
            holder = registration.registered_said(path, *seen.registrant(path), now)
            raise NameTaken(ref, holder, look=f"scaffolder catalog refresh; scaffolder catalog show {ref}")
        held = seen.reservation(ref)
        if held is None or held.reservation.task_id == task_id != "" or held.is_stale(now, days=self.days):
            return held
        raise NameTaken(ref, registration.said(held, ref, now), look="scaffolder catalog reservations")

    def _claim(self, seen: Seen, each: Reservation, old: ReservedBranch | None) -> Move:
        text = registration.message(registration.RESERVE, each)
        commit = self._commit(seen, [seen.commit], {}, text, by=each)
        return Move(branch_of(each.ref), old.commit if old else "", commit)

    def _sweep(self, seen: Seen) -> None:
        """Take away the branches that somebody merged and left standing, as far as that may be."""
        if merged := seen.merged():
            with suppress(PushRefused):
                self._moved(seen.copy, _deletions(merged))

    def _claimed(self, copy: GitDirectory, moves: Sequence[Move]) -> bool:
        try:
            return self._moved(copy, moves)
        except PushRefused as error:
            raise NotReservable(error) from error

    def _let_go(self, copy: GitDirectory, held: Sequence[ReservedBranch]) -> bool:
        """Give names back, and close their pull requests first; tell whether nobody was faster."""
        if self.proposals:
            self.proposals.withdraw(held)
        return self._moved(copy, _deletions(held))

    # -- registering

    def _propose(
        self, proposals: Proposals, seen: Seen, entry: Entry, about: Reservation, own: Sequence[ReservedBranch]
    ) -> tuple[str, list[ReservedBranch]]:
        """
        Bring an entry to its branch and have that merged.

        Returns the page where it waits, else the branches that it needs no more; neither is to look again.
        """
        (held,) = [one for one in own if one.branch == branch_of(about.ref)]
        proposals.require_not_closed(held)
        waiting = self._on_branch(seen, held, entry, about)
        if held.commit != waiting and not self._moved(seen.copy, [Move(held.branch, held.commit, waiting)]):
            return "", []
        page = page_of(entry.target)
        waits_at, landed = proposals.finish(about, held.branch, default=seen.default, page=page, commit=waiting)
        return waits_at, [replace(one, commit=waiting) if one is held else one for one in own] if landed else []

    def _land(self, seen: Seen, entry: Entry, about: Reservation, own: Sequence[ReservedBranch]) -> bool:
        """
        Bring an entry to the default branch, and take its reservations away, by one push; tell whether it did.

        Raises:
            EntryWaits: The default branch is protected.
        """
        (held,) = [one for one in own if one.branch == branch_of(about.ref)]
        waiting = self._on_branch(seen, held, entry, about)
        landed = self._landed(seen, waiting, entry, about)
        try:
            return self._moved(seen.copy, [Move(seen.default, seen.commit, landed), *_deletions(own)])
        except PushRefused as error:
            if held.commit != waiting and not self._moved(seen.copy, [Move(held.branch, held.commit, waiting)]):
                return False
            raise EntryWaits(entry.ref, held.branch, error) from error

    def _on_branch(self, seen: Seen, held: ReservedBranch, entry: Entry, about: Reservation) -> str:
        """
        Return the commit that adds the entry to its branch.

        What the default branch has left behind, as when its history was rewritten, does not come back with it.
        """
        commit = held.commit
        if not seen.is_own_only(held):
            text = registration.message(registration.RESERVE, about)
            commit = self._commit(seen, [seen.commit], {}, text, by=about)
        elif seen.waits(held, entry):
            return commit
        text = registration.message(registration.REGISTER, about)
        return self._commit(seen, [commit], {entry.path: entry.text}, text, by=about)

    def _landed(self, seen: Seen, waiting: str, entry: Entry, about: Reservation) -> str:
        """Return the commit that the default branch is to name."""
        changes = {entry.path: entry.text}
        if self.way == "push":
            text = registration.message(registration.REGISTER, about)
            return self._commit(seen, [seen.commit], changes, text, by=about)
        text = f"Merge branch '{branch_of(about.ref).removeprefix('refs/heads/')}'\n"
        return self._commit(seen, [seen.commit, waiting], changes, text, by=about)

    def _commit(
        self,
        seen: Seen,
        parents: Sequence[str],
        changes: Mapping[str, bytes | None],
        text: str,
        *,
        by: Reservation | Identity,
    ) -> str:
        who, when = (by, datetime.now(UTC)) if isinstance(by, Identity) else (_identity(by.who), by.at)
        return seen.copy.commit_upon(parents, changes, message=text, identity=who, when=when)


def _of_task(branches: Mapping[str, ReservedBranch], task_id: str) -> list[ReservedBranch]:
    return [held for held in branches.values() if held.reservation.task_id == task_id]


def _is_own(each: Reservation, held: ReservedBranch | None) -> bool:
    return held is not None and held.reservation.task_id == each.task_id


def _deletions(branches: Sequence[ReservedBranch]) -> list[Move]:
    return [Move(held.branch, held.commit, "") for held in branches]


def _identity(who: str) -> Identity:
    found = re.fullmatch(r"(.+) <(.+)>", who)
    return Identity(found[1], found[2]) if found else _somebody()


def _somebody() -> Identity:
    """Return who the person is to git; taking something back must not fail for want of a name."""
    return identity() or Identity("scaffolder", "scaffolder@localhost")
