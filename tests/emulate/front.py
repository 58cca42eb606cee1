"""
One GitHub of two programs: the emulator answers the API, `git http-backend` answers git.

    with emulated(tmp_path, package) as github:
        Server.of(api_base_url=github.api_url)
"""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import re
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from scaffolder.gateways.git import GitDirectory
from tests.github.git_http import Push, Served, backend, write_hook
from tests.loopback import Quiet, listening

if TYPE_CHECKING:
    from collections.abc import Iterator

API = "/api/v3"
MONA = "ghp_mona"
GIT = re.compile(r"/(?P<name>[^/]+/[^/]+)\.git/(?P<rest>info/refs|git-(?:upload|receive)-pack)")
DROPPED = frozenset({"connection", "transfer-encoding", "content-length", "keep-alive", "host"})
SEED = {
    "tokens": {MONA: {"login": "mona", "scopes": ["repo", "workflow", "delete_repo", "admin:org"]}},
    "github": {
        "users": [{"login": "mona", "name": "Mona Lisa", "email": "mona@acme.example"}, {"login": "hubot"}],
        "orgs": [
            {"login": "acme", "members": [{"login": "mona", "role": "admin"}]},
            {"login": "umbrella", "members": [{"login": "hubot", "role": "admin"}]},
        ],
    },
}


@dataclass
class Emulated:
    """The emulator at `port`, behind `url`; `requests` is all that its API was asked."""

    port: int
    repositories: Path
    url: str = ""
    requests: list[str] = field(default_factory=list)

    @property
    def api_url(self) -> str:
        """Where the API is."""
        return f"{self.url}{API}"

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Served:
        """Pass a request on."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return Served(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def git(self, name: str) -> Path | None:
        """Return the git directory of a repository, made when it is first asked for; None when there is none."""
        place = self.repositories / f"{name}.git"
        if self.ask("GET", f"/repos/{name}", {"Authorization": f"token {MONA}"}, b"").status != 200:
            shutil.rmtree(place, ignore_errors=True)  # it is no longer, or never was
            return None
        if not place.is_dir():
            GitDirectory.init(place)
        return place


class _Front(Quiet):
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self._body()
        asked = GIT.fullmatch(urlsplit(self.path).path)
        self._send(self._git(asked["name"], asked["rest"], body) if asked else self._api(body))

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer  # noqa: N815  http.server's names

    @property
    def _emulated(self) -> Emulated:
        return cast("Emulated", self.server.emulated)  # type: ignore[attr-defined]

    def _api(self, body: bytes) -> Served:
        path = self.path.removeprefix(API)
        self._emulated.requests.append(f"{self.command} {path}")
        headers = {name: value for name, value in self.headers.items() if name.lower() not in DROPPED}
        return self._emulated.ask(self.command, path, headers, body)

    def _git(self, name: str, rest: str, body: bytes) -> Served:
        _, _, secret = base64.b64decode(self.headers.get("Authorization", "").partition(" ")[2]).partition(b":")
        if secret != MONA.encode():
            return Served(401, [("WWW-Authenticate", 'Basic realm="GitHub"')], b"")
        place = self._emulated.git(name)
        if place is None:
            return Served(404, [("Content-Type", "text/plain")], b"remote: Repository not found.\n")
        request = {
            "REQUEST_METHOD": self.command,
            "PATH_INFO": f"/{place.name}/{rest}",
            "QUERY_STRING": urlsplit(self.path).query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        return backend(place, self._emulated.repositories / "hooks", request, body, Push("mona", {}))

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b"".join(iter(self._chunk, b""))
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body

    def _chunk(self) -> bytes:
        chunk = self.rfile.read(int(self.rfile.readline().split(b";")[0], 16))
        self.rfile.readline()
        return chunk

    def _send(self, served: Served) -> None:
        self.send_response_only(served.status)
        for name, value in served.headers:
            if name.lower() not in DROPPED:
                self.send_header(name, value)
        if served.status != 204:
            self.send_header("Content-Length", str(len(served.body)))
        self.end_headers()
        self.wfile.write(served.body)


@contextmanager
def emulated(directory: Path, package: Path, node: str, *, seed: Any = SEED) -> Iterator[Emulated]:
    """Run both until the block ends."""
    command = [node, str(Path(__file__).with_name("emulator.mjs")), str(package), json.dumps(seed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            where = urlsplit(process.stdout.readline().decode().strip())
            assert where.port, "the emulator did not start"
            with _behind(Emulated(where.port, directory / "repositories")) as github:
                yield github
        finally:
            process.kill()


@contextmanager
def _behind(github: Emulated) -> Iterator[Emulated]:
    write_hook(github.repositories / "hooks")
    with listening(_Front, emulated=github) as github.url:
        yield github
