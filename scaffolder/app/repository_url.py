"""A repository as the form's RepoUrlPicker puts it together: `HOST?owner=OWNER&repo=NAME`. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from scaffolder.gateways.github.names import broken_rule
from scaffolder.template.schema import items

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.template.question import Question

GITHUB: Final = "github.com"


class Part(NamedTuple):
    """A part of where a repository is, what a person calls it, and the option that names what it may be."""

    name: str
    called: str
    option: str


OWNER: Final = (Part("owner", "owner", "allowedOwners"),)
PARTS: Final = {
    "bitbucket.org": (Part("workspace", "workspace", "allowedOwners"), Part("project", "project", "allowedProjects")),
    "dev.azure.com": (
        Part("organization", "organization", "allowedOrganizations"),
        Part("project", "project", "allowedProjects"),
    ),
}
"""Where a repository has no owner, but these."""
REPOSITORY: Final = Part("repo", "repository", "allowedRepos")
ORDER: Final = ("owner", "repo", "organization", "workspace", "project")
"""As the form writes them."""


def hosts(question: Question) -> list[str]:
    """Return where a repository may be."""
    return allowed(question, "allowedHosts") or [GITHUB]


def allowed(question: Question, option: str) -> list[str]:
    """Return what an option of a field allows; everything, where it names nothing."""
    return [str(one) for one in items(question.options.get(option))]


def parts(host: str) -> tuple[Part, ...]:
    """Return what tells a repository from the others of a host."""
    return (*PARTS.get(host, OWNER), REPOSITORY)


def taken_apart(text: str) -> tuple[str, dict[str, str]]:
    """Return the host and the parts that a text names."""
    url = urlsplit(text if "://" in text else f"https://{text}")
    return url.netloc, dict(parse_qsl(url.query))


def put_together(host: str, given: Mapping[str, str]) -> str:
    """Return the text for a repository."""
    return f"{host}?{urlencode({name: given[name] for name in ORDER if given.get(name)})}"


def repository_problem(question: Question, value: Any) -> str:
    """Return '' or why a text is no repository, or none that the template allows."""
    host, given = taken_apart(str(value))
    needed = parts(host) if host in {GITHUB, *PARTS} else (REPOSITORY,)
    if not host or not all(given.get(part.name) for part in needed):
        form = "&".join(f"{part.name}={part.called.upper()}" for part in parts(host))
        return f"a repository is {host or 'HOST'}?{form}"
    refusals = [not_among(allowed(question, "allowedHosts"), host)]
    refusals += [not_among(allowed(question, part.option), given.get(part.name)) for part in parts(host)]
    name = f"{given.get('owner')}/{given['repo']}"
    return next(filter(None, refusals), broken_rule(name) if host == GITHUB else "")


def owner_problem(question: Question, value: Any) -> str:
    """Return '' or why an owner of repositories is none that the template allows."""
    if str(value) in allowed(question, "excludedOwners"):
        return f"the template does not want {value} here"
    return not_among(allowed(question, "allowedOwners"), str(value))


def not_among(names: list[str], text: str | None) -> str:
    """Return '' or that a text is none of those that are allowed, if any are named."""
    return f"{text or 'that'} is not one of: {', '.join(names)}" if names and text not in names else ""
