"""
Runs births in processes of their own, and ends them at any point.

A point is just after a write of the journal, or just after an effect whose row is not yet written. The driver reads
one JSON order a line and answers each with a line. It imports everything once and forks for each order, so that a
process costs a fraction of a start; an order for several runs them at the same time.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import time
import traceback
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffolder.app import Scaffolder, Waiting
from scaffolder.app.draft import Draft
from scaffolder.errors import Interrupted, ScaffolderError
from scaffolder.gateways.github.limits import Clock
from scaffolder.gateways.github.server import Server
from scaffolder.gateways.home import Home
from scaffolder.settings import Settings
from scaffolder.task.action import Action, ActionContext, Effect, UndoContext, Values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scaffolder.task.bench import Event

PATIENCE = 30.0


@dataclass(slots=True)
class Order:
    """
    What one process is to do: a birth, a resume or a rollback.

    `home` is the person's; `stop_at` counts points from 1, 0 runs to the end; `meet` is a directory in which two
    processes wait for each other between planning and running; `hook` names what happens when the step `hook_at`
    begins; `name` tells the processes of one home apart. `company` is the directory of a catalog repository, which the
    home then shares; the services' repositories are in `services`, beside it unless told. `github` is the API of the
    GitHub that is used, and `publish` what is set up there.
    """

    home: str
    do: str = "birth"
    name: str = ""
    task: str = ""
    draft: dict[str, Any] = field(default_factory=dict)
    stop_at: int = 0
    signal: int = signal.SIGKILL
    meet: str = ""
    environ: dict[str, str] = field(default_factory=dict)
    hook: str = ""
    hook_at: str = ""
    company: str = ""
    services: str = ""
    github: str = ""
    publish: dict[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        if self.github:
            return Settings(github=(Server.of(api_base_url=self.github),), publish=self.publish)
        if not self.company:
            return Settings()
        company = Path(self.company)
        return Settings(
            catalog_repository=str(company / "catalog.git"), forge_root=Path(self.services or company / "services")
        )


def environment(home: Path) -> dict[str, str]:
    """Return what a process of that home is given."""
    places = {"CONFIG": ".config", "DATA": ".local/share", "STATE": ".local/state", "CACHE": ".cache"}
    xdg = {f"XDG_{name}_HOME": str(home / place) for name, place in places.items()}
    return {**xdg, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "NO_COLOR": "1", "TMPDIR": str(home / "tmp")}


class Points:
    """Counts the points of a run, keeps their names, and ends the process at one."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._file = Path(order.home, f"points{order.name}")
        self._file.unlink(missing_ok=True)
        self._count = 0

    def wrote(self, what: str) -> None:
        self._reach(f"wrote {what}")

    def heard(self, event: Event) -> None:
        if event.kind == "effect":
            self._reach(f"effect {event.step.id}")
        if event.kind == "begun" and event.step.id == self._order.hook_at:
            HOOKS[self._order.hook](Path(self._order.company or self._order.home))

    def _reach(self, name: str) -> None:
        self._count += 1
        with self._file.open("a") as file:
            file.write(f"{name}\n")
        if self._count == self._order.stop_at:
            os.kill(os.getpid(), self._order.signal)


