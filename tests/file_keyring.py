"""A keyring that is a file, chosen by PYTHON_KEYRING_BACKEND; it is the one that TEST_KEYRING names."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

BACKEND = "tests.file_keyring.FileKeyring"


class FileKeyring(KeyringBackend):
    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        found: str | None = self._read().get(f"{service} {username}")
        return found

    def set_password(self, service: str, username: str, password: str) -> None:
        entries = self._read() | {f"{service} {username}": password}
        self._file.write_text(json.dumps(entries))

    def _read(self) -> dict[str, str]:
        if not self._file.exists():
            raise KeyringLocked("The keyring is locked. Somebody must open it.")
        entries: dict[str, str] = json.loads(self._file.read_text())
        return entries

    @property
    def _file(self) -> Path:
        return Path(os.environ["TEST_KEYRING"])
