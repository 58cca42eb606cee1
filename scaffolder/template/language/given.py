"""What the filters make of the values they are given: they fail on those on which the originals fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from scaffolder.template.expressions import UNDEFINED
from scaffolder.template.language.faults import Fault
from scaffolder.template.language.methods import element
from scaffolder.template.language.values import Keywords, Safe, is_nothing, to_index, to_string, units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.template.language.frames import Run


def refuse(value: Any, wanted: str) -> NoReturn:
    """Say what a filter wants instead."""
    msg = f"this filter wants {wanted}, not {to_string(value)[:60]!r}"
    raise Fault(msg)


def text_of(value: Any) -> str:
    """Return a filter's input as text: nothing and false are ''."""
    if value is None or value is UNDEFINED or value is False:
        return ""
    return value if isinstance(value, str) else refuse(value, "a text")


def as_safe_as(value: Any, text: str) -> str:
    """Return a text as safe as the one it was made of."""
    return Safe(text) if isinstance(value, Safe) else text


def defined(value: Any) -> Any:
    """Refuse what is undefined or null."""
    return refuse(value, "a value") if is_nothing(value) else value


def listed(run: Run, value: Any) -> list[Any]:
    """Return what has a length as a list of its elements; what has none is an empty list, and nothing is refused."""
    if isinstance(defined(value), list):
        return list(value)
    if isinstance(value, dict) and "length" in value:
        count = max(to_index(value["length"]), 0)
        run.allowance.items(count)
        return [_counted(element(value, place, run), run) for place in range(count)]
    return list(units(value)) if isinstance(value, str) else []


def _counted(item: Any, run: Run) -> Any:
    run.allowance.tick()
    return item


def array(value: Any) -> list[Any]:
    """Refuse what is no list."""
    return value if isinstance(value, list) else refuse(value, "a list")


def named(given: Sequence[Any], *names: str) -> list[Any]:
    """Return the values of parameters that may be given by name."""
    plain = list(given)
    by_name = plain.pop() if plain and isinstance(plain[-1], Keywords) else {}
    plain = plain[: len(names)]
    return plain + [by_name.get(name, UNDEFINED) for name in names[len(plain) :]]
