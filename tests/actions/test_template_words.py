"""Which words of an entry are its golden path's: those that stand in the template, and that no person used."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.actions.additions import completed
from scaffolder.actions.template_words import LARGEST_FILE, MOST_WORDS, of_entry
from scaffolder.catalog.entity import Entity, check
from scaffolder.similar.description import of_entity
from scaffolder.similar.own_words import TEMPLATE_WORDS
from scaffolder.tree import File, Tree
from tests.actions.test_additions import FACTS

SAID = ("parcel-counter", "Counts parcels per hour")


def tree(**files: str) -> Tree:
    return Tree({path: File(text.encode()) for path, text in files.items()})


def component(description: str, *tags: str) -> Entity:
    return Entity({"kind": "Component", "metadata": {"name": "x", "description": description, "tags": [*tags]}})


def words(template: str, description: str, *tags: str, file: str = "skeleton/catalog-info.yaml") -> list[str]:
    return of_entry(component(description, *tags), tree(**{file: template}), said=SAID).split()


def test_words_of_the_skeleton_are_its_own_and_those_of_the_purpose_are_not() -> None:
    found = words(
        "description: Streaming job on Kafka, with replay. ${{ values.text }}\ntags: [golden-path]",
        "Streaming job on Kafka, with replay. Counts parcels per hour",
        "golden-path",
    )

    assert found == ["golden", "job", "kafka", "path", "replay", "streaming"]


@pytest.mark.parametrize("template", ["Counts parcels by the hour, streaming", "Hours, counted: streaming"])
def test_a_word_that_both_used_is_the_persons_in_any_form(template: str) -> None:
    assert words(template, "Streaming. Counts parcels per hour; counted, hours") == ["streaming"]


def test_a_word_inside_of_an_identifier_is_said_too() -> None:
    found = of_entry(component("Streaming till"), tree(**{"a.yaml": "streaming till"}), said=["shopTill"])

    assert found == "streaming"


@pytest.mark.parametrize(
    "put_in",
    [
        "${{ values.kafka }}",
        "{{ cookiecutter.kafka }}",
        "{% if kafka %}",
        "{#- kafka\nkafka -#}",
        "${{\n  kafka\n}}",
    ],
)
def test_what_is_put_in_is_not_the_templates(put_in: str) -> None:
    assert words(f"streaming {put_in} job", "streaming kafka job") == ["job", "streaming"]


def test_what_stands_in_no_file_is_nobodys() -> None:
    assert words("streaming", "Streaming for everyone at Example Parcels") == ["streaming"]


@pytest.mark.parametrize(
    ("file", "is_read"),
    [
        ("template.yaml", True),
        ("skeleton/catalog-info.yml", True),
        ("skeleton/catalog-info.yaml.njk", True),
        ("skeleton/{% if values.x %}Entry.YAML{% endif %}", True),
        ("skeleton/openapi.json", True),
        ("skeleton/src/main.py", False),
        ("skeleton/README.md", False),
    ],
)
def test_the_files_that_describe_are_read(file: str, is_read: bool) -> None:  # noqa: FBT001 - what is expected
    assert words("streaming", "Streaming", file=file) == (["streaming"] if is_read else [])


def test_only_words_that_would_be_compared() -> None:
    assert words("The v2 of 2024 is a streaming x", "The v2 of 2024 is a streaming x") == ["streaming"]


def test_an_api_also_says_what_its_definition_does() -> None:
    definition = json.dumps({"info": {"title": "Ledger of parcels"}, "paths": {"/notes/{note_id}": {}}}, indent=1)
    metadata = {"name": "parcel-counter", "description": "Counts parcels"}
    api = {"kind": "API", "metadata": metadata, "spec": {"definition": definition}}
    template = tree(**{"openapi.json": definition})

    assert of_entry(Entity(api), template, said=SAID) == "id ledger note notes"
    assert of_entry(Entity({**api, "kind": "Component"}), template, said=SAID) == ""


def test_no_more_than_so_many() -> None:
    many = [
        f"word{'abcdefghij'[number // 10 % 10]}{'abcdefghij'[number % 10]}{number // 100 * 'x'}"
        for number in range(150)
    ]
    text = " ".join(reversed(many))

    assert words(text, text) == sorted([*reversed(many)][:MOST_WORDS])


def test_a_large_file_is_passed_over() -> None:
    assert words("streaming " + "x" * LARGEST_FILE, "streaming") == []


@pytest.mark.parametrize("hostile", ["{{", "{%", "{#", "{{ {% {# ", "{" * 9])
def test_expressions_that_never_end_cost_no_more_than_reading(hostile: str) -> None:
    text = (hostile * LARGEST_FILE)[: LARGEST_FILE - 10]
    began = time.process_time()

    assert words(f"streaming {text}", "streaming kafka") == ["streaming"]
    assert time.process_time() - began < 1


@given(st.text(max_size=80), st.text(max_size=80), st.lists(st.text(max_size=20), max_size=3))
def test_whatever_is_written_the_annotation_holds_and_leaves_the_purpose(
    template: str, purpose: str, tags: list[str]
) -> None:
    entity = component(f"{template} {purpose}", *tags)
    found = of_entry(entity, tree(**{"a.yaml": f"{template} {' '.join(tags)}"}), said=[purpose])

    assert found.split() == sorted(set(found.split()))
    noted = Entity({**entity.document, "metadata": {**entity.metadata, "annotations": {TEMPLATE_WORDS: found}}})
    own = of_entity(component(purpose), frozenset()).texts.purpose.split()
    assert set(own) <= set(of_entity(noted, frozenset()).texts.purpose.split())


# -- in the catalog file

ENTRY = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: shop
  description: Streaming job. Sells what others make
spec: {type: service, lifecycle: production, owner: parcels, providesApis: [shop-api]}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: shop-api
  description: Sells what others make
spec:
  type: openapi
  lifecycle: production
  owner: parcels
  definition: {$text: ./api/openapi.yaml}
"""
DEFINITION = "info:\n  title: Notes\npaths:\n  /notes: {}\n"


