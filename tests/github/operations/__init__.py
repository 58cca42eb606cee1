"""What the API can do, by what it is about."""

from tests.github.operations import accounts, contents, git_data, pulls, repositories

__all__ = ["accounts", "contents", "git_data", "pulls", "repositories"]
