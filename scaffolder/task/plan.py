"""
From a template's steps to the steps of a task.

Publishing is a role, not a place: a step that publishes a repository, for whichever host its author had in mind, is
carried out on the forge that was chosen. A template that publishes nothing gets the default ones, so that every birth
ends in a repository, a catalog entry and a directory. One step is one effect: publishing becomes a commit, a
repository, a push, and around it what was asked for to be set up there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from scaffolder.task.publishing import PROTECTION, Wanted, wanted
from scaffolder.template.expressions import ABSENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scaffolder.template.manifest import Template

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
REPO_CREATE, REPO_PUSH = "github:repo:create", "github:repo:push"
"""Publishing in two steps: others may stand between them."""
ROLES = PUBLISHING | {REPO_CREATE, REPO_PUSH}
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

    Under the rendered input lie `defaults`, over it what is `fixed`: both are data. Where nothing else than that is
    said, there is nothing to do. An `optional` step is gone on without where the forge does not offer it.
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
    defaults: Mapping[str, Any] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Birth:
    """
    What every birth does, whatever the template: the inputs of our own steps.

    `publish` is what the settings have set up in every repository; `host` is the forge's, '' where it has no such
    things.
    """

    reserve: dict[str, Any]
    commit: dict[str, Any]
    create: dict[str, Any]
    push: dict[str, Any]
    register: dict[str, Any]
    place: dict[str, Any]
    publish: Mapping[str, Any] = field(default_factory=dict)
    host: str = ""


@dataclass(frozen=True, slots=True)
class _Role:
    """
    How the repository is published: by which steps, and what they ask for.

    `create` and `push` are the ids under which later steps find what came of it; mostly the same.
    """

    create: str
    push: str
    birth: Birth
    parts: tuple[Wanted, ...]

    @property
    def whole(self) -> list[PlannedStep]:
        """The steps that publish at once."""
        return [_commit(self), *_create(self), *_push(self)]


def as_written(template: Template) -> tuple[PlannedStep, ...]:
    """
    Return the template's steps, as its author wrote them.

    Steps may have one id between them, such as one that publishes to each host: later steps find what the last of them
    returned that ran. Here each is told from the others by a number.
    """
    taken = {step.id for step in template.steps}
    ids: set[str] = set()
    made = []
    for step in template.steps:
        step_id = step.id if step.id not in ids else next(_numbered(step.id, taken | ids))
        ids.add(step_id)
        condition, each = (() if said is ABSENT else (said,) for said in (step.if_, step.each))
        made.append(PlannedStep(step_id, step.name, step.action, step.input, step.id, condition, each))
    return tuple(made)


def _numbered(step_id: str, taken: set[str]) -> Iterator[str]:
    return (one for number in count(2) if (one := f"{step_id}-{number}") not in taken)


def plan_steps(
    template_steps: tuple[PlannedStep, ...], birth: Birth, *, publishing: str, pushing: str = ""
) -> tuple[PlannedStep, ...]:
    """
    Return the steps of a task in order.

    `publishing` is the id of the template's step that publishes this time, '' when none does: templates often hold one
    publish step for each host, with conditions. The others are left out, as if skipped. Where that only creates the
    repository, `pushing` is the step that pushes to it. Registering is not for the template to leave out: no repository
    lives outside the catalog.
    """
    role = _role(template_steps, birth, publishing, pushing)
    steps = [_ours("reserve", "name reserved in the catalog", RESERVE, birth.reserve)]
    for step in template_steps:
        if step.id == publishing:
            steps += _create(role) if pushing else role.whole
        elif pushing and step.id == pushing:
            steps += [_commit(role), *_push(role)]
        elif step.action == REGISTER:
            steps += _registered_unless_done(steps, step, role)
        elif step.action not in ROLES:
            steps.append(step)
    steps += _registered_unless_done(steps, _ours("register", "", REGISTER, {}), role)
    taken = (
        *(("commit", f"{role.push}.commitHash"), ("digest", f"{role.push}.digest")),
        ("origin", f"{role.create}.remoteUrl"),
    )
    place = _ours("place", "put in its directory", PLACE, birth.place)
    return (*steps, replace(place, takes=taken))


def asked_of(steps: Iterable[PlannedStep], *ids: str) -> dict[str, Any]:
    """Return the inputs of the template's publishing steps, as written."""
    inputs = [step.input for step in steps if step.id in ids and isinstance(step.input, Mapping)]
    return {name: value for one in inputs for name, value in one.items()}


