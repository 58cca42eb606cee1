"""
What `cookiecutter.json` says: the variables, the directory that becomes the project, the templates within.

Its variables become one page of questions, and rendering is a single step.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections import OrderedDict
from collections.abc import Mapping
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import Place, did_you_mean
from scaffolder.template.cookiecutter.context import PROMPTS, AnswerRefused
from scaffolder.template.cookiecutter.dialect import dialect_of
from scaffolder.template.errors import TemplateInvalid
from scaffolder.template.manifest import COOKIECUTTER_FILE, Page, Step, Template
from scaffolder.tree import Directory, Link, Tree, contained

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scaffolder.template.source import TemplateSource

ACTION: Final = "fetch:cookiecutter"
CHOICE: Final = "template"
"""The question which of several templates to take."""
WITHIN: Final = ("templates", CHOICE)
HOOKS: Final = frozenset({"pre_prompt", "pre_gen_project", "post_gen_project"})


def manifest_of(tree: Tree, *, source: TemplateSource, file: str) -> Template:
    """
    Return the description of a cookiecutter template.

    Raises:
        TemplateInvalid: `cookiecutter.json` is malformed, or no directory of the template is named by it.
    """
    variables = read_variables(tree, file=file)
    each = {key: read_variables(tree.under(path)) for key, path in nested(variables).items()}
    schema = _schema_of_several(variables, each) if each else _schema_of_one(tree, variables)
    asked = _asked_within(schema) if each else _asked(variables)
    name = PurePosixPath(source.path).name or PurePosixPath(source.location).name.removesuffix(".git")
    step = Step(
        "render",
        "Render the template",
        ACTION,
        {"url": ".", "values": {n: f"${{{{ parameters.{n} }}}}" for n in asked}},
    )
    return Template(
        name=name,
        title=name,
        description=_first_line(tree),
        tags=("cookiecutter",),
        owner="",
        type="",
        version=source.version,
        dialect="cookiecutter",
        pages=(Page("", "", schema, computed=partial(_defaults, each or {"": variables})),),
        steps=(step,),
        output={},
        document=variables,
        hooks=hooks_of(tree),
    )


def _schema_of_one(tree: Tree, variables: Mapping[str, Any]) -> dict[str, Any]:
    project_directory(tree)
    return _schema(_asked(variables), variables.get(PROMPTS))


def _schema_of_several(variables: Mapping[str, Any], each: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the schema of the page: what is asked depends on which of the templates is taken."""
    branches = []
    for key, found in each.items():
        schema = _schema(_asked(found), found.get(PROMPTS))
        branches.append({"properties": {CHOICE: {"const": key}, **schema["properties"]}})
    choice = {"type": "string", "title": "Which template?", "enum": list(each), "enumNames": _titles(variables)}
    return {
        "type": "object",
        "properties": {CHOICE: {**choice, "default": next(iter(each))}},
        "dependencies": {CHOICE: {"oneOf": branches}},
    }


