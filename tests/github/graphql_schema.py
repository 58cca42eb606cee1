"""
The part of GitHub's public GraphQL schema that is asked for, and what a question costs by GitHub's published rules.

Names and types are those of the schema at https://docs.github.com/public/fpt/schema.docs.graphql.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    IntValueNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    build_schema,
    visit,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphql import DocumentNode, GraphQLSchema, SelectionSetNode

MOST_NODES, LARGEST_PAGE, PER_POINT = 500_000, 100, 100
CONNECTIONS = frozenset({"members", "membersWithRole", "repositories", "teams"})
READS_COMPANY = frozenset({"read:org", "write:org", "admin:org"})
READS_EMAIL = frozenset({"user:email", "read:user", "user"})
_OF_COMPANY = frozenset({"Organization", "Team", "TeamConnection", "OrganizationMemberConnection"})
_SAID_OF_ALL = frozenset({"__typename", "repositories"})

SDL = """
scalar DateTime
scalar GitObjectID
scalar URI
enum OrderDirection { ASC DESC }
enum RepositoryAffiliation { COLLABORATOR ORGANIZATION_MEMBER OWNER }
enum RepositoryOrderField { CREATED_AT NAME PUSHED_AT STARGAZERS UPDATED_AT }
enum TeamMembershipType { ALL CHILD_TEAM IMMEDIATE }
input RepositoryOrder { direction: OrderDirection! field: RepositoryOrderField! }
interface Node { id: ID! }
interface GitObject { oid: GitObjectID! }
interface RepositoryOwner {
  id: ID!
  login: String!
  repositories(
    after: String first: Int isArchived: Boolean isFork: Boolean orderBy: RepositoryOrder
    ownerAffiliations: [RepositoryAffiliation] = [OWNER, COLLABORATOR]
  ): RepositoryConnection!
}
type Blob implements GitObject & Node {
  id: ID! oid: GitObjectID! byteSize: Int! isBinary: Boolean isTruncated: Boolean! text: String
}
type Commit implements GitObject & Node { id: ID! oid: GitObjectID! }
type Tree implements GitObject & Node { id: ID! oid: GitObjectID! }
type Ref implements Node { id: ID! name: String! target: GitObject }
type Organization implements Node & RepositoryOwner {
  id: ID!
  login: String!
  membersWithRole(after: String first: Int): OrganizationMemberConnection!
  repositories(
    after: String first: Int isArchived: Boolean isFork: Boolean orderBy: RepositoryOrder
    ownerAffiliations: [RepositoryAffiliation] = [OWNER, COLLABORATOR]
  ): RepositoryConnection!
  teams(after: String first: Int): TeamConnection!
}
type OrganizationMemberConnection { nodes: [User] pageInfo: PageInfo! totalCount: Int! }
type PageInfo { endCursor: String hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String }
type Query {
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
  organization(login: String!): Organization
  rateLimit(dryRun: Boolean = false): RateLimit
  repositoryOwner(login: String!): RepositoryOwner
}
type RateLimit { cost: Int! limit: Int! nodeCount: Int! remaining: Int! resetAt: DateTime! used: Int! }
type Repository implements Node {
  id: ID! name: String! nameWithOwner: String! isArchived: Boolean! isEmpty: Boolean!
  pushedAt: DateTime updatedAt: DateTime! url: URI! defaultBranchRef: Ref
  object(expression: String oid: GitObjectID): GitObject
}
type RepositoryConnection { nodes: [Repository] pageInfo: PageInfo! totalCount: Int! }
type Team implements Node {
  id: ID! slug: String! combinedSlug: String! name: String! description: String
  avatarUrl(size: Int = 400): URI editTeamUrl: URI! parentTeam: Team
  members(after: String first: Int membership: TeamMembershipType = ALL): TeamMemberConnection!
}
type TeamConnection { nodes: [Team] pageInfo: PageInfo! totalCount: Int! }
type TeamMemberConnection { nodes: [User] pageInfo: PageInfo! totalCount: Int! }
type User implements Node & RepositoryOwner {
  id: ID! login: String! name: String email: String! bio: String avatarUrl(size: Int): URI!
  repositories(
    after: String first: Int isArchived: Boolean isFork: Boolean orderBy: RepositoryOrder
    ownerAffiliations: [RepositoryAffiliation] = [OWNER, COLLABORATOR]
  ): RepositoryConnection!
}
"""


class Unanswered(Exception):  # noqa: N818  an answer of GitHub's
    """Nothing of a question is answered; `kind` is GitHub's word for why."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Size(NamedTuple):
    """How large a question is: lists that it goes into, and things that it may name."""

    lists: int
    nodes: int

    @property
    def points(self) -> int:
        """What it costs."""
        return max(1, round(self.lists / PER_POINT))


