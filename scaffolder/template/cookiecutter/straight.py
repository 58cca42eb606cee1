"""
Which templates can do no more work than their length allows.

A text without loops, assignments, macros and multiplication does one thing after another, each in proportion to what it
is given: it may be rendered in this process. Any other may keep one operation of Python busy for ever, which nothing
inside the process can interrupt: it is rendered where it can be ended from outside.
"""

from __future__ import annotations

from jinja2 import nodes

NODES = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.If,
    nodes.Name,
    nodes.Const,
    nodes.List,
    nodes.Tuple,
    nodes.Dict,
    nodes.Pair,
    nodes.Keyword,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Slice,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Test,
    nodes.Add,
    nodes.Sub,
    nodes.Neg,
    nodes.Pos,
    nodes.Concat,
    nodes.Filter,
    nodes.Call,
)
CONSTANT = (nodes.Const, nodes.List, nodes.Tuple, nodes.Dict)
"""What a list may hold: of one that holds variables nobody knows how long it is as a text."""
FILTERS = frozenset(
    {
        *("abs", "capitalize", "count", "d", "default", "e", "escape", "first", "float", "int", "join", "jsonify"),
        *("last", "length", "list", "lower", "replace", "reverse", "slugify", "sort", "string", "title", "tojson"),
        *("trim", "unique", "upper"),
    }
)
SAID = {
    "jsonify": frozenset({"indent"}),
    "slugify": frozenset({"lowercase", "max_length", "save_order", "separator", "word_boundary"}),
    "tojson": frozenset({"indent"}),
}
"""What may be said to filters that would do any amount of work, could everything be said: a regular expression, too."""
LONGEST_SAID = 16
METHODS = frozenset(
    {
        *("capitalize", "casefold", "count", "endswith", "find", "get", "index", "isalnum", "isalpha", "isdigit"),
        *("isidentifier", "islower", "isnumeric", "isspace", "isupper", "items", "join", "keys", "lower", "lstrip"),
        *("partition", "removeprefix", "removesuffix", "replace", "rfind", "rpartition", "rsplit", "rstrip", "split"),
        *("splitlines", "startswith", "strip", "swapcase", "title", "upper", "values"),
    }
)


def is_straight(template: nodes.Template) -> bool:
    """Tell whether a parsed text is of this kind."""
    return all(_is_harmless(node) for node in template.find_all(nodes.Node))


def _is_harmless(node: nodes.Node) -> bool:
    match node:
        case nodes.Filter(name=name):
            return name in FILTERS and (name not in SAID or _says_little(node, SAID[name]))
        case nodes.List(items=items) | nodes.Tuple(items=items):
            return all(isinstance(item, CONSTANT) for item in items)
        case nodes.Pair(key=key, value=value):
            return isinstance(key, CONSTANT) and isinstance(value, CONSTANT)
        case nodes.Call(node=nodes.Getattr(attr=name)):
            return name in METHODS
        case nodes.Call(node=called):
            return isinstance(called, nodes.ExtensionAttribute | nodes.EnvironmentAttribute) or (
                isinstance(called, nodes.Name) and called.name == "uuid4"
            )
        case _:
            return isinstance(node, (*NODES, nodes.ExtensionAttribute, nodes.EnvironmentAttribute, nodes.Operand))


def _says_little(used: nodes.Filter, names: frozenset[str]) -> bool:
    """Tell whether a filter has no arguments but short constants of certain names."""
    said = [one.value for one in used.kwargs if one.key in names]
    others = used.args or used.dyn_args or used.dyn_kwargs or len(said) < len(used.kwargs)
    return not others and all(isinstance(one, nodes.Const) and len(str(one.value)) <= LONGEST_SAID for one in said)
