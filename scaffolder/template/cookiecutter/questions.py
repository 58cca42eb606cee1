"""
What a cookiecutter template asks: its variables as one page of questions.

A default may be a text over the answers before it, so each is worked out anew while answers are given. A person's own
defaults stand in the place of the template's.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from scaffolder.template.cookiecutter.context import PROMPTS
from scaffolder.template.manifest import Page
from scaffolder.template.places import Whole
from scaffolder.template.trust import NOTHING, Allowed
from scaffolder.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.template.cookiecutter.offered import Defaults
    from scaffolder.template.errors import TemplateInvalid
    from scaffolder.template.schema import Schema

CHOICE: Final = "template"
"""The question which of several templates to take."""
MOST_KEPT: Final = 64

_TAG = re.compile(r"\{\{|\{%")
_NAMED = re.compile(r"cookiecutter\s*(?:\.\s*|\[\s*['\"])(\w+)")
_ANEW = re.compile(r"random|shuffle|uuid|now\b|strftime")
_SECRET = re.compile(
    r"(?:^|_)(?:password|passwd|passphrase|secret|secret_key|token|api_?key|access_key|private_key|credentials?)$",
    re.IGNORECASE,
)
_STYLE = r"(?:b(?:old)?|i(?:talic)?|dim|u(?:nderline)?|(?:bright_)?(?:red|green|yellow|blue|magenta|cyan|white|black))"
_MARKUP = re.compile(rf"\[(?:/?{_STYLE}(?: (?:on )?{_STYLE})*|/|/link|link=[^\]]*)\]", re.IGNORECASE)

Variables = Mapping[str, Any]
Brings = tuple[Tree, Mapping[str, str], Allowed]
"""A template, where those within it are, and what of their code may be loaded."""
BRINGS_NOTHING: Final[Brings] = (Tree(), {"": ""}, NOTHING)


class Within(NamedTuple):
    """A template that another holds: its directory, how it is called, its variables; or why it cannot be used."""

    directory: str
    title: str
    variables: Variables
    problem: TemplateInvalid | None = None


def page_of(variables: Variables, within: Mapping[str, Within], *, code: Brings = BRINGS_NOTHING) -> Page:
    """Return the questions of a template, or of those within it; each set of variables has its own."""
    each = {key: one.variables for key, one in within.items() if not one.problem} or {"": variables}
    computed = _Computed(each, code)
    before = (CHOICE,) if within else ()
    follows = {name: (*before, *names) for found in each.values() for name, names in _follows(found).items()}
    return Page(
        "",
        "",
        _of_several(within) if within else _schema(variables),
        computed=computed.defaults,
        follows=follows,
        labels=computed.labels if computed.chosen_by_text else None,
        waiting=computed.waiting,
    )


def asked(page: Page) -> list[str]:
    """Return the name of every question that there can be."""
    branches = page.schema.get("dependencies", {}).get(CHOICE, {}).get("oneOf", ())
    named = (name for branch in (page.schema, *branches) for name in branch["properties"])
    return list(dict.fromkeys(named))


def _shown(variables: Variables) -> dict[str, Any]:
    """Return what is asked, in that order: maps come last, as they may be made from all others."""
    shown = [(name, value) for name, value in variables.items() if not name.startswith("_")]
    return dict(sorted(shown, key=lambda one: isinstance(one[1], Mapping)))


def _of_several(within: Mapping[str, Within]) -> Schema:
    """Return the schema of the page: what is asked depends on which of the templates is taken."""
    usable = {key: one for key, one in within.items() if not one.problem}
    branches = []
    for key, one in usable.items():
        own = _schema(one.variables)
        branches.append({**own, "properties": {CHOICE: {"const": key}, **own["properties"]}})
    titles = [one.title for one in usable.values()]
    choice = {"type": "string", "title": "Which template?", "enum": list(usable), "enumNames": titles}
    lost = [f"{key} cannot be used: {one.problem.message}" for key, one in within.items() if one.problem]
    return {
        "type": "object",
        "properties": {CHOICE: {**choice, "description": "; ".join(lost), "default": next(iter(usable))}},
        "dependencies": {CHOICE: {"oneOf": branches}},
    }


def _schema(variables: Variables) -> Schema:
    prompts = variables.get(PROMPTS)
    labels = prompts if isinstance(prompts, Mapping) else {}
    shown = _shown(variables)
    properties = {name: _property(name, value, labels.get(name)) for name, value in shown.items()}
    needed = [name for name, value in shown.items() if value is None]
    return {"type": "object", "properties": properties, "required": needed}


def _property(name: str, value: object, label: object) -> dict[str, Any]:
    """Return the schema of one variable; its JSON value says what kind it is."""
    labels = label if isinstance(label, Mapping) else {}
    text = labels.get("__prompt__", label if isinstance(label, str) else "")
    title = {"title": _plain(str(text))} if text else {}
    match value:
        case bool():
            return {**title, "type": "boolean", "default": value}
        case list() if value:
            choices = [str(choice) for choice in value]
            names = [_plain(str(labels.get(choice, choice))) for choice in choices]
            return {**title, "type": "string", "enum": choices, "enumNames": names, "default": choices[0]}
        case Mapping():
            return {**title, "type": "object", "default": dict(value)}
        case _:
            default = {} if value is None else {"default": str(value)}
            hidden = {"ui:widget": "password"} if _SECRET.search(name) else {}
            return {**title, "type": "string", **hidden, **default}


def _plain(text: str) -> str:
    """Return a text without the marks that give it colour in cookiecutter."""
    return _MARKUP.sub("", text).strip() or text


def _follows(variables: Variables) -> dict[str, tuple[str, ...]]:
    """
    Return for each question those before it that its default is made from, by way of others too, asked or not.

    What is made anew each time follows from nothing.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name, value in {**_simple(variables), **variables}.items():
        text = json.dumps(value) if name[:1] != "_" or name.startswith("__") else ""
        named = [one for one in _NAMED.findall(text) if one in found and not _ANEW.search(text)]
        found[name] = tuple(dict.fromkeys(one for each in named for one in (*found[each], each)))
    asked = _shown(variables)
    return {name: tuple(one for one in found[name] if one in asked) for name in asked}


