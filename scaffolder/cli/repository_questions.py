"""Asking for repositories: part by part, with what a forge knows of them, where one may be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scaffolder.app.repository_url import (
    OWNER,
    REPOSITORY,
    allowed,
    hosts,
    parts,
    put_together,
    taken_apart,
)
from scaffolder.cli.prompt import Candidates, Option

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scaffolder.app.repositories import Repositories
    from scaffolder.app.repository_url import Part
    from scaffolder.cli.prompt import Prompter
    from scaffolder.template.question import Question

NONE = "none"


@dataclass(slots=True)
class RepositoryQuestion:
    """A question for a repository, an owner of some, or a branch; `check` says what is wrong with the whole answer."""

    prompts: Prompter
    known: Repositories | None
    question: Question
    check: Callable[[str], str]
    given: dict[str, str] = field(default_factory=dict)

    def repository(self, default: str) -> str | None:
        """Ask for a repository, and tell what there is to know of it; None for none."""
        host, before = taken_apart(default)
        several = hosts(self.question)
        host = self._one_of("host", several, host) if several[1:] else several[0]
        for part in parts(host) if host else ():
            self.given[part.name] = self._part(host, part, before.get(part.name, ""), needed=bool(several[1:]))
            if not self.given[part.name]:
                return None
        if not host:
            return None
        found = put_together(host, self.given)
        if told := self.known.told(found) if self.known else "":
            self.prompts.tell(told)
        return found

    def _part(self, host: str, part: Part, default: str, *, needed: bool) -> str:
        """Ask for a part; the first one may be left out where no repository will do, and the others may not."""
        needed = needed or bool(self.given) or self.question.required
        names = allowed(self.question, part.option)
        if names:
            return self._one_of(part.called, names, default, needed=needed)
        offered = self.known.owners(host) if self.known and part in OWNER else []
        if offered:
            return self._any_of(part.called, offered, default, needed=needed)

        def problem(text: str) -> str:
            if not text:
                return "an answer is needed" if needed else ""
            return self.check(put_together(host, {**self.given, part.name: text})) if part == REPOSITORY else ""

        return self.prompts.text(self._titled(part.called), default=default, check=problem)

    def owner(self, default: Any) -> str | None:
        """Ask for an owner that the template allows, '' for none of them; None where it names none."""
        excluded = allowed(self.question, "excludedOwners")
        owners = [one for one in allowed(self.question, "allowedOwners") if one not in excluded]
        return self._one_of("", owners, str(default or "")) if owners else None

    def branch(self, repository: str, default: str) -> str | None:
        """Ask for a branch of a repository, or a new one; None where none is known."""
        branches = self.known.branches(repository) if self.known and repository else []
        if not branches:
            return None
        while problem := self.check(found := self._any_of("", branches, default, needed=self.question.required)):
            self.prompts.tell(problem)
        return found

    def _one_of(self, what: str, names: Sequence[str], default: str, *, needed: bool | None = None) -> str:
        """Ask for one of a few; '' for none, where none will do."""
        needed = self.question.required if needed is None else needed
        options = [*(Option(name, name) for name in names), *([] if needed else [Option("", NONE)])]
        return self.prompts.choose(self._titled(what), options, default=default, back=True)

    def _any_of(self, what: str, names: Sequence[str], default: str, *, needed: bool) -> str:
        """Ask for one of those that are known, or another."""
        candidates = Candidates(
            [Option(name, name) for name in names],
            extras=[] if needed else [Option("", NONE)],
            other=lambda text: text,
            also="another",
        )
        first = default or ("" if needed else NONE)
        return self.prompts.find(self._titled(what), candidates, default=first, back=True)

    def _titled(self, what: str) -> str:
        return f"{self.question.title}: {what}" if what else self.question.title
