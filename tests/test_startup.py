"""Fast to say hello: what a command does not need, it does not import."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks import startup
from tests.cli import program

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = frozenset(
    {
        "asyncio",
        "cookiecutter",
        "difflib",
        "github",
        "importlib.metadata",
        "jinja2",
        "jsonschema_rs",
        "numpy",
        "pluggy",
        "prompt_toolkit",
        "questionary",
        "requests",
        "rich",
        "yaml",
    }
)
COMPONENT = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: service, lifecycle: production, owner: shopkeepers}
"""


WATCH = """\
import sys
from scaffolder.__main__ import main
code = main()
sys.stderr.write("\\n".join(sys.modules))
sys.exit(code)
"""


def loaded_by(*arguments: str, cwd: Path) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after a command."""
    result = subprocess.run(
        [sys.executable, "-c", WATCH, *arguments],
        cwd=cwd,
        env=program.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return set(result.stderr.splitlines())


@pytest.mark.parametrize("option", ["--version", "--help", "-h"])
def test_the_first_answers_need_next_to_nothing(tmp_path: Path, option: str) -> None:
    loaded = loaded_by(option, cwd=tmp_path)

    assert "scaffolder" in loaded
    assert not loaded & (HEAVY | {"click", "dataclasses", "json", "pathlib", "platformdirs", "shutil", "sqlite3"})


def test_help_of_a_command_loads_nothing_heavy(tmp_path: Path) -> None:
    for command in ("init", "doctor", "completion"):
        loaded = loaded_by(command, "--help", cwd=tmp_path)
        assert f"scaffolder.cli.{command}" in loaded
        assert not loaded & (HEAVY | {"sqlite3", "platformdirs"})


def test_showing_an_entity_loads_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "catalog-info.yaml").write_text(COMPONENT)
    program.run("catalog", "add", "catalog-info.yaml", cwd=tmp_path)

    loaded = loaded_by("catalog", "show", "shop", cwd=tmp_path)

    assert "scaffolder.cli.catalog" in loaded
    assert not loaded & HEAVY


def test_a_refresh_loads_only_what_the_changed_need(tmp_path: Path) -> None:
    descriptor = tmp_path / "catalog-info.yaml"
    descriptor.write_text(COMPONENT)
    program.run("catalog", "add", "catalog-info.yaml", cwd=tmp_path)

    assert not loaded_by("catalog", "refresh", cwd=tmp_path) & HEAVY
    descriptor.write_text(COMPONENT.replace("production", "experimental"))
    assert loaded_by("catalog", "refresh", cwd=tmp_path) & HEAVY == {"yaml"}
    assert "experimental" in program.run("catalog", "show", "shop", cwd=tmp_path).stdout


def test_a_command_leaves_its_database_in_one_file(tmp_path: Path, home: Path) -> None:
    (tmp_path / "catalog-info.yaml").write_text(COMPONENT)
    program.run("catalog", "add", "catalog-info.yaml", cwd=tmp_path)

    assert [place.name for place in home.rglob("catalog.db*")] == ["catalog.db"]


def test_version_and_help_take_no_more_than_five_times_bare_python() -> None:
    found = startup.ratios({label: startup.COMMANDS[label] for label in startup.MOST}, rounds=7)

    assert all(found[label] <= most for label, most in startup.MOST.items()), found
