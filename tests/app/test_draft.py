"""Answers that are kept: what was said of a template another day is not."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from scaffolder.app.draft import Draft, load, save

if TYPE_CHECKING:
    from pathlib import Path


def test_who_may_have_a_token_is_asked_another_day(tmp_path: Path) -> None:
    kept = tmp_path / "draft.json"
    save(Draft(name="bakery", trusted=True, lends={"github.com": True}), kept)
    first = load(kept)
    assert first == Draft(name="bakery")
    first.lends["github.com"] = True

    assert load(kept) == Draft(name="bakery")


def test_an_answer_that_json_does_not_know_is_kept_as_text(tmp_path: Path) -> None:
    save(Draft(answers={"since": date(2026, 1, 1)}), tmp_path / "draft.json")

    assert load(tmp_path / "draft.json") == Draft(answers={"since": "2026-01-01"})
    assert [path.name for path in tmp_path.iterdir()] == ["draft.json"]


def test_one_that_somebody_has_written_wrong_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "draft.json").write_text('{"answered": [1]}')

    assert load(tmp_path / "draft.json") is None
