"""Actions that work on files: what they take and leave, and that nothing outside the workspace is touched."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import pytest

from scaffolder.actions import debug, entity_file, fetch, filesystem, workspace
from scaffolder.errors import ScaffolderError
from scaffolder.gateways.git import Identity
from scaffolder.task.action import ActionContext
from scaffolder.task.pinned import Pinned
from scaffolder.template import elsewhere
from scaffolder.template.errors import TemplateNotFound
from scaffolder.template.expressions import RenderError
from scaffolder.template.manifest import COOKIECUTTER_FILE, TEMPLATE_FILE
from scaffolder.template.source import Resolved, TemplateSource
from scaffolder.template.trust import NOTHING, Allowed
from scaffolder.tree import BelongsToGit, File, Link, Node, PathEscapes
from tests.gateways.repositories import as_person, commit, made
from tests.template.golden import tree_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ACTIONS = {
    action.id: action
    for module in (debug, entity_file, fetch, filesystem, workspace)
    for action in module.scaffolder_actions()
}
BEFORE: dict[str, str | bytes | Node] = {
    "a.txt": "a",
    "b.txt": "b",
    ".hidden": "h",
    "[id].js": "1",
    "i.js": "2",
    "!x": "3",
    "d/e.txt": "e",
    "d/g/h.txt": "h",
    "run.sh": File(b"#!", 0o755),
}


class Steps:
    """Runs actions in one workspace."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.workspace = root / "workspace"
        self.said: list[str] = []
        self.template: dict[str, Any] = {}
        self.source, self.manifest = TemplateSource("/templates", "", "", "", ""), TEMPLATE_FILE
        self.allowed = NOTHING
        tree_of(BEFORE).write(self.workspace)

    def run(self, action: str, **value: Any) -> Mapping[str, Any]:
        given = {name.rstrip("_"): one for name, one in value.items()}
        output: Mapping[str, Any] = ACTIONS[action].run(self._context(), given)
        return output

    def _context(self) -> ActionContext:
        return ActionContext(
            task_id="task-1",
            step_id="step",
            workspace=self.workspace,
            task_directory=self.root,
            template=Resolved(self.source, tree_of(self.template), "", self.manifest),
            template_ref="template:default/small",
            forge=cast("Any", None),
            catalog=cast("Any", None),
            identity=Identity("Ann", "ann@example.com"),
            created_at=datetime(2026, 1, 2, tzinfo=UTC),
            began_before=False,
            log=self.said.append,
            allowed=self.allowed,
            elsewhere=Pinned(lambda url, pin: elsewhere.read(url, cache=self.root / "cache", pin=pin)),
        )

    @property
    def files(self) -> set[str]:
        found = (path for path in self.workspace.rglob("*") if not path.is_dir())
        return {path.relative_to(self.workspace).as_posix() for path in found}


@pytest.fixture
def steps(tmp_path: Path) -> Steps:
    return Steps(tmp_path)


# -- fs:delete


@pytest.mark.parametrize(
    ("glob", "gone"),
    [
        ("*", {"a.txt", "b.txt", ".hidden", "[id].js", "i.js", "!x", "run.sh"}),
        ("*.txt", {"a.txt", "b.txt"}),
        ("**/*.txt", {"a.txt", "b.txt", "d/e.txt", "d/g/h.txt"}),
        ("{a,b}.txt", {"a.txt", "b.txt"}),
        ("[id].js", {"[id].js", "i.js"}),
        ("!x", {"!x"}),
        ("!(a).txt", {"b.txt"}),
        ("**a*", {"a.txt"}),
        ("d", {"d/e.txt", "d/g/h.txt"}),
        ("d/../a.txt", {"a.txt"}),
        (".", set(BEFORE)),
        ("nothing", set()),
    ],
)
def test_a_glob_deletes_files_and_leaves_directories(steps: Steps, glob: str, gone: set[str]) -> None:
    steps.run("fs:delete", files=[glob])
    assert steps.files == set(BEFORE) - gone
    assert (steps.workspace / "d" / "g").is_dir()


