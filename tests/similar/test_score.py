from __future__ import annotations

from scaffolder.similar.names import Nearness
from scaffolder.similar.score import Profile, Wanted, fits, verdict, weigh
from scaffolder.similar.text import part

NOTHING = part("")
WEIGHTS = weigh({"keep": 9, "sign": 4, "invoic": 3, "year": 20, "translat": 2}, 100)


def wanted(purpose: str) -> Wanted:
    return Wanted(NOTHING, part(purpose), NOTHING, NOTHING)


def described(description: str) -> Profile:
    return Profile(NOTHING, part(description), NOTHING, NOTHING, NOTHING)


def test_object_without_action_does_not_fit() -> None:
    archive = described("signed invoices, stored for ten years")

    assert fits(wanted("stores signed invoices"), archive, WEIGHTS)
    assert not fits(wanted("translates signed invoices for ten years"), archive, WEIGHTS)
    assert not fits(wanted("invoices"), archive, WEIGHTS), "one word says too little"


def test_a_high_score_alone_does_not_exist() -> None:
    assert verdict(0.99, nearness=Nearness.APART, fits=lambda: False) == "close"
    assert verdict(0.99, nearness=Nearness.APART, fits=lambda: True) == "exists"
    assert verdict(0.1, nearness=Nearness.APART, fits=lambda: True) == "none"
    assert verdict(0.1, nearness=Nearness.NEAR, fits=lambda: False) == "exists"
