from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.catalog.entity import BadRef, Entity, EntityRef, check, check_name

NAMES = st.from_regex(r"([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]", fullmatch=True)
NAMESPACES = st.from_regex(r"[a-z0-9]{1,10}(-[a-z0-9]{1,10}){0,3}", fullmatch=True)
KINDS = st.from_regex(r"[a-zA-Z][a-zA-Z0-9]{0,20}", fullmatch=True)

COMPONENT = {
    "apiVersion": "backstage.io/v1alpha1",
    "kind": "Component",
    "metadata": {"name": "shop"},
    "spec": {"type": "service", "lifecycle": "production", "owner": "payments"},
}


@given(kind=KINDS, namespace=NAMESPACES, name=NAMES)
def test_a_ref_is_read_as_it_is_printed(kind: str, namespace: str, name: str) -> None:
    ref = EntityRef(kind, name, namespace)

    assert EntityRef.parse(str(ref)) == ref
    assert EntityRef.parse(ref.short) == ref
    assert EntityRef.parse(str(ref).upper()).key == ref.key


@given(st.text(max_size=40))
def test_any_text_is_a_ref_or_an_error(text: str) -> None:
    try:
        ref = EntityRef.parse(text, default_kind="component")
    except BadRef:
        return
    assert EntityRef.parse(str(ref)) == ref


@pytest.mark.parametrize(
    "text", ["", ":", "/", "a:", "component:", "a:b:c", "a/b/c", "shop", None, 3, "component:\x00"]
)
def test_what_names_nothing_is_refused(text: object) -> None:
    with pytest.raises(BadRef):
        EntityRef.parse(text)


def test_parts_that_are_left_out_have_defaults() -> None:
    assert EntityRef.parse("payments", default_kind="Group") == EntityRef("group", "payments", "default")
    assert EntityRef.parse("shop/payments", default_kind="Group").namespace == "shop"
    assert str(EntityRef.parse("Component:Shop")) == "component:default/Shop"


@given(st.text(max_size=70))
def test_the_schema_and_the_words_agree_about_names(name: str) -> None:
    document = {**COMPONENT, "metadata": {"name": name}}

    broken = [problem for problem in check(document) if problem.field == "metadata.name"]

    assert bool(broken) == bool(check_name(name))


@given(NAMES)
def test_good_names_are_good(name: str) -> None:
    assert check_name(name) == ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("page link watch", "a name has letters, digits, '-', '_' and '.'"),
        ("größe", "a name has letters, digits"),
        ("-shop", "begins and ends with a letter or a digit"),
        ("", "at least one"),
        ("a" * 64, "at most 63"),
    ],
)
def test_a_broken_rule_is_said(name: str, words: str) -> None:
    assert words in check_name(name)


def test_a_name_may_be_63_long() -> None:
    assert check_name("a" * 63) == ""
    assert check({**COMPONENT, "metadata": {"name": "a" * 63}}) == []


def test_an_owner_is_a_group_of_the_entitys_namespace() -> None:
    entity = Entity({**COMPONENT, "metadata": {"name": "shop", "namespace": "retail"}})

    assert entity.owner == EntityRef("group", "payments", "retail")


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"apiVersion": "v1"}, "apiVersion", "backstage.io/v1alpha1"),
        ({"kind": "component"}, "kind", "written Component"),
        ({"metadata": {}}, "metadata.name", "is missing"),
        ({"metadata": {"name": 7}}, "metadata.name", "put quotes around it"),
        ({"metadata": {"name": "shop", "tags": ["Big"]}}, "metadata.tags.0", "lower-case"),
        ({"metadata": {"name": "shop", "namespace": "A"}}, "metadata.namespace", "lower-case"),
        ({"metadata": {"name": "shop", "labels": {"a b": "c"}}}, "metadata.labels", '"a b"'),
        ({"metadata": {"name": "shop", "labels": {"a": "c d"}}}, "metadata.labels.a", "label"),
        ({"metadata": {"name": "shop", "annotations": {"a.io/b": True}}}, "metadata.annotations.a.io/b", "quotes"),
        ({"metadata": {"name": "shop", "links": [{"url": "x"}]}}, "metadata.links.0.url", "scheme"),
        ({"metadata": {"name": "shop", "links": [{}]}}, "metadata.links.0.url", "is missing"),
        ({"spec": {"type": "service", "owner": "x"}}, "spec.lifecycle", "is missing"),
        ({"spec": None}, "spec", "should be a mapping"),
    ],
)
def test_each_problem_names_its_field_in_words(change: dict[str, object], field: str, words: str) -> None:
    problems = {problem.field: problem.message for problem in check({**COMPONENT, **change})}

    assert words in problems[field]
    assert not any(re.search(r"\^|\\", message) for message in problems.values())


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("API", {"type": "openapi", "lifecycle": "production", "owner": "a", "definition": "x"}),
        ("Resource", {"type": "database", "owner": "a"}),
        ("System", {"owner": "a"}),
        ("Domain", {"owner": "a"}),
        ("Group", {"type": "team", "children": []}),
        ("User", {"memberOf": []}),
        ("Location", {"target": "./x.yaml"}),
    ],
)
def test_each_kind_has_its_required_fields(kind: str, spec: dict[str, object]) -> None:
    whole = {**COMPONENT, "kind": kind, "spec": spec}

    assert check(whole) == []
    if kind != "Location":
        for field in spec:
            less = {name: value for name, value in spec.items() if name != field}
            assert [problem.field for problem in check({**whole, "spec": less})] == [f"spec.{field}"]


def test_a_template_is_valid_with_its_own_version() -> None:
    template = {
        "apiVersion": "scaffolder.backstage.io/v1beta3",
        "kind": "Template",
        "metadata": {"name": "service"},
        "spec": {"type": "service", "steps": [{"action": "debug:log"}]},
    }

    assert check(template) == []
    assert [problem.field for problem in check({**template, "apiVersion": "backstage.io/v1alpha1"})] == ["apiVersion"]


def test_an_unknown_kind_is_checked_by_the_envelope_alone() -> None:
    assert check({"apiVersion": "example.com/v1", "kind": "Tool", "metadata": {"name": "x"}}) == []
    assert check(["no", "entity"])[0].field == ""
