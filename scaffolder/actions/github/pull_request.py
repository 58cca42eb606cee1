"""Proposing what a workspace holds to a repository that is there: a branch by one push, and its pull request."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from scaffolder.actions.github.inputs import FLAG, REPO_URL, TEXT, TEXTS, check_repository, is_ours, repository_of
from scaffolder.errors import InvalidInput, ScaffolderError, TryAgain
from scaffolder.gateways.git_directory import check_ref
from scaffolder.gateways.github.branches import Branch, not_ignored
from scaffolder.gateways.github.issues import assign, request_reviews
from scaffolder.gateways.github.pulls import PullRequests, Wanted
from scaffolder.task.action import Action, ActionContext, Effect, UndoContext, Values, object_schema
from scaffolder.tree import Tree, contained

if TYPE_CHECKING:
    from scaffolder.gateways.github.pulls import Pull
    from scaffolder.gateways.github.repository_api import RepositoryApi
    from scaffolder.tree import Node


class ForkUnsupported(InvalidInput):
    """A pull request is to come from a fork."""

    def __init__(self) -> None:
        super().__init__(
            "forceFork: pull requests from a fork are not made here",
            hint="leave forceFork out, and let the token push branches to the repository",
        )


def _check(context: ActionContext, value: Values) -> None:
    check_ref(value["branchName"])
    if value.get("forceFork"):
        raise ForkUnsupported
    check_repository(context, value)
    with repository_of(context, value) as repository:
        if is_ours(context, repository.full_name):
            return
        pulls = PullRequests(repository.client, repository.full_name)
        pulls.check()
        _branch(context, repository, value).check(_base(value, pulls), update=value.get("update", False))


def _predict(context: ActionContext, value: Values) -> Values:
    with repository_of(context, value) as repository:
        page = f"{repository.page}/pull/0"
    return {"targetBranchName": value.get("targetBranchName", ""), "remoteUrl": page, "pullRequestNumber": 0}


def _propose(context: ActionContext, value: Values) -> Values:
    with repository_of(context, value) as repository:
        pulls, branch = PullRequests(repository.client, repository.full_name), _branch(context, repository, value)
        base = _base(value, pulls)
        _commit(context, value, branch, base)
        if branch.is_empty and value.get("createWhenEmpty") is False:
            context.log(f"nothing of {repository.full_name} would change: no pull request is opened")
            return {"targetBranchName": base}
        branch.push()
        found = pulls.find(branch.name) if branch.before else None
        ours = found is None or not found.open
        wanted = Wanted(value["branchName"], base, value["title"], value["description"])
        found = pulls.ensure(wanted, draft=value.get("draft", False), fresh=not context.began_before)
        _ask(context, repository, found, value)
    made = {"commitHash": branch.made, "before": branch.before, "created": ours}
    return {"targetBranchName": base, "remoteUrl": found.url, "pullRequestNumber": found.number, **made}


def _commit(context: ActionContext, value: Values, branch: Branch, base: str) -> None:
    identity = context.identity
    branch.commit(
        base,
        _changes(context, value),
        message=value.get("commitMessage") or value["title"],
        identity=replace(
            identity,
            name=value.get("gitAuthorName") or identity.name,
            email=value.get("gitAuthorEmail") or identity.email,
        ),
        when=context.created_at,
        update=value.get("update", False),
    )


def _changes(context: ActionContext, value: Values) -> dict[str, Node | None]:
    """Return the files of the workspace that are proposed, by where they will be, and None for those that go."""
    source, target = value.get("sourcePath", ""), value.get("targetPath", "")
    directory = context.workspace / contained(source) if source.strip("./") else context.workspace
    kept = not_ignored(directory, context.task_directory / "ignored.git")
    prefix = f"{contained(target)}/" if target.strip("./") else ""
    tree = Tree.read(directory)
    proposed = {f"{prefix}{path}": tree[path] for path in kept if path in tree}  # not in another repository
    return {**proposed, **{f"{prefix}{contained(path)}": None for path in value.get("filesToDelete", ())}}


def _base(value: Values, pulls: PullRequests) -> str:
    return str(value.get("targetBranchName") or pulls.facts.get("default_branch", ""))


def _branch(context: UndoContext, repository: RepositoryApi, value: Values) -> Branch:
    named = f"{repository.full_name.lower()} {value['branchName']}"
    digest = hashlib.sha256(named.encode()).hexdigest()[:16]
    return Branch(repository, value["branchName"], context.task_directory / f"branch-{digest}.git")


def _ask(context: ActionContext, repository: RepositoryApi, pull: Pull, value: Values) -> None:
    """Ask for reviews, and name who looks after it; who cannot be asked is told in the log, and stops nothing."""
    people, teams = list(value.get("reviewers", ())), list(dict.fromkeys(value.get("teamReviewers", ())))
    try:
        if people or teams:
            request_reviews(repository, pull.number, people, teams)
        if value.get("assignees"):
            assign(repository, pull.number, value["assignees"])
    except TryAgain:
        raise
    except ScaffolderError as error:
        context.log(f"{pull.url}: {' '.join((error.message, *error.details))}")


def _take_back(context: UndoContext, value: Values, output: Values) -> str:
    """Close the pull request and delete the branch, if both are ours and nobody has used the branch since."""
    with repository_of(context, value) as repository:
        if repository.find("") is None:
            return ""
        branch = _branch(context, repository, value)
        commit, before = output.get("commitHash", branch.made), output.get("before", branch.before)
        pulls = PullRequests(repository.client, repository.full_name)
        found = pulls.find(branch.name) if commit else None
        if found and found.merged:
            return f"{found.url} has been merged"
        reason = branch.take_back(commit, before)
        if found and not reason and output.get("created", not before):
            pulls.close(branch.name)
        return reason


ACTIONS = [
    Action(
        id="publish:github:pull-request",
        description="Propose what the workspace holds to a repository, as a pull request",
        run=_propose,
        check=_check,
        predict=_predict,
        undo=_take_back,
        effect=Effect.OUTSIDE,
        input_schema=object_schema(
            {
                **REPO_URL,
                "branchName": TEXT,
                "targetBranchName": TEXT,
                "title": TEXT,
                "description": TEXT,
                "draft": FLAG,
                "sourcePath": TEXT,
                "targetPath": TEXT,
                "reviewers": TEXTS,
                "teamReviewers": TEXTS,
                "assignees": TEXTS,
                "commitMessage": TEXT,
                "filesToDelete": TEXTS,
                "update": FLAG,
                "forceFork": FLAG,
                "gitAuthorName": TEXT,
                "gitAuthorEmail": TEXT,
                "forceEmptyGitAuthor": FLAG,
                "createWhenEmpty": FLAG,
            },
            *("repoUrl", "title", "description", "branchName"),
        ),
        output_schema=object_schema(
            {
                "targetBranchName": TEXT,
                "remoteUrl": TEXT,
                "pullRequestNumber": {"type": "integer"},
                "commitHash": TEXT,
                "before": TEXT,
                "created": FLAG,
            }
        ),
        describe=lambda _value, output: (
            f"pull request {output['remoteUrl']}" if "remoteUrl" in output else "nothing to propose"
        ),
        forge="github",
        own_access=True,
        requests=lambda value: (
            2 + bool(value.get("reviewers") or value.get("teamReviewers")) + bool(value.get("assignees"))
        ),
    )
]
