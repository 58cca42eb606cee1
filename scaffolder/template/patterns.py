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
_UUID = r"(?i)(?:urn:uuid:)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_DURATION = r"(?a)P(?!$)(?:(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?|\d+W)"
_COLOUR = r"(?ai)#[0-9a-f]{3}(?:[0-9a-f]{3})?|[a-z]+|rgb\([\d\s,%.]+\)"
_ALPHANUMERIC = r"(?i)[a-z0-9]+"
_PHONE = r"\+(?:[0-9] ?){6,14}[0-9]"
FORMATS: Final[dict[str, Any]] = {
    "uuid": lambda text: bool(re.fullmatch(_UUID, text)),
    "duration": lambda text: bool(re.fullmatch(_DURATION, text)),
    "color": lambda text: bool(re.fullmatch(_COLOUR, text)),
    "alphanumeric": lambda text: bool(re.fullmatch(_ALPHANUMERIC, text)),
    "phone": lambda text: bool(re.fullmatch(_PHONE, text)),
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
