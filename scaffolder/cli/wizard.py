"""
`scaffolder new` with questions.

The questions stand in one order; each is asked when it has no answer yet. Going back asks the one before, with what was
typed; after a change only what depends on it is asked again. ctrl-c keeps the answers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TextIO

from scaffolder.app.answers import open_questions
from scaffolder.cli import beginnings, plan_screen, similar_screen, template_questions
from scaffolder.cli.new import Manner, carry_out, show_made, show_plan
from scaffolder.cli.prompt import Back, Candidates, InputEnded, Option, prompter
from scaffolder.errors import Interrupted, ScaffolderError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scaffolder.app.births import Plan
    from scaffolder.app.draft import Draft
    from scaffolder.catalog import Summary
    from scaffolder.cli.main import Session
    from scaffolder.cli.prompt import Prompter
    from scaffolder.similar import Findings
    from scaffolder.template.manifest import Page, Template
    from scaffolder.template.parameters import Question as TemplateQuestion

UNKNOWN_OWNER = "I don't know yet"
NO_SYSTEM = "none"
EVERYTHING_BEFORE = 2


class Leave(Exception):  # noqa: N818  # not an error: the person is done here
    """The person leaves the wizard with a result other than a new service."""

    def __init__(self, *, keep: bool) -> None:
        super().__init__()
        self.keep = keep


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask: `ask` stores the answer in the draft; `depends` are keys whose change makes it open again."""

    key: str
    ask: Callable[[], None]
    depends: tuple[str, ...] = ()


