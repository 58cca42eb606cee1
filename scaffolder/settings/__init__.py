"""
`scaffolder.yaml`, read once into values that cannot be wrong.

Everything of ours stands under `scaffolder:`, where an unknown key is an error. Of the keys beside it those of
Backstage's `app-config.yaml` that we understand are read, and the others are left alone; `${NAME}` is replaced only in
what is read.

A person's own file is trusted. The settings of a company come from a repository that was joined, and are not: places
in them are its own or its neighbours' (`places`), and the variables of this machine are none of their business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, cast

from scaffolder import profiles
from scaffolder.errors import InvalidInput
from scaffolder.settings import environment
from scaffolder.settings.document import (
    LARGEST_FILE,
    Document,
    NotYaml,
    SettingsInvalid,
    SettingsTooLarge,
    TemplateEntry,
)
from scaffolder.settings.keys import KEYS, Key, reference
from scaffolder.settings.places import JoinedPlaces, OwnPlaces
from scaffolder.settings.publishing import problem_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.gateways.github.server import Server
    from scaffolder.profiles import Profile
    from scaffolder.settings.places import Places
    from scaffolder.template.trusted import Trusted

__all__ = [
    "FILE_NAME",
    "KEYS",
    "LARGEST_FILE",
    "PROFILE_VARIABLE",
    "VARIABLE",
    "Forge",
    "Holding",
    "Key",
    "NotYaml",
    "Registration",
    "Settings",
    "SettingsInvalid",
    "SettingsNotFound",
    "SettingsTooLarge",
    "TemplateEntry",
    "ToolTooOld",
    "Visibility",
    "find",
    "held",
    "joined",
    "load",
    "of_person",
    "of_profile",
    "read",
    "reference",
]

FILE_NAME: Final = "scaffolder.yaml"
VARIABLE: Final = "SCAFFOLDER_SETTINGS"
PROFILE_VARIABLE: Final = "SCAFFOLDER_PROFILE"
LONGEST_OWNER: Final = 39
"""GitHub's."""

Visibility = Literal["private", "internal", "public"]
Forge = Literal["local", "github"]
Registration = Literal["merge", "push", "pull-request", "backstage"]


class SettingsNotFound(InvalidInput):
    """The settings file that was named is not there."""

    def __init__(self, file: Path, named_by: str) -> None:
        super().__init__(
            f"the settings file {file} (named by {named_by}) does not exist",
            hint="name another, or write one: scaffolder init",
        )