def test_files_behind_a_link_are_deleted_unless_it_leads_out(steps: Steps) -> None:
    outside = tree_of({"x/kept.txt": ""})
    outside.write(steps.root / "outside")
    tree_of({"in": Link("d"), "nowhere": Link("missing"), "up": Link("."), "d/here.txt": ""}).write(steps.workspace)
    (steps.workspace / "out").symlink_to(steps.root / "outside")
    steps.run("fs:delete", files=["in/*.txt", "**/kept.txt", "nowhere", "up/**"])
    assert not {"d/here.txt", "d/e.txt"} & steps.files
    assert "a.txt" in steps.files
    assert all((steps.workspace / link).is_symlink() for link in ("in", "nowhere", "up", "out"))
    assert (steps.root / "outside" / "x" / "kept.txt").exists()


def test_a_link_that_leads_to_itself_is_no_file(steps: Steps) -> None:
    tree_of({"self": Link("self"), "one": Link("two"), "two": Link("one")}).write(steps.workspace)
    steps.run("fs:delete", files=["**"])
    assert all((steps.workspace / link).is_symlink() for link in ("self", "one", "two"))
    assert not (steps.workspace / "a.txt").exists()


# -- fs:rename


@pytest.mark.slow
def test_directories_that_link_to_one_another_are_not_gone_through_for_ever(steps: Steps) -> None:
    names = [f"d{number}" for number in range(12)]
    for name in names:
        (steps.workspace / name).mkdir(parents=True)
        for other in names:
            (steps.workspace / name / other).symlink_to(f"../{other}")
    with pytest.raises(filesystem.TooManyWays, match="links in it lead to one another"):
        steps.run("fs:delete", files=["**/*.txt"])


def test_what_is_renamed_keeps_its_mode_and_its_parents_are_made(steps: Steps) -> None:
    steps.run("fs:rename", files=[{"from": "run.sh", "to": "bin/run"}, {"from": "d", "to": "e"}])
    assert (steps.workspace / "bin" / "run").stat().st_mode & 0o777 == 0o755
    assert steps.files >= {"bin/run", "e/e.txt", "e/g/h.txt"}


def test_a_directory_replaces_a_directory_whole(steps: Steps) -> None:
    (steps.workspace / "other").mkdir()
    (steps.workspace / "other" / "x").touch()
    steps.run("fs:rename", files=[{"from": "d", "to": "other", "overwrite": True}])
    assert {path for path in steps.files if path.startswith("other/")} == {"other/e.txt", "other/g/h.txt"}


@pytest.mark.parametrize(
    "file",
    [
        {"from": "a.txt", "to": "b.txt"},
        {"from": "a.txt", "to": "a.txt", "overwrite": True},
        {"from": "a.txt", "to": "d", "overwrite": True},
        {"from": "d", "to": "a.txt", "overwrite": True},
        {"from": "d", "to": "d/x"},
        {"from": "nothing", "to": "b.txt", "overwrite": True},
        {"from": "d", "to": "", "overwrite": True},
        {"from": ".", "to": "x"},
    ],
)
def test_what_cannot_be_renamed_stays(steps: Steps, file: Mapping[str, Any]) -> None:
    with pytest.raises(ScaffolderError):
        steps.run("fs:rename", files=[file])
    assert steps.files == set(BEFORE)


# -- fs:readdir


def test_a_listing_goes_by_name_and_then_into_the_last_directory_first(steps: Steps) -> None:
    (steps.workspace / "c").mkdir()
    (steps.workspace / "c" / "z").touch()
    found = steps.run("fs:readdir", paths=["."], recursive=True)
    assert [one["path"] for one in found["files"]] == [
        *("!x", ".hidden", "[id].js", "a.txt", "b.txt", "i.js", "run.sh"),
        *("d/e.txt", "d/g/h.txt", "c/z"),
    ]
    assert [one["name"] for one in found["folders"]] == ["c", "d", "g"]
    assert found["files"][3]["fullPath"] == str(steps.workspace / "a.txt")


