"""Schemas as Backstage's validator reads them; each expectation is what it said of the value."""

from __future__ import annotations

from typing import Any

import pytest

from scaffolder.template.schema import is_valid, violations


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("time", ["03:04:05"], ["03:04:05Z", "3:4", "25:00:00"]),
        ("date-time", ["2024-01-02 03:04:05Z", "2024-01-02T03:04:05.5+02:00"], ["2024-01-02", "2024-01-02T03:04:05"]),
        ("email", ["a@b.c", "a.b+c@d-e.example", "a@[1.2.3.4]"], ["a@b", "a", "a b@c.d", ".a@b.c"]),
        ("host-name", ["a.b"], ["-a", "a_b"]),
        ("ip-address", ["1.2.3.4"], ["x", "256.1.1.1"]),
        ("utc-millisec", ["1"], ["x"]),
        ("style", ["color: red"], ["x"]),
        ("uri-template", ["/{a}", "/{"], []),
        ("made-up", ["x"], []),
    ],
)
def test_a_format_is_as_there(name: str, good: list[str], bad: list[str]) -> None:
    schema = {"type": "string", "format": name}
    assert [text for text in good if not is_valid(schema, text)] == []
    assert [text for text in bad if is_valid(schema, text)] == []


@pytest.mark.parametrize(
    ("schema", "value", "good"),
    [
        ({"properties": {"a": {"type": "string", "required": True}}}, {}, False),
        ({"properties": {"a": {"type": "string", "required": True}}}, {"a": "x"}, True),
        ({"required": ["b"], "properties": {"a": {"required": True}}}, {"a": 1}, False),
        ({"properties": {"a": {"divisibleBy": 2}}}, {"a": 3}, False),
        ({"dependencies": "a"}, {"a": 3}, True),
    ],
)
def test_what_is_older_than_draft_7_counts(schema: dict[str, Any], value: dict[str, Any], *, good: bool) -> None:
    assert (violations(schema, value) == []) is good


def test_a_title_may_be_anything() -> None:
    assert violations({"properties": {"a": {"title": 5, "description": None, "examples": "x"}}}, {"a": 1}) == []
