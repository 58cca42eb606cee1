"""
What this machine needs, looked at one thing at a time.

Each check stands alone and changes nothing, so that one that fails never hides another.
"""

from __future__ import annotations

import os
import shutil
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scaffolder.doctor.look import NOBODY, Check
from scaffolder.errors import InvalidInput, ScaffolderError, TryAgain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from scaffolder.app.freshness import Freshness
    from scaffolder.gateways.home import Home
    from scaffolder.settings import Settings

LEAST_PYTHON = (3, 11)
LEAST_SPACE = 200 * 1024 * 1024


def checks(
    home: Home,
    settings: Callable[[], Settings],
    environ: Mapping[str, str],
    *,
    freshness: Callable[[], Freshness | None] = lambda: None,
) -> list[Check]:
    """Look at everything; `settings`, and `freshness` of what was joined, may raise."""
    looks: tuple[tuple[str, Callable[[], Check]], ...] = (
        ("python", _python),
        ("git", _git),
        ("identity", _identity),
        ("sqlite", _sqlite),
        ("home", lambda: _home(home)),
        ("disk", lambda: _disk(home)),
        ("settings", lambda: _settings(settings())),
        ("company", lambda: _company(settings(), freshness())),
        ("forge", lambda: _forge(home, settings(), environ)),
        ("register", lambda: _register(home, settings(), environ)),
        ("catalog", lambda: _catalog(home)),
        ("locations", lambda: _locations(home, settings())),
        ("plugins", _plugins),
        ("terminal", lambda: _terminal(environ)),
    )
    return [_guarded(name, look) for name, look in looks]


