"""The page that holds the table."""

from __future__ import annotations

from pathlib import Path

import scaffolder

PAGE = Path(scaffolder.__file__).parents[1] / "docs" / "explanation" / "github.md"
BEGIN, END = "<!-- the matrix begins -->\n", "<!-- the matrix ends -->\n"


def kept(page: str) -> str:
    """Return the table that a page holds."""
    return page.partition(BEGIN)[2].partition(END)[0].strip() + "\n"


def with_table(page: str, table: str) -> str:
    """Return a page with another table."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}"
