"""A catalog that was read once is what everybody has, and nothing of the person who made it, or takes it."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.app.snapshot import DATABASE, MANIFEST, SIGNATURE, Made, Taken, make, publish, take
from scaffolder.catalog import Catalog, EntityRef
from scaffolder.gateways.git_snapshot import REF
from scaffolder.similar import Query, find_similar
from scaffolder.similar.index import index_of
from tests.catalog.files import component, group, location, write
from tests.gateways.repositories import as_person
from tests.similar.encoders import Letters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SHOP = EntityRef("component", "shop")
POST = EntityRef("component", "post")


def described(name: str, text: str) -> str:
    return component(name, more=f"  description: {text}\n")


class Company:
    """A catalog's repository, and the clone in which its checks run."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.address = str(place / "acme" / "catalog.git")
        self.clone = place / "clone"
        place.joinpath("acme").mkdir()
        as_person(place, "init", "--quiet", "--bare", self.address)
        as_person(place, "clone", "--quiet", self.address, str(self.clone))

    def commit(self, files: dict[str, str | None]) -> None:
        for path, text in files.items():
            if text is None:
                (self.clone / path).unlink()
            else:
                write(self.clone, {path: text})
        as_person(self.clone, "add", "--all")
        as_person(self.clone, "commit", "--quiet", "--message", "x")
        as_person(self.clone, "push", "--quiet", "origin", "HEAD:main")

    def snapshot(self, *, key: Path | None = None, encoder: Letters | None = None) -> Made:
        into = self.place / "made"
        shutil.rmtree(into, ignore_errors=True)
        made = make(self.clone, into, cache=self.place / "ci", encoder=encoder or Letters(), key=key)
        return publish(self.clone, made)

    def replaced(self, files: dict[str, bytes | None]) -> None:
        """Publish something else, as somebody does who may push."""
        held = self.place / "made"
        for name, data in files.items():
            if data is None:
                (held / name).unlink()
            else:
                (held / name).write_bytes(data)
        names = [path for path in held.iterdir() if path.is_file()]
        ids = [as_person(self.clone, "hash-object", "-w", str(path)) for path in names]
        rows = "".join(f"100644 blob {each}\t{path.name}\n" for each, path in zip(ids, names, strict=True))
        tree = subprocess.run(
            ["git", "mktree"], cwd=self.clone, input=rows, text=True, capture_output=True, check=True
        ).stdout.strip()
        commit = as_person(self.clone, "commit-tree", tree, "-m", str(datetime.now(UTC)))
        as_person(self.clone, "push", "--quiet", "--force", "origin", f"{commit}:{REF}")


@pytest.fixture
def company(tmp_path: Path) -> Company:
    made = Company(tmp_path)
    made.commit(
        {
            "groups.yaml": group("payments"),
            "shop.yaml": described("shop", "Sells lamps to people."),
            "post.yaml": described("post", "Sends letters abroad."),
        }
    )
    return made


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Catalog]:
    with closing(Catalog(tmp_path / "laptop" / "catalog.db", cache=tmp_path / "laptop" / "git")) as catalog:
        yield catalog


def taken(laptop: Catalog, company: Company, *signers: str, encoder: Letters | None = None) -> Taken | None:
    cache = laptop.path.parent / "git"
    return take(laptop, company.address, cache=cache, signers=signers, encoder=encoder or Letters())


def content(catalog: Catalog) -> list[tuple[str, Any]]:
    everything = [catalog.require(each.ref) for each in catalog.entities()]
    return [(str(each.ref), each.document) for each in everything]


def test_it_is_what_reading_the_catalog_gives(company: Company, laptop: Catalog, tmp_path: Path) -> None:
    company.commit({"wrong.yaml": "kind: Component\nmetadata: {}\n", "twice.yaml": described("shop", "Another shop.")})
    company.snapshot()
    reader = Catalog(tmp_path / "reader.db")
    reader.add(company.address)

    assert taken(laptop, company) is not None

    assert content(laptop) == content(reader)
    assert laptop.problems() == reader.problems() != []
    assert laptop.conflicts() == reader.conflicts() != []
    assert [place.entities for place in laptop.locations()] == [place.entities for place in reader.locations()]
    assert laptop.relations(SHOP) == reader.relations(SHOP)
    assert laptop.search("lamps") == reader.search("lamps")