def _guarded(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except ScaffolderError as error:
        return Check(name, ok=False, found=error.message, fix=error.hint)
    except OSError as error:
        return Check(name, ok=False, found=f"{error.filename or name}: {error.strerror}")


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    least = ".".join(map(str, LEAST_PYTHON))
    return Check("python", sys.version_info >= LEAST_PYTHON, found, f"Python {least} or newer: https://python.org")


def _git() -> Check:
    from scaffolder.gateways import git

    git.require()
    return Check("git", ok=True, found=".".join(map(str, git.version())))


def _identity() -> Check:
    from scaffolder.gateways import git

    who = git.identity()
    return Check(
        "identity",
        who is not None,
        str(who) if who else "git does not know who you are: the wizard asks, --no-input refuses",
        'git config --global user.name "…" and git config --global user.email "…"',
        needed=False,
    )


def _sqlite() -> Check:
    import sqlite3

    try:
        with sqlite3.connect(":memory:") as connection:
            connection.execute("CREATE VIRTUAL TABLE words USING fts5(word)")
        connection.close()
    except sqlite3.OperationalError:
        found = f"{sqlite3.sqlite_version}, without full-text search (FTS5)"
        return Check("sqlite", ok=False, found=found, fix="use a Python whose SQLite has FTS5: most have")
    return Check("sqlite", ok=True, found=f"{sqlite3.sqlite_version}, with full-text search")


def _home(home: Home) -> Check:
    closed = [path for path in (home.config, home.data, home.state, home.cache) if not _writable(path)]
    if not closed:
        return Check("home", ok=True, found=f"{home.data} and {home.state} can be written")
    variables = "XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME, XDG_CACHE_HOME"
    found = f"cannot be written: {', '.join(map(str, closed))}"
    return Check("home", ok=False, found=found, fix=f"change the permissions, or set {variables}")


def _disk(home: Home) -> Check:
    place = _existing(home.data)
    free = shutil.disk_usage(place).free
    return Check("disk", free >= LEAST_SPACE, f"{free // 1024**2:,} MB free at {place}", "free some space")


def _settings(settings: Settings) -> Check:
    found = settings.label or "no scaffolder.yaml here: the defaults hold"
    return Check("settings", ok=True, found=found)


def _company(settings: Settings, freshness: Freshness | None) -> Check:
    """Look at how old a company's catalog is, and what came of reading it again."""
    if freshness is None:
        return Check("company", ok=True, found="none was joined: the catalog is your own")
    found = f"{settings.organization or settings.profile}: {freshness.said(datetime.now(UTC))}"
    fix = "scaffolder catalog refresh   says more"
    return Check("company", not freshness.failed, found, fix, needed=False)


def _forge(home: Home, settings: Settings, environ: Mapping[str, str]) -> Check:
    if settings.forge == "github":
        from scaffolder.doctor import github

        return github.forge(settings, environ)
    root = settings.forge_root or home.data / "forge"
    what = "" if root.is_dir() else ", made with the first repository"
    return Check("forge", _writable(root), f"the local forge at {root}{what}", "make it writable, or name another root")


def _register(home: Home, settings: Settings, environ: Mapping[str, str]) -> Check:
    """Look at where new services are registered."""
    where, how = _place(settings)
    if settings.registration in {"backstage", "pull-request"} and not where:
        key = "backstage" if settings.registration == "backstage" else "catalogRepository"
        found = f"scaffolder.registration is {settings.registration}, and scaffolder.{key} is not set"
        return Check("register", ok=False, found=found, fix=f"set scaffolder.{key}")
    if settings.registration == "backstage":
        _backstage(home, settings)
    if settings.registration == "pull-request":
        from scaffolder.doctor import github

        github.pull_requests(settings, environ)
    return Check("register", ok=True, found=f"in {where}, {how}" if where else "in your own catalog")


def _place(settings: Settings) -> tuple[str, str]:
    """Return where that is, and in what way, in words."""
    if settings.registration == "backstage":
        return settings.backstage, "where no name can be reserved"
    ways = {"merge": "by merging a branch", "push": "by a push", "pull-request": "by a pull request"}
    return settings.catalog_repository, ways[settings.registration]


def _backstage(home: Home, settings: Settings) -> None:
    from scaffolder.catalog.backstage_registration import BackstageRegistration
    from scaffolder.catalog.entity import EntityRef
    from scaffolder.catalog.reports import BACKSTAGE

    by_hand = f"{BACKSTAGE}{settings.backstage}" in _taken_in(home)
    told = BackstageRegistration.at(settings.backstage, trusted=by_hand or not settings.profile)
    told.require_free([EntityRef("component", NOBODY)])


def _catalog(home: Home) -> Check:
    path = home.data / "catalog.db"
    fill = "scaffolder join URL, scaffolder catalog add PATH, or scaffolder init --example"
    if not path.is_file():
        return Check("catalog", ok=False, found="empty: nothing is known of other services", fix=fill, needed=False)
    from scaffolder.catalog import Catalog

    facts = Catalog(path).facts()
    found = f"{facts.components:,} components, {facts.teams:,} teams"
    if facts.read_at:
        found += f", read {facts.read_at.astimezone():%Y-%m-%d %H:%M}"
    if facts.problems:
        found += f"; {facts.problems:,} problems in its files"
    return Check(
        "catalog", facts.entities > 0 and not facts.problems, found, "scaffolder catalog refresh", needed=False
    )


def _locations(home: Home, settings: Settings) -> Check:
    """Look at the locations that the settings name and that are not in the catalog: what is there is seen above."""
    targets, known = settings.catalog_locations, _taken_in(home)
    wrong = [error for target in targets if target not in known if (error := _unusable(target, home))]
    found = "; ".join(error.message for error in wrong) or f"{len(targets)} named in the settings"
    return Check("locations", not wrong, found, wrong[0].hint if wrong else "", needed=False)


def _taken_in(home: Home) -> set[str]:
    path = home.data / "catalog.db"
    if not path.is_file():
        return set()
    from scaffolder.catalog import Catalog

    return {location.target for location in Catalog(path).locations()}


def _unusable(target: str, home: Home) -> ScaffolderError | None:
    from scaffolder.catalog.ingest import NothingFound
    from scaffolder.catalog.location import opened

    try:
        found = opened(target, cache=home.cache / "git").read()
    except (InvalidInput, TryAgain) as error:
        return error
    return None if found.entities() else NothingFound(target, found.problems())


def _plugins() -> Check:
    from scaffolder import plugins

    try:
        installed = plugins.installed()
    except plugins.PluginBroken as error:
        return Check("plugins", ok=False, found=error.message, fix=error.hint)
    found = (f"{name} ({', '.join(actions)})" if actions else name for name, actions in installed.items())
    return Check("plugins", ok=True, found=", ".join(found) or "none installed beside our own")


def _terminal(environ: Mapping[str, str]) -> Check:
    kind = environ.get("TERM", "") or "unknown"
    asks = sys.stdin.isatty()
    plain = kind in {"dumb", "unknown"}
    found = f"{kind}, {sys.stderr.encoding}" if asks else "not a terminal: nothing can be asked"
    found += ", questions come as plain lines" if asks and plain else ""
    return Check("terminal", asks, found, "run it in a terminal, or give --no-input and the answers", needed=False)


def _existing(path: Path) -> Path:
    return next(place for place in (path, *path.absolute().parents) if place.exists())


def _writable(path: Path) -> bool:
    place = _existing(path)
    return place.is_dir() and os.access(place, os.W_OK | os.X_OK)


def missing(looked_at: Iterable[Check]) -> list[Check]:
    """Return what is needed and is not there."""
    return [check for check in looked_at if check.needed and not check.ok]
