"""Whose something is, whatever a person has at hand to ask by."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from scaffolder.app.meant import NobodysPath, NothingMeant, PathMissing, repository
from scaffolder.app.owners import Answer, owners
from scaffolder.catalog import Catalog, EntityRef
from scaffolder.catalog.entity import BadRef
from scaffolder.catalog.entries import EntityNotFound
from tests.catalog.files import component, group, location, user, write

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.errors import ScaffolderError

LINKS = """\
  links:
    - {url: 'https://run.example/orders', title: Runbook}
    - {url: 'https://graphs.example/orders', title: Orders, type: dashboard}
    - {url: 'https://acme.slack.com/archives/C1', title: Chat}
    - {url: 'https://docs.example/orders', title: Documentation}
"""
NOTED = """\
  annotations:
    backstage.io/source-location: url:https://github.com/acme/orders/
    backstage.io/techdocs-ref: dir:.
    pagerduty.com/service-id: P123
"""
SOURCE = "  annotations: {{backstage.io/source-location: 'url:https://git.example/acme/mono{}'}}\n"
SYSTEM = "apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: selling}\nspec: {owner: trade}\n"
LOCK = (
    "template: {source: ../golden-paths, path: python, version: v1.2, digest: 'sha256:0'}\n"
    "tool: {version: '1', task: t}\n"
)

CATALOG = "---\n".join(
    [
        component("orders", owner="trade", more=f"  description: Takes orders of visitors\n{NOTED}{LINKS}"),
        component("billing", owner="gone", spec="  system: selling\n"),
        component("stock", owner="silent"),
        component("mono-a", more=SOURCE.format("/-/tree/main/a/")),
        component("mono", more=SOURCE.format("")),
        component("lonely", owner="user:bob"),
        SYSTEM,
        group("trade", spec="  profile: {displayName: Trade, email: trade@example.com}\n  members: [ann]\n"),
        group("silent", spec="  parent: department\n"),
        group("department", children="[silent]", more="  annotations: {slack.com/channel: '#department'}\n"),
        user("ann", spec="  profile: {displayName: Ann, email: ann@example.com}\n"),
        user("bob", "trade", spec="  profile: {email: bob@example.com}\n"),
        user("orderly"),
    ]
)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    made = Catalog(tmp_path / "home" / "catalog.db")
    made.add(str(write(tmp_path / "company", {"all.yaml": CATALOG}) / "all.yaml"))
    return made


def asked(catalog: Catalog, text: str, here: Path) -> Answer:
    return owners(catalog, text, here)


def git(place: Path, *words: str) -> None:
    place.mkdir(parents=True, exist_ok=True)
    subprocess.run(["git", *words], cwd=place, check=True, capture_output=True)


def test_one_answer_has_all_that_is_asked(catalog: Catalog, tmp_path: Path) -> None:
    answer = asked(catalog, "orders", tmp_path)

    assert (answer.entity.name, answer.meant.way, answer.owner.name) == ("orders", "ref", "Trade (trade)")
    assert answer.ways == ("trade@example.com", "PagerDuty P123", "Chat https://acme.slack.com/archives/C1")
    assert [each.title for each in answer.people] == ["Ann", "bob"]
    assert answer.running == ("Runbook https://run.example/orders", "Orders https://graphs.example/orders")
    assert answer.docs == ("in its source, docs", "Documentation https://docs.example/orders")
    assert answer.source == "https://github.com/acme/orders"
    assert answer.readme == "https://github.com/acme/orders#readme"
    assert answer.instead is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("orders", "orders"),
        ("ORDERS", "orders"),
        ("component:default/orders", "orders"),
        ("default/orders", "orders"),
        ("Component:orders", "orders"),
        ("system:selling", "selling"),
        ("selling", "selling"),
        ("orders of visitors", "orders"),
        ("order", "orders"),
        ("trade", "trade"),
        ("https://github.com/acme/orders", "orders"),
        ("https://github.com/ACME/orders/blob/main/src/app.py", "orders"),
        ("git@github.com:acme/orders.git", "orders"),
        ("ssh://git@github.com:22/acme/orders.git", "orders"),
        ("https://git.example/acme/mono/-/blob/main/a/src/x.py", "mono-a"),
        ("https://git.example/acme/mono/-/blob/main/ab/x.py", "mono"),
    ],
)
def test_a_ref_a_name_an_address_or_words(catalog: Catalog, tmp_path: Path, text: str, name: str) -> None:
    assert asked(catalog, text, tmp_path).entity.name == name


def test_what_could_be_meant_as_well_is_told(catalog: Catalog, tmp_path: Path) -> None:
    answer = asked(catalog, "order", tmp_path)

    assert answer.meant.way == "words"
    assert EntityRef("user", "orderly") in answer.meant.others


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("nothing like this", NothingMeant),
        ("", NothingMeant),
        ("component:nothing", EntityNotFound),
        ("./nothing", PathMissing),
        ("/nothing/there", PathMissing),
        (".", NobodysPath),
        ("https://github.com/acme/other", NothingMeant),
        ("https://github.com/", NothingMeant),
        ("a:b:c", BadRef),
    ],
)
def test_what_means_nothing_is_an_error(
    catalog: Catalog, tmp_path: Path, text: str, error: type[ScaffolderError]
) -> None:
    with pytest.raises(error):
        asked(catalog, text, tmp_path)


def test_a_path_belongs_to_the_nearest_descriptor_above(catalog: Catalog, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(clone, "init", "--quiet")
    write(
        clone,
        {
            "catalog-info.yaml": location("./a/catalog-info.yaml"),
            "a/catalog-info.yaml": component("unknown") + "---\n" + component("second"),
            "a/README.md": "x",
            "a/.scaffolder.yaml": LOCK,
            "a/src/deep/app.py": "x",
            "b/catalog-info.yml": component("orders", owner="somebody-else"),
            "b/catalog-info.yaml": "not: [an entity",
        },
    )

    answer = asked(catalog, "a/src/deep/app.py", clone)

    assert (answer.entity.name, answer.meant.way) == ("unknown", "path")
    assert answer.meant.others == (EntityRef("component", "second"),)
    assert answer.owner.name == "payments (not in the catalog)"
    assert answer.readme == str(clone / "a" / "README.md")
    assert answer.lock
    assert answer.lock.version == "v1.2"
    assert asked(catalog, str(clone / "b"), tmp_path).owner.name == "Trade (trade)", "the catalog's word counts"


def test_a_descriptor_outside_the_repository_says_nothing_of_it(catalog: Catalog, tmp_path: Path) -> None:
    write(tmp_path, {"catalog-info.yaml": component("outside")})
    git(tmp_path / "clone", "init", "--quiet")

    with pytest.raises(NobodysPath):
        asked(catalog, "clone", tmp_path)


@pytest.mark.parametrize(
    ("address", "path", "name"),
    [
        ("https://token@github.com/acme/orders.git", "src", "orders"),
        ("git@github.com:Acme/Orders.git", ".", "orders"),
        ("https://git.example/acme/mono.git", "a/src", "mono-a"),
        ("https://git.example/acme/mono.git", "ab", "mono"),
        ("https://git.example/acme/mono.git", ".", "mono"),
    ],
)
def test_a_clone_belongs_to_what_has_its_source_there(
    catalog: Catalog, tmp_path: Path, address: str, path: str, name: str
) -> None:
    clone = tmp_path / "clone"
    git(clone, "init", "--quiet")
    git(clone, "remote", "add", "upstream", "https://github.com/acme/other.git")
    git(clone, "remote", "add", "origin", address)
    (clone / path).mkdir(exist_ok=True, parents=True)

    assert asked(catalog, f"./{path}", clone).entity.name == name


def test_what_is_wrong_with_a_descriptor_is_told(catalog: Catalog, tmp_path: Path) -> None:
    git(tmp_path / "clone", "init", "--quiet")
    write(tmp_path / "clone", {"catalog-info.yaml": component("not valid")})

    with pytest.raises(NobodysPath) as caught:
        asked(catalog, "./clone", tmp_path)

    assert "catalog-info.yaml:4 (document 1) metadata.name: " in caught.value.details[0]


def test_of_several_remotes_the_origin_counts_first(catalog: Catalog, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(clone, "init", "--quiet")
    git(clone, "remote", "add", "fork", "https://git.example/acme/mono.git")
    git(clone, "remote", "add", "origin", "https://github.com/acme/orders.git")

    assert asked(catalog, ".", clone).entity.name == "orders"


def test_a_descriptor_that_only_leads_on_says_nothing(catalog: Catalog, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(clone, "init", "--quiet")
    git(clone, "remote", "add", "origin", "https://github.com/acme/orders.git")
    write(clone, {"catalog-info.yaml": location("./elsewhere.yaml")})

    assert asked(catalog, ".", clone).entity.name == "orders"


def test_services_of_one_repository_are_told_by_their_directories(catalog: Catalog, tmp_path: Path) -> None:
    work = write(tmp_path / "work", {"a/info.yaml": component("in-a"), "b/info.yaml": component("in-b")})
    shared = write(
        tmp_path / "shared",
        {"all.yaml": location("git:../parts.git@main:a/info.yaml", "git:../parts.git@main:b/info.yaml")},
    )
    for place in (work, shared):
        git(place, "init", "--quiet", "--initial-branch", "main")
        git(place, "add", "--all")
        git(place, "commit", "--quiet", "--message", "x")
    git(tmp_path, "clone", "--quiet", "--bare", "work", "parts.git")
    git(tmp_path, "clone", "--quiet", "--bare", "shared", "shared.git")
    git(tmp_path, "clone", "--quiet", "parts.git", "clone")
    catalog.add(str(tmp_path / "shared.git"))

    assert asked(catalog, "./b", tmp_path / "clone").entity.name == "in-b"
    assert asked(catalog, "./a", tmp_path / "clone").entity.name == "in-a"


def test_a_bare_name_may_be_of_any_namespace(catalog: Catalog, tmp_path: Path) -> None:
    file = write(tmp_path, {"b.yaml": component("parcel", more="  namespace: lab\n")}) / "b.yaml"
    catalog.add(str(file))

    answer = asked(catalog, "parcel", tmp_path)
    assert (answer.entity.namespace, answer.meant.way) == ("lab", "ref")
    assert asked(catalog, "lab/parcel", tmp_path).entity.namespace == "lab"
    with pytest.raises(PathMissing):
        asked(catalog, "./lab/parcel", tmp_path)


@pytest.mark.parametrize(
    ("name", "ref", "contact"),
    [
        ("stock", "group:department", "department — Slack #department"),
        ("billing", "system:selling", "Trade (trade) — trade@example.com"),
    ],
)
def test_where_nobody_can_be_reached_the_next_one_up_is_named(
    catalog: Catalog, tmp_path: Path, name: str, ref: str, contact: str
) -> None:
    answer = asked(catalog, name, tmp_path)

    assert answer.instead
    assert (answer.instead.ref.short, str(answer.instead.contact)) == (ref, contact)


def test_an_owner_who_is_a_person_has_teams(catalog: Catalog, tmp_path: Path) -> None:
    answer = asked(catalog, "lonely", tmp_path)

    assert (answer.owner.name, answer.ways) == ("bob", ("bob@example.com",))
    assert answer.teams == (EntityRef("group", "trade"),)


def test_a_name_that_is_reserved_has_an_owner_already(catalog: Catalog, tmp_path: Path) -> None:
    ref = EntityRef("component", "returns")
    catalog.reserve(
        [ref], task_id="t", owner="group:default/trade", purpose="Takes goods back", who="Ann", at=datetime.now(UTC)
    )

    for text in ("returns", "takes goods back"):
        answer = asked(catalog, text, tmp_path)
        assert answer.entity.reserved
        assert answer.owner.name == "Trade (trade)"


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("https://github.com/acme/orders", ("github.com/acme/orders", "")),
        ("https://me:secret@GitHub.com:443/acme/orders.git/", ("github.com/acme/orders", "")),
        ("git@github.com:acme/orders.git", ("github.com/acme/orders", "")),
        ("https://github.com/acme/orders/tree/main/a/b/", ("github.com/acme/orders", "a/b")),
        ("https://gitlab.example/a/b/c/-/tree/main/d", ("gitlab.example/a/b/c", "d")),
        ("https://gitea.example/a/b/src/branch/main/d", ("gitea.example/a/b", "d")),
        ("https://bitbucket.org/a/b/src/main/d", ("bitbucket.org/a/b", "d")),
        ("/srv/git/orders.git", ("/srv/git/orders", "")),
        ("file:///srv/git/orders.git", ("/srv/git/orders", "")),
        ("relative", ("", "")),
        ("", ("", "")),
    ],
)
def test_addresses_of_one_repository_are_the_same(address: str, known: tuple[str, str]) -> None:
    assert repository(address) == known