def _defaults(each: Mapping[str, Mapping[str, Any]], answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults of what is not answered, by the variables of the template that is taken; '' is the only."""
    from scaffolder.template.cookiecutter.rendering import computed_defaults

    if "" in each:
        return computed_defaults(each[""], answers)
    taken = answers[CHOICE] if answers.get(CHOICE) in each else next(iter(each))
    return {CHOICE: taken, **computed_defaults(each[taken], answers)}


def _asked(variables: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in variables.items() if not name.startswith("_")}


def _asked_within(schema: Mapping[str, Any]) -> list[str]:
    branches = schema["dependencies"][CHOICE]["oneOf"]
    return list(dict.fromkeys(name for branch in branches for name in branch["properties"]))


def nested(variables: Mapping[str, Any]) -> dict[str, str]:
    """
    Return the templates that a template holds, and their directories.

    Raises:
        TemplateInvalid: A directory is missing in the description.
        PathEscapes: One is not inside.
    """
    several = variables.get("templates")
    if isinstance(several, Mapping):
        return {str(key): _directory(value) for key, value in several.items()}
    older = variables.get(CHOICE)
    if CHOICE in variables and isinstance(older, list):
        found = {str(option): re.search(r"\((.+)\)", str(option)) for option in older}
        return {option: _directory({"path": match and match[1]}) for option, match in found.items()}
    return {}


def _directory(described: object) -> str:
    path = described.get("path") if isinstance(described, Mapping) else None
    if not path or not isinstance(path, str):
        msg = "templates: each needs a path"
        raise TemplateInvalid(msg, place=Place(COOKIECUTTER_FILE))
    return "" if posixpath.normpath(path) == "." else contained(path)


def _titles(variables: Mapping[str, Any]) -> list[str]:
    several = variables.get("templates")
    if not isinstance(several, Mapping):
        return [re.sub(r"\s*\(.+\)", "", str(option)) for option in variables[CHOICE]]
    return [_title(key, value) for key, value in several.items()]


def _title(key: str, value: Mapping[str, Any]) -> str:
    title = str(value.get("title", key))
    description = str(value.get("description", key))
    return title if description in {title, key} else f"{title} ({description})"


def chosen(tree: Tree, answers: Mapping[str, Any], *, directory: str = "") -> str:
    """
    Return the directory of the template that the answers choose, which is `directory` itself if it holds none.

    Raises:
        AnswerRefused: There is none of that name.
    """
    seen = set()
    while directory not in seen:
        seen.add(directory)
        within = nested(read_variables(tree.under(directory)))
        if not within:
            return directory
        wanted = next((str(answers[name]) for name in WITHIN if answers.get(name)), next(iter(within)))
        if wanted not in within:
            raise AnswerRefused(
                f"{CHOICE}: {wanted!r} is not one of: {', '.join(within)}", hint=did_you_mean(wanted, within)
            )
        directory = contained(posixpath.join(directory, within[wanted])) if within[wanted] else directory
    msg = "its templates lead in circles"
    raise TemplateInvalid(msg, place=Place(COOKIECUTTER_FILE))


def hooks_of(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the scripts that a template wants to run, by their paths in it."""
    return tuple(sorted(path for path in paths if _is_hook(path)))


def _is_hook(path: str) -> bool:
    directory, _, name = path.rpartition("/")
    return directory == "hooks" and PurePosixPath(name).stem in HOOKS and not name.endswith("~")


def _first_line(tree: Tree) -> str:
    """Return the first paragraph's first line of the README, which says what the template makes."""
    lines = (tree.text("README.md") or "").splitlines()
    return next((line.strip() for line in lines if line[:1].isalnum()), "")


def read_variables(tree: Tree, *, file: str = COOKIECUTTER_FILE) -> dict[str, Any]:
    """Return the content of `cookiecutter.json`."""
    text = tree.text(COOKIECUTTER_FILE)
    if text is None:
        msg = "it is missing, or not UTF-8 text"
        raise TemplateInvalid(msg, place=Place(file))
    try:
        variables = json.loads(text, object_pairs_hook=OrderedDict)  # texts may show a map, and it shows its kind
    except json.JSONDecodeError as error:
        raise TemplateInvalid(error.msg, place=Place(file, error.lineno)) from error
    except RecursionError as error:
        msg = "it nests too deeply"
        raise TemplateInvalid(msg, place=Place(file)) from error
    if not isinstance(variables, dict):
        msg = "an object (names and values) is expected"
        raise TemplateInvalid(msg, place=Place(file, 1))
    return variables


def project_directory(tree: Tree) -> str:
    """Return the directory that becomes the project: the one whose name is a variable."""
    start, end = dialect_of({**read_variables(tree), "_extensions": ()}).marks
    names = sorted(
        {path.partition("/")[0] for path, node in tree.items() if "/" in path or isinstance(node, Directory | Link)}
    )
    found = [name for name in names if "cookiecutter" in name and start in name and end in name]
    if not found:
        msg = f"no directory of the template is named by a variable, like {start}cookiecutter.project_slug{end}"
        raise TemplateInvalid(msg, place=Place(COOKIECUTTER_FILE))
    return found[0]


def _schema(asked: Mapping[str, Any], prompts: object) -> dict[str, Any]:
    labels = prompts if isinstance(prompts, Mapping) else {}
    properties = {name: _property(value, labels.get(name)) for name, value in asked.items()}
    return {"type": "object", "properties": properties}


def _property(value: object, label: object) -> dict[str, Any]:
    """Return the schema of one variable; its JSON value says what kind it is."""
    labels = label if isinstance(label, Mapping) else {}
    title = {"title": text} if (text := labels.get("__prompt__", label if isinstance(label, str) else "")) else {}
    match value:
        case bool():
            return {**title, "type": "boolean", "default": value}
        case list() if value:
            choices = [str(choice) for choice in value]
            names = [str(labels.get(choice, choice)) for choice in choices]
            return {**title, "type": "string", "enum": choices, "enumNames": names, "default": choices[0]}
        case dict():
            return {**title, "type": "object", "default": value}
        case None:
            return {**title, "type": "string"}
        case _:
            return {**title, "type": "string", "default": str(value)}
