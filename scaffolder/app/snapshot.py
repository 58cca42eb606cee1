"""
Snapshots of a shared catalog: made once, where every change of it is checked, and taken by everybody.

Reading a company's catalog means reading from all its repositories, and comparing it takes a minute of computing. With
a snapshot that is done before anybody asks.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scaffolder import __version__
from scaffolder.catalog import Catalog, adoption, registry
from scaffolder.catalog import snapshot as snapshots
from scaffolder.catalog.database import Database
from scaffolder.catalog.location import normalised
from scaffolder.catalog.repositories import by_path, by_url
from scaffolder.catalog.snapshot import Manifest, SnapshotRefused
from scaffolder.errors import InvalidInput, ScaffolderError, TryAgain
from scaffolder.gateways import git, git_snapshot, ssh_signature
from scaffolder.gateways.git import GitDirectory, Identity
from scaffolder.gateways.git_address import Address
from scaffolder.gateways.git_checkout import Checkout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scaffolder.catalog import Ingest
    from scaffolder.catalog.comparisons import Comparing
    from scaffolder.similar.encoder import Encoder

DATABASE, MANIFEST, SIGNATURE = "snapshot.db.gz", "snapshot.json", "snapshot.sig"
REMOTE = "origin"
NAMESPACE = "scaffolder-snapshot"
LARGEST_MANIFEST = 64 * 1024
NOBODY = Identity("scaffolder", "scaffolder@localhost")
"""Who publishes where git knows nobody: a machine that runs checks."""


class NoOrigin(InvalidInput):
    """A clone that does not say where it is from."""

    def __init__(self, here: Path) -> None:
        super().__init__(
            f"{here} has no remote `origin`", hint="git clone ADDRESS makes a clone that knows where it is from"
        )


class Taken(NamedTuple):
    """
    What came of a snapshot that was published.

    `reason` says why it was not taken, '' when it was; `changes` are those of the catalog.
    """

    manifest: Manifest | None = None
    changes: Ingest | None = None
    reason: str = ""


class Made(NamedTuple):
    """A snapshot of the catalog at `address`: its files by their names, and the commit that published them, or ''."""

    address: str
    manifest: Manifest
    files: Mapping[str, Path]
    changes: Ingest
    published: str = ""

    @property
    def is_signed(self) -> bool:
        """Whether a signature is beside it."""
        return SIGNATURE in self.files


def take(
    catalog: Catalog, address: str, *, cache: Path, signers: Sequence[str] = (), encoder: Encoder | None = None
) -> Taken | None:
    """
    Take over the snapshot of a shared catalog, if there is one that is newer than what is known.

    What has changed since is not read here. With `signers`, public keys, one of them must have signed it. None when
    there is nothing to take, or nobody to ask; nothing is raised.
    """
    try:
        return _take(catalog, _address(address), cache=cache, signers=signers, encoder=encoder)
    except TryAgain:
        return None  # whoever reads the catalog next says so
    except ScaffolderError as error:
        return Taken(reason=f"{error.message}; {error.hint}" if error.hint else error.message)
    except OSError as error:
        return Taken(reason=f"the catalog's snapshot cannot be unpacked: {error.strerror}")


def make(
    here: Path,
    into: Path,
    *,
    cache: Path,
    encoder: Encoder,
    key: Path | None = None,
    progress: Callable[[int, int], None] = lambda _number, _total: None,
) -> Made:
    """
    Read the catalog that a clone is of, compare all of it, and write a snapshot of that into a directory.

    It is read from where the clone is from, its default branch. What was published before is taken first: what cannot
    be read today stays as it was, and what did not change is not compared again. With `key`, a private one, it is
    signed.

    Raises:
        InvalidInput: There is no clone, or nothing in the catalog.
        NotSigned: The key cannot be used.
        ScaffolderError: The repository cannot be read, or the disk is full.
    """
    address = _origin(Checkout.around(here))
    signers = (ssh_signature.public_half(key),) if key else ()
    began = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as name:
        database = Path(name) / "catalog.db"
        with closing(Catalog(database, cache=cache)) as catalog:
            take(catalog, address, cache=cache, signers=signers, encoder=encoder)
            changes = _read(catalog, address, progress)
            _compare(catalog, encoder, progress)
        manifest = _write(database, into, address, cache=cache, read_at=began, encoder=encoder)
    files = {DATABASE: into / DATABASE, MANIFEST: into / MANIFEST}
    if key:
        files[SIGNATURE] = ssh_signature.sign(into / MANIFEST, key, namespace=NAMESPACE).rename(into / SIGNATURE)
    return Made(_address(address).kept, manifest, files, changes)


def publish(here: Path, made: Made) -> Made:
    """
    Publish a snapshot in the repository that a clone is from, in place of the one before.

    Raises:
        GitFailed: It was refused.
    """
    message = f"Snapshot of {made.manifest.entities:,} entities at {made.manifest.commit[:12]}"
    commit = git_snapshot.publish(
        Checkout.around(here).directory,
        made.files,
        remote=REMOTE,
        identity=git.identity() or NOBODY,
        message=message,
    )
    return made._replace(published=commit)


# taking


def _take(
    catalog: Catalog, address: Address, *, cache: Path, signers: Sequence[str], encoder: Encoder | None
) -> Taken | None:
    seen = git_snapshot.look(address.url)
    with closing(Database(catalog.path)) as database, tempfile.TemporaryDirectory() as name:
        with database.reading() as connection:
            read_at, known = registry.whole(connection, address.kept)
        if seen in {"", known}:
            return None
        published, comparing = _fetched(address, seen, Path(name), cache=cache, encoder=encoder)
        try:
            manifest = _checked(published, signers)
            if manifest.read_at.isoformat() <= read_at:
                _pass_over(database, address, seen)
                return None
            copy, tip = _tip(address, manifest.commit, cache)
            changes = adoption.adopt(
                database,
                adoption.Snapshot(_unpacked(published, manifest), manifest, published.commit),
                target=address.kept,
                comparing=comparing,
                current={path: blob.name for path, blob in copy.listing(tip).items()},
            )
        except SnapshotRefused:
            _pass_over(database, address, seen)
            raise
    return Taken(manifest, changes)


def _fetched(
    address: Address, seen: str, into: Path, *, cache: Path, encoder: Encoder | None
) -> tuple[git_snapshot.Published, Comparing]:
    """Fetch a snapshot; what else will be needed is made ready while that goes on."""
    with ThreadPoolExecutor(1) as beside:
        fetching = beside.submit(git_snapshot.fetch, address.url, seen, into=into)
        comparing = _comparing(encoder)
        git.mirror(address.url, cache=cache, refresh=False)
        return fetching.result(), comparing


def _pass_over(database: Database, address: Address, seen: str) -> None:
    """Note that a snapshot was looked at, so that it is not fetched again each time."""
    with database.reading() as connection:
        location_id = registry.find(connection, address.kept)
    if location_id is not None:
        with database.writing() as connection:
            registry.note_whole(connection, location_id, at="", snapshot=seen)


def _checked(published: git_snapshot.Published, signers: Sequence[str]) -> Manifest:
    """Return the manifest, when it is one, and signed by somebody who may."""
    data = published.read(MANIFEST, most=LARGEST_MANIFEST)
    if data is None or DATABASE not in published.files:
        raise SnapshotRefused(f"is incomplete: {MANIFEST} and {DATABASE} belong to it")
    if signers:
        signature = published.read(SIGNATURE, most=LARGEST_MANIFEST)
        if signature is None:
            raise SnapshotRefused("is not signed, and the settings ask for a signature")
        if not ssh_signature.is_signed(data, signature, keys=signers, namespace=NAMESPACE):
            raise SnapshotRefused("has no good signature by any of the keys in the settings")
    return Manifest.parse(data)


def _tip(address: Address, commit: str, cache: Path) -> tuple[GitDirectory, str]:
    """Return a copy of the repository and its newest commit; a snapshot is of that one, or of one before."""
    copy = git.mirror(address.url, cache=cache, refresh=False)
    if copy.resolve(commit) is None:
        copy = git.mirror(address.url, cache=cache)
    tip = git.commit_of(copy, address.ref or "HEAD", where=address.kept)
    if not git_snapshot.is_before(copy, commit, tip):
        raise SnapshotRefused("is of a commit that the catalog's repository does not have, or has no more")
    return copy, tip


def _unpacked(published: git_snapshot.Published, manifest: Manifest) -> Path:
    packed = published.extract(DATABASE)
    plain = packed.with_name("snapshot.db")
    snapshots.unpacked(packed, plain, manifest)
    return plain


def _comparing(encoder: Encoder | None) -> Comparing:
    from scaffolder import plugins
    from scaffolder.similar.index import comparing

    return comparing(encoder or plugins.encoder())


def _address(text: str) -> Address:
    """Return the repository that an address, or a path, names."""
    target = normalised(text)
    return by_url(text) or by_path(target) or Address(target)


# making


def _origin(checkout: Checkout) -> str:
    """Return the address that a clone is from."""
    address = git_snapshot.address_of(checkout.directory, REMOTE)
    if not address:
        raise NoOrigin(checkout.top)
    if by_url(address) or "://" in address:
        return address
    return str((checkout.top / address).resolve())


def _read(catalog: Catalog, address: str, progress: Callable[[int, int], None]) -> Ingest:
    """Read it all, over what is known already."""
    target = _address(address).kept
    if any(location.target == target for location in catalog.locations()):
        return catalog.refresh(target, progress=progress)[0]
    return catalog.add(address, progress=progress)


def _compare(catalog: Catalog, encoder: Encoder, progress: Callable[[int, int], None]) -> None:
    from scaffolder.similar.index import index_of

    index_of(catalog, encoder).update(progress)


def _write(catalog: Path, into: Path, address: str, *, cache: Path, read_at: datetime, encoder: Encoder) -> Manifest:
    """Write database and manifest."""
    found = _address(address)
    commit = git.commit_of(git.mirror(found.url, cache=cache, refresh=False), found.ref or "HEAD", where=found.kept)
    plain = catalog.with_name("snapshot.db")
    with closing(Database(catalog)) as database:
        entities = snapshots.write(database, plain, target=found.kept)
    into.mkdir(parents=True, exist_ok=True)
    sha256, size = snapshots.packed(plain, into / DATABASE)
    manifest = Manifest(__version__, _comparing(encoder).version, commit, read_at, sha256, size, entities)
    (into / MANIFEST).write_bytes(manifest.written())
    return manifest
