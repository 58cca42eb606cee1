"""
What `cookiecutter.json` says: the variables, the directory that becomes the project, the templates within.

Its variables become one page of questions, and rendering is a single step.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from scaffolder.errors import Place, did_you_mean
from scaffolder.template.cookiecutter.context import AnswerRefused
from scaffolder.template.cookiecutter.dialect import dialect_of, foreign
from scaffolder.template.cookiecutter.links import LinkRefused, followed
from scaffolder.template.cookiecutter.own_defaults import overlaid
from scaffolder.template.cookiecutter.press import listed
from scaffolder.template.cookiecutter.questions import CHOICE, Within, asked, page_of
from scaffolder.template.cookiecutter.variables import parsed
from scaffolder.template.errors import TemplateInvalid
from scaffolder.template.manifest import COOKIECUTTER_FILE, NO_DEFAULTS, Step, Template
from scaffolder.template.trust import NOTHING, Allowed, listed_extensions
from scaffolder.tree import Directory, File, Link, Tree, contained

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scaffolder.template.source import Resolved
    from scaffolder.tree import Node

ACTION: Final = "fetch:cookiecutter"
WITHIN: Final = ("templates", CHOICE)
MOST_WITHIN: Final = 200
DEEPEST: Final = 8
HOOKS_PLACE: Final = "hooks"
BEFORE_QUESTIONS: Final = "pre_prompt"
HOOKS: Final = (BEFORE_QUESTIONS, "pre_gen_project", "post_gen_project")
"""The names of scripts, in the order in which they run."""


class Home(NamedTuple):
    """Where a template is: the files that are read of its repository, and its directory there."""

    tree: Tree
    directory: str = ""


def manifest_of(
    resolved: Resolved, *, defaults: Mapping[str, Any] = NO_DEFAULTS, allowed: Allowed = NOTHING
) -> Template:
    """
    Return what a cookiecutter template is; `defaults` are a person's own, for variables of any template.

    What it is for stands in its README, and is read where somebody wants to know (`template.readme`).

    Raises:
        TemplateInvalid: `cookiecutter.json` is malformed, or no directory of the template is named by it, and none
            can be made any more by the hook before the questions.
    """
    tree, home, source = resolved.root, resolved.directory, resolved.source
    variables = read_variables(tree, home, file=resolved.shown(COOKIECUTTER_FILE))
    within = _all_within(tree, home, variables)
    places = {key: one.directory for key, one in within.items() if not one.problem} or {"": home}
    if not within and (allowed.decided or not may_be_made(tree, home)):
        project_directory(tree, home)
    own = {key: one._replace(variables=overlaid(one.variables, defaults)) for key, one in within.items()}
    page = page_of(overlaid(variables, defaults), own, code=(tree, places, allowed))
    name = PurePosixPath(source.path).name or re.sub(r"\.(?:git|zip)$", "", PurePosixPath(source.location).name)
    values = {name: f"${{{{ parameters.{name} }}}}" for name in asked(page)}
    return Template(
        name=name,
        title=name,
        description="",
        tags=("cookiecutter",),
        owner="",
        type="",
        version=source.version,
        dialect="cookiecutter",
        pages=(page,),
        steps=(Step("render", "Render the template", ACTION, {"url": ".", "values": values}),),
        output={},
        document=variables,
        hooks=tuple(_hooks_of_each(tree, home, places.values())),
        extensions=tuple(_extensions_of_each([variables, *(one.variables for one in within.values())])),
        within=places if within else {},
    )


def _hooks_of_each(tree: Tree, home: str, directories: Iterable[str]) -> Iterator[str]:
    """Yield the hooks of the template at `home`, and of those in directories of it, by their paths in it."""
    for directory in dict.fromkeys((home, *directories)):
        inside = directory.removeprefix(home).removeprefix("/")
        yield from (posixpath.join(inside, hook) for hook in hooks_of(tree, directory))


def _extensions_of_each(several: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return somebody's own code that any of several sets of variables names."""
    listed = (name for variables in several for name in foreign(listed_extensions(variables.get("_extensions"))))
    return list(dict.fromkeys(listed))


def _all_within(tree: Tree, directory: str, variables: Mapping[str, Any]) -> dict[str, Within]:
    """
    Return the templates that the one in a directory holds, by their keys; one that holds others stands for these.

    One that cannot be used has a problem instead of variables, and is in nobody's way.

    Raises:
        TemplateInvalid: There are too many, or none can be used.
        PathEscapes: A directory is not inside.
    """
    found = dict(islice(_within(tree, directory, variables, ()), MOST_WITHIN + 1))
    if len(found) > MOST_WITHIN:
        msg = f"it holds more than {MOST_WITHIN} templates"
        raise TemplateInvalid(msg, place=Place(_description(directory)))
    problems = [one.problem for one in found.values() if one.problem]
    if problems and len(problems) == len(found):
        raise problems[0]
    return found


def _within(
    tree: Tree, directory: str, variables: Mapping[str, Any], above: tuple[str, ...]
) -> Iterator[tuple[str, Within]]:
    titles = _titles(variables)
    for number, (key, path) in enumerate(nested(variables).items()):
        place = contained(posixpath.join(directory, path)) if path else directory
        try:
            for inner, one in _one_within(tree, place, (*above, directory)):
                title = f"{titles[number]}: {one.title}" if inner else titles[number]
                yield posixpath.join(key, inner) if inner else key, one._replace(title=title)
        except TemplateInvalid as problem:
            yield key, Within(place, titles[number], {}, problem)