@dataclass(slots=True)
class Wizard:
    """The state of one sitting."""

    session: Session
    prompts: Prompter
    draft: Draft
    manner: Manner
    answered: set[str] = field(default_factory=set)
    typed: dict[str, str] = field(default_factory=dict)
    findings: Findings | None = None
    template: Template | None = None
    choice: str = ""

    # -- the order

    def questions(self) -> list[Question]:
        """Return what is to be asked, in order, as far as it is known by now."""
        return [
            Question("purpose", self._purpose),
            Question("name", self._name),
            Question("similar", self._similar, depends=("purpose", "name")),
            Question("template", self._template),
            *self._template_questions(),
            Question("owner", self._owner),
            Question("system", self._system),
        ]

    def ask(self) -> None:
        """Ask until everything has an answer."""
        current = self._next()
        while current is not None:
            before = self._fingerprint(current.key)
            try:
                current.ask()
            except Back as back:
                self.typed[current.key] = back.typed
                current = self._previous(current.key) or current
                continue
            self.answered.add(current.key)
            if self._fingerprint(current.key) != before:
                self._reopen(current.key)
            if current.key == "similar" and self.choice == "changed":
                self.answered -= {"purpose", "name", "similar"}
            current = self._next()

    def back_from_the_end(self) -> None:
        """Ask the last question again, then what depends on it."""
        asked = [one for one in self.questions() if one.key in self.answered and not self._is_certain(one.key)]
        if asked:
            self.answered.discard(asked[-1].key)

    def reopen(self, key: str) -> None:
        """Ask one question again."""
        self.answered.discard(key)

    def _next(self) -> Question | None:
        return next((one for one in self.questions() if one.key not in self.answered), None)

    def _previous(self, key: str) -> Question | None:
        before: list[Question] = []
        for one in self.questions():
            if one.key == key:
                break
            before.append(one)
        return next((one for one in reversed(before) if not self._is_certain(one.key)), None)

    def _reopen(self, key: str) -> None:
        self.answered -= {one.key for one in self.questions() if key in one.depends}

    def _fingerprint(self, key: str) -> Any:
        draft = self.draft
        name = key.removeprefix("answer:")
        return draft.answers.get(name) if name != key else getattr(draft, key, self.choice)

    def _is_certain(self, key: str) -> bool:
        """Tell whether a question is not really asked: it has one possible answer."""
        match key:
            case "template":
                return len(self._golden_paths()) == 1
            case "owner":
                return False
            case "system":
                return not self._systems()
            case "similar":
                return self.findings is not None and not self.findings.matches
        return False

    # -- ours

    def _purpose(self) -> None:
        self.draft.purpose = self.prompts.text(
            "What will it do?",
            default=self.typed.pop("purpose", "") or self.draft.purpose,
            check=lambda text: (
                "" if text.strip() else "say it in a few words: it is what similar services are found by"
            ),
        )

    def _name(self) -> None:
        self.draft.name = self.prompts.text(
            "A name for it?",
            default=self.typed.pop("name", "") or self.draft.name or _suggested(self.draft.purpose),
            check=self.session.app.check_name,
        )
        self.draft.repository = self.draft.directory = ""

    def _similar(self) -> None:
        self.findings = self.session.app.similar(self.draft.query())
        self.choice = similar_screen.ask(self.session, self.prompts, self.draft, self.findings)
        if self.choice in similar_screen.ENDS:
            raise Leave(keep=False)

    def _template(self) -> None:
        paths = self._golden_paths()
        if len(paths) == 1:
            self.draft.template = paths[0].reference
            self.session.console.answered("Golden path", f"{paths[0].name}  {paths[0].description}")
        else:
            options = [
                Option(
                    path.reference,
                    path.name,
                    hint=path.problem or path.description,
                    description=" · ".join(
                        part
                        for part in (f"v{path.version}" if path.version else "", f"{path.made} made", path.owner)
                        if part
                    ),
                )
                for path in paths
            ]
            self.draft.template = self.prompts.choose(
                "Golden path", options, default=self.draft.template or None, back=True
            )
        if self.template is None or self.template.name != self.draft.template:
            self.answered -= {key for key in self.answered if key.startswith("answer:")}
        self._load_template()

    def _golden_paths(self) -> list[Any]:
        return [path for path in self.session.app.golden_paths(self.draft.purpose) if not path.problem]

    def _load_template(self) -> None:
        draft = self.draft
        _, self.template = self.session.app.template(
            draft.template, ref=draft.template_ref, directory=draft.template_directory
        )

    # -- the template's

    def _template_questions(self) -> list[Question]:
        if self.template is None:
            return []
        return [
            Question(f"answer:{one.name}", partial(self._answer, page, one))
            for page, one in open_questions(self.template, self.draft)
        ]

    def _answer(self, page: Page, question: TemplateQuestion) -> None:
        typed = self.typed.pop(f"answer:{question.name}", "")
        template_questions.ask(self.session.app, self.prompts, self.draft, page, question, typed=typed)

    # -- who owns it, and where it belongs

    def _owner(self) -> None:
        groups = self.session.app.catalog.entities(kind="group")
        mine = self.session.app.teams_of_person()
        options = [Option(str(group.ref), group.ref.name, hint=group.title) for group in groups]
        options.sort(key=lambda option: option.value not in mine)
        users = [
            Option(str(user.ref), user.ref.name, hint=user.title)
            for user in self.session.app.catalog.entities(kind="user")
        ]
        default = self.draft.owner.rpartition("/")[2] or (mine[0].rpartition("/")[2] if mine else "")
        owner = self.prompts.find(
            "Which team will own it?",
            Candidates([*options, *users], extras=[Option("", UNKNOWN_OWNER)]),
            default=self.typed.pop("owner", "") or default or (options[0].label if len(options) == 1 else ""),
            help_text=f"type to search {len(groups)} teams; or: {UNKNOWN_OWNER}",
        )
        if not owner:
            self.draft.owner = ""
            raise Leave(keep=True)
        self.draft.owner = owner

    def _system(self) -> None:
        systems = self._systems()
        if not systems:
            return
        options = [Option(str(system.ref), system.ref.name, hint=system.title) for system in systems]
        self.draft.system = self.prompts.find(
            "Which system is it part of?",
            Candidates(options, extras=[Option("", NO_SYSTEM)]),
            default=self.typed.pop("system", "") or self.draft.system.rpartition("/")[2] or NO_SYSTEM,
        )

    def _systems(self) -> Sequence[Summary]:
        return self.session.app.catalog.entities(kind="system")


