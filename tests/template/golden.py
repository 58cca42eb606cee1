"""Templates made from dicts of paths."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scaffolder.template.expressions import Renderer
from scaffolder.template.manifest import Template, load
from scaffolder.template.source import Resolved, resolve
from scaffolder.tree import File, Node, Tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HEAD = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata:
  name: small
  annotations: {backstage.io/template-version: 1.2.0}
spec:
  owner: platform
  type: service
"""
STEPS = """\
  steps:
    - {id: render, action: "fetch:template", input: {url: ./skeleton, values: {name: "${{ parameters.name }}"}}}
"""


def tree_of(files: Mapping[str, str | bytes | Node]) -> Tree:
    return Tree({path: _node(content) for path, content in files.items()})


def _node(content: str | bytes | Node) -> Node:
    if isinstance(content, str):
        return File(content.encode())
    return File(content) if isinstance(content, bytes) else content


def texts(tree: Tree) -> dict[str, str]:
    return {path: file.data.decode() for path, file in tree.files()}


def write(directory: Path, files: Mapping[str, str | bytes | Node]) -> Path:
    tree_of(files).write(directory)
    return directory


def template_yaml(parameters: Any = None, *, steps: str = STEPS) -> str:
    written = f"  parameters: {json.dumps(parameters)}\n" if parameters is not None else ""
    return HEAD + written + steps


def resolved(directory: Path, files: Mapping[str, str | bytes | Node]) -> Resolved:
    return resolve(str(write(directory / "template", files)), cache=directory / "cache")


def loaded(directory: Path, parameters: Any) -> Template:
    return load(resolved(directory, {"template.yaml": template_yaml(parameters)}))


def render_text(source: str, context: Mapping[str, Any]) -> str:
    """Render a text as the content of a file is rendered."""
    return Renderer().text(source, context)
