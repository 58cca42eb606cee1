"""A catalog repository whose Location entities lead into the repositories of services."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from functools import partial
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from scaffolder.catalog import Catalog, EntityRef
from scaffolder.catalog.checkout import WorkTreeRoot, entities_of
from scaffolder.catalog.crawl import STRIKES, Crawl
from scaffolder.catalog.elsewhere import FileElsewhere
from scaffolder.catalog.location import Found, Location, opened, read
from scaffolder.catalog.reading import Bounds, TooMuch, read_files
from scaffolder.catalog.roots import LARGEST, TreeRoot
from scaffolder.errors import ScaffolderError
from scaffolder.gateways.git import GitDirectory, Unreachable
from scaffolder.gateways.git_checkout import Checkout
from scaffolder.template.source import resolve
from scaffolder.tree import File, Link, Tree
from tests.catalog.files import component, group, location, write
from tests.catalog.test_git_location import Quiet
from tests.gateways.repositories import NOON, SOMEBODY, as_person

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

API = (
    "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: orders-api\n"
    "spec:\n  type: openapi\n  lifecycle: production\n  owner: payments\n  definition:\n    $text: ./openapi.yaml\n"
)
TEMPLATE = (
    "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata:\n  name: small-tool\n"
    "spec:\n  type: service\n  steps:\n    - id: a\n      name: A\n      action: debug:log\n"
)
HERE = EntityRef("component", "orders")


class Company:
    """A directory of bare repositories: the catalog, and the services it leads to."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.cache = directory / "cache"
        self.state = directory / "state/catalog.db"

    @property
    def catalog(self) -> str:
        return str(self.path("catalog"))

    def path(self, name: str) -> Path:
        return self.directory / "acme" / f"{name}.git"

    def commit(self, name: str, files: dict[str, str | Link], *, branch: str = "main") -> str:
        """Make a repository what these files say."""
        nodes = {path: File(each.encode()) if isinstance(each, str) else each for path, each in files.items()}
        repository = GitDirectory.init(self.path(name))
        ref = f"refs/heads/{branch}"
        return repository.commit(Tree(nodes), message="Change", identity=SOMEBODY, when=NOON, ref=ref)

    def service(self, name: str, **files: str) -> None:
        self.commit(name, {"catalog-info.yaml": component(name), **files})

    def leads_to(self, *targets: str, more: str = "", spec: str = "") -> None:
        """Make the catalog one that leads to these targets."""
        files: dict[str, str | Link] = {
            f"locations/component-default-{number}.yaml": location(target, spec=spec).replace("all", f"l{number}")
            for number, target in enumerate(targets)
        }
        self.commit("catalog", {**files, "org.yaml": group("payments") + more})

    def target(self, name: str, *, ref: str = "main", path: str = "catalog-info.yaml") -> str:
        return f"git:{self.path(name)}@{ref}:{path}"


@pytest.fixture
def company(tmp_path: Path) -> Company:
    made = Company(tmp_path)
    made.service("orders")
    made.service("parcels")
    made.leads_to(there("orders"), there("parcels"))
    return made


@pytest.fixture
def catalog(company: Company) -> Iterator[Catalog]:
    made = Catalog(company.state, cache=company.cache)
    yield made
    made.close()


def there(name: str, *, ref: str = "main", path: str = "catalog-info.yaml") -> str:
    return f"git:../{name}.git@{ref}:{path}"


def names(catalog: Catalog, kind: str = "component") -> list[str]:
    return [each.ref.name for each in catalog.entities(kind=kind)]


def told(catalog: Catalog) -> str:
    return "\n".join(map(str, catalog.problems()))


# -- what is read


def test_services_are_read_from_their_own_repositories(catalog: Catalog, company: Company) -> None:
    result = catalog.add(company.catalog)

    assert names(catalog) == ["orders", "parcels"]
    assert result.added == 5
    assert not result.problems
    claim = catalog.claim(HERE)
    assert claim is not None
    assert claim.places[0].file == company.target("orders")
    assert catalog.require(HERE).annotations["backstage.io/source-location"] == f"dir:{company.path('orders')}"


