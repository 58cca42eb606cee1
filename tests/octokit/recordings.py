"""
Recorded answers of GitHub, given again on loopback.

    with replaying(scenario("rename-repository")) as github:
        github.client().find("/repos/octokit-fixture-org/rename-repository")

A request is answered by the first recording, not used yet, with its method, path, query and JSON body.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from scaffolder.gateways.github.client import Client
from scaffolder.gateways.github.limits import Clock
from scaffolder.gateways.github.server import Server
from tests.loopback import Quiet, listening
from tests.npm import package

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

RECORDED_AT = "https://api.github.com"
OWNER = "octokit-fixture-org"
TOKEN = "0000000000000000000000000000000000000001"
_LEFT_OUT = frozenset({"content-length", "connection", "content-encoding", "transfer-encoding"})


@dataclass(frozen=True)
class Recording:
    """One request, and what came back."""

    verb: str
    path: str
    body: Any
    status: int
    headers: dict[str, str]
    answer: Any
    host: str

    @classmethod
    def of(cls, raw: dict[str, Any]) -> Recording:
        """Read what the package holds."""
        headers = {name: str(value) for name, value in raw["headers"].items()}
        asked = raw["body"] if raw["body"] != "" else None
        return cls(raw["method"].upper(), raw["path"], asked, raw["status"], headers, raw["response"], raw["scope"])

    @property
    def is_json(self) -> bool:
        """Whether both sides speak JSON, if they say anything, and nobody else is asked."""
        stays = self.headers.get("location", RECORDED_AT).startswith(RECORDED_AT)
        said = self.headers.get("content-type", "application/json") if self.answer else "application/json"
        return (
            stays
            and "application/json" in said
            and not isinstance(self.body, str)
            and self.host == f"{RECORDED_AT}:443"
        )

    def fits(self, verb: str, path: str, body: Any) -> bool:
        """Tell whether it answers this request."""
        return (self.verb, _place(self.path), self.body) == (verb, _place(path), body)


@dataclass
class Replay:
    """What is still to be asked, and what was asked that nobody recorded."""

    left: list[Recording]
    missed: list[str] = field(default_factory=list)
    url: str = ""

    def take(self, verb: str, path: str, body: Any) -> Recording | None:
        """Return the answer to a request."""
        for one in self.left:
            if one.fits(verb, path, body):
                self.left.remove(one)
                return one
        self.missed.append(f"{verb} {path} {json.dumps(body)}")
        return None

    def client(self) -> Client:
        """Return our client, for whom this is GitHub; its clock stands still but for those who wait."""
        time = [1_700_000_000.0]
        clock = Clock(lambda: time[0], lambda seconds: time.__setitem__(0, time[0] + seconds))
        return Client(Server.of(api_base_url=self.url), lambda: TOKEN, clock)


def scenarios() -> dict[str, Path]:
    """Return where each scenario is, by its name; none where the package is not installed."""
    there = package("@octokit/fixtures")
    if isinstance(there, str):
        return {}
    files = (there / "scenarios" / "api.github.com").glob("*/normalized-fixture.json")
    return {file.parent.name: file for file in sorted(files)}


def recorded(file: Path) -> list[Recording]:
    """Return the recordings of a scenario."""
    return [Recording.of(raw) for raw in json.loads(file.read_bytes())]


@contextmanager
def replaying(recordings: Sequence[Recording]) -> Iterator[Replay]:
    """Serve until the block ends; nothing may have been asked that was not recorded."""
    replay = Replay(list(recordings))

    class Handler(Quiet):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            raw = self.sent()
            found = replay.take(self.command, self.path, json.loads(raw) if raw else None)
            self.send_response_only(found.status if found else 500)
            headers = found.headers if found else {}
            for name, value in headers.items():
                if name.lower() not in _LEFT_OUT:
                    self.send_header(name, value.replace(RECORDED_AT, replay.url))
            body = _content(found, replay.url)
            if found is None or found.status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer  # noqa: N815  http.server's names

    with listening(Handler) as replay.url:
        yield replay
    assert replay.missed == []


def _place(path: str) -> tuple[str, list[tuple[str, str]]]:
    """Return a path and its query, in whatever order and however encoded."""
    parts = urlsplit(path)
    return unquote(parts.path), sorted(parse_qsl(parts.query))


def _content(found: Recording | None, url: str) -> bytes:
    if found is None or found.answer == "":
        return b""
    return json.dumps(found.answer).replace(RECORDED_AT, url).encode()
