"""Prints a command of the README, as it stands there: `readme_line.py 1` begins a service, `2` runs the tests."""

from __future__ import annotations

import re
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def lines() -> list[str]:
    """Return the README's commands, one line each."""
    return re.findall(r"^```sh\n(.+)\n```$", README.read_text(encoding="utf-8"), flags=re.MULTILINE)


if __name__ == "__main__":
    print(lines()[int(sys.argv[1]) - 1])
