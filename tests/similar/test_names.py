from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.similar.names import NameFinder, Nearness, keys


def nearness(wanted: str, name: str) -> Nearness:
    finder = NameFinder(wanted)
    near = finder.nearness(name)
    assert any(map(finder.is_likely, keys(name))) or near is Nearness.APART, "the quick look passes over a near name"
    return near


@pytest.mark.parametrize("name", ["payment-gateway", "Payment-Gateway", "PAYMENT-GATEWAY"])
def test_a_name_is_taken_in_any_letter_case(name: str) -> None:
    assert nearness("payment-gateway", name) is Nearness.TAKEN


@pytest.mark.parametrize(
    "name",
    [
        "payment_gateway",
        "paymentGateway",
        "paymentgateway",
        "payment-gateways",
        "payments-gateway",
        "payment-gateway-svc",
        "payment-gateway-service",
        "PaymentGatewayServices",
        "paymnet-gateway",
        "payment-gatway",
        "payment-gatewayy",
        "apyment-gateway-svc",
        "payment-gatewau",
    ],
)
def test_nearly_equal_names_are_found_both_ways(name: str) -> None:
    assert nearness("payment-gateway", name) is Nearness.NEAR
    assert nearness(name, "payment-gateway") is Nearness.NEAR


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("payment-gateway", "payment-reporting"),
        ("payment-gateway", "payment"),
        ("payments-v1", "payments-v2"),
        ("cart-sync", "card-sync"),
        ("team-a-api", "team-b-api"),
        ("service", "svc-x"),
        ("", ""),
        ("", "a"),
        ("🔥", "🔥🔥"),
    ],
)
def test_other_names_stay_apart(one: str, two: str) -> None:
    assert nearness(one, two) is Nearness.APART


LETTERS = "abcdefghijklmnopqrtuvwxyz"


@given(st.lists(st.text(LETTERS, min_size=5, max_size=9), min_size=1, max_size=3), st.data())
def test_one_slip_anywhere_is_near(pieces: list[str], data: st.DataObject) -> None:
    piece = data.draw(st.sampled_from(pieces))
    at = data.draw(st.integers(0, len(piece) - 1))
    slipped = data.draw(
        st.sampled_from(
            [
                f"{piece[:at]}{piece[at:][1::-1]}{piece[at + 2 :]}",
                f"{piece[:at]}{data.draw(st.sampled_from(LETTERS))}{piece[at + 1 :]}",
                f"{piece[:at]}{data.draw(st.sampled_from(LETTERS))}{piece[at:]}",
            ]
        )
    )
    name = "-".join(pieces)

    assert nearness(name, name.replace(piece, slipped, 1)) is not Nearness.APART
