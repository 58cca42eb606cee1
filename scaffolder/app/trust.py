"""
Whether a template's own code may run: asked once, before anything else, or answered beforehand.

What is said for one run comes first (`--trust`, `--no-hooks`), then the sources that the person trusts in the settings.
A joined company's settings trust nobody: that is for each person's own to say.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from scaffolder.template.trust import WORDS, TrustNeeded, wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scaffolder.settings import Settings
    from scaffolder.template.manifest import Template
    from scaffolder.template.source import Resolved
    from scaffolder.template.trusted import Trusted

NO_HOOKS: Final = "no-hooks"
"""Said of one run: the hooks are left out, whoever is trusted."""


def said(*, trust: bool, no_hooks: bool) -> str:
    """Return what the options of a command say, '' for nothing."""
    if trust:
        return "extensions" if no_hooks else "all"
    return NO_HOOKS if no_hooks else ""


def trusted_sources(settings: Settings) -> tuple[Trusted, ...]:
    """Return the sources that the person trusts."""
    if not settings.profile:
        return settings.trust
    from scaffolder.settings import of_person

    return of_person(os.environ).trust


def settled(resolved: Resolved, template: Template, word: str, *, trusted: Callable[[], Iterable[Trusted]]) -> str:
    """
    Return what becomes of a template's code, a word of `WORDS`; '' when it brings none.

    Raises:
        TrustNeeded: It brings some, and nobody has said.
    """
    found = wanted(resolved, template)
    if not found:
        return ""
    if word in WORDS:
        return word
    if word == NO_HOOKS and not found.extensions:
        return "none"
    holds = _is_held(resolved, trusted)
    if word == NO_HOOKS:
        return "extensions" if holds else "none"
    if not holds:
        raise TrustNeeded(found)
    return "all"


def is_trusted(resolved: Resolved, settings: Settings) -> bool:
    """Tell whether the person trusts where a template comes from, or it is one of ours."""
    return _is_held(resolved, lambda: trusted_sources(settings))


def _is_held(resolved: Resolved, trusted: Callable[[], Iterable[Trusted]]) -> bool:
    return _is_shipped(resolved) or any(one.holds(resolved.source) for one in trusted())


def _is_shipped(resolved: Resolved) -> bool:
    from scaffolder.template.source import GOLDEN_PATH

    return resolved.source.location == GOLDEN_PATH


def after_pre_prompt(resolved: Resolved, tell: Callable[[str], None]) -> Resolved:
    """Return a template as its hook leaves it that is run before the questions; the digest is that of the result."""
    from scaffolder.template.cookiecutter import Code, hooks

    with hooks.bench(Code(tell=tell)) as private:
        root = hooks.after_pre_prompt(resolved.root, private, directory=resolved.directory)
    if root is resolved.root:
        return resolved
    return resolved._replace(source=resolved.source._replace(digest=root.digest()), root=root)
