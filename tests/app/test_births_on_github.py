"""A service is born on GitHub: what is set up there, what is told before, and how it is taken back."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from scaffolder.app import Scaffolder, Waiting
from scaffolder.app.draft import Draft
from scaffolder.app.whereabouts import ElsewhereNow
from scaffolder.errors import Conflict, InvalidInput, ScaffolderError, Stopped, TryAgain
from scaffolder.gateways.git_command import git
from scaffolder.gateways.github.limits import Clock
from scaffolder.gateways.github.server import Server
from scaffolder.gateways.home import Home
from scaffolder.settings import Settings
from scaffolder.task.journal import TaskStatus
from tests.github.description import where_there_is_one
from tests.github.faults import Trouble
from tests.github.server import GitHub, serving
from tests.task.births import HEAD, SIMPLE, SKELETON, TEAM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scaffolder.task.journal import Task
    from scaffolder.task.taking_back import Left

PUBLISHED = """\
    - id: publish
      action: publish:github
      input:
        repoUrl: ${{ parameters.repoUrl }}
"""
PAIR = """\
    - {id: make, action: "github:repo:create", input: {repoUrl: "${{ parameters.repoUrl }}", topics: [mail]}}
    - id: known
      action: fetch:template
      input: {url: ./plain, values: {name: "${{ steps.make.output.remoteUrl }}"}}
    - {id: push, action: "github:repo:push", input: {repoUrl: "${{ parameters.repoUrl }}"}}
    - {id: say, action: "debug:log", input: {message: "${{ steps.push.output.remoteUrl }}"}}
