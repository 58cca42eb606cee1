"""
The table of bad input: what is wrong, the exit code, and the words that must be said.

Each situation begins with a command that works (`new()`), and changes what makes it fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder.gateways.git import GitDirectory, Identity
from tests.bad_input.world import SMALL, World, write_template

if TYPE_CHECKING:
    from collections.abc import Callable

FAILED, INVALID, CONFLICT = 1, 2, 3
PURPOSE = "Tells customers where their parcel is"
OPTIONS = {"name": "parcel-tracker", "purpose": PURPOSE, "owner": "parcels"}


def new(
    *more: str, template: str = "../templates/small", answers: tuple[str, ...] = ("region=north",), **options: str
) -> tuple[str, ...]:
    """Return a command that works, with some options changed; '' leaves one out."""
    given = {**OPTIONS, **options}
    own = [word for name, value in given.items() if value for word in (f"--{name.replace('_', '-')}", value)]
    typed = [word for answer in answers for word in ("-d", answer)]
    return ("new", *([template] if template else []), *own, *typed, "--no-input", *more)


@dataclass(frozen=True, slots=True)
class Situation:
    """
    One way to go wrong.

    `says` are pieces of what stderr must hold; `arrange` prepares the world, and returns variables to set; `prefix`
    is the command that starts the program, '' parts of which stand for the world's root.
    """

    name: str
    code: int
    says: tuple[str, ...]
    command: tuple[str, ...]
    arrange: Callable[[World], dict[str, str] | None] = lambda _world: None
    prefix: tuple[str, ...] = ()


# -- ways to prepare the world


def file(path: str, text: str) -> Callable[[World], None]:
    return lambda world: world.write(path, text) and None


def template_with(old: str, fresh: str) -> Callable[[World], None]:
    """Change the template's description."""
    assert old in SMALL
    return lambda world: write_template(world.template, manifest=SMALL.replace(old, fresh))


def skeleton_with(path: str, text: str) -> Callable[[World], None]:
    return lambda world: write_template(world.template, skeleton={path: text})


def commit(directory: Path, *, branch: str = "main", files: dict[str, str]) -> str:
    """Make `directory` a bare repository, if need be, and commit these files to a branch."""
    from datetime import UTC, datetime

    from scaffolder.tree import File, Tree

    repository = GitDirectory(directory) if directory.exists() else GitDirectory.init(directory)
    who = Identity("Test Engineer", "test-engineer@example.com")
    tree = Tree({path: File(text.encode()) for path, text in files.items()})
    when = datetime(2024, 5, 1, tzinfo=UTC)
    return repository.commit(tree, message="Begin", identity=who, when=when, ref=f"refs/heads/{branch}")


def standing(full_name: str) -> Callable[[World], None]:
    """Somebody's repository with content stands on the forge."""

    def arrange(world: World) -> None:
        (world.forge / full_name).parent.mkdir(parents=True)
        commit(world.forge / f"{full_name}.git", files={"README.md": "ours\n"})

    return arrange


def template_in_git(world: World) -> None:
    commit(world.root / "golden.git", files={"template.yaml": SMALL, "skeleton/README.md": "x\n"})


def reserved(world: World) -> None:
    from datetime import UTC, datetime

    from scaffolder.catalog.entity import EntityRef

    catalog, ref = world.catalog, EntityRef("component", "Parcel-Tracker")
    catalog.reserve([ref], task_id="0badcafe", owner="payments", purpose="x", who="somebody", at=datetime.now(UTC))
    catalog.close()


def fake_git(version: str) -> Callable[[World], dict[str, str]]:
    """A git of this version stands on the PATH, none for ''."""

    def arrange(world: World) -> dict[str, str]:
        programs = world.root / "bin"
        programs.mkdir()
        if version:
            fake = programs / "git"
            fake.write_text(f"#!/bin/sh\necho git version {version}\n")
            fake.chmod(0o755)
        return {"PATH": str(programs)}

    return arrange


