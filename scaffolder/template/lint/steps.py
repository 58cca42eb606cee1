"""What is wrong with a step itself: its keys, its action, its input, when it runs, what it fetches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import InvalidInput, did_you_mean
from scaffolder.template.expressions import ABSENT, has_tags
from scaffolder.template.lint import cookiecutter
from scaffolder.template.lint.findings import Finding, error, warning
from scaffolder.template.lint.hidden import stray_keys, why_always
from scaffolder.template.lint.inputs import misfits
from scaffolder.template.lint.skeletons import PARAMETER, candidates
from scaffolder.template.schema import items, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.template.lint.inputs import Misfit
    from scaffolder.template.lint.outline import Where
    from scaffolder.template.lint.subject import Shape, Subject
    from scaffolder.template.manifest import Step

HOSTS: Final = "allowedHosts"
SINGLE: Final = frozenset({"string", "number", "integer", "boolean"})
"""Types of answers that no step can be run for each of."""


def findings(subject: Subject, number: int, step: Step) -> Iterator[Finding]:
    """Yield what is wrong with one step."""
    where: Where = ("spec", "steps", number)
    yield from _keys(subject, where)
    yield from _action(subject, step, where)
    if step.if_ is not ABSENT:
        yield from always(subject, step.if_, (*where, "if"), "the step always runs")
    elif subject.ids[step.id] != number:
        message = f"two steps have the id {step.id!r}: those after them find the output of the last one only"
        yield warning("same-id", subject.outline.spot(*where), message, "give it another, or a condition")
    if step.each is not ABSENT:
        yield from _each(subject, step.each, (*where, "each"))
    yield from _fetched(subject, step, (*where, "input"))


def _keys(subject: Subject, where: Where) -> Iterator[Finding]:
    """Backstage passes over what it does not know."""
    for key, near in stray_keys(mapping(subject.template.document["spec"]["steps"][where[-1]])):
        message = f"a step has no {key}: it counts for nothing"
        yield warning("unknown-key", subject.outline.spot(*where, key, key=True), message, f"did you mean {near}?")


def _action(subject: Subject, step: Step, where: Where) -> Iterator[Finding]:
    shape, spot = subject.shapes.of(step.action), subject.outline.spot(*where, "action")
    if provider := subject.shapes.provider(step.action):
        message = f"{step.action} is of {provider}, and not carried out here: a dry run records it"
        yield warning("unknown-action", spot, message, f"scaffolder new goes on without it: --skip {step.id}")
    elif shape is None:
        hint = did_you_mean(step.action, subject.shapes.names()) or "a plugin may bring it"
        yield error("unknown-action", spot, f"the action {step.action} is not known here", hint)
    elif isinstance(step.input, dict):
        yield from _input(subject, step, shape, (*where, "input"))


def _input(subject: Subject, step: Step, shape: Shape, where: Where) -> Iterator[Finding]:
    for misfit in misfits(shape.input_schema, step.input, where):
        yield _misfit(subject, step, misfit)
    if "copyWithoutRender" in step.input and step.action.startswith("fetch:template"):
        spot = subject.outline.spot(*where, "copyWithoutRender", key=True)
        message = "copyWithoutRender has no effect: these files are rendered"
        yield warning("copy-without-render", spot, message, "call it copyWithoutTemplating")


def _misfit(subject: Subject, step: Step, misfit: Misfit) -> Finding:
    """Of publishing, what current Backstage refuses and public templates pass is let through; a person says where."""
    spot = subject.outline.spot(*misfit.where, key=bool(misfit.unknown))
    lenient = step.action.startswith("publish:")
    if misfit.unknown == HOSTS and lenient:
        message = f"{HOSTS} belongs to the RepoUrlPicker: no publishing action takes it"
        return warning("allowed-hosts", spot, message)
    found = warning if lenient and (misfit.unknown or misfit.missing == "repoUrl") else error
    return found("input", spot, f"{step.action}: {misfit.message}", misfit.hint)


def always(subject: Subject, condition: object, where: Where, outcome: str) -> Iterator[Finding]:
    """Yield why a condition is never false: a text is true, whatever it says, and so is what is no text."""
    reason, hint = why_always(condition)
    if reason:
        yield warning("if-always", subject.outline.spot(*where), f"{outcome}: {reason}", hint)


def _each(subject: Subject, each: object, where: Where) -> Iterator[Finding]:
    """Only a list or an object has something that the step could be run for."""
    hint = "give it a list or an object"
    if isinstance(each, str) and (asked := PARAMETER.fullmatch(each.strip())):
        name = asked[1] or asked[2]
        types = {definition.get("type") for _, definition in subject.asked.definitions.get(name, ())}
        if types and types <= SINGLE:
            yield warning("each", subject.outline.spot(*where), f"{name} is one answer, and no list of them", hint)
    elif not isinstance(each, list | dict) and not (isinstance(each, str) and has_tags(each)):
        yield warning("each", subject.outline.spot(*where), f"{each!r} is neither a list nor an object", hint)


def _fetched(subject: Subject, step: Step, where: Where) -> Iterator[Finding]:
    """Is there what a step fetches?"""
    url = step.input.get("url") if step.action.startswith("fetch:") and isinstance(step.input, dict) else None
    if not isinstance(url, str) or "://" in url:
        return
    try:
        paths = candidates(subject.resolved, url, subject.skeletons.choices)
    except InvalidInput as wrong:
        yield error("fetch-missing", subject.outline.spot(*where, "url"), wrong.message, wrong.hint)
        return
    if step.action == "fetch:cookiecutter":
        values = frozenset(step.input.get("values") or ())
        for path in paths:
            if f"{path}/cookiecutter.json".lstrip("/") in subject.resolved.root:
                yield from cookiecutter.look(subject.resolved.root, path, extra=values)


def of_output(subject: Subject) -> Iterator[Finding]:
    """Yield the links and texts of the output that are always there."""
    output: Any = subject.template.output
    for kind in ("links", "text"):
        for number, entry in enumerate(items(mapping(output).get(kind))):
            if "if" in mapping(entry) and isinstance(entry["if"], str):
                where: Where = ("spec", "output", kind, number, "if")
                yield from always(subject, entry["if"], where, "it is always shown")
