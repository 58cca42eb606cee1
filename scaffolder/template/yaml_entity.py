"""
Writes YAML as Backstage's `catalog:write` does, so that a file of the catalog is the same wherever it was made.

Two spaces, lists indented below their keys, quotes only where a text would be something else by YAML 1.2, blocks for
several lines, and lines of 80 columns where a text has a space to be folded at. Lengths count as in JavaScript.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final, Literal

from scaffolder.template.language.values import entries, print_number

WIDTH: Final = 80
LEAST_TEXT: Final = 20
"""A text is given this much room, however far it is indented."""
LEAST_QUOTED: Final = 40
"""A shorter quoted text stays on one line, whatever it holds."""
STEP: Final = "  "

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NOT_PLAIN = re.compile(r"""[\n\t ,\[\]{}#&*!|>'"%@`]|[?-]\Z|[?-][ \t]""")
_NOT_INSIDE = re.compile(r"[\n:][ \t]|[ \t]\n|[\n\t ]#|[\n\t :]\Z")
_OTHER_THAN_TEXT = re.compile(
    r"~|null|Null|NULL||true|True|TRUE|false|False|FALSE|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?[0-9]+"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)[eE][-+]?[0-9]+"
    r"|[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)"
)
_INDENTED = re.compile("(?:\\A|\n)([\t ][^\n\r\u2028\u2029]*)(?:([\n\t ]*)\n(?![\n\t ]))?")
_MARKER = re.compile(r"^(?:%|---|\.\.\.)", re.MULTILINE)
_ESCAPES: Final = {
    "0000": r"\0",
    "0007": r"\a",
    "000b": r"\v",
    "001b": r"\e",
    "0085": r"\N",
    "00a0": r"\_",
    "2028": r"\L",
    "2029": r"\P",
}

Mode = Literal["flow", "block", "quoted"]


def write_entity(value: Mapping[str, Any]) -> str:
    """Return a JSON object as YAML, keys in their order."""
    return _from_units(_block(_units(value), "")) + "\n"


def _units(value: Any) -> Any:
    """Return a value with every text as JavaScript counts it: what is beyond 16 bits is two."""
    match value:
        case str():
            data = value.encode("utf-16-le", "surrogatepass")
            return "".join(chr(int.from_bytes(data[at : at + 2], "little")) for at in range(0, len(data), 2))
        case Mapping():
            named = {str(key): item for key, item in value.items()}
            return {_units(key): _units(item) for key, item in entries(named)}
        case list():
            return [_units(item) for item in value]
    return value


