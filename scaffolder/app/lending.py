"""
A person's own token, lent to the steps of a template.

In Backstage a form can ask for it: `requestUserCredentials` of a field for a repository, and the steps have it as
`secrets.NAME`. What is done here in the person's name needs no `token`. So it is lent only where a step names it
otherwise, and then to what the company stands behind, or to what the person trusts, or after a clear question.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from scaffolder.app.trust import is_trusted
from scaffolder.errors import InvalidInput
from scaffolder.gateways.github.server import GITHUB
from scaffolder.task.evaluate import is_never, texts
from scaffolder.task.plan import ROLES, as_written
from scaffolder.template.fields import every
from scaffolder.template.places import at
from scaffolder.template.schema import mapping

if TYPE_CHECKING:
    from scaffolder.app import Scaffolder
    from scaffolder.app.draft import Draft
    from scaffolder.task.action import Action
    from scaffolder.task.plan import PlannedStep
    from scaffolder.template.manifest import Template
    from scaffolder.template.places import Place
    from scaffolder.template.schema import Schema
    from scaffolder.template.source import Resolved

TOKEN: Final = "token"  # noqa: S105  a name
"""An input."""
TOKENS: Final = "tokens"
"""Where a task keeps which host's token each secret is."""

# `secrets` by itself, and the name after it, if one is written there
_SECRETS = re.compile(r"""(?<![\w.'"])secrets\b(?:\s*\.\s*(\w+)|\s*\[\s*(?:"([^"]*)"|'([^']*)')\s*\])?""")


class Loan(NamedTuple):
    """The token for a host that steps want, the name they have for it, and which steps: `id (action)`."""

    host: str
    name: str
    steps: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return what a program is told: not the token."""
        return {"host": self.host, "name": self.name, "steps": list(self.steps)}


class TokenWanted(InvalidInput):
    """A template's steps want the person's own token, and nobody has said whether they may have it."""

    def __init__(self, loan: Loan) -> None:
        super().__init__(
            f"the template's steps want your token for {loan.host}, as {loan.name}: {', '.join(loan.steps)}",
            hint=f"give it to them: --trust   or give another: {secret_variable(loan.name)}=…   "
            "or name the template's source in scaffolder.trust",
        )


class TokenMissing(InvalidInput):
    """Steps are to have a token that is nowhere."""

    def __init__(self, loan: Loan, *, by_login: bool) -> None:
        login = f"scaffolder login --host {loan.host}   or " if by_login else ""
        super().__init__(
            f"there is no token for {loan.host}, which the template's steps want as {loan.name}: "
            f"{', '.join(loan.steps)}",
            hint=f"{login}give one: {secret_variable(loan.name)}=…",
        )


@dataclass(frozen=True, slots=True)
class Lender:
    """
    Whose token it is.

    `token` returns the one for a host, '' where there is none; `given` returns a secret that the person has given by
    its name; `trusts` tells that the template's steps may have a token without a question; `logs_in` whether there is
    a way to log in at a host.
    """

    token: Callable[[str], str]
    given: Callable[[str], str]
    trusts: Callable[[], bool]
    logs_in: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Lent:
    """What became of the tokens that a template asks for: the secrets, and the loans among them."""

    secrets: Mapping[str, str] = field(default_factory=dict)
    loans: tuple[Loan, ...] = ()

    @property
    def hosts(self) -> dict[str, str]:
        """Where each token is from, by its name: what a task keeps, to find it again."""
        return {loan.name: loan.host for loan in self.loans}


def requested(template: Template, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the name of each token that the form would ask for with these values, and its host."""
    hosts = ((name, _host(definition, at(values, place), values)) for place, definition, name in asking(template))
    return {name: host for name, host in hosts if host}


def asking(template: Template) -> Iterator[tuple[Place, Schema, str]]:
    """Iterate over the fields that ask for a token under a name, whatever the answers."""
    for page in template.pages:
        for place, definition in every(page.schema):
            options = mapping(definition.get("ui:options"))
            name = mapping(options.get("requestUserCredentials")).get("secretsKey")
            if isinstance(name, str) and name:
                yield place, definition, name


def _host(definition: Schema, answer: object, values: Mapping[str, Any]) -> str:
    """Return the host that an answer is about, '' where there is none."""
    if not isinstance(answer, str) or not answer:
        return ""
    match definition.get("ui:field"):
        case "RepoUrlPicker":
            return answer.removeprefix("https://").partition("?")[0].lower()
        case "RepoBranchPicker":  # as the form has it: of the repository that is called so
            return str(values.get("repoUrl") or "").removeprefix("https://").partition("?")[0].lower()
        case "RepoOwnerPicker":
            return str(mapping(definition.get("ui:options")).get("host") or GITHUB).lower()
    return ""


