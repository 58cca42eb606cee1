"""
Pull requests within one repository.

Each is known again by its head branch, of which GitHub lets one be open at a time: so an answer that was lost is found
again, and none is opened twice.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from scaffolder.errors import Failed
from scaffolder.gateways.github.client import AGAIN, InDoubt
from scaffolder.gateways.github.graphql import mutate
from scaffolder.gateways.github.refusals import NotAllowed, RefusedByGitHub
from scaffolder.gateways.github.token import may_push

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffolder.gateways.github.client import Client
    from scaffolder.gateways.github.server import Server
    from scaffolder.gateways.github.transport import Answer

_METHODS: Final = {"allow_merge_commit": "merge", "allow_squash_merge": "squash", "allow_rebase_merge": "rebase"}
_EXISTS, _NO_DRAFTS = "pull request already exists", "draft pull requests are not supported"
_UNSEEN: Final = ("head invalid", "head sha can't be blank", "head ref must be a branch", "no commits between")
"""What GitHub says of a branch that was pushed a moment ago."""
_ANOTHER: Final = "scaffolder login   takes another token"
_NOT_MERGED: Final = (403, 404, 405, 409, 422)
_STUCK: Final = ("blocked", "dirty", "behind", "draft")
_ADDRESS: Final = re.compile(
    r"(?:(?P<scheme>https?|ssh)://)?(?:[^/@]*@)?(?P<host>[^/@]+?)(?(scheme)/|:)(?P<owner>[^/:]+)/(?P<name>[^/]+?)(?:\.git)?/?"
)
_READY: Final = (
    "mutation Ready($input: MarkPullRequestReadyForReviewInput!)"
    " { markPullRequestReadyForReview(input: $input) { pullRequest { isDraft baseRefName } } }"
)


_LATER: Final = (
    "mutation Later($input: EnablePullRequestAutoMergeInput!)"
    " { enablePullRequestAutoMerge(input: $input) { pullRequest { number } } }"
)


class Wanted(NamedTuple):
    """A pull request as it is to be: of the branch `head` into the branch `base`."""

    head: str
    base: str
    title: str
    body: str


class Pull(NamedTuple):
    """A pull request into `base`; `commit` is what the branch `head` named when it was last open, `url` is its page."""

    number: int
    url: str
    head: str
    base: str
    commit: str
    open: bool
    merged: bool
    draft: bool
    title: str
    body: str
    node: str

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Pull:
        """Return the one of which the API said this."""
        return cls(
            number=facts["number"],
            url=facts["html_url"],
            head=facts["head"]["ref"],
            base=facts["base"]["ref"],
            commit=facts["head"]["sha"],
            open=facts["state"] == "open",
            merged=bool(facts.get("merged_at")),
            draft=bool(facts.get("draft")),
            title=facts["title"],
            body=facts.get("body") or "",
            node=facts["node_id"],
        )


class DraftsNotOffered(Failed):
    """The repository's plan has no drafts."""


class CannotOpen(Failed):
    """Pull requests cannot be opened in a repository, or not with this token."""

    def __init__(self, repository: str, reason: str, hint: str) -> None:
        super().__init__(f"no pull request can be opened in {repository}: {reason}", hint=hint)


def repository_at(server: Server, address: str) -> str:
    """Return OWNER/NAME of the repository on this GitHub that git reaches by an address, '' when it is elsewhere."""
    web, found = urlsplit(server.web), re.fullmatch(_ADDRESS, address)
    if found is None:
        return ""
    ours = (web.netloc,) if found["scheme"] in {"http", "https"} else (web.hostname, f"ssh.{web.hostname}")
    host = found["host"] if found["scheme"] in {"http", "https"} else found["host"].partition(":")[0]
    return f"{found['owner']}/{found['name']}" if host.lower() in ours else ""


