"""
Reads the statements of a template; `expressions` are read by the module of that name.

The grammar is nunjucks', with what the newer engine of Backstage has made of it: a tag that would load another template
is an error wherever it stands.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from scaffolder.template.language import nodes
from scaffolder.template.language.faults import Fault
from scaffolder.template.language.lexer import Kind, Lexer
from scaffolder.template.language.reader import Reader
from scaffolder.template.language.values import SPACES

if TYPE_CHECKING:
    from collections.abc import Callable

    from scaffolder.template.language.lexer import Token

MOST_KNOWN = 4_096
"""Expressions that are kept as they were read: the files of a skeleton have many in common."""
LOADING = frozenset({"extends", "from", "import", "include"})


def parse(lexer: Lexer) -> list[nodes.Statement]:
    """
    Read a whole template.

    Raises:
        Fault: It is not well formed; with the line.
    """
    try:
        return _Parser(lexer).statements()
    except RecursionError as error:
        msg = "it nests or calls itself too deeply"
        raise Fault(msg) from error


@lru_cache(maxsize=MOST_KNOWN)
def known(source: str) -> nodes.Expression | None:
    """Return an expression that stands alone between the marks of its tag; None when something is wrong with it."""
    reader = Reader(Lexer(source, variable_start="${{", trim_blocks=False, lstrip_blocks=False, inside=True))
    try:
        value = nodes.Known(source, reader.expression())
        return value if reader.peek().kind is Kind.END else None
    except Fault:
        return None


class _Parser(Reader):
    def __init__(self, lexer: Lexer) -> None:
        super().__init__(lexer)
        self._ends: tuple[str, ...] = ()
        self._drop_spaces = False
        self._blocks: set[str] = set()
        self._tags: dict[str, Callable[[Token], nodes.Statement]] = {
            "raw": self._raw,
            "verbatim": self._raw,
            "if": self._if,
            "for": self._for,
            "set": self._set,
            "macro": self._macro,
            "call": self._call,
            "filter": self._filter,
            "switch": self._switch,
            "block": self._block,
        }

    def statements(self) -> list[nodes.Statement]:
        """Read up to the end, or to a tag that the statement around these waits for; its name is the next token."""
        found: list[nodes.Statement] = []
        while True:
            token = self.take()
            match token.kind:
                case Kind.END:
                    return found
                case Kind.TEXT:
                    found.append(nodes.Text(self._text(token)))
                case Kind.COMMENT:
                    self._drop_spaces = token.text.endswith("-#}")
                case Kind.VARIABLE_START:
                    found.append(self._output(token))
                case Kind.BLOCK_START:
                    self._drop_spaces = False
                    if (statement := self._statement()) is None:
                        return found
                    found.append(statement)
                case _:
                    raise self.unexpected(token)

    def _text(self, token: Token) -> str:
        text = token.text
        if self._drop_spaces:
            text = text.lstrip(SPACES)
            self._drop_spaces = False
        following = self.peek()
        trims = following.text.endswith("-") if following.kind is not Kind.COMMENT else following.text.startswith("{#-")
        if trims and following.kind in {Kind.BLOCK_START, Kind.VARIABLE_START, Kind.COMMENT}:
            text = text.rstrip(SPACES)
        return text

    def _output(self, start: Token) -> nodes.Output:
        value = self._whole()
        end = self.take()
        if end.kind is not Kind.VARIABLE_END:
            raise self.unexpected(end, "the end of the tag")
        self._drop_spaces = end.text.startswith("-")
        return nodes.Output(value, start.at)

    def _whole(self) -> nodes.Expression:
        """Read an expression that ends with the tag; the same one is read once."""
        plain = self.lexer.plain
        value = known(plain) if plain else None
        if value is None:
            return self.expression()
        self.lexer.skip(len(plain))
        return value

    def _statement(self) -> nodes.Statement | None:
        tag = self.peek()
        if tag.kind is not Kind.WORD:
            raise self.unexpected(tag, "the name of a tag")
        if tag.text in self._ends:
            return None
        if tag.text in LOADING:
            raise self.fault(f"{{% {tag.text} %}} is not supported: a template stands alone", tag)
        if tag.text not in self._tags:
            raise self.fault(f"there is no tag {{% {tag.text} %}} here", tag)
        self.take()
        return self._tags[tag.text](tag)

    def _until(self, *ends: str) -> list[nodes.Statement]:
        outer, self._ends = self._ends, ends
        body = self.statements()
        self._ends = outer
        if self.peek().kind is Kind.END:
            raise self.fault(f"the template ends before {{% {ends[-1]} %}}", self.peek())
        return body

    def _close(self, *, marked: bool = True) -> None:
        """Take the end of a block's tag."""
        end = self.take()
        if end.kind is not Kind.BLOCK_END:
            raise self.unexpected(end, "the end of the tag")
        self._drop_spaces = (marked and end.text.startswith("-")) or self._drop_spaces

    def _close_end(self) -> None:
        """Take the name and the end of a tag such as `endif`."""
        self.take()
        self._close()

    def _raw(self, tag: Token) -> nodes.Text:
        self._close()
        return nodes.Text(self.lexer.raw(tag.text))

    def _if(self, tag: Token) -> nodes.If:
        condition = self._whole()
        self._close()
        body = self._until("elif", "elseif", "else", "endif")
        end = self.take()
        if end.text in {"elif", "elseif"}:
            return nodes.If(condition, body, [self._if(end)], tag.at)
        self._close()
        other: list[nodes.Statement] = []
        if end.text == "else":
            other = self._until("endif")
            self._close_end()
        return nodes.If(condition, body, other, tag.at)

    def _for(self, tag: Token) -> nodes.For:
        names = [self.variable()]
        while self.skip(","):
            names.append(self.variable())
        if names == ["loop"]:
            raise self.fault("the variable of a loop cannot be named `loop`, which is the loop itself", tag)
        if not self.skip_word("in"):
            raise self.unexpected(self.peek(), "`in`")
        items = self._whole()
        self._close()
        body = self._until("else", "endfor")
        other: list[nodes.Statement] = []
        if self.skip_word("else"):
            self._close()
            other = self._until("endfor")
        self._close_end()
        return nodes.For(names, items, body, other, tag.at)

    def _set(self, tag: Token) -> nodes.Set:
        names = [self.variable()]
        while self.skip(","):
            names.append(self.variable())
        value: nodes.Expression
        if self.skip("="):
            value = self._whole()
            self._close()
        else:
            self._close(marked=False)
            value = nodes.Capture(self._until("endset"))
            self._close_end()
        return nodes.Set(names, value, tag.at)

    def _macro(self, tag: Token) -> nodes.MacroDefinition:
        name = self.variable()
        parameters = self.parameters()
        self._close()
        body = self._until("endmacro")
        self._close_end()
        return nodes.MacroDefinition(name, parameters, body, tag.at)

    def _call(self, tag: Token) -> nodes.Output:
        parameters = self.parameters() if self.peek().text == "(" else nodes.Parameters([], [])
        called = self.primary()
        if not isinstance(called, nodes.Call):
            raise self.fault("{% call %} wants a macro to call", tag)
        self._close()
        body = self._until("endcall")
        self._close_end()
        called.arguments.named.append(("caller", nodes.Caller(parameters, body)))
        return nodes.Output(called, tag.at)

    def _filter(self, tag: Token) -> nodes.Output:
        name, arguments = self.filter()
        self._close()
        body = self._until("endfilter")
        self._close_end()
        return nodes.Output(nodes.Filter(nodes.Capture(body), name, arguments), tag.at)

    def _switch(self, tag: Token) -> nodes.Switch:
        value = self.expression()
        self._close()
        ends = ("case", "default", "endswitch")
        self._until(*ends)
        cases: list[tuple[nodes.Expression, list[nodes.Statement]]] = []
        while self.skip_word("case"):
            wanted = self.expression()
            self._close()
            cases.append((wanted, self._until(*ends)))
        default: list[nodes.Statement] = []
        if self.skip_word("default"):
            self._close()
            default = self._until("endswitch")
        self._close_end()
        return nodes.Switch(value, cases, default, tag.at)

    def _block(self, tag: Token) -> nodes.Block:
        name = self.variable()
        if name in self._blocks:
            raise self.fault(f"the block {name!r} is there twice", tag)
        self._blocks.add(name)
        self._close()
        body = self._until("endblock")
        self.take()
        self.skip_word(name)
        self._close()
        return nodes.Block(name, body, tag.at)
