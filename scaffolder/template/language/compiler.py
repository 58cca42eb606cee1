"""
Makes functions of what a template says: one for each expression and each statement.

Nothing of a template ever becomes Python's source, and no attribute of a Python object is within its reach: a member is
what `methods` says, and what can be called is a `Function` that we have made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scaffolder.template.expressions import UNDEFINED
from scaffolder.template.language import nodes
from scaffolder.template.language.calls import applied
from scaffolder.template.language.faults import Fault
from scaffolder.template.language.filters import FILTERS
from scaffolder.template.language.frames import Frame
from scaffolder.template.language.loops import length_of, loop, turns
from scaffolder.template.language.methods import member, sliced
from scaffolder.template.language.operators import BINARY, COMPARISONS, EQUALITIES, UNARY, contains, strictly_equal
from scaffolder.template.language.regex import Regex
from scaffolder.template.language.tests import TESTS
from scaffolder.template.language.values import Function, Keywords, Safe, to_text, truthy

if TYPE_CHECKING:
    from collections.abc import Sequence


Value = Callable[[Frame], Any]
Write = Callable[[str], object]
Action = Callable[[Frame, Write], None]


def compiled(statements: Sequence[nodes.Statement]) -> Action:
    """Return a function that does what the statements say, one after the other."""
    actions = [_STATEMENTS[type(statement)](statement) for statement in statements]
    if len(actions) == 1:
        return actions[0]

    def run(frame: Frame, write: Write) -> None:
        for action in actions:
            action(frame, write)

    return run


def value_of(expression: nodes.Expression) -> Value:
    """Return a function that finds the value of an expression."""
    return _EXPRESSIONS[type(expression)](expression)


def captured(action: Action, frame: Frame) -> str:
    """Return what an action writes."""
    parts: list[str] = []
    action(frame, parts.append)
    return "".join(parts)


def _known(node: nodes.Known) -> Value:
    if node.function is None:
        node.function = value_of(node.value)
    function: Value = node.function
    return function


def _literal(node: nodes.Literal) -> Value:
    constant = node.value
    return lambda _: constant


def _regex(node: nodes.RegexLiteral) -> Value:
    def value(frame: Frame) -> Regex:
        return Regex(node.body, node.flags, frame.run.allowance)

    Regex.check(node.body, node.flags)
    return value


def _name(node: nodes.Name) -> Value:
    name = node.name
    return lambda frame: frame.lookup(name)


def _group(node: nodes.Group) -> Value:
    *ignored, last = map(value_of, node.items)
    if not ignored:
        return last

    def value(frame: Frame) -> Any:
        for item in ignored:
            item(frame)
        return last(frame)

    return value


def _list(node: nodes.ListLiteral) -> Value:
    items = [value_of(item) for item in node.items]
    return lambda frame: [item(frame) for item in items]


def _object(node: nodes.ObjectLiteral) -> Value:
    members = [(name, value_of(item)) for name, item in node.members]
    return lambda frame: {name: item(frame) for name, item in members}


def _member(node: nodes.Member) -> Value:
    target, key = value_of(node.target), value_of(node.key)
    return lambda frame: member(target(frame), key(frame), frame.run)


def _slice(node: nodes.Slice) -> Value:
    target, *edges = (value_of(part or nodes.Literal(None)) for part in (node.target, node.start, node.stop, node.step))
    return lambda frame: sliced(target(frame), *(edge(frame) for edge in edges), run=frame.run)


def _call(node: nodes.Call) -> Value:
    target, arguments, shown = value_of(node.target), _arguments(node.arguments), _shown(node.target)

    def value(frame: Frame) -> Any:
        function = target(frame)
        if not isinstance(function, Function):
            what = "no function" if truthy(function) else "undefined"
            msg = f"cannot call `{shown}`, which is {what}"
            raise Fault(msg)
        allowance = frame.run.allowance
        allowance.tick()
        result = function.call(*arguments(frame))
        allowance.made(result)
        return result

    return value


def _arguments(node: nodes.Arguments) -> Callable[[Frame], list[Any]]:
    plain = [value_of(item) for item in node.plain]
    named = [(name, value_of(item)) for name, item in node.named]
    if not named:
        return lambda frame: [item(frame) for item in plain]

    def values(frame: Frame) -> list[Any]:
        return [*(item(frame) for item in plain), Keywords({name: item(frame) for name, item in named})]

    return values


def _shown(node: nodes.Expression) -> str:
    match node:
        case nodes.Name(name):
            return name
        case nodes.Literal(None):
            msg = "null has nothing that can be called"
            raise Fault(msg)
        case nodes.Member(target, nodes.Literal(key)):
            return f"{_shown(target)}.{key}"
        case nodes.Call(target):
            return f"{_shown(target)}()"
    return "…"


def _filter(node: nodes.Filter) -> Value:
    value, name, arguments = value_of(node.value), node.name, _arguments(node.arguments)

    def filtered(frame: Frame) -> Any:
        run = frame.run
        function = FILTERS.get(name) or (COMPATIBLE_FILTERS.get(name) if run.compatible else None)
        if function is None:
            msg = f"there is no filter {name!r}"
            raise Fault(msg)
        result = applied(function, run, value(frame), arguments(frame))
        run.allowance.made(result)
        return result

    return filtered


COMPATIBLE_FILTERS = {"jsonify": FILTERS["dump"]}


def _test(node: nodes.Test) -> Value:
    value, name, arguments = value_of(node.value), node.name, _arguments(node.arguments)
    if len(node.arguments.plain) + bool(node.arguments.named) > 1:
        msg = f"the test {name!r} takes one argument at most"
        raise Fault(msg)

    def tested(frame: Frame) -> bool:
        if name not in TESTS:
            msg = f"there is no test {name!r}"
            raise Fault(msg)
        return bool(applied(TESTS[name], frame.run, value(frame), arguments(frame)))

    return tested


def _contained(node: nodes.Contained) -> Value:
    element_, container = value_of(node.element), value_of(node.container)

    def value(frame: Frame) -> bool:
        sought, found = element_(frame), container(frame)
        if isinstance(found, (str, list)):
            frame.run.allowance.tick(len(found))
        return contains(sought, found)

    return value


def _row(node: nodes.Row) -> Value:
    """A row of operators of one precedence."""
    first, *others = map(value_of, node.operands)
    steps = list(zip([BINARY[operator] for operator in node.operators], others, strict=True))

    def value(frame: Frame) -> Any:
        result = first(frame)
        for apply, other in steps:
            result = apply(result, other(frame))
            if isinstance(result, str):
                frame.run.allowance.text(len(result))
                frame.run.allowance.made(result)
        return result

    return value


def _comparison(node: nodes.Comparison) -> Value:
    """A row of comparisons, of which the equalities come last."""
    sides, equalities = [value_of(node.operands[0])], []
    for operator, operand in zip(node.operators, node.operands[1:], strict=True):
        if operator in EQUALITIES:
            equalities.append(operator)
            sides.append(value_of(operand))
        else:
            sides[-1] = _compared(sides[-1], operator, value_of(operand))
    value = sides[0]
    for operator, side in zip(equalities, sides[1:], strict=True):
        value = _compared(value, operator, side)
    return value


def _compared(left: Value, operator: str, right: Value) -> Value:
    compare = COMPARISONS[operator]
    return lambda frame: compare(left(frame), right(frame))


def _floor(node: nodes.Floor) -> Value:
    value, floor = value_of(node.value), UNARY["floor"]
    return lambda frame: floor(value(frame))


def _power(node: nodes.Power) -> Value:
    base, exponent, power = value_of(node.base), value_of(node.exponent), BINARY["**"]
    return lambda frame: power(base(frame), exponent(frame))


def _sign(node: nodes.Sign) -> Value:
    value, sign = value_of(node.value), UNARY[node.operator]
    return lambda frame: sign(value(frame))


def _not(node: nodes.Not) -> Value:
    value = value_of(node.value)
    return lambda frame: not truthy(value(frame))


def _both(node: nodes.Both) -> Value:
    left, right = value_of(node.left), value_of(node.right)

    def value(frame: Frame) -> Any:
        found = left(frame)
        return right(frame) if truthy(found) else found

    return value


def _either(node: nodes.Either) -> Value:
    left, right = value_of(node.left), value_of(node.right)

    def value(frame: Frame) -> Any:
        found = left(frame)
        return found if truthy(found) else right(frame)

    return value


def _choice(node: nodes.Choice) -> Value:
    value, condition, other = value_of(node.value), value_of(node.condition), value_of(node.other)
    return lambda frame: value(frame) if truthy(condition(frame)) else other(frame)


def _capture(node: nodes.Capture) -> Value:
    body = compiled(node.body)
    return lambda frame: captured(body, frame)


def _caller(node: nodes.Caller) -> Value:
    macro = _macro_of(node.parameters, node.body)
    return lambda frame: Function(lambda *given: macro(Frame(frame.run, frame, isolated=True), given))


def _macro_of(parameters: nodes.Parameters, body: Sequence[nodes.Statement]) -> Callable[[Frame, Sequence[Any]], Safe]:
    defaults = [(name, value_of(default)) for name, default in parameters.named]
    action = compiled(body)

    def macro(frame: Frame, given: Sequence[Any]) -> Safe:
        values, named = arranged(parameters.plain, [name for name, _ in defaults], given)
        variables = frame.variables
        if "caller" in named:
            variables["caller"] = named["caller"]
        variables |= zip(parameters.plain, values, strict=True)
        for name, default in defaults:
            variables[name] = named[name] if name in named else default(frame)
        return Safe(captured(action, frame))

    return macro


def arranged(plain: Sequence[str], named: Sequence[str], given: Sequence[Any]) -> tuple[list[Any], dict[str, Any]]:
    """
    Return the values of the plain parameters of a macro, and those of the named ones that are given.

    More values than plain parameters go to the named ones, and names may stand for plain parameters.
    """
    values = list(given)
    names: dict[str, Any] = dict(values.pop()) if values and isinstance(values[-1], Keywords) else {}
    if len(values) > len(plain):
        names |= zip(named, values[len(plain) :], strict=False)
        return values[: len(plain)], names
    return values + [names.pop(name, UNDEFINED) for name in plain[len(values) :]], names


def _text(node: nodes.Text) -> Action:
    text = node.text
    return lambda frame, write: write(frame.run.wrote(text))  # type: ignore[return-value]


def _output(node: nodes.Output) -> Action:
    value, at = value_of(node.value), node.at

    def action(frame: Frame, write: Write) -> None:
        run = frame.run
        run.at = at
        found = value(frame)
        write(run.wrote(found if isinstance(found, str) else to_text(found)))

    return action


def _if(node: nodes.If) -> Action:
    condition, body, other, at = value_of(node.condition), compiled(node.body), compiled(node.other), node.at

    def action(frame: Frame, write: Write) -> None:
        frame.run.at = at
        (body if truthy(condition(frame)) else other)(frame, write)

    return action


def _for(node: nodes.For) -> Action:
    items, body, other = value_of(node.items), compiled(node.body), compiled(node.other)
    names, at, unset = node.names, node.at, dict.fromkeys(node.names, UNDEFINED)

    def action(frame: Frame, write: Write) -> None:
        run = frame.run
        run.at = at
        inner = Frame(run, frame)
        walked = items(inner)
        length = length_of(walked, len(names), run)
        inner.variables |= unset
        for index, values in enumerate(turns(walked, len(names), run)):
            run.allowance.tick()
            inner.variables["loop"] = loop(index, length)
            inner.variables |= zip(names, values, strict=False)
            body(inner, write)
        if not truthy(length):
            other(inner, write)

    return action


def _set(node: nodes.Set) -> Action:
    value, names, at = value_of(node.value), node.names, node.at

    def action(frame: Frame, write: Write) -> None:  # noqa: ARG001 - it writes nothing
        frame.run.at = at
        found = value(frame)
        for name in names:
            frame.assign(name, found)

    return action


def _switch(node: nodes.Switch) -> Action:
    value, default, at = value_of(node.value), compiled(node.default), node.at
    cases = [(value_of(wanted), compiled(body) if body else None) for wanted, body in node.cases]

    def action(frame: Frame, write: Write) -> None:
        frame.run.at = at
        found, matched = value(frame), False
        for wanted, body in cases:
            matched = matched or strictly_equal(found, wanted(frame))
            if matched and body:
                body(frame, write)
                return
        default(frame, write)

    return action


def _macro(node: nodes.MacroDefinition) -> Action:
    macro, name, at = _macro_of(node.parameters, node.body), node.name, node.at

    def action(frame: Frame, write: Write) -> None:  # noqa: ARG001 - it writes nothing
        run = frame.run
        run.at = at
        frame.define(name, Function(lambda *given: macro(Frame(run), given)))

    return action


def _block(node: nodes.Block) -> Action:
    body = compiled(node.body)
    return lambda frame, write: body(Frame(frame.run, frame, isolated=True), write)


_EXPRESSIONS: dict[type[nodes.Expression], Callable[[Any], Value]] = {
    nodes.Both: _both,
    nodes.Call: _call,
    nodes.Caller: _caller,
    nodes.Capture: _capture,
    nodes.Choice: _choice,
    nodes.Comparison: _comparison,
    nodes.Contained: _contained,
    nodes.Either: _either,
    nodes.Filter: _filter,
    nodes.Known: _known,
    nodes.Floor: _floor,
    nodes.Group: _group,
    nodes.ListLiteral: _list,
    nodes.Literal: _literal,
    nodes.Member: _member,
    nodes.Name: _name,
    nodes.Not: _not,
    nodes.ObjectLiteral: _object,
    nodes.Power: _power,
    nodes.Product: _row,
    nodes.RegexLiteral: _regex,
    nodes.Sign: _sign,
    nodes.Slice: _slice,
    nodes.Sum: _row,
    nodes.Test: _test,
}
_STATEMENTS: dict[type[nodes.Statement], Callable[[Any], Action]] = {
    nodes.Block: _block,
    nodes.For: _for,
    nodes.If: _if,
    nodes.MacroDefinition: _macro,
    nodes.Output: _output,
    nodes.Set: _set,
    nodes.Switch: _switch,
    nodes.Text: _text,
}
