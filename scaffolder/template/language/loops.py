"""What loops go through, and what they say of each turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.template.language.faults import Fault
from scaffolder.template.language.methods import element, member
from scaffolder.template.language.operators import COMPARISONS
from scaffolder.template.language.values import entries, is_nothing, number, to_number, truthy, units

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffolder.template.language.frames import Run


def length_of(walked: Any, names: int, run: Run) -> Any:
    """Return how many turns a loop takes: what says that it has a length is walked like a list."""
    if not truthy(walked):
        return 0
    if names > 1 and isinstance(walked, dict):
        return len(walked)
    return len(units(walked)) if isinstance(walked, str) else member(walked, "length", run)


def turns(walked: Any, names: int, run: Run) -> Iterator[Sequence[Any]]:
    """Return what the names of a loop are in each turn; a list may grow meanwhile."""
    if not truthy(walked):
        return
    if isinstance(walked, str):
        for index, character in enumerate(units(walked)):
            yield (character,) if names == 1 else (str(index), character)
    elif names > 1 and isinstance(walked, dict):
        yield from list(entries(walked))
    elif isinstance(walked, (list, dict)):
        index = 0
        while COMPARISONS["<"](index, member(walked, "length", run)):
            item = element(walked, index, run)
            yield (item,) if names == 1 else [_part(item, place, run) for place in range(names)]
            index += 1


def _part(item: Any, place: int, run: Run) -> Any:
    if is_nothing(item):
        msg = "an item of the loop is nothing, and cannot be taken apart"
        raise Fault(msg)
    return element(item, place, run)


def loop(index: int, length: Any) -> dict[str, Any]:
    """Return what a loop says of one of its turns."""
    last = to_number(length) - 1
    return {
        "index": index + 1,
        "index0": index,
        "revindex": number(last - index + 1),
        "revindex0": number(last - index),
        "first": index == 0,
        "last": index == last,
        "length": length,
    }
