"""
The table of bad input: what is wrong, the exit code, and the words that must be said.

Each situation begins with a command that works (`new()`), and changes what makes it fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bad_input.ways import (
    SMALL_FILES,
    entry_with,
    fake_git,
    file,
    full_disk,
    much_text,
    new,
    no_home,
    no_state,
    nobody,
    read_only,
    reserved,
    skeleton_with,
    standing,
    template_in_git,
    template_with,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bad_input.world import World

FAILED, INVALID, CONFLICT, LATER = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Situation:
    """
    One way to go wrong.

    `says` are pieces of what stderr must hold; `arrange` prepares the world, and may return variables to set; `prefix`
    is the command that starts the program.
    """

    name: str
    code: int
    says: tuple[str, ...]
    command: tuple[str, ...]
    arrange: Callable[[World], dict[str, str] | None] = lambda _world: None
    prefix: tuple[str, ...] = ()


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
        "template-unreachable",
        LATER,
        ("http://127.0.0.1:9/x.git", "look at the network connection"),
        new(template="http://127.0.0.1:9/x.git", answers=()),
        lambda _world: {"no_proxy": "*"},
    ),
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
        entry_with(lifecycle=""),
    ),
    Situation(
        "template-takes-a-name",
        CONFLICT,
        ("invoice-archive is taken", "another name"),
        new(),
        entry_with(name="invoice-archive"),
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
        entry_with(owner="parcelz"),
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
    Situation(
        "purpose-in-another-encoding",
        INVALID,
        ("--purpose has characters that are not UTF-8", "UTF-8 locale"),
        new(purpose="parcels \udcff"),
    ),
    Situation(
        "answer-in-another-encoding",
        INVALID,
        ("-d has characters that are not UTF-8", "UTF-8 locale"),
        new(answers=("region=\udcff",)),
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
    # catalog files
    Situation(
        "catalog-file-invalid",
        INVALID,
        ("bad.yaml:6", "spec.lifecycle"),
        ("catalog", "add", "bad.yaml"),
        file(
            "work/bad.yaml",
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: x}\n\n\n"
            "spec:\n  type: service\n  owner: parcels\n",
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
    Situation(
        "home-below-a-file",
        FAILED,
        ("cannot write", "not-a-directory", "catalog.db", "writable for you"),
        ("catalog", "add", "../company.yaml"),
        no_home,
    ),
    Situation("state-below-a-file", FAILED, ("cannot", "not-a-directory"), new(), no_state),
    Situation("home-read-only", FAILED, ("cannot write", "catalog.db"), new(), prefix=read_only("$HOME")),
]