def test_a_refresh_afterwards_reads_only_what_came_later(company: Company, laptop: Catalog) -> None:
    company.snapshot()
    company.commit({"shop.yaml": described("shop", "Rents boats."), "new.yaml": described("new", "Is new.")})
    taken(laptop, company)

    (result,) = laptop.refresh()

    assert (result.added, result.changed, result.removed, result.unchanged) == (1, 1, 0, 2)
    assert laptop.require(SHOP).description == "Rents boats."


def test_similar_needs_no_computing_then(company: Company, laptop: Catalog) -> None:
    company.snapshot()
    taken(laptop, company)
    encoder = Letters()

    found = find_similar(laptop, Query("letter-sender", "Sends letters abroad."), encoder=encoder)

    assert found.matches[0].ref == POST
    assert not any("lamps" in text for text in encoder.asked)
    assert index_of(laptop, encoder).missing() == 0
    again = Letters()
    index_of(laptop, again).update()
    assert again.asked == []


def test_what_is_found_is_what_a_reader_of_the_catalog_finds(company: Company, laptop: Catalog, tmp_path: Path) -> None:
    company.commit({f"{n}.yaml": described(f"thing-{n}", f"Does job {n}. Runs on our platform.") for n in range(30)})
    company.snapshot()
    reader = Catalog(tmp_path / "reader.db")
    reader.add(company.address)
    taken(laptop, company)
    query = Query("job", "Does job 7.")

    ours, theirs = (find_similar(each, query, encoder=Letters()) for each in (laptop, reader))

    assert [match.to_json() for match in ours.matches] == [match.to_json() for match in theirs.matches]


def test_vectors_of_another_encoder_are_made_again(company: Company, laptop: Catalog) -> None:
    company.snapshot(encoder=Letters("letters 1"))
    mine = Letters("letters 2")

    taken(laptop, company, encoder=mine)

    assert len(content(laptop)) == 3
    assert index_of(laptop, mine).missing() == 2
    assert find_similar(laptop, Query("post", "Sends letters"), encoder=mine).matches[0].ref == POST


def test_an_entry_that_stays_keeps_its_id_and_its_row(company: Company, laptop: Catalog) -> None:
    company.snapshot()
    taken(laptop, company)
    before = {row.key: row for row in laptop.comparisons.every()}
    company.commit({"shop.yaml": described("shop", "Rents boats."), "more.yaml": described("more", "Is more.")})
    company.commit({"groups.yaml": None})
    company.snapshot()

    result = taken(laptop, company)

    assert result
    assert result.changes
    assert (result.changes.added, result.changes.changed, result.changes.removed) == (1, 1, 1)
    after = {row.key: row for row in laptop.comparisons.every()}
    assert after[POST.key][:3] == before[POST.key][:3]
    assert after[SHOP.key].id == before[SHOP.key].id
    assert after[SHOP.key].texts != before[SHOP.key].texts
    assert not laptop.get(EntityRef("group", "payments"))


def test_what_is_a_persons_own_stays(company: Company, laptop: Catalog, tmp_path: Path) -> None:
    mine = write(tmp_path / "mine", {"catalog-info.yaml": described("mine", "Is my own.")})
    laptop.add(str(mine))
    reserved = EntityRef("component", "planned")
    laptop.reserve([reserved], task_id="7", owner="", purpose="To come", who="me", at=datetime.now(UTC))
    laptop.record({"choice": "built"})
    encoder = Letters()
    index_of(laptop, encoder).update()
    company.snapshot()

    taken(laptop, company, encoder=encoder)

    assert laptop.get(EntityRef("component", "mine"))
    assert laptop.reservation(reserved)
    assert [event["choice"] for event in laptop.events()] == ["built"]
    keys = {row.key for row in laptop.comparisons.every()}
    index_of(laptop, encoder).update()
    assert keys | {row.key for row in laptop.comparisons.every()} >= {"component:default/mine", SHOP.key, reserved.key}
    assert laptop.locations()[1].task_id == ""