def test_many_files_of_one_repository_are_read_together(catalog: Catalog, company: Company) -> None:
    paths = [f"services/s{number}/catalog-info.yaml" for number in range(150)]
    company.commit("mono", {path: component(path.split("/")[1]) for path in paths})
    company.leads_to(*(there("mono", path=path) for path in paths))

    assert catalog.add(company.catalog).added == 301
    assert len([*company.cache.glob("*.shallow")]) == 1


def test_more_repositories_than_are_asked_at_once(catalog: Catalog, company: Company) -> None:
    for number in range(40):
        company.service(f"s{number}")
    company.leads_to(*(there(f"s{number}") for number in range(40)))
    heard: list[tuple[int, int]] = []

    catalog.add(company.catalog, progress=lambda number, total: heard.append((number, total)))

    assert sorted(names(catalog)) == sorted(f"s{number}" for number in range(40))
    assert heard[-1] == (40, 40)


def test_what_a_descriptor_needs_of_its_repository_comes_too(catalog: Catalog, company: Company) -> None:
    files: dict[str, str | Link] = {
        "catalog-info.yaml": location("./apis/*.yaml", "./linked.yaml"),
        "apis/orders.yaml": API,
        "apis/openapi.yaml": "openapi: 3.1.0",
        "linked.yaml": Link("deploy/orders.yaml"),
        "deploy/orders.yaml": component("orders"),
    }
    company.commit("orders", files)
    as_person(company.path("orders"), "config", "uploadpack.allowFilter", "true")
    company.leads_to(there("orders"))

    catalog.add(company.catalog)

    api = catalog.get(EntityRef("api", "orders-api"))
    assert api is not None
    assert api.spec["definition"] == "openapi: 3.1.0"
    assert names(catalog) == ["orders"]
    (result,) = catalog.refresh(elsewhere=False)
    assert (result.added, result.changed, result.removed) == (0, 0, 0)
    (result,) = catalog.refresh()
    assert (result.added, result.changed, result.removed) == (0, 0, 0)


@pytest.mark.parametrize(("text", "said"), [("./openapi.yaml", ""), ("../x.git", "leads outside its location")])
def test_what_a_descriptor_at_the_top_needs_is_beside_it(
    catalog: Catalog, company: Company, text: str, said: str
) -> None:
    described = API.replace("./openapi.yaml", text)
    company.commit("orders", {"catalog-info.yaml": described, "openapi.yaml": "openapi: 3.1.0"})
    company.leads_to(there("orders"))

    catalog.add(company.catalog)

    assert len(names(catalog, kind="api")) == (not said)
    assert said in told(catalog)


def test_a_file_that_was_named_must_describe_something(catalog: Catalog, company: Company) -> None:
    """In a repository that is walked through, other YAML files are passed over; this one somebody meant."""
    company.commit("orders", {"catalog-info.yaml": "name: orders\n"})

    assert "apiVersion" in str(catalog.add(company.catalog).problems[0])


def test_git_knows_how_to_reach_what_it_leads_to(catalog: Catalog, company: Company) -> None:
    """What the person's configuration says of addresses holds for every repository."""
    there = "https://git.acme.invalid/acme"
    as_person(company.directory, "config", "--global", f"url.{company.directory}/acme.insteadOf", there)

    catalog.add(f"{there}/catalog.git")

    assert names(catalog) == ["orders", "parcels"]
    claim = catalog.claim(HERE)
    assert claim is not None
    assert claim.places[0].file == f"git:{there}/orders.git@main:catalog-info.yaml"
    assert catalog.require(HERE).annotations["backstage.io/source-location"] == f"url:{there}/orders.git"
    assert catalog.refresh()[0].unchanged == 5


