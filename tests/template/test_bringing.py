"""The code that a template wants to run, as a person is shown it: nothing that would be loaded is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scaffolder.template.bringing import COMPILED, INSTALLED, code_of
from scaffolder.template.manifest import load
from scaffolder.tree import Link
from tests.parity.side_by_side import template
from tests.template.golden import resolved, template_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scaffolder.tree import Node

SOURCE = "class It: pass\n"
BYTES = b"\x03\xf3\0\0"
STEPS = '  steps:\n    - {id: a, action: "fetch:cookiecutter", input: {url: ./in, extensions: [brought.It]}}\n'


@pytest.mark.parametrize(
    ("files", "shown"),
    [
        ({"brought.py": SOURCE}, {"brought.py": SOURCE}),
        ({"brought/__init__.py": SOURCE}, {"brought/__init__.py": SOURCE}),
        ({"brought.so": BYTES}, {"brought.so": COMPILED}),
        ({"brought.pyc": BYTES}, {"brought.pyc": COMPILED}),
        (
            {"brought.py": SOURCE, "__pycache__/brought.cpython-311.pyc": BYTES},
            {"brought.py": SOURCE, "__pycache__/brought.cpython-311.pyc": COMPILED},
        ),
        (
            {"brought/__init__.py": SOURCE, "brought/__pycache__/__init__.cpython-311.pyc": BYTES},
            {"brought/__init__.py": SOURCE, "brought/__pycache__/__init__.cpython-311.pyc": COMPILED},
        ),
        ({"brought": Link("deep/it"), "deep/it/__init__.py": SOURCE}, {"deep/it/__init__.py": SOURCE}),
        ({"brought_too.py": SOURCE}, {"brought.It": INSTALLED}),
    ],
)
def test_whatever_an_extension_may_be_loaded_from_is_shown(
    tmp_path: Path, files: Mapping[str, str | bytes | Node], shown: Mapping[str, str]
) -> None:
    placed = {f"/{path}": node for path, node in files.items()}
    source = resolved(tmp_path, template({**placed, "file": ""}, slug="x", _extensions=["brought.It"]))
    assert code_of(source, load(source)) == shown


def test_what_stands_beside_a_template_of_steps_is_not_loaded(tmp_path: Path) -> None:
    files = {"template.yaml": template_yaml([], steps=STEPS), "brought.py": SOURCE, "in/file": ""}
    source = resolved(tmp_path, files)
    assert code_of(source, load(source)) == {"brought.It": INSTALLED}