def test_nothing_of_a_person_is_in_it(company: Company, tmp_path: Path) -> None:
    company.snapshot()
    plain = gzip.decompress((tmp_path / "made" / DATABASE).read_bytes())
    manifest = json.loads((tmp_path / "made" / MANIFEST).read_bytes())

    assert str(tmp_path).encode() not in plain
    assert b"event" not in plain
    assert b"reservation" not in plain
    assert b"task" not in plain
    assert manifest["entities"] == 3
    assert manifest["commit"] == as_person(company.clone, "rev-parse", "HEAD")


def test_it_is_taken_once(company: Company, laptop: Catalog) -> None:
    assert taken(laptop, company) is None
    company.snapshot()
    assert taken(laptop, company) is not None
    assert taken(laptop, company) is None


def test_an_older_one_is_not_taken(company: Company, laptop: Catalog, tmp_path: Path) -> None:
    company.snapshot()
    old = {name: (tmp_path / "made" / name).read_bytes() for name in (DATABASE, MANIFEST)}
    company.commit({"more.yaml": described("more", "Is more.")})
    company.snapshot()
    taken(laptop, company)

    company.replaced(dict(old))

    assert taken(laptop, company) is None
    assert laptop.get(EntityRef("component", "more"))


def test_what_was_read_since_is_not_taken_back(company: Company, laptop: Catalog) -> None:
    laptop.add(company.address)
    company.snapshot()
    company.commit({"shop.yaml": described("shop", "Rents boats."), "new.yaml": described("new", "Is new.")})
    laptop.refresh(elsewhere=False)

    assert taken(laptop, company)

    assert laptop.get(EntityRef("component", "new"))
    assert laptop.require(SHOP).description == "Rents boats."
    assert laptop.refresh()[0].unchanged == 4


def test_one_whose_reading_began_before_all_was_read_here_is_not_taken(company: Company, laptop: Catalog) -> None:
    company.snapshot()
    laptop.add(company.address)

    assert taken(laptop, company) is None
    company.snapshot()
    laptop.refresh(elsewhere=False)

    assert taken(laptop, company) is not None


def test_what_a_task_registered_gives_way(company: Company, laptop: Catalog, orders: Path) -> None:
    registered = f"git:{company.place}/acme/services/orders.git@main:catalog-info.yaml"
    as_person(orders, "rm", "--quiet", "catalog-info.yaml")
    write(orders, {"catalog-info.yaml": described("orders", "Takes orders.")})
    push(orders)
    laptop.register(registered, task_id="7")
    company.snapshot()

    taken(laptop, company)

    assert [location.target for location in laptop.locations()] == [company.address]
    assert not laptop.conflicts()


def test_a_clock_that_is_fast_does_not_keep_later_ones_away(company: Company, laptop: Catalog, tmp_path: Path) -> None:
    company.snapshot()
    manifest = json.loads((tmp_path / "made" / MANIFEST).read_bytes())
    future = (datetime.now(UTC) + timedelta(days=900)).isoformat()
    company.replaced({MANIFEST: json.dumps({**manifest, "readAt": future}).encode()})
    taken(laptop, company)
    company.commit({"more.yaml": described("more", "Is more.")})
    company.snapshot()

    assert taken(laptop, company) is not None
    assert laptop.get(EntityRef("component", "more"))


def test_a_machine_that_cannot_be_asked_is_no_reason_to_stop(laptop: Catalog, tmp_path: Path) -> None:
    result = take(laptop, str(tmp_path / "nowhere.git"), cache=tmp_path / "git", encoder=Letters())

    assert result is None or result.reason
    assert not laptop.path.exists()


