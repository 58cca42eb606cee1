"""Renders the texts of one template, with Jinja where it must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.errors import Place
from scaffolder.template.cookiecutter import simple
from scaffolder.template.cookiecutter.bounds import Budget, Limits
from scaffolder.template.cookiecutter.compiled import Compiled
from scaffolder.template.cookiecutter.dialect import Dialect
from scaffolder.template.expressions import RenderError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from scaffolder.gateways.confined import Note
    from scaffolder.template.cookiecutter.sandbox import Sandbox


class MayRunAway(Exception):  # noqa: N818 - a signal within this package, never shown
    """A text may be rendered only where the process can be ended."""


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
        self._limits = limits or Limits()
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
                Budget(self._limits.text),
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
        found = self.parts(source)
        if found is not None:
            return simple.put_together(found, context["cookiecutter"], file=file)
        return self.rendered(source, context, file=file)

    def rendered(self, source: str, context: Mapping[str, Any], *, file: str) -> str:
        """Render a text with Jinja."""
        from scaffolder.template.cookiecutter.failures import FAILURES, explain, missing_variable

        if self._note is not None:
            self._note.write(file)
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
        sandbox.budget.start()
        code = sandbox.compile(source)
        if self._note is None and not sandbox.straight:
            raise MayRunAway
        template = Template.from_code(sandbox, code, sandbox.make_globals(None))
        parts, total = [], 0
        for part in template.root_render_func(template.new_context(dict(context))):
            total += len(part)
            sandbox.budget.text(total)
            parts.append(part)
        return "".join(parts)
