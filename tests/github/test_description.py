from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from urllib3.exceptions import ProtocolError

from tests.github.asking import Asking
from tests.github.description import UNDESCRIBED, WAIVERS, Waiver, found
from tests.github.exchange import Reply
from tests.github.faults import Trouble
from tests.github.received import Received
from tests.github.routing import OPERATIONS
from tests.github.server import GitHub, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.github.description import Description


@contextmanager
def untidy(directory: Path, description: Description) -> Iterator[GitHub]:
    """Serve one that is not asked at its end whether all was well."""
    github = GitHub(directory, description=description)
    github.listen()
    try:
        yield github
    finally:
        github.stop()


def complaint(github: GitHub) -> str:
    (only,) = github.wrong()
    return only


def test_what_is_wrong_fails_the_test_that_said_it(tmp_path: Path, description: Description) -> None:
    running = serving(tmp_path, description=description)
    github = running.__enter__()
    Asking(github, github.add_user("mona")).get("/nonsense")

    with pytest.raises(AssertionError, match="no such operation"):
        running.__exit__(None, None, None)


def test_every_operation_of_the_description_is_there(description: Description) -> None:
    paths = description.api.spec / "paths"
    described = {(method.upper(), path) for path in paths.str_keys() for method in (paths / path).str_keys()}

    answered = {(each.method, each.template) for each in OPERATIONS}

    assert answered == described | {(each.method, each.template) for each in UNDESCRIBED}
    assert len(OPERATIONS) == len(answered)


def test_a_request_that_is_not_allowed_is_told(tmp_path: Path, description: Description) -> None:
    with untidy(tmp_path, description) as github:
        github.add_organization("acme", members={"mona": "admin"})
        Asking(github, github.add_token("mona")).post("/orgs/acme/repos", name="shop", private="yes")

    assert complaint(github).startswith("POST /orgs/acme/repos -> 201, the request: private: 'yes' is not of type")


def test_a_request_that_was_struck_is_looked_at_too(tmp_path: Path, description: Description) -> None:
    with untidy(tmp_path, description) as github:
        asking = Asking(github, github.add_user("mona"))
        for trouble in (Trouble.ERROR, Trouble.RESET_BEFORE):
            github.faults.add(trouble, "POST", "/user/repos")
            with suppress(ProtocolError):
                asking.post("/user/repos", name=1)
            github.faults.clear()

    assert [each.partition(" -> ")[2] for each in github.wrong()] == [
        "500, the request: name: 1 is not of type 'string'",
        "no answer, the request: name: 1 is not of type 'string'",
    ]


def test_a_waiver_waives_no_more_than_it_says(tmp_path: Path, description: Description) -> None:
    with untidy(tmp_path, description) as github:
        github.add_repository("mona/shop", files={"a": b""})
        asking = Asking(github, github.add_token("mona"))
        said = dict.fromkeys(("required_status_checks", "required_pull_request_reviews", "restrictions"))
        asking.put("/repos/mona/shop/branches/main/protection", **said, enforce_admins=1, lock_branch=None)

    assert complaint(github).endswith("the request: enforce_admins: 1 is not of type 'boolean'")


def test_a_path_that_nobody_knows_is_told(tmp_path: Path, description: Description) -> None:
    with untidy(tmp_path, description) as github:
        Asking(github, github.add_user("mona")).get("/nonsense")

    assert "GET /nonsense -> 404: the double knows no such operation" in complaint(github)


def test_an_answer_that_is_not_allowed_is_told(
    tmp_path: Path, description: Description, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = next(number for number, each in enumerate(OPERATIONS) if each.template == "/repos/{owner}/{repo}/topics")
    wrong = {"answer": lambda _: Reply(body={"names": "python"})}
    broken = type(OPERATIONS[at])(**{name: getattr(OPERATIONS[at], name) for name in OPERATIONS[at].__slots__} | wrong)
    monkeypatch.setattr("tests.github.routing._SORTED", [(broken.pattern, broken)])
    with untidy(tmp_path, description) as github:
        github.add_repository("acme/shop")
        Asking(github, github.add_user("mona")).get("/repos/acme/shop/topics")

    assert "the answer: names: 'python' is not of type 'array'" in complaint(github)


def test_trouble_is_worded_as_github_words_it(github: GitHub, mona: Asking, description: Description) -> None:
    assert description.checked == 0
    answered = [each for each in Trouble if each.name not in ("CUT", "HOOK", "REFUSED") and "AFTER" not in each.name]
    for trouble in answered:
        if trouble not in (Trouble.RESET_BEFORE, Trouble.STALLED):
            github.faults.add(trouble, "GET", "/orgs/acme", nth=1)
            assert mona.get("/orgs/acme").status >= 400
            github.faults.clear()
    assert github.wrong() == []
    assert github.description is not None
    assert github.description.checked == 8


def test_a_mistake_in_the_double_is_told(
    tmp_path: Path, description: Description, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.github.rates.Rates.headers", lambda *_: dict[str, str]()["none"])
    with untidy(tmp_path, description) as github:
        Asking(github, github.add_user("mona")).get("/user")

    assert "the double itself: KeyError" in complaint(github)


@pytest.mark.parametrize("waiver", WAIVERS)
def test_a_waiver_is_for_one_side_of_one_operation(waiver: Waiver) -> None:
    request = Received(waiver.method, "", "", {}, b"", 0)
    request.operation = next(
        each for each in OPERATIONS if (each.method, each.template) == (waiver.method, waiver.template)
    )
    other = {"request": "answer", "answer": "request"}[waiver.side]

    assert waiver.covers(request, waiver.side, f"x: {waiver.words} y")
    assert not waiver.covers(request, other, f"x: {waiver.words} y")
    assert not waiver.covers(request, waiver.side, "something else")
    request.operation = OPERATIONS[0]
    assert not waiver.covers(request, waiver.side, f"x: {waiver.words} y")


def test_every_waiver_has_its_reason() -> None:
    assert all(len(each.why.split()) > 5 for each in (*WAIVERS, *UNDESCRIBED))


def test_without_the_description_the_reason_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SCAFFOLDER_TEST_DATA", raising=False)
    assert found() == "SCAFFOLDER_TEST_DATA names no directory of outside data"
    monkeypatch.setenv("SCAFFOLDER_TEST_DATA", str(tmp_path))
    assert found() == "there is no github-openapi.json in SCAFFOLDER_TEST_DATA"
