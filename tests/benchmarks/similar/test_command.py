"""The command as a whole, on a catalog of three."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
SCORER = """\
import json
figures = {"hit@5": HIT, "recall@10": 1.0, "mrr": 1.0}
judged = {"pr_auc": 1.0, "warn_precision": 1.0, "warn_recall": 1.0, "false_alarm_rate": 0.0, "ece": ECE}
print(json.dumps({"missing_answers": 0, "all": {"ranking": figures, "verdict": judged}}))
"""


def write(file: Path, *rows: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A catalog in which one name is taken, with a query for that name and one for nothing there is."""
    said = {"lantern-counter": "Counts lanterns on the lake", "boat-rental": "Rents out rowing boats", "tide-table": ""}
    rows = [{"id": name, "name": name, "description": text, "tags": [], "extra": {}} for name, text in said.items()]
    write(tmp_path / "catalogs" / "shore.jsonl", *rows)
    asked = {"catalog": "shore", "tags": [], "apis": [], "relevant": []}
    taken = {**asked, "name": "lantern-counter-0", "purpose": "Counts lanterns", "relevant": ["lantern-counter"]}
    foreign = {**asked, "name": "payslip", "purpose": "Prints monthly payslips"}
    queries = ({**taken, "query_id": "shore-1", "kind": "intent"}, {**foreign, "query_id": "shore-2", "kind": "none"})
    write(tmp_path / "dev" / "intents.jsonl", *queries)
    return tmp_path


def run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.benchmarks.similar", "--data", str(data), "--parts", "queries", "--alone"]
    return subprocess.run([*command, *words], cwd=ROOT, capture_output=True, text=True, check=False)


def test_prints_the_goals_first_and_then_each_set_and_kind(data: Path) -> None:
    done = run(data, "--markdown")
    assert done.stdout.startswith("Goals:\n\n| what | measured | to reach |\n"), done.stderr
    assert "| right entity among the first five (hit@5) | 1.000 | ≥ .860 |" in done.stdout
    assert "| verdict *exists*: precision | 1.000 | ≥ .820 |" in done.stdout
    assert "| intent | scaffolder | 1 | 1.000 | 1.000 | 1.000 |" in done.stdout


def test_a_scorer_that_comes_to_other_figures_ends_the_run(data: Path, tmp_path: Path) -> None:
    scorer = tmp_path / "scorer.py"
    scorer.write_text(SCORER.replace("HIT", "0.5").replace("ECE", "None"), encoding="utf-8")
    done = run(data, "--scorer", str(scorer))
    assert done.returncode == 1
    assert "scaffolder, all, hit5: 1.0 here, 0.5 there" in done.stderr
    assert "Goals" not in done.stdout


def test_homes_that_are_kept_are_not_made_again(data: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    first = run(data, "--keep", str(kept))
    database = next(kept.glob("shore/**/catalog.db"))
    made = database.stat().st_ino
    again = run(data, "--keep", str(kept))
    assert again.stdout == first.stdout
    assert database.stat().st_ino == made
