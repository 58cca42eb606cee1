"""
Starting workflows.

GitHub does not say which run a dispatch has started, and a run cannot be taken back: so one is sent at most once.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from scaffolder.gateways.github.client import InDoubt
from scaffolder.gateways.github.repository_api import part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.gateways.github.repository_api import RepositoryApi

DIRECTORY: Final = ".github/workflows"
TRIGGER: Final = "workflow_dispatch"


def dispatch(repository: RepositoryApi, workflow: str, ref: str, inputs: Mapping[str, str]) -> bool:
    """Start a workflow; return False when the answer was lost, so that nobody knows whether it runs."""
    asked = {"ref": ref, **({"inputs": dict(inputs)} if inputs else {})}
    try:
        repository.request("POST", f"/actions/workflows/{part(workflow)}/dispatches", asked)
    except InDoubt:
        return False
    return True


def definition(repository: RepositoryApi, workflow: str, ref: str) -> str | None:
    """Return the text of a workflow on a branch or tag, None when it is not there."""
    found = repository.find(f"/contents/{DIRECTORY}/{part(workflow)}", {"ref": ref})
    if not isinstance(found, dict) or "content" not in found:
        return None
    return base64.b64decode(found["content"]).decode(errors="replace")
