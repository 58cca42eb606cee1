"""
A stand-in for a running Backstage: the parts of its catalog's REST API that are published, over HTTP on this machine.

`GET /api/catalog/entities/by-query` with `filter`, `fields`, `limit` and `cursor`; by-name, validate-entity and
locations, checked by what is published of them (`backstage_api`). What goes wrong with servers can be made to:
`trouble` answers instead of it, one request each; `lost` does what is asked, and answers it instead.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.catalog import backstage_api

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping

API = "/api/catalog/"
BY_QUERY = f"{API}entities/by-query"
USUAL_LIMIT = 20
NO_CONTENT = 204


@dataclass(frozen=True)
class Said:
    """An answer as it goes over the wire; with `cut`, only its first half does."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass
class Backstage:
    """What it has, who may ask, what it was asked, and what is wrong with it."""

    entities: list[Any] = field(default_factory=list)
    token: str = ""
    etags: bool = False
    trouble: list[Said] = field(default_factory=list)
    lost: list[Said] = field(default_factory=list)
    locations: dict[str, str] = field(default_factory=dict)
    invalid: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    before_page: Callable[[int], None] = lambda _number: None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)
    url: str = ""

    def target(self) -> str:
        return f"backstage:{self.url}"

    def answer(self, path: str, headers: dict[str, str], verb: str = "GET", sent: bytes = b"") -> Said:
        self.asked.append((path if verb == "GET" else f"{verb} {path}", headers))
        self.before_page(len(self.asked))
        if self.trouble:
            return self.trouble.pop(0)
        if self.token and headers.get("authorization") != f"Bearer {self.token}":
            return Said(401 if "authorization" not in headers else 403)
        split = urlsplit(path)
        if verb == "GET" and split.path == BY_QUERY:
            return self._page(parse_qs(split.query, keep_blank_values=True), headers)
        if not split.path.startswith(API):
            return Said(404)
        body = json.loads(sent) if sent else None
        status, answer = self._about(verb, [unquote(part) for part in split.path[len(API) :].split("/")], body)
        self.wrong += backstage_api.wrong(verb, split.path.removeprefix(API[:-1]), body, status, answer)
        told = Said(status, b"" if answer is None else json.dumps(answer).encode())
        return self.lost.pop(0) if self.lost else told

    def _about(self, verb: str, path: list[str], body: Any) -> tuple[int, Any]:
        match verb, path:
            case "GET", ["entities", "by-name", kind, namespace, name]:
                wanted = f"{kind}:{namespace}/{name}".lower()
                found = next((each for each in self.entities if _ref(each) == wanted), None)
                return (200, found) if found else _error(404, "NotFoundError", f"No entity named {wanted} found")
            case "POST", ["validate-entity"]:
                words = self.invalid.get(body["entity"]["metadata"]["name"])
                return (400, {"errors": [{"name": "InputError", "message": words}]}) if words else (200, None)
            case "GET", ["locations"]:
                listed = [{"id": each, "type": "url", "target": target} for each, target in self.locations.items()]
                return 200, [{"data": each} for each in listed]
            case "POST", ["locations"]:
                return self._located(body["target"])
            case "DELETE", ["locations", number] if number in self.locations:
                del self.locations[number]
                return 204, None
        return _error(404, "NotFoundError", "There is nothing")

    def _located(self, target: str) -> tuple[int, Any]:
        if target in self.locations.values():
            return _error(409, "ConflictError", f"Location url:{target} already exists")
        number = hashlib.sha256(target.encode()).hexdigest()[:12]
        self.locations[number] = target
        return 201, {"location": {"id": number, "type": "url", "target": target}, "entities": []}

    def _page(self, query: dict[str, list[str]], headers: dict[str, str]) -> Said:
        found = by_query(self.entities, query)
        body = json.dumps(found, allow_nan=True).encode()
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:27]}"'
        if self.etags and headers.get("if-none-match") == etag:
            return Said(304, b"", {"ETag": etag})
        return Said(200, body, {"ETag": etag} if self.etags else {})


