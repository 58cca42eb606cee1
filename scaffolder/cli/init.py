"""`scaffolder init`."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scaffolder.errors import Conflict
from scaffolder.settings import FILE_NAME, KEYS, Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.cli.main import Session

EXAMPLE_DIRECTORY = "catalog"
ROOT = "catalog-info.yaml"
EXAMPLE_SETTINGS = {
    "organization": ("  name: Example Parcels",),
    "catalog": ("  locations:", "    - type: file", f"      target: ./{EXAMPLE_DIRECTORY}/{ROOT}"),
}
OPENING = """\
# Settings of scaffolder, for this directory and those below it.
# Every key has a default: take away the `#` of what you want to change.
"""


class FileInTheWay(Conflict):
    """What we would write is there already, and may hold somebody's work."""

    def __init__(self, path: Path, hint: str) -> None:
        super().__init__(f"{path} exists already, and is left as it is", hint=hint)


@click.command()
@click.option("--example", is_flag=True, help="Also copy an example organisation to ./catalog and take it in.")
@click.pass_obj
def init(session: Session, *, example: bool) -> int:
    """Write a short scaffolder.yaml; try the example organisation."""
    return initialise(session, Path.cwd(), example=example)


def initialise(session: Session, directory: Path, *, example: bool) -> int:
    """Write the settings, and with `example` the catalog; nothing when either is there already."""
    file, catalog = directory / FILE_NAME, directory / EXAMPLE_DIRECTORY
    if file.exists():
        raise FileInTheWay(file, "change it there, or take it away first")
    if example and catalog.exists():
        raise FileInTheWay(catalog, "begin in an empty directory: mkdir try && cd try")
    if example:
        _copy_example(catalog)
    with file.open("x", encoding="utf-8") as new:
        new.write(settings_text(example=example))
    session.console.say(f"{FILE_NAME} is written; it explains every key.")
    if example:
        _take_in(session, catalog)
    session.console.say("Next: scaffolder new")
    return 0


def _copy_example(catalog: Path) -> None:
    """Copy beside the place, and let it appear at once."""
    from scaffolder.app.examples import EXAMPLE

    with tempfile.TemporaryDirectory(dir=catalog.parent, prefix=".catalog-") as aside:
        made = shutil.copytree(EXAMPLE, Path(aside) / "catalog")
        made.rename(catalog)


def _take_in(session: Session, catalog: Path) -> None:
    session.app.catalog.add(str(catalog / ROOT))
    facts = session.app.catalog.facts()
    say = session.console.say
    say(f"The example organisation is in ./{catalog.name}, and in your catalog:")
    say(f"  {facts.components} components, {facts.teams} teams")
    say("Look around: scaffolder catalog list")
    say("             scaffolder catalog search address")


def settings_text(*, example: bool = False) -> str:
    """Return a settings file that explains every key and changes nothing; with `example`, one that names it."""
    lines = [OPENING]
    for section in dict.fromkeys(key.name.split(".")[0] for key in KEYS):
        keys = [key for key in KEYS if key.name.startswith(f"{section}.")]
        live = EXAMPLE_SETTINGS.get(section, ()) if example else ()
        lines += [f"{section}:", *(live or _explained(keys)), ""]
    return "\n".join(lines)


def _explained(keys: Sequence[Key]) -> list[str]:
    """Return comments: each key's meaning, and the key as it would be written."""
    lines: list[str] = []
    seen: set[str] = set()
    for key in keys:
        *parents, name = key.name.split(".")[1:]
        indent = "  " + "".join("    " if parent.endswith("[]") else "  " for parent in parents)
        if parents and not parents[-1].endswith("[]"):
            lines.append(f"  #{parents[-1]}:")
        first_of_item = bool(parents) and parents[-1].endswith("[]") and parents[-1] not in seen
        seen.update(parents)
        value = f" {key.example or key.default}" if key.example or key.default else ""
        lines.append(f"  # {key.meaning}")
        lines.append(f"  #{indent[2:-2]}- {name}:{value}" if first_of_item else f"  #{indent[2:]}{name}:{value}")
    return lines
