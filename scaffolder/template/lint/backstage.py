"""
Looks at a template of steps: its questions, the fields of its steps, its output, and the files that they render.

Where the engine hides a mistake (a field that cannot be rendered is used as it is written, what is undefined is left
out), the template does the same here, and this says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from scaffolder.errors import InvalidInput, did_you_mean
from scaffolder.template.expressions import ABSENT, has_tags
from scaffolder.template.lint import cookiecutter, elsewhere
from scaffolder.template.lint.asked import Asked
from scaffolder.template.lint.findings import Finding, Spot, error, warning
from scaffolder.template.lint.inputs import misfits
from scaffolder.template.lint.outline import Outline, texts_in
from scaffolder.template.lint.skeletons import RENDERING, Fetch, Skeletons, candidates
from scaffolder.template.lint.tags import fixed_text, read
from scaffolder.template.lint.texts import unique
from scaffolder.template.manifest import load

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from scaffolder.template.lint.outline import Where
    from scaffolder.template.lint.texts import Path, Reading, Use
    from scaffolder.template.manifest import Step, Template
    from scaffolder.template.source import Resolved

HOSTS = "allowedHosts"
PATHS = frozenset({"targetPath", "sourcePath", "filePath", "catalogInfoPath", "files", "from", "to", "path", "paths"})
"""Inputs that are paths."""
ROOTS = ("parameters", "steps", "secrets", "user", "context", "environment", "each")
UNSEEN_BY_OUTPUT = frozenset({"each", "secrets"})
PROPOSING = re.compile(r"(?:pull|merge)-request")
_PART = re.compile(r"[^.\[\]]+")


class Shape(Protocol):
    """What an action takes and returns, as JSON Schemas."""

    @property
    def input_schema(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def output_schema(self) -> Mapping[str, Any]: ...  # noqa: D102


class Shapes(Protocol):
    """The actions that there are."""

    def names(self) -> Collection[str]:
        """Return their ids."""

    def of(self, action_id: str) -> Shape | None:
        """Return the shape of one, None when there is no such action."""


def look(resolved: Resolved, shapes: Shapes) -> Iterator[Finding]:
    """Yield what is found."""
    text = resolved.tree.text(resolved.manifest) or ""
    path = f"{resolved.directory}/{resolved.manifest}".lstrip("/")
    outline = Outline(path, text)
    try:
        template = load(resolved)
    except InvalidInput as wrong:
        where = [
            int(part) if part.isdigit() else part for part in _PART.findall(wrong.place.field if wrong.place else "")
        ]
        yield cookiecutter.invalid(wrong, path, outline.spot(*where) if where else None)
        return
    yield from _Look(resolved, template, outline, shapes).findings()


@dataclass(slots=True)
class _Look:
    resolved: Resolved
    template: Template
    outline: Outline
    shapes: Shapes
    asked: Asked = field(init=False)
    skeletons: Skeletons = field(init=False)
    readings: list[Reading] = field(default_factory=list)
    ids: dict[str, int] = field(init=False)
    told: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.asked = Asked.of(self.template.document["spec"].get("parameters"))
        self.skeletons = Skeletons(self.resolved, self.asked.choices())
        self.ids = {step.id: number for number, step in reversed([*enumerate(self.template.steps)])}

    def findings(self) -> Iterator[Finding]:
        """Yield all that is found."""
        yield from self.asked.findings(self.outline)
        for number, step in enumerate(self.template.steps):
            yield from self._step(number, step)
        yield from self._fields(self.template.output, ("spec", "output"), len(self.template.steps), UNSEEN_BY_OUTPUT)
        fetches = [
            Fetch.of(number, step.action, step.input)
            for number, step in enumerate(self.template.steps)
            if step.action in RENDERING and isinstance(step.input, dict)
        ]
        parameters = None if self.asked.open else frozenset(self.asked.definitions)
        yield from self.skeletons.findings(fetches, parameters)
        yield from self._unused_values(fetches)
        yield from self._unchecked_names(fetches)
        yield from self._unused_parameters()
        yield from self._missing()

    # -- steps

    def _step(self, number: int, step: Step) -> Iterator[Finding]:
        where: Where = ("spec", "steps", number)
        shape = self.shapes.of(step.action)
        if shape is None:
            hint = did_you_mean(step.action, self.shapes.names()) or "a plugin may bring it"
            yield error(
                "unknown-action",
                self.outline.spot(*where, "action"),
                f"the action {step.action} is not known here",
                hint,
            )
        elif isinstance(step.input, dict):
            yield from self._input(step, shape, (*where, "input"))
        if step.if_ is not ABSENT:
            yield from self._condition(step.if_, (*where, "if"))
        elif self.ids[step.id] != number:
            message = f"two steps have the id {step.id!r}: those after them find the output of the last one only"
            yield warning("same-id", self.outline.spot(*where), message, "give it another, or a condition")
        hidden = frozenset() if step.each is not ABSENT else frozenset({"each"})
        yield from self._fields(step.if_, (*where, "if"), number, hidden | {"secrets"})
        yield from self._fields(step.each, (*where, "each"), number, frozenset({"each"}))
        yield from self._fields(step.input, (*where, "input"), number, hidden)
        yield from self._fetched(step, (*where, "input"))

    def _input(self, step: Step, shape: Shape, where: Where) -> Iterator[Finding]:
        lenient = step.action.startswith("publish:")
        for misfit in misfits(shape.input_schema, step.input, where):
            spot = self.outline.spot(*misfit.where, key=bool(misfit.unknown))
            if misfit.unknown == HOSTS and lenient:
                yield warning(
                    "allowed-hosts", spot, f"{HOSTS} belongs to the RepoUrlPicker: no publishing action takes it"
                )
            elif lenient and (misfit.unknown or misfit.missing == "repoUrl"):  # here the person says where it goes
                yield warning("input", spot, f"{step.action}: {misfit.message}", misfit.hint)
            else:
                yield error("input", spot, f"{step.action}: {misfit.message}", misfit.hint)
        if "copyWithoutRender" in step.input and step.action.startswith("fetch:template"):
            yield warning(
                "copy-without-render",
                self.outline.spot(*where, "copyWithoutRender", key=True),
                "copyWithoutRender has no effect: these files are rendered",
                "call it copyWithoutTemplating",
            )

    def _condition(self, condition: object, where: Where) -> Iterator[Finding]:
        """A text is true, whatever it says."""
        if not isinstance(condition, str) or not condition:
            return
        if not has_tags(condition):
            message = f"the step always runs: the condition is the text {condition!r}, and every text is true"
            hint = "write false without quotes" if condition.strip().lower() == "false" else "put it into ${{ }}"
            yield warning("if-always", self.outline.spot(*where), message, hint)
        elif fixed := fixed_text(condition):
            message = f"the step always runs: the condition is a text, for {fixed!r} stands beside its expression"
            yield warning("if-always", self.outline.spot(*where), message, "put all of it into one ${{ }}")

    def _fetched(self, step: Step, where: Where) -> Iterator[Finding]:
        """Is there what a step fetches?"""
        url = step.input.get("url") if step.action.startswith("fetch:") and isinstance(step.input, dict) else None
        if not isinstance(url, str) or "://" in url:
            return
        try:
            paths = candidates(self.resolved, url, self.skeletons.choices)
        except InvalidInput as wrong:
            yield error("fetch-missing", self.outline.spot(*where, "url"), wrong.message, wrong.hint)
            return
        if step.action == "fetch:cookiecutter":
            values = step.input.get("values")
            for path in paths:
                if f"{path}/cookiecutter.json".lstrip("/") in self.resolved.root:
                    yield from cookiecutter.look(self.resolved.root, path, extra=frozenset(values or ()))

    # -- fields

    def _fields(self, value: object, where: Where, number: int, hidden: frozenset[str]) -> Iterator[Finding]:
        """Look at every text of a field; `number` steps have run before it, and `hidden` is not known there."""
        for place, text in texts_in(value, where):
            if not has_tags(text):
                continue
            reading = read(text)
            self.readings.append(reading)
            for mistake in reading.mistakes:
                message = f"it is used as it is written, for it cannot be rendered: {mistake.message}"
                yield warning("not-rendered", self.outline.spot(*place), message)
            yield from self._named(reading, place, number, hidden)
            if PATHS.intersection(map(str, place[4:])) or place[-1] == "url":
                yield from self._unchecked(reading, self.outline.spot(*place))

    def _named(self, reading: Reading, where: Where, number: int, hidden: frozenset[str]) -> Iterator[Finding]:
        for use in unique([use for use in reading.uses if use.path[0] not in ROOTS or use.path[0] in hidden], 1):
            if not use.guarded and not self._is_rest_of_id(use.path[0], reading):
                yield warning("undefined", self._mention(where, use), f"{use.path[0]} is not known here")
        for use in unique([use for use in reading.uses if use.path[0] == "parameters" and use.path[1:]], 2):
            name = use.path[1]
            if name not in self.asked.definitions and not self.asked.open and not use.guarded:
                hint = did_you_mean(name, self.asked.definitions)
                yield warning("undefined", self._mention(where, use), f"the template has no parameter {name}", hint)
        for use in unique([use for use in reading.uses if use.path[0] == "steps" and use.path[1:]], 4):
            yield from self._earlier(use, where, number)

    def _mention(self, where: Where, use: Use) -> Spot:
        return self.outline.mention(where, use.path)

    def _is_rest_of_id(self, name: str, reading: Reading) -> bool:
        """`steps.my-id` is `steps.my` minus `id`, which is said where `steps.my` is."""
        return any(use.path[0] == "steps" and self._subtracted(use.path) for use in reading.uses) and any(
            step.endswith(f"-{name}") or f"-{name}-" in step for step in self.ids
        )

    def _subtracted(self, path: Path) -> str:
        """Return the step that is meant where its id was taken for a subtraction."""
        if len(path) != 2 or path[1] in self.ids:  # noqa: PLR2004 - steps, and the beginning of an id
            return ""
        return next((step for step in self.ids if step.startswith(f"{path[1]}-")), "")

    def _earlier(self, use: Use, where: Where, number: int) -> Iterator[Finding]:
        """Is there what a field takes from an earlier step?"""
        step, spot = use.path[1], self._mention(where, use)
        if meant := self._subtracted(use.path):
            yield warning("unknown-step", spot, f"steps.{meant} is read as a subtraction", f"write steps['{meant}']")
        elif step not in self.ids:
            if not use.guarded:
                yield warning("unknown-step", spot, f"there is no step {step}", did_you_mean(step, self.ids))
        elif self.ids[step] >= number:
            yield warning("unknown-step", spot, f"the step {step} has not run yet here")
        elif use.path[2:] and use.path[2] != "output":
            yield warning(
                "unknown-output", spot, f"a step has an output, and no {use.path[2]}", f"steps['{step}'].output"
            )
        elif use.path[3:]:
            shape = self.shapes.of(self.template.steps[self.ids[step]].action)
            schema = shape.output_schema if shape else {}
            known = schema.get("properties") or {}
            if schema.get("additionalProperties") is False and use.path[3] not in known and not use.guarded:
                action = self.template.steps[self.ids[step]].action
                yield warning(
                    "unknown-output", spot, f"{action} returns no {use.path[3]}", did_you_mean(use.path[3], known)
                )

    # -- answers in paths

    def _unchecked(self, reading: Reading, shown: Spot | str) -> Iterator[Finding]:
        """Yield the answers that a path is made from, and that nothing checks."""
        for use in reading.uses:
            name = use.path[1] if use.path[0] == "parameters" and len(use.path) > 1 else ""
            if name and use.printed and name not in self.told and self.asked.is_unchecked(name):
                self.told.add(name)
                at = shown if isinstance(shown, str) else f"line {shown.line}"
                yield warning(
                    "unchecked-path",
                    self.outline.spot(*self.asked.place(name), key=True),
                    f"the answer to {name} becomes part of a path ({at}), and nothing checks it",
                    "give it a pattern or an enum",
                )

    def _unchecked_names(self, fetches: list[Fetch]) -> Iterator[Finding]:
        for fetch in fetches:
            for top in self.skeletons.paths(fetch):
                for path in self.skeletons.entries(top):
                    reading = self.skeletons.names.get(path)
                    for use in reading.uses if reading else ():
                        if use.printed and use.path[0] == fetch.root and use.path[1:]:
                            value = (fetch.values or {}).get(use.path[1])
                            if isinstance(value, str) and has_tags(value):
                                yield from self._unchecked(read(value), path.rpartition("/")[2])

    # -- what nothing uses, and what is not there

    def _unused_values(self, fetches: list[Fetch]) -> Iterator[Finding]:
        """A value that no file names; what is fetched from elsewhere may name any."""
        if self.skeletons.remote:
            return
        readings = [*self.skeletons.readings.values(), *self.skeletons.names.values()]
        seen = set[str]()
        for fetch in fetches:
            for name in [one for one in fetch.values or () if one not in seen]:
                seen.add(name)
                if not any(reading.names(fetch.root, str(name)) for reading in readings):
                    where: Where = ("spec", "steps", fetch.number, "input", "values", name)
                    yield warning(
                        "unused", self.outline.spot(*where, key=True), f"no file of the skeleton uses the value {name}"
                    )

    def _unused_parameters(self) -> Iterator[Finding]:
        for name in self.asked.definitions:
            if name in self.asked.deciding or self.asked.is_secret(name):
                continue
            if not any(reading.names("parameters", name) for reading in self.readings):
                yield warning(
                    "unused", self.outline.spot(*self.asked.place(name), key=True), f"no step uses the parameter {name}"
                )

    def _missing(self) -> Iterator[Finding]:
        """A template that makes a service should make its entry and docs; one that changes another should not."""
        steps = [
            step for step in self.template.steps if step.action.startswith("fetch:") and isinstance(step.input, dict)
        ]
        urls = [str(step.input.get("url", "")) for step in steps]
        changing = any(PROPOSING.search(step.action) for step in self.template.steps)
        if not urls or changing or any("://" in url for url in urls):
            return
        paths: list[str] = []
        for step, url in zip(steps, urls, strict=True):
            try:
                found = candidates(self.resolved, url, self.skeletons.choices)
            except InvalidInput:
                return
            if not found:
                return
            paths += [path for top in found for path in self.skeletons.entries(top)]
            paths += [str(step.input.get("targetPath", ""))]
        paths += ["catalog-info.yaml" for step in self.template.steps if step.action == "catalog:write"]
        yield from elsewhere.missing(paths, self.outline.spot("spec", "steps", key=True), self.resolved.root)
