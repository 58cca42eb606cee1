"""What a template is for: the first sentence of its README. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from scaffolder.template.manifest import Template
    from scaffolder.tree import Tree

READMES: Final = ("README.md", "README.rst", "readme.md", "README")
LONGEST: Final = 200
READ: Final = 10_000
"""Characters of a README that are looked at."""

_FENCED = re.compile(r"^```.*?^```|<!--.*?-->|<[^>]*>", re.MULTILINE | re.DOTALL)
_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])")
_LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?|`([^`<]+)(?:<[^>]*>)?`_{0,2}")
_MARKS = re.compile(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|(?<!\w)_{1,2}(?=\w)|(?<=[\w.!?])_{1,2}(?!\w)|`")
_UNDERLINE = re.compile(r"([=\-~#^\"'*+])\1{2,}\s*")
_SENTENCE = re.compile(r".+?[.!?](?=\s|$)")


def described(template: Template, tree: Tree) -> Template:
    """Return a template that says what it is for; its files are in the tree."""
    return template._replace(description=template.description or summary(tree))


def summary(tree: Tree) -> str:
    """Return the first sentence of a template's README that is no title, badge, list or example; '' for none."""
    text = next(filter(None, (tree.text(name) for name in READMES)), "")
    for paragraph in re.split(r"\n\s*\n", _FENCED.sub("", text[:READ])):
        found = _prose(paragraph)
        if found:
            sentence = _SENTENCE.match(found)
            return (sentence[0] if sentence else found)[:LONGEST]
    return ""


def _prose(paragraph: str) -> str:
    """Return a paragraph as plain text; '' when it is none."""
    if any(_UNDERLINE.fullmatch(line) for line in paragraph.splitlines()):
        return ""
    plain = _MARKS.sub("", _LINK.sub(lambda link: link[1] or link[2] or "", _IMAGE.sub("", paragraph)))
    words = " ".join(plain.split())
    return words if words[:1].isalnum() and " " in words and not re.match(r"\d+\.\s", words) else ""