def test_without_more_a_listing_stays_where_it_is(steps: Steps) -> None:
    found = steps.run("fs:readdir", paths=["d"])
    assert found["files"] == [{"name": "e.txt", "path": "d/e.txt", "fullPath": str(steps.workspace / "d/e.txt")}]
    assert [one["path"] for one in found["folders"]] == ["d/g"]


# -- nothing outside


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("fs:delete", {"files": ["../outside"]}),
        ("fs:delete", {"files": ["/etc/passwd"]}),
        ("fs:delete", {"files": ["link/*"]}),
        ("fs:delete", {"files": ["out"]}),
        ("fs:rename", {"files": [{"from": "../outside", "to": "x"}]}),
        ("fs:rename", {"files": [{"from": "a.txt", "to": "../x"}]}),
        ("fs:rename", {"files": [{"from": "a.txt", "to": "link/x"}]}),
        ("fs:rename", {"files": [{"from": "link/secret", "to": "x"}]}),
        ("fs:readdir", {"paths": [".."]}),
        ("fs:readdir", {"paths": ["link"]}),
        ("catalog:write", {"filePath": "../x.yaml", "entity": {"metadata": {}}}),
        ("catalog:write", {"filePath": "link/x.yaml", "entity": {"metadata": {}}}),
        ("workspace:template", {"sourcePath": "../outside", "targetPath": "x"}),
        ("workspace:template:file", {"sourcePath": "a.txt", "targetPath": "../x"}),
        ("fetch:plain:file", {"url": "f", "targetPath": "link/x"}),
        ("fetch:plain:file", {"url": "../f", "targetPath": "x"}),
    ],
)
def test_nothing_outside_the_workspace_is_touched(steps: Steps, action: str, value: dict[str, Any]) -> None:
    outside = steps.root / "outside"
    outside.mkdir()
    (outside / "secret").write_text("s")
    (steps.workspace / "link").symlink_to(outside)
    (steps.workspace / "out").symlink_to(outside / "secret")
    steps.template = {"f": "x"}
    try:
        steps.run(action, **value)
    except ScaffolderError as error:
        assert isinstance(error, PathEscapes)  # noqa: PT017 - a link that is not followed is no error
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert "s" not in {path.read_text() for path in steps.workspace.glob("x*")}
    assert (steps.root / "x.yaml").exists() is (steps.root / "x").exists() is False


def test_a_link_is_measured_from_where_it_really_is(steps: Steps) -> None:
    tree_of({"p/q/up": Link("../..")}).write(steps.workspace)
    steps.template = {"s/out": Link("../../.."), "s/near": Link("../a.txt")}
    steps.run("fetch:plain", url="./s", targetPath="p/q/up/x")
    assert [path.name for path in (steps.workspace / "x").iterdir()] == ["near"]


# -- fetch


def test_a_single_file_is_copied_with_its_mode(steps: Steps) -> None:
    steps.template = {"tool": File(b"#!", 0o755), "text": "${{ values.x }}"}
    steps.run("fetch:plain:file", url="./tool", targetPath="a.txt")
    steps.run("fetch:plain:file", url="text", targetPath="run.sh")
    steps.run("fetch:plain", url="./tool", targetPath="new/tool")
    modes = {name: (steps.workspace / name).stat().st_mode & 0o777 for name in ("a.txt", "run.sh", "new/tool")}
    assert modes == {"a.txt": 0o755, "run.sh": 0o644, "new/tool": 0o755}
    assert (steps.workspace / "run.sh").read_text() == "${{ values.x }}"
    with pytest.raises(fetch.NoDirectory):
        steps.run("fetch:plain:file", url="./tool", targetPath="not/there")