def test_what_is_not_taken_is_not_fetched_again(company: Company, laptop: Catalog, tmp_path: Path) -> None:
    laptop.add(company.address)
    company.snapshot()
    company.replaced({MANIFEST: b"{"})

    first, second = taken(laptop, company), taken(laptop, company)
    company.snapshot()

    assert first
    assert first.reason
    assert second is None
    assert taken(laptop, company)
    assert not [*tmp_path.glob("laptop/git/*snapshot*")]


# services that describe themselves, in their own repositories


def service(company: Company, path: str, files: dict[str, str]) -> Path:
    """Make a repository with a work tree beside it; return the work tree."""
    bare, tree = company.place / "acme" / path, company.place / "trees" / path
    as_person(company.place, "init", "--quiet", "--bare", str(bare))
    as_person(company.place, "clone", "--quiet", str(bare), str(tree))
    write(tree, files)
    push(tree)
    return tree


def push(tree: Path) -> None:
    as_person(tree, "add", "--all")
    as_person(tree, "commit", "--quiet", "--message", "x")
    as_person(tree, "push", "--quiet", "origin", "HEAD:main")


def place_of(catalog: Catalog, ref: EntityRef) -> str:
    claim = catalog.claim(ref)
    assert claim
    return claim.places[0].file


ORDERS = EntityRef("component", "orders")
AUDIT = EntityRef("component", "audit")


@pytest.fixture
def orders(company: Company) -> Path:
    """Return the work tree of a service whose location leads to one in yet another repository."""
    service(company, "services/audit.git", {"catalog-info.yaml": described("audit", "Keeps a record of all.")})
    more = location("git:../audit.git@main:catalog-info.yaml")
    files = {"catalog-info.yaml": f"{described('orders', 'Takes orders.')}---\n{more}"}
    tree = service(company, "services/orders.git", files)
    lead = location("git:../services/orders.git@main:catalog-info.yaml").replace("name: all", "name: orders")
    company.commit({"locations/component-default-orders.yaml": lead})
    return tree


@pytest.mark.usefixtures("orders")
def test_services_come_along_by_whatever_address_the_catalog_is_reached(
    company: Company, laptop: Catalog, tmp_path: Path
) -> None:
    assert not company.snapshot().changes.problems
    other = tmp_path / "mount"
    other.symlink_to(company.place / "acme")
    cache = laptop.path.parent / "git"
    assert take(laptop, str(other / "catalog.git"), cache=cache, encoder=Letters())
    assert place_of(laptop, ORDERS) == f"git:{other}/services/orders.git@main:catalog-info.yaml"
    assert place_of(laptop, AUDIT) == f"git:{other}/services/audit.git@main:catalog-info.yaml"
    assert place_of(laptop, SHOP) == f"{other}/catalog.git:shop.yaml"
    before = {row.key: row for row in laptop.comparisons.every()}

    (result,) = laptop.refresh()

    assert (result.added, result.changed, result.removed) == (0, 0, 0)
    assert {row.key: row for row in laptop.comparisons.every()} == before


@pytest.mark.usefixtures("orders")
def test_what_cannot_be_read_today_stays_in_it_as_it_was(company: Company, laptop: Catalog) -> None:
    company.snapshot()
    (company.place / "acme/services/orders.git").rename(company.place / "away.git")
    made = company.snapshot()

    taken(laptop, company)

    assert any("orders.git" in str(problem) for problem in made.changes.problems)
    assert laptop.get(ORDERS)
    assert any("orders.git" in str(problem) for problem in laptop.problems())


def test_what_a_service_says_now_comes_with_the_next(company: Company, laptop: Catalog, orders: Path) -> None:
    company.snapshot()
    taken(laptop, company)
    write(orders, {"catalog-info.yaml": described("orders", "Takes them back.")})
    push(orders)
    company.snapshot()

    taken(laptop, company)

    assert laptop.require(ORDERS).description == "Takes them back."
    assert not laptop.get(AUDIT)


