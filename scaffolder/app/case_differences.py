"""How what a template makes differs from what a case says, in lines: a sentence, or a diff. Pure."""

from __future__ import annotations

import json
from difflib import unified_diff
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import did_you_mean
from scaffolder.tree import Directory, File, Link, Node, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scaffolder.app.dry_run import Tried
    from scaffolder.errors import ScaffolderError

STATUSES: Final = ("completed", "skipped", "failed")
MOST_LINES: Final = 200
"""Of one difference; what is longer is not read but made again."""
NO_NEWLINE: Final = "\n\\ No newline at end of file"


def of_failure(wanted: bool | str, error: ScaffolderError | None) -> Iterator[str]:  # noqa: FBT001 - as it is written
    """Did it fail as it was to fail: not at all, anyhow, or with this text?"""
    if error is None:
        if wanted:
            yield "it was to fail, and did not"
        return
    lines = [error.message, *error.details]
    if wanted is False:
        yield from (f"it failed: {line}" if number == 0 else f"  {line}" for number, line in enumerate(lines))
    elif isinstance(wanted, str) and wanted not in "\n".join(lines):
        yield f"it failed, and did not say {wanted!r}: {error.message}"


def of_steps(wanted: Mapping[str, Any], tried: Sequence[Tried]) -> Iterator[str]:
    """Did the steps become what they were to become, with the inputs they were to have?"""
    ran_last = sorted(tried, key=lambda one: one.status != "skipped")  # several may have one id
    steps = {one.step.group: one for one in ran_last}
    for name, said in wanted.items():
        if name not in steps:
            yield f"step {name}: there is no such step; {did_you_mean(str(name), steps) or ', '.join(steps)}"
        else:
            yield from _of_step(name, said, steps[name])


def _of_step(name: str, wanted: Any, tried: Tried) -> Iterator[str]:
    """Compare with a status, an input of which what is said counts, or a list of them for the items of a loop."""
    if wanted in STATUSES:
        if tried.status != wanted:
            yield f"step {name}: it was to be {wanted}, and is {tried.status}"
        return
    inputs = [one.input for one in tried.iterations]
    expected = wanted if isinstance(wanted, list) else [wanted]
    if len(inputs) != len(expected):
        yield f"step {name}: it was to run {_times(len(expected))}, and ran {_times(len(inputs))}"
        return
    for said, found in zip(expected, inputs, strict=True):
        part = {key: found[key] for key in said if key in found} if _are_maps(said, found) else found
        if part != said:
            yield from _diff(f"input of step {name}", _text(said), _text(part))


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _are_maps(*values: object) -> bool:
    return all(isinstance(value, dict) for value in values)


def of_output(wanted: Any, found: Any) -> Iterator[str]:
    """Is the output, whole, what it was to be?"""
    if found != wanted:
        yield from _diff("output", _text(wanted), _text(found))


def of_files(wanted: Mapping[str, str | None], made: Tree) -> dict[str, list[str]]:
    """Return what is wrong with files, by their paths: each has a text, or is not to be there (None)."""
    found = {path: list(_of_file(path, text, made)) for path, text in wanted.items()}
    return {path: lines for path, lines in found.items() if lines}


def _of_file(path: str, wanted: str | None, made: Tree) -> Iterator[str]:
    node = made.get(path)
    if node is None and made.under(path):
        node = Directory()
    if wanted is None:
        if node is not None:
            yield f"{path}: it was not to be there"
    elif node is None:
        yield f"{path}: it is not there"
    elif not isinstance(node, File):
        yield f"{path}: it is {_kind(node)}"
    elif not _is_text(node):
        yield f"{path}: it holds {len(node.data):,} bytes that are no text"
    else:
        yield from _diff(path, wanted, node.data.decode())


def of_snapshot(before: Tree, after: Tree) -> Iterator[tuple[str, list[str]]]:
    """Yield each path that is not as it was, and how; of modes counts whether a file can be run, as in git."""
    known, found = _kept(before), _kept(after)
    for path in sorted({*known, *found}):
        if path not in known:
            yield path, [f"{path}: it is new"]
        elif path not in found:
            yield path, [f"{path}: it is gone"]
        elif known[path] != found[path]:
            yield path, list(_of_node(path, known[path], found[path]))


def _kept(tree: Tree) -> dict[str, Node]:
    """Return what git keeps of a tree: no empty directories, and of modes whether a file can be run."""
    files = {path: node for path, node in tree.items() if not isinstance(node, Directory)}
    return {
        path: File(node.data, node.mode & 0o100) if isinstance(node, File) else node for path, node in files.items()
    }


def _of_node(path: str, before: Node, after: Node) -> Iterator[str]:
    if _kind(before) != _kind(after):
        yield f"{path}: it is {_kind(after)}, and was {_kind(before)}"
    if not (isinstance(before, File) and isinstance(after, File)) or before.data == after.data:
        return
    if _is_text(before) and _is_text(after):
        yield from _diff(path, before.data.decode(), after.data.decode())
    else:
        yield f"{path}: it holds other bytes ({len(after.data):,}, and was {len(before.data):,})"


def _kind(node: Node) -> str:
    if isinstance(node, Link):
        return f"a link to {node.target}"
    return "a directory" if isinstance(node, Directory) else "a program" if node.mode & 0o100 else "a file"


def _is_text(node: File) -> bool:
    try:
        return "\0" not in node.data.decode()
    except UnicodeDecodeError:
        return False


def _text(value: Any) -> str:
    from scaffolder.template.yaml_entity import write_entity

    return write_entity(value) if isinstance(value, dict) else json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _diff(name: str, wanted: str, found: str) -> Iterator[str]:
    heads = (f"{name} (expected)", name)
    lines = [*unified_diff(_lines(wanted), _lines(found), *heads, lineterm="", n=2)]
    lines = [part for line in lines for part in line.split("\n")]
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield f"… and {len(lines) - MOST_LINES:,} lines more"


def _lines(text: str) -> list[str]:
    """Return the lines of a text, told by newlines alone; a last one without is marked."""
    *lines, last = text.split("\n")
    return [*lines, last + NO_NEWLINE] if last else lines
