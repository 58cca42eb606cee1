"""What the API can do, by what it is about."""

from tests.github.operations import (
    access,
    accounts,
    actions,
    apps,
    attachments,
    contents,
    discovery,
    git_data,
    graphql,
    issues,
    pulls,
    repositories,
    rules,
)

__all__ = [
    "access",
    "accounts",
    "actions",
    "apps",
    "attachments",
    "contents",
    "discovery",
    "git_data",
    "graphql",
    "issues",
    "pulls",
    "repositories",
    "rules",
]
