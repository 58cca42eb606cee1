"""
Is there something that already does this? The screen after name and purpose.

What was found stands with the words that matched and the words nothing covers, so that the person can judge. Using what
exists is never more than two keys away, and building anyway is never refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaffolder.cli import verdicts
from scaffolder.cli.browser import opened
from scaffolder.cli.console import columns, fit, one_line, pad
from scaffolder.cli.entity_choice import label
from scaffolder.cli.interview import Leave
from scaffolder.cli.prompt import Back, Option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.app.draft import Draft
    from scaffolder.catalog import Entity
    from scaffolder.cli.console import Console
    from scaffolder.cli.main import Session
    from scaffolder.cli.prompt import Prompter
    from scaffolder.similar import Findings, Match

MARGIN, GAP = 5, 2
LEAST_ROOM_FOR_AN_OWNER = 24
EXTENDABLE = frozenset({"component", "system"})
"""So many are worth a look even when they share little more than words; beyond, only what may do the job."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What the screen works with."""

    session: Session
    prompts: Prompter
    draft: Draft
    findings: Findings

    def ask(self) -> str:
        """
        Show what was found and let the person choose.

        Returns:
            extended, built, built anyway or changed.

        Raises:
            Leave: The person uses what exists, or contributes to it.
        """
        console = self.session.console
        if not self.findings.matches:
            console.say()
            console.tell("The catalog holds nothing like it.", indent=2)
            console.say()
            return self._decided("built")
        show(console, self.findings)
        while True:
            chosen = self._one_of_these()
            try:
                return self._after(chosen)
            except Back:
                continue

    def _after(self, chosen: str) -> str:
        if chosen == "built" and self.findings.verdict == "exists":
            return self._built_anyway()
        if chosen == "changed":
            self.session.app.record_choice(chosen, self.draft, self.findings)
        if chosen in {"built", "changed"}:
            return self._decided(chosen)
        return self._closer(next(match for match in self.findings.matches if str(match.ref) == chosen))

    def _one_of_these(self) -> str:
        looks = [
            Option(str(match.ref), f"Look closer at {label(str(match.ref))}", description=match.description)
            for match in self.findings.matches
        ]
        several = len(looks) > 1
        options = [
            *looks,
            Option("built", "No, none of these does this" if several else "No, it does not do this"),
            Option("changed", "Say differently what mine will do"),
        ]
        default = "built" if self.findings.verdict == "none" else None
        return self.prompts.choose(
            "Is it one of these?" if several else "Is it this?", options, default=default, back=True
        )

    def _closer(self, match: Match) -> str:
        entity = self.session.app.catalog.get(match.ref)
        details(self.session, match)
        while True:
            chosen = self.prompts.choose("What now?", _ways(match), back=True)
            try:
                return self._way(chosen, match, entity)
            except Back:
                continue

    def _way(self, chosen: str, match: Match, entity: Entity | None) -> str:
        if chosen == "built anyway":
            return self._built_anyway()
        if chosen == "extended":
            return self._decided(chosen, extends=match)
        pages = _point_to(self.session, match, entity, contribute=chosen == "contributed")
        self._decided(chosen)
        self.session.app.record_choice(chosen, self.draft, self.findings, entity=str(match.ref))
        raise Leave(status=chosen, entity=str(match.ref), pages=pages)

    def _built_anyway(self) -> str:
        from scaffolder.app.draft import REASONS

        typed = self.draft.reason
        while True:
            category = self.prompts.choose(
                "Why build it anyway?",
                [Option(reason, reason) for reason in REASONS],
                default=self.draft.reason_category or None,
                back=True,
            )
            try:
                sentence = self.prompts.text(
                    "In one sentence",
                    default=typed,
                    check=lambda text: "" if text else "one sentence, for those who ask later",
                )
            except Back as back:
                typed = back.typed
                continue
            return self._decided("built anyway", reason=(category, sentence))

    def _decided(
        self,
        choice: str,
        *,
        extends: Match | None = None,
        reason: tuple[str, str] = ("", ""),
    ) -> str:
        """Keep in the draft what the new service takes with it. What was built is counted once it stands."""
        draft = self.draft
        is_system = extends is not None and extends.ref.kind.lower() == "system"
        draft.extends = str(extends.ref) if extends and not is_system else ""
        draft.system = str(extends.ref) if extends and is_system else draft.system
        draft.extends_system = is_system
        draft.reason_category, draft.reason = reason
        return choice


