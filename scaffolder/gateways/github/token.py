"""
What a token may do, in words.

A classic token, and that of the `gh` program, has scopes, which GitHub names in every answer. Of a fine-grained token
it tells neither permissions nor repositories.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffolder.gateways.github.client import Client

CLASSIC, FINE_GRAINED, OF_APP = "a classic token", "a fine-grained token", "the token of a GitHub App"
_KINDS: Final = {
    "ghp_": CLASSIC,
    "github_pat_": FINE_GRAINED,
    "ghs_": OF_APP,
    "ghu_": "the token of a person who uses a GitHub App",
    "gho_": "the token of a program that a person signed in to",
}
_SCOPES: Final = (
    (("repo",), "create repositories, private ones too, and change them"),
    (("public_repo",), "create public repositories, and change them"),
    (("workflow",), "push workflows (.github/workflows)"),
    (("read:org", "write:org", "admin:org", "repo"), "see the organisation's policy and teams"),
    (("repo", "admin:repo_hook", "write:repo_hook"), "add webhooks"),
    (("delete_repo",), "delete a repository, to roll back"),
)
"""What any of these scopes lets somebody do."""
UNTOLD: Final = "GitHub does not tell what it may do; it needs the permissions"
NEEDED: Final = (
    "Administration, Contents, Workflows, Pull requests (write), Metadata and the organisation's Members (read)"
)
_FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class Abilities:
    """
    Whom a token stands for, and what it may do.

    `login` is '' for an app; `scopes` is None where GitHub does not tell; `until` is when it ends, '' for never or
    unknown.
    """

    login: str
    kind: str
    scopes: tuple[str, ...] | None = None
    until: str = ""

    @property
    def may(self) -> tuple[str, ...]:
        """What it may do, as far as it is known."""
        return tuple(words for scopes, words in self._told if self._any_of(scopes))

    @property
    def may_not(self) -> tuple[str, ...]:
        """What it may not do, with the scope that it lacks."""
        return tuple(f"{words}: scope {scopes[0]}" for scopes, words in self._told if not self._any_of(scopes))

    @property
    def untold(self) -> str:
        """What to look at where GitHub does not tell what it may do, '' where it does."""
        return f"{UNTOLD} {NEEDED}" if self.scopes is None else ""

    @property
    def stands_for(self) -> str:
        """What it is, and whose, in words."""
        until = f", until {self.until}" if self.until else ""
        return f"{self.kind} of {self.login or 'an app'}{until}"

    def as_object(self) -> dict[str, Any]:
        """Return all of it, as JSON has it."""
        return {
            "login": self.login,
            "kind": self.kind,
            "scopes": None if self.scopes is None else list(self.scopes),
            "until": self.until,
            "may": list(self.may),
            "mayNot": list(self.may_not),
        }

    @property
    def _told(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """Yield what there is to say, as far as GitHub tells: who may make private ones may make public ones."""
        for scopes, words in _SCOPES if self.scopes is not None else ():
            if not (scopes == ("public_repo",) and self._any_of(("repo",))):
                yield scopes, words

    def _any_of(self, scopes: tuple[str, ...]) -> bool:
        return not set(scopes).isdisjoint(self.scopes or ())


def abilities(client: Client) -> Abilities:
    """
    Ask GitHub whom the token stands for.

    Raises:
        TokenRefused: It is none, or it has ended.
        TryAgain: GitHub cannot be asked now.
    """
    kind = kind_of(client.token())
    answer = client.get("/user", expect=(200, _FORBIDDEN))  # an app is nobody, and may not ask
    if answer.status == _FORBIDDEN:
        answer = client.get("/installation/repositories", {"per_page": "1"})
    told = answer.headers.get("x-oauth-scopes")
    return Abilities(
        login=answer.body.get("login", ""),
        kind=kind,
        scopes=None if told is None or kind in {FINE_GRAINED, OF_APP} else _split(told),
        until=answer.headers.get("github-authentication-token-expiration", ""),
    )


def kind_of(token: str) -> str:
    """Return what kind of token it is, by how it begins."""
    return next((kind for prefix, kind in _KINDS.items() if token.startswith(prefix)), "a token")


def may_push(facts: Mapping[str, Any], token: str) -> bool:
    """Tell whether a token may push to a repository of which the API said this, as far as it says."""
    # what it says is the role of an account, and an app has none
    return kind_of(token) == OF_APP or bool(facts.get("permissions", {}).get("push", True))


def _split(scopes: str) -> tuple[str, ...]:
    return tuple(scope for scope in scopes.replace(" ", "").split(",") if scope)
