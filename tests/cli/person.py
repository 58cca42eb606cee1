"""A person at a terminal: reads what the program asks, and types."""

from __future__ import annotations

import io
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import pexpect

from scaffolder.catalog import Catalog
from tests.cli import program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

UP, DOWN, SHIFT_TAB, CTRL_C, CTRL_D, CTRL_U = "\x1b[A", "\x1b[B", "\x1b[Z", "\x03", "\x04", "\x15"
ENTER = "\r"
ESCAPES = re.compile(r"\x1b(\[[\d;?]*[A-Za-z]|[=>])")

CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: content-tools}
spec: {type: team, profile: {email: content-tools@example.com}, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: payments}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: test-engineer}
spec: {profile: {email: test-engineer@example.com}, memberOf: [payments]}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: site}
spec: {owner: content-tools}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: link-checker
  description: Checks that the links on published pages still work
  annotations: {github.com/project-slug: example/link-checker}
spec: {type: service, lifecycle: production, owner: content-tools, system: site}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: page-store, description: Keeps published pages}
spec: {type: service, lifecycle: deprecated, owner: payments}
"""


class Person:
    """Somebody who runs `scaffolder new` in `directory`. What it prints on stdout goes to a file, unless told."""

    def __init__(self, directory: Path, *arguments: str, width: int = 80, height: int = 24, **environ: str) -> None:
        self._stdout = directory.parent / "stdout"
        command = " ".join(f"'{part}'" for part in (sys.executable, "-m", "scaffolder", *arguments))
        self.seen = io.StringIO()
        self.child: pexpect.spawn[str] = pexpect.spawn(
            "/bin/sh",
            ["-c", f"exec {command} > '{self._stdout}'"],
            env={**program.environment(TERM="xterm", PROMPT_TOOLKIT_NO_CPR="1"), **environ},
            cwd=str(directory),
            encoding="utf-8",
            codec_errors="replace",
            dimensions=(height, width),
            timeout=15,
        )
        self.child.delaybeforesend = 0.01
        self.child.logfile_read = self.seen

    def sees(self, text: str) -> None:
        self.child.expect_exact(text)

    def types(self, *keys: str) -> None:
        for key in keys:
            self.child.send(key)

    def answers(self, question: str, *keys: str) -> None:
        """Wait for a question (or its last line) and type."""
        self.sees(question)
        self.types(*keys)

    def answers_all(self, answers: Sequence[tuple[str, Sequence[str]]]) -> None:
        for question, keys in answers:
            self.answers(question, *keys)

    def leaves(self) -> tuple[int | None, str]:
        """Wait for the end; return the exit code and what stdout got."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus, self._stdout.read_text()

    @property
    def conversation(self) -> str:
        """Everything on the terminal so far, without escape sequences."""
        return ESCAPES.sub("", self.seen.getvalue()).replace("\r", "")


def state(home: Path, name: str) -> Path:
    return home / ".local/state/scaffolder" / name


def kept(home: Path) -> dict[str, Any]:
    """Return the draft that was kept; empty when there is none."""
    file = state(home, "draft.json")
    found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    return found


def catalog(home: Path) -> Catalog:
    return Catalog(home / ".local/share/scaffolder/catalog.db")


def take_in(home: Path, directory: Path, text: str = CATALOG) -> None:
    """Give the person's machine a catalog."""
    file = directory / "catalog-info.yaml"
    file.write_text(text)
    catalog(home).add(str(file))


def last_choice(home: Path) -> dict[str, Any]:
    return catalog(home).events()[-1]
