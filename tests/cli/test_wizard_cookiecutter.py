"""The questions of a cookiecutter template, on a real terminal."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.person import CTRL_C, CTRL_U, DOWN, ENTER, SHIFT_TAB, Person, kept, take_in
from tests.template.golden import write

if TYPE_CHECKING:
    from pathlib import Path

VARIABLES: dict[str, Any] = {
    "title": "My Boat",
    "slug": "{{ cookiecutter.title|lower|replace(' ', '-') }}",
    "package": "{{ cookiecutter.slug }}-pkg",
    "license": ["MIT", "BSD"],
    "docker": False,
    "limits": {"cpu": "1", "memory": "2"},
    "api_token": "",
    "_private": "x",
    "__computed": "{{ cookiecutter.package|upper }}",
    "__prompts__": {
        "title": "[bold]How is it called?[/bold]",
        "license": {"__prompt__": "Which licence?", "MIT": "MIT, short", "BSD": "BSD, shorter"},
        "docker": "With Docker?",
        "api_token": "A token",
    },
}
# A zip file with a template, made by `zip -P hush`: Python cannot make one.
LOCKED = (
    "UEsDBAoACQAAAHpvd11eWt3YHAAAABAAAAAXAAAAYm9hdHMvY29va2llY3V0dGVyLmpzb24Pq5P/m5iBNGffrKFt7amT15S7ju4d"
    "DYHqEQEcUEsHCF5a3dgcAAAAEAAAAFBLAwQKAAkAAAB6b3ddgxbcjA0AAAABAAAAHQAAAGJvYXRzL3t7Y29va2llY3V0dGVyLnNs"
    "dWd9fS9hcug/dl+ZLD3bq9U13VBLBwiDFtyMDQAAAAEAAABQSwECHgMKAAkAAAB6b3ddXlrd2BwAAAAQAAAAFwAAAAAAAAABAAAA"
    "pIEAAAAAYm9hdHMvY29va2llY3V0dGVyLmpzb25QSwECHgMKAAkAAAB6b3ddgxbcjA0AAAABAAAAHQAAAAAAAAABAAAApIFhAAAA"
    "Ym9hdHMve3tjb29raWVjdXR0ZXIuc2x1Z319L2FQSwUGAAAAAAIAAgCQAAAAuQAAAAAA"
)
SHOWN = [name for name in VARIABLES if name not in {"__prompts__", "_private"}]
BODY = "\n".join(f"{name}={{{{ cookiecutter.{name} }}}}" for name in SHOWN)


@pytest.fixture
def here(tmp_path: Path, home: Path) -> Path:
    """Where the person works, beside a template."""
    take_in(home, tmp_path)
    write(
        tmp_path / "boats",
        {"cookiecutter.json": json.dumps(VARIABLES), "{{cookiecutter.slug}}/answers": BODY},
    )
    place = tmp_path / "work"
    place.mkdir()
    return place


def begins(here: Path, template: str = "../boats") -> Person:
    given = ("--purpose", "Bake bread daily", "--name", "bakery", "--owner", "payments", "--system", "site")
    return Person(here, "new", template, *given, "--reason", "scale: it is large")


def made(here: Path) -> dict[str, str]:
    lines = (here / "bakery" / "answers").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_every_kind_of_question_is_asked(here: Path) -> None:
    person = begins(here)
    person.answers("How is it called?", CTRL_U, "Blue Boat", ENTER)
    person.answers("blue-boat", ENTER)
    person.answers("blue-boat-pkg", ENTER)
    person.answers("BSD, shorter", DOWN, ENTER)
    person.answers("With Docker?", "y")
    person.answers("A token", "s3cret", ENTER)
    person.answers("limits", CTRL_U, "no JSON", ENTER)
    person.answers("nor JSON", CTRL_U, '{"cpu": "4"}', ENTER)
    person.answers("Make it?", ENTER)
    person.sees("belongs to payments")
    assert person.leaves()[0] == 0

    found = made(here)
    assert found == {
        "title": "Blue Boat",
        "slug": "blue-boat",
        "package": "blue-boat-pkg",
        "license": "BSD",
        "docker": "True",
        "limits": found["limits"],
        "api_token": "s3cret",
        "__computed": "BLUE-BOAT-PKG",
    }
    assert "'cpu': '4'" in found["limits"]
    assert "memory" not in found["limits"]  # as in cookiecutter, what is typed is all of it
    assert "s3cret" not in person.conversation
    assert "[bold]" not in person.conversation


def test_defaults_follow_an_answer_that_is_changed(here: Path, home: Path) -> None:
    person = begins(here)
    person.answers("How is it called?", ENTER)
    person.answers("my-boat", ENTER)
    person.answers("my-boat-pkg", SHIFT_TAB)
    person.answers("my-boat", SHIFT_TAB)
    person.answers("How is it called?", CTRL_U, "Red Boat", ENTER)
    person.answers("red-boat", ENTER)
    person.answers("red-boat-pkg", ENTER)
    person.answers("Which licence?", CTRL_C)
    person.leaves()
    assert kept(home)["answers"] == {"title": "Red Boat"}


def test_what_was_typed_does_not_follow(here: Path, home: Path) -> None:
    person = begins(here)
    person.answers("How is it called?", ENTER)
    person.answers("my-boat", CTRL_U, "tug", ENTER)
    person.answers("tug-pkg", SHIFT_TAB)
    person.answers("tug", SHIFT_TAB)
    person.answers("How is it called?", CTRL_U, "Red Boat", ENTER)
    person.answers("tug", ENTER)
    person.answers("tug-pkg", CTRL_C)
    person.leaves()
    assert kept(home)["answers"] == {"title": "Red Boat", "slug": "tug"}


def test_own_defaults_and_earlier_answers_are_offered(here: Path, home: Path) -> None:
    replay = home / ".cookiecutter_replay"
    replay.mkdir()
    (here.parent / "boats/cookiecutter.json").write_text(json.dumps({"author": "Them", "email": "a@b", **VARIABLES}))
    (home / ".cookiecutterrc").write_text("default_context: {title: Mine, license: BSD, docker: true, email: me@home}")
    earlier = {"title": "Earlier", "slug": "old", "license": "GPL", "limits": {"cpu": "8"}, "gone": 1}
    (replay / "boats.json").write_text(json.dumps({"cookiecutter": earlier}))
    person = begins(here)
    person.answers("Test Engineer", ENTER)
    person.answers("me@home", ENTER)
    person.answers("Earlier", ENTER)
    person.answers("earlier", ENTER)
    person.answers("earlier-pkg", ENTER)
    person.answers("Which licence?", ENTER)
    person.answers("With Docker?", ENTER)
    person.answers("A token", ENTER)
    person.answers("limits", ENTER)
    person.answers("Make it?", ENTER)
    assert person.leaves()[0] == 0

    found = made(here)
    assert (found["title"], found["slug"], found["license"], found["docker"]) == ("Earlier", "earlier", "BSD", "True")
    assert "'cpu': '8'" in found["limits"]


def test_which_of_several_templates_comes_first(here: Path, tmp_path: Path) -> None:
    within = {"sail": {"slug": "s", "masts": "2"}, "motor": {"slug": "m", "power": "{{ cookiecutter.slug }}-hp"}}
    several = {"templates": {key: {"path": f"./{key}", "title": f"A {key} boat"} for key in within}}
    files = {"cookiecutter.json": json.dumps(several)}
    for key, variables in within.items():
        files |= {f"{key}/cookiecutter.json": json.dumps(variables), f"{key}/{{{{cookiecutter.slug}}}}/answers": "a=b"}
    files["motor/{{cookiecutter.slug}}/answers"] = "power={{ cookiecutter.power }}"
    write(tmp_path / "several", files)
    person = begins(here, "../several")
    person.answers("Which template?", DOWN, ENTER)
    person.answers("slug", CTRL_U, "fast", ENTER)
    person.answers("fast-hp", ENTER)
    person.answers("Make it?", ENTER)
    assert person.leaves()[0] == 0
    assert made(here) == {"power": "fast-hp"}


def test_of_several_templates_in_one_place_the_person_says_which(here: Path, tmp_path: Path) -> None:
    for name in ("boat", "deep/ship"):
        write(tmp_path / "fleet" / name, {"cookiecutter.json": '{"slug": "s"}', "{{cookiecutter.slug}}/is": name})
    person = begins(here, "../fleet")
    person.answers("Which of its templates?", DOWN, ENTER)
    person.answers("slug", ENTER)
    person.answers("Make it?", ENTER)
    person.sees("belongs to payments")
    assert person.leaves()[0] == 0
    assert (here / "bakery" / "is").read_text() == "deep/ship"
    assert "fleet/deep/ship" in (here / "bakery" / ".scaffolder.yaml").read_text()


def test_the_password_of_a_zip_file_is_asked_for(here: Path, tmp_path: Path) -> None:
    (tmp_path / "boats.zip").write_bytes(base64.b64decode(LOCKED))
    person = begins(here, "../boats.zip")
    person.sees("it needs a password")
    person.answers("Its password?", SHIFT_TAB)
    person.answers("Its password?", "no", ENTER)
    person.sees("is wrong")
    person.answers("Its password?", "hush", ENTER)
    person.answers("slug", ENTER)
    person.answers("Make it?", ENTER)
    person.sees("belongs to payments")
    assert person.leaves()[0] == 0
    assert (here / "bakery" / "a").read_text() == "x"
    assert "hush" not in person.conversation