def test_a_server_of_plain_files_is_read_too(catalog: Catalog, company: Company) -> None:
    for name in ("catalog", "orders", "parcels"):
        as_person(company.path(name), "update-server-info")
    handler = partial(Quiet, directory=str(company.directory))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        catalog.add(f"http://127.0.0.1:{server.server_port}/acme/catalog.git")
        server.shutdown()

    assert names(catalog) == ["orders", "parcels"]


def test_a_service_may_lead_on_to_another(catalog: Catalog, company: Company) -> None:
    company.commit("orders", {"catalog-info.yaml": component("orders") + "---\n" + location(there("stock"))})
    company.commit("stock", {"catalog-info.yaml": component("stock") + "---\n" + location(there("orders"))})

    catalog.add(company.catalog)

    assert names(catalog) == ["orders", "parcels", "stock"]


def test_a_repository_may_lead_to_itself(catalog: Catalog, company: Company) -> None:
    company.commit("catalog", {"catalog-info.yaml": location("git:.@next:more.yaml")})
    company.commit("catalog", {"more.yaml": component("coming")}, branch="next")

    catalog.add(company.catalog)

    assert names(catalog) == ["coming"]


def test_a_golden_path_of_another_repository_can_be_used(catalog: Catalog, company: Company) -> None:
    company.commit("golden-paths", {"tool/template.yaml": TEMPLATE, "tool/skeleton/README.md": "A tool"})
    company.leads_to(there("golden-paths", path="tool/template.yaml"))
    catalog.add(company.catalog)

    found = resolve("small-tool", cache=company.cache, known=catalog.templates())

    assert [*found.tree] == ["skeleton/README.md", "template.yaml"]
    assert found.source.location == str(company.path("golden-paths"))


@pytest.mark.parametrize("ref", ["v1", "HEAD", "refs/heads/main", "{commit}"])
def test_any_ref_is_followed(catalog: Catalog, company: Company, ref: str) -> None:
    as_person(company.path("orders"), "tag", "-m", "One", "v1")
    company.leads_to(there("orders", ref=ref.format(commit=as_person(company.path("orders"), "rev-parse", "main"))))

    catalog.add(company.catalog)

    assert names(catalog) == ["orders"]
    assert catalog.refresh()[0].unchanged == 3


def test_a_catalog_entry_of_its_own_hides_no_service(catalog: Catalog, company: Company) -> None:
    """Where a descriptor is named `catalog-info.yaml`, other files are none, but for those that register services."""
    files: dict[str, str | Link] = {
        "catalog-info.yaml": component("catalog"),
        "locations/component-default-orders.yaml": location(there("orders")),
        "notes.yaml": component("not-meant"),
    }
    company.commit("catalog", files)

    catalog.add(company.catalog)

    assert names(catalog) == ["catalog", "orders"]


# -- by hand


def test_a_directory_leads_elsewhere_too(catalog: Catalog, company: Company, tmp_path: Path) -> None:
    """Its author knows this machine: paths are theirs."""
    targets = [company.target("orders"), "git:../acme/parcels.git@main:catalog-info.yaml"]
    write(tmp_path / "mine", {"catalog-info.yaml": location(*targets)})

    catalog.add(str(tmp_path / "mine"))

    assert names(catalog) == ["orders", "parcels"]


def test_a_clone_leads_where_its_repository_does(catalog: Catalog, company: Company, tmp_path: Path) -> None:
    as_person(tmp_path, "clone", "--quiet", company.catalog, "work")

    catalog.add(str(tmp_path / "work"))

    assert names(catalog) == ["orders", "parcels"]
    claim = catalog.claim(HERE)
    assert claim is not None
    assert claim.places[0].file == company.target("orders")


def test_a_clone_is_checked_as_everybody_will_read_it(company: Company, tmp_path: Path) -> None:
    company.leads_to(company.target("orders"), there("parcels"))
    as_person(tmp_path, "clone", "--quiet", company.catalog, "work")
    clone = entities_of(WorkTreeRoot(Checkout.around(tmp_path / "work")))

    found = clone._replace(others=Crawl(company.cache)).read()

    assert [entity.name for entity in found.entities() if entity.kind == "Component"] == ["parcels"]
    assert "names a place on this machine" in str(found.problems()[0])


