"""
From a draft to a plan: preflight.

Everything that could fail later is checked here, before any write: the answers, the owner and the system, the name in
the catalog and on the forge, the directory, and whatever the template's own steps can tell.
"""

from __future__ import annotations

import secrets as randomness
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffolder.app.asking import Parts, notes, ready, registered, spec_of, wish
from scaffolder.app.lending import TOKENS, lent, loans
from scaffolder.app.planned import Plan
from scaffolder.app.preview import preview
from scaffolder.app.steps import Steps
from scaffolder.app.values import picked, with_secrets_apart
from scaffolder.app.whereabouts import whereabouts
from scaffolder.catalog.entity import EntityRef
from scaffolder.errors import Failed, InvalidInput, ScaffolderError
from scaffolder.gateways.aside import aside
from scaffolder.gateways.git import Identity, check_ref
from scaffolder.task import evaluate
from scaffolder.task.action import ActionContext
from scaffolder.task.journal import Task, TaskStatus
from scaffolder.task.masking import masked, tells_a_secret, without_secrets
from scaffolder.task.pinned import Pinned
from scaffolder.template import parameters
from scaffolder.template.manifest import spoken
from scaffolder.template.trust import Allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scaffolder.app.draft import Draft
    from scaffolder.app.preview import Preview
    from scaffolder.catalog import Catalog
    from scaffolder.similar import Findings
    from scaffolder.template.manifest import Template
    from scaffolder.template.source import Resolved


class IdentityMissing(InvalidInput):
    """Git does not know who the person is."""

    def __init__(self) -> None:
        super().__init__(
            "git does not know who you are: a commit needs a name and an e-mail address",
            hint='git config --global user.name "Your Name"; git config --global user.email you@example.com',
        )


def make_plan(
    draft: Draft, template: Template, resolved: Resolved, *, findings: Callable[[], Findings], parts: Parts
) -> Plan:
    """
    Check everything that could fail later, and return what will happen.

    `findings` are asked for as late as may be: they are looked for beside this.

    Raises:
        ScaffolderError: The first thing that is wrong; nothing was written.
    """
    draft = with_secrets_apart(draft, template)
    try:
        return _made_plan(draft, template, resolved, findings=findings, parts=parts)
    except ScaffolderError as error:
        raise without_secrets(error, draft.secrets) from error
    except Exception as error:  # an action's own bug; one that tells a secret is told without its traceback
        if not tells_a_secret(error, draft.secrets):
            raise
        bug = Failed(f"unexpected {type(error).__name__}: {error}")
        raise without_secrets(bug, draft.secrets) from None


def _made_plan(
    draft: Draft, template: Template, resolved: Resolved, *, findings: Callable[[], Findings], parts: Parts
) -> Plan:
    _check(draft, parts)
    values = parameters.with_secrets(template, picked(template, draft, parts), draft.secrets)
    written, wanted = loans(template, draft, values, actions=parts.actions, lender=parts.lender)
    given = lent(wanted, draft, parts.lender)
    draft = replace(draft, secrets={**draft.secrets, **given.secrets})
    task = _task(draft, template, resolved, values=values, tokens=given.hosts, parts=parts)
    scope = evaluate.Scope(task.id, values, draft.secrets, task.user, environment=parts.environment)
    steps = Steps.of(written, draft, resolved, task=task, scope=scope, findings=cache(findings), parts=parts)
    elsewhere = Pinned(parts.elsewhere)
    found = _previewed(steps, _context(task, resolved, elsewhere, parts=parts), scope=scope)
    refs = _checked_refs(found, parts.catalog)
    final = tuple(steps.registering(refs))
    found.notes += [*steps.notes, *notes(steps.asked, parts)]
    asked = wish(draft, found, final, parts=parts)
    ahead = ready(asked, parts.forge)
    return Plan(
        task=replace(task, steps=final, pins=masked(elsewhere.stored, scope.every_secret)),
        template=resolved,
        secrets=draft.secrets,
        preview=found,
        repository=ahead.standing or parts.forge.expected(spec_of(draft)),
        directory=Path(draft.directory),
        entity=steps.main(refs),
        similar=steps.findings(),
        forge_name=parts.forge.name,
        repository_stands=ahead.standing is not None,
        findings=ahead.findings,
        requests=asked.requests,
        registered=registered(parts.catalog),
        loans=given.loans,
    )


