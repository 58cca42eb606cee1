"""Git repositories as locations: by URL and by path, without a checkout."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from scaffolder.catalog import Catalog, EntityRef
from scaffolder.catalog.ingest import LocationUnknown, NothingFound
from scaffolder.catalog.location import Found, normalised, opened, read
from scaffolder.catalog.reading import Known
from scaffolder.catalog.repositories import BadLocation
from scaffolder.catalog.roots import LARGEST
from scaffolder.errors import InvalidInput, ScaffolderError, TryAgain
from scaffolder.gateways.git import AddressInvalid, RefNotFound, RepositoryRefused
from tests.catalog.files import component, group, location, write
from tests.gateways.repositories import as_person

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

API = (
    "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: orders\n"
    "spec:\n  type: openapi\n  lifecycle: production\n  owner: payments\n  definition:\n    $text: {target}\n"
)
TEMPLATE = (
    "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata:\n  name: small-tool\n"
    "spec:\n  type: service\n  steps:\n    - id: a\n      name: A\n      action: debug:log\n"
)
CATALOG = {
    "catalog-info.yaml": location("./teams/*.yaml", "./linked/x.yaml") + "---\n" + component("root"),
    "teams/all.yaml": group("payments"),
    "places/x.yaml": component("x"),
    "api/catalog-info.yml": API.format(target="../spec/orders.txt"),
    "spec/orders.txt": "openapi: 3.0.0 ü",
    "golden/template.yaml": TEMPLATE,
    "golden/skeleton/catalog-info.yaml": "name: ${{ values.name }}",
    "node_modules/y/catalog-info.yaml": component("not-ours"),
    ".hidden/catalog-info.yaml": component("hidden"),
    "README.md": "a catalog",
}


class Upstream:
    """A company's repository: a person's clone, and the bare repository they push to."""

    def __init__(self, directory: Path) -> None:
        self.bare = directory / "catalog.git"
        self.work = directory / "work"
        as_person(directory, "init", "--quiet", "--bare", str(self.bare))
        as_person(directory, "clone", "--quiet", str(self.bare), str(self.work))

    @property
    def url(self) -> str:
        return f"file://{self.bare}"

    def push(self, files: dict[str, str], *, branch: str = "main") -> None:
        write(self.work, files)
        as_person(self.work, "checkout", "--quiet", "-B", branch)
        as_person(self.work, "add", "--all")
        as_person(self.work, "commit", "--quiet", "--message", "Change")
        as_person(self.work, "push", "--quiet", "origin", branch)


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    made = Upstream(tmp_path)
    made.work.joinpath("places").mkdir()
    made.work.joinpath("linked").symlink_to("places")
    made.push(CATALOG)
    return made


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    made = Catalog(tmp_path / "state" / "catalog.db", cache=tmp_path / "cache")
    yield made
    made.close()


@pytest.fixture
def served(upstream: Upstream) -> Iterator[ThreadingHTTPServer]:
    """Serve the bare repository as plain files, which git can read after `update-server-info`."""
    as_person(upstream.bare, "update-server-info")
    handler = partial(Quiet, directory=str(upstream.bare.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def names(catalog: Catalog) -> list[str]:
    return [each.ref.name for each in catalog.entities()]


def of(catalog: Catalog, name: str) -> str:
    """Return the file that an entity is said to come from."""
    claim = catalog.claim(EntityRef("component", name))
    assert claim is not None
    return str(claim.places[0].file)


def database(catalog: Catalog) -> bytes:
    catalog.close()
    return b"".join(path.read_bytes() for path in catalog.path.parent.glob("catalog.db*"))


# -- what is in it


def test_holds_what_a_checkout_of_it_holds(catalog: Catalog, upstream: Upstream, tmp_path: Path) -> None:
    cloned = [each.entity for each in read(str(upstream.work)) if isinstance(each, Found)]
    bare = [each.entity for each in read(str(upstream.bare), cache=tmp_path / "cache") if isinstance(each, Found)]

    assert [each.document for each in bare] == [each.document for each in cloned]
    assert sorted(each.name for each in bare) == ["all", "orders", "payments", "root", "small-tool", "x"]
    assert catalog.add(upstream.url).added == len(cloned)


def test_walks_as_a_checkout_is_walked(upstream: Upstream, tmp_path: Path) -> None:
    """Of two files with one name the first holds it, so the order counts."""
    as_person(upstream.work, "rm", "--quiet", "-r", ".")
    (upstream.work / "b").mkdir()
    (upstream.work / "z.yml").symlink_to("b/b.yaml")
    (upstream.work / "directory.yaml").symlink_to("b")
    upstream.push({name: component(name[0]) for name in ("b.yaml", "a/y.yaml", "a/b/c.yml", "a.yaml", "b/b.yaml")})

    def order(target: Path) -> list[str]:
        found = read(str(target), cache=tmp_path / "cache")
        return [each.place.file.rpartition(f"{target}")[2].lstrip(":/") for each in found]

    assert order(upstream.bare) == order(upstream.work)
    assert order(upstream.bare)[:4] == ["a.yaml", "b.yaml", "z.yml", "a/y.yaml"]


@pytest.mark.parametrize(
    "target", ["{bare}", "file://{bare}", "file://{bare}@main", "{bare}@main", "{work}@main", "{bare}@v1"]
)
def test_is_named_in_many_ways(catalog: Catalog, upstream: Upstream, target: str) -> None:
    as_person(upstream.work, "tag", "v1")
    as_person(upstream.work, "push", "--quiet", "origin", "v1")
    target = target.format(bare=upstream.bare, work=upstream.work)

    catalog.add(target)

    remembered = target.removeprefix("file://")
    assert [each.target for each in catalog.locations()] == [remembered]
    assert of(catalog, "root") == f"{remembered}:catalog-info.yaml"
    assert catalog.remove(target) == 6
    assert names(catalog) == []


def test_a_ref_is_another_catalog(catalog: Catalog, upstream: Upstream) -> None:
    upstream.push({"more/catalog-info.yaml": component("coming")}, branch="next/year")

    catalog.add(upstream.url)
    assert "coming" not in names(catalog)

    catalog.add(f"{upstream.url}@next/year")
    assert of(catalog, "coming") == f"{upstream.bare}@next/year:more/catalog-info.yaml"


def test_a_directory_stays_a_directory(catalog: Catalog, upstream: Upstream) -> None:
    """What is not committed yet counts there."""
    write(upstream.work, {"new/catalog-info.yaml": component("new")})

    catalog.add(str(upstream.work))

    assert "new" in names(catalog)


def test_a_directory_with_an_at_is_no_ref(catalog: Catalog, upstream: Upstream) -> None:
    write(upstream.bare.with_name("catalog.git@main"), {"catalog-info.yaml": component("beside")})

    catalog.add(f"{upstream.bare}@main")

    assert names(catalog) == ["beside"]


def test_many_files_are_read_together(catalog: Catalog, upstream: Upstream) -> None:
    many = {f"services/s{n}/catalog-info.yaml": component(f"s{n}") for n in range(1_200)}
    upstream.push({**many, "large/catalog-info.yaml": "#" * (LARGEST + 1)})

    found = catalog.add(upstream.url)

    assert found.added == 1_206
    assert ["is too large" in problem.message for problem in found.problems] == [True]


@pytest.mark.parametrize("path", ["../secret.txt", "./out", "./up", "./circle"])
def test_nothing_outside_is_read(catalog: Catalog, upstream: Upstream, path: str) -> None:
    (upstream.bare.parent / "secret.txt").write_text("secret")
    for name, target in {
        "out": f"{upstream.bare.parent}/secret.txt",
        "up": "../../secret.txt",
        "circle": "circle",
    }.items():
        (upstream.work / "api" / name).symlink_to(target)
    upstream.push({"api/catalog-info.yml": API.format(target=path.replace("../", "../../"))})

    (problem,) = catalog.add(upstream.url).problems

    assert "leads outside" in problem.message
    assert problem.place.file == f"{upstream.bare}:api/catalog-info.yml"
    assert b"secret" not in database(catalog).replace(b"secret.txt", b"")


# -- again


def test_refresh_takes_in_what_changed(catalog: Catalog, upstream: Upstream) -> None:
    catalog.add(upstream.url)
    as_person(upstream.work, "rm", "--quiet", "places/x.yaml")
    upstream.push({"teams/more.yaml": group("web"), "spec/orders.txt": "openapi: 3.1.0"})

    (found,) = catalog.refresh()

    assert (found.added, found.changed, found.removed, found.unchanged) == (1, 1, 1, 4)
    orders = catalog.get(EntityRef("api", "orders"))
    assert orders is not None
    assert orders.spec["definition"] == "openapi: 3.1.0"
    assert "there is no file ./linked/x.yaml" in found.problems[0].message


def test_files_that_are_as_they_were_are_not_read(upstream: Upstream, tmp_path: Path) -> None:
    """They are known by their content, so that another commit with the same ones makes no difference."""
    first = opened(upstream.url, cache=tmp_path / "cache").read()
    known = {file.path: Known.of(file.inputs, file.pointers) for file in first.files}
    upstream.push({"README.md": "the catalog", "teams/all.yaml": group("web")})

    again = opened(upstream.url, cache=tmp_path / "cache").read(known)

    assert [file.path for file in again.files] == ["teams/all.yaml"]
    assert len(again.unchanged) == len(known) - 1
    assert not again.touched


def test_what_cannot_be_reached_now_is_kept(catalog: Catalog, upstream: Upstream, served: ThreadingHTTPServer) -> None:
    url = f"http://someone:s3cret@127.0.0.1:{served.server_port}/{upstream.bare.name}"
    catalog.add(url)
    before = names(catalog)
    served.shutdown()
    served.server_close()

    (found,) = catalog.refresh()

    assert isinstance(found.failed, TryAgain)
    said = "\n".join([found.failed.message, *found.failed.details])
    assert "git ls-remote failed" in said
    assert f"what was read of {normalised(url)} just now is kept" in said
    assert "s3cret" not in said
    assert names(catalog) == before
    with pytest.raises(TryAgain):
        catalog.refresh(url)


def test_what_is_gone_is_kept_until_it_is_forgotten(catalog: Catalog, upstream: Upstream) -> None:
    catalog.add(upstream.url)
    catalog.add(f"{upstream.url}@main")
    upstream.bare.rename(upstream.bare.with_name("moved.git"))

    assert [result.problems[0].message.partition(";")[0] for result in catalog.refresh()] == [
        f"{upstream.bare} does not exist",
        f"{upstream.bare}@main does not exist",
    ]
    assert catalog.facts().entities == 6
    assert catalog.remove(upstream.url) == 6


# -- over the network


def test_is_read_over_http_and_known_without_its_password(
    catalog: Catalog, upstream: Upstream, served: ThreadingHTTPServer
) -> None:
    place = f"127.0.0.1:{served.server_port}/{upstream.bare.name}"

    assert catalog.add(f"http://someone:s3cret@{place}/").target == f"http://{place}"
    assert of(catalog, "x") == f"http://{place}:linked/x.yaml"

    upstream.push({"teams/more.yaml": group("web")})
    as_person(upstream.bare, "update-server-info")
    assert catalog.refresh(f"http://other:passw0rd@{place}")[0].added == 1
    assert not any(secret in database(catalog) for secret in (b"s3cret", b"passw0rd", b"someone"))
    assert catalog.remove(f"http://{place}") == 7


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("nowhere.git", RepositoryRefused, "not found"),
        ("catalog.git@v9", RefNotFound, "'v9' is no branch, tag or commit of http://127.0.0.1"),
        ("catalog.git/blob/main/catalog-info.yaml", BadLocation, "is on another machine"),
        ("all.yaml", BadLocation, "is on another machine"),
    ],
)
def test_what_is_not_there_is_remembered_nowhere(
    catalog: Catalog, served: ThreadingHTTPServer, path: str, error: type[ScaffolderError], words: str
) -> None:
    with pytest.raises(InvalidInput, match=words) as refused:
        catalog.add(f"http://someone:s3cret@127.0.0.1:{served.server_port}/{path}")

    assert type(refused.value) is error
    assert refused.value.hint
    assert "s3cret" not in "".join([refused.value.message, refused.value.hint, *refused.value.details])
    assert catalog.locations() == []


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("https://ann:a/b@git.example.com/x.git", BadLocation),
        ("ext://sh/x", AddressInvalid),
        ("https://git.example.com", BadLocation),
    ],
)
def test_what_is_no_address_is_refused(catalog: Catalog, target: str, error: type[ScaffolderError]) -> None:
    with pytest.raises(error) as refused:
        catalog.add(target)

    assert "a/b" not in refused.value.message
    assert refused.value.hint


def test_a_repository_without_entities_is_not_remembered(catalog: Catalog, tmp_path: Path) -> None:
    empty = Upstream(tmp_path)
    with pytest.raises(BadLocation, match="has no default branch with commits"):
        catalog.add(empty.url)

    empty.push({"README.md": "nothing here"})
    with pytest.raises(NothingFound, match=r"catalog\.git describes no valid entity"):
        catalog.add(empty.url)
    assert catalog.locations() == []


def test_a_url_that_was_never_added_is_unknown(catalog: Catalog) -> None:
    with pytest.raises(LocationUnknown, match=r"https://git\.example\.com/a/b\.git@v1 is no location"):
        catalog.refresh("https://ann:s3cret@git.example.com/a/b.git@v1")


def test_without_a_cache_nothing_is_fetched(upstream: Upstream) -> None:
    with pytest.raises(BadLocation, match="is not read here"):
        list(read(upstream.url))


def test_looking_loads_no_git() -> None:
    code = "import sys, scaffolder.catalog; print('scaffolder.gateways.git' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
