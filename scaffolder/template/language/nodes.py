"""
What a template says, once it is read.

Sums, products and comparisons keep their operands in one row each: nunjucks writes them down as one row of JavaScript,
so that JavaScript's precedence decides, not the grammar's (`1 ~ 2 + 3` is `1 + "" + 2 + 3`).
"""

from __future__ import annotations

import inspect
from typing import Any, ClassVar, dataclass_transform


@dataclass_transform(eq_default=False)
class Node:
    """
    A part of a template, with its own parts by name and in order.

    There are many kinds of it, all of which are made whenever a template is read; as data classes they took longer to
    make than most templates to render.
    """

    parts: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls.parts = (*cls.parts, *inspect.get_annotations(cls))
        cls.__match_args__ = cls.parts  # type: ignore[misc, attr-defined] # as of a data class

    def __init__(self, *values: Any) -> None:
        vars(self).update(zip(self.parts, values, strict=False))


class Expression(Node):
    """Has a value."""


class Known(Expression):
    """An expression that has been read before, and may have been made a function of."""

    source: str
    value: Expression
    function: Any = None


class Literal(Expression):
    """A text, a number, true, false or null."""

    value: Any


class RegexLiteral(Expression):
    """`r/body/flags`."""

    body: str
    flags: str


class Name(Expression):
    """A variable."""

    name: str


class Group(Expression):
    """`(a, b)`: the last counts."""

    items: list[Expression]


class ListLiteral(Expression):
    """`[a, b]`."""

    items: list[Expression]


class ObjectLiteral(Expression):
    """`{a: 1}`."""

    members: list[tuple[str, Expression]]


class Member(Expression):
    """`a.b` and `a[b]`."""

    target: Expression
    key: Expression


class Slice(Expression):
    """`a[b:c:d]`."""

    target: Expression
    start: Expression | None
    stop: Expression | None
    step: Expression | None


class Arguments(Node):
    """What stands between the parentheses of a call; a name keeps its place among the others by coming last."""

    plain: list[Expression]
    named: list[tuple[str, Expression]]


class Call(Expression):
    """`f(a, b=c)`."""

    target: Expression
    arguments: Arguments


class Filter(Expression):
    """`a | name(b)`."""

    value: Expression
    name: str
    arguments: Arguments


class Test(Expression):
    """`a is name(b)`."""

    value: Expression
    name: str
    arguments: Arguments


class Contained(Expression):
    """`a in b`."""

    element: Expression
    container: Expression


class Row(Expression):
    """Operands and the operators between them, one fewer, taken from the left."""

    operands: list[Expression]
    operators: list[str]


class Product(Row):
    """A row of `*`, `/` and `%`."""


class Sum(Row):
    """A row of `+`, `-` and `~`."""


class Comparison(Row):
    """A row of comparisons; `<` and the like bind tighter than `==` and the like."""


class Floor(Expression):
    """`a // b`, of which the division is the value."""

    value: Expression


class Power(Expression):
    """`a ** b`."""

    base: Expression
    exponent: Expression


class Sign(Expression):
    """`-a` and `+a`."""

    operator: str
    value: Expression


class Not(Expression):
    """`not a`."""

    value: Expression


class Both(Expression):
    """`a and b`."""

    left: Expression
    right: Expression


class Either(Expression):
    """`a or b`."""

    left: Expression
    right: Expression


class Choice(Expression):
    """`a if b else c`."""

    value: Expression
    condition: Expression
    other: Expression


class Capture(Expression):
    """What a part of the template writes."""

    body: list[Statement]


class Parameters(Node):
    """The parameters of a macro; those with a default come last."""

    plain: list[str]
    named: list[tuple[str, Expression]]


class Caller(Expression):
    """The body of a `call`, as a function."""

    parameters: Parameters
    body: list[Statement]


class Statement(Node):
    """Writes something, or changes variables."""


class Text(Statement):
    """What stands between the tags."""

    text: str


class Output(Statement):
    """`${{ a }}`; `at` is its place in the source, here and below."""

    value: Expression
    at: int


class If(Statement):
    """`if`, with what follows its `else` (an `elif` is an `if` there)."""

    condition: Expression
    body: list[Statement]
    other: list[Statement]
    at: int


class For(Statement):
    """`for`."""

    names: list[str]
    items: Expression
    body: list[Statement]
    other: list[Statement]
    at: int


class Set(Statement):
    """`set a, b = c`."""

    names: list[str]
    value: Expression
    at: int


class Switch(Statement):
    """`switch`: an empty case falls into the next one."""

    value: Expression
    cases: list[tuple[Expression, list[Statement]]]
    default: list[Statement]
    at: int


class MacroDefinition(Statement):
    """`macro`."""

    name: str
    parameters: Parameters
    body: list[Statement]
    at: int


class Block(Statement):
    """`block`, which is written where it stands: nothing can extend a template here."""

    name: str
    body: list[Statement]
    at: int