def _from_units(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _block(value: Any, indent: str) -> str:
    """Return a map or a list whose lines, but the first, are indented."""
    if isinstance(value, Mapping):
        lines = [_pair(key, item, indent) for key, item in value.items()]
    else:
        lines = [f"- {_item(item, indent + STEP)}" for item in value]
    return f"\n{indent}".join(lines) if lines else "{}" if isinstance(value, Mapping) else "[]"


def _pair(key: str, value: Any, indent: str) -> str:
    name = f"{_key(key, indent)}:"
    inner = indent + STEP
    if isinstance(value, Mapping | list) and value:
        return f"{name}\n{inner}{_block(value, inner)}"
    written = _scalar(value, inner, len(name) + 1)
    return name + written if written.startswith("\n") else f"{name} {written}"


def _item(value: Any, indent: str) -> str:
    return _block(value, indent) if isinstance(value, Mapping | list) else _scalar(value, indent, None)


def _scalar(value: Any, indent: str, start: int | None) -> str:
    match value:
        case str():
            return _text(value, indent, start)
        case Mapping() | list():
            return _block(value, indent)
        case int() | float() if not isinstance(value, bool):
            return _number(value)
    return json.dumps(value)


def _number(value: float) -> str:
    return {"Infinity": ".inf", "-Infinity": "-.inf", "NaN": ".nan"}.get(written := print_number(value), written)


def _key(text: str, indent: str) -> str:
    marked = not indent and _MARKER.search(text)
    if _CONTROL.search(text):
        return _double(text, indent, None, key=True)
    if "\n" in text or not _is_plain(text) or marked:
        return _quoted(text, indent + STEP, None, key=True)
    return text


def _text(text: str, indent: str, start: int | None) -> str:
    if _CONTROL.search(text) or any("\ud800" <= one <= "\udfff" for one in _from_units_checked(text)):
        return _double(text, indent, start, key=False)
    if "\n" in text:
        return _lines(text, indent, start)
    if not _is_plain(text):
        return _quoted(text, indent, start, key=False)
    return _folded(text, indent, "flow", start)[0]


def _from_units_checked(text: str) -> str:
    """Return a text in which a surrogate is left only where it has no partner."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _is_plain(text: str) -> bool:
    """Tell whether a text without line breaks is itself when nothing is put around it."""
    return not (_NOT_PLAIN.match(text) or _NOT_INSIDE.search(text) or _OTHER_THAN_TEXT.fullmatch(text))


# -- several lines


def _lines(text: str, indent: str, start: int | None) -> str:
    """Return a text as a block: folded where a line is too long and has spaces, else as it is."""
    if re.search(r"\n[\t ]+\Z", text):
        return _quoted(text, indent, start, key=False)
    body = text.rstrip("\n\t ")
    end = text[len(body) :]
    chomp = "-" if "\n" not in end else "+" if not body or end.index("\n") != len(end) - 1 else ""
    end = re.sub(r"(?<!\n)\n+(?!\n|\Z)", rf"\g<0>{indent}", end.removesuffix("\n"))
    before = re.match(r"[ \n]*", body)
    blank = before[0] if before else ""
    header = ("2" if " " in blank else "") + chomp
    blank = blank[: blank.rfind("\n") + 1]
    rest = body[len(blank) :]
    blank = re.sub(r"\n+", rf"\g<0>{indent}", blank)
    if any(len(line) > WIDTH - len(indent) for line in text.split("\n")):
        folded, fits = _folded(f"{blank}{_doubled(rest, indent)}{end}", indent, "block", len(indent))
        if fits:
            return f">{header}\n{indent}{folded}"
    indented = re.sub(r"\n+", rf"\g<0>{indent}", rest)
    return f"|{header}\n{indent}{blank}{indented}{end}"


def _doubled(text: str, indent: str) -> str:
    """Return lines as a folded block has them: an empty one between two, but around those that are indented."""
    doubled = re.sub(r"\n+", r"\n\g<0>", text)
    kept = _INDENTED.sub(lambda found: found[1] + (found[2] or ""), doubled)
    return re.sub(r"\n+", rf"\g<0>{indent}", kept)


# -- quotes


def _quoted(text: str, indent: str, start: int | None, *, key: bool) -> str:
    single = '"' in text and "'" not in text and not (key and "\n" in text)
    if not single or re.search(r"[ \t]\n|\n[ \t]", text):
        return _double(text, indent, start, key=key)
    written = "'" + re.sub(r"\n+", rf"\g<0>\n{indent}", text) + "'"
    return written if key else _folded(written, indent, "flow", start)[0]


def _double(text: str, indent: str, start: int | None, *, key: bool) -> str:
    quoted = _lone_surrogates(json.dumps(text, ensure_ascii=False))
    written = re.sub(r"\\(?:u(....)|.)", _escape, quoted)
    written = re.sub(r" (?=\\n)", r"\\ ", written)  # a space at the end of a line would be lost
    if key or len(quoted) < LEAST_QUOTED:
        return written if key else _folded(written, indent, "quoted", start)[0]
    broken = re.sub(r"\\[^n]|((?:\\n)+)(?=(.))", lambda found: _broken(found, indent), written)
    return _folded(broken, indent, "quoted", start)[0]


def _escape(found: re.Match[str]) -> str:
    code = found[1]
    if code is None:
        return found[0]
    return _ESCAPES.get(code, rf"\x{code[2:]}" if code.startswith("00") else found[0])


def _lone_surrogates(text: str) -> str:
    return "".join(
        rf"\u{ord(one):04x}" if "\ud800" <= one <= "\udfff" and len(whole) == 1 else one
        for whole in re.findall("[\ud800-\udbff][\udc00-\udfff]|.", text, re.DOTALL)
        for one in whole
    )


def _broken(found: re.Match[str], indent: str) -> str:
    """Return the breaks of a quoted text as lines; the last one before the closing quote stays an escape."""
    if not found[1]:
        return found[0]
    breaks, following = len(found[1]) // 2, found[2]
    kept = r"\n" if following == '"' else ""
    if breaks == 1 and kept:
        return kept
    after = "\\" if following == " " and not kept else ""
    return "\n" * (breaks + 1 - len(kept) // 2) + indent + after + kept


# -- folding


def _folded(text: str, indent: str, mode: Mode, start: int | None) -> tuple[str, bool]:
    """Return a text in lines that begin with `indent`, and whether each has found a space to be folded at."""
    if len(text) <= max(1 + LEAST_TEXT, 1 + WIDTH - len(indent)):
        return text, True
    folding = _Folding(text, indent, mode)
    folding.find(start)
    return folding.result(), not folding.overflows


class _Folding:
    """Where one text is folded; `escaped` are places inside a word, where only a quoted text can be."""

    def __init__(self, text: str, indent: str, mode: Mode) -> None:
        self.text, self.indent, self.mode = text, indent, mode
        self.step = max(1 + LEAST_TEXT, 1 + WIDTH - len(indent))
        self.folds: list[int] = []
        self.escaped: set[int] = set()
        self.escape = (-1, -1)
        self.overflows = self.hopeless = False

    def result(self) -> str:
        """Return the lines."""
        if self.hopeless or not self.folds:
            return self.text
        made = self.text[: self.folds[0]]
        for fold, end in pairwise([*self.folds, len(self.text)]):
            if fold == 0:
                made = f"\n{self.indent}{self.text[:end]}"
                continue
            made += f"{self.text[fold]}\\" if fold in self.escaped else ""
            made += f"\n{self.indent}{self.text[fold + 1 : end]}"
        return made

    def find(self, start: int | None) -> None:
        """Go through the text once; a `start` far to the right has it begin on a line of its own."""
        end = WIDTH - (len(self.indent) if start is None else start)
        if start is not None and start > WIDTH - LEAST_TEXT:
            self.folds.append(0)
            end = WIDTH - len(self.indent)
        at = self._after_indented(-1) if self.mode == "block" else -1
        end = end if at == -1 else at + self.step
        split, before = 0, ""
        while (at := at + 1) < len(self.text):
            one = self.text[at]
            at = self._after_escape(at)
            if one == "\n":
                at = self._after_indented(at) if self.mode == "block" else at
                end, split = at + len(self.indent) + self.step, 0
            else:
                split = at if self._is_between_words(before, one, at) else split
                if at >= end and (split or self.mode == "quoted"):
                    if not split:
                        at, one = self._after_spaces(before, at)
                        split = self._split_word(at)
                    self.folds.append(split)
                    end, split = split + self.step, 0
                elif at >= end:
                    self.overflows = True
            before = one

    def _after_escape(self, at: int) -> int:
        """Return the last place of the escape that begins here in a quoted text, else this place."""
        if self.mode != "quoted" or self.text[at] != "\\":
            return at
        self.escape = at, at + {"x": 3, "u": 5, "U": 9}.get(self.text[at + 1 : at + 2], 1)
        return self.escape[1]

    def _is_between_words(self, before: str, one: str, at: int) -> bool:
        """Tell whether this is a space alone: one that folding gives back."""
        return one == " " and bool(before.strip(" \n\t")) and bool(self.text[at + 1 : at + 2].strip(" \n\t"))

    def _after_spaces(self, before: str, at: int) -> tuple[int, str]:
        """Go on until what comes before is no space, which the end of a line would lose."""
        one = self.text[at]
        while before in {" ", "\t"}:
            before, at = one, at + 1
            one = self.text[at : at + 1]
        return at, one

    def _split_word(self, at: int) -> int:
        """Return where a word of a quoted text is folded, never inside an escape."""
        place = at - 2 if at > self.escape[1] + 1 else self.escape[0] - 1
        self.hopeless = self.hopeless or place in self.escaped
        self.escaped.add(place)
        return place

    def _after_indented(self, at: int) -> int:
        """Return the end of the lines after `at` that are indented further, and so are never folded."""
        text, last, first = self.text, at, at + 1
        while text[first : first + 1] in {" ", "\t"}:
            if at < first + len(self.indent):
                at += 1
                if text[at : at + 1] not in {" ", "\t"}:
                    break
                continue
            at = text.find("\n", at + 1)
            last = at = len(text) if at == -1 else at
            first = at + 1
        return last
