"""One entry of a list, asked for on a page of its own. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scaffolder.template.fields import is_form
from scaffolder.template.manifest import Page
from scaffolder.template.parameters import sent
from scaffolder.template.schema import linked, mapping, resolved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.template.question import Question

ENTRY = "entry"
"""The parameter that an entry of a list is, where it is no object."""


@dataclass(frozen=True, slots=True)
class EntrySheet:
    """The page that asks for one entry of a list; one that is no object is the answer to its only question."""

    page: Page
    is_form: bool

    def wrapped(self, entry: Any) -> dict[str, Any]:
        """Return an entry as answers to the page."""
        return (dict(mapping(entry)) if self.is_form else {ENTRY: entry}) if entry is not None else {}

    def unwrapped(self, answers: Mapping[str, Any]) -> Any:
        """Return the entry that answers to the page are."""
        return sent(answers) if self.is_form else answers.get(ENTRY)


def entry_sheet(question: Question) -> EntrySheet:
    """Return the page for an entry of the list that a question asks for."""
    rule = resolved(question.entry, question.entry)
    if is_form(rule):
        return EntrySheet(Page(str(rule.get("title") or ""), "", rule), is_form=True)
    alone = {**linked(question.entry), "properties": {ENTRY: {"title": question.title, **rule}}, "required": [ENTRY]}
    return EntrySheet(Page("", "", alone), is_form=False)
