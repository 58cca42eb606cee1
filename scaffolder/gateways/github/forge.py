"""
GitHub as a forge.

A repository is created with the mark of its task in the same request (`marks`), so that one whose answer was lost is
known again; it gets its content by one push. Before it is deleted it is archived: then nobody can push to it while we
look, once more, whether somebody has.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import Conflict
from scaffolder.gateways.forge import Repository, RepositoryNameInvalid, RepositorySpec, RepositoryTaken
from scaffolder.gateways.git_command import GitFailed
from scaffolder.gateways.git_directory import check_ref
from scaffolder.gateways.git_mirror import RepositoryRefused, Unreachable
from scaffolder.gateways.git_remote import PushRefused, RefsMoved
from scaffolder.gateways.github import marks
from scaffolder.gateways.github.accounts import Accounts
from scaffolder.gateways.github.client import APPEARS
from scaffolder.gateways.github.git import Remote, is_missing
from scaffolder.gateways.github.marks import Mark
from scaffolder.gateways.github.names import as_description, broken_rule
from scaffolder.gateways.github.refusals import NotAllowed, RefusedByGitHub
from scaffolder.gateways.local_forge import RefTaken, RepositoryMissing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scaffolder.gateways.forge import ForgeKind, Preflight, Wish
    from scaffolder.gateways.github.client import Client

UNKNOWN_CONTENT: Final = {"refs/heads/": ""}
"""The refs of a repository that we may not read: it is not empty."""
_NAME_TAKEN = "already exists"
_MISSING = 404


class RepositoryUnseen(RepositoryTaken):
    """The name is taken by a repository that the token cannot see."""

    def __init__(self, full_name: str, forge: str) -> None:
        super().__init__(full_name, forge)
        self.message += ", and this token cannot see it"


class RepositoryRenamed(Conflict):
    """The name leads to a repository that has another one now."""

    def __init__(self, full_name: str, now: str, forge: str) -> None:
        super().__init__(
            f"{full_name} on {forge} is the old name of {now}, and leads there",
            hint="choose another name (--name, or --repo OWNER/NAME): the old links would lead to the new repository",
        )


@dataclass
class GitHubForge:
    """Hosts repositories on GitHub, asked through `client`."""

    client: Client
    accounts: Accounts = field(init=False)
    _made: dict[str, Mark] = field(default_factory=dict, init=False)  # by us, just now: what need not be asked for
    _free: set[str] = field(default_factory=set, init=False)  # names that preflight has just found free

    def __post_init__(self) -> None:
        self.accounts = Accounts(self.client)

    @property
    def name(self) -> str:
        """How people call it."""
        return self.client.server.host

    @property
    def kind(self) -> ForgeKind:
        """How the settings call it."""
        return "github"

    def check_name(self, full_name: str) -> None:
        """Check `OWNER/NAME` against GitHub's rules."""
        broken = broken_rule(full_name)
        if broken:
            raise RepositoryNameInvalid(broken, hint="choose another one: --repo OWNER/NAME")

    def preflight(self, wish: Wish) -> Preflight:
        """Return what stands in the way of a wish; nothing is written."""
        from scaffolder.gateways.github.preflight import preflight

        found = preflight(self, wish)
        if found.standing is None and not found.errors:
            self._free.add(wish.repository.full_name.lower())
        return found

    def find(self, full_name: str) -> Repository | None:
        """Return the repository of that name in any letter case, or None; one that was renamed has its new name."""
        facts = self.facts(full_name)
        return None if facts is None else self.described(facts)

    def expected(self, spec: RepositorySpec) -> Repository:
        """Return what `ensure_repository` would return for a new repository, without touching anything."""
        self.check_name(spec.full_name)
        page = self.client.server.repository(spec.full_name)
        return Repository(
            full_name=spec.full_name,
            clone_url=f"{page}.git",
            page=page,
            default_branch=spec.default_branch,
            created_by="",
            empty=True,
        )

    def ensure_repository(self, spec: RepositorySpec, *, marker: str) -> Repository:
        """Return our repository, creating it if need be."""
        check_ref(spec.default_branch)
        self.check_name(spec.full_name)
        mark = Mark(marker, spec.default_branch)
        found = self.client.ensure(lambda: self._look(spec.full_name), lambda: self._create(spec, mark))
        if found.full_name.lower() != spec.full_name.lower():
            raise RepositoryRenamed(spec.full_name, found.full_name, self.name)
        if found.created_by == marker or (found.empty and not found.created_by):
            return found
        raise RepositoryTaken(found.full_name, self.name)

    def push(self, full_name: str, source: Path, refs: Mapping[str, str]) -> None:
        """Push commits from the git directory `source`, all or none, and the mark that stays with the first ones."""
        if not refs:
            return
        mark = self._made.get(full_name.lower()) or self._mark_that_stands(full_name)
        marked = {mark.ref: min(refs.items())[1]} if mark else {}
        self._push(full_name, source, refs, marked)
        if mark:
            self._take_mark_off(full_name, mark, refs)

    def refs(self, full_name: str) -> dict[str, str]:
        """Return every ref but our marks, and the commit it names; none when there is no such repository."""
        self.check_name(full_name)
        return marks.without_marks(self._all_refs(full_name))

    def delete_repository(self, full_name: str, *, marker: str, refs: Mapping[str, str]) -> str:
        """Delete our repository, if nobody else has used it since."""
        facts = self.facts(full_name)
        if facts is None:
            return ""
        reason = self._reason_to_keep(facts, full_name, marker, refs)
        if reason:
            return f"{reason}; it is archived" if facts.get("archived") else reason
        return self._delete(facts, full_name, marker, refs)

    def withdraw(self, full_name: str, refs: Mapping[str, str]) -> str:
        """Take back what `push` put into a repository we did not create, but for its default branch."""
        facts = self.facts(full_name)
        if facts is None:
            return ""
        there = self._all_refs(full_name)
        default = f"refs/heads/{facts['default_branch']}"
        ours = {ref: commit for ref, commit in refs.items() if there.get(ref) == commit and ref != default}
        if ours:
            self._delete_refs(full_name, ours)
            there = self._all_refs(full_name)
        newer = sorted(ref for ref in refs.keys() & there.keys() if there[ref] != refs[ref])
        if newer:
            return f"{full_name} has newer content at {', '.join(newer)}"
        left = sorted(refs.keys() & there.keys())
        return f"{full_name} keeps {', '.join(left)}: {self.name} does not let go of a default branch" if left else ""

    # -- looking

    def facts(self, full_name: str) -> dict[str, Any] | None:
        """Return what the API says of the repository that has the name, or had it before; None when there is none."""
        self.check_name(full_name)
        facts: dict[str, Any] | None = self.client.find(_path(full_name))
        return facts

    def described(self, facts: Mapping[str, Any]) -> Repository:
        """Return what there is to say of a repository, of which the API said this."""
        full_name = facts["full_name"]
        try:
            there = self._remote(full_name).refs()
        except RepositoryRefused:
            there = dict(UNKNOWN_CONTENT)
        mark = _mark_of(facts)
        empty = not any(ref.startswith("refs/heads/") for ref in there)
        return replace(
            self.expected(RepositorySpec(*full_name.split("/"))),
            default_branch=(mark.branch if mark and empty else "") or facts.get("default_branch") or "",
            created_by=_creator(facts, there),
            empty=empty,
        )

    def _all_refs(self, full_name: str) -> dict[str, str]:
        """Return every ref and the commit it names; none when there is no such repository."""
        for pause in APPEARS:
            try:
                return self._remote(full_name).refs()
            except Unreachable as error:
                self.client.pause(pause, error.message)
            except RepositoryRefused as error:
                if self.facts(full_name) is None:
                    return {}
                if not is_missing(error):
                    raise
                self.client.pause(pause, error.message)
        return self._remote(full_name).refs()

    def _remote(self, full_name: str) -> Remote:
        return Remote(f"{self.client.server.repository(full_name)}.git", self.client.token())

    # -- creating

    def _look(self, full_name: str) -> Repository | None:
        """Return what has the name; where preflight has just found nothing, the answer to the create tells."""
        if full_name.lower() in self._free:
            self._free.remove(full_name.lower())
            return None
        return self.find(full_name)

    def _create(self, spec: RepositorySpec, mark: Mark) -> Repository:
        """
        Create it, or return the one that has the name: ours too, where an earlier answer was lost.

        Raises:
            InDoubt: The answer was lost.
            RepositoryUnseen: The name is taken, and what has it does not appear.
        """
        place = self.accounts.place_for_repositories(spec.owner)
        try:
            facts = self.client.request("POST", place, self._asked_for(spec, mark), expect=(201,)).body
        except RefusedByGitHub as error:
            if not any(_NAME_TAKEN in line for line in (error.message, *error.details)):
                raise
            found = self.client.appears(lambda: self.find(spec.full_name))
            if found is None:
                raise RepositoryUnseen(spec.full_name, self.name) from None
            return found
        self._made[spec.full_name.lower()] = mark
        made = self.expected(replace(spec, owner=facts["owner"]["login"], name=facts["name"]))
        return replace(made, created_by=mark.task)

    def _asked_for(self, spec: RepositorySpec, mark: Mark) -> dict[str, Any]:
        asked: dict[str, Any] = {
            "name": spec.name,
            "description": as_description(spec.description),
            "homepage": mark.homepage(f"{self.client.server.web}/{spec.owner}"),
            "private": spec.visibility != "public",
        }
        return {**asked, "visibility": "internal"} if spec.visibility == "internal" else asked

    # -- pushing

    def _push(self, full_name: str, source: Path, refs: Mapping[str, str], marked: Mapping[str, str]) -> None:
        for pause in (*APPEARS, None):
            try:
                self._remote(full_name).push(source, {**refs, **marked})
            except (Unreachable, GitFailed) as error:
                there = self._all_refs(full_name)
                if refs.items() <= there.items() and marked.keys() <= there.keys():
                    return  # only the answer was lost
                self._check_push(full_name, refs, there, error)
                if marked.keys() & there.keys():
                    marked = {}  # an earlier push, of fewer refs, has left it
                elif pause is None:
                    raise
                else:
                    self.client.pause(pause, error.message)
            else:
                return

    def _check_push(
        self, full_name: str, refs: Mapping[str, str], there: Mapping[str, str], error: Unreachable | GitFailed
    ) -> None:
        """Raise what is to be told at once: what failed for another reason is tried again."""
        taken = [ref for ref, commit in refs.items() if there.get(ref, commit) != commit]
        if taken:
            raise RefTaken(full_name, taken) from None
        if isinstance(error, Unreachable) or any(ref.startswith(marks.REFS) for ref in there):
            return
        if not is_missing(error):
            raise PushRefused(self._remote(full_name).url, error) from None
        if self.facts(full_name) is None and full_name.lower() not in self._made:
            raise RepositoryMissing(full_name, self.name) from None

    def _mark_that_stands(self, full_name: str) -> Mark | None:
        """Return the mark that a repository got when it was created, None when it has it no more."""
        facts = self.facts(full_name)
        if facts is None:
            raise RepositoryMissing(full_name, self.name)
        return _mark_of(facts)

    def _take_mark_off(self, full_name: str, mark: Mark, refs: Mapping[str, str]) -> None:
        """Free the homepage, now that a ref says whose it is; name the default branch, if it was pushed."""
        default = {"default_branch": mark.branch} if f"refs/heads/{mark.branch}" in refs else {}
        self.client.request("PATCH", _path(full_name), {"homepage": "", **default}, fresh=True)
        self._made.pop(full_name.lower(), None)

    # -- taking back

    def _delete(self, facts: Mapping[str, Any], full_name: str, marker: str, refs: Mapping[str, str]) -> str:
        """Let nobody push any more, look again, and delete it; else return why not."""
        try:
            if not facts.get("archived"):  # by an attempt that was killed
                self._archive(full_name, archived=True)
            reason = self._reason_to_keep(facts, full_name, marker, refs)
            if not reason:
                self.client.request("DELETE", _path(full_name), expect=(204, _MISSING))
                return ""
        except (NotAllowed, RefusedByGitHub) as error:
            reason = f"{full_name} could not be deleted: {error.message}"
        now = self.facts(full_name)
        if now and now.get("archived") and not facts.get("archived"):
            self._archive(full_name, archived=False)
        return reason

    def _reason_to_keep(self, facts: Mapping[str, Any], full_name: str, marker: str, refs: Mapping[str, str]) -> str:
        if facts["full_name"].lower() != full_name.lower():
            return f"{full_name} was renamed: it is {facts['full_name']} now"
        there = self._all_refs(full_name)
        if _creator(facts, there) != marker:
            return f"{full_name} was not made by this task"
        more = sorted(ref for ref, commit in marks.without_marks(there).items() if refs.get(ref) != commit)
        return f"{full_name} has been used since: {', '.join(more)}" if more else ""

    def _archive(self, full_name: str, *, archived: bool) -> None:
        self.client.request("PATCH", _path(full_name), {"archived": archived}, fresh=True)

    def _delete_refs(self, full_name: str, refs: Mapping[str, str]) -> None:
        """Delete what still names our commits; what does not is told by who looks afterwards."""
        try:
            self._remote(full_name).delete(refs)
        except RefsMoved:
            return


def _path(full_name: str) -> str:
    return f"/repos/{full_name}"


def _mark_of(facts: Mapping[str, Any]) -> Mark | None:
    return None if facts.get("fork") else marks.in_homepage(facts.get("homepage"))  # a fork has the other's homepage


def _creator(facts: Mapping[str, Any], refs: Mapping[str, str]) -> str:
    mark = _mark_of(facts)
    if mark is not None:
        return mark.task
    return "" if facts.get("fork") else marks.in_refs(refs)
