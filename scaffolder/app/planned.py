"""What will happen, worked out; nothing of it has."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scaffolder.app.lending import Loan
    from scaffolder.app.preview import Preview
    from scaffolder.catalog.entity import EntityRef
    from scaffolder.gateways.forge import Finding, Repository
    from scaffolder.similar import Findings
    from scaffolder.task.journal import Task
    from scaffolder.template.source import Resolved
    from scaffolder.tree import File


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file that will be committed."""

    path: str
    sha256: str
    mode: str


@dataclass(frozen=True, slots=True)
class Plan:
    """
    Everything that will happen. `task` goes to the runner as it is.

    `requests` is about how many the forge will be sent; `registered` says where others find the entry, '' where nobody
    else does; `loans` are the person's tokens that steps are given.
    """

    task: Task
    template: Resolved
    secrets: Mapping[str, str]
    preview: Preview
    repository: Repository
    directory: Path
    entity: EntityRef
    similar: Findings
    forge_name: str
    repository_stands: bool
    findings: tuple[Finding, ...] = ()
    requests: int = 0
    registered: str = ""
    loans: tuple[Loan, ...] = ()

    @property
    def warnings(self) -> list[str]:
        """What a person should know before saying yes."""
        told = [finding.text for finding in self.findings]
        return [*self.preview.notes, *told, *self._secrets_in_files()]

    def _secrets_in_files(self) -> list[str]:
        return [
            f"{path} will hold the secret {name}"
            for name, secret in self.secrets.items()
            for path, file in self.preview.tree.files()
            if secret.encode() in file.data
        ]

    @property
    def files(self) -> list[PlannedFile]:
        """The files of the first commit."""
        return [
            PlannedFile(path, hashlib.sha256(file.data).hexdigest(), f"{_git_mode(file):o}")
            for path, file in self.preview.tree.files()
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the plan as `new --dry-run --json` prints it."""
        steps = zip(self.task.steps, self.preview.inputs, strict=True)
        return {
            "files": [asdict(file) for file in self.files],
            "steps": [
                {"id": step.id, "action": step.action, "name": step.name, "skipped": not values}
                for step, values in steps
            ],
            "repository": {"name": self.repository.full_name, "url": self.repository.clone_url},
            "entity": str(self.entity),
            "entities": [str(entity.ref) for entity in self.preview.entities],
            "directory": str(self.directory),
            "similar": self.similar.to_json(),
            **({"tokens": [loan.to_json() for loan in self.loans]} if self.loans else {}),
        }


def _git_mode(file: File) -> int:
    return 0o100755 if file.mode & 0o111 else 0o100644
