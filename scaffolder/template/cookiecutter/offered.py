"""What is offered when a cookiecutter template is asked: the defaults of a page, and the options of its choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from scaffolder.template.cookiecutter.apart import apart, needed, with_code
from scaffolder.template.cookiecutter.bounds import MayRunAway
from scaffolder.template.cookiecutter.brought import Code
from scaffolder.template.cookiecutter.context import Origin, context_of
from scaffolder.template.cookiecutter.description import Home
from scaffolder.template.cookiecutter.dialect import Dialect, dialect_of
from scaffolder.template.cookiecutter.engine import Engine
from scaffolder.template.expressions import RenderError
from scaffolder.template.manifest import COOKIECUTTER_FILE
from scaffolder.template.trust import NOTHING, Allowed
from scaffolder.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scaffolder.gateways.confined import Note

    Variables = Mapping[str, Any]


class Defaults(NamedTuple):
    """
    The defaults of what is not answered, and maps that were answered in parts, whole.

    `waiting` says why some are not known yet, '' where there is none.
    """

    known: dict[str, Any]
    waiting: dict[str, str]


def computed_defaults(
    variables: Variables, answers: Variables, *, home: Home | None = None, allowed: Allowed = NOTHING
) -> Defaults:
    """
    Return the defaults of what is asked and not answered, over the answers that are.

    The extensions that are allowed come from the template's `home`.
    """
    found, waiting = _Defaults(variables, answers, home or Home(Tree()), allowed).done()
    new = {name: value for name, value in found.items() if name not in answers or isinstance(value, dict)}
    return Defaults(new, waiting)


def rendered_choices(variables: Variables, answers: Variables, names: Sequence[str]) -> dict[str, list[str]]:
    """
    Return the options of choices, whose texts name other variables, as they read after these answers.

    An option that cannot be rendered yet reads as it is written.
    """
    context = {"cookiecutter": {**variables, **answers}}
    dialect = dialect_of({**variables, "_extensions": ()})

    def rendered(note: Note | None = None) -> dict[str, list[str]]:
        engine = Engine(dialect, note=note)
        return {name: [_option(str(option), context, engine) for option in variables[name]] for name in names}

    try:
        return rendered()
    except MayRunAway:
        found: dict[str, list[str]] = apart(rendered)
        return found


def _option(text: str, context: Variables, engine: Engine) -> str:
    try:
        return engine.text(text, context, file=COOKIECUTTER_FILE)
    except RenderError:
        return text


Values = tuple[dict[str, Any], dict[str, str]]


@dataclass(slots=True)
class _Defaults:
    """Works out the defaults of a page."""

    variables: Variables
    answers: Variables
    home: Home
    allowed: Allowed

    def done(self) -> Values:
        dialect = dialect_of(self.variables, self.allowed._replace(decided=True))
        found, waiting = self._rendered(dialect)
        if why := needed(self.variables, dialect):
            waiting = {name: reason and f"{reason} ({why})" for name, reason in waiting.items()}
        return found, waiting

    def _rendered(self, dialect: Dialect) -> Values:
        if dialect.brought:
            from scaffolder.template.cookiecutter.hooks import bench

            with bench(Code()) as private:
                self.home.tree.write(private.template)
                place = private.template / self.home.directory
                loaded: Values = with_code(lambda note: self._values(Engine(dialect, note=note)), dialect, place)
                return loaded
        try:
            return self._values(Engine(dialect))
        except MayRunAway:
            found: Values = apart(lambda note: self._values(Engine(dialect, note=note)))
            return found

    def _values(self, engine: Engine) -> Values:
        waiting: dict[str, str] = {}
        context = context_of(self.variables, self.answers, engine=engine, origin=Origin(), waiting=waiting)[
            "cookiecutter"
        ]
        asked = {name: default for name, default in self.variables.items() if name[:1] != "_"}
        known = {name: self._shown(default, context[name]) for name, default in asked.items() if name not in waiting}
        return known, {name: reason for name, reason in waiting.items() if name in asked}

    @staticmethod
    def _shown(default: Any, value: Any) -> Any:
        """Return a default as the question offers it: a choice is the option as it is written."""
        if isinstance(default, list) and default:
            return str(default[0])
        return dict(value) if isinstance(value, dict) else value
