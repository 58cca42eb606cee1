"""What both kinds of templates have in common: names of other tools, and what a service should have. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scaffolder.template.lint.findings import Finding, Spot, error, warning
from scaffolder.template.lint.texts import unique
from scaffolder.tree import File

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scaffolder.template.lint.texts import Use
    from scaffolder.tree import Tree

OF_GITHUB = frozenset(
    {
        *(
            "github",
            "env",
            "secrets",
            "matrix",
            "runner",
            "needs",
            "inputs",
            "job",
            "jobs",
            "vars",
            "strategy",
            "steps",
        ),
        *("hashFiles", "success", "cancelled", "fromJSON", "toJSON", "contains", "startsWith", "endsWith", "format"),
    }
)
"""Names in the expressions of GitHub Actions."""
ENTRIES = frozenset({"catalog-info.yaml", "catalog-info.yml"})
_TAG = re.compile(r"\{%.*?%\}")
DOCS = frozenset({"mkdocs.yml", "mkdocs.yaml", "docs", "doc"})


def strangers(
    uses: list[Use], spot: Callable[[Use], Spot], *, fails: bool, copied: str = "_copy_without_render"
) -> Iterator[Finding]:
    """Yield what a text names that no template knows; `fails` tells whether it cannot be rendered then."""
    found, code = (error, "undefined") if fails else (warning, "undefined")
    of_github = [use for use in uses if use.path[0] in OF_GITHUB]
    for use in unique([use for use in uses if use not in of_github and not use.guarded], 1):
        outcome = "" if fails else ", and renders to nothing"
        yield found(code, spot(use), f"{use.path[0]} is not defined{outcome}")
    if of_github:
        first, number = of_github[0], len({use.at for use in of_github})
        more = f" ({number} of them in this file)" if number > 1 else ""
        outcome = "cannot be rendered" if fails else "is rendered to nothing"
        yield found(
            "github-expression",
            spot(first),
            f"the expression with {'.'.join(first.path)} is for GitHub, but {outcome} here{more}",
            f"put it between {{% raw %}} and {{% endraw %}}, or list the file under {copied}",
        )


def missing(paths: Iterable[str], spot: Spot, tree: Tree) -> Iterator[Finding]:
    """Yield what a service should have and these files of a tree do not."""
    several = list(paths)
    names = {part for path in several for part in _parts(path)}
    if not names & ENTRIES and not any(_is_entry(path, tree) for path in several):
        yield warning(
            "no-catalog-entry", spot, "it makes no catalog-info.yaml", "scaffolder adds one; a birth elsewhere has none"
        )
    if not names & DOCS:
        yield warning("no-docs", spot, "it makes no docs: neither mkdocs.yml nor a directory docs")


def _is_entry(path: str, tree: Tree) -> bool:
    """Tell whether a file describes an entity, whatever its name."""
    node = tree.get(path)
    return (
        isinstance(node, File)
        and path.endswith((".yaml", ".yml", ".njk"))
        and b"apiVersion: backstage.io/" in node.data
    )


def _parts(path: str) -> Iterator[str]:
    """Yield the names of a path, without the conditions around them and the suffix of a template."""
    for part in path.split("/"):
        name = _TAG.sub("", part)
        yield name
        yield name.removesuffix(".njk")
