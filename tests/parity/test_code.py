"""With hooks and extensions allowed: byte for byte what cookiecutter makes when it runs them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.template.cookiecutter import Code, Origin, render
from scaffolder.template.cookiecutter.hooks import Bench, after_pre_prompt
from scaffolder.template.trust import Allowed
from scaffolder.tree import File, Link, Tree
from tests.parity.side_by_side import found, template
from tests.template.golden import write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scaffolder.tree import Node

Files = dict[str, "str | bytes | Node"]
ALL = Allowed.of("all")
SHOUT = """
from jinja2.ext import Extension

class Shout(Extension):
    tags = {"loud"}

    def __init__(self, environment):
        super().__init__(environment)
        environment.filters["shout"] = lambda text: text.upper() + "!"
        environment.globals["twice"] = lambda text: text * 2

    def preprocess(self, source, name, filename=None):
        return source.replace("WORD", "word")

    def parse(self, parser):
        from jinja2 import nodes
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endloud"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_loud"), [], [], body).set_lineno(line)

    def _loud(self, caller):
        return caller().upper()
"""
TEMPLATES: dict[str, tuple[Files, dict[str, Any]]] = {
    "after": (
        {
            "/hooks/post_gen_project.py": (
                "import os, pathlib\n"
                "os.remove('gone')\n"
                "pathlib.Path('made').mkdir()\n"
                "pathlib.Path('made/{{ cookiecutter.slug }}.txt').write_text('{{ cookiecutter.name }}\\n')\n"
                "os.chmod('script', 0o755)\n"
                "os.rename('old', 'new')\n"
                "pathlib.Path('cwd').write_text(os.path.basename(os.getcwd()))\n"
            ),
            "gone": "x",
            "script": "#!/bin/sh\n",
            "old": "{{ cookiecutter.slug }}",
            "dir/kept": "1",
        },
        {"name": "Blue Boat"},
    ),
    "before": (
        {
            "/hooks/pre_gen_project.sh": "#!/bin/sh\necho {{ cookiecutter.slug }} > early; echo lost > file",
            "file": "{{ cookiecutter.slug }}",
            "places": "{{ cookiecutter._output_dir }} {{ cookiecutter._repo_dir }} {{ cookiecutter._template }}",
        },
        {},
    ),
    "both": (
        {
            "/hooks/pre_gen_project.py": "open('log', 'w').write('before\\n')",
            "/hooks/post_gen_project.py": "import os; open('log', 'a').write(str(sorted(os.listdir('.'))))",
            "{{cookiecutter.slug}}.d/x": "",
        },
        {},
    ),
    "changes-the-context": (
        {
            "/hooks/pre_gen_project.py": (
                "{{ cookiecutter.update({'late': 'x', 'slug2': cookiecutter.slug ~ '2'}) or '' }}"
                "{% set _ = cookiecutter._seen.append('pre') %}"
            ),
            "/hooks/post_gen_project.py": (
                "open('seen', 'w').write('''{{ cookiecutter._seen }} {{ cookiecutter.late }}''')"
            ),
            "{{ cookiecutter.slug2 }}": "{{ cookiecutter.late }}{% set _ = cookiecutter._seen.append('file') %}",
        },
        {"_seen": []},
    ),
    "line-ends": (
        {"/hooks/post_gen_project.py": b"a = 1\r\nopen('x', 'w').write(repr(a) +\r\n '{{ cookiecutter.slug }}')\r\n"},
        {},
    ),
    "with-a-shell-and-a-mode": (
        {
            "/hooks/post_gen_project.sh": File(
                b"#!/bin/bash\nset -eu\nfor i in 1 2; do echo $i >> n; done\nln -s n link\n", 0o644
            )
        },
        {},
    ),
    "what-does-not-count": (
        {
            "/hooks/post_gen_project.py~": "raise SystemExit(1)",
            "/hooks/README.md": "{{ nobody }}",
            "/hooks/post_gen_project_2.py": "raise SystemExit(1)",
            "/hooks/deep/post_gen_project.py": "raise SystemExit(1)",
            "file": "{{ cookiecutter.slug }}",
        },
        {},
    ),
    "a-linked-hook": (
        {"/hooks/post_gen_project.py": Link("../scripts/do.py"), "/scripts/do.py": "open('x', 'w').write('y')"},
        {},
    ),
    "empty-directories-and-nothing-left": (
        {"/hooks/post_gen_project.py": "import os; os.mkdir('empty'); os.remove('only')", "only": "x"},
        {},
    ),
    "a-git-repository": (
        {"/hooks/post_gen_project.sh": "#!/bin/sh\ngit init -q . && rm -rf .git/hooks && echo x > .gitignore\n"},
        {},
    ),
    "options": (
        {
            "/hooks/post_gen_project.py": "open('x', 'w').write('[[ cookiecutter.slug ]] {{ it }}')",
        },
        {"_jinja2_env_vars": {"variable_start_string": "[[", "variable_end_string": "]]"}},
    ),
    "extension": (
        {
            "/local_extensions.py": SHOUT,
            "/hooks/post_gen_project.py": "open('x', 'w').write('{{ cookiecutter.slug|shout }}')",
            "a": "{{ cookiecutter.slug|shout }} {{ twice('ab') }} WORD",
            "plain": "WORD\n",
            "{{cookiecutter.loud}}/b": "{% loud %}{{ cookiecutter.slug }}{% endloud %}{% now 'utc', '%Y' %}",
        },
        {"loud": "{{ cookiecutter.slug|shout }}", "_extensions": ["jinja2.ext.do", "local_extensions.Shout"]},
    ),
    "extension-of-a-package": (
        {
            "/extensions/__init__.py": "",
            "/extensions/tools.py": (
                "from jinja2.ext import Extension\nfrom cookiecutter.utils import simple_filter\n"
                "from .more import word\n"
                "@simple_filter\ndef shout(text):\n    return text + word\n"
            ),
            "/extensions/more.py": "word = '!'",
            "a": "{{ cookiecutter.slug|shout }}",
        },
        {"_extensions": ["extensions.tools.shout"]},
    ),
}


def theirs(place: Path, out: Path, answers: Mapping[str, Any]) -> dict[str, tuple[str, bytes, int]]:
    from cookiecutter.main import cookiecutter

    cookiecutter(str(place), no_input=True, extra_context=dict(answers), output_dir=str(out), default_config=True)
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(str(place)):
            del sys.modules[name]  # it imports a template's modules into our process
    (project,) = out.iterdir()
    return found(project, out)


def ours(place: Path, directory: Path, answers: Mapping[str, Any]) -> dict[str, tuple[str, bytes, int]]:
    origin = Origin(str(place), str(directory / "out"), str(place))
    (directory / "bench").mkdir()
    tree = after_pre_prompt(Tree.read(place), Bench(directory / "bench", print))
    made = render(tree, answers, origin=origin, code=Code(ALL))
    (directory / "ours").mkdir()
    made.tree.write(directory / "ours" / made.name)
    return found(directory / "ours" / made.name, directory / "ours")


@pytest.mark.parametrize("answers", [{}, {"slug": "ship"}])
@pytest.mark.parametrize("name", TEMPLATES)
def test_what_the_code_of_a_template_makes(tmp_path: Path, name: str, answers: dict[str, Any]) -> None:
    files, variables = TEMPLATES[name]
    files = template({"kept": "", **files}, **{"slug": "boat", **variables})
    if "_jinja2_env_vars" in variables:
        files = {path.replace("{{", "[[").replace("}}", "]]"): node for path, node in files.items()}
    place = write(tmp_path / "template", files)
    expected = theirs(place, tmp_path / "out", answers)
    assert ours(place, tmp_path, answers) == expected


def test_the_hook_before_the_questions(tmp_path: Path) -> None:
    hook = (
        "import json, os, pathlib\n"
        "known = json.load(open('cookiecutter.json'))\n"
        "json.dump({**known, 'found': os.path.basename(os.getcwd()) and 'yes'}, open('cookiecutter.json', 'w'))\n"
        "pathlib.Path('{{cookiecutter.slug}}', 'new').write_text('{{ cookiecutter.found }}')\n"
        "home = pathlib.Path(__file__).resolve().parent.parent\n"
        "pathlib.Path('{{cookiecutter.slug}}', 'at').write_text((home / 'cookiecutter.json').read_text()[:1])\n"
    )
    place = write(tmp_path / "template", template({"/hooks/pre_prompt.py": hook, "file": "{{ cookiecutter.slug }}"}))
    expected = theirs(place, tmp_path / "out", {})
    assert expected["boat/new"][1] == b"yes"
    assert ours(place, tmp_path, {}) == expected
    assert not (place / "{{cookiecutter.slug}}" / "new").exists()


def test_a_template_within_a_template_has_its_own_code(tmp_path: Path) -> None:
    inner = template(
        {
            "/hooks/pre_prompt.py": 'open(\'cookiecutter.json\', \'w\').write(\'{"slug": "boat", "x": "1"}\')',
            "/hooks/post_gen_project.py": "open('inner', 'w').write('{{ cookiecutter.x }}')",
            "/local_extensions.py": SHOUT,
            "file": "{{ cookiecutter.slug }}",
        }
    )
    files: Files = {
        "cookiecutter.json": json.dumps({"templates": {"one": {"path": "./one"}}}),
        "hooks/post_gen_project.py": "raise SystemExit('of the outer one')",
        **{f"one/{path}": node for path, node in inner.items()},
    }
    place = write(tmp_path / "template", files)
    assert ours(place, tmp_path, {}) == theirs(place, tmp_path / "out", {})


def test_the_scripts_find_the_places_where_they_run(tmp_path: Path) -> None:
    hook = (
        "import pathlib, shutil\n"
        "project = pathlib.Path('{{ cookiecutter._output_dir }}', '{{ cookiecutter.slug }}')\n"
        "shutil.copy(pathlib.Path('{{ cookiecutter._repo_dir }}', 'licence'), project / 'licence')\n"
    )
    place = write(tmp_path / "template", template({"/hooks/post_gen_project.py": hook, "/licence": "free", "f": "x"}))
    expected = theirs(place, tmp_path / "out", {})
    assert expected["boat/licence"][1] == b"free"
    assert ours(place, tmp_path, {}) == expected
