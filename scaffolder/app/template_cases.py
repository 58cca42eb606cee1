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
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from scaffolder.app import case_differences as differences
from scaffolder.errors import InvalidInput, Place, ScaffolderError, did_you_mean
from scaffolder.task.masking import redacted
from scaffolder.template.manifest import COOKIECUTTER_FILE
from scaffolder.tree import File, Tree

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from scaffolder.app import Scaffolder
    from scaffolder.app.dry_run import DryRun
    from scaffolder.template.manifest import Template
    from scaffolder.template.source import Resolved
    from scaffolder.template.trust import Allowed

DIRECTORY: Final = "tests"
SNAPSHOT: Final = ".snapshot"
TYPES: Final[Mapping[str, tuple[Any, str]]] = {
    "values": (dict, "names and values"),
    "secrets": (dict, "names and texts"),
    "user": (str, "an entity ref"),
    "steps": (dict, "ids of steps, each with a status or its input"),
    "files": (dict, "paths, each with a text or null"),
    "snapshot": (bool, "true or false"),
    "output": (object, ""),
    "fails": ((bool, str), "true, or a part of what it says"),
}
"""What a case may have, and of what type."""
OF_STEPS: Final = frozenset({"secrets", "user", "steps", "output"})
"""What means nothing for a template without steps."""


class CaseInvalid(InvalidInput):
    """A case cannot be read."""


class NoCases(InvalidInput):
    """A template has no tests."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"{place} has no tests", hint=f"write {DIRECTORY}/NAME.yaml beside it, with `values:` and `snapshot: true`"
        )


class NoSuchCase(InvalidInput):
    """A template has no case of that name."""

    def __init__(self, name: str, known: Collection[str]) -> None:
        hint = did_you_mean(name, known) or f"there are: {', '.join(known)}"
        super().__init__(f"there is no case {name}", hint=hint)


@dataclass(frozen=True, slots=True)
class Case:
    """One test: its name, the file it stands in, and what that says."""

    name: str
    file: str
    said: Mapping[str, Any]

    @property
    def snapshot(self) -> str:
        """Where its snapshot is, in the template's directory; '' when it has none."""
        return posixpath.join(DIRECTORY, self.name + SNAPSHOT) if self.said.get("snapshot") else ""


@dataclass(slots=True)
class Outcome:
    """
    What came of a case: nothing, or lines that say what is different.

    `made` is what a snapshot would hold; `stale` tells that it would hold something else than it does.
    """

    case: Case
    problems: list[str] = field(default_factory=list)
    made: Tree = field(default_factory=Tree)
    stale: bool = False


# -- reading


def cases(resolved: Resolved, names: Collection[str] = ()) -> list[Case]:
    """
    Return the cases of a template by name; all, or those of these names.

    Raises:
        NoCases: There is none.
        NoSuchCase: There is none of a name.
        CaseInvalid: One cannot be read.
    """
    files: dict[str, tuple[str, File]] = {}
    for path, node in resolved.tree.under(DIRECTORY).files():
        name, suffix = posixpath.splitext(path)
        if "/" in path or suffix not in {".yaml", ".yml"}:
            continue
        if name in files:
            both = f"{files[name][0]} and {path} are both the case {name}"
            raise CaseInvalid(both, place=Place(resolved.shown(DIRECTORY)), hint="rename one of them")
        files[name] = (path, node)
    if not files:
        raise NoCases(resolved.place)
    for name in names:
        if name not in files:
            raise NoSuchCase(name, files)
    return [_case(resolved, name, *files[name]) for name in sorted(names or files)]


def _case(resolved: Resolved, name: str, path: str, node: File) -> Case:
    from scaffolder.template.lint.outline import Outline
    from scaffolder.template.yaml_reader import read_document

    file = resolved.shown(posixpath.join(DIRECTORY, path))
    said = read_document(node.data, file)
    if not isinstance(said, dict):
        raise CaseInvalid("a case is an object", place=Place(file), hint=f"it may have: {', '.join(TYPES)}")
    mistakes = [*_mistakes(said, has_steps=resolved.manifest != COOKIECUTTER_FILE)]
    if not mistakes:
        return Case(name, file, said)
    outline = Outline(file, node.data.decode(errors="replace"))
    places = [Place(file, outline.spot(*mistake.where, key=True).line) for mistake in mistakes]
    others = [f"{place}: {mistake.message}" for place, mistake in zip(places[1:], mistakes[1:], strict=True)]
    raise CaseInvalid(mistakes[0].message, place=places[0], hint=mistakes[0].hint, details=(*others,))


class _Mistake(NamedTuple):
    message: str
    hint: str
    where: tuple[str, ...]


