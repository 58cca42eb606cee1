"""A template's own code runs when it is allowed, in private, and never otherwise; nothing of it is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.errors import ScaffolderError
from scaffolder.template.cookiecutter import Code, ExtensionFailed, Home, Limits, render
from scaffolder.template.cookiecutter.hooks import HookFailed, HookLost
from scaffolder.template.cookiecutter.offered import computed_defaults
from scaffolder.template.expressions import RenderError
from scaffolder.template.manifest import load
from scaffolder.template.trust import Allowed, wanted
from scaffolder.tree import Link
from tests.containment.test_escapes import command
from tests.containment.test_escapes import environment as whole_environment
from tests.gateways.test_script import alive
from tests.parity.side_by_side import template
from tests.template.golden import resolved, template_yaml, tree_of, write
from tests.waiting import wait_until

if TYPE_CHECKING:
    from scaffolder.tree import Tree

ALL, EXTENSIONS, NONE = map(Allowed.of, ("all", "extensions", "none"))
EXTENSION = """\
from jinja2.ext import Extension

class It(Extension):
    def __init__(self, environment):
        super().__init__(environment)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for temporary files that nobody else uses."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def made(files: dict[str, Any], allowed: Allowed, **variables: Any) -> Tree:
    return render(tree_of(template({"file": "x", **files}, **variables)), {}, code=Code(allowed)).tree


def marking(mark: Path) -> dict[str, Any]:
    """Return a template that leaves a mark wherever its code runs."""
    touch = f"open({str(mark)!r}, 'a').write('x')\n"
    return {
        "/hooks/pre_prompt.py": touch,
        "/hooks/pre_gen_project.py": touch,
        "/hooks/post_gen_project.py": touch,
        "/brought.py": touch + EXTENSION,
    }


@pytest.mark.parametrize("allowed", [Allowed(), NONE, Allowed(hooks=False, extensions=False, decided=True)])
def test_nothing_runs_without_a_word(tmp_path: Path, allowed: Allowed) -> None:
    files = marking(tmp_path / "mark")
    assert set(made(files, allowed)) == {"file"}
    if allowed.decided:
        assert set(made(files, allowed, slug="x", _extensions=["brought.It"])) == {"file"}
    else:
        with pytest.raises(ScaffolderError, match=r"brought\.It"):
            made(files, allowed, slug="x", _extensions=["brought.It"])
    assert not (tmp_path / "mark").exists()


def test_hooks_are_left_out_where_only_extensions_are_allowed() -> None:
    files = {"/hooks/post_gen_project.py": "open('ran', 'w')", "/brought.py": EXTENSION}
    assert set(made(files, EXTENSIONS, slug="x", _extensions=["brought.It"])) == {"file"}
    assert set(made(files, ALL, slug="x", _extensions=["brought.It"])) == {"file", "ran"}


def test_to_describe_a_template_runs_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    files = template({**marking(mark), "file": ""}, slug="x", _extensions=["brought.It"])
    source = resolved(tmp_path, files)
    found = wanted(source, load(source))
    assert found.hooks == ("hooks/pre_prompt.py", "hooks/pre_gen_project.py", "hooks/post_gen_project.py")
    assert found.extensions == ("brought.It",)
    assert [line.rpartition(" is run ")[2] for line in found.lines()[:3]] == [
        "before the questions",
        "before the files are made",
        "after the files are made",
    ]
    assert not mark.exists()


def test_hooks_and_extensions_of_templates_within_are_named(tmp_path: Path) -> None:
    inner = template({"/hooks/post_gen_project.py": "", "file": ""}, slug="x", _extensions=["deep.It"])
    linked = template({"/hooks": Link("../inner/hooks"), "file": ""})
    described = {"templates": {"a": {"path": "inner"}, "b": {"path": "linked"}}}
    files = {f"inner/{path}": node for path, node in inner.items()}
    files |= {f"linked/{path}": node for path, node in linked.items()}
    source = resolved(tmp_path, {"cookiecutter.json": json.dumps(described), **files})
    found = wanted(source, load(source))
    assert found.hooks == ("inner/hooks/post_gen_project.py", "linked/hooks/post_gen_project.py")
    assert found.extensions == ("deep.It",)