@dataclass
class PullRequests:
    """Those of the repository `OWNER/NAME`, asked for through `client`."""

    client: Client
    repository: str
    _known: dict[str, Pull] = field(default_factory=dict, init=False, repr=False)  # by head: what need not be asked for

    @property
    def facts(self) -> Mapping[str, Any]:
        """
        What the API says of the repository; {} when there is none that the token may see. It is asked once.

        Raises:
            TryAgain: GitHub cannot be asked now.
        """
        return self._said.body if self._said.status == 200 else {}  # noqa: PLR2004  # OK

    @cached_property
    def _said(self) -> Answer:
        return self.client.get(f"/repos/{self.repository}", expect=(200, 404))

    def check(self) -> None:
        """
        Check that some can be opened, as far as GitHub tells.

        Raises:
            CannotOpen: They cannot.
        """
        if not self.facts:
            raise CannotOpen(self.repository, "it is not there, or this token may not see it", _ANOTHER)
        if self.facts.get("archived"):
            raise CannotOpen(self.repository, "it is archived", "let an owner bring it back")
        if not may_push(self.facts, self.client.token()):
            raise CannotOpen(
                self.repository, "this account may not push branches there", "ask for the role Write there"
            )
        scopes = self._said.headers.get("x-oauth-scopes")
        wanted = "repo" if self.facts.get("private") else "public_repo"
        if scopes and not {"repo", wanted} & set(scopes.replace(" ", "").split(",")):
            raise CannotOpen(self.repository, f"this token lacks the scope {wanted}", _ANOTHER)

    def every(self, *, state: str = "open") -> Iterator[Pull]:
        """Yield those that are open, or all with `state` "all", newest first."""
        return (Pull.of(each) for each in self.client.pages(self._path(), {"state": state}))

    def find(self, head: str) -> Pull | None:
        """Return the pull request of a branch: the open one, else the newest."""
        owner = self.repository.partition("/")[0]
        answer = self.client.get(self._path(), {"head": f"{owner}:{head}", "state": "all", "per_page": "100"})
        found = sorted(map(Pull.of, answer.body), key=lambda one: (one.open, one.number))
        return self._remembered(found[-1]) if found else None

    def last_seen(self, head: str) -> Pull | None:
        """Return the pull request of a branch as this process saw it last, else as it is."""
        return self._known.get(head) or self.find(head)

    def ensure(self, wanted: Wanted, *, draft: bool = False, fresh: bool = False) -> Pull:
        """
        Return the open pull request of a branch, opened or brought up to date if need be.

        With `fresh`, the branch was just made, and the first look is saved.

        Raises:
            DraftsNotOffered: It was to be a draft, and cannot be one.
            ScaffolderError: It was refused.
        """
        made = None
        if fresh:
            with suppress(InDoubt):
                made = self._open(wanted, draft=draft)
        found = made or self.client.ensure(lambda: self._open_one(wanted.head), lambda: self._open(wanted, draft=draft))
        return self._as_wanted(found, wanted)

    def ready(self, pull: Pull) -> Pull:
        """Make a draft ready to be merged; what is ready stays."""
        found = self.client.ensure(lambda: self._ready_one(pull), lambda: self._make_ready(pull))
        return self._remembered(found)

    def merge(self, pull: Pull, commit: str) -> str:
        """
        Merge it as its branch names `commit`, by the method that the repository allows; return '' or why it waits.

        Raises:
            TryAgain: GitHub cannot be asked now.
        """
        asked = {"merge_method": self._method(), "sha": commit}
        for pause in (*AGAIN, 0.0):
            answer = self.client.request("PUT", self._path(pull, "merge"), asked, expect=(200, *_NOT_MERGED))
            if answer.status == 200:  # noqa: PLR2004  # OK
                self._remembered(pull._replace(commit=commit, open=False, merged=True))
                return ""
            facts = self.client.get(self._path(pull)).body
            now = self._remembered(Pull.of(facts))
            if now.merged or not now.open or _is_final(answer.status, facts):
                return "" if now.merged else answer.message or "it cannot be merged"
            if pause:  # what was pushed, or merged, a moment ago is still being looked at there
                self.client.pause(pause, f"{self.client.server.host} is not ready to merge {pull.url} yet")
        return answer.message

    def merge_later(self, pull: Pull) -> bool:
        """Let it merge by itself once all that is required is there, where the repository lets one ask for that."""
        if not self.facts.get("allow_auto_merge"):
            return False
        asked = {"pullRequestId": pull.node, "mergeMethod": self._method().upper()}
        try:
            mutate(self.client, f"letting {pull.url} merge by itself", _LATER, {"input": asked})
        except (InDoubt, NotAllowed, RefusedByGitHub):
            return False
        return True

    def close(self, head: str) -> None:
        """Close the pull request of a branch, if one is open."""
        found = self._open_one(head)
        if found is not None:
            self.client.request("PATCH", self._path(found), {"state": "closed"})
        self._known.pop(head, None)

    # -- one request each

    def _open_one(self, head: str) -> Pull | None:
        found = self.find(head)
        return found if found and found.open else None

    def _open(self, wanted: Wanted, *, draft: bool) -> Pull:
        """Open it, or return the one that is: ours too, where an earlier answer was lost."""
        asked = {**wanted._asdict(), **({"draft": True} if draft else {})}
        for pause in (*AGAIN, 0.0):
            try:
                return self._remembered(Pull.of(self.client.request("POST", self._path(), asked, expect=(201,)).body))
            except RefusedByGitHub as error:
                words = " ".join((error.message, *error.details)).lower()
                if _EXISTS in words and (found := self.client.appears(lambda: self._open_one(wanted.head))):
                    return found
                if draft and _NO_DRAFTS in words:
                    raise DraftsNotOffered(error.message) from None
                if not pause or not any(sign in words for sign in _UNSEEN):
                    raise
                self.client.pause(pause, f"{self.client.server.host} does not show the branch {wanted.head} yet")
        raise AssertionError("the last attempt returns or raises")

    def _as_wanted(self, found: Pull, wanted: Wanted) -> Pull:
        """Return it with title and body as they are to be."""
        if (found.title, found.body.replace("\r\n", "\n").strip()) == (wanted.title, wanted.body.strip()):
            return found
        asked = {"title": wanted.title, "body": wanted.body}
        return self._remembered(Pull.of(self.client.request("PATCH", self._path(found), asked).body))

    def _ready_one(self, pull: Pull) -> Pull | None:
        """Return it when it is no draft: it is looked at again where an answer was lost."""
        now = self._known.get(pull.head, pull)
        return None if now.draft else now

    def _make_ready(self, pull: Pull) -> Pull:
        try:
            said = mutate(self.client, f"making {pull.url} ready", _READY, {"input": {"pullRequestId": pull.node}})
        except InDoubt:
            self._remembered(Pull.of(self.client.get(self._path(pull)).body))
            raise
        now = said["markPullRequestReadyForReview"]["pullRequest"]
        return pull._replace(draft=False, base=now["baseRefName"])  # somebody may have chosen another

    def _method(self) -> str:
        return next((method for key, method in _METHODS.items() if self.facts.get(key, True)), "merge")

    def _remembered(self, pull: Pull) -> Pull:
        self._known[pull.head] = pull
        return pull

    def _path(self, pull: Pull | None = None, verb: str = "") -> str:
        parts = ("", "repos", self.repository, "pulls", *((str(pull.number),) if pull else ()), verb)
        return "/".join(parts).rstrip("/")


def _is_final(status: int, facts: Mapping[str, Any]) -> bool:
    """Tell whether asking again for a merge cannot help."""
    return status in {403, 404, 422} or facts.get("mergeable") is False or facts.get("mergeable_state") in _STUCK
