"""
What a step does.

An action is data and a few functions: plugins add theirs through the same hook as the built-in ones. One action is one
effect, and it *ensures*: run again with the same input and task id, it finds its own earlier result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from scaffolder.errors import InvalidInput, did_you_mean
from scaffolder.task.providers import PROVIDERS
from scaffolder.template.trust import NOTHING, Allowed

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from scaffolder.catalog import Catalog
    from scaffolder.gateways.forge import Forge
    from scaffolder.gateways.git import Identity
    from scaffolder.template.source import Resolved
    from scaffolder.tree import Tree

Values = Mapping[str, Any]


class Effect(Enum):
    """Where an action leaves its mark."""

    NONE = "none"
    """Nowhere: it only computes or logs."""

    WORKSPACE = "workspace"
    """In the task's workspace, which is ours and can be made again."""

    OUTSIDE = "outside"
    """In the catalog, on the forge or in the person's directory: it must ensure, and can be undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoContext:
    """
    What taking back is given: the task, its private directory, and where its effects are.

    `outputs` maps an action to what its last run in this task returned.
    """

    task_id: str
    task_directory: Path
    forge: Forge
    catalog: Catalog
    outputs: Mapping[str, Values] = field(default_factory=dict)


Fetch = Callable[[str], "tuple[Tree, str]"]


def nowhere(url: str) -> tuple[Tree, str]:
    """Read nothing."""
    raise InvalidInput(f"{url} is not read here", hint="keep the files beside template.yaml, and give a relative url")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionContext(UndoContext):
    """
    What an action is given beside its input.

    `workspace` is a private directory; `template_ref` is the template's entity ref; `began_before` tells that an
    earlier process started this very step and may have finished its effect. `log` takes one line for the person.
    `repository` is the OWNER/NAME that the task makes: in preflight it is not there yet. `elsewhere` reads a repository
    of an address: it returns its files, and the path that is meant. `allowed` is what of the template's own code the
    person lets run.
    """

    step_id: str
    workspace: Path
    template: Resolved
    template_ref: str
    identity: Identity
    created_at: datetime
    began_before: bool
    log: Callable[[str], None]
    repository: str = ""
    elsewhere: Fetch = nowhere
    allowed: Allowed = NOTHING


Run = Callable[[ActionContext, Values], Values]
Undo = Callable[[UndoContext, Values, Values], str]
Check = Callable[[ActionContext, Values], None]
Predict = Callable[[ActionContext, Values], Values]
Describe = Callable[[Values, Values], str]
Intact = Callable[[UndoContext, Values], bool]
Requests = Callable[[Values], int]


@dataclass(frozen=True, slots=True)
class Action:
    """
    One thing a step can do.

    `run` takes the rendered input and returns the step's output; `created: false` in it says that what the step was to
    make outside had been there before. `undo` takes input and output (empty when the step never finished) and returns
    '' or the reason why something was left; what is already gone is no reason. `check` runs in preflight, reads only,
    and raises what `run` would fail with later. `predict` returns the output that a run would have, for the preview;
    an action without one, whose effect is not outside, is simply run there. `dry_run` does the same when a template is
    tried out; without it, an example by the output schema is returned there. `describe` says in words what input and
    output mean. `intact` takes the output and tells whether what a step keeps beside the workspace is still there.
    `forge` is the only kind of forge that it works with, '' where any will do; `requests` tells how many requests to
    the forge a run costs, when nothing goes wrong. With `own_access` it asks in the name of the person, unless its
    input has a `token`.
    """

    id: str
    description: str
    run: Run
    effect: Effect
    input_schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})
    output_schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})
    undo: Undo | None = None
    check: Check | None = None
    predict: Predict | None = None
    dry_run: Predict | None = None
    describe: Describe | None = None
    intact: Intact | None = None
    forge: str = ""
    requests: Requests = lambda _value: 0
    own_access: bool = False


def object_schema(properties: Values, *required: str) -> dict[str, Any]:
    """Return the JSON Schema of an input with these properties and no others."""
    return {"type": "object", "properties": dict(properties), "required": list(required), "additionalProperties": False}


class ForgeLacks(InvalidInput):
    """Steps want what the chosen forge does not have; `steps` maps their ids to their actions."""

    def __init__(self, steps: Mapping[str, Action], forge: Forge) -> None:
        (first, action), *others = steps.items()
        wanted = _NAMES.get(action.forge, action.forge)
        more = f", and so do {', '.join(step for step, _ in others)}" if others else ""
        skipped = " ".join(f"--skip {step}" for step in steps)
        super().__init__(
            f"step {first} ({action.id}) needs {wanted}{more}; the forge is {forge.name}",
            hint=f"--forge {action.forge}   or go on without: {skipped}",
        )


_NAMES = {"github": "GitHub", "local": "the local forge"}


class UnknownAction(InvalidInput):
    """A template uses an action that nothing here provides; with `skips`, one can go on without the step."""

    def __init__(self, step_id: str, action_id: str, known: Iterable[str], *, skips: bool = False) -> None:
        there = PROVIDERS.get(action_id)
        provided = (
            f"Backstage has it from {there}; here a plugin would provide it"
            if there
            else did_you_mean(action_id, known) or "a plugin may provide it: scaffolder doctor lists the plugins"
        )
        super().__init__(
            f"step {step_id}: the action {action_id!r} is not known here",
            hint=f"{provided}   or go on without: --skip {step_id}" if skips else provided,
        )
