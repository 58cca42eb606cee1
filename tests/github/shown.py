"""How people, organisations, repositories and pull requests look in the API's answers."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from tests.github.state import ROLES

if TYPE_CHECKING:
    from tests.github.exchange import Call
    from tests.github.git_store import Commit, Person
    from tests.github.state import Organization, Pull, Repository, State, Team, User

_REPOSITORY_LINKS = {
    "archive": "{archive_format}{/ref}",
    "assignees": "{/user}",
    "branches": "{/branch}",
    "collaborators": "{/collaborator}",
    "comments": "{/number}",
    "commits": "{/sha}",
    "contributors": "",
    "deployments": "",
    "downloads": "",
    "events": "",
    "forks": "",
    "hooks": "",
    "issues": "{/number}",
    "keys": "{/key_id}",
    "labels": "{/name}",
    "languages": "",
    "merges": "",
    "milestones": "{/number}",
    "notifications": "{?since,all,participating}",
    "pulls": "{/number}",
    "releases": "{/id}",
    "stargazers": "",
    "subscribers": "",
    "subscription": "",
    "tags": "",
    "teams": "",
}
_ODD_LINKS = {
    "blobs_url": "git/blobs{/sha}",
    "compare_url": "compare/{base}...{head}",
    "contents_url": "contents/{+path}",
    "git_commits_url": "git/commits{/sha}",
    "git_refs_url": "git/refs{/sha}",
    "git_tags_url": "git/tags{/sha}",
    "issue_comment_url": "issues/comments{/number}",
    "issue_events_url": "issues/events{/number}",
    "statuses_url": "statuses/{sha}",
    "trees_url": "git/trees{/sha}",
}
SETTINGS: dict[str, Any] = {
    "description": None,
    "homepage": None,
    "has_issues": True,
    "has_projects": True,
    "has_wiki": True,
    "has_downloads": True,
    "has_discussions": False,
    "is_template": False,
    "allow_squash_merge": True,
    "allow_merge_commit": True,
    "allow_rebase_merge": True,
    "allow_auto_merge": False,
    "delete_branch_on_merge": False,
    "allow_update_branch": False,
    "use_squash_pr_title_as_default": False,
    "squash_merge_commit_title": "COMMIT_OR_PR_TITLE",
    "squash_merge_commit_message": "COMMIT_MESSAGES",
    "merge_commit_title": "MERGE_MESSAGE",
    "merge_commit_message": "PR_TITLE",
    "allow_forking": True,
    "web_commit_signoff_required": False,
}
"""What a new repository is set to."""


def node(kind: str, number: int) -> str:
    """Return the name of a thing in GraphQL."""
    return base64.b64encode(f"{kind}_{number}".encode()).decode()


def user(state: State, who: User) -> dict[str, Any]:
    api = f"{state.api}/users/{who.login}"
    links = {
        "followers_url": "followers",
        "following_url": "following{/other_user}",
        "gists_url": "gists{/gist_id}",
        "starred_url": "starred{/owner}{/repo}",
        "subscriptions_url": "subscriptions",
        "organizations_url": "orgs",
        "repos_url": "repos",
        "events_url": "events{/privacy}",
        "received_events_url": "received_events",
    }
    return {
        "login": who.login,
        "id": who.id,
        "node_id": node("U", who.id),
        "avatar_url": f"{state.url}/avatars/u/{who.id}",
        "gravatar_id": "",
        "url": api,
        "html_url": f"{state.url}/{who.login}",
        **{name: f"{api}/{path}" for name, path in links.items()},
        "type": who.type,
        "site_admin": False,
    }


def profile(state: State, who: User) -> dict[str, Any]:
    owned = [each for each in state.repositories.values() if each.owner is who]
    return {
        **user(state, who),
        "user_view_type": "public",
        "name": who.name,
        "company": None,
        "blog": "",
        "location": None,
        "email": who.email,
        "hireable": None,
        "bio": None,
        "public_repos": sum(not each.private for each in owned),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": "2011-01-25T18:44:36Z",
        "updated_at": "2024-01-01T00:00:00Z",
    }


def own_profile(state: State, who: User) -> dict[str, Any]:
    private = sum(each.private for each in state.repositories.values() if each.owner is who)
    return {
        **profile(state, who),
        "user_view_type": "private",
        "private_gists": 0,
        "total_private_repos": private,
        "owned_private_repos": private,
        "disk_usage": 0,
        "collaborators": 0,
        "two_factor_authentication": True,
        "plan": {"name": "pro", "space": 976562499, "private_repos": 9999, "collaborators": 0},
    }


def organization_brief(state: State, company: Organization) -> dict[str, Any]:
    api = f"{state.api}/orgs/{company.login}"
    return {
        "login": company.login,
        "id": company.account.id,
        "node_id": node("O", company.account.id),
        "url": api,
        **{f"{part}_url": f"{api}/{part}" for part in ("repos", "events", "hooks", "issues")},
        "members_url": f"{api}/members{{/member}}",
        "public_members_url": f"{api}/public_members{{/member}}",
        "avatar_url": f"{state.url}/avatars/u/{company.account.id}",
        "description": None,
    }


def organization(state: State, company: Organization, *, member: bool) -> dict[str, Any]:
    policy = {
        "members_can_create_repositories": True,
        "members_can_create_public_repositories": True,
        "members_can_create_private_repositories": True,
        "members_can_create_internal_repositories": company.plan == "enterprise",
        **company.policy,
    }
    inside = {
        **policy,
        "default_repository_permission": company.base_role,
        "plan": {"name": company.plan, "space": 976562499, "private_repos": 9999, "filled_seats": 1, "seats": 100},
        "total_private_repos": sum(
            each.private for each in state.repositories.values() if each.owner is company.account
        ),
    }
    return {
        **organization_brief(state, company),
        "name": company.account.name or company.login,
        "html_url": f"{state.url}/{company.login}",
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "type": "Organization",
        "archived_at": None,
        "created_at": "2012-01-01T00:00:00Z",
        "updated_at": "2024-01-01T00:00:00Z",
        **(inside if member else {}),
    }


def team_simple(state: State, company: Organization, one: Team) -> dict[str, Any]:
    api = f"{state.api}/organizations/{company.account.id}/team/{one.id}"
    return {
        "id": one.id,
        "node_id": node("T", one.id),
        "url": api,
        "html_url": f"{state.url}/orgs/{company.login}/teams/{one.slug}",
        "name": one.name,
        "slug": one.slug,
        "description": one.description,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "pull",
        "members_url": f"{api}/members{{/member}}",
        "repositories_url": f"{api}/repos",
        "type": "organization",
        "organization_id": company.account.id,
    }


def team(state: State, company: Organization, one: Team) -> dict[str, Any]:
    return {
        **team_simple(state, company, one),
        "parent": team_simple(state, company, one.parent) if one.parent else None,
    }


def team_full(state: State, company: Organization, one: Team) -> dict[str, Any]:
    return {
        **team(state, company, one),
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2024-01-01T00:00:00Z",
        "members_count": len(one.members),
        "repos_count": sum(one.slug in each.teams for each in state.repositories.values()),
        "organization": organization(state, company, member=False),
    }


def permissions(role: str) -> dict[str, bool]:
    at = ROLES.index(role)
    words = {"admin": "admin", "maintain": "maintain", "push": "write", "triage": "triage", "pull": "read"}
    return {word: at >= ROLES.index(name) for word, name in words.items()}


def repository(state: State, one: Repository, viewer: User | None) -> dict[str, Any]:
    api, page = f"{state.api}/repos/{one.full_name}", f"{state.url}/{one.full_name}"
    opened = sum(each.state == "open" for each in one.issues.values())
    return {
        "id": one.id,
        "node_id": node("R", one.id),
        "name": one.name,
        "full_name": one.full_name,
        "private": one.private,
        "owner": user(state, one.owner),
        "html_url": page,
        "fork": False,
        "url": api,
        **{f"{part}_url": f"{api}/{part}{rest}" for part, rest in _REPOSITORY_LINKS.items()},
        **{name: f"{api}/{path}" for name, path in _ODD_LINKS.items()},
        "git_url": page.replace("http", "git", 1) + ".git",
        "ssh_url": f"git@127.0.0.1:{one.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "mirror_url": None,
        "language": None,
        "license": None,
        **SETTINGS,
        **one.settings,
        "has_pages": one.pages is not None,
        "archived": one.archived,
        "disabled": False,
        "visibility": one.visibility,
        "topics": one.topics,
        "default_branch": one.default_branch,
        "forks": 0,
        "forks_count": 0,
        "stargazers_count": 0,
        "watchers": 0,
        "watchers_count": 0,
        "size": 0,
        "open_issues": opened,
        "open_issues_count": opened,
        "created_at": one.created,
        "updated_at": one.updated,
        "pushed_at": one.pushed,
        "permissions": permissions(state.role(viewer, one)),
    }


def repository_full(state: State, one: Repository, viewer: User | None) -> dict[str, Any]:
    shown = {**repository(state, one, viewer), "network_count": 0, "subscribers_count": 1}
    if one.owner.type == "Organization":
        shown["organization"] = user(state, one.owner)
        shown["custom_properties"] = one.properties
    return shown


def label(state: State, where: Repository, one: dict[str, Any]) -> dict[str, Any]:
    return {
        **one,
        "node_id": node("LA", one["id"]),
        "url": f"{state.api}/repos/{where.full_name}/labels/{one['name'].replace(' ', '%20')}",
    }


def person(who: Person) -> dict[str, Any]:
    return {"name": who.name, "email": who.email, "date": who.date}


_UNSIGNED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}


def git_commit(call: Call, one: Commit) -> dict[str, Any]:
    api, page = _places(call)
    return {
        "sha": one.sha,
        "node_id": f"C_{one.sha}",
        "url": f"{api}/git/commits/{one.sha}",
        "html_url": f"{page}/commit/{one.sha}",
        "author": person(one.author),
        "committer": person(one.committer),
        "tree": {"sha": one.tree, "url": f"{api}/git/trees/{one.tree}"},
        "message": one.message.removesuffix("\n"),
        "parents": [
            {"sha": each, "url": f"{api}/git/commits/{each}", "html_url": f"{page}/commit/{each}"}
            for each in one.parents
        ],
        "verification": _UNSIGNED,
    }


def commit(call: Call, one: Commit) -> dict[str, Any]:
    api, page = _places(call)
    bare = git_commit(call, one)
    inner = {name: bare[name] for name in ("author", "committer", "tree", "message", "verification")}
    return {
        **{name: bare[name] for name in ("sha", "node_id", "html_url")},
        "url": f"{api}/commits/{one.sha}",
        "comments_url": f"{api}/commits/{one.sha}/comments",
        "commit": {**inner, "comment_count": 0, "url": bare["url"]},
        "author": _account(call.state, one.author.email),
        "committer": _account(call.state, one.committer.email),
        "parents": [
            {"sha": each, "url": f"{api}/commits/{each}", "html_url": f"{page}/commit/{each}"} for each in one.parents
        ],
    }


def _account(state: State, email: str) -> dict[str, Any] | None:
    for each in state.users.values():
        if email in (each.email, f"{each.id}+{each.login}@users.noreply.github.com"):
            return user(state, each)
    return None


def _places(call: Call) -> tuple[str, str]:
    name = call.repository.full_name
    return f"{call.state.api}/repos/{name}", f"{call.state.url}/{name}"


def pull(call: Call, one: Pull) -> dict[str, Any]:
    """Show a pull request as lists do."""
    api, page = _places(call)
    state, issue, where = call.state, one.issue, call.repository
    me, number = f"{api}/pulls/{issue.number}", issue.number
    links = {
        "self": me,
        "html": f"{page}/pull/{number}",
        "issue": f"{api}/issues/{number}",
        "comments": f"{api}/issues/{number}/comments",
        "review_comments": f"{me}/comments",
        "review_comment": f"{api}/pulls/comments{{/number}}",
        "commits": f"{me}/commits",
        "statuses": f"{api}/statuses/{one.head_sha}",
    }
    company = state.organizations.get(where.owner.login.lower())
    return {
        **{f"{name}_url": link for name, link in links.items() if name not in ("self", "html", "issue")},
        "url": me,
        "html_url": links["html"],
        "issue_url": links["issue"],
        "diff_url": f"{links['html']}.diff",
        "patch_url": f"{links['html']}.patch",
        "id": issue.id,
        "node_id": node("PR", issue.id),
        "number": number,
        "state": issue.state,
        "locked": False,
        "title": issue.title,
        "body": issue.body,
        "user": user(state, issue.author),
        "labels": [label(state, where, where.labels[name]) for name in issue.labels],
        "milestone": None,
        "assignee": user(state, state.users[issue.assignees[0].lower()]) if issue.assignees else None,
        "assignees": [user(state, state.users[login.lower()]) for login in issue.assignees],
        "requested_reviewers": [user(state, state.users[login.lower()]) for login in one.reviewers],
        "requested_teams": [team(state, company, company.teams[slug]) for slug in one.team_reviewers]
        if company
        else [],
        "created_at": issue.created,
        "updated_at": issue.updated,
        "closed_at": issue.closed,
        "merged_at": one.merged,
        "merge_commit_sha": one.merge_commit,
        "draft": one.draft,
        "head": _side(call, one.head, one.head_sha),
        "base": _side(call, one.base, one.base_sha),
        "_links": {name: {"href": link} for name, link in links.items()},
        "author_association": "MEMBER",
        "auto_merge": None,
    }


def _side(call: Call, branch: str, sha: str) -> dict[str, Any]:
    where, state = call.repository, call.state
    return {
        "label": f"{where.owner.login}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": user(state, where.owner),
        "repo": repository(state, where, call.actor),
    }