def test_a_repository_elsewhere_is_read_through_git(steps: Steps) -> None:
    library = made(steps.root / "library.git", tree_of({"skeletons/x/${{ values.n }}.txt": "${{ values.n }}"}))
    commit(library, tree_of({"top": "1"}), ref="refs/heads/feature/a")
    base = "https://git.acme.example/library"
    as_person(steps.root, "config", "--global", f"url.file://{steps.root}/library.git.insteadOf", base)
    steps.run("fetch:template", url=f"{base}/tree/main/skeletons/x", values={"n": "q"})
    steps.run("fetch:plain:file", url=f"{base}/blob/feature/a/top", targetPath="old")
    steps.run("fetch:plain", url=f"{base}/tree/feature/a", targetPath="all")
    assert [(steps.workspace / name).read_text() for name in ("q.txt", "old", "all/top")] == ["q", "1", "1"]
    for wrong in ("tree/main/nothing", "tree/nothing/x"):
        with pytest.raises(ScaffolderError):
            steps.run("fetch:plain", url=f"{base}/{wrong}")
    with pytest.raises(TemplateNotFound, match="nothing"):
        elsewhere.read(f"{base}/tree/main/nothing", cache=steps.root / "cache")
    for own in (f"file://{steps.root}/library.git", f"file://localhost{steps.root}/library.git", "file:///etc"):
        with pytest.raises(PathEscapes):
            steps.run("fetch:plain", url=own)


def test_what_is_copied_is_for_the_step_to_say_and_not_for_its_contents(steps: Steps) -> None:
    steps.template = {
        "c/cookiecutter.json": '{"name": "default", "_copy_without_render": ["*.txt"], "_extensions": ["acme.X"]}',
        "c/a.txt": "{{cookiecutter.name}}",
    }
    steps.run("fetch:cookiecutter", url="./c", values={})
    assert (steps.workspace / "a.txt").read_text() == "default"


def test_what_is_not_defined_is_named_with_the_file_as_the_author_knows_it(steps: Steps) -> None:
    steps.template = {"c/docs/a.md": "x\n{{cookiecutter.owner | jsonify}}\n"}
    with pytest.raises(RenderError, match=r"^c/docs/a\.md:2: .*owner"):
        steps.run("fetch:cookiecutter", url="./c", values={"name": "n"})


def test_contents_are_rendered_by_cookiecutter_with_the_steps_values(steps: Steps) -> None:
    steps.template = {
        "c/cookiecutter.json": '{"name": "default", "more": "m-{{cookiecutter.name}}"}',
        "c/{{cookiecutter.name}}/x": "{{cookiecutter.more}} {{cookiecutter.added}}",
        "c/kept": "{{cookiecutter.name}}",
    }
    steps.run("fetch:cookiecutter", url="./c", values={"name": "n", "added": 5}, copyWithoutRender=["kept"])
    assert (steps.workspace / "n" / "x").read_text() == "m-n 5"
    assert (steps.workspace / "kept").read_text() == "{{cookiecutter.name}}"


def test_the_hooks_of_a_template_are_its_own_wherever_it_is_read_from(steps: Steps) -> None:
    steps.template = {
        "cookiecutter.json": '{"slug": "boat"}',
        "hooks/post_gen_project.py": "open('hooked', 'w')",
        "{{cookiecutter.slug}}/x": "",
    }
    steps.source, steps.manifest = TemplateSource("https://example.com/boats", "", "", "", ""), COOKIECUTTER_FILE
    steps.allowed = Allowed.of("all")
    steps.run("fetch:cookiecutter", url=".", values={})
    assert (steps.workspace / "hooked").exists()


