"""
From a template's steps to the steps of a task.

Publishing is a role, not a place: a step that publishes a repository, for whichever host its author had in mind, is
carried out on the forge that was chosen. A template that publishes nothing gets the default ones, so that every birth
ends in a repository, a catalog entry and a directory. One step is one effect: publishing becomes a commit, a
repository and a push.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

PUBLISHING = frozenset(
    {
        "publish:azure",
        "publish:bitbucketCloud",
        "publish:bitbucketServer",
        "publish:gerrit",
        "publish:gitea",
        "publish:github",
        "publish:gitlab",
        "publish:local",
    }
)
RESERVE, COMMIT, CREATE, PUSH = "catalog:reserve", "repository:commit", "repository:create", "repository:push"
REGISTER, PLACE = "catalog:register", "directory:place"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """
    One step of a task, as written: nothing in it is rendered yet.

    `group` is the id under which later steps find its output: the template's own id for what a template's step became.
    `condition` and `each` hold one value, or none where the step has none: `if: null` is a value.

    A step of ours has `ours`: its input is data, never a template, for it holds what people typed and what the catalog
    says. What only an earlier step knows it `takes`: (name in the input, "id.name" of an output).
    """

    id: str
    name: str
    action: str
    input: Any
    group: str
    condition: tuple[Any, ...] = ()
    each: tuple[Any, ...] = ()
    ours: bool = False
    takes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Birth:
    """What every birth does, whatever the template: the inputs of our own steps."""

    reserve: dict[str, Any]
    commit: dict[str, Any]
    create: dict[str, Any]
    push: dict[str, Any]
    register: dict[str, Any]
    place: dict[str, Any]


def plan_steps(template_steps: tuple[PlannedStep, ...], birth: Birth, *, publishing: str) -> tuple[PlannedStep, ...]:
    """
    Return the steps of a task in order.

    `publishing` is the id of the template's step that publishes this time, '' when none does: templates often hold one
    publish step for each host, with conditions. The others are left out, as if skipped. Registering is not for the
    template to leave out: no repository lives outside the catalog.
    """
    group = publishing or _free("publish", template_steps)
    steps = [_ours("reserve", "name reserved in the catalog", RESERVE, birth.reserve)]
    for step in template_steps:
        if step.id == publishing:
            steps += _publish(group, birth)
        elif step.action == REGISTER:
            steps += _registered_unless_done(steps, step, group, birth)
        elif step.action not in PUBLISHING:
            steps.append(step)
    steps += _registered_unless_done(steps, _ours("register", "", REGISTER, {}), group, birth)
    taken = (("commit", f"{group}.commitHash"), ("digest", f"{group}.digest"), ("origin", f"{group}.remoteUrl"))
    place = _ours("place", "put in its directory", PLACE, birth.place)
    return (*steps, replace(place, takes=taken))


def _free(group: str, steps: tuple[PlannedStep, ...]) -> str:
    """Return an id that no step of the template has."""
    while any(step.id == group for step in steps):
        group = f"scaffolder-{group}"
    return group


def _registered_unless_done(steps: list[PlannedStep], step: PlannedStep, group: str, birth: Birth) -> list[PlannedStep]:
    """Return what registers, after what publishes; a repository is registered once."""
    if any(one.action == REGISTER for one in steps):
        return []
    published = any(one.action == PUSH for one in steps)
    return [*([] if published else _publish(group, birth)), _registering(step, group, birth)]


def _publish(group: str, birth: Birth) -> list[PlannedStep]:
    """Split publishing into its effects. The person's answers decide where and how, not the template's inputs."""
    return [
        PlannedStep(f"{group}-commit", "files committed", COMMIT, birth.commit, group, ours=True),
        PlannedStep(f"{group}-repository", "repository created", CREATE, birth.create, group, ours=True),
        PlannedStep(
            f"{group}-push", "files pushed", PUSH, birth.push, group, ours=True, takes=(("files", f"{group}.files"),)
        ),
    ]


def _registering(step: PlannedStep, publishing: str, birth: Birth) -> PlannedStep:
    """
    Return a registering step, which runs once, whatever its conditions.

    Of the template's own input the path of the catalog file means something here.
    """
    path = step.input.get("catalogInfoPath") if isinstance(step.input, dict) else None
    value = {**birth.register, **({"catalogInfoPath": path} if path else {})}
    names = (("commit", "commitHash"), ("base", "base"), ("remoteUrl", "remoteUrl"))
    taken = tuple((name, f"{publishing}.{output}") for name, output in names)
    unconditional = replace(step, condition=(), each=())
    return replace(unconditional, name="registered in the catalog", input=value, ours=True, takes=taken)


def _ours(step_id: str, name: str, action: str, value: dict[str, Any]) -> PlannedStep:
    return PlannedStep(f"scaffolder-{step_id}", name, action, value, f"scaffolder-{step_id}", ours=True)
