"""Where cookiecutter fails we fail, with words; and the few places in which we make something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.errors import ScaffolderError
from scaffolder.template.cookiecutter import render
from scaffolder.tree import Link, Tree
from tests.parity.side_by_side import both, by_cookiecutter, by_us, template
from tests.template.golden import write

if TYPE_CHECKING:
    from pathlib import Path

FAILING: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "undefined": ({"a/file": "x\n{{ cookiecutter.slugg }}"}, {}, r"a/file:2: cookiecutter\.slugg is not defined"),
    "undefined-in-jinja": ({"file": "\n\n{{ cookiecutter.slugg|lower }}"}, {}, r"file:3: cookiecutter\.slugg is not"),
    "undefined-in-a-loop": (
        {"file": "{% for i in (1, 2) %}\n{{ nobody }}{% endfor %}"},
        {},
        r"file:2: 'nobody' is und",
    ),
    "undefined-in-a-default": (
        {"file": ""},
        {"x": "{{ cookiecutter.y }}", "y": 1},
        r"cookiecutter\.json:1 x: .*\.y is not",
    ),
    "syntax": ({"last": "{% if %}"}, {}, r"last:1: "),
    "directory-without-a-name": ({"{% if false %}d{% endif %}/x": ""}, {}, "renders to nothing"),
    "two-directories-of-a-name": (
        {"boat/x": "", "{{cookiecutter.slug}}/y": ""},
        {},
        "another directory or file is already",
    ),
    "three-braces": ({"file": "{{{ cookiecutter.slug }}}"}, {}, r"file:1: "),
    "project-without-a-name": ({"file": ""}, {"slug": ""}, "would have no name"),
    "no-choice": ({"file": ""}, {"choice": []}, "has no choices"),
    "not-included": ({"file": "{% include 'nobody' %}"}, {}, r"file:1: it includes 'nobody'"),
    "no-line-end": ({"file": "a"}, {"_new_lines": "x"}, "is no line end"),
    "unknown-option": ({"file": "a"}, {"_jinja2_env_vars": {"nobody": 1}}, "nobody cannot be set"),
    "options-that-clash": (
        {"file": "{{ 1 }}{% x %}"},
        {"_jinja2_env_vars": {"block_start_string": "{{"}},
        "cannot be used",
    ),
    "no-such-directory": ({"{{cookiecutter.deep}}": ""}, {"deep": "a/b"}, "there is no directory"),
    "nothing-at-the-end-of-a-link": ({"file": Link("nobody")}, {}, "leads to nothing"),
}


@pytest.mark.parametrize("name", FAILING)
def test_what_fails_there_fails_here_and_is_said(tmp_path: Path, name: str) -> None:
    files, variables, words = FAILING[name]
    place = write(tmp_path / "template", template(files, **variables))
    with pytest.raises(Exception):  # noqa: B017, PT011 - of many kinds
        by_cookiecutter(place, tmp_path / "out", {})
    with pytest.raises(ScaffolderError, match=words):
        by_us(place, tmp_path, {})


def test_an_answer_that_is_not_possible_fails_in_both(tmp_path: Path) -> None:
    files = template({"file": ""}, choice=["one", "two"], flag=True)
    for answers, words in (({"choice": "tow"}, "did you mean two"), ({"flag": "perhaps"}, "")):
        place = write(tmp_path / next(iter(answers)), files)
        with pytest.raises(ValueError, match="provided for"):
            by_cookiecutter(place, tmp_path / "out", answers)
        with pytest.raises(ScaffolderError) as refused:
            render(Tree.read(place), answers)
        assert words in refused.value.hint


def test_a_text_that_begins_like_a_picture_is_rendered(tmp_path: Path) -> None:
    pair = both(
        tmp_path, template({"file": "BM is {{ cookiecutter.slug }}", "PACK.txt": "PACK {{ cookiecutter.slug }}"})
    )
    assert pair.theirs["boat/file"][1] == b"BM is {{ cookiecutter.slug }}"
    assert (pair.text("boat/file"), pair.text("boat/PACK.txt")) == ("BM is boat", "PACK boat")


def test_an_answer_is_never_a_template(tmp_path: Path) -> None:
    pair = both(tmp_path, template({"d/file": "{{ cookiecutter.name }}"}, name="x"), {"name": "{{ 6 * 7 }}"})
    assert (pair.theirs["boat/d/file"][1], pair.text("boat/d/file")) == (b"42", "{{ 6 * 7 }}")


def test_text_that_is_not_utf8_is_copied_where_there_is_nothing_to_render(tmp_path: Path) -> None:
    files = template({"file": "caf\u00e9 au lait, s'il vous pla\u00eet\r\n\n".encode("latin-1")})
    with pytest.raises(UnicodeDecodeError):
        by_cookiecutter(write(tmp_path / "template", files), tmp_path / "out", {})
    made = by_us(tmp_path / "template", tmp_path, {})
    assert made["boat/file"][1] == files["{{cookiecutter.slug}}/file"]
