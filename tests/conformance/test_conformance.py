"""
What templates do here and in Backstage, compared on the results of its engines.

Run this file with `--corpus DIR` for other cases of the same form. No case is known here by its id or its text.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from scaffolder.app import Scaffolder
from scaffolder.app.dry_run import Request
from scaffolder.errors import ScaffolderError
from scaffolder.gateways.git import Identity
from scaffolder.gateways.home import Home
from scaffolder.settings import Settings
from scaffolder.task import evaluate
from scaffolder.task.action import ActionContext
from scaffolder.task.evaluate import Environment
from scaffolder.task.plan import PlannedStep
from scaffolder.template import manifest, source
from scaffolder.template.expressions import UNDEFINED, Renderer, RenderError, render_value
from scaffolder.template.language.environment import Dialect
from scaffolder.template.source import Resolved, TemplateSource
from scaffolder.tree import Tree
from tests.conformance import corpus as cases
from tests.conformance.corpus import identical

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scaffolder.app.dry_run import Tried
    from tests.conformance.corpus import Case, Skeleton, Tally, Workflow

FAILS: Final = "it fails"
LEAST = 0.995
"""The share of expressions that mean here what they mean in Backstage, in any corpus."""
LEAST_OF_OURS = 0.999
"""In ours `parseRepoUrl` takes a host that Backstage refuses, as it is set up nowhere; nothing else differs."""


def test_expressions(corpus: Path, tally: Tally, request: pytest.FixtureRequest) -> None:
    for case in cases.expressions(corpus):
        tally.add(case, found=_rendered(case), expected=_expected(case))

    assert tally.share >= (LEAST if request.config.getoption("--corpus", default=None) else LEAST_OF_OURS)


def _expected(case: Case) -> Any:
    return UNDEFINED if "expected_undefined" in case.facts else case.facts.get("expected", FAILS)


def _rendered(case: Case) -> Any:
    template, values, options = (case.facts.get(name, {}) for name in ("template", "values", "opts"))
    if options.get("mode") == "value":
        return render_value(template, values)
    dialect = Dialect(
        cookiecutter=options.get("cookiecutterCompat", False),
        trim_blocks=options.get("trimBlocks", False),
        lstrip_blocks=options.get("lstripBlocks", False),
    )
    try:
        return Renderer(dialect).text(template, values)
    except RenderError:
        return FAILS


@pytest.fixture
def umask() -> Iterator[None]:
    """Set the one with which the results were made."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_skeletons(corpus: Path, tally: Tally, tmp_path: Path) -> None:
    with closing(Scaffolder(Settings(), Home.of_user())) as scaffolder:
        for case in cases.skeletons(corpus):
            workspace = tmp_path / case.id
            fails = not _fetched(case, workspace, scaffolder)
            tally.add(case, found=[fails, listed(workspace)], expected=[case.fails, case.expected])

    assert not tally.wrong


def _fetched(case: Skeleton, workspace: Path, scaffolder: Scaffolder) -> bool:
    """Run `fetch:template` (or what the case asks for) in a workspace, and tell whether it succeeded."""
    before = case.directory / "pre"
    if before.exists():
        shutil.copytree(before, workspace, symlinks=True)
    workspace.mkdir(exist_ok=True)
    value = dict(case.input)
    file, url = value.pop("_file", ""), value.pop("_url", "./in")
    name = "fetch:template:file" if file else "fetch:template"
    if name not in scaffolder.actions:
        return False
    action = scaffolder.actions[name]
    value["url"] = f"./in/{file}" if file else url
    try:
        evaluate.check_input(PlannedStep("step", "", action.id, value, "step"), action, value)
        action.run(_context(case, workspace, scaffolder), value)
    except ScaffolderError:
        return False
    return True


def _context(case: Skeleton, workspace: Path, scaffolder: Scaffolder) -> ActionContext:
    files = Tree({f"in/{path}": node for path, node in Tree.read(case.directory / "in").items()})
    return ActionContext(
        task_id="task-1",
        step_id="step",
        workspace=workspace,
        task_directory=workspace.parent,
        template=Resolved(TemplateSource("test", "", "", "", ""), files, ""),
        template_ref="template:default/test",
        forge=scaffolder.forge,
        catalog=scaffolder.catalog,
        identity=Identity("Somebody", "somebody@example.com"),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        began_before=False,
        log=lambda _: None,
    )


