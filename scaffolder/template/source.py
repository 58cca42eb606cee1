"""
Where a template comes from: resolved to one version, and held in memory.

A name of a golden path, a directory, a `template.yaml`, a git URL or its abbreviation (`gh:owner/name`), a local
repository or a zip file here or elsewhere; `@ref` after it chooses a branch, tag or commit. What a template's steps
can fetch from beside it (`../../skeletons/x`) comes along, as long as it lies in the same repository.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from scaffolder.errors import InvalidInput
from scaffolder.gateways.git_address import without_user
from scaffolder.template.abbreviations import USUAL, expanded
from scaffolder.template.copies import archives_beside
from scaffolder.template.errors import TemplateNotFound, TemplatesBelow
from scaffolder.template.included import files_of
from scaffolder.template.manifest import COOKIECUTTER_FILE, TEMPLATE_FILE, VERSION_ANNOTATION
from scaffolder.template.reference import Local, Remote, Zipped, parsed, split_name
from scaffolder.template.repository import InMemory, OnDisk, is_bare, repository_of
from scaffolder.tree import File, NotReadable, PathEscapes, Tree, contained

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.template.repository import Repository


GOLDEN_PATH: Final = "golden-path"
"""The location of the templates that come with this program."""
DESCRIPTIONS: Final = (TEMPLATE_FILE, COOKIECUTTER_FILE)
SAYS_STEPS: Final = "scaffolder.backstage.io"
NOTHING_KNOWN: Final[Mapping[str, str]] = MappingProxyType({})

_BESIDE = re.compile(r"""(?<![\w/.])\.\./[^\s'",#\]}]*""")
_VERSION = re.compile(rf"{re.escape(VERSION_ANNOTATION)}[\"']?\s*:\s*[\"']?([^\"'\s,}}]+)")


class TemplateSource(NamedTuple):
    """
    Which template, exactly.

    `location` is a normalised URL, an absolute path or "golden-path"; `path` the directory inside it, '' for the top;
    `commit` is '' unless the content is exactly that commit's.
    """

    location: str
    path: str
    version: str
    commit: str
    digest: str


class Resolved(NamedTuple):
    """
    A template and all it may read, in memory.

    `root` holds the template's directory and what lies beside it and is mentioned, by their paths in the repository;
    `directory` is the template's own place in there, `manifest` the name of its description.
    """

    source: TemplateSource
    root: Tree
    directory: str
    manifest: str = TEMPLATE_FILE

    @property
    def tree(self) -> Tree:
        """The template's own directory; its links may lead out of it, to what is in `root`."""
        return self.root.under(self.directory)

    @property
    def place(self) -> str:
        """How a person would call the directory."""
        return posixpath.join(self.source.location, self.source.path) if self.source.path else self.source.location

    def shown(self, path: str) -> str:
        """How a person would call a file of the template."""
        return posixpath.join(self.place, path)

    def fetch(self, url: str) -> Tree:
        """
        Return the directory that a step's relative `url` names.

        Raises:
            PathEscapes: It lies outside the template's repository.
            InvalidInput: There is nothing.
        """
        wanted = posixpath.normpath(posixpath.join(self.directory, url))
        if url.startswith("/") or wanted == ".." or wanted.startswith("../"):
            raise PathEscapes(url)
        found = self.root.under("" if wanted == "." else wanted)
        if not found and wanted not in self.root:
            msg = f"the template has no directory {url!r}"
            raise InvalidInput(msg, hint=f"it is looked for in {self.place}")
        return found

    def save(self, path: Path) -> None:
        """Keep everything in one file that only its owner can read."""
        from scaffolder.template.snapshot import write

        write(path, self.root, {**self.source._asdict(), "directory": self.directory, "manifest": self.manifest})

    @classmethod
    def load(cls, path: Path) -> Resolved:
        """Return what `save` kept."""
        from scaffolder.template.snapshot import read

        root, facts = read(path)
        directory, manifest = facts.pop("directory"), facts.pop("manifest")
        return cls(TemplateSource(**facts), root, directory, manifest)


def shipped() -> dict[str, Path]:
    """Return the golden paths that come with this program: their names and directories."""
    package = Path(__file__).resolve().parent.parent
    home = package / "golden_paths"
    if not home.is_dir():
        home = package.parent / "templates"
    found = sorted(home.iterdir()) if home.is_dir() else []
    return {
        path.name: path for path in found if (path / TEMPLATE_FILE).is_file() or (path / COOKIECUTTER_FILE).is_file()
    }


def resolve(  # noqa: PLR0913 - what may be said of a template, and where it may be
    reference: str,
    *,
    ref: str = "",
    directory: str = "",
    cache: Path,
    known: Mapping[str, str] = NOTHING_KNOWN,
    abbreviations: Mapping[str, str] = USUAL,
    refresh: bool = True,
) -> Resolved:
    """
    Find a template and read it.

    `known` maps the names that may be given to their places; the golden paths we ship need not be among them. What is
    none of these may begin with one of `abbreviations`. A `ref` is looked up anew each time, unless the repository was
    copied before and `refresh` is not asked for.

    Raises:
        TemplateNotFound: With the nearest name.
        RefNotFound: The repository has no such branch, tag or commit.
        ArchiveRefused: A zip file is damaged, or not one to unpack.
        NotAbbreviated: After an abbreviation comes no path.
    """
    names = {**{name: str(path) for name, path in shipped().items()}, **known}
    name, at_ref = split_name(reference, names)
    place, of_short = (names[name], "") if name in names else expanded(reference, abbreviations)
    wanted = parsed(place, ref=ref or at_ref or of_short, directory=directory)
    if isinstance(wanted, Zipped):
        return _from_url(wanted, cache, refresh=refresh)
    if isinstance(wanted, Remote):
        return _from_git(wanted.url, wanted.ref, wanted.directory, cache, refresh=refresh)
    if not wanted.path.exists():
        if wanted.ref and not refresh:  # a repository that is away now, and was copied before
            return _from_git(str(wanted.path), wanted.ref, wanted.directory, cache, refresh=False)
        raise TemplateNotFound(reference, names)
    return _from_disk(wanted, cache=cache, refresh=refresh)


def _from_disk(wanted: Local, *, cache: Path, refresh: bool) -> Resolved:
    path = wanted.path.resolve()
    if path.suffix.lower() == ".zip" and path.is_file():
        return _from_zip(_file_content(path), wanted.ref, wanted.directory, location=str(path))
    repository = repository_of(path)
    if repository is not None and (wanted.ref or is_bare(path)):
        inside = "" if repository == path else path.relative_to(repository).as_posix()
        where = posixpath.join(inside, wanted.directory) if wanted.directory else inside
        return _from_git(str(repository), wanted.ref, where, cache, refresh=refresh)
    place = path / wanted.directory if wanted.directory else path
    if wanted.directory and not place.resolve().is_relative_to(path):
        raise PathEscapes(wanted.directory)
    top = repository or (place.parent if place.is_file() else place)
    where = "" if place == top else place.relative_to(top).as_posix()
    resolved = _resolved(str(top), where, OnDisk(top), ref="", commit="")
    if _is_shipped(place):
        resolved = _replaced(resolved, location=GOLDEN_PATH, path=place.name)
    elif repository is not None:
        resolved = _with_commit(resolved, top)
    return _checked_version(resolved, wanted.ref)


def _from_url(wanted: Zipped, cache: Path, *, refresh: bool) -> Resolved:
    from scaffolder.gateways.download import shown
    from scaffolder.template.archives import fetched

    data = fetched(wanted.url, cache=archives_beside(cache), refresh=refresh)
    return _from_zip(data, wanted.ref, wanted.directory, location=shown(wanted.url))


def _from_zip(data: bytes, ref: str, directory: str, *, location: str) -> Resolved:
    from scaffolder.template.archives import top, unpacked

    whole = unpacked(data, name=location)
    tree = whole.under(top(whole, descriptions=DESCRIPTIONS, directory=directory))
    where = contained(directory) if directory else ""
    resolved = _resolved(location, where, InMemory(tree), ref="", commit="")
    return _checked_version(resolved, ref, kind="zip file")


def _file_content(path: Path) -> bytes:
    from scaffolder.template.archives import LARGEST

    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)  # what is larger is refused when it is unpacked
    except OSError as error:
        raise NotReadable(path, error.strerror or str(error)) from error


