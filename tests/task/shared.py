"""A home whose catalog is shared with others: names are reserved, and services registered, in its repository."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffolder.catalog import Catalog
from scaffolder.gateways.git import GitDirectory, Identity
from scaffolder.task.journal import TaskStatus
from scaffolder.tree import File, Tree
from tests.task.births import GIT_CONFIG, HEAD, SIMPLE, SKELETON, TEAM, Place

if TYPE_CHECKING:
    from tests.task.driver import Order

MAIN = "refs/heads/main"
BRANCH = "refs/heads/register/component-default-shop"
FILE = "locations/component-default-shop.yaml"

# git that ends the process which started it before or after the push of a number, as SIGKILL would
_GIT = """\
#!/bin/sh
case " $* " in
*" push "*)
    number=$(($(cat "$HOME/pushes" 2>/dev/null || echo 0) + 1))
    echo $number > "$HOME/pushes"
    [ "$number" != "$KILL_BEFORE" ] || {{ kill -9 $PPID; exit 1; }}
    {git} "$@"
    code=$?
    [ "$number" != "$KILL_AFTER" ] || kill -9 $PPID
    exit $code ;;
esac
exec {git} "$@"
"""


@dataclass(frozen=True, slots=True)
class Shared(Place):
    """A person of a company, which is a directory beside their home unless told."""

    company: Path = Path()

    def prepared_to_share(self, name: str = "Ann") -> Shared:
        """Make the home, and the company if there is none; the catalog is read at the first birth."""
        for path, text in {".gitconfig": GIT_CONFIG.replace("Test Engineer", name), **_template(SIMPLE)}.items():
            place = self.home / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        git = self.home / "bin" / "git"
        git.parent.mkdir()
        git.write_text(_GIT.format(git=shutil.which("git")))
        git.chmod(0o755)
        if not self.company.exists():
            self._found()
        return self

    def _found(self) -> None:
        GitDirectory.init(self.company / "catalog.git").commit(
            Tree({"teams.yaml": File(TEAM.encode())}),
            message="Begin",
            identity=Identity("Platform", "platform@example.com"),
            when=datetime.now(UTC),
            ref=MAIN,
        )

    def order(self, **facts: Any) -> Order:
        """Return an order in which the company is known, and git can be told to kill."""
        environ = {"PATH": f"{self.home / 'bin'}{os.pathsep}{os.environ['PATH']}", **facts.pop("environ", {})}
        # slots make a class anew, of which the argumentless super() knows nothing
        return Place.order(self, company=str(self.company), environ=environ, **facts)

    # -- what there is

    @property
    def there(self) -> GitDirectory:
        return GitDirectory(self.company / "catalog.git")

    @property
    def repository(self) -> GitDirectory:
        return GitDirectory(self.company / "services/local/shop.git")

    def services(self) -> list[str]:
        root = self.company / "services"
        return sorted(path.name for path in root.glob("*/*")) if root.is_dir() else []

    def registered(self) -> list[str]:
        """Return what is registered, and what is reserved, in the catalog repository."""
        refs = self.there.refs()
        files = [path for path in self.there.listing(refs[MAIN]) if path.startswith("locations/")]
        return [*files, *(ref for ref in refs if ref != MAIN)]

    def known(self) -> list[str]:
        """Return every component that this home knows, a reserved one with a word."""
        with closing(Catalog(self.data / "catalog.db")) as catalog:
            found = catalog.entities(kind="component")
            return [f"{each.ref}{' reserved' if each.reserved else ''}" for each in found]

    # -- what must be so

    def is_born(self) -> None:
        """Check that there is one of everything, and nothing half-made."""
        assert self.task().status is TaskStatus.COMPLETED
        assert self.services() == ["shop.git"]
        assert self.registered() == [FILE]
        assert self.known() == ["component:default/shop"]
        assert [path.name for path in self.work.iterdir()] == ["shop"]
        self.is_tidy()

    def is_nothing(self) -> None:
        """Check that nothing is left, and the name is free for all."""
        assert not any(task.status in {TaskStatus.RUNNING, TaskStatus.STOPPED} for task in self.tasks())
        assert self.services() == []
        assert self.registered() == []
        assert self.known() == []
        assert list(self.work.iterdir()) == []
        self.is_tidy()


def _template(steps: str) -> dict[str, str]:
    return {f"template/{path}": text for path, text in {"template.yaml": HEAD + steps, **SKELETON}.items()}
