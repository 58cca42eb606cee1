"""Words as the baselines see them: names split, a few abbreviations written out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.benchmarks.similar.data import Query

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+")

# What any engineer reads without thinking; chosen before looking at a query.
ABBREVIATIONS = {
    "acct": "account",
    "addr": "address",
    "auth": "authentication",
    "authn": "authentication",
    "authz": "authorization",
    "calc": "calculator",
    "cfg": "configuration",
    "cmd": "command",
    "config": "configuration",
    "cust": "customer",
    "db": "database",
    "doc": "document",
    "docs": "documents",
    "env": "environment",
    "exp": "experiment",
    "feat": "feature",
    "img": "image",
    "info": "information",
    "infra": "infrastructure",
    "k8s": "kubernetes",
    "lib": "library",
    "mgmt": "management",
    "mgr": "manager",
    "mon": "monitoring",
    "msg": "message",
    "notif": "notification",
    "ops": "operations",
    "org": "organisation",
    "perf": "performance",
    "pkg": "package",
    "pmt": "payment",
    "proc": "processor",
    "ref": "reference",
    "repo": "repository",
    "req": "request",
    "sched": "scheduler",
    "spec": "specification",
    "stats": "statistics",
    "svc": "service",
    "sync": "synchronise",
    "tmpl": "template",
    "txn": "transaction",
    "usr": "user",
}

STOP_WORDS = frozenset((Path(__file__).parent / "stop_words.txt").read_text(encoding="utf-8").split())


def keywords(text: str) -> list[str]:
    """Return the words of a text that say something, each once."""
    return [word for word in dict.fromkeys(words(text)) if len(word) > 1 and word not in STOP_WORDS]


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, identifiers split, with what abbreviations stand for after them."""
    found = [word.lower() for word in _WORD.findall(text)]
    return [each for word in found for each in (word, ABBREVIATIONS.get(word)) if each]


def of_row(row: Mapping[str, Any]) -> str:
    """Return all that a row says, as text."""
    return ". ".join(filter(None, (row["name"], row["description"], ", ".join(row.get("tags") or ()))))


def of_query(query: Query) -> str:
    """Return all that a query says, as text."""
    return ". ".join(filter(None, (query.name, query.purpose, ", ".join(query.tags))))


def spoken(name: str, text: str, tags: str) -> str:
    """Return a row or query as a sentence encoder reads it best: the name as words, then what is said."""
    return ". ".join(filter(None, (" ".join(words(name)), text, tags)))
