"""
Formats of texts as Backstage's validator has them, where that is not what JSON Schema says.

A time has no zone, an address of e-mail has a dot in its domain; a few names are older than draft 7.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

DAY: Final = r"\d{4}-(?:0\d|1[0-2])-(?:3[01]|0[1-9]|[12]\d)"
TIME: Final = r"(?:2[0-4]|[01]\d):[0-5]\d:(?:60|[0-5]\d)"
ZONE: Final = r"(?:[zZ]|[+-][0-5]\d:(?:60|[0-5]\d))"
NAME: Final = r"[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?"
BYTE: Final = r"(?:25[0-5]|2[0-4]\d|[01]?\d\d?)"
MAILBOX: Final = r"[\w!#$%&'*+/=?^`{|}~-]+"

_PATTERNS: Final = {
    "time": TIME,
    "date-time": rf"{DAY}[tT ]{TIME}(?:\.\d+)?{ZONE}",
    "email": rf"{MAILBOX}(?:\.{MAILBOX})*@(?:(?:{NAME}\.)+{NAME}|\[{BYTE}(?:\.{BYTE}){{3}}\])",
    "host-name": rf"(?=.{{1,255}}\Z){NAME}(?:\.{NAME})*\.?",
    "ip-address": rf"{BYTE}(?:\.{BYTE}){{3}}",
    "utc-millisec": r"[+-]?\d+(?:\.0*)?",
    "style": r"\s*[^\s][^:]*:\s*[^\s;]*\s*;?.*",
    "uri-template": r"(?s:.*)",
}


def _check(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


CHECKS: Final[dict[str, Callable[[str], bool]]] = {name: _check(pattern) for name, pattern in _PATTERNS.items()}
KNOWN: Final = frozenset(
    {
        *CHECKS,
        *("date", "duration", "hostname", "ipv4", "ipv6", "uri", "uri-reference", "uuid", "regex", "json-pointer"),
        *("color", "phone", "alphanumeric", "data-url", "password", "idn-email", "idn-hostname", "iri"),
    }
)
"""Formats that have a meaning to a form or to Backstage's validator."""