def test_what_was_not_there_is_tried_again_though_the_catalog_stays(company: Company, laptop: Catalog) -> None:
    tree = service(company, "services/late.git", {"README.md": "To come."})
    lead = location("git:../services/late.git@main:catalog-info.yaml")
    company.commit({"locations/component-default-late.yaml": lead})
    company.snapshot()
    taken(laptop, company)
    laptop.refresh(elsewhere=False)
    write(tree, {"catalog-info.yaml": described("late", "Comes late.")})
    push(tree)

    (found,) = laptop.refresh(elsewhere=False)
    (after,) = laptop.refresh(elsewhere=False)

    assert found.added == 1
    assert (after.added, after.changed, after.removed, after.unchanged) == (0, 0, 0, 5)
    assert not after.problems


def test_a_look_that_finds_nothing_new_is_a_reading(company: Company, laptop: Catalog) -> None:
    company.snapshot()
    taken(laptop, company)
    before = laptop.read_at([company.address])

    laptop.refresh(elsewhere=False)

    after = laptop.read_at([company.address])
    assert before
    assert after
    assert after > before


# what is not taken


def truncated(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flipped(data: bytes) -> bytes:
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def other(**changes: Any) -> Callable[[bytes], bytes]:
    return lambda data: json.dumps({**json.loads(data), **changes}).encode()


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        (DATABASE, truncated, "damaged"),
        (DATABASE, flipped, "damaged"),
        (DATABASE, lambda _: b"", "damaged"),
        (DATABASE, lambda _: gzip.compress(b"x" * 1000), "damaged"),
        (DATABASE, lambda _: None, "incomplete"),
        (MANIFEST, lambda _: None, "incomplete"),
        (MANIFEST, lambda _: b"{", "says nothing of itself"),
        (MANIFEST, lambda _: b"[" * 60_000, "says nothing of itself"),
        (MANIFEST, lambda _: b" " * 70_000, "incomplete"),
        (MANIFEST, other(format=2), "upgrade"),
        (MANIFEST, other(sha256="0" * 64), "damaged"),
        (MANIFEST, other(size=1), "damaged"),
        (MANIFEST, other(size=10**12), "too large"),
        (MANIFEST, other(size="1"), "says nothing of itself"),
        (MANIFEST, other(entities=10**7), "too large"),
        (MANIFEST, other(commit="f" * 40), "a commit that"),
        (MANIFEST, other(commit="--upload-pack=x"), "says nothing of itself"),
        (MANIFEST, other(readAt="soon"), "says nothing of itself"),
    ],
)
def test_what_is_not_whole_is_not_taken(
    company: Company, laptop: Catalog, tmp_path: Path, name: str, change: Callable[[bytes], bytes], reason: str
) -> None:
    company.snapshot()
    company.replaced({name: change((tmp_path / "made" / name).read_bytes())})

    result = taken(laptop, company)

    assert result is not None
    assert reason in result.reason
    assert laptop.locations() == []