def show(console: Console, findings: Findings) -> None:
    """List what was found, with owner, standing and the words that matched."""
    console.say()
    console.tell(f"{verdicts.said(findings)}.", indent=2, style="title")
    if findings.unseen:
        console.tell(f"{verdicts.unseen(findings)}.", indent=2, style="dim")
    console.say()
    names = _aligned([label(str(match.ref)) for match in findings.matches])
    standings = _aligned([_standing(match) for match in findings.matches])
    room = console.width - MARGIN - columns(names[0]) - columns(standings[0]) - 2 * GAP
    if room >= LEAST_ROOM_FOR_AN_OWNER:
        owners = [fit(one_line(_owned(match)), room) for match in findings.matches]
        heads = [(" " * GAP).join(cells) for cells in zip(names, standings, owners, strict=True)]
        bodies = _beside(console, findings.matches, [columns(names[0]), columns(standings[0])])
    else:
        heads = names
        bodies = [[one_line(_standing(match)), one_line(_owned(match)), *_words(match)] for match in findings.matches]
    for number, (head, body) in enumerate(zip(heads, bodies, strict=True), start=1):
        console.tell(f"{number}  {head}", indent=2, hang=MARGIN - 2)
        for line in filter(None, body):
            console.tell(line, indent=MARGIN, hang=2, style="dim")
    if findings.uncovered:
        console.say()
        console.tell(f"None of them mentions: {', '.join(findings.uncovered)}", indent=2)
    console.say()


def _aligned(texts: list[str]) -> list[str]:
    shown = [one_line(text) for text in texts]
    return [pad(text, max(map(columns, shown))) for text in shown]


def _beside(console: Console, matches: Sequence[Match], widths: Sequence[int]) -> list[list[str]]:
    """Return what matches and, beside it, what does not: below the owner, or below the standing, wherever all fits."""
    pairs = [_words(match) for match in matches]
    mentions, missing = (max(map(columns, column)) for column in zip(*pairs, strict=True))
    for place in (sum(widths) + 2 * GAP, widths[0] + GAP, mentions + GAP):
        if mentions + GAP <= place <= console.width - MARGIN - missing:
            return [[pad(has, place) + lacks] for has, lacks in pairs]
    return [list(pair) for pair in pairs]


def _words(match: Match) -> tuple[str, str]:
    missing = f"not mentioned: {', '.join(match.unmentioned)}" if match.unmentioned else ""
    meant = next((reason.text for reason in match.reasons if reason.kind == "meaning"), "no word of it")
    return one_line(f"matches: {', '.join(match.matched) or meant}"), one_line(missing)


def _standing(match: Match) -> str:
    lifecycle = "being made right now" if match.reserved else match.lifecycle
    return " · ".join(filter(None, (match.type or match.ref.kind.lower(), lifecycle)))


def _owned(match: Match) -> str:
    return f"owned by {label(match.owner)}" if match.owner else "owned by nobody"


def _ways(match: Match) -> list[Option[str]]:
    extendable = match.ref.kind.lower() in EXTENDABLE and not match.reserved
    return [
        Option("used", "Use it", hint="opens its source; nothing is made"),
        Option("contributed", "Contribute to it", hint="opens its issues and its contributing guide"),
        *([Option("extended", "Extend it", hint="makes a component registered as part of it")] if extendable else []),
        Option("built anyway", "Build mine anyway", hint="asks why, in one line"),
    ]


def details(session: Session, match: Match) -> None:
    """Show who owns it and how to reach them, where its source and docs are, who uses it, and why it was found."""
    from scaffolder.app.existing import Phonebook
    from scaffolder.cli import entity_view

    console, catalog = session.console, session.app.catalog
    existing = Phonebook(catalog).of(match)
    console.say()
    console.tell(one_line(f"{match.title} {verdicts.of_one(match)}"), indent=2, style="title")
    if match.description:
        console.tell(one_line(match.description), indent=4)
    console.tell_fields(
        [
            ("owner", one_line(str(existing.owner) or "nobody")),
            ("lifecycle", one_line(verdicts.lifecycle(existing))),
            ("source", one_line(existing.source or "none registered")),
            ("docs", one_line(" · ".join(existing.docs) or "none registered")),
            ("used by", one_line(entity_view.used_by(catalog, match.ref) or "nothing registered")),
            ("matches", one_line(verdicts.why(match))),
        ],
        indent=4,
    )
    console.say()


def _point_to(session: Session, match: Match, entity: Entity | None, *, contribute: bool) -> list[str]:
    """Print where to go, open it in a browser where there is one, and return it."""
    from scaffolder.cli import entity_view

    console = session.console
    told = console.say if session.as_json else console.result  # a program is told in one object at the end
    pages = entity_view.contribute_urls(entity) if contribute else entity_view.use_urls(entity)
    console.say()
    console.tell(f"Nothing was made. {label(str(match.ref))} is {_owned(match)}.", indent=2, style="title")
    for page in pages:
        told(page)
    if not pages:
        console.tell(f"No source is registered: ask {label(match.owner) or 'around'}.", indent=2)
    elif opened(console, pages[0]):
        console.tell("Opened in your browser.", indent=2)
    return pages