# -- git's own directory


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("fetch:template:file", {"url": "./f", "targetPath": ".git/hooks/pre-commit", "values": {}}),
        ("fetch:plain", {"url": "./f", "targetPath": ".git/config"}),
        ("fetch:plain", {"url": "./c", "targetPath": "git~1"}),
        ("fetch:plain", {"url": "./link", "targetPath": "t"}),
        ("fetch:plain:file", {"url": "./f", "targetPath": ".git"}),
        ("fetch:cookiecutter", {"url": "./cc", "values": {"name": ".git"}}),
        ("fs:rename", {"files": [{"from": "d", "to": "deep/.git"}]}),
        ("catalog:write", {"filePath": ".git/config", "entity": {"kind": "Component", "metadata": {}}}),
    ],
)
def test_nothing_is_written_for_git_to_run(steps: Steps, action: str, value: dict[str, Any]) -> None:
    steps.template = {
        "c/${{ values.name }}/config": "x",
        "cc/{{ cookiecutter.name }}/config": "x",
        "link/to": Link(".git/hooks"),
        "f": "x",
    }
    with pytest.raises(BelongsToGit):
        steps.run(action, **value)
    assert not [path for path in steps.workspace.rglob("*") if "git" in path.name.casefold() or path.name == "to"]


# -- workspace:template


def test_what_is_in_the_workspace_is_rendered_beside(steps: Steps) -> None:
    tree_of({"t/${{ values.n }}": "${{ values.n }}", "t/l": Link("${{ values.n }}")}).write(steps.workspace)
    steps.run("workspace:template", sourcePath="t", targetPath="made", values={"n": "q"})
    steps.run("workspace:template:file", sourcePath="t/${{ values.n }}", targetPath="one", values={"n": "r"})
    assert (steps.workspace / "made" / "q").read_text() == "q"
    assert os.readlink(steps.workspace / "made" / "l") == "${{ values.n }}"  # noqa: PTH115 - as it is written
    assert (steps.workspace / "one").read_text() == "r"


@pytest.mark.parametrize("target", ["t", "t/x", "./t"])
def test_nothing_is_made_within_what_it_is_made_of(steps: Steps, target: str) -> None:
    tree_of({"t/x": ""}).write(steps.workspace)
    with pytest.raises(workspace.Overlaps):
        steps.run("workspace:template", sourcePath="t", targetPath=target)


def test_a_link_that_leads_nowhere_yet_is_written_through_but_not_out(steps: Steps) -> None:
    tree_of({"t": "${{ values.n }}", "later": Link("d/new"), "linked": Link("t")}).write(steps.workspace)
    (steps.workspace / "out").symlink_to(steps.root / "not-there")
    steps.run("workspace:template:file", sourcePath="linked", targetPath="later", values={"n": "q"})
    assert (steps.workspace / "d" / "new").read_text() == "q"
    with pytest.raises(PathEscapes):
        steps.run("workspace:template:file", sourcePath="t", targetPath="out", values={"n": "q"})
    assert not (steps.root / "not-there").exists()


# -- catalog:write, debug:log


def test_an_entity_is_written_with_the_template_it_is_made_by(steps: Steps) -> None:
    steps.run("catalog:write", entity={"kind": "Component", "metadata": {"name": "x", "tags": []}})
    assert (steps.workspace / "catalog-info.yaml").read_text() == (
        "kind: Component\n"
        "metadata:\n"
        "  name: x\n"
        "  tags: []\n"
        "  annotations:\n"
        "    backstage.io/source-template: template:default/small\n"
    )
    with pytest.raises(entity_file.NoMetadata):
        steps.run("catalog:write", entity={"kind": "Component"})


def test_the_log_has_the_message_and_on_request_the_files_and_what_is_in_them(steps: Steps) -> None:
    steps.run("debug:log", message="hi")
    steps.run("fs:delete", files=["[!ab]*", "d", ".hidden", "!x", "[[]*"])
    steps.said.clear()
    steps.run("debug:log", listWorkspace=True)
    steps.run("debug:log", listWorkspace="with-contents")
    assert steps.said == ["a.txt", "b.txt", "a.txt", "    a", "b.txt", "    b"]
