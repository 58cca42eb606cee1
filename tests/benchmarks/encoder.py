"""
How long the built-in sentence encoder takes, and how much memory.

    python -m tests.benchmarks.encoder [--texts N] [--rounds N]

A new process that encodes one question is measured against bare Python, started in turn, so that a busy machine slows
both; the median of the ratios is printed. The rest is measured in one process: one text at a time, then many in batches
as the index asks for them, at 21 tokens a text, which is what entities of a large organisation have.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.startup import BARE, seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from scaffolder.similar.encoder import Encoder

QUESTION = "statement-mailer: Sends every customer a letter with what they owe at the end of the month. billing"
COLD = f"from scaffolder.similar.encoder import built_in; built_in().encode([{QUESTION!r}])"
WORDS = "send every customer one letter with what is owed when each month ends and keep it for ten years"
TOKENS, BATCH, ENTITIES = 21, 256, 6_500
MEGABYTE = 2**20 if sys.platform == "darwin" else 2**10  # the unit of ru_maxrss differs


def cold(rounds: int) -> float:
    """Return how many times as long as bare Python a process takes that encodes one question."""
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as name:
        pairs = [
            (seconds((sys.executable, "-c", COLD), Path(name), environ), seconds(BARE, Path(name), environ))
            for _ in range(rounds + 1)
        ]
    return statistics.median(ours / bare for ours, bare in pairs[1:])  # the first round fills the file cache


def warm(encoder: Encoder, rounds: int) -> float:
    """Return the milliseconds of one question."""
    return 1e3 * statistics.median(_taken(lambda: encoder.encode([QUESTION])) for _ in range(5 * rounds))


def many(encoder: Encoder, texts: list[str]) -> float:
    """Return the seconds of as many texts as a large organisation has, from those of fewer."""
    batches = [texts[begin : begin + BATCH] for begin in range(0, len(texts), BATCH)]
    return _taken(lambda: [encoder.encode(batch) for batch in batches]) * ENTITIES / len(texts)


def made_up(count: int) -> list[str]:
    """Return texts whose mean length is that of entities; each word of them is one token, and two more are the ends."""
    chosen = random.Random(7)  # noqa: S311  the same texts every time
    lengths = (chosen.randint(TOKENS - 12, TOKENS + 8) for _ in range(count))
    return [" ".join(chosen.choices(WORDS.split(), k=length)) for length in lengths]


def _taken(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> int:
    """Print the table; 1 when a figure is not reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=5 * BATCH)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    from scaffolder.similar.encoder import built_in

    rows = [
        ("a new process that encodes one question", cold(options.rounds), 15, "times bare Python"),
        ("one question, encoder loaded", warm(built_in(), options.rounds), 15, "ms"),
        (f"vectors of {ENTITIES:,} entities", many(built_in(), made_up(options.texts)), 40, "s"),
        ("memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE, 250, "MB"),
    ]
    lines = ["| what | measured | to reach |", "|---|---|---|"]
    lines += [f"| {what} | {found:.1f} {unit} | ≤ {most} {unit} |" for what, found, most, unit in rows]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(any(found > most for _, found, most, _ in rows))


if __name__ == "__main__":
    sys.exit(main())
