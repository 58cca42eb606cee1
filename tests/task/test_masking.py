"""Marks go in and come out again, whatever the secrets look like."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.errors import Failed
from scaffolder.task.masking import SHOWN, mark, masked, redacted, tells_a_secret, unmasked, without_secrets

NAMES = st.dictionaries(st.sampled_from(["token", "secret", "a", "b"]), st.text(min_size=1, max_size=8))
VALUES = st.recursive(
    st.text(max_size=20) | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, NAMES)
def test_what_was_masked_is_unmasked(value: object, secrets: dict[str, str]) -> None:
    assert unmasked(masked(value, secrets), secrets) == value


@given(st.text(max_size=20), st.text(max_size=20), NAMES.filter(bool))
def test_no_secret_is_shown(before: str, after: str, secrets: dict[str, str]) -> None:
    secret = next(iter(secrets.values()))

    shown = redacted(f"{before}{secret}{after}", secrets)

    assert not [one for one in secrets.values() if one in shown.replace(SHOWN, "\0") and one not in SHOWN]


def test_a_secret_that_stands_in_a_mark_does_no_harm() -> None:
    secrets = {"long": "hunter2-secret", "short": "secret", "n": "long"}

    stored = masked("hunter2-secret, secret and long", secrets)

    assert stored == f"{mark('long')}, {mark('short')} and {mark('n')}"
    assert unmasked(stored, secrets) == "hunter2-secret, secret and long"
    assert masked(stored, secrets) == stored


def test_the_way_json_writes_it_is_a_secret_too() -> None:
    secrets = {"key": 'line one\n"line" two'}

    assert "line" not in masked(json.dumps({"k": secrets["key"]}), secrets)
    assert redacted(json.dumps(secrets["key"]), secrets) == f'"{SHOWN}"'


def test_a_line_of_a_secret_is_not_shown_either_unless_it_says_nothing() -> None:
    secrets = {"key": "BEGIN-PRIVATE-KEY\nabcdefghijkl\nend"}

    assert redacted("it has abcdefghijkl at the end", secrets) == f"it has {SHOWN} at the end"


@pytest.mark.parametrize("secrets", [{}, {"token": ""}])
def test_without_secrets_nothing_changes(secrets: dict[str, str]) -> None:
    assert masked({"a": ["x", 1]}, secrets) == {"a": ["x", 1]}
    assert redacted("x", secrets) == "x"


def test_an_error_says_no_secret_anywhere() -> None:
    error = without_secrets(
        Failed("no hunter2", hint="try without hunter2", details=("hunter2 here",)), {"token": "hunter2"}
    )

    assert (error.message, error.hint, error.details, str(error)) == (
        "no ***",
        "try without ***",
        ("*** here",),
        "no ***",
    )


def test_a_bug_behind_a_bug_may_tell_a_secret() -> None:
    error = ValueError("again")
    error.__cause__ = KeyError("hunter2")

    assert tells_a_secret(error, {"token": "hunter2"})
    assert not tells_a_secret(error, {"token": "other"})
