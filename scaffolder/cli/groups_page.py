"""
Families of near-duplicates as one page of HTML that needs nothing else: no script, no network, any browser, paper.

A script in it filters and sorts, and nothing is lost without. All text comes from catalogs that anybody may write to:
each piece is escaped, only http and https become links, and the page forbids itself to load anything.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from scaffolder.cli import groups
from scaffolder.cli.console import fit, without_controls
from scaffolder.cli.groups_style import SCRIPT, STYLE
from scaffolder.cli.verdicts import percent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from scaffolder.app.groups import Families, Family, Member

SURE, LIKELY = 0.8, 0.6
LONGEST_SAID = 500
"""Columns of a description that are shown: some are whole manuals."""

MOST_DEPENDANTS = 12
"""Dependants that are named; the number is always whole."""

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


def document(found: Families, *, organization: str, at: datetime) -> str:
    """Return the page."""
    name = f"Families of near-duplicates{f' at {organization}' if organization else ''}"
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{_text(name)}</title>",
        f"<style>{STYLE}</style>",
        "</head>",
        "<body>",
        '<a class="skip" href="#families">Skip to the families</a>',
        *_header(found, organization, at),
        "<main>",
        *_how_to_read(),
        *_controls(found),
        '<div id="families">',
        *(line for family in found.families for line in _family(family)),
        "</div>",
        '<p id="nothing" hidden>No family has these words.</p>',
        "</main>",
        "<footer>Made by <code>scaffolder catalog groups</code> from the catalog as it was then.</footer>",
        f"<script>{SCRIPT}</script>",
        "</body>",
        "</html>",
    ]
    return "\n".join(parts) + "\n"


def _text(text: str) -> str:
    return escape(without_controls(text))


def _header(found: Families, organization: str, at: datetime) -> Iterator[str]:
    yield "<header>"
    if organization:
        yield f'<p class="organization">{_text(organization)}</p>'
    yield "<h1>Services that seem to do the same job</h1>"
    yield f'<p class="lead">{_text(groups.sentence(found))}.</p>'
    yield '<dl class="figures">'
    for name, number in _figures(found):
        yield f"<div><dt>{name}</dt><dd>{number:,}</dd></div>"
    yield "</dl>"
    yield f'<p class="date"><time datetime="{at.isoformat()}">{at:%d %B %Y, %H:%M} UTC</time></p>'
    yield "</header>"


def _figures(found: Families) -> Iterator[tuple[str, int]]:
    members = [member for family in found.families for member in family.members]
    yield "entities compared", found.compared
    yield "families", len(found.families)
    yield "members", len(members)
    yield "owners", len({str(member.entity.owner) for member in members})
    yield "families of several owners", sum(family.owners > 1 for family in found.families)


def _how_to_read() -> Iterator[str]:
    yield '<details class="how" open><summary>How to read this</summary>'
    yield (
        "<p>The members of a family say, in their names, descriptions, tags and APIs, that they do the same thing to"
        " the same kind of object. The percentage is how probable that is of any two of them; the surest families come"
        " first. It is a reason to talk, not a verdict: read what they say, and ask the owners.</p>"
    )
    yield (
        "<p>How far to trust it: in a generated company in which families had been planted, five of six pairs shown"
        " belonged together, and three of four that did were shown.</p>"
    )
    yield (
        "<p><b>Used by</b> counts whoever the catalog says depends on a member or consumes an API it provides. Who is"
        " not in the catalog is not counted.</p></details>"
    )


def _controls(found: Families) -> Iterator[str]:
    if not found.families:
        return
    yield '<form id="controls" role="search" hidden>'
    yield '<label>Show families with <input type="search" id="filter" placeholder="a word, an owner …"></label>'
    yield '<label>Order <select id="order"><option value="number">surest first</option>'
    yield '<option value="members">most members first</option><option value="owners">most owners first</option>'
    yield '<option value="used">most used first</option></select></label>'
    yield '<output id="count" aria-live="polite"></output></form>'


def _family(family: Family) -> Iterator[str]:
    used = sum(len(member.dependants) for member in family.members)
    yield (
        f'<article aria-labelledby="family-{family.number}" data-number="{family.number}"'
        f' data-members="{len(family.members)}" data-owners="{family.owners}" data-used="{used}">'
    )
    yield "<header>"
    number = f'<span class="number">{family.number}</span>'
    yield f'<h2 id="family-{family.number}">{number} {_text(groups.title(family))}</h2>'
    yield f'<p class="standing">{_sureness(family.confidence)} · {_count(len(family.members), "member")}'
    yield f" · {_count(family.owners, 'owner')}</p>"
    yield "</header>"
    yield from _why(family)
    yield from _table(family)
    yield "</article>"


def _sureness(confidence: float) -> str:
    level, words = next(
        (level, words)
        for least, level, words in (
            (SURE, "sure", "very likely"),
            (LIKELY, "likely", "likely"),
            (0.0, "maybe", "maybe"),
        )
        if confidence >= least
    )
    return f'<span class="chip {level}">{words} one job, {percent(confidence)}</span>'


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _why(family: Family) -> Iterator[str]:
    yield '<dl class="why">'
    for name, text in groups.facts(family):
        if text:
            yield f"<div><dt>{name}</dt><dd>{_text(text)}</dd></div>"
    yield "</dl>"


def _table(family: Family) -> Iterator[str]:
    heads = ("Member", "Owner", "State", "Used by", "Links")
    yield f'<table role="table"><caption class="hidden">Members of family {family.number}</caption>'
    yield '<thead role="rowgroup"><tr role="row">'
    yield "".join(f'<th scope="col" role="columnheader">{head}</th>' for head in heads)
    yield '</tr></thead><tbody role="rowgroup">'
    for member in family.members:
        first, *others = (_about(member), _owner(member), _state(member), _used_by(member, family), _links(member))
        cells = (
            f'<td role="cell" data-head="{head}"><div>{text}</div></td>'
            for head, text in zip(heads[1:], others, strict=True)
        )
        yield f'<tr role="row"><th scope="row" role="rowheader">{first}</th>{"".join(cells)}</tr>'
    yield "</tbody></table>"


def _about(member: Member) -> str:
    entity = member.entity
    name = f'<span class="name">{_text(entity.title)}</span>'
    ref = f'<code class="ref">{_text(member.ref.short)}</code>'
    marks = "".join(f' <span class="mark">{mark}</span>' for mark in groups.marks(member))
    said = _text(fit(entity.description.strip(), LONGEST_SAID))
    return f"{name} {ref}{marks}" + (f'<p class="said">{said}</p>' if said else "")


def _owner(member: Member) -> str:
    name = _text(member.owner.name) or '<span class="none">nobody</span>'
    ways = "".join(f"<li>{_linked(way)}</li>" for way in member.owner.ways)
    return f"{name}{f'<ul>{ways}</ul>' if ways else ''}"


def _state(member: Member) -> str:
    state = _text(member.entity.lifecycle) or '<span class="none">not said</span>'
    return f'<span class="deprecated">{state}</span>' if member.is_deprecated else state


def _used_by(member: Member, family: Family) -> str:
    siblings = {other.ref.key for other in family.members}
    lines = [f"depends on <b>{_text(ref.local)}</b>, of this family" for ref in member.depends_on]
    named = ", ".join(
        f"<b>{_text(ref.local)}</b>" if ref.key in siblings else _text(ref.local)
        for ref in member.dependants[:MOST_DEPENDANTS]
    )
    more = len(member.dependants) - MOST_DEPENDANTS
    who = f"{named} and {more} more" if more > 0 else named
    told = [f"<small>{line}</small>" for line in filter(None, (who, *lines))]
    return f'<span class="used">{len(member.dependants) or "nobody known"}</span>{"".join(told)}'


def _links(member: Member) -> str:
    shown = [("Docs", text) for text in member.docs] + ([("Source", member.source)] if member.source else [])
    found = [_named(name, text) for name, text in shown]
    return "".join(f"<div>{each}</div>" for each in found) or '<span class="none">none registered</span>'


def _named(name: str, text: str) -> str:
    """Return a link under a short name; what is no link is shown as it was noted."""
    address = _address(text)
    if not address:
        return f"{name}: {_text(text)}"
    title = text.rpartition(" ")[0] or name
    return f'<a href="{_text(address)}" rel="noreferrer noopener">{_text(title)}</a>'


def _linked(text: str) -> str:
    address = _address(text)
    if not address:
        return _text(text)
    title = text.rpartition(" ")[0] or address
    return f'<a href="{_text(address)}" rel="noreferrer noopener">{_text(title)}</a>'


def _address(text: str) -> str:
    """Return the address that a text ends with, '' where a browser would do something else with it than visit it."""
    address = without_controls(text).rpartition(" ")[2]
    return address if address.lower().startswith(("https://", "http://")) else ""
