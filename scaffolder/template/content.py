"""What kind of content a file has: binary, text, or text that cannot be rendered."""

from __future__ import annotations

import codecs

from scaffolder.errors import Place
from scaffolder.template.expressions import RenderError

LOOKED_AT = 512
"""Bytes that decide whether a file is binary."""
SUSPICIOUS_SHARE = 0.1
"""Above this share of control characters a file is binary."""


class NotText(RenderError):  # noqa: N818 - our errors are named by what is wrong
    """A file that is not UTF-8 has something to render in it."""

    def __init__(self, file: str) -> None:
        super().__init__("it has tags to render, but is not UTF-8 text", place=Place(file))
        self.hint = "save it as UTF-8, or list it under copyWithoutTemplating"


def is_binary(data: bytes) -> bool:
    """Tell by its first bytes whether a file is binary, the way `isbinaryfile` does."""
    head = data[:LOOKED_AT]
    if not head or head.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        return False
    if b"\0" in head or head.startswith(b"%PDF-"):
        return True
    text = head.decode("utf-8", "surrogateescape")
    suspicious = sum(
        character < "\x07" or "\x0e" < character < " " or "\udc80" <= character <= "\udcff" for character in text
    )
    return suspicious > len(head) * SUSPICIOUS_SHARE
