"""
What a template says about itself: `template.yaml`, or `cookiecutter.json` alone.

Both become one `Template`: pages of questions, and steps. Nothing is rendered here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from scaffolder.errors import Place
from scaffolder.template.errors import TemplateInvalid
from scaffolder.template.expressions import ABSENT
from scaffolder.template.trust import NOTHING, Allowed

if TYPE_CHECKING:
    from scaffolder.template.source import Resolved

TEMPLATE_FILE: Final = "template.yaml"
COOKIECUTTER_FILE: Final = "cookiecutter.json"
API_VERSIONS: Final = frozenset({"scaffolder.backstage.io/v1beta3"})
NO_DEFAULTS: Final[Mapping[str, Any]] = MappingProxyType({})
_NUMBERED = re.compile(r"\d+(?:\.\d+)*(?:[-+.].*)?")
VERSION_ANNOTATION: Final = "backstage.io/template-version"


class Step(NamedTuple):
    """One step, as written; `if_` and `each` are ABSENT unless they stand there."""

    id: str
    name: str
    action: str
    input: Any
    if_: Any = ABSENT
    each: Any = ABSENT


class Page(NamedTuple):
    """
    Questions asked together: one JSON Schema of an object.

    Where defaults are themselves templates over answers (cookiecutter's way), `computed` returns them for the answers,
    `follows` names the parameters that each default is made from, and `labels` returns how options read; `waiting`
    returns why a default is not known yet, '' where the parameter has none.
    """

    title: str
    description: str
    schema: Mapping[str, Any]
    computed: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None
    follows: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    labels: Callable[[Mapping[str, Any]], Mapping[str, Sequence[str]]] | None = None
    waiting: Callable[[Mapping[str, Any]], Mapping[str, str]] | None = None


class Template(NamedTuple):
    """
    A golden path, as its author describes it.

    `hooks` names the scripts a cookiecutter template wants to run; `extensions` the Python code that it wants to bring
    into the rendering; `within` the templates that it holds, and their directories.
    """

    name: str
    title: str
    description: str
    tags: tuple[str, ...]
    owner: str
    type: str
    version: str
    dialect: Literal["backstage", "cookiecutter"]
    pages: tuple[Page, ...]
    steps: tuple[Step, ...]
    output: Any
    document: Mapping[str, Any]
    hooks: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    within: Mapping[str, str] = MappingProxyType({})


def spoken(version: str) -> str:
    """Return a version as people say it, with a 'v': a tag may have one already, and a branch has none."""
    return f"v{version}" if _NUMBERED.fullmatch(version) else version


def load(resolved: Resolved, *, defaults: Mapping[str, Any] = NO_DEFAULTS, allowed: Allowed = NOTHING) -> Template:
    """
    Read the description of a template; `defaults` are a person's own, for variables of a cookiecutter template.

    What is `allowed` of its code may be loaded when a default is worked out.

    Raises:
        TemplateInvalid: It is missing, malformed or breaks a rule; file and line are named where known.
    """
    from scaffolder.tree import File

    if resolved.manifest == COOKIECUTTER_FILE:
        from scaffolder.template.cookiecutter import manifest_of

        return manifest_of(resolved, defaults=defaults, allowed=allowed)
    from scaffolder.template.yaml_reader import read_document

    node = resolved.tree.get(resolved.manifest)
    if not isinstance(node, File):
        msg = f"{resolved.place} has neither {TEMPLATE_FILE} nor {COOKIECUTTER_FILE}"
        raise TemplateInvalid(msg, hint="name the directory that holds one of them (--directory)")
    file = resolved.shown(resolved.manifest)
    document = read_document(node.data, file)
    if b"$" in node.data:
        from scaffolder.template.included import with_parts

        document = with_parts(document, resolved)
    return _Reader(file).template(document, version=resolved.source.version)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Takes a document apart; every complaint names the file and the field."""

    file: str

    def template(self, document: object, *, version: str) -> Template:
        whole = self._mapping(document, "")
        if whole.get("apiVersion") not in API_VERSIONS or whole.get("kind") != "Template":
            wanted = f"a template has apiVersion: {min(API_VERSIONS)} and kind: Template"
            where = "apiVersion"
            raise self._wrong(where, wanted)
        metadata = self._mapping(whole.get("metadata"), "metadata")
        spec = self._mapping(whole.get("spec"), "spec")
        annotations = self._mapping(metadata.get("annotations") or {}, "metadata.annotations")
        name = self._text(metadata.get("name"), "metadata.name")
        return Template(
            name=name,
            title=self._text(metadata.get("title", name), "metadata.title"),
            description=self._text(metadata.get("description") or "", "metadata.description"),
            tags=tuple(self._text(tag, "metadata.tags") for tag in self._list(metadata.get("tags"), "metadata.tags")),
            owner=self._text(spec.get("owner") or "", "spec.owner"),
            type=self._text(spec.get("type") or "", "spec.type"),
            version=self._text(
                annotations.get(VERSION_ANNOTATION, version), f"metadata.annotations.{VERSION_ANNOTATION}"
            ),
            dialect="backstage",
            pages=self._pages(spec.get("parameters")),
            steps=self._steps(spec.get("steps")),
            output={} if spec.get("output") is None else spec["output"],
            document=whole,
        )

    def _pages(self, value: object) -> tuple[Page, ...]:
        pages = [value] if isinstance(value, Mapping) else self._list(value, "spec.parameters")
        return tuple(self._page(page, f"spec.parameters[{number}]") for number, page in enumerate(pages))

    def _page(self, value: object, where: str) -> Page:
        schema = self._mapping(value, where)
        self._mapping(schema.get("properties") or {}, f"{where}.properties")
        for name, definition in (schema.get("properties") or {}).items():
            self._mapping(definition, f"{where}.properties.{name}")
        self._list(schema.get("required") if not isinstance(schema.get("required"), bool) else [], f"{where}.required")
        title = self._text(schema.get("title") or "", f"{where}.title")
        return Page(title, self._text(schema.get("description") or "", f"{where}.description"), schema)

    def _steps(self, value: object) -> tuple[Step, ...]:
        return tuple(self._step(step, number) for number, step in enumerate(self._list(value, "spec.steps"), 1))

    def _step(self, value: object, number: int) -> Step:
        where = f"spec.steps[{number - 1}]"
        step = self._mapping(value, where)
        action = self._text(step.get("action"), f"{where}.action")
        return Step(
            id=self._text(step.get("id", f"step-{number}"), f"{where}.id"),
            name=self._text(step.get("name", action), f"{where}.name"),
            action=action,
            input=self._input(step.get("input") or {}, f"{where}.input"),
            if_=step.get("if", ABSENT),
            each=step.get("each", ABSENT),
        )

    def _input(self, value: object, where: str) -> Mapping[str, Any] | str:
        """Return an input: a text is an expression, which may give all of it."""
        return value if isinstance(value, str) else self._mapping(value, where)

    def _mapping(self, value: object, where: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        raise self._wrong(
            where, "an object (keys and values) is expected here" if value is not None else "this is missing"
        )

    def _list(self, value: object, where: str) -> list[Any]:
        if value is None:
            return []
        if isinstance(value, list):
            return value
        raise self._wrong(where, "a list is expected here")

    def _text(self, value: object, where: str) -> str:
        if isinstance(value, str):
            return value
        if value is None:
            raise self._wrong(where, "this is missing")
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return str(value)
        raise self._wrong(where, "a text is expected here")

    def _wrong(self, where: str, reason: str) -> TemplateInvalid:
        return TemplateInvalid(reason, place=Place(self.file, field=where))
