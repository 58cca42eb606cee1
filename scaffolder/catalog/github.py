"""
All that an organisation, or a person, has on GitHub: `github:acme`.

Of each repository that is not archived the `catalog-info.yaml` at its root counts, and what that leads to; of an
organisation its teams and people, too. Repositories are remembered with the commit of their default branch, so that
the next time only those are looked into that were pushed to since.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from scaffolder.catalog import github_entities
from scaffolder.catalog.elsewhere import FileElsewhere
from scaffolder.catalog.entity import Entity, check
from scaffolder.catalog.github_files import OfGitHub, Shown, with_places
from scaffolder.catalog.github_people import Crowds
from scaffolder.catalog.github_state import Repository, State
from scaffolder.catalog.reading import FileRead, Found, Input, Known, Read, commit_read, read_elsewhere
from scaffolder.catalog.reports import GITHUB, LocationProblem, silent
from scaffolder.errors import Failed, InvalidInput, Place, TryAgain
from scaffolder.gateways.github.discovery import Content, Discovery, Page
from scaffolder.gateways.github.refusals import SignOnNeeded, TokenRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scaffolder.catalog.crawl import Crawl
    from scaffolder.catalog.pages import Pages
    from scaffolder.catalog.reports import Progress

CATALOG_FILE: Final = "catalog-info.yaml"


class NoRepositories(InvalidInput):
    """An account without repositories: that it lost all of them is less likely than that we may not see them."""

    def __init__(self, target: str, host: str) -> None:
        super().__init__(
            f"{host} shows no repository of {target.removeprefix(GITHUB)}",
            hint=f"may the token see them?  scaffolder login --host {host}",
        )


@dataclass(frozen=True, slots=True)
class Account:
    """
    An account on GitHub as a location: `target` is how it is remembered.

    Files of its repositories that GitHub does not show are read through `others`; `pages` keeps what has come until it
    is taken in; `progress` is told how many repositories that are.
    """

    target: str
    discovery: Discovery
    others: Crawl
    pages: Pages
    progress: Progress = silent

    def read(self, known: Mapping[str, Known] | None = None) -> Read:
        """
        Ask for everything that is not as it was when `known` was written.

        Raises:
            AccountUnknown: There is no such account.
            NoRepositories: Nothing of it is shown.
            TryAgain: GitHub cannot be asked now; what has come is kept for the next time.
            ScaffolderError: It refuses.
        """
        known = known or {}
        before = State.of(known)
        self.pages.begin(before.began)
        try:
            return _Reading(self, known, before).whole()
        except TryAgain as error:
            if self.pages.began:
                error.details += ("what has come is kept: the same command goes on from there",)
            raise

    def settle(self) -> None:
        """Let go of what was kept: it has been taken in."""
        self.pages.forget()


class _Reading:
    """Goes through an account, once."""

    def __init__(self, account: Account, known: Mapping[str, Known], before: State) -> None:
        self.target = account.target
        self.discovery = account.discovery
        self.web = account.discovery.client.server.web
        self.others = account.others
        self.pages = account.pages
        self.progress = account.progress
        self.known = known
        self.before = before
        self.is_organization = False
        self.latest = before.at
        self.hidden = 0
        self.crowd = Crowds(account.discovery, account.pages, before.people)

    def whole(self) -> Read:
        now = self._repositories()
        if not now:
            raise NoRepositories(self.target, self.discovery.client.server.host)
        read = self._files(now)
        if self.hidden:
            told = f"{self.hidden} of its repositories are listed, and not shown to this token"
            read.lost.append(LocationProblem(Place(self.target), told))
        if self.is_organization:
            self._take_crowd(read)
        began = _as_github_writes(self.pages.began or self.discovery.began)
        # what happened just before may not have been shown yet: then the last that was seen is longer ago
        state = State(began, min(began, self.latest), {one.id: one for one in now}, self.crowd.begins)
        read.files.append(state.file())
        return read

    # -- repositories

    def _repositories(self) -> list[Repository]:
        """Return every repository as it is now: by what has changed where that is enough, else one by one."""
        changed = self._changed() if self.before.began else None
        return list((changed if changed is not None else self._listed()).values())

    def _changed(self) -> dict[str, Repository] | None:
        """Return every repository by the last changes, None when these do not tell all."""
        recent, self.is_organization = self.discovery.recent()
        pushed, updated = (
            self._since(page, when) for page, when in zip(recent, ("pushedAt", "updatedAt"), strict=True)
        )
        if pushed is None or updated is None:
            return None
        now = {**self.before.repositories, **updated, **pushed}
        return now if len(now) == recent.pushed.total else None

    def _since(self, page: Page, when: str) -> dict[str, Repository] | None:
        """Return what has changed since we last looked, None when there may be more of that, or something is hidden."""
        if None in page.nodes:
            return None
        if page.end and (page.nodes[-1][when] or "") > self.before.at:
            return None
        return {node["id"]: Repository.of(node) for node in self._noted(page) if (node[when] or "") >= self.before.at}

    def _noted(self, page: Page) -> list[dict[str, Any]]:
        """Return the repositories of a page, and note when the last of them was changed."""
        nodes = [node for node in page.nodes if node]
        self.hidden += len(page.nodes) - len(nodes)
        self.latest = max(self.latest, *(node[when] or "" for node in nodes for when in ("pushedAt", "updatedAt")), "")
        return nodes

    def _listed(self) -> dict[str, Repository]:
        found: dict[str, Repository] = {}
        after, more = "", True
        while more:
            page = self._page(after)
            found |= {node["id"]: Repository.of(node) for node in self._noted(page)}
            self.progress(len(found), 0)
            after, more = page.end, bool(page.end)
        return found

    def _page(self, after: str) -> Page:
        key = f"repositories {after}"
        kept = self.pages.get(key)
        if kept is None:
            page, is_organization = self.discovery.repositories(after)
            kept = [page, is_organization]
            self._keep({key: kept})
        self.is_organization = kept[1]
        return Page(*kept[0])

    # -- their files

    def _files(self, now: Sequence[Repository]) -> Read:
        """Read the files of all repositories, and what they lead to."""
        asked = [one for one in now if one.commit and not self._is_as_it_was(one)]
        as_they_were = (self._file(one) for one in now if one.commit and self._is_as_it_was(one))
        shown: dict[FileElsewhere, Shown | None] = {file: None for file in as_they_were if str(file) in self.known}
        for one, content in self._contents(asked, len(now)):
            if content.state != "none":
                shown[self._file(one)] = Shown(one.commit, content)
        others = OfGitHub(shown, self.others)
        read = read_elsewhere(list(shown), known=self.known, others=others, place=Place(self.target))
        read.files = [self._annotated(file) for file in read.files]
        return read

    def _file(self, one: Repository) -> FileElsewhere:
        return FileElsewhere(f"{self.web}/{one.full_name}.git", one.branch, CATALOG_FILE)

    def _is_as_it_was(self, one: Repository) -> bool:
        """Tell whether nothing was pushed since its file was read, or was found not to be there."""
        read_at = commit_read(self.known, str(self._file(one)))
        return self.before.repositories.get(one.id) == one and read_at in {None, one.commit}

    def _contents(self, asked: Sequence[Repository], total: int) -> Iterator[tuple[Repository, Content]]:
        """Ask for files, as many at a time as GitHub has the time for."""
        done = total - len(asked)
        left = []
        for one in asked:
            kept = self.pages.get(_key(one))
            if kept is None:
                left.append(one)
            else:
                done += 1
                yield one, Content(*kept)
        while left:
            self.progress(done, total)
            came = self.discovery.contents([one.id for one in left], CATALOG_FILE)
            self._keep({_key(one): came[one.id] for one in left[: len(came)]})
            for one in left[: len(came)]:
                yield one, came[one.id]
            done += len(came)
            left = left[len(came) :]
        self.progress(total, total)

    def _annotated(self, file: FileRead) -> FileRead:
        """Say of the entities in a file of this GitHub where they are from, as Backstage says it."""
        where = FileElsewhere.parse(file.path)
        if where is not None and where.address.startswith(f"{self.web}/"):
            file.found = [each._replace(entity=with_places(each.entity, where)) for each in file.found]
        return file

    # -- teams and people

    def _take_crowd(self, read: Read) -> None:
        """Read teams and people; where they may not be seen, those that are known stay."""
        try:
            teams, people = self.crowd.read()
        except (TokenRefused, SignOnNeeded):
            raise
        except (Failed, InvalidInput) as error:
            told = f"its teams and people cannot be seen, and those that were read earlier are kept: {error.message}"
            read.lost.append(LocationProblem(Place(self.target), told))
            read.unchanged += [path for path in self.known if path.startswith(f"{self.web}/")]
            self.crowd.begins = list(self.before.people)
            return
        for page, document in github_entities.entities(self.web, teams, people):
            self._take(read, page, document)

    def _take(self, read: Read, page: str, document: dict[str, Any]) -> None:
        stamp = hashlib.sha256(json.dumps(document).encode()).hexdigest()
        if commit_read(self.known, page) == stamp:
            read.unchanged.append(page)
            return
        wrong = check(document)
        found = [] if wrong else [Found(Entity(document), Place(page))]
        problems = [LocationProblem(Place(page, field=each.field), each.message) for each in wrong]
        read.files.append(FileRead(page, [Input(page, stamp, "")], found=found, problems=problems))

    def _keep(self, pages: Mapping[str, Any]) -> None:
        self.pages.put(dict(pages), at=self.discovery.began)


def _key(one: Repository) -> str:
    return f"file {one.id} {one.commit}"


def _as_github_writes(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