def born(entry: str = ENTRY, path: str = "catalog-info.yaml", **template: str) -> list[dict[str, Any]]:
    rendered = tree(**{path: entry, "api/openapi.yaml": DEFINITION})
    skeleton = tree(**{"a.yaml": "Streaming job. Yes. Sells what others make", "openapi.yaml": DEFINITION, **template})
    whole = completed(rendered, FACTS, template=skeleton)
    return list(yaml.safe_load_all(whole.text(path) or ""))


def noted(document: dict[str, Any]) -> str | None:
    annotations: dict[str, str] = document["metadata"].get("annotations", {})
    return annotations.get(TEMPLATE_WORDS)


def test_every_entity_of_the_file_keeps_its_own() -> None:
    component, api = born()

    assert noted(component) == "job streaming"
    assert noted(api) == "notes"
    assert api["metadata"]["annotations"] == {TEMPLATE_WORDS: "notes"}
    assert check(component) == []


def test_what_the_template_noted_itself_stays() -> None:
    component, _ = born(ENTRY.replace("name: shop\n", f"name: shop\n  annotations: {{{TEMPLATE_WORDS}: theirs}}\n"))

    assert noted(component) == "theirs"


def test_nothing_is_noted_where_the_template_says_nothing() -> None:
    component, _ = born(ENTRY.replace("Streaming job. ", ""))

    assert noted(component) is None
    assert "backstage.io/source-template" in component["metadata"]["annotations"]


def test_a_word_that_means_something_in_yaml_is_a_text() -> None:
    component, _ = born(ENTRY.replace("Streaming job.", "Yes."))

    assert noted(component) == "yes"


def test_an_entry_that_is_ours_has_no_words_of_a_template() -> None:
    whole = completed(Tree(), FACTS, template=tree(**{"a.yaml": FACTS.purpose}))

    assert noted(yaml.safe_load(whole.text("catalog-info.yaml") or "")) is None
