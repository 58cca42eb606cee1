"""
Runs the hooks of a template as cookiecutter runs them, once a person has allowed it.

Everything happens in a private directory, before anything is placed: a hook that fails leaves nothing. The texts of the
scripts are rendered together with the files, so that nothing has been run when a text is wrong; then come the scripts
before the files, the files, and the scripts after them. Nothing of the scripts is left behind.
"""

from __future__ import annotations

import posixpath
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder.errors import Failed
from scaffolder.template.cookiecutter.description import BEFORE_QUESTIONS, HOOKS, hooks_of
from scaffolder.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scaffolder.template.cookiecutter.brought import Code

BEFORE: Final = "pre_gen_project"
AFTER: Final = "post_gen_project"
assert (BEFORE_QUESTIONS, BEFORE, AFTER) == HOOKS  # noqa: S101 - there are no others


class HookFailed(Failed):
    """A hook of a template has ended with an error."""

    def __init__(self, hook: str, status: int, last: tuple[str, ...]) -> None:
        how = f"exit status {status}" if status >= 0 else f"signal {-status}"
        super().__init__(
            f"{hook} failed ({how}); nothing was made",
            hint="it may not like an answer; or go on without the hooks: --no-hooks",
            details=last,
        )


@dataclass(frozen=True, slots=True)
class Script:
    """One hook, ready to run: its path in the template, its text, and the file, where there is one already."""

    path: str
    text: bytes
    file: Path | None = None

    @property
    def when(self) -> str:
        """Which of the hooks it is."""
        return posixpath.splitext(posixpath.basename(self.path))[0]


@dataclass(frozen=True, slots=True)
class Bench:
    """A private directory in which one project is made; `tell` is given what the scripts print."""

    place: Path
    tell: Callable[[str], None]

    @property
    def output(self) -> Path:
        """What stands for the directory into which the project goes."""
        return self.place / "output"

    @property
    def template(self) -> Path:
        """What stands for the repository of the template."""
        return self.place / "template"

    def run(self, scripts: Iterable[Script], *, cwd: Path) -> None:
        """
        Run scripts one after the other.

        Raises:
            HookFailed: One has ended with an error; the others were not run.
        """
        from scaffolder.gateways.script import run_script

        for script in scripts:
            with tempfile.TemporaryDirectory(prefix="hook-", dir=self.place) as own:
                file, temporary = script.file or Path(own, posixpath.basename(script.path)), Path(own, "tmp")
                temporary.mkdir()
                file.write_bytes(script.text)
                tell = partial(self._tell, script.when)
                ran = run_script(file, name=script.path, cwd=cwd, temporary=temporary, tell=tell)
            if ran.status != 0:
                raise HookFailed(script.path, ran.status, ran.last)

    def _tell(self, hook: str, line: str) -> None:
        self.tell(f"{hook}: {line}")

    def finished(self, name: str, tree: Tree, scripts: Iterable[tuple[str, bytes]]) -> Tree:
        """Return a project as its scripts leave it, each by its path and text; its directory is called `name`."""
        every = [Script(path, text) for path, text in scripts]
        project = self.output / name
        project.mkdir(parents=True)
        self.run((one for one in every if one.when == BEFORE), cwd=project)
        tree.write(project)
        self.run((one for one in every if one.when == AFTER), cwd=project)
        return Tree.read(project)


@contextmanager
def bench(code: Code) -> Iterator[Bench]:
    """Make a private directory for a template's code; it is taken away afterwards, whatever that has left there."""
    from scaffolder.gateways.aside import aside

    with aside("code-", within=code.within) as place:
        yield Bench(place, code.tell)


class HookLost(Failed):
    """A hook is a link that leads nowhere, or out of what is read of the repository."""

    def __init__(self, hook: str) -> None:
        super().__init__(f"{hook} is a link that leads to no file here", hint="go on without the hooks: --no-hooks")


def scripts_of(tree: Tree, directory: str, when: str) -> dict[str, bytes]:
    """
    Return the texts of the hooks of one kind, as they stand in the template in a directory, by their paths.

    Raises:
        HookLost: Its text is not there.
    """
    found = {}
    for path, data in hooks_of(tree, directory).items():
        if data is None:
            raise HookLost(path)
        if posixpath.splitext(posixpath.basename(path))[0] == when:
            found[path] = data
    return found


def after_pre_prompt(tree: Tree, bench: Bench, *, directory: str = "") -> Tree:
    """Return a repository after the hook of its template in `directory` that is run before any question is asked."""
    scripts = scripts_of(tree, directory, BEFORE_QUESTIONS)
    if not scripts:
        return tree
    tree.write(bench.template)
    home = bench.template / directory
    bench.run((Script(path, data, home / path) for path, data in scripts.items()), cwd=home)  # it may ask where it is
    return Tree.read(bench.template)
