"""
The tests that a template keeps beside it: `tests/*.yaml`, each a case.

    values: {name: shop}            # the parameters; secrets, user as in a dry run
    steps:                          # what some steps are given, or become
      publish: {repoUrl: "github.com?owner=acme&repo=shop"}
      docs: skipped
    files:                          # what some files hold; null: it must not be there
      README.md: "# shop"
    snapshot: true                  # everything is as in tests/NAME.snapshot/
    fails: no such owner            # it fails, and says this

Every case is a dry run of its own.
"""

from __future__ import annotations

import posixpath
import tempfile
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import InvalidInput, Place, ScaffolderError, did_you_mean
from scaffolder.tree import Directory, File, Link, Node, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffolder.app import Scaffolder
    from scaffolder.app.dry_run import DryRun, Tried
    from scaffolder.template.manifest import Template
    from scaffolder.template.source import Resolved

DIRECTORY: Final = "tests"
SNAPSHOT: Final = ".snapshot"
KEYS: Final[dict[str, Any]] = {
    "values": dict,
    "secrets": dict,
    "user": str,
    "steps": dict,
    "files": dict,
    "snapshot": bool,
    "output": object,
    "fails": (bool, str),
}
STATUSES: Final = ("completed", "skipped", "failed")


class CaseInvalid(InvalidInput):
    """A case cannot be read."""


class NoCases(InvalidInput):
    """A template has no tests."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"{place} has no tests", hint=f"write {DIRECTORY}/NAME.yaml beside it, with `values:` and `snapshot: true`"
        )


@dataclass(frozen=True, slots=True)
class Case:
    """One test: its name, and what stands in its file."""

    name: str
    said: Mapping[str, Any]

    @property
    def snapshot(self) -> str:
        """Where its snapshot is, in the template's directory; '' when it has none."""
        return posixpath.join(DIRECTORY, self.name + SNAPSHOT) if self.said.get("snapshot") else ""


@dataclass(slots=True)
class Outcome:
    """What came of a case: nothing, or lines that say what is different. `made` is what a snapshot would hold."""

    case: Case
    problems: list[str] = field(default_factory=list)
    made: Tree = field(default_factory=Tree)


def cases(resolved: Resolved) -> list[Case]:
    """
    Return the cases of a template, by name.

    Raises:
        NoCases: There is none.
        CaseInvalid: One cannot be read.
    """
    found = [
        _case(resolved, path, node)
        for path, node in resolved.tree.under(DIRECTORY).files()
        if "/" not in path and path.endswith((".yaml", ".yml"))
    ]
    if not found:
        raise NoCases(resolved.place)
    return found


def _case(resolved: Resolved, path: str, node: File) -> Case:
    from scaffolder.template.yaml_reader import read_document

    file = resolved.shown(posixpath.join(DIRECTORY, path))
    said = read_document(node.data, file)
    if not isinstance(said, dict):
        raise CaseInvalid("a case is an object", place=Place(file), hint=f"it may have: {', '.join(KEYS)}")
    _check(said, file, node)
    return Case(posixpath.splitext(path)[0], said)


def _check(said: Mapping[Any, Any], file: str, node: File) -> None:
    """Refuse what no case can mean, where it stands."""

    def wrong(message: str, hint: str, *where: str) -> CaseInvalid:
        from scaffolder.template.lint.outline import Outline

        line = Outline(file, node.data.decode(errors="replace")).spot(*where, key=True).line
        return CaseInvalid(message, place=Place(file, line), hint=hint)

    for key, value in said.items():
        if key not in KEYS:
            hint = did_you_mean(str(key), KEYS) or f"a case may have: {', '.join(KEYS)}"
            raise wrong(f"{key!r} is not known", hint, str(key))
        if not isinstance(value, KEYS[key]):
            raise wrong(f"{key} has the wrong type", "see scaffolder template test --help", key)
    for step, wanted in said.get("steps", {}).items():
        if not isinstance(wanted, dict | list) and wanted not in STATUSES:
            hint = (
                did_you_mean(str(wanted), STATUSES) or f"or its input, as an object; a status is: {', '.join(STATUSES)}"
            )
            raise wrong(f"step {step}: {wanted!r} is no status", hint, "steps", str(step))


def run(scaffolder: Scaffolder, resolved: Resolved, template: Template, case: Case, *, update: bool) -> Outcome:
    """Run one case; with `update` its snapshot is not compared, for it is about to be written."""
    with tempfile.TemporaryDirectory(prefix="scaffolder-test-") as directory:
        workspace = Path(directory) / "workspace"
        outcome = Outcome(case)
        try:
            made = _tried(scaffolder, resolved, template, case, workspace)
        except ScaffolderError as error:
            outcome.problems += _against_failure(case, error)
            return outcome
        outcome.made = Tree.read(workspace)
        outcome.problems += _against_failure(case, made.error)
        outcome.problems += _against_steps(case, made)
        outcome.problems += _against_files(case, outcome.made)
        if "output" in case.said and made.output != case.said["output"]:
            outcome.problems += _difference("output", _text(case.said["output"]), _text(made.output))
        if case.snapshot and not update:
            outcome.problems += _against_snapshot(resolved, case, outcome.made)
    return outcome


