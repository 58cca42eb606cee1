"""What becomes of a template's steps."""

from __future__ import annotations

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
