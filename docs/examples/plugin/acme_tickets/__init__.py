"""Opens a ticket in Acme's tracker, whose address stands in ACME_TICKETS_URL."""

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

from scaffolder import PluginContext, PluginUndoContext, action
from scaffolder.errors import InvalidInput, TryAgain

Values = Mapping[str, Any]
INPUT = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "team": {"type": "string"}},
    "required": ["title"],
    "additionalProperties": False,
}
OUTPUT = {
    "type": "object",
    "properties": {"number": {"type": "integer"}, "url": {"type": "string"}},
}


def not_yet(_context: PluginContext, _ticket: Values) -> Values:
    """Return what the plan shows: there is no ticket yet."""
    return {"number": 0, "url": f"{tracker()}/tickets/…"}


def tracker_is_named(_context: PluginContext, _ticket: Values) -> None:
    """Stop before anything is written, when nobody has said where the tracker is."""
    tracker()


def close(context: PluginUndoContext, _ticket: Values, _output: Values) -> str:
    """Close what was opened, also when we never heard that it was; say why, when it must stay open."""
    found = opened(context.key)
    if found and found["comments"]:
        return f"ticket {found['number']} is being worked on"
    if found:
        ask("DELETE", f"/tickets/{found['number']}")
    return ""


@action(
    "acme:ticket:create",
    input=INPUT,
    output=OUTPUT,
    key=lambda ticket: ticket["title"],
    dry_run=not_yet,
    check=tracker_is_named,
    undo=close,
)
def create_ticket(context: PluginContext, ticket: Values) -> Values:
    """Open a ticket in Acme's tracker."""
    found = opened(context.key)
    if not found:
        found = ask("POST", "/tickets", {**ticket, "reference": context.key})
        context.log(f"opened ticket {found['number']}")
    return {"number": found["number"], "url": f"{tracker()}/tickets/{found['number']}"}


def opened(key: str) -> dict[str, Any] | None:
    """Return the ticket that carries our key, if there is one."""
    found = ask("GET", f"/tickets?reference={quote(key)}")
    return found[0] if found else None


def tracker() -> str:
    """Return where the tracker is."""
    address = os.environ.get("ACME_TICKETS_URL", "")
    if not address:
        raise InvalidInput("it is not known where tickets are opened", hint="export ACME_TICKETS_URL=https://…")
    return address


def ask(method: str, path: str, body: Values | None = None) -> Any:
    """Ask the tracker."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"{tracker()}{path}", data, {"Content-Type": "application/json"}, method=method)
    try:
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except OSError as error:  # urllib's own errors among them
        raise TryAgain(f"the tracker does not answer: {error}", hint="look at its status page") from None
