"""
Is there something that already does this? The screen after name and purpose.

What was found stands with the words that matched and the words nothing covers, so that the person can judge. Using what
exists is never more than two keys away, and building anyway is never refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.cli.console import columns, one_line, pad
from scaffolder.cli.prompt import Back, Option

if TYPE_CHECKING:
    from scaffolder.app.draft import Draft
    from scaffolder.catalog import Entity
    from scaffolder.cli.console import Console
    from scaffolder.cli.main import Session
    from scaffolder.cli.prompt import Prompter
    from scaffolder.similar import Findings, Match

ENDS = frozenset({"used", "contributed"})
SAID = {
    "exists": "This exists already.",
    "close": "Something like this may exist already.",
    "none": "These share words with it, and little else.",
}
WIDE = 70
NOT_MENTIONED = "not mentioned"


def ask(session: Session, prompts: Prompter, draft: Draft, findings: Findings) -> str:
    """
    Show what was found and let the person choose; return and record the choice.

    Returns:
        used, contributed, extended, built, built anyway or changed.
    """
    draft.extends = draft.reason = draft.reason_category = ""
    if not findings.matches:
        session.console.say()
        session.console.tell("The catalog holds nothing like it.", indent=2)
        session.console.say()
        return "built"
    show(session.console, findings)
    while True:
        chosen = _one_of_these(prompts, findings)
        if chosen in {"built", "changed"}:
            if chosen == "built" and findings.verdict == "exists":
                _reason(prompts, draft)
                chosen = "built anyway"
            session.app.record_choice(chosen, draft, findings)
            return chosen
        match = next(match for match in findings.matches if str(match.ref) == chosen)
        try:
            done = _closer(session, prompts, draft, match)
        except Back:
            continue
        session.app.record_choice(done, draft, findings, entity=str(match.ref))
        return done


def show(console: Console, findings: Findings) -> None:
    """List what was found, with owner, standing and the words that matched."""
    console.say()
    console.tell(SAID[findings.verdict], indent=2, style="title")
    console.say()
    for number, match in enumerate(findings.matches, start=1):
        _entry(console, number, match)
    if findings.uncovered:
        console.say()
        console.tell(f"none of them mentions  {', '.join(findings.uncovered)}", indent=2, style="dim")
    console.say()


def _entry(console: Console, number: int, match: Match) -> None:
    name, standing, owner = one_line(match.ref.name), _standing(match), f"owned by {_owner(match)}"
    mentions = f"matches  {', '.join(match.matched)}"
    missing = f"{NOT_MENTIONED}  {', '.join(match.unmentioned)}" if match.unmentioned else ""
    if console.width < WIDE:
        console.tell(f"{number}  {name}", indent=2, style="accent")
        for line in filter(None, (standing, owner, mentions, missing)):
            console.tell(line, indent=5)
        return
    console.tell(f"{number}  {pad(name, max(22, columns(name)))}  {pad(standing, 22)}  {owner}", indent=2)
    console.tell(f"{mentions}{'   ' if missing else ''}{missing}", indent=5, style="dim")


def _standing(match: Match) -> str:
    lifecycle = "reserved: being made right now" if match.reserved else match.lifecycle
    return " · ".join(filter(None, (match.type or match.ref.kind.lower(), lifecycle)))


def _owner(match: Match) -> str:
    return match.owner.rpartition("/")[2] or "nobody"


def _one_of_these(prompts: Prompter, findings: Findings) -> str:
    looks = [
        Option(str(match.ref), f"Look closer at {match.ref.name}", description=match.description)
        for match in findings.matches
    ]
    no = "No, none of these does this" if len(looks) > 1 else "No, it does not do this"
    options = [*looks, Option("built", no), Option("changed", "Say differently what mine will do")]
    default = "built" if findings.verdict == "none" else None
    return prompts.choose(
        "Is it one of these?" if len(looks) > 1 else "Is it this?", options, default=default, back=True
    )


def _closer(session: Session, prompts: Prompter, draft: Draft, match: Match) -> str:
    entity = session.app.catalog.get(match.ref)
    details(session, match, entity)
    options = [
        Option("used", "Use it", hint="opens its source; nothing is made"),
        Option("contributed", "Contribute to it", hint="opens its issues and its contributing guide"),
        Option("extended", "Extend it", hint="makes a component registered as part of it"),
        Option("built anyway", "Build mine anyway", hint="asks why, in one line"),
    ]
    chosen = prompts.choose("What now?", options, back=True)
    if chosen == "built anyway":
        _reason(prompts, draft)
    if chosen == "extended":
        draft.extends = str(match.ref)
    if chosen in ENDS:
        _open(session, match, entity, contribute=chosen == "contributed")
    return chosen


def details(session: Session, match: Match, entity: Entity | None) -> None:
    """Show who owns it and how to reach them, where its source and docs are, and who uses it."""
    from scaffolder.cli import entity_view

    console = session.console
    console.say()
    console.tell(one_line(match.title), indent=2, style="title")
    if match.description:
        console.tell(one_line(match.description), indent=4)
    facts = entity_view.facts(session.app.catalog, entity) if entity else [("owner", match.owner)]
    for name, text in facts:
        console.tell(f"{pad(name, 9)} {one_line(text)}", indent=4)
    console.say()


def _reason(prompts: Prompter, draft: Draft) -> None:
    from scaffolder.app.draft import REASONS

    category = prompts.choose("Why build it anyway?", [Option(reason, reason) for reason in REASONS], back=True)
    draft.reason = prompts.text(
        "In one sentence",
        default=draft.reason,
        check=lambda text: "" if text.strip() else "one sentence, for those who ask later",
    )
    draft.reason_category = category


def _open(session: Session, match: Match, entity: Entity | None, *, contribute: bool) -> None:
    """Print where to go, and open it in a browser where there is one."""
    from scaffolder.cli import entity_view

    source = entity_view.source_url(entity) if entity else ""
    pages = [(f"{source}/issues", f"{source}/blob/HEAD/CONTRIBUTING.md") if contribute and source else (source,)][0]
    session.console.say()
    session.console.tell(f"Nothing was made. {match.ref.name} is owned by {_owner(match)}.", indent=2)
    for page in filter(None, pages):
        session.console.result(page)
    if not source:
        session.console.tell(f"No source is registered: ask {_owner(match)}.", indent=2)
    elif session.console.talks_to_a_person:
        import webbrowser

        webbrowser.open(pages[0])
