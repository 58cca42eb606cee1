"""
The globs of `copyWithoutTemplating`: `*` stays in one directory, `**` does not, and the name of a directory means all
that is below it.

Braces, classes, `?`, groups such as `@(a|b)`, and a leading `!` work; names that begin with a dot match like
others. A glob that matches a directory does not mean what is in it, unless it ends with `/**`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scaffolder.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_SPECIAL = re.compile(r"[-*+?.^${}(|)[\]]")
"""What makes brackets a class and nothing else: `[id]` is also a name."""
_TOKEN = re.compile(
    r"""(?P<escape>\\.)
    | (?P<deep>(?:(?<=/)|^)\*\*(?:/|\Z)|^\*\*(?=[^/]*\Z))
    | (?P<star>\*+(?!\()) | (?P<open>[@?*+!]?\() | (?P<one>\?)
    | (?P<class>\[[!^]?\]?(?:\[:\w+:\]|\\.|[^\]])*\])
    | (?P<mark>[{},|)]) | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_CLASSES = {"alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "digit": "0-9", "lower": "a-z", "upper": "A-Z", "word": r"\w"}
_CLOSINGS = {"(": ")", "@": ")", "?": ")?", "*": ")*", "+": ")+", "!": ")(?:/|$))[^/]*)"}


def matcher(globs: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that tells whether a path matches any of `globs` and none of the negated ones."""
    wanted = [_compiled(glob) for glob in globs if not glob.startswith("!")]
    refused = [_compiled(glob[1:]) for glob in globs if glob.startswith("!")]

    def matches(path: str) -> bool:
        return any(match(path) for match in wanted) and not any(match(path) for match in refused)

    return matches


def _compiled(glob: str) -> Callable[[str], bool]:
    plain = glob.removeprefix("./")
    below = plain.rstrip("/") + "/"
    pattern = f"(?:{''.join(_translated(plain))})$"

    def matches(path: str) -> bool:
        return path.startswith(below) or _found(pattern, path, glob)

    return matches


def _found(pattern: str, path: str, glob: str) -> bool:
    from scaffolder.template.language.bounds import Allowance, BoundError, Limits
    from scaffolder.template.language.faults import Fault
    from scaffolder.template.language.regex import Regex

    try:
        return Regex(pattern, "", Allowance(Limits())).at(path, 0) is not None
    except (Fault, BoundError) as error:
        msg = f"the glob {glob!r} of copyWithoutTemplating cannot be matched: {error}"
        raise InvalidInput(msg, hint="write it in a simpler way") from error


def _translated(glob: str) -> Iterator[str]:
    """Yield the parts of a regular expression."""
    whole = glob.removesuffix("/**")
    closings: list[str] = []
    for token in _TOKEN.finditer(whole):
        text = token[0]
        match token.lastgroup:
            case "escape":
                yield re.escape(text[1])
            case "deep":
                yield "(?:[^]*/)?" if text.endswith("/") else "[^]*"
            case "star":
                yield "[^/]*"
            case "one":
                yield "[^/]"
            case "class":
                yield _class(text)
            case "open":
                closings.append(_CLOSINGS[text[0]])
                yield "(?:(?!(?:" if text[0] == "!" else "(?:"
            case "mark":
                yield _mark(text, closings)
            case _:
                yield re.escape(text)
    yield ")" * len(closings) + ("(?:/[^]*)?" if whole != glob else "")


def _mark(mark: str, closings: list[str]) -> str:
    """Translate what begins, divides or ends a group; outside of one it means itself."""
    inside = closings[-1] if closings else ""
    match mark:
        case "{":
            closings.append("}")
            return "(?:"
        case "}" if inside == "}":
            closings.pop()
            return ")"
        case "," if inside == "}":
            return "|"
        case "|" if inside and inside != "}":
            return "|"
        case ")" if inside and inside != "}":
            return closings.pop()
    return re.escape(mark)


def _class(text: str) -> str:
    """Translate `[…]`; it never matches a slash."""
    inside = text[1:-1]
    inverted = len(inside) > 1 and inside[0] in "!^"
    named = re.compile(r"\[:(\w+):\]|(?<!\\)([\[\]&|~])")
    members = named.sub(lambda found: _CLASSES.get(found[1], f"\\{found[2]}"), inside[inverted:])
    any_of = f"(?!/)[{'^' if inverted else ''}{members}]"
    return any_of if _SPECIAL.search(inside) else f"(?:{re.escape(text)}|{any_of})"
