r"""
Patterns and formats of a JSON Schema, as a form in a browser takes them.

JavaScript reads a pattern strictly (flag `u`) where it can, and loosely where it cannot: `[\w-.]` is fine then. What
the validator's own engine does not take is matched by the one that templates have.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

KEYWORD: Final = "jsPattern"
LONGEST: Final = 1.0
"""Seconds that one text may take."""
_UUID = re.compile(r"(?:urn:uuid:)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_DURATION = re.compile(r"P(?!$)(?:(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?|\d+W)", re.ASCII)
_COLOUR = re.compile(r"#[0-9a-f]{3}(?:[0-9a-f]{3})?|[a-z]+|rgb\([\d\s,%.]+\)", re.IGNORECASE | re.ASCII)
_ALPHANUMERIC = re.compile(r"[a-z0-9]+", re.IGNORECASE)
_PHONE = re.compile(r"\+(?:[0-9] ?){6,14}[0-9]")
FORMATS: Final[dict[str, Any]] = {
    "uuid": lambda text: bool(_UUID.fullmatch(text)),
    "duration": lambda text: bool(_DURATION.fullmatch(text)),
    "color": lambda text: bool(_COLOUR.fullmatch(text)),
    "alphanumeric": lambda text: bool(_ALPHANUMERIC.fullmatch(text)),
    "phone": lambda text: bool(_PHONE.fullmatch(text)),
}


@lru_cache(maxsize=256)
def is_ours(pattern: str) -> bool:
    """Tell whether a pattern is not for the validator's engine, but for ours."""
    import jsonschema_rs

    from scaffolder.template.language.faults import Fault
    from scaffolder.template.language.regex import Regex

    try:
        jsonschema_rs.Draft7Validator({"pattern": pattern})
    except ValueError:
        try:
            Regex.check(pattern, "")
        except Fault:
            return False  # it is wrong, and the validator says so
        return True
    return False


class Keyword:
    """The rule that a text matches a pattern."""

    def __init__(self, _parent: object, pattern: str, _path: object) -> None:
        self._pattern = pattern

    def validate(self, value: object) -> None:
        """
        Check one value.

        Raises:
            ValueError: It is a text that does not match, or would take for ever.
        """
        from scaffolder.template.language.bounds import Allowance, Limits
        from scaffolder.template.language.faults import Fault
        from scaffolder.template.language.regex import Regex

        if not isinstance(value, str):
            return
        try:
            found = Regex(self._pattern, "", Allowance(Limits(seconds=LONGEST))).search(value)
        except Fault as fault:
            raise ValueError(str(fault)) from fault
        if found is None:
            raise ValueError(KEYWORD)
