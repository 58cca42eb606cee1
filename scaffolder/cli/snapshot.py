"""`scaffolder catalog snapshot`: the catalog, read and compared once for everybody."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scaffolder.cli.progress import counted

if TYPE_CHECKING:
    from scaffolder.app.snapshot import Made
    from scaffolder.cli.main import Session

MEGABYTE = 1_000_000


@click.command()
@click.argument(
    "directory", metavar="[DIR]", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--push", is_flag=True, help="Publish it in the catalog's repository, in place of the one before.")
@click.option(
    "--sign", "key", metavar="KEYFILE", type=click.Path(path_type=Path), help="Sign it with a private ssh key."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def snapshot(session: Session, *, directory: Path, push: bool, key: Path | None, as_json: bool) -> int:
    """
    Read the catalog that the clone in DIR is of, compare all of it, and write that down for everybody who shares it.

    Made to run where changes of the catalog are checked. Who joins, or refreshes, then takes what was published and
    reads only what came later. Without --push, the files are left in the current directory.
    """
    if not push:
        made = _made(session, directory, Path.cwd(), key)
    else:
        from scaffolder.app.snapshot import publish

        with tempfile.TemporaryDirectory() as name:
            made = publish(directory, _made(session, directory, Path(name), key))
    if as_json:
        session.console.json(as_object(made))
    else:
        tell(session, made)
    return 0


def as_object(made: Made) -> dict[str, Any]:
    """Return the published form."""
    return {
        "repository": made.address,
        **made.manifest.to_json(),
        "signed": made.is_signed,
        "published": made.published or None,
        "files": [] if made.published else list(made.files),
        "problems": len(made.changes.problems),
    }


def tell(session: Session, made: Made) -> None:
    """Say what was made of what, and where it is."""
    from scaffolder.gateways.git_snapshot import REF

    manifest = made.manifest
    signed = "signed" if made.is_signed else "not signed"
    what = f"{manifest.entities:,} entities at {manifest.commit[:12]}, {_size(manifest.size)}, {signed}"
    session.console.result(f"{made.address}: {what}")
    if made.changes.problems:
        number = len(made.changes.problems)
        session.console.say(f"{number} problem{'s' if number > 1 else ''} in it: scaffolder catalog check")
    if made.published:
        session.console.say(f"published as {made.published[:12]} on {REF}")
    else:
        session.console.say(f"written: {', '.join(made.files)}; --push publishes it")


def _size(size: int) -> str:
    return f"{size / MEGABYTE:.1f} MB" if size >= MEGABYTE else f"{size / 1000:.0f} KB"


def _made(session: Session, directory: Path, into: Path, key: Path | None) -> Made:
    from scaffolder.app.snapshot import make

    with counted(session.console, "entities") as progress:
        return make(
            directory,
            into,
            cache=session.home.cache / "git",
            encoder=session.app.encoder,
            key=key,
            progress=progress,
        )
