"""What kind of content a file has: binary, text, or text that cannot be rendered."""

from __future__ import annotations

import codecs
import re

from scaffolder.errors import Place
from scaffolder.template.expressions import RenderError

LOOKED_AT = 512
"""Bytes that decide whether a file is binary."""
SUSPICIOUS_SHARE = 0.1
"""Above this share of control characters a file is binary."""
_SUSPICIOUS = re.compile("[\x00-\x06\x0f-\x1f\udc80-\udcff]")
LONGEST_CHARACTER = 4
LONGEST_INTEGER = 11
MARKS = (
    codecs.BOM_UTF8,
    codecs.BOM_UTF16_BE,
    codecs.BOM_UTF16_LE,
    codecs.BOM_UTF32_BE,
    b"\x84\x31\x95\x33",  # GB 18030
)
"""What a text of some encoding may begin with."""


class NotText(RenderError):  # noqa: N818 - our errors are named by what is wrong
    """A file that is not UTF-8 has something to render in it."""

    def __init__(self, file: str) -> None:
        super().__init__("it has tags to render, but is not UTF-8 text", place=Place(file))
        self.hint = "save it as UTF-8, or list it under copyWithoutTemplating"


def is_binary(data: bytes) -> bool:
    """Tell by its first bytes whether a file is binary, the way `isbinaryfile` does."""
    head = data[:LOOKED_AT]
    if not head or head.startswith(MARKS):
        return False
    if b"\0" in head or head.startswith(b"%PDF-"):
        return True
    text = data[: LOOKED_AT + LONGEST_CHARACTER - 1].decode("utf-8", "surrogateescape")
    suspicious = len(_SUSPICIOUS.findall(text))
    return suspicious > len(head) * SUSPICIOUS_SHARE or (suspicious > 1 and _is_protocol_buffer(head))


def _is_protocol_buffer(data: bytes) -> bool:
    """Tell whether bytes could be fields of a protocol buffer, the last of which may be cut off."""
    place, fields = 0, 0
    while True:
        key, place = _variable_integer(data, place)
        if key is None:
            return fields > 0
        match key & 7:
            case 0:
                value, place = _variable_integer(data, place)
                size = 0 if value is not None else len(data) + 1
            case 1:
                size = 8
            case 2:
                length, place = _variable_integer(data, place)
                size = len(data) + 1 if length is None else length
            case 5:
                size = 4
            case _:
                return False
        place += size
        if place > len(data):
            return fields > 0
        fields += 1


def _variable_integer(data: bytes, place: int) -> tuple[int | None, int]:
    """Return the number that begins at a place, None when it does not end, and the place behind it."""
    number = 0
    for digit in range(LONGEST_INTEGER):
        if place >= len(data):
            return None, place
        byte = data[place]
        place += 1
        number |= (byte & 0x7F) << (7 * digit)
        if byte < 0x80:  # noqa: PLR2004 - the bit that says that more follows
            return number, place
    return None, place


def encoded(text: str) -> bytes:
    """Return a text as UTF-8; half a character becomes the one that stands for what cannot be written."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
