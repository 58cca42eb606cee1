"""Files of repositories, as GitHub has shown them; what leads on to others is read by git."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.catalog.crawl import Batch
from scaffolder.catalog.entity import MANAGED_BY, SOURCE_LOCATION, Entity
from scaffolder.catalog.roots import ElsewhereRoot, Origin, Unreadable
from scaffolder.catalog.substitutions import needed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffolder.catalog.crawl import Crawl
    from scaffolder.catalog.elsewhere import FileElsewhere
    from scaffolder.gateways.github.discovery import Content

_LEADS_ON = re.compile(rb"^kind:\s*[\"']?Location\b", re.MULTILINE)


class Shown(NamedTuple):
    """A file that GitHub was asked for, and the commit it is of."""

    commit: str
    content: Content


class OfGitHub:
    """Opens what GitHub has shown, and the rest by git; None in `shown` is a file that is as it was."""

    def __init__(self, shown: Mapping[FileElsewhere, Shown | None], crawl: Crawl) -> None:
        self._shown = shown
        self._crawl = crawl

    def batches(self, wanted: Mapping[FileElsewhere, str | None]) -> Iterator[Batch]:
        """Open the repositories of files."""
        by_git = {}
        for file, commit in wanted.items():
            shown = self._shown.get(file)
            if file not in self._shown:
                by_git[file] = commit
            elif shown is None:
                yield Batch([file])
            elif shown.content.state == "unseen":
                yield Batch([file], problem=f"{file.address.removesuffix('.git')} is listed, and not shown")
            elif shown.content.state == "text" and _stands_alone(shown.content.text.encode()):
                yield Batch([file], _ShownRoot(file, shown))
            else:
                by_git[file] = None
        yield from self._crawl.batches(by_git)


class _ShownRoot(ElsewhereRoot):
    """A repository of which GitHub has shown one file, which leads to no other."""

    source = ""

    def __init__(self, file: FileElsewhere, shown: Shown) -> None:
        self.repository = file.repository
        self.origin = Origin(file.address)
        self._path = str(file)
        self._shown_as = shown

    def stamp(self, path: str) -> str:
        """Return the commit, '' where it has no such file."""
        return self._shown_as.commit if path == self._path else ""

    def read(self, path: str) -> bytes:
        """Return the file's content."""
        if path != self._path:
            raise Unreadable(path, "is no file there")
        return self._shown_as.content.text.encode()

    def matches(self, pattern: str) -> list[str]:  # noqa: ARG002  the root's
        """Return nothing."""
        return []

    def walk(self, directory: str) -> Iterator[str]:  # noqa: ARG002  the root's
        """Iterate over nothing."""
        return iter(())


def _stands_alone(data: bytes) -> bool:
    """Tell whether a descriptor leads to no other file, by a Location, a substitution, or because it is a link."""
    return b":" in data and not needed(data) and not _LEADS_ON.search(data)


def with_places(entity: Entity, file: FileElsewhere) -> Entity:
    """Say of an entity where it is from, as Backstage says it."""
    page = file.address.removesuffix(".git")
    directory = file.path.rpartition("/")[0]
    own = dict(entity.annotations)
    if own.get(SOURCE_LOCATION) == f"url:{file.address}":
        del own[SOURCE_LOCATION]  # what git alone would say
    source = f"url:{page}/tree/{file.ref}/{directory}{'/' if directory else ''}"
    annotations = {MANAGED_BY: f"url:{page}/blob/{file.ref}/{file.path}", SOURCE_LOCATION: source, **own}
    return Entity({**entity.document, "metadata": {**entity.document["metadata"], "annotations": annotations}})
