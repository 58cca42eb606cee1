"""
Looks at a template of steps: its questions, the fields of its steps, its output, and the files that they render.

Where the engine hides a mistake (a field that cannot be rendered is used as it is written, what is undefined is left
out), the template does the same here, and this says so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from scaffolder.errors import InvalidInput
from scaffolder.template.lint import answers, cookiecutter, elsewhere, fields, steps
from scaffolder.template.lint.outline import Outline
from scaffolder.template.lint.skeletons import candidates
from scaffolder.template.lint.subject import Subject
from scaffolder.template.manifest import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.template.lint.findings import Finding
    from scaffolder.template.lint.subject import Shapes
    from scaffolder.template.manifest import Step
    from scaffolder.template.source import Resolved

PROPOSING: Final = re.compile(r"(?:pull|merge)-request")
_PART: Final = re.compile(r"[^.\[\]]+")


def look(resolved: Resolved, shapes: Shapes) -> Iterator[Finding]:
    """Yield what is found."""
    text = resolved.tree.text(resolved.manifest) or ""
    path = f"{resolved.directory}/{resolved.manifest}".lstrip("/")
    outline = Outline(path, text)
    try:
        template = load(resolved)
    except InvalidInput as wrong:
        parts = _PART.findall(wrong.place.field if wrong.place else "")
        where = [int(part) if part.isdigit() else part for part in parts]
        yield cookiecutter.invalid(wrong, path, outline.spot(*where) if where else None)
        return
    yield from _findings(Subject(resolved, template, outline, shapes))


def _findings(subject: Subject) -> Iterator[Finding]:
    unchecked: dict[str, Finding] = {}
    yield from subject.asked.findings(subject.outline)
    for number, step in enumerate(subject.template.steps):
        yield from steps.findings(subject, number, step)
        for where, reading, found in fields.of_step(subject, number, step):
            yield from found
            for name, one in answers.in_field(subject, reading, where):
                unchecked.setdefault(name, one)
    yield from _output(subject)
    fetches = subject.fetches()
    parameters = None if subject.asked.open else frozenset(subject.asked.definitions)
    yield from subject.skeletons.findings(fetches, parameters)
    yield from answers.unused_values(subject, fetches)
    yield from {**dict(reversed([*answers.in_names(subject, fetches)])), **unchecked}.values()
    yield from answers.unused_parameters(subject)
    yield from _missing(subject)


def _output(subject: Subject) -> Iterator[Finding]:
    after_all = len(subject.template.steps)
    output = subject.template.output
    yield from steps.of_output(subject)
    for _where, _reading, found in fields.of(subject, output, ("spec", "output"), after_all, fields.UNSEEN_BY_OUTPUT):
        yield from found


def _missing(subject: Subject) -> Iterator[Finding]:
    """A template that makes a service should make its entry and docs; one that changes another should not."""
    every = subject.template.steps
    fetching = [step for step in every if step.action.startswith("fetch:") and isinstance(step.input, dict)]
    changing = any(PROPOSING.search(step.action) for step in every)
    found = [_made(subject, step) for step in fetching]
    if not found or changing or not all(found):
        return
    paths = [path for made in found for path in made]
    paths += ["catalog-info.yaml" for step in every if step.action == "catalog:write"]
    yield from elsewhere.missing(paths, subject.outline.spot("spec", "steps", key=True), subject.resolved.root)


def _made(subject: Subject, step: Step) -> list[str]:
    """Return what a step fetches and where to; nothing where that is not known."""
    url = str(step.input.get("url", ""))
    if "://" in url:
        return []
    try:
        tops = candidates(subject.resolved, url, subject.skeletons.choices)
    except InvalidInput:
        return []
    paths = [path for top in tops for path in subject.skeletons.entries(top)]
    return [*paths, str(step.input.get("targetPath", ""))] if tops else []