def _checked_version(resolved: Resolved, ref: str, *, kind: str = "plain directory") -> Resolved:
    """What is in no repository has one version only."""
    if ref and ref.removeprefix("v") != resolved.source.version.removeprefix("v"):
        from scaffolder.gateways.git import RefNotFound

        raise RefNotFound(ref, resolved.place, hint=f"it is a {kind}, and has no other version than its own")
    return resolved


def _from_git(url: str, ref: str, directory: str, cache: Path, *, refresh: bool) -> Resolved:
    from scaffolder.gateways.git import as_checked_out, commit_of, mirror

    location = without_user(url)
    copy = mirror(url, cache=cache, refresh=refresh)
    commit = commit_of(copy, ref or "HEAD", where=location)
    whole = as_checked_out(copy, commit, copy.tree(commit))
    tag = ref if f"refs/tags/{ref}" in copy.refs() else ""
    where = contained(directory) if directory else ""
    return _resolved(location, where, InMemory(whole), ref=tag, commit=commit)


def _resolved(location: str, where: str, repository: Repository, *, ref: str, commit: str) -> Resolved:
    """Put together the template's directory, the directories it mentions, and what cookiecutter's links lead to."""
    read = repository.part
    own = read(where)
    if where in own and isinstance(own[where], File):
        where, manifest = posixpath.split(where)
        own = read(where)
    else:
        manifest = _description_of(own, where)
    if not manifest:
        raise _nothing_here(own, location, where)
    text = own.text(posixpath.join(where, manifest)) or ""
    root = own
    for beside in _beside(text, where):
        root = root.overlaid(read(beside))
    if "$" in text and manifest != COOKIECUTTER_FILE:
        for part in files_of(root, text, where):
            for beside in _beside(part, where):
                root = root.overlaid(read(beside))
    if manifest == COOKIECUTTER_FILE:
        from scaffolder.template.linked import with_linked

        root = with_linked(root, where, repository)
    found = _VERSION.search(text)
    version = ref or (found[1] if found else "")
    source = TemplateSource(location, where, version, commit, root.digest())
    return Resolved(source, root, where, manifest)


