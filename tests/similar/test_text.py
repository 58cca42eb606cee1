from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.similar.text import LONGEST_WORD, MOST_WORDS, part, pieces, stem


@pytest.mark.parametrize(
    ("identifier", "words"),
    [
        ("linkCheckerAPI", ["link", "Checker", "API"]),
        ("XMLHttpRequest", ["XML", "Http", "Request"]),
        ("link-checker_api.v2", ["link", "checker", "api", "v", "2"]),
        ("GitHub", ["GitHub"]),
        ("k8s-jobs", ["k8s", "jobs"]),
        ("/v1/leave-requests/{id}", ["v", "1", "leave", "requests", "id"]),
        ("", []),
        ("🔥 -- \x00\x1b[2J", ["2", "J"]),
    ],
)
def test_splits_identifiers(identifier: str, words: list[str]) -> None:
    assert pieces(identifier) == words


@pytest.mark.parametrize(
    "forms",
    [
        "check checks checked checking checker checkers",
        "page pages paging",
        "publish published publishing publisher",
        "pay pays paying paid payment payments",
        "notify notifies notified notifier notification notifications",
        "create created creating creator creation",
        "validate validation validator valid",
        "organise organize organisation organization",
        "analyse analyze analysis analyzer",
        "supply supplies supplied supplier",
        "schedule scheduler scheduling scheduled",
        "query queries querying queried",
        "database databases",
        "address addresses",
        "cookie cookies",
        "api apis",
    ],
)
def test_forms_of_a_word_have_one_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    "words",
    [
        "custom customer",
        "auth author authorize",
        "page pager",
        "new news",
        "state station stats",
        "car care",
        "fact factor",
        "engine engineer",
        "conversion conversation",
        "port report",
        "order older",
    ],
)
def test_different_words_keep_different_stems(words: str) -> None:
    assert len({stem(word) for word in words.split()}) == len(words.split())


def test_words_that_say_nothing_are_left_out_and_others_shown_as_written() -> None:
    words = part("Check that the Links on published pages still work").words

    assert [word.written for word in words] == ["Check", "Links", "published", "pages"]


def test_abbreviation_means_what_it_is_short_for_but_is_not_that_word() -> None:
    (management,) = part("management").words
    entity = part("user-mgmt")

    assert entity.says(management)
    assert not entity.has(management)
    assert part("machine learning").says(part("ml").words[0])
    assert not part("machine").says(part("ml").words[0])


def test_accents_and_other_alphabets_are_compared_as_they_stand() -> None:
    assert part("CAFÉ").keys == part("cafe").keys
    assert part("検索 サービス").words != ()
    assert part("поиск").keys == part("ПОИСК").keys


@given(st.text(max_size=500))
def test_any_text_gives_words_that_stand_in_it(text: str) -> None:
    normal = unicodedata.normalize("NFC", text)
    assert all(word.written in normal and word.key for word in part(text).words)


def test_a_very_long_text_is_read_in_part() -> None:
    assert len(part(" ".join(f"word{letter}{n}" for n in range(999) for letter in "abc")).words) <= MOST_WORDS
    assert part("x" * (LONGEST_WORD + 1)).words == ()
