"""
What this GitHub knows: people, organisations and their teams, repositories and all that belongs to them.

Tests read the outcome here, never from the program under test.
"""

from __future__ import annotations

import itertools
import shutil
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from nacl.public import PrivateKey

from tests.github.git_store import FILE, Entry, GitStore, Person
from tests.github.refusals import name_taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.github.tokens import Token

ROLES = ("none", "read", "triage", "write", "maintain", "admin")
"""What somebody may do in a repository, in rising order."""
OLD_WORDS = {"pull": "read", "push": "write"}
"""What the API calls two of them where it grants them."""
LABELS = {
    "bug": "d73a4a",
    "documentation": "0075ca",
    "duplicate": "cfd3d7",
    "enhancement": "a2eeef",
    "good first issue": "7057ff",
    "help wanted": "008672",
    "invalid": "e4e669",
    "question": "d876e3",
    "wontfix": "ffffff",
}
"""Every new repository has these, with their colours."""


@dataclass(slots=True)
class User:
    """A person, an app's bot, or the account of an organisation."""

    id: int
    login: str
    type: str = "User"
    name: str | None = None
    email: str | None = None
    bio: str | None = None


@dataclass(slots=True)
class Team:
    """A team; `members` maps a login to `member` or `maintainer`."""

    id: int
    slug: str
    name: str
    description: str | None = None
    members: dict[str, str] = field(default_factory=dict)
    parent: Team | None = None


