"""
Which question comes next, and what a change opens again. Pure.

Questions stand in one order. Each is asked while it has no answer; going back asks the one before it again, with what
was typed; a changed answer opens what depends on it, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scaffolder.cli.prompt import Back

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence


class GoTo(Exception):  # noqa: N818  # not an error: an answer leads to another question
    """An answer was: let me answer that other question again."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Leave(Exception):  # noqa: N818  # not an error: the person is done here
    """
    The person leaves without a new service; `missing` is what they do not know yet.

    `status`, `entity` and `pages` are what they do instead, with what, and where.
    """

    def __init__(
        self, *, missing: str = "", status: str = "draft kept", entity: str = "", pages: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self.missing = missing
        self.status = status
        self.entity = entity
        self.pages = pages

    @property
    def keeps(self) -> bool:
        """Whether the answers are worth keeping: not when what exists is used."""
        return not self.entity

    def to_json(self) -> dict[str, object]:
        """Return what a program is told."""
        return {
            "status": self.status,
            **({"missing": self.missing} if self.missing else {}),
            **({"entityRef": self.entity, "pages": list(self.pages)} if self.entity else {}),
        }


@dataclass(frozen=True, slots=True)
class Question:
    """
    One thing to ask.

    `ask` takes what was typed here before, and stores the answer; `answer` returns what is stored. `depends` are the
    questions whose change opens this one again. Going back passes over a `quiet` one, which has an answer that need
    not be asked for, and over a `fixed` one, which has one possible answer. `shown` is shown in place of the answer,
    and `called` in place of the key.
    """

    key: str
    ask: Callable[[str], None]
    answer: Callable[[], object]
    depends: tuple[str, ...] = ()
    quiet: bool = False
    fixed: bool = False
    shown: str = ""
    called: str = ""


@dataclass(slots=True)
class Interview:
    """
    Questions, of which each answer may bring more; and the keys of those that are answered.

    Going back before the first one asks it again; in an interview `within` another, it leads out.
    """

    questions: Callable[[], Sequence[Question]]
    answered: list[str]
    within: bool = False
    _typed: dict[str, str] = field(default_factory=dict)

    def finish(self) -> None:
        """Ask what has no answer yet."""
        self._ask_from(self._open())

    def step_back(self) -> None:
        """Ask the last question again, then what it opens."""
        self._ask_from(self._before(""))

    def change(self, key: str) -> None:
        """Ask one question again, then what it opens; going back leaves it as it was."""
        try:
            self._ask(self._named(key))
        except Back:
            return
        self.finish()

    def reopen(self, key: str, *, typed: str = "") -> None:
        """Take an answer for none; what was typed is kept."""
        self._forget({key})
        self._typed[key] = typed

    def _ask_from(self, question: Question | None) -> None:
        while question is not None:
            try:
                self._ask(question)
            except Back as back:
                self._typed[question.key] = back.typed
                earlier = self._before(question.key)
                if earlier is None and self.within:
                    raise
                question = earlier or question
            except GoTo as there:
                question = self._named(there.key)
            else:
                question = self._open()

    def _ask(self, question: Question) -> None:
        earlier = question.answer()
        question.ask(self._typed.pop(question.key, ""))
        self.answered.append(question.key)
        if question.answer() != earlier:
            self._forget({one.key for one in self.questions() if question.key in one.depends})

    def _forget(self, keys: Collection[str]) -> None:
        self.answered[:] = [key for key in self.answered if key not in keys]

    def _open(self) -> Question | None:
        return next((one for one in self.questions() if not (one.quiet or one.key in self.answered)), None)

    def _before(self, key: str) -> Question | None:
        """Return the question that was asked before this one; before '', the last of all."""
        before: list[Question] = []
        for one in self.questions():
            if one.key == key:
                break
            before.append(one)
        return next((one for one in reversed(before) if not (one.quiet or one.fixed)), None)

    def _named(self, key: str) -> Question:
        return next(one for one in self.questions() if one.key == key)
