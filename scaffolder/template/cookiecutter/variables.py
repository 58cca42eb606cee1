"""Reads the JSON of `cookiecutter.json`: no more, and no deeper, than a description can be."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from scaffolder.errors import Place
from scaffolder.template.errors import TemplateInvalid

LONGEST: Final = 5_000_000
"""Characters."""
MOST: Final = 2_000
"""Variables."""
DEEPEST: Final = 100
"""Levels of nesting: what works with a value calls itself for each."""


def parsed(text: str, *, file: str) -> dict[str, Any]:
    """
    Return the names and values that stand in a text, their order kept; errors call it `file`.

    Raises:
        TemplateInvalid: With its line, where that is known.
    """
    try:
        found = json.loads(text[: LONGEST + 1], object_pairs_hook=OrderedDict)  # a text may show a map, and its kind
    except json.JSONDecodeError as error:
        reason, line = (error.msg, error.lineno) if len(text) <= LONGEST else (f"it is longer than {LONGEST:,}", None)
        raise TemplateInvalid(reason, place=Place(file, line)) from error
    except (RecursionError, ValueError) as error:
        reason = "it nests too deeply" if isinstance(error, RecursionError) else "a number in it has too many digits"
        raise TemplateInvalid(reason, place=Place(file)) from error
    if not isinstance(found, dict):
        msg = "an object (names and values) is expected"
        raise TemplateInvalid(msg, place=Place(file, 1))
    if len(found) > MOST:
        msg = f"it has more than {MOST:,} variables"
        raise TemplateInvalid(msg, place=Place(file))
    if text.count("[") + text.count("{") > DEEPEST and _is_deeper(found):
        msg = "it nests too deeply"
        raise TemplateInvalid(msg, place=Place(file))
    return found


def _is_deeper(value: object) -> bool:
    """Tell whether a value has more levels than are worked with."""
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in _inside(one)]
    return bool(level)


def _inside(value: object) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []
