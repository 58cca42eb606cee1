"""Ways to prepare a world, and to make the machine worse, for a situation; and the command that works before."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scaffolder.catalog.entity import EntityRef
from scaffolder.gateways.git import GitDirectory, Identity
from scaffolder.tree import File, Tree
from tests.bad_input.world import SMALL, World, write_template

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PURPOSE = "Tells customers where their parcel is"
OPTIONS = {"name": "parcel-tracker", "purpose": PURPOSE, "owner": "parcels"}


def new(
    *more: str, template: str = "../templates/small", answers: tuple[str, ...] = ("region=north",), **options: Any
) -> tuple[str, ...]:
    """Return a command that works, with some options changed; '' leaves one out."""
    given = {**OPTIONS, **options}
    own = [word for name, value in given.items() if value for word in (f"--{name.replace('_', '-')}", value)]
    typed = [word for answer in answers for word in ("-d", answer)]
    return ("new", *([template] if template else []), *own, *typed, "--no-input", *more)


# -- ways to prepare the world


def file(path: str, text: str) -> Callable[[World], None]:
    def arrange(world: World) -> None:
        world.write(path, text)

    return arrange


def template_with(old: str, fresh: str) -> Callable[[World], None]:
    """Change the template's description."""
    assert old in SMALL
    return lambda world: write_template(world.template, manifest=SMALL.replace(old, fresh))


def entry_with(
    *, name: str = "parcel-tracker", owner: str = "parcels", lifecycle: str = "x"
) -> Callable[[World], None]:
    """Let the template make a catalog entry."""
    spec = {"type": "service", "owner": owner, **({"lifecycle": lifecycle} if lifecycle else {})}
    head = f"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}}}\n"
    return skeleton_with("catalog-info.yaml", f"{head}spec: {json.dumps(spec)}\n")


def skeleton_with(path: str, text: str) -> Callable[[World], None]:
    return lambda world: write_template(world.template, skeleton={path: text})


def commit(directory: Path, *, branch: str = "main", files: dict[str, str]) -> str:
    """Make `directory` a bare repository, if need be, and commit these files to a branch."""
    repository = GitDirectory(directory) if directory.exists() else GitDirectory.init(directory)
    who = Identity("Test Engineer", "test-engineer@example.com")
    tree = Tree({path: File(text.encode()) for path, text in files.items()})
    when = datetime(2024, 5, 1, tzinfo=UTC)
    return repository.commit(tree, message="Begin", identity=who, when=when, ref=f"refs/heads/{branch}")


def standing(full_name: str) -> Callable[[World], None]:
    """Somebody's repository with content stands on the forge."""

    def arrange(world: World) -> None:
        (world.forge / full_name).parent.mkdir(parents=True)
        commit(world.forge / f"{full_name}.git", files={"README.md": "ours\n"})

    return arrange


def template_in_git(world: World) -> None:
    commit(world.root / "golden.git", files={"template.yaml": SMALL, "skeleton/README.md": "x\n"})


def reserved(world: World) -> None:
    catalog, ref = world.catalog, EntityRef("component", "Parcel-Tracker")
    catalog.reserve([ref], task_id="0badcafe", owner="payments", purpose="x", who="somebody", at=datetime.now(UTC))
    catalog.close()


def fake_git(version: str) -> Callable[[World], dict[str, str]]:
    """A git of this version stands on the PATH, none for ''."""

    def arrange(world: World) -> dict[str, str]:
        programs = world.root / "bin"
        programs.mkdir()
        if version:
            fake = programs / "git"
            fake.write_text(f"#!/bin/sh\necho git version {version}\n")
            fake.chmod(0o755)
        return {"PATH": str(programs)}

    return arrange


def nobody(world: World) -> None:
    """Git knows no name and no address."""
    (world.home / ".gitconfig").unlink()


def no_home(world: World) -> dict[str, str]:
    """The home directory is a regular file."""
    home = world.write("not-a-directory", "")
    places = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    return {**dict.fromkeys(places, f"{home}/x"), "GIT_CONFIG_GLOBAL": str(world.home / ".gitconfig")}


def no_state(world: World) -> dict[str, str]:
    """Where tasks are kept is a regular file; the catalog is fine."""
    return {"XDG_STATE_HOME": str(world.write("not-a-directory", "") / "x")}


def much_text(world: World) -> None:
    """Rendered, the template takes four megabytes."""
    line = "{% for i in range(0, 4000) %}" + "x" * 1000 + "\n{% endfor %}"
    write_template(world.template, skeleton={"much.txt": line})


# -- prefixes that make the machine worse

SMALL_FILES = ("sh", "-c", 'ulimit -f 2000; exec "$@"', "sh")
"""No file may grow beyond a megabyte: the way that works for everybody to have a write fail."""


def full_disk(directory: str) -> tuple[str, ...]:
    """A disk of one megabyte is mounted at `directory`, in a name space that ends with the program."""
    return _mounted(f'mkdir -p "{directory}"; mount -t tmpfs -o size=1M none "{directory}"')


def read_only(directory: str) -> tuple[str, ...]:
    return _mounted(f'mount --bind "{directory}" "{directory}"; mount -o remount,ro,bind "{directory}"')


def _mounted(mounting: str) -> tuple[str, ...]:
    return ("unshare", "--map-root-user", "--mount", "sh", "-ec", f'{mounting}; exec "$@"', "sh")


def can_mount() -> bool:
    """Tell whether an ordinary person may mount in a name space of their own here."""
    if shutil.which("unshare") is None:
        return False
    probe = ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/tmp"]  # noqa: S108  # in a name space of its own
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0
