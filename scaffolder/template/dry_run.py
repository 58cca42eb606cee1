"""
A cookiecutter template tried out: its files are written to a directory, and nothing else happens.

The result is the template's own output: none of what a birth adds, none of its steps.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scaffolder.errors import Conflict, InvalidInput, did_you_mean
from scaffolder.template.cookiecutter import Code, render
from scaffolder.template.schema import possible
from scaffolder.tree import NotWritable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scaffolder.template.cookiecutter import Origin
    from scaffolder.template.manifest import Template
    from scaffolder.template.source import Resolved
    from scaffolder.tree import Tree


class OutputTaken(Conflict):
    """The directory that the files are to be written to has something in it."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already, and not empty", hint="give a directory that is new: --output DIR")


class UnknownValue(InvalidInput):
    """A value is given for a parameter that the template does not have."""

    def __init__(self, name: str, known: list[str]) -> None:
        asks = f"it asks for: {', '.join(known) or 'nothing'}"
        super().__init__(f"the template does not ask for {name}", hint=did_you_mean(name, known) or asks)


@dataclass(slots=True)
class DryRun:
    """What a template made: `name` is what its directory would be called."""

    name: str
    tree: Tree
    values: Mapping[str, Any]
    warnings: list[str] = field(default_factory=list)


def dry_run(
    resolved: Resolved, template: Template, *, values: Mapping[str, Any], output: Path, origin: Origin, code: Code
) -> DryRun:
    """
    Render a cookiecutter template with its defaults and the values over them, and write what it makes to `output`.

    The directory appears whole or not at all.

    Raises:
        OutputTaken: There is something in the directory.
        UnknownValue: A value is for none of the template's parameters.
        RenderError: The template is wrong.
    """
    known = sorted({name for page in template.pages for name in possible(page.schema)})
    unknown = [name for name in values if name not in known]
    if unknown:
        raise UnknownValue(unknown[0], known)
    require_free(output)
    made = render(resolved.root, values, directory=resolved.directory, origin=origin, code=code)
    _appear(made.tree, output)
    run = DryRun(made.name, made.tree, values)
    if made.hooks:
        run.warnings.append(f"its hooks were not run: {', '.join(made.hooks)}")
    return run


def require_free(output: Path) -> None:
    """
    Check that files can be written to a directory: it is new, or empty.

    Raises:
        OutputTaken: There is something in it.
    """
    if output.is_symlink() or (output.exists() and not (output.is_dir() and not any(output.iterdir()))):
        raise OutputTaken(output)


def _appear(tree: Tree, output: Path) -> None:
    """Write beside the directory, then take its place by one rename."""
    beside = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        beside.mkdir()
        tree.write(beside)
        beside.rename(output)
    except OSError as error:
        raise NotWritable(output, error) from error
    finally:
        if beside.is_dir():
            _remove(beside)


def _remove(directory: Path) -> None:
    import shutil

    shutil.rmtree(directory, ignore_errors=True)
