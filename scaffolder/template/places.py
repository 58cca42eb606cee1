"""Values inside of values: a place is the names, and the numbers in lists, that lead to one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Place = tuple[str | int, ...]


class Whole(dict[str, Any]):
    """A map that is all there is to say: it is not laid over a default."""


def dotted(place: Place) -> str:
    """Return a place as a person writes it."""
    return ".".join(map(str, place))


def at(values: Any, place: Place) -> Any:
    """Return what stands at a place, or None."""
    for part in place:
        if isinstance(values, Mapping):
            values = values.get(part)
        elif isinstance(values, list) and isinstance(part, int) and part < len(values):
            values = values[part]
        else:
            return None
    return values


def has(values: Any, place: Place) -> bool:
    """Tell whether something stands at a place, if only None."""
    inside = at(values, place[:-1])
    return bool(place) and isinstance(inside, Mapping) and place[-1] in inside


def put(values: Any, place: Place, value: Any) -> Any:
    """Return a copy of `values` with a value at a place; objects on the way are made."""
    if not place:
        return value
    part, rest = place[0], place[1:]
    if isinstance(values, list) and isinstance(part, int):
        return [put(one, rest, value) if number == part else one for number, one in enumerate(values)]
    known = values if isinstance(values, Mapping) else {}
    return {**known, part: put(known.get(part), rest, value)}


def without(values: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """Return a copy of `values` with nothing at a place; an object that is empty then goes as well."""
    part, rest = str(place[0]), place[1:]
    others = {name: value for name, value in values.items() if name != part}
    if not rest or not isinstance(values.get(part), Mapping):
        return others
    inside = without(values[part], rest)
    return {name: inside if name == part else value for name, value in values.items() if name != part or inside}


def names_in(values: Mapping[str, Any], *, prefix: str = "") -> list[str]:
    """Return the dotted name of every value, and of every object that holds some."""
    found = []
    for name, value in values.items():
        found.append(f"{prefix}{name}")
        if isinstance(value, Mapping):
            found += names_in(value, prefix=f"{prefix}{name}.")
    return found
