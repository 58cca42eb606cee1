"""
One cell of the matrix: a birth in a company of its own, with one fault, and what became of it.

A fault is met in this process, whose program waits by a clock of ours. A kill is met in another one.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from scaffolder.task.journal import TaskStatus
from tests.github.faults import Trouble
from tests.github.server import GitHub
from tests.matrix.checked import Checked
from tests.matrix.company import CATALOG, Company, founded
from tests.matrix.faults import FOR_EVER, Asked, Kind, asked
from tests.matrix.person import Person, Time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.context import ForkServerContext

    from tests.github.faults import Fault

STOPPED = 5
REFUSAL = frozenset({1, 2, 3, 4})
SHORTLY = 3.0
KILLS = (Trouble.STALLED, Trouble.TIMEOUT_AFTER)
"""Killed when a request has come and done nothing yet, and when it took effect and is not answered yet."""


class End(Enum):
    """What became of a birth."""

    DONE = "done"
    """It went on by itself."""
    WAITING = "done, the entry waits"
    """It went on by itself, but for the pull request, which was not to be merged: somebody else has to."""
    RESUMED = "resumed"
    """It stopped, and `resume` finished it."""
    REFUSED = "refused"
    """It was refused, and nothing is left."""
    TAKEN_BACK = "taken back"
    """It was killed, or stopped while it took back what it had made, and `rollback` left nothing."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What is tried: a fault; or a kill, after which the task is resumed, or else rolled back."""

    request: Asked
    kind: Kind
    kill: bool = False
    back: bool = False

    @property
    def name(self) -> str:
        """How it is called."""
        return f"{self.request.name}: {self.kind.name}"


@dataclass(frozen=True, slots=True)
class Found:
    """How a cell ended, and everything that is wrong with that; how many `seconds` it took."""

    cell: Cell
    end: End
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


def kills(request: Asked) -> Iterator[Cell]:
    """Yield the kills of a request."""
    for trouble, when in zip(KILLS, ("before it takes effect", "before it is answered"), strict=True):
        for back, word in ((False, "resumed"), (True, "rolled back")):
            yield Cell(request, Kind(f"killed {when}, {word}", trouble), kill=True, back=back)


def cells(requests: list[Asked]) -> list[Cell]:
    """Return all there are."""
    faults = [Cell(request, kind) for request in requests for kind in request.kinds]
    return [*faults, *(cell for request in requests for cell in kills(request))]


def untroubled() -> list[Asked]:
    """Return what is asked in a run that meets no trouble."""
    with _company() as company:
        code = company.person.begin()
        assert code == 0, company.person.said
        wrong = company.wrong_when_born()
        assert not wrong, wrong
        return asked(company.github.requests)


def tried(cell: Cell) -> Found:
    """Try one cell."""
    begin = monotonic()
    with _company() as company:
        found = _killed(cell, company) if cell.kill else _troubled(cell, company)
        found.wrong.extend(company.github.wrong())
    return replace(found, seconds=monotonic() - begin)