def _tried(scaffolder: Scaffolder, resolved: Resolved, template: Template, case: Case, workspace: Path) -> DryRun:
    from scaffolder.app.dry_run import DryRun, Request

    said = case.said
    if template.dialect == "cookiecutter":
        from scaffolder.template.cookiecutter import Code, Origin
        from scaffolder.template.dry_run import dry_run
        from scaffolder.template.trust import Allowed

        origin = Origin(resolved.place, str(workspace), resolved.place, None)
        code = Code(Allowed(decided=True))
        dry_run(resolved, template, values=said.get("values", {}), output=workspace, origin=origin, code=code)
        return DryRun()
    user = scaffolder.user(said["user"]) if said.get("user") else {}
    request = Request(
        workspace=workspace,
        values=said.get("values", {}),
        secrets=said.get("secrets", {}),
        user=user,
        environment=scaffolder.environment,
    )
    return scaffolder.dry_run(resolved, template, request)


# -- what is different


def _against_failure(case: Case, error: ScaffolderError | None) -> Iterator[str]:
    wanted = case.said.get("fails", False)
    if error is None:
        if wanted:
            yield "it was to fail, and did not"
        return
    lines = [error.message, *error.details]
    if wanted is False:
        yield from (f"it failed: {line}" if number == 0 else f"  {line}" for number, line in enumerate(lines))
    elif isinstance(wanted, str) and wanted not in "\n".join(lines):
        yield f"it failed, and did not say {wanted!r}: {error.message}"


def _against_steps(case: Case, made: DryRun) -> Iterator[str]:
    ran_last = sorted(made.steps, key=lambda tried: tried.status != "skipped")  # several may have one id
    steps = {tried.step.group: tried for tried in ran_last}
    for name, wanted in case.said.get("steps", {}).items():
        if name not in steps:
            yield f"step {name}: there is no such step; {did_you_mean(str(name), steps) or ', '.join(steps)}"
        else:
            yield from _against_step(name, wanted, steps[name])


def _against_step(name: str, wanted: Any, tried: Tried) -> Iterator[str]:
    """Compare with a status, an input of which what is said counts, or a list of them for the items of a loop."""
    if wanted in STATUSES:
        if tried.status != wanted:
            yield f"step {name}: it was to be {wanted}, and is {tried.status}"
        return
    inputs = [one.input for one in tried.iterations]
    expected = wanted if isinstance(wanted, list) else [wanted]
    if len(inputs) != len(expected):
        yield f"step {name}: it was to run {len(expected)} times, and ran {len(inputs)} times"
        return
    for said, found in zip(expected, inputs, strict=True):
        if isinstance(said, dict) and isinstance(found, dict):
            shown = {key: found[key] for key in said if key in found}
        else:
            shown = found
        if shown != said:
            yield from _difference(f"input of step {name}", _text(said), _text(shown))


def _against_files(case: Case, made: Tree) -> Iterator[str]:
    for path, wanted in case.said.get("files", {}).items():
        node = made.get(path)
        if wanted is None:
            if node is not None:
                yield f"{path}: it was not to be there"
        elif node is None:
            yield f"{path}: it is not there"
        else:
            yield from _difference(path, str(wanted), _shown(node))


def _against_snapshot(resolved: Resolved, case: Case, made: Tree) -> Iterator[str]:
    snapshot = _kept(resolved.tree.under(case.snapshot))
    found = _kept(made)
    if not snapshot and found:
        yield f"it has no snapshot yet: --update writes {case.snapshot}/"
        return
    for path in sorted({*snapshot, *found}):
        before, after = snapshot.get(path), found.get(path)
        if before is None:
            yield f"{path}: it is new"
        elif after is None:
            yield f"{path}: it is gone"
        elif before != after:
            lines = list(_difference(path, _shown(before), _shown(after)))
            yield from lines or [f"{path}: it is {_kind(after)}, and was {_kind(before)}"]


def _kept(tree: Tree) -> dict[str, Node]:
    """Return what git keeps of a tree: no empty directories, and of modes whether a file can be run."""
    files = {path: node for path, node in tree.items() if not isinstance(node, Directory)}
    return {
        path: File(node.data, node.mode & 0o100) if isinstance(node, File) else node for path, node in files.items()
    }


def _kind(node: Node) -> str:
    if isinstance(node, Link):
        return f"a link to {node.target}"
    return "a directory" if isinstance(node, Directory) else "a program" if node.mode & 0o100 else "a file"


def _shown(node: Node) -> str:
    """Return a node as text; what is no text is told by its length."""
    if not isinstance(node, File):
        return _kind(node)
    try:
        return node.data.decode()
    except UnicodeDecodeError:
        return f"{len(node.data)} bytes that are no text"


def _text(value: Any) -> str:
    from scaffolder.template.yaml_entity import write_entity

    return write_entity(value) if isinstance(value, dict) else f"{value}\n"


def _difference(name: str, wanted: str, found: str) -> Iterator[str]:
    if wanted == found:
        return
    lines = unified_diff(wanted.splitlines(), found.splitlines(), f"{name} (expected)", name, lineterm="", n=2)
    said = list(lines)
    yield from said or [f"{name}: only the end of the last line differs"]