def _one_within(tree: Tree, place: str, above: tuple[str, ...]) -> Iterator[tuple[str, Within]]:
    """Yield the template in a directory, its key is '', or those it holds."""
    if place in above or len(above) > DEEPEST + 1:
        msg = "its templates lead in circles, or too deep"
        raise TemplateInvalid(msg, place=Place(_description(above[-1])))
    own = read_variables(tree, place)
    below = dict(islice(_within(tree, place, own, above), MOST_WITHIN + 1))
    yield from below.items() or [("", Within(place, "", own))]


def _description(directory: str) -> str:
    return posixpath.join(directory, COOKIECUTTER_FILE)


def nested(variables: Mapping[str, Any]) -> dict[str, str]:
    """
    Return the templates that a description names, and their directories.

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


def _titles(variables: Mapping[str, Any]) -> list[str]:
    """Return how the templates are called that a description names."""
    several = variables.get("templates")
    if isinstance(several, Mapping):
        return [_title(str(key), value) for key, value in several.items()]
    return [re.sub(r"\s*\(.+\)", "", str(option)) for option in nested(variables)]


def _title(key: str, value: Mapping[str, Any]) -> str:
    title = str(value.get("title", key))
    description = str(value.get("description", key))
    return title if description in {title, key} else f"{title} ({description})"


def _directory(described: object) -> str:
    path = described.get("path") if isinstance(described, Mapping) else None
    if not path or not isinstance(path, str):
        msg = "templates: each needs a path"
        raise TemplateInvalid(msg, place=Place(COOKIECUTTER_FILE))
    return "" if posixpath.normpath(path) == "." else contained(path)


def chosen(tree: Tree, answers: Mapping[str, Any], *, directory: str = "") -> str:
    """
    Return the directory of the template that the answers choose, which is `directory` itself if it holds none.

    Raises:
        AnswerRefused: There is none of that name.
        TemplateInvalid: That one cannot be used.
    """
    within = _all_within(tree, directory, read_variables(tree, directory))
    if not within:
        return directory
    wanted = next((str(answers[name]) for name in WITHIN if answers.get(name)), next(iter(within)))
    if wanted not in within:
        raise AnswerRefused(
            f"{CHOICE}: {wanted!r} is not one of: {', '.join(within)}", hint=did_you_mean(wanted, within)
        )
    if problem := within[wanted].problem:
        raise problem
    return within[wanted].directory


def taken(template: Template, answers: Mapping[str, Any]) -> str:
    """Return what cookiecutter calls a template, or the one that the answers choose within it."""
    directory = template.within.get(str(answers.get(CHOICE)), next(iter(template.within.values()), ""))
    return posixpath.basename(directory) or template.name


def is_computed(template: Template, name: str) -> bool:
    """Tell whether a variable's default is made from others."""
    return any(set(page.follows.get(name, ())) - {CHOICE} for page in template.pages)


def hooks_of(tree: Tree, directory: str = "") -> dict[str, bytes | None]:
    """
    Return the scripts that the template in a directory wants to run, by their paths in that, and their contents.

    They stand in their order, and may be links, as may their directory; None is the content of one that leads to
    nothing in the tree.
    """
    place = posixpath.join(directory, HOOKS_PLACE)
    if place not in tree and not any(path.startswith(f"{place}/") for path in tree):
        return {}
    nodes = listed(tree)
    try:
        real, _ = followed(nodes, place)
    except LinkRefused:
        return {HOOKS_PLACE: None}
    names = sorted(path.rpartition("/")[2] for path in nodes if path.rpartition("/")[0] == real)
    hooks = sorted(filter(_is_hook, names), key=lambda name: HOOKS.index(PurePosixPath(name).stem))
    return {f"{HOOKS_PLACE}/{name}": _content(nodes, f"{real}/{name}") for name in hooks}


def _content(nodes: Mapping[str, Node], path: str) -> bytes | None:
    try:
        _, node = followed(nodes, path)
    except LinkRefused:
        return None
    return node.data if isinstance(node, File) else None


def _is_hook(name: str) -> bool:
    return PurePosixPath(name).stem in HOOKS and not name.endswith("~")


def read_variables(tree: Tree, directory: str = "", *, file: str = "") -> dict[str, Any]:
    """Return the content of `cookiecutter.json` in a directory; errors call it `file`."""
    text, file = _text(tree, _description(directory)), file or _description(directory)
    if text is None:
        msg = "it is missing, or not UTF-8 text"
        raise TemplateInvalid(msg, place=Place(file))
    return parsed(text, file=file)


def _text(tree: Tree, path: str) -> str | None:
    """Return a file's text, also where links lead to it."""
    if path in tree and not isinstance(tree[path], Link):
        return tree.text(path)
    try:
        return tree.text(followed(listed(tree), path)[0])
    except LinkRefused:
        return None


def project_directory(tree: Tree, directory: str = "") -> str:
    """Return the directory of a template that becomes the project: the one whose name is a variable."""
    own = tree.under(directory)
    start, end = dialect_of({**read_variables(tree, directory), "_extensions": ()}).marks
    names = sorted(
        {path.partition("/")[0] for path, node in own.items() if "/" in path or isinstance(node, Directory | Link)}
    )
    found = [name for name in names if "cookiecutter" in name and start in name and end in name]
    if not found:
        msg = f"no directory of the template is named by a variable, like {start}cookiecutter.project_slug{end}"
        hint = (
            "its hook pre_prompt may make one, where it is allowed to run: --trust"
            if may_be_made(tree, directory)
            else ""
        )
        raise TemplateInvalid(msg, hint=hint, place=Place(COOKIECUTTER_FILE))
    return found[0]


def may_be_made(tree: Tree, directory: str = "") -> bool:
    """Tell whether a template has a hook before the questions, which may make the directory of the project."""
    return any(PurePosixPath(path).stem == BEFORE_QUESTIONS for path in hooks_of(tree, directory))
