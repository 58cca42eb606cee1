"""
What a template says, once it is read.

Sums, products and comparisons keep their operands in one row each: nunjucks writes them down as one row of JavaScript,
so that JavaScript's precedence decides, not the grammar's (`1 ~ 2 + 3` is `1 + "" + 2 + 3`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class Expression:
    """Has a value."""

    __slots__ = ()


@dataclass(slots=True)
class Known(Expression):
    """An expression that has been read before, and may have been made a function of."""

    source: str
    value: Expression
    function: Any = None


@dataclass(slots=True)
class Literal(Expression):
    """A text, a number, true, false or null."""

    value: Any


@dataclass(slots=True)
class RegexLiteral(Expression):
    """`r/body/flags`."""

    body: str
    flags: str


@dataclass(slots=True)
class Name(Expression):
    """A variable."""

    name: str


@dataclass(slots=True)
class Group(Expression):
    """`(a, b)`: the last counts."""

    items: list[Expression]


@dataclass(slots=True)
class ListLiteral(Expression):
    """`[a, b]`."""

    items: list[Expression]


@dataclass(slots=True)
class ObjectLiteral(Expression):
    """`{a: 1}`."""

    members: list[tuple[str, Expression]]


@dataclass(slots=True)
class Member(Expression):
    """`a.b` and `a[b]`."""

    target: Expression
    key: Expression


@dataclass(slots=True)
class Slice(Expression):
    """`a[b:c:d]`."""

    target: Expression
    start: Expression | None
    stop: Expression | None
    step: Expression | None


@dataclass(slots=True)
class Arguments:
    """What stands between the parentheses of a call; a name keeps its place among the others by coming last."""

    plain: list[Expression]
    named: list[tuple[str, Expression]]


@dataclass(slots=True)
class Call(Expression):
    """`f(a, b=c)`."""

    target: Expression
    arguments: Arguments


@dataclass(slots=True)
class Filter(Expression):
    """`a | name(b)`."""

    value: Expression
    name: str
    arguments: Arguments


@dataclass(slots=True)
class Test(Expression):
    """`a is name(b)`."""

    value: Expression
    name: str
    arguments: Arguments


@dataclass(slots=True)
class Contained(Expression):
    """`a in b`."""

    element: Expression
    container: Expression


@dataclass(slots=True)
class Row(Expression):
    """Operands and the operators between them, one fewer, taken from the left."""

    operands: list[Expression]
    operators: list[str]


class Product(Row):
    """A row of `*`, `/` and `%`."""

    __slots__ = ()


class Sum(Row):
    """A row of `+`, `-` and `~`."""

    __slots__ = ()


class Comparison(Row):
    """A row of comparisons; `<` and the like bind tighter than `==` and the like."""

    __slots__ = ()


@dataclass(slots=True)
class Floor(Expression):
    """`a // b`, of which the division is the value."""

    value: Expression


@dataclass(slots=True)
class Power(Expression):
    """`a ** b`."""

    base: Expression
    exponent: Expression


@dataclass(slots=True)
class Sign(Expression):
    """`-a` and `+a`."""

    operator: str
    value: Expression


@dataclass(slots=True)
class Not(Expression):
    """`not a`."""

    value: Expression


@dataclass(slots=True)
class Both(Expression):
    """`a and b`."""

    left: Expression
    right: Expression


@dataclass(slots=True)
class Either(Expression):
    """`a or b`."""

    left: Expression
    right: Expression


@dataclass(slots=True)
class Choice(Expression):
    """`a if b else c`."""

    value: Expression
    condition: Expression
    other: Expression


@dataclass(slots=True)
class Capture(Expression):
    """What a part of the template writes."""

    body: list[Statement]


@dataclass(slots=True)
class Parameters:
    """The parameters of a macro; those with a default come last."""

    plain: list[str]
    named: list[tuple[str, Expression]]


@dataclass(slots=True)
class Caller(Expression):
    """The body of a `call`, as a function."""

    parameters: Parameters
    body: list[Statement]


class Statement:
    """Writes something, or changes variables."""

    __slots__ = ()


@dataclass(slots=True)
class Text(Statement):
    """What stands between the tags."""

    text: str


@dataclass(slots=True)
class Output(Statement):
    """`${{ a }}`; `at` is its place in the source, here and below."""

    value: Expression
    at: int


@dataclass(slots=True)
class If(Statement):
    """`if`, with what follows its `else` (an `elif` is an `if` there)."""

    condition: Expression
    body: list[Statement]
    other: list[Statement]
    at: int


@dataclass(slots=True)
class For(Statement):
    """`for`."""

    names: list[str]
    items: Expression
    body: list[Statement]
    other: list[Statement]
    at: int


@dataclass(slots=True)
class Set(Statement):
    """`set a, b = c`."""

    names: list[str]
    value: Expression
    at: int


@dataclass(slots=True)
class Switch(Statement):
    """`switch`: an empty case falls into the next one."""

    value: Expression
    cases: list[tuple[Expression, list[Statement]]]
    default: list[Statement]
    at: int


@dataclass(slots=True)
class MacroDefinition(Statement):
    """`macro`."""

    name: str
    parameters: Parameters
    body: list[Statement]
    at: int


@dataclass(slots=True)
class Block(Statement):
    """`block`, which is written where it stands: nothing can extend a template here."""

    name: str
    body: list[Statement]
    at: int
