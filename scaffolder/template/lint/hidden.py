"""What an engine passes over in a step without a word, though hardly anybody means it. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from scaffolder.template.expressions import ABSENT, has_tags
from scaffolder.template.lint.findings import meant
from scaffolder.template.lint.outline import texts_in
from scaffolder.template.lint.tags import read, written_beside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffolder.template.lint.outline import Where
    from scaffolder.template.manifest import Step

ROOTS: Final = ("parameters", "steps", "secrets", "user", "context", "environment", "each")
"""What the fields of a step can name."""
KEYS: Final = ("id", "name", "action", "input", "if", "each")
DOLLARLESS: Final = re.compile(rf"(?<!\$)\{{\{{-?\s*(?:{'|'.join(ROOTS)})\b[^{{}}]*\}}\}}")


def of_step(step: Step, written: Mapping[str, object]) -> Iterator[tuple[str, Where]]:
    """Yield all of it for a step that runs, each with its place in the step."""
    for key, near in stray_keys(written):
        yield f"a step has no {key}, and it counts for nothing: did you mean {near}?", (key,)
    reason, _hint = why_always(step.if_) if step.if_ is not ABSENT else ("", "")
    if reason:
        yield f"the step always runs: {reason}", ("if",)
    for field, value in (("if", step.if_), ("each", step.each), ("input", step.input)):
        for where, text in texts_in(value, (field,)):
            yield from ((message, where) for message in _oddities(text))


def _oddities(text: str) -> Iterator[str]:
    if "{{" not in text and not has_tags(text):
        return
    yield from without_dollar(text)
    yield from (oddity.message for oddity in read(text).oddities)


def without_dollar(text: str) -> Iterator[str]:
    """Yield what was to be an expression."""
    if found := DOLLARLESS.search(text):
        yield f"{found[0]} is a text: an expression begins with a dollar sign"


def stray_keys(written: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the keys of a step that are misspelt, each with the one that was meant."""
    for key in map(str, written):
        lacking = [one for one in KEYS if one not in written]
        if key not in KEYS and (near := meant(key, lacking, alike=0.75)):
            yield key, near


def why_always(condition: object) -> tuple[str, str]:
    """Return why a condition is never false, and what to write instead: a text is true, and so is what is no text."""
    if isinstance(condition, bool) or condition == "":
        return "", ""
    if not isinstance(condition, str):
        return "of what is no text, only false counts as false", "write false"
    if not has_tags(condition):
        hint = "write false without quotes" if condition.strip().lower() == "false" else "put it into ${{ }}"
        return f"the condition is the text {condition!r}, and every text is true", hint
    beside = written_beside(condition)
    if not beside:
        return "", ""
    what = repr(beside.strip()) if beside.strip() else "a line break" if "\n" in beside else "a space"
    hint = "put all of it into one ${{ }}" if beside.strip() else "write it on one line, or after >-"
    return f"the condition is a text, for {what} stands beside its expression", hint
