"""
Reading files of other repositories, many repositories at once.

A repository is asked what its branches are, and only one that has moved is fetched: shallow, and of its files those
that are wanted. One that cannot be read keeps nobody from reading the others.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.catalog.elsewhere import FileElsewhere
from scaffolder.catalog.reports import silent
from scaffolder.catalog.roots import CommitRoot, ElsewhereRoot, Origin, Unreadable
from scaffolder.errors import ScaffolderError
from scaffolder.gateways.git import Unreachable
from scaffolder.gateways.git_address import host_of, without_user
from scaffolder.gateways.git_shallow import ShallowCopy, Tip, tips

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from scaffolder.catalog.reports import Progress
    from scaffolder.gateways.git import GitDirectory

AT_ONCE = 8
"""Repositories that are asked at one time."""
AHEAD = 16
"""Repositories whose files wait to be parsed; more would only fill the memory."""
STRIKES = 3
"""Repositories of one host that do not answer, one after the other, before the others there are not asked any more."""

Stamps = dict[FileElsewhere, str]
"""The files wanted of a ref, with the commit each was read at, '' for those that were not."""


class Batch(NamedTuple):
    """
    Files of one ref of a repository.

    `root` is where to read them, None when they are as they were; `problem` says why they cannot be read.
    """

    files: Sequence[FileElsewhere]
    root: ElsewhereRoot | None = None
    problem: str = ""


class Crawl:
    """
    Opens other repositories, whose copies are kept under `cache`.

    Without `again`, what was read before is taken to be as it was. `progress` is told how many files have come. `away`
    are the addresses of repositories on machines that did not answer.
    """

    def __init__(self, cache: Path, *, again: bool = True, progress: Progress = silent) -> None:
        self.cache = cache
        self.again = again
        self._progress = progress
        self._number = self._total = 0
        self._strikes: Counter[str] = Counter()
        self.away: set[str] = set()

    def batches(self, wanted: Mapping[FileElsewhere, str | None]) -> Iterator[Batch]:
        """
        Open the repositories of files, a batch for each ref; those of one repository come together.

        `wanted` says of each file at which commit it was read last; None when it never was.
        """
        self._total += len(wanted)
        kept = [file for file, stamp in wanted.items() if stamp is not None and not self.again]
        yield from self._counted([Batch(kept)] if kept else [])
        asked: dict[str, dict[str, Stamps]] = defaultdict(lambda: defaultdict(dict))
        for file, stamp in wanted.items():
            if self.again or stamp is None:
                asked[file.address][file.ref][file] = stamp or ""
        yield from self._counted(self._many(asked))

    def open(self, file: FileElsewhere) -> ElsewhereRoot:
        """
        Open the repository of one file.

        Raises:
            ScaffolderError: It cannot be read.
        """
        tip = tips(file.address, [file.ref]).get(file.ref)
        if tip is None:
            raise Unreadable(*_no_ref(file.address, file.ref))
        return _opened(ShallowCopy.of(file.address, cache=self.cache), tip, file.ref, [file])

    def _counted(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        for batch in batches:
            yield batch
            self._number += len(batch.files)
            self._progress(self._number, self._total)

    def _many(self, asked: Mapping[str, Mapping[str, Stamps]]) -> Iterator[Batch]:
        """Ask repositories, some at a time; what comes of each comes in the order in which they are wanted."""
        if not asked:
            return
        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            begun: deque[Future[list[Batch]]] = deque()
            for address, refs in asked.items():
                begun.append(pool.submit(self._repository, address, refs))
                if len(begun) > AHEAD:
                    yield from begun.popleft().result()
            while begun:
                yield from begun.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _repository(self, address: str, refs: Mapping[str, Stamps]) -> list[Batch]:
        """Return what a repository has of its refs."""
        host = host_of(address)
        if host and self._strikes[host] >= STRIKES:
            self.away.add(address)
            return [Batch([*files], problem=f"{host} does not answer") for files in refs.values()]
        try:
            seen = tips(address, [*refs])
        except ScaffolderError as error:
            self._strikes[host] += isinstance(error, Unreachable)
            return [self._failed([*files], address, error) for files in refs.values()]
        self._strikes[host] = 0
        copy = ShallowCopy.of(address, cache=self.cache)
        return [self._batch(copy, ref, files, seen.get(ref)) for ref, files in refs.items()]

    def _batch(self, copy: ShallowCopy, ref: str, files: Stamps, tip: Tip | None) -> Batch:
        if tip is None:
            return Batch([*files], problem=" ".join(_no_ref(copy.address, ref)))
        if all(stamp == tip.commit for stamp in files.values()):
            return Batch([*files])
        try:
            return Batch([*files], _opened(copy, tip, ref, [*files]))
        except ScaffolderError as error:
            return self._failed([*files], copy.address, error)

    def _failed(self, files: Sequence[FileElsewhere], address: str, error: ScaffolderError) -> Batch:
        if isinstance(error, Unreachable):
            self.away.add(address)
        return Batch(files, problem=error.message)


def _no_ref(address: str, ref: str) -> tuple[str, str]:
    return without_user(address), f"has no branch or tag {ref}"


def _opened(copy: ShallowCopy, tip: Tip, ref: str, files: Sequence[FileElsewhere]) -> ElsewhereRoot:
    commit = copy.newest(tip)
    repository = FileElsewhere(copy.address, ref, "").repository
    inside = _SparseRoot(copy, commit, name=repository.removesuffix(":"), source=_source(copy.address))
    inside.bring([file.path for file in files])
    return ElsewhereRoot(repository, inside, commit, origin=Origin(copy.address))


class Pushed(NamedTuple):
    """A commit that was pushed, in the git directory `repository` on this machine."""

    repository: GitDirectory
    commit: str

    def of(self, file: FileElsewhere) -> ElsewhereRoot:
        """Return the repository of a file as it is since the push; nobody is asked for it."""
        name, source = file.repository.removesuffix(":"), _source(file.address)
        inside = CommitRoot(self.repository, self.commit, name=name, source=source)
        return ElsewhereRoot(file.repository, inside, self.commit, origin=Origin(file.address))


def _source(address: str) -> str:
    """Return a repository as the annotation `backstage.io/source-location` has it."""
    return f"{'dir' if address.startswith('/') else 'url'}:{address}"


class _SparseRoot(CommitRoot):
    """A commit in a copy that may lack files: they are fetched when they are asked for, and then have their sizes."""

    _repository: ShallowCopy

    def bring(self, paths: Sequence[str]) -> None:
        """
        Fetch files that will be asked for, and read them.

        Raises:
            ScaffolderError: They cannot be fetched.
        """
        self._obtain([path for path, blob in self._blobs.items() if blob.is_link])
        self.expect(path for path in paths if self.stamp(path))
        self._obtain(self._expected)
        for path in self._expected[:1]:
            self._fetch(path)

    def read(self, path: str) -> bytes:
        """Return a file's content, through links that stay inside."""
        real = self._real(path)
        if real in self._blobs and real not in self._expected:
            try:
                self._obtain([real])
            except ScaffolderError as error:
                raise Unreadable(self.label(path), f"cannot be read: {error.message}") from None
        return super().read(path)

    def _obtain(self, paths: Sequence[str]) -> None:
        """Fetch the contents of files that are not here, and note how large they are."""
        if paths:
            sizes = self._repository.obtain([*dict.fromkeys(self._blobs[path].name for path in paths)])
            for path in paths:
                blob = self._blobs[path]
                self._blobs[path] = blob._replace(size=sizes.get(blob.name, 0))

    def _of_kind(self, path: str) -> list[str]:
        return [path]
