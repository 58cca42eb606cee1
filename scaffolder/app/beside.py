"""
The look for similar services, in a process beside this one: a birth without questions has enough to do meanwhile.

Loading the encoder takes longer than asking it, and keeps one processor busy. Where there is no second one, or the
process brings nothing back, the look is taken here instead, and what is wrong is told here.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from scaffolder import plugins
from scaffolder.catalog import Catalog
from scaffolder.gateways.process import processors
from scaffolder.similar import find_similar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scaffolder.similar import Findings, Query, Thresholds

ASIDE = "from scaffolder.app.beside import answer; answer()"


@contextmanager
def looking(
    catalog: Path, query: Query, thresholds: Thresholds, here: Callable[[], Findings]
) -> Iterator[Callable[[], Findings]]:
    """Begin to look; what is returned waits for the findings. Nobody waits for a look that is not needed any more."""
    process = _begun() if processors() > 1 else None
    if process is None:
        yield here
        return
    with process:
        try:
            _ask(process, (str(catalog), query, thresholds))
            yield lambda: _told(process) or here()
        finally:
            process.kill()


def answer() -> None:
    """Read what is asked from stdin, and write what was found to stdout."""
    path, query, thresholds = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that began this one
    with closing(Catalog(Path(path))) as catalog:
        found = find_similar(catalog, query, encoder=plugins.encoder(), thresholds=thresholds)
    sys.stdout.buffer.write(pickle.dumps(found))


def _begun() -> subprocess.Popen[bytes] | None:
    """Start this interpreter again, with what it can import: never what happens to lie in the directory (-P)."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    with suppress(OSError):
        return subprocess.Popen(  # noqa: S603 - this very interpreter, and a program of ours
            [sys.executable, "-P", "-c", ASIDE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )
    return None


def _ask(process: subprocess.Popen[bytes], question: object) -> None:
    with suppress(BrokenPipeError), cast("BinaryIO", process.stdin) as asked:
        asked.write(pickle.dumps(question))


def _told(process: subprocess.Popen[bytes]) -> Findings | None:
    said = cast("BinaryIO", process.stdout).read()
    return None if process.wait() else cast("Findings", pickle.loads(said))  # noqa: S301 - from a process of ours
