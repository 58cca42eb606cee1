"""Reads texts in the `${{ }}` language: what they name, and where they are wrong."""

from __future__ import annotations

from scaffolder.template.language import nodes
from scaffolder.template.language.environment import Dialect
from scaffolder.template.language.faults import Fault
from scaffolder.template.language.lexer import Lexer
from scaffolder.template.language.parser import parse
from scaffolder.template.lint.texts import Mistake, Reading
from scaffolder.template.lint.walk import walk

STEP = Dialect()
"""How the fields of steps are written."""


def read(source: str, dialect: Dialect = STEP) -> Reading:
    """Read a text."""
    reading = Reading(source)
    lexer = Lexer(
        source,
        variable_start="{{" if dialect.cookiecutter else "${{",
        trim_blocks=dialect.trim_blocks,
        lstrip_blocks=dialect.lstrip_blocks,
    )
    try:
        walk(parse(lexer), reading, compatible=dialect.cookiecutter)
    except Fault as fault:
        reading.mistakes.append(Mistake(fault.message, fault.line or 1))
        reading.broken = True
    except RecursionError:
        reading.mistakes.append(Mistake("it nests too deeply", 1))
        reading.broken = True
    return reading


def written_beside(source: str) -> str:
    """Return what a text has written beside its tags, white space too; '' when it cannot be read."""
    try:
        statements = parse(Lexer(source, variable_start="${{", trim_blocks=False, lstrip_blocks=False))
    except Fault:
        return ""
    return "".join(one.text for one in statements if isinstance(one, nodes.Text))
