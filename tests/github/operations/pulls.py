"""Pull requests, within one repository."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tests.github import shown
from tests.github.exchange import Page, Reply
from tests.github.operations.git_data import changed_files, merge_base, merged_tree
from tests.github.operations.repositories import at_least
from tests.github.refusals import Refused, conflict, forbidden, invalid, not_found, unprocessable
from tests.github.routing import operation
from tests.github.state import Issue, Pull

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.github.exchange import Call
    from tests.github.git_store import Commit

DRAFTLESS = {"free"}
"""Plans whose private repositories have no drafts."""


@operation("POST", "/repos/{owner}/{repo}/pulls", permission="pull_requests=write", creates=True)
def create(call: Call) -> Reply:
    head, base = _branch(call, "head"), _branch(call, "base")
    found = call.repository
    _check_new(call, head, base)
    now = call.state.now()
    issue = Issue(
        call.state.next_id(),
        next(found.numbers),
        call.need("title"),
        call.said.get("body"),
        call.actor,
        now,
        updated=now,
    )
    branches = found.branches()
    made = Pull(issue, head, base, branches[head], branches[base], draft=bool(call.said.get("draft")))
    found.issues[issue.number], found.pulls[issue.number] = issue, made
    return Reply(201, _full(call, made), {"Location": f"{call.state.api}/repos/{found.full_name}/pulls/{issue.number}"})


@operation("GET", "/repos/{owner}/{repo}/pulls", permission="pull_requests=read")
def every(call: Call) -> Page:
    wanted = call.query.get("state", "open")
    found = [each for each in call.repository.pulls.values() if wanted in ("all", each.issue.state)]
    if "head" in call.query:
        owner, _, branch = call.query["head"].rpartition(":")
        ours = owner.lower() == call.repository.owner.login.lower()
        found = [each for each in found if ours and each.head == branch] if owner else found
    if "base" in call.query:
        found = [each for each in found if each.base == call.query["base"]]
    found.sort(key=lambda each: each.issue.number, reverse=call.query.get("direction", "desc") == "desc")
    return Page(found, partial(shown.pull, call))


@operation("GET", "/repos/{owner}/{repo}/pulls/{pull_number}", permission="pull_requests=read")
def get(call: Call) -> Reply:
    return Reply(body=_full(call, _pull(call)))


@operation("PATCH", "/repos/{owner}/{repo}/pulls/{pull_number}", permission="pull_requests=write")
def update(call: Call) -> Reply:
    one, said = _pull(call), call.said
    _check_author(call, one)
    issue = one.issue
    if "base" in said and said["base"] not in call.repository.branches():
        raise invalid("PullRequest", "base", "invalid")
    if said.get("state") == "open" and one.merged:
        raise invalid("PullRequest", "state", "custom", message="state cannot be changed. The pull request was merged.")
    issue.title, issue.body = said.get("title", issue.title), said.get("body", issue.body)
    one.base = said.get("base", one.base)
    if "state" in said:
        issue.state = said["state"]
        issue.closed = call.state.now() if issue.state == "closed" else None
    issue.updated = call.state.now()
    return Reply(body=_full(call, one))


@operation("PUT", "/repos/{owner}/{repo}/pulls/{pull_number}/merge", permission="contents=write", role="write")
def merge(call: Call) -> Reply:
    one = _pull(call)
    if one.issue.state != "open":
        raise Refused(405, "Pull Request is not mergeable")
    if one.draft:
        raise Refused(405, "Pull Request is still a draft")
    if call.said.get("sha", one.head_sha) != one.head_sha:
        raise conflict("Head branch was modified. Review and try the merge again.")
    _check_reviews(call, one)
    sha = _merged(call, one, str(call.said.get("merge_method", "merge")))
    one.merged = one.issue.closed = one.issue.updated = call.state.now()
    one.merge_commit, one.merged_by, one.issue.state = sha, call.actor, "closed"
    if call.repository.settings.get("delete_branch_on_merge") and call.repository.git.ref(f"refs/heads/{one.head}"):
        call.repository.git.delete_ref(f"refs/heads/{one.head}")
    return Reply(body={"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


@operation("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/commits", permission="pull_requests=read")
def commits(call: Call) -> Page:
    return Page(_commits(call, _pull(call)), partial(shown.commit, call))


@operation("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/files", permission="pull_requests=read")
def files(call: Call) -> Page:
    return Page(_files(call, _pull(call)), lambda each: each)


@operation("POST", "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers", permission="pull_requests=write")
def request_reviewers(call: Call) -> Reply:
    one = _pull(call)
    people, teams = list(call.said.get("reviewers") or ()), list(call.said.get("team_reviewers") or ())
    if one.issue.author.login in people:
        raise unprocessable("Review cannot be requested from pull request author.")
    company = call.state.organizations.get(call.repository.owner.login.lower())
    known = all(login.lower() in call.state.users for login in people)
    if not known or any(company is None or slug not in company.teams for slug in teams):
        raise unprocessable(
            "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not "
            f"a collaborator of the {call.repository.full_name} repository."
        )
    one.reviewers += [login for login in people if login not in one.reviewers]
    one.team_reviewers += [slug for slug in teams if slug not in one.team_reviewers]
    return Reply(201, shown.pull(call, one))


def _branch(call: Call, side: str) -> str:
    name = str(call.need(side)).rpartition(":")[2]
    if name not in call.repository.branches():
        raise invalid("PullRequest", side, "invalid")
    return name


def _check_new(call: Call, head: str, base: str) -> None:
    found = call.repository
    company = call.state.organizations.get(found.owner.login.lower())
    if call.said.get("draft") and found.private and company and company.plan in DRAFTLESS:
        raise unprocessable("Draft pull requests are not supported in this repository.")
    for each in found.pulls.values():
        if (each.head, each.base, each.issue.state) == (head, base, "open"):
            words = f"A pull request already exists for {found.owner.login}:{head}."
            raise invalid("PullRequest", "", "custom", message=words)
    branches = found.branches()
    if branches[head] in {each.sha for each in found.git.history(branches[base])}:
        words = f"No commits between {base} and {head}"
        raise invalid("PullRequest", "", "custom", message=words)


def _pull(call: Call) -> Pull:
    number = call.at["pull_number"]
    found = call.repository.pulls.get(int(number)) if number.isdigit() else None
    if found is None:
        raise not_found()
    return found


def _check_author(call: Call, one: Pull) -> None:
    if one.issue.author is not call.actor and not at_least(call, "write"):
        raise forbidden("Must have push access to repository")


def _check_reviews(call: Call, one: Pull) -> None:
    if _lacks_review(call, one):
        raise Refused(405, "At least 1 approving review is required by reviewers with write access.")


def _lacks_review(call: Call, one: Pull) -> bool:
    rules = call.repository.protections.get(one.base, {})
    reviews = rules.get("required_pull_request_reviews")
    needed = reviews is not None and reviews.get("required_approving_review_count", 1)
    return bool(needed and (rules.get("enforce_admins") or not at_least(call, "admin")))


def _mergeable_state(call: Call, one: Pull, *, mergeable: bool) -> str:
    if one.draft:
        return "draft"
    return "dirty" if not mergeable else "blocked" if _lacks_review(call, one) else "clean"


def _full(call: Call, one: Pull) -> dict[str, Any]:
    changes = _files(call, one)
    merged_by = shown.user(call.state, one.merged_by) if one.merged_by else None
    opened = one.issue.state == "open"
    git, branches = call.repository.git, call.repository.branches()
    mergeable = opened and merged_tree(git, branches[one.base], one.head_sha) is not None
    return {
        **shown.pull(call, one),
        "merged": one.merged is not None,
        "merged_by": merged_by,
        "rebaseable": True,
        "mergeable": mergeable if opened else None,
        "mergeable_state": _mergeable_state(call, one, mergeable=mergeable) if opened else "unknown",
        "comments": len(one.issue.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(_commits(call, one)),
        "additions": sum(each["additions"] for each in changes),
        "deletions": sum(each["deletions"] for each in changes),
        "changed_files": len(changes),
    }


def _commits(call: Call, one: Pull) -> Sequence[Commit]:
    git = call.repository.git
    known = {each.sha for each in git.history(one.base_sha)}
    return [each for each in git.history(one.head_sha) if each.sha not in known][::-1]


def _files(call: Call, one: Pull) -> list[dict[str, Any]]:
    git = call.repository.git
    return changed_files(call, merge_base(git, one.base_sha, one.head_sha), one.head_sha)


def _merged(call: Call, one: Pull, method: str) -> str:
    git, found = call.repository.git, call.repository
    base = found.branches()[one.base]
    tree = merged_tree(git, base, one.head_sha)
    if tree is None:
        raise Refused(405, "Pull Request is not mergeable")
    who = call.state.person(call.actor)
    title = f"Merge pull request #{one.issue.number} from {found.owner.login}/{one.head}\n\n{one.issue.title}"
    if method != "merge":
        title = f"{one.issue.title} (#{one.issue.number})"
    message = "\n\n".join(filter(None, (call.said.get("commit_title") or title, call.said.get("commit_message"))))
    parents = (base, one.head_sha) if method == "merge" else (base,)
    sha = git.put_commit(tree, parents, who, who, message)
    git.set_ref(f"refs/heads/{one.base}", sha)
    call.state.pushed(found)
    return sha
