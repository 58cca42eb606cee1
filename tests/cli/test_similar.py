from __future__ import annotations

import io
import json
import select
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.catalog import EntityRef
from scaffolder.cli.console import Console
from scaffolder.cli.main import Session
from scaffolder.cli.similar import similar
from scaffolder.errors import InvalidInput
from tests.cli import program
from tests.similar.catalogs import entity

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.chdir(tmp_path)
    session = Session(Console(io.StringIO(), io.StringIO(), {}))
    entities = (
        entity(
            "Component",
            "link-checker-api",
            "Checks links.",
            annotations={"backstage.io/source-location": "url:https://git.example.com/link-checker-api/"},
            links=[{"url": "https://docs.example.com/links", "title": "Handbook"}],
        ),
        entity("Component", "link-lister", "Lists links."),
        entity("Component", "evil", "Escapes \x1b[31m redly."),
        entity("Component", "cake-baker", "Bakes cakes.", spec={"lifecycle": "deprecated", "owner": "quiet"}),
        entity(
            "Group",
            "team-a",
            annotations={"slack.com/channel": "#team-a"},
            spec={"profile": {"displayName": "Team A", "email": "team-a@example.com"}},
        ),
        entity("Group", "quiet"),
        entity(
            "User",
            "ann",
            spec={"memberOf": ["quiet"], "profile": {"displayName": "Ann", "email": "ann@example.com"}},
        ),
    )
    (tmp_path / "all.yaml").write_text("\n---\n".join(map(json.dumps, entities)))
    session.app.catalog.add(str(tmp_path / "all.yaml"))
    return session


def run(session: Session, *arguments: str) -> str:
    assert similar.main(arguments, obj=session, standalone_mode=False) == 0
    assert isinstance(session.console.stdout, io.StringIO)
    return session.console.stdout.getvalue()


def test_shows_who_does_it_how_to_reach_them_and_why(session: Session) -> None:
    shown = run(session, "--name", "page-link-watch", "--purpose", "check that the links on pages work").splitlines()

    assert shown[0].startswith(("This exists already (", "Something like this may exist already ("))
    assert shown[0].endswith(" % likely).")
    assert shown[2].startswith("1  link-checker-api · service · production · ")
    assert shown[3] == " Checks links.".rjust(len("   Checks links."))
    fields = dict(line.strip().split("  ", 1) for line in shown[4:9])
    told = {name: text.strip() for name, text in fields.items()}
    assert "purpose: check, links" in told.pop("matches")
    assert told == {
        "owner": "Team A (team-a) — team-a@example.com · Slack #team-a",
        "docs": "Handbook https://docs.example.com/links",
        "source": "https://git.example.com/link-checker-api",
        "not mentioned": "pages",
    }
    assert shown[-1] == "None of them mentions: pages"


def test_a_deprecated_one_and_a_name_being_made_are_marked(session: Session) -> None:
    session.app.catalog.reserve(
        [EntityRef("component", "bread-baker")],
        task_id="t",
        owner="group:default/nobody",
        purpose="Bakes bread",
        who="",
        at=datetime.now(UTC),
    )

    shown = run(session, "--purpose", "bakes bread and cakes")

    assert "bread-baker · component · reserved: being made right now" in shown
    assert "cake-baker · service · deprecated: on its way out" in shown
    assert "nobody (not in the catalog)" in shown


def test_a_team_without_an_address_is_its_people(session: Session) -> None:
    assert "owner    quiet — Ann ann@example.com\n" in run(session, "--purpose", "bakes cakes")


def test_json_is_one_object(session: Session) -> None:
    found = json.loads(run(session, "--name", "LINK_LISTER", "--json"))

    assert found["verdict"] == "exists"
    assert found["matches"][0]["entityRef"] == "component:default/link-lister"
    assert found["matches"][0]["reasons"] == [
        {"kind": "name", "text": "LINK, LISTER"},
        {"kind": "purpose", "text": "LINK, LISTER"},
    ]


def test_json_says_how_to_reach_the_owner(session: Session) -> None:
    (match,) = json.loads(run(session, "--name", "link-checker-api", "--limit", "1", "--json"))["matches"]

    assert match["description"] == "Checks links."
    assert match["type"] == "service"
    assert match["owner"] == "group:default/team-a"
    assert match["contact"] == {"name": "Team A (team-a)", "ways": ["team-a@example.com", "Slack #team-a"]}
    assert match["source"] == "https://git.example.com/link-checker-api"
    assert match["docs"] == ["Handbook https://docs.example.com/links"]


def test_nothing_found_says_so(session: Session) -> None:
    assert run(session, "--purpose", "mows lawns").startswith("Nothing like it")


def test_text_of_the_catalog_cannot_drive_the_terminal(session: Session) -> None:
    assert "\x1b" not in run(session, "--purpose", "escapes redly")


