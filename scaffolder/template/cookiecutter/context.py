"""
What the texts of a template can name: its variables with their answers or defaults.

The order is cookiecutter's: first the private, simple and choice variables as they stand in the file, each default over
those before it; then the maps, over all of them.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from scaffolder.errors import InvalidInput, Place, did_you_mean
from scaffolder.template.expressions import RenderError
from scaffolder.template.manifest import COOKIECUTTER_FILE
from scaffolder.template.places import Whole

if TYPE_CHECKING:
    from scaffolder.template.cookiecutter.engine import Engine

PROMPTS: Final = "__prompts__"
YES: Final = frozenset({"1", "true", "t", "yes", "y", "on"})
NO: Final = frozenset({"0", "false", "f", "no", "n", "off"})
Variables = Mapping[str, Any]


class AnswerRefused(InvalidInput):
    """An answer is not one that the template allows."""


class Origin(NamedTuple):
    """Where a template comes from and goes to, as its texts can name it (`cookiecutter._template` and so on)."""

    template: str = "."
    output_directory: str = "."
    repository: str = "."
    checkout: str | None = None

    def variables(self) -> dict[str, str | None]:
        """Return them by cookiecutter's names."""
        return {
            "_template": self.template,
            "_output_dir": self.output_directory,
            "_repo_dir": self.repository,
            "_checkout": self.checkout,
        }


def context_of(
    variables: Variables,
    answers: Variables,
    *,
    engine: Engine,
    origin: Origin,
    waiting: dict[str, str] | None = None,
) -> dict[str, Any]:
    """
    Return what is rendered with. An answer is taken as it is: it is never itself a template.

    Answers that the template does not ask for are variables, too. With `waiting`, what has no value yet is noted there
    with the reason: a default that cannot be made, a variable without one.

    Raises:
        RenderError: A default is wrong.
        AnswerRefused: An answer is none of those that are possible.
    """
    asked = OrderedDict((name, copy.deepcopy(value)) for name, value in variables.items() if name != PROMPTS)
    given = {name: value for name, value in answers.items() if not name.startswith("_")}
    _Answering(engine, given, waiting).fill(asked)
    asked.update(origin.variables())
    return {"cookiecutter": asked, "_cookiecutter": _as_asked(variables, answers)}


def _as_asked(variables: Variables, answers: Variables) -> dict[str, Any]:
    """Return the variables as they were before anything was rendered; the choice that was taken comes first."""
    shown = {name: copy.deepcopy(value) for name, value in variables.items() if not name.startswith("_")}
    return {name: _laid_over(name, value, answers[name]) if name in answers else value for name, value in shown.items()}


def _laid_over(name: str, default: Any, answer: Any) -> Any:
    """Return a variable as it stands, with an answer in its place."""
    match default:
        case list():
            return sorted(default, key=lambda option: str(option) != str(answer))
        case bool():
            return _as_boolean(name, answer)
        case Mapping() if isinstance(answer, Mapping):
            inner = {key: _within(key, default.get(key), value) for key, value in answer.items()}
            return OrderedDict({**default, **inner})
        case _:
            return answer


def _within(name: str, default: Any, answer: Any) -> Any:
    """Return a value in a map, with an answer in its place."""
    if isinstance(default, Mapping) and isinstance(answer, Mapping):
        return _laid_over(name, default, answer)
    return _as_boolean(name, answer) if isinstance(default, bool) and isinstance(answer, str) else answer


class _Answering:
    """Gives each variable its value; `known` grows while it does, for each default may name those before it."""

    def __init__(self, engine: Engine, answers: Variables, waiting: dict[str, str] | None) -> None:
        self._engine = engine
        self._answers = answers
        self._waiting = waiting
        self._known: OrderedDict[str, Any] = OrderedDict()

    def fill(self, asked: OrderedDict[str, Any]) -> None:
        for name, default in asked.items():
            if not isinstance(default, Mapping) or name.startswith("_"):
                self._learn(name, default)
        for name, default in asked.items():
            if isinstance(default, Mapping) and (not name.startswith("_") or name.startswith("__")):
                self._learn(name, default)
        asked.update(self._known)
        extra = {name: value for name, value in self._answers.items() if name not in asked}
        asked.update((name, _as_text(value)) for name, value in extra.items())

    def _learn(self, name: str, default: Any) -> None:
        try:
            value = self._value(name, default)
        except RenderError as error:
            error.move(Place(COOKIECUTTER_FILE, field=name))
            if self._waiting is None:
                raise
            self._waiting[name] = error.message
        else:
            if value is None and self._waiting is not None and not name.startswith("_"):
                self._waiting[name] = ""  # the person has to say it, and what is made from it waits
            else:
                self._known[name] = value

    def _value(self, name: str, default: Any) -> Any:
        if name.startswith("_"):
            return self._rendered(default) if name.startswith("__") else default
        if isinstance(default, list):
            return self._choice(name, default)
        if name not in self._answers:
            return self._rendered(default)
        answer = self._answers[name]
        if isinstance(default, bool):
            return _as_boolean(name, answer)
        if isinstance(default, Mapping) and isinstance(answer, Mapping) and not isinstance(answer, Whole):
            return _merged(self._rendered(default), answer)
        return _as_text(answer)

    def _choice(self, name: str, options: list[Any]) -> Any:
        rendered = [self._rendered(option) for option in options]
        if not rendered:
            msg = "it has no choices"
            raise RenderError(msg)
        if name not in self._answers:
            return rendered[0]
        answer = self._answers[name]
        wanted = answer[0] if isinstance(answer, list) and answer else answer
        for option, value in zip(options, rendered, strict=True):
            if wanted in (option, value) or str(wanted) == str(option):
                return value
        texts = [str(value) for value in rendered]
        raise AnswerRefused(
            f"{name}: {wanted!r} is not one of: {', '.join(texts)}", hint=did_you_mean(str(wanted), texts)
        )

    def _rendered(self, value: Any) -> Any:
        match value:
            case None | bool():
                return value
            case list():
                return [self._rendered(item) for item in value]
            case Mapping():
                return {self._rendered(key): self._rendered(item) for key, item in value.items()}
            case _:
                return self._engine.text(str(value), {"cookiecutter": self._known}, file=COOKIECUTTER_FILE)


def _as_boolean(name: str, answer: Any) -> bool:
    word = str(answer).strip().lower()
    if isinstance(answer, str) and word not in YES | NO:
        raise AnswerRefused(f"{name}: {answer!r} is neither yes nor no")
    return word in YES if isinstance(answer, str) else bool(answer)


def _as_text(value: Any) -> Any:
    """Return a value as cookiecutter would hold it: whatever is no list, map, boolean or nothing is text."""
    match value:
        case None | bool() | str() | Whole():
            return value
        case Mapping():
            return {str(key): _as_text(item) for key, item in value.items()}
        case list():
            return [_as_text(item) for item in value]
        case _:
            return str(value)


def _merged(default: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return a map with an answer laid over it, maps within it too."""
    merged = dict(default)
    for key, value in answer.items():
        there = merged.get(key)
        if isinstance(there, Mapping) and isinstance(value, Mapping):
            merged[key] = _merged(there, value)
        else:
            merged[key] = _as_text(_within(key, there, value))
    return merged