def test_steps_name_extensions_and_have_no_hooks(tmp_path: Path) -> None:
    steps = (
        '  steps:\n    - {id: a, action: "fetch:cookiecutter", '
        'input: {url: ./inner, values: {}, extensions: ["jinja2.ext.do", brought.It]}}\n'
    )
    inner = {f"inner/{path}": node for path, node in template({"/hooks/post_gen_project.py": "", "f": ""}).items()}
    source = resolved(tmp_path, {"template.yaml": template_yaml([], steps=steps), **inner})
    found = wanted(source, load(source))
    assert (found.hooks, found.extensions) == ((), ("brought.It",))


@pytest.mark.parametrize("when", ["pre_gen_project", "post_gen_project"])
def test_a_hook_that_fails_leaves_nothing(temporary: Path, when: str) -> None:
    hook = "import sys; print('the name is bad'); open('half', 'w'); sys.exit(7)"
    with pytest.raises(HookFailed, match=rf"hooks/{when}\.py failed \(exit status 7\)") as failed:
        made({f"/hooks/{when}.py": hook}, ALL)
    assert failed.value.details == ("the name is bad",)
    assert not any(temporary.iterdir())


def test_no_hook_runs_where_a_text_is_wrong(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with pytest.raises(RenderError):
        made({**marking(mark), "zzz": "{{ cookiecutter.nobody }}"}, ALL)
    assert not mark.exists()


def test_no_script_is_left_behind_and_nobody_else_can_read_one(temporary: Path, tmp_path: Path) -> None:
    hook = (
        "import os, pathlib, stat\n"
        "here = pathlib.Path(__file__)\n"
        "lines = [str(here)] + ['%o' % stat.S_IMODE(os.stat(place).st_mode) for place in here.parents][:3]\n"
        f"pathlib.Path({str(tmp_path / 'seen')!r}).write_text('\\n'.join(lines))\n"
        "pathlib.Path(os.environ['TMPDIR'], 'rest').write_text('{{ cookiecutter.slug }}')\n"
    )
    made({"/hooks/post_gen_project.py": hook}, ALL)
    script, own, bench, _ = (tmp_path / "seen").read_text().splitlines()
    assert script.startswith(str(temporary))
    assert (own, bench) == ("700", "700")
    assert not any(temporary.iterdir())


def test_a_directory_that_a_script_locks_goes_too(temporary: Path) -> None:
    made({"/hooks/post_gen_project.sh": "#!/bin/sh\nmkdir -p ../a/b; touch ../a/b/x; chmod 500 ../a/b\n"}, ALL)
    assert not any(temporary.iterdir())


@pytest.mark.parametrize("where", ["hook", "extension"])
def test_no_token_is_handed_to_it(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_secret")
    show = "import os\nknown = repr(dict(os.environ))\n"
    if where == "hook":
        files = {"/hooks/post_gen_project.py": show + "open('seen', 'w').write(known)"}
        seen = made(files, ALL).text("seen")
    else:
        files = {
            "/brought.py": show + EXTENSION + "        environment.globals['known'] = known\n",
            "seen": "{{ known }}",
        }
        seen = made(files, ALL, slug="x", _extensions=["brought.It"]).text("seen")
    assert "PATH" in (seen or "")
    assert "ghp_secret" not in (seen or "")
    assert os.environ["GITHUB_TOKEN"] == "ghp_secret"


def test_an_extension_is_imported_in_a_process_of_its_own(tmp_path: Path) -> None:
    before, path = set(sys.modules), list(sys.path)
    files = {"/brought.py": EXTENSION, "/json5_helper.py": ""}
    made(files, ALL, slug="x", _extensions=["brought.It"])
    home = Home(tree_of({"brought.py": EXTENSION}))
    computed_defaults({"a": "x", "_extensions": ["brought.It"]}, {}, home=home, allowed=ALL)
    assert "brought" not in set(sys.modules) - before
    assert sys.path == path
    assert Path.cwd() != tmp_path / "temporary"


WRONG = {
    "missing": ("", "No module named 'nobody'", ["nobody.It"]),
    "attribute": (EXTENSION, "Nobody", ["brought.Nobody"]),
    "raises": ("raise KeyError('why')", "KeyError", ["brought.It"]),
    "leaves": ("raise SystemExit(0)", "SystemExit", ["brought.It"]),
    "exits": ("import os; os._exit(0)", "brought its process down", ["brought.It"]),
    "writes": ("open('/tmp/x-of-a-template', 'w').write('x' * 9)", "File too large|brought.It", ["brought.It"]),
    "sleeps": ("import time; time.sleep(60)", "it takes longer than", ["brought.It"]),
    "grows": ("x = b'x' * 10**10", "more memory|MemoryError", ["brought.It"]),
    "renders": (
        EXTENSION + "        environment.filters['f'] = lambda x: open('/nobody')\n",
        "No such file",
        ["brought.It"],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_extension_that_goes_wrong_is_told(name: str, temporary: Path) -> None:
    text, words, names = WRONG[name]
    tree = tree_of(template({"/brought.py": text, "file": "{{ 1|f }}"}, slug="x", _extensions=names))
    with pytest.raises(ScaffolderError, match=words):
        render(tree, {}, code=Code(ALL), limits=Limits(text=0.5, whole=10.0, memory=200_000_000))
    assert not any(temporary.iterdir())
    assert not Path("/tmp/x-of-a-template").exists() or not Path("/tmp/x-of-a-template").stat().st_size  # noqa: S108


def test_a_package_that_is_not_installed_is_named_with_what_to_do() -> None:
    with pytest.raises(ExtensionFailed) as failed:
        made({}, ALL, slug="x", _extensions=["jinja2_nobody.Extension"])
    assert "pip install jinja2-nobody" in failed.value.hint


def test_a_text_that_needs_what_is_left_out_says_so() -> None:
    with pytest.raises(RenderError) as failed:
        made({"file": "{{ 'x'|shout }}"}, NONE, slug="x", _extensions=["brought.It"])
    assert "brought.It" in failed.value.hint
    assert "--trust" in failed.value.hint


@pytest.mark.parametrize("target", ["/etc/hostname", "../../outside.py", "nobody.py"])
def test_a_hook_that_is_a_link_out_of_the_template_is_not_run(target: str) -> None:
    with pytest.raises(HookLost):
        made({"/hooks/post_gen_project.py": Link(target)}, ALL)


@pytest.mark.parametrize("slug", ["../evil", "/evil", ".."])
def test_a_project_with_hooks_stays_on_its_bench(tmp_path: Path, slug: str) -> None:
    mark = tmp_path / "mark"
    with pytest.raises(ScaffolderError):
        render(tree_of(template({**marking(mark), "file": ""})), {"slug": slug}, code=Code(ALL))
    assert not mark.exists()


HANGS = """\
import os, sys, time
if not os.fork():
    os.setsid()
    open(MARK, "w").write(f"{os.getppid()} {os.getpid()}")
    os.rename(MARK, MARK + "s")
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process that leaves its session is not found")
@pytest.mark.parametrize("when", ["pre_prompt", "pre_gen_project", "post_gen_project"])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_goes_on_or_stays_when_we_are_killed(tmp_path: Path, when: str, how: int) -> None:
    mark = tmp_path / "mark"
    hook = HANGS.replace("MARK", repr(str(mark))) + "# {{ cookiecutter.slug }}"
    place = write(tmp_path / "template", template({"a": "x", f"/hooks/{when}.py": hook}))
    process = subprocess.Popen(
        command(str(place), "--trust", "--output", str(tmp_path / "out")),
        env=whole_environment(tmp_path),
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    pids = tmp_path / "marks"
    wait_until(pids.exists, "the hook does not begin")
    process.send_signal(how)
    process.communicate()
    assert process.returncode != 0
    assert not any(alive(int(pid)) for pid in pids.read_text().split())
    gone(tmp_path / "tmp")
    assert not (tmp_path / "out").exists()


def gone(place: Path) -> None:
    """Wait until a directory is empty: what cleans up after a kill is another process."""
    wait_until(lambda: not any(place.iterdir()), f"something stays in {place}")