@cache
def schema() -> GraphQLSchema:
    """Return the schema."""
    return build_schema(SDL)


def size_of(document: DocumentNode, variables: Mapping[str, Any]) -> Size:
    """
    Return how large a question is.

    Raises:
        Unanswered: It does not say how much of a connection it wants, or wants too much.
    """
    lists = nodes = 0
    for definition in document.definitions:
        of_one, named = _size(definition.selection_set, variables, 1)  # type: ignore[attr-defined]
        lists, nodes = lists + of_one, nodes + named
    if nodes > MOST_NODES:
        message = f"By the time this query traverses to the last connection, it is requesting up to {nodes:,} nodes."
        raise Unanswered("MAX_NODE_LIMIT_EXCEEDED", message)
    return Size(lists, nodes)


def _size(selected: SelectionSetNode | None, variables: Mapping[str, Any], times: int) -> tuple[int, int]:
    lists = nodes = 0
    for each in selected.selections if selected else ():
        if isinstance(each, FragmentSpreadNode):
            raise NotImplementedError("named fragments")
        here = times
        if isinstance(each, FieldNode) and each.name.value in CONNECTIONS:
            number = _first(each, variables)
            lists, here = lists + times, times * number
            nodes += here
        elif isinstance(each, FieldNode) and each.name.value == "nodes" and each.arguments:
            here = times * len(variables.get("ids", ()))
            nodes += here
        below, named = _size(getattr(each, "selection_set", None), variables, here)
        lists, nodes = lists + below, nodes + named
    return lists, nodes


def _first(field: FieldNode, variables: Mapping[str, Any]) -> int:
    name = field.name.value
    for argument in field.arguments or ():
        if argument.name.value == "first":
            value = argument.value
            number = variables.get(value.name.value) if isinstance(value, VariableNode) else None
            number = int(value.value) if isinstance(value, IntValueNode) else number
            if isinstance(number, int) and 1 <= number <= LARGEST_PAGE:
                return number
            message = (
                f"Requesting {number} records on the `{name}` connection exceeds the `first` limit of 100 records."
            )
            raise Unanswered("EXCESSIVE_PAGINATION", message)
    message = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
    raise Unanswered("MISSING_PAGINATION_BOUNDARIES", message)


def check_scopes(document: DocumentNode, variables: Mapping[str, Any], scopes: frozenset[str]) -> None:
    """
    Check what a classic token with these scopes may ask for.

    Raises:
        Unanswered: It may not ask for a field.
    """
    info = TypeInfo(schema())

    class Fields(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            name = node.name.value
            needed = _needed(str(info.get_parent_type()), name)
            if needed and not needed & scopes and not _left_out(node, variables):
                raise Unanswered("INSUFFICIENT_SCOPES", _LACKING.format(name, sorted(needed), sorted(scopes)))

    visit(document, TypeInfoVisitor(info, Fields()))


_LACKING = (
    "Your token has not been granted the required scopes to execute this query. The '{}' field requires one of the "
    "following scopes: {}, but your token has only been granted the: {} scopes. Please modify your token's scopes at: "
    "https://github.com/settings/tokens."
)


def _needed(parent: str, name: str) -> frozenset[str]:
    if parent == "User" and name == "email":
        return READS_EMAIL
    return READS_COMPANY if parent in _OF_COMPANY and name not in _SAID_OF_ALL else frozenset()


def _left_out(node: FieldNode, variables: Mapping[str, Any]) -> bool:
    values = [
        argument.value
        for each in node.directives or ()
        if each.name.value == "include"
        for argument in each.arguments or ()
    ]
    return any(isinstance(value, VariableNode) and not variables.get(value.name.value) for value in values)
