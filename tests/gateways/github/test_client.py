"""By which rules GitHub is asked: what is sent again, when, and what is looked at first."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from scaffolder.errors import ScaffolderError, TryAgain
from scaffolder.gateways.github.client import InDoubt
from scaffolder.gateways.github.refusals import (
    LimitReached,
    NotAllowed,
    PlanLacks,
    RefusedByGitHub,
    SignOnNeeded,
    TokenRefused,
    Unavailable,
)
from scaffolder.gateways.http import TokenInvalid
from tests.gateways.github.scripted import CUT, NOON, TOKEN, Reply, Script, answering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
PRIMARY = {"message": "API rate limit exceeded for user ID 1."}
OK = Reply(200, {"name": "shop"})
MADE = Reply(201, {"name": "shop"})
IN_PROGRESS = Reply(
    422, {"message": "Validation Failed", "errors": ["A previous repository operation is still in progress."]}
)


@pytest.fixture
def script() -> Iterator[Script]:
    with answering(OK) as script:
        yield script


def verbs(script: Script) -> list[str]:
    return [asked.verb for asked in script.asked]


def refused(script: Script, verb: str = "GET") -> ScaffolderError:
    with pytest.raises(ScaffolderError) as caught:
        script.client().request(verb, "/repos/acme/shop")
    return caught.value


def test_says_who_asks_and_by_which_version(script: Script) -> None:
    assert script.client().get("/repos/acme/shop").body["name"] == "shop"

    [asked] = script.asked
    assert asked.headers["authorization"] == f"token {TOKEN}"
    assert asked.headers["x-github-api-version"] == "2022-11-28"
    assert asked.headers["accept"] == "application/vnd.github+json"
    assert asked.headers["user-agent"].startswith("scaffolder/")


def test_nobody_has_no_token(script: Script) -> None:
    script.client("").get("/rate_limit")

    assert "authorization" not in script.asked[0].headers


def test_no_netrc_replaces_the_token(script: Script, home: Path) -> None:
    (home / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")

    script.client().get("/user")

    assert script.asked[0].headers["authorization"] == f"token {TOKEN}"


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "umläut"])
def test_what_cannot_be_a_token_is_not_sent(script: Script, token: str) -> None:
    with pytest.raises(TokenInvalid):
        script.client(token).get("/user")

    assert script.asked == []


def test_the_api_may_be_below_a_path(script: Script) -> None:
    script.client(path="/api/v3").get("/user")

    assert script.asked[0].path == "/api/v3/user"


# -- doubt


@pytest.mark.parametrize("verb", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("trouble", [CUT, Reply(500), Reply(502), Reply(200, {"name": "shop"}, half=True)])
def test_what_can_be_said_twice_is_sent_again(verb: str, trouble: Reply) -> None:
    with answering(trouble, trouble, OK) as script:
        assert script.client().request(verb, "/repos/acme/shop").status == 200

        assert verbs(script) == [verb] * 3


@pytest.mark.parametrize("trouble", [CUT, Reply(500), Reply(502), Reply(201, {"name": "shop"}, half=True)])
def test_what_makes_something_new_is_sent_once(trouble: Reply) -> None:
    with answering(trouble, MADE) as script:
        with pytest.raises(InDoubt):
            script.client().request("POST", "/orgs/acme/repos", {})

        assert verbs(script) == ["POST"]


def test_where_a_post_is_in_doubt_it_is_looked_for() -> None:
    with answering(Reply(404), Reply(502), OK) as script:
        client = script.client()

        found = client.ensure(
            lambda: client.find("/repos/acme/shop"), lambda: client.request("POST", "/orgs/acme/repos", {}).body
        )

        assert found == {"name": "shop"}
        assert verbs(script) == ["GET", "POST", "GET"]


def test_and_made_again_when_it_is_not_there() -> None:
    with answering(Reply(404), CUT, Reply(404), MADE) as script:
        client = script.client()

        client.ensure(
            lambda: client.find("/repos/acme/shop"), lambda: client.request("POST", "/orgs/acme/repos", {}).body
        )

        assert verbs(script) == ["GET", "POST", "GET", "POST"]


def test_doubt_that_stays_is_told() -> None:
    with answering(*[Reply(404), Reply(502)] * 4, Reply(404)) as script:
        client = script.client()
        with pytest.raises(Unavailable, match="502"):
            client.ensure(
                lambda: client.find("/repos/acme/shop"), lambda: client.request("POST", "/orgs/acme/repos", {}).body
            )

        assert verbs(script).count("POST") == 4


def test_trouble_has_a_bound() -> None:
    with answering(Reply(502)) as script:
        error = refused(script)

        assert isinstance(error, Unavailable)
        assert "github.com has trouble of its own (it answered 502)" in error.message
        assert error.exit_code == 4
        assert (len(script.asked), script.passed) == (5, 15.0)


def test_a_server_that_is_not_there_is_waited_for_even_with_a_post() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        script = Script([OK], url=f"http://127.0.0.1:{free.getsockname()[1]}")
        client = script.client()

        with pytest.raises(Unavailable, match="cannot be reached"):
            client.request("POST", "/orgs/acme/repos", {})

    assert script.passed == 15.0


# -- limits


@pytest.mark.parametrize("verb", ["GET", "POST"])
@pytest.mark.parametrize(
    ("limit", "seconds"),
    [
        (Reply(403, SECONDARY, {"Retry-After": "7"}), 7),
        (Reply(429, SECONDARY, {"Retry-After": "7"}), 7),
        (Reply(429, {"message": "Too many"}, {"Retry-After": "30"}), 30),
        (Reply(403, SECONDARY, {"Retry-After": format_datetime(datetime.fromtimestamp(NOON + 9, UTC))}), 9),
        (Reply(403, PRIMARY, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOON) + 40)}), 41),
        (Reply(429, PRIMARY, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOON) + 40)}), 41),
        (Reply(403, SECONDARY, {"X-RateLimit-Remaining": "4000", "X-RateLimit-Reset": str(int(NOON) + 4)}), 60),
        (Reply(429), 60),
    ],
)
def test_a_limit_is_waited_for_as_told(verb: str, limit: Reply, seconds: float) -> None:
    with answering(limit, OK) as script:
        assert script.client().request(verb, "/repos/acme/shop").status == 200

        assert (len(script.asked), script.passed) == (2, seconds)


def test_without_being_told_each_wait_is_twice_as_long() -> None:
    with answering(Reply(403, SECONDARY), Reply(403, SECONDARY), OK) as script:
        script.client().get("/user")

        assert [asked.at for asked in script.asked] == [0, 60, 180]


def test_every_second_of_a_wait_is_told() -> None:
    with answering(Reply(429, {}, {"Retry-After": "3"}), OK) as script:
        script.client().get("/user")

        assert [wait.seconds for wait in script.waits] == [3, 2, 1, 0]
        assert {wait.reason for wait in script.waits} == {"github.com takes no more requests for now"}


def test_a_wait_that_is_too_long_says_when_to_come_back() -> None:
    with answering(Reply(403, PRIMARY, {"Retry-After": "3000"})) as script:
        error = refused(script, "POST")

        then = datetime.fromtimestamp(NOON + 3000, UTC).astimezone()
        assert isinstance(error, LimitReached)
        assert error.seconds == 3000
        assert error.hint == f"come back after {then:%H:%M:%S}"
        assert (len(script.asked), script.passed, error.exit_code) == (1, 0, 4)


def test_waits_for_one_request_are_bounded_together() -> None:
    with answering(Reply(429, {}, {"Retry-After": "100"})) as script:
        assert isinstance(refused(script), LimitReached)

        assert (len(script.asked), script.passed) == (4, 300)


def test_a_wait_of_no_time_is_bounded_too() -> None:
    with answering(Reply(429, {}, {"Retry-After": "0"})) as script:
        assert isinstance(refused(script), LimitReached)

        assert len(script.asked) == 301


@pytest.mark.parametrize("trouble", [CUT, Reply(502), Reply(429, {}, {"Retry-After": "1"})])
def test_who_has_no_time_waits_for_nothing(trouble: Reply) -> None:
    with answering(trouble, OK) as script:
        client = script.client()
        client.longest_wait = 0.0
        with pytest.raises(TryAgain):
            client.get("/user")

        assert (len(script.asked), script.passed) == (1, 0)


def test_writes_are_a_second_apart_and_reads_are_not(script: Script) -> None:
    client = script.client()

    for verb in ("PATCH", "GET", "POST", "GET", "GET", "DELETE"):
        client.request(verb, "/repos/acme/shop")

    assert [asked.at for asked in script.asked] == [0, 0, 1, 1, 1, 2]


def test_what_is_left_of_the_budget_is_known() -> None:
    headers = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4321", "X-RateLimit-Reset": "1700003600"}
    with answering(Reply(200, {}, headers), CUT, OK) as script:
        client = script.client()
        client.get("/user")
        client.get("/user")  # twice, and neither says anything of it

        assert client.budget == (5000, 4321, 1700003600.0)
        assert client.sent == 3


# -- what was just made


def test_what_was_just_made_is_waited_for() -> None:
    with answering(Reply(404), Reply(404), OK) as script:
        assert script.client().request("PATCH", "/repos/acme/shop", {}, fresh=True).status == 200

        assert script.passed == 3


def test_but_not_for_ever() -> None:
    with answering(Reply(404, {"message": "Not Found"})) as script:
        with pytest.raises(RefusedByGitHub, match="Not Found"):
            script.client().request("PATCH", "/repos/acme/shop", {}, fresh=True)

        assert script.passed == 120


def test_what_is_looked_for_may_never_appear() -> None:
    with answering(Reply(404)) as script:
        client = script.client()

        assert client.appears(lambda: client.find("/repos/acme/shop")) is None
        assert script.passed == 120


@pytest.mark.parametrize("verb", ["POST", "PATCH", "PUT"])
def test_an_operation_in_progress_is_waited_for(verb: str) -> None:
    with answering(IN_PROGRESS, Reply(409, IN_PROGRESS.body), OK) as script:
        assert script.client().request(verb, "/repos/acme/shop", {}).status == 200


# -- elsewhere


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("verb", ["GET", "PATCH"])
def test_a_rename_is_followed(status: int, verb: str) -> None:
    with answering(Reply(status), OK) as script:
        script.replies[0].headers["Location"] = f"{script.url}/repositories/17"

        assert script.client().request(verb, "/repos/acme/shop").body["name"] == "shop"
        assert [(asked.verb, asked.path) for asked in script.asked] == [
            (verb, "/repos/acme/shop"),
            (verb, "/repositories/17"),
        ]


@pytest.mark.parametrize("status", [301, 302, 307])
def test_the_token_follows_nobody_to_another_place(status: int) -> None:
    with answering(OK) as other, answering(Reply(status)) as script:
        script.replies[0].headers["Location"] = other.url.replace("127.0.0.1", "localhost") + "/user"
        error = refused(script)

        assert "not followed" in error.message
        assert other.asked == []


@pytest.mark.parametrize("status", [302, 307])
def test_circles_end(status: int) -> None:
    with answering(Reply(status, headers={"Location": "/repos/acme/shop"})) as script:
        assert "circles" in refused(script).message


def test_all_pages_are_read() -> None:
    with answering(Reply(200, [1, 2]), Reply(200, [3])) as script:
        script.replies[0].headers["Link"] = f'<{script.url}/x?page=0>; rel="prev", <{script.url}/x?page=2>; rel="next"'

        assert list(script.client().pages("/x")) == [1, 2, 3]
        assert [asked.path for asked in script.asked] == ["/x?per_page=100", "/x?page=2"]


# -- refusals in words


def test_a_token_that_has_ended() -> None:
    with answering(Reply(401, {"message": "Bad credentials"})) as script:
        error = refused(script)

        assert isinstance(error, TokenRefused)
        assert error.message == "github.com does not know the token: it has ended, or was withdrawn"
        assert error.hint == "scaffolder login --host github.com   (where this one is from: scaffolder doctor)"


def test_what_the_token_may_not_do_names_what_it_lacks() -> None:
    body = {"message": "Resource not accessible by personal access token"}
    headers = {"X-Accepted-GitHub-Permissions": "administration=write,contents=read; administration=write"}
    with answering(Reply(403, body, headers)) as script:
        error = refused(script, "DELETE")

        assert isinstance(error, NotAllowed)
        assert error.message == ("deleting acme/shop is not allowed: Resource not accessible by personal access token")
        assert "the permission administration (write) and contents (read)" in error.hint


def test_a_scope_that_is_missing() -> None:
    headers = {"X-Accepted-OAuth-Scopes": "delete_repo", "X-OAuth-Scopes": "repo"}
    with answering(Reply(403, {"message": "Must have admin rights to Repository."}, headers)) as script:
        assert "the scope delete_repo" in refused(script).hint


def test_a_single_sign_on() -> None:
    body = {"message": "Resource protected by organization SAML enforcement. You must grant your token access."}
    headers = {"X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso?authorization_request=A"}
    with answering(Reply(403, body, headers)) as script:
        error = refused(script)

        assert isinstance(error, SignOnNeeded)
        assert error.hint == "authorise it: https://github.com/orgs/acme/sso?authorization_request=A"


def test_a_plan_that_is_too_small() -> None:
    body = {"message": "Upgrade to GitHub Pro or make this repository public to enable this feature."}
    with answering(Reply(403, body)) as script:
        assert isinstance(refused(script), PlanLacks)


def test_what_is_invalid_is_told_in_githubs_words() -> None:
    errors = [
        {"resource": "Repository", "field": "name", "code": "custom", "message": "name already exists on this account"},
        {"resource": "Repository", "field": "homepage", "code": "invalid"},
        "in words",
    ]
    with answering(Reply(422, {"message": "Repository creation failed.", "errors": errors})) as script:
        error = refused(script)

        assert error.message == "reading acme/shop was refused: Repository creation failed"
        assert error.details == ("name already exists on this account", "Repository homepage invalid", "in words")
