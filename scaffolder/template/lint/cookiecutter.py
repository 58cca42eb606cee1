"""
Looks at a template of cookiecutter: each text in any of its branches, names, defaults and hooks.

Templates within a template are looked at on their own, each with its variables.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import InvalidInput, did_you_mean
from scaffolder.template.cookiecutter import binaries
from scaffolder.template.cookiecutter.context import PROMPTS, Origin
from scaffolder.template.cookiecutter.description import (
    BEFORE_QUESTIONS,
    hooks_of,
    may_be_made,
    nested,
    project_directory,
    read_variables,
)
from scaffolder.template.cookiecutter.dialect import dialect_of, foreign
from scaffolder.template.cookiecutter.press import COPIED, listed
from scaffolder.template.lint import elsewhere, hooks
from scaffolder.template.lint.findings import Finding, Spot, error, warning
from scaffolder.template.lint.jinja import METHODS, ROOTS, Reader
from scaffolder.template.lint.outline import Outline, texts_in
from scaffolder.template.lint.texts import line_and_column, mention, unique
from scaffolder.template.manifest import COOKIECUTTER_FILE
from scaffolder.tree import File

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffolder.template.cookiecutter.dialect import Dialect
    from scaffolder.template.lint.texts import Reading
    from scaffolder.tree import Tree

ROOT: Final = "cookiecutter"
INCLUDED: Final = "templates/"
"""Where files lie that others include."""
GIVEN: Final = frozenset({*Origin().variables(), "template", "templates"})
"""Variables that every template has."""


def look(tree: Tree, home: str, *, extra: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """Yield what is found in the template of a directory; `extra` variables are given to it besides its own."""
    seen, waiting = set[str](), [home]
    while waiting:
        here = waiting.pop(0)
        if here in seen:
            continue
        seen.add(here)
        own = tree.under(here)
        file = posixpath.join(here, COOKIECUTTER_FILE)
        try:
            variables = read_variables(tree, here, file=file)
            within = nested(variables)
        except InvalidInput as wrong:
            yield invalid(wrong, file)
            continue
        if within:
            yield from _before_questions(tree, here)
            waiting += [posixpath.normpath(posixpath.join(here, path)) for path in within.values() if path]
            continue
        try:
            yield from _Look(own, here, variables, extra).findings()
        except InvalidInput as wrong:
            yield invalid(wrong, file)


def _before_questions(tree: Tree, home: str) -> Iterator[Finding]:
    """Yield what the hook calls that runs before it is asked which of several templates to take."""
    for path, data in hooks_of(tree, home).items():
        if PurePosixPath(path).stem == BEFORE_QUESTIONS and data is not None:
            yield from hooks.look(posixpath.join(home, path), data.decode("utf-8", "replace"))


def invalid(wrong: InvalidInput, file: str, spot: Spot | None = None) -> Finding:
    """Return a complaint about a template's description as a finding."""
    place = wrong.place
    message = wrong.message.removeprefix(f"{place}: ") if place else wrong.message
    line = place.line if place and place.line else 1
    return error("template-invalid", spot or Spot(file, line), message, wrong.hint)


