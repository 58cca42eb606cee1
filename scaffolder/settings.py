"""
`scaffolder.yaml`, read once into values that cannot be wrong.

Everything of ours stands under `scaffolder:`, where an unknown key is an error. Of the keys beside it those of
Backstage's `app-config.yaml` that we understand are read, and the others are left alone; `${NAME}` is replaced only in
what is read. The file is never turned into plain data as a whole: what is not read cannot fail, nor grow.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, cast

from scaffolder.errors import InvalidInput, Place, did_you_mean
from scaffolder.gateways.git_address import Address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, Protocol

    class Mark(Protocol):
        """Where a node begins; `line` counts from 0."""

        line: int

    class Node(Protocol):
        """A YAML node, of which PyYAML's own types do not tell the kind."""

        id: str
        tag: str
        value: Any
        start_mark: Mark


FILE_NAME: Final = "scaffolder.yaml"
VARIABLE: Final = "SCAFFOLDER_SETTINGS"
LARGEST_FILE: Final = 1_000_000

Visibility = Literal["private", "internal", "public"]
Registration = Literal["merge", "push"]


class Key(NamedTuple):
    """One key that is read: its documentation, and the source of `scaffolder init`'s comments."""

    name: str
    type: str
    default: str
    meaning: str
    choices: tuple[str, ...] = ()
    example: str = ""


KEYS: Final = (
    Key("scaffolder.forge", "text", "local", "Where new repositories are made.", ("local",)),
    Key(
        "scaffolder.localForge.root",
        "path",
        "",
        "The directory that holds the local forge's repositories.",
        example="./forge",
    ),
    Key(
        "scaffolder.repositoryOwner",
        "text",
        "",
        "The OWNER of new repositories; else the organisation's name.",
        example="my-company",
    ),
    Key(
        "scaffolder.visibility",
        "text",
        "private",
        "Who may see a new repository.",
        ("private", "internal", "public"),
    ),
    Key("scaffolder.defaultBranch", "text", "main", "The first branch of a new repository."),
    Key("scaffolder.leastVersion", "text", "", "The oldest version of this tool that may be used.", example='"0.4"'),
    Key(
        "scaffolder.catalogRepository",
        "text",
        "",
        "The repository in which services are registered: a git address, which may be relative to this file's own.",
        example="../catalog.git",
    ),
    Key(
        "scaffolder.registration",
        "text",
        "merge",
        "How an entry gets there: its branch is merged, or it is pushed to the default branch directly.",
        ("merge", "push"),
    ),
    Key(
        "scaffolder.reservationDays", "number", "14", "A reserved name that was left behind is free after so long."
    ),
    Key("scaffolder.refreshMinutes", "number", "15", "The company's catalog is read again when it is older."),
    Key(
        "scaffolder.snapshotSigners",
        "list",
        "",
        "Public keys, as ssh writes them: a snapshot of the catalog that none of them signed is not taken.",
    ),
    Key("scaffolder.templates", "list", "", "More golden paths, each with the four keys below."),
    Key("scaffolder.templates[].source", "text", "", "A directory, or a git URL.", example="../golden-paths"),
    Key("scaffolder.templates[].name", "text", "", "What to call it.", example="our-service"),
    Key("scaffolder.templates[].ref", "text", "", "A branch, tag or commit; else the default branch.", example="v1"),
    Key(
        "scaffolder.templates[].directory",
        "text",
        "",
        "Where the template is inside the source; else its root.",
        example="python",
    ),
    Key("organization.name", "text", "", "The company's name (as in Backstage).", example="My Company"),
    Key("catalog.locations", "list", "", "What the catalog is read from (as in Backstage)."),
    Key(
        "catalog.locations[].type",
        "text",
        "",
        "`file`, relative to this file, or `url` for a git repository; others are left alone.",
        example="file",
    ),
    Key(
        "catalog.locations[].target", "text", "", "A path, a glob, or a repository's URL.", example='"./catalog/*.yaml"'
    ),
)
"""Every key that is read, in the order of the documentation."""


class SettingsInvalid(InvalidInput):
    """A settings file says something that cannot be used."""


class NotYaml(SettingsInvalid):
    """A settings file cannot be read as YAML at all."""

    def __init__(self, file: Path, problem: object, *, line: int | None = None) -> None:
        super().__init__(f"not YAML: {problem}", place=Place(str(file), line))


class SettingsTooLarge(SettingsInvalid):
    """Nobody wrote this by hand."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"this has more than {LARGEST_FILE:,} bytes", place=Place(str(file)))


class SettingsNotFound(InvalidInput):
    """The settings file that was named is not there."""

    def __init__(self, file: Path, named_by: str) -> None:
        super().__init__(
            f"the settings file {file} (named by {named_by}) does not exist",
            hint="name another, or write one: scaffolder init",
        )


class TemplateEntry(NamedTuple):
    """A golden path that the settings add."""

    name: str
    source: str
    ref: str = ""
    directory: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the settings file says; `file` is None when there is none."""

    organization: str = ""
    catalog_locations: tuple[str, ...] = ()
    template_sources: tuple[TemplateEntry, ...] = ()
    forge: str = "local"
    forge_root: Path | None = None
    repository_owner: str = ""
    visibility: Visibility = "private"
    default_branch: str = "main"
    least_version: str = ""
    catalog_repository: str = ""
    registration: Registration = "merge"
    reservation_days: int = 14
    refresh_minutes: int = 15
    snapshot_signers: tuple[str, ...] = ()
    file: Path | None = None


