"""
Starting workflows.

A run cannot be taken back, and where the answer was lost nobody knows which it is: so one is started at most once.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final, NamedTuple

from scaffolder.gateways.github.client import InDoubt
from scaffolder.gateways.github.repository_api import part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.gateways.github.repository_api import RepositoryApi

DIRECTORY: Final = ".github/workflows"
TRIGGER: Final = "workflow_dispatch"


class Started(NamedTuple):
    """A run that was started; 0 and '' where GitHub was not asked which, or does not say."""

    number: int = 0
    url: str = ""
    page: str = ""


def dispatch(
    repository: RepositoryApi, workflow: str, ref: str, inputs: Mapping[str, str], *, details: bool = False
) -> Started | None:
    """Start a workflow; return None when the answer was lost, so that nobody knows whether it runs."""
    asked = {"ref": ref, **({"inputs": dict(inputs)} if inputs else {})}
    wanted = {"return_run_details": True} if details else {}
    try:
        answer = repository.request("POST", f"/actions/workflows/{part(workflow)}/dispatches", {**asked, **wanted})
    except InDoubt:
        return None
    said = answer.body if isinstance(answer.body, dict) else {}
    return Started(said.get("workflow_run_id", 0), said.get("run_url", ""), said.get("html_url", ""))


def definition(repository: RepositoryApi, workflow: str, ref: str) -> str | None:
    """Return the text of a workflow on a branch or tag, None when it is not there."""
    found = repository.find(f"/contents/{DIRECTORY}/{part(workflow)}", {"ref": ref})
    if not isinstance(found, dict) or "content" not in found:
        return None
    return base64.b64decode(found["content"]).decode(errors="replace")
