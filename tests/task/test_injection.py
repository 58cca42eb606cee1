"""What people type and what the catalog says is data: no step of ours ever evaluates it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from scaffolder.catalog.entity import check

if TYPE_CHECKING:
    from tests.task.births import Place

HOSTILE = "Sells ${{ secrets.token }} {{ 7 * 7 }} ${{ parameters | dump }} | <b>`x`"
BROKEN = "Sells {% raw %} ${{ 7 *"
SIMILAR = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: sells-secrets, title: "${{ secrets.token }}", description: "Sells ${{ secrets.token }} secrets raw"}
spec: {type: service, lifecycle: production, owner: parcels}
"""
GIVEN = "hunter2-token"


def born(place: Place, **draft: Any) -> str:
    """Return everything in the first commit, as one text."""
    (place.home / "similar.yaml").write_text(SIMILAR)
    place.expect(0, do="catalog", task=str(place.home / "similar.yaml"))
    place.expect(0, draft={"purpose": HOSTILE, "reason": HOSTILE, "secrets": {"token": GIVEN}, **draft})
    tree = place.repository.tree(place.repository.refs()["refs/heads/main"])
    return "\n".join(file.data.decode() for _, file in tree.files())


def test_no_text_of_a_person_or_of_the_catalog_is_evaluated(simple: Place) -> None:
    whole = born(simple)

    assert GIVEN not in whole
    assert "49" not in (simple.directory / "catalog-info.yaml").read_text()
    entry = yaml.safe_load((simple.directory / "catalog-info.yaml").read_text())
    assert entry["metadata"]["description"] == HOSTILE
    assert entry["metadata"]["annotations"]["scaffolder/built-anyway"] == HOSTILE
    assert check(entry) == []


def test_a_text_that_would_not_even_render_is_a_text(simple: Place) -> None:
    born(simple, purpose=BROKEN)

    entry = yaml.safe_load((simple.directory / "catalog-info.yaml").read_text())
    assert entry["metadata"]["description"] == BROKEN


def test_a_table_of_the_decision_record_keeps_its_columns(simple: Place) -> None:
    born(simple)

    (record,) = (simple.directory / "docs" / "decisions").glob("*.md")
    (row,) = [line for line in record.read_text().splitlines() if "sells-secrets" in line]
    assert row.replace(r"\|", "").count("|") == 5
    assert "<b>" not in record.read_text()


def test_a_template_gets_it_as_a_value(simple: Place) -> None:
    born(simple)

    assert (simple.directory / "README.md").read_text() == f"# shop\n\n{HOSTILE}\n"
