"""Preflight: what a template asks for, seen before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.app import Scaffolder
from scaffolder.app.draft import Draft
from scaffolder.errors import InvalidInput
from scaffolder.gateways.home import Home
from scaffolder.settings import Settings
from scaffolder.tree import Link
from tests.task.births import HEAD, SIMPLE, SKELETON, TEAM

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.app.planned import Plan

ENTRY = """\
kind: Component
apiVersion: backstage.io/v1alpha1
metadata: {name: shop}
spec: {type: service, lifecycle: production, owner: parcels}
"""


def plan(root: Path, steps: str = SIMPLE, files: dict[str, str] | None = None, **draft: Any) -> Plan:
    (root / "team.yaml").write_text(TEAM)
    for path, text in {"template.yaml": HEAD + steps, **SKELETON, **(files or {})}.items():
        place = root / "template" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    app = Scaffolder(Settings(), Home.of_user())
    app.catalog.add(str(root / "team.yaml"))
    facts = {"purpose": "Sells", "name": "shop", "owner": "parcels", "template": str(root / "template"), **draft}
    return app.plan(Draft(directory=str(root / "shop"), **facts))


OUTSIDE = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: not-ours}
spec: {type: service, lifecycle: production, owner: parcels}
"""
PLAIN = '    - {id: plain, action: "fetch:plain", input: {url: ./plain}}\n'