def nobody(world: World) -> None:
    """Git knows no name and no address."""
    (world.home / ".gitconfig").unlink()


def no_home(world: World) -> dict[str, str]:
    """The home directory is a regular file."""
    home = world.write("not-a-directory", "")
    places = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    return {**{name: f"{home}/x" for name in places}, "GIT_CONFIG_GLOBAL": str(world.home / ".gitconfig")}


def no_state(world: World) -> dict[str, str]:
    """Where tasks are kept is a regular file; the catalog is fine."""
    return {"XDG_STATE_HOME": str(world.write("not-a-directory", "") / "x")}


def much_text(world: World) -> None:
    """Rendered, the template takes four megabytes."""
    line = "{% for i in range(0, 4000) %}" + "x" * 1000 + "\n{% endfor %}"
    write_template(world.template, skeleton={"much.txt": line})


# -- prefixes that make the machine worse

SMALL_FILES = ("sh", "-c", 'ulimit -f 2000; exec "$@"', "sh")
"""No file may grow beyond a megabyte: the way that works for everybody to have a write fail."""


def full_disk(directory: str) -> tuple[str, ...]:
    """A disk of one megabyte is mounted at `directory`, in a name space that ends with the program."""
    return _mounted(f'mkdir -p "{directory}"; mount -t tmpfs -o size=1M none "{directory}"')


def read_only(directory: str) -> tuple[str, ...]:
    return _mounted(f'mount --bind "{directory}" "{directory}"; mount -o remount,ro,bind "{directory}"')


def _mounted(mounting: str) -> tuple[str, ...]:
    return ("unshare", "--map-root-user", "--mount", "sh", "-ec", f'{mounting}; exec "$@"', "sh")


