"""What GraphQL is asked of accounts: their repositories with files of them, teams and people, page by page."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, execute_sync, parse, validate

from tests.github import shown
from tests.github.exchange import Reply
from tests.github.graphql_schema import Unanswered, check_scopes, schema, size_of
from tests.github.refusals import Refused
from tests.github.tokens import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphql import DocumentNode, GraphQLFormattedError

    from tests.github.exchange import Call
    from tests.github.git_store import GitStore
    from tests.github.graphql_schema import Size
    from tests.github.state import Organization, Repository, Team, User

LARGEST_TEXT = 512_000
_ORDERS: dict[str, Callable[[Repository], Any]] = {
    "CREATED_AT": lambda one: (one.created, one.id),
    "NAME": lambda one: one.name.lower(),
    "PUSHED_AT": lambda one: (one.pushed, one.id),
    "UPDATED_AT": lambda one: (one.updated, one.id),
    "STARGAZERS": lambda one: one.id,
}


class _Refusal(Exception):  # noqa: N818  an answer of GitHub's
    """A part of the question is not answered."""

    def __init__(self, kind: str, message: str, **extensions: Any) -> None:
        super().__init__(message)
        self.kind = kind
        self.extensions = extensions


def answer(call: Call, query: str) -> Reply:
    """Answer a question, and charge what it costs."""
    if call.token is None:
        raise Refused(401, "This endpoint requires you to be authenticated.")
    variables = call.said.get("variables") or {}
    try:
        document, size = _read(query, variables)
        _charge(call, size.points)
        if size.nodes > call.rates.largest_question:
            return Reply(502, {"data": None, "errors": [{"message": _TOO_LONG}]})
        if call.token.kind is Kind.CLASSIC:
            check_scopes(document, variables, frozenset(call.token.scopes))
    except GraphQLError as error:
        return Reply(body={"errors": [{"message": error.message}]})
    except Unanswered as error:
        return Reply(body={"errors": [{"type": error.kind, "message": str(error)}]})
    return _carried_out(call, document, variables)


def _charge(call: Call, points: int) -> None:
    if call.rates.window("graphql").remaining < points:
        raise Unanswered("RATE_LIMITED", "API rate limit exceeded for user ID 1001.")
    call.rates.charge("graphql", points - 1)  # every answer is charged one


def _read(query: str, variables: dict[str, Any]) -> tuple[DocumentNode, Size]:
    document = parse(query)
    for wrong in validate(schema(), document):
        raise wrong
    return document, size_of(document, variables)


def _carried_out(call: Call, document: DocumentNode, variables: dict[str, Any]) -> Reply:
    done = execute_sync(schema(), document, _Root(call).fields(), variable_values=variables)
    body: dict[str, Any] = {"data": done.data}
    if done.errors:
        body["errors"] = [_shown(each) for each in done.errors]
    signed_out = any("extensions" in each for each in body.get("errors", ()))
    company = call.token.sso if call.token else ""
    return Reply(body=body, headers={"X-GitHub-SSO": _SIGN_ON.format(call.state.url, company)} if signed_out else {})


_SIGN_ON = "required; url={}/orgs/{}/sso?authorization_request=A"
_TOO_LONG = (
    "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub "
    "bug. Please include `0000:0000` when reporting this issue."
)


def _shown(error: GraphQLError) -> dict[str, Any]:
    said: GraphQLFormattedError = error.formatted
    original = error.original_error
    if not isinstance(original, _Refusal):
        return dict(said)
    more = {"extensions": original.extensions} if original.extensions else {}
    return {"type": original.kind, **said, **more}


class _Root:
    """What a question begins with, as the one who asks sees it."""

    def __init__(self, call: Call) -> None:
        assert call.token is not None
        self.call = call
        self.state = call.state
        self.token = call.token

    def fields(self) -> dict[str, Any]:
        return {
            "repositoryOwner": lambda _, login: self._owner(login),
            "organization": lambda _, login: self._organization(login),
            "node": lambda _, id: self._node(id),  # noqa: A006  its name
            "nodes": lambda _, ids: [self._node_or_error(each) for each in ids],
            "rateLimit": lambda _, **_more: {**self.call.rates.window("graphql").shown(), "cost": 1, "nodeCount": 0},
        }

    def _owner(self, login: str) -> dict[str, Any] | None:
        account = self.state.users.get(login.lower())
        if account is None:
            return None
        self._check_sso(login)
        company = self.state.organizations.get(login.lower())
        return self._company(company) if company else {**self._user(account), **self._with_repositories(account)}

    def _organization(self, login: str) -> dict[str, Any]:
        company = self.state.organizations.get(login.lower())
        if company is None:
            raise _Refusal("NOT_FOUND", f"Could not resolve to an Organization with the login of '{login}'.")
        self._check_sso(login)
        return self._company(company)

    def _check_sso(self, login: str) -> None:
        if self.token.sso.lower() == login.lower():
            message = (
                "Resource protected by organization SAML enforcement. You must grant your Personal Access token access "
                "to this organization."
            )
            raise _Refusal("FORBIDDEN", message, saml_failure=True)

    def _company(self, company: Organization) -> dict[str, Any]:
        people = [self.state.users[login.lower()] for login in company.members]
        teams = sorted(company.teams.values(), key=lambda one: one.name.lower())
        return {
            "__typename": "Organization",
            "id": shown.node("O", company.account.id),
            "login": company.login,
            "membersWithRole": lambda _, **asked: self._inside(company, people, self._user, asked),
            "teams": lambda _, **asked: self._inside(company, teams, lambda one: self._team(company, one), asked),
            **self._with_repositories(company.account),
        }

    def _inside(self, company: Organization, items: Sequence[Any], show: Callable[[Any], Any], asked: Any) -> Any:
        """Show a list that only members see."""
        if not self.token.holds("members=read"):
            who = "integration" if self.token.kind is Kind.INSTALLATION else "personal access token"
            raise _Refusal("FORBIDDEN", f"Resource not accessible by {who}")
        seen = items if self.state.membership(self.token, company) else []
        return _connection(seen, show, asked)

    def _with_repositories(self, account: User) -> dict[str, Any]:
        def found(_: Any, **asked: Any) -> dict[str, Any]:
            order = asked.get("orderBy") or {"field": "NAME", "direction": "ASC"}
            wanted = asked.get("isArchived")
            mine = [
                one
                for one in self.state.repositories.values()
                if one.owner is account and self.state.sees(self.token, one) and wanted in (None, one.archived)
            ]
            mine.sort(key=_ORDERS[order["field"]], reverse=order["direction"] == "DESC")
            return _connection(mine, self._repository, asked)

        return {"repositories": found}

    def _node_or_error(self, identifier: str) -> dict[str, Any] | _Refusal:
        try:
            return self._node(identifier)
        except _Refusal as refusal:
            return refusal  # raised for this node alone

    def _node(self, identifier: str) -> dict[str, Any]:
        kind, _, number = base64.b64decode(identifier).decode().rpartition("_")
        if kind == "R" and (one := self.state.repositories.get(int(number))) and self.state.sees(self.token, one):
            return self._repository(one)
        for company in self.state.organizations.values():
            for team in company.teams.values():
                if shown.node("T", team.id) == identifier and self.state.membership(self.token, company):
                    return self._team(company, team)
        raise _Refusal("NOT_FOUND", f"Could not resolve to a node with the global id of '{identifier}'")

    def _repository(self, one: Repository) -> dict[str, Any]:
        return {
            "__typename": "Repository",
            "id": shown.node("R", one.id),
            "name": one.name,
            "nameWithOwner": one.full_name,
            "isArchived": one.archived,
            "isEmpty": lambda _: one.git.empty,
            "pushedAt": one.pushed,
            "updatedAt": one.updated,
            "url": f"{self.state.url}/{one.full_name}",
            "defaultBranchRef": lambda _: _default_branch(one),
            "object": lambda _, expression: self._object(one, expression),
        }

    def _object(self, one: Repository, expression: str) -> dict[str, Any] | None:
        if not self.token.holds("contents=read"):
            raise _Refusal("FORBIDDEN", "Resource not accessible by personal access token")
        revision, _, path = expression.partition(":")
        return _object(one.git, revision, path)

    def _team(self, company: Organization, one: Team) -> dict[str, Any]:
        below = [each for each in company.teams.values() if _is_below(each, one)]

        def members(_: Any, **asked: Any) -> dict[str, Any]:
            teams = [one] if asked["membership"] == "IMMEDIATE" else [one, *below]
            logins = dict.fromkeys(login for team in teams for login in team.members)
            return _connection([self.state.users[login.lower()] for login in logins], self._user, asked)

        page = f"{self.state.url}/orgs/{company.login}/teams/{one.slug}"
        return {
            "__typename": "Team",
            "id": shown.node("T", one.id),
            "slug": one.slug,
            "combinedSlug": f"{company.login}/{one.slug}",
            "name": one.name,
            "description": one.description,
            "avatarUrl": f"{self.state.url}/avatars/t/{one.id}",
            "editTeamUrl": f"{page}/edit",
            "parentTeam": self._team(company, one.parent) if one.parent else None,
            "members": members,
        }

    def _user(self, one: User) -> dict[str, Any]:
        return {
            "__typename": "User",
            "id": shown.node("U", one.id),
            "login": one.login,
            "name": one.name,
            "email": one.email or "",
            "bio": one.bio,
            "avatarUrl": f"{self.state.url}/avatars/u/{one.id}",
        }


def _connection(items: Sequence[Any], show: Callable[[Any], Any], asked: dict[str, Any]) -> dict[str, Any]:
    begin = int(base64.b64decode(asked["after"]).decode().removeprefix("cursor:")) if asked.get("after") else 0
    end = begin + asked["first"]
    page = items[begin:end]
    info = {
        "hasNextPage": end < len(items),
        "hasPreviousPage": begin > 0,
        "startCursor": _cursor(begin + 1) if page else None,
        "endCursor": _cursor(begin + len(page)) if page else None,
    }
    return {"nodes": [show(each) for each in page], "pageInfo": info, "totalCount": len(items)}


def _cursor(number: int) -> str:
    return base64.b64encode(f"cursor:{number}".encode()).decode()


def _default_branch(one: Repository) -> dict[str, Any] | None:
    sha = one.git.at(one.default_branch)
    if sha is None:
        return None
    target = {"__typename": "Commit", "id": shown.node("C", one.id), "oid": sha}
    return {"id": shown.node("REF", one.id), "name": one.default_branch, "target": target}


def _object(git: GitStore, revision: str, path: str) -> dict[str, Any] | None:
    at = git.at(revision)
    commit = git.commit(at) if at else None
    if commit is None:
        return None
    kind, sha = "tree", commit.tree
    for part in filter(None, path.split("/")):
        entry = (git.tree(sha) or {}).get(part)
        if entry is None:
            return None
        kind, sha = entry.type, entry.sha
    identity = {"id": shown.node("OBJECT", 0), "oid": sha}
    if kind != "blob":
        return {"__typename": "Tree", **identity}
    data = git.blob(sha) or b""
    binary = b"\0" in data
    text = None if binary else data[:LARGEST_TEXT].decode(errors="replace")
    facts = {"byteSize": len(data), "isBinary": binary, "isTruncated": len(data) > LARGEST_TEXT, "text": text}
    return {"__typename": "Blob", **identity, **facts}


def _is_below(team: Team, above: Team) -> bool:
    parent = team.parent
    while parent is not None and parent is not above:
        parent = parent.parent
    return parent is above
