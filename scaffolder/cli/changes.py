"""Which answer to change: from the plan, or because something stands in its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.cli.console import fit
from scaffolder.cli.prompt import Option
from scaffolder.cli.sitting import ANSWER
from scaffolder.template.wording import as_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from scaffolder.cli.interview import Question
    from scaffolder.errors import ScaffolderError

# What each refusal is about, by the name that scripts rely on too.
ABOUT = {
    "name-taken": "name",
    "repository-taken": "repository",
    "repository-name-invalid": "repository",
    "ref-taken": "repository",
    "directory-taken": "directory",
    "directory-missing": "directory",
    "work-tree-taken": "directory",
    "not-writable": "directory",
}
LONGEST = 28
"""Columns of a question's name: what was answered stands beside it."""
UNCHANGEABLE = frozenset({"similar", "identity"})
TEMPLATE = "template"


def culprit(error: ScaffolderError, keys: Iterable[str]) -> str:
    """Return the question whose answer is most likely to blame, of those that can be asked again."""
    if error.code == "hook-failed":
        return next((key for key in keys if key.startswith(ANSWER)), TEMPLATE)
    if error.code == "entity-not-found":
        return next((key for key in ("owner", "system") if error.message.startswith(key)), TEMPLATE)
    if error.code == "answers-invalid":
        return f"{ANSWER}{error.message.partition(':')[0]}"
    return ABOUT.get(error.code, TEMPLATE)


def entries(questions: Iterable[Question], answered: Collection[str], *, hidden: Collection[str]) -> list[Option[str]]:
    """Return an entry for each answer that can be changed, with what it is now."""
    return [
        Option(one.key, fit(one.called or label(one.key), LONGEST), hint=_hint(one, hidden=_name(one.key) in hidden))
        for one in questions
        if (one.quiet or one.key in answered) and one.key not in UNCHANGEABLE and not one.fixed
    ]


def _hint(question: Question, *, hidden: bool) -> str:
    return "(hidden)" if hidden else question.shown or as_text(question.answer() or "")


def label(key: str) -> str:
    """Return what a person calls a question."""
    return "golden path" if key == TEMPLATE else _name(key).replace("_", " ")


def _name(key: str) -> str:
    return key.partition(":")[2] or key