def _mistakes(said: Mapping[Any, Any], *, has_steps: bool) -> Iterator[_Mistake]:
    """Yield what no case can mean."""
    for key, value in said.items():
        type_, words = TYPES.get(key, (object, ""))
        if key not in TYPES:
            hint = did_you_mean(str(key), TYPES) or f"a case may have: {', '.join(TYPES)}"
            yield _Mistake(f"{key!r} is not known", hint, (str(key),))
        elif not has_steps and key in OF_STEPS:
            yield _Mistake(f"{key}: a cookiecutter template has no steps", "leave it out", (key,))
        elif not isinstance(value, type_):
            yield _Mistake(f"{key} has the wrong type", f"it is {words}", (key,))
        else:
            yield from INSIDE[key](value) if key in INSIDE else ()


def _wrong_steps(steps: Mapping[Any, Any]) -> Iterator[_Mistake]:
    known = ", ".join(differences.STATUSES)
    for step, wanted in steps.items():
        if not isinstance(wanted, dict | list) and wanted not in differences.STATUSES:
            near = did_you_mean(str(wanted), differences.STATUSES)
            hint = near or f"or its input, as an object; a status is: {known}"
            yield _Mistake(f"step {step}: {wanted!r} is no status", hint, ("steps", str(step)))


def _wrong_files(files: Mapping[Any, Any]) -> Iterator[_Mistake]:
    for path, text in files.items():
        where = ("files", str(path))
        if posixpath.normpath(str(path)) != path or str(path).startswith(("/", "..")):
            yield _Mistake(f"{path} is no path of a file that is made", "write it as DIRECTORY/NAME", where)
        if not isinstance(text, str | None):
            hint = "write it as a text, in quotes or after |"
            yield _Mistake(f"{path}: what a file holds is a text, or null", hint, where)


def _wrong_secrets(secrets: Mapping[Any, Any]) -> Iterator[_Mistake]:
    for name, secret in secrets.items():
        if not isinstance(secret, str):
            yield _Mistake(f"the secret {name} is no text", "put it in quotes", ("secrets", str(name)))


INSIDE: Final = {"steps": _wrong_steps, "files": _wrong_files, "secrets": _wrong_secrets}


# -- running


def run(
    scaffolder: Scaffolder, resolved: Resolved, template: Template, case: Case, *, update: bool, allowed: Allowed
) -> Outcome:
    """
    Run one case; with `update` its snapshot is not compared, for it is about to be written.

    Secrets of the settings are shown nowhere; those of a case stand in it, and are.
    """
    outcome = _outcome(scaffolder, resolved, template, case, update=update, allowed=allowed)
    if template.dialect != "cookiecutter":  # which knows nothing of the settings
        outcome.problems = [redacted(line, scaffolder.environment.secrets) for line in outcome.problems]
    return outcome


def _outcome(
    scaffolder: Scaffolder, resolved: Resolved, template: Template, case: Case, *, update: bool, allowed: Allowed
) -> Outcome:
    said, outcome = case.said, Outcome(case)
    wanted = said.get("fails", False)
    with tempfile.TemporaryDirectory(prefix="scaffolder-test-") as directory:
        workspace = Path(directory) / "workspace"
        try:
            made = _tried(scaffolder, resolved, template, case, workspace, allowed)
        except ScaffolderError as error:
            outcome.problems += differences.of_failure(wanted, error)
            return outcome
        outcome.made = Tree.read(workspace)
    outcome.problems += differences.of_failure(wanted, made.error)
    outcome.problems += differences.of_steps(said.get("steps", {}), made.steps)
    outcome.problems += differences.of_output(said["output"], made.output) if "output" in said else []
    _compare_files(resolved, outcome, update=update)
    return outcome


def _compare_files(resolved: Resolved, outcome: Outcome, *, update: bool) -> None:
    """Compare with the files that are said, then with the snapshot; what was told of a file is not told again."""
    case = outcome.case
    told = differences.of_files(case.said.get("files", {}), outcome.made)
    outcome.problems += [line for lines in told.values() for line in lines]
    if not case.snapshot or update:
        return
    snapshot = resolved.tree.under(case.snapshot)
    if not snapshot and outcome.made:
        outcome.problems.append(f"it has no snapshot yet: --update writes {case.snapshot}/")
        return
    found = dict(differences.of_snapshot(snapshot, outcome.made))
    outcome.stale = bool(found)
    outcome.problems += [line for path, lines in found.items() if path not in told for line in lines]


def _tried(
    scaffolder: Scaffolder, resolved: Resolved, template: Template, case: Case, workspace: Path, allowed: Allowed
) -> DryRun:
    from scaffolder.app.dry_run import DryRun, Request

    said = case.said
    if template.dialect == "cookiecutter":
        from scaffolder.template.cookiecutter import Code, Origin
        from scaffolder.template.dry_run import dry_run

        origin = Origin(resolved.place, str(workspace), resolved.place, None)
        values = said.get("values", {})
        dry_run(resolved, template, values=values, output=workspace, origin=origin, code=Code(allowed))
        return DryRun()
    request = Request(
        workspace=workspace,
        values=said.get("values", {}),
        secrets=said.get("secrets", {}),
        user=scaffolder.user(said["user"]) if said.get("user") else {},
        environment=scaffolder.environment,
        allowed=allowed,
    )
    return scaffolder.dry_run(resolved, template, request)