def _check(draft: Draft, parts: Parts) -> None:
    """Check what of a draft has nothing to do with its template."""
    if parts.identity is None:
        raise IdentityMissing
    _check_branch(draft.branch)
    parts.forge.check_name(draft.repository)
    _check_people(draft, parts.catalog)


def _previewed(steps: Steps, context: ActionContext, *, scope: evaluate.Scope) -> Preview:
    with aside("scaffolder-") as place:
        here = replace(context, workspace=place / "workspace", task_directory=place)
        return preview(steps.registering([steps.wanted]), scope=scope, actions=steps.parts.actions, context=here)


def _check_branch(branch: str) -> None:
    """Check that git takes the name, and that a catalog location can say it: `git:REPOSITORY@BRANCH:PATH`."""
    check_ref(branch)
    if set(branch) & set("@:"):
        raise InvalidInput(
            f"the branch {branch!r} has '@' or ':' in it, which a catalog location cannot say",
            hint="choose another default branch (scaffolder.defaultBranch)",
        )


def _check_people(draft: Draft, catalog: Catalog) -> None:
    """Check that the owner is a group or a user, the system a system, and what is extended a component."""
    wanted = (("owner", draft.owner, ("group", "user")), ("system", draft.system, ("system",)))
    for what, text, kinds in (*wanted, ("the service to extend", draft.extends, ("component",))):
        if not text:
            continue
        ref = EntityRef.parse(text, default_kind=kinds[0])
        catalog.require(ref, what=what)
        if ref.kind.lower() not in kinds:
            raise InvalidInput(
                f"{what} {ref} is a {ref.kind}, not a {' or a '.join(kinds)}",
                hint=f"scaffolder catalog list --kind {kinds[0]}   shows those there are",
            )


def _checked_refs(found: Preview, catalog: Catalog) -> list[EntityRef]:
    """Return the names that the new repository will register, each free and with a real owner and system."""
    refs = [entity.ref for entity in found.entities]
    catalog.require_free(refs)
    for entity in found.entities:
        if entity.owner is not None:
            catalog.require(entity.owner, what=f"the owner of {entity.ref}")
        if entity.system is not None and entity.system.key not in {ref.key for ref in refs}:
            catalog.require(entity.system, what=f"the system of {entity.ref}")
    return refs


def _task(
    draft: Draft,
    template: Template,
    resolved: Resolved,
    *,
    values: dict[str, Any],
    tokens: Mapping[str, str],
    parts: Parts,
) -> Task:
    identity = parts.identity
    return Task(
        id=randomness.token_hex(4),
        created_at=datetime.now(UTC).replace(microsecond=0),
        status=TaskStatus.RUNNING,
        label=label_of(template),
        template_ref=f"template:default/{template.name}",
        draft={**draft.kept(), **whereabouts(draft.repository, parts.forge, parts.catalog), TOKENS: dict(tokens)},
        values=masked(values, draft.secrets),
        secrets=tuple(draft.secrets),
        user=parts.user,
        identity={"name": identity.name, "email": identity.email} if identity else {},
        digest=resolved.source.digest,
        steps=(),
        output=template.output,
    )


def label_of(template: Template) -> str:
    """Return how people call a template: its name and version."""
    return f"{template.name} {spoken(template.version)}".rstrip()


def _context(task: Task, resolved: Resolved, elsewhere: Pinned, *, parts: Parts) -> ActionContext:
    return ActionContext(
        task_id=task.id,
        step_id="",
        workspace=Path(),
        task_directory=Path(),
        template=resolved,
        template_ref=task.template_ref,
        allowed=Allowed.of(str(task.draft.get("trust", ""))),
        forge=parts.forge,
        catalog=parts.catalog,
        identity=Identity(**task.identity),
        created_at=task.created_at,
        began_before=False,
        log=lambda _line: None,
        repository=task.draft.get("repository", ""),
        elsewhere=elsewhere,
    )
