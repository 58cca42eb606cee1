"""
The project that a cookiecutter template makes for a step.

Where hooks are run it is made once in a process: what the plan shows is what is placed, and nothing runs twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from scaffolder.template.places import Whole
from scaffolder.template.trust import NOTHING
from scaffolder.tree import Tree

if TYPE_CHECKING:
    from scaffolder.task.action import ActionContext, Values
    from scaffolder.template.cookiecutter import Home, Origin, Rendered

_made: dict[str, Rendered] = {}


def project(context: ActionContext, source: Home, values: Values, *, origin: Origin, ours: bool) -> Tree:
    """
    Render a template with as much of its own code as the person allows.

    `ours` tells that it is the task's own template, of which the person was asked; no other runs anything. The values
    are all there are: nothing of the template's own is added to a map.
    """
    from scaffolder.template.cookiecutter import Code, render

    allowed = context.allowed if ours else NOTHING._replace(decided=context.allowed.decided)
    private = context.task_directory if context.task_directory != context.workspace else None  # a dry run has none
    values = {name: Whole(value) if isinstance(value, Mapping) else value for name, value in values.items()}
    code = Code(allowed, private, context.log)
    if not allowed.hooks:
        made = render(source.tree, values, directory=source.directory, origin=origin, code=code)
    else:
        asked = [source.tree.digest(), source.directory, values, origin.variables(), allowed.extensions]
        key = json.dumps(asked, sort_keys=True, default=str)
        if key not in _made:
            made = render(source.tree, values, directory=source.directory, origin=origin, code=code)
            _made.clear()  # the last one only: a plan is made, then carried out
            _made[key] = made
        made = _made[key]
    if made.ran:
        context.log(f"its hooks were run: {', '.join(made.ran)}")
    if made.hooks:
        context.log(f"its hooks were not run: {', '.join(made.hooks)}")
    return _without_repository(context, made.tree)


def _without_repository(context: ActionContext, tree: Tree) -> Tree:
    """Leave out the git repository that a hook has made: the new service gets its own."""
    kept = {path: node for path, node in tree.items() if path != ".git" and not path.startswith(".git/")}
    if len(kept) == len(tree):
        return tree
    context.log("the git repository that a hook made is left out: there will be one")
    return Tree(kept)
