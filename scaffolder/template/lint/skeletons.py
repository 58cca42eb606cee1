"""Looks at the files that the steps of a Backstage template render."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scaffolder.errors import InvalidInput, did_you_mean
from scaffolder.template.content import LOOKED_AT, is_binary
from scaffolder.template.cookiecutter.binaries import is_text
from scaffolder.template.cookiecutter.press import listed
from scaffolder.template.expressions import has_tags
from scaffolder.template.globs import matcher
from scaffolder.template.language.environment import Dialect
from scaffolder.template.lint import elsewhere
from scaffolder.template.lint.findings import Finding, Spot, error, warning
from scaffolder.template.lint.tags import read
from scaffolder.template.lint.texts import unique
from scaffolder.tree import File, Link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.template.lint.texts import Reading, Use
    from scaffolder.template.source import Resolved

EXPRESSION = re.compile(r"\$\{\{.*?\}\}")
PARAMETER = re.compile(r"\$\{\{\s*parameters(?:\.(\w+)|\[['\"](\w+)['\"]\])\s*\}\}")
GITHUB = re.compile(r"\$\{\{[^}]*\b(?:github|secrets|env|matrix|inputs|needs|steps)\.")
MOST_CHOICES = 200
Choices = Mapping[str, list[str]]
"""Parameters that are chosen from a list, and the list."""
RENDERING = frozenset({"fetch:template", "fetch:template:file"})
TAG = re.compile(rb"\$\{\{|\{%|\{#|#\}")
COMPATIBLE_TAG = re.compile(rb"\{\{|\{%|\{#|#\}")


@dataclass(frozen=True, slots=True)
class Fetch:
    """
    A step that renders files: from where, how, and with which values (None: with any).

    `number` is the step's, counted from 0.
    """

    number: int
    action: str
    url: str
    values: Mapping[str, Any] | None
    dialect: Dialect
    suffix: str
    copied: tuple[str, ...]

    @classmethod
    def of(cls, number: int, action: str, given: Mapping[str, Any]) -> Fetch:
        """Return what a step's input asks for."""
        values = given.get("values", {})
        suffix = given.get("templateFileExtension", "")
        return cls(
            number,
            action,
            str(given.get("url", "")),
            values if isinstance(values, dict) else None,
            Dialect(
                cookiecutter=given.get("cookiecutterCompat") is True,
                trim_blocks=given.get("trimBlocks") is True,
                lstrip_blocks=given.get("lstripBlocks") is True,
            ),
            ".njk" if suffix is True else f".{suffix.removeprefix('.')}" if isinstance(suffix, str) and suffix else "",
            tuple(str(one) for one in given.get("copyWithoutTemplating") or () if isinstance(one, str)),
        )

    @property
    def root(self) -> str:
        """The name that the values have in the files."""
        return "cookiecutter" if self.dialect.cookiecutter else "values"


def candidates(resolved: Resolved, url: str, choices: Choices) -> list[str]:
    """
    Return the paths in the repository that a relative `url` can mean, for any of the choices that it names.

    None are returned where it can mean anything.

    Raises:
        InvalidInput: It means nothing.
    """
    found = [one for text in _written_out(url, choices) for one in _matching(resolved, text, directories=text != url)]
    return list(dict.fromkeys(found))


def _written_out(url: str, choices: Choices) -> list[str]:
    """Return a `url` with every choice in the place of its parameter."""
    for expression in PARAMETER.finditer(url):
        if options := choices.get(expression[1] or expression[2]):
            rest = [url.replace(expression[0], option) for option in options]
            return [text for one in rest for text in _written_out(one, choices)][:MOST_CHOICES]
    return [url]


def _matching(resolved: Resolved, url: str, *, directories: bool) -> list[str]:
    if not has_tags(url):
        if not directories:
            resolved.fetch(url)
        path = _normal(posixpath.join(resolved.directory, url))
        return [path] if path in listed(resolved.root) else []
    pieces = EXPRESSION.split(_normal(posixpath.join(resolved.directory, url)))
    if not re.search(r"\w", EXPRESSION.sub("", url)):
        return []
    wanted = re.compile("[^/]+".join(map(re.escape, pieces)))
    return [path for path in listed(resolved.root) if wanted.fullmatch(path)]


def _normal(path: str) -> str:
    found = posixpath.normpath(path)
    return "" if found == "." else found


