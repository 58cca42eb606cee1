"""Whatever goes wrong with a request: never two repositories, never an orphan, never a lost entry."""

from __future__ import annotations

import pytest

from tests.matrix.page import PAGE, kept
from tests.matrix.table import counts, run


@pytest.mark.slow  # some 900 births
def test_every_cell_ends_done_or_resumable_or_with_nothing_left() -> None:
    matrix = run()

    assert matrix.wrong == []
    assert kept(PAGE.read_text()) == counts(matrix.found), "python -m tests.matrix --write"
