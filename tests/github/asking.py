"""Asking an API with nothing but urllib3, so that no client's habits stand between a test and the double."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from urllib3 import PoolManager

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.github.server import GitHub


@dataclass(frozen=True, slots=True)
class Said:
    """An answer; names of headers are found in any case."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def message(self) -> str:
        """What an error says."""
        return str(self.body["message"])


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody with a token, '' for nobody."""

    github: GitHub
    token: str = ""

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Said:
        """Ask once: nothing is asked again or followed."""
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            said["Authorization"] = f"Bearer {self.token}"
        url = path if path.startswith("http") else f"{self.github.api_url}{path}"
        data = None if body is None else json.dumps(body).encode()
        with PoolManager() as pool:
            answer = pool.request(method, url, body=data, headers=said, retries=False, timeout=10)
        return Said(answer.status, json.loads(answer.data) if answer.data else None, answer.headers)

    def get(self, path: str, **headers: str) -> Said:
        """Read."""
        return self("GET", path, **headers)

    def post(self, path: str, **body: Any) -> Said:
        """Create."""
        return self("POST", path, body)

    def put(self, path: str, **body: Any) -> Said:
        """Set."""
        return self("PUT", path, body)

    def patch(self, path: str, **body: Any) -> Said:
        """Change."""
        return self("PATCH", path, body)

    def delete(self, path: str, **body: Any) -> Said:
        """Take away."""
        return self("DELETE", path, body or None)
