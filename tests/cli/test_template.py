from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.cli.console import Console
from scaffolder.cli.main import Session, run
from tests.template.golden import template_yaml, write

if TYPE_CHECKING:
    from pathlib import Path

PAGES = [
    {
        "title": "What it is",
        "required": ["name"],
        "properties": {
            "name": {"description": "Its \x1b[31mname", "ui:field": "EntityNamePicker"},
            "db": {"enum": ["none", "pg"], "enumNames": ["None", "PostgreSQL"], "default": "none"},
        },
    }
]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory to stand in, with a template, a cookiecutter template and settings that name one golden path."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "small", {"template.yaml": template_yaml(PAGES), "skeleton/${{ values.name }}/a.txt": "x"})
    write(
        tmp_path / "cookie",
        {
            "cookiecutter.json": '{"slug": "shop"}',
            "{{cookiecutter.slug}}/README.md": "",
            "hooks/pre_gen_project.sh": "touch /ran",
        },
    )
    return tmp_path


def scaffolder(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = run(arguments, Session(Console(out, err, {}), as_json="--json" in arguments))
    return code, out.getvalue(), err.getvalue()


def as_json(*arguments: str) -> Any:
    code, out, err = scaffolder(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def test_list_names_the_golden_paths(here: Path) -> None:
    (here / "catalog-info.yaml").write_text(template_yaml(PAGES))
    assert scaffolder("template", "list")[0] == 0
    listed = as_json("template", "list")["templates"]
    assert all({"name", "title", "version", "owner", "made", "problem"} <= set(one) for one in listed)


@pytest.mark.usefixtures("here")
def test_show_says_what_it_asks_does_and_makes() -> None:
    code, out, err = scaffolder("template", "show", "small")
    assert (code, err) == (0, "")
    for words in (
        "version  1.2.0",
        "Asks: What it is",
        "one of: none, pg",
        "default none",
        "fetch:template",
        "${{ values.name }}/",
    ):
        assert words in out
    assert "needed" in next(line for line in out.splitlines() if line.startswith("name") and "a name" in line)
    assert "\x1b" not in out


@pytest.mark.usefixtures("here")
def test_show_as_json() -> None:
    shown = as_json("template", "show", "small")
    assert (shown["name"], shown["version"], shown["files"]) == ("small", "1.2.0", ["${{ values.name }}/a.txt"])
    assert shown["source"]["digest"].startswith("sha256:")
    [page] = shown["pages"]
    assert [(one["name"], one["type"], one["required"], one["default"]) for one in page["questions"]] == [
        ("name", "text", True, None),
        ("db", "choice", False, "none"),
    ]
    assert shown["steps"] == [{"id": "render", "name": "fetch:template", "action": "fetch:template"}]


def test_show_says_what_is_asked_after_other_answers(here: Path) -> None:
    page = {
        "properties": {
            "open": {"type": "boolean", "ui:widget": "radio"},
            "mine": {"type": "string", "ui:field": "OwnedEntityPicker"},
        },
        "dependencies": {"open": {"properties": {"licence": {"type": "string"}}}},
        "if": {"properties": {"mine": {"const": "x"}}, "required": ["mine"]},
        "then": {"properties": {"db": {"type": "object", "properties": {"engine": {"type": "string"}}}}},
    }
    write(here / "forms", {"template.yaml": template_yaml([page])})

    _, printed, _ = scaffolder("template", "show", "forms")

    assert "one of: yes, no" in printed
    assert "an entity of the catalog that is yours" in printed
    assert "After other answers, too: licence, db.engine" in printed


def test_show_reads_well(here: Path) -> None:
    port = {"type": "object", "properties": {"port": {"type": "integer"}, "open": {"type": "boolean"}}}
    kinds = {"Basic": {"user": {"type": "string"}}, "OAuth": {"issuer": {"type": "string"}}}
    page = {
        "properties": {
            "tier": {"type": "integer", "enum": [1, 2], "enumNames": ["Gold", "Silver"], "default": 2},
            "words": {"type": "array", "items": {"type": "string"}, "default": ["a", "b"]},
            "ports": {"type": "array", "items": port, "default": [{"port": 80, "open": True}, {"port": 81}]},
            "when": {"type": "string", "format": "date", "description": "The **first** day"},
            "auth": {"oneOf": [{"title": name, "properties": part} for name, part in kinds.items()]},
        },
    }
    write(here / "forms", {"template.yaml": template_yaml([page])})

    _, printed, _ = scaffolder("template", "show", "forms")

    for words in (
        "one of: 1 (Gold), 2 (Silver) · default 2",
        "default a, b",
        "default port 80, open yes; port 81",
        "The first day · a date",
        "After other answers, too: auth.issuer\n",
        "Makes no files",
    ):
        assert words in printed


@pytest.mark.usefixtures("here")
def test_show_says_what_a_template_would_run() -> None:
    out = scaffolder("template", "show", "cookie")[1]
    assert "Wants to run its own code on this machine" in out
    assert "hooks/pre_gen_project.sh is run before the files are made" in out
    shown = as_json("template", "show", "cookie")
    assert (shown["files"], shown["hooks"], shown["extensions"]) == (["README.md"], ["hooks/pre_gen_project.sh"], [])


def test_show_tells_what_each_template_within_asks_and_makes(here: Path) -> None:
    files = {"cookiecutter.json": json.dumps({"templates": {"sail": {"path": "a"}, "motor": {"path": "b"}}})}
    for place, variables in {"a": {"slug": "s"}, "b": {"slug": "m", "power": "{{ cookiecutter.slug }}-hp"}}.items():
        files[f"{place}/cookiecutter.json"] = json.dumps(variables)
        files[f"{place}/{{{{cookiecutter.slug}}}}/from-{place}"] = ""
    write(here / "boats", files)
    out = scaffolder("template", "show", str(here / "boats"))[1]
    assert "Asks, where template is sail" in out
    assert "default m-hp, follows slug" in out
    assert "Makes 1 file, where template is motor" in out
    shown = as_json("template", "show", str(here / "boats"))
    assert [(one["template"], one["files"]) for one in shown["templates"]] == [
        ("sail", ["from-a"]),
        ("motor", ["from-b"]),
    ]


def test_show_tells_what_can_be_told_of_a_template_whose_extensions_are_not_loaded(here: Path) -> None:
    variables: dict[str, object] = {
        "title": None,
        "slug": "{{ cookiecutter.title.lower() }}",
        "module": "{{ 'x'|modname }}",
        "docker": True,
        "deep": {},
        "_extensions": ["local_extensions.Names"],
    }
    write(here / "boats", {"cookiecutter.json": json.dumps(variables), "{{cookiecutter.slug}}/a": ""})
    code, out, _ = scaffolder("template", "show", str(here / "boats"))
    assert code == 0
    asked = dict(line.split(maxsplit=1) for line in out.partition("Asks\n")[2].partition("\n\n")[0].splitlines())
    reason = asked.pop("module")
    assert asked == {
        "title": "needed",
        "slug": "follows title",
        "docker": "yes or no · default yes",
        "deep": "names and values",
    }
    assert reason.startswith("no default: cookiecutter.json module: No filter named 'modname'")
    assert "local_extensions.Names" in reason
    assert as_json("template", "show", str(here / "boats"))["pages"][0]["questions"][1]["default"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing-like-it",), "'nothing-like-it' was not found"),
        (("python-servis",), "did you mean python-service?"),
        (("small", "--ref", "v9"), "'v9' is no branch"),
        (("small", "--directory", "../.."), "leads outside"),
        (("broken",), "template.yaml:1: "),
    ],
)
def test_a_template_that_cannot_be_shown_is_the_persons_to_correct(
    here: Path, arguments: tuple[str, ...], words: str
) -> None:
    write(here / "broken", {"template.yaml": "a: b: c\n"})
    code, out, err = scaffolder("template", "show", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err


@pytest.mark.usefixtures("here")
def test_an_action_that_is_not_here_is_named_with_what_has_it() -> None:
    code, _, err = scaffolder("template", "actions", "notification:send")
    assert code == 2
    assert "notification:send is of @backstage/plugin-scaffolder-backend-module-notifications" in err
    assert "did you mean fs:delete?" in scaffolder("template", "actions", "fs:delte")[2]