def test_one_file_of_a_repository_can_be_added(catalog: Catalog, company: Company) -> None:
    catalog.add(company.target("orders"))

    assert [each.target for each in catalog.locations()] == [company.target("orders")]
    assert names(catalog) == ["orders"]


def test_what_is_only_looked_at_reaches_nobody(company: Company) -> None:
    shutil.rmtree(company.path("orders"))

    found = [*read(company.catalog, cache=company.cache)]

    assert all(isinstance(each, Found) for each in found)
    assert not [*company.cache.glob("*.shallow")]


# -- again


def test_a_refresh_reads_what_has_moved(catalog: Catalog, company: Company) -> None:
    catalog.add(company.catalog)
    company.commit("orders", {"catalog-info.yaml": component("orders", owner="group:web")})

    (result,) = catalog.refresh()

    assert (result.added, result.changed, result.removed, result.unchanged) == (0, 1, 0, 4)
    assert str(catalog.require(HERE).owner) == "group:default/web"


def test_a_commit_that_changes_no_descriptor_changes_nothing(catalog: Catalog, company: Company) -> None:
    catalog.add(company.catalog)
    company.service("orders", **{"README.md": "More"})

    assert catalog.refresh()[0].unchanged == 5
    shutil.rmtree(company.cache)
    assert catalog.refresh()[0].unchanged == 5
    assert not [*company.cache.glob("*.shallow")]  # nothing has moved, so nothing is fetched


def test_without_elsewhere_only_what_is_new_is_read(catalog: Catalog, company: Company) -> None:
    catalog.add(company.catalog)
    company.commit("orders", {"catalog-info.yaml": component("orders", owner="group:web")})
    shutil.rmtree(company.path("parcels"))
    company.service("stock")
    company.leads_to(there("orders"), there("parcels"), there("stock"))

    (result,) = catalog.refresh(company.catalog, elsewhere=False)

    assert names(catalog) == ["orders", "parcels", "stock"]
    assert result.added == 2
    assert not result.problems
    assert str(catalog.require(HERE).owner) == "group:default/payments"


def test_without_elsewhere_what_could_not_be_read_is_not_tried_each_time(catalog: Catalog, company: Company) -> None:
    company.leads_to(there("late"))
    catalog.add(company.catalog)
    assert "late.git" in told(catalog)
    company.service("late")

    catalog.refresh(elsewhere=False)
    company.path("late").rename(company.directory / "late")
    catalog.refresh()
    (company.directory / "late").rename(company.path("late"))
    assert names(catalog) == []
    assert "late.git" in told(catalog)
    assert "kept" not in told(catalog)

    catalog.refresh()
    assert names(catalog) == ["late"]
    assert told(catalog) == ""


def test_a_location_that_is_gone_takes_its_service_along(catalog: Catalog, company: Company) -> None:
    catalog.add(company.catalog)
    company.leads_to(there("parcels"))

    assert catalog.refresh(elsewhere=False)[0].removed == 2
    assert names(catalog) == ["parcels"]


def test_history_may_be_rewritten_and_the_default_branch_moved(catalog: Catalog, company: Company) -> None:
    catalog.add(company.catalog)
    company.commit("catalog", {"all.yaml": location(there("orders", ref="trunk"))}, branch="trunk")
    as_person(company.path("catalog"), "symbolic-ref", "HEAD", "refs/heads/trunk")
    as_person(company.path("catalog"), "update-ref", "-d", "refs/heads/main")
    company.commit("orders", {"catalog-info.yaml": component("orders", owner="group:web")}, branch="trunk")
    as_person(company.path("orders"), "update-ref", "-d", "refs/heads/main")

    catalog.refresh()

    assert names(catalog) == ["orders"]
    assert str(catalog.require(HERE).owner) == "group:default/web"
    assert told(catalog) == ""


# -- what cannot be read


