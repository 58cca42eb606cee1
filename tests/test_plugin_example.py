"""The plugin of the documentation, built and installed as a company would, and used by the program."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.bad_input.ways import new
from tests.bad_input.world import SMALL, World, write_template
from tests.cli import program
from tests.tracker import Tracker, tracking

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "docs" / "examples" / "plugin"
STEP = """\
    - id: ticket
      action: acme:ticket:create
      input: {title: "Look after ${{ parameters.name }}", team: parcels}
    - id: say
      action: debug:log
      input: {message: "see ${{ steps.ticket.output.url }}"}
"""


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory that, being on the path, holds the installed plugin."""
    scratch = tmp_path_factory.mktemp("plugin")
    source, place = scratch / "source", scratch / "site"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__"))
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index")
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--target", place, source], check=True)
    return place


@pytest.fixture
def tracker() -> Iterator[Tracker]:
    with tracking() as tracker:
        yield tracker


class Engineer(World):
    """Somebody whose golden path opens a ticket, where the plugin is installed."""

    __slots__ = ("environ",)
    environ: dict[str, str]

    def start(self, *arguments: str, prefix: tuple[str, ...] = (), **environ: Any) -> subprocess.CompletedProcess[str]:
        return super().start(*arguments, prefix=prefix, **{**self.environ, **environ})


@pytest.fixture
def engineer(home: Path, tmp_path: Path, installed: Path, tracker: Tracker) -> Engineer:
    engineer = Engineer(home, tmp_path)
    path = f"{program.environment()['PYTHONPATH']}:{installed}"
    object.__setattr__(engineer, "environ", {"PYTHONPATH": path, "ACME_TICKETS_URL": tracker.url})
    engineer.made()
    write_template(engineer.template, manifest=SMALL + STEP)
    return engineer


def test_it_is_listed(engineer: Engineer) -> None:
    shown = {one["id"]: one for one in engineer.json("template", "actions")["actions"]}

    assert shown["acme:ticket:create"]["plugin"] == "acme-tickets"
    assert shown["acme:ticket:create"]["description"] == "Open a ticket in Acme's tracker"
    assert "acme-tickets (acme:ticket:create)" in engineer.run("doctor")
    assert "title  string  required" in engineer.run("template", "actions", "acme:ticket:create")


def test_a_plan_opens_nothing(engineer: Engineer, tracker: Tracker) -> None:
    plan = engineer.json(*new("--dry-run"))

    assert [step["id"] for step in plan["steps"] if step["id"] in {"ticket", "say"}] == ["ticket", "say"]
    assert tracker.asked == []


def test_a_birth_opens_one(engineer: Engineer, tracker: Tracker) -> None:
    done = engineer.json(*new())

    assert done["status"] == "completed"
    assert [(one["title"], one["team"]) for one in tracker.tickets] == [("Look after parcel-tracker", "parcels")]
    assert f"see {tracker.url}/tickets/1" in engineer.run("tasks", "log", done["taskId"])


@pytest.mark.parametrize(("command", "still_open"), [("resume", True), ("rollback", False)])
def test_an_answer_is_lost(engineer: Engineer, tracker: Tracker, command: str, *, still_open: bool) -> None:
    """What was opened unheard of is found: it is not opened twice, and it can be closed."""
    publish = "    - {id: publish, action: 'publish:github', input: {repoUrl: github.com?owner=a&repo=b}}\n"
    write_template(engineer.template, manifest=SMALL + publish + STEP)
    tracker.lost = 1
    assert engineer.start(*new()).returncode == 5

    engineer.run("tasks", command, engineer.json("tasks", "list")["id"])

    assert [one["open"] for one in tracker.tickets] == [still_open]


def test_a_rollback_closes_it(engineer: Engineer, tracker: Tracker) -> None:
    done = engineer.json(*new())

    engineer.run("tasks", "rollback", done["taskId"])

    assert [one["open"] for one in tracker.tickets] == [False]


def test_what_the_plugin_lacks_is_known_before_anything_is_made(engineer: Engineer, tracker: Tracker) -> None:
    refused = engineer.start(*new(), ACME_TICKETS_URL="")

    assert refused.returncode == 2
    assert "it is not known where tickets are opened" in refused.stderr
    assert not engineer.forge.exists()
    assert tracker.asked == []


def test_an_input_that_does_not_fit_is_refused(engineer: Engineer) -> None:
    write_template(engineer.template, manifest=SMALL + STEP.replace("title:", "titel:"))

    refused = engineer.start(*new())

    assert refused.returncode == 2
    assert "step ticket (acme:ticket:create): its input does not fit" in refused.stderr


def test_a_plugin_that_cannot_be_loaded_is_named(engineer: Engineer, installed: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(installed, broken)
    (broken / "acme_tickets" / "__init__.py").write_text("import acme_secrets\n")
    path = f"{program.environment()['PYTHONPATH']}:{broken}"

    refused = engineer.start(*new(), PYTHONPATH=path)

    assert refused.returncode == 1
    assert "the plugin acme-tickets of acme-tickets cannot be loaded: ModuleNotFoundError" in refused.stderr
