"""
The use cases, one method each: what every front end drives.

Parts are made when they are first needed, so that a command pays only for what it uses.
"""

from __future__ import annotations

import os
from contextlib import closing, nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from scaffolder.errors import Conflict, InvalidInput, ScaffolderError, TryAgain
from scaffolder.gateways import git_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from scaffolder.app.away import Reader
    from scaffolder.app.check import Check
    from scaffolder.app.draft import Draft
    from scaffolder.app.dry_run import DryRun, Request
    from scaffolder.app.freshness import Freshness
    from scaffolder.app.golden_paths import GoldenPath
    from scaffolder.app.groups import Families
    from scaffolder.app.lending import Loan
    from scaffolder.app.owners import Answer
    from scaffolder.app.planned import Plan
    from scaffolder.app.repositories import Repositories
    from scaffolder.app.reservations import Reserved
    from scaffolder.app.review import Review
    from scaffolder.catalog import Catalog
    from scaffolder.catalog.entity import EntityRef
    from scaffolder.catalog.reading import Read
    from scaffolder.gateways.forge import Forge
    from scaffolder.gateways.git import Identity
    from scaffolder.gateways.git_credentials import Giver
    from scaffolder.gateways.github.forge import GitHubForge
    from scaffolder.gateways.github.limits import Clock, Watcher
    from scaffolder.gateways.github.server import Server
    from scaffolder.gateways.home import Home
    from scaffolder.settings import Forge as ForgeKind
    from scaffolder.settings import Settings
    from scaffolder.similar import Findings, Query, Thresholds
    from scaffolder.similar.encoder import Encoder
    from scaffolder.task.action import Action
    from scaffolder.task.bench import Listener
    from scaffolder.task.evaluate import Environment
    from scaffolder.task.journal import Journal, Row, Task
    from scaffolder.task.runner import Runner
    from scaffolder.task.taking_back import Left
    from scaffolder.template.elsewhere import Pin
    from scaffolder.template.manifest import Template
    from scaffolder.template.source import Resolved, TemplateSource
    from scaffolder.template.user_config import UserConfig
    from scaffolder.tree import Tree

HOME_ORGANISATION = "local"


class DraftIncomplete(InvalidInput):
    """Something that every service needs is not known yet."""


class ExistsAlready(Conflict):
    """Something does this already, and no reason was given to build it anyway."""


class SecretsMissing(InvalidInput):
    """A task that was cut short needs its secrets again."""


def _silent(_event: object) -> None:
    """Listen to nothing."""


class Waiting(NamedTuple):
    """How GitHub is waited for: who is told each second how long it still takes, and by which clock; the world's."""

    watcher: Watcher = _silent
    clock: Clock | None = None


WORLD = Waiting()


