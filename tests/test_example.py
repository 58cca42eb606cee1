"""The example organisation is a catalog without a fault: whatever it shows, a new user may copy."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

EXAMPLE = Path(__file__).parent.parent / "scaffolder" / "example"

CORE_API_VERSION = "backstage.io/v1alpha1"
NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
NAMESPACE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
TAG = re.compile(r"[a-z0-9:+#]+(-[a-z0-9:+#]+)*")
DNS_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
KNOWN_ANNOTATIONS = {"backstage.io/source-location", "backstage.io/techdocs-ref"}
LIFECYCLES = {"experimental", "production", "deprecated"}
COMPONENT_TYPES = {"service", "website", "library", "pipeline"}

REQUIRED = {
    "Component": {"type", "lifecycle", "owner"},
    "API": {"type", "lifecycle", "owner", "definition"},
    "Resource": {"type", "owner"},
    "System": {"owner"},
    "Domain": {"owner"},
    "Group": {"type", "children"},
    "User": {"memberOf"},
    "Location": {"targets"},
}

# Where an entity names others: for each field, the kind that a short ref defaults to and the kinds allowed.
OWNER = ("group", {"group", "user"})
ANY_DEPENDENCY = (None, {"component", "resource"})
REFS: dict[str, dict[str, tuple[str | None, set[str]]]] = {
    "Component": {
        "owner": OWNER,
        "system": ("system", {"system"}),
        "subcomponentOf": ("component", {"component"}),
        "providesApis": ("api", {"api"}),
        "consumesApis": ("api", {"api"}),
        "dependsOn": ANY_DEPENDENCY,
        "dependencyOf": ANY_DEPENDENCY,
    },
    "API": {"owner": OWNER, "system": ("system", {"system"})},
    "Resource": {
        "owner": OWNER,
        "system": ("system", {"system"}),
        "dependsOn": ANY_DEPENDENCY,
        "dependencyOf": ANY_DEPENDENCY,
    },
    "System": {"owner": OWNER, "domain": ("domain", {"domain"})},
    "Domain": {"owner": OWNER, "subdomainOf": ("domain", {"domain"})},
    "Group": {
        "parent": ("group", {"group"}),
        "children": ("group", {"group"}),
        "members": ("user", {"user"}),
    },
    "User": {"memberOf": ("group", {"group"})},
    "Location": {},
}
OTHER_FIELDS = {"type", "lifecycle", "definition", "profile", "targets"}

# Built more than once, by teams that did not know of each other.
DUPLICATES = [
    ["notification-service", "parcel-alerts", "msg-gw"],
    ["invoice-renderer", "doc-gen"],
    ["feature-flags", "toggle-svc"],
    ["address-validation", "addr-check"],
    ["short-links", "url-shortener"],
    ["shipping-rates", "price-quote"],
    ["fx-rates", "currency-converter"],
]
# Alike in name only.
NAMESAKES = [
    ["payment-gateway", "payment-reporting", "payment-reconciliation"],
    ["tracking-api", "tracking-pixel"],
    ["route-planner", "edge-router"],
    ["feature-flags", "feature-store"],
    ["address-validation", "address-book"],
    ["notification-service", "notification-preferences"],
    ["invoice-renderer", "invoice-approval"],
    ["short-links", "link-checker"],
]

Entity = dict[str, Any]
Ref = tuple[str, str, str]


def read(path: Path) -> list[Entity]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def follow(path: Path) -> Iterator[tuple[Path, Entity]]:
    """Yield every entity of a file, and of what its Locations point to."""
    for entity in read(path):
        yield path, entity
        if entity["kind"] == "Location":
            for target in entity["spec"]["targets"]:
                found = sorted(path.parent.glob(target))
                assert found, f"{target} matches no file"
                for file in found:
                    yield from follow(file)


@pytest.fixture(scope="module")
def placed() -> list[tuple[Path, Entity]]:
    """Every entity with the file it stands in."""
    return list(follow(EXAMPLE / "catalog-info.yaml"))


@pytest.fixture(scope="module")
def entities(placed: list[tuple[Path, Entity]]) -> list[Entity]:
    return [entity for _, entity in placed]


@pytest.fixture(scope="module")
def by_ref(entities: list[Entity]) -> dict[Ref, Entity]:
    return {ref_of(entity): entity for entity in entities}


def ref_of(entity: Entity) -> Ref:
    metadata = entity["metadata"]
    return (entity["kind"].lower(), metadata.get("namespace", "default").lower(), metadata["name"].lower())


def parse_ref(text: str, default_kind: str | None, default_namespace: str) -> Ref:
    kind, colon, rest = text.rpartition(":")
    namespace, slash, name = rest.rpartition("/")
    assert colon or default_kind, f"{text} must name its kind"
    return (
        (kind if colon else default_kind or "").lower(),
        (namespace if slash else default_namespace).lower(),
        name.lower(),
    )


def refs_in(entity: Entity, field: str) -> list[Ref]:
    """The entities named by one field of the spec."""
    default_kind, _ = REFS[entity["kind"]][field]
    value = entity["spec"].get(field, [])
    texts = [value] if isinstance(value, str) else value
    return [parse_ref(text, default_kind, ref_of(entity)[1]) for text in texts]


def of_kind(entities: list[Entity], kind: str) -> list[Entity]:
    return [entity for entity in entities if entity["kind"] == kind]


def teams_behind(owner: Ref, by_ref: dict[Ref, Entity]) -> set[Ref]:
    if owner[0] == "user":
        return set(refs_in(by_ref[owner], "memberOf"))
    return {owner}


def strings_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings_in(key)
            yield from strings_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item)


def test_is_a_company_of_middle_size(entities: list[Entity]) -> None:
    counts = Counter(entity["kind"] for entity in entities)
    group_types = Counter(group["spec"]["type"] for group in of_kind(entities, "Group"))

    assert counts["Component"] >= 40
    assert counts["API"] >= 15
    assert counts["Resource"] >= 8
    assert counts["System"] >= 8
    assert counts["Domain"] >= 3
    assert counts["User"] >= 25
    assert group_types["team"] >= 9
    assert group_types["department"] >= 1


def test_no_file_is_left_out(placed: list[tuple[Path, Entity]]) -> None:
    reached = {path.resolve() for path, _ in placed}
    reached |= {
        (path.parent / api["spec"]["definition"]["$text"]).resolve() for path, api in placed if api["kind"] == "API"
    }

    assert reached == {path.resolve() for path in EXAMPLE.rglob("*") if path.is_file() and path.name != "README.md"}


def test_envelopes(entities: list[Entity]) -> None:
    assert [e for e in entities if set(e) != {"apiVersion", "kind", "metadata", "spec"}] == []
    assert {entity["apiVersion"] for entity in entities} == {CORE_API_VERSION}
    assert {entity["kind"] for entity in entities} == set(REQUIRED)


def test_names_are_valid_and_free(entities: list[Entity]) -> None:
    names = [entity["metadata"]["name"] for entity in entities]
    namespaces = [ref_of(entity)[1] for entity in entities]
    times = Counter(ref_of(entity) for entity in entities)

    assert [name for name in names if len(name) > 63 or not NAME.fullmatch(name)] == []
    assert [name for name in namespaces if len(name) > 63 or not NAMESPACE.fullmatch(name)] == []
    assert [ref for ref, count in times.items() if count > 1] == []


def test_specs_are_complete_and_hold_nothing_unknown(entities: list[Entity]) -> None:
    missing = [
        (ref_of(entity), field) for entity in entities for field in REQUIRED[entity["kind"]] - set(entity["spec"])
    ]
    unknown = [
        (ref_of(entity), field)
        for entity in entities
        for field in set(entity["spec"]) - set(REFS[entity["kind"]]) - OTHER_FIELDS
    ]

    assert missing == []
    assert unknown == []


def test_types_and_lifecycles_are_the_well_known_ones(entities: list[Entity]) -> None:
    components = of_kind(entities, "Component")
    lifecycles = {entity["spec"]["lifecycle"] for entity in [*components, *of_kind(entities, "API")]}

    assert {component["spec"]["type"] for component in components} == COMPONENT_TYPES
    assert lifecycles == LIFECYCLES


def test_every_ref_leads_to_an_entity(entities: list[Entity], by_ref: dict[Ref, Entity]) -> None:
    dangling = [
        (ref_of(entity), field, ref)
        for entity in entities
        for field, (_, kinds) in REFS[entity["kind"]].items()
        for ref in refs_in(entity, field)
        if ref not in by_ref or ref[0] not in kinds
    ]

    assert dangling == []


def test_parents_and_children_agree(entities: list[Entity]) -> None:
    groups = of_kind(entities, "Group")
    from_above = {(ref_of(group), child) for group in groups for child in refs_in(group, "children")}
    from_below = {(parent, ref_of(group)) for group in groups for parent in refs_in(group, "parent")}

    assert from_above == from_below


def test_members_agree_with_memberships(entities: list[Entity], by_ref: dict[Ref, Entity]) -> None:
    for group in of_kind(entities, "Group"):
        for member in refs_in(group, "members"):
            assert ref_of(group) in refs_in(by_ref[member], "memberOf")


def test_every_team_has_people_and_can_be_reached(entities: list[Entity]) -> None:
    memberships = {ref for user in of_kind(entities, "User") for ref in refs_in(user, "memberOf")}

    for group in of_kind(entities, "Group"):
        assert ref_of(group) in memberships
        assert group["spec"]["profile"].keys() >= {"displayName", "email"}
        if group["spec"]["type"] == "team":
            assert any(link.get("icon") == "chat" for link in group["metadata"]["links"])


def test_every_provided_api_belongs_to_one_component(entities: list[Entity]) -> None:
    providers = Counter(
        ref for component in of_kind(entities, "Component") for ref in refs_in(component, "providesApis")
    )

    assert providers == Counter(ref_of(api) for api in of_kind(entities, "API"))


def test_tags_labels_and_annotations(entities: list[Entity]) -> None:
    for entity in entities:
        metadata = entity["metadata"]
        tags = metadata.get("tags", [])
        assert [tag for tag in tags if len(tag) > 63 or not TAG.fullmatch(tag)] == []
        assert len(tags) == len(set(tags))
        for label in metadata.get("labels", {}).values():
            assert isinstance(label, str)
            assert label == "" or (len(label) <= 63 and NAME.fullmatch(label))
        for key in [*metadata.get("labels", {}), *metadata.get("annotations", {})]:
            assert_valid_key(key)
        for value in metadata.get("annotations", {}).values():
            assert isinstance(value, str)


def assert_valid_key(key: str) -> None:
    prefix, slash, name = key.rpartition("/")
    assert len(name) <= 63
    assert NAME.fullmatch(name)
    if slash:
        assert len(prefix) <= 253
        assert DNS_SUBDOMAIN.fullmatch(prefix)
    if prefix == "backstage.io" or prefix.endswith(".backstage.io"):
        assert key in KNOWN_ANNOTATIONS


def test_source_locations_are_folders_and_no_two_share_one(entities: list[Entity]) -> None:
    locations = [
        entity["metadata"]["annotations"]["backstage.io/source-location"]
        for entity in entities
        if "backstage.io/source-location" in entity["metadata"].get("annotations", {})
    ]

    assert [where for where in locations if not re.fullmatch(r"url:https://\S+/", where)] == []
    assert len(locations) == len(set(locations))


def test_no_address_belongs_to_anybody(entities: list[Entity]) -> None:
    words = [word for entity in entities for text in strings_in(entity) for word in text.split()]
    hosts = [urlsplit(word.removeprefix("url:")).hostname for word in words if "://" in word]
    hosts += [word.partition("@")[2] for word in words if "@" in word]

    assert hosts
    assert [host for host in hosts if not re.fullmatch(r"([a-z-]+\.)?example\.(com|org)", host or "")] == []


def test_links_have_an_address(entities: list[Entity]) -> None:
    links = [link for entity in entities for link in entity["metadata"].get("links", [])]

    assert [link for link in links if urlsplit(link["url"]).scheme != "https"] == []
    assert [link for link in links if not link.keys() <= {"url", "title", "icon", "type"}] == []


def test_api_definitions_define_something(placed: list[tuple[Path, Entity]]) -> None:
    types = Counter[str]()
    for path, api in placed:
        if api["kind"] != "API":
            continue
        types[api["spec"]["type"]] += 1
        text = (path.parent / api["spec"]["definition"]["$text"]).read_text(encoding="utf-8")
        match api["spec"]["type"]:
            case "openapi":
                assert_openapi(yaml.safe_load(text))
            case "asyncapi":
                assert yaml.safe_load(text)["channels"]
            case "grpc":
                assert re.search(r"^service \w+ \{", text, re.MULTILINE)
            case other:
                pytest.fail(f"unexpected API type {other}")

    assert types["openapi"] >= 12
    assert types["asyncapi"] + types["grpc"] >= 1


def assert_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.")
    assert document["info"].keys() >= {"title", "version"}
    assert len(document["paths"]) >= 2
    for path, operations in document["paths"].items():
        in_path = set(re.findall(r"\{(\w+)\}", path))
        for operation in operations.values():
            assert operation["responses"]
            declared = {item["name"] for item in operation.get("parameters", []) if item["in"] == "path"}
            assert declared == in_path, path


def test_descriptions_are_as_uneven_as_in_life(entities: list[Entity]) -> None:
    lengths = [len(component["metadata"].get("description", "")) for component in of_kind(entities, "Component")]

    assert 2 <= lengths.count(0) <= 5
    assert sum(0 < length < 40 for length in lengths) >= 2
    assert sum(length >= 40 for length in lengths) >= 0.8 * len(lengths)


def test_both_teams_and_people_own_components(entities: list[Entity]) -> None:
    owners = Counter(ref[0] for component in of_kind(entities, "Component") for ref in refs_in(component, "owner"))

    assert owners["user"] >= 3
    assert owners["group"] > 4 * owners["user"]


@pytest.mark.parametrize("family", DUPLICATES, ids=lambda family: str(family[0]))
def test_duplicates_belong_to_different_teams(family: list[str], by_ref: dict[Ref, Entity]) -> None:
    members = [by_ref["component", "default", name] for name in family]
    teams = [teams_behind(refs_in(member, "owner")[0], by_ref) for member in members]

    assert len(set.union(*teams)) == sum(map(len, teams)) == len(family)


@pytest.mark.parametrize("namesakes", NAMESAKES, ids=lambda namesakes: str(namesakes[0]))
def test_namesakes_exist_with_a_description(namesakes: list[str], by_ref: dict[Ref, Entity]) -> None:
    assert all(by_ref["component", "default", name]["metadata"]["description"] for name in namesakes)
