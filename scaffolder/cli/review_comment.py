"""
A review as a comment on a pull request, in Markdown.

Its first line is a mark by which a workflow finds the comment again, to update it. Whatever an entity says is escaped;
see `markdown`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scaffolder.app.draft import REASONS
from scaffolder.app.review import BUILT_ANYWAY
from scaffolder.cli import verdicts
from scaffolder.cli.markdown import code, link, prose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scaffolder.app.existing import Contact, Existing
    from scaffolder.app.review import Review, Reviewed
    from scaffolder.catalog import Claim, LocationProblem

MARK = "<!-- scaffolder catalog review -->"
LONGEST = 60_000
"""Characters: GitHub refuses a comment of more than 65,536."""
MOST_NAMED = 50
MOST_PROBLEMS = 20


def comment(review: Review, *, longest: int = LONGEST) -> str:
    """Return the whole comment; what does not fit is counted."""
    if not (review.entities or review.problems or review.claims):
        return f"{MARK}\nNo new entities: there is nothing to compare."
    similar = [each for each in review.entities if each.findings.verdict != "none"]
    parts = [*_wrong(review), *map(_section, similar)]
    end = _unlike([each for each in review.entities if each.findings.verdict == "none"])
    kept = _fitting(parts, longest - sum(map(len, end)) - 1_000)
    left = len(parts) - len(kept)
    more = [f"…and {left} more: `scaffolder catalog review --json` has them all."] if left else []
    return "\n\n".join(
        [f"{MARK}\n### Is there something that already does this?", _summary(review), *kept, *more, *end]
    )


def similar_services(review: Review, *, longest: int) -> str:
    """Return the part about similar services, for a comment that says more; '' where nothing is new."""
    told = comment(replace(review, problems=(), claims=()), longest=longest)
    return told.removeprefix(f"{MARK}\n") if review.entities else ""


def _fitting(parts: Sequence[str], room: int) -> list[str]:
    kept: list[str] = []
    for part in parts:
        room -= len(part) + 2
        if room < 0:
            break
        kept.append(part)
    return kept


def _summary(review: Review) -> str:
    verdicts_of = [each.findings.verdict for each in review.entities]
    exist, near = verdicts_of.count("exists"), verdicts_of.count("close")
    told = [
        f"{_number(len(verdicts_of), 'is', 'are')} new or described anew" if verdicts_of else "No new entities",
        f"**{exist} may exist already**" if exist else "",
        f"**{near} {'has' if near == 1 else 'have'} something near**" if near else "",
        f"compared with {review.compared_with} in the catalog" if verdicts_of else "",
    ]
    return f"{'; '.join(filter(None, told))}."


def _number(number: int, one: str, more: str) -> str:
    return f"1 entity {one}" if number == 1 else f"{number} entities {more}"


def _wrong(review: Review) -> Iterator[str]:
    if review.problems:
        number = len(review.problems)
        title = "#### 1 problem" if number == 1 else f"#### {number} problems"
        more = [f"- …and {number - MOST_PROBLEMS} more"] if number > MOST_PROBLEMS else []
        yield "\n".join([f"{title}\n", *map(_problem, review.problems[:MOST_PROBLEMS]), *more])
    for claim in review.claims:
        yield _claim(claim)


def _problem(problem: LocationProblem) -> str:
    return f"- {code(str(problem.place))}: {prose(problem.message)}"


def _claim(claim: Claim) -> str:
    places = "\n".join(f"- {code(str(place))}" for place in claim.places[:MOST_PROBLEMS])
    return f"#### {code(str(claim.ref))}: the name is taken\n\nIt is described more than once:\n\n{places}"


def _section(reviewed: Reviewed) -> str:
    verdict = verdicts.said(reviewed.findings)
    near = [each for each in reviewed.existing if each.match.verdict != "none"]
    found = [_found(number, each, reviewed) for number, each in enumerate(near, start=1)]
    uncovered = reviewed.findings.uncovered
    parts = [
        f"#### {code(reviewed.entity.ref.name)}: {verdict[0].lower()}{verdict[1:]}",
        _what(reviewed),
        "\n".join(found),
        f"None of them mentions: {prose(', '.join(uncovered))}." if uncovered else "",
        *_ways_on(reviewed),
    ]
    return "\n\n".join(filter(None, parts))


def _what(reviewed: Reviewed) -> str:
    entity = reviewed.entity
    facts = [prose(entity.kind.lower()), reviewed.change, code(str(reviewed.place)), _owned(reviewed.owner)]
    quoted = f"> {prose(entity.description)}\n\n" if entity.description.strip() else ""
    return quoted + " · ".join(facts)


def _owned(owner: Contact) -> str:
    return f"owned by {code(owner.name)}" if owner.name else "owned by nobody"


def _found(number: int, existing: Existing, reviewed: Reviewed) -> str:
    match = existing.match
    new = "added by this change too" if match.ref.key in reviewed.siblings else ""
    standing = [verdicts.of_one(match), *map(prose, [verdicts.kind(match), verdicts.lifecycle(existing)]), new]
    name = link(code(match.ref.local), existing.url)
    lines = [
        prose(match.description),
        f"- {_owned(existing.owner)}{_reached(existing.owner)}",
        *(f"- docs: {code(page)}" for page in existing.docs[:1]),
        f"- matches: {prose(verdicts.why(match))}" if match.reasons else "",
        f"- not mentioned: {prose(', '.join(match.unmentioned))}" if match.unmentioned else "",
    ]
    begin = f"{number}. "
    indent = " " * len(begin)
    head = f"{begin}**{name}** · {' · '.join(filter(None, standing))}"
    return "\n".join([head, *((indent + line).rstrip() for line in ["", *_apart(filter(None, lines))])])


def _apart(lines: Iterable[str]) -> Iterator[str]:
    """Set a list apart from the line of text before it."""
    text = ""
    for line in lines:
        if line.startswith("- ") and text and not text.startswith("- "):
            yield ""
        text = line
        yield line


def _reached(owner: Contact) -> str:
    return f": {', '.join(code(way) for way in owner.ways)}" if owner.ways else ""


def _ways_on(reviewed: Reviewed) -> Iterator[str]:
    """Return whom to talk to, and how to say why it is built all the same."""
    if reviewed.reason:
        yield f"Built anyway: {prose(reviewed.reason)}"
        return
    nearest = reviewed.existing[0].owner
    if nearest.name and nearest.name == reviewed.owner.name:
        yield f"Both belong to {code(nearest.name)}: is one enough?"
    elif nearest.name:
        yield f"**Talk to** {code(nearest.name)} before this is merged{_reached(nearest)}."
    yield (
        f"To build it anyway, say why in its entry, under `metadata.annotations`:"
        f' `{BUILT_ANYWAY}: "different data: one sentence"` ({", ".join(REASONS[:-1])} or {REASONS[-1]}).'
    )


def _unlike(unlike: Sequence[Reviewed]) -> list[str]:
    if not unlike:
        return []
    names = ", ".join(code(each.entity.ref.local) for each in unlike[:MOST_NAMED])
    more = f" and {len(unlike) - MOST_NAMED} more" if len(unlike) > MOST_NAMED else ""
    return [f"#### Nothing like {'it' if len(unlike) == 1 else 'these'} in the catalog\n\n{names}{more}"]