class Scaffolder:
    """
    Everything a person can do.

    `listener` is told what a running task does; `on_write` each time after its journal has been written; `warn` what
    the person should know although it stops nothing; `waiting` says how GitHub is waited for.
    """

    def __init__(
        self,
        settings: Settings,
        home: Home,
        *,
        listener: Listener = _silent,
        on_write: Callable[[str], None] = _silent,
        warn: Callable[[str], None] = _silent,
        waiting: Waiting = WORLD,
    ) -> None:
        self.settings = settings
        self.home = home
        self.listener = listener
        self._on_write = on_write
        self._warn = warn
        self._waiting = waiting
        self._prepared: dict[TemplateSource, Resolved] = {}
        git_credentials.offer(self.token_for_git)

    # -- parts

    def close(self) -> None:
        """Let go of the databases that were used, so that SQLite puts each back into one file."""
        opened = vars(self)
        for part in ("catalog", "journal"):
            if part in opened:
                opened[part].close()
        for part in ("github", "repositories"):
            if part in opened:
                opened[part].client.close()

    @cached_property
    def catalog(self) -> Catalog:
        """What exists and who owns it. Locations that the settings name are taken in when they are not there yet."""
        from scaffolder.app import registering
        from scaffolder.catalog import Catalog

        told = self.settings.registration == "backstage"
        shared = registering.is_shared(self.settings)
        catalog = Catalog(
            self.home.data / "catalog.db",
            cache=self.home.cache / "git",
            repository=(lambda: registering.repository(self)) if shared else None,
            backstage=(lambda: registering.backstage(self)) if told else None,
            github=lambda: self.github.client,
        )
        if self.settings.catalog_targets and not self.settings.profile:  # what was joined is read by joining
            self._take_in(catalog)
        return catalog

    def _take_in(self, catalog: Catalog) -> None:
        """Take in what is new in the settings. What cannot be read keeps nobody from what can."""
        known = {location.target for location in catalog.locations()}
        left_out = []
        for target in self.settings.catalog_targets:
            if target not in known:
                try:
                    catalog.add(target)
                except (InvalidInput, TryAgain) as error:
                    left_out.append(error.message)
        if left_out:
            more = f", and {len(left_out) - 1} more" if left_out[1:] else ""
            self._warn(f"{self.settings.label}: {left_out[0]}{more}; left out (see scaffolder doctor)")

    def freshness(self) -> Freshness | None:
        """Return how old the company's catalog is; None where there is no company."""
        if not self.settings.profile and not self.settings.catalog_repository:
            return None
        from scaffolder.app.freshness import freshness

        return freshness(self, datetime.now(UTC))

    def refresh_meanwhile(self) -> bool:
        """Begin to read the company's catalog again, beside this process; nobody waits for it."""
        from scaffolder.app.freshness import begin

        return begin(self)

    @cached_property
    def forge(self) -> Forge:
        """Where repositories are made."""
        return self.forge_of(self.settings.forge)

    def forge_of(self, kind: ForgeKind) -> Forge:
        """Return the forge of that kind, whatever the settings name."""
        if kind == "github":
            return self.github
        from scaffolder.gateways.local_forge import LocalForge

        return LocalForge(self.settings.forge_root or self.home.data / "forge")

    @cached_property
    def github(self) -> GitHubForge:
        """The GitHub that the settings name, else the one that the environment speaks of; nothing is asked yet."""
        from scaffolder import credentials
        from scaffolder.gateways.github.client import Client
        from scaffolder.gateways.github.forge import GitHubForge
        from scaffolder.gateways.github.limits import Clock

        server = credentials.of_settings(self.settings.github, os.environ)
        git_credentials.expect(git_credentials.origin_of(server.web))
        watcher, clock = self._waiting
        return GitHubForge(Client(server, self._token_of(server), clock or Clock(), watcher))

    @cached_property
    def repositories(self) -> Repositories:
        """What that GitHub says at once of repositories, while somebody answers questions about them."""
        from scaffolder.app.repositories import Repositories

        return Repositories.quickly(self.github.client)

    def load_meanwhile(self, forge: str = "") -> None:
        """Make ready what asks the forge, while something else is done."""
        if (forge or self.settings.forge) == "github":
            from scaffolder.gateways.github.transport import load_meanwhile

            load_meanwhile()

    def token_for_git(self, origin: str) -> Giver | None:
        """Return what gives the token for a GitHub at an origin, None where no GitHub that we know is there."""
        from scaffolder import credentials

        server = credentials.server_at(origin, self.settings.github, os.environ)
        return credentials.or_nothing(self._token_of(server)) if server else None

    def token_for(self, host: str) -> str:
        """Return the person's token for a host, '' where there is none."""
        from scaffolder import credentials

        return credentials.or_nothing(
            self._token_of(credentials.of_settings(self.settings.github, os.environ, host=host))
        )()

    @cached_property
    def _token_of(self) -> Callable[[Server], Callable[[], str]]:
        """What gives the token for a GitHub: looked for once, whoever asks."""
        from scaffolder import credentials

        owner, (watcher, clock) = self.settings.repository_owner, self._waiting
        return cache(lambda server: credentials.tokens(server, os.environ, owner=owner, clock=clock, watcher=watcher))

    @cached_property
    def journal(self) -> Journal:
        """What tasks are to do and have done."""
        from scaffolder.task.journal import Journal

        return Journal(self.home.state / "tasks.db", on_write=self._on_write)

    @cached_property
    def actions(self) -> Mapping[str, Action]:
        """Every action that a step may name."""
        from scaffolder import plugins

        return plugins.Actions()

    @cached_property
    def runner(self) -> Runner:
        """Runs tasks."""
        from scaffolder.task.runner import Runner

        return Runner(
            self.journal,
            self._tasks_root,
            actions=self.actions,
            forge=self._forge_of_task,
            catalog=self.catalog,
            listener=self.listener,
            elsewhere=self.elsewhere,
            environment=self.environment,
        )

    def _forge_of_task(self, task: Task) -> Forge:
        """Return where a task's repository is; refuse when the settings lead elsewhere than when it was begun."""
        from scaffolder.app.whereabouts import require_same

        forge = self.forge_of(task.draft.get("forge") or "local")
        require_same(task, forge, self.catalog)
        return forge

    @property
    def _tasks_root(self) -> Path:
        return self.home.state / "tasks"

    # -- who

    @cached_property
    def identity(self) -> Identity | None:
        """Who git says the person is."""
        from scaffolder.gateways import git

        git.require()
        return git.identity()

    def person(self) -> dict[str, Any]:
        """Return the catalog's User whose e-mail address is the person's, as templates see it: {"ref", "entity"}."""
        if self.identity is None:
            return {}
        found = self.catalog.user_by_email(self.identity.email)
        return {"ref": str(found.ref), "entity": dict(found.document)} if found else {}

    def teams_of_person(self) -> list[str]:
        """Return the groups the person belongs to, by the catalog."""
        entity = self.person().get("entity", {})
        groups = entity.get("spec", {}).get("memberOf") or []
        return [str(_entity(group, "group")) for group in groups]

    # -- templates

    def golden_paths(self, purpose: str = "") -> list[GoldenPath]:
        """Return every golden path, the best fit for a purpose first."""
        from scaffolder.app import golden_paths

        known = golden_paths.references(self.settings, self.catalog)
        return golden_paths.listed(
            known, lambda name: self._resolved(name, "", "", known), tasks=self.journal.tasks(), purpose=purpose
        )

    def template(
        self, reference: str, *, ref: str = "", directory: str = "", trust: str | None = None
    ) -> tuple[Resolved, Template]:
        """
        Return the template of that name, directory or URL, resolved to one version.

        With `trust`, what a draft says of the template's own code, it is ready for its questions: a hook that wants to
        be run before them was run, if it may.

        Raises:
            TrustNeeded: With `trust`, when it brings code and nobody has said what becomes of it.
        """
        from scaffolder.app import golden_paths
        from scaffolder.template import manifest

        resolved = self._resolved(reference, ref, directory, golden_paths.references(self.settings, self.catalog))
        own = self.cookiecutter.defaults if resolved.manifest == manifest.COOKIECUTTER_FILE else manifest.NO_DEFAULTS
        template = manifest.load(resolved, defaults=own)
        word = self.settled_trust(resolved, template, trust) if trust is not None else ""
        if not word:
            return resolved, template
        from scaffolder.template.trust import Allowed

        allowed = Allowed.of(word)
        resolved = self._after_pre_prompt(resolved) if allowed.hooks else resolved
        return resolved, manifest.load(resolved, defaults=own, allowed=allowed)

    def settled_trust(self, resolved: Resolved, template: Template, trust: str) -> str:
        """
        Return what becomes of a template's own code, where a draft says `trust` of it; '' when it brings none.

        Raises:
            TrustNeeded: Nobody has said.
        """
        from scaffolder.app.trust import settled, trusted_sources

        return settled(resolved, template, trust, trusted=lambda: trusted_sources(self.settings))

    def _after_pre_prompt(self, resolved: Resolved) -> Resolved:
        """Run the hook that comes before the questions: once, however often the template is asked for."""
        from scaffolder.app.trust import after_pre_prompt

        if resolved.source not in self._prepared:
            self._prepared[resolved.source] = after_pre_prompt(resolved, self._warn)
        return self._prepared[resolved.source]

    @cached_property
    def cookiecutter(self) -> UserConfig:
        """What the person has set for cookiecutter."""
        from scaffolder.template import user_config

        return user_config.read()

    def answered_before(self, template: Template, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return what cookiecutter, or git, knows of a person's answers; what follows from others is none of it."""
        if template.dialect != "cookiecutter":
            return {}
        from scaffolder.template import user_config
        from scaffolder.template.cookiecutter import description

        person = self.identity
        by_git = user_config.of_identity(person.name, person.email) if person else {}
        known = {name: value for name, value in by_git.items() if name not in self.cookiecutter.defaults}
        found = known | self.cookiecutter.answered(description.taken(template, answers))
        return {name: value for name, value in found.items() if not description.is_computed(template, name)}

    def _resolved(self, reference: str, ref: str, directory: str, known: Mapping[str, str]) -> Resolved:
        from scaffolder.app import golden_paths

        return golden_paths.resolved(
            golden_paths.meant(reference, known, lambda: self.cookiecutter),
            ref=ref,
            directory=directory,
            settings=self.settings,
            known=known,
            reader=self._reader,
        )

    @cached_property
    def _reader(self) -> Reader:
        from scaffolder.app.away import Reader

        return Reader(self.home.cache / "git", self._warn)

    def elsewhere(self, url: str, pin: Pin | None = None) -> tuple[Tree, Pin]:
        """Return the files of a repository elsewhere, and what an address of a browser names in it."""
        from scaffolder.template import elsewhere

        return elsewhere.read(url, cache=self.home.cache / "git", pin=pin)

    def user(self, ref: str) -> dict[str, Any]:
        """Return a user as templates see one: {"ref"}, and the "entity" if the catalog has it."""
        found = _entity(ref, "user")
        entity = self.catalog.get(found)
        return {"ref": str(found), **({"entity": dict(entity.document)} if entity else {})}

    @property
    def environment(self) -> Environment:
        """What the settings give to every template."""
        from scaffolder.task.evaluate import Environment

        return Environment(**self.settings.environment)

    def dry_run(self, resolved: Resolved, template: Template, request: Request) -> DryRun:
        """
        Try a template of steps out in a directory; nothing happens elsewhere.

        Raises:
            OutputTaken: There is something in the directory.
            ValuesRefused: The values do not fit.
        """
        from scaffolder.app import dry_run

        return dry_run.dry_run(self, resolved, template, request)

    # -- similar services

    @cached_property
    def encoder(self) -> Encoder:
        """What turns texts into vectors."""
        from scaffolder import plugins

        return plugins.encoder()

    def similar(self, query: Query, *, limit: int = 5, without: str = "") -> Findings:
        """Return what may already do this; `without` is the key of a ref to leave out."""
        from scaffolder.similar import find_similar

        return find_similar(
            self.catalog, query, limit=limit, without=without, encoder=self.encoder, thresholds=self._thresholds
        )

    @property
    def _thresholds(self) -> Thresholds:
        from scaffolder.similar import Thresholds

        return Thresholds(self.settings.exists_from / 100, self.settings.close_from / 100)

    def compare_all(self, progress: Callable[[int, int], None] = lambda _done, _total: None) -> None:
        """
        Make ready what is compared of every entity; what is done stays done when this is interrupted.

        Where nothing can be written it is left as it is, and findings say how much they have not seen.
        """
        _compare_all(self.catalog, self.encoder, progress)

    def compare_meanwhile(self) -> None:
        """Make it ready while a person is still typing; what is not done when the process ends is done next time."""
        from threading import Thread

        from scaffolder.catalog import Catalog

        catalog, encoder = Catalog(self.catalog.path), self.encoder

        def work() -> None:
            # what goes wrong here is told when the question is asked, not across what the person is typing
            with closing(catalog), suppress(ScaffolderError):
                _compare_all(catalog, encoder, lambda _done, _total: None)

        Thread(target=work, daemon=True).start()

    def review(
        self,
        here: Path,
        *,
        revision: str,
        paths: Sequence[str] = (),
        limit: int = 5,
        progress: Callable[[int, int], None] = lambda _number, _total: None,
    ) -> Review:
        """
        Compare what a checkout adds since it left `revision` with what there is.

        Raises:
            InvalidInput: It is no checkout, there is no such revision, or a path is not there.
        """
        from scaffolder.app.review import review

        return review(
            self.catalog,
            here,
            revision=revision,
            paths=paths,
            limit=limit,
            encoder=self.encoder,
            thresholds=self._thresholds,
            progress=progress,
        )

    def check(
        self, here: Path, *, base: str = "", progress: Callable[[int, int], None] = lambda _number, _total: None
    ) -> Check:
        """
        Check the clone of a catalog repository around a directory; with `base`, also review what is new since.

        `progress` is told how much has come, of how much: files of other repositories, then entities to compare.

        Raises:
            InvalidInput: It is no clone, it describes nothing, or there is no such revision.
        """
        from scaffolder.app.check import check
        from scaffolder.app.review import review
        from scaffolder.gateways.git_checkout import Checkout

        def reviewed(whole: Read) -> Review:
            return review(
                self.catalog,
                here,
                revision=base,
                whole=whole,
                encoder=self.encoder,
                thresholds=self._thresholds,
                progress=progress,
            )

        if base:
            Checkout.around(here).common_ancestor(base)  # a slip is told before thousands of repositories are read
        return check(
            here,
            cache=self.home.cache / "git",
            reservation_days=self.settings.reservation_days,
            review=reviewed if base else None,
            progress=progress,
        )

    def owners(self, text: str, here: Path) -> Answer:
        """
        Return whose something is that somebody in the directory `here` asks for: a ref, a path, an address, words.

        Raises:
            InvalidInput: It means nothing.
        """
        from scaffolder.app.owners import owners

        return owners(self.catalog, text, here)

    def groups(
        self,
        *,
        kind: str = "",
        owner: str = "",
        limit: int | None = None,
        progress: Callable[[int, int], None] = lambda _number, _total: None,
    ) -> Families:
        """Return the families of near-duplicates in the catalog: of a kind, or with a member that somebody owns."""
        from scaffolder.app.groups import find

        whose = _entity(owner, "group") if owner else None
        return find(self.catalog, self.encoder, kind=kind, owner=whose, limit=limit, progress=progress)

    def record_choice(self, choice: str, draft: Draft, findings: Findings, **facts: str) -> None:
        """Keep what the person did about similar services: used, contributed, extended, built, changed or gave up."""
        self.catalog.record(
            {
                "at": datetime.now(UTC).isoformat(),
                "choice": choice,
                "name": draft.name,
                "purpose": draft.purpose,
                "verdict": findings.verdict,
                "matches": [str(match.ref) for match in findings.matches],
                "reason": draft.why,
                **facts,
            }
        )

    # -- a new service

    def check_name(self, name: str) -> str:
        """Return what is wrong with a name, '' when it can be taken: by the catalog's rules, the forge's, or taken."""
        if problem := _wrong_with(name):
            return problem
        try:
            self.forge.check_name(f"{self.settings.repository_owner or HOME_ORGANISATION}/{name}")
            self.catalog.require_free([_entity(name, "component")])
        except ScaffolderError as error:
            return error.message
        return ""

    def repository_for(self, name: str, *, forge: str = "") -> str:
        """Return OWNER/NAME for a service of that name; on GitHub, who names no owner is the owner."""
        owner = self.settings.owner
        if not owner and (forge or self.settings.forge) == "github":
            owner = self.github.accounts.me().login
        return f"{owner or HOME_ORGANISATION}/{name}"

    def completed(self, draft: Draft) -> Draft:
        """Return the draft with everything filled in that need not be asked."""
        forge = draft.forge or self.settings.forge
        return replace(
            draft,
            owner=_whole(draft.owner, "group"),
            system=_whole(draft.system, "system"),
            extends=_whole(draft.extends, "component"),
            forge=forge,
            host=self.github.name if forge == "github" else "",
            repository=draft.repository or self.repository_for(draft.name, forge=draft.forge),
            visibility=draft.visibility or self.settings.visibility,
            branch=draft.branch or self.settings.default_branch,
            directory=str(Path(draft.directory or Path(draft.output_dir, draft.name)).absolute()),
        )

    def plan(self, draft: Draft, *, even_if_it_exists: bool = False) -> Plan:
        """
        Check everything that could fail later; nothing is written.

        Raises:
            ExistsAlready: Something does this already and the draft gives no reason, unless `even_if_it_exists`.
            ScaffolderError: The first thing that is wrong.
        """
        _require(draft)
        draft = self.completed(draft)
        if problem := _wrong_with(draft.name):
            raise InvalidInput(f"{draft.name!r} cannot be the name: {problem}", hint="choose another: --name NAME")
        self.catalog.require_free([_entity(draft.name, "component")])
        with self._looking(draft.query()) as look:
            self.load_meanwhile(draft.forge)

            def findings() -> Findings:
                found = look()
                if found.verdict == "exists" and not draft.why and not even_if_it_exists:
                    raise _exists(found)
                return found

            return self._planned(draft, findings)

    def _looking(self, query: Query) -> AbstractContextManager[Callable[[], Findings]]:
        """Begin to look for what is similar: beside this process, unless the encoder is loaded here already."""
        if "encoder" in vars(self):
            return nullcontext(lambda: self.similar(query))
        from scaffolder.app.beside import looking

        return looking(self.catalog.path, query, self._thresholds, lambda: self.similar(query))

    def _planned(self, draft: Draft, findings: Callable[[], Findings]) -> Plan:
        from scaffolder.app import asking, births, lending

        where = {"ref": draft.template_ref, "directory": draft.template_directory}
        resolved, template = self.template(draft.template, **where)
        if trust := self.settled_trust(resolved, template, draft.trust):
            draft = replace(draft, trust=trust)
            resolved, template = self.template(draft.template, **where, trust=trust)
        forge = self.forge_of(cast("ForgeKind", draft.forge))
        settings, person = self.settings, self.person()
        parts = asking.Parts(
            self.catalog,
            forge,
            self.actions,
            self.identity,
            person,
            settings.publish,
            elsewhere=self.elsewhere,
            environment=self.environment,
            lender=lending.lender(self, draft, resolved),
        )
        return births.make_plan(draft, template, resolved, findings=findings, parts=parts)

    def loans(self, draft: Draft, resolved: Resolved, template: Template) -> list[Loan]:
        """Return the person's tokens that the template's steps want, and that they have to decide about."""
        from scaffolder.app import lending
        from scaffolder.app.values import values_so_far

        if not any(lending.asking(template)):
            return []
        lender = lending.lender(self, draft, resolved)
        _, wanted = lending.loans(template, draft, values_so_far(template, draft), actions=self.actions, lender=lender)
        return lending.to_ask(wanted, draft, lender)

    def run(self, plan: Plan) -> Task:
        """
        Do what was planned.

        Raises:
            Stopped: Something stands already; the task can be resumed or rolled back.
            ScaffolderError: It failed, and nothing is left.
        """
        return self.runner.start(plan.task, plan.template, plan.secrets)

    # -- drafts

    @property
    def _draft_file(self) -> Path:
        return self.home.state / "draft.json"

    def save_draft(self, draft: Draft) -> None:
        """Keep the answers for `new --continue`."""
        from scaffolder.app import draft as drafts

        drafts.save(draft, self._draft_file)

    def draft(self) -> Draft | None:
        """Return the answers that were kept."""
        from scaffolder.app import draft as drafts

        return drafts.load(self._draft_file)

    def discard_draft(self) -> None:
        """Forget the answers."""
        self._draft_file.unlink(missing_ok=True)

    # -- names

    def reservations(self) -> list[Reserved]:
        """Return the names that are reserved, on this machine or in the catalog repository; oldest first."""
        from scaffolder.app.reservations import reservations

        return reservations(self)

    def give_back(self, ref: str, *, force: bool = False) -> Reserved:
        """
        Give a reserved name back.

        Raises:
            NotReserved: It is not reserved.
            Conflict: It is somebody else's and not old, unless `force`; or a process needs it right now.
        """
        from scaffolder.app.reservations import give_back

        return give_back(self, ref, force=force)

    # -- tasks

    def tasks(self) -> list[Task]:
        """Return every task, newest first."""
        return self.journal.tasks()

    def task(self, task_id: str) -> tuple[Task, list[Row]]:
        """Return a task and its rows."""
        task = self.journal.task(task_id)
        return task, self.journal.rows(task.id)

    def logged(self, task_id: str) -> list[tuple[datetime, str, str]]:
        """Return time, step and text of every line that a task has logged."""
        return self.journal.logged(task_id)

    def resume(self, task_id: str, *, secrets: Mapping[str, str] | None = None) -> Task:
        """Go on with a task where it stopped."""
        from scaffolder.template.source import Resolved

        task = self.journal.task(task_id)
        return self.runner.resume(task.id, Resolved.load, lambda: self._secrets(task, secrets or {}))

    def rollback(self, task_id: str, *, secrets: Mapping[str, str] | None = None) -> list[Left]:
        """Take back what a task made; return what had to be left, and why."""
        task = self.journal.task(task_id)
        return self.runner.rollback(task.id, self._secrets(task, secrets or {}, needed=False))

    def _secrets(self, task: Task, given: Mapping[str, str], *, needed: bool = True) -> dict[str, str]:
        """Return the task's secrets, from the person or the environment; a token that it was lent is found again."""
        from scaffolder.app.lending import TOKENS, given_secret, secret_variable

        hosts = task.draft.get(TOKENS, {})
        found = {name: given.get(name) or given_secret(name) for name in task.secrets}
        found |= {name: self.token_for(hosts[name]) for name, value in found.items() if not value and name in hosts}
        missing = [name for name, value in found.items() if not value]
        if missing and needed:
            raise SecretsMissing(
                f"task {task.id} needs {', '.join(missing)} again: secrets are not stored",
                hint="give it as " + ", ".join(f"{secret_variable(name)}=…" for name in missing),
            )
        return found


def _compare_all(catalog: Catalog, encoder: Encoder, progress: Callable[[int, int], None]) -> None:
    from scaffolder.gateways.sqlite import DatabaseRefused, Locked
    from scaffolder.similar.index import index_of

    with suppress(DatabaseRefused, Locked):
        index_of(catalog, encoder).update(progress)


def _whole(text: str, kind: str) -> str:
    return str(_entity(text, kind)) if text else ""


def _entity(text: str, kind: str) -> EntityRef:
    """Return which entity is meant: of that kind, unless the text names another."""
    from scaffolder.catalog.entity import EntityRef

    return EntityRef.parse(text, default_kind=kind)


def _wrong_with(name: str) -> str:
    from scaffolder.catalog.entity import check_name

    return check_name(name)


def _require(draft: Draft) -> None:
    options = {"purpose": "--purpose TEXT", "name": "--name NAME", "owner": "--owner REF", "template": "TEMPLATE"}
    missing = {what: option for what, option in options.items() if not getattr(draft, what).strip()}
    if missing:
        raise DraftIncomplete(
            f"a service needs {', '.join(missing)}", hint=f"scaffolder new {' '.join(missing.values())} …"
        )


def _exists(findings: Findings) -> ExistsAlready:
    lines = tuple(
        f"{match.ref}, owned by {match.owner or 'nobody'}"
        + (f": mentions {', '.join(match.matched)}" if match.matched else "")
        for match in findings.matches
    )
    return ExistsAlready(
        "this exists already",
        hint='use it, or say why not: --reason "different data: …"',
        details=lines,
    )
