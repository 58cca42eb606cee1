"""
A template of steps, tried out: what Backstage would make of it, in a directory, and nothing anywhere else.

Steps that fetch, change files, write an entity or log really run; those that would leave something elsewhere are
recorded with their resolved input, and return an example of their output, as in Backstage's dry run. Where Backstage
hides an author's mistake the same happens here, and a warning says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from scaffolder.actions.shapes import HOSTS, example, shape_of
from scaffolder.errors import Failed, InvalidInput, Place, ScaffolderError
from scaffolder.gateways.git_identity import Identity
from scaffolder.task import evaluate, outputs
from scaffolder.task.action import ActionContext, UnknownAction
from scaffolder.task.masking import redacted, without_secrets
from scaffolder.task.pinned import Pinned
from scaffolder.task.plan import PUBLISHING, as_written
from scaffolder.task.providers import PROVIDERS
from scaffolder.template import parameters
from scaffolder.template.dry_run import require_free
from scaffolder.template.trust import NOTHING, Allowed
from scaffolder.tree import NotWritable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scaffolder.actions.shapes import Shape
    from scaffolder.app import Scaffolder
    from scaffolder.task.plan import PlannedStep
    from scaffolder.template.expressions import Warned
    from scaffolder.template.lines import Lines
    from scaffolder.template.manifest import Page, Template
    from scaffolder.template.source import Resolved

Status = Literal["completed", "failed", "skipped"]
WHO = Identity("Dry Run", "dry-run@localhost")
PUBLISHES = (*PUBLISHING, "publish:github:pull-request")


class ValuesRefused(InvalidInput):
    """Values or secrets do not fit what the template asks for."""


@dataclass(frozen=True, slots=True)
class Request:
    """
    What a template is tried out with; `workspace` is made if need be.

    `values` are the parameters and `user` is {"ref", "entity"}. Without `defaults` those of the parameters are left
    out: Backstage's form applies them, its backend does not.
    """

    workspace: Path
    values: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    user: Mapping[str, Any] = field(default_factory=dict)
    environment: evaluate.Environment = field(default_factory=evaluate.Environment)
    defaults: bool = True
    task_id: str = "dry-run"
    allowed: Allowed = NOTHING


@dataclass(slots=True)
class Iteration:
    """One run of a step; one that is `recorded` would leave something elsewhere, and did not run."""

    input: Any
    output: Mapping[str, Any] = field(default_factory=dict)
    recorded: bool = False


@dataclass(slots=True)
class Tried:
    """What became of a step; `reason` says why it was skipped or has failed."""

    step: PlannedStep
    status: Status = "completed"
    reason: str = ""
    iterations: list[Iteration] = field(default_factory=list)
    log: list[str] = field(default_factory=list)


@dataclass(slots=True)
class DryRun:
    """
    What came of it; `error` is the first one, and there is no output then.

    `hidden` are the secrets, whoever gave them and wherever: none is shown in a text.
    """

    error: ScaffolderError | None = None
    steps: list[Tried] = field(default_factory=list)
    output: Any = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    hidden: Mapping[str, str] = field(default_factory=dict)


def dry_run(scaffolder: Scaffolder, resolved: Resolved, template: Template, request: Request) -> DryRun:
    """
    Try a template out. What is wrong with the template itself is part of the result.

    Raises:
        OutputTaken: There is something in the workspace.
        ValuesRefused: The values do not fit the pages, or the secrets their schema; nothing was made.
    """
    require_free(request.workspace)
    values = dict(parameters.with_defaults(template, request.values) if request.defaults else request.values)
    result = DryRun(hidden=_hidden(template, values, request))
    try:
        _check_values(template, values, request.secrets)
        _make(request.workspace, private=bool(result.hidden))
        return _Course(scaffolder, resolved, template, request, values, Pinned(scaffolder.elsewhere), result).run()
    except ScaffolderError as error:
        raise without_secrets(error, result.hidden) from error


# -- before it begins


def _hidden(template: Template, values: Mapping[str, Any], request: Request) -> dict[str, str]:
    """Return what is never shown: secrets of the task and of the settings, and what a page asks for as a password."""
    _, asked = parameters.secrets_apart(template, values)
    there = {f"environment.{name}": value for name, value in request.environment.secrets.items()}
    return {**there, **{f"parameters.{name}": value for name, value in asked.items()}, **request.secrets}


def _make(workspace: Path, *, private: bool) -> None:
    """Make the workspace; where secrets may come to be in it, nobody else looks in."""
    try:
        workspace.mkdir(mode=0o700 if private else 0o777, parents=True, exist_ok=True)
    except OSError as error:
        raise NotWritable(workspace, error) from error


def _check_values(template: Template, values: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
    """Check values as Backstage does: all of them by each page in turn, up to the first that refuses them."""
    for page in template.pages:
        if problems := _problems(page.schema, values):
            title = f" ({page.title})" if page.title else ""
            raise ValuesRefused(f"the values do not fit{title}: {problems[0]}", details=tuple(problems[1:]))
    spec = template.document.get("spec")
    asked = spec.get("secrets") if isinstance(spec, Mapping) else None
    schema = asked.get("schema") if isinstance(asked, Mapping) else None
    if isinstance(schema, Mapping) and (problems := _problems(schema, secrets)):
        raise ValuesRefused(
            f"the secrets do not fit: {problems[0]}",
            hint="--secrets FILE, with a line for each: NAME: value",
            details=tuple(problems[1:]),
        )


def _problems(schema: Mapping[str, Any], value: Mapping[str, Any]) -> list[str]:
    from scaffolder.template.schema import violations
    from scaffolder.template.wording import in_words, where

    try:
        found = violations(schema, value)
    except ValueError as error:
        return [f"the template's own rule is wrong: {str(error).splitlines()[0]}"]
    return [f"{where(one) or 'the values'}: {in_words(one, {})}" for one in found]


# -- the steps


@dataclass(slots=True)
class _Course:
    """One dry run, step after step."""

    scaffolder: Scaffolder
    resolved: Resolved
    template: Template
    request: Request
    values: Mapping[str, Any]
    elsewhere: Pinned
    result: DryRun
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    course: evaluate.Course = field(default_factory=evaluate.Course)
    lines: Lines | None = None

    def run(self) -> DryRun:
        """Run every step that is to run, and make the task's output."""
        self._warn_of_defaults()
        steps = as_written(self.template)
        for number, step in enumerate(steps):
            self._warn_of_unknown(number, step)
        for number, step in enumerate(steps):
            tried = Tried(step)
            self.result.steps.append(tried)
            self._try(number, tried)
        if self.result.error is None:
            warned: list[Warned] = []
            variables = self._scope().variables(secrets=False)
            self.result.output = outputs.rendered(self.template.output, variables, warnings=warned)
            self._warn_of_texts(warned, "spec", "output")
        return self.result

    def _scope(self) -> evaluate.Scope:
        given = self.request
        return evaluate.Scope(
            task_id=given.task_id,
            parameters=self.values,
            secrets=given.secrets,
            user=given.user,
            outputs=self.outputs,
            environment=given.environment,
            course=self.course,
        )

    def _try(self, number: int, tried: Tried) -> None:
        """Run one step; one after a failure runs only if it asks how it went."""
        if self.course.failed and not evaluate.asks_how_it_goes(tried.step, self._scope()):
            tried.status, tried.reason = "skipped", "a step before has failed"
            return
        try:
            self._run(number, tried)
        except ScaffolderError as error:
            self._fail(tried, without_secrets(error, self.result.hidden))
        except OSError as error:
            self._fail(tried, Failed(f"step {tried.step.id}: {redacted(str(error), self.result.hidden)}"))

    def _fail(self, tried: Tried, error: ScaffolderError) -> None:
        tried.status, tried.reason = "failed", error.message
        self.course.failed = True
        if self.result.error is None:
            self.result.error = error

    def _run(self, number: int, tried: Tried) -> None:
        step, scope, warned = tried.step, self._scope(), []  # type: PlannedStep, evaluate.Scope, list[Warned]
        self._warn_of_hidden(number)
        try:
            if not evaluate.begins(step, scope, warnings=warned):
                tried.status, tried.reason = "skipped", "its condition is false"
                return
            shape = shape_of(step.action, self.scaffolder.actions)
            if shape is None:
                raise UnknownAction(step.id, step.action, self.scaffolder.actions)
            values = evaluate.with_holes(step, scope, warnings=warned)
        finally:
            self._warn_of_texts(warned, "spec", "steps", number)
        for value in values:
            self._check(number, step, shape, value)
        for value in values:
            self._iterate(tried, shape, evaluate.filled(value))
        made = [iteration.output for iteration in tried.iterations]
        self.outputs[step.group] = _gathered(made) if evaluate.loops(step) else dict(made[-1]) if made else {}

    def _iterate(self, tried: Tried, shape: Shape, value: Any) -> None:
        iteration = Iteration(value, recorded=shape.remote)
        tried.iterations.append(iteration)
        if shape.dry_run is not None:
            iteration.output = shape.dry_run(self._context(tried), value)
        elif shape.remote:
            made = example(shape.output_schema)
            iteration.output = made if isinstance(made, Mapping) else {}
        else:
            iteration.output = self.scaffolder.actions[tried.step.action].run(self._context(tried), value)

    def _context(self, tried: Tried) -> ActionContext:
        metadata = self.template.document.get("metadata")
        namespace = metadata.get("namespace") if isinstance(metadata, Mapping) else None
        return ActionContext(
            task_id=self.request.task_id,
            task_directory=self.request.workspace,
            forge=self.scaffolder.forge,
            catalog=self.scaffolder.catalog,
            step_id=tried.step.id,
            workspace=self.request.workspace,
            template=self.resolved,
            template_ref=f"template:{namespace or 'default'}/{self.template.name}",
            identity=WHO,
            created_at=datetime.now(UTC),
            began_before=False,
            log=lambda line: tried.log.append(redacted(line, self.result.hidden)),
            elsewhere=self.elsewhere,
            allowed=self.request.allowed,
        )

    def _check(self, number: int, step: PlannedStep, shape: Shape, value: Any) -> None:
        """Check an input; one that only some versions of Backstage refuse is taken, aloud."""
        if step.action in PUBLISHES and isinstance(value, Mapping) and HOSTS in value:
            self._warn(f"{HOSTS} has no effect, and Backstage refuses it now", *_at(number), "input", HOSTS)
            value = {name: item for name, item in value.items() if name != HOSTS}
        evaluate.check_input(step, shape, value)
        if isinstance(value, Mapping) and value.get("copyWithoutRender") and step.action.startswith("fetch:template"):
            said = "copyWithoutRender has no effect, as in Backstage: the input is called copyWithoutTemplating"
            self._warn(said, *_at(number), "input", "copyWithoutRender")

    # -- what its author should know

    def _warn(self, text: str, *path: str | int) -> None:
        """Warn once, with file and line."""
        self._warn_at(text, self._lines().of(*path))

    def _warn_at(self, text: str, line: int | None) -> None:
        warning = redacted(f"{Place(self.resolved.manifest, line)}: {text}", self.result.hidden)
        if warning not in self.result.warnings:
            self.result.warnings.append(warning)

    def _lines(self) -> Lines:
        from scaffolder.template.lines import Lines

        if self.lines is None:
            self.lines = Lines(self.resolved.tree.text(self.resolved.manifest) or "")
        return self.lines

    def _warn_of_texts(self, warned: list[Warned], *path: str | int) -> None:
        for one in warned:
            self._warn_at(str(one), self._lines().of_text(one.text, *path))

    def _warn_of_hidden(self, number: int) -> None:
        """Warn of what Backstage passes over in a step that runs."""
        from scaffolder.template.lint.hidden import of_step

        written = self.template.document["spec"]["steps"][number]
        for message, where in of_step(self.template.steps[number], written):
            self._warn(message, *_at(number), *where)

    def _warn_of_unknown(self, number: int, step: PlannedStep) -> None:
        """Warn of an action that nothing here provides; one that Backstage has is recorded, for all it would do."""
        shape = shape_of(step.action, self.scaffolder.actions)
        if step.action in PROVIDERS and step.action not in self.scaffolder.actions:
            said = f"{step.action} is of {PROVIDERS[step.action]}: it is recorded, and nothing of it is done"
            self._warn(said, *_at(number), "action")
        elif shape is None:
            error = UnknownAction(step.id, step.action, self.scaffolder.actions)
            self._warn(f"{error.message}; {error.hint}", *_at(number), "action")

    def _warn_of_defaults(self) -> None:
        """Warn of defaults that were left out, as Backstage's backend leaves them out."""
        for page, name in _defaults(self.template) if not self.request.defaults else ():
            if name not in self.values:
                pages = self.template.pages
                spec = self.template.document.get("spec")
                listed = isinstance(spec, Mapping) and isinstance(spec.get("parameters"), list)
                where = ("spec", "parameters", *((pages.index(page),) if listed else ()), "properties", name, "default")
                self._warn(f"the default of {name} is not applied", *where)


def _defaults(template: Template) -> Iterator[tuple[Page, str]]:
    from scaffolder.template.schema import mapping

    for page in template.pages:
        for name, definition in mapping(page.schema.get("properties")).items():
            if "default" in mapping(definition):
                yield page, name


def _at(number: int) -> tuple[str | int, ...]:
    return "spec", "steps", number


def _gathered(made: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a list for every output of a step that runs for several items."""
    names = dict.fromkeys(name for output in made for name in output)
    return {name: [output[name] for output in made if name in output] for name in names}