def small_files_only(_home: Path) -> None:
    """Let every further write of a file beyond 512 KB fail, as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (524_288, 524_288))


def somebody_takes_the_repository(home: Path) -> None:
    """Make a repository of the name the birth wants, with content."""
    import subprocess

    place = home / ".local/share/scaffolder/forge/local/shop.git"
    subprocess.run(["git", "init", "--quiet", "--bare", place], check=True)
    tree = subprocess.run(["git", "mktree"], cwd=place, input=b"", capture_output=True, check=True).stdout.strip()
    commit = subprocess.run(
        ["git", "commit-tree", "-m", "theirs", tree.decode()], cwd=place, capture_output=True, check=True
    ).stdout.strip()
    subprocess.run(["git", "update-ref", "refs/heads/main", commit.decode()], cwd=place, check=True)


def somebody_takes_the_directory(home: Path) -> None:
    """Put something where the birth wants to."""
    (home / "work" / "shop").mkdir()
    (home / "work" / "shop" / "theirs").write_text("theirs")


def the_catalog_goes_away(company: Path) -> None:
    """Let nobody reach the catalog repository."""
    (company / "catalog.git").rename(company / "away")


HOOKS = {
    "away": the_catalog_goes_away,
    "full": small_files_only,
    "repository": somebody_takes_the_repository,
    "directory": somebody_takes_the_directory,
}


# -- actions that a plugin could bring


def _outside(context: ActionContext) -> Path:
    return Path.home() / "outside" / context.step_id


def _count_run(context: ActionContext, what: str) -> None:
    with (Path.home() / "runs").open("a") as file:
        file.write(f"{context.step_id} {what}\n")


FALSY = {"flag": False, "zero": 0, "text": ""}


def _falsy(context: ActionContext, _value: Values) -> Values:
    _count_run(context, "")
    return FALSY


def _mark(context: ActionContext, value: Values) -> Values:
    """Leave a file that says whose it is."""
    _count_run(context, value["key"])
    place = _outside(context) / value["key"]
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        assert place.read_text() == context.task_id, "somebody else's"
    place.write_text(context.task_id)
    told = value.get("told")
    return {"place": str(place), "told": told if isinstance(told, str) else ""}


def _unmark(context: UndoContext, value: Values, _output: Values) -> str:
    for place in Path.home().glob(f"outside/*/{value['key']}"):
        if place.read_text() == context.task_id:
            place.unlink()
    return ""


def _nonce(context: ActionContext, _value: Values) -> Values:
    """Write something else every time."""
    (context.workspace / "nonce").write_bytes(os.urandom(8))
    return {}


def _fail(_context: ActionContext, value: Values) -> Values:
    raise RuntimeError(value["message"])


PLUGIN = [
    Action(
        "test:falsy", "Returns what is false", run=_falsy, effect=Effect.NONE, predict=lambda _context, _value: FALSY
    ),
    Action("test:mark", "Leaves a file outside", run=_mark, undo=_unmark, effect=Effect.OUTSIDE),
    Action("test:nonce", "Never the same", run=_nonce, effect=Effect.WORKSPACE, predict=lambda _context, _value: {}),
    Action("test:fail", "Has a bug", run=_fail, effect=Effect.NONE, predict=lambda _context, _value: {}),
]


class Extended(Scaffolder):
    """The program with a plugin's actions."""

    @cached_property
    def actions(self) -> Mapping[str, Action]:
        return {**super().actions, **{action.id: action for action in PLUGIN}}


# -- one process


def _time() -> tuple[Callable[[], float], Callable[[float], None]]:
    """Return a time that passes for those who wait, at once."""
    now = [time.time()]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    return lambda: now[0], sleep


def carry_out(order: Order) -> None:
    points = Points(order)
    waiting = Waiting(clock=Clock(*_time()))
    app = Extended(order.settings, Home.of_user(), listener=points.heard, on_write=points.wrote, waiting=waiting)
    if order.do == "birth":
        plan = app.plan(Draft(**order.draft))
        _meet(order)
        app.run(plan)
    elif order.do == "resume":
        _meet(order)
        app.resume(order.task)
    elif order.do == "rollback":
        _meet(order)
        for left in app.rollback(order.task):
            sys.stdout.write(f"left: {left.reason}\n")
    elif order.do == "catalog":
        app.catalog.add(order.task)


def _meet(order: Order) -> None:
    """Wait until two processes are here."""
    if not order.meet:
        return
    Path(order.meet, str(os.getpid())).touch()
    deadline = time.monotonic() + PATIENCE
    while len(list(Path(order.meet).iterdir())) < 2:
        assert time.monotonic() < deadline, "nobody came"
        time.sleep(0.001)


def process(order: Order) -> int:
    """Do it, and return what the command line would exit with."""
    try:
        carry_out(order)
    except KeyboardInterrupt:
        return Interrupted.exit_code
    except ScaffolderError as error:
        for line in (f"error: {error}", *error.details, f"hint: {error.hint}"):
            sys.stderr.write(f"{line}\n")
        return error.exit_code
    except Exception:  # noqa: BLE001 - a bug; the test shows it
        traceback.print_exc()
        return 99
    return 0


def fork(order: Order) -> int:
    """Start a process; its output goes to files in its home."""
    child = os.fork()
    if child:
        return child
    code = 98
    with contextlib.suppress(BaseException):
        home = Path(order.home)
        (home / "tmp").mkdir(exist_ok=True)
        os.environ.update(environment(home) | order.environ)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        (home / "work").mkdir(exist_ok=True)
        os.chdir(home / "work")
        for number, name in ((1, "out"), (2, "err")):
            descriptor = os.open(home / f"{name}{order.name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(descriptor, number)
        code = process(order)
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def main() -> None:
    for line in sys.stdin:
        children = [fork(Order(**order)) for order in json.loads(line)]
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        sys.stdout.write(json.dumps(codes) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
