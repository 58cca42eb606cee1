"""
How old a company's catalog is, and reading it again when it is too old.

That happens in a process of its own, one at a time, that nobody waits for. What came of the last attempt is kept in the
state directory: offline, a person is told how old that is what they look at.

    state/refresh.json   {"at": when it was tried, "failed": what went wrong, "offline": whether nobody answered}
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scaffolder import profiles, settings
from scaffolder.app import company
from scaffolder.catalog.reservations import ago
from scaffolder.errors import InvalidInput, ScaffolderError, TryAgain
from scaffolder.gateways.home import Home, private_directory
from scaffolder.gateways.lock import locked

if TYPE_CHECKING:
    from scaffolder.app import Scaffolder

LOCK = "refresh.lock"
STATE = "refresh.json"
ASIDE = "from scaffolder.app.freshness import refresh_aside; refresh_aside()"
NICENESS = 10
PAUSE = timedelta(minutes=1)
"""So long after an attempt there is no other, whatever came of it."""


class Attempt(NamedTuple):
    """The last time that somebody tried to read it again: when, and what went wrong, '' when nothing did."""

    at: datetime
    failed: str = ""
    offline: bool = False


class Freshness(NamedTuple):
    """
    When a company's catalog was read, None for never; and what went wrong since.

    `due` tells that it should be read again.
    """

    read_at: datetime | None
    failed: str = ""
    offline: bool = False
    due: bool = False

    def said(self, now: datetime) -> str:
        """Return it in words."""
        if self.read_at is None:
            return "; ".join(filter(None, ("the catalog has not been read", self.failed)))
        age = ago(now - self.read_at)
        if self.offline and age != "just now":
            return f"offline: the catalog is {age.removesuffix(' ago')} old"
        return "; ".join(filter(None, (f"catalog read {age}", self.failed)))


def freshness(app: Scaffolder, now: datetime) -> Freshness:
    """Return how fresh the company's catalog is."""
    read_at, last = app.catalog.read_at(app.settings.catalog_targets), attempt(app.home)
    is_new = last is not None and (read_at is None or last.at > read_at)
    old = read_at is None or now - read_at > timedelta(minutes=app.settings.refresh_minutes)
    due = old and (last is None or now - last.at > PAUSE)
    return Freshness(read_at, last.failed, last.offline, due) if last and is_new else Freshness(read_at, due=due)


def attempt(home: Home) -> Attempt | None:
    """Return what came of the last attempt."""
    try:
        facts = json.loads((home.state / STATE).read_bytes())
        return Attempt(datetime.fromisoformat(facts["at"]), str(facts["failed"]), bool(facts["offline"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def note(home: Home, failed: str = "", *, offline: bool = False) -> None:
    """Keep what came of an attempt; where nothing can be written, nothing is kept."""
    facts = {"at": datetime.now(UTC).isoformat(), "failed": failed, "offline": offline}
    with suppress(OSError):
        profiles.write_whole(private_directory(home.state) / STATE, json.dumps(facts).encode())


def begin(app: Scaffolder) -> bool:
    """
    Begin to read a company's catalog again, in a process of its own; tell whether that was possible.

    It inherits nothing of ours but the environment: no terminal, no files.
    """
    path = os.pathsep.join(entry for entry in sys.path if entry)
    facts = json.dumps({"profile": app.settings.profile, "file": str(app.settings.file or "")})
    nothing = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_RDWR, 0) for stream in range(3)]
    try:
        os.posix_spawn(
            sys.executable,
            [sys.executable, "-P", "-c", ASIDE, facts],  # -P: never what happens to lie in the directory
            {**os.environ, "PYTHONPATH": path},
            file_actions=nothing,
        )
    except OSError:
        return False
    return True


def refresh_aside() -> None:
    """Read it again; what goes wrong is noted, and told by the next command."""
    os.setsid()  # ctrl-c in the terminal is not meant for us
    with suppress(OSError):
        os.nice(NICENESS)
    asked = json.loads(sys.argv[1])
    with suppress(ScaffolderError, OSError):
        refresh(settings.Holding(Path(asked["file"]) if asked["file"] else None, asked["profile"]))


def refresh(holding: settings.Holding) -> None:
    """
    Read the company again whose settings hold, and note what came of it.

    Raises:
        Busy: Another process is at it.
        ScaffolderError: It was left in the meantime.
    """
    if holding.profile:
        profiles.require(holding.profile)
    home = Home.of_user(holding.profile)
    with locked(private_directory(home.state) / LOCK, patience=0):
        failed, offline = _refreshed(holding, home)
        note(home, failed, offline=offline)


def _refreshed(holding: settings.Holding, home: Home) -> tuple[str, bool]:
    """Read it again; settings that cannot be used keep nobody from reading the catalog by those of before."""
    from scaffolder.app import Scaffolder

    wrong = ""
    try:
        if holding.profile:
            wrong = _renewed(profiles.require(holding.profile), home)
        with closing(Scaffolder(settings.held(holding, os.environ), home)) as app:
            if any(each.added or each.changed for each in company.refresh(app)):
                app.compare_all()  # so that nobody waits for it who asks what is similar
    except ScaffolderError as error:
        return f"reading it again failed: {error.message}", isinstance(error, TryAgain)
    except Exception as error:  # noqa: BLE001  # nobody sees a traceback of this process
        return f"reading it again failed: unexpected {type(error).__name__}: {error}", False
    return wrong, False


def _renewed(profile: profiles.Profile, home: Home) -> str:
    try:
        company.renew(profile, cache=home.cache / "git")
    except InvalidInput as error:
        return f"the settings are those of before: {error.message}"
    return ""