def test_a_link_does_not_show_what_is_outside(tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text(OUTSIDE)
    (tmp_path / "template" / "plain").mkdir(parents=True)
    (tmp_path / "template" / "plain" / "catalog-info.yaml").symlink_to(tmp_path / "outside.yaml")
    (tmp_path / "template" / "plain" / "passwords").symlink_to("/etc/passwd")

    found = plan(tmp_path, PLAIN + SIMPLE)

    assert [str(entity.ref) for entity in found.preview.entities] == ["component:default/shop"]
    assert not [path for path, node in found.preview.tree.items() if isinstance(node, Link)]
    assert any("passwords: left out" in warning for warning in found.warnings)


def test_a_link_stays_inside_where_it_ends_up(tmp_path: Path) -> None:
    inner = tmp_path / "template" / "skeleton" / "${{ values.name }}-x"
    inner.mkdir(parents=True)
    (inner / "up").symlink_to("../README.md")
    outer = tmp_path / "template" / "skeleton" / "${{ '.' }}"
    outer.mkdir()
    (outer / "out").symlink_to("../escaped")

    found = plan(tmp_path)

    assert [path for path, node in found.preview.tree.items() if isinstance(node, Link)] == ["shop-x/up"]


def test_an_entry_behind_a_link_is_read_as_the_commit_will_be(tmp_path: Path) -> None:
    skeleton = tmp_path / "template" / "skeleton"
    (skeleton / "meta").mkdir(parents=True)
    (skeleton / "meta" / "info.yaml").write_text(ENTRY)
    (skeleton / "catalog-info.yaml").symlink_to("meta/info.yaml")

    found = plan(tmp_path)
    app = Scaffolder(Settings(), Home.of_user())

    assert app.run(found).status.value == "completed"
    assert app.catalog.get(found.entity) is not None


def test_an_impossible_date_is_no_bug(tmp_path: Path) -> None:
    entry = ENTRY.replace("{name: shop}", "{name: shop, annotations: {d: 2024-13-45}}")

    found = plan(tmp_path, files={"skeleton/catalog-info.yaml": entry})

    assert [str(entity.ref) for entity in found.preview.entities] == ["component:default/shop"]


@pytest.mark.parametrize("branch", ["my branch", "rel@1", "a:b", "-x"])
def test_a_branch_that_cannot_be_is_refused_before_anything(tmp_path: Path, branch: str) -> None:
    with pytest.raises(InvalidInput, match=r"branch|ref"):
        plan(tmp_path, branch=branch)


def registering(path: str, condition: str = "") -> str:
    return f'{SIMPLE}    - {{id: r, action: "catalog:register", {condition}input: {{catalogInfoPath: "{path}"}}}}\n'


def test_the_entry_is_where_the_template_says(tmp_path: Path) -> None:
    found = plan(tmp_path, registering("/${{ parameters.note }}/entry.yaml"), {"skeleton/plain/entry.yaml": ENTRY})

    paths = [file.path for file in found.files]
    assert "plain/entry.yaml" in paths
    assert "catalog-info.yaml" not in paths
    assert "template:default/shop" in (found.preview.tree.text("plain/entry.yaml") or "")
    assert [str(entity.ref) for entity in found.preview.entities] == ["component:default/shop"]


def test_the_entry_is_made_where_the_template_says(tmp_path: Path) -> None:
    found = plan(tmp_path, registering("/backstage/entry.yaml"))

    assert "backstage/entry.yaml" in [file.path for file in found.files]
    assert "catalog-info.yaml" not in [file.path for file in found.files]


def test_a_condition_does_not_keep_it_out_of_the_catalog(tmp_path: Path) -> None:
    found = plan(tmp_path, registering("/catalog-info.yaml", "if: false, "))

    assert [one["skipped"] for one in found.to_json()["steps"] if one["action"] == "catalog:register"] == [False]


@pytest.mark.parametrize("path", ["../entry.yaml", "${{ parameters.name }}/../../entry.yaml"])
def test_an_entry_outside_the_repository_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(InvalidInput):
        plan(tmp_path, registering(path))


def test_what_a_preview_logs_tells_no_secret(tmp_path: Path) -> None:
    steps = f'{SIMPLE}    - {{id: say, action: "debug:log", input: {{message: "it is ${{{{ secrets.token }}}}"}}}}\n'

    found = plan(tmp_path, steps, secrets={"token": "hunter2-token"})

    assert "it is ***" in found.warnings
    assert "hunter2" not in str(found.to_json())


def test_a_plan_writes_nothing(tmp_path: Path, home: Path) -> None:
    plan(tmp_path)

    assert not (tmp_path / "shop").exists()
    assert not (Home.of_user().state / "tasks").exists()
    assert sorted(path.name for path in Home.of_user().data.iterdir() if not path.name.startswith("catalog.db")) == []
    assert home.exists()


def test_a_location_that_leads_nowhere_is_told_before_anything(tmp_path: Path) -> None:
    pointer = (
        "\n---\napiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: more}\nspec: {target: ./no.yaml}\n"
    )

    with pytest.raises(InvalidInput, match=r"no\.yaml"):
        plan(tmp_path, files={"skeleton/catalog-info.yaml": ENTRY + pointer})


def test_of_steps_with_one_id_that_publish_to_each_host_later_ones_find_what_was_published(tmp_path: Path) -> None:
    def publishes(host: str, chosen: str) -> str:
        condition = "${{ parameters.name == '" + chosen + "' }}"
        return f"    - id: publish\n      if: {condition}\n      action: publish:{host}\n      input: {{repoUrl: x}}\n"

    says = "    - {id: say, action: 'debug:log', input: {message: 'at ${{ steps.publish.output.remoteUrl }}'}}\n"

    found = plan(tmp_path, SIMPLE + publishes("gitlab", "other") + publishes("github", "shop") + says)

    said = dict(zip((step.id for step in found.task.steps), found.preview.inputs, strict=True))["say"]
    assert said == [{"message": f"at {found.repository.clone_url}"}]
    assert {step.group for step in found.task.steps if step.action == "repository:push"} == {"publish"}


UNKNOWN = '    - {id: pager, action: "acme:pager", if: CONDITION, input: {}}\n'


@pytest.mark.parametrize("condition", ["false", "\"${{ parameters.note == 'fancy' }}\""])
def test_an_action_that_nobody_knows_is_not_needed_where_its_step_is_not_run(tmp_path: Path, condition: str) -> None:
    assert plan(tmp_path, SIMPLE + UNKNOWN.replace("CONDITION", condition)).preview.inputs[2] == []


@pytest.mark.parametrize("condition", ["true", '"${{ failure() }}"', '"${{ steps.skeleton.output.later }}"'])
def test_an_action_that_nobody_knows_is_told_where_its_step_may_run(tmp_path: Path, condition: str) -> None:
    with pytest.raises(InvalidInput, match="step pager: the action 'acme:pager' is not known here") as refused:
        plan(tmp_path, SIMPLE + UNKNOWN.replace("CONDITION", condition))
    assert refused.value.hint.endswith("or go on without: --skip pager")


def test_a_step_with_an_action_that_nobody_knows_can_be_skipped(tmp_path: Path) -> None:
    found = plan(tmp_path, SIMPLE + UNKNOWN.replace("CONDITION", "true"), skip=["pager"])
    assert "README.md" in found.preview.tree
    assert [step.condition for step in found.task.steps if step.id == "pager"] == [(False,)]


WHOLE = """\
    - {id: skeleton, action: "fetch:template", input: "${{ parameters.fetch }}"}
    - {id: publish, action: "publish:github", input: "${{ parameters.publish }}"}
    - {id: register, action: "catalog:register", input: "${{ parameters.register }}"}
"""


def test_an_input_may_be_one_expression(tmp_path: Path) -> None:
    head = HEAD.replace(
        "        note:", "        fetch: {type: object}\n        publish: {type: object}\n        note:"
    )
    fetch = {"url": "./skeleton", "values": {"name": "shop", "text": "-"}}
    answers = {"fetch": fetch, "publish": {"repoUrl": "github.com?owner=a&repo=b", "topics": ["x"]}}

    found = plan(tmp_path, "", {"template.yaml": head + WHOLE}, answers=answers)

    assert "README.md" in found.preview.tree
    assert any(warning.startswith("step publish: its input is one expression") for warning in found.warnings)
