"""
Other people's text in Markdown that is posted under somebody's name.

What an entity says may be hostile. Words become prose in which nothing is markup, a link, a mention or a reference;
what is to be copied (names, addresses, refs) stands in code, where GitHub and GitLab look for none of these.

CommonMark: https://spec.commonmark.org · what GitHub adds: https://github.github.com/gfm
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

LONGEST = 300
# Between a sign and a word it keeps them from being a mention, a reference or an address, and shows as nothing.
_NOTHING = "\u200b"

_MARKUP = re.compile(r"[\\`*_\[\]<>|~$]")
# '# ', '- ', '+ ', '=' and '1. ' are markup where a line begins.
_FIRST = re.compile(r"^(?:([-+=#])|(\d+)([.)]))")
# Signs that begin a mention, a reference, an address, an emoji or a character's number where a word follows.
_LINKS = re.compile(r"\\?[@#!:$~&^%](?=\S)|www(?=\.)|GH(?=-\d)", re.IGNORECASE)
_COMMIT = re.compile(r"(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,}", re.IGNORECASE)
_SHORTER = re.compile(r"(.{6})(?=.)")
_SAFE_IN_URL = "/:?#@!$&'*+,;=%~-._"


def plain(text: str, *, longest: int = LONGEST) -> str:
    """Return a text on one line, without what cannot be seen, and not too long."""
    seen = "".join(letter if _is_seen(letter) else " " for letter in text[: 8 * longest])
    line = " ".join(seen.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def prose(text: str, *, longest: int = LONGEST) -> str:
    """Return a text to be read: nothing in it is markup."""
    escaped = _MARKUP.sub(lambda found: f"\\{found[0]}", plain(text, longest=longest))
    escaped = _FIRST.sub(lambda found: f"{found[2] or ''}\\{found[1] or found[3]}", escaped)
    escaped = _LINKS.sub(lambda found: f"{found[0]}{_NOTHING}", escaped)
    return _COMMIT.sub(lambda found: _SHORTER.sub(rf"\1{_NOTHING}", found[0]), escaped)


def code(text: str, *, longest: int = LONGEST) -> str:
    """Return a text to be copied."""
    line = plain(text, longest=longest) or " "
    runs = {len(run) for run in re.findall(r"`+", line)}
    fence = "`" * next(length for length in range(1, len(line) + 2) if length not in runs)
    space = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{fence}{space}{line}{space}{fence}"


def link(label: str, url: str) -> str:
    """Return a link with a label that is Markdown already; without the link where the address is none for browsers."""
    if not url.isprintable() or not re.match(r"https?://[^/\s@]+(?:/|$)", url):
        return label
    return f"[{label}](<{quote(url, safe=_SAFE_IN_URL)}>)"


def _is_seen(letter: str) -> bool:
    return unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
