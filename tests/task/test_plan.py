"""What becomes of a template's steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scaffolder.task.plan import Birth, PlannedStep, plan_steps

BIRTH = Birth(
    reserve={"entities": ["component:default/shop"]},
    commit={"message": "${{ not.rendered }}"},
    create={"repository": "local/shop"},
    push={"repository": "local/shop"},
    register={"entity": "component:default/shop"},
    place={"directory": "/work/shop"},
)
PUBLISHED = ["repository:commit", "repository:create", "repository:push"]


def written(step_id: str, action: str, **more: object) -> PlannedStep:
    fields = {"name": step_id, "input": {}, "group": step_id, **more}
    return PlannedStep(id=step_id, action=action, **fields)  # type: ignore[arg-type]  # the fields each test is about


def actions(*steps: PlannedStep, publishing: str = "") -> list[str]:
    return [step.action for step in plan_steps(steps, BIRTH, publishing=publishing)]


def test_a_template_that_acts_nowhere_outside_gets_the_whole_birth() -> None:
    assert actions(written("render", "fetch:template")) == [
        "catalog:reserve",
        "fetch:template",
        *PUBLISHED,
        "catalog:register",
        "directory:place",
    ]


def test_publishing_is_split_into_its_effects_where_the_template_publishes() -> None:
    found = actions(
        written("render", "fetch:template"),
        written("out", "publish:github"),
        written("register", "catalog:register"),
        written("after", "debug:log"),
        publishing="out",
    )

    assert found == [
        "catalog:reserve",
        "fetch:template",
        *PUBLISHED,
        "catalog:register",
        "debug:log",
        "directory:place",
    ]


def test_the_publishing_steps_of_other_hosts_are_left_out() -> None:
    found = actions(written("a", "publish:gitlab"), written("b", "publish:github"), publishing="b")

    assert [action for action in found if action.startswith("publish:")] == []
    assert found.count("repository:push") == 1


def test_later_steps_find_what_was_published_under_the_templates_own_id() -> None:
    steps = plan_steps((written("out", "publish:github"),), BIRTH, publishing="out")

    assert {step.group for step in steps if step.action in PUBLISHED} == {"out"}
    place = steps[-1]
    assert dict(place.takes) == {"commit": "out.commitHash", "digest": "out.digest", "origin": "out.remoteUrl"}


def test_a_step_of_the_template_called_publish_keeps_its_output_to_itself() -> None:
    steps = plan_steps((written("publish", "debug:log"),), BIRTH, publishing="")

    assert [step.action for step in steps if step.group == "publish"] == ["debug:log"]


def test_no_condition_of_the_template_keeps_a_repository_out_of_the_catalog() -> None:
    step = written("register", "catalog:register", condition=(False,), each=([],))

    (register,) = [one for one in plan_steps((step,), BIRTH, publishing="") if one.action == "catalog:register"]

    assert register.condition == register.each == ()


def test_a_repository_is_registered_once_and_after_it_is_published() -> None:
    found = actions(
        written("a", "catalog:register"), written("b", "catalog:register"), written("out", "publish:github")
    )

    assert found == ["catalog:reserve", *PUBLISHED, "catalog:register", "directory:place"]


def test_of_a_registering_step_only_the_path_counts() -> None:
    given = {"catalogInfoPath": "/backstage/entry.yaml", "repoContentsUrl": "${{ steps.publish.output.url }}"}
    step = written("register", "catalog:register", input=given)

    (register,) = [one for one in plan_steps((step,), BIRTH, publishing="") if one.action == "catalog:register"]

    assert register.input == {"entity": "component:default/shop", "catalogInfoPath": "/backstage/entry.yaml"}


def test_the_inputs_of_our_own_steps_are_data() -> None:
    steps = plan_steps((written("render", "fetch:template"),), BIRTH, publishing="")

    assert [step.action for step in steps if not step.ours] == ["fetch:template"]
    assert len({step.id for step in steps}) == len(steps)


# -- what is set up in a repository


HOSTED = replace(
    BIRTH, create={"repository": "acme/shop", "branch": "main"}, host="github.com", publish={"topics": ["mail"]}
)


def hosted(value: dict[str, Any], birth: Birth = HOSTED) -> tuple[PlannedStep, ...]:
    return plan_steps((written("out", "publish:github", input=value),), birth, publishing="out")


def ids(steps: tuple[PlannedStep, ...]) -> list[str]:
    return [step.id for step in steps if step.id.startswith("out-")]


def test_what_is_asked_for_is_a_step_each_around_the_push() -> None:
    steps = hosted({"collaborators": [], "secrets": {}, "hasWiki": False, "repoUrl": "${{ parameters.repoUrl }}"})

    assert ids(steps) == [
        *("out-commit", "out-repository", "out-topics", "out-access", "out-secrets"),
        *("out-push", "out-settings", "out-protection"),
    ]


def test_a_forge_without_them_gets_none_of_these() -> None:
    steps = hosted({"topics": ["mail"]}, replace(HOSTED, host=""))

    assert ids(steps) == ["out-commit", "out-repository", "out-push"]


def test_the_templates_words_lie_over_the_settings_and_the_place_over_both() -> None:
    steps = {step.id: step for step in hosted({"topics": "${{ parameters.topics }}"})}

    topics = steps["out-topics"]
    assert topics.input == {"topics": "${{ parameters.topics }}"}
    assert topics.defaults == {"topics": ["mail"]}
    assert topics.fixed == {"repository": "acme/shop"}
    assert steps["out-protection"].fixed == {"repoUrl": "github.com?owner=acme&repo=shop", "branch": "main"}
    assert not topics.ours


@pytest.mark.parametrize(
    ("value", "settings", "condition", "optional"),
    [
        ({}, {}, (), True),
        ({"protectDefaultBranch": True}, {}, (), False),
        ({}, {"protectDefaultBranch": True}, (), False),
        ({"protectDefaultBranch": "${{ parameters.safe }}"}, {}, ("${{ parameters.safe }}",), False),
    ],
)
def test_the_default_branch_is_protected_unless_somebody_says_otherwise(
    value: dict[str, Any], settings: dict[str, Any], condition: tuple[Any, ...], *, optional: bool
) -> None:
    (step,) = [one for one in hosted(value, replace(HOSTED, publish=settings)) if one.id == "out-protection"]

    assert (step.condition, step.optional) == (condition, optional)


@pytest.mark.parametrize(
    ("value", "settings"),
    [
        ({"protectDefaultBranch": False}, {}),
        ({}, {"protectDefaultBranch": False}),
        ({"protectDefaultBranch": False}, {"protectDefaultBranch": True}),
    ],
)
def test_it_is_not_protected_where_the_nearest_says_no(value: dict[str, Any], settings: dict[str, Any]) -> None:
    assert "out-protection" not in ids(hosted(value, replace(HOSTED, publish=settings)))


def test_without_a_publishing_step_only_the_settings_protect() -> None:
    def found(settings: dict[str, Any]) -> list[str]:
        steps = plan_steps((), replace(HOSTED, publish=settings), publishing="")
        return [step.id for step in steps if step.action == "github:branch-protection:create"]

    assert found({}) == []
    assert found({"protectDefaultBranch": True}) == ["publish-protection"]


def test_each_environment_is_a_step() -> None:
    steps = hosted({"protectDefaultBranch": False}, replace(HOSTED, publish={"environments": ["test", "live"]}))

    assert ids(steps)[2:4] == ["out-environment-test", "out-environment-live"]


def test_what_creates_and_what_pushes_may_stand_apart() -> None:
    pair = (
        written("make", "github:repo:create", input={"topics": ["a"]}),
        written("between", "debug:log"),
        written("push", "github:repo:push", input={"requiredApprovingReviewCount": 2}),
    )
    steps = plan_steps(pair, HOSTED, publishing="make", pushing="push")

    assert [step.id for step in steps] == [
        *("scaffolder-reserve", "make-repository", "make-topics", "between", "push-commit", "push-push"),
        *("make-protection", "scaffolder-register", "scaffolder-place"),
    ]
    (push, register, place) = (steps[5], steps[-2], steps[-1])
    assert dict(push.takes) == {
        "files": "push.files",
        "remoteUrl": "make.remoteUrl",
        "repoContentsUrl": "make.repoContentsUrl",
    }
    assert dict(register.takes) == {"commit": "push.commitHash", "base": "push.base", "remoteUrl": "make.remoteUrl"}
    assert dict(place.takes)["origin"] == "make.remoteUrl"
