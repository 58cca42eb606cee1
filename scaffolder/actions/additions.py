"""
What a birth adds to what the template made (pure).

A catalog entry, a docs skeleton, the lock and the decision record: each only where the template made none, and nothing
is overwritten. Into a catalog entry that the template made, only what nobody else can know is inserted: the reason why
the service was built although something like it exists, the component it extends, the template it came from, and the
words that this template wrote.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scaffolder.actions import template_words
from scaffolder.actions.descriptor import inserted
from scaffolder.actions.entity_file import CATALOG_FILE
from scaffolder.catalog.reading import read_files
from scaffolder.catalog.roots import TreeRoot
from scaffolder.similar.own_words import TEMPLATE_WORDS
from scaffolder.template.lock import LOCK_FILE
from scaffolder.tree import File, Link, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scaffolder.catalog.entity import Entity

DECISIONS = "docs/decisions"
DECISION_NAME = "similar-services.md"


@dataclass(frozen=True, slots=True)
class Facts:
    """
    What is known about the new service.

    `owner`, `system` and `extends` are entity refs ('' for none); `lock` is the text of the lock; `similar` lists what
    was considered, best first, as {"entityRef", "title", "owner", "matched", "unmentioned"}; `reason` is why it was
    built anyway, as "category: sentence", '' when nothing stood in the way; `catalog_file` is where the entry is;
    `answers` are the texts that the template's own questions were answered with.
    """

    name: str
    purpose: str
    owner: str
    system: str
    extends: str
    template: str
    lock: str
    similar: tuple[Mapping[str, Any], ...]
    reason: str
    decided_on: str
    catalog_file: str = CATALOG_FILE
    answers: tuple[str, ...] = ()

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Facts:
        """Return the facts that a step's input holds."""
        return cls(**{**value, "similar": tuple(value["similar"]), "answers": tuple(value.get("answers", ()))})

    @property
    def said(self) -> tuple[str, ...]:
        """Everything that a person said, and no template."""
        return (self.name, self.purpose, self.owner, self.system, *self.answers)


def completed(rendered: Tree, facts: Facts, *, template: Tree) -> Tree:
    """Return what the template made, with the additions; `template` has its own files, the skeleton's among them."""
    fresh = {
        LOCK_FILE: facts.lock,
        facts.catalog_file: _new_entry(facts),
        **_docs(rendered, facts),
        **_decision(rendered, facts),
    }
    added = {path: File(text.encode()) for path, text in fresh.items() if _is_free(path, rendered)}
    return rendered.overlaid({**added, **_told_entry(rendered, facts, template)})


def _is_free(path: str, rendered: Tree) -> bool:
    """Tell whether a file can be there: nothing is at its place or below, and no file or link on the way to it."""
    parents = [path[:at] for at, letter in enumerate(path) if letter == "/"]
    on_the_way = any(isinstance(rendered.get(parent), File | Link) for parent in parents)
    return path not in rendered and not on_the_way and not rendered.under(path)


def annotations_of(facts: Facts) -> dict[str, str]:
    """Return the annotations that a birth leaves on the entity."""
    found = {"backstage.io/source-template": facts.template}
    if facts.reason:
        found["scaffolder/built-anyway"] = facts.reason
        found["scaffolder/similar"] = ",".join(one["entityRef"] for one in facts.similar)
    return found


def _told_entry(rendered: Tree, facts: Facts, template: Tree) -> dict[str, File]:
    """Return the template's own catalog entry with what nobody else can know."""
    made, text = rendered.get(facts.catalog_file), rendered.text(facts.catalog_file)
    if not isinstance(made, File) or text is None:
        return {}
    spec = {"subcomponentOf": facts.extends} if facts.extends else {}
    docs = _docs_annotation(facts) if _docs(rendered, facts) else {}
    told = inserted(text, facts.name, annotations={**docs, **annotations_of(facts)}, spec=spec)
    for entity, words in _template_words(rendered, facts, template):
        told = inserted(told, entity.name, kind=entity.kind, annotations={TEMPLATE_WORDS: words}, spec={})
    return {facts.catalog_file: File(told.encode(), made.mode)}


