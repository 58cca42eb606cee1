"""Answers that are kept: what was said of a template another day is not."""

from __future__ import annotations

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
