"""Git over HTTP: `git http-backend`, the program that git itself brings for this, run as CGI."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HOOK = r"""#!/bin/sh
# Refuses what the double says it refuses: lines of "REF<tab>REASON" (REF "*" for all), and workflows.
status=0
empty=4b825dc642cb6eb9a060e54bf8d69288fbee4904
while read -r old new ref; do
  printf '%s\n' "$DOUBLE_REFUSES" | while IFS='	' read -r pattern reason; do
    if [ "$pattern" = "$ref" ] || [ "$pattern" = '*' ]; then printf '%s\n' "$reason" >&2; exit 1; fi
  done || status=1
  case $new in *[!0]*) ;; *) continue ;; esac
  if [ -n "$DOUBLE_NO_WORKFLOWS" ]; then
    case $old in *[!0]*) before=$old ;; *) before=$empty ;; esac
    file=$(git diff-tree -r --name-only "$before" "$new" -- .github/workflows | head -n 1)
    if [ -n "$file" ]; then
      echo "refusing to allow a Personal Access Token to create or update workflow \`$file\`" \
        "without \`workflow\` scope" >&2
      status=1
    fi
  fi
done
exit $status
"""


@dataclass(frozen=True, slots=True)
class Served:
    """What the program answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Push:
    """Who pushes, and what is refused: `refused` maps a ref, or '*', to the words of the refusal."""

    login: str
    refused: Mapping[str, str]
    workflows: bool = True


def backend(repository: Path, hooks: Path, request: Mapping[str, str], body: bytes, push: Push) -> Served:
    """Run the program; `request` has the CGI's own names."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(hooks),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_PROJECT_ROOT": str(repository.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.hooksPath",
        "GIT_CONFIG_VALUE_0": str(hooks),
        "REMOTE_USER": push.login,
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)),
        "DOUBLE_REFUSES": "\n".join(f"{ref}\t{reason}" for ref, reason in push.refused.items()),
        "DOUBLE_NO_WORKFLOWS": "" if push.workflows else "1",
        **request,
    }
    done = subprocess.run(["git", "http-backend"], env=environment, input=body, capture_output=True, check=False)
    return _parsed(done.stdout)


def write_hook(directory: Path) -> None:
    """Put the hook where the program finds it."""
    directory.mkdir(parents=True, exist_ok=True)
    hook = directory / "pre-receive"
    hook.write_text(HOOK)
    hook.chmod(0o755)


def _parsed(output: bytes) -> Served:
    head, _, body = output.partition(b"\r\n\r\n")
    status, headers = 200, []
    for line in head.decode().splitlines():
        name, _, value = line.partition(": ")
        if name == "Status":
            status = int(value.split()[0])
        else:
            headers.append((name, value))
    return Served(status, headers, body)