def by_query(entities: list[Any], query: Mapping[str, list[str]]) -> dict[str, Any]:
    """
    Answer as published: filters are kept by the cursor and ignored beside it, as is `totalItems`; entities come in
    the order of their uid, after the last that came.
    """
    if "cursor" in query:
        cursor = json.loads(base64.b64decode(query["cursor"][0]))
    else:
        filters = query.get("filter", [])
        fitting = [each for each in entities if _fits_any(each, filters)]
        cursor = {"filter": filters, "after": "", "total": len(fitting)}
    limit = int(query.get("limit", [str(USUAL_LIMIT)])[0])
    rest = [each for each in _ordered(entities) if _fits_any(each, cursor["filter"]) and _uid(each) > cursor["after"]]
    page = rest[:limit]
    following = {**cursor, "after": _uid(page[-1])} if len(rest) > limit else None
    info = {"nextCursor": base64.b64encode(json.dumps(following).encode()).decode()} if following else {}
    fields = [name for each in query.get("fields", []) for name in each.split(",")]
    return {"items": [_only(each, fields) for each in page], "totalItems": cursor["total"], "pageInfo": info}


def _ref(entity: Any) -> str:
    return f"{entity['kind']}:{entity['metadata']['namespace']}/{entity['metadata']['name']}".lower()


def _error(status: int, name: str, message: str) -> tuple[int, Any]:
    return status, {"error": {"name": name, "message": message}, "response": {"statusCode": status}}


def _ordered(entities: list[Any]) -> list[Any]:
    return sorted(entities, key=_uid)


def _uid(entity: Any) -> str:
    metadata = entity.get("metadata") if isinstance(entity, dict) else None
    given = metadata.get("uid") if isinstance(metadata, dict) else None
    return str(given or hashlib.sha256(json.dumps(entity).encode()).hexdigest())


def _fits_any(entity: Any, filters: list[str]) -> bool:
    return not filters or any(all(_fits(entity, each) for each in one.split(",")) for one in filters)


def _fits(entity: Any, condition: str) -> bool:
    path, equals, wanted = condition.lower().partition("=")
    values = dict(_paths(entity, ""))
    return path in values and (not equals or values[path] == wanted)


def _paths(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Iterate over dotted paths and values, in lower case; an item of a list that is a text is a path of its own."""
    if path:
        yield path, "" if isinstance(value, dict | list) else str(value).lower()
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _paths(item, f"{path}.{key}".lower().lstrip("."))
    for item in value if isinstance(value, list) else ():
        if isinstance(item, str):
            yield f"{path}.{item}".lower(), "true"
        else:
            yield from _paths(item, path)


def _only(entity: Any, fields: list[str]) -> Any:
    if not fields or not isinstance(entity, dict):
        return entity
    kept: dict[str, Any] = {}
    for each in fields:
        *parents, last = each.split(".")
        here, there = entity, kept
        for name in parents:
            here = here.get(name, {})
            there = there.setdefault(name, {})
        if last in here:
            there[last] = here[last]
    return kept


@contextmanager
def running(backstage: Backstage, *, tls: ssl.SSLContext | None = None) -> Iterator[Backstage]:
    """Let a Backstage be asked at its `url`, until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # the name that the server looks for
            backstage.connections.add(self.client_address)
            headers = {name.lower(): value for name, value in self.headers.items()}
            sent = self.rfile.read(int(headers.get("content-length", "0")))
            said = backstage.answer(self.path, headers, self.command, sent)
            backstage.told.append(said.status)
            body = said.body
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            if "gzip" in headers.get("accept-encoding", "") and body and "Content-Encoding" not in said.headers:
                body = gzip.compress(body, 1)
                self.send_header("Content-Encoding", "gzip")
            if said.status != NO_CONTENT:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if said.cut else body)
            self.close_connection = said.cut

        do_POST = do_DELETE = do_GET  # noqa: N815  the names that the server looks for

        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  # its name in the library
            del format, arguments

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            del request, client_address  # somebody who was interrupted hangs up

    with Server(("127.0.0.1", 0), Handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        backstage.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield backstage
        finally:
            server.shutdown()
            thread.join()


def entity(name: str, *, kind: str = "Component", **more: Any) -> dict[str, Any]:
    """Return an entity as a Backstage gives it; `more` goes into spec, and changes its etag."""
    uid = hashlib.sha256(f"{kind}{name}".encode()).hexdigest()[:32]
    spec = {"type": "service", "lifecycle": "production", "owner": "group:default/web", **more}
    return {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": kind,
        "metadata": {
            "namespace": "default",
            "annotations": {"backstage.io/managed-by-location": "url:https://example.com/a.yaml"},
            "name": name,
            "description": f"What {name} does",
            "uid": uid,
            "etag": hashlib.sha256(json.dumps([name, spec]).encode()).hexdigest()[:40],
        },
        "spec": spec,
        "relations": [{"type": "ownedBy", "targetRef": "group:default/web"}],
        "status": {"items": [{"type": "x", "level": "info", "message": "y"}]},
    }
