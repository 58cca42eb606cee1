"""
What a place that hosts repositories can do for us.

Every verb can be said twice: it looks for its own earlier result, by a marker made from the task id, before it acts. A
repository that looks right but carries another marker is somebody else's: a conflict, never adopted, never deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Literal, Protocol

from scaffolder.errors import Conflict, Failed, InvalidInput, ScaffolderError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Visibility = Literal["private", "internal", "public"]
ForgeKind = Literal["local", "github"]


class RepositoryTaken(Conflict):
    """Somebody else's repository already has this name."""

    def __init__(self, full_name: str, forge: str) -> None:
        super().__init__(
            f"the repository {full_name} already exists on {forge}",
            hint="choose another name (--name, or --repo OWNER/NAME), or register that repository instead",
        )


class NotOffered(Failed):
    """What was asked for is not to be had there: a larger plan would have it."""


class RepositoryNameInvalid(InvalidInput):
    """The forge would not accept this name."""


@dataclass(frozen=True, slots=True)
class RepositorySpec:
    """A repository as asked for; `owner` and `name` have passed the forge's own rules."""

    owner: str
    name: str
    description: str = ""
    visibility: Visibility = "private"
    default_branch: str = "main"

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True)
class Repository:
    """
    A repository that stands.

    `clone_url` is what git takes; `page` is for a browser, '' where there is none; `created_by` is the marker of the
    task that made it, '' when it was made by somebody else; `empty` when it has no commit on any branch.
    """

    full_name: str
    clone_url: str
    page: str
    default_branch: str
    created_by: str
    empty: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What is to be done.

    `teams` are slugs, of the owner's; `people` are logins; `protects` when branches are protected or rules set,
    `protects_where_offered` when that is left out where it is not to be had; `workflows` when `.github/workflows` are
    pushed; `requests` is how many will be sent.
    """

    repository: RepositorySpec
    teams: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    protects: bool = False
    protects_where_offered: bool = False
    workflows: bool = False
    requests: int = 0


class Level(Enum):
    """How much a finding matters."""

    ERROR = "error"
    """It will fail."""
    WARNING = "warning"
    """It may fail, or something is lost."""
    NOTE = "note"
    """Good to know."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was found out beforehand, and what can be done about it; `error` is what it would end in."""

    level: Level
    text: str
    hint: str = ""
    error: ScaffolderError | None = field(default=None, compare=False)

    @classmethod
    def of(cls, error: ScaffolderError) -> Finding:
        """Return that it will fail with this."""
        return cls(Level.ERROR, error.message, error.hint, error)


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a forge says before anything is written, the worst first; `standing` is what has the name already."""

    findings: tuple[Finding, ...] = ()
    standing: Repository | None = None

    @property
    def errors(self) -> list[ScaffolderError]:
        """What stands in the way."""
        return [one.error for one in self.findings if one.level is Level.ERROR and one.error is not None]


class Forge(Protocol):
    """Hosts repositories."""

    @property
    def name(self) -> str:
        """How people call it: "the local forge", "github.com"."""

    @property
    def kind(self) -> ForgeKind:
        """How the settings call it: `local`, `github`."""

    def preflight(self, wish: Wish) -> Preflight:
        """
        Return what stands in the way of a wish; nothing is written.

        Raises:
            TryAgain: The forge cannot be asked now.
        """

    def check_name(self, full_name: str) -> None:
        """
        Check `OWNER/NAME` against the forge's rules.

        Raises:
            RepositoryNameInvalid: With the rule that was broken.
        """

    def find(self, full_name: str) -> Repository | None:
        """Return the repository of that name in any letter case, or None."""

    def expected(self, spec: RepositorySpec) -> Repository:
        """Return what `ensure_repository` would return for a new repository, without touching anything."""

    def ensure_repository(self, spec: RepositorySpec, *, marker: str) -> Repository:
        """
        Return our repository, creating it if need be.

        One that exists, is empty and carries no marker is published into as it is: its `created_by` stays ''.

        Raises:
            RepositoryTaken: A repository of that name exists with content, or carries another marker.
        """

    def push(self, full_name: str, source: Path, refs: Mapping[str, str]) -> None:
        """
        Push commits from the git directory `source`: `refs` maps a ref on the forge to the commit it must name.

        All refs move or none does. A ref that already names its commit is left alone.

        Raises:
            Conflict: A ref exists and names something else.
        """

    def refs(self, full_name: str) -> dict[str, str]:
        """Return every ref of the repository and the commit it names."""

    def delete_repository(self, full_name: str, *, marker: str, refs: Mapping[str, str]) -> str:
        """
        Delete our repository, if nobody else has used it since: it carries `marker` and has no ref beyond `refs`.

        Returns:
            '' when it is gone (or was never there), else the reason why it was left.
        """

    def withdraw(self, full_name: str, refs: Mapping[str, str]) -> str:
        """
        Take back what `push` put into a repository we did not create: delete each ref that still names its commit.

        Returns:
            '' when all are gone, else the reason why something was left.
        """
