"""What a task has made, or had made when it stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scaffolder.task.journal import Row, RowStatus, Task
from scaffolder.task.plan import CREATE, PLACE, PUSH, REGISTER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Made:
    """
    What exists outside because of a task; '' for what does not.

    `page` is for a browser, `url` for git; `links` are the template's own. `pull_request` is the page of
    that by which the entry is registered, `waits_at` the same where it still waits for somebody to merge it.
    """

    task_id: str
    status: str
    entity: str
    repository: str
    url: str
    page: str
    commit: str
    directory: str
    links: Sequence[Mapping[str, Any]]
    waits_at: str = ""
    pull_request: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the published form."""
        return {
            "taskId": self.task_id,
            "status": self.status,
            "entityRef": self.entity,
            "repository": {"name": self.repository, "url": self.url, "page": self.page, "commit": self.commit},
            "directory": self.directory,
            "links": list(self.links),
            "waitsAt": self.waits_at,
            "pullRequest": self.pull_request,
        }


def made_by(task: Task, rows: Iterable[Row]) -> Made:
    """Return what a task has made so far."""
    outputs = {task.steps[row.step].action: row.output for row in rows if row.status is RowStatus.COMPLETED}

    def output(action: str, name: str) -> str:
        return str(outputs.get(action, {}).get(name, ""))

    links = task.output.get("links") if task.status.value == "completed" else None
    return Made(
        task_id=task.id,
        status=task.status.value,
        entity=output(REGISTER, "entityRef"),
        repository=output(CREATE, "repository"),
        url=output(CREATE, "remoteUrl"),
        page=output(CREATE, "page"),
        commit=output(PUSH, "commitHash"),
        directory=output(PLACE, "directory"),
        links=[link for link in links if isinstance(link, dict)] if isinstance(links, list) else [],
        waits_at=output(REGISTER, "waitsAt"),
        pull_request=output(REGISTER, "pullRequest"),
    )
