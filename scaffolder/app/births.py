"""
From a draft to a plan: preflight.

Everything that could fail later is checked here, before any write: the answers, the owner and the system, the name in
the catalog and on the forge, the directory, and whatever the template's own steps can tell.
"""

from __future__ import annotations

import hashlib
import secrets as randomness
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from scaffolder import __version__
from scaffolder.actions.entity_file import CATALOG_FILE
from scaffolder.actions.place import standing
from scaffolder.app.asking import Parts, committed, notes, ready, registered, spec_of, wish, without_skipped
from scaffolder.app.lending import TOKENS, lent, loans
from scaffolder.app.pickers import Pickers
from scaffolder.app.preview import Preview, choose_publishing, preview
from scaffolder.app.whereabouts import whereabouts
from scaffolder.catalog.entity import EntityRef
from scaffolder.errors import Failed, InvalidInput, ScaffolderError
from scaffolder.gateways.git import Identity, check_ref
from scaffolder.gateways.github.server import GITHUB
from scaffolder.task import evaluate
from scaffolder.task.action import ActionContext
from scaffolder.task.journal import Task, TaskStatus
from scaffolder.task.masking import masked, tells_a_secret, without_secrets
from scaffolder.task.pinned import Pinned
from scaffolder.task.plan import COMMIT, REGISTER, Birth, PlannedStep, asked_of, plan_steps
from scaffolder.template import parameters
from scaffolder.template.expressions import render_value
from scaffolder.template.lock import Lock
from scaffolder.template.manifest import spoken
from scaffolder.template.prefilling import prefill
from scaffolder.template.trust import Allowed
from scaffolder.tree import contained

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scaffolder.app.draft import Draft
    from scaffolder.app.lending import Loan
    from scaffolder.catalog import Catalog
    from scaffolder.gateways.forge import Finding, Repository
    from scaffolder.similar import Findings, Match
    from scaffolder.template.manifest import Template
    from scaffolder.template.source import Resolved
    from scaffolder.tree import File


class AnswersInvalid(InvalidInput):
    """Answers are missing, unknown or of the wrong type."""


class IdentityMissing(InvalidInput):
    """Git does not know who the person is."""

    def __init__(self) -> None:
        super().__init__(
            "git does not know who you are: a commit needs a name and an e-mail address",
            hint='git config --global user.name "Your Name"; git config --global user.email you@example.com',
        )


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file that will be committed."""

    path: str
    sha256: str
    mode: str


@dataclass(frozen=True, slots=True)
class Plan:
    """
    Everything that will happen; nothing of it has. `task` goes to the runner as it is.

    `requests` is about how many the forge will be sent; `registered` says where others find the entry, '' where nobody
    else does; `loans` are the person's tokens that steps are given.
    """

    task: Task
    template: Resolved
    secrets: Mapping[str, str]
    preview: Preview
    repository: Repository
    directory: Path
    entity: EntityRef
    similar: Findings
    forge_name: str
    repository_stands: bool
    findings: tuple[Finding, ...] = ()
    requests: int = 0
    registered: str = ""
    loans: tuple[Loan, ...] = ()

    @property
    def warnings(self) -> list[str]:
        """What a person should know before saying yes."""
        told = [finding.text for finding in self.findings]
        return [*self.preview.notes, *told, *self._secrets_in_files()]

    def _secrets_in_files(self) -> list[str]:
        return [
            f"{path} will hold the secret {name}"
            for name, secret in self.secrets.items()
            for path, file in self.preview.tree.files()
            if secret.encode() in file.data
        ]

    @property
    def files(self) -> list[PlannedFile]:
        """The files of the first commit."""
        return [
            PlannedFile(path, hashlib.sha256(file.data).hexdigest(), f"{_git_mode(file):o}")
            for path, file in self.preview.tree.files()
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the plan as `new --dry-run --json` prints it."""
        steps = zip(self.task.steps, self.preview.inputs, strict=True)
        return {
            "files": [asdict(file) for file in self.files],
            "steps": [
                {"id": step.id, "action": step.action, "name": step.name, "skipped": not values}
                for step, values in steps
            ],
            "repository": {"name": self.repository.full_name, "url": self.repository.clone_url},
            "entity": str(self.entity),
            "entities": [str(entity.ref) for entity in self.preview.entities],
            "directory": str(self.directory),
            "similar": self.similar.to_json(),
            **({"tokens": [loan.to_json() for loan in self.loans]} if self.loans else {}),
        }


