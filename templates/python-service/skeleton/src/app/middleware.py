"""
What happens around every request.

It gets an id, one line in the log, its share of the metrics and, should
everything else fail, an answer.
"""

import logging
import re
import time
from dataclasses import dataclass, field
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.logs import request_id
from app.metrics import Metrics
from app.problems import problem

logger = logging.getLogger(__name__)

HEADER = "x-request-id"
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
NOT_ANSWERED = 499


@dataclass(slots=True)
class Exchange:
    """One request and what was sent in answer to it."""

    id: str
    forward: Send
    status: int = NOT_ANSWERED
    started: float = field(default_factory=time.perf_counter)

    async def send(self, message: Message) -> None:
        """Note the status and add the id on the way out."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)[HEADER] = self.id
        await self.forward(message)


class RequestMiddleware:
    """Wraps the application at the ASGI level, so that streams stay streams."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Wrap `app`."""
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, and the answer back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = Exchange(identify(scope), send)
        token = request_id.set(exchange.id)
        try:
            await self.answer(scope, receive, exchange)
        finally:
            self.record(scope, exchange)
            request_id.reset(token)

    async def answer(self, scope: Scope, receive: Receive, exchange: Exchange) -> None:
        """Answer with the application, or else with a problem."""
        try:
            await self.app(scope, receive, exchange.send)
        except Exception:
            logger.exception("unhandled error")
            if exchange.status != NOT_ANSWERED:
                raise
            await problem(500)(scope, receive, exchange.send)

    def record(self, scope: Scope, exchange: Exchange) -> None:
        """Log and count what happened."""
        seconds = time.perf_counter() - exchange.started
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = getattr(scope.get("route"), "path", "unmatched")
        self.metrics.observe(method, route, status=exchange.status, seconds=seconds)
        known = {"method": method, "path": scope["path"], "status": exchange.status}
        logger.info("request", extra=known | {"milliseconds": round(seconds * 1000, 1)})


def identify(scope: Scope) -> str:
    """Keep the caller's request id if it is a plain one, else make one."""
    given = Headers(scope=scope).get(HEADER, "")
    return given if re.fullmatch(r"[A-Za-z0-9._-]{1,64}", given) else uuid4().hex