"""


@dataclass
class Desk:
    """Somebody who makes services on a GitHub, by a clock that stands still but for those who wait."""

    github: GitHub
    root: Path
    settings: Settings
    now: float = 1_700_000_000.0
    said: list[str] = field(default_factory=list)

    def template(self, steps: str) -> None:
        for path, text in {"template.yaml": HEAD + SIMPLE + steps, **SKELETON}.items():
            place = self.root / "template" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)

    def program(self) -> Scaffolder:
        clock = Clock(lambda: self.now, self._sleep)
        heard = lambda event: self.said.append(event.text or event.step.name)  # noqa: E731
        return Scaffolder(self.settings, Home.of_user(), waiting=Waiting(clock=clock), listener=heard)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def draft(self, **facts: Any) -> Draft:
        own = {"purpose": "Sells what others make", "name": "shop", "owner": "parcels"}
        places = {"template": str(self.root / "template"), "directory": str(self.root / "shop")}
        return Draft(**{**own, **places, **facts})

    def plan(self, **facts: Any) -> Any:
        with closing(self.program()) as program:
            return program.plan(self.draft(**facts))

    def make(self, **facts: Any) -> Task:
        with closing(self.program()) as program:
            return program.run(program.plan(self.draft(**facts)))

    def resume(self) -> Task:
        with closing(self.program()) as program:
            return program.resume(self.task().id)

    def rollback(self) -> list[Left]:
        with closing(self.program()) as program:
            return program.rollback(self.task().id)

    def task(self) -> Task:
        with closing(self.program()) as program:
            return program.tasks()[0]

    def asked(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.github.requests if not one.git]

    def publish(self, **wishes: Any) -> None:
        self.settings = replace(self.settings, publish=wishes)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with serving(tmp_path / "github", description=where_there_is_one()) as github:
        monkeypatch.setenv("GITHUB_TOKEN", github.add_user("mona"))
        github.add_organization("acme", members={"mona": "admin", "hubot": "member"})
        github.add_team("acme", "parcels", members=["mona"])
        server = Server.of(api_base_url=github.api_url)
        desk = Desk(github, tmp_path, Settings(forge="github", repository_owner="acme", github=(server,)))
        (tmp_path / "team.yaml").write_text(TEAM)
        with closing(desk.program()) as program:
            program.catalog.add(str(tmp_path / "team.yaml"))
        desk.template("")
        yield desk


# -- made


def test_a_template_that_publishes_nothing_is_born_with_six_requests(desk: Desk) -> None:
    assert desk.make().status is TaskStatus.COMPLETED

    there = desk.github.repository("acme/shop")
    assert (there.visibility, there.default_branch, there.settings["homepage"]) == ("private", "main", "")
    assert desk.asked() == [
        *("GET /user", "GET /orgs/acme", "GET /user/memberships/orgs/acme", "GET /repos/acme/shop"),
        *("POST /orgs/acme/repos", "PATCH /repos/acme/shop"),
    ]
    assert (desk.root / "shop" / "README.md").is_file()


def test_what_the_settings_say_is_set_up(desk: Desk) -> None:
    desk.publish(
        topics=["mail"],
        collaborators=[{"team": "parcels", "access": "push"}],
        hasWiki=False,
        repoVariables={"REGION": "eu"},
        environments=["production"],
        protectDefaultBranch=True,
        requiredApprovingReviewCount=2,
    )

    desk.make()

    there = desk.github.repository("acme/shop")
    assert there.topics == ["mail"]
    assert dict(there.teams) == {"parcels": "write"}
    assert there.settings["has_wiki"] is False
    assert there.variables["REGION"]["value"] == "eu"
    assert list(there.environments) == ["production"]
    assert list(there.protections) == ["main"]


def test_what_is_set_up_is_not_told_as_the_templates_own_doing_too(desk: Desk) -> None:
    desk.publish(topics=["mail"], hasWiki=False, protectDefaultBranch=True)

    assert desk.plan().preview.outside == []


def test_what_the_template_says_lies_over_it(desk: Desk) -> None:
    desk.publish(topics=["mail"], hasWiki=False, allowAutoMerge=True)
    desk.template(PUBLISHED + '        topics: ["${{ parameters.note }}"]\n        hasWiki: true\n')

    desk.make()

    there = desk.github.repository("acme/shop")
    assert there.topics == ["plain"]
    assert (there.settings["has_wiki"], there.settings["allow_auto_merge"]) == (True, True)


def test_what_comes_to_nothing_is_not_asked_for(desk: Desk) -> None:
    desk.template(PUBLISHED + "        topics: ${{ parameters.nothing }}\n        protectDefaultBranch: false\n")

    desk.make()

    assert desk.asked()[-2:] == ["POST /orgs/acme/repos", "PATCH /repos/acme/shop"]


@pytest.mark.parametrize(("said", "protected"), [("", True), ("true", True), ("${{ false }}", False)])
def test_a_template_that_publishes_protects_the_default_branch(desk: Desk, said: str, *, protected: bool) -> None:
    desk.template(PUBLISHED + (f"        protectDefaultBranch: {said}\n" if said else ""))

    desk.make()

    assert bool(desk.github.repository("acme/shop").protections) is protected


def test_where_the_plan_has_no_protection_what_nobody_asked_for_is_left_out(desk: Desk) -> None:
    desk.github.state.organizations["acme"].plan = "free"
    desk.template(PUBLISHED)

    assert "the plan of acme (Free) does not protect branches of private repositories: that is left out" in (
        desk.plan().warnings
    )
    assert desk.make().status is TaskStatus.COMPLETED
    assert any(text.startswith("left out: ") for text in desk.said)


def test_where_the_plan_has_no_protection_what_was_asked_for_is_refused_before(desk: Desk) -> None:
    desk.github.state.organizations["acme"].plan = "free"
    desk.publish(protectDefaultBranch=True)

    with pytest.raises(ScaffolderError, match="Free"):
        desk.plan()


def test_a_secret_is_set_and_not_kept(desk: Desk) -> None:
    desk.template(PUBLISHED + '        secrets: {DEPLOY: "${{ secrets.token }}"}\n')

    desk.make(secrets={"token": "s3cr3t-s3cr3t"})

    assert list(desk.github.repository("acme/shop").secrets) == ["DEPLOY"]
    journal = Home.of_user().state / "tasks.db"
    assert b"s3cr3t-s3cr3t" not in journal.read_bytes()


def test_a_template_is_told_the_host_of_the_github_that_is_used(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://git.acme.example")  # whose token it is
    desk.settings = replace(desk.settings, github=(Server.of("git.acme.example", desk.github.api_url),))
    issue = "    - {id: issue, action: 'github:issues:create', input: {repoUrl: '${{ parameters.note }}', title: x}}\n"
    desk.template(PUBLISHED + issue)
    written = desk.root / "template" / "template.yaml"
    written.write_text(written.read_text().replace("default: plain", "ui:field: RepoUrlPicker"))

    desk.make()

    assert [one.title for one in desk.github.repository("acme/shop").issues.values()] == ["x"]


def test_creating_and_pushing_may_be_two_steps(desk: Desk) -> None:
    desk.template(PAIR)

    desk.make()

    there = desk.github.repository("acme/shop")
    assert there.topics == ["mail"]
    assert there.files()["data.txt"] == f"as it is {desk.github.clone_url('acme/shop')}\n".encode()
    assert f"{desk.github.clone_url('acme/shop')}" in desk.said


def test_one_forge_may_be_chosen_for_one_service(desk: Desk) -> None:
    desk.make(forge="local", repository="local/shop")

    assert desk.github.names() == []
    assert desk.asked() == []


def test_a_directory_may_be_published_with_a_message_of_its_own(desk: Desk) -> None:
    fetch = '    - {id: inner, action: "fetch:plain", input: {url: ./plain, targetPath: "out/er"}}\n'
    said = "        sourcePath: ./out/er\n        gitCommitMessage: Begin ${{ parameters.name }}, at last\n"
    desk.template(fetch + PUBLISHED + said)

    desk.make()

    there = desk.github.repository("acme/shop")
    assert "data.txt" in there.files()
    assert not [path for path in there.files() if path.startswith(("out/", "src/"))]
    log = git("log", "-1", "--format=%s", "refs/heads/main", cwd=desk.root / "shop")
    assert log.decode().strip() == "Begin shop, at last"


def test_a_directory_that_is_published_must_be_made(desk: Desk) -> None:
    desk.template(PUBLISHED + "        sourcePath: out\n")

    with pytest.raises(InvalidInput, match="the template publishes its directory out, and makes none"):
        desk.plan()


# -- told before


def test_the_plan_says_what_github_will_be_asked(desk: Desk) -> None:
    desk.publish(topics=["mail"], collaborators=[{"team": "parcels", "access": "push"}])

    plan = desk.plan()

    assert plan.requests == 4
    assert plan.repository.page == f"{desk.github.url}/acme/shop"
    assert {one.method for one in desk.github.requests} == {"GET"}


def test_what_the_local_forge_has_not_is_named(desk: Desk) -> None:
    desk.publish(hasWiki=False)
    desk.template(PUBLISHED + "        topics: [mail]\n")

    plan = desk.plan(forge="local", repository="local/shop")

    assert "the local forge has none of this, and it is left out: hasWiki, topics" in plan.warnings


def test_inputs_that_mean_nothing_are_named(desk: Desk) -> None:
    desk.template(PUBLISHED + "        allowedHosts: [github.com]\n")

    assert "the template's publishing step says what is not used here: allowedHosts" in desk.plan().warnings


def test_a_name_that_is_taken_is_a_conflict(desk: Desk) -> None:
    desk.github.add_repository("acme/Shop", files={"README.md": b"theirs"}, by="mona")

    with pytest.raises(Conflict, match="acme/Shop already exists on"):
        desk.plan()


def test_everything_that_stands_in_the_way_is_told_at_once(desk: Desk) -> None:
    desk.publish(collaborators=[{"team": "nobody", "access": "push"}, {"user": "ghost", "access": "push"}])

    with pytest.raises(InvalidInput, match="acme has no team nobody") as caught:
        desk.plan()

    assert caught.value.details == ("github.com knows nobody called ghost",)


def test_a_step_can_be_skipped(desk: Desk) -> None:
    desk.publish(topics=["mail"], hasWiki=False)

    desk.make(skip=["publish-topics"])

    there = desk.github.repository("acme/shop")
    assert there.topics == []
    assert there.settings["has_wiki"] is False


@pytest.mark.parametrize("step", ["publish-topic", "publish-push", "scaffolder-reserve"])
def test_a_step_that_is_none_or_is_needed_cannot_be_skipped(desk: Desk, step: str) -> None:
    desk.publish(topics=["mail"])

    with pytest.raises(InvalidInput, match=f"there is no step {step} that could be skipped"):
        desk.plan(skip=[step])


# -- stopped


def test_a_limit_before_anything_is_begun_is_for_later(desk: Desk) -> None:
    desk.github.faults.add(Trouble.TOO_MANY, "GET", "/orgs/acme", times=9, retry_after=3600)

    with pytest.raises(TryAgain, match="takes no more requests before"):
        desk.make()


@pytest.mark.parametrize(
    ("verb", "path"), [("POST", "/orgs/acme/repos"), ("PUT", "/repos/acme/shop/topics"), ("PATCH", "/repos/acme/shop")]
)
def test_a_limit_after_that_stops_and_is_gone_on_with(desk: Desk, verb: str, path: str) -> None:
    desk.publish(topics=["mail"])
    fault = desk.github.faults.add(Trouble.TOO_MANY, verb, path, retry_after=3600)

    with pytest.raises(Stopped, match="takes no more requests before"):
        desk.make()
    assert fault.fired
    assert desk.task().status is TaskStatus.STOPPED

    assert desk.resume().status is TaskStatus.COMPLETED
    assert desk.github.names() == ["acme/shop"]


def test_what_is_refused_when_only_a_name_is_reserved_leaves_nothing(desk: Desk) -> None:
    desk.github.faults.add(Trouble.FORBIDDEN, "POST", "/orgs/acme/repos")

    with pytest.raises(ScaffolderError, match="is not allowed"):
        desk.make()

    assert desk.task().status is TaskStatus.FAILED
    assert desk.github.names() == []


@pytest.mark.parametrize("goes_on", ["resume", "rollback"])
def test_a_task_is_not_looked_for_on_another_github(desk: Desk, goes_on: str) -> None:
    desk.publish(topics=["mail"])
    desk.github.faults.add(Trouble.TOO_MANY, "PUT", "/repos/acme/shop/topics", retry_after=3600)
    with pytest.raises(Stopped):
        desk.make()
    here, asked = desk.settings, len(desk.github.requests)

    desk.settings = replace(here, github=(Server.of("git.acme.example"),))
    with pytest.raises(ElsewhereNow) as refused:
        getattr(desk, goes_on)()

    assert f"was begun for {desk.github.clone_url('acme/shop')}" in refused.value.message
    assert refused.value.message.endswith("lead to https://git.acme.example/acme/shop.git")
    assert (desk.task().status, len(desk.github.requests)) == (TaskStatus.STOPPED, asked)
    desk.settings = here
    getattr(desk, goes_on)()
    assert desk.github.names() == (["acme/shop"] if goes_on == "resume" else [])


# -- taken back


def test_a_repository_that_the_task_made_goes_as_a_whole(desk: Desk) -> None:
    desk.publish(topics=["mail"], protectDefaultBranch=True)
    desk.make()

    assert desk.rollback() == []

    assert desk.github.names() == []
    assert not (desk.root / "shop").exists()
    with closing(desk.program()) as program:
        assert [str(each.ref) for each in program.catalog.entities()] == ["group:default/parcels"]


def test_one_that_somebody_has_pushed_to_stays_as_it_is(desk: Desk) -> None:
    desk.publish(topics=["mail"])
    desk.make()
    there = desk.github.repository("acme/shop")
    desk.github.state.write(there, {"mine": b"mine"}, author=there.owner, message="Mine")

    left = desk.rollback()

    assert [one.reason for one in left] == [
        "the catalog entry stays: the repository acme/shop has been used since: refs/heads/main",
        "the repository acme/shop has been used since: refs/heads/main",
        "acme/shop keeps its topics",
    ]
    assert desk.github.names() == ["acme/shop"]


def test_where_the_token_may_not_delete_it_is_said(desk: Desk) -> None:
    desk.make()
    desk.github.faults.add(Trouble.FORBIDDEN, "DELETE", "/repos/acme/shop")

    (left,) = desk.rollback()

    assert left.reason.startswith("acme/shop could not be deleted: deleting acme/shop is not allowed")
    assert not desk.github.repository("acme/shop").archived
    assert desk.rollback() == []
    assert desk.github.names() == []


def test_an_empty_one_that_stood_before_stays_with_what_was_set_up(desk: Desk) -> None:
    desk.github.add_repository("acme/shop", by="mona")
    desk.publish(topics=["mail"])
    desk.make()

    assert [one.reason for one in desk.rollback()] == [
        "acme/shop keeps refs/heads/main: github.com does not let go of a default branch",
        "acme/shop keeps its topics",
    ]
