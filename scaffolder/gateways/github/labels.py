"""The labels of a repository's issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.gateways.github.refusals import refusal
from scaffolder.gateways.github.repository_api import CREATED, INVALID, exists_already, part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.gateways.github.repository_api import RepositoryApi


def set_label(repository: RepositoryApi, label: Mapping[str, str]) -> None:
    """Make a label as it is described, or change the one that has its name."""

    def make(_lost: int) -> bool:
        answer = repository.request("POST", "/labels", dict(label), expect=(CREATED, INVALID))
        if answer.status == INVALID and not exists_already(answer):
            raise refusal(repository.client.server.host, f"making the label {label['name']}", answer)
        if answer.status == INVALID:
            changed = {name: value for name, value in label.items() if name != "name"}
            repository.request("PATCH", f"/labels/{part(label['name'])}", {"new_name": label["name"], **changed})
        return True

    repository.insist(make)
