"""A company's catalog in a git repository: joined by its URL, refreshed, used, and not lost when offline."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.catalog.files import component, group, write
from tests.cli.person import CTRL_C, ENTER, Person, catalog
from tests.cli.program import run
from tests.gateways.repositories import as_person

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://git.example.com/catalog.git"
TEMPLATE = (
    "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata:\n  name: small-tool\n"
    "  description: A small tool\nspec:\n  owner: payments\n  type: service\n"
    "  steps:\n    - id: a\n      name: A\n      action: debug:log\n"
)


@pytest.fixture
def company(tmp_path: Path, home: Path) -> Path:
    """Return an empty directory, on a machine where git finds the repository behind `URL`."""
    files = {"catalog-info.yaml": component("shop"), "teams/catalog-info.yaml": group("payments")}
    write(tmp_path / "git", {**files, "golden/template.yaml": TEMPLATE})
    work = tmp_path / "git"
    as_person(work, "init", "--quiet")
    as_person(work, "add", "--all")
    as_person(work, "commit", "--quiet", "--message", "Begin")
    as_person(tmp_path, "clone", "--quiet", "--bare", "git", "catalog.git")
    leads_to(home, f"{tmp_path}/")
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def leads_to(home: Path, base: str) -> None:
    """Let git find the repositories of git.example.com somewhere else."""
    configuration = (home / ".gitconfig").read_text().partition("[url")[0]
    (home / ".gitconfig").write_text(f'{configuration}[url "{base}"]\n\tinsteadOf = https://git.example.com/\n')


def test_what_is_taken_in_says_where_it_is_from(company: Path, home: Path) -> None:
    added = run("catalog", "add", "https://ann:s3cret@git.example.com/catalog.git/", cwd=company)

    assert added.stdout == f"{URL}: 3 added\n"
    assert f"from  {URL}:catalog-info.yaml:1 (document 1)\n" in run("catalog", "show", "shop", cwd=company).stdout
    assert "3 entities valid" in run("catalog", "validate", URL, cwd=company).stderr
    assert not [path for path in home.rglob("*") if path.is_file() and b"s3cret" in path.read_bytes()]


def test_its_golden_paths_can_be_used(company: Path) -> None:
    run("catalog", "add", f"{URL}@HEAD", cwd=company)

    listed = {
        each["name"]: each for each in json.loads(run("template", "list", "--json", cwd=company).stdout)["templates"]
    }
    assert listed["small-tool"]["description"] == "A small tool"
    assert "A small tool" in run("template", "show", "small-tool", cwd=company).stdout


def test_offline_it_says_how_old_it_is_and_keeps_it(company: Path, home: Path) -> None:
    run("catalog", "add", URL, cwd=company)
    leads_to(home, "http://127.0.0.1:9/")

    for arguments in ((), (URL,)):
        said = run("catalog", "refresh", *arguments, cwd=company, code=4).stderr
        assert "git ls-remote failed: unable to access" in said
        assert f"what was read of {URL} just now is kept" in said
    assert "shop" in run("catalog", "list", cwd=company).stdout
    run("catalog", "add", URL, cwd=company, code=4)
    assert run("catalog", "remove", URL, cwd=company).stdout == "forgot 3 entities\n"


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("https://git.example.com/nowhere.git", "does not appear to be a git repository"),
        (f"{URL}@v9", f"to see them: git ls-remote {URL}"),
        ("https://git.example.com/acme/x/blob/main/catalog-info.yaml", "does not appear to be a git repository"),
    ],
)
def test_what_is_not_there_is_told(company: Path, target: str, words: str) -> None:
    done = run("catalog", "add", target, cwd=company, code=2)

    assert words in done.stderr
    assert "hint:" in done.stderr
    assert json.loads(run("catalog", "list", "--locations", "--json", cwd=company).stdout) == {"locations": []}


def test_settings_may_name_it(company: Path, home: Path) -> None:
    target = "https://ann:s3cret@git.example.com/catalog.git/"
    write(company, {"scaffolder.yaml": f"catalog:\n  locations:\n    - {{type: url, target: '{target}'}}\n"})
    assert "shop" in run("catalog", "list", cwd=company).stdout
    leads_to(home, "http://127.0.0.1:9/")

    again = run("catalog", "list", cwd=company)

    assert "shop" in again.stdout
    assert again.stderr == ""


def test_settings_that_name_what_does_not_answer_stop_nothing(company: Path, home: Path) -> None:
    leads_to(home, "http://127.0.0.1:9/")
    write(company, {"scaffolder.yaml": f"catalog:\n  locations:\n    - {{type: url, target: '{URL}'}}\n"})

    assert "left out (see scaffolder doctor)" in " ".join(run("catalog", "list", cwd=company).stderr.split())


def test_the_wizard_joins_it(company: Path, home: Path) -> None:
    person = Person(company, "new")
    person.answers("Where do your services live?", ENTER)
    person.answers("Where is it?", "https://git.example.com/nowhere.git", ENTER)
    person.sees("does not appear to be a git repository")
    person.answers("Where do your services live?", ENTER)
    person.answers("Where is it?", URL, ENTER)
    person.sees("3 entries taken in.")
    person.answers("What will it do?", CTRL_C)
    person.leaves()

    assert [each.target for each in catalog(home).locations()] == [URL]
