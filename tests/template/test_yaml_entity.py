"""The YAML that `catalog:write` writes: each expectation is what npm's `yaml` 2.9 makes of the value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.template.yaml_entity import write_entity
from scaffolder.template.yaml_reader import read_document

LONG = "word " * 20


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", "plain"),
        ("", '""'),
        ("true", '"true"'),
        ("null", '"null"'),
        ("~", '"~"'),
        ("123", '"123"'),
        ("0755", '"0755"'),
        ("0x1f", '"0x1f"'),
        ("1e3", '"1e3"'),
        (".5", '".5"'),
        ("yes", "yes"),
        ("2024-01-01", "2024-01-01"),
        ("1_000", "1_000"),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("a#b", "a#b"),
        ("- x", '"- x"'),
        ("-x", "-x"),
        ("?x", "?x"),
        ("*x", '"*x"'),
        ("@x", '"@x"'),
        (" x", '" x"'),
        ("x ", '"x "'),
        ("x:", '"x:"'),
        ('it\'s "q"', 'it\'s "q"'),
        ('"q"', "'\"q\"'"),
        ("'q'", "\"'q'\""),
        ("a\tb", "a\tb"),
        ("\x07", '"\\a"'),
        ("hé ✓ 😀", "hé ✓ 😀"),
        ("a\nb", "|-\n  a\n  b"),
        ("a\nb\n", "|\n  a\n  b"),
        ("a\nb\n\n", "|+\n  a\n  b\n"),
        ("  a\nb", "|2-\n    a\n  b"),
        ("a\n ", '"a\\n "'),
        ("\n", "|+\n  "),
        (LONG.strip(), f"{'word ' * 14}word\n  word word word word word"),
        (f"{LONG}\nb", f">-\n  {'word ' * 14}word\n  word word word word word \n\n  b"),
        ("x" * 90, "x" * 90),
        (f"a\n{'x' * 90}", f"|-\n  a\n  {'x' * 90}"),
        (f"{LONG}: x", f'"{"word " * 14}word\n  word word word word word : x"'),
        (5, "5"),
        (1.5, "1.5"),
        (2.0, "2"),
        (1e-7, "1e-7"),
        ({"b": 1, "10": 2, "9": 3}, '\n  "9": 3\n  "10": 2\n  b: 1'),
        (f"  a\nb {LONG}c\n", f">2\n    a\n  b {'word ' * 14}word\n  {'word ' * 5}c"),
        ("# " + "x" * 24 + "\a\na: b", f'"# {"x" * 24}\\a\n\n  a: b"'),
        ("# " + "x" * 17 + "\a\na: b", f'"# {"x" * 17}\\a\\na: b"'),
        (1e21, "1e+21"),
        (12345678901234567890, "12345678901234567000"),
        (float("-inf"), "-.inf"),
        (None, "null"),
        (True, "true"),
        ([], "[]"),
        ({}, "{}"),
        (["a", "b"], "\n  - a\n  - b"),
        ([["a", ["b"]], {"c": 1, "d": []}], "\n  - - a\n    - - b\n  - c: 1\n    d: []"),
        ({"a": {"b": [1]}}, "\n  a:\n    b:\n      - 1"),
        ({"true": 1, "a b": 2, "c: d": 3, "": 4}, '\n  "true": 1\n  a b: 2\n  "c: d": 3\n  "": 4'),
    ],
)
def test_a_value_is_written_as_there(value: Any, written: str) -> None:
    between = "" if written.startswith("\n") else " "
    assert write_entity({"key": value}) == f"key:{between}{written}\n"


PARTS = st.sampled_from(["a", "word", " ", "\n", ":", "#", '"', "'", "-", "\\", "é", "😀", "%", "|", ">"])
TEXTS = st.lists(PARTS, max_size=60).map("".join).filter(lambda text: text.strip(" \n") or "\n" not in text)
"""Of lines that hold nothing but spaces npm's `yaml` keeps the lines only, and so do we."""
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_it_is_read_back_as_it_was(value: Any) -> None:
    assert read_document(write_entity({"key": value}).encode(), "entity") == {"key": value}
