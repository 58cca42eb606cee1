"""
Looks at a template without rendering it, and tells what is wrong in any of its branches, with file and line.

What is right is not complained about: where something cannot be known without answers, it is taken to be right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.template.lint.findings import Finding, Severity, Spot
from scaffolder.template.manifest import COOKIECUTTER_FILE

if TYPE_CHECKING:
    from scaffolder.template.lint.subject import Shapes
    from scaffolder.template.source import Resolved

__all__ = ["Finding", "Severity", "Spot", "lint"]


def lint(resolved: Resolved, shapes: Shapes) -> list[Finding]:
    """Return what is found, by file and line; `shapes` knows the actions that a step can use."""
    if resolved.manifest == COOKIECUTTER_FILE:
        from scaffolder.template.lint.cookiecutter import look

        found = look(resolved.root, resolved.directory)
    else:
        from scaffolder.template.lint.backstage import look as look_at_steps

        found = look_at_steps(resolved, shapes)
    return sorted(set(found), key=lambda one: (one.spot, one.code, one.message))
