"""How one connection is served: a request is read, kept, struck by a fault or answered."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import re
import select
import socket
import struct
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import tests.github.operations  # noqa: F401  fills the table of operations
from tests.github import routing
from tests.github.exchange import Call, Page, Reply
from tests.github.faults import AFTER, SILENT, Fault, Trouble
from tests.github.git_http import Push, backend
from tests.github.protection import refused_refs
from tests.github.received import Received
from tests.github.refusals import Refused, archived, authentication_required, bad_credentials, forbidden, not_found
from tests.github.state import ROLES

if TYPE_CHECKING:
    from tests.github.routing import Operation
    from tests.github.server import GitHub
    from tests.github.state import App, Repository
    from tests.github.tokens import Token

API, GRAPHQL = "/api/v3", "/api/graphql"
GIT = re.compile(r"/(?P<name>[^/]+/[^/]+?)(?:\.git)?/(?P<rest>info/refs|git-(?:upload|receive)-pack)")
REDIRECTS = {"GET": 301, "HEAD": 301}
LARGEST_PAGE = 100


class _Silence(Exception):  # noqa: N818  no error: the end of a connection
    """No answer is given."""


@dataclass(slots=True)
class Answer:
    """What goes over the wire."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "github.com"
    sys_version = ""
    disable_nagle_algorithm = True
    busy = False

    def setup(self) -> None:
        """Take part in what the listener knows."""
        super().setup()
        self.server.handlers.add(self)  # type: ignore[attr-defined]

    def finish(self) -> None:
        """Take part no more."""
        self.server.handlers.discard(self)  # type: ignore[attr-defined]
        super().finish()

    def end(self) -> None:
        """Let this connection serve nothing more than what it is at."""
        self.close_connection = True
        if not self.busy:
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    @property
    def github(self) -> GitHub:
        """The double."""
        return cast("GitHub", self.server.github)  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        """Print nothing."""

    def do_GET(self) -> None:
        """Serve one request, of any method."""
        self.busy = True
        try:
            self._serve()
        except _Silence:
            self._reset()
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        except Exception as error:  # noqa: BLE001  a mistake in the double fails the test that met it
            self.github.broken.append(error)
            self._send(Answer(500, b'{"message": "the double is broken"}'))
        finally:
            self.busy = False

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET  # noqa: N815

    def _serve(self) -> None:
        request = self._received()
        fault = self.github.faults.strikes(request)
        if fault is not None and fault.trouble is Trouble.CUT:
            self._cut(request, fault)
        request.body = self._body()
        self.github.requests.append(request)
        if not request.git:
            self._find(request)
        begin = time.perf_counter()
        answer = self._struck(request, fault) if fault else self._answer(request)
        self.github.busy += time.perf_counter() - begin
        request.status = answer.status
        if ending := self.github.faults.refusing(request):
            self.github.struck(ending)
        self._send(answer)

    def _received(self) -> Received:
        parts = urlsplit(self.path)
        git = GIT.fullmatch(parts.path) is not None
        path = parts.path if git else _within(parts.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Received(self.command, path, parts.query, headers, b"", self.github.state.clock(), git)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(iter(self._chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        chunk = self.rfile.read(size)
        self.rfile.readline()
        return chunk

    def _cut(self, request: Received, fault: Fault) -> None:
        self.github.requests.append(request)
        length = int(self.headers.get("Content-Length") or 0)
        request.body = self.rfile.read(length // 2) if length else b""
        request.trouble = fault.trouble
        fault.strike()
        raise _Silence

    def _struck(self, request: Received, fault: Fault) -> Answer:
        request.trouble = fault.trouble
        if fault.trouble is Trouble.HOOK:
            fault.strike()
            return self._answer(request)
        answer = self._answer(request) if fault.trouble in AFTER else Answer(0)
        if fault.trouble is Trouble.NOT_FOUND_AFTER_CREATE:
            self.github.faults.hide(_made(request, answer), fault)
            return answer
        fault.strike()
        if fault.trouble in (Trouble.STALLED, Trouble.TIMEOUT_AFTER):
            self._wait(fault.lasting)
        if fault.trouble in SILENT:
            if fault.trouble not in AFTER:
                self._note(request, Answer(0))
            raise _Silence
        refusal = fault.refusal(int(self.github.state.clock()) + 3600)
        return self._encoded(request, Reply(refusal.status, refusal.body, refusal.headers))

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.github.stopping.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.02)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def _answer(self, request: Received) -> Answer:
        if self.github.faults.hides(request):
            request.trouble = Trouble.NOT_FOUND_AFTER_CREATE
            refused = not_found()
            return self._encoded(request, Reply(refused.status, refused.body))
        if request.git:
            return self._git(request)
        try:
            reply = self._asked(request)
        except Refused as refused:
            reply = Reply(refused.status, refused.body, refused.headers)
        return self._encoded(request, reply)

    def _find(self, request: Received) -> None:
        with self.github.state.lock:
            path, _ = self._resolved(request.path)
        request.operation, request.parameters = routing.find(request.method, path) or (None, {})

    def _asked(self, request: Received) -> Reply:
        state = self.github.state
        with state.lock:
            path, moved = self._resolved(request.path)
            if "user-agent" not in request.headers:
                raise forbidden("Request forbidden by administrative rules. Make sure your request has a User-Agent.")
            token = None if request.operation and request.operation.app else self._token(request)
            request.login = token.user.login if token else ""
            if request.operation is None:
                raise not_found()
            if request.operation.resource:
                if request.operation.resource != "graphql":  # that says so in an answer of 200
                    self.github.rates.check(request.operation.resource)
                self.github.rates.check_pace(writes=request.writes, creates=request.operation.creates)
            call = self._call(request, path, token)
            if moved is not None:
                return self._redirect(request, moved)
            _allow(call, request.operation)
            reply = request.operation.answer(call)
            return self._paged(call, reply) if isinstance(reply, Page) else reply

    def _resolved(self, path: str) -> tuple[str, str | None]:
        """Return the path by the repository's name of today; and, if it had another, the way to it by number."""
        state = self.github.state
        if found := re.fullmatch(r"/repositories/(\d+)(/.*)?", path):
            known = state.repositories.get(int(found[1]))
            return (f"/repos/{known.full_name}{found[2] or ''}" if known else path), None
        if (found := re.fullmatch(r"/repos/([^/]+/[^/]+)(/.*)?", path)) and (there := state.moved(unquote(found[1]))):
            return path, f"{state.api}/repositories/{there.id}{found[2] or ''}"
        return path, None

    def _redirect(self, request: Received, there: str) -> Reply:
        status = REDIRECTS.get(request.method, 307)
        word = "Moved Permanently" if status == 301 else "Temporary Redirect"
        there += f"?{request.query}" if request.query else ""
        return Reply(
            status, {"message": word, "url": there, "documentation_url": "https://docs.github.com"}, {"Location": there}
        )

    def _call(self, request: Received, path: str, token: Token | None) -> Call:
        state, at = self.github.state, request.parameters
        prefix = "template_" if "template_repo" in at else ""
        found = state.repository(f"{at[prefix + 'owner']}/{at[prefix + 'repo']}") if f"{prefix}repo" in at else None
        try:
            body = json.loads(request.body) if request.body else None
        except ValueError:
            raise Refused(400, "Problems parsing JSON") from None
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        signed = self._signed(request) if request.operation and request.operation.app else None
        rates = self.github.rates
        return Call(state, request.method, path, at, query, request.headers, body, token, rates, found, signed)

    def _signed(self, request: Received) -> App:
        """Return the app whose JSON web token this is."""
        from jwt import InvalidTokenError, decode

        value = _presented(request)
        for app in self.github.state.apps.values():
            with suppress(InvalidTokenError):
                decode(value, app.public_key, algorithms=["RS256"], issuer=str(app.id))
                return app
        raise Refused(401, "A JSON web token could not be decoded")

    def _token(self, request: Received) -> Token | None:
        said = request.headers.get("authorization", "")
        if not said:
            return None
        scheme, _, value = said.partition(" ")
        if scheme.lower() == "basic":
            value = _password(value)
        found = self.github.state.tokens.get(value)
        if found is None or (found.expires is not None and self.github.state.clock() >= found.expires):
            raise bad_credentials()
        return found

    def _paged(self, call: Call, page: Page) -> Reply:
        size = min(max(int(call.query.get("per_page", 30)), 1), LARGEST_PAGE)
        number = max(int(call.query.get("page", 1)), 1)
        last = max(-(-len(page.items) // size), 1)
        shown = [page.show(each) for each in page.items[(number - 1) * size : number * size]]
        body = {"total_count": len(page.items), **page.more, page.key: shown} if page.key else shown
        others = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
        if number >= last:
            others = {rel: to for rel, to in others.items() if rel not in ("next", "last")}
        if number == 1:
            others = {rel: to for rel, to in others.items() if rel not in ("prev", "first")}
        place = f"{self.github.api_url}{call.path}"
        links = [f'<{place}?{urlencode({**call.query, "page": to})}>; rel="{rel}"' for rel, to in others.items()]
        return Reply(200, body, {"Link": ", ".join(links)} if links else {})

    def _encoded(self, request: Received, reply: Reply) -> Answer:
        body = b"" if reply.body is None else json.dumps(reply.body).encode()
        headers = {
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Request-Id": f"{len(self.github.requests):X}",
        }
        if body:
            headers["Content-Type"] = "application/json; charset=utf-8"
        if reply.status == 200 and request.method == "GET":
            headers["ETag"] = f'W/"{hashlib.sha256(body).hexdigest()}"'
        headers |= dict(reply.headers)
        status = reply.status
        if headers.get("ETag") and request.headers.get("if-none-match") == headers["ETag"]:
            status, body = 304, b""
        self._charge(request, status, headers)
        answer = Answer(status, body, headers)
        self._note(request, answer)
        return answer

    def _note(self, request: Received, answer: Answer) -> None:
        if self.github.description is not None and not request.git:
            self.github.description.note(request, answer.status, answer.headers, answer.body)

    def _charge(self, request: Received, status: int, headers: dict[str, str]) -> None:
        resource = request.operation.resource if request.operation else "core"
        if status != 304 and resource:
            self.github.rates.charge(resource)
        for name, value in self.github.rates.headers(resource or "core").items():
            headers.setdefault(name, value)
        token = self.github.state.tokens.get(_presented(request))
        if token is not None and token.scopes and not token.permissions:
            headers.setdefault("X-OAuth-Scopes", ", ".join(token.scopes))

    def _send(self, answer: Answer) -> None:
        head = [f"HTTP/1.1 {answer.status} {self.responses.get(answer.status, ('',))[0]}"]
        headers = {"Server": "github.com", "Date": self.date_time_string(), **answer.headers}
        if answer.status not in (204, 304):
            headers["Content-Length"] = str(len(answer.body))
        if self.close_connection:
            headers["Connection"] = "close"
        head += [f"{name}: {value}" for name, value in headers.items()]
        body = b"" if self.command == "HEAD" else answer.body
        self.wfile.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)

    def _git(self, request: Received) -> Answer:
        asked = GIT.fullmatch(request.path)
        assert asked is not None
        state = self.github.state
        with state.lock:
            found = state.repository(asked["name"])
            if found is None and (there := state.moved(asked["name"])):
                query = f"?{request.query}" if request.query else ""
                return Answer(301, headers={"Location": f"{state.url}/{there.full_name}.git/{asked['rest']}{query}"})
            try:
                token = self._token(request)
            except Refused:
                return Answer(
                    401, b"remote: Invalid username or token.\n", {"WWW-Authenticate": 'Basic realm="GitHub"'}
                )
            request.login = token.user.login if token else ""
            pushes = "git-receive-pack" in asked["rest"] or "git-receive-pack" in request.query
            if refused := _git_refused(found, token, self.github, pushes=pushes):
                return refused
            assert found is not None
            return self._backend(request, found, token, asked["rest"])

    def _backend(self, request: Received, found: Repository, token: Token | None, rest: str) -> Answer:
        hook = request.trouble is Trouble.HOOK
        refused = (
            {"*": "policy: this push is not wanted here"}
            if hook
            else refused_refs(found, self.github.state.role_of(token, found))
        )
        push = Push(request.login, refused, token is None or token.may_push_workflows)
        body = request.body
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        asked = {
            "REQUEST_METHOD": request.method,
            "PATH_INFO": f"/{found.git.path.name}/{rest}",
            "QUERY_STRING": request.query,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        }
        served = backend(found.git.path, self.github.hooks, asked, body, push)
        if rest == "git-receive-pack":
            self.github.state.pushed(found)
        return Answer(served.status, served.body, dict(served.headers))


def _within(path: str) -> str:
    """Return a path without the API's prefix."""
    return "/graphql" if path == GRAPHQL else path.removeprefix(API)


def _allow(call: Call, wanted: Operation) -> None:
    if wanted.app:
        return
    if call.token is None and not wanted.anonymous and (call.method != "GET" or not call.in_repository):
        raise authentication_required()
    if call.in_repository:
        _allow_repository(call, wanted)
    if call.token is not None:
        _allow_sso(call, call.token)
        call.token.check(wanted)


def _allow_repository(call: Call, wanted: Operation) -> None:
    found, token = call.found, call.token
    if found is None or not call.state.sees(token, found):
        raise not_found()
    role = call.state.role_of(token, found)
    if ROLES.index(role) < ROLES.index(wanted.role):
        word = {"admin": "Must have admin rights to Repository.", "write": "Must have push access to repository"}
        raise Refused(403, word.get(wanted.role, "Must have maintain access to repository"))
    unarchives = wanted.template == "/repos/{owner}/{repo}"
    if found.archived and call.method != "GET" and not unarchives:
        raise archived()


def _allow_sso(call: Call, token: Token) -> None:
    owner = call.at.get("org") or call.at.get("owner", "")
    if token.sso and owner.lower() == token.sso.lower():
        raise forbidden(
            "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to "
            "this organization.",
            X_GitHub_SSO=f"required; url={call.state.url}/orgs/{owner}/sso?authorization_request=A",
        )


def _git_refused(found: Repository | None, token: Token | None, github: GitHub, *, pushes: bool) -> Answer | None:
    seen = found is not None and github.state.sees(token, found)
    if token is None and (pushes or not seen):
        return Answer(401, b"No anonymous access.\n", {"WWW-Authenticate": 'Basic realm="GitHub"'})
    if found is None or not seen:
        return Answer(404, b"remote: Repository not found.\n", {"Content-Type": "text/plain"})
    role = github.state.role_of(token, found)
    permitted = token is None or token.holds(f"contents={'write' if pushes else 'read'}")
    if pushes and (ROLES.index(role) < ROLES.index("write") or not permitted):
        return _plain(
            403, f"remote: Permission to {found.full_name}.git denied to {token.user.login if token else ''}."
        )
    if pushes and found.archived:
        return _plain(403, "remote: This repository was archived so it is read-only.")
    return None


def _plain(status: int, words: str) -> Answer:
    return Answer(status, f"{words}\n".encode(), {"Content-Type": "text/plain"})


def _password(basic: str) -> str:
    user, _, password = base64.b64decode(basic).decode(errors="replace").partition(":")
    return user if password in ("", "x-oauth-basic") else password


def _presented(request: Received) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return _password(value) if scheme.lower() == "basic" else value


def _made(request: Received, answer: Answer) -> str:
    """Return the path of what a request created."""
    body: Any = json.loads(answer.body) if answer.body else {}
    url = body.get("url", "") if isinstance(body, dict) else ""
    return urlsplit(url).path.removeprefix(API) if url.startswith("http") else request.path
