"""
Keeping secrets out of what is stored and shown.

A step's resolved input may hold a secret anywhere inside a text. What is stored has a mark in its place; a resumed
task puts the value back, once the person or the environment has given it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

SHOWN = "***"


def _mark(name: str) -> str:
    return f"\N{SYMBOL FOR SUBSTITUTE}secret:{name}\N{SYMBOL FOR SUBSTITUTE}"


def masked(value: Any, secrets: Mapping[str, str]) -> Any:
    """Return `value` with every secret replaced by its mark, longest first; numbers and keys are left alone."""
    ordered = sorted(((text, name) for name, text in secrets.items() if text), key=lambda pair: -len(pair[0]))

    def replaced(text: str) -> str:
        for secret, name in ordered:
            text = text.replace(secret, _mark(name))
        return text

    return _walk(value, replaced) if ordered else value


def unmasked(value: Any, secrets: Mapping[str, str]) -> Any:
    """Return `value` with every mark replaced by its secret."""

    def replaced(text: str) -> str:
        for name, secret in secrets.items():
            text = text.replace(_mark(name), secret)
        return text

    return _walk(value, replaced) if secrets else value


def redacted(text: str, secrets: Mapping[str, str]) -> str:
    """Return a line for people, with `***` for every secret."""
    for secret in sorted(filter(None, secrets.values()), key=len, reverse=True):
        text = text.replace(secret, SHOWN)
    return text


def _walk(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case str():
            return change(value)
        case Mapping():
            return {key: _walk(item, change) for key, item in value.items()}
        case list() | tuple():
            return [_walk(item, change) for item in value]
    return value
