"""Lines are added to a catalog file that somebody else wrote; nothing of theirs changes."""

from __future__ import annotations

import difflib
import json

import pytest
import yaml

from scaffolder.actions.descriptor import inserted

NOTE = {"scaffolder/built-anyway": 'scale: it\'s "more" | than ${{ x }}\nthey: carry — ünïcode'}
WHOLE = """\
# Kept by the platform team
apiVersion: backstage.io/v1alpha1
kind: Component   # a service
metadata:
  name: shop
  # where it is built
  annotations:
    example.com/build: 'yes'
  tags: [a,   b]
spec:
  type: service
  owner: "team"
"""


def add(text: str, **more: str) -> str:
    return inserted(text, "shop", annotations=NOTE, spec=more)


def lines_taken_away(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line.startswith("- ")]


def annotated(text: str, number: int = 0) -> dict[str, str]:
    found: dict[str, str] = list(yaml.safe_load_all(text))[number]["metadata"]["annotations"]
    return found


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        WHOLE.replace("  # where it is built\n  annotations:\n    example.com/build: 'yes'\n", ""),
        WHOLE.replace("metadata:", "metadata: # ünïcode — before the place 🛒"),
        WHOLE.replace("    example.com/build", "      example.com/build"),
        f"---\n{WHOLE}",
        WHOLE.rstrip("\n"),
        WHOLE.replace("\n", "\r\n"),
    ],
    ids=["annotations", "none", "unicode", "deeper", "document-mark", "no-line-end", "crlf"],
)
def test_a_line_is_added_and_none_is_changed(text: str) -> None:
    after = add(text, subcomponentOf="component:default/store")

    assert after != text
    assert lines_taken_away(text, after) == []
    kept = annotated(text) if "example.com" in text else {}
    assert annotated(after) == {**kept, **NOTE}
    assert yaml.safe_load(after)["spec"]["subcomponentOf"] == "component:default/store"
    assert add(after, subcomponentOf="component:default/store") == after


def test_line_ends_stay_what_they_are() -> None:
    after = add(WHOLE.replace("\n", "\r\n"))

    assert after.count("\n") == after.count("\r\n") > WHOLE.count("\n")


def test_only_the_component_of_that_name_is_meant() -> None:
    other = WHOLE.replace("name: shop", "name: till").replace("example.com/build", "example.com/other")
    api = "kind: API\nmetadata:\n  name: shop\n"
    text = f"{other}---\n{api}---\n{WHOLE}"

    after = add(text)

    assert annotated(after, 0) == {"example.com/other": "yes"}
    assert "annotations" not in list(yaml.safe_load_all(after))[1]["metadata"]
    assert annotated(after, 2) == {"example.com/build": "yes", **NOTE}


def test_what_the_template_said_stays() -> None:
    text = WHOLE.replace("example.com/build: 'yes'", "scaffolder/built-anyway: theirs")

    assert add(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "kind: Component\nmetadata:\n  name: till\n",
        "kind: [unclosed\n",
        "- a list\n",
        "kind: Component\nmetadata: &m\n  name: shop\n  annotations: &a {}\n",
        "kind: Component\nmetadata:\n  name: shop\n  annotations: text\n",
        "",
    ],
    ids=["another", "broken", "list", "anchor", "no-mapping", "empty"],
)
def test_what_is_not_understood_stays_as_it_is(text: str) -> None:
    assert add(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "kind: Component\nmetadata: {name: shop, annotations: {}} # one\nspec: {type: service}\n",
        "kind: Component\nmetadata: {name: ünïcode, name: shop} # one\nspec: {type: service}\n",
        "kind: Component\nmetadata: {\n  name: shop,\n  annotations: { # one\n  }\n}\nspec: {type: service}\n",
        '{"kind": "Component", "metadata": {"name": "shop"}, "spec": {"type": "service"}}\n',
    ],
)
def test_a_mapping_in_braces_takes_it_too(text: str) -> None:
    after = inserted(text, "shop", annotations={"a/b": "x: y"}, spec={"subcomponentOf": "component:default/store"})

    assert annotated(after) == {"a/b": "x: y"}
    assert yaml.safe_load(after)["spec"] == {"type": "service", "subcomponentOf": "component:default/store"}
    assert ("# one" in after) == ("# one" in text)
    assert not text.startswith("{") or json.loads(after)


def test_annotations_that_hold_nothing_yet() -> None:
    text = WHOLE.replace("    example.com/build: 'yes'\n", "")

    after = add(text)

    assert after == text or annotated(after) == NOTE
