"""
The nunjucks grammar where it differs from Jinja's.

`not`, `~` and the comparisons bind as in JavaScript (`not a == b` is `(not a) == b`; `3 > 2 > 1` is false), object
literals may have bare keys, an `if` without `else` gives an empty text, and `elseif` is `elif`. Comparisons become
tests whose names no template can write, so that their meaning is found in one table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import nodes
from jinja2.parser import Parser

if TYPE_CHECKING:
    from jinja2.lexer import Token

EQUALITY = {"eq": "==", "ne": "!="}
ORDER = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}
PYTHON_CONSTANTS = frozenset({"True", "False", "None"})


class NunjucksParser(Parser):
    """Builds Jinja's syntax tree from nunjucks' expressions."""

    def parse_condexpr(self) -> nodes.Expr:
        """`a if b else c`."""
        value = self.parse_or()
        while self.stream.skip_if("name:if"):
            test = self.parse_or()
            other = self.parse_condexpr() if self.stream.skip_if("name:else") else nodes.Const("", lineno=test.lineno)
            value = nodes.CondExpr(test, value, other, lineno=test.lineno)
        return value

    def parse_not(self) -> nodes.Expr:
        """Go on to equality: `not` itself binds tighter."""
        return self.parse_compare()

    def parse_compare(self) -> nodes.Expr:
        """Equality and `in`, from left to right."""
        left = self._parse_order()
        while operator := self._skip_equality():
            left = nodes.Test(left, operator, [self._parse_order()], [], None, None, lineno=left.lineno)
        return left

    def _skip_equality(self) -> str:
        if self.stream.skip_if("name:in"):
            return "contained in"
        if self.stream.current.test("name:not") and self.stream.look().test("name:in"):
            self.stream.skip(2)
            return "not contained in"
        operator = EQUALITY.get(self.stream.current.type, "")
        if operator:
            next(self.stream)
            if self.stream.skip_if("assign"):
                operator += "="
        return operator

    def _parse_order(self) -> nodes.Expr:
        left = self.parse_math1()
        while operator := ORDER.get(self.stream.current.type):
            next(self.stream)
            left = nodes.Test(left, operator, [self.parse_math1()], [], None, None, lineno=left.lineno)
        return left

    def parse_math1(self) -> nodes.Expr:
        """`+`, `-` and `~`, from left to right."""
        left = self.parse_math2()
        while self.stream.current.type in {"add", "sub", "tilde"}:
            operator = next(self.stream).type
            right = self.parse_math2()
            left = _sum(operator, left, right)
        return left

    def parse_pow(self) -> nodes.Expr:
        """`**`, from left to right, as nunjucks groups it."""
        left = self.parse_unary()
        while self.stream.skip_if("pow"):
            left = nodes.Pow(left, self.parse_unary(), lineno=left.lineno)
        return left

    def parse_unary(self, with_filter: bool = True) -> nodes.Expr:  # noqa: FBT001, FBT002 - Jinja's signature
        """`not`, which takes filters and tests with it, or a sign."""
        if self.stream.current.test("name:not") and not self.stream.look().test("name:in"):
            lineno = next(self.stream).lineno
            return nodes.Not(self.parse_unary(), lineno=lineno)
        return super().parse_unary(with_filter)

    def parse_primary(self, with_namespace: bool = False) -> nodes.Expr:  # noqa: FBT001, FBT002 - Jinja's signature
        """Read a name, a literal or a group (of which the last counts); Python's constants are names like any other."""
        token: Token = self.stream.current
        if token.type == "name" and token.value in PYTHON_CONSTANTS:
            next(self.stream)
            return nodes.Name(token.value, "load", lineno=token.lineno)
        if token.test("name:r") and self.stream.look().type == "div":
            self.fail("regular expressions (r/…/) are not understood yet", token.lineno)
        if token.test("name:null"):
            next(self.stream)
            return nodes.Const(None, lineno=token.lineno)
        primary = super().parse_primary(with_namespace)
        return primary.items[-1] if isinstance(primary, nodes.Tuple) and primary.items else primary

    def parse_list(self) -> nodes.List:
        """`[…]`, as a list that is true."""
        return _converted("list of", super().parse_list())  # type: ignore[return-value] # any expression will do

    def parse_dict(self) -> nodes.Dict:
        """`{…}`, with bare keys, as an object that is true."""
        opening = self.stream.expect("lbrace")
        pairs: list[nodes.Pair] = []
        while not self.stream.skip_if("rbrace"):
            if pairs:
                self.stream.expect("comma")
            pairs.append(self._parse_pair())
        literal = nodes.Dict(pairs, lineno=opening.lineno)
        return _converted("object of", literal)  # type: ignore[return-value] # any expression will do

    def _parse_pair(self) -> nodes.Pair:
        token = self.stream.current
        key: nodes.Expr
        if token.type == "name" and self.stream.look().type == "colon":
            next(self.stream)
            key = nodes.Const(token.value, lineno=token.lineno)
        else:
            key = self.parse_primary()
        self.stream.expect("colon")
        return nodes.Pair(key, self.parse_expression(), lineno=token.lineno)

    def parse_for(self) -> nodes.For:
        """`for`, over what JavaScript would walk."""
        loop = super().parse_for()
        names = len(loop.target.items) if isinstance(loop.target, nodes.Tuple) else 1
        walk = nodes.EnvironmentAttribute("walk")
        loop.iter = nodes.Call(walk, [loop.iter, nodes.Const(names)], [], None, None, lineno=loop.lineno)
        return loop

    def parse_if(self) -> nodes.If:
        """`if`, `elif` or `elseif`, `else`."""
        first = node = nodes.If(lineno=self.stream.expect("name:if").lineno)
        ends = ("name:elif", "name:elseif", "name:else", "name:endif")
        while True:
            node.test = self.parse_tuple(with_condexpr=False)
            node.body = self.parse_statements(ends)
            node.elif_, node.else_ = [], []
            token = next(self.stream)
            if not token.test_any("name:elif", "name:elseif"):
                break
            node = nodes.If(lineno=token.lineno)
            first.elif_.append(node)
        if token.test("name:else"):
            first.else_ = self.parse_statements(("name:endif",), drop_needle=True)
        return first


def _sum(operator: str, left: nodes.Expr, right: nodes.Expr) -> nodes.Expr:
    match operator:
        case "add":
            return nodes.Add(left, right, lineno=left.lineno)
        case "sub":
            return nodes.Sub(left, right, lineno=left.lineno)
        case _:
            return nodes.Filter(left, "followed by", [right], [], None, None, lineno=left.lineno)


def _converted(name: str, literal: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(literal, name, [], [], None, None, lineno=literal.lineno)
