"""
Markdown as plain text, for a form's descriptions: words without their markup, links with their addresses.

Only what is plainly markup goes: `snake_case`, `*.txt` and `2 * 3` stay as they are, and so does what stands in code.
"""

from __future__ import annotations

import re

_CODE = re.compile(r"(?<!`)(`{1,3})(?!`)(.{1,500}?)(?<!`)\1(?!`)")
_LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\(\s*<?([^\s<>()]*)>?(?:\s+[\"'][^\"']*[\"'])?\s*\)")
_ADDRESS = re.compile(r"<((?:https?|mailto):[^\s<>]+)>")
_FIRST = re.compile(r"^ {0,3}(?:#{1,6}|>)\s+", re.MULTILINE)
_EMPHASIS = re.compile(r"(?<![\w*_])(\*{1,3}|_{1,3})(?=[^\s*_])(.{1,500}?)(?<=\S)\1(?![\w*_]|\.\w)")


def unmarked(text: str) -> str:
    """Return a text without its markup."""
    parts, at = [], 0
    for code in _CODE.finditer(text):
        parts += [_words(text[at : code.start()]), code[2]]
        at = code.end()
    return "".join([*parts, _words(text[at:])])


def _words(text: str) -> str:
    text = _FIRST.sub("", text)
    text = _LINK.sub(_link, text)
    text = _ADDRESS.sub(r"\1", text)
    return _EMPHASIS.sub(r"\2", text)


def _link(found: re.Match[str]) -> str:
    """An address that only the page itself could follow says nothing here."""
    label, address = found[1].strip(), found[2]
    return label if address == label or "://" not in address else f"{label} ({address})".strip()
