from __future__ import annotations

import pytest

from scaffolder.errors import InvalidInput
from scaffolder.template.globs import matcher

PATHS = (
    "a/b/c.js",
    "a/f.test.js",
    "a/f.txt",
    ".hid/e.txt",
    "r.md",
    "r.txt",
    "static/s.css",
    "static/x/t.txt",
    "x[1].md",
)


@pytest.mark.parametrize(
    ("globs", "matched"),
    [
        (["*.txt"], ["r.txt"]),
        (["**/*.txt"], ["a/f.txt", ".hid/e.txt", "r.txt", "static/x/t.txt"]),
        (["static"], ["static/s.css", "static/x/t.txt"]),
        (["static/"], ["static/s.css", "static/x/t.txt"]),
        (["static/*"], ["static/s.css"]),
        (["s*"], []),
        (["s*/**"], ["static/s.css", "static/x/t.txt"]),
        (["**", "!a/**", "!*.{md,txt}"], [".hid/e.txt", "static/s.css", "static/x/t.txt"]),
        (["@(a|static)/*.@(js|css)"], ["a/f.test.js", "static/s.css"]),
        (["{a,static}/[!s]*"], ["a/f.test.js", "a/f.txt"]),
        (["r.?d", "x[[]1].md"], ["r.md", "x[1].md"]),
        (["[a-c]/**/?.js"], ["a/b/c.js"]),
        (["!a"], []),
        (["./static/*", "./r.txt", "./*.md"], ["r.md", "x[1].md"]),
        (["./static", "a//f.txt", "r.*", "!./r.txt"], ["a/f.txt", "r.md", "static/s.css", "static/x/t.txt"]),
        (["static/..", "!a", "!.hid/."], ["r.md", "r.txt", "static/s.css", "static/x/t.txt", "x[1].md"]),
        (["!r.txt", "*.txt"], ["r.txt"]),
        (["*.txt", "!r.txt", "r.*"], ["r.md", "r.txt"]),
        (["x!(z).md", "./!(a|s*)/*.txt"], [".hid/e.txt", "x[1].md"]),
        (["./!(r).txt", "./!(r*).md"], ["x[1].md"]),
        (["x{0..2}*", "x[[]{0..2}].md"], ["x[1].md"]),
        (["{r}.md", "(r.md", "***.txt"], ["r.txt"]),
        (["[a-r]+.txt", "(static)?/*.css"], ["r.txt", "static/s.css"]),
    ],
)
def test_matches_what_the_engine_matches(globs: list[str], matched: list[str]) -> None:
    matches = matcher(globs)
    assert [path for path in PATHS if matches(path)] == matched


@pytest.mark.parametrize("glob", ["[", "{a", "{a}", "{a..b", "[]", "(x", "\\", "[!]", "a)", "|"])
def test_what_means_nothing_does_no_harm(glob: str) -> None:
    assert not matcher([glob])("somewhere/else")


def test_braces_without_a_comma_mean_themselves() -> None:
    assert matcher(["${{ values.name }}.txt"])("${{ values.name }}.txt")


def test_a_range_cannot_take_all_memory() -> None:
    with pytest.raises(InvalidInput, match="longer than 1,000"):
        matcher(["{1..9000000000}"])("1")


@pytest.mark.slow
def test_a_glob_cannot_keep_the_processor_for_ever() -> None:
    with pytest.raises(InvalidInput, match="longer than"):
        matcher(["*a" * 60 + "b"])("a" * 250)
