"""A catalog of thousands of one-entity files, made of the rows of an evaluation catalog."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROWS = "similarity/catalogs/org.jsonl"


def arguments(description: str | None) -> argparse.Namespace:
    """Read `--data DIR`, by default SCAFFOLDER_TEST_DATA."""
    parser = argparse.ArgumentParser(description=description)
    data = os.environ.get("SCAFFOLDER_TEST_DATA")
    parser.add_argument("--data", type=Path, default=data, required=not data, help=f"a directory with {ROWS}")
    return parser.parse_args()


def write_files(data: Path, directory: Path) -> int:
    """Write a file for each row: its component. Groups and APIs are left out, so that files are as many as entities."""
    directory.mkdir(parents=True)
    lines = (data / ROWS).read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line]
    for number, row in enumerate(rows):
        (directory / f"{number:05}.yaml").write_text(_yaml(_component(row, number)), encoding="utf-8")
    return len(rows)


def environment(home: Path) -> dict[str, str]:
    """Return an environment with a home of its own, in which bytecode is kept as in any installation."""
    left_out = ("XDG_", "SCAFFOLDER_", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    bytecode = str(home.parent / "bytecode")
    return {
        **kept,
        "HOME": str(home),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PYTHONPYCACHEPREFIX": bytecode,
    }


def seconds(*words: str, home: Path, times: int = 1) -> float:
    """Return the shortest time that `python WORDS…` takes, as a whole process."""
    return min(_seconds(words, home) for _ in range(times))


def _seconds(words: tuple[str, ...], home: Path) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *words], env=environment(home), cwd=home, check=True, capture_output=True)
    return time.perf_counter() - start


def _component(row: dict[str, Any], number: int) -> dict[str, Any]:
    extra = row.get("extra", {})
    owner = _slug(extra.get("owner") or extra.get("team") or "") or "everyone"
    metadata = {
        "name": f"{_slug(row['name'], 50) or 'entry'}-{number}",
        "title": row["name"],
        "description": row["description"],
        "tags": [tag for text in row.get("tags", []) if (tag := _slug(text))],
    }
    type_ = _slug(extra.get("type", "")) or "service"
    spec = {"type": type_, "lifecycle": "production", "owner": f"group:default/{owner}"}
    return {"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": metadata, "spec": spec}


def _slug(text: str, longest: int = 63) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:longest].strip("-")


def _yaml(entity: dict[str, Any]) -> str:
    import yaml

    return yaml.safe_dump(entity, sort_keys=False, allow_unicode=True)