def run(session: Session, draft: Draft, manner: Manner, *, stdin: TextIO) -> int:
    """Walk through the questions, then plan, confirm and make."""
    prompts = prompter(session.console, stdin)
    wizard = Wizard(session, prompts, draft, manner)
    wizard.answered = {name for name in ("purpose", "name", "owner", "system", "template") if getattr(draft, name)}
    wizard.answered |= {f"answer:{name}" for name in draft.answers}
    if draft.why or draft.extends:
        wizard.answered.add("similar")
    try:
        return _walk(wizard)
    except Leave as leave:
        return _left(session, draft, keep=leave.keep)
    except (KeyboardInterrupt, InputEnded):
        raise _kept(session, draft) from None


def _walk(wizard: Wizard) -> int:
    session = wizard.session
    beginnings.begin(session, wizard.prompts)
    if wizard.draft.template:
        wizard._load_template()  # noqa: SLF001  the two are one
    while True:
        wizard.ask()
        plan = _planned(wizard)
        if plan is None:
            continue
        if wizard.manner.dry_run:
            show_plan(session, plan, as_json=wizard.manner.as_json)
            return 0
        if _confirmed(wizard, plan):
            made = carry_out(session, plan)
            session.app.discard_draft()
            show_made(session, plan, made, wizard.manner)
            return 0


def _planned(wizard: Wizard) -> Plan | None:
    """Return the plan, or None after the person chose what to answer differently."""
    session, draft = wizard.session, wizard.draft
    beginnings.ask_identity(session, wizard.prompts)
    try:
        return session.app.plan(draft, even_if_it_exists=True)
    except ScaffolderError as error:
        session.console.error(error)
        _change(wizard, "What now?")
        return None


def _confirmed(wizard: Wizard, plan: Plan) -> bool:
    plan_screen.show(wizard.session.console, plan)
    while True:
        options = [
            Option("yes", "Yes, make it"),
            Option("tree", "Show every file first"),
            Option("change", "Change an answer"),
            Option("leave", "Not now", hint="keeps your answers"),
        ]
        try:
            chosen = wizard.prompts.choose("Make it?", options, back=True)
        except Back:
            wizard.back_from_the_end()
            return False
        if chosen == "yes":
            return True
        if chosen == "leave":
            raise Leave(keep=True)
        if chosen == "change":
            _change(wizard, "Which answer?")
            return False
        plan_screen.tree(wizard.session.console, plan)


def _change(wizard: Wizard, message: str) -> None:
    """Let the person choose a question to answer again."""
    options = [
        Option(question.key, _shown(question.key), hint=_answer_of(wizard, question.key))
        for question in wizard.questions()
        if question.key in wizard.answered and question.key != "similar"
    ]
    try:
        wizard.reopen(
            wizard.prompts.choose(message, [*options, Option("", "Leave, and keep the answers")], back=True) or _leave()
        )
    except Back:
        wizard.back_from_the_end()


def _leave() -> str:
    raise Leave(keep=True)


def _shown(key: str) -> str:
    return key.removeprefix("answer:").replace("_", " ")


def _answer_of(wizard: Wizard, key: str) -> str:
    name = key.removeprefix("answer:")
    if name in wizard.draft.secrets:
        return "(hidden)"
    return str(wizard.draft.answers.get(name, "") if name != key else getattr(wizard.draft, key, ""))


def _left(session: Session, draft: Draft, *, keep: bool) -> int:
    if not keep:
        session.app.discard_draft()
        return 0
    session.app.save_draft(draft)
    missing = [] if draft.owner else ["who will own it"]
    session.console.say()
    session.console.tell(
        f"Nothing was made.{' Missing: ' + ', '.join(missing) + '.' if missing else ''}", style="title"
    )
    session.console.tell("Your answers are kept: scaffolder new --continue")
    return 0


def _kept(session: Session, draft: Draft) -> Interrupted:
    """Keep the answers, and say so."""
    if not (draft.purpose or draft.name):
        return Interrupted("nothing was made")
    session.app.save_draft(draft)
    return Interrupted("nothing was made; your answers are kept", hint="scaffolder new --continue")


def _suggested(purpose: str) -> str:
    """Return a name made of the purpose's first words that mean something; '' when there are too few."""
    from scaffolder.similar.text import part

    words = [re.sub(r"[^a-z0-9]", "", word.written.lower()) for word in part(purpose).words][:3]
    return "-".join(filter(None, words)) if len(words) >= EVERYTHING_BEFORE else ""
