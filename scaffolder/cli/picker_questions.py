"""Asking for what the catalog knows: entities and tags of thousands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.app import pickers
from scaffolder.app.examples import slug
from scaffolder.cli.prompt import Candidates, Option

if TYPE_CHECKING:
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
            also="another" if any_text else "",
        ),
        default=typed or label or ("" if question.required else NONE),
        back=True,
        help_text=UNKNOWN_PERSON if is_mine and not known.user else help_text,
    )
