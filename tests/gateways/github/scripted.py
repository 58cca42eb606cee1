"""A server on loopback that gives the answers it was told to, one after the other, and remembers what it was asked."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scaffolder.gateways.github.client import Client
from scaffolder.gateways.github.limits import Clock, Wait
from scaffolder.gateways.github.server import Server
from tests.loopback import Quiet, listening

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = 1_700_000_000.0
TOKEN = "ghp_s3cr3t"


@dataclass(frozen=True)
class Reply:
    """What is answered; `cut` sends nothing of it, `half` breaks off in its body."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    half: bool = False


CUT = Reply(cut=True)


@dataclass(frozen=True)
class Asked:
    verb: str
    path: str
    headers: dict[str, str]
    body: Any
    at: float


@dataclass
class Script:
    """`replies` are given in turn, the last one for ever."""

    replies: list[Reply]
    asked: list[Asked] = field(default_factory=list)
    time: list[float] = field(default_factory=lambda: [NOON])
    waits: list[Wait] = field(default_factory=list)
    url: str = ""

    @property
    def clock(self) -> Clock:
        """A clock that stands still but for those who wait."""

        def sleep(seconds: float) -> None:
            self.time[0] += seconds

        return Clock(lambda: self.time[0], sleep)

    @property
    def passed(self) -> float:
        return round(self.time[0] - NOON, 3)

    def client(self, token: str = TOKEN, *, path: str = "") -> Client:
        return Client(Server.of(api_base_url=self.url + path), lambda: token, self.clock, self.waits.append)


@contextmanager
def answering(*replies: Reply) -> Iterator[Script]:
    """Serve until the block ends."""
    script = Script(list(replies))

    class Handler(Quiet):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            raw = self.sent()
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = json.loads(raw) if raw else None
            script.asked.append(Asked(self.command, self.path, headers, body, script.passed))
            reply = script.replies.pop(0) if len(script.replies) > 1 else script.replies[0]
            if reply.cut:
                self.close_connection = True
                return
            content = b"" if reply.body is None else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if reply.half else content)
            self.close_connection = reply.half

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer  # noqa: N815  http.server's names

    with listening(Handler) as script.url:
        yield script