@dataclass(slots=True)
class Skeletons:
    """
    What is rendered, and what it says: `readings` maps a path of the repository and a dialect to a text that was read.

    `remote`: files from elsewhere are rendered, too, and nobody has looked at them.
    """

    resolved: Resolved
    choices: Choices
    readings: dict[tuple[str, Dialect], Reading] = field(default_factory=dict)
    names: dict[str, Reading] = field(default_factory=dict)
    remote: bool = False

    def findings(self, fetches: list[Fetch], parameters: frozenset[str] | None) -> Iterator[Finding]:
        """Yield what is wrong in files; `parameters` are those that may be handed on as values, None: any."""
        groups: dict[tuple[str, Dialect], list[Fetch]] = {}
        for fetch in fetches:
            for path in self.paths(fetch):
                groups.setdefault((path, fetch.dialect), []).append(fetch)
        for (path, _), several in groups.items():
            yield from self._group(path, several, parameters)

    def paths(self, fetch: Fetch) -> list[str]:
        """Return the files or directories that a step renders."""
        try:
            found = [] if "://" in fetch.url else candidates(self.resolved, fetch.url, self.choices)
        except InvalidInput:
            found = []  # which is said where the step is
        self.remote = self.remote or not found
        return found

    def entries(self, path: str) -> list[str]:
        """Return everything at and below a path, which is itself left out when it is a directory."""
        root = self.resolved.root
        if isinstance(root.get(path), File):
            return [path]
        below = f"{path}/" if path else ""
        return [one for one in listed(root) if one.startswith(below) and one != path]

    def _group(self, top: str, fetches: list[Fetch], parameters: frozenset[str] | None) -> Iterator[Finding]:
        """Look at a skeleton that several steps may render."""
        first = fetches[0]
        excluded = matcher(first.copied)
        known = _known(fetches, parameters)
        shared = not top.startswith(self.resolved.directory)
        for path in self.entries(top):
            node = self.resolved.root.get(path)
            inside = path.removeprefix(f"{top}/") if top else path
            if first.action != "fetch:template:file":
                yield from self._name(path, known, first)
            if isinstance(node, Link) and _leads_out(path, node.target, top):
                message = f"it leads to {node.target}, outside of what is fetched, and is left out"
                yield warning("link", Spot(path), message)
            if isinstance(node, File) and not excluded(inside) and (not first.suffix or path.endswith(first.suffix)):
                yield from self._body(path, node.data, known, first, shared=shared)

    def _name(self, path: str, known: frozenset[str] | None, fetch: Fetch) -> Iterator[Finding]:
        name = path.rpartition("/")[2]
        if not has_tags(name, compatible=fetch.dialect.cookiecutter):
            return
        reading = self.names[path] = read(name, fetch.dialect)
        for mistake in reading.mistakes:
            yield error("syntax", Spot(path), f"its name: {mistake.message}")
        yield from _undefined(reading, known, fetch, lambda _use: Spot(path), shared=False)

    def _body(
        self, path: str, data: bytes, known: frozenset[str] | None, fetch: Fetch, *, shared: bool
    ) -> Iterator[Finding]:
        tag = (COMPATIBLE_TAG if fetch.dialect.cookiecutter else TAG).search(data)
        if tag is None:
            return
        try:
            source = data.decode()
        except UnicodeDecodeError as wrong:
            if not is_binary(data):
                yield _not_utf8(Spot(path, data[: wrong.start].count(b"\n") + 1), early=tag.start() < LOOKED_AT)
            return
        if is_binary(data):
            if is_text(data):
                message = "it is text with tags, and is copied as if it were binary: by its first bytes"
                hint, line = (
                    "list it under copyWithoutTemplating if that is meant",
                    data[: tag.start()].count(b"\n") + 1,
                )
                yield warning("text-as-binary", Spot(path, line), message, hint)
            return
        yield from self._text(path, source, known, fetch, shared=shared)

    def _text(
        self, path: str, source: str, known: frozenset[str] | None, fetch: Fetch, *, shared: bool
    ) -> Iterator[Finding]:
        reading = self.readings[path, fetch.dialect] = read(source, fetch.dialect)
        for message, at, column in reading.mistakes:
            shown = source.split("\n")[at - 1 : at]  # the end of a file may be after its last line
            github = GITHUB.search("".join(shown))
            hint = "an expression of GitHub Actions belongs between {% raw %} and {% endraw %}" if github else ""
            yield error("github-expression" if github else "syntax", Spot(path, at, column), message, hint)
        for message, at, column in reading.oddities:
            yield warning("misread", Spot(path, at, column), message)
        yield from _undefined(reading, known, fetch, lambda use: Spot(path, *reading.place(use)), shared=shared)


def _not_utf8(spot: Spot, *, early: bool) -> Finding:
    """Say what becomes of text that is not UTF-8; `early`: a tag in it is found."""
    found, outcome = (error, "cannot be rendered") if early else (warning, "is copied as it is")
    message = f"it looks like text with tags, but is not UTF-8, and {outcome}"
    return found("binary-as-text", spot, message, "save it as UTF-8, or list it under copyWithoutTemplating")


def _leads_out(path: str, target: str, top: str) -> bool:
    to = posixpath.normpath(posixpath.join("/", posixpath.dirname(path), target))
    return target.startswith("/") or not f"{to}/".startswith(f"/{top}/" if top else "/")


def _known(fetches: list[Fetch], parameters: frozenset[str] | None) -> frozenset[str] | None:
    """Return the values that any of the steps hands over, None when they are not known."""
    known: frozenset[str] = frozenset()
    for fetch in fetches:
        if fetch.values is None:
            if parameters is None:
                return None
            known |= parameters
        else:
            known |= fetch.values.keys()
    return known


def _undefined(
    reading: Reading, known: frozenset[str] | None, fetch: Fetch, spot: Any, *, shared: bool
) -> Iterator[Finding]:
    """Yield what is named and not handed over; whether it is there may be asked where others use the skeleton, too."""
    named = [use for use in reading.uses if use.path[0] == fetch.root and use.path[1:]]
    others = [use for use in reading.uses if use.path[0] != fetch.root]
    from_form = [use for use in others if use.path[0] in {"parameters", "user", "context"} and not use.guarded]
    for use in unique(from_form, 2):
        message = f"{'.'.join(use.path)} is not known in files, and renders to nothing"
        yield warning("undefined", spot(use), message, f"hand it over: values of the step, then {fetch.root}.NAME here")
    strangers = [use for use in others if use.path[0] not in {"parameters", "user", "context"}]
    yield from elsewhere.strangers(strangers, spot, fails=False, copied="copyWithoutTemplating")
    if known is None:
        return

    def matters(use: Use) -> bool:
        """What stands in a condition on what is not there is never reached."""
        reached = all(path[0] != fetch.root or path[1:2] == () or path[1] in known for path in use.within)
        return reached and not use.guarded and not (shared and use.asked)

    for use in unique(filter(matters, named), 2):
        if use.path[1] not in known:
            message = f"{fetch.root}.{use.path[1]} is not among the step's values, and renders to nothing"
            yield warning("undefined", spot(use), message, did_you_mean(use.path[1], known))
