"""What a typed text means as an answer. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scaffolder.errors import InvalidInput
from scaffolder.template.question import KINDS_OF_TYPES, type_of
from scaffolder.template.schema import items, mapping
from scaffolder.template.wording import TYPE_WORDS, as_text

if TYPE_CHECKING:
    from scaffolder.template.question import Kind, Question

YES = frozenset({"true", "t", "yes", "y", "1", "on"})
MARKS = frozenset(",={}")
NO = frozenset({"false", "f", "no", "n", "0", "off"})


class AnswerInvalid(InvalidInput):
    """A text cannot be taken as the answer to a question."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.reason = reason


def parse_answer(question: Question, text: str) -> Any:
    """
    Return the value that a typed text means.

    Raises:
        AnswerInvalid: It means none.
    """
    parse = PARSERS.get(question.kind)
    return parse(question, text) if parse else text


def as_typed(question: Question, value: Any) -> str:
    """Return how a person would type a value."""
    if question.kind in {"list", "row"} and isinstance(value, list):
        parts = [as_text(part) for part in value]
        if all(part == part.strip() and part and "," not in part and part[0] not in "[{" for part in parts):
            return ", ".join(parts)
    if question.kind == "json" and isinstance(value, Mapping) and _is_plain(value):
        return ", ".join(f"{name}={text}" for name, text in value.items())
    return "" if value is None else as_text(value)


def as_read(question: Question, value: Any) -> str:
    """Return an answer as a person reads it: what was chosen by its label, and a list by its entries."""
    labels = {as_text(choice.value): choice.label for choice in question.choices}
    if question.kind == "boolean" and value is None:
        return "no"  # a form sends nothing for what nobody ticked
    if question.choices and not isinstance(value, list):
        return "" if value is None else labels.get(as_text(value), as_text(value))
    return spoken([labels.get(as_text(one), one) for one in value] if question.choices else value)


def spoken(value: Any) -> str:
    """Return a value as a person reads it, without quotes and brackets."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            apart = "; " if any(isinstance(one, list | Mapping) for one in value) else ", "
            return apart.join(map(spoken, value))
        case Mapping():
            return ", ".join(f"{name} {spoken(part)}" for name, part in value.items())
    return as_text(value)


def _is_plain(value: Mapping[str, Any]) -> bool:
    texts = [text for name, part in value.items() for text in (name, part)]
    return bool(value) and all(isinstance(text, str) and text == text.strip() and not MARKS & {*text} for text in texts)


def _boolean(question: Question, text: str) -> bool:
    word = text.strip().lower()
    if word not in YES | NO:
        raise AnswerInvalid(question.name, f"{text!r} is neither yes nor no")
    return word in YES


def _number(question: Question, text: str) -> float:
    try:
        return int(text) if question.kind == "integer" else _simplest(float(text))
    except (ValueError, OverflowError) as error:
        wanted = TYPE_WORDS[question.kind]
        raise AnswerInvalid(question.name, f"{text!r} is not {wanted}") from error


def _simplest(value: float) -> float:
    """Return a whole number as such; ValueError for one that JSON cannot hold."""
    if not math.isfinite(value):
        raise ValueError
    return int(value) if value.is_integer() else value


def _choice(question: Question, text: str) -> Any:
    for choice in question.choices:
        if text in {as_text(choice.value), choice.label}:
            return choice.value
    if all(isinstance(choice.value, bool) for choice in question.choices):
        return _boolean(question, text)
    allowed = [as_text(choice.value) for choice in question.choices]
    raise AnswerInvalid(question.name, f"{text!r} is not one of: {', '.join(allowed)}")


def _parts(question: Question, text: str) -> list[str]:
    """A list is typed with commas, or as JSON."""
    if not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    return [as_text(part) for part in items(_json(question, text))]


def _list(question: Question, text: str) -> list[Any]:
    parts = _parts(question, text)
    entry = replace(question, kind=KINDS_OF_TYPES.get(type_of(question.entry), "text"))
    if entry.kind == "json":
        return parts
    return [parse_answer(entry, part) for part in parts]


def _row(question: Question, text: str) -> Any:
    """A list in which each place has a type of its own is typed with commas, or as JSON."""
    rules = items(question.entry.get("items"))
    if text.lstrip().startswith("[") or not rules:
        return _json(question, text)
    parts = [part.strip() for part in text.split(",")]
    kinds: list[Kind] = [KINDS_OF_TYPES.get(type_of(mapping(rule)), "text") for rule in rules]
    more: list[Kind] = ["text"] * (len(parts) - len(kinds))
    return [
        parse_answer(replace(question, kind=kind), part) for kind, part in zip([*kinds, *more], parts, strict=False)
    ]


def _json(question: Question, text: str, *, wrong: str = "is not JSON") -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        typed = "it" if question.kind == "entries" else repr(text)  # there may be secrets in entries
        raise AnswerInvalid(question.name, f"{typed} {wrong}") from error


def _named(question: Question, text: str) -> Any:
    """An object without a form is typed as NAME=VALUE with commas between, or as JSON."""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    if text.lstrip()[:1] in {"{", "["} or not pairs or not all(name.strip() and sign for name, sign, _ in pairs):
        return _json(question, text, wrong="is neither NAME=VALUE with commas between, nor JSON")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _choices_of(question: Question, text: str) -> list[Any]:
    return [_choice(question, part) for part in _parts(question, text)]


PARSERS: Mapping[Kind, Callable[[Question, str], Any]] = {
    "boolean": _boolean,
    "integer": _number,
    "number": _number,
    "choice": _choice,
    "choices": _choices_of,
    "list": _list,
    "row": _row,
    "entries": _json,
    "json": _named,
}
