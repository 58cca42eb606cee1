"""Other people's text cannot become markup of a comment."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from scaffolder.cli.markdown import LONGEST, code, link, prose

HOSTILE = (
    "# heading",
    "1. list",
    "2) list",
    "- item",
    "+ item",
    "* item",
    "===",
    "a\n\n# heading\n\n| a | b |\n| - | - |\n| c | d |",
    "<img src=x onerror=alert(1)> <script>x</script> <!-- comment -->",
    "[text](http://evil.example) ![image](http://evil.example/x.png) <http://evil.example> [a][b]\n\n[b]: http://x.example",
    "**bold** __bold__ ~~gone~~ `code` ``co`de``",
    "```\nfence",
    "~~~\nfence",
    "&lt;b&gt; &#60;b&#62;",
    "> quote",
    "\\<b> \\\\<b>",
    "\tindented",
)
# what GitHub and GitLab make of the text once it is rendered
NOTICED = re.compile(
    r"@\w|#\d|!\d|\bGH-\d|https?://|www\.|:\w+:|\$\w|\b(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{7,40}\b|mailto:\w|\w@\w",
    re.IGNORECASE,
)


def rendered(text: str) -> str:
    return str(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text))


def tags(html: str) -> list[str]:
    return re.findall(r"<(\w+)", html)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("before", ["", "> ", "- ", "1. x\n\n   ", "Some words: "])
def test_prose_is_a_paragraph_wherever_it_stands(text: str, before: str) -> None:
    assert tags(rendered(before + prose(text))) == tags(rendered(f"{before}word"))


@given(st.text(alphabet=st.sampled_from("`*_[]()<>#+-.!|~:@/&\\= \n\taw1"), max_size=40))
def test_no_text_at_all_becomes_markup(text: str) -> None:
    assert tags(rendered(f"> {prose(text)}")) in (["blockquote", "p"], ["blockquote"])
    assert tags(rendered(f"- {code(text)}")) == ["ul", "li", "code"]


@pytest.mark.parametrize(
    "text",
    [
        "@octocat",
        "ask @org/team.",
        "fixes #12",
        "org/repo#12",
        "GH-12",
        "!7",
        "https://evil.example/x",
        "HTTP://EVIL.example",
        "www.evil.example",
        "a@evil.example",
        "mailto:a@evil.example",
        ":tada:",
        "$x$",
        "deadbeef1cafe",
        "0123456789abcdef0123456789abcdef01234567",
        "@\u200boctocat",
        "@\u2060octocat",
        "\\@octocat",
    ],
)
def test_prose_mentions_nobody_and_links_nowhere(text: str) -> None:
    assert not NOTICED.search(re.sub("<[^>]*>", "", rendered(prose(text))))


def test_prose_reads_as_it_was_written() -> None:
    text = "Checks links (daily), e.g. on GOV.UK: 50 % of `a_b` & <c> — für @alle"
    assert "\u200b" not in prose("At most 1000000 pages, defaced or not")

    html = rendered(prose(text)).replace("\u200b", "")

    assert html == "<p>Checks links (daily), e.g. on GOV.UK: 50 % of `a_b` &amp; &lt;c&gt; — für @alle</p>\n"


def test_what_cannot_be_seen_is_left_out() -> None:
    assert prose("a\x1b[31m\u202eb\u2066\U000e0041\u00adc\0\ud800d") == "a \\[31m b c d"


def test_long_text_is_cut() -> None:
    assert len(prose("x " * 5_000)) <= LONGEST
    assert prose("x" * 5_000).endswith("…")


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "http://", "https://good.example@evil.example/", "x", "", "http://a b"],
)
def test_only_pages_are_linked(url: str) -> None:
    assert link("`x`", url) == "`x`"


def test_an_address_stays_inside_its_link() -> None:
    html = rendered(link("`x`", "https://a.example/b>c)<script>[d](e)\\|`@"))

    assert tags(html) == ["p", "a", "code"]
    assert 'href="https://a.example/b%3Ec%29%3Cscript%3E%5Bd%5D%28e%29%5C%7C%60@"' in html