def load(start: Path, *, explicit: Path | None = None, environ: Mapping[str, str]) -> Settings:
    """
    Read the settings that hold in the directory `start`.

    Raises:
        InvalidInput: The file is missing, not YAML, has an unknown key or a wrong value, or uses a variable that is
            not set.
    """
    file = find(start, explicit=explicit, environ=environ)
    return Settings() if file is None else read(file, environ)


def find(start: Path, *, explicit: Path | None = None, environ: Mapping[str, str]) -> Path | None:
    """Return the settings file: the one named, the nearest upwards, or the person's own; None when there is none."""
    named = explicit or (Path(environ[VARIABLE]) if environ.get(VARIABLE) else None)
    if named is not None:
        if not named.is_file():
            raise SettingsNotFound(named, "--settings" if explicit else VARIABLE)
        return named.absolute()
    here = start.absolute()
    nearest = (directory / FILE_NAME for directory in (here, *here.parents))
    return next((file for file in (*nearest, _of_user()) if file.is_file()), None)


def read(file: Path, environ: Mapping[str, str]) -> Settings:
    """Read one file."""
    document = _Document(file, environ)
    document.refuse_unknown_keys()
    root = document.text("scaffolder.localForge.root")
    return Settings(
        organization=document.text("organization.name"),
        catalog_locations=tuple(document.locations()),
        template_sources=tuple(document.templates()),
        forge=document.text("scaffolder.forge"),
        forge_root=file.parent / Path(root).expanduser() if root else None,
        repository_owner=document.text("scaffolder.repositoryOwner"),
        visibility=cast("Visibility", document.text("scaffolder.visibility")),
        default_branch=document.text("scaffolder.defaultBranch"),
        least_version=document.text("scaffolder.leastVersion"),
        catalog_repository=document.text("scaffolder.catalogRepository"),
        registration=cast("Registration", document.text("scaffolder.registration")),
        reservation_days=document.number("scaffolder.reservationDays"),
        refresh_minutes=document.number("scaffolder.refreshMinutes"),
        snapshot_signers=tuple(document.texts("scaffolder.snapshotSigners")),
        file=file,
    )


def reference() -> str:
    """Return the table of all keys for the documentation, in Markdown."""
    rows = ["| Key | Type | Default | Meaning |", "|---|---|---|---|"]
    for key in KEYS:
        kind = " or ".join(f"`{choice}`" for choice in key.choices) or key.type
        rows.append(f"| `{key.name}` | {kind} | {f'`{key.default}`' if key.default else ''} | {key.meaning} |")
    return "\n".join(rows) + "\n"


def _of_user() -> Path:
    from scaffolder.gateways.home import Home

    return Home.of_user().config / FILE_NAME