def _description_of(own: Tree, where: str) -> str:
    """Return which file describes a template, '' for none; beside cookiecutter's, `template.yaml` may be anything."""
    found = [name for name in DESCRIPTIONS if posixpath.join(where, name) in own]
    of_steps = own.text(posixpath.join(where, TEMPLATE_FILE)) or ""
    return next((name for name in found if name == found[-1] or SAYS_STEPS in of_steps), "")


def _nothing_here(tree: Tree, location: str, where: str) -> TemplateNotFound:
    """Return the error that names the templates which are in directories below."""
    place = posixpath.join(location, where) if where else location
    nothing = f"there is neither {TEMPLATE_FILE} nor {COOKIECUTTER_FILE}"
    found = {posixpath.dirname(path) for path in tree if posixpath.basename(path) in DESCRIPTIONS}
    below = sorted(path for path in found if "{{" not in path)  # what a template makes is none of ours
    if not below:
        return TemplateNotFound(place, reason=nothing)
    return TemplatesBelow(place, nothing, tuple(posixpath.relpath(path, where or ".") for path in below))


def _beside(text: str, where: str) -> set[str]:
    """Return the directories outside `where` that a template's description mentions, inside the repository."""
    mentioned = (match.split("${{")[0] for match in _BESIDE.findall(text))
    places = {posixpath.normpath(posixpath.join(where, path)) for path in mentioned}
    return {
        "" if place == "." else place for place in places if where and place != ".." and not place.startswith("../")
    }


def _is_shipped(place: Path) -> bool:
    return place.resolve() in {path.resolve() for path in shipped().values()}


def _with_commit(resolved: Resolved, top: Path) -> Resolved:
    """Note the commit whose files these are, if the work tree is clean there."""
    from scaffolder.template.worktree import commit_of

    return _replaced(resolved, commit=commit_of(top, resolved.root, directory=resolved.directory))


def _replaced(resolved: Resolved, **facts: str) -> Resolved:
    source = TemplateSource(**{**resolved.source._asdict(), **facts})
    return Resolved(source, resolved.root, resolved.directory, resolved.manifest)
