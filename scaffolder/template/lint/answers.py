"""Answers and values that nothing uses, and those that become part of a path and nothing checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scaffolder.template.expressions import has_tags
from scaffolder.template.lint.findings import Finding, Spot, warning
from scaffolder.template.lint.tags import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.template.lint.outline import Where
    from scaffolder.template.lint.skeletons import Fetch
    from scaffolder.template.lint.subject import Subject
    from scaffolder.template.lint.texts import Reading

PATHS: Final = frozenset(
    {"targetPath", "sourcePath", "filePath", "catalogInfoPath", "files", "from", "to", "path", "paths"}
)
"""Inputs that are paths."""


def in_field(subject: Subject, reading: Reading, where: Where) -> Iterator[tuple[str, Finding]]:
    """Yield the answers that a field which is a path is made from, and that nothing checks."""
    if PATHS.intersection(map(str, where[4:])) or where[-1] == "url":
        yield from _unchecked(subject, reading, subject.outline.spot(*where))


def in_names(subject: Subject, fetches: list[Fetch]) -> Iterator[tuple[str, Finding]]:
    """Yield the answers that the names of files are made from, and that nothing checks."""
    for fetch in fetches:
        for top in subject.skeletons.paths(fetch):
            for path in subject.skeletons.entries(top):
                yield from _in_name(subject, fetch, path)


def _in_name(subject: Subject, fetch: Fetch, path: str) -> Iterator[tuple[str, Finding]]:
    reading = subject.skeletons.names.get(path)
    for use in reading.uses if reading else ():
        if use.printed and use.path[0] == fetch.root and use.path[1:]:
            value = (fetch.values or {}).get(use.path[1])
            if isinstance(value, str) and has_tags(value):
                yield from _unchecked(subject, read(value), path.rpartition("/")[2])


def _unchecked(subject: Subject, reading: Reading, shown: Spot | str) -> Iterator[tuple[str, Finding]]:
    for use in reading.uses:
        name = use.path[1] if use.path[0] == "parameters" and len(use.path) > 1 else ""
        if name and use.printed and subject.asked.is_unchecked(name):
            at = shown if isinstance(shown, str) else f"line {shown.line}"
            spot = subject.outline.spot(*subject.asked.place(name), key=True)
            message = f"the answer to {name} becomes part of a path ({at}), and nothing checks it"
            yield name, warning("unchecked-path", spot, message, "give it a pattern or an enum")


def unused_values(subject: Subject, fetches: list[Fetch]) -> Iterator[Finding]:
    """Yield the values that no file names; what is fetched from elsewhere may name any."""
    if subject.skeletons.remote:
        return
    readings = [*subject.skeletons.readings.values(), *subject.skeletons.names.values()]
    seen = set[str]()
    for fetch in fetches:
        for name in [one for one in fetch.values or () if one not in seen]:
            seen.add(name)
            if not any(reading.names(fetch.root, str(name)) for reading in readings):
                where: Where = ("spec", "steps", fetch.number, "input", "values", name)
                spot = subject.outline.spot(*where, key=True)
                yield warning("unused", spot, f"no file of the skeleton uses the value {name}")


def unused_parameters(subject: Subject) -> Iterator[Finding]:
    """Yield the parameters that no step names, and on which nothing depends."""
    for name in subject.asked.definitions:
        if name in subject.asked.deciding or subject.asked.is_secret(name):
            continue
        if not any(reading.names("parameters", name) for reading in subject.readings):
            spot = subject.outline.spot(*subject.asked.place(name), key=True)
            yield warning("unused", spot, f"no step uses the parameter {name}")
