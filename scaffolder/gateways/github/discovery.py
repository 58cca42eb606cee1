"""
What an organisation, or a person, has on GitHub: repositories, teams and people, asked page by page.

A question costs a point of the 5,000 an hour for each hundred lists that it goes into, one at least. How much of it
GitHub can answer in its ten seconds depends on what is there: one that fails is asked for half as many.
https://docs.github.com/graphql/overview/rate-limits-and-node-limits-for-the-graphql-api
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeVar

from scaffolder.errors import InvalidInput, ScaffolderError
from scaffolder.gateways.github.refusals import Unavailable, refusal
from scaffolder.gateways.github.transport import GRAPHQL, PAGE, Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scaffolder.gateways.github.client import Client

T = TypeVar("T")

CONTENTS: Final = 25
"""Files in one question: GitHub goes into a repository for each, and 50 took it too long where others tried."""
FEWEST: Final = 5
"""Things in one question for which GitHub always has the time."""
AT_ONCE: Final = 5
"""Pages of people in one question."""

_OK, _FORBIDDEN, _INVALID = 200, 403, 422
_UNSCOPED = "INSUFFICIENT_SCOPES"
_TOO_LARGE = frozenset({"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED"})
_TOO_LONG = "something went wrong while executing your query"

_PAGED = "pageInfo { hasNextPage endCursor }"
_REPOSITORIES = f"""repositories(
      first: $size, after: $after, ownerAffiliations: OWNER, isArchived: false, orderBy: {{field: %s, direction: %s}}
    ) {{
      totalCount {_PAGED} nodes {{ id nameWithOwner pushedAt updatedAt defaultBranchRef {{ name target {{ oid }} }} }}
    }}"""
_LISTED = f"""query($owner: String!, $size: Int!, $after: String) {{
  repositoryOwner(login: $owner) {{
    __typename
    {_REPOSITORIES % ("CREATED_AT", "ASC")}
  }}
}}"""
_CHANGED = f"""query($owner: String!, $size: Int!, $after: String) {{
  repositoryOwner(login: $owner) {{
    __typename
    pushed: {_REPOSITORIES % ("PUSHED_AT", "DESC")}
    updated: {_REPOSITORIES % ("UPDATED_AT", "DESC")}
  }}
}}"""
_CONTENTS = """query($ids: [ID!]!, $file: String!) {
  nodes(ids: $ids) { ... on Repository { id object(expression: $file) { ... on Blob { isBinary isTruncated text } } } }
}"""
_MEMBERS = f"members(first: $size, after: $more, membership: IMMEDIATE) {{ {_PAGED} nodes {{ login }} }}"
_TEAMS = f"""teams(first: $size, after: $after) {{
      {_PAGED}
      nodes {{
        id slug combinedSlug name description avatarUrl editTeamUrl parentTeam {{ slug }}
        {_MEMBERS}
      }}
    }}"""
_PEOPLE = f"""p%d: membersWithRole(first: $size, after: $p%d) {{
      {_PAGED} nodes {{ login name bio avatarUrl email @include(if: $email) }}
    }}"""
_MORE_MEMBERS = f"""query($team: ID!, $size: Int!, $more: String) {{
  node(id: $team) {{ ... on Team {{ {_MEMBERS} }} }}
}}"""


class AccountUnknown(InvalidInput):
    """There is no such organisation or person, or the token may not see it."""

    def __init__(self, owner: str, host: str) -> None:
        super().__init__(
            f"{host} shows no organisation or person {owner}",
            hint=f"is the name right, and may the token see it?  scaffolder login --host {host}",
        )


class _TooMuch(Exception):  # noqa: N818  no error: less is asked for
    """GitHub had not the time for so much."""

    def __init__(self, error: ScaffolderError) -> None:
        super().__init__(error.message)
        self.error = error


class Page(NamedTuple):
    """
    Some of a list, as GitHub gives it: `nodes` are JSON; None stands for one that is not shown.

    `end` is where to read on, '' at the end of the list; `total` is how many there are in all, where that was asked.
    """

    nodes: list[Any]
    end: str = ""
    total: int = 0

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Page:
        """Read a connection."""
        info = said["pageInfo"]
        return cls(said["nodes"], (info["endCursor"] or "") if info["hasNextPage"] else "", said.get("totalCount", 0))


class Content(NamedTuple):
    """
    A file of a repository.

    `state` tells whether its text is here, is only to be had by git, or there is no such file, or nothing is shown.
    """

    state: Literal["text", "by git", "none", "unseen"]
    text: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any] | None) -> Content:
        """Read an object of git."""
        if not said:  # nothing, or a directory
            return cls("none")
        if said["isBinary"] or said["isTruncated"] or said["text"] is None:
            return cls("by git")
        return cls("text", said["text"])


class Recent(NamedTuple):
    """What somebody has pushed to, and what was changed otherwise, last; the last first."""

    pushed: Page
    updated: Page


class Crowd(NamedTuple):
    """A page of teams, None where none was asked for, and pages of people, by where they begin."""

    teams: Page | None
    people: dict[str, Page]


@dataclass
class Discovery:
    """
    Asks for what the account `owner` has.

    `began` is the time by GitHub's clock, in seconds of the epoch, at which it first answered.
    """

    client: Client
    owner: str
    began: float = 0.0
    _size: dict[str, int] = field(default_factory=dict, init=False, repr=False)
    _email: bool = field(default=True, init=False, repr=False)

    def repositories(self, after: str) -> tuple[Page, bool]:
        """
        Return a page of what is not archived, the oldest first, and whether the account is an organisation.

        Raises:
            AccountUnknown: There is no such account.
            ScaffolderError: GitHub refuses, or cannot be asked now; so with the other questions.
        """
        owner = self._of_owner(_LISTED, "repositories", after)
        return Page.of(owner["repositories"]), owner["__typename"] == "Organization"

    def recent(self) -> tuple[Recent, bool]:
        """Return the last changes, and whether the account is an organisation."""
        owner = self._of_owner(_CHANGED, "changes", "")
        return Recent(Page.of(owner["pushed"]), Page.of(owner["updated"])), owner["__typename"] == "Organization"

    def contents(self, ids: Sequence[str], path: str) -> dict[str, Content]:
        """Return the file at `path` of the first of some repositories, by their ids: of as many as there is time."""

        def asked(size: int) -> dict[str, Content]:
            some = list(ids[:size])
            said = self._ask(_CONTENTS, {"ids": some, "file": f"HEAD:{path}"})
            unseen = {some[each["path"][1]] for each in said.errors if each.get("path", ())[:1] == ["nodes"]}
            shown = {each["id"]: Content.of(each["object"]) for each in said.data["nodes"] if each}
            return dict.fromkeys(some, Content("unseen")) | {name: shown[name] for name in shown if name not in unseen}

        return self._as_many("contents", CONTENTS, asked)

    def crowd(self, teams: str | None, people: Sequence[str]) -> Crowd:
        """
        Return the page of teams that begins at `teams`, '' for the first and None for none, and pages of people.

        Raises:
            ScaffolderError: They may not be seen, or GitHub cannot be asked now.
        """
        while True:
            try:
                return self._as_many("teams", PAGE, lambda size: self._crowd(teams, people, size))
            except _EmailUnseen:
                self._email = False

    def _crowd(self, teams: str | None, people: Sequence[str], size: int) -> Crowd:
        cursors = {f"p{number}": cursor or None for number, cursor in enumerate(people)}
        variables = {"owner": self.owner, "size": size, "after": teams or None, "email": self._email, **cursors}
        query = _crowd_query(len(people), teams=teams is not None)
        said = self._ask(query, {name: each for name, each in variables.items() if f"${name}:" in query})
        if any(error.get("path", [""])[-1] == "email" for error in said.errors):
            raise _EmailUnseen
        found = said.data.get("organization")
        if found is None:
            raise self._refused(said)
        pages = {cursor: Page.of(found[f"p{number}"]) for number, cursor in enumerate(people)}
        return Crowd(self._with_all_members(found["teams"], size) if teams is not None else None, pages)

    def _with_all_members(self, teams: Mapping[str, Any], size: int) -> Page:
        """Return a page of teams whose members are all there."""
        for team in teams["nodes"]:
            page = Page.of(team["members"]) if team else Page([])
            while page.end:
                said = self._ask(_MORE_MEMBERS, {"team": team["id"], "size": size, "more": page.end})
                if said.data.get("node") is None:
                    raise self._refused(said)
                page = Page.of(said.data["node"]["members"])
                team["members"]["nodes"] += page.nodes
        return Page.of(teams)

    def _of_owner(self, query: str, what: str, after: str) -> dict[str, Any]:
        def asked(size: int) -> dict[str, Any]:
            said = self._ask(query, {"owner": self.owner, "size": size, "after": after or None})
            owner = said.data.get("repositoryOwner")
            if owner is None:
                raise self._refused(said)
            return dict(owner)

        return self._as_many(what, PAGE, asked)

    def _as_many(self, what: str, most: int, asked: Callable[[int], T]) -> T:
        """Ask for as many as GitHub has the time for, and remember how many that were."""
        while True:
            size = self._size.setdefault(what, most)
            try:
                return asked(size)
            except _TooMuch as much:
                if size == FEWEST:
                    raise much.error from None
                self._size[what] = max(FEWEST, size // 2)

    def _ask(self, query: str, variables: Mapping[str, Any]) -> _Said:
        try:
            answer = self.client.query(GRAPHQL, {"query": query, "variables": dict(variables)}, again=1)
        except Unavailable as error:
            if error.began:
                raise _TooMuch(error) from None
            raise
        if answer.status != _OK:
            raise self._refusal(answer)
        self.began = self.began or _date(answer, self.client.clock.now())
        said = _Said(answer.body.get("data"), answer.body.get("errors") or [], answer.headers)
        if any(_is_too_much(error) for error in said.errors):
            raise _TooMuch(Unavailable(self.client.server.host, "cannot answer that in its time"))
        if said.data is None and self._email and any(_is_about_email(error) for error in said.errors):
            raise _EmailUnseen
        if said.data is None:
            raise self._refused(said)
        return said

    def _refused(self, said: _Said) -> ScaffolderError:
        """Return what to raise for what is not shown at all."""
        first = next((error for error in said.errors if error.get("type") != "NOT_FOUND"), None)
        if first is None:
            return AccountUnknown(self.owner, self.client.server.host)
        status = _FORBIDDEN if first.get("type") in {"FORBIDDEN", _UNSCOPED} else _INVALID
        return self._refusal(Answer(status, said.headers, {"message": _first_sentence(str(first.get("message", "")))}))

    def _refusal(self, answer: Answer) -> ScaffolderError:
        client = self.client
        return refusal(client.server.host, f"reading {self.owner}", answer, token=bool(client.token()))


class _Said(NamedTuple):
    """An answer; `data` is None where nothing at all is shown, `errors` says what is not, and why."""

    data: Any
    errors: list[dict[str, Any]]
    headers: Mapping[str, str]


class _EmailUnseen(Exception):  # noqa: N818  no error: it is left out
    """The token may not see people's e-mail addresses."""


def _crowd_query(pages: int, *, teams: bool) -> str:
    """Return the question for so many pages of people, and for one of teams."""
    lists = [_PEOPLE % (number, number) for number in range(pages)] + ([_TEAMS] if teams else [])
    declared = ["$owner: String!", "$size: Int!", *(f"$p{number}: String" for number in range(pages))]
    declared += ["$after: String", "$more: String"] if teams else []
    declared += ["$email: Boolean!"] if pages else []
    return f"query({', '.join(declared)}) {{\n  organization(login: $owner) {{\n    {chr(10).join(lists)}\n  }}\n}}"


def _is_about_email(error: Mapping[str, Any]) -> bool:
    return error.get("type") == _UNSCOPED and "'email'" in str(error.get("message"))


def _is_too_much(error: Mapping[str, Any]) -> bool:
    message = str(error.get("message", "")).lower()
    return error.get("type") in _TOO_LARGE or message.startswith(_TOO_LONG)


def _first_sentence(text: str) -> str:
    return text.partition(". Please ")[0]


def _date(answer: Answer, now: float) -> float:
    """Return the time by GitHub's clock, by ours where it does not say it."""
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except ValueError:
        return now
