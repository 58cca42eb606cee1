"""Which golden paths there are, and which fits a purpose best."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder.errors import ScaffolderError
from scaffolder.similar.text import part
from scaffolder.template import source
from scaffolder.template.abbreviations import expanded
from scaffolder.template.manifest import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from scaffolder.app.away import Reader
    from scaffolder.catalog import Catalog
    from scaffolder.settings import Settings
    from scaffolder.task.journal import Task
    from scaffolder.template.manifest import Template
    from scaffolder.template.source import Resolved
    from scaffolder.template.user_config import UserConfig


@dataclass(frozen=True, slots=True)
class GoldenPath:
    """
    A template that somebody stands behind.

    `name` is what `new` takes; `made` is how often it was used here; `problem` says why it cannot be used.
    """

    name: str
    title: str = ""
    description: str = ""
    version: str = ""
    owner: str = ""
    made: int = 0
    problem: str = ""


def references(settings: Settings, catalog: Catalog) -> dict[str, str]:
    """
    Return where each golden path is, by name: ours, those of the catalog, those of the settings; the later wins.

    A company that has some has none of ours: those are the ones that it stands behind.
    """
    theirs = {**catalog.templates(), **{entry.name: entry.source for entry in settings.template_sources}}
    if settings.profile and theirs:
        return theirs
    return {**{name: str(directory) for name, directory in source.shipped().items()}, **theirs}


def meant(reference: str, known: Mapping[str, str], own: Callable[[], UserConfig]) -> str:
    """Return what a reference means that is a person's own short form, or a clone of theirs; any other as it is."""
    name, _, ref = reference.partition("@")
    if "://" in reference or name in known or Path(reference).exists():
        return reference
    address, at_ref = expanded(reference, own().abbreviations)
    if address == reference and (clone := own().cloned(name)):
        address, at_ref = str(clone), ref
    return f"{address}@{at_ref}" if at_ref else address


def resolved(
    reference: str, *, ref: str, directory: str, settings: Settings, known: Mapping[str, str], reader: Reader
) -> Resolved:
    """
    Return one template; what the settings say of a golden path holds where nothing else is asked for.

    A company's are those that were read with its catalog: their repositories are not asked each time.
    """
    entry = next((one for one in settings.template_sources if one.name == reference), None)
    given = ref
    ref, directory = ref or (entry.ref if entry else ""), directory or (entry.directory if entry else "")
    refresh = bool(given) or not settings.profile or reference not in known
    return reader.read(reference, ref=ref, directory=directory, known=known, refresh=refresh)


def listed(
    known: Mapping[str, str], resolve: Callable[[str], Resolved], *, tasks: Iterable[Task], purpose: str
) -> list[GoldenPath]:
    """Return every golden path, the best fit for the purpose first. One that cannot be read says why."""
    made = _made(tasks)
    wanted = part(purpose).keys
    found = [_golden_path(name, resolve, made=made) for name in known]
    ranked = sorted(found, key=lambda pair: (-_fit(pair[1], wanted), -pair[0].made, pair[0].name))
    return [path for path, _template in ranked]


def _made(tasks: Iterable[Task]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for task in tasks:
        if task.status.value == "completed":
            name = str(task.draft.get("template", ""))
            counts[name] = counts.get(name, 0) + 1
    return counts


def _golden_path(
    name: str, resolve: Callable[[str], Resolved], *, made: Mapping[str, int]
) -> tuple[GoldenPath, Template | None]:
    from scaffolder.template.readme import described

    try:
        resolved = resolve(name)
        template = described(load(resolved), resolved.tree)
    except ScaffolderError as error:
        return GoldenPath(name, problem=error.message), None
    return (
        GoldenPath(name, template.title, template.description, template.version, template.owner, made.get(name, 0)),
        template,
    )


def _fit(template: Template | None, wanted: frozenset[str]) -> int:
    """Count the words of the purpose that the template mentions."""
    if template is None:
        return -1
    return len(wanted & part(f"{template.name} {template.title} {template.description} {' '.join(template.tags)}").keys)
