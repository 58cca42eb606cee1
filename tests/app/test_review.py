"""What a change adds, told from what it only moves."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from scaffolder.app.review import NoSuchPath, PathOutside, Review, review
from scaffolder.catalog import Catalog, EntityRef
from scaffolder.catalog.roots import LARGEST
from scaffolder.gateways.git_checkout import CheckoutMissing, NothingInCommon, RevisionUnknown
from scaffolder.similar.encoder import built_in
from tests.catalog.files import component, group, location, write

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.errors import ScaffolderError

LINKS = "Crawls published pages and reports dead links"
LINKS_AGAIN = "Reports dead links on published pages"


def described(name: str, text: str, *, more: str = "", spec: str = "", owner: str = "web") -> str:
    return component(name, owner=owner, more=f"  description: {text}\n{more}", spec=spec)


def api(name: str, text: str) -> str:
    return (
        f"apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: {name}\n  description: {text}\n"
        "spec: {type: openapi, lifecycle: production, owner: web, definition: x}\n"
    )


@dataclass(frozen=True)
class Repository:
    """A repository with a branch `main`, and a branch that is checked out."""

    path: Path
    home: Path

    def git(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self.path, check=True, capture_output=True)

    def commit(self, files: dict[str, str]) -> None:
        write(self.path, files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "x")

    @property
    def catalog(self) -> Catalog:
        return Catalog(self.home / "catalog.db")

    def reviewed(self, *paths: str, revision: str = "main", here: str = "") -> Review:
        return review(self.catalog, self.path / here, revision=revision, paths=paths, encoder=built_in())

    def told(self, *paths: str) -> dict[str, str]:
        return {each.entity.name: each.change for each in self.reviewed(*paths).entities}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "catalog", tmp_path)
    made.path.mkdir()
    made.git("init", "--quiet", "--initial-branch", "main")
    made.commit(
        {
            "a.yaml": described("link-checker", LINKS) + "---\n" + component("shop"),
            "team.yaml": group("web", spec="  profile: {displayName: Web team, email: web@example.com}\n"),
        }
    )
    made.git("checkout", "--quiet", "-b", "change")
    return made


def test_an_added_entity_is_compared_with_what_the_repository_holds(repository: Repository) -> None:
    repository.commit({"b.yaml": described("dead-links", LINKS_AGAIN)})

    (new,) = repository.reviewed().entities

    assert (new.entity.name, new.change, str(new.place)) == ("dead-links", "added", "b.yaml:1 (document 1)")
    assert new.findings.verdict != "none"
    (best, *_) = new.existing
    assert best.match.ref == EntityRef("component", "link-checker")
    assert str(best.owner) == "Web team (web) — web@example.com"
    assert "dead-links" not in [each.match.ref.name for each in new.existing]


def test_the_persons_catalog_is_compared_with_and_stays_as_it_is(repository: Repository, tmp_path: Path) -> None:
    elsewhere = write(tmp_path / "elsewhere", {"x.yaml": described("broken-links", "Reports links to dead pages")})
    repository.catalog.add(str(elsewhere / "x.yaml"))
    repository.commit({"b.yaml": described("dead-links", LINKS_AGAIN)})

    (new,) = repository.reviewed().entities

    assert {"broken-links", "link-checker"} <= {each.match.ref.name for each in new.existing}
    assert [each.ref.name for each in repository.catalog.entities()] == ["broken-links"]


@pytest.mark.parametrize("committed", [True, False])
def test_the_work_tree_counts_and_what_git_ignores_does_not(repository: Repository, *, committed: bool) -> None:
    files = {"b.yaml": component("new"), ".gitignore": "out/\n", "out/c.yaml": component("built")}
    write(repository.path, files)
    if committed:
        repository.commit({})

    assert repository.told() == {"new": "added"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"a.yaml": described("link-checker", LINKS) + "---\n" + component("shop") + "---\n" + component("c")}, {"c"}),
        ({"a.yaml": "# moved down\n" + described("link-checker", f"'{LINKS}'")}, set()),
        ({"a.yaml": component("shop"), "z/b.yaml": described("link-checker", LINKS)}, set()),
        ({"a.yaml": component("shop")}, set()),
        ({"a.yaml": described("links-checked", LINKS)}, {"links-checked"}),
        ({"a.yaml": described("LINK-Checker", LINKS)}, set()),
        ({"a.yaml": described("link-checker", LINKS + " weekly", owner="other")}, set()),
        ({"a.yaml": described("link-checker", "Bakes bread and cakes")}, {"link-checker"}),
        ({"team.yaml": group("web") + "---\n" + group("other")}, set()),
        ({"b.yaml": "kind: Deployment\nmetadata: {name: x}\n", ".github/b.yaml": component("hidden")}, set()),
        (
            {"t/template.yaml": "kind: Template\n", "t/skeleton/catalog-info.yaml": component("${{ values.name }}")},
            set(),
        ),
    ],
    ids=[
        "a document",
        "reformatted",
        "moved",
        "deleted",
        "renamed",
        "other case",
        "elaborated",
        "described anew",
        "a team",
        "no entity",
        "skeleton",
    ],
)
def test_what_is_news(repository: Repository, change: dict[str, str], told: set[str]) -> None:
    repository.commit(change)

    assert set(repository.told()) == told


def test_described_anew_is_said_so(repository: Repository) -> None:
    repository.commit({"a.yaml": described("shop", "Sells bread and cakes")})

    assert repository.told() == {"shop": "described anew"}


def test_what_was_there_and_is_described_anew_needs_no_reason(repository: Repository) -> None:
    repository.commit({"a.yaml": described("link-checker", LINKS) + "---\n" + described("shop", LINKS)})

    (shop,) = repository.reviewed().entities

    assert (shop.change, shop.is_open) == ("described anew", False)
    assert shop.findings.verdict != "none"
    assert str(shop.findings.matches[0].ref) == "component:default/link-checker"


def test_a_link_is_read_where_it_leads_to_at_the_base_too(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "main")
    write(repository.path, {"data/shop2.txt": component("shop2")})
    (repository.path / "b.yaml").symlink_to("data/shop2.txt")
    repository.commit({})
    repository.git("checkout", "--quiet", "-b", "other")

    assert repository.told() == {}


def test_what_the_repository_says_now_holds(repository: Repository, tmp_path: Path) -> None:
    another_clone = write(tmp_path / "clone", {"a.yaml": described("link-checker", LINKS)})
    repository.catalog.add(str(another_clone))
    repository.commit(
        {"a.yaml": described("link-checker", LINKS + " weekly"), "b.yaml": described("dead-links", LINKS_AGAIN)}
    )

    (new,) = repository.reviewed().entities

    assert new.existing[0].match.description == LINKS + " weekly"


def test_what_the_change_removes_is_nothing_to_use(repository: Repository) -> None:
    repository.catalog.add(str(repository.path / "a.yaml"))
    repository.commit({"a.yaml": described("links-checked", LINKS)})

    (new,) = repository.reviewed().entities

    assert "link-checker" not in [each.match.ref.name for each in new.existing]


def test_two_of_one_change_are_shown_to_each_other(repository: Repository) -> None:
    repository.commit(
        {"b.yaml": described("bread-baker", "Bakes bread daily") + "---\n" + described("baker", "Bakes bread each day")}
    )

    entities = repository.reviewed().entities

    assert {each.entity.name: set(each.siblings) for each in entities} == {
        "bread-baker": {"component:default/baker"},
        "baker": {"component:default/bread-baker"},
    }


def test_a_service_and_its_api_are_one(repository: Repository) -> None:
    provides = "  providesApis: [bread]\n  system: bread\n"
    repository.commit(
        {"b.yaml": described("bread", "Bakes bread", spec=provides) + "---\n" + api("bread", "Bakes bread over HTTP")}
    )

    (new,) = repository.reviewed().entities

    assert str(new.entity.ref) == "component:default/bread"
    assert not new.existing


def test_an_api_added_to_what_there_is_is_compared_but_not_with_its_provider(repository: Repository) -> None:
    repository.commit(
        {
            "a.yaml": described("link-checker", LINKS, spec="  providesApis: [links]\n") + "---\n" + component("shop"),
            "b.yaml": api("links", LINKS),
        }
    )

    (new,) = repository.reviewed().entities

    assert str(new.entity.ref) == "api:default/links"
    assert "link-checker" not in [each.match.ref.name for each in new.existing]


def test_a_service_of_its_own_repository_is_compared_with_the_company(repository: Repository, tmp_path: Path) -> None:
    own = Repository(tmp_path / "service", tmp_path)
    own.path.mkdir()
    own.git("init", "--quiet", "--initial-branch", "main")
    own.commit({"README.md": "x", "deploy/k8s.yaml": "kind: Deployment\nmetadata: {name: x}\n"})
    own.git("checkout", "--quiet", "-b", "change")
    own.commit({"catalog-info.yaml": described("dead-links", LINKS_AGAIN)})
    own.catalog.add(str(repository.path))

    (new,) = own.reviewed().entities

    assert new.existing[0].match.ref.name == "link-checker"


def test_what_a_location_leads_to_now_is_added(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "main")
    repository.commit({"catalog-info.yaml": location("./a.yaml"), "more/b.yaml": component("b")})
    repository.git("checkout", "--quiet", "-b", "other")
    repository.commit({"catalog-info.yaml": location("./a.yaml", "./more/*.yaml")})

    assert repository.told() == {"b": "added"}


def test_the_base_is_where_the_branches_parted(repository: Repository) -> None:
    repository.commit({"b.yaml": component("ours")})
    repository.git("checkout", "--quiet", "main")
    repository.commit({"c.yaml": component("theirs")})
    repository.git("checkout", "--quiet", "change")

    assert repository.told() == {"ours": "added"}


def test_paths_limit_what_is_looked_at_not_what_it_is_compared_with(repository: Repository) -> None:
    repository.commit({"x/b.yaml": described("dead-links", LINKS_AGAIN), "y/c.yaml": component("c")})

    (new,) = repository.reviewed("x").entities

    assert new.existing[0].match.ref.name == "link-checker"
    assert set(repository.told("y/c.yaml")) == {"c"}
    assert set(repository.told("*/c.yaml")) == {"c"}
    assert set(repository.told("x", "y")) == {"dead-links", "c"}
    assert set(repository.told(".")) == {"dead-links", "c"}
    assert {each.entity.name for each in repository.reviewed("b.yaml", here="x").entities} == {"dead-links"}


def test_what_is_moved_into_a_path_is_not_new(repository: Repository) -> None:
    repository.git("mv", "a.yaml", "b.yaml")
    repository.commit({})

    assert repository.told("b.yaml") == {}
    assert repository.told("a.yaml") == {}


def test_only_problems_that_the_change_brings_are_told(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "main")
    repository.commit({"old.yaml": component("old one")})
    repository.git("checkout", "--quiet", "-b", "other")
    repository.commit({"old.yaml": "# a line\n" + component("old one"), "b.yaml": component("new one")})

    (problem,) = repository.reviewed().problems

    assert str(problem).startswith('b.yaml:4 (document 1) metadata.name: is "new one"')


@pytest.mark.skipif(sys.platform == "darwin", reason="its disks take no such name")
def test_a_file_whose_name_is_no_text_is_a_problem(repository: Repository) -> None:
    (repository.path / os.fsdecode(b"b\xff.yaml")).write_text(component("b"))

    assert [str(problem) for problem in repository.reviewed().problems] == [
        "b?.yaml: has a name that is not UTF-8: rename it"
    ]


def test_problems_elsewhere_are_not_looked_at(repository: Repository) -> None:
    repository.commit({"x/b.yaml": component("new one"), "y/c.yaml": component("another one")})

    assert [problem.place.file for problem in repository.reviewed("y").problems] == ["y/c.yaml"]


def test_what_could_not_be_read_before_is_no_news(repository: Repository, tmp_path: Path) -> None:
    write(tmp_path, {"secret.yaml": component("secret")})
    repository.git("checkout", "--quiet", "main")
    write(repository.path, {"large.yaml": "#" * (LARGEST + 1)})
    (repository.path / "b.yaml").symlink_to(tmp_path / "secret.yaml")
    repository.commit({})
    repository.git("checkout", "--quiet", "-b", "other")

    assert not repository.reviewed().problems


def test_a_name_that_is_given_twice_is_told(repository: Repository) -> None:
    repository.commit({"b.yaml": component("SHOP"), "c.yaml": component("new") + "---\n" + component("new")})

    claims = {claim.ref.name.lower(): [str(place) for place in claim.places] for claim in repository.reviewed().claims}

    assert claims == {
        "shop": ["a.yaml:11 (document 2)", "b.yaml:1 (document 1)"],
        "new": ["c.yaml:1 (document 1)", "c.yaml:10 (document 2)"],
    }


def test_a_name_that_the_company_has_given_is_told(repository: Repository, tmp_path: Path) -> None:
    elsewhere = write(tmp_path / "elsewhere", {"x.yaml": described("taken", "Something else", owner="others")})
    repository.catalog.add(str(elsewhere / "x.yaml"))
    repository.commit({"b.yaml": described("taken", "Bakes bread")})

    (claim,) = repository.reviewed().claims

    assert [place.file for place in claim.places] == [str(elsewhere / "x.yaml"), "b.yaml"]


def test_its_own_entry_in_the_catalog_is_no_other(repository: Repository) -> None:
    repository.commit({"b.yaml": described("new", "Bakes bread")})
    repository.catalog.add(str(repository.path))
    write(repository.path, {"b.yaml": described("new", "Bakes bread and cakes", owner="others")})

    found = repository.reviewed()

    assert not found.claims
    assert [each.entity.description for each in found.entities] == ["Bakes bread and cakes"]


def test_a_reason_in_the_entry_settles_it(repository: Repository) -> None:
    reason = "  annotations: {scaffolder/built-anyway: 'scale: it is large'}\n"
    repository.commit(
        {"b.yaml": described("link-checkers", LINKS) + "---\n" + described("links-checker", LINKS, more=reason)}
    )

    found = {each.entity.name: each for each in repository.reviewed().entities}

    assert {each.findings.verdict for each in found.values()} == {"exists"}
    assert {name: each.is_open for name, each in found.items()} == {"link-checkers": True, "links-checker": False}
    assert found["links-checker"].reason == "scale: it is large"


@pytest.mark.parametrize("revision", ["nowhere", "", "-x", "--all", "main:a.yaml", "^main", "a b", "main\n", "--help"])
def test_an_unknown_revision(repository: Repository, revision: str) -> None:
    with pytest.raises(RevisionUnknown):
        repository.reviewed(revision=revision)


@pytest.mark.parametrize("revision", ["main", "main~0", "refs/heads/main", "HEAD~1", "HEAD^"])
def test_any_revision_that_git_reads(repository: Repository, revision: str) -> None:
    repository.commit({"b.yaml": component("new")})

    assert len(repository.reviewed(revision=revision).entities) == 1


def test_a_branch_that_only_the_other_side_has_is_hinted_at(repository: Repository) -> None:
    repository.git("update-ref", "refs/remotes/origin/trunk", "main")

    with pytest.raises(RevisionUnknown) as caught:
        repository.reviewed(revision="trunk")

    assert caught.value.hint == "did you mean origin/trunk?"


def clone(repository: Repository, tmp_path: Path, depth: int) -> Repository:
    place = tmp_path / "clone"
    words = (
        "git",
        "clone",
        "--quiet",
        f"--depth={depth}",
        "--no-single-branch",
        f"file://{repository.path}",
        str(place),
    )
    subprocess.run(words, check=True)
    return Repository(place, tmp_path)


@pytest.mark.parametrize(("revision", "error"), [("origin/main", NothingInCommon), ("v1", RevisionUnknown)])
def test_a_shallow_clone_says_how_to_get_the_rest(
    repository: Repository, tmp_path: Path, revision: str, error: type[ScaffolderError]
) -> None:
    for number in range(3):
        repository.commit({"b.yaml": component(f"b{number}")})

    with pytest.raises(error) as caught:
        clone(repository, tmp_path, 1).reviewed(revision=revision)

    assert "fetch-depth: 0" in caught.value.hint


def test_unrelated_histories(repository: Repository) -> None:
    repository.git("checkout", "--quiet", "--orphan", "other")
    repository.commit({"b.yaml": component("b")})

    with pytest.raises(NothingInCommon):
        repository.reviewed()


def test_nothing_committed_yet(tmp_path: Path) -> None:
    empty = Repository(tmp_path, tmp_path)
    empty.git("init", "--quiet")

    with pytest.raises(RevisionUnknown, match="HEAD") as caught:
        empty.reviewed(revision="HEAD")

    assert "git commit" in caught.value.hint


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(CheckoutMissing):
        Repository(tmp_path, tmp_path).reviewed()


@pytest.mark.parametrize(("path", "error"), [("../x", PathOutside), ("/etc", PathOutside), ("none", NoSuchPath)])
def test_paths_that_are_not_there(repository: Repository, path: str, error: type[ScaffolderError]) -> None:
    with pytest.raises(error):
        repository.reviewed(path)


def test_a_second_work_tree_of_a_repository(repository: Repository, tmp_path: Path) -> None:
    repository.git("worktree", "add", "--quiet", "-b", "second", str(tmp_path / "second"), "main")
    second = Repository(tmp_path / "second", tmp_path)
    write(second.path, {"b.yaml": component("b")})

    assert second.told() == {"b": "added"}


def test_links_lead_nowhere_outside(repository: Repository, tmp_path: Path) -> None:
    write(tmp_path, {"secret.yaml": component("secret")})
    (repository.path / "b.yaml").symlink_to(tmp_path / "secret.yaml")
    (repository.path / "c.yaml").symlink_to("a.yaml")
    (repository.path / "d.yaml").symlink_to("gone.yaml")
    repository.commit({})

    found = repository.reviewed()

    assert not found.entities
    assert ["b.yaml" in str(problem) for problem in found.problems] == [True]
