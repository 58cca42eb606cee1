"""What happens in another process is waited for, but not for ever."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE: Final = 30.0
"""Seconds."""


def wait_until(happened: Callable[[], bool], why: str) -> None:
    """Fail with these words when it has not happened in that time."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, why
        time.sleep(0.01)
