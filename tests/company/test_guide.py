"""The guide `Set your company up in ten minutes`, followed word for word."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs/guides/company.md"
BLOCKS = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
GITCONFIG = "[user]\n  name = Ann Example\n  email = ann@example.com\n"


@pytest.fixture
def followed(tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Every line of the guide, typed one after the other in a home that knows nothing."""
    home, work, programs = (tmp_path / name for name in ("home", "work", "bin"))
    for directory in (home, work, programs):
        directory.mkdir()
    (home / ".gitconfig").write_text(GITCONFIG)
    program = programs / "scaffolder"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m scaffolder "$@"\n')
    program.chmod(0o755)
    script = "set -euo pipefail\n" + "".join(BLOCKS.findall(GUIDE.read_text(encoding="utf-8")))
    environment = {
        "HOME": str(home),
        "GIT": str(tmp_path / "git"),
        "PATH": f"{programs}:{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
        "TMPDIR": str(tmp_path),
    }
    return subprocess.run(
        ["bash", "-c", script], env=environment, cwd=work, capture_output=True, text=True, check=False, timeout=120
    )


def test_the_guide_leads_where_it_says(followed: subprocess.CompletedProcess[str], tmp_path: Path) -> None:
    assert followed.returncode == 0, followed.stderr
    said = followed.stdout + followed.stderr

    assert "joined Acme: 0 components, 2 teams, 1 golden path" in said
    assert "refunds belongs to payments" in said
    assert "This exists already" in followed.stdout, "whoever asks next, finds it"
    assert "payments@example.com" in followed.stdout
    assert "0 errors" in said or "nothing is wrong" in said
    assert "left acme" in said
    refs = subprocess.run(
        ["git", "--git-dir", str(tmp_path / "git/catalog.git"), "for-each-ref", "--format=%(refname)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert refs == ["refs/heads/main", "refs/scaffolder/snapshot"], "the reservation went with the entry"
    assert (tmp_path / "git/services/acme/refunds.git/HEAD").is_file()
    assert (tmp_path / "work/refunds/README.md").read_text() == "# refunds\n\nListens on port 8080.\n"
