"""What a golden path wrote into an entry is known from its birth on, and finds none of those born from it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from scaffolder.app import Scaffolder
from scaffolder.app.draft import Draft
from scaffolder.catalog import Catalog
from scaffolder.gateways.home import Home
from scaffolder.settings import Settings
from scaffolder.similar import Query, find_similar
from scaffolder.similar.own_words import TEMPLATE_WORDS
from tests.task.births import HEAD, SIMPLE, TEAM

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.similar import Match

ENTRY = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: ${{ values.name }}
  description: >-
    Streaming job with a schema registry, dead letters and replay.
    ${{ values.text }}
  tags: [kafka, streaming]
spec: {type: service, lifecycle: production, owner: parcels}
"""
WRITTEN = """\
    - id: entry
      action: catalog:write
      input:
        entity:
          apiVersion: backstage.io/v1alpha1
          kind: Component
          metadata:
            name: ${{ parameters.name }}
            description: "Streaming job, ${{ parameters.note }}. ${{ parameters.description }}"
          spec: {type: service, lifecycle: production, owner: parcels}
"""
BOILERPLATE = Query("streaming-job", "Streaming job with schema registry and replay", tags=("kafka", "streaming"))
JOB = Query("hourly", "Count the parcels of an hour")


def make(app: Scaffolder, root: Path, steps: str = SIMPLE, **answers: Any) -> Path:
    (root / "team.yaml").write_text(TEAM)
    (root / "template" / "skeleton").mkdir(parents=True)
    (root / "template" / "template.yaml").write_text(HEAD + steps)
    (root / "template" / "skeleton" / "README.md").write_text("Streaming")
    if steps == SIMPLE:
        (root / "template" / "skeleton" / "catalog-info.yaml").write_text(ENTRY)
    app.catalog.add(str(root / "team.yaml"))
    draft = Draft(
        purpose="Counts parcels per hour",
        name="parcel-counter",
        owner="parcels",
        template=str(root / "template"),
        answers=answers,
        directory=str(root / "born"),
    )
    plan = app.plan(draft)
    app.run(plan)
    (planned,) = [file.data for path, file in plan.preview.tree.files() if path == "catalog-info.yaml"]
    assert (root / "born" / "catalog-info.yaml").read_bytes() == planned
    return root / "born" / "catalog-info.yaml"


@pytest.fixture
def app() -> Scaffolder:
    return Scaffolder(Settings(), Home.of_user())


def found(catalog: Catalog, query: Query) -> Match:
    (match,) = find_similar(catalog, query).matches
    return match


def test_siblings_are_not_found_by_what_their_golden_path_wrote(app: Scaffolder, tmp_path: Path) -> None:
    entry = make(app, tmp_path)
    document = yaml.safe_load(entry.read_text())
    assert (
        document["metadata"]["annotations"].pop(TEMPLATE_WORDS)
        == "dead job kafka letters registry replay schema streaming"
    )

    (tmp_path / "before.yaml").write_text(yaml.safe_dump(document))
    with closing(Catalog(tmp_path / "before.db")) as before:
        before.add(str(tmp_path / "before.yaml"))

        assert found(app.catalog, BOILERPLATE).score < found(before, BOILERPLATE).score / 2
        assert found(app.catalog, BOILERPLATE).verdict == "none"
        assert found(app.catalog, JOB).score > found(app.catalog, BOILERPLATE).score


def test_an_entry_that_a_step_writes_has_them_too_but_not_what_was_answered(app: Scaffolder, tmp_path: Path) -> None:
    entry = make(app, tmp_path, WRITTEN, note="plain job", names=["streaming"])

    assert TEMPLATE_WORDS not in yaml.safe_load(entry.read_text())["metadata"]["annotations"]


def test_an_answer_that_nobody_gave_is_the_templates(app: Scaffolder, tmp_path: Path) -> None:
    entry = make(app, tmp_path, WRITTEN)

    assert yaml.safe_load(entry.read_text())["metadata"]["annotations"][TEMPLATE_WORDS] == "job plain streaming"
