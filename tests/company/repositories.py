"""A company in bare repositories: configuration, catalog, golden paths, and where services go."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.cli.program import run

if TYPE_CHECKING:
    from pathlib import Path

TEAM = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: NAME}
spec: {type: team, children: [], profile: {displayName: The NAME team, email: NAME@example.com}}
"""
TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: service, title: Service, description: A service as we build them}
spec:
  owner: group:default/platform
  type: service
  parameters: []
  steps:
    - {id: render, name: Write it, action: fetch:template, input: {url: ./skeleton, values: {}}}
"""
SETTINGS = """\
organization: {name: Acme}
scaffolder:
  catalogRepository: ../catalog.git
  localForge: {root: ../services}
  templates:
    - {name: service, source: ../golden-paths.git, directory: service, ref: v1}
"""
XDG = {
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "XDG_CACHE_HOME": ".cache",
}


@dataclass(frozen=True)
class Company:
    """Where its repositories are; `address` is what people join."""

    place: Path

    @property
    def address(self) -> str:
        return str(self.place / "config.git")

    @property
    def catalog(self) -> Path:
        return self.place / "catalog.git"

    def publish(self, repository: str, files: dict[str, str], *, tag: str = "") -> None:
        """Commit files to a repository's default branch, as somebody of the platform team does."""
        work = self.place.parent / f"platform-{repository}"
        if not work.exists():
            git(self.place.parent, "clone", "--quiet", str(self.place / f"{repository}.git"), str(work))
        for path, text in files.items():
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_text(text)
        git(work, "add", ".")
        git(work, "commit", "--quiet", "--message", "Ours")
        git(work, "tag", *([tag] if tag else ["--list"]))
        git(work, "push", "--quiet", "--tags", "origin", "HEAD:main")

    def refs(self) -> list[str]:
        """Return the refs of the catalog repository."""
        return git(self.catalog, "for-each-ref", "--format=%(refname)").split()


@dataclass(frozen=True)
class Person:
    """Somebody with a home and a directory of their own."""

    home: Path

    def types(self, *words: str, code: int = 0) -> str:
        """Run the program, and return what it says."""
        work = self.home / "work"
        work.mkdir(exist_ok=True)
        places = {variable: str(self.home / directory) for variable, directory in XDG.items()}
        done = run(*words, cwd=work, code=code, HOME=str(self.home), COLUMNS="100", **places)
        return done.stdout + done.stderr


def founded(place: Path, teams: tuple[str, ...] = ("platform", "shop", "payments")) -> Company:
    """Make a company's repositories."""
    company = Company(place / "git")
    for name in ("config", "catalog", "golden-paths"):
        git(place, "init", "--quiet", "--bare", "--initial-branch=main", str(company.place / f"{name}.git"))
    company.publish("catalog", {f"teams/{team}.yaml": TEAM.replace("NAME", team) for team in teams})
    company.publish("golden-paths", {"service/template.yaml": TEMPLATE, "service/skeleton/README.md": "New."}, tag="v1")
    company.publish("config", {"scaffolder.yaml": SETTINGS})
    return company


def person(place: Path, name: str) -> Person:
    """Return somebody whose machine knows nothing yet but who they are."""
    home = place / name
    home.mkdir()
    (home / ".gitconfig").write_text(f"[user]\n  name = {name.title()}\n  email = {name}@example.com\n")
    return Person(home)


def git(directory: Path, *words: str) -> str:
    """Run git as the platform team does."""
    identity = ("-c", "user.name=Platform", "-c", "user.email=platform@example.com")
    done = subprocess.run(["git", *identity, *words], cwd=directory, capture_output=True, text=True, check=True)
    return done.stdout
