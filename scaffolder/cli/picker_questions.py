"""Asking for what the catalog knows: entities and tags of thousands, repositories and their owners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from scaffolder.app import pickers
from scaffolder.app.examples import slug
from scaffolder.cli.prompt import Candidates, Option
from scaffolder.template.schema import items

if TYPE_CHECKING:
    from collections.abc import Callable

    from scaffolder.app.pickers import Pickers
    from scaffolder.catalog import Summary
    from scaffolder.cli.prompt import Prompter
    from scaffolder.template.question import Question

NONE = "none"
UNKNOWN_PERSON = "the catalog does not know who you are, so this lists all"


def entity_options(known: Pickers, question: Question) -> list[Option[str]]:
    """Return an entry for every entity that a field offers."""
    offered = known.offers(question)
    labels = pickers.labels(offered)
    return [Option(str(one.ref), labels[one.ref.key], hint=_hint(one)) for one in offered]


def _hint(one: Summary) -> str:
    """A title is left out where it says nothing new."""
    return "" if slug(one.title) == slug(one.ref.name) else one.title


def tag_options(known: Pickers, question: Question) -> list[Option[str]]:
    """Return an entry for every tag in use."""
    return [
        Option(tag, tag, hint=f"{count:,} entities" if count > 1 else "1 entity") for tag, count in known.tags(question)
    ]


def ask_entity(
    prompts: Prompter, known: Pickers, question: Question, *, typed: str, default: Any, help_text: str
) -> str:
    """Ask for one entity; '' for none."""
    options = entity_options(known, question)
    any_text = known.takes_any_text(question)
    label = next((one.label for one in options if one.value == default), str(default or ""))
    is_mine = question.picker in {"MyGroupsPicker", "OwnedEntityPicker"}
    return prompts.find(
        question.title,
        Candidates(
            options,
            extras=[] if question.required else [Option("", NONE)],
            other=lambda text: (
                str(known.meant(question, text)) if any_text else known.reference(question, text) or None
            ),
        ),
        default=typed or label or ("" if question.required else NONE),
        back=True,
        help_text=UNKNOWN_PERSON if is_mine and not known.user else help_text,
    )


def ask_repository(prompts: Prompter, question: Question, *, default: str, check: Callable[[str], str]) -> str | None:
    """Ask for a repository, as `HOST?owner=OWNER&repo=NAME` in the end."""
    hosts = pickers.hosts(question)
    before = urlsplit(default if "://" in default else f"https://{default}")
    query = {name: found[0] for name, found in parse_qs(before.query).items()}
    asks_host, needed = len(hosts) > 1, question.required
    host = _one_of(prompts, f"{question.title}: host", hosts, before.netloc, needed=needed) if asks_host else hosts[0]
    owner = _owner(prompts, question, query.get("owner", ""), needed=needed or asks_host) if host else ""
    if not owner:
        return None

    def whole(name: str) -> str:
        return f"{host}?{urlencode({'owner': owner, 'repo': name})}"

    name = prompts.text(
        f"{question.title}: repository",
        default=query.get("repo", ""),
        check=lambda text: check(whole(text)) if text else "a repository has a name",
    )
    return whole(name)


def _owner(prompts: Prompter, question: Question, default: str, *, needed: bool) -> str:
    owners = [str(one) for one in items(question.options.get("allowedOwners"))]
    if owners:
        return _one_of(prompts, f"{question.title}: owner", owners, default, needed=needed)
    return prompts.text(f"{question.title}: owner", default=default, check=_needed(question))


def _one_of(prompts: Prompter, message: str, names: list[str], default: str, *, needed: bool) -> str:
    """Ask for one of a few; '' for none, where none will do."""
    none = [] if needed else [Option("", NONE)]
    return prompts.choose(message, [*(Option(name, name) for name in names), *none], default=default, back=True)


def _needed(question: Question) -> Callable[[str], str]:
    return lambda text: "" if text or not question.required else "an answer is needed"


def ask_repository_owner(prompts: Prompter, question: Question, *, default: Any) -> str | None:
    """Ask for one of the owners that the template allows, '' for none of them; None where it names none."""
    excluded = {str(one) for one in items(question.options.get("excludedOwners"))}
    owners = [str(one) for one in items(question.options.get("allowedOwners")) if str(one) not in excluded]
    if not owners:
        return None
    return _one_of(prompts, question.title, owners, str(default or ""), needed=question.required)
