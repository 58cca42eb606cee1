"""May a template run its own code? Asked once at a terminal; elsewhere said by an option, or by the settings."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.cli.person import CTRL_C, CTRL_U, DOWN, ENTER, SHIFT_TAB, Person, take_in
from tests.cli.program import run
from tests.template.golden import write

if TYPE_CHECKING:
    from pathlib import Path

SHOUT = """\
from jinja2.ext import Extension

class Shout(Extension):
    def __init__(self, environment):
        super().__init__(environment)
        environment.filters["shout"] = str.upper
"""
BOATS = {
    "cookiecutter.json": json.dumps({"title": "Boat", "slug": "boat"}),
    "{{cookiecutter.slug}}/file": "{{ cookiecutter.title }}",
    "hooks/pre_gen_project.py": "import sys\nif '{{ cookiecutter.title }}' == 'bad': sys.exit('no bad boats')\n",
    "hooks/post_gen_project.sh": "#!/bin/sh\necho launched {{ cookiecutter.slug }}; git init -q; echo x > hooked\n",
}
ABOUT = ("--purpose", "Bake bread daily", "--name", "bakery", "--owner", "payments", "--system", "site")
NEW = (*ABOUT, "--reason", "scale: it is large", "--no-open")
WANTS = "wants to run its own code on this machine"


@pytest.fixture
def here(tmp_path: Path, home: Path) -> Path:
    """Where the person works, beside a template with hooks."""
    take_in(home, tmp_path)
    write(tmp_path / "boats", BOATS)
    loud = {"title": "{{ 'boat'|shout }}", "slug": "boat", "_extensions": ["loud.Shout"]}
    files = {
        "cookiecutter.json": json.dumps(loud),
        "loud.py": SHOUT,
        "{{cookiecutter.slug}}/file": "{{ cookiecutter.title }}",
    }
    write(tmp_path / "loud", files)
    place = tmp_path / "work"
    place.mkdir()
    return place


def new(here: Path, *arguments: str, code: int = 0, template: str = "../boats") -> tuple[str, str]:
    done = run("new", template, *NEW, "--no-input", *arguments, cwd=here, code=code)
    return done.stdout, done.stderr


def files(here: Path) -> set[str]:
    done = subprocess.run(["git", "-C", str(here / "bakery"), "ls-files"], capture_output=True, text=True, check=True)
    return {path for path in done.stdout.split() if path in {"file", "hooked"}}


def trusting(here: Path, *entries: str) -> None:
    text = json.dumps({"scaffolder": {"trust": list(entries)}})
    (here / "scaffolder.yaml").write_text(text)


def test_without_a_word_nothing_is_begun(here: Path) -> None:
    out, err = new(here, code=2)
    assert out == ""
    assert WANTS in err
    assert "hooks/pre_gen_project.py is run before the files are made" in err
    assert "--trust" in err
    assert "--no-hooks" in err
    assert not any(here.iterdir())


def test_json_names_the_refusal(here: Path) -> None:
    out, _ = new(here, "--json", code=2)
    assert json.loads(out)["error"]["code"] == "trust-needed"


def test_trust_runs_the_hooks_once(here: Path, tmp_path: Path) -> None:
    with (tmp_path / "boats/hooks/post_gen_project.sh").open("a") as hook:
        hook.write(f"echo again >> {tmp_path}/count\n")
    new(here, "--trust")
    assert files(here) == {"file", "hooked"}
    assert (tmp_path / "count").read_text() == "again\n"


def test_no_hooks_goes_on_without(here: Path) -> None:
    _, err = new(here, "--no-hooks")
    assert files(here) == {"file"}
    assert "its hooks were not run: hooks/pre_gen_project.py, hooks/post_gen_project.sh" in err


def test_a_hook_that_fails_leaves_everything_as_it_was(here: Path, home: Path) -> None:
    _, err = new(here, "--trust", "-d", "title=bad", code=1)
    assert "hooks/pre_gen_project.py failed (exit status 1); nothing was made" in err
    assert "no bad boats" in err
    assert not any(here.iterdir())
    assert not (home / ".local/share/scaffolder/forge").exists()


@pytest.mark.parametrize("entry", ["..", "../boats", "{boats}"])
def test_the_settings_answer_beforehand(here: Path, tmp_path: Path, entry: str) -> None:
    trusting(here, entry.format(boats=tmp_path / "boats"))
    new(here)
    assert files(here) == {"file", "hooked"}


def test_hooks_can_be_left_out_of_what_is_trusted(here: Path) -> None:
    trusting(here, "..")
    new(here, "--no-hooks")
    assert files(here) == {"file"}


def test_what_is_pinned_is_trusted_in_that_version_only(here: Path, tmp_path: Path) -> None:
    shown = json.loads(run("template", "show", "../boats", "--json", cwd=here).stdout)
    trusting(here, f"{tmp_path}/boats@{shown['source']['digest']}")
    new(here, "--dry-run")
    (tmp_path / "boats" / "hooks" / "post_gen_project.sh").write_text("#!/bin/sh\nfalse\n")
    assert WANTS in new(here, "--dry-run", code=2)[1]


def test_an_entry_that_trusts_everybody_is_told_with_its_line(here: Path) -> None:
    trusting(here, "..", "https://github.com")
    assert (
        "scaffolder.yaml:1 scaffolder.trust[1]: 'https://github.com' would trust everybody there"
        in new(here, code=2)[1]
    )


def test_a_company_makes_nobody_trust_it(here: Path, home: Path, tmp_path: Path) -> None:
    company = write(
        tmp_path / "company",
        {
            "scaffolder.yaml": json.dumps(
                {
                    "organization": {"name": "Acme"},
                    "scaffolder": {"trust": ["https://github.com/acme", str(tmp_path)], "catalogRepository": "."},
                }
            ),
            "catalog-info.yaml": (tmp_path / "catalog-info.yaml").read_text(),
        },
    )
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(company), *words], check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(company), f"{company}.git"], check=True)
    run("join", f"{company}.git", cwd=here)
    assert WANTS in new(here, "--dry-run", code=2)[1]
    own = home / ".config/scaffolder/scaffolder.yaml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(json.dumps({"scaffolder": {"trust": [str(tmp_path / "boats")]}}))
    assert WANTS not in new(here, "--dry-run", code=2)[1]  # the next thing in the way is the forge


def test_extensions_are_loaded_with_trust_also_for_defaults(here: Path) -> None:
    assert WANTS in new(here, template="../loud", code=2)[1]
    new(here, "--trust", "-d", "slug=loud", template="../loud")
    assert (here / "bakery" / "file").read_text() == "BOAT"


def test_what_an_extension_prints_is_no_result(here: Path, tmp_path: Path) -> None:
    (tmp_path / "loud" / "loud.py").write_text("print('loaded')\n" + SHOUT)
    done = run("template", "dry-run", "../loud", "--output", "out", "--trust", "--json", cwd=here)
    assert json.loads(done.stdout)["ok"] is True
    assert "loaded" in done.stderr


def test_where_extensions_are_needed_it_stops_without_them(here: Path) -> None:
    _, err = new(here, "--no-hooks", template="../loud", code=1)
    assert "it may need its extensions, which are not loaded: loud.Shout" in err
    assert not any(here.iterdir())


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [(("--trust",), {"file", "hooked", ".git"}), (("--no-hooks",), {"file"}), (("--trust", "--no-hooks"), {"file"})],
)
def test_a_dry_run_has_the_same_options(here: Path, arguments: tuple[str, ...], expected: set[str]) -> None:
    done = run("template", "dry-run", "../boats", "--output", "out", *arguments, cwd=here)
    assert {path.name for path in (here / "out").iterdir()} == expected
    assert ("post_gen_project: launched boat" in done.stderr) is ("hooked" in expected)


@pytest.fixture
def made_late(tmp_path: Path) -> Path:
    """A template whose directory of the project is made by the hook before the questions."""
    hook = "import os; os.mkdir('{{cookiecutter.slug}}'); open('{{cookiecutter.slug}}/{{cookiecutter.slug}}', 'w')\n"
    return write(tmp_path / "late", {"cookiecutter.json": '{"slug": "boat"}', "hooks/pre_prompt.py": hook})


def test_the_hook_before_the_questions_may_make_the_directory_of_the_project(here: Path, made_late: Path) -> None:
    assert "pre_prompt.py" in run("template", "show", str(made_late), cwd=here).stdout
    assert "no directory" not in run("template", "lint", str(made_late), cwd=here).stdout
    run("template", "dry-run", str(made_late), "--output", "out", "--trust", cwd=here)
    assert (here / "out" / "boat").is_file()
    new(here, "--trust", template=str(made_late))
    assert (here / "bakery" / "boat").is_file()


def test_where_that_hook_does_not_run_the_directory_is_missing(here: Path, made_late: Path) -> None:
    _, err = new(here, "--no-hooks", template=str(made_late), code=2)
    assert "no directory of the template is named by a variable" in err
    assert "hint: its hook pre_prompt may make one, where it is allowed to run: --trust" in err


def test_a_dry_run_without_a_word_is_refused(here: Path) -> None:
    done = run("template", "dry-run", "../boats", "--output", "out", "--json", cwd=here, code=2)
    assert json.loads(done.stdout)["error"]["code"] == "trust-needed"
    assert not (here / "out").exists()


def test_template_show_names_what_it_wants(here: Path) -> None:
    shown = run("template", "show", "../boats", cwd=here).stdout
    assert "hooks/pre_gen_project.py is run before the files are made" in shown


# -- at a terminal


def begins(here: Path, *arguments: str) -> Person:
    return Person(here, "new", "../boats", *NEW, *arguments)


def test_a_person_is_asked_before_the_questions(here: Path) -> None:
    person = begins(here)
    person.sees(WANTS)
    person.sees("hooks/pre_gen_project.py is run before the files are made")
    person.sees("It would have your rights")
    person.answers("May it?", DOWN, ENTER)
    person.answers("title", ENTER)
    person.answers("slug", ENTER)
    person.answers("Make it?", ENTER)
    person.sees("belongs to payments")
    assert person.leaves()[0] == 0
    assert files(here) == {"file", "hooked"}
    assert person.conversation.count("May it?") <= 3  # drawn again, not asked again


def test_no_is_what_is_offered_first(here: Path) -> None:
    person = begins(here)
    person.answers("May it?", ENTER)
    person.answers("title", ENTER)
    person.answers("slug", ENTER)
    person.answers("Make it?", ENTER)
    person.sees("belongs to payments")
    assert person.leaves()[0] == 0
    assert files(here) == {"file"}


def test_a_person_can_stop_there(here: Path) -> None:
    person = begins(here)
    person.answers("May it?", DOWN, DOWN, DOWN, ENTER)
    assert person.leaves()[0] == 0
    assert "Nothing was made" in person.conversation
    assert not any(here.iterdir())


def test_a_person_reads_the_code_before_deciding(here: Path) -> None:
    (here.parent / "boats/hooks/pre_gen_project.py").write_text(
        "if True:\n\tprint('\x1b[2J{{ cookiecutter.title }}')\n"
    )
    person = begins(here)
    person.answers("May it?", "s")
    person.sees("hooks/pre_gen_project.py")
    person.sees("│ if True:")
    person.sees(r"│     print('\x1b[2J{{ cookiecutter.title }}')")
    person.sees("│ echo launched")
    person.answers("May it?", ENTER)
    person.answers("title", CTRL_C)
    assert person.leaves()[0] == 130
    assert WANTS not in person.conversation.partition("│ echo launched")[2]  # said once


def test_the_code_is_shown_to_whoever_has_no_terminal(here: Path) -> None:
    (here.parent / "loud/hooks").symlink_to("../boats/hooks")
    shown = run("template", "show", "../loud", "--code", cwd=here).stdout
    assert "  loud.py\n  │ from jinja2.ext import Extension\n" in shown
    write(
        here / "strange",
        {"cookiecutter.json": '{"s": "x", "_extensions": ["of_nobody.It"]}', "{{cookiecutter.s}}/f": ""},
    )
    shown = run("template", "show", "strange", "--code", cwd=here).stdout
    assert "of_nobody.It\n  │ not a file of the template" in shown


def test_a_kept_draft_is_asked_again(here: Path) -> None:
    person = begins(here)
    person.answers("May it?", DOWN, ENTER)
    person.answers("title", CTRL_C)
    person.leaves()
    again = Person(here, "new", "--continue", "--no-open")
    again.answers("May it?", CTRL_C)
    assert again.leaves()[0] == 130


def test_back_from_the_first_question_leads_there(here: Path) -> None:
    person = begins(here)
    person.answers("May it?", DOWN, ENTER)
    person.answers("title", SHIFT_TAB)
    person.answers("May it?", CTRL_C)
    assert person.leaves()[0] == 130


def test_the_answers_are_kept_also_where_the_template_is_gone_in_the_middle(here: Path) -> None:
    person = begins(here)
    person.sees("It would have your rights")
    shutil.rmtree(here.parent / "boats")
    person.answers("May it?", DOWN, ENTER)
    person.sees("your answers: scaffolder new --continue")
    assert person.leaves()[0] == 2
    write(here.parent / "boats", BOATS)
    again = Person(here, "new", "--continue")
    again.answers("May it?", ENTER)
    again.answers("title", CTRL_C)
    assert again.leaves()[0] == 130


def test_what_was_said_of_the_code_can_be_changed(here: Path) -> None:
    person = begins(here)
    person.answers("May it?", ENTER)
    person.answers("title", ENTER)
    person.answers("slug", ENTER)
    person.answers("Make it?", DOWN, DOWN, ENTER)
    person.answers("Which answer?", CTRL_C)
    assert person.leaves()[0] == 130
    assert re.search(r"its own code\s.*is left out", person.conversation)


def test_an_answer_that_a_hook_refuses_can_be_changed(here: Path) -> None:
    person = begins(here, "--trust")
    person.answers("title", CTRL_U, "bad", ENTER)
    person.answers("slug", ENTER)
    person.sees("no bad boats")
    person.answers("What would you like to change?", ENTER)
    person.answers("\x1b[0;1m title ", CTRL_U, "good", ENTER)  # the question, not the entry of the list before
    person.answers("Make it?", ENTER)
    person.sees("belongs to payments")
    assert person.leaves()[0] == 0
    assert (here / "bakery/file").read_text() == "good"


def test_a_dry_run_at_a_terminal_asks(here: Path) -> None:
    person = Person(here, "template", "dry-run", "../boats", "--output", "out")
    person.answers("May it?", DOWN, ENTER)
    assert person.leaves()[0] == 0
    assert (here / "out" / "hooked").exists()
