"""Data of the same form as the evaluation sets, wherever it lies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.benchmarks.similar import data
from tests.benchmarks.similar.entities import entities_of

if TYPE_CHECKING:
    from pathlib import Path


def write(file: Path, *rows: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


def test_queries_lie_beside_the_catalogs_and_catalogs_are_no_queries(tmp_path: Path) -> None:
    place = tmp_path / "similarity"
    write(place / "catalogs" / "org.jsonl", {"id": "org:1"})
    asked = {"query_id": "org-1", "catalog": "org", "kind": "intent", "name": "boat", "relevant": ["org:1"]}
    write(place / "unseen" / "org.jsonl", asked)
    assert data.folder(tmp_path) == place
    assert data.folder(place) == place
    assert data.query_files(place) == [place / "unseen" / "org.jsonl"]
    [query] = data.queries(data.query_files(place))
    assert (query.name, query.purpose, query.relevant) == ("boat", "", frozenset({"org:1"}))


def test_sets_that_are_not_there_end_the_run(tmp_path: Path) -> None:
    write(tmp_path / "q.jsonl", {"query_id": "org-1", "catalog": "org", "kind": "intent", "relevant": []})
    assert data.queries([tmp_path / "q.jsonl"], sets=["org"])
    with pytest.raises(SystemExit, match="no queries"):
        data.queries([tmp_path / "q.jsonl"], sets=["ash"])


def test_planted_groups_are_compared_among_the_entries_they_were_chosen_from(tmp_path: Path) -> None:
    write(tmp_path / "catalogs" / "org.jsonl", *({"id": key} for key in "abcd"))
    write(tmp_path / "dev" / "org_clusters.jsonl", {"cluster": "1", "members": ["a", "b"]})
    [planted] = data.planted(tmp_path)
    assert planted.entries == {"a", "b", "c", "d"}, "all of the catalog, where nothing else is said"
    write(tmp_path / "dev" / "org_cluster_entries.jsonl", *({"id": key} for key in "abc"))
    [planted] = data.planted(tmp_path)
    assert planted.clusters == (frozenset({"a", "b"}),)
    assert planted.entries == {"a", "b", "c"}


def test_a_row_becomes_a_component_its_api_and_its_owner(tmp_path: Path) -> None:
    row = {"id": "x:1", "name": "Boat Yard", "description": "", "tags": ["C++", "+"], "extra": {"apis": ["/boats"]}}
    entities = entities_of([row, {**row, "id": "x:2", "extra": {"team": "#Lynx"}}])
    files = entities.write(tmp_path / "made").iterdir()
    documents = [document for file in files for document in yaml.safe_load_all(file.read_text(encoding="utf-8"))]
    api, component, other, *groups = documents
    assert yaml.safe_load(api["spec"]["definition"])["paths"] == {"/boats": {}}
    assert component["metadata"] == {"name": "boat-yard-0", "title": "Boat Yard", "tags": ["c"]}
    assert component["spec"]["providesApis"] == ["boat-yard-0-api"]
    assert other["spec"]["owner"] == "group:default/lynx"
    assert [group["metadata"]["name"] for group in groups] == ["everyone", "lynx"]
    assert entities.ids == {
        "api:default/boat-yard-0-api": "x:1",
        "component:default/boat-yard-0": "x:1",
        "component:default/boat-yard-1": "x:2",
    }
