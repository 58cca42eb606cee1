"""What a birth adds to what the template made: only where there is none, and nothing is overwritten."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.actions.additions import Facts, annotations_of, completed
from scaffolder.catalog.entity import check
from scaffolder.tree import Directory, File, Link, Node, Tree

FACTS = Facts(
    name="shop",
    purpose="Sells what others make",
    owner="group:default/parcels",
    system="system:default/market",
    extends="",
    template="template:default/small",
    lock="the lock\n",
    similar=(
        {
            "entityRef": "component:default/till",
            "title": "Till",
            "owner": "group:default/payments",
            "matched": ["sells"],
            "unmentioned": ["others", "make"],
        },
    ),
    reason="scale: ten times as many",
    decided_on="2026-01-31",
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=60)


def made(files: dict[str, str | Node], facts: Facts = FACTS) -> Tree:
    nodes = {path: File(text.encode()) if isinstance(text, str) else text for path, text in files.items()}
    return completed(Tree(nodes), facts, template=Tree())


def text(tree: Tree, path: str) -> str:
    found = tree.text(path)
    assert found is not None, sorted(tree)
    return found


def test_a_template_that_makes_only_code_gets_everything() -> None:
    tree = made({"main.py": "x"})

    assert sorted(tree) == [
        ".scaffolder.yaml",
        "catalog-info.yaml",
        "docs/decisions/0001-similar-services.md",
        "docs/index.md",
        "main.py",
        "mkdocs.yml",
    ]
    entry = yaml.safe_load(text(tree, "catalog-info.yaml"))
    assert check(entry) == []
    assert entry["metadata"]["annotations"] == {
        "backstage.io/techdocs-ref": "dir:.",
        "backstage.io/source-template": "template:default/small",
        "scaffolder/built-anyway": "scale: ten times as many",
        "scaffolder/similar": "component:default/till",
    }
    assert entry["spec"] == {
        "type": "service",
        "lifecycle": "experimental",
        "owner": "group:default/parcels",
        "system": "system:default/market",
    }


def test_nothing_that_the_template_made_is_overwritten() -> None:
    theirs: dict[str, str | Node] = {
        ".scaffolder.yaml": "theirs",
        "catalog-info.yaml": "kind: Location\n",
        "mkdocs.yml": "theirs",
        "docs/index.md": "theirs",
        "docs/decisions/0007-similar-services.md": "theirs",
    }

    assert made(theirs) == made(theirs).overlaid({path: File(str(one).encode()) for path, one in theirs.items()})
    assert sorted(made(theirs)) == sorted(theirs)


@pytest.mark.parametrize("node", [Link("elsewhere.yaml"), File(b"\xff\xfe")])
def test_a_catalog_file_that_is_no_text_stays(node: Node) -> None:
    assert made({"catalog-info.yaml": node})["catalog-info.yaml"] == node


def test_the_templates_own_entry_gets_the_reason() -> None:
    theirs = "kind: Component\nmetadata:\n  name: shop\nspec:\n  type: website\n"

    entry = yaml.safe_load(text(made({"catalog-info.yaml": theirs}), "catalog-info.yaml"))

    assert entry["metadata"]["annotations"] == {"backstage.io/techdocs-ref": "dir:.", **annotations_of(FACTS)}
    assert entry["spec"] == {"type": "website"}


def test_docs_of_the_templates_own_are_its_own_to_register() -> None:
    theirs = "kind: Component\nmetadata:\n  name: shop\nspec:\n  type: website\n"

    tree = made({"catalog-info.yaml": theirs, "mkdocs.yml": "site_name: shop\n"})

    assert yaml.safe_load(text(tree, "catalog-info.yaml"))["metadata"]["annotations"] == annotations_of(FACTS)


def test_docs_are_named_as_the_entry_sees_them() -> None:
    tree = made({}, replace(FACTS, catalog_file="backstage/entry.yaml"))

    entry = yaml.safe_load(text(tree, "backstage/entry.yaml"))
    assert entry["metadata"]["annotations"]["backstage.io/techdocs-ref"] == "dir:.."


def test_what_extends_another_service_is_part_of_it() -> None:
    tree = made({}, replace(FACTS, extends="component:default/till"))

    assert yaml.safe_load(text(tree, "catalog-info.yaml"))["spec"]["subcomponentOf"] == "component:default/till"
    assert "It extends `component:default/till`" in text(tree, "docs/decisions/0001-similar-services.md")


@pytest.mark.parametrize("site", ["mkdocs.yml", "mkdocs.yaml"])
def test_a_documentation_site_of_the_template_is_left_alone(site: str) -> None:
    tree = made({site: "theirs"})

    assert [path for path in tree if path.startswith(("mkdocs", "docs/index"))] == [site]


def test_documents_without_a_site_get_one_and_no_first_page() -> None:
    tree = made({"docs/guide.md": "theirs"})

    assert "mkdocs.yml" in tree
    assert "docs/index.md" not in tree


@pytest.mark.parametrize(
    ("present", "number"),
    [
        ([], "0001"),
        (["0001-use-python.md"], "0002"),
        (["0009-a.md", "0010-b.md", "README.md"], "0011"),
        (["12-short.md"], "0013"),
        (["template.md"], "0001"),
    ],
)
def test_the_decision_record_takes_the_next_number(present: list[str], number: str) -> None:
    tree = made({f"docs/decisions/{name}": "theirs" for name in present})

    record = text(tree, f"docs/decisions/{number}-similar-services.md")
    assert record.startswith(f"# {int(number)}. Similar services\n\nDate: 2026-01-31\n")
    assert "| `component:default/till` | group:default/payments | sells | others, make |" in record
    assert "Why it was built anyway: scale: ten times as many" in record


def test_without_anything_similar_the_record_says_so() -> None:
    tree = made({}, replace(FACTS, similar=(), reason=""))

    assert "The catalog held nothing like it." in text(tree, "docs/decisions/0001-similar-services.md")
    assert annotations_of(replace(FACTS, similar=(), reason="")) == {"backstage.io/source-template": FACTS.template}


@pytest.mark.parametrize("docs", [File(b"theirs"), Link("documentation")])
def test_what_is_in_the_way_of_an_addition_stays(docs: Node) -> None:
    tree = made({"catalog-info.yaml/inside": "theirs", "docs": docs, "mkdocs.yml": Directory()})

    assert sorted(tree) == [".scaffolder.yaml", "catalog-info.yaml/inside", "docs", "mkdocs.yml"]
    assert tree["docs"] == docs


@given(TEXTS, TEXTS)
def test_every_entry_validates_whatever_people_type(purpose: str, reason: str) -> None:
    tree = made({}, replace(FACTS, purpose=purpose, reason=reason))

    entry = yaml.safe_load(text(tree, "catalog-info.yaml"))
    assert check(entry) == []
    assert entry["metadata"]["description"] == purpose
    assert yaml.safe_load(text(tree, "mkdocs.yml"))["site_description"] == purpose


@given(TEXTS)
def test_the_reason_comes_into_an_entry_of_the_template_unchanged(reason: str) -> None:
    theirs = "# ü\nkind: Component\nmetadata:\n  name: shop\n"

    entry = yaml.safe_load(
        text(made({"catalog-info.yaml": theirs}, replace(FACTS, reason=reason)), "catalog-info.yaml")
    )

    assert entry["metadata"]["annotations"]["scaffolder/built-anyway"] == reason