def test_a_snapshot_of_another_repository_is_not_taken(company: Company, laptop: Catalog, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    another = Company(tmp_path / "other")
    another.commit({"bank.yaml": described("bank", "Keeps the money.")})
    another.snapshot()
    company.snapshot()
    company.replaced({name: (another.place / "made" / name).read_bytes() for name in (DATABASE, MANIFEST)})

    result = taken(laptop, company)

    assert result
    assert "a commit that the catalog's repository does not have" in result.reason


def test_after_history_was_rewritten_it_is_read_instead(company: Company, laptop: Catalog) -> None:
    company.snapshot()
    as_person(company.clone, "commit", "--quiet", "--amend", "--message", "other")
    as_person(company.clone, "push", "--quiet", "--force", "origin", "HEAD:main")

    result = taken(laptop, company)

    assert result
    assert "has no more" in result.reason
    assert laptop.add(company.address).added == 3


# signatures


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return new_key(tmp_path / "key")


def new_key(place: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ci", "-f", str(place)], check=True)
    return place


def public(key: Path) -> str:
    return key.with_suffix(".pub").read_text().strip()


def test_a_signed_one_is_taken(company: Company, laptop: Catalog, key: Path, tmp_path: Path) -> None:
    made = company.snapshot(key=key)

    result = taken(laptop, company, public(new_key(tmp_path / "other")), public(key))

    assert made.is_signed
    assert result
    assert not result.reason


def test_one_without_a_good_signature_is_not_taken(
    company: Company, laptop: Catalog, key: Path, tmp_path: Path
) -> None:
    company.snapshot()
    unsigned = taken(laptop, company, public(key))
    company.snapshot(key=new_key(tmp_path / "other"))
    by_another = taken(laptop, company, public(key))
    company.snapshot(key=key)
    manifest = (tmp_path / "made" / MANIFEST).read_bytes()
    company.replaced({MANIFEST: manifest.replace(b'"entities": 3', b'"entities": 2')})
    changed = taken(laptop, company, public(key))
    company.replaced({MANIFEST: manifest, SIGNATURE: b"\x00\xff"})
    nonsense = taken(laptop, company, public(key))

    assert unsigned
    assert "not signed" in unsigned.reason
    for each in (by_another, changed, nonsense):
        assert each
        assert "no good signature" in each.reason
    assert laptop.locations() == []


def test_a_signature_for_something_else_is_none(company: Company, laptop: Catalog, key: Path, tmp_path: Path) -> None:
    company.snapshot(key=key)
    manifest = tmp_path / "made" / MANIFEST
    subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", str(key), str(manifest)], check=True, capture_output=True
    )
    signature = manifest.with_name(f"{MANIFEST}.sig")
    company.replaced({SIGNATURE: signature.read_bytes(), signature.name: None})

    result = taken(laptop, company, public(key))

    assert result
    assert "no good signature" in result.reason


@pytest.mark.parametrize(
    "signer", ["", "me", "ssh-ed25519", "cert-authority ssh-ed25519 AAAA", "ssh-ed25519 AAAA\n* ssh-ed25519 BBBB"]
)
def test_what_is_no_key_is_said_to_be_none(company: Company, laptop: Catalog, key: Path, signer: str) -> None:
    company.snapshot(key=key)

    result = taken(laptop, company, signer)

    assert result
    assert "is no public key" in result.reason


# making


def test_the_second_computes_only_what_changed(company: Company) -> None:
    company.snapshot()
    company.commit({"shop.yaml": described("shop", "Rents boats.")})
    company.commit({f"{n}.yaml": described(f"thing-{n}", f"Does job {n}.") for n in range(40)})
    company.snapshot()
    company.commit({"shop.yaml": described("shop", "Sells trees.")})
    encoder = Letters()

    company.snapshot(encoder=encoder)

    assert any("trees" in text for text in encoder.asked)
    assert not any("job" in text for text in encoder.asked)


def test_it_is_of_what_was_published_never_of_a_branch(company: Company, laptop: Catalog) -> None:
    write(company.clone, {"draft.yaml": described("draft", "Is not decided.")})
    as_person(company.clone, "checkout", "--quiet", "-b", "change")
    as_person(company.clone, "add", "--all")
    as_person(company.clone, "commit", "--quiet", "--message", "draft")
    company.snapshot()

    taken(laptop, company)

    assert not laptop.get(EntityRef("component", "draft"))


def test_a_repository_that_allows_no_force_takes_it_too(company: Company, laptop: Catalog) -> None:
    as_person(company.clone, "-C", company.address, "config", "receive.denyNonFastForwards", "true")
    company.snapshot()
    company.commit({"more.yaml": described("more", "Is more.")})
    company.snapshot()

    taken(laptop, company)

    assert laptop.get(EntityRef("component", "more"))
    assert as_person(company.clone, "ls-remote", "origin", REF)
    assert as_person(company.clone, "-C", company.address, "rev-list", "--count", REF) == "1"
