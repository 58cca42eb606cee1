"""Renders the texts of one template, with Jinja where it must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import Place
from scaffolder.template.cookiecutter import simple
from scaffolder.template.cookiecutter.bounds import BoundError, Budget, Limits, MayRunAway
from scaffolder.template.cookiecutter.compiled import Compiled
from scaffolder.template.cookiecutter.dialect import Dialect
from scaffolder.template.expressions import RenderError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from scaffolder.gateways.confined import Note
    from scaffolder.template.cookiecutter.sandbox import Sandbox

LONGER_TO_PARSE: Final = 4
"""To parse and compile a text takes so much longer than anything else that is done with it."""


class Engine:
    """
    Renders texts; `load` returns what a template includes by name.

    `files` returns what the template holds, by which earlier compilations are known. With a `note`, we are in
    a process that can be ended: each text that Jinja renders is written there.
    """

    def __init__(
        self,
        dialect: Dialect | None = None,
        *,
        load: Callable[[str], str | None] = lambda _name: None,
        files: Callable[[], Iterable[bytes]] | None = None,
        compiled: Compiled | None = None,
        note: Note | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.dialect = dialect or Dialect()
        self._compiled = compiled or Compiled(self.dialect.key)
        self._files = files
        self._load = load
        self._note = note
        self._budget = Budget(limits or Limits(), confined=note is not None)
        self._made: Sandbox | None = None

    @property
    def _sandbox(self) -> Sandbox:
        if self._made is None:
            self._made = self._new_sandbox()
        return self._made

    def _new_sandbox(self) -> Sandbox:
        from jinja2 import FunctionLoader

        from scaffolder.template.cookiecutter.sandbox import Sandbox

        if self._files is not None:
            self._compiled.open(self._files())
        try:
            return Sandbox(
                self._budget,
                loader=FunctionLoader(self._load),
                compiled=self._compiled,
                extensions=self.dialect.extensions,
                options=self.dialect.options,
            )
        except (AssertionError, TypeError, ValueError) as error:
            msg = f"_jinja2_env_vars of cookiecutter.json cannot be used: {error}"
            raise RenderError(msg) from error

    def has_tags(self, source: str) -> bool:
        """Tell whether a text needs rendering."""
        return simple.has_tags(source) if self.dialect.plain else self.dialect.begins_in(source)

    def parts(self, source: str) -> list[str] | None:
        """Return a text taken apart, None when Jinja must render it."""
        return simple.parts(source) if self.dialect.plain else None

    def text(self, source: str, context: Mapping[str, Any], *, file: str) -> str:
        """
        Render a text.

        Raises:
            RenderError: With file and line.
            MayRunAway: It must be rendered in a process that can be ended.
        """
        if self._note is not None:
            self._note.write(file)
        found = self.parts(source)
        if found is None:
            made = self.rendered(source, context, file=file)
        else:
            made = self._put_together(found, context["cookiecutter"], file)
        self._budget.written(len(made))
        return made

    def _put_together(self, found: list[str], variables: Mapping[str, Any], file: str) -> str:
        try:
            return simple.put_together(found, variables, file=file, allow=self._budget.text)
        except BoundError as error:
            raise RenderError(str(error), place=Place(file)) from error

    def rendered(self, source: str, context: Mapping[str, Any], *, file: str) -> str:
        """Render a text with Jinja."""
        from scaffolder.template.cookiecutter.failures import FAILURES, explain, missing_variable

        try:
            return self._run(source, context)
        except FAILURES as error:
            reason, line = explain(error)
            place, missing = Place(file, line), missing_variable(reason)
            if missing:
                raise simple.NotDefined(missing, list(context["cookiecutter"]), place=place) from error
            raise RenderError(reason, place=place) from error

    def _run(self, source: str, context: Mapping[str, Any]) -> str:
        from jinja2 import Template

        sandbox = self._sandbox
        self._budget.at_once(len(source) * LONGER_TO_PARSE)
        self._budget.start()
        code = sandbox.compile(source)
        if not (self._budget.confined or sandbox.straight):
            raise MayRunAway
        template = Template.from_code(sandbox, code, sandbox.make_globals(None))
        parts, total = [], 0
        for part in template.root_render_func(template.new_context(dict(context))):
            total += len(part)
            self._budget.text(total)
            parts.append(part)
        return "".join(parts)
