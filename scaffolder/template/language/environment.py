"""
The `${{ }}` language of Backstage's templates, as nunjucks with JavaScript's values has shaped it, within bounds.

What was read once is kept, for a birth renders everything twice, for the plan and for real.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from scaffolder.template.expressions import UNDEFINED, Variables
from scaffolder.template.language import nodes
from scaffolder.template.language.bounds import Allowance, BoundError, Limits
from scaffolder.template.language.compiler import Action, Value, captured, compiled, value_of
from scaffolder.template.language.faults import MISTAKES, Fault, in_words
from scaffolder.template.language.frames import Outermost, Run
from scaffolder.template.language.lexer import Lexer
from scaffolder.template.language.parser import parse
from scaffolder.template.language.surroundings import surroundings
from scaffolder.template.language.values import check_size, to_js, to_python

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_KEPT = 4_096
"""Texts that are kept as they were read."""
PYTHON_CONSTANTS = {"True": True, "False": False, "None": None}


class Dialect(NamedTuple):
    """How a place in Backstage writes templates; see `fetch:template`'s inputs of the same names."""

    cookiecutter: bool = False
    trim_blocks: bool = False
    lstrip_blocks: bool = False


class _Template(NamedTuple):
    """A text as it was read; `value` is there when it is one `${{ … }}` and nothing else."""

    action: Action
    value: Value | None


class Environment:
    """Renders texts of one dialect; every text has its own time."""

    def __init__(self, dialect: Dialect, limits: Limits | None = None) -> None:
        self.dialect = dialect
        self._limits = limits or Limits()
        self._read = lru_cache(maxsize=MOST_KEPT)(self._template)

    def render(self, source: str, context: Mapping[str, Any]) -> str:
        """
        Render a text.

        Raises:
            Fault: It is wrong, or asks for too much; with the line.
        """
        run = self._run(context)
        run.allow(len(source))
        try:
            return captured(self._read(source).action, Outermost(run))
        except (Fault, BoundError, *MISTAKES) as error:
            _fail(error, source, run)
        finally:
            _forget_changed(context, run)

    def evaluate(self, source: str, context: Mapping[str, Any]) -> Any:
        """
        Render the field of a step: one `${{ … }}` alone keeps its type, and everything else is a text.

        Raises:
            Fault: As `render`.
        """
        run = self._run(context)
        try:
            template = self._read(source)
            if template.value is None:
                return captured(template.action, Outermost(run))
            value = template.value(Outermost(run))
            check_size(value)
            return to_python(value, missing=UNDEFINED)
        except (Fault, BoundError, *MISTAKES) as error:
            _fail(error, source, run)
        finally:
            _forget_changed(context, run)

    def _template(self, source: str) -> _Template:
        dialect = self.dialect
        lexer = Lexer(
            source,
            variable_start="{{" if dialect.cookiecutter else "${{",
            trim_blocks=dialect.trim_blocks,
            lstrip_blocks=dialect.lstrip_blocks,
        )
        statements = parse(lexer)
        match [one for one in statements if not isinstance(one, nodes.Text) or one.text]:
            case [nodes.Output(value)]:
                return _Template(compiled(statements), value_of(value))
        return _Template(compiled(statements), None)

    def _run(self, context: Mapping[str, Any]) -> Run:
        allowance = Allowance(self._limits)
        around = surroundings(allowance)
        if self.dialect.cookiecutter:
            around |= PYTHON_CONSTANTS
        return Run(_ready(context), allowance, surroundings=around, compatible=self.dialect.cookiecutter)


def _ready(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return variables as the language has them."""
    if not isinstance(context, Variables):
        return _converted(context)
    if context.ready is None:
        context.ready = _converted(context)
    return dict(context.ready)


def _converted(context: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return dict(to_js(context))
    except RecursionError as error:
        msg = "the values nest too deeply"
        raise Fault(msg) from error


def _forget_changed(context: Mapping[str, Any], run: Run) -> None:
    """Let no text see what another one has changed."""
    if run.changed and isinstance(context, Variables):
        context.ready = None


def _fail(error: BaseException, source: str, run: Run) -> NoReturn:
    line = error.line if isinstance(error, Fault) else None
    raise Fault(in_words(error), line or source.count("\n", 0, run.at) + 1) from error


@lru_cache
def environment(dialect: Dialect) -> Environment:
    """Return the environment of a dialect, with what it has read so far."""
    return Environment(dialect)
