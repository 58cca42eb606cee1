"""What the runner knows of a task while it works on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scaffolder.task import evaluate, masking, outputs
from scaffolder.task.journal import Row, RowStatus, Task

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.gateways.forge import Forge
    from scaffolder.task.action import Values
    from scaffolder.task.workspace import Workspace
    from scaffolder.template.source import Resolved

DONE = frozenset({RowStatus.COMPLETED, RowStatus.EMPTY})
BEGUN = frozenset({RowStatus.PROCESSING, RowStatus.COMPLETED})


@dataclass(slots=True)
class Run:
    """A task in this process: what it was given and how far it is."""

    task: Task
    template: Resolved | None
    secrets: Mapping[str, str]
    workspace: Workspace
    directory: Path
    forge: Forge
    environment: evaluate.Environment = field(default_factory=evaluate.Environment)
    rows: dict[int, list[Row]] = field(default_factory=dict)
    course: evaluate.Course = field(default_factory=evaluate.Course)

    @property
    def all_rows(self) -> list[Row]:
        """Every row, in the order of the steps."""
        return [row for number in sorted(self.rows) for row in self.rows[number]]

    @property
    def written(self) -> list[Row]:
        """The completed rows that left a state of the workspace."""
        return [row for row in self.all_rows if row.status is RowStatus.COMPLETED and row.mark]

    @property
    def state(self) -> int:
        """How many states the workspace has had."""
        return len(self.written)

    @property
    def every_secret(self) -> dict[str, str]:
        """The task's secrets, and those of the environment."""
        return evaluate.Scope("", {}, self.secrets, {}, environment=self.environment).every_secret

    def scope(self) -> evaluate.Scope:
        """Return the variables as they stand after the completed steps."""
        values = masking.unmasked(self.task.values, self.secrets)
        return evaluate.Scope(
            task_id=self.task.id,
            parameters=values,
            secrets=self.secrets,
            user=self.task.user,
            outputs=self._outputs(),
            environment=self.environment,
            course=self.course,
        )

    def _outputs(self) -> dict[str, dict[str, Any]]:
        outputs: dict[str, dict[str, Any]] = {}
        for number, rows in self.rows.items():
            step = self.task.steps[number]
            done = [masking.unmasked(row.output, self.every_secret) for row in rows if row.status in DONE]
            if done:
                outputs.setdefault(step.group, {}).update(_gathered(done) if step.each else done[-1])
        return outputs


def _gathered(outputs: list[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return a list for every output of a step that ran for several items."""
    names = {name: None for output in outputs for name in output}
    return {name: [output[name] for output in outputs if name in output] for name in names}


def output_of(run: Run) -> Values:
    """Return the task's output: links and texts for people, without secrets or entries whose condition is false."""
    scope = run.scope().without_secrets(stand_in=lambda _name: masking.SHOWN)
    shown = masking.masked(outputs.rendered(run.task.output, scope.variables(secrets=False)), run.every_secret)
    return shown if isinstance(shown, Mapping) else {}
