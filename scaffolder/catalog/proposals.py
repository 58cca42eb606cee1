"""
Entries of a catalog repository on GitHub as pull requests: the branch that reserves a name is the head of one.

It is a draft while the service is being made. When the entry is on the branch it is made ready, and merged if that is
allowed; else somebody merges it there, and until then the entry waits at the page of the pull request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from scaffolder.catalog.registration import REGISTER
from scaffolder.errors import Conflict, InvalidInput
from scaffolder.gateways.git_address import without_user
from scaffolder.gateways.github.pulls import DraftsNotOffered, PullRequests, Wanted, repository_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scaffolder.catalog.entity import EntityRef
    from scaffolder.catalog.registration import ReservedBranch
    from scaffolder.catalog.reservations import Reservation
    from scaffolder.gateways.github.client import Client
    from scaffolder.gateways.github.pulls import Pull

_HEADS = "refs/heads/"


class NotOnGitHub(InvalidInput):
    """Pull requests are to be opened where there are none."""

    def __init__(self, address: str, host: str) -> None:
        super().__init__(
            f"the catalog repository {without_user(address)} is not on {host}, and has no pull requests",
            hint="set scaffolder.registration to merge or push, or name its GitHub under integrations.github",
        )


class ProposalClosed(Conflict):
    """Somebody has decided against an entry."""

    def __init__(self, ref: EntityRef, url: str) -> None:
        super().__init__(
            f"the entry of {ref} was declined: somebody closed {url}",
            hint="ask why; when it is open again there: scaffolder tasks resume",
        )


@dataclass(frozen=True, slots=True)
class Proposals:
    """The pull requests of a catalog repository."""

    pulls: PullRequests

    @classmethod
    def to(cls, address: str, client: Client) -> Self:
        """
        Return those of the catalog repository at `address`.

        Raises:
            NotOnGitHub: It is not where `client` asks.
        """
        repository = repository_at(client.server, address)
        if not repository:
            raise NotOnGitHub(address, client.server.host)
        return cls(PullRequests(client, repository))

    def check(self) -> None:
        """
        Check that some can be opened, as far as GitHub tells.

        Raises:
            ScaffolderError: They cannot.
        """
        self.pulls.check()

    def pages(self) -> dict[str, str]:
        """Return the page of each that is open, by the full name of its branch."""
        return {_HEADS + one.head: one.url for one in self.pulls.every()}

    def begin(self, about: Reservation, branch: str, *, default: str, page: str, commit: str = "") -> None:
        """
        Open one for a reserved name: a draft, where those are offered, else not before the entry is there.

        `page` is that of the repository to be; `commit` is what the branch names, '' for one that was just pushed.

        Raises:
            ProposalClosed: Somebody has closed it.
        """
        wanted = _wanted(about, branch, default, page)
        try:
            if not commit:
                self.pulls.ensure(wanted, draft=True, fresh=True)
            elif not self._own(about, branch, commit):
                self.pulls.ensure(wanted, draft=True)
        except DraftsNotOffered:
            return

    def require_not_closed(self, held: ReservedBranch) -> None:
        """
        Check that nobody has decided against an entry.

        Raises:
            ProposalClosed: Somebody has.
        """
        self._own(held.reservation, held.branch, held.commit)

    def finish(self, about: Reservation, branch: str, *, default: str, page: str, commit: str) -> tuple[str, bool]:
        """
        Merge the entry, which is on the branch by a `commit`.

        Returns the page where it waits, '' when it is merged, and whether that was into the default branch: somebody
        may have chosen another. What waits merges by itself later, where the repository offers that.
        """
        found = self._own(about, branch, commit) or self.pulls.ensure(_wanted(about, branch, default, page))
        found = self.pulls.ready(found)
        if not self.pulls.merge(found, commit):
            return "", found.base == default.removeprefix(_HEADS)
        self.pulls.merge_later(found)
        return found.url, False

    def page(self, branch: str, task_id: str) -> str:
        """Return the page of the one by which a task's entry came, or comes; '' where there is none."""
        found = self.pulls.last_seen(branch.removeprefix(_HEADS))
        return found.url if found and _task(task_id) in found.body else ""

    def withdraw(self, branches: Iterable[ReservedBranch]) -> None:
        """Close those of some branches."""
        for held in branches:
            self.pulls.close(held.branch.removeprefix(_HEADS))

    def remove(self, ref: EntityRef, branch: str, *, default: str, commit: str) -> str:
        """Have the commit of a branch merged that takes an entry away; return '' or the page where it waits."""
        text = "What this entry leads to was taken back.\n"
        wanted = Wanted(branch.removeprefix(_HEADS), default.removeprefix(_HEADS), f"Remove {ref}", text)
        found = self.pulls.ensure(wanted)
        return self.pulls.merge(found, commit) and found.url

    def _own(self, about: Reservation, branch: str, commit: str) -> Pull | None:
        """Return the open one of this task, as far as there is one."""
        found = self.pulls.last_seen(branch.removeprefix(_HEADS))
        if found is None or _task(about.task_id) not in found.body:
            return None
        if not found.open and not found.merged and found.commit == commit:
            raise ProposalClosed(about.ref, found.url)
        return found if found.open else None


def _wanted(about: Reservation, branch: str, default: str, page: str) -> Wanted:
    facts = {"Owner": about.owner, "Repository": page}
    lines = [" ".join(about.purpose.split()).replace("<", "&lt;"), ""]
    lines += [f"* {name}: {text}" for name, text in facts.items() if text] + [_task(about.task_id)]
    lines += ["", "The name is reserved while this is open; the entry comes when the repository stands."]
    return Wanted(
        branch.removeprefix(_HEADS), default.removeprefix(_HEADS), f"{REGISTER} {about.ref}", "\n".join(lines) + "\n"
    )


def _task(task_id: str) -> str:
    return f"* Task: {task_id}"
