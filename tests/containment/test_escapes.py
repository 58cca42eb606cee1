"""Nothing of a template, and no answer, reads, writes or runs anything outside of what is rendered."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.errors import ScaffolderError
from scaffolder.template.cookiecutter import ExtensionsRefused, render
from scaffolder.template.cookiecutter.offered import computed_defaults
from scaffolder.template.expressions import RenderError
from scaffolder.template.source import resolve
from scaffolder.tree import BelongsToGit, File, Link, PathEscapes, PathTooLong, Tree
from tests.parity.side_by_side import PROJECT, template
from tests.template.golden import tree_of, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.tree import Node

LEADING_OUT = ["../evil", "/evil", "..", "a/../../b", "a\0b", "./../x", "a/../..", ""]


@pytest.mark.parametrize("answer", LEADING_OUT)
@pytest.mark.parametrize(
    "files", [{"file": "x"}, {"{{cookiecutter.slug}}/file": "x"}, {"d/{{cookiecutter.slug}}": "x"}]
)
def test_no_answer_leads_a_path_out_of_the_project(answer: str, files: dict[str, Any]) -> None:
    variables = {"fixed": "boat", "slug": "x"}
    within = {f"/{{{{cookiecutter.fixed}}}}/{path}": node for path, node in files.items()}
    try:
        made = render(tree_of(template(within, **variables)), {"slug": answer}).tree
    except ScaffolderError:
        return
    assert not any(path.startswith(("/", "..")) for path in made)


@pytest.mark.parametrize("answer", LEADING_OUT[:-1])
def test_the_project_itself_stays_where_it_is(answer: str) -> None:
    with pytest.raises(PathEscapes):
        render(tree_of(template({"file": "x"})), {"slug": answer})


def test_a_path_without_end_is_refused() -> None:
    with pytest.raises(PathTooLong, match=r"a path of 40,0.. characters"):
        Tree({"a/" * 20_000 + "f": File(b"")})
    with pytest.raises(ScaffolderError) as refused:
        render(tree_of(template({"{{ cookiecutter.v }}": ""}, v="a/" * 20_000)), {})
    assert len(refused.value.message) < 3_000


GITS = [".git", ".GIT", ".git.", ".git ", "git~1", "GIT~1", ".g\u200cit", ".git::$INDEX_ALLOCATION", "a\\\\.git"]


@pytest.mark.parametrize("name", GITS)
@pytest.mark.parametrize(
    "path", ["{{cookiecutter.name}}/config", "d/{{cookiecutter.name}}/hooks/pre-commit", "{{cookiecutter.name}}"]
)
def test_nothing_is_written_for_git_to_run(name: str, path: str) -> None:
    with pytest.raises(BelongsToGit) as refused:
        render(tree_of(template({path: "[core]"}, name="x")), {"name": name})
    assert repr(path.replace("{{cookiecutter.name}}", name)) in refused.value.message


def test_nothing_that_is_copied_is_written_for_git_to_run() -> None:
    with pytest.raises(BelongsToGit):
        render(tree_of(template({"copied/.git/config": "x"}, _copy_without_render=["copied"])), {})


@pytest.mark.parametrize("name", [".gitignore", ".github", "x.git", "git", ".git-blame", "git~2"])
def test_what_is_only_called_like_it_is_written(name: str) -> None:
    assert f"{name}/x" in render(tree_of(template({"{{cookiecutter.name}}/x": ""}, name="x")), {"name": name}).tree


LINKS: dict[str, dict[str, Any]] = {
    "absolute": {"file": Link("/etc/hostname")},
    "climbing": {"file": Link("../../../etc/hostname")},
    "by-steps": {"a": Link("b"), "b": Link("../c"), "/c": Link("../outside")},
    "directory": {"dir": Link("/etc"), "file": "x"},
    "through-a-directory": {"dir": Link("../.."), "file": Link("dir/outside")},
    "in-what-is-copied": {"copied/file": Link("../../../outside")},
    "copied-itself": {"copied": Link("/etc")},
    "in-circles": {"a": Link("b"), "b": Link("a")},
    "copied-in-circles": {"copied/again": Link("../copied")},
    "included": {"file": "{% include 'secret' %}", "secret": Link("/etc/hostname")},
    "included-from-templates": {"file": "{% include 'x' %}", "/templates": Link("/etc"), "/templates-x": "x"},
    "the-project-itself": {},
}


@pytest.mark.parametrize("name", LINKS)
def test_links_do_not_lead_out_of_the_template(name: str) -> None:
    files: dict[str, str | bytes | Node] = dict(template(LINKS[name], _copy_without_render=["copied"]))
    if name == "the-project-itself":
        files[PROJECT] = Link("/etc")
    with pytest.raises(ScaffolderError, match=r"leads (outside|in circles)|includes 'x'|no directory"):
        render(tree_of(files), {})


CALLS = [
    "{{ cycler.__init__.__globals__.os.popen('touch MARK') }}",
    "{{ lipsum.__globals__['os'].system('touch MARK') }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__['__builtins__'] }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context.environment }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''['__class__'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ ''|attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
    "{{ ['']|map(attribute='__class__')|join }}",
    "{{ [['']]|map(attribute='0.__class__')|first }}",
    "{{ (['']|groupby('__class__'))[0][0]|string }}",
    "{{ '{0.__class__.__mro__}'.format('') }}",
    "{{ '{0.__class__}'.format_map({'0': ''}) }}",
    "{% set f = '{0.__class__}'.format %}{{ f('') }}",
    "{{ ['{0.__class__}']|map('format', '')|list }}",
    "{{ uuid4.__globals__ }}",
    "{{ random_ascii_string.__globals__ }}",
    "{{ range.__self__ }}",
    "{{ lipsum.__self__.loader }}",
    "{{ lipsum.__func__.__globals__ }}",
    "{{ random_ascii_string.__globals__.letters }}",
    "{% for c in [].__class__.__base__.__subclasses__() %}{{ c }}{% endfor %}",
    "{{ cookiecutter.__class__.__init__.__globals__ }}",
    "{{ cookiecutter.__reduce__() }}",
    "{{ (1).__class__ }}{{ loop.__class__ }}",
    "{% import 'os' as os %}{{ os.system('touch MARK') }}",
    "{% include '/etc/hostname' %}",
    "{% include '../cookiecutter.json' %}",
    "{% include 'sub/../../cookiecutter.json' %}",
    "{% from '../../x' import y %}",
    "{% extends '/etc/hostname' %}",
    "{{ dict.mro() }}",
    "{{ dict.__subclasses__() }}",
    "{% set x = cookiecutter.__setattr__ %}{{ x }}",
    "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{% call m() %}{% endcall %}",
    "{% macro m() %}{% endmacro %}{{ m._environment }}{{ m._func }}",
    "{{ m.__call__.__func__ }}",
]


PLACES = [(call, where) for call in CALLS for where in ("body", "loop")]
PLACES += [(call, where) for call in CALLS[:8] for where in ("file", "directory", "default", "choice", "hidden")]


@pytest.mark.parametrize(("call", "where"), PLACES)
def test_nothing_is_run_or_looked_into(tmp_path: Path, call: str, where: str) -> None:
    mark = tmp_path / "mark"
    text = call.replace("MARK", str(mark) if where not in {"file", "directory"} else "mark")
    with pytest.raises(ScaffolderError) as refused:
        render(_with(text, where), {})
    assert not mark.exists()
    assert not Path("mark").exists()
    assert "Traceback" not in str(refused.value)


def _with(text: str, where: str) -> Tree:
    """Return a template that has the text somewhere; 'loop' lets it be rendered in a process of its own."""
    hidden: dict[str, dict[str, Any]] = {
        "default": {"x": text},
        "choice": {"x": ["a", text]},
        "hidden": {"__x": {text: 1}},
    }
    shown: dict[str, dict[str, Any]] = {"body": {"f": text}, "loop": {"f": "{% for i in [1] %}{% endfor %}" + text}}
    variables, files = hidden.get(where, {}), shown.get(where, {})
    if where == "file":
        files = {text: "x"}
    if where == "directory":
        files = {f"{text}/f": "x"}
    return tree_of(template({"other": "x", **files}, **variables))


@pytest.mark.parametrize("call", CALLS)
def test_nothing_is_run_where_defaults_are_asked(call: str) -> None:
    found = computed_defaults({"a": call}, {})
    assert not found.known
    assert found.waiting["a"]


ELSEWHERE = [
    "/etc/localtime",
    "../../../etc/localtime",
    ":/etc/localtime",
    "./UTC",
    "~/x",
    "a/../../b",
    "a\\b",
    "",
    "Europe",
]


@pytest.mark.parametrize("zone", [*ELSEWHERE, "x" * 300, "x/" * 9000 + "x"])
def test_no_time_zone_is_a_file_of_the_templates_choice(zone: str) -> None:
    with pytest.raises(RenderError):
        render(tree_of(template({"f": f"{{% now {zone!r} %}}"})), {})


@pytest.mark.parametrize("zone", ["+02:00", "-0930", "Europe/Berlin", "Etc/GMT+3", "America/Port-au-Prince", "EST5EDT"])
def test_the_usual_time_zones_are_known(zone: str) -> None:
    assert render(tree_of(template({"f": f"{{% now {zone!r}, '%Z' %}}"})), {}).tree.text("f")


def test_extensions_of_a_template_are_not_imported(tmp_path: Path) -> None:
    files = {
        "file": "x",
        "/local_extensions.py": f"open({str(tmp_path / 'mark')!r}, 'w')",
        "/hooks/post_gen_project.py": "1/0",
    }
    place = write(tmp_path / "template", template(files, _extensions=["local_extensions.Evil", "os.path"]))
    with pytest.raises(ExtensionsRefused, match=r"local_extensions\.Evil, os\.path"):
        render(Tree.read(place), {})
    assert not (tmp_path / "mark").exists()
    assert "local_extensions" not in sys.modules


def run(tmp_path: Path, *arguments: str, settings: str = "") -> subprocess.CompletedProcess[str]:
    env = environment(tmp_path) | ({"SCAFFOLDER_SETTINGS": settings} if settings else {})
    return subprocess.run(command(*arguments), env=env, capture_output=True, text=True, check=False)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "scaffolder", "template", "dry-run", *arguments]


def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "SCAFFOLDER_"))}
    (tmp_path / "tmp").mkdir(exist_ok=True)
    return {**kept, "HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "tmp")}


def given(tmp_path: Path, files: Mapping[str, Any], **variables: Any) -> str:
    return str(write(tmp_path / "template", template(files, **variables)))


def test_a_failure_half_way_leaves_nothing_and_blocks_nothing(tmp_path: Path) -> None:
    place = given(tmp_path, {"a": "fine", "b": "{% for x in [1] %}{{ x }}{% endfor %}", "z": "{% if %}"})
    failed = run(tmp_path, place, "--output", str(tmp_path / "out"))
    assert (failed.returncode, failed.stderr.splitlines()[0].partition(":")[0]) == (0, "error")
    assert "/z:1: " in failed.stderr
    assert {path.name for path in tmp_path.iterdir()} <= {"template", "home", "tmp"}
    (tmp_path / "template" / PROJECT / "z").write_text("{{ cookiecutter.slug }}")
    assert run(tmp_path, place, "--output", str(tmp_path / "out")).returncode == 0
    assert (tmp_path / "out" / "z").read_text() == "boat"


def test_what_is_in_the_way_stays_as_it_is(tmp_path: Path) -> None:
    place = given(tmp_path, {"a": "theirs"})
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a").write_text("mine")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to("elsewhere")
    for name in ("out", "link", "out/a"):
        assert run(tmp_path, place, "--output", str(tmp_path / name)).returncode == 3
    assert (tmp_path / "out" / "a").read_text() == "mine"
    assert not any((tmp_path / "elsewhere").iterdir())


@pytest.mark.slow
def test_a_kill_leaves_the_destination_as_it_was(tmp_path: Path) -> None:
    busy = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    place = given(tmp_path, {"a": "fine", "z": busy})
    process = subprocess.Popen(command(place, "--output", str(tmp_path / "out")), env=environment(tmp_path))
    while not _children(process.pid):
        time.sleep(0.01)
    children = _children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "out").exists()
    while any(_is_running(child) for child in children):  # each ends by itself once nobody listens
        time.sleep(0.1)


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def _is_running(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def test_an_unknown_answer_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    (tmp_path / "values").write_text("sluug: x\n")
    done = run(
        tmp_path, given(tmp_path, {"a": ""}), "--output", str(tmp_path / "out"), "--values", str(tmp_path / "values")
    )
    assert (done.returncode, "did you mean slug?" in done.stderr) == (2, True)
    assert not (tmp_path / "out").exists()


def test_no_answer_and_no_hook_stays_outside_of_the_project(tmp_path: Path) -> None:
    files = {
        "file": "{% for x in [1] %}{{ cookiecutter.password }}{% endfor %}",
        "/hooks/pre_gen_project.py": "{{ cookiecutter.password }}",
    }
    place = given(tmp_path, files, password="")
    (tmp_path / "values").write_text(json.dumps({"password": "hunter2-hunter2"}))
    done = run(tmp_path, place, "--output", str(tmp_path / "out"), "--values", str(tmp_path / "values"), "--no-hooks")
    assert (done.returncode, "hooks were not run" in done.stderr) == (0, True)
    assert (tmp_path / "out" / "file").read_text() == "hunter2-hunter2"
    assert not any((tmp_path / "tmp").iterdir())
    kept = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert [path for path in kept if b"hunter2" in path.read_bytes()] == []
    assert [path for path in kept if path.stat().st_mode & 0o077] == []
    assert "hunter2" not in done.stdout + done.stderr


def test_what_was_compiled_by_somebody_else_is_not_run(tmp_path: Path) -> None:
    place = given(tmp_path, {"file": "{% for x in [1] %}{{ x }}{% endfor %}"})
    assert run(tmp_path, place, "--output", str(tmp_path / "one")).returncode == 0
    (cached,) = (tmp_path / "home" / ".cache" / "scaffolder" / "compiled").iterdir()
    good = cached.read_bytes()
    cached.write_bytes(b"not a program")
    assert run(tmp_path, place, "--output", str(tmp_path / "two")).returncode == 0
    cached.write_bytes(good.replace(b"counted", b"no_such"))
    assert run(tmp_path, place, "--output", str(tmp_path / "three")).stderr.startswith("error")  # it is used
    cached.chmod(0o666)
    assert run(tmp_path, place, "--output", str(tmp_path / "four")).returncode == 0  # now it may be anybody's
    cached.chmod(0o600)
    cached.parent.chmod(0o777)
    assert run(tmp_path, place, "--output", str(tmp_path / "five")).returncode == 0


@pytest.mark.parametrize("ref", ["--upload-pack=touch MARK", "-x", "--config=alias.x=!touch MARK"])
def test_a_ref_is_never_an_option_of_git(tmp_path: Path, ref: str) -> None:
    repository = tmp_path / "repository"
    write(repository, template({"a": ""}))
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"]):
        subprocess.run(["git", "-C", str(repository), *words], check=True)
    with pytest.raises(ScaffolderError):
        resolve(str(repository), ref=ref.replace("MARK", str(tmp_path / "mark")), cache=tmp_path / "cache")
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    "address", ["ext::sh -c touch% MARK", "--upload-pack=touch MARK", "file:///nowhere --x", "-oProxyCommand=x"]
)
def test_an_address_runs_nothing(tmp_path: Path, address: str) -> None:
    with pytest.raises(ScaffolderError):
        resolve(address.replace("MARK", str(tmp_path / "mark")), cache=tmp_path / "cache")
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize("directory", ["..", "../other", "/etc", "inner/../../other", "link"])
def test_a_directory_of_a_source_stays_inside(tmp_path: Path, directory: str) -> None:
    write(tmp_path / "other", template({"a": ""}))
    write(tmp_path / "repository", {**template({"a": ""}), "link": Link("../other")})
    with pytest.raises(ScaffolderError):
        resolve(str(tmp_path / "repository"), directory=directory, cache=tmp_path / "cache")


@pytest.mark.parametrize("path", ["../other", "/etc", "a/../../other"])
def test_a_template_within_a_template_stays_inside(path: str) -> None:
    for described in ({"templates": {"a": {"path": path}}}, {"template": [f"A ({path})"]}):
        with pytest.raises(PathEscapes):
            render(tree_of({"cookiecutter.json": json.dumps(described)}), {})
