from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.template.cookiecutter import render
from scaffolder.template.manifest import load
from scaffolder.template.parameters import with_defaults
from scaffolder.template.source import resolve
from scaffolder.template.user_config import ConfigurationInvalid, UserConfig, read
from tests.template.golden import resolved, texts, write

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURATION = """\
default_context:
    author: Ada Lovelace
    nobody_asks: for this
    license: BSD
    docker: "no"
    major: 3
    deep: {a: {c: 2}, d: no, run: "no", of: [2]}
    slug: "{{ cookiecutter.author|lower|replace(' ', '-') }}"
    _private: changed
abbreviations:
    ours: https://example.com/{0}.git
replay_dir: $HOME/replayed
"""
VARIABLES: dict[str, Any] = {
    "author": "You",
    "slug": "boat",
    "license": ["MIT", "BSD", "Apache"],
    "docker": True,
    "major": 1,
    "deep": {"a": {"b": "1"}, "run": True, "of": [1, 2]},
    "shown": "{{ cookiecutter.license }} {{ cookiecutter.author }}",
    "_private": "kept",
}


def configuration(home: Path, text: str = CONFIGURATION) -> UserConfig:
    (home / ".cookiecutterrc").write_text(text)
    return read()


def test_a_person_without_one_has_the_usual(home: Path) -> None:
    found = read()
    assert (set(found.abbreviations), found.defaults) == ({"gh", "gl", "bb"}, {})
    assert found.replay == home / ".cookiecutter_replay"


def test_own_abbreviations_come_beside_the_usual(home: Path) -> None:
    found = configuration(home)
    assert found.abbreviations["ours"] == "https://example.com/{0}.git"
    assert "gh" in found.abbreviations
    assert found.replay == home / "replayed"


def test_another_file_may_be_named(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configuration(home)
    (tmp_path / "mine.yaml").write_text("default_context: {a: 1}")
    monkeypatch.setenv("COOKIECUTTER_CONFIG", str(tmp_path / "mine.yaml"))
    assert read().defaults == {"a": 1}
    monkeypatch.setenv("COOKIECUTTER_CONFIG", "/dev/null")
    assert read().defaults == {}
    monkeypatch.setenv("COOKIECUTTER_CONFIG", str(tmp_path / "missing.yaml"))
    with pytest.raises(ConfigurationInvalid, match=r"missing\.yaml.*No such file"):
        read()


@pytest.mark.parametrize(
    "text", ["a: [", "- a", "default_context: 1", "abbreviations: [a]", "!!python/name:os.system", "a: \0", "[" * 5000]
)
def test_what_is_wrong_with_it_is_told(home: Path, text: str) -> None:
    with pytest.raises(ConfigurationInvalid, match="cookiecutterrc"):
        configuration(home, text)


def test_own_defaults_are_cookiecutters(tmp_path: Path, home: Path) -> None:
    """Both make the same of the same configuration; what is private in the template stays."""
    from cookiecutter.main import cookiecutter

    found = configuration(home)
    names = [name for name in VARIABLES if name != "_private"]
    body = "\n".join(f"{name}={{{{ cookiecutter.{name} }}}}" for name in names)
    place = write(
        tmp_path / "template",
        {"cookiecutter.json": json.dumps(VARIABLES), "{{cookiecutter.slug}}/a": body},
    )
    theirs = cookiecutter(
        str(place),
        no_input=True,
        output_dir=str(tmp_path / "out"),
        config_file=str(home / ".cookiecutterrc"),
        accept_hooks=False,
    )
    template = load(resolve(str(place), cache=tmp_path / "git"), defaults=found.defaults)
    ours = render(resolve(str(place), cache=tmp_path / "git").tree, with_defaults(template, {}))
    assert theirs.endswith(f"/{ours.name}")
    assert ours.name == "ada-lovelace"
    assert texts(ours.tree)["a"] == (tmp_path / "out" / ours.name / "a").read_text()
    assert "shown=BSD Ada Lovelace" in texts(ours.tree)["a"]


def test_a_default_that_is_no_choice_is_passed_over(tmp_path: Path) -> None:
    files = {"cookiecutter.json": json.dumps(VARIABLES), "{{cookiecutter.slug}}/a": ""}
    template = load(
        resolved(tmp_path, files), defaults={"license": "GPL", "docker": "perhaps", "author": date(2024, 1, 2)}
    )
    found = with_defaults(template, {})
    assert (found["license"], found["docker"], found["author"]) == ("MIT", True, "2024-01-02")


def test_an_answer_comes_before_an_own_default(tmp_path: Path, home: Path) -> None:
    files = {"cookiecutter.json": json.dumps(VARIABLES), "{{cookiecutter.slug}}/a": ""}
    template = load(resolved(tmp_path, files), defaults=configuration(home).defaults)
    found = with_defaults(template, {"author": "Grace Hopper", "license": "MIT"})
    assert (found["author"], found["slug"], found["shown"]) == ("Grace Hopper", "grace-hopper", "MIT Grace Hopper")


def test_what_cookiecutter_remembers_is_found(tmp_path: Path, home: Path) -> None:
    from cookiecutter.main import cookiecutter

    configuration(home)
    place = write(tmp_path / "boats", {"cookiecutter.json": '{"slug": "b", "_x": 1}', "{{cookiecutter.slug}}/a": ""})
    cookiecutter(
        str(place),
        no_input=True,
        extra_context={"slug": "tug"},
        output_dir=str(tmp_path / "out"),
        config_file=str(home / ".cookiecutterrc"),
    )
    assert read().answered("boats") == {"slug": "tug"}
    assert read().answered("others") == {}
    for name in ("", "../boats", ".hidden"):
        assert read().answered(name) == {}


@pytest.mark.parametrize("content", ["", "[]", "{", '{"other": {}}', '{"cookiecutter": 1}', "[" * 100_000])
def test_what_is_damaged_is_not_remembered(home: Path, content: str) -> None:
    place = home / ".cookiecutter_replay"
    place.mkdir()
    (place / "boats.json").write_text(content)
    assert read().answered("boats") == {}
