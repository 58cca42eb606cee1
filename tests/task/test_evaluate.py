"""When a step runs, for which items, with what input: Backstage's rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scaffolder.task import masking
from scaffolder.task.action import Action, Effect
from scaffolder.task.evaluate import (
    Environment,
    Scope,
    StepInvalid,
    asks_how_it_goes,
    check_input,
    counts_as_done,
    inputs,
    storable,
    stored,
)
from scaffolder.task.outputs import rendered
from scaffolder.task.plan import PlannedStep

SECRETS = {"token": "hunter2", "pin": "0451"}
SCOPE = Scope(
    task_id="7f3c0000",
    parameters={"name": "shop", "nul": None, "items": ["a", "b"], "map": {"x": 1, "y": 2}, "zero": 0, **SECRETS},
    secrets=SECRETS,
    user={"ref": "user:default/a"},
    outputs={"first": {"flag": False, "zero": 0, "text": ""}},
)


def step(value: Any = None, *, condition: tuple[Any, ...] = (), each: tuple[Any, ...] = ()) -> PlannedStep:
    return PlannedStep("s", "s", "debug:log", {} if value is None else value, "s", condition, each)


@pytest.mark.parametrize(
    ("condition", "runs"),
    [
        (True, True),
        (False, False),
        (None, True),
        (0, True),
        ([], True),
        ("", False),
        ("false", True),
        ("${{ false }}", False),
        ("${{ parameters.zero }}", False),
        ("${{ parameters.nul }}", False),
        ("${{ parameters.missing }}", False),
        ("${{ [] }}", False),
        ("${{ {} }}", True),
        ("x ${{ false }}", True),
        ("${{ parameters.name == 'shop' }}", True),
        ("${{ steps.first.output.flag }}", False),
        ("${{ steps.never.output.flag }}", False),
        ("${{ secrets.token }}", False),
    ],
)
def test_a_condition(condition: object, runs: bool) -> None:  # noqa: FBT001 - what is expected
    assert bool(inputs(step(condition=(condition,)), SCOPE)) is runs


def test_a_lone_expression_keeps_its_type_and_what_is_undefined_is_dropped() -> None:
    given = {
        "flag": "${{ steps.first.output.flag }}",
        "text": "[${{ steps.first.output.zero }}]",
        "gone": "${{ missing }}",
    }

    assert inputs(step(given), SCOPE) == [{"flag": False, "text": "[0]"}]


def test_a_list_counts_its_keys_and_a_map_has_its_own() -> None:
    given = {"key": "${{ each.key }}", "value": "${{ each.value }}"}

    assert inputs(step(given, each=("${{ parameters.items }}",)), SCOPE) == [
        {"key": "0", "value": "a"},
        {"key": "1", "value": "b"},
    ]
    assert inputs(step(given, each=({"x": 1},)), SCOPE) == [{"key": "x", "value": 1}]


def test_a_condition_is_asked_for_each_item_and_sees_secrets_there() -> None:
    given = {"value": "${{ each.value }}"}

    found = inputs(step(given, each=(["a", "b"],), condition=("${{ each.value == 'b' }}",)), SCOPE)
    assert found == [{"value": "b"}]
    assert inputs(step(given, each=(["a"],), condition=("${{ secrets.token }}",)), SCOPE) == [{"value": "a"}]


@pytest.mark.parametrize("each", ["${{ parameters.missing }}", "${{ parameters.name }}", "${{ parameters.zero }}", 3])
def test_what_cannot_be_looped_over_is_an_error_that_names_the_step(each: object) -> None:
    with pytest.raises(StepInvalid, match="step s: each"):
        inputs(step(each=(each,)), SCOPE)


def test_no_item_is_done_and_a_false_condition_is_skipped() -> None:
    assert inputs(step(each=([],)), SCOPE) == []
    assert counts_as_done(step(each=([],)))
    assert not counts_as_done(step(each=([],), condition=(False,)))
    assert not counts_as_done(step(condition=("${{ false }}",)))


def test_an_input_that_does_not_fit_names_step_action_and_field() -> None:
    action = Action(
        "debug:log",
        "",
        run=lambda _context, _value: {},
        effect=Effect.NONE,
        input_schema={"type": "object", "properties": {"message": {"type": "string"}}},
    )
    check_input(step(), action, {"message": "x"})

    with pytest.raises(StepInvalid, match=r"step s \(debug:log\): its input does not fit: message"):
        check_input(step(), action, {"message": 3})


def kept(value: Any, **more: Any) -> tuple[Any, Any]:
    """Return what of a step's input is stored, and what it becomes again."""
    planned = step(value, **more)
    found = inputs(planned, SCOPE)
    stores = storable(planned, SCOPE, found)
    again = [stored(planned, SCOPE, one, iteration=number) for number, one in enumerate(stores)]
    assert again == found
    return stores, again


def test_a_secret_is_stored_as_a_mark() -> None:
    stores, _ = kept({"header": "Bearer ${{ secrets.token }}", "plain": "shop"})

    assert stores == [{"header": f"Bearer {masking.mark('token')}", "plain": "shop"}]


