"""
The double as a program: it listens on loopback, and everything it was asked is kept.

    with serving(tmp_path) as github:
        token = github.add_user("mona")
        github.add_organization("acme", members={"mona": "admin"})
        …
        assert github.repository("acme/shop").topics == ["python"]
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.github.answering import Handler
from tests.github.faults import Fault, Faults
from tests.github.git_http import write_hook
from tests.github.rates import Rates
from tests.github.state import App, Organization, Repository, State, Team
from tests.github.tokens import EVERYTHING, Kind, Token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.github.description import Description
    from tests.github.received import Received


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, port: int, github: GitHub) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.github = github
        self.handlers: set[Handler] = set()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away is part of the tests."""

    def stop(self) -> None:
        """Listen no more."""
        self.shutdown()
        self.server_close()
        for handler in list(self.handlers):
            handler.end()


class GitHub:
    """
    A GitHub at `url` whose API is at `api_url`.

    What exists is made by the `add_…` methods or through the API; `requests` is all it was asked, `busy` the seconds it
    has worked, `faults` what goes wrong, `rates` what the requests cost. With a `description` everything said is
    checked against it. `port` is any that is free, unless told.
    """

    def __init__(
        self,
        directory: Path,
        *,
        clock: Callable[[], float] = time.time,
        description: Description | None = None,
        port: int = 0,
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.hooks = directory / "hooks"
        write_hook(self.hooks)
        self.state = State(directory / "repositories", clock)
        self.faults = Faults()
        self.rates = Rates(clock)
        self.requests: list[Received] = []
        self.busy = 0.0
        self.broken: list[BaseException] = []
        self.description = description
        self.stopping = threading.Event()
        self._listener: _Listener | None = None
        self._port = port
        self._lock = threading.RLock()

    @property
    def url(self) -> str:
        """Where the pages and the repositories are."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        """Where the API is."""
        return f"{self.url}/api/v3"

    def listen(self) -> None:
        """Take connections, on the same port as before."""
        with self._lock:
            if self._listener is None and not self.stopping.is_set():
                self._listener = self._bound()
                self._port = self._listener.server_address[1]
                self.state.url, self.state.api = self.url, self.api_url

    def _bound(self) -> _Listener:
        for _ in range(100):
            try:
                return _Listener(self._port, self)
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"port {self._port} was taken meanwhile")

    def refuse(self, lasting: float | None = None) -> None:
        """Refuse every new connection, and end those that are idle; for some seconds, or until `listen()`."""
        with self._lock:
            if self._listener is not None:
                self._listener.stop()
                self._listener = None
        if lasting is not None:
            timer = threading.Timer(lasting, self.listen)
            timer.daemon = True
            timer.start()

    def stop(self) -> None:
        """End."""
        self.stopping.set()
        self.refuse()

    def add_user(self, login: str, *, name: str | None = None, email: str | None = None) -> str:
        """Let somebody sign up; return a classic token of theirs that may do everything."""
        self.state.add_user(login, name=name, email=email)
        return self.add_token(login)

    def add_token(self, login: str, *, scopes: Sequence[str] = EVERYTHING, sso: str = "") -> str:
        """Return another classic token; `sso` names an organisation that it was not authorised for."""
        return self._token(login, Kind.CLASSIC, scopes=tuple(scopes), sso=sso)

    def add_fine_grained_token(
        self, login: str, permissions: Mapping[str, str], *, repositories: Sequence[str] | None = None
    ) -> str:
        """Return a fine-grained token: `{"contents": "write"}`."""
        return self._token(login, Kind.FINE_GRAINED, permissions=dict(permissions), repositories=repositories)

    def _token(self, login: str, kind: Kind, **more: Any) -> str:
        if more.get("repositories") is not None:
            more["repositories"] = frozenset(name.lower() for name in more["repositories"])
        value = f"{kind.value}{self.state.next_id():036d}"
        self.state.tokens[value] = Token(value, self.state.add_user(login), kind, **more)
        return value

    def add_app(self, slug: str, organization: str, permissions: Mapping[str, str]) -> tuple[App, str]:
        """Install an app in a company; return it and its private key (PEM)."""
        from cryptography.hazmat.primitives import serialization as form
        from cryptography.hazmat.primitives.asymmetric import rsa

        key, state = rsa.generate_private_key(65537, 2048), self.state
        account = state.organizations[organization.lower()].account
        bot = state.add_user(f"{slug}[bot]", type="Bot")
        public = key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
        made = App(state.next_id(), slug, account, bot, state.next_id(), dict(permissions), public)
        state.apps[made.id] = made
        pem = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.TraditionalOpenSSL, form.NoEncryption())
        return made, pem.decode()

    def add_organization(
        self,
        login: str,
        *,
        members: Mapping[str, str] | None = None,
        plan: str = "team",
        base_role: str = "read",
        sso: bool = False,
        policy: Mapping[str, Any] | None = None,
    ) -> Organization:
        """Found a company: `members` maps logins to `admin` or `member`."""
        account = self.state.add_user(login, type="Organization")
        for member in members or {}:
            self.state.add_user(member)
        made = Organization(account, plan, dict(members or {}), policy=dict(policy or {}), base_role=base_role, sso=sso)
        self.state.organizations[login.lower()] = made
        return made

    def add_team(
        self, organization: str, slug: str, *, name: str = "", members: Sequence[str] = (), parent: str = ""
    ) -> Team:
        """Make a team of people who are, or now become, members."""
        company = self.state.organizations[organization.lower()]
        for login in members:
            self.state.add_user(login)
            company.members.setdefault(login, "member")
        made = Team(self.state.next_id(), slug, name or slug, members=dict.fromkeys(members, "member"))
        made.parent = company.teams[parent] if parent else None
        company.teams[slug] = made
        return made

    def add_repository(
        self,
        full_name: str,
        *,
        files: Mapping[str, bytes] | None = None,
        private: bool = False,
        archived: bool = False,
        by: str = "",
    ) -> Repository:
        """Make a repository, with one commit when there are files."""
        owner, _, name = full_name.partition("/")
        account = self.state.add_user(owner)
        creator = self.state.add_user(by) if by else account
        made = self.state.create(account, name, creator, private=private)
        if files:
            self.state.write(made, files, author=creator, message="First")
        made.archived = archived
        return made

    def repository(self, full_name: str) -> Repository:
        """Return a repository by the name it has now, in any letter case."""
        found = self.state.repository(full_name)
        if found is None:
            raise LookupError(f"there is no repository {full_name}")
        return found

    def names(self) -> list[str]:
        """Return the names of all repositories."""
        return sorted(each.full_name for each in self.state.repositories.values())

    def clone_url(self, full_name: str) -> str:
        """Return what git takes."""
        return f"{self.url}/{full_name}.git"

    def struck(self, fault: Fault) -> None:
        """Refuse connections, as a fault says."""
        self.refuse(fault.lasting)
        fault.strike()

    def wrong(self) -> list[str]:
        """Return what was said, by either side, that GitHub's description does not allow; and what broke in here."""
        said = self.description.wrong() if self.description else []
        return [*said, *(f"the double itself: {each!r}" for each in self.broken)]


@contextmanager
def serving(
    directory: Path, *, clock: Callable[[], float] = time.time, description: Description | None = None
) -> Iterator[GitHub]:
    """Run one; at the end nothing may have been said that GitHub's description does not allow."""
    github = GitHub(directory, clock=clock, description=description)
    github.listen()
    try:
        yield github
    finally:
        github.stop()
    wrong = github.wrong()
    assert not wrong, "\n".join(wrong)
