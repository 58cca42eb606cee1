from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scaffolder.catalog import entity, surely

SCHEMAS = {
    place.stem: json.loads(place.read_text(encoding="utf-8"))
    for place in [
        Path(entity.__file__).parent / "envelope.json",
        *(Path(entity.__file__).parent / "kinds").glob("*.json"),
    ]
}
VALIDATORS = {name: jsonschema_rs.validator_for(schema) for name, schema in SCHEMAS.items()}
SPEC: dict[str, Any] = {
    "type": "service",
    "lifecycle": "production",
    "owner": "group:default/payments",
    "system": "shop",
    "definition": "openapi: 3.0.0",
    "children": ["web"],
    "memberOf": ["web"],
    "profile": {"displayName": "Wéb", "email": "web@example.com", "picture": "https://example.com/web.png"},
    "steps": [{"action": "debug:log"}],
    "targets": ["./a.yaml"],
    "presence": "optional",
    "dependsOn": ["resource:db", "component:default/other"],
}
WHOLE: dict[str, Any] = {
    "apiVersion": "backstage.io/v1alpha1",
    "kind": "Component",
    "metadata": {
        "name": "shop",
        "namespace": "retail",
        "title": "Shöp",
        "description": "Where things\nare sold",
        "labels": {"example.com/tier": "1", "empty": ""},
        "annotations": {"backstage.io/techdocs-ref": "dir:."},
        "tags": ["java", "c++"],
        "links": [{"url": "https://example.com/x", "title": "Docs"}],
    },
    "spec": SPEC,
}
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=70),
    st.sampled_from(
        ["shop\n", "a\x1cb", "x" * 64, "a/b/c", "é", "https://exam ple", "default:a/b", "\ufeff", "", " a"]
    ),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)


def places(value: object, above: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the way to everything that is in a value."""
    inside = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [above, *(place for key, each in inside for place in places(each, (*above, key)))]


def changed(place: tuple[str | int, ...], odd: object, *, gone: bool) -> Any:
    """Return the whole document with something else, or nothing, in one place."""
    document = copy.deepcopy(WHOLE)
    if not place:
        return odd
    holder: Any = document
    for key in place[:-1]:
        holder = holder[key]
    if gone:
        del holder[place[-1]]
    else:
        holder[place[-1]] = odd
    return document


@pytest.mark.parametrize("kind", sorted(SCHEMAS))
def test_what_is_in_order_is_known_to_be(kind: str) -> None:
    version = "scaffolder.backstage.io/v1beta3" if kind == "Template" else WHOLE["apiVersion"]

    assert surely.keeps({**WHOLE, "apiVersion": version}, SCHEMAS[kind])


@pytest.mark.parametrize("kind", sorted(SCHEMAS))
@given(place=st.sampled_from(places(WHOLE)), odd=ODD, gone=st.booleans())
@example(place=("metadata", "name"), odd="shop\n", gone=False)
@example(place=("spec", "owner"), odd=True, gone=False)
@example(place=("metadata", "links", 0, "url"), odd="https:a\x1cb", gone=False)
@example(place=("metadata", "annotations"), odd={"not a key": "x"}, gone=False)
@example(place=("metadata", "labels"), odd={"key": 1}, gone=False)
@example(place=("spec", "presence"), odd="never", gone=False)
@example(place=("metadata", "namespace"), odd="n" * 64, gone=False)
@example(place=("metadata", "title"), odd="", gone=False)
@example(place=("metadata",), odd=None, gone=True)
def test_what_surely_keeps_the_rules_is_valid(
    kind: str, place: tuple[str | int, ...], odd: object, *, gone: bool
) -> None:
    document = changed(place, odd, gone=gone)

    if surely.keeps(document, SCHEMAS[kind]):
        assert VALIDATORS[kind].is_valid(document)


def test_what_is_not_known_here_is_not_sure() -> None:
    assert not surely.keeps("a", {"format": "email"})
    assert not surely.keeps("banana", {"pattern": "ban"})
    assert not surely.keeps("é", {"pattern": "^.$"})
    assert not surely.keeps("\x1c", {"pattern": "^.$"})
    assert not surely.keeps("a" * 1_001, {"pattern": "^a+$"})
    assert not surely.keeps(1, {"minLength": 1})
