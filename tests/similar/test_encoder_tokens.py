"""Tokens are those of the original's tokenizer, whatever a text is made of."""

from __future__ import annotations

from functools import cache

import pytest

from scaffolder.similar.encoder.tokenizer import LONGEST_PIECE, MOST_TOKENS, Tokenizer, words
from scaffolder.similar.encoder.weights import mapped

# As `tokenizers` 0.23 cuts them with the tokenizer.json of the original.
ORIGINAL = {
    "Payment-Gateway v2.0": "payment - gateway v ##2 . 0",
    "Café Zürich naïve ÅNGSTRÖM": "cafe zurich naive ang ##strom",
    "ΟΔΥΣΣΕΥΣ": "ο ##δ ##υ ##σ ##σ ##ε ##υ ##σ",  # noqa: RUF001  Greek is what is tested
    "İstanbul": "istanbul",
    "日本語の請求書": "日 本 語 の [UNK] [UNK] 書",
    "한국어": "ᄒ ##ᅡ ##ᆫ ##ᄀ ##ᅮ ##ᆨ ##ᄋ ##ᅥ",
    "a\x00b\x07c\u200bd": "abc ##d",
    "a\x00b\x07cd": "abc ##d",
    "tab\tline\nreturn\rvertical\x0bno\xa0break\u2028line": "tab line return vertical ##no break line",
    "tab\tline\nreturn\rvertical\x0bno": "tab line return vertical ##no",
    "x_y.z$3+4=7^`~|": "x _ y . z $ 3 + 4 = 7 ^ ` ~ |",
    "“quoted”—dash…": "“ quoted ” — dash …",
    "é$3+4=7^`~|": "e $ 3 + 4 = 7 ^ ` ~ |",
    "🦊 emoji 🧾": "[UNK] em ##oj ##i [UNK]",
    "\ufffd�": "",
    "ﬁnance ①": "ﬁ ##nan ##ce [UNK]",
    "unaffable": "una ##ffa ##ble",
    "ḍ̇ohm Ω": "do ##hm ω",
    "x" * 100: " ".join(["xx", *["##xx"] * 49]),
    "x" * 101: "[UNK]",
    "": "",
}


@cache
def tokenizer() -> Tokenizer:
    return Tokenizer(vocabulary())


@cache
def vocabulary() -> bytes:
    return mapped()["vocabulary"].tobytes()


def pieces(text: str) -> list[str]:
    """Return what a text is cut into, its ends left out."""
    names = vocabulary().decode().split("\n")
    first, *inner, last = (names[number] for number in tokenizer()(text))
    assert (first, last) == ("[CLS]", "[SEP]")
    return inner


@pytest.mark.parametrize(("text", "expected"), ORIGINAL.items())
def test_tokens_are_the_original_tokenizers(text: str, expected: str) -> None:
    assert pieces(text) == expected.split()


def test_names_of_special_tokens_are_words_like_any_other() -> None:
    assert pieces("[SEP] [UNK]") == ["[", "sep", "]", "[", "un", "##k", "]"]


def test_a_text_ends_after_as_many_tokens_as_the_model_reads() -> None:
    assert MOST_TOKENS == 256  # the max_seq_length of the original
    assert len(tokenizer()("pay the bill " * 5_000)) == MOST_TOKENS
    assert len(pieces("b" * 99 + " word" * 300)) == MOST_TOKENS - 2


def test_ascii_and_other_texts_are_cut_by_the_same_rules() -> None:
    every = "".join(map(chr, range(128))) + "Word2 word"

    assert words(every) == words(f"{every} é")[:-1]


def test_a_code_unit_that_is_no_character_is_left_out() -> None:
    assert pieces("\ud800lone") == pieces("lone")


def test_pieces_are_sorted_and_none_is_longer_than_what_is_tried() -> None:
    names = vocabulary().split(b"\n")

    assert names == sorted(names)
    assert max(len(name.decode().removeprefix("##")) for name in names) <= LONGEST_PIECE