def _git_mode(file: File) -> int:
    return 0o100755 if file.mode & 0o111 else 0o100644


def values_of(template: Template, draft: Draft) -> dict[str, Any]:
    """
    Return the template's parameters: the wizard's own answers, the person's, and the defaults for the rest.

    Raises:
        AnswersInvalid: Every answer that does not fit, or that nobody asked for.
    """
    values = values_so_far(template, draft)
    problems = parameters.check_answers(template, parameters.with_secrets(template, values, draft.secrets))
    if problems:
        raise AnswersInvalid(
            problems[0],
            hint=f"answer with -d NAME=VALUE; scaffolder template show {draft.template} lists what it asks",
            details=tuple(problems[1:]),
        )
    return parameters.sent({name: value for name, value in values.items() if name not in draft.secrets})


def values_so_far(template: Template, draft: Draft) -> dict[str, Any]:
    """Return the same, whether or not the answers are right and complete; with secrets among them."""
    given = {**prefilled(template, draft), **draft.said()}
    if any(page.computed for page in template.pages):
        given |= draft.secrets  # a default may be made from one
    return parameters.with_defaults(template, given)


def _picked(template: Template, draft: Draft, parts: Parts) -> dict[str, Any]:
    """Return the template's parameters, with whole refs for the entities of the catalog that they name."""
    pickers = Pickers(parts.catalog, parts.user)
    values, problems = pickers.settled(template, values_of(template, draft), but=prefilled(template, draft))
    if problems:
        raise AnswersInvalid(problems[0], hint="answer with -d NAME=VALUE", details=tuple(problems[1:]))
    return values


def prefilled(template: Template, draft: Draft) -> dict[str, Any]:
    """Return the parameters that the wizard's own answers fill."""
    owner, _, name = draft.repository.partition("/")
    return prefill(
        template,
        name=draft.name,
        description=draft.purpose,
        owner=draft.owner,
        system=draft.system,
        repo_url=f"{draft.host or GITHUB}?owner={quote(owner)}&repo={quote(name)}",
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
    draft = _with_secrets_apart(draft, template)
    try:
        return _made_plan(draft, template, resolved, findings=findings, parts=parts)
    except ScaffolderError as error:
        raise without_secrets(error, draft.secrets) from error
    except Exception as error:  # an action's own bug; one that tells a secret is told without its traceback
        if not tells_a_secret(error, draft.secrets):
            raise
        bug = Failed(f"unexpected {type(error).__name__}: {error}")
        raise without_secrets(bug, draft.secrets) from None


def _with_secrets_apart(draft: Draft, template: Template) -> Draft:
    """Return the draft with no secret among its answers, and no empty one among its secrets."""
    answers, found = parameters.secrets_apart(template, draft.answers)
    given = found | draft.secrets
    return replace(draft, answers=answers, secrets={name: value for name, value in given.items() if value})


def _made_plan(
    draft: Draft, template: Template, resolved: Resolved, *, findings: Callable[[], Findings], parts: Parts
) -> Plan:
    _check(draft, parts)
    values = parameters.with_secrets(template, _picked(template, draft, parts), draft.secrets)
    written, wanted = loans(template, draft, values, actions=parts.actions, lender=parts.lender)
    given = lent(wanted, draft, parts.lender)
    draft = replace(draft, secrets={**draft.secrets, **given.secrets})
    task = _task(draft, template, resolved, values=values, tokens=given.hosts, parts=parts)
    scope = evaluate.Scope(task.id, values, draft.secrets, task.user, environment=parts.environment)
    steps = _Steps.of(written, draft, resolved, task=task, scope=scope, findings=cache(findings), parts=parts)
    elsewhere = Pinned(parts.elsewhere)
    found = _previewed(steps, _context(task, resolved, elsewhere, parts=parts), scope=scope)
    refs = _checked_refs(found, parts.catalog)
    final = tuple(steps.registering(refs))
    found.notes += notes(steps.asked, parts)
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


def _previewed(steps: _Steps, context: ActionContext, *, scope: evaluate.Scope) -> Preview:
    with tempfile.TemporaryDirectory(prefix="scaffolder-") as temporary:
        place = Path(temporary)
        here = replace(context, workspace=place / "workspace", task_directory=place)
        return preview(steps.registering([steps.wanted]), scope=scope, actions=steps.parts.actions, context=here)


@dataclass(frozen=True, slots=True)
class _Steps:
    """
    The steps of a task, which entities it registers being left open.

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
    ) -> _Steps:
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