def test_limit(session: Session) -> None:
    assert len(json.loads(run(session, "--purpose", "links", "--limit", "1", "--json"))["matches"]) == 1


def test_like_an_entity_leaves_it_out(session: Session) -> None:
    found = json.loads(run(session, "--like", "link-lister", "--json"))

    first, *others = [match["entityRef"] for match in found["matches"]]
    assert first == "component:default/link-checker-api"
    assert "component:default/link-lister" not in others


def test_a_file_of_queries_gives_a_line_each(session: Session, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"id": 1, "name": "link-listers"},
        {"id": "b", "purpose": "mows lawns", "tags": ["x"], "more": {"of": "others"}, "apis": None},
    ]
    (tmp_path / "q.jsonl").write_text("\n\n".join(map(json.dumps, rows)) + "\n")

    lines = [json.loads(line) for line in run(session, "--from", str(tmp_path / "q.jsonl")).splitlines()]

    assert [(line["id"], line["verdict"]) for line in lines] == [(1, "exists"), ("b", "none")]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (b"{", "not a JSON object"),
        (b"[1]", "not a JSON object"),
        (b"[" * 100_000, "not a JSON object"),
        (b'{"id": NaN}', "not a JSON object"),
        (b'{"id": 1e999}', "id: not a text or a number"),
        (b'{"id": [1]}', "id: not a text or a number"),
        (b'{"name": 1}', "name: not a text"),
        (b'{"purpose": false}', "purpose: not a text"),
        (b'{"tags": "x"}', "tags: not a list of texts"),
        (b'{"apis": [1]}', "apis: not a list of texts"),
        (b"\xff", "not UTF-8 text"),
        (b'{"name": "' + b"x" * 1_000_000 + b'"}', "longer than 1,000,000 bytes"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_answered(session: Session, tmp_path: Path, row: bytes, words: str) -> None:
    (tmp_path / "q.jsonl").write_bytes(b'{"id": 1, "name": "shop"}\n' + row)

    with pytest.raises(InvalidInput, match=f"q.jsonl:2.*{words}"):
        run(session, "--from", str(tmp_path / "q.jsonl"))

    assert isinstance(session.console.stdout, io.StringIO)
    assert not session.console.stdout.getvalue()


PATIENCE = 30.0
HOSTILE = (
    "links " * 2_000,
    "x" * 10_000,
    "🔗 🧑‍🤝‍🧑",
    "\x00\x1b[31m links \u202e",
    'links" OR NEAR(a, b) * ^ {purpose}: -links AND NOT (',
    "\ud800 links caf\udfffe",
    "",
    "   ",
    "ſſ ﬁ İ",  # noqa: RUF001  # letters whose case changes their number
)


@pytest.mark.parametrize("field", ["name", "purpose", "tags", "apis"])
def test_any_text_is_ordinary_input(session: Session, tmp_path: Path, field: str) -> None:
    rows = [
        {"id": number, field: text if field in {"name", "purpose"} else [text]} for number, text in enumerate(HOSTILE)
    ]
    (tmp_path / "q.jsonl").write_text("\r\n".join(map(json.dumps, rows)), encoding="utf-8-sig")

    printed = run(session, "--from", str(tmp_path / "q.jsonl"))

    assert [json.loads(line)["id"] for line in printed.splitlines()] == list(range(len(HOSTILE)))
    assert printed.isascii()


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.strip()])
def test_any_text_can_be_asked(session: Session, text: str) -> None:
    printed = run(session, "--purpose", text, "--name", text[:100], "--tag", text, "--api", text)

    assert "\x1b" not in printed
    printed.encode()


def test_half_a_character_is_not_printed(session: Session) -> None:
    printed = run(session, "--name", "linklis\udfffter", "--json")

    assert "linklis?ter ~ link-lister" in printed
    assert "udfff" not in printed


def test_a_pipe_is_answered_as_it_comes(tmp_path: Path) -> None:
    person = subprocess.Popen(
        [*program.COMMAND, "catalog", "similar", "--from", "-"],
        cwd=tmp_path,
        env=program.environment(PYTHONUNBUFFERED=""),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    )
    with person:
        assert person.stdin
        assert person.stdout
        assert person.stderr
        for identity in ("a", "b"):
            person.stdin.write(json.dumps({"id": identity, "name": "shop"}).encode() + b"\n")
            ready, _, _ = select.select([person.stdout], [], [], PATIENCE)
            if not ready:
                person.kill()
            assert ready, "no answer, although the line has been written"
            assert json.loads(person.stdout.readline())["id"] == identity
        person.stdin.write(b"{\n")
        person.stdin.close()
        assert b"stdin:3: not a JSON object" in person.stderr.read()

    assert person.returncode == 2


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
