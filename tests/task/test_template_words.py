"""The words of a golden path are those of the template that a task began with, whenever it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.task.births import SIMPLE, SKELETON, Place
from tests.task.test_crash import each_once_more, each_point

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: ${{ values.name }}
  description: Streaming job. ${{ values.text }}
spec: {type: service, lifecycle: production, owner: parcels}
"""
NOTED = b'scaffolder/template-words: "job streaming"'


def test_a_birth_cut_short_goes_on_with_the_same_words(place: Place, tmp_path: Path) -> None:
    new = Place(tmp_path / "new", place.processes).prepared(
        {**SKELETON, "skeleton/catalog-info.yaml": ENTRY}, steps=SIMPLE
    )
    cut = [one for one in each_point(new, tmp_path) if one.task().status.value == "running"]
    for one in cut:
        (one.home / "template/skeleton/catalog-info.yaml").write_text(ENTRY.replace("Streaming job", "Other words"))

    each_once_more(cut, [one.order(do="resume", task=one.task().id) for one in cut], [0] * len(cut))

    whole = Place(tmp_path / "complete", place.processes).files()
    assert NOTED in whole["catalog-info.yaml"]
    assert len(cut) > 1
    assert [one.files()["catalog-info.yaml"] for one in cut] == [whole["catalog-info.yaml"]] * len(cut)


def test_a_birth_with_words_is_taken_back_whole(place: Place, tmp_path: Path) -> None:
    new = Place(tmp_path / "new", place.processes).prepared(
        {**SKELETON, "skeleton/catalog-info.yaml": ENTRY}, steps=SIMPLE
    )
    new.expect(0)
    assert NOTED in (new.directory / "catalog-info.yaml").read_bytes()

    new.expect(0, do="rollback", task=new.task().id)

    new.is_nothing()