@pytest.mark.usefixtures("umask")
def test_workflows(corpus: Path, tally: Tally, tmp_path: Path) -> None:
    with closing(Scaffolder(Settings(), Home.of_user())) as scaffolder:
        for case in cases.workflows(corpus):
            found = _ran(case, tmp_path / case.id, scaffolder)
            wanted = [_wanted(case, result, found) for result in case.results]
            tally.add(case, found=found, expected=next((one for one in wanted if identical(one, found)), wanted[0]))

    assert not tally.wrong


def _ran(case: Workflow, workspace: Path, scaffolder: Scaffolder) -> dict[str, Any]:
    """Try a template out, and return what became of it in the words of the corpus."""
    given = case.given
    request = Request(
        workspace=workspace,
        values=given.get("parameters", {}),
        secrets=given.get("secrets", {}),
        user=given.get("user", {}),
        environment=Environment(**given.get("defaultEnvironment", {})),
        defaults=False,
        task_id="oracle-task",
    )
    try:
        resolved = source.resolve(str(case.template(workspace.with_suffix(".template"))), cache=workspace)
        made = scaffolder.dry_run(resolved, manifest.load(resolved), request)
    except ScaffolderError:
        return {"ok": False, "steps": [], "output": None, "tree": []}
    ok = made.error is None
    found = {"ok": ok, "steps": list(map(_step, made.steps)), "output": made.output if ok else None}
    return _named({**found, "tree": listed(workspace)}, workspace)


def _step(tried: Tried) -> dict[str, Any]:
    iterations = [
        {"input": one.input, "output": dict(one.output), "recorded": one.recorded} for one in tried.iterations
    ]
    return {"id": tried.step.group, "action": tried.step.action, "status": tried.status, "iterations": iterations}


def _wanted(case: Workflow, result: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return a result as `_ran` does."""
    steps = [
        {
            "id": step["id"],
            "action": step["action"],
            "status": step["status"],
            "iterations": [{"recorded": False, **one} for one in step["iterations"]],
        }
        for step in result.get("steps", [])
    ]
    output = result.get("output", {}) if result["ok"] else None
    wanted = {"ok": result["ok"], "steps": steps, "output": output, "tree": result.get("tree", [])}
    return _with_unseen(wanted, result, found) if case.given.get("dryRun") else wanted


def _with_unseen(wanted: dict[str, Any], result: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """
    Return what is wanted of a dry run of Backstage's own, which leaves steps out and does not look at their input.

    Here they are recorded and their input is checked; where one is refused, nothing later can be compared.
    """
    for number, step in enumerate(result["steps"]):
        if "dry-run" not in step.get("reason", ""):
            continue
        if found["steps"][number]["status"] == "failed":
            return {**found, "steps": [*wanted["steps"][:number], *found["steps"][number:]]}
        wanted["steps"][number] = found["steps"][number]
    return wanted


def _named(value: dict[str, Any], workspace: Path) -> dict[str, Any]:
    """Return a value with the corpus's name for the workspace."""
    named: dict[str, Any] = json.loads(json.dumps(value).replace(json.dumps(str(workspace))[1:-1], "<WORKSPACE>"))
    return named


def listed(directory: Path) -> list[dict[str, str]]:
    """List a directory as the corpus does."""
    found = []
    for path in sorted(directory.rglob("*"), key=lambda path: path.relative_to(directory).parts):
        name = path.relative_to(directory).as_posix()
        if path.is_symlink():
            found.append({"path": name, "type": "link", "target": str(path.readlink())})
        elif path.is_dir():
            found.append({"path": name + "/", "type": "dir"})
        else:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found.append({"path": name, "type": "file", "mode": f"{path.stat().st_mode & 0o777:o}", "sha256": digest})
    return found
