from __future__ import annotations

import time

import pytest

from scaffolder.template.readme import LONGEST, summary
from tests.template.golden import tree_of


@pytest.mark.parametrize(
    ("readme", "says"),
    [
        ("# Boats\n\nMakes boats.\n", "Makes boats."),
        ("# Boats\n\n[![build](https://a/b.svg)](https://a/)\n![x][y]\n\nMakes boats. And more.\n", "Makes boats."),
        ("[Cookiecutter](https://a/) template for\n**small** `boats`\n", "Cookiecutter template for small boats"),
        ("_A good_ [template][t] for [boats].\n", "A good template for boats."),
        ("<h1>\n  Boats\n</h1>\n\n<!-- not\n\nthis -->\n\nMakes v1.2 boats!\n", "Makes v1.2 boats!"),
        (
            "```sh\npip install it\n\nand more\n```\n\n* a list\n\n| a | table |\n\n1. one\n\nMakes boats\n",
            "Makes boats",
        ),
        ("Boats of wood\n=============\n\nMakes `boats <https://a/>`_ here.\n", "Makes boats here."),
        ("Boats\n", ""),
        ("", ""),
    ],
)
def test_the_first_sentence_says_what_it_is_for(readme: str, says: str) -> None:
    assert summary(tree_of({"README.md": readme})) == says


def test_a_readme_may_be_of_another_kind() -> None:
    assert summary(tree_of({"README.rst": "Makes many boats.\n"})) == "Makes many boats."
    assert summary(tree_of({"a": ""})) == ""


@pytest.mark.parametrize("piece", ["<!--", "```", "[", "![", "a.", "`", "_", "<", "a ", "\n \n"])
def test_a_readme_of_any_form_is_read_quickly(piece: str) -> None:
    began = time.process_time()
    assert len(summary(tree_of({"README.md": piece * 1_000_000}))) <= LONGEST
    assert time.process_time() - began < 5