def loans(
    template: Template, draft: Draft, values: Mapping[str, Any], *, actions: Mapping[str, Action], lender: Lender
) -> tuple[tuple[PlannedStep, ...], list[Loan]]:
    """Return the steps as written, without a `token` that they need not be given; and the tokens that they want."""
    steps, hosts = as_written(template), requested(template, values)
    open_ = [name for name in hosts if name not in draft.secrets]
    own = [name for name in open_ if not lender.given(name)]
    steps = tuple(_without_token(step, own, actions) if own else step for step in steps)
    running = [step for step in steps if step.id not in draft.skip]
    return steps, [Loan(hosts[name], name, users) for name in open_ if (users := _users(running, name))]


def wanted_by(template: Template, actions: Mapping[str, Action]) -> dict[str, tuple[str, ...]]:
    """Return the tokens that steps may want, by their names, and which steps: whatever the answers."""
    names = list(dict.fromkeys(name for _, _, name in asking(template)))
    steps = [_without_token(step, names, actions) for step in as_written(template)]
    return {name: users for name in names if (users := _users(steps, name))}


def _users(steps: Iterable[PlannedStep], name: str) -> tuple[str, ...]:
    return tuple(f"{one.id} ({one.action})" for one in steps if _uses(one, name))


def _without_token(step: PlannedStep, names: Collection[str], actions: Mapping[str, Action]) -> PlannedStep:
    said = step.input.get(TOKEN) if isinstance(step.input, Mapping) else None
    if not any(_names(said, name) for name in names) or not _asks_in_their_name(step.action, actions):
        return step
    return replace(step, input={name: value for name, value in step.input.items() if name != TOKEN})


def _asks_in_their_name(action: str, actions: Mapping[str, Action]) -> bool:
    return action in ROLES or (action in actions and actions[action].own_access)


def _uses(step: PlannedStep, name: str) -> bool:
    """Tell whether a step could be given a secret: a condition sees one only in a loop."""
    places = (step.input, step.each, step.condition if step.each else ())
    return not is_never(step) and any(_names(place, name) for place in places)


def _names(written: object, name: str) -> bool:
    """Tell whether expressions name a secret, or all secrets at once."""
    return any(said in {"", name} for text in texts(written) for said in map(_said, _SECRETS.finditer(text)))


def _said(found: re.Match[str]) -> str:
    return next(filter(None, found.groups()), "")


def lent(wanted: Collection[Loan], draft: Draft, lender: Lender) -> Lent:
    """
    Return the tokens that steps are given; one that the person has refused is not there.

    Raises:
        TokenWanted: Nobody has said whether they may have one.
        TokenMissing: They may, and there is none.
    """
    secrets, lending = {}, []
    for loan in wanted:
        if own := lender.given(loan.name):
            secrets[loan.name] = own
        elif is_agreed(loan, draft, lender):
            secrets[loan.name] = _token(loan, lender)
            lending.append(loan)
    return Lent(secrets, tuple(lending))


def is_agreed(loan: Loan, draft: Draft, lender: Lender) -> bool:
    """
    Tell whether steps may have a token.

    Raises:
        TokenWanted: Nobody has said.
    """
    if draft.trusted or lender.trusts():
        return True
    if loan.host not in draft.lends:
        raise TokenWanted(loan)
    return draft.lends[loan.host]


def to_ask(wanted: Collection[Loan], draft: Draft, lender: Lender) -> list[Loan]:
    """Return the loans that the person decides about, whether or not they have."""
    if not wanted or draft.trusted or lender.trusts():
        return []
    return [loan for loan in wanted if not lender.given(loan.name)]


def _token(loan: Loan, lender: Lender) -> str:
    found = lender.token(loan.host)
    if not found:
        raise TokenMissing(loan, by_login=lender.logs_in(loan.host))
    return found


# -- who lends


def secret_variable(name: str) -> str:
    """Return the environment variable from which a secret answer is read."""
    return "SCAFFOLDER_SECRET_" + re.sub(r"\W+", "_", name).upper()


def given_secret(name: str) -> str:
    """Return a secret that the person has given by its name, '' where they have not."""
    return os.environ.get(secret_variable(name), "")


def lender(scaffolder: Scaffolder, draft: Draft, resolved: Resolved) -> Lender:
    """Return who lends to the steps of a draft's template."""
    hosts = {GITHUB, *(server.host for server in scaffolder.settings.github)}
    return Lender(
        scaffolder.token_for,
        given_secret,
        trusts=lambda: is_trusted(resolved, scaffolder.settings) or _is_of_the_settings(scaffolder, draft),
        logs_in=hosts.__contains__,
    )


def _is_of_the_settings(scaffolder: Scaffolder, draft: Draft) -> bool:
    """Tell whether the settings name a template, in this version; what the catalog holds may be anybody's."""
    if draft.template_ref or draft.template_directory or "@" in draft.template:
        return False
    return draft.template in {entry.name for entry in scaffolder.settings.template_sources}
