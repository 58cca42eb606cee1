"""Links out of a template's directory, into the rest of its repository: what cookiecutter makes of them."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from scaffolder.template.cookiecutter import Code, Origin, render
from scaffolder.template.manifest import load
from scaffolder.template.source import resolve
from scaffolder.template.trust import Allowed
from scaffolder.tree import Link
from tests.parity.side_by_side import PROJECT, Found, by_cookiecutter, found
from tests.parity.test_code import theirs
from tests.template.golden import write

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.template.source import Resolved
    from scaffolder.tree import Node

SHOUT = (
    "from cookiecutter.utils import simple_filter\n@simple_filter\ndef shout(text):\n    return text.upper() + '!'\n"
)
FILES: dict[str, str | bytes | Node] = {
    "sub/cookiecutter.json": json.dumps({"slug": "boat", "_extensions": ["more.shout"], "_copy_without_render": ["c"]}),
    "sub/more.py": Link("../shared/more.py"),
    "sub/hooks": Link("../shared/hooks"),
    "sub/templates": Link("../shared/templates"),
    f"sub/{PROJECT}/licence": Link("../../shared/licence"),
    f"sub/{PROJECT}/chain": Link("../../shared/chain"),
    f"sub/{PROJECT}/through": Link("../../short/licence"),
    f"sub/{PROJECT}/within": Link("licence"),
    f"sub/{PROJECT}/back": Link("../../shared/back"),
    f"sub/{PROJECT}/directory": Link("../../shared/directory"),
    f"sub/{PROJECT}/c": Link("../../shared/directory"),
    f"sub/{PROJECT}/page": "{% include 'part' %} {{ cookiecutter.slug|shout }}",
    "sub/whole": Link("../."),
    f"sub/{PROJECT}/around": Link("../whole/sub/inner"),
    f"sub/{PROJECT}/above": Link("../.."),
    "sub/inner": "inner {{ cookiecutter.slug }}",
    "shared/more.py": SHOUT,
    "shared/hooks/post_gen_project.py": "open('hooked', 'w').write('{{ cookiecutter.slug }}')",
    "shared/templates/part": "part of {{ cookiecutter.slug }}",
    "shared/licence": "of {{ cookiecutter.slug }}\n",
    "shared/chain": Link("../other/end"),
    "shared/back": Link("../sub/more.py"),
    "shared/directory/a": "{{ cookiecutter.slug }}",
    "other/end": "end of {{ cookiecutter.slug }}\n",
    "short": Link("shared"),
    "unrelated/a": "",
}


def as_directory(top: Path) -> str:
    subprocess.run(("git", "init", "-q", str(top)), check=True)
    return str(top)


def as_git(top: Path) -> str:
    as_directory(top)
    for arguments in (("add", "."), ("commit", "-q", "-m", "one")):
        subprocess.run(("git", "-C", str(top), *arguments), check=True)
    return f"{top}@HEAD"


def ours(resolved: Resolved, directory: Path) -> Found:
    origin = Origin(resolved.place, str(directory / "out"), resolved.place)
    made = render(resolved.root, {}, directory=resolved.directory, origin=origin, code=Code(Allowed.of("all")))
    (directory / "ours").mkdir()
    made.tree.write(directory / "ours" / made.name)
    return found(directory / "ours" / made.name, directory / "ours")


@pytest.mark.parametrize("kind", [as_directory, as_git])
def test_links_lead_anywhere_in_the_repository(tmp_path: Path, kind: type[str]) -> None:
    top = write(tmp_path / "top", FILES)
    expected = theirs(top / "sub", tmp_path / "out", {})
    shutil.rmtree(top / "shared/__pycache__", ignore_errors=True)
    resolved = resolve(kind(top), directory="sub", cache=tmp_path / "cache")
    assert ours(resolved, tmp_path) == expected
    assert load(resolved).hooks == ("hooks/post_gen_project.py",)


def test_only_what_links_lead_to_is_read_of_a_repository(tmp_path: Path) -> None:
    files = {path: node for path, node in FILES.items() if path not in {"sub/whole", f"sub/{PROJECT}/above"}}
    top = write(tmp_path / "top", {**files, f"sub/{PROJECT}/around": ""})
    resolved = resolve(as_directory(top), directory="sub", cache=tmp_path / "cache")
    assert "shared/licence" in resolved.root
    assert "unrelated/a" not in resolved.root


def test_a_template_includes_what_a_link_to_all_above_it_leads_to(tmp_path: Path) -> None:
    files: dict[str, str | bytes | Node] = {
        "sub/cookiecutter.json": Link("../described.json"),
        "described.json": '{"slug": "boat"}',
        "sub/templates": Link(".."),
        f"sub/{PROJECT}/page": "{% include 'licence' %} {% include 'sub/inner' %}",
        "licence": "of {{ cookiecutter.slug }}",
        "sub/inner": "inner {{ cookiecutter.slug }}",
    }
    top = write(tmp_path / "top", files)
    expected = by_cookiecutter(top / "sub", tmp_path / "out", {})
    assert ours(resolve(as_git(top), directory="sub", cache=tmp_path / "cache"), tmp_path) == expected


def test_no_link_brings_what_is_outside_or_gits_own(tmp_path: Path) -> None:
    write(tmp_path / "secret", {"a": "secret"})
    links = {"a": "../../../secret/a", "b": "../../out/a", "c": "../../.git/config", "d": str(tmp_path / "secret/a")}
    files: dict[str, str | bytes | Node] = {f"sub/{PROJECT}/{name}": Link(target) for name, target in links.items()}
    described: dict[str, str | bytes | Node] = {"sub/cookiecutter.json": '{"slug": "boat"}', "out": Link("../secret")}
    top = as_directory(write(tmp_path / "top", {**files, **described}))
    resolved = resolve(top, directory="sub", cache=tmp_path / "cache")
    assert sorted(resolved.root) == sorted([*files, *described])
