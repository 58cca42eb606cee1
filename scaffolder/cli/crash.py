"""A bug's traceback, in a file that can be sent with a report."""

from __future__ import annotations

import os
import platform
import time
import traceback
from typing import TYPE_CHECKING

from scaffolder import __version__
from scaffolder.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scaffolder.cli.main import Session


def write_log(error: BaseException, arguments: Sequence[str], session: Session) -> Path | None:
    """Write the traceback to the state directory's `logs`; return the file, or None where it cannot be written."""
    try:
        directory = session.home.state / "logs"
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = directory / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as log:
            log.write(_text(error, arguments))
    except Exception:  # noqa: BLE001  # whatever is wrong here, the bug itself is what must be told
        return None
    return path


def _text(error: BaseException, arguments: Sequence[str]) -> str:
    lines = [
        f"scaffolder {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"command: {_without_values(arguments)}",
        "",
        *traceback.format_exception(error),
    ]
    return "\n".join(line.rstrip("\n") for line in lines) + "\n"


def _without_values(arguments: Sequence[str]) -> str:
    """Keep commands and names of long options: a value may be a secret."""
    return " ".join(word.partition("=")[0] for word in arguments if word in COMMANDS or word.startswith("--"))
