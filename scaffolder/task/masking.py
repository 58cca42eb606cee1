"""
Keeping secrets out of what is stored and shown.

A step's resolved input may hold a secret anywhere inside a text, as it is or as JSON writes it. What is stored has a
mark in its place; a resumed task puts the value back, once the person or the environment has given it again. What an
action itself makes of a secret, in its output or in a log, is known to nobody else: that is the action's to guard.
"""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from scaffolder.errors import ScaffolderError

    Error = TypeVar("Error", bound=ScaffolderError)

SHOWN = "***"
LEAST_LINE = 8
"""A line of a secret that is shorter says nothing, and would blacken half of what is shown."""

_SIGN = "\N{SYMBOL FOR SUBSTITUTE}"


def mark(name: str, *, form: str = "secret") -> str:
    """Return what stands for a secret where it is stored."""
    return f"{_SIGN}{form}:{name}{_SIGN}"


AGAIN = mark("", form="again")
"""Stands for an input that holds something made from a secret: only rendering it again can tell what."""


def masked(value: Any, secrets: Mapping[str, str]) -> Any:
    """Return `value` with every secret replaced by its mark; numbers and keys are left alone."""
    marks = _marks(secrets)
    return _walk(
        value, _replacing({text: sign for sign, text in marks.items() if text} | {sign: sign for sign in marks})
    )


def unmasked(value: Any, secrets: Mapping[str, str]) -> Any:
    """Return `value` with every mark replaced by its secret."""
    return _walk(value, _replacing(_marks(secrets)))


def redacted(text: str, secrets: Mapping[str, str]) -> str:
    """Return a text for people, with `***` for every secret and for each of its lines."""
    whole = {text for text in _marks(secrets).values() if text}
    lines = {line.strip() for secret in secrets.values() for line in secret.splitlines()}
    return _replacing(dict.fromkeys(whole | {line for line in lines if len(line) >= LEAST_LINE}, SHOWN))(text)


def without_secrets(error: Error, secrets: Mapping[str, str]) -> Error:
    """Return the error with no secret in anything that it says."""
    error.message, error.hint = redacted(error.message, secrets), redacted(error.hint, secrets)
    error.details = tuple(redacted(line, secrets) for line in error.details)
    error.args = (error.message,)
    return error


def tells_a_secret(error: Exception, secrets: Mapping[str, str]) -> bool:
    """Tell whether the traceback of an error would show a secret."""
    text = "".join(traceback.format_exception(error))
    return redacted(text, secrets) != text


def _marks(secrets: Mapping[str, str]) -> dict[str, str]:
    """Return every mark and what it stands for: the secret, and the way JSON writes it where that differs."""
    escaped = {name: json.dumps(secret)[1:-1] for name, secret in secrets.items()}
    return {mark(name): secret for name, secret in secrets.items()} | {
        mark(name, form="escaped"): text for name, text in escaped.items() if text != secrets[name]
    }


def _replacing(replacements: Mapping[str, str]) -> Callable[[str], str]:
    """Return a function that replaces all at once, the longest first: what was put in is never looked at again."""
    if not replacements:
        return lambda text: text
    pattern = re.compile("|".join(re.escape(text) for text in sorted(replacements, key=len, reverse=True)))
    return lambda text: pattern.sub(lambda found: replacements[found[0]], text)


def _walk(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case str():
            return change(value)
        case Mapping():
            return {key: _walk(item, change) for key, item in value.items()}
        case list() | tuple():
            return [_walk(item, change) for item in value]
    return value