def _template_words(rendered: Tree, facts: Facts, template: Tree) -> Iterator[tuple[Entity, str]]:
    """Iterate over the entities that the template describes in its own words, and these words."""
    for entity in read_files(TreeRoot(rendered), [facts.catalog_file], walked=False, known={}).entities():
        if words := template_words.of_entry(entity, template, said=facts.said):
            yield entity, words


def _new_entry(facts: Facts) -> str:
    spec = {"type": "service", "lifecycle": "experimental", "owner": facts.owner}
    optional = {"system": facts.system, "subcomponentOf": facts.extends}
    document = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {
            "name": facts.name,
            **({"description": facts.purpose} if facts.purpose else {}),
            "annotations": {**_docs_annotation(facts), **annotations_of(facts)},
        },
        "spec": {**spec, **{key: value for key, value in optional.items() if value}},
    }
    return _yaml(document)


def _docs_annotation(facts: Facts) -> dict[str, str]:
    """Return where the docs are, as seen from the catalog entry: at the top of the repository."""
    top = posixpath.relpath(".", posixpath.dirname(facts.catalog_file) or ".")
    return {"backstage.io/techdocs-ref": f"dir:{top}"}


def _docs(rendered: Tree, facts: Facts) -> dict[str, str]:
    if "mkdocs.yml" in rendered or "mkdocs.yaml" in rendered:
        return {}
    site = {"site_name": facts.name, "site_description": facts.purpose, "docs_dir": "docs"}
    index = f"# {facts.name}\n\n{facts.purpose or 'What this service does.'}\n\nOwned by `{facts.owner}`.\n"
    made = {"mkdocs.yml": _yaml(site)}
    return made if any(path.startswith("docs/") for path in rendered) else {**made, "docs/index.md": index}


def _decision(rendered: Tree, facts: Facts) -> dict[str, str]:
    """Return the decision record under the next free number; none when the template already made one."""
    present = [path for path in rendered if posixpath.dirname(path) == DECISIONS]
    if any(path.endswith(DECISION_NAME) for path in present):
        return {}
    numbers = [int(found[1]) for path in present if (found := re.match(r"(\d+)", posixpath.basename(path)))]
    number = max(numbers, default=0) + 1
    return {f"{DECISIONS}/{number:04d}-{DECISION_NAME}": _decision_text(number, facts)}


def _decision_text(number: int, facts: Facts) -> str:
    lines = [f"# {number}. Similar services", "", f"Date: {facts.decided_on}", "", "## Context", ""]
    lines += [f"`{facts.name}` was asked for to: {_quoted(facts.purpose)}", ""]
    lines += _considered(facts.similar) if facts.similar else ["The catalog held nothing like it.", ""]
    lines += ["## Decision", "", f"Build `{facts.name}`, owned by `{facts.owner}`.", ""]
    if facts.extends:
        lines += [f"It extends `{facts.extends}`, and is registered as part of it.", ""]
    if facts.reason:
        lines += [f"Why it was built anyway: {_quoted(facts.reason)}", ""]
    return "\n".join(lines)


def _considered(similar: tuple[Mapping[str, Any], ...]) -> list[str]:
    lines = [
        "These existing services were considered:",
        "",
        "| service | owner | matches | does not mention |",
        "|---|---|---|---|",
    ]
    for one in similar:
        cells = (f"`{one['entityRef']}`", one["owner"], ", ".join(one["matched"]), ", ".join(one["unmentioned"]))
        lines.append(f"| {' | '.join(_quoted(cell) for cell in cells)} |")
    return [*lines, ""]


def _quoted(text: str) -> str:
    """Return a person's words on one line of Markdown, harmless in a table."""
    return re.sub(r"\s+", " ", text).strip().replace("|", r"\|").replace("<", "&lt;")


def _yaml(document: Mapping[str, Any]) -> str:
    """Return a document as YAML; where a letter would be read as a line break, letters are escaped."""
    import yaml

    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    return text if yaml.safe_load(text) == document else yaml.safe_dump(document, sort_keys=False)
