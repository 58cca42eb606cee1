"""
What a person has set for cookiecutter: abbreviations, their own defaults, what they answered before, what they cloned.

It is in `~/.cookiecutterrc`, or the file that `COOKIECUTTER_CONFIG` names. Everything there is a default: what a
template does not ask for is passed over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scaffolder.errors import InvalidInput, Place
from scaffolder.template.abbreviations import USUAL

VARIABLE: Final = "COOKIECUTTER_CONFIG"
USUAL_FILE: Final = "~/.cookiecutterrc"
USUAL_REPLAY: Final = "~/.cookiecutter_replay/"
USUAL_CLONES: Final = "~/.cookiecutters/"
LARGEST: Final = 1 << 20


class ConfigurationInvalid(InvalidInput):
    """The person's configuration for cookiecutter cannot be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            reason, place=Place(str(path)), hint=f"correct it, or name another: {VARIABLE}=FILE ({os.devnull} for none)"
        )


@dataclass(frozen=True, slots=True)
class UserConfig:
    """
    A person's own configuration for cookiecutter.

    `defaults` are values for variables of any template, which are templates themselves; `replay` is the directory with
    what was answered before, `clones` the one with the templates that cookiecutter has cloned.
    """

    abbreviations: Mapping[str, str] = field(default_factory=lambda: dict(USUAL))
    defaults: Mapping[str, Any] = field(default_factory=dict)
    replay: Path = field(default_factory=lambda: _path(USUAL_REPLAY))
    clones: Path = field(default_factory=lambda: _path(USUAL_CLONES))

    def answered(self, template: str) -> dict[str, Any]:
        """Return what was answered the last time a template of this name was used; nothing where that is not known."""
        if not template or "/" in template or template.startswith("."):
            return {}
        try:
            return answers_of(json.loads(_content(self.replay / f"{template}.json")))
        except (OSError, ValueError, RecursionError):
            return {}

    def cloned(self, name: str) -> Path | None:
        """Return the directory of a repository that cookiecutter has cloned before; None where there is none."""
        place = self.clones / name
        inside = not Path(name).is_absolute() and ".." not in Path(name).parts
        return place if inside and name and place.is_dir() else None


def answers_of(replayed: object) -> dict[str, Any]:
    """Return the answers in what cookiecutter keeps of a run; ValueError when it is something else."""
    found = replayed.get("cookiecutter") if isinstance(replayed, Mapping) else None
    if not isinstance(found, Mapping):
        raise ValueError  # noqa: TRY004 - the caller reads files, and this one holds something else
    return {str(name): value for name, value in found.items() if not str(name).startswith("_")}


def of_identity(name: str, email: str) -> dict[str, Any]:
    """Return what somebody of that name would answer to the questions that many templates ask first."""
    return dict.fromkeys(("full_name", "author", "author_name"), name) | dict.fromkeys(("email", "author_email"), email)


def from_replay(values: Mapping[str, Any], asked: Collection[str]) -> Mapping[str, Any]:
    """Return values as they are; of what cookiecutter keeps of a run, the answers to what is asked now."""
    try:
        found = answers_of(values)
    except ValueError:
        return values
    return values if "cookiecutter" in asked else {name: value for name, value in found.items() if name in asked}


def read() -> UserConfig:
    """
    Return the configuration of the person who runs us.

    Raises:
        ConfigurationInvalid: It is malformed, or the file that is named is not there.
    """
    named = os.environ.get(VARIABLE, "")
    path = _path(named or USUAL_FILE)
    if not named and not path.exists():
        return UserConfig()
    found = _document(path)
    return UserConfig(
        abbreviations={**USUAL, **{name: str(url) for name, url in _object(found, "abbreviations", path).items()}},
        defaults=_object(found, "default_context", path),
        replay=_path(str(found.get("replay_dir") or USUAL_REPLAY)),
        clones=_path(str(found.get("cookiecutters_dir") or USUAL_CLONES)),
    )


def _document(path: Path) -> Mapping[str, Any]:
    """Return the content as cookiecutter reads it: `no` and dates are no texts."""
    import yaml

    from scaffolder.template.errors import TemplateInvalid
    from scaffolder.template.yaml_reader import check_events

    try:
        content = _content(path)
        check_events(content.decode("utf-8-sig"), "")
        found = yaml.load(content, Loader=yaml.CSafeLoader)
    except OSError as error:
        raise ConfigurationInvalid(path, f"it cannot be read: {error.strerror or error}") from error
    except TemplateInvalid as error:
        raise ConfigurationInvalid(path, error.message.rpartition(": ")[2]) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigurationInvalid(path, f"it is no YAML: {str(error).splitlines()[0]}") from error
    if not isinstance(found or {}, Mapping):
        raise ConfigurationInvalid(path, "an object (names and values) is expected")
    return found or {}


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        msg = f"it is larger than {LARGEST >> 20} MB"
        raise ValueError(msg)
    return content


def _object(found: Mapping[str, Any], name: str, path: Path) -> dict[str, Any]:
    value = found.get(name) or {}
    if not isinstance(value, Mapping):
        raise ConfigurationInvalid(path, f"{name}: an object (names and values) is expected")
    return {str(key): one for key, one in value.items()}


def _path(text: str) -> Path:
    return Path(os.path.expanduser(os.path.expandvars(text)))  # noqa: PTH111 - Path raises for a "~" it does not know