def can_mount() -> bool:
    """Tell whether an ordinary person may mount in a name space of their own here."""
    if shutil.which("unshare") is None:
        return False
    probe = ["unshare", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/tmp"]  # noqa: S108  # in a name space of its own
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


LONG_NAME = "a" * 64
SITUATIONS = [
    # names
    Situation(
        "name-invalid-for-the-catalog",
        INVALID,
        ("'parcel tracker'", "letters, digits", "--name NAME"),
        new(name="parcel tracker"),
    ),
    Situation("name-too-long", INVALID, ("at most 63", "64", "--name NAME"), new(name=LONG_NAME)),
    Situation("name-ends-with-a-dash", INVALID, ("'parcel-'", "begins and ends", "--name NAME"), new(name="parcel-")),
    Situation(
        "name-invalid-for-the-forge",
        INVALID,
        ("parcel.git", "does not end with", "--repo OWNER/NAME"),
        new(name="parcel.git"),
    ),
    Situation(
        "name-taken",
        CONFLICT,
        (
            "Label-Printer is taken",
            "component, owned by parcels",
            "scaffolder catalog show component:default/Label-Printer",
        ),
        new(name="Label-Printer"),
    ),
    Situation(
        "name-taken-in-another-case",
        CONFLICT,
        ("label-printer is taken", "component, owned by parcels", "another name"),
        new(name="label-printer"),
    ),
    Situation(
        "name-reserved",
        CONFLICT,
        ("parcel-tracker is taken", "reserved just now by somebody, task 0badcafe", "another name"),
        new(),
        reserved,
    ),
    # the repository
    Situation(
        "repository-exists",
        CONFLICT,
        ("local/parcel-tracker already exists", "--repo OWNER/NAME"),
        new(),
        standing("local/parcel-tracker"),
    ),
    Situation(
        "repository-exists-in-another-case",
        CONFLICT,
        ("Local/Parcel-Tracker already exists", "--repo OWNER/NAME"),
        new(),
        standing("Local/Parcel-Tracker"),
    ),
    *(
        Situation(f"repo-malformed-{number}", INVALID, (repr(part), reason, "--repo OWNER/NAME"), new(repo=repo))
        for number, (repo, part, reason) in enumerate(
            [
                ("parcels", "parcels", "OWNER/NAME"),
                ("a/b/c", "a/b/c", "OWNER/NAME"),
                ("/x", "", "an owner has"),
                ("a/", "", "name has"),
                ("-o/x", "-o", "an owner has"),
                ("shop/a b", "a b", "name has"),
                ("shop/..", "..", "name has"),
                ("shop/x.git", "x.git", "does not end with"),
            ]
        )
    ),
    Situation(
        "visibility-unknown", INVALID, ("'secret'", "private", "internal", "public", "--help"), new(visibility="secret")
    ),
    # people and systems
    Situation(
        "owner-unknown",
        INVALID,
        ("owner group:default/parcel does not exist", "did you mean group:default/parcels?"),
        new(owner="parcel"),
    ),
    Situation(
        "owner-no-group",
        INVALID,
        (
            "component:default/label-printer is a component",
            "not a group or a user",
            "scaffolder catalog list --kind group",
        ),
        new(owner="component:label-printer"),
    ),
    Situation(
        "owner-malformed", INVALID, ("'a:b:c/d' is not an entity ref", "[kind:][namespace/]name"), new(owner="a:b:c/d")
    ),
    Situation(
        "system-unknown",
        INVALID,
        ("system system:default/delivry does not exist", "did you mean system:default/delivery?"),
        new(system="delivry"),
    ),
    Situation(
        "system-no-system",
        INVALID,
        ("component:default/label-printer is a component", "not a system", "--kind system"),
        new(system="component:label-printer"),
    ),
    Situation(
        "extends-unknown",
        INVALID,
        ("component:default/label-prnter does not exist", "did you mean component:default/Label-Printer?"),
        new(extends="label-prnter"),
    ),
    Situation(
        "extends-no-component",
        INVALID,
        ("group:default/parcels is a group", "not a component"),
        new(extends="group:parcels"),
    ),
    # what it is for
    Situation("purpose-missing", INVALID, ("needs purpose", "--purpose TEXT"), new(purpose="")),
    Situation("purpose-blank", INVALID, ("needs purpose", "--purpose TEXT"), new(purpose=" \n ")),
    Situation("name-missing", INVALID, ("needs name", "--name NAME"), new(name="")),
    Situation("owner-missing", INVALID, ("needs owner", "--owner REF"), new(owner="")),
    Situation("template-missing", INVALID, ("needs template", "scaffolder new TEMPLATE"), new(template="", answers=())),
    Situation(
        "exists-already",
        CONFLICT,
        (
            "exists already",
            "component:default/invoice-archive, owned by group:default/payments",
            "mentions",
            "invoice",
            "--reason",
        ),
        new(name="invoices-archive", purpose="Keeps every invoice for ten years and finds it again by customer"),
    ),
    # where it goes
    Situation(
        "directory-not-empty",
        CONFLICT,
        ("work/parcel-tracker is not empty", "--output-dir DIR"),
        new(),
        file("work/parcel-tracker/mine.txt", "mine"),
    ),
    Situation(
        "directory-is-a-file",
        CONFLICT,
        ("work/parcel-tracker", "is a file", "--output-dir DIR"),
        new(),
        file("work/parcel-tracker", "mine"),
    ),
    Situation(
        "output-dir-is-a-file",
        INVALID,
        ("cannot make", "mine is not a directory", "--output-dir DIR"),
        new(output_dir="mine"),
        file("work/mine", "mine"),
    ),
    Situation(
        "output-dir-below-a-file",
        INVALID,
        ("cannot make", "mine is not a directory", "--output-dir DIR"),
        new(output_dir="mine/deep/er"),
        file("work/mine", "mine"),
    ),
    Situation(
        "output-dir-read-only",
        INVALID,
        ("cannot make", "work is not writable", "--output-dir DIR"),
        new(),
        prefix=read_only("."),
    ),
    # the template
    Situation(
        "template-not-found",
        INVALID,
        ("'python-servce' was not found", "did you mean python-service?"),
        new(template="python-servce", answers=()),
    ),
    Situation(
        "template-nowhere",
        INVALID,
        ("'./nowhere' was not found", "scaffolder template list"),
        new(template="./nowhere", answers=()),
    ),
    Situation(
        "template-no-template",
        INVALID,
        ("empty", "neither template.yaml nor cookiecutter.json"),
        new(template="../empty", answers=()),
    ),
    Situation("template-url-nowhere", INVALID, ("nowhere.git",), new(template="file:///nowhere.git", answers=())),
    Situation(
        "ref-not-found",
        INVALID,
        ("man", "golden.git", "did you mean main?"),
        new(template="../golden.git", ref="man"),
        template_in_git,
    ),
    Situation(
        "ref-after-the-path",
        INVALID,
        ("man", "golden.git", "did you mean main?"),
        new(template="../golden.git@man"),
        template_in_git,
    ),
    Situation(
        "directory-of-the-template-not-there",
        INVALID,
        ("golden.git/nowhere", "was not found"),
        new(template="../golden.git", directory="nowhere"),
        template_in_git,
    ),
    Situation(
        "directory-outside-the-template",
        INVALID,
        ("'../..' leads outside",),
        new(template="../golden.git", directory="../.."),
        template_in_git,
    ),
    Situation(
        "template-not-yaml",
        INVALID,
        ("small/template.yaml:9", "flow sequence"),
        new(),
        template_with("spec:\n  type: service\n", "spec: [\n  type: service\n"),
    ),
    Situation(
        "template-of-no-kind",
        INVALID,
        ("small/template.yaml", "apiVersion", "kind: Template"),
        new(),
        template_with("v1beta3", "v1beta2"),
    ),
    Situation(
        "action-unknown",
        INVALID,
        ("step render", "'fetch:templat'", "did you mean fetch:template?"),
        new(),
        template_with("fetch:template", "fetch:templat"),
    ),
    Situation(
        "step-input-bad",
        INVALID,
        ("step render (fetch:template)", "input does not fit", '"url" is a required property', "template.yaml"),
        new(),
        template_with("url: ./skeleton", "token: x"),
    ),
    Situation(
        "step-input-unknown",
        INVALID,
        ("step render (fetch:template)", "input does not fit", "'uri'", "template.yaml"),
        new(),
        template_with("url: ./skeleton", "url: ./skeleton\n        uri: x"),
    ),
    Situation(
        "step-fetches-nothing",
        INVALID,
        ("no directory './skeletn'", "looked for in"),
        new(),
        template_with("./skeleton", "./skeletn"),
    ),
    Situation(
        "step-fetches-outside",
        INVALID,
        ("'../../../etc' leads outside",),
        new(),
        template_with("./skeleton", "../../../etc"),
    ),
    Situation(
        "template-renders-wrong",
        FAILED,
        ("README.md:2", "nofilter"),
        new(),
        skeleton_with("README.md", "x\n${{ values.name | nofilter }}"),
    ),
    Situation(
        "template-makes-a-bad-entry",
        INVALID,
        ("catalog-info.yaml", "would not be accepted", "lifecycle", "correct it in the template"),
        new(),
        skeleton_with(
            "catalog-info.yaml",
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: x}\nspec: {type: service, owner: parcels}\n",
        ),
    ),
    Situation(
        "template-takes-a-name",
        CONFLICT,
        ("invoice-archive is taken", "another name"),
        new(),
        skeleton_with(
            "catalog-info.yaml",
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: invoice-archive}\nspec: {type: service, lifecycle: x, owner: parcels}\n",
        ),
    ),
    Situation(
        "template-owned-by-nobody",
        INVALID,
        (
            "the owner of component:default/parcel-tracker",
            "group:default/parcelz does not exist",
            "did you mean group:default/parcels?",
        ),
        new(),
        skeleton_with(
            "catalog-info.yaml",
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: parcel-tracker}\nspec: {type: service, lifecycle: x, owner: parcelz}\n",
        ),
    ),
    # answers
    Situation(
        "answer-unknown",
        INVALID,
        ("does not ask for regin", "did you mean region?"),
        new(answers=("region=north", "regin=x")),
    ),
    Situation(
        "answer-unknown-in-a-file",
        INVALID,
        ("regin", "does not ask for", "did you mean region?"),
        new("--answers", "answers.yaml"),
        file("work/answers.yaml", "regin: x\n"),
    ),
    Situation(
        "answer-of-ours", INVALID, ("does not ask for owner", "--owner"), new(answers=("region=north", "owner=parcels"))
    ),
    Situation(
        "answer-missing",
        INVALID,
        ("region: an answer is needed", "-d NAME=VALUE", "scaffolder template show ../templates/small"),
        new(answers=()),
    ),
    Situation(
        "answer-no-number",
        INVALID,
        ("replicas", "'many' is not a whole number", "scaffolder template show ../templates/small"),
        new(answers=("region=x", "replicas=many")),
    ),
    Situation(
        "answer-no-choice",
        INVALID,
        ("database", "'oracle'", "none, postgres"),
        new(answers=("region=x", "database=oracle")),
    ),
    Situation(
        "answer-neither-yes-nor-no",
        INVALID,
        ("metrics", "'perhaps'", "neither yes nor no"),
        new(answers=("region=x", "metrics=perhaps")),
    ),
    Situation(
        "answer-too-small", INVALID, ("replicas: it must be 1 or more",), new(answers=("region=x", "replicas=0"))
    ),
    Situation(
        "answer-of-the-wrong-type-in-a-file",
        INVALID,
        ("replicas: it must be a whole number", "database: it must be a text"),
        new("--answers", "answers.yaml"),
        file("work/answers.yaml", "replicas: [many]\ndatabase: 7\n"),
    ),
    Situation(
        "answer-leaves-the-directory",
        INVALID,
        ("../../outside", "leads outside"),
        new(answers=("region=x", "folder=../../outside")),
    ),
    Situation(
        "answer-without-a-key",
        INVALID,
        ("-d region", "not KEY=VALUE", "-d database=postgres"),
        new(answers=("region",)),
    ),
    Situation(
        "answers-file-missing", INVALID, ("nowhere.yaml", "No such file", "--answers"), new("--answers", "nowhere.yaml")
    ),
    Situation("answers-file-a-directory", INVALID, ("cannot read .", "directory", "--answers"), new("--answers", ".")),
    Situation(
        "answers-file-not-yaml",
        INVALID,
        ("answers.yaml:3", "did not find expected node", "key: value"),
        new("--answers", "answers.yaml"),
        file("work/answers.yaml", "a: 1\nb: [\n"),
    ),
    Situation(
        "answers-file-no-map",
        INVALID,
        ("answers.yaml", "holds no answers", "key: value"),
        new("--answers", "answers.yaml"),
        file("work/answers.yaml", "- region\n"),
    ),
    Situation(
        "answers-file-a-bomb",
        INVALID,
        ("answers.yaml",),
        new("--answers", "answers.yaml"),
        file(
            "work/answers.yaml",
            "a: &a [x, x, x, x, x, x, x, x, x]\n"
            + "".join(
                f"{one}: &{one} [{', '.join([f'*{before}'] * 9)}]\n"
                for before, one in zip("abcdefgh", "bcdefghi", strict=True)
            ),
        ),
    ),
    Situation(
        "answers-file-own-key-no-text",
        INVALID,
        ("answers.yaml: owner must be a text", "in quotes"),
        new("--answers", "answers.yaml", owner=""),
        file("work/answers.yaml", "owner: [parcels]\n"),
    ),
    # the command line
    Situation(
        "option-unknown", INVALID, ("--nmae", "did you mean --name?", "scaffolder new --help"), new("--nmae", "x")
    ),
    Situation("argument-too-many", INVALID, ("unexpected extra argument", "scaffolder new --help"), new("another")),
    Situation("not-a-terminal", INVALID, ("not a terminal", "--no-input"), ("new", "../templates/small")),
    Situation(
        "nothing-to-continue", INVALID, ("no answers are kept", "scaffolder new"), ("new", "--continue", "--no-input")
    ),
    # settings
    Situation(
        "settings-unknown-key",
        INVALID,
        ("scaffolder.yaml:2", "scaffolder.visiblity", "did you mean visibility?"),
        new(),
        file("work/scaffolder.yaml", "scaffolder:\n  visiblity: private\n"),
    ),
    Situation(
        "settings-variable-not-set",
        INVALID,
        ("scaffolder.yaml:2", "organization.name", "COMPANY is not set", "${COMPANY}"),
        new(),
        file("work/scaffolder.yaml", "organization:\n  name: ${COMPANY}\n"),
    ),
    Situation(
        "settings-not-yaml",
        INVALID,
        ("scaffolder.yaml:3", "not YAML"),
        new(),
        file("work/scaffolder.yaml", "scaffolder:\n  visibility: [\n"),
    ),
    Situation(
        "settings-value-unknown",
        INVALID,
        ("scaffolder.yaml:2", "'secret'", "private or internal or public"),
        new(),
        file("work/scaffolder.yaml", "scaffolder:\n  visibility: secret\n"),
    ),
    Situation(
        "settings-not-there",
        INVALID,
        ("nowhere.yaml", "--settings", "scaffolder init"),
        ("--settings", "nowhere.yaml", *new()),
    ),
    Situation(
        "settings-catalog-not-there",
        INVALID,
        ("nowhere.yaml", "scaffolder.yaml"),
        new(),
        file("work/scaffolder.yaml", "catalog:\n  locations:\n    - {type: file, target: ./nowhere.yaml}\n"),
    ),
    # catalog files
    Situation(
        "catalog-file-invalid",
        INVALID,
        ("bad.yaml:6", "spec.lifecycle"),
        ("catalog", "add", "bad.yaml"),
        file(
            "work/bad.yaml",
            "# a component\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: x\nspec:\n  type: service\n  owner: parcels\n",
        ),
    ),
    Situation(
        "catalog-file-not-yaml",
        INVALID,
        ("bad.yaml:2",),
        ("catalog", "add", "bad.yaml"),
        file("work/bad.yaml", "kind: Component\n- x\n"),
    ),
    Situation("catalog-file-not-there", INVALID, ("nowhere.yaml",), ("catalog", "add", "nowhere.yaml")),
    # the machine
    Situation("git-missing", FAILED, ("git", "2.38"), new(), fake_git("")),
    Situation("git-too-old", FAILED, ("git", "2.20.1", "2.38"), new(), fake_git("2.20.1")),
    Situation(
        "git-knows-nobody", INVALID, ("git does not know who you are", "git config --global user.name"), new(), nobody
    ),
    Situation(
        "disk-full-while-checking",
        FAILED,
        ("cannot write", "File too large", "free some space"),
        new(),
        much_text,
        SMALL_FILES,
    ),
    Situation(
        "disk-full-while-rendering",
        FAILED,
        ("cannot write", "No space left", "free some space"),
        new(),
        much_text,
        full_disk("$XDG_STATE_HOME/scaffolder"),
    ),
    Situation("home-below-a-file", FAILED, ("cannot", "not-a-directory"), new(), no_home),
    Situation("state-below-a-file", FAILED, ("cannot", "not-a-directory"), new(), no_state),
    Situation("home-read-only", FAILED, ("cannot write", "catalog.db"), new(), prefix=read_only("$HOME")),
]