def _simple(variables: Variables) -> dict[str, Any]:
    """Return what has its value before any map has."""
    return {name: value for name, value in variables.items() if not isinstance(value, Mapping)}


@dataclass(frozen=True, slots=True)
class _Computed:
    """
    Works out what follows from the answers; `each` are the variables of the templates there are, '' is the only one.

    The same answers get the same defaults, also where these are random.
    """

    each: Mapping[str, Variables]
    code: Brings
    _kept: dict[str, Defaults] = field(default_factory=dict)

    def defaults(self, answers: Variables) -> dict[str, Any]:
        """Return the defaults of what is not answered, as far as they are known."""
        taken = self._taken(answers)
        return {**({CHOICE: taken} if taken else {}), **copy.deepcopy(self._found(answers).known)}

    def waiting(self, answers: Variables) -> Mapping[str, str]:
        """Return why the others are not."""
        return self._found(answers).waiting

    def _found(self, answers: Variables) -> Defaults:
        whole = [name for name, value in answers.items() if isinstance(value, Whole)]
        key = json.dumps([answers, whole], sort_keys=True, default=repr)
        if key not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = self._worked_out(answers)
        return self._kept[key]

    def _worked_out(self, answers: Variables) -> Defaults:
        from scaffolder.template.cookiecutter.description import Home
        from scaffolder.template.cookiecutter.offered import computed_defaults

        taken = self._taken(answers)
        tree, places, allowed = self.code
        home = Home(tree, places[taken]) if allowed.extensions else None
        return computed_defaults(self.each[taken], answers, home=home, allowed=allowed)

    def _taken(self, answers: Variables) -> str:
        return str(answers[CHOICE]) if answers.get(CHOICE) in self.each else next(iter(self.each))

    @property
    def chosen_by_text(self) -> bool:
        """Whether an option of a choice is itself a text over other answers."""
        return any(_written(value) for found in self.each.values() for value in _shown(found).values())

    def labels(self, answers: Variables) -> Mapping[str, Sequence[str]]:
        """Return how the options of such choices read after these answers."""
        from scaffolder.template.cookiecutter.offered import rendered_choices

        variables = self.each[self._taken(answers)]
        return rendered_choices(variables, answers, [name for name, value in variables.items() if _written(value)])


def _written(value: object) -> bool:
    return isinstance(value, list) and any(_TAG.search(str(option)) for option in value)