@pytest.mark.parametrize(
    "value",
    [
        "${{ parameters.token | upper }}",
        "${{ secrets.pin | int }}",
        "${{ secrets.token | length }}",
        "${{ 'yes' if secrets.token == 'hunter2' else 'no' }}",
    ],
)
def test_what_is_made_from_a_secret_is_not_stored_at_all(value: str) -> None:
    stores, _ = kept({"value": value, "other": "${{ parameters.name }}"})

    assert stores == [masking.AGAIN]


def test_each_item_is_stored_for_itself() -> None:
    stores, _ = kept({"value": "${{ each.value }}"}, each=("${{ [secrets.token, 'x'] }}",))

    assert stores == [{"value": masking.mark("token")}, {"value": "x"}]


def test_our_own_inputs_are_stored_as_they_are() -> None:
    ours = PlannedStep("s", "s", "a", {"purpose": "${{ secrets.token }}"}, "s", ours=True, takes=(("f", "first.flag"),))

    (value,) = inputs(ours, SCOPE)

    assert value == {"purpose": "${{ secrets.token }}", "f": False}
    assert storable(ours, SCOPE, [value]) == [value]
    assert stored(ours, SCOPE, value, iteration=0) == value


def laid(value: Any, **under: Any) -> PlannedStep:
    """Return a step whose input lies between `under` and where it is about."""
    return replace(step(value), defaults=under, fixed={"repository": "acme/${{ parameters.name }}"})


def test_a_rendered_input_lies_between_two_that_are_data() -> None:
    said = {"topics": ["${{ parameters.name }}"], "wiki": "${{ parameters.nothing }}", "repository": "elsewhere"}

    assert inputs(laid(said, topics=["x"], wiki=True, note="${{ secrets.token }}"), SCOPE) == [
        {"topics": ["shop"], "wiki": True, "note": "${{ secrets.token }}", "repository": "acme/${{ parameters.name }}"}
    ]


@pytest.mark.parametrize("value", ["${{ parameters.nothing }}", "", [], {}])
def test_where_nothing_comes_of_it_there_is_nothing_to_do(value: object) -> None:
    assert inputs(laid({"topics": value}), SCOPE) == []


@pytest.mark.parametrize("value", [False, 0])
def test_no_is_an_answer(value: object) -> None:
    assert len(inputs(laid({"wiki": value}), SCOPE)) == 1


def test_a_step_that_only_says_where_is_run() -> None:
    assert len(inputs(laid({}), SCOPE)) == 1


def test_a_secret_in_such_an_input_is_stored_as_a_mark() -> None:
    planned = laid({"secrets": {"DEPLOY": "${{ secrets.token }}"}})
    (store,) = storable(planned, SCOPE, inputs(planned, SCOPE))

    assert store["secrets"] == {"DEPLOY": masking.mark("token")}
    assert stored(planned, SCOPE, store, iteration=0)["secrets"] == {"DEPLOY": "hunter2"}


THERE = replace(SCOPE, environment=Environment({"region": "eu"}, {"key": "k-e-y-1"}))


def test_the_environment_is_there_and_its_secrets_are_stored_as_marks() -> None:
    planned = step({"where": "${{ environment.parameters.region }}", "key": "${{ environment.secrets.key }}"})
    (value,) = found = inputs(planned, THERE)
    assert value == {"where": "eu", "key": "k-e-y-1"}
    (kept_,) = storable(planned, THERE, found)
    assert kept_ == {"where": "eu", "key": masking.mark("environment.key")}
    assert stored(planned, THERE, kept_, iteration=0) == value
    assert inputs(step({}, condition=("${{ environment.secrets.key }}",)), THERE) == []


@pytest.mark.parametrize("each", [None, "", 0, False])
def test_what_is_nothing_is_no_loop(each: object) -> None:
    assert inputs(step({"message": "x"}, each=(each,)), SCOPE) == [{"message": "x"}]


@pytest.mark.parametrize(("condition", "runs"), [("", True), (0, True), ([], False), ({}, True), (False, False)])
def test_a_literal_condition_of_a_loop(condition: object, runs: bool) -> None:  # noqa: FBT001 - what is expected
    assert bool(inputs(step(each=(["a"],), condition=(condition,)), SCOPE)) is runs


def test_a_map_goes_by_its_numbers_first() -> None:
    found = inputs(step({"key": "${{ each.key }}"}, each=({"b": 1, "10": 2, "2": 3, "1": 4, "01": 5},)), SCOPE)
    assert [value["key"] for value in found] == ["1", "2", "10", "b", "01"]


def test_an_item_that_nothing_defines_is_gone_over() -> None:
    found = inputs(step({"key": "${{ each.key }}"}, each=(["a", "${{ parameters.nothing }}", None],)), SCOPE)
    assert [value["key"] for value in found] == ["0", "2"]


def test_a_link_that_nothing_defines_is_left_out() -> None:
    written = {"links": ["${{ parameters.nothing }}", None, {"title": "a"}], "others": ["${{ parameters.nothing }}"]}
    assert rendered(written, SCOPE.variables()) == {"links": [None, {"title": "a"}], "others": [None]}


def test_a_condition_that_asks_how_it_goes_is_known_by_what_it_calls() -> None:
    asks = {
        condition: asks_how_it_goes(step(condition=(condition,)), SCOPE)
        for condition in ("${{ always() }}", "${{ not failure() }}", "${{ true or failure() }}", "always()", True)
    }
    assert list(asks.values()) == [True, True, False, False, False]
