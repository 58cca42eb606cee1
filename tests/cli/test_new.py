"""`scaffolder new --no-input`: what is asked for is what is made, and everything that is made holds together."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from scaffolder.catalog.entity import EntityRef
from scaffolder.errors import Stopped
from tests.bad_input.ways import commit, new
from tests.bad_input.world import SKELETON, SMALL, World, write_template

if TYPE_CHECKING:
    from pathlib import Path

EXISTS: dict[str, Any] = {
    "name": "invoices-archive",
    "purpose": "Keeps every invoice for ten years and finds it again by customer",
}


@pytest.fixture
def world(tmp_path: Path, home: Path) -> World:
    return World(home, tmp_path).made()


def git(place: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(place), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def entity_of(world: World, ref: str) -> dict[str, Any]:
    catalog = world.catalog
    entity = catalog.get(EntityRef.parse(ref, default_kind="component"))
    catalog.close()
    assert entity is not None
    return dict(entity.document)


def committed(place: Path) -> list[dict[str, str]]:
    """Return what git holds of the first commit, as the plan lists files."""
    found = []
    for line in git(place, "ls-tree", "-r", "HEAD").splitlines():
        facts, path = line.split("\t")
        data = subprocess.run(["git", "-C", str(place), "show", f"HEAD:{path}"], capture_output=True, check=True).stdout
        found.append({"path": path, "sha256": hashlib.sha256(data).hexdigest(), "mode": facts.split()[0]})
    return found


def assert_sound(world: World, name: str, *, repository: str = "") -> Path:
    """Check everything that a birth promises of its directory, its repository and its entry; return the directory."""
    directory = world.work / name
    stored = world.forge / f"{repository or f'local/{name}'}.git"
    assert git(directory, "status", "--porcelain") == ""
    assert git(directory, "rev-parse", "--abbrev-ref", "HEAD@{upstream}") == "origin/main"
    assert git(stored, "fsck", "--strict") == git(directory, "fsck", "--strict") == ""
    for ref in ("refs/heads/main", "refs/scaffolder/base"):
        assert git(directory, "rev-parse", ref) == git(stored, "rev-parse", ref)
    world.run("catalog", "validate", str(directory / "catalog-info.yaml"))
    entry = entity_of(world, name)
    assert entry["metadata"]["annotations"]["backstage.io/source-template"].startswith("template:default/")
    assert entry["spec"]["owner"]
    shown = world.run("catalog", "show", name, COLUMNS="80")
    assert str(stored) in [line.split()[-1] for line in shown.splitlines() if line.startswith("source ")]
    assert "made from " in shown
    assert not list((world.root / "tmp").iterdir())
    return directory


# -- the plan


def test_dry_run_is_what_is_then_made(world: World) -> None:
    before = world.state()
    plan = world.json(*new("--dry-run"))

    assert world.state() == before
    made = world.json(*new())
    # the lock and the catalog entry name the task, the decision record the day
    same = [file for file in plan["files"] if file["path"] != ".scaffolder.yaml"]
    really = committed(world.work / "parcel-tracker")
    assert [file for file in really if file["path"] != ".scaffolder.yaml"] == same
    assert [file["path"] for file in really] == [file["path"] for file in plan["files"]]
    assert {file["path"]: file["mode"] for file in plan["files"]}["run.sh"] == "100755"
    assert plan["repository"]["url"] == made["repository"]["url"]
    assert plan["entity"] == made["entityRef"] == "component:default/parcel-tracker"
    assert plan["directory"] == made["directory"]


def test_dry_run_tells_steps_and_similar_services(world: World) -> None:
    plan = world.json(*new("--dry-run", **EXISTS))

    assert plan.keys() >= {"files", "steps", "repository", "entity", "similar"}
    assert [step["action"] for step in plan["steps"]] == [
        "catalog:reserve",
        "fetch:template",
        "repository:commit",
        "repository:create",
        "repository:push",
        "catalog:register",
        "directory:place",
    ]
    assert plan["similar"]["verdict"] == "exists"
    first = plan["similar"]["matches"][0]
    assert first.keys() >= {"entityRef", "title", "owner", "score", "verdict", "reasons"}
    assert (first["entityRef"], first["owner"]) == ("component:default/invoice-archive", "group:default/payments")


def test_dry_run_in_words_names_every_file(world: World) -> None:
    done = world.start(*new("--dry-run"))

    assert done.returncode == 0
    assert all(
        name in done.stderr for name in ("README.md", "settings.txt", "local/parcel-tracker", "catalog-info.yaml")
    )
    assert done.stdout == ""


# -- the result


def test_result_and_everything_it_names(world: World) -> None:
    made = world.json(*new())

    assert made.keys() >= {"taskId", "status", "entityRef", "repository", "directory", "links", "similar"}
    assert made["status"] == "completed"
    directory = assert_sound(world, "parcel-tracker")
    assert made["directory"] == str(directory)
    assert made["repository"]["commit"] == git(directory, "rev-parse", "HEAD")
    assert world.json("tasks", "show", made["taskId"])["status"] == "completed"


def test_result_in_words(world: World) -> None:
    done = world.start(*new())

    assert "parcel-tracker belongs to parcels" in done.stderr
    assert "cd parcel-tracker" in done.stdout
    assert "scaffolder catalog show parcel-tracker" in done.stdout


def test_a_user_may_own_a_service(world: World) -> None:
    world.run(*new(owner="user:test-engineer"))

    assert entity_of(world, "parcel-tracker")["spec"]["owner"] == "user:default/test-engineer"


def test_the_longest_name(world: World) -> None:
    name = "a" * 63
    world.run(*new(name=name))

    assert_sound(world, name)


def test_a_purpose_of_any_text(world: World) -> None:
    purpose = ('"It\'s"\t<b>\x1b[31m${{ 7*7 }} {{ 7*7 }} {% x %}\n---\n: # | \u2028 é\r\n' * 200)[:10_000].strip()
    world.run(*new(purpose=purpose))

    directory = assert_sound(world, "parcel-tracker")
    assert entity_of(world, "parcel-tracker")["metadata"]["description"] == purpose
    assert yaml.safe_load((directory / "mkdocs.yml").read_text())["site_description"] == purpose
    shown = world.start("catalog", "show", "parcel-tracker")
    assert "\x1b" not in shown.stdout
    assert "\u2028" not in shown.stdout


# -- answers


def test_typed_values(world: World) -> None:
    world.run(*new(answers=("region=north", "replicas=4", "metrics=no", "database=postgres", "folder=etc/app")))

    settings = (world.work / "parcel-tracker/etc/app/settings.txt").read_text()
    assert settings == "database=postgres\nreplicas=5\nmetrics=false\n"
    lock = yaml.safe_load((world.work / "parcel-tracker/.scaffolder.yaml").read_text())
    assert {name: lock["answers"][name] for name in ("replicas", "metrics")} == {"replicas": 4, "metrics": False}


def test_answers_from_a_file(world: World) -> None:
    ours = {"name": "parcel-map", "purpose": "Draws parcels on a map", "owner": "payments", "system": "delivery"}
    theirs = {"region": "no", "replicas": 2, "metrics": "no"}
    place = {"repo": "maps/parcel-map-service", "visibility": "public", "template": str(world.template)}
    world.write("work/answers.json", json.dumps({**ours, **theirs, **place}))

    made = world.json("new", "--answers", "answers.json", "--no-input", "-d", "replicas=7")

    directory = assert_sound(world, "parcel-map", repository="maps/parcel-map-service")
    assert made["repository"]["name"] == "maps/parcel-map-service"
    spec = entity_of(world, "parcel-map")["spec"]
    assert (spec["owner"], spec["system"]) == ("group:default/payments", "system:default/delivery")
    assert "Runs in no." in (directory / "README.md").read_text()
    assert (directory / "src/settings.txt").read_text() == "database=none\nreplicas=8\nmetrics=false\n"


def test_options_win_over_the_file(world: World) -> None:
    world.write("work/answers.yaml", "name: other\nowner: payments\nregion: south\n")

    world.run(*new("--answers", "answers.yaml"))

    assert entity_of(world, "parcel-tracker")["spec"]["owner"] == "group:default/parcels"
    assert "Runs in north." in (world.work / "parcel-tracker/README.md").read_text()


def test_a_secret_stays_out_of_everything_that_is_kept(world: World) -> None:
    world.run(*new(answers=("region=north", "token=s3cr3t-value")))

    at_home = [path for path in (world.home, world.work) for path in path.rglob("*") if path.is_file()]
    assert not [path for path in at_home if b"s3cr3t-value" in path.read_bytes()]


@pytest.mark.parametrize("more", [("-d", "region=north"), ("--answers", "answers.yaml")])
@pytest.mark.parametrize("asks", [(), ("--no-input",)])
def test_answers_to_no_template_are_not_lost_silently(world: World, more: tuple[str, str], asks: tuple[str]) -> None:
    world.write("work/answers.yaml", "name: parcel-map\nregion: north\n")

    done = world.start("new", *more, *asks)

    assert done.returncode == 2
    assert "region is an answer to a golden path's question" in done.stderr


# -- where it goes


def test_repository_visibility_and_directory(world: World) -> None:
    made = world.json(*new("--output-dir", "deep/er", repo="shop/tracker", visibility="internal"))

    assert made["directory"] == str(world.work / "deep/er/parcel-tracker")
    assert git(world.work / "deep/er/parcel-tracker", "remote", "get-url", "origin") == str(
        world.forge / "shop/tracker.git"
    )


def test_an_empty_directory_is_filled(world: World) -> None:
    (world.work / "parcel-tracker").mkdir()

    world.run(*new())

    assert_sound(world, "parcel-tracker")


def test_an_empty_repository_is_published_into(world: World) -> None:
    subprocess.run(["git", "init", "--bare", "-q", str(world.forge / "local/parcel-tracker.git")], check=True)

    world.run(*new())

    assert_sound(world, "parcel-tracker")


def test_settings_say_where_repositories_go(world: World) -> None:
    world.write("work/scaffolder.yaml", "organization: {name: Parcel Company}\nscaffolder: {defaultBranch: trunk}\n")

    made = world.json(*new())

    assert made["repository"]["name"] == "parcel-company/parcel-tracker"
    assert git(world.work / "parcel-tracker", "branch", "--show-current") == "trunk"


# -- similar services


def test_built_anyway_with_a_reason(world: World) -> None:
    world.run(*new("--reason", "different data: the archive holds no parcels", **EXISTS))

    directory = assert_sound(world, EXISTS["name"])
    annotations = entity_of(world, EXISTS["name"])["metadata"]["annotations"]
    assert annotations["scaffolder/built-anyway"] == "different data: the archive holds no parcels"
    assert "component:default/invoice-archive" in annotations["scaffolder/similar"].split(",")
    record = (directory / "docs/decisions/0001-similar-services.md").read_text()
    assert "the archive holds no parcels" in record
    assert "component:default/invoice-archive" in record
    catalog = world.catalog
    assert [(event["choice"], event["reason"]) for event in catalog.events()] == [
        ("built anyway", "different data: the archive holds no parcels")
    ]
    catalog.close()


def test_extends(world: World) -> None:
    world.run(*new("--extends", "label-printer"))

    assert entity_of(world, "parcel-tracker")["spec"]["subcomponentOf"] == "component:default/label-printer"
    assert (
        "label-printer" in (world.work / "parcel-tracker/docs/decisions/0001-similar-services.md").read_text().lower()
    )


def test_kept_answers_are_taken_up_once(world: World) -> None:
    from scaffolder.app.draft import Draft, save
    from scaffolder.gateways.home import Home

    draft = Draft(purpose="Tells where parcels are", name="parcel-tracker", template=str(world.template))
    save(draft, Home.of_user().state / "draft.json")

    world.run("new", "--continue", "--no-input", "--owner", "parcels", "-d", "region=north")

    assert_sound(world, "parcel-tracker")
    assert "no answers are kept" in world.start("new", "--continue", "--no-input").stderr


def test_kept_answers_end_with_the_task_that_stopped(world: World) -> None:
    from scaffolder.app.draft import Draft, save
    from scaffolder.gateways.home import Home

    draft = Draft(purpose="Tells where parcels are", name="parcel-tracker", owner="parcels", answers={"region": "x"})
    draft.template = str(world.template)
    save(draft, Home.of_user().state / "draft.json")
    pushing = f'#!/bin/sh\ncase " $* " in *" push "*) exit 1 ;; esac\nexec {shutil.which("git")} "$@"\n'
    world.write("bin/git", pushing).chmod(0o755)

    done = world.start("new", "--continue", "--no-input", PATH=f"{world.root}/bin:{os.environ['PATH']}")

    assert done.returncode == Stopped.exit_code
    assert not (Home.of_user().state / "draft.json").exists()


# -- templates


def test_what_a_birth_adds(world: World) -> None:
    world.run(*new())

    directory = world.work / "parcel-tracker"
    added = {".scaffolder.yaml", "catalog-info.yaml", "docs", "mkdocs.yml"}
    assert {path.name for path in directory.iterdir()} - {"README.md", "run.sh", "src", ".git"} == added
    base = git(directory, "ls-tree", "-r", "--name-only", "refs/scaffolder/base").splitlines()
    assert base == ["README.md", "run.sh", "src/settings.txt"]
    assert git(directory, "rev-list", "--count", "HEAD") == "1"


def test_what_the_template_made_is_kept(world: World) -> None:
    entry = (
        "# ours\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: ${{ values.name }}\n"
        "spec:\n  type: website\n  lifecycle: production\n  owner: payments\n"
    )
    own = {"catalog-info.yaml": entry, "mkdocs.yml": "site_name: Own\n", "docs/index.md": "Own.\n"}
    steps = "    - {id: publish, action: 'publish:github', input: {repoUrl: github.com?owner=a&repo=b}}\n"
    write_template(world.template, manifest=SMALL + steps, skeleton={**SKELETON, **own})

    plan = world.json(*new("--dry-run"))
    world.run(*new())

    directory = assert_sound(world, "parcel-tracker")
    assert [step["id"] for step in plan["steps"]][:2] == ["scaffolder-reserve", "render"]
    assert (directory / "mkdocs.yml").read_text() == "site_name: Own\n"
    assert (directory / "docs/index.md").read_text() == "Own.\n"
    written = (directory / "catalog-info.yaml").read_text()
    assert written.startswith("# ours\n")
    spec = yaml.safe_load(written)["spec"]
    assert spec == {"type": "website", "lifecycle": "production", "owner": "payments"}


def test_a_cookiecutter_template(world: World) -> None:
    context = {"project_name": "x", "project_slug": "{{ cookiecutter.project_name|lower }}", "greeting": "hello"}
    world.write("cookie/cookiecutter.json", json.dumps(context))
    world.write(
        "cookie/{{cookiecutter.project_slug}}/hello.txt",
        "{{ cookiecutter.greeting }} {{ cookiecutter.project_name }}\n",
    )

    world.run(*new(template="../cookie", answers=("greeting=welcome",)))

    directory = assert_sound(world, "parcel-tracker")
    assert [path.read_text() for path in directory.rglob("hello.txt")] == ["welcome parcel-tracker\n"]


def test_each_ref_of_a_template_is_honoured(world: World) -> None:
    source = world.root / "golden.git"
    for branch in ("v1", "v2"):
        skeleton = {f"paths/small/skeleton/{path}": text for path, text in SKELETON.items()}
        skeleton["paths/small/skeleton/version.txt"] = f"{branch}\n"
        commit(source, branch=branch, files={"paths/small/template.yaml": SMALL, **skeleton})

    for number, ref in enumerate(("v1", "v2", "v1")):
        name = f"made-{number}"
        options: dict[str, Any] = {"template": f"file://{source}", "name": name, "reason": "a trial"}
        world.run(*new("--ref", ref, "--directory", "paths/small", **options))
        directory = assert_sound(world, name)
        assert (directory / "version.txt").read_text() == f"{ref}\n"
        lock = yaml.safe_load((directory / ".scaffolder.yaml").read_text())
        assert lock["template"]["commit"] == git(source, "rev-parse", ref)


def test_a_template_of_the_catalog_is_used_by_name(world: World) -> None:
    world.run("catalog", "add", str(world.template / "template.yaml"))

    world.run(*new(template="small"))

    assert_sound(world, "parcel-tracker")
    assert "small" in world.run("template", "list")


# -- a real company


def test_gov_uk(world: World, test_data: Path) -> None:
    world.run("catalog", "add", str(test_data / "catalogs/govuk.yaml"))
    real: dict[str, Any] = {"name": "page-link-watch", "purpose": "check that the links on published pages still work"}
    owner = "govuk-content-apis"

    plan = world.json(*new("--dry-run", **real, owner=owner))

    first = {match["entityRef"]: match["owner"] for match in plan["similar"]["matches"][:3]}
    assert first["component:default/link-checker-api"] == f"group:default/{owner}"
    world.run(*new("--reason", "It must run outside the publishing platform", **real, owner=owner))
    assert_sound(world, "page-link-watch")
    shown = world.run("catalog", "show", "page-link-watch")
    assert all(
        words in shown
        for words in ("check that the links", owner, "outside the publishing platform", "link-checker-api")
    )
