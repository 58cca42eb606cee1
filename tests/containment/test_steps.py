"""A template of steps that nests without end is told so, wherever its expressions stand."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.template.expressions import RenderError
from scaffolder.template.skeleton import Options, pressed
from tests.containment.test_escapes import command, environment
from tests.template.golden import tree_of, write

if TYPE_CHECKING:
    from pathlib import Path

DEEP = "${{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}"
STEP: dict[str, Any] = {"id": "a", "action": "debug:log", "input": {"message": "x"}}
PLACES: dict[str, dict[str, Any]] = {
    "if": {"steps": [STEP | {"if": DEEP}]},
    "each": {"steps": [STEP | {"each": DEEP}]},
    "input": {"steps": [STEP | {"input": {"message": DEEP}}]},
    "output": {"steps": [STEP], "output": {"text": [{"title": DEEP, "content": DEEP}]}},
    "default": {"steps": [STEP], "parameters": {"properties": {"a": {"type": "string", "default": DEEP}}}},
    "name": {"steps": [STEP | {"name": DEEP}]},
}


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("asked", ["dry-run", "show", "lint"])
def test_nothing_breaks_down_when_it_nests_without_end(tmp_path: Path, place: str, asked: str) -> None:
    spec = {"owner": "x", "type": "service", **PLACES[place]}
    described = {"apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"}}
    found = write(tmp_path / "template", {"template.yaml": json.dumps({**described, "spec": spec})})
    words = [asked, str(found)] + (["--output", str(tmp_path / "out")] if asked == "dry-run" else [])
    argv = [*command()[:-1], *words]
    done = subprocess.run(argv, env=environment(tmp_path), capture_output=True, text=True, check=False)
    assert "unexpected" not in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_all_of_a_skeleton_has_a_bound() -> None:
    tree = tree_of({f"file-{number}": "{% for i in range(5000) %}{% endfor %}" for number in range(99)})
    with pytest.raises(RenderError, match=r"file-\d+: all of the skeleton takes longer than 0 s"):
        list(pressed(tree, {}, options=Options(seconds=0)))