class _Document:
    """A YAML file as nodes, which know their lines."""

    def __init__(self, file: Path, environ: Mapping[str, str]) -> None:
        self._file = file
        self._environ = environ
        self._root = self._compose()

    def text(self, name: str) -> str:
        """Return the value of a key that holds text, or its default."""
        key = next(key for key in KEYS if key.name == name)
        node = self._at(name)
        value = key.default if node is None else self._scalar(node, name)
        if key.choices and value not in key.choices and node is not None:
            known = " or ".join(key.choices)
            raise self._invalid(node, name, f"{value!r} is none of: {known}", hint=did_you_mean(value, key.choices))
        return value

    def number(self, name: str) -> int:
        """Return the value of a key that holds a whole number from 1, or its default."""
        text = self.text(name)
        if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
            node = self._at(name)
            raise self._invalid(cast("Node", node), name, f"{text!r} is no whole number from 1")
        return int(text)

    def texts(self, name: str) -> Iterator[str]:
        """Iterate over the values of a key that holds a list of texts."""
        for item_name, item in self._items(name):
            yield self._scalar(item, item_name)

    def locations(self) -> Iterator[str]:
        """Iterate over the catalog's locations, paths and URLs, as the catalog remembers them."""
        for name, item in self._items("catalog.locations"):
            entry = self._entry(item, name)
            kind = self._scalar(entry["type"], f"{name}.type") if "type" in entry else ""
            if kind not in {"file", "url"}:
                continue
            if "target" not in entry:
                raise self._invalid(item, name, "a location needs a target")
            target = self._scalar(entry["target"], f"{name}.target")
            if target.startswith("backstage:"):  # whoever wrote this file would say where a person's token goes
                hint = f"scaffolder catalog add {target}"
                raise self._invalid(entry["target"], f"{name}.target", "a Backstage is added by hand", hint=hint)
            yield self._path(target) if kind == "file" else _kept(target)

    def templates(self) -> Iterator[TemplateEntry]:
        """Iterate over the golden paths."""
        for name, item in self._items("scaffolder.templates"):
            entry = {key: self._scalar(node, f"{name}.{key}") for key, node in self._entry(item, name).items()}
            if not entry.get("source"):
                raise self._invalid(item, name, "a template needs a source: a directory or a git URL")
            if not entry.get("name"):
                raise self._invalid(item, name, "a template needs a name: what `scaffolder new` calls it")
            entry["source"] = self._absolute(entry["source"])
            yield TemplateEntry(**entry)

    def refuse_unknown_keys(self) -> None:
        """Compare everything under `scaffolder:` with `KEYS`."""
        node = self._child(self._root, "scaffolder")
        if node is not None:
            self._compare(node, "scaffolder", "scaffolder")

    def _compare(self, node: Node, name: str, pattern: str) -> None:
        below = {key.name[len(pattern) + 1 :].split(".")[0] for key in KEYS if key.name.startswith(f"{pattern}.")}
        lists = {key.removesuffix("[]") for key in below if key.endswith("[]")}
        known = {key for key in below if not key.endswith("[]")}
        for key, value in self._entry(node, name).items():
            if key not in known:
                near = did_you_mean(key, known) or f"known here: {', '.join(sorted(known))}"
                raise self._invalid(value, f"{name}.{key}", "this key is not known", hint=near)
            if key in lists:
                for item_name, item in self._items(f"{name}.{key}"):
                    self._compare(item, item_name, f"{pattern}.{key}[]")
            elif any(known_key.name.startswith(f"{pattern}.{key}.") for known_key in KEYS):
                self._compare(value, f"{name}.{key}", f"{pattern}.{key}")

    def _compose(self) -> Node | None:
        import yaml

        text = self._file.read_bytes()
        if len(text) > LARGEST_FILE:
            raise SettingsTooLarge(self._file)
        try:
            return cast("Node | None", yaml.compose(text, Loader=yaml.CSafeLoader))
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else None
            raise NotYaml(self._file, error.problem, line=line) from error
        except (yaml.YAMLError, RecursionError) as error:
            raise NotYaml(self._file, error) from error

    def _at(self, name: str) -> Node | None:
        node = self._root
        for part in name.split("."):
            node = self._child(node, part)
        return node

    def _child(self, node: Node | None, key: str) -> Node | None:
        """Return a value of a mapping; what is absent, null or no mapping has none."""
        if node is None or node.id != "mapping":
            return None
        found = next((value for name, value in reversed(node.value) if name.value == key), None)
        return None if found is None or _is_null(found) else found

    def _entry(self, node: Node, name: str) -> dict[str, Node]:
        if _is_null(node):
            return {}
        if node.id != "mapping":
            raise self._invalid(node, name, "this must be a mapping of keys to values")
        return {str(key.value): value for key, value in node.value}

    def _items(self, name: str) -> Iterator[tuple[str, Node]]:
        node = self._at(name)
        if node is None:
            return
        if node.id != "sequence":
            raise self._invalid(node, name, "this must be a list")
        for number, item in enumerate(node.value):
            yield f"{name}[{number}]", item

    def _scalar(self, node: Node, name: str) -> str:
        if _is_null(node):
            return ""
        variable = self._child(node, "$env")
        if variable is not None and len(node.value) == 1:
            return self._variable(str(variable.value), node, name)
        if node.id != "scalar":
            raise self._invalid(node, name, "this must be text")
        return _REFERENCE.sub(lambda found: self._substitute(found, node, name), str(node.value))

    def _substitute(self, found: re.Match[str], node: Node, name: str) -> str:
        if found[0].startswith("$$"):
            return found[0][1:]
        return self._variable(found[1], node, name)

    def _variable(self, reference: str, node: Node, name: str) -> str:
        """Return the value of `NAME`, or of `NAME:-fallback`, as Backstage does: without surrounding space."""
        variable, has_fallback, fallback = reference.strip().partition(":-")
        value = self._environ.get(variable)
        if value is None and not has_fallback:
            hint = f"set it, or write a value instead of ${{{variable}}}"
            raise self._invalid(node, name, f"the environment variable {variable} is not set", hint=hint)
        return (value or "").strip() or fallback

    def _path(self, target: str) -> str:
        return os.path.abspath(self._file.parent / Path(target).expanduser())  # noqa: PTH100  # Path.absolute keeps ".."

    def _absolute(self, source: str) -> str:
        """Resolve a relative directory against this file; URLs and names stay."""
        if source.startswith(("./", "../", "~")):
            return str(self._file.parent / Path(source).expanduser())
        return source

    def _invalid(self, node: Node, name: str, message: str, *, hint: str = "") -> SettingsInvalid:
        place = Place(str(self._file), node.start_mark.line + 1, field=name)
        return SettingsInvalid(message, hint=hint, place=place)


_REFERENCE = re.compile(r"\$?\$\{([^{}]*)\}")


def _kept(url: str) -> str:
    """Return a URL as the catalog remembers it: without credentials, and a path as a path."""
    if url.startswith("file://"):
        return url.removeprefix("file://")
    address = Address.parse(url)
    return address.kept if address else url


def _is_null(node: Node) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:null")
