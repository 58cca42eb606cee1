"""What the texts of a step's fields name, and what comes to nothing there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scaffolder.errors import did_you_mean
from scaffolder.template.expressions import ABSENT, has_tags
from scaffolder.template.language.environment import PYTHON_CONSTANTS
from scaffolder.template.lint.findings import Finding, warning
from scaffolder.template.lint.hidden import ROOTS, without_dollar
from scaffolder.template.lint.outline import texts_in
from scaffolder.template.lint.tags import read
from scaffolder.template.lint.texts import unique

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.template.lint.outline import Where
    from scaffolder.template.lint.subject import Subject
    from scaffolder.template.lint.texts import Path, Reading, Use
    from scaffolder.template.manifest import Step

UNSEEN_BY_OUTPUT: Final = frozenset({"each", "secrets"})


def of_step(subject: Subject, number: int, step: Step) -> Iterator[tuple[Where, Reading, list[Finding]]]:
    """Yield each text with tags of a step, its place, and what is wrong with it."""
    where: Where = ("spec", "steps", number)
    hidden = frozenset() if step.each is not ABSENT else frozenset({"each"})
    yield from of(subject, step.if_, (*where, "if"), number, hidden | {"secrets"})
    yield from of(subject, step.each, (*where, "each"), number, frozenset({"each"}))
    yield from of(subject, step.input, (*where, "input"), number, hidden)


def of(
    subject: Subject, value: object, where: Where, number: int, hidden: frozenset[str]
) -> Iterator[tuple[Where, Reading, list[Finding]]]:
    """Yield every text with tags of a field; `number` steps have run before it, and `hidden` is not known there."""
    for place, text in texts_in(value, where):
        reading = read(text)
        found = [warning("not-rendered", subject.outline.spot(*place), one) for one in without_dollar(text)]
        if has_tags(text):
            subject.readings.append(reading)
            found += _misread(subject, reading, place)
            found += _named(subject, reading, place, number, hidden)
        yield place, reading, found


def _misread(subject: Subject, reading: Reading, where: Where) -> Iterator[Finding]:
    spot = subject.outline.spot(*where)
    for mistake in reading.mistakes:
        message = f"it is used as it is written, for it cannot be rendered: {mistake.message}"
        yield warning("not-rendered", spot, message)
    for oddity in reading.oddities:
        yield warning("misread", spot, oddity.message)


def _named(subject: Subject, reading: Reading, where: Where, number: int, hidden: frozenset[str]) -> Iterator[Finding]:
    """Is there what a text names?"""
    strange = [use for use in reading.uses if use.path[0] not in ROOTS or use.path[0] in hidden]
    for use in unique(strange, 1):
        if not use.guarded and not _is_rest_of_id(subject, use.path[0], reading):
            hint = f"write {use.path[0].lower()}" if use.path[0] in PYTHON_CONSTANTS else ""
            spot = subject.outline.mention(where, use.path)
            yield warning("undefined", spot, f"{use.path[0]} is not known here", hint)
    for use in unique([use for use in reading.uses if use.path[0] == "parameters" and use.path[1:]], 2):
        name, asked = use.path[1], subject.asked
        if name not in asked.definitions and not asked.open and not use.guarded:
            hint = did_you_mean(name, asked.definitions)
            spot = subject.outline.mention(where, use.path)
            yield warning("undefined", spot, f"the template has no parameter {name}", hint)
    for use in unique([use for use in reading.uses if use.path[0] == "steps" and use.path[1:]], 4):
        yield from _earlier(subject, use, where, number)


def _is_rest_of_id(subject: Subject, name: str, reading: Reading) -> bool:
    """`steps.my-id` is `steps.my` minus `id`, which is said where `steps.my` is."""
    return any(use.path[0] == "steps" and _subtracted(subject, use.path) for use in reading.uses) and any(
        step.endswith(f"-{name}") or f"-{name}-" in step for step in subject.ids
    )


def _subtracted(subject: Subject, path: Path) -> str:
    """Return the step that is meant where its id was taken for a subtraction."""
    if len(path) != 2 or path[1] in subject.ids:  # noqa: PLR2004 - steps, and the beginning of an id
        return ""
    return next((step for step in subject.ids if step.startswith(f"{path[1]}-")), "")


def _earlier(subject: Subject, use: Use, where: Where, number: int) -> Iterator[Finding]:
    """Is there what a field takes from an earlier step?"""
    step, spot, ids = use.path[1], subject.outline.mention(where, use.path), subject.ids
    if meant := _subtracted(subject, use.path):
        yield warning("unknown-step", spot, f"steps.{meant} is read as a subtraction", f"write steps['{meant}']")
    elif step not in ids:
        if not use.guarded:
            yield warning("unknown-step", spot, f"there is no step {step}", did_you_mean(step, ids))
    elif ids[step] >= number:
        yield warning("unknown-step", spot, f"the step {step} has not run yet here")
    elif use.path[2:] and use.path[2] != "output":
        message, hint = f"a step has an output, and no {use.path[2]}", f"steps['{step}'].output"
        yield warning("unknown-output", spot, message, hint)
    elif use.path[3:] and not use.guarded:
        action = subject.template.steps[ids[step]].action
        shape = None if subject.shapes.provider(action) else subject.shapes.of(action)
        schema = shape.output_schema if shape else {}
        known = schema.get("properties") or {}
        if schema.get("additionalProperties") is False and use.path[3] not in known:
            message = f"{action} returns no {use.path[3]}"
            yield warning("unknown-output", spot, message, did_you_mean(use.path[3], known))
