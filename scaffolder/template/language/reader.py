"""
Reads the expressions of a template.

The order of the operators is nunjucks'; see `nodes` for the rows. `not` belongs to the first operand of what follows it
(`not a == b` is `(not a) == b`), except before `in` and `is`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.template.language import nodes
from scaffolder.template.language.lexer import Kind, Token, unquoted
from scaffolder.template.language.values import number, to_string

if TYPE_CHECKING:
    from scaffolder.template.language.faults import Fault
    from scaffolder.template.language.lexer import Lexer

COMPARISONS = frozenset({"==", "===", "!=", "!==", "<", ">", "<=", ">="})
CONSTANTS = {"true": True, "false": False, "none": None, "null": None}
RESERVED = frozenset({"__proto__", "constructor", "prototype"})
"""Names behind which JavaScript keeps what a template has no business with."""


class Reader:
    """Takes token after token; the next one may be looked at."""

    def __init__(self, lexer: Lexer) -> None:
        self.lexer = lexer
        self._peeked: Token | None = None

    def take(self) -> Token:
        """Return the next token, and go on."""
        token = self._peeked or self.lexer.next()
        self._peeked = None
        return token

    def peek(self) -> Token:
        """Return the next token."""
        token = self._peeked
        if token is None:
            token = self._peeked = self.lexer.next()
        return token

    def skip(self, operator: str) -> bool:
        """Take that operator, if it is the next token."""
        token = self.peek()
        found = token.kind is Kind.OPERATOR and token.text == operator
        if found:
            self._peeked = None
        return found

    def skip_word(self, word: str) -> bool:
        """Take that word, if it is the next token."""
        token = self.peek()
        found = token.kind is Kind.WORD and token.text == word
        if found:
            self._peeked = None
        return found

    def expect(self, operator: str) -> None:
        """Take that operator."""
        if not self.skip(operator):
            raise self.unexpected(self.peek(), f"`{operator}`")

    def fault(self, message: str, token: Token) -> Fault:
        """Return an error about a token."""
        return self.lexer.fault(message, token.at)

    def unexpected(self, token: Token, wanted: str = "") -> Fault:
        """Return an error about a token that must not be there."""
        there = "the end of the template" if token.kind is Kind.END else f"`{token.text}`"
        return self.fault(f"expected {wanted}, got {there}" if wanted else f"{there} is not expected here", token)

    def expression(self) -> nodes.Expression:
        """`a if b else c`, or less."""
        value = self._either()
        if not self.skip_word("if"):
            return value
        condition = self._either()
        other = self._either() if self.skip_word("else") else nodes.Literal("")
        return nodes.Choice(value, condition, other)

    def _either(self) -> nodes.Expression:
        left = self._both()
        while self.skip_word("or"):
            left = nodes.Either(left, self._both())
        return left

    def _both(self) -> nodes.Expression:
        left = self._not()
        while self.skip_word("and"):
            left = nodes.Both(left, self._not())
        return left

    def _not(self) -> nodes.Expression:
        negations = 0
        while self.skip_word("not"):
            negations += 1
        value = self._contained()
        for _ in range(negations):
            value = _negated(value)
        return value

    def _contained(self) -> nodes.Expression:
        left = self._test()
        while True:
            inverted = self.skip_word("not")
            if not self.skip_word("in"):
                if inverted:
                    raise self.unexpected(self.peek(), "`in`")
                return left
            left = nodes.Contained(left, self._test())
            left = nodes.Not(left) if inverted else left

    def _test(self) -> nodes.Expression:
        value = self._comparison()
        if not self.skip_word("is"):
            return value
        inverted = self.skip_word("not")
        name, arguments = _test_of(self._comparison())
        test = nodes.Test(value, name, arguments)
        return nodes.Not(test) if inverted else test

    def _comparison(self) -> nodes.Expression:
        operands, operators = [self._sum()], []
        while self.peek().kind is Kind.OPERATOR and self.peek().text in COMPARISONS:
            operators.append(self.take().text)
            operands.append(self._sum())
        return nodes.Comparison(operands, operators) if operators else operands[0]

    def _sum(self) -> nodes.Expression:
        operands, operators = [self._product()], []
        while self.peek().kind is Kind.OPERATOR and self.peek().text in {"+", "-", "~"}:
            operators.append(self.take().text)
            operands.append(self._product())
        return nodes.Sum(operands, operators) if operators else operands[0]

    def _product(self) -> nodes.Expression:
        row = self._quotient()
        while self.skip("*"):
            _extend(row, "*", self._quotient())
        return _single(row)

    def _quotient(self) -> nodes.Product:
        row = self._floor()
        while self.skip("/"):
            _extend(row, "/", self._floor())
        return row

    def _floor(self) -> nodes.Product:
        row = self._remainder()
        while self.skip("//"):
            _extend(row, "/", self._remainder())
            row = nodes.Product([nodes.Floor(row)], [])
        return row

    def _remainder(self) -> nodes.Product:
        row = nodes.Product([self._power()], [])
        while self.skip("%"):
            row.operators.append("%")
            row.operands.append(self._power())
        return row

    def _power(self) -> nodes.Expression:
        base = self._unary()
        while self.skip("**"):
            base = nodes.Power(base, self._unary())
        return base

    def _unary(self) -> nodes.Expression:
        value = self._signed()
        while self.skip("|"):
            name, arguments = self.filter()
            value = nodes.Filter(value, name, arguments)
        return value

    def _signed(self) -> nodes.Expression:
        token = self.peek()
        if token.kind is not Kind.OPERATOR or token.text not in {"-", "+"}:
            return self.primary()
        self.take()
        value = self._signed()
        if isinstance(value, nodes.Sign) and value.operator == token.text:
            raise self.unexpected(token, "a value")
        return nodes.Sign(token.text, value)

    def filter(self) -> tuple[str, nodes.Arguments]:
        """Read the name and the arguments of a filter."""
        name = self._word("the name of a filter")
        while self.skip("."):
            name += "." + self._word("the name of a filter")
        return name, self._arguments() if self.peek().text == "(" else nodes.Arguments([], [])

    def _word(self, what: str) -> str:
        token = self.take()
        if token.kind is not Kind.WORD:
            raise self.unexpected(token, what)
        return token.text

    def variable(self) -> str:
        """Read the name of a variable that is to be written."""
        token = self.take()
        if token.kind is not Kind.WORD or token.text in CONSTANTS:
            raise self.unexpected(token, "the name of a variable")
        return self._checked(token)

    def _checked(self, token: Token) -> str:
        if token.text in RESERVED:
            raise self.fault(f"the name {token.text!r} is reserved", token)
        if not token.text.isidentifier():
            raise self.unexpected(token, "a value")
        return token.text

    def primary(self) -> nodes.Expression:
        """Read a literal, a name or a group, and what is reached from it."""
        return self._postfix(self._operand())

    def _operand(self) -> nodes.Expression:  # noqa: PLR0911 - one for each kind of operand
        token = self.take()
        match token.kind:
            case Kind.STRING:
                return nodes.Literal(unquoted(token.text))
            case Kind.NUMBER:
                return nodes.Literal(number(float(token.text)))
            case Kind.REGEX:
                body, _, flags = token.text[2:].rpartition("/")
                return nodes.RegexLiteral(body, flags)
            case Kind.WORD if token.text in CONSTANTS:
                return nodes.Literal(CONSTANTS[token.text])
            case Kind.WORD:
                return nodes.Name(self._checked(token))
        match token.text:
            case "(":
                return self._group(token)
            case "[":
                return nodes.ListLiteral(self._items("]"))
            case "{":
                return self._object()
        raise self.unexpected(token, "a value")

    def _group(self, token: Token) -> nodes.Expression:
        items = self._items(")")
        if not items:
            raise self.fault("there is nothing between the parentheses", token)
        return nodes.Group(items)

    def _items(self, closing: str) -> list[nodes.Expression]:
        items: list[nodes.Expression] = []
        while not self.skip(closing):
            if items:
                self.expect(",")
            items.append(self.expression())
        return items

    def _object(self) -> nodes.ObjectLiteral:
        members: list[tuple[str, nodes.Expression]] = []
        while not self.skip("}"):
            if members:
                self.expect(",")
            key = self.take()
            if key.kind not in {Kind.STRING, Kind.WORD} or key.text in CONSTANTS:
                raise self.unexpected(key, "a name or a text")
            self.expect(":")
            name = unquoted(key.text) if key.kind is Kind.STRING else key.text
            if name in RESERVED:
                raise self.fault(f"the name {name!r} is reserved", key)
            members.append((name, self.expression()))
        return nodes.ObjectLiteral(members)

    def _postfix(self, value: nodes.Expression) -> nodes.Expression:
        while self.peek().kind is Kind.OPERATOR:
            match self.peek().text:
                case "(":
                    value = nodes.Call(value, self._arguments())
                case "[":
                    self.take()
                    value = self._index(value)
                case ".":
                    self.take()
                    name = self.take()
                    if name.kind is not Kind.WORD or name.text in CONSTANTS:
                        raise self.unexpected(name, "a name after `.`")
                    value = nodes.Member(value, nodes.Literal(name.text))
                case _:
                    break
        return value

    def _index(self, target: nodes.Expression) -> nodes.Expression:
        parts: list[nodes.Expression | None] = [None]
        while not self.skip("]"):
            if self.skip(":"):
                parts.append(None)
            elif parts[-1] is None:
                parts[-1] = self.expression()
            else:
                raise self.unexpected(self.peek(), "`]`")
        match parts:
            case [nodes.Expression() as key]:
                return nodes.Member(target, key)
            case [start, stop]:
                return nodes.Slice(target, start, stop, None)
            case [start, stop, step]:
                return nodes.Slice(target, start, stop, step)
        raise self.unexpected(self.peek(), "one index")

    def _arguments(self) -> nodes.Arguments:
        self.expect("(")
        found = nodes.Arguments([], [])
        begun = False
        while not self.skip(")"):
            if begun:
                self.expect(",")
            begun = True
            token, value = self.peek(), self.expression()
            if not self.skip("="):
                found.plain.append(value)
            elif isinstance(value, nodes.Name):
                found.named.append((value.name, self.expression()))
            else:
                raise self.unexpected(token, "a name before `=`")
        return found

    def parameters(self) -> nodes.Parameters:
        """Read the parameters of a macro or of a call block."""
        token, arguments = self.peek(), self._arguments()
        names = [value.name for value in arguments.plain if isinstance(value, nodes.Name)]
        if len(names) != len(arguments.plain):
            raise self.fault("a parameter must be a name", token)
        return nodes.Parameters(names, arguments.named)


def _extend(row: nodes.Product, operator: str, more: nodes.Product) -> None:
    row.operators += [operator, *more.operators]
    row.operands += more.operands


def _single(row: nodes.Product) -> nodes.Expression:
    return row if row.operators else row.operands[0]


def _negated(value: nodes.Expression) -> nodes.Expression:
    """Return `!value` as JavaScript reads it: `!` binds tighter than any operator between two values."""
    if not isinstance(value, nodes.Row):
        return nodes.Not(value)
    first, *others = value.operands
    return type(value)([_negated(first), *others], value.operators)


def _test_of(right: nodes.Expression) -> tuple[str, nodes.Arguments]:
    """Return the test that stands at the right of `is`; what is neither a name nor a call asks for `undefined`."""
    match right:
        case nodes.Call(target, arguments):
            return _test_of(target)[0], arguments
        case nodes.Name(name):
            return name, nodes.Arguments([], [])
        case nodes.Filter(test, name):
            return f"{_test_of(test)[0]} | {name}", nodes.Arguments([], [])
        case nodes.Literal(value):
            return to_string(value), nodes.Arguments([], [])
    return "undefined", nodes.Arguments([], [])
