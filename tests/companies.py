"""A company in bare repositories, as a platform team publishes it, and what its people do there."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, NamedTuple

from scaffolder.gateways.git import GitDirectory
from scaffolder.tree import File, Tree
from tests.gateways.repositories import commit

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """\
organization: {name: Acme}
scaffolder:
  catalogRepository: ../catalog.git
  localForge: {root: ../forge}
  templates:
    - {name: our-service, source: ../paths.git, directory: service}
    - {name: our-tool, source: ./paths/tool}
"""
TEAM = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: payments}
spec: {type: team, children: []}
"""
TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: a-template, description: something that runs}
spec:
  type: service
  steps: [{id: fetch, name: Fetch, action: "fetch:template", input: {url: ./skeleton, values: {name: x}}}]
"""


def component(name: str, description: str = "") -> str:
    return f"""\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {{name: {name}, description: "{description}"}}
spec: {{type: service, lifecycle: production, owner: payments}}
"""


class Company(NamedTuple):
    """Where a company's repositories are."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "config.git"

    def publish(self, repository: str, files: dict[str, str], *, ref: str = "refs/heads/main") -> str:
        """Put these files, and nothing else, on a branch of a repository, which is made if need be."""
        path = self.root / f"{repository}.git"
        directory = GitDirectory(path) if path.is_dir() else GitDirectory.init(path)
        return commit(directory, Tree({name: File(text.encode()) for name, text in files.items()}), ref=ref)

    def configure(self, text: str) -> str:
        """Publish settings, with the golden path that is beside them."""
        return self.publish("config", {"scaffolder.yaml": text, **_template("paths/tool")})

    def go_away(self) -> Path:
        """Take the repositories away, as a network does; return where they are now."""
        return self.root.rename(self.root.with_name(f"{self.root.name}-away"))

    def come_back(self) -> None:
        self.root.with_name(f"{self.root.name}-away").rename(self.root)


def founded(root: Path) -> Company:
    """Return a company with a team, a service and two golden paths."""
    root.mkdir()
    company = Company(root)
    company.configure(SETTINGS)
    company.publish("catalog", {"teams.yaml": TEAM, "services.yaml": component("invoices", "Sends invoices")})
    company.publish("paths", _template("service"))
    return company


def clone(company: Company, repository: str, to: Path) -> Path:
    subprocess.run(["git", "clone", "--quiet", company.root / f"{repository}.git", to], check=True)
    return to


def _template(directory: str) -> dict[str, str]:
    return {f"{directory}/template.yaml": TEMPLATE, f"{directory}/skeleton/README.md": "# ${{ values.name }}\n"}
