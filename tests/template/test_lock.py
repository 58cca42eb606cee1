from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.errors import InvalidInput
from scaffolder.template.lock import Lock

LOCK = Lock("golden-path", "python-service", "1.0", "", "sha256:0", {"n": 1}, "0.1", "7f3c")
SCALARS = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(st.characters(exclude_categories=["C"]))


@given(st.dictionaries(st.from_regex(r"\A[a-z]{1,8}\Z"), SCALARS | st.lists(SCALARS)))
def test_every_answer_comes_back(answers: dict[str, object]) -> None:
    lock = Lock("x", "", "", "", "sha256:0", answers, "0.1", "t")
    assert Lock.loads(lock.dumps()) == lock


@pytest.mark.parametrize(
    "text", ["yes", "1e3", "0o17", "2024-01-01", "~", "", "null", "a: b", "- x", "1_000", "=", "<<", "a\nb\n"]
)
def test_texts_that_look_like_something_else_come_back(text: str) -> None:
    lock = Lock("x", "", "", "", "sha256:0", {"a": text}, "0.1", "t")
    assert Lock.loads(lock.dumps()).answers["a"] == text


def test_it_says_what_it_is_for() -> None:
    assert LOCK.dumps().startswith("# Where this project came from")
    assert Lock.loads(LOCK.dumps()) == LOCK


@pytest.mark.parametrize("text", ["", "[]", "template: 1\ntool: {}", "template: {}\ntool: {}", "a: ["])
def test_a_damaged_one_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"\.scaffolder\.yaml"):
        Lock.loads(text)
