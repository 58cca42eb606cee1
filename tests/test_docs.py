"""The documentation is true: it names what there is, and what it names is there."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from scaffolder import plugins, settings
from scaffolder.catalog.location import Found, read
from scaffolder.cli.main import command_line
from scripts import backstage_actions, docs_reference, readme_line
from tests.cli import program

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
IN_WORDS = re.compile(r"`(scaffolder [^`]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
ELSEWHERE = ("http://", "https://", "mailto:")
FOR_EXAMPLE = {"TASK", "FILE", "NAME", "…"}


def reference(name: str) -> str:
    return (DOCS / "reference" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "text"), docs_reference.pages().items())
def test_reference_pages_are_what_the_code_says(name: str, text: str) -> None:
    assert reference(name) == text, "run: python scripts/docs_reference.py"


def test_what_becomes_of_backstages_actions_is_true() -> None:
    assert not list(backstage_actions.mistakes())
    assert all(f"## {action}\n" in reference("backstage-actions.md") for action in backstage_actions.INPUTS)


def test_every_command_and_option_is_documented() -> None:
    page = reference("commands.md")

    for words, command in docs_reference.leaves():
        section = page.partition(f"\n## {' '.join(words[1:])}\n")[2].partition("\n## ")[0]
        assert section, words
        assert command.help, words
        for option in command.params:
            if isinstance(option, click.Option):
                assert max(option.opts, key=len) in section, (words, option.opts)


def test_every_setting_action_and_hook_is_documented() -> None:
    keys = [f"`{key.name}`" for key in settings.KEYS]
    actions = [f"## {name}\n" for name in plugins.Actions()]
    hooks = [f"## {name}\n" for name, _ in docs_reference.hooks()]

    assert hooks
    assert not [key for key in keys if key not in reference("settings.md")]
    assert not [heading for heading in actions if heading not in reference("actions.md")]
    assert not [heading for heading in hooks if heading not in reference("hooks.md")]


def commands_told() -> list[tuple[str, str]]:
    """Return page and command line of every call of the program that the documentation shows."""
    told = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = [line for block in SHELL.findall(text) for line in block.replace("\\\n", " ").splitlines()]
        lines = [*blocks, *(" ".join(line.split()) for line in IN_WORDS.findall(text))]
        told += [(page.relative_to(ROOT).as_posix(), line) for line in lines if line.startswith("scaffolder ")]
    return told


@pytest.mark.parametrize(("page", "line"), commands_told())
def test_commands_in_the_documentation_exist(page: str, line: str) -> None:
    command: click.Command = command_line
    for position, word in enumerate(words := shlex.split(line)[1:]):
        if not isinstance(command, click.Group):
            unknown = [option for option in words[position - 1 :] if not known(command, option)]
            assert not unknown, page
            return
        if word.startswith("-") or word in FOR_EXAMPLE:
            continue
        found = command.get_command(click.Context(command), word)
        if found is None and words[position - 1] == "--settings":
            continue
        assert found, f"{page}: {line}"
        command = found


def known(command: click.Command, word: str) -> bool:
    names = {"-h", "--help", *(name for option in command.params for name in option.opts)}
    return not word.startswith("-") or word.partition("=")[0] in names


@pytest.mark.parametrize("page", [page for page in PAGES if page.parent == ROOT], ids=lambda page: page.name)
def test_links_of_pages_outside_the_site_lead_somewhere(page: Path) -> None:
    targets = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not link.startswith(ELSEWHERE)]

    assert not [target for target in targets if not (ROOT / target).exists()]


def test_the_readme_has_two_lines_to_run() -> None:
    begin, test = readme_line.lines()

    assert begin.endswith("scaffolder new")
    assert "pytest" in test


def test_the_readme_shows_what_was_recorded() -> None:
    recorded = (DOCS / "sessions" / "new.txt").read_text(encoding="utf-8").splitlines()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"^```text\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)

    assert shown
    assert not [line for line in shown[1].splitlines() if line not in {*recorded, "…"}]


def test_decisions_are_numbered_without_gaps_and_all_listed() -> None:
    records = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    site, index = (ROOT / "mkdocs.yml").read_text(), (DOCS / "decisions" / "index.md").read_text()

    for number, record in enumerate(records, start=1):
        title = record.read_text(encoding="utf-8").partition("\n")[0]
        assert record.name.startswith(f"{number:04d}-")
        assert title.startswith(f"# {number}. ")
        assert f"[{title.removeprefix('# ')}]({record.name})" in index
        assert f"decisions/{record.name}" in site


def test_our_own_catalog_entry_is_valid() -> None:
    found = list(read(str(ROOT / "catalog-info.yaml")))

    assert found
    assert all(isinstance(one, Found) for one in found), found


def test_the_example_of_the_python_page_runs(tmp_path: Path) -> None:
    example = re.search(r"^```python\n(.*?)^```", reference("python.md"), re.MULTILINE | re.DOTALL)
    assert example
    program.run("init", "--example", cwd=tmp_path)

    done = subprocess.run(
        [sys.executable, "-c", example[1]],
        cwd=tmp_path,
        env=program.environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "component:default/label-service" in done.stdout
    assert (tmp_path / "label-maker" / ".scaffolder.yaml").is_file()


def test_the_golden_path_of_the_guide_makes_a_plan(tmp_path: Path) -> None:
    guide = (DOCS / "guides" / "golden-paths.md").read_text(encoding="utf-8")
    written = re.search(r'^```yaml title="template.yaml"\n(.*?)^```', guide, re.MULTILINE | re.DOTALL)
    command = next(line for page, line in commands_told() if page.endswith("golden-paths.md") and "--dry-run" in line)
    assert written
    (tmp_path / "small-tool" / "skeleton").mkdir(parents=True)
    (tmp_path / "small-tool" / "template.yaml").write_text(written[1])
    (tmp_path / "small-tool" / "skeleton" / "README.md").write_text("# ${{ values.name }}, in ${{ values.colour }}\n")
    program.run("init", "--example", cwd=tmp_path)

    plan = json.loads(program.run(*shlex.split(command)[1:], "--json", cwd=tmp_path).stdout)

    assert plan["entity"] == "component:default/tin-opener"
    assert {"README.md", "catalog-info.yaml", ".scaffolder.yaml"} <= {file["path"] for file in plan["files"]}
    assert [step["action"] for step in plan["steps"]][-2:] == ["catalog:register", "directory:place"]
