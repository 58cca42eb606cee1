"""The steps of a birth: the template's, and around them ours with what they are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffolder import __version__
from scaffolder.actions.entity_file import CATALOG_FILE
from scaffolder.actions.place import standing
from scaffolder.app.asking import committed, without_skipped
from scaffolder.app.preview import choose_publishing
from scaffolder.catalog.entity import EntityRef
from scaffolder.task import evaluate
from scaffolder.task.plan import COMMIT, REGISTER, Birth, PlannedStep, asked_of, plan_steps
from scaffolder.template.expressions import render_value
from scaffolder.template.lock import Lock
from scaffolder.tree import contained

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scaffolder.app.asking import Parts
    from scaffolder.app.draft import Draft
    from scaffolder.similar import Findings, Match
    from scaffolder.task.journal import Task
    from scaffolder.template.source import Resolved


@dataclass(frozen=True, slots=True)
class Steps:
    """
    The steps of a task that registers entities, whichever they are.

    `written` are the template's, of which `roles` publish; `facts` are what a commit adds to the files, and `commit`
    what the template says of it; `findings` are asked for when their turn comes.
    """

    written: tuple[PlannedStep, ...]
    roles: tuple[str, str]
    draft: Draft
    label: str
    facts: Mapping[str, Any]
    commit: Mapping[str, str]
    findings: Callable[[], Findings]
    parts: Parts

    @classmethod
    def of(  # noqa: PLR0913  each says one thing of the task
        cls,
        written: Iterable[PlannedStep],
        draft: Draft,
        resolved: Resolved,
        *,
        task: Task,
        scope: evaluate.Scope,
        findings: Callable[[], Findings],
        parts: Parts,
    ) -> Steps:
        """Return the steps of a task, with what the template says of publishing and of its catalog entry."""
        steps = tuple(_with_entry_path(step, scope) for step in written)
        roles = choose_publishing(steps, scope)
        commit = committed(asked_of(steps, *roles), scope)
        facts = {**_additions(draft, resolved, task=task), "catalog_file": _entry_path(steps)}
        return cls(steps, roles, draft, task.label, facts, commit, findings, parts)

    @property
    def wanted(self) -> EntityRef:
        """The entity that the person has named."""
        return EntityRef("component", self.draft.name)

    @property
    def asked(self) -> dict[str, Any]:
        """What the template's publishing steps say, as written."""
        return asked_of(self.written, *self.roles)

    @property
    def notes(self) -> list[str]:
        """What a person should know of publishing steps that cannot be read before their turn."""
        said = "its input is one expression: what is set up around the repository, the settings say"
        return [f"step {one.id}: {said}" for one in self.written if one.id in self.roles and isinstance(one.input, str)]

    def main(self, refs: list[EntityRef]) -> EntityRef:
        """Return which of some entities is the one that was named, else the first."""
        return next((ref for ref in refs if ref.key == self.wanted.key), refs[0])

    def registering(self, refs: list[EntityRef]) -> Iterator[PlannedStep]:
        """Iterate over the steps of a task that registers these entities."""
        birth = _birth(self.draft, self.facts, label=self.label, refs=refs, main=self.main(refs), parts=self.parts)
        birth = replace(birth, commit={**birth.commit, **self.commit})
        publishing, pushing = self.roles
        planned = plan_steps(self.written, birth, publishing=publishing, pushing=pushing)
        return map(self._considering, without_skipped(planned, self.draft.skip))

    def _considering(self, step: PlannedStep) -> PlannedStep:
        """Return a step; what a commit says of similar services is found now."""
        if step.action != COMMIT:
            return step
        considered = [_considered(match) for match in self.findings().worth_a_look().matches]
        return replace(step, input={**step.input, "additions": {**step.input["additions"], "similar": considered}})


def _with_entry_path(step: PlannedStep, scope: evaluate.Scope) -> PlannedStep:
    """Render where a registering step finds the catalog entry: the rest of its input is ours, and never rendered."""
    if step.action != REGISTER or not isinstance(step.input, Mapping) or "catalogInfoPath" not in step.input:
        return step
    path = render_value(step.input["catalogInfoPath"], scope.variables(secrets=False))
    return replace(step, input={**step.input, "catalogInfoPath": path})


def _entry_path(steps: tuple[PlannedStep, ...]) -> str:
    """Return where the catalog entry is, or will be."""
    inputs = [step.input for step in steps if step.action == REGISTER]
    paths = [value.get("catalogInfoPath") for value in inputs if isinstance(value, Mapping)]
    return contained(paths[0].lstrip("/")) if paths and isinstance(paths[0], str) else CATALOG_FILE


def _birth(
    draft: Draft, facts: Mapping[str, Any], *, label: str, refs: list[EntityRef], main: EntityRef, parts: Parts
) -> Birth:
    """Return the inputs of our own steps, as far as they are known beforehand."""
    where = {"repository": draft.repository, "branch": draft.branch}
    message = f"Begin {draft.name} from {label}"
    return Birth(
        reserve={
            "entities": [str(ref) for ref in sorted(refs, key=lambda ref: ref != main)],
            "owner": draft.owner,
            "purpose": draft.purpose,
            "repository": draft.repository,
        },
        commit={"branch": draft.branch, "message": message, "label": label, "additions": dict(facts)},
        create={**where, "visibility": draft.visibility, "description": " ".join(draft.purpose.split())},
        push=where,
        register={**where, "entity": str(main)},
        place={"directory": draft.directory, "within": str(standing(Path(draft.directory))), "branch": draft.branch},
        publish=parts.publish,
        host=parts.forge.name if parts.forge.kind == "github" else "",
    )


def _additions(draft: Draft, resolved: Resolved, *, task: Task) -> dict[str, Any]:
    """Return the facts that `additions.completed` needs, all but `similar`."""
    lock = Lock(
        source=resolved.source.location,
        path=resolved.source.path,
        version=resolved.source.version,
        commit=resolved.source.commit,
        digest=resolved.source.digest,
        answers={name: value for name, value in task.values.items() if name not in task.secrets},
        tool_version=__version__,
        task_id=task.id,
    )
    return {
        "name": draft.name,
        "purpose": draft.purpose,
        "owner": draft.owner,
        "system": draft.system,
        "extends": draft.extends,
        "template": task.template_ref,
        "lock": lock.dumps(),
        "reason": draft.why,
        "decided_on": task.created_at.date().isoformat(),
        "answers": list(evaluate.texts(draft.answers)),
    }


def _considered(match: Match) -> dict[str, Any]:
    return {
        "entityRef": str(match.ref),
        "title": match.title,
        "owner": match.owner,
        "matched": list(match.matched),
        "unmentioned": list(match.unmentioned),
    }
