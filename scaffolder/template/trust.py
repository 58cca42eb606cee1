"""
What a template wants to run on this machine, and what of it a person allows.

Rendering runs nothing: it is done in a sandbox. A cookiecutter template may bring code beside it: scripts that are run
before and after (hooks), and Python modules that rendering loads (extensions). Neither is touched unless it is allowed.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from scaffolder.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scaffolder.template.manifest import Template
    from scaffolder.template.source import Resolved

MOST_LINES: Final = 6
FETCH: Final = "fetch:cookiecutter"
WORDS: Final = {"all": (True, True), "extensions": (False, True), "none": (False, False)}
"""What a task keeps of a decision: whether hooks run, and whether extensions are loaded."""


class Allowed(NamedTuple):
    """What of a template's code may run; `decided` tells that somebody has said so."""

    hooks: bool = False
    extensions: bool = False
    decided: bool = False

    @classmethod
    def of(cls, word: str) -> Self:
        """Return what a word of `WORDS` means; any other allows nothing, and nobody has decided."""
        return cls(*WORDS[word], decided=True) if word in WORDS else cls()


NOTHING: Final = Allowed()


class Wanted(NamedTuple):
    """
    The code of one template: its hooks by their paths in it, in their order, and its extensions by their names.

    `source` and `version` say whose code it is, exactly.
    """

    source: str = ""
    version: str = ""
    hooks: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.hooks or self.extensions)

    def lines(self) -> tuple[str, ...]:
        """Say in plain words what would run, a line each; of many templates within, only one's scripts are run."""
        own = [path for path in self.hooks if path.count("/") == 1]
        within = [path for path in self.hooks if path not in own]
        hooks = map(_hook_in_words, self.hooks) if len(within) <= MOST_LINES else _in_words(own, within)
        return (*hooks, *map(_extension_in_words, self.extensions))


class TrustNeeded(InvalidInput):
    """A template wants to run code, and nobody has said whether it may."""

    def __init__(self, wanted: Wanted) -> None:
        super().__init__(
            f"the template wants to run its own code on this machine: {wanted.source} {wanted.version}".rstrip(),
            hint="allow it: --trust   or go on without: --no-hooks   or name its source in scaffolder.trust; "
            "to read it: scaffolder template show … --code",
            details=wanted.lines(),
        )


_WHEN: Final = {
    "pre_prompt": "before the questions",
    "pre_gen_project": "before the files are made",
    "post_gen_project": "after the files are made",
}

_ORDER: Final = {kind: number for number, kind in enumerate(_WHEN)}


def _kind(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0]


def _hook_in_words(path: str) -> str:
    return f"{path} is run {_WHEN.get(_kind(path), 'as well')}"


def _in_words(own: Iterable[str], within: Iterable[str]) -> Iterator[str]:
    yield from map(_hook_in_words, own)
    places = list(dict.fromkeys(map(posixpath.dirname, within)))
    more = f" and {len(places) - 2} more" if len(places) > 2 else ""  # noqa: PLR2004 - two are named
    yield f"of the template within that is chosen, its scripts are run: {', '.join(places[:2])}{more}"


def _extension_in_words(name: str) -> str:
    return f"{name} is loaded to render the files"


def wanted(resolved: Resolved, template: Template) -> Wanted:
    """Return the code that a template brings, wherever its steps can reach it; nothing of it is run or loaded."""
    extensions = template.extensions if template.dialect == "cookiecutter" else _of_steps(template)
    source = resolved.source
    exactly = source.commit[:12] or source.digest[:19]
    version = f"{source.version} ({exactly})" if source.version else exactly
    hooks = sorted(template.hooks, key=lambda path: _ORDER.get(_kind(path), len(_ORDER)))
    return Wanted(resolved.place, version, tuple(hooks), tuple(dict.fromkeys(extensions)))


def _of_steps(template: Template) -> list[str]:
    """Return the extensions that steps name. What they fetch is the content of a project: it has no hooks."""
    from collections.abc import Mapping

    inputs = [step.input for step in template.steps if step.action == FETCH and isinstance(step.input, Mapping)]
    named = [name for value in inputs for name in listed_extensions(value.get("extensions"))]
    if not named:
        return []
    from scaffolder.template.cookiecutter.dialect import foreign

    return foreign(named)


def listed_extensions(given: object) -> list[object]:
    """Return `_extensions` as a list."""
    if not given:
        return []
    return list(given) if isinstance(given, list) else [given]