@dataclass(slots=True)
class _Look:
    """One template, and what its texts have been found to say, by their paths."""

    own: Tree
    home: str
    variables: Mapping[str, Any]
    extra: frozenset[str]
    readings: dict[str, Reading] = field(default_factory=dict)
    reader: Reader = field(init=False)
    dialect: Dialect = field(init=False)
    outline: Outline = field(init=False)

    def __post_init__(self) -> None:
        wanted = self.variables.get("_extensions") or []
        names = wanted if isinstance(wanted, list) else [wanted]
        strange = foreign(names)
        self.dialect = dialect_of({**self.variables, "_extensions": [one for one in names if str(one) not in strange]})
        self.reader = Reader(self.dialect, foreign=bool(strange))
        self.outline = Outline(self._shown(COOKIECUTTER_FILE), self.own.text(COOKIECUTTER_FILE) or "")

    def _shown(self, path: str) -> str:
        return posixpath.join(self.home, path)

    def findings(self) -> Iterator[Finding]:
        """Yield all that is found."""
        try:
            project = project_directory(self.own)
        except InvalidInput as wrong:
            if not may_be_made(self.own):
                yield invalid(wrong, self._shown(COOKIECUTTER_FILE))
            return  # what a hook makes is not known
        yield from self._defaults()
        paths = [path for path in listed(self.own) if path == project or path.startswith(f"{project}/")]
        yield from self._names(paths)
        for path in paths:
            node = self.own.get(path)
            inside = path.removeprefix(f"{project}/")
            if isinstance(node, File) and not self._is_copied(inside) and not self._is_left_out(inside):
                yield from self._body(path, node.data)
        for path in sorted(self.own):
            node = self.own[path]
            if isinstance(node, File) and path.startswith(INCLUDED):
                yield from self._text(path, node.data)
        yield from self._hooks()
        yield from self._unused()
        yield from elsewhere.missing(paths, Spot(self._shown(COOKIECUTTER_FILE), 1), self.own)

    def _is_copied(self, path: str) -> bool:
        patterns = [str(one) for one in self.variables.get(COPIED) or ()]
        above = [path]
        while above[-1]:
            above.append(posixpath.dirname(above[-1]))
        return any(fnmatch.fnmatch(one, pattern) for one in above[:-1] for pattern in patterns)

    def _is_left_out(self, path: str) -> bool:
        """Tell whether a name is one variable that nobody is asked for and that is empty: others use such a file."""
        start, end = map(re.escape, self.dialect.marks)
        alone = re.compile(rf"{start}\s*{ROOT}\.(_\w+)\s*{end}")
        names = (alone.fullmatch(part) for part in path.split("/"))
        return any(found is not None and self.variables.get(found[1]) == "" for found in names)

    # -- texts

    def _body(self, path: str, data: bytes) -> Iterator[Finding]:
        """Look at a file that is rendered, if it is."""
        tagged = binaries.TAGS.search(data) is not None if self.dialect.plain else True
        text = binaries.is_text(data)
        if binaries.is_binary(path, data):
            if tagged and text and binaries.TAGS.search(data):
                line = data[: binaries.TAGS.search(data).start()].count(b"\n") + 1  # type: ignore[union-attr] # it was found
                yield warning(
                    "text-as-binary",
                    Spot(self._shown(path), line),
                    "it is text with tags, and is copied as if it were binary: by its extension or its first bytes",
                    f"list it under {COPIED}, or give it another name",
                )
            return
        if tagged and not text:
            yield from self._not_text(path, data)
            return
        if tagged:
            yield from self._text(path, data)

    def _not_text(self, path: str, data: bytes) -> Iterator[Finding]:
        try:
            data.decode()
        except UnicodeDecodeError as wrong:
            tag = binaries.TAGS.search(data)
            if tag:
                line = data[: wrong.start].count(b"\n") + 1
                message = "it looks like text and has what looks like tags, but is not UTF-8"
                yield error(
                    "binary-as-text",
                    Spot(self._shown(path), line),
                    message,
                    f"list it under {COPIED}, or save it as UTF-8",
                )
        else:
            yield from self._text(path, data)

    def _text(self, path: str, data: bytes) -> Iterator[Finding]:
        try:
            source = data.decode().replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            return
        yield from self._said(path, source)

    def _said(self, path: str, source: str) -> Iterator[Finding]:
        """Read a text, and yield what is wrong with it."""
        if not self.dialect.begins_in(source):
            return
        reading = self.readings[path] = self.reader.read(source)
        shown = self._shown(path)
        for message, line, column in reading.mistakes:
            yield error("syntax", Spot(shown, line, column), message)
        yield from self._undefined(
            reading, lambda use: Spot(shown, *reading.place(use)), alone=path.startswith(INCLUDED)
        )
        for name in self.reader.included(source):
            if not self._can_be_included(name):
                at = mention(source, (name,), 0) if name.isidentifier() else source.find(name)
                message = f"{name} is not there to be included"
                yield error("include-missing", Spot(shown, *line_and_column(source, at or 0)), message)

    def _can_be_included(self, name: str) -> bool:
        parts = [part for part in name.split("/") if part not in {"", "."}]
        path = "/".join(parts)
        return f"{INCLUDED}{path}" in self.own or any(found.endswith(f"/{path}") for found in self.own)

    def _undefined(self, reading: Reading, spot: Any, *, alone: bool = False) -> Iterator[Finding]:
        """Yield what a text names and nothing defines; in what is included, others may have defined it."""
        strangers = [use for use in reading.uses if use.path[0] not in ROOTS]
        if not alone and not self.reader.foreign:
            yield from elsewhere.strangers(strangers, spot, fails=True)
        known = {*self.variables, *GIVEN, *self.extra}
        named = [use for use in reading.uses if use.path[0] == ROOT and len(use.path) > 1 and not use.guarded]
        for use in unique(named, 2):
            name = use.path[1]
            if name not in known and name not in METHODS:
                message = f"cookiecutter.{name} is not defined"
                yield error("undefined", spot(use), message, did_you_mean(name, known))

    # -- names, defaults, hooks

    def _names(self, paths: list[str]) -> Iterator[Finding]:
        unchecked = self._unchecked()
        for path in paths:
            name = path.rpartition("/")[2]
            if not self.dialect.begins_in(name):
                continue
            reading = self.readings[f"{path}\0"] = self.reader.read(name)
            spot = Spot(self._shown(path))
            for message, _, _ in reading.mistakes:
                yield error("syntax", spot, f"its name: {message}")
            yield from self._undefined(reading, lambda _use, spot=spot: spot)
            for use in reading.uses:
                if use.printed and use.path[0] == ROOT and use.path[1:] and (asked := unchecked.pop(use.path[1], "")):
                    yield warning(
                        "unchecked-path",
                        self.outline.spot(use.path[1], key=True),
                        f"its answer becomes part of a path ({name}), and nothing checks it"
                        + (f": {use.path[1]} is made from {asked}" if asked != use.path[1] else ""),
                        "offer choices, or let hooks/pre_gen_project refuse what is no name",
                    )

    def _unchecked(self) -> dict[str, str]:
        """Return the variables that anybody can answer with anything, and by which question."""
        checks = "\n".join(
            self.own.text(path) or "" for path in hooks_of(self.own) if "pre_" in path.rpartition("/")[2]
        )
        return {
            name: name
            for name, value in self.variables.items()
            if not name.startswith("_")
            and isinstance(value, str | int | float)
            and not isinstance(value, bool)
            and not re.search(rf"\b{re.escape(name)}\b", checks)
        }

    def _defaults(self) -> Iterator[Finding]:
        for name, value in self.variables.items():
            if name == PROMPTS or (name.startswith("_") and not name.startswith("__")):
                continue
            for where, text in texts_in(value, (name,), keys=True):
                if not self.dialect.begins_in(text):
                    continue
                reading = self.readings[f"{COOKIECUTTER_FILE}\0{'/'.join(map(str, where))}"] = self.reader.read(text)
                for message, _, _ in reading.mistakes:
                    yield error("syntax", self.outline.spot(*where), message)
                yield from self._undefined(reading, lambda use, where=where: self.outline.mention(where, use.path))
                yield from self._later(name, where, reading)

    def _later(self, name: str, where: tuple[str | int, ...], reading: Reading) -> Iterator[Finding]:
        """A default can name only what stands before it; maps come after everything."""
        if isinstance(self.variables[name], dict):
            return
        order = [one for one, value in self.variables.items() if not isinstance(value, dict) or one.startswith("_")]
        later = set(order[order.index(name) :]) | (self.variables.keys() - set(order))
        for use in unique([use for use in reading.uses if use.path[0] == ROOT and use.path[1:]], 2):
            if use.path[1] in later and not use.guarded:
                own = use.path[1] == name
                why = "this is its own default" if own else f"it stands after {name}"
                message = f"cookiecutter.{use.path[1]} has no value yet here: {why}"
                out = "say a value" if own else "change their order"
                yield error("undefined", self.outline.mention(where, use.path), message, out)

    def _hooks(self) -> Iterator[Finding]:
        for path in hooks_of(self.own):
            text = self.own.text(path)
            if text is not None:
                yield from hooks.look(self._shown(path), text)
                if not path.rpartition("/")[2].startswith("pre_prompt"):  # which is not rendered
                    yield from self._said(path, text)

    def _unused(self) -> Iterator[Finding]:
        for name in self.variables:
            if name in GIVEN or name == PROMPTS or (name.startswith("_") and not name.startswith("__")):
                continue
            mine = f"{COOKIECUTTER_FILE}\0{name}"
            others = (one for key, one in self.readings.items() if key != mine and not key.startswith(f"{mine}/"))
            if not any(reading.names(root, name) for reading in others for root in ROOTS):
                yield warning("unused", self.outline.spot(name, key=True), f"nothing in the template uses {name}")
