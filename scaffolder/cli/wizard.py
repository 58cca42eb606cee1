"""`scaffolder new` with questions: ask, plan, confirm, make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from scaffolder.cli import beginnings, plan_screen
from scaffolder.cli.changes import culprit, entries
from scaffolder.cli.interview import Interview, Leave
from scaffolder.cli.new import Manner, carry_out, show_made, show_plan
from scaffolder.cli.prompt import Back, InputEnded, Option, prompter
from scaffolder.cli.sitting import ANSWER, Sitting
from scaffolder.errors import Interrupted, ScaffolderError, Stopped
from scaffolder.template.places import names_in

if TYPE_CHECKING:
    from scaffolder.app.draft import Draft
    from scaffolder.app.planned import Plan
    from scaffolder.app.results import Made
    from scaffolder.cli.main import Session

GOES_ON = "scaffolder new --continue"
MAKE_IT = (
    Option("yes", "Yes, make it"),
    Option("tree", "Show every file first", key="t"),
    Option("change", "Change an answer"),
    Option("leave", "Not now", hint="your answers are kept"),
)


def run(session: Session, draft: Draft, manner: Manner, *, stdin: TextIO) -> int:
    """Walk through the questions, then plan, confirm and make."""
    sitting = Sitting(session, prompter(session.console, stdin), draft)
    wizard = Wizard(sitting, Interview(sitting.questions, draft.answered), manner)
    try:
        wizard.begin()
        plan, made = wizard.walk()
    except Leave as leave:
        return wizard.left(leave)
    except (KeyboardInterrupt, InputEnded):
        raise wizard.interrupted() from None
    except (Stopped, Interrupted):
        raise
    except Exception as error:
        wizard.broken_off(error)
        raise
    if made:
        show_made(session, plan, made, manner)
    return 0


@dataclass(slots=True)
class Wizard:
    """A sitting from its first line to its last."""

    sitting: Sitting
    interview: Interview
    manner: Manner
    begun: bool = False

    @property
    def _session(self) -> Session:
        return self.sitting.session

    def begin(self) -> None:
        """Say where we are, and what is known already."""
        session, draft = self._session, self.sitting.draft
        session.app.identity  # noqa: B018  git is needed in the end: better told now than after the last question
        beginnings.begin(session, self.sitting.prompts, draft)
        session.app.compare_meanwhile()
        session.app.load_meanwhile(draft.forge)
        self._check_token()
        self.interview.answered += self.sitting.known()
        if draft.template:
            self._open_template()
        self._check_name()
        self.begun = True

    def _open_template(self) -> None:
        """Read the golden path that was named beforehand: no question comes before those that this may take."""
        while True:
            try:
                self.sitting.load_template()
            except Back:
                continue
            return

    def _check_token(self) -> None:
        """Without a token there is no repository in the end: better told now."""
        app, draft = self._session.app, self.sitting.draft
        if (draft.forge or app.settings.forge) != "github":
            return
        try:
            app.github.client.token()
        except ScaffolderError as error:
            self._session.console.error(error)
            self._session.console.say()

    def _check_name(self) -> None:
        """A name from the command line, or kept since yesterday, may be taken by now."""
        name = self.sitting.draft.name
        problem = self.sitting.name_problem(name) if name else ""
        if problem:
            self._session.console.tell(problem, indent=2, style="bad")
            self.interview.reopen("name", typed=name)

    def walk(self) -> tuple[Plan, Made | None]:
        """Ask until there is a plan the person agrees with, and carry it out. A dry run ends with the plan."""
        while True:
            self.interview.finish()
            plan = self._planned()
            if plan and self.manner.dry_run:
                self._keep()
                show_plan(self._session, plan, as_json=self.manner.as_json)
                return plan, None
            made = self._made(plan) if plan and self._agreed(plan) else None
            if plan and made:
                return plan, made

    def _planned(self) -> Plan | None:
        """Return the plan; or None once the person has answered differently what stood in its way."""
        self.sitting.forget_what_is_not_asked()
        try:
            return self._session.app.plan(self.sitting.draft, even_if_it_exists=True)
        except ScaffolderError as error:
            self._mend(error)
            return None

    def _agreed(self, plan: Plan) -> bool:
        plan_screen.show(self._session.console, plan)
        while True:
            try:
                chosen = self.sitting.prompts.choose("Make it?", MAKE_IT, back=True)
            except Back:
                self.interview.step_back()
                return False
            match chosen:
                case "yes":
                    return True
                case "tree":
                    plan_screen.tree(self._session.console, plan)
                case "change":
                    self._change("Which answer?")
                    return False
                case _:
                    raise Leave

    def _made(self, plan: Plan) -> Made | None:
        """Carry the plan out; None when it failed, left nothing, and the person has answered differently."""
        self._session.console.say()
        try:
            return carry_out(self._session, self.sitting.draft, plan, kept=True)
        except Interrupted as interrupted:
            if interrupted.hint:  # something stands: the task goes on from there
                raise
            raise KeyboardInterrupt from None
        except Stopped:
            raise
        except ScaffolderError as error:
            self._mend(error)
            return None

    # -- answering differently

    def _mend(self, error: ScaffolderError) -> None:
        self._session.console.say()
        self._session.console.error(error)
        self._session.console.say()
        self._change("What would you like to change?", error)

    def _change(self, message: str, error: ScaffolderError | None = None) -> None:
        options = entries(self.sitting.questions(), self.interview.answered, hidden=self.sitting.draft.secrets)
        leave = Option("", "Leave", hint="your answers are kept")
        likely = culprit(error, [one.value for one in options]) if error else None
        try:
            key = self.sitting.prompts.choose(message, [*options, leave], default=likely, back=True)
        except Back:
            self.interview.step_back()
            return
        if not key:
            raise Leave
        self.interview.change(key)

    # -- leaving

    def left(self, leave: Leave) -> int:
        """Say what became of the answers; to a program, in one object."""
        console = self._session.console
        if leave.keeps:
            self._keep()
            self.sitting.give_up()
            missing = f" Missing: {leave.missing}." if leave.missing else ""
            console.say()
            console.tell(f"Nothing was made.{missing} Your answers: {GOES_ON}")
        else:
            self._session.app.discard_draft()
        if self.manner.as_json:
            console.json(leave.to_json())
        return 0

    def broken_off(self, error: Exception) -> None:
        """Keep the answers, whatever went wrong, and say where they are; what the command line says need not be."""
        draft = self.sitting.draft
        if not self.begun or not (draft.purpose or draft.name):
            return
        self._keep()
        said = f"nothing was made; your answers: {GOES_ON}"
        if isinstance(error, ScaffolderError):
            error.details = (*error.details, said)
        else:
            self._session.console.tell(said)

    def interrupted(self) -> Interrupted:
        """Keep the answers and return what to tell."""
        draft = self.sitting.draft
        if not (draft.purpose or draft.name):
            return Interrupted("nothing was made")
        self._keep()
        self.sitting.give_up()
        return Interrupted("nothing was made", hint=f"your answers: {GOES_ON}")

    def _keep(self) -> None:
        draft = self.sitting.draft
        secret = tuple(f"{ANSWER}{name}." for name in draft.secrets)
        draft.answered = sorted(
            key for key in set(draft.answered) if not any(one.startswith(f"{key}.") for one in secret)
        )
        draft.begun = [name for name in names_in(draft.answers) if ANSWER + name not in draft.answered]
        self._session.app.save_draft(draft)