def _role(steps: tuple[PlannedStep, ...], birth: Birth, publishing: str, pushing: str) -> _Role:
    groups = {step.id: step.group for step in steps}
    group = groups.get(publishing) or _free("publish", steps)
    asked = asked_of(steps, publishing, pushing) if publishing else None
    parts = tuple(wanted(asked, birth.publish)) if birth.host else ()
    return _Role(group, groups.get(pushing) or group, birth, parts)


def _free(group: str, steps: tuple[PlannedStep, ...]) -> str:
    """Return an id that no step of the template has."""
    while any(step.id == group for step in steps):
        group = f"scaffolder-{group}"
    return group


def _registered_unless_done(steps: list[PlannedStep], step: PlannedStep, role: _Role) -> list[PlannedStep]:
    """Return what registers, after what publishes; a repository is registered once."""
    if any(one.action == REGISTER for one in steps):
        return []
    created, pushed = (any(one.action == action for one in steps) for action in (CREATE, PUSH))
    published = [] if pushed else [_commit(role), *_push(role)] if created else role.whole
    return [*published, _registering(step, role)]


def _commit(role: _Role) -> PlannedStep:
    return PlannedStep(f"{role.push}-commit", "files committed", COMMIT, role.birth.commit, role.push, ours=True)


def _create(role: _Role) -> list[PlannedStep]:
    """Return what makes the repository. The person's answers decide where and how, not the template's inputs."""
    step = PlannedStep(
        f"{role.create}-repository", "repository created", CREATE, role.birth.create, role.create, ours=True
    )
    return [step, *_set_up(role, after_push=False)]


def _push(role: _Role) -> list[PlannedStep]:
    """Return what pushes to the repository, and what is set up when there is something in it."""
    outputs = () if role.push == role.create else ("remoteUrl", "repoContentsUrl")
    taken = (("files", f"{role.push}.files"), *((name, f"{role.create}.{name}") for name in outputs))
    step = PlannedStep(f"{role.push}-push", "files pushed", PUSH, role.birth.push, role.push, ours=True, takes=taken)
    return [step, *_set_up(role, after_push=True)]


def _set_up(role: _Role, *, after_push: bool) -> list[PlannedStep]:
    return [_part(one, role) for one in role.parts if one.part.after_push is after_push]


def _part(one: Wanted, role: _Role) -> PlannedStep:
    """Return the step that sets up one part of what publishing asks for."""
    full_name, step_id = role.birth.create["repository"], f"{role.create}-{one.part.id}"
    owner, _, name = full_name.partition("/")
    url = f"{role.birth.host}?owner={quote(owner)}&repo={quote(name)}"
    where = {"repoUrl": url} if one.part.by_url else {"repository": full_name}
    branch = {"branch": role.birth.create["branch"]} if one.part is PROTECTION else {}
    return PlannedStep(
        step_id,
        one.part.name,
        one.part.action,
        dict(one.input),
        step_id,
        condition=one.condition,
        defaults=one.defaults,
        fixed={**where, **branch, **one.fixed},
        optional=one.optional,
    )


def _registering(step: PlannedStep, role: _Role) -> PlannedStep:
    """
    Return a registering step, which runs once, whatever its conditions.

    Of the template's own input the path of the catalog file means something here.
    """
    path = step.input.get("catalogInfoPath") if isinstance(step.input, dict) else None
    value = {**role.birth.register, **({"catalogInfoPath": path} if path else {})}
    taken = (
        *(("commit", f"{role.push}.commitHash"), ("base", f"{role.push}.base")),
        ("remoteUrl", f"{role.create}.remoteUrl"),
    )
    unconditional = replace(step, condition=(), each=())
    return replace(unconditional, name="registered in the catalog", input=value, ours=True, takes=taken)


def _ours(step_id: str, name: str, action: str, value: dict[str, Any]) -> PlannedStep:
    return PlannedStep(f"scaffolder-{step_id}", name, action, value, f"scaffolder-{step_id}", ours=True)
