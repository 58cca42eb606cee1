"""
What `scaffolder new` asks, question by question.

At most six questions are ours; the rest are the golden path's. What can be known is not asked: each method stores the
answer in the draft.
"""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from scaffolder.app.answers import filled_questions, followed, kept, open_questions
from scaffolder.app.pickers import Pickers
from scaffolder.cli import entity_choice, lending, template_questions, trust
from scaffolder.cli.beginnings import ask_identity
from scaffolder.cli.console import one_line, without_controls
from scaffolder.cli.interview import GoTo, Leave, Question
from scaffolder.cli.paths import shown_path
from scaffolder.cli.prompt import Back, Candidates, Option
from scaffolder.cli.similar_screen import Screen
from scaffolder.cli.unmarked import unmarked
from scaffolder.errors import ScaffolderError, TryAgain
from scaffolder.template import parameters
from scaffolder.template.bringing import code_of
from scaffolder.template.errors import PASSWORD, PasswordNeeded, TemplatesBelow
from scaffolder.template.places import at, has, names_in, without
from scaffolder.template.trust import TrustNeeded, wanted
from scaffolder.template.wording import as_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from scaffolder.app.draft import Draft
    from scaffolder.app.golden_paths import GoldenPath
    from scaffolder.app.lending import Loan
    from scaffolder.cli.main import Session
    from scaffolder.cli.prompt import Prompter
    from scaffolder.gateways.forge import ForgeKind
    from scaffolder.similar import Findings
    from scaffolder.template.manifest import Page, Template
    from scaffolder.template.places import Place
    from scaffolder.template.question import Question as TemplateQuestion
    from scaffolder.template.source import Resolved
    from scaffolder.template.trust import Wanted

UNKNOWN_OWNER = "I don't know yet"
NO_SYSTEM = "none"
OURS = ("purpose", "name", "template", "owner", "system", "directory", "repository", "visibility")
ANSWER = "answer:"


