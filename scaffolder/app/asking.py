"""
What a plan asks of the forge, and what of publishing is carried out there.

The forge is asked once, when every input is known: what stands in the way then stops the plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from posixpath import normpath
from typing import TYPE_CHECKING, Any, cast

from scaffolder.errors import InvalidInput, did_you_mean
from scaffolder.gateways.forge import RepositorySpec, Wish
from scaffolder.gateways.git_address import without_user
from scaffolder.task import masking, publishing
from scaffolder.template.expressions import render_value
from scaffolder.tree import contained

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scaffolder.app.draft import Draft
    from scaffolder.app.lending import Lender
    from scaffolder.app.preview import Preview
    from scaffolder.catalog import Catalog
    from scaffolder.gateways.forge import Forge, Preflight, Visibility
    from scaffolder.gateways.git import Identity
    from scaffolder.gateways.github.access import Grant
    from scaffolder.task.action import Action
    from scaffolder.task.evaluate import Environment, Scope
    from scaffolder.task.pinned import Elsewhere
    from scaffolder.task.plan import PlannedStep

ACCESS = "github:access"
PROPOSING = 3
"""Requests of a pull request in the catalog repository: it is opened, made ready and merged."""
PROTECTING = frozenset({"github:branch-protection:create", "github:ruleset:create"})


class NotSkippable(InvalidInput):
    """A step that is to be skipped is none, or cannot be."""

    def __init__(self, step_id: str, known: list[str]) -> None:
        super().__init__(
            f"there is no step {step_id} that could be skipped",
            hint=did_you_mean(step_id, known) or f"these can be: {', '.join(known) or 'none'}",
        )


@dataclass(frozen=True, slots=True)
class Parts:
    """What planning reads; `publish` is what the settings have set up in every repository."""

    catalog: Catalog
    forge: Forge
    actions: Mapping[str, Action]
    identity: Identity | None
    user: Mapping[str, Any]
    publish: Mapping[str, Any]
    elsewhere: Elsewhere
    environment: Environment
    lender: Lender


def spec_of(draft: Draft) -> RepositorySpec:
    """Return the repository that a draft asks for."""
    owner, _, name = draft.repository.partition("/")
    return RepositorySpec(owner, name, draft.purpose, cast("Visibility", draft.visibility), draft.branch)


def committed(asked: Mapping[str, Any], scope: Scope) -> dict[str, str]:
    """Return what a template's publishing step says of the commit: its message, and the directory that is published."""
    said = {"message": asked.get("gitCommitMessage"), "source": asked.get("sourcePath")}
    shown = scope.without_secrets(stand_in=lambda _name: masking.SHOWN)  # a message is stored, and seen by all
    rendered = render_value({name: value for name, value in said.items() if value}, shown.variables(secrets=False))
    found = {name: value.strip() for name, value in rendered.items() if isinstance(value, str) and value.strip()}
    if normpath(found.get("source", ".")) == ".":
        return {name: value for name, value in found.items() if name != "source"}
    return {**found, "source": contained(found["source"])}


def wish(draft: Draft, found: Preview, steps: tuple[PlannedStep, ...], *, parts: Parts) -> Wish:
    """Return what is asked of the forge by these steps."""
    runs = [(step, value) for step, values in zip(steps, found.inputs, strict=True) for value in values]
    granted = [one for step, value in runs if step.action == ACCESS for one in _granted(value)]
    return Wish(
        spec_of(draft),
        teams=tuple(dict.fromkeys(one.name for one in granted if one.kind == "team")),
        people=tuple(dict.fromkeys(one.name for one in granted if one.kind == "person")),
        protects=any(step.action in PROTECTING and not step.optional for step, _ in runs),
        protects_where_offered=any(step.action in PROTECTING and step.optional for step, _ in runs),
        workflows=any(path.startswith(".github/workflows/") for path in found.tree),
        requests=sum(parts.actions[step.action].requests(value) for step, value in runs)
        + (PROPOSING if _proposes(parts.catalog) else 0),
    )


def _proposes(catalog: Catalog) -> bool:
    return catalog.repository is not None and catalog.repository.proposals is not None


def registered(catalog: Catalog) -> str:
    """Say where others will find the entry."""
    if catalog.registrar is None:
        return ""
    where = without_user(catalog.registrar.location)
    return f"by a pull request in {where}" if _proposes(catalog) else f"in {where}"


def _granted(value: Mapping[str, Any]) -> list[Grant]:
    from scaffolder.gateways.github.access import grants

    return grants(value["repository"].partition("/")[0], value.get("access", ""), value.get("collaborators", ()))


def ready(wish: Wish, forge: Forge) -> Preflight:
    """
    Return what the forge says of a wish.

    Raises:
        ScaffolderError: What stands in the way; the rest of it in the details.
    """
    ahead = forge.preflight(wish)
    if ahead.errors:
        first, *more = ahead.errors
        first.details = (*first.details, *(error.message for error in more))
        raise first
    return ahead


def notes(asked: Mapping[str, Any], parts: Parts) -> Iterator[str]:
    """Iterate over what becomes of those inputs of publishing that are not carried out."""
    lacking = publishing.named(asked, parts.publish) if parts.forge.kind == "local" else []
    if lacking:
        yield f"{parts.forge.name} has none of this, and it is left out: {', '.join(lacking)}"
    if unused := publishing.unused(asked):
        yield f"the template's publishing step says what is not used here: {', '.join(unused)}"


def without_skipped(steps: Iterable[PlannedStep], skip: Iterable[str]) -> list[PlannedStep]:
    """
    Return the steps, those that are to be skipped with a condition that never holds.

    Raises:
        NotSkippable: There is no such step, or no service without it.
    """
    left, known = set(skip), list(steps)
    free = [step.id for step in known if not step.ours]
    if missing := sorted(left - set(free)):
        raise NotSkippable(missing[0], free)
    return [replace(step, condition=(False,)) if step.id in left else step for step in known]
