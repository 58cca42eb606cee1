"""Logs as JSON, one object a line, each with the id of the request it belongs to."""

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

# What every record has, and what uvicorn adds for a terminal.
USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"color_message", "message", "taskName"}


class JsonFormatter(logging.Formatter):
    """Writes a record, and whatever was given as `extra`, as one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        extra = {key: value for key, value in vars(record).items() if key not in USUAL}
        entry = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
            "exception": self.formatException(record.exc_info) if record.exc_info else None,
        }
        known = {key: value for key, value in entry.items() if value is not None}
        return json.dumps(known | extra, default=str)


def configure(level: str) -> None:
    """Send every logger of the process, the server's too, to stdout as JSON."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(handlers=[handler], level=level, force=True)
