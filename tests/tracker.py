"""The tracker that the plugin of the documentation opens tickets in, on loopback."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.loopback import Quiet, listening

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Tracker:
    """What tickets there are; `lost` answers to a POST are cut off after it took effect."""

    tickets: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    lost: int = 0
    url: str = ""

    def answer(self, method: str, path: str, body: Any) -> Any:
        """Do what is asked for."""
        self.asked.append(f"{method} {path.partition('?')[0]}")
        if method == "POST":
            self.tickets.append({**body, "number": len(self.tickets) + 1, "comments": [], "open": True})
            return self.tickets[-1]
        if method == "DELETE":
            self.tickets[int(path.rpartition("/")[2]) - 1]["open"] = False
            return {}
        wanted = parse_qs(urlsplit(path).query).get("reference", [""])[0]
        return [one for one in self.tickets if one["reference"] == wanted and one["open"]]


@contextmanager
def tracking() -> Iterator[Tracker]:
    """Serve one until the block ends."""
    tracker = Tracker()

    class Handler(Quiet):
        def handle_one(self) -> None:
            raw = self.sent()
            content = json.dumps(tracker.answer(self.command, self.path, json.loads(raw) if raw else None)).encode()
            if self.command == "POST" and tracker.lost:
                tracker.lost -= 1
                self.close_connection = True
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = handle_one  # noqa: N815  http.server's names

    with listening(Handler) as tracker.url:
        yield tracker
