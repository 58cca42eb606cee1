"""
Answers, kept.

A draft is what a person has said so far about a service that does not exist yet. It survives ctrl-c and "I don't know",
and becomes a plan once everything is there. Secrets are never part of it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from scaffolder.gateways.home import private_directory
from scaffolder.similar import Query
from scaffolder.template.places import Whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_OF_ONE_DAY = frozenset({"trust", "trusted", "lends"})
"""What is said of a template as it is now: another day it may hold other code."""
REASONS = ("different data", "scale", "ownership", "compliance", "technology", "other")


@dataclass(slots=True)
class Draft:
    """
    What is known about the new service; '' where it is not known yet.

    `owner`, `system` and `extends` are entity refs; `repository` is OWNER/NAME on the `forge` (local or github) at
    `host`; `skip` are ids of steps to go on without; `answers` belong to the template, of which those in
    `whole` are maps that were typed; `reason` is one of REASONS and a sentence, why it is built although something like
    it exists.
    `extends_system` tells that `system` was chosen because the service extends it. `directory`
    is the new service's own; '' means: inside `output_dir` (or where the person is), by its name.
    `trust` says what becomes of the template's own code (`scaffolder.template.trust.WORDS`), this time; `trusted` that
    its source is trusted altogether, and `lends` which hosts' tokens its steps may have, or not.
    `answered` are the wizard's questions that need not be asked again, also those answered with nothing; `begun` are
    answers to some that do: a list somebody left in the middle, or one that holds secrets.
    """

    purpose: str = ""
    name: str = ""
    owner: str = ""
    system: str = ""
    repository: str = ""
    forge: str = ""
    host: str = ""
    skip: list[str] = field(default_factory=list)
    visibility: str = ""
    branch: str = ""
    template: str = ""
    template_ref: str = ""
    template_directory: str = ""
    trust: str = ""
    trusted: bool = False
    lends: dict[str, bool] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    whole: list[str] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    reason_category: str = ""
    reason: str = ""
    extends: str = ""
    extends_system: bool = False
    output_dir: str = ""
    directory: str = ""
    answered: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)

    @property
    def why(self) -> str:
        """The reason as one text, '' when none was given."""
        return ": ".join(part for part in (self.reason_category, self.reason) if part)

    def said(self) -> dict[str, Any]:
        """Return the answers; a map that was typed is all there is, one given beforehand is laid over the default."""
        return {name: Whole(value) if name in self.whole else value for name, value in self.answers.items()}

    def query(self) -> Query:
        """Return what to look for in the catalog."""
        return Query(name=self.name, purpose=self.purpose)

    def kept(self) -> dict[str, Any]:
        """Return what may be stored: everything but the secrets."""
        return {**asdict(self), "secrets": {}}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Draft:
        """Return the draft that `kept` described; fields of another version are left out."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})


def save(draft: Draft, path: Path) -> None:
    """Keep a draft, readable by its owner only, by one rename."""
    text = json.dumps(draft.kept(), default=str)  # YAML knows values that JSON does not, such as a date
    private_directory(path.parent)
    fresh = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)
    fresh.replace(path)


def load(path: Path) -> Draft | None:
    """Return the draft that was kept, or None. One that cannot be read counts as none."""
    try:
        stored = json.loads(path.read_text())
        if not isinstance(stored, dict):
            return None
        kept = Draft.of({name: value for name, value in stored.items() if name not in _OF_ONE_DAY})
        kept.answered = [key for key in kept.answered if key.partition(":")[0] not in {"trust", "token"}]
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return kept
