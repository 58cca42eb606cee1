"""A birth from a cookiecutter template, wherever that is and however it is answered."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.cli.person import take_in
from tests.cli.program import run
from tests.gateways.file_server import serving
from tests.template.golden import write

VARIABLES = {
    "title": "Boat",
    "slug": "{{ cookiecutter.title|lower }}",
    "author": "Them",
    "licence": ["MIT", "BSD"],
    "limits": {"cpu": "1", "memory": "2"},
    "api_token": "none",
    "header": "Bearer {{ cookiecutter.api_token }}",
}
BODY = "{{ cookiecutter.slug }} {{ cookiecutter.author }} {{ cookiecutter.licence }} {{ cookiecutter.limits.cpu }}"
HEADER = "{{ cookiecutter.api_token }}, {{ cookiecutter.header }}"
FILES = {
    "cookiecutter.json": json.dumps(VARIABLES),
    "{{cookiecutter.slug}}/answers": BODY,
    "{{cookiecutter.slug}}/h": HEADER,
}
SECRET = "s3cret-t0ken"


@pytest.fixture
def here(tmp_path: Path, home: Path) -> Path:
    """Where the person works, beside a template and a repository with one."""
    take_in(home, tmp_path)
    write(tmp_path / "boats", FILES)
    far = write(tmp_path / "far/boats", {f"sub/{path}": text for path, text in FILES.items()})
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-qm", "one"), ("tag", "v1")):
        subprocess.run(("git", "-C", str(far), *arguments), check=True)
    write(far, {"sub/{{cookiecutter.slug}}/answers": "later"})
    subprocess.run(("git", "-C", str(far), "commit", "-qam", "two"), check=True)
    (home / ".cookiecutterrc").write_text(
        f"abbreviations: {{far: 'file://{tmp_path}/far/{{0}}'}}\ndefault_context: {{author: Ada, unknown: 1}}\n"
    )
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def made(here: Path, template: str, *arguments: str, name: str = "bakery") -> str:
    given = ("--purpose", "Bake bread daily", "--name", name, "--owner", "payments", "--system", "site")
    run("new", template, *given, "--reason", "scale: it is large", "--no-input", "--no-open", *arguments, cwd=here)
    return (here / name / "answers").read_text()


def test_a_repository_by_a_persons_own_short_form(here: Path) -> None:
    assert made(here, "far:boats", "--ref", "v1", "--directory", "sub") == "boat Ada MIT 1"
    assert made(here, "far:boats", "--directory", "sub", name="later") == "later"


def test_a_template_that_cookiecutter_has_cloned_before(here: Path, home: Path) -> None:
    (home / ".cookiecutters").mkdir()
    (here.parent / "far/boats").rename(home / ".cookiecutters/boats")
    assert made(here, "boats", "--directory", "sub") == "later"
    assert made(here, "boats@v1", "--directory", "sub", name="first") == "boat Ada MIT 1"
    (home / ".cookiecutters").rename(here.parent / "cloned")
    for name in ("boats", "../cloned/boats", str(here.parent / "cloned/nothing")):
        assert "was not found" in run("template", "show", name, "--directory", "sub", cwd=here / "..", code=2).stderr
    (home / ".cookiecutterrc").write_text(f"cookiecutters_dir: {here.parent}/cloned\n")
    assert "licence" in run("template", "show", "boats", "--directory", "sub", cwd=here).stdout


def test_a_zip_file_here_or_elsewhere(here: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for path, text in FILES.items():
            file.writestr(f"boats-main/{path}", text)
    (here / "boats.zip").write_bytes(archive.getvalue())
    assert made(here, "boats.zip", "-d", "licence=BSD", name="one") == "boat Ada BSD 1"
    with serving() as files:
        files.content["/boats.zip"] = archive.getvalue()
        assert made(here, f"{files.url}/boats.zip", name="two") == "boat Ada MIT 1"


def test_what_cannot_be_reached_any_more_is_read_from_its_copy(here: Path, tmp_path: Path) -> None:
    bare = tmp_path / "boats.git"
    subprocess.run(("git", "clone", "-q", "--bare", str(tmp_path / "far/boats"), str(bare)), check=True)
    subprocess.run(("git", "-C", str(bare), "update-server-info"), check=True)
    with serving() as files:
        for path in filter(Path.is_file, bare.rglob("*")):
            files.content[f"/{path.relative_to(tmp_path)}"] = path.read_bytes()
        files.content["/boats.git/info/refs?service=git-upload-pack"] = files.content["/boats.git/info/refs"]
        address = f"{files.url}/boats.git"
        show = ("template", "show", address, "--directory", "sub")
        near = run(*show, cwd=here)
        assert near.stderr == ""
    far = run(*show, cwd=here)
    assert far.stdout == near.stdout
    said = f"{address}/sub cannot be reached now: its copy is used, brought up to date just now"
    assert " ".join(far.stderr.split()) == said
    assert run(*show, "--ref", "v1", cwd=here).stderr == far.stderr
    assert "unable to access" in run(*show, "--ref", "v2", cwd=here, code=4).stderr
    assert "unable to access" in run("template", "show", f"{files.url}/other.git", cwd=here, code=4).stderr


def test_answers_may_be_what_cookiecutter_keeps_of_a_run(here: Path) -> None:
    kept = {"title": "Tug", "slug": "old-tug", "limits": {"cpu": "8"}, "gone": "x", "_template": "boats"}
    (here / "replay.json").write_text(json.dumps({"cookiecutter": kept, "_cookiecutter": {"title": "Boat"}}))
    assert made(here, "../boats", "--answers", "replay.json", "-d", "licence=BSD") == "old-tug Ada BSD 8"


def test_own_answers_are_checked_and_own_defaults_are_not(here: Path) -> None:
    given = ("--purpose", "Bake", "--name", "x", "--owner", "payments", "--no-input", "--reason", "scale: large")
    refused = {
        "unknown=1": "does not ask for unknown",
        "licence=GPL": "not one of: MIT, BSD",
        "limits.cpu=4": "limits takes names and values: -d limits=cpu=VALUE",
    }
    for answer, words in refused.items():
        assert words in run("new", "../boats", *given, "-d", answer, cwd=here, code=2).stderr
    assert not (here / "x").exists()


def test_what_is_called_like_a_secret_is_stored_nowhere(here: Path, home: Path) -> None:
    """Nor is what is made from it, except in the project."""
    made(here, "../boats", name="usual")
    assert (here / "usual/h").read_text() == "none, Bearer none"
    made(here, "../boats", "-d", f"api_token={SECRET}")
    assert (here / "bakery/h").read_text() == f"{SECRET}, Bearer {SECRET}"
    found = [path for path in home.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert found == []


def test_a_damaged_configuration_stops_only_who_needs_it(here: Path, home: Path) -> None:
    (home / ".cookiecutterrc").write_text("default_context: [")
    assert ".cookiecutterrc" in run("template", "show", "../boats", cwd=here, code=2).stderr
    run("template", "show", "python-service", cwd=here)
