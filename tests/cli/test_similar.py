from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.cli.console import Console
from scaffolder.cli.main import Session
from scaffolder.cli.similar import similar
from scaffolder.errors import InvalidInput
from tests.similar.catalogs import entity

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.chdir(tmp_path)
    session = Session(Console(io.StringIO(), io.StringIO(), {}))
    entities = (
        entity("Component", "link-checker-api", "Checks links."),
        entity("Component", "link-lister", "Lists links."),
        entity("Component", "evil", "Escapes \x1b[31m redly."),
        entity("Group", "team-a"),
    )
    (tmp_path / "all.yaml").write_text("\n---\n".join(map(json.dumps, entities)))
    session.app.catalog.add(str(tmp_path / "all.yaml"))
    return session


def run(session: Session, *arguments: str) -> str:
    assert similar.main(arguments, obj=session, standalone_mode=False) == 0
    assert isinstance(session.console.stdout, io.StringIO)
    return session.console.stdout.getvalue()


def test_shows_who_does_it_and_why(session: Session) -> None:
    shown = run(session, "--name", "page-link-watch", "--purpose", "check that the links on pages work")

    assert shown.startswith("1  link-checker-api  service · production")
    assert "owned by       group:default/team-a" in shown
    assert "matches        check, links" in shown
    assert "not mentioned  pages" in shown
    assert shown.endswith("None of them mentions: pages\n")


def test_json_is_one_object(session: Session) -> None:
    found = json.loads(run(session, "--name", "LINK_LISTER", "--json"))

    assert found["verdict"] == "exists"
    assert found["matches"][0]["entityRef"] == "component:default/link-lister"
    assert found["matches"][0]["reasons"] == [
        {"kind": "name", "text": "LINK, LISTER"},
        {"kind": "purpose", "text": "LINK, LISTER"},
    ]


def test_nothing_found_says_so(session: Session) -> None:
    assert run(session, "--purpose", "bakes bread") == "Nothing in the catalog is like it.\n"


def test_text_of_the_catalog_cannot_drive_the_terminal(session: Session) -> None:
    assert "\x1b" not in run(session, "--purpose", "escapes redly")


def test_limit(session: Session) -> None:
    assert len(json.loads(run(session, "--purpose", "links", "--limit", "1", "--json"))["matches"]) == 1


def test_like_an_entity_leaves_it_out(session: Session) -> None:
    found = json.loads(run(session, "--like", "link-lister", "--json"))

    assert [match["entityRef"] for match in found["matches"]] == ["component:default/link-checker-api"]


def test_a_file_of_queries_gives_a_line_each(session: Session, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": 1, "name": "link-listers"},
        {"id": "b", "purpose": "bakes bread", "tags": ["x"], "apis": None},
    ]
    (tmp_path / "q.jsonl").write_text("\n\n".join(map(json.dumps, rows)) + "\n")

    lines = [json.loads(line) for line in run(session, "--from", str(tmp_path / "q.jsonl")).splitlines()]

    assert [(line["id"], line["verdict"]) for line in lines] == [(1, "exists"), ("b", "none")]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ("[" * 100_000, "not a JSON object"),
        ('{"name": 1}', "name: not a text"),
        ('{"tags": "x"}', "tags: not a list of texts"),
        ('{"apis": [1]}', "apis: not a list of texts"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_answered(session: Session, tmp_path: Path, row: str, words: str) -> None:
    (tmp_path / "q.jsonl").write_text('{"id": 1, "name": "shop"}\n' + row)

    with pytest.raises(InvalidInput, match=f"q.jsonl:2.*{words}"):
        run(session, "--from", str(tmp_path / "q.jsonl"))

    assert isinstance(session.console.stdout, io.StringIO)
    assert not session.console.stdout.getvalue()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "nothing to look for"),
        (("--purpose", "  "), "nothing to look for"),
        (("--from", "none.jsonl"), "cannot read none.jsonl"),
        (("--from", "all.yaml", "--name", "x"), "takes the place"),
        (("--like", "link-listr"), "link-listr"),
    ],
)
def test_bad_input(session: Session, arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        run(session, *arguments)
