"""`scaffolder owners`: whose is this, how do I reach them, how do I run it, where are its docs?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scaffolder.cli import freshness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.app.owners import Answer
    from scaffolder.catalog import Entity
    from scaffolder.cli.console import Console
    from scaffolder.cli.main import Session

MOST_PEOPLE = 8
NONE = "none registered"


@click.command()
@click.argument("text", nargs=-1, required=True, metavar="REF|PATH|TEXT")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def owners(session: Session, *, text: Sequence[str], as_json: bool) -> int:
    """
    Say who owns something, how to reach them, how to run it, and where its docs are.

    Asked by a ref or a name, by a file or directory of a clone, by the address of a repository, or by words.
    """
    freshness.tell(session)
    answer = session.app.owners(" ".join(text), Path.cwd())
    if as_json:
        session.console.json(as_object(answer))
    else:
        _tell(session.console, answer)
    return 0


def _tell(console: Console, answer: Answer) -> None:
    entity = answer.entity
    words = [entity.kind.lower(), entity.type, "reserved" if entity.reserved else entity.lifecycle]
    console.result(" · ".join([entity.title, *filter(None, words)]), style="title")
    if entity.description:
        console.fields([("", entity.description)])
    console.result()
    console.fields([*_whose(answer), *_how(answer), ("ref", str(entity.ref))])
    if answer.meant.others:
        names = " · ".join(other.short for other in answer.meant.others)
        console.tell(f"\nThis could also mean {names}.")


def _whose(answer: Answer) -> list[tuple[str, str]]:
    """Return who owns it and how to reach them, or whom to ask instead."""
    people = [_person(each) for each in answer.people[:MOST_PEOPLE]]
    more = len(answer.people) - MOST_PEOPLE
    instead = answer.instead
    return [
        ("owner", answer.owner.name or "nobody"),
        ("reach", "\n".join(answer.ways) or ("" if people else NONE)),
        ("people", "\n".join([*people, *([f"and {more} more"] if more > 0 else [])])),
        ("in", ", ".join(each.short for each in answer.teams)),
        ("ask", f"{instead.contact}\n(for {instead.ref.short})" if instead else ""),
    ]


def _how(answer: Answer) -> list[tuple[str, str]]:
    """Return how it is run, and where to read on; a team or a person has neither."""
    if answer.ref == answer.entity.ref:
        return []
    lock = answer.lock
    path = "/".join(filter(None, (lock.source.rstrip("/"), lock.path))) if lock else ""
    return [
        ("run", "\n".join(filter(None, (*answer.running, _short(answer.readme)))) or NONE),
        ("docs", "\n".join(answer.docs) or NONE),
        ("source", answer.source or NONE),
        ("made from", f"{path} {lock.version}".rstrip() if lock else ""),
        ("from", _short(str(answer.meant.file or ""))),
    ]


def _person(person: Entity) -> str:
    return " ".join(filter(None, (person.title, str(person.profile.get("email") or ""))))


def _short(place: str) -> str:
    """Return a path as it is shortest from here; an address as it is."""
    relative = os.path.relpath(place) if place.startswith("/") else place
    return relative if len(relative) < len(place) else place


def as_object(answer: Answer) -> dict[str, Any]:
    """Return the published form."""
    entity = answer.entity
    return {
        "entityRef": str(entity.ref),
        "title": entity.title,
        "description": entity.description,
        "type": entity.type,
        "lifecycle": entity.lifecycle,
        "reserved": entity.reserved,
        "meantBy": answer.meant.way,
        "others": list(map(str, answer.meant.others)),
        "owner": {
            "entityRef": str(answer.ref) if answer.ref else "",
            "name": answer.owner.name,
            "ways": list(answer.ways),
            "people": [
                {"entityRef": str(each.ref), "name": each.title, "email": str(each.profile.get("email") or "")}
                for each in answer.people
            ],
            "teams": list(map(str, answer.teams)),
        },
        "instead": _instead(answer),
        "run": list(answer.running),
        "docs": list(answer.docs),
        "source": answer.source,
        "readme": answer.readme,
        "template": _template(answer),
        "file": str(answer.meant.file or ""),
    }


def _instead(answer: Answer) -> dict[str, Any] | None:
    if answer.instead is None:
        return None
    contact = answer.instead.contact
    return {"entityRef": str(answer.instead.ref), "name": contact.name, "ways": list(contact.ways)}


def _template(answer: Answer) -> dict[str, str] | None:
    lock = answer.lock
    return {"source": lock.source, "path": lock.path, "version": lock.version} if lock else None