def test_a_repository_that_is_away_keeps_what_it_said(catalog: Catalog, company: Company) -> None:
    catalog.add(company.catalog)
    away = company.path("orders").rename(company.directory / "away")
    company.commit("parcels", {"catalog-info.yaml": component("parcels", owner="group:web")})

    (result,) = catalog.refresh()

    assert names(catalog) == ["orders", "parcels"]
    assert (result.changed, result.removed) == (1, 0)
    (problem,) = catalog.problems()
    assert problem.place.file == f"{company.catalog}:locations/component-default-0.yaml"
    assert problem.place.line == 7
    assert "what was read earlier is kept" in problem.message

    assert "kept" in catalog.refresh()[0].problems[0].message
    assert names(catalog) == ["orders", "parcels"]
    away.rename(company.path("orders"))
    assert catalog.refresh()[0].problems == ()


def test_a_repository_that_is_away_keeps_what_it_led_to(catalog: Catalog, company: Company) -> None:
    company.commit("orders", {"catalog-info.yaml": location("./parts/*.yaml"), "parts/a.yaml": component("part")})
    catalog.add(company.catalog)
    shutil.rmtree(company.path("orders"))

    catalog.refresh()
    catalog.refresh()

    assert names(catalog) == ["parcels", "part"]


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (there("nowhere"), "does not appear to be a git repository"),
        (there("orders", ref="gone"), "orders.git has no branch or tag gone"),
        (there("orders", path="missing.yaml"), "there is no file git:"),
        (there("orders", path="catalog-*.yaml"), "names a pattern"),
        (there("orders", path="../x.yaml"), "leads outside its repository"),
        (there("parcels", ref="a..b"), "cannot be the name of a branch"),
        ("git:../orders.git", "does not read git:ADDRESS@REF:PATH"),
        ("git:/etc@main:catalog-info.yaml", "names a place on this machine"),
        ("git:~/x.git@main:catalog-info.yaml", "names a place on this machine"),
        ("'git:file:///srv/x.git@main:catalog-info.yaml'", "names a place on this machine"),
        ("git:../../x.git@main:catalog-info.yaml", "climbs higher than"),
        ("/etc/passwd", "leads outside its location"),
        ("~/catalog-info.yaml", "names a place on this machine"),
        ("file:///etc/passwd", "leads outside its location"),
        ("http://127.0.0.1:9/acme/x/blob/main/catalog-info.yaml", "Failed to connect"),
    ],
)
def test_a_target_that_leads_nowhere_stops_nobody(catalog: Catalog, company: Company, target: str, words: str) -> None:
    company.leads_to(target, there("parcels"))

    catalog.add(company.catalog)

    assert names(catalog) == ["parcels"]
    assert words in told(catalog)
    assert f"{company.catalog}:locations/component-default-0.yaml:7" in told(catalog)


def test_what_a_person_may_name_a_repository_may_not(catalog: Catalog, company: Company, tmp_path: Path) -> None:
    """Not even one that a person's own directory leads to."""
    company.commit("orders", {"catalog-info.yaml": location(company.target("parcels"))})
    write(tmp_path / "mine", {"catalog-info.yaml": location(company.target("orders"))})

    catalog.add(str(tmp_path / "mine"))

    assert names(catalog) == []
    assert "names a place on this machine" in told(catalog)


def test_a_file_named_like_a_target_is_none(catalog: Catalog, company: Company) -> None:
    """Else a repository could name any other on this machine, by the name of one of its files."""
    secret = company.commit("secret", {"a.yaml": component("secret")})
    assert secret
    company.commit(
        "catalog", {"org.yaml": group("payments"), f"git:{company.path('secret')}@main:a.yaml": component("x")}
    )

    catalog.add(company.catalog)

    assert names(catalog) == []
    assert "has a name that begins with git:" in told(catalog)


def test_what_is_optional_may_be_missing(catalog: Catalog, company: Company) -> None:
    company.leads_to(there("nowhere"), there("orders", path="missing.yaml"), spec="  presence: optional\n")

    assert catalog.add(company.catalog).problems == ()
    assert catalog.refresh()[0].problems == ()