class ToolTooOld(InvalidInput):
    """The settings ask for a newer version of this program."""

    def __init__(self, label: str, wanted: str, *, unknown: str = "") -> None:
        from scaffolder import __version__

        super().__init__(
            f"{label} asks for scaffolder {wanted} or newer, and this is {__version__}",
            hint="upgrade it the way it was installed: pip install --upgrade golden-path-scaffolder",
            details=(unknown,) if unknown else (),
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What the settings file says; `file` is None when there is none.

    Those of a joined company have the name of its `profile`, and the `address` of the repository they are from. What
    they name of `backstages` is only told: a person's token goes nowhere by itself. Of `github`, the first is used;
    none is the one that the environment speaks of.
    """

    organization: str = ""
    catalog_locations: tuple[str, ...] = ()
    template_sources: tuple[TemplateEntry, ...] = ()
    forge: Forge = "local"
    forge_root: Path | None = None
    repository_owner: str = ""
    visibility: Visibility = "private"
    default_branch: str = "main"
    least_version: str = ""
    catalog_repository: str = ""
    registration: Registration = "merge"
    backstage: str = ""
    publish: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    github: tuple[Server, ...] = ()
    reservation_days: int = 14
    exists_from: int = 57
    close_from: int = 25
    refresh_minutes: int = 15
    snapshot_signers: tuple[str, ...] = ()
    trust: tuple[Trusted, ...] = ()
    file: Path | None = None
    profile: str = ""
    address: str = ""
    backstages: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How a person would call the file."""
        return _label(self.address) if self.address else str(self.file or "")

    @property
    def owner(self) -> str:
        """The owner of new repositories, '' where nobody says."""
        of_organization = re.sub(r"[^a-z0-9]+", "-", self.organization.lower()).strip("-")
        return self.repository_owner or of_organization[:LONGEST_OWNER].strip("-")

    @property
    def catalog_targets(self) -> tuple[str, ...]:
        """Everything the catalog is read from: the catalog repository first."""
        return tuple(dict.fromkeys(filter(None, (self.catalog_repository, *self.catalog_locations))))


class Holding(NamedTuple):
    """Which settings hold: a file's, a joined company's, or none."""

    file: Path | None = None
    profile: str = ""


def load(start: Path, *, explicit: Path | None = None, profile: str = "", environ: Mapping[str, str]) -> Settings:
    """
    Read the settings that hold in the directory `start`.

    Raises:
        InvalidInput: The file or the profile is missing, not YAML, has an unknown key or a wrong value, uses a variable
            that is not set, or asks for a newer version of this program.
    """
    return held(find(start, explicit=explicit, profile=profile, environ=environ), environ)


def held(holding: Holding, environ: Mapping[str, str]) -> Settings:
    """Read the settings that were found."""
    if holding.profile:
        return of_profile(holding.profile)
    return Settings() if holding.file is None else read(holding.file, environ)


def find(start: Path, *, explicit: Path | None = None, profile: str = "", environ: Mapping[str, str]) -> Holding:
    """
    Return which settings hold.

    The file that is named; else the profile that is; else the nearest file upwards; else the profile in use; else the
    person's own file.
    """
    named = explicit or (Path(environ[VARIABLE]) if environ.get(VARIABLE) and not profile else None)
    if named is not None:
        if not named.is_file():
            raise SettingsNotFound(named, "--settings" if explicit else VARIABLE)
        return Holding(file=named.absolute())
    asked = profile or environ.get(PROFILE_VARIABLE, "")
    if asked:
        return _of_name(profiles.require(asked).name if asked != profiles.OWN else asked)
    here = start.absolute()
    nearest = (directory / FILE_NAME for directory in (here, *here.parents))
    near = next((file for file in nearest if file.is_file()), None)
    return Holding(file=near) if near else _of_name(profiles.in_use() or profiles.OWN)


def _of_name(profile: str) -> Holding:
    if profile != profiles.OWN:
        return Holding(profile=profile)
    own = _of_user()
    return Holding(file=own if own.is_file() else None)


def read(file: Path, environ: Mapping[str, str]) -> Settings:
    """Read a person's own file."""
    document = Document(file.read_bytes(), label=str(file), environ=environ)
    return replace(_read(document, OwnPlaces(file), str(file)), file=file)


def of_person(environ: Mapping[str, str]) -> Settings:
    """Return the settings in the person's own file, whichever hold here."""
    file = _of_user()
    return read(file, environ) if file.is_file() else Settings()


def of_profile(name: str) -> Settings:
    """Return the settings of a joined company, as they were read last."""
    profile = profiles.require(name)
    return joined(profile, profile.settings.read_bytes())


def joined(profile: Profile, text: bytes) -> Settings:
    """
    Read the settings of a joined repository, of which nothing is trusted.

    Raises:
        ToolTooOld: They ask for a newer version of this program.
        SettingsInvalid: Something in them cannot be used, or names a place on this machine.
    """
    label = _label(profile.address)
    document = Document(text, label=label, environ=None)
    places = JoinedPlaces(profile.address, profile.branch, profile.commit)
    found = _read(document, places, label)
    own = replace(found, trust=(), file=profile.settings, profile=profile.name, address=profile.address)
    return replace(own, backstages=tuple(document.backstages()))


def _read(document: Document, places: Places, label: str) -> Settings:
    _check_version(document, label)
    document.refuse_unknown_keys()
    return Settings(
        organization=document.text("organization.name"),
        catalog_locations=tuple(document.locations(places.location)),
        template_sources=tuple(document.templates(places.template)),
        forge=cast("Forge", document.text("scaffolder.forge")),
        forge_root=document.placed("scaffolder.localForge.root", places.forge_root),
        repository_owner=document.text("scaffolder.repositoryOwner"),
        visibility=cast("Visibility", document.text("scaffolder.visibility")),
        default_branch=document.text("scaffolder.defaultBranch"),
        least_version=document.text("scaffolder.leastVersion"),
        catalog_repository=document.placed("scaffolder.catalogRepository", places.repository) or "",
        registration=cast("Registration", document.text("scaffolder.registration")),
        backstage=document.placed("scaffolder.backstage", places.service) or "",
        publish=document.mapping("scaffolder.publish", problem_in),
        environment=document.mapping("scaffolder.defaultEnvironment", environment.problem_in),
        github=tuple(document.githubs(places.github)),
        reservation_days=document.number("scaffolder.reservationDays"),
        exists_from=document.percentage("scaffolder.existsFrom"),
        close_from=document.percentage("scaffolder.closeFrom"),
        refresh_minutes=document.number("scaffolder.refreshMinutes"),
        snapshot_signers=tuple(document.texts("scaffolder.snapshotSigners")),
        trust=tuple(document.all_placed("scaffolder.trust", places.trusted)),
    )


def _check_version(document: Document, label: str) -> None:
    """Look at the version first: what an older program does not know is no mistake then."""
    from scaffolder import __version__

    wanted = document.text("scaffolder.leastVersion")
    if wanted and not re.fullmatch(r"\d{1,9}(\.\d{1,9}){0,3}", wanted):
        raise document.invalid("scaffolder.leastVersion", f"{wanted!r} is no version, such as 0.4")
    if _numbers(wanted) <= _numbers(__version__):
        return
    try:
        document.refuse_unknown_keys()
    except SettingsInvalid as error:
        raise ToolTooOld(label, wanted, unknown=f"{error.message} to this version") from None
    raise ToolTooOld(label, wanted)


def _numbers(version: str) -> tuple[int, ...]:
    found = [int(number) for number in re.findall(r"\d+", version)[:4]]
    return (*found, *[0] * (4 - len(found)))


def _label(address: str) -> str:
    return f"{address}:{FILE_NAME}"


def _of_user() -> Path:
    from scaffolder.gateways.home import Home

    return Home.of_user().config / FILE_NAME
