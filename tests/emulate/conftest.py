"""The emulator, where it is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scaffolder.gateways.github.client import Client
from scaffolder.gateways.github.forge import GitHubForge
from scaffolder.gateways.github.limits import Clock
from scaffolder.gateways.github.server import Server
from tests.emulate.front import MONA, Emulated, emulated
from tests.npm import node, package

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Emulated]:
    """An emulator with the company acme, whose owner is mona."""
    there = package("emulate")
    if isinstance(there, str):
        pytest.skip(there)
    if not node():
        pytest.skip("the emulator needs the program node")
    with emulated(tmp_path, there, node()) as running:
        yield running


@pytest.fixture
def forge(github: Emulated) -> Iterator[GitHubForge]:
    """The emulator as a forge, asked by mona; nobody waits for anything."""
    time = [1_700_000_000.0]
    clock = Clock(lambda: time[0], lambda seconds: time.__setitem__(0, time[0] + seconds))
    forge = GitHubForge(Client(Server.of(api_base_url=github.api_url), lambda: MONA, clock))
    yield forge
    forge.client.close()