@contextmanager
def _company() -> Iterator[Company]:
    """Found a company, with a person in it, who has read its catalog."""
    place = _place()
    shutil.rmtree(place.home, ignore_errors=True)
    shutil.copytree(place.pristine, place.home)
    time = Time()
    github = _github(place, time)
    try:
        yield Company(github, Person(place.home, founded(github), time))
    finally:
        os.chdir("/")
        github.stop()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the cells of this process are tried, one after the other: the same port, the same home."""

    root: Path
    port: int

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def pristine(self) -> Path:
        return self.root / "pristine"


@cache
def _place() -> _Place:
    """Prepare a home, whose catalog has been read, to be copied for each cell."""
    root = Path(tempfile.mkdtemp(prefix="matrix-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    github = _github(_Place(root, 0), Time())
    place = _Place(root, int(github.url.rpartition(":")[2]))
    person = Person(place.home, founded(github)).prepared(api=github.api_url, catalog=github.clone_url(CATALOG))
    person.read_catalog()
    github.stop()
    place.home.rename(place.pristine)
    return place


def _github(place: _Place, time: Time) -> GitHub:
    shutil.rmtree(place.root / "github", ignore_errors=True)
    github = GitHub(
        place.root / "github", clock=lambda: time.now, description=Checked.where_there_is_one(), port=place.port
    )
    github.listen()
    return github


# -- faults


def _troubled(cell: Cell, company: Company) -> Found:
    fault = _programmed(cell, company)
    code = company.person.begin()
    wrong = [] if fault.fired else ["the fault did not strike"]
    company.person.time.meanwhile = lambda: None
    company.github.faults.clear()
    company.github.listen()
    return _ended(cell, company, code, wrong)


def _programmed(cell: Cell, company: Company) -> Fault:
    """Program the fault that a cell is about."""
    request, kind, faults = cell.request, cell.kind, company.github.faults
    if kind.trouble is Trouble.REFUSED:
        return _nobody_listens(cell, company)
    if kind.outage:
        return faults.add(kind.trouble, nth=request.position, times=FOR_EVER, retry_after=kind.retry_after)
    made = kind.trouble is Trouble.NOT_FOUND and request.looked_for
    trouble = Trouble.NOT_FOUND_AFTER_CREATE if made else kind.trouble
    return faults.add(
        trouble, request.method, request.path, nth=request.nth, times=kind.times, retry_after=kind.retry_after
    )


def _nobody_listens(cell: Cell, company: Company) -> Fault:
    """Let nobody listen when the request comes; after a while, by the program's clock, somebody does again."""
    github, time, position = company.github, company.person.time, cell.request.position
    fault = github.faults.add(Trouble.REFUSED, nth=max(position, 2), lasting=FOR_EVER)
    since: list[float] = []
    if position == 1:
        github.struck(fault)

    def listen_again() -> None:
        if fault.fired and not since:
            since.append(time.now)
        if since and time.now >= since[0] + SHORTLY:
            github.listen()

    if not cell.kind.outage:
        time.meanwhile = listen_again
    return fault


def _ended(cell: Cell, company: Company, code: int, wrong: list[str]) -> Found:
    """Return how a birth ended that was let go on; what GitHub has tells whether it is true."""
    person = company.person
    if code == 0 and company.waits_to_be_merged():
        return Found(cell, End.WAITING, wrong + company.wrong_when_waiting())
    if code == 0:
        return Found(cell, End.DONE, wrong + company.wrong_when_born())
    if person.undoes():
        return Found(cell, End.TAKEN_BACK, wrong + _rolled_back(company))
    if not person.waits():
        wrong += [] if code in REFUSAL else [f"it ended with {code}, and nothing waits: {person.said}"]
        return Found(cell, End.REFUSED, wrong + company.wrong_when_refused())
    wrong += [] if code == STOPPED else [f"a task waits, and it ended with {code}: {person.said}"]
    again = person.resume()
    if again:
        wrong.append(f"it cannot be resumed ({again}): {person.said}")
    return Found(cell, End.RESUMED, wrong + company.wrong_when_born())


def _rolled_back(company: Company) -> list[str]:
    code = company.person.rollback()
    said = [f"afterwards it ended with {code}: {company.person.said}"] if code else []
    return [*said, *company.wrong_when_refused()]


# -- kills


@cache
def _processes() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.matrix.preloaded"])
    return context


def _killed(cell: Cell, company: Company) -> Found:
    request = cell.request
    fault = company.github.faults.add(cell.kind.trouble, request.method, request.path, nth=request.nth)
    person = company.person
    process = _processes().Process(target=_begin, args=(str(person.home), person.token))
    process.start()
    assert process.pid is not None
    struck = fault.wait(30)
    os.killpg(process.pid, signal.SIGKILL)
    process.join()
    company.github.faults.clear()
    wrong = [] if struck and process.exitcode == -signal.SIGKILL else ["it was not killed"]
    return _after_kill(cell, company, wrong)


def _begin(home: str, token: str) -> None:
    """Run a birth, as the leader of all that it starts."""
    os.setsid()
    os._exit(Person(Path(home), token).begin())


def _after_kill(cell: Cell, company: Company, wrong: list[str]) -> Found:
    """Return how it ended; what is temporary is left to the system."""
    person = company.person
    person.forget_temporary()
    if not person.tasks():  # killed before there was one
        return Found(cell, End.REFUSED, wrong + company.wrong_when_refused())
    if person.task().status is TaskStatus.COMPLETED:
        return Found(cell, End.DONE, wrong + company.wrong_when_born())
    if cell.back:
        return Found(cell, End.TAKEN_BACK, wrong + _rolled_back(company))
    code = person.resume()
    if code:
        wrong.append(f"afterwards it ended with {code}: {person.said}")
    return Found(cell, End.RESUMED, wrong + company.wrong_when_born())