@dataclass(slots=True)
class Organization:
    """
    A company; `members` maps a login to `member` or `admin`.

    `policy` are the `members_can_…` of the API; `plan` is free, team or enterprise.
    """

    account: User
    plan: str = "team"
    members: dict[str, str] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)
    properties: list[dict[str, Any]] = field(default_factory=list)
    base_role: str = "read"
    sso: bool = False

    @property
    def login(self) -> str:
        """Its name."""
        return self.account.login


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App, installed in one organisation; `public_key` (PEM) checks what it signs."""

    id: int
    slug: str
    account: User
    bot: User
    installation: int
    permissions: dict[str, str]
    public_key: bytes


@dataclass(slots=True)
class Issue:
    """An issue, or the part of a pull request that is one."""

    id: int
    number: int
    title: str
    body: str | None
    author: User
    created: str
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    state: str = "open"
    comments: list[dict[str, Any]] = field(default_factory=list)
    closed: str | None = None
    updated: str = ""


@dataclass(slots=True)
class Pull:
    """A pull request within one repository."""

    issue: Issue
    head: str
    base: str
    head_sha: str
    base_sha: str
    draft: bool = False
    merged: str | None = None
    merge_commit: str | None = None
    merged_by: User | None = None
    reviewers: list[str] = field(default_factory=list)
    team_reviewers: list[str] = field(default_factory=list)
    merges_later: str = ""


@dataclass(slots=True)
class Repository:
    """A repository: `settings` and all other JSON is as the API says it."""

    id: int
    owner: User
    name: str
    git: GitStore
    created: str
    creator: User
    private: bool = False
    archived: bool = False
    settings: dict[str, Any] = field(default_factory=dict)
    default_branch: str = "main"
    pushed: str = ""
    updated: str = ""
    topics: list[str] = field(default_factory=list)
    collaborators: dict[str, str] = field(default_factory=dict)
    invitations: dict[str, str] = field(default_factory=dict)
    teams: dict[str, str] = field(default_factory=dict)
    labels: dict[str, dict[str, Any]] = field(default_factory=dict)
    variables: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: dict[str, dict[str, Any]] = field(default_factory=dict)
    environments: dict[str, dict[str, Any]] = field(default_factory=dict)
    protections: dict[str, dict[str, Any]] = field(default_factory=dict)
    rulesets: dict[int, dict[str, Any]] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    hooks: dict[int, dict[str, Any]] = field(default_factory=dict)
    keys: dict[int, dict[str, Any]] = field(default_factory=dict)
    autolinks: dict[int, dict[str, Any]] = field(default_factory=dict)
    dispatches: list[dict[str, Any]] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)
    pages: dict[str, Any] | None = None
    oidc: dict[str, Any] = field(default_factory=lambda: {"use_default": True})
    alerts: bool = False
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner.login}/{self.name}"

    @property
    def visibility(self) -> str:
        """`private`, `internal` or `public`."""
        return str(self.settings.get("visibility") or ("private" if self.private else "public"))

    def refs(self) -> dict[str, str]:
        """Return every ref and the commit it names."""
        return self.git.refs()

    def branches(self) -> dict[str, str]:
        """Return every branch and its commit."""
        return {
            ref.removeprefix("refs/heads/"): sha for ref, sha in self.refs().items() if ref.startswith("refs/heads/")
        }

    def files(self, revision: str = "") -> dict[str, bytes]:
        """Return the files of a branch, the default one unless told."""
        at = self.git.at(revision or self.default_branch)
        found = self.git.commit(at) if at else None
        entries = self.git.files(found.tree) if found else {}
        return {path: self.git.blob(entry.sha) or b"" for path, entry in entries.items()}


class State:
    """All of it, with one lock; `api` and `url` are where it is served."""

    def __init__(self, directory: Path, clock: Callable[[], float]) -> None:
        self.directory = directory
        self.clock = clock
        self.lock = threading.RLock()
        self.api = self.url = ""
        self.users: dict[str, User] = {}
        self.organizations: dict[str, Organization] = {}
        self.repositories: dict[int, Repository] = {}
        self.tokens: dict[str, Token] = {}
        self.apps: dict[int, App] = {}
        self.sealing_key = PrivateKey.generate()
        self._names: dict[str, int] = {}
        self._moved: dict[str, int] = {}
        self._ids = itertools.count(1001)

    def next_id(self) -> int:
        """Return a number that nothing has yet."""
        return next(self._ids)

    def now(self) -> str:
        """Return the time as the API says it."""
        return self.date(self.clock())

    def date(self, when: float) -> str:
        """Return a time as the API says it."""
        return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def person(self, user: User) -> Person:
        """Return the author of a commit made through the API."""
        email = user.email or f"{user.id}+{user.login}@users.noreply.github.com"
        return Person(user.name or user.login, email, int(self.clock()))

    def add_user(self, login: str, **more: Any) -> User:
        """Let somebody sign up; who is there already stays as they are."""
        return self.users.setdefault(login.lower(), User(self.next_id(), login, **more))

    def repository(self, full_name: str) -> Repository | None:
        """Return the repository that has this name now, in any letter case."""
        return self.repositories.get(self._names.get(full_name.lower(), 0))

    def moved(self, full_name: str) -> Repository | None:
        """Return the repository that had this name before."""
        return self.repositories.get(self._moved.get(full_name.lower(), 0))

    def create(self, owner: User, name: str, creator: User, *, private: bool) -> Repository:
        """Make an empty repository; a name that another one had before is free again."""
        full_name = f"{owner.login}/{name}".lower()
        if full_name in self._names:
            raise name_taken()
        number, now = self.next_id(), self.now()
        store = GitStore.init(self.directory / f"{number}.git")
        made = Repository(number, owner, name, store, now, creator, private, pushed=now, updated=now)
        made.labels = {label: self._label(label, color) for label, color in LABELS.items()}
        if owner.type == "Organization" and creator is not owner:
            made.collaborators[creator.login] = "admin"
        self.repositories[number] = made
        self._names[full_name] = number
        self._moved.pop(full_name, None)
        return made

    def _label(self, name: str, color: str) -> dict[str, Any]:
        return {"id": self.next_id(), "name": name, "color": color, "description": None, "default": True}

    def rename(self, repository: Repository, name: str, owner: User | None = None) -> None:
        """Give a repository another name; the old one leads to it."""
        wanted = f"{(owner or repository.owner).login}/{name}".lower()
        if self._names.get(wanted, repository.id) != repository.id:
            raise name_taken()
        old = repository.full_name.lower()
        del self._names[old]
        self._moved[old] = self._names[wanted] = repository.id
        self._moved.pop(wanted, None)
        repository.name, repository.owner = name, owner or repository.owner

    def delete(self, repository: Repository) -> None:
        """Take a repository away, with what led to it."""
        del self._names[repository.full_name.lower()]
        del self.repositories[repository.id]
        self._moved = {old: number for old, number in self._moved.items() if number != repository.id}
        shutil.rmtree(repository.git.path, ignore_errors=True)

    def role(self, user: User | None, repository: Repository) -> str:
        """Return what somebody may do there."""
        everybody = "none" if repository.visibility != "public" else "read"
        return max(everybody, *(self.held(user, repository) if user else ()), "none", key=ROLES.index)

    def role_of(self, token: Token | None, repository: Repository) -> str:
        """Return what a token may do there; an app may do in its company's repositories what its permissions say."""
        if token is not None and token.company == repository.owner.login:
            return "admin"
        return self.role(token.user if token else None, repository)

    def sees(self, token: Token | None, repository: Repository) -> bool:
        """Tell whether the repository is there, for somebody with that token."""
        return self.role_of(token, repository) != "none" and (token is None or token.sees_it(repository))

    def membership(self, token: Token | None, company: Organization) -> str | None:
        """Return `admin`, `member`, or `app` for one that is installed there."""
        if token is not None and token.company == company.login:
            return "app"
        return company.members.get(token.user.login) if token else None

    def plan(self, repository: Repository) -> str:
        """Return the plan of the repository's owner; people pay."""
        company = self.organizations.get(repository.owner.login.lower())
        return company.plan if company else "pro"

    def held(self, user: User, repository: Repository) -> Iterator[str]:
        """Yield every role that somebody holds there by name, by membership and by teams."""
        yield from self._roles(user, repository)

    def _roles(self, user: User, repository: Repository) -> Iterator[str]:
        if repository.owner.login == user.login:
            yield "admin"
        yield repository.collaborators.get(user.login, "none")
        company = self.organizations.get(repository.owner.login.lower())
        if company is not None and (membership := company.members.get(user.login)):
            yield "admin" if membership == "admin" else company.base_role
            yield from (
                role
                for slug, role in repository.teams.items()
                if slug in company.teams and user.login in company.teams[slug].members
            )

    def commit(
        self, repository: Repository, branch: str, entries: Mapping[str, Entry], message: str, author: User
    ) -> str:
        """Put a commit with these files on a branch."""
        git, who = repository.git, self.person(author)
        parent = git.ref(f"refs/heads/{branch}")
        sha = git.put_commit(git.put_tree(entries), (parent,) if parent else (), who, who, message)
        git.set_ref(f"refs/heads/{branch}", sha)
        repository.pushed = self.now()
        return sha

    def pushed(self, repository: Repository) -> None:
        """Take note of a push: the first branch of an empty repository becomes the default one."""
        branches = repository.branches()
        if branches and repository.default_branch not in branches:
            repository.default_branch = min(branches)
            repository.git.set_head(repository.default_branch)
        repository.pushed = self.now()
        for pull in repository.pulls.values():
            if pull.issue.state == "open" and pull.head in branches:
                pull.head_sha = branches[pull.head]
            elif pull.head not in branches:
                self.branch_gone(repository, f"refs/heads/{pull.head}")

    def branch_gone(self, repository: Repository, ref: str) -> None:
        """Close the pull requests of a branch that was deleted."""
        for pull in repository.pulls.values():
            if pull.issue.state == "open" and ref in (f"refs/heads/{pull.head}", f"refs/heads/{pull.base}"):
                pull.issue.state, pull.issue.closed = "closed", self.now()

    def write(self, repository: Repository, files: Mapping[str, bytes], *, author: User, message: str) -> str:
        """Commit files to the default branch, beside what is there."""
        git = repository.git
        at = git.at(repository.default_branch)
        before = git.commit(at) if at else None
        entries = git.files(before.tree) if before else {}
        entries |= {path: Entry(FILE, git.put("blob", content)) for path, content in files.items()}
        return self.commit(repository, repository.default_branch, entries, message, author)
