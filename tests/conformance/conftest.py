"""`--corpus DIR` takes cases of the same form from elsewhere; what passed is printed for each behaviour."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance.corpus import Tally, unpacked

TALLIES = pytest.StashKey[dict[str, Tally]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--corpus", metavar="DIR", help="cases of Backstage's engine to compare with (ours by default)")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TALLIES] = {}


@pytest.fixture(scope="session")
def corpus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    given = request.config.getoption("--corpus", default=None)
    return Path(given).resolve() if given else unpacked(tmp_path_factory.mktemp("corpus"))


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """Return the tally of a test, which is printed at the end."""
    counted = Tally()
    request.config.stash.setdefault(TALLIES, {})[request.node.name] = counted
    return counted


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for name, tally in config.stash[TALLIES].items():
        terminalreporter.section(f"{name}: behaviour, passed, failed")
        for line in tally.lines():
            terminalreporter.write_line(line)