def test_what_is_too_large_or_leads_out_is_left_out(catalog: Catalog, company: Company) -> None:
    files: dict[str, str | Link] = {
        "large.yaml": "#" * (LARGEST + 1),
        "out.yaml": Link("/etc/passwd"),
        "circle.yaml": Link("circle.yaml"),
    }
    company.commit("orders", files)
    as_person(company.path("orders"), "config", "uploadpack.allowFilter", "true")
    company.leads_to(*(there("orders", path=path) for path in files))

    catalog.add(company.catalog)

    assert names(catalog) == []
    assert "is too large" in told(catalog)
    assert told(catalog).count("leads outside") == 2


def test_a_server_that_does_not_answer_is_not_asked_a_thousand_times(company: Company) -> None:
    crawl = Crawl(company.cache)
    files = [FileElsewhere(f"http://127.0.0.1:9/s{number}.git", "main", "c.yaml") for number in range(60)]

    problems = [batch.problem for batch in crawl.batches(dict.fromkeys(files))]

    assert len(problems) == 60
    assert sum("Failed to connect" in problem for problem in problems) < 20 >= STRIKES
    assert problems[-1] == "127.0.0.1:9 does not answer"


def test_one_file_that_cannot_be_reached_is_an_error(catalog: Catalog) -> None:
    with pytest.raises(Unreachable):
        catalog.add("http://127.0.0.1:9/acme/x/blob/main/catalog-info.yaml")
    with pytest.raises(ScaffolderError, match="has no branch gone"):
        catalog.add("git:/nowhere.git@gone:catalog-info.yaml")
    assert catalog.locations() == []


# -- bounds


def test_there_is_a_bound_on_entities() -> None:
    tree = TreeRoot(Tree({f"{name}.yaml": File(component(name).encode()) for name in "abc"}))

    assert len(read_files(tree, ["a.yaml", "b.yaml"], walked=True, known={}, bounds=Bounds(entities=2)).files) == 2
    with pytest.raises(TooMuch, match="more than 2 entities"):
        read_files(tree, ["a.yaml", "b.yaml", "c.yaml"], walked=True, known={}, bounds=Bounds(entities=2))


def test_there_is_a_bound_on_files_that_are_led_to(company: Company) -> None:
    here = opened(company.catalog, cache=company.cache)
    assert isinstance(here, Location)

    found = read_files(
        here.root, here.paths, walked=True, known={}, others=Crawl(company.cache), bounds=Bounds(files=1)
    )

    assert [entity.name for entity in found.entities() if entity.kind == "Component"] == ["orders"]
    assert "more than 1 files" in str(found.problems()[0])


# -- what was born here


def register(catalog: Catalog, target: str) -> None:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    catalog.reserve([HERE], task_id="t1", owner="group:default/payments", purpose="", who="Ann", at=when)
    catalog.register(target, task_id="t1")


def test_what_a_task_registered_gives_way_to_the_catalog_of_all(catalog: Catalog, company: Company) -> None:
    company.leads_to(there("parcels"))
    catalog.add(company.catalog)
    register(catalog, company.target("orders"))
    company.leads_to(there("parcels"), there("orders"))

    (result, _) = catalog.refresh(elsewhere=False)

    assert result.conflicts == ()
    assert catalog.conflicts() == []
    assert [each.target for each in catalog.locations()] == [company.catalog]
    assert names(catalog) == ["orders", "parcels"]


def test_what_somebody_else_describes_under_that_name_stays_a_conflict(catalog: Catalog, company: Company) -> None:
    company.commit("other", {"catalog-info.yaml": component("orders", owner="web")})
    company.leads_to(there("other"))
    register(catalog, company.target("orders"))

    assert len(catalog.add(company.catalog).conflicts) == 1
    assert len(catalog.locations()) == 2
    assert str(catalog.require(HERE).owner) == "group:default/payments"
