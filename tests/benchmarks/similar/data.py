"""
Catalogs, queries and planted groups, as files of JSON lines.

    catalogs/NAME.jsonl            {"id", "name", "description", "tags", "extra"}
    PART/{intents,pairs,org}.jsonl {"query_id", "catalog", "name", "purpose", "tags", "apis", "relevant", "kind"}
    PART/NAME_clusters.jsonl       {"cluster", "members"}: groups of near-duplicates in catalog NAME
    PART/NAME_cluster_entries.jsonl {"id"}: what those groups were chosen from
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

CATALOGS = "catalogs"
QUERY_FILES = ("intents.jsonl", "pairs.jsonl", "org.jsonl")
CLUSTERS = "_clusters.jsonl"
ENTRIES = "_cluster_entries.jsonl"


@dataclass(frozen=True, slots=True)
class Query:
    """One question with its answers; no `relevant` one: nothing in the catalog does the job."""

    id: str
    catalog: str
    kind: str
    name: str
    purpose: str
    tags: tuple[str, ...]
    apis: tuple[str, ...]
    relevant: frozenset[str]

    @property
    def set(self) -> str:
        """Where it was taken from: its id begins with it. `pairx` asks `pair` of catalogs that lack the answer."""
        return self.id.split("-")[0].replace("pairx", "pair")

    @property
    def line(self) -> str:
        """What the program is asked."""
        words = {"name": self.name, "purpose": self.purpose, "tags": self.tags, "apis": self.apis}
        return json.dumps({"id": self.id, **words})


@dataclass(frozen=True, slots=True)
class Planted:
    """Groups known to be of one kind; what is not among `entries` is left out of the comparison."""

    part: str
    catalog: str
    clusters: tuple[frozenset[str], ...]
    entries: frozenset[str]


def folder(directory: Path) -> Path:
    """Return the folder that holds `catalogs`: the one named similarity in the given one, or the given one."""
    for place in (directory / "similarity", directory):
        if (place / CATALOGS).is_dir():
            return place
    message = f"{directory} holds no {CATALOGS}, and no similarity/{CATALOGS}"
    raise SystemExit(message)


def catalog_files(data: Path) -> dict[str, Path]:
    """Return the file of each catalog by its name."""
    return {file.stem: file for file in sorted((data / CATALOGS).glob("*.jsonl"))}


def query_files(data: Path) -> list[Path]:
    """Return every file of queries below a folder of data."""
    found = (file for name in QUERY_FILES for file in data.glob(f"*/{name}"))
    return sorted(file for file in found if file.parent.name != CATALOGS)


def queries(files: Iterable[Path], *, sets: Sequence[str] = ()) -> list[Query]:
    """Return the queries of these files; of some sets only, where any are named."""
    found = [_query(row) for file in files for row in rows(file)]
    kept = [query for query in found if not sets or query.set in sets]
    if not kept:
        message = "no queries: name files with --queries, or another --data"
        raise SystemExit(message)
    return kept


def planted(data: Path) -> list[Planted]:
    """Return the planted groups of each part of the data."""
    return [_planted(file) for file in sorted(data.glob(f"*/*{CLUSTERS}")) if file.parent.name != CATALOGS]


def rows(file: Path) -> list[dict[str, Any]]:
    """Return the objects of a file, one a line."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]


def _query(row: dict[str, Any]) -> Query:
    tags, apis = (tuple(row.get(name) or ()) for name in ("tags", "apis"))
    texts = (row["query_id"], row["catalog"], row["kind"], row.get("name") or "", row.get("purpose") or "")
    return Query(*texts, tags, apis, frozenset(row["relevant"]))


def _planted(file: Path) -> Planted:
    catalog = file.name.removesuffix(CLUSTERS)
    clusters = tuple(frozenset(row["members"]) for row in rows(file))
    chosen = file.with_name(catalog + ENTRIES)
    whole = file.parent.parent / CATALOGS / f"{catalog}.jsonl"
    entries = frozenset(row["id"] for row in rows(chosen if chosen.exists() else whole))
    return Planted(file.parent.name, catalog, clusters, entries)
