"""
The globs of `copyWithoutTemplating` and `fs:delete`, as globby has them: `*` stays in one directory, `**` does not, and
the name of a directory means all that is below it.

Braces, ranges, classes, `?`, groups such as `@(a|b)`, and a leading `!` work; names that begin with a dot match like
others. A glob that matches a directory does not mean what is in it, unless it ends with `/**`.
"""

from __future__ import annotations

import re
from posixpath import normpath
from typing import TYPE_CHECKING

from scaffolder.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_SPECIAL = re.compile(r"[-*+?.^${}(|)[\]]")
"""What makes brackets a class and nothing else: `[id]` is also a name."""
_TOKEN = re.compile(
    r"""(?P<escape>\\.)
    | (?P<deep>(?:(?<=/)|^)\*\*(?:/|\Z)|^\*\*(?!\*)(?=[^/]*\Z))
    | (?P<star>\*+(?!\()) | (?P<open>[@?*+!]?\(|\{(?!(?:-?\d+|\w)\.\.)) | (?P<one>\?)
    | (?P<class>\[[!^]?\]?(?:\[:\w+:\]|\\.|[^\]])*\])
    | \{(?P<range>(?:-?\d+\.\.-?\d+|\w\.\.\w)(?:\.\.-?\d+)?)\}
    | (?P<close>[)}]) | (?P<or>[,|]) | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_CLASSES = {"alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "digit": "0-9", "lower": "a-z", "upper": "A-Z", "word": r"\w"}
_OPENINGS = {"!": "(?:(?!(?:", "?": "(?:(?:", "*": "(?:(?:", "+": "(?:(?:"}
_CLOSINGS = {"?": ")?)", "*": ")*)", "+": ")+)"}
_TIMES = {"+": ")]", "?": ")"}
"""What says how often something comes, after what it says that of."""
_REPEATED = re.compile("/+")
_SPECIAL_START = re.compile(r"[*?{[(!]")
_LONGEST_RANGE = 1000


def matcher(globs: Sequence[str]) -> Callable[[str], bool]:
    """Return a function that tells whether a path matches any of `globs` that no negated one after it takes back."""
    compiled = [
        (_compiled(glob[1:].removeprefix("./")), True) if glob.startswith("!") else (_compiled(glob), False)
        for glob in globs
    ]
    wanted = [
        (match, [refused for refused, negates in compiled[number:] if negates])
        for number, (match, negates) in enumerate(compiled)
        if not negates
    ]

    def matches(path: str) -> bool:
        return any(match(path) and not any(one(path) for one in refused) for match, refused in wanted)

    return matches


def _compiled(glob: str) -> Callable[[str], bool]:
    plain = _REPEATED.sub("/", glob).removeprefix("./")
    below = "" if normpath(plain) == "." else normpath(plain) + "/"
    pattern = "" if _is_elsewhere(glob) else f"(?:{''.join(_translated(plain))})$"

    def matches(path: str) -> bool:
        return path.startswith(below) or bool(pattern and _found(pattern, path, glob))

    return matches


def _is_elsewhere(glob: str) -> bool:
    """Tell whether a glob is of another spelling than paths are: `./a/*`, where `./*` is none, as in globby."""
    first = glob.removeprefix("./").partition("/")[0]
    return glob.startswith("./") and not _SPECIAL_START.search(first)


def _found(pattern: str, path: str, glob: str) -> bool:
    from scaffolder.template.language.bounds import Allowance, BoundError, Limits
    from scaffolder.template.language.faults import Fault
    from scaffolder.template.language.regex import Regex

    try:
        return Regex(pattern, "", Allowance(Limits())).at(path, 0) is not None
    except (Fault, BoundError) as error:
        msg = f"the glob {glob!r} cannot be matched: {error}"
        raise InvalidInput(msg, hint="write it in a simpler way") from error


def _translated(glob: str) -> Iterator[str]:
    """Yield the parts of a regular expression."""
    whole = glob.removesuffix("/**")
    tokens = list(_TOKEN.finditer(whole))
    groups = _groups(tokens)
    ends = {end: start for start, end in groups.items()}
    inside: list[str] = []
    for number, token in enumerate(tokens):
        text = token[0]
        match token.lastgroup:
            case "open" if number in groups:
                inside.append(text[0])
                yield _OPENINGS.get(text[0], "(?:")
            case "close" if number in ends:
                yield _closing(inside.pop(), whole[tokens[ends[number]].end() : token.start()], glob[token.end() :])
            case "or" if inside and (text == ",") is (inside[-1] == "{"):
                yield "|"
            case _ if text in _TIMES and number and tokens[number - 1][0][-1] in _TIMES[text]:
                yield text
            case _:
                yield _part(token)
    yield "(?:/[^]*)?" if whole != glob else ""


def _part(token: re.Match[str]) -> str:
    """Translate what means something by itself."""
    text = token[0]
    match token.lastgroup:
        case "escape":
            return re.escape(text[1])
        case "deep":
            return "(?:[^]*/)?" if text.endswith("/") else "[^]*"
        case "star" | "one":
            return "[^/]*" if text[0] == "*" else "[^/]"
        case "class":
            return _class(text)
        case "range":
            return f"(?:{'|'.join(map(re.escape, _counted(token['range'])))})"
    return re.escape(text)


def _groups(tokens: Sequence[re.Match[str]]) -> dict[int, int]:
    """Return where each group begins and ends: what is never closed means itself, and so do braces without a comma."""
    found: dict[int, int] = {}
    waiting: list[int] = []
    for number, token in enumerate(tokens):
        if token.lastgroup == "open":
            waiting.append(number)
        elif token.lastgroup == "close":
            begun = next((one for one in reversed(waiting) if (tokens[one][0] == "{") is (token[0] == "}")), None)
            if begun is not None:
                waiting = waiting[: waiting.index(begun)]
                found[begun] = number
    return {
        begun: end
        for begun, end in found.items()
        if tokens[begun][0] != "{" or any(one[0] == "," for one in tokens[begun:end])
    }


def _closing(kind: str, inner: str, rest: str) -> str:
    """Close a group; one that negates looks at the rest of the name only as far as picomatch does."""
    if kind != "!":
        return _CLOSINGS.get(kind, ")")
    if not rest.strip(")"):
        return ")$)[^/]*)"
    if "*" in inner and re.fullmatch(r"\.[^\\/.]+", rest):
        return f"){''.join(_translated(rest))})[^/]*)"
    return "))[^/]*)"


def _counted(written: str) -> list[str]:
    """Return what a range such as `1..3` or `a..c..2` goes through."""
    first, last, *by = written.split("..")
    numbers = first.lstrip("-").isdecimal()
    start, end = (int(first), int(last)) if numbers else (ord(first), ord(last))
    step = max(abs(int(by[0])) if by else 1, 1)
    if abs(end - start) // step > _LONGEST_RANGE:
        msg = f"the range {{{written}}} of a glob is longer than {_LONGEST_RANGE:,}"
        raise InvalidInput(msg, hint="write it in a simpler way")
    counted = range(start, end + 1, step) if start <= end else range(start, end - 1, -step)
    return [str(one) if numbers else chr(one) for one in counted]


def _class(text: str) -> str:
    """Translate `[…]`; it never matches a slash."""
    inside = text[1:-1]
    inverted = len(inside) > 1 and inside[0] in "!^"
    named = re.compile(r"\[:(\w+):\]|(?<!\\)([\[\]&|~])")
    members = named.sub(lambda found: _CLASSES.get(found[1], f"\\{found[2]}"), inside[inverted:])
    any_of = f"(?!/)[{'^' if inverted else ''}{members}]"
    return any_of if _SPECIAL.search(inside) else f"(?:{re.escape(text)}|{any_of})"
