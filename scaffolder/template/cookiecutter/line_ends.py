r"""
Which line ends a rendered file has.

cookiecutter reads a file as Python reads text, every line end as `\n`, and writes those that Python has noticed in it:
of several kinds the first in Python's own order, not in the file's. Only the part counts that was read to reach the
end of the first line.
"""

from __future__ import annotations

import io

from scaffolder.template.expressions import RenderError

KINDS = ("", "\n", "\r", "\r\n")


def unified(data: bytes) -> bytes:
    r"""Return text with `\n` for every line end."""
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data


def noticed(data: bytes) -> str:
    """Return the line end that the rendered file gets."""
    if b"\r" not in data:
        return "\n"
    reader = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", errors="replace")
    reader.readline()
    found = reader.newlines
    return (found[0] if isinstance(found, tuple) else found) or "\n"


def chosen(new_lines: object, data: bytes) -> str:
    """
    Return the line end of a file: what the template says (`_new_lines`), else what was noticed.

    Raises:
        RenderError: The template says something that is no line end.
    """
    if not new_lines:
        return noticed(data)
    if new_lines not in KINDS:
        msg = f"_new_lines is {new_lines!r}, which is no line end"
        raise RenderError(msg)
    return str(new_lines)


def written(text: str, end: str) -> bytes:
    """Return the bytes of a text with these line ends."""
    return (text if end in {"", "\n"} else text.replace("\n", end)).encode()
