"""
How long a birth takes: `scaffolder new --no-input`, over cookiecutter and git called by a script.

    python -m tests.benchmarks.birth [--rounds N]

Both render the same template of forty files and push the result to a bare repository on the same disk; ours checks,
looks for similar services among those of the example company, writes lock, entry and journal, and registers as well.
Each round makes one service in either way, so that a busy machine slows both alike.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.catalog_files import environment, seconds

FILES = 40
ROUNDS = 9
MOST = 1.0
BODY = """\
# {{ cookiecutter.name }}, part %d: {{ cookiecutter.description }}

{%% for number in range(20) %%}
def step_{{ number }}() -> str:
    return "{{ cookiecutter.name }} {{ number }}"
{%% endfor %%}
"""
BY_HAND = """\
set -e
"$1" -m cookiecutter "$2" --no-input --output-dir . name="$3" description="$4" >&2
git init --quiet --bare --initial-branch main "forge/$3.git"
cd "$3"
git init --quiet --initial-branch main
git add --all
git commit --quiet --message "Begin $3"
git remote add origin "$PWD/../forge/$3.git"
git push --quiet --set-upstream origin main
"""
PURPOSE = "Fold paper boats for the pond"


def write_template(directory: Path) -> Path:
    """Write a cookiecutter template, which both understand, of forty files."""
    skeleton = directory / "{{cookiecutter.name}}" / "src"
    skeleton.mkdir(parents=True)
    (directory / "cookiecutter.json").write_text(json.dumps({"name": "boat", "description": "what it does"}))
    for number in range(FILES):
        (skeleton / f"part_{number}.py").write_text(BODY % number)
    return directory


def measured(rounds: int = ROUNDS) -> tuple[float, float]:
    """Return the median seconds of a birth, ours and by hand."""
    with tempfile.TemporaryDirectory() as name:
        home, work = Path(name) / "home", Path(name) / "work"
        home.mkdir()
        work.mkdir()
        (home / ".gitconfig").write_text("[user]\n name = Benchmark\n email = benchmark@example.com\n")
        template = write_template(Path(name) / "template")
        seconds("-m", "scaffolder", "init", "--example", home=home)
        ours, by_hand = [], []
        for number in range(rounds + 1):
            both = _ours(template, home, work, number), _by_hand(template, home, work, number)
            if number:  # the first round compiles and fills the file cache
                ours.append(both[0])
                by_hand.append(both[1])
    return statistics.median(ours), statistics.median(by_hand)


def _ours(template: Path, home: Path, work: Path, number: int) -> float:
    words = ("new", str(template), "--no-input", "--no-open", "--name", f"paper-boat-{number}", "--purpose", PURPOSE)
    more = ("--owner", "group:default/checkout", "--reason", "other: to measure", "--output-dir", str(work / "ours"))
    return _timed((sys.executable, "-m", "scaffolder", *words, *more), home, work)


def _by_hand(template: Path, home: Path, work: Path, number: int) -> float:
    shell = ("bash", "-c", BY_HAND, "by-hand", sys.executable, str(template), f"tin-boat-{number}", PURPOSE)
    return _timed(shell, home, work)


def _timed(words: tuple[str, ...], home: Path, work: Path) -> float:
    start = time.perf_counter()
    subprocess.run(words, env=environment(home), cwd=work, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> int:
    """Measure, print a table, and tell by the exit code whether the figure is reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    ours, by_hand = measured(parser.parse_args().rounds)
    measure = f"{ours * 1000:.0f} ms, {ours / by_hand:.2f} times `cookiecutter` and git by script"
    row = f"| `new --no-input`, {FILES} files | {measure} ({by_hand * 1000:.0f} ms) | ≤ {MOST:.0f} times |"
    sys.stdout.write(f"| what | measured | to reach |\n|---|---|---|\n{row}\n")
    return int(ours / by_hand > MOST)


if __name__ == "__main__":
    sys.exit(main())
