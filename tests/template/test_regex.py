from __future__ import annotations

import pytest

from scaffolder.template.expressions import RenderError
from scaffolder.template.language.bounds import Allowance, Limits
from scaffolder.template.language.faults import Fault
from scaffolder.template.language.regex import Regex
from tests.template.golden import render_text


@pytest.mark.parametrize(
    ("pattern", "text", "groups"),
    [
        ("b+", "abbb", ["bbb"]),
        ("b+?", "abbb", ["b"]),
        ("(a|ab)(c|bcd)(d*)", "abcd", ["abcd", "a", "bcd", ""]),
        ("(?:x(y)?)+", "xyx", ["xyx", None]),
        ("(z)((a+)?(b+)?(c))*", "zaacbbbcac", ["zaacbbbcac", "z", "ac", "a", None, "c"]),
        ("a{2}", "aaa", ["aa"]),
        ("a{1,}b", "aab", ["aab"]),
        ("a{,2}", "a{,2}", ["a{,2}"]),
        ("x{0,2}y", "xxxy", ["xxy"]),
        (r"(\w)\1", "abccd", ["cc", "c"]),
        (r"(?<n>a)\k<n>", "aa", ["aa", "a"]),
        (r"\bcat\b", "a cat.", ["cat"]),
        (r"\Bt", "cat", ["t"]),
        ("a(?=b)", "acab", ["a"]),
        ("a(?!c)", "acab", ["a"]),
        ("(?<=a)b", "bab", ["b"]),
        ("(?<!a)b", "abb", ["b"]),
        ("(?<=(a)(b))c", "abc", ["c", "a", "b"]),
        ("(a*)*", "b", ["", None]),
        ("(a*)+", "b", ["", ""]),
        ("()?b", "b", ["b", None]),
        (r"[\d\-x]+", "ab1-x", ["1-x"]),
        ("[^a-c]+", "abcde", ["de"]),
        (r"[\s\S]", "\n", ["\n"]),
        ("[]", "a", None),
        ("[^]", "a", ["a"]),
        (".", "\n", None),
        (r"A|\x62", "b", ["b"]),
        (r"\u0062\.\/", "b./", ["b./"]),
        ("^b", "a\nb", None),
        ("a$", "a\n", None),
        ("", "abc", [""]),
    ],
)
def test_matches_what_javascript_matches(pattern: str, text: str, groups: list[str | None] | None) -> None:
    match = Regex(pattern, "", Allowance(Limits())).search(text)
    assert (match.groups() if match else None) == groups


def test_flags() -> None:
    allowance = Allowance(Limits())
    assert Regex("^b$", "m", allowance).search("a\nb\nc")
    assert Regex("STRASSE", "i", allowance).search("strasse")
    assert not Regex("b", "y", allowance).search("ab")
    assert [match.start for match in Regex("a*", "g", allowance).all("baa")] == [0, 1, 3]


@pytest.mark.parametrize("pattern", ["(", ")", "[", "a**", "*", "a{2,1}", "[b-a]", "(?<n>a)(?<n>b)", "\\", "(?a)"])
def test_refuses_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(Fault):
        Regex(pattern, "", Allowance(Limits()))


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "(.*)*x", "a*a*a*a*a*a*a*a*b"])
def test_a_pattern_cannot_keep_the_processor_for_ever(pattern: str) -> None:
    with pytest.raises(Exception, match="longer than"):
        Regex(pattern, "", Allowance(Limits(seconds=0.1))).search("a" * 100 + "!")


def test_a_pattern_cannot_fill_the_memory() -> None:
    with pytest.raises(Fault, match="too long"):
        Regex("((a{99}){99}){99}", "", Allowance(Limits()))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("${{ 'myCamelCase'.replace(r/([A-Z])/g, '-$1').toLowerCase() }}", "my-camel-case"),
        ("${{ 'a.b-c'.split(r/[.-]/) }}", "a,b,c"),
        ("${{ 'abc'.split(r/(b)/) | dump }}", '["a","b","c"]'),
        ("${{ 'ab'.replace('b', '[$&$`$$]') }}", "a[ba$]"),
        ("${{ 'x1y22' | replace(r/\\d+/g, '#') }}", "x#y#"),
        ("${{ '2024-05'.replace(r/(?<y>\\d+)-(\\d+)/, '$2/$<y>') }}", "05/2024"),
        ("${{ r/a/g }} ${{ r/a/i.test('A') }}", "/a/g true"),
    ],
)
def test_templates_use_them(source: str, text: str) -> None:
    assert render_text(source, {}) == text


def test_an_invalid_one_is_an_error_of_the_template() -> None:
    with pytest.raises(RenderError, match="has no end"):
        render_text("${{ 'a'.replace(r/(/, '') }}", {})