@dataclass(slots=True)
class Sitting:
    """One person at one terminal, and what they have said so far."""

    session: Session
    prompts: Prompter
    draft: Draft
    findings: Findings | None = None
    choice: str = ""
    template: Template | None = None
    _resolved: Resolved | None = None
    _wanted: Wanted | None = None
    _paths: dict[str, list[GoldenPath]] = field(default_factory=dict)
    _entities: dict[str, list[Option[str]]] = field(default_factory=dict)
    _pickers: Pickers | None = None
    _page: Page | None = None

    def questions(self) -> list[Question]:
        """Return what is to be asked, in order, as far as it is known by now."""
        return [
            self._ours("purpose", self._purpose),
            self._ours("name", self._name),
            Question("similar", self._similar, lambda: self.choice, ("purpose", "name"), fixed=self._nothing_similar()),
            self._ours("template", self._template, fixed=len(self.golden_paths()) == 1),
            *([self._about_trust()] if self._wanted else []),
            *self._template_questions(),
            *([Question("identity", self._identity, lambda: None)] if self.session.app.identity is None else []),
            self._ours("owner", self._owner, fixed=len(self._of_kind("group")) == 1),
            *([self._ours("system", self._system)] if self._of_kind("system") else []),
            *(Question(key, ask, partial(self._planned, key), quiet=True) for key, ask in self._places()),
            *self._token_questions(),
        ]

    def known(self) -> set[str]:
        """Return the questions that need not be asked: answered before, or by the command line."""
        draft = self.draft
        given = {key for key in OURS if getattr(draft, key)}
        finished = set(names_in(draft.answers)) - set(draft.begun)
        answers = {ANSWER + name for name in (*finished, *draft.secrets)}
        return {*draft.answered, *given, *answers, *(["similar"] if draft.why or draft.extends else [])}

    def load_template(self) -> None:
        """Read the golden path that the draft names."""
        resolved, self.template = self._opened()
        self._resolved = resolved
        self._wanted = None
        try:
            _, self.template = self._read_template(trust=self.draft.trust)
        except TrustNeeded:
            self._wanted = wanted(resolved, self.template)

    def _opened(self) -> tuple[Resolved, Template]:
        """Read it as soon as the person has said which of several it is, and the password of a zip file."""
        while True:
            try:
                return self._read_template()
            except TemplatesBelow as several:
                self._choose_below(several.inside)
            except PasswordNeeded as locked:
                self.session.console.tell(locked.message, indent=2, hang=2, style="warn")
                os.environ[PASSWORD] = self.prompts.secret("Its password?")  # hooks do not see it

    def _choose_below(self, directories: tuple[str, ...]) -> None:
        chosen = self.prompts.choose("Which of its templates?", [Option(one, one) for one in directories])
        self.draft.template_directory = posixpath.join(self.draft.template_directory, chosen)

    def _read_template(self, **how: str) -> tuple[Resolved, Template]:
        draft = self.draft
        return self.session.app.template(
            draft.template, ref=draft.template_ref, directory=draft.template_directory, **how
        )

    def golden_paths(self) -> list[GoldenPath]:
        """Return the golden paths that can be used, the best fit for the purpose first."""
        purpose = self.draft.purpose
        if purpose not in self._paths:
            self._paths[purpose] = self.session.app.golden_paths(purpose)
        return [path for path in self._paths[purpose] if not path.problem]

    def forget_what_is_not_asked(self) -> None:
        """Leave out answers to questions that later answers have closed, or that another golden path asked."""
        if self.template is not None:
            asked = open_questions(self.template, self.draft) + filled_questions(self.template, self.draft)
            self.draft.answers = kept(asked, self.draft.answers)

    def give_up(self) -> None:
        """Note that somebody saw what exists and left."""
        if self.findings is not None and self.findings.matches:
            self.session.app.record_choice("gave up", self.draft, self.findings)

    def name_problem(self, name: str) -> str:
        """Return why a service cannot be called that, '' when it can."""
        app, draft = self.session.app, self.draft
        return app.check_name(name) or self._repository_problem(
            draft.repository or app.repository_for(name, forge=draft.forge)
        )

    def _ours(self, key: str, ask: Callable[[str], None], *, fixed: bool = False) -> Question:
        return Question(key, ask, partial(getattr, self.draft, key), fixed=fixed)

    def _tell_answer(self, question: str, answer: str) -> None:
        self.session.console.answered(question, answer)

    # -- what it is

    def _purpose(self, typed: str) -> None:
        said = self.prompts.text(
            "What will it do?",
            default=typed or self.draft.purpose,
            check=lambda text: "" if text else "say it in a few words: it is what similar services are found by",
        )
        self.draft.purpose = " ".join(without_controls(said).split())

    def _name(self, typed: str) -> None:
        self.draft.name = self.prompts.text("A name for it?", default=typed or self.draft.name, check=self.name_problem)

    def _similar(self, _typed: str) -> None:
        self.findings = self.session.app.similar(self.draft.query()).worth_a_look()
        self.choice = Screen(self.session, self.prompts, self.draft, self.findings).ask()
        if self.choice == "changed":
            raise GoTo("purpose")

    def _nothing_similar(self) -> bool:
        return self.findings is not None and not self.findings.matches

    # -- the golden path and its questions

    def _template(self, _typed: str) -> None:
        paths = self.golden_paths()
        before = self.draft.template
        if len(paths) == 1:
            self.draft.template = paths[0].name
            self._tell_answer("Golden path", f"{paths[0].name} · {paths[0].description}")
        else:
            self._tell_unreadable()
            self.draft.template = self.prompts.choose(
                "Golden path", [_golden_path(path) for path in paths], default=before or None, back=True
            )
        if self.draft.template != before:
            self.draft.template_ref = self.draft.template_directory = ""
            if before:  # it was said of the other one
                self.draft.trust, self.draft.trusted, self.draft.lends = "", False, {}
        self.load_template()
        if before and self.draft.template != before:
            self._forget_what_is_filled()

    def _forget_what_is_filled(self) -> None:
        """Leave out what was answered to another golden path, and would be taken for an answer to this one."""
        assert self.template is not None  # noqa: S101 - it was read just now
        for _page, one in filled_questions(self.template, self.draft):
            if has(self.draft.answers, one.place):
                self.draft.answers = without(self.draft.answers, one.place)

    def _tell_unreadable(self) -> None:
        """A golden path that cannot be read is not offered, and not hidden either."""
        for path in self._paths[self.draft.purpose]:
            if path.problem:
                text = f"{path.name} cannot be used now: {path.problem}"
                self.session.console.tell(one_line(text), indent=2, hang=2, style="warn")

    def _about_trust(self) -> Question:
        said = trust.SHOWN.get(self.draft.trust, "")
        return Question(trust.TRUST, self._trust, lambda: self.draft.trust, ("template",), shown=said)

    def _trust(self, _typed: str) -> None:
        """Ask whether the template's own code may run: before its questions, which that code may change."""
        assert self._wanted is not None  # noqa: S101 - it is asked of somebody who wants something
        assert self._resolved is not None  # noqa: S101 - and that was read
        assert self.template is not None  # noqa: S101 - as above
        code = partial(code_of, self._resolved, self.template)
        word = trust.ask(self.session.console, self.prompts, self._wanted, code, back=True)
        if word == trust.LEAVE:
            raise Leave
        self.draft.trust = word
        _, self.template = self._read_template(trust=word)

    def _template_questions(self) -> list[Question]:
        if self.template is None or (self._wanted and not self.draft.trust):
            return []
        return [
            Question(
                ANSWER + one.name,
                partial(self._answer, page, one),
                partial(self._answered, one.place, one.default if one.name in page.follows else None),
                ("template", *(ANSWER + name for name in page.follows.get(one.name, ()))),
                fixed=template_questions.is_certain(one),
                shown=template_questions.shown(one, self._answered(one.place, one.default)),
                called=one.title,
            )
            for page, one in open_questions(self.template, self.draft)
        ] + [self._guessed(page, one) for page, one in filled_questions(self.template, self.draft) if not one.picker]

    def _guessed(self, page: Page, question: TemplateQuestion) -> Question:
        """Return the question for what is filled because of its name alone: it can be answered otherwise."""
        answer = partial(self._answered, question.place, question.default)
        ask = partial(self._answer, page, question, guess=question.default)
        shown = template_questions.shown(question, answer())
        return Question(
            ANSWER + question.name, ask, answer, ("template",), quiet=True, shown=shown, called=question.title
        )

    def _answered(self, place: Place, default: object) -> object:
        return at(self.draft.answers, place) if has(self.draft.answers, place) else default

    def _answer(self, page: Page, question: TemplateQuestion, typed: str, *, guess: Any = None) -> None:
        if self._pickers is None:
            app = self.session.app
            self._pickers = Pickers(app.catalog, app.person(), lambda: app.repositories)
        if not template_questions.is_certain(question):
            self._tell_page(page)
        asking = template_questions.Asking(self._pickers, self.prompts, self.draft, page)
        by_itself = guess or (followed(self.template, page, question.name, self.draft) if self.template else None)
        try:
            asking.ask(self._with_earlier_answer(page, question), typed=typed)
        except Back as back:
            raise Back("" if back.typed == as_text(by_itself) else back.typed) from None
        if question.kind == "json" and page.computed:
            self.draft.whole = [*dict.fromkeys((*self.draft.whole, question.name))]
        if by_itself is not None and self.draft.answers.get(question.name) == by_itself:
            del self.draft.answers[question.name]  # so that it goes on following the answers before it

    def _tell_page(self, page: Page) -> None:
        """Say what the questions that follow are about, where a template has several pages."""
        if page is self._page or self.template is None or len(self.template.pages) == 1:
            return
        self._page = page
        if page.title:
            self.session.console.say()
            self.session.console.tell(one_line(page.title), indent=2, style="title")
        if page.description:
            self.session.console.tell(one_line(unmarked(page.description)), indent=2)

    def _with_earlier_answer(self, page: Page, question: TemplateQuestion) -> TemplateQuestion:
        """Offer what was answered with cookiecutter the last time, where it still is an answer."""
        if self.template is None or question.kind == "secret":
            return question
        found = self.session.app.answered_before(self.template, self.draft.answers).get(question.name)
        wrong = found is None or parameters.check_answer(page, question.name, found, self.draft.answers)
        return question if wrong else replace(question, default=found)

    # -- who owns it, and where it belongs

    def _identity(self, _typed: str) -> None:
        ask_identity(self.session, self.prompts)

    def _of_kind(self, kind: str) -> list[Option[str]]:
        """Return the entities of a kind, read once: there may be thousands of teams."""
        if kind not in self._entities:
            self._entities[kind] = entity_choice.options(self.session.app.catalog, [kind])
        return self._entities[kind]

    def _owner(self, typed: str) -> None:
        asked = "Which team will own it?"
        teams, people = self._of_kind("group"), self._of_kind("user")
        if len(teams) == 1:
            self.draft.owner = teams[0].value
            self._tell_answer(asked, teams[0].label)
            return
        mine = self.session.app.teams_of_person()
        default = typed or entity_choice.label(self.draft.owner or next(iter(mine), ""))
        people_too = f" and {len(people):,} people" if len(people) > 1 else ""
        owner = self.prompts.find(
            asked,
            Candidates(
                [*sorted(teams, key=lambda one: one.value not in mine), *people],
                extras=[Option("", UNKNOWN_OWNER)],
                called=f"{len(teams):,} teams{people_too}",
            ),
            default=default,
            back=True,
        )
        self.draft.owner = owner
        if not owner:
            raise Leave(missing="who will own it")

    def _system(self, typed: str) -> None:
        self.draft.system = self.prompts.find(
            "Which system is it part of?",
            Candidates(self._of_kind("system"), extras=[Option("", NO_SYSTEM)]),
            default=typed or entity_choice.label(self.draft.system or self._system_of_extended()) or NO_SYSTEM,
            back=True,
        )

    def _system_of_extended(self) -> str:
        from scaffolder.catalog.entity import EntityRef

        extends = self.draft.extends
        found = self.session.app.catalog.get(EntityRef.parse(extends, default_kind="component")) if extends else None
        return str(found.system or "") if found else ""

    # -- what the template's steps are lent

    def _token_questions(self) -> list[Question]:
        if self.template is None or self._resolved is None:
            return []
        loans = self.session.app.loans(self.draft, self._resolved, self.template)
        return [
            Question(
                f"{lending.TOKEN}:your token for {host}",
                partial(self._token, [loan for loan in loans if loan.host == host], self._resolved),
                partial(self.draft.lends.get, host),
                ("template",),
                shown="given" if self.draft.lends.get(host) else "not given",
            )
            for host in dict.fromkeys(loan.host for loan in loans)
        ]

    def _token(self, loans: list[Loan], resolved: Resolved, _typed: str) -> None:
        word = lending.ask(self.session.console, self.prompts, loans, resolved)
        if word == lending.LEAVE:
            raise Leave
        self.draft.lends[loans[0].host] = word == lending.GIVE

    # -- where it goes: asked only when the person wants to change it

    def _places(self) -> list[tuple[str, Callable[[str], None]]]:
        return [("directory", self._directory), ("repository", self._repository), ("visibility", self._visibility)]

    def _planned(self, key: str) -> str:
        """Return where it goes unless the person says otherwise; nothing else in the draft need be right yet."""
        place = replace(self.draft, owner="", system="", extends="")
        found = str(getattr(self.session.app.completed(place), key))
        return shown_path(found) if key == "directory" else found

    def _directory(self, typed: str) -> None:
        self.draft.directory = self.prompts.text(
            "Which directory will it be in?", default=typed or self._planned("directory"), check=_directory_problem
        )

    def _repository(self, typed: str) -> None:
        self.draft.repository = self.prompts.text(
            "Which repository (OWNER/NAME)?",
            default=typed or self._planned("repository"),
            check=self._repository_problem,
        )

    def _repository_problem(self, full_name: str) -> str:
        app = self.session.app
        forge = app.forge_of(cast("ForgeKind", self.draft.forge or app.settings.forge))
        try:
            forge.check_name(full_name)
            found = forge.find(full_name)
        except TryAgain:
            return ""  # the plan asks again, and tells
        except ScaffolderError as error:
            return error.message
        return "" if found is None or found.empty else f"the repository {found.full_name} exists already"

    def _visibility(self, _typed: str) -> None:
        self.draft.visibility = self.prompts.choose(
            "Who may see the repository?",
            [
                Option("private", "private", hint="who was given access"),
                Option("internal", "internal", hint="the whole organisation"),
                Option("public", "public", hint="everybody"),
            ],
            default=self._planned("visibility"),
            back=True,
        )


def _directory_problem(text: str) -> str:
    if not text:
        return "a directory has a name"
    place = Path(text)
    if place.is_dir():
        return f"{text} is not empty" if any(place.iterdir()) else ""
    return f"{text} is a file" if place.exists() else ""


def _golden_path(path: GoldenPath) -> Option[str]:
    from scaffolder.template.manifest import spoken

    facts = (spoken(path.version), f"{path.made:,} made", entity_choice.label(path.owner))
    return Option(path.name, path.name, hint=f"{path.description}\n{' · '.join(filter(None, facts))}")
