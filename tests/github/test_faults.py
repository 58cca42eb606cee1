from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from urllib3 import PoolManager, Retry
from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError, ReadTimeoutError

from tests.github.faults import Trouble, position

if TYPE_CHECKING:
    from tests.github.asking import Asking
    from tests.github.server import GitHub

CREATE = ("POST", "/orgs/acme/repos")
SHOP = {"name": "shop", "private": True}


def create(mona: Asking, timeout: float = 5) -> int:
    """Ask for a repository once; return the status, or raise what urllib3 met."""
    headers = {"Authorization": f"Bearer {mona.token}"}
    with PoolManager() as pool:
        url = f"{mona.github.api_url}/orgs/acme/repos"
        return pool.request("POST", url, json=SHOP, headers=headers, retries=False, timeout=timeout).status


@pytest.mark.parametrize(
    ("trouble", "status", "made"),
    [
        (Trouble.ERROR, 500, False),
        (Trouble.BAD_GATEWAY, 502, False),
        (Trouble.BAD_GATEWAY_AFTER, 502, True),
        (Trouble.FORBIDDEN, 403, False),
        (Trouble.SECONDARY_LIMIT, 403, False),
        (Trouble.TOO_MANY, 429, False),
        (Trouble.PRIMARY_LIMIT, 403, False),
        (Trouble.NOT_FOUND, 404, False),
        (Trouble.IN_PROGRESS, 422, False),
    ],
)
def test_trouble_that_is_answered(github: GitHub, mona: Asking, trouble: Trouble, status: int, *, made: bool) -> None:
    fault = github.faults.add(trouble, *CREATE)

    answer = mona.post("/orgs/acme/repos", **SHOP)

    assert (answer.status, fault.fired, github.names()) == (status, 1, ["acme/shop"] if made else [])
    assert "message" in answer.body
    assert github.requests[-1].trouble is trouble
    assert mona.post("/orgs/acme/repos", **SHOP).status == (422 if made else 201)


@pytest.mark.parametrize(
    ("trouble", "error", "made"),
    [
        (Trouble.RESET_BEFORE, ProtocolError, False),
        (Trouble.RESET_AFTER, ProtocolError, True),
        (Trouble.CUT, ProtocolError, False),
        (Trouble.STALLED, ReadTimeoutError, False),
        (Trouble.TIMEOUT_AFTER, ReadTimeoutError, True),
    ],
)
def test_trouble_that_is_silence(
    github: GitHub, mona: Asking, trouble: Trouble, error: type[HTTPError], *, made: bool
) -> None:
    fault = github.faults.add(trouble, *CREATE)

    with pytest.raises(error):
        create(mona, timeout=0.3)

    assert (fault.fired, github.names(), github.requests[-1].status) == (1, ["acme/shop"] if made else [], None)
    assert create(mona) == (422 if made else 201)


def test_a_stall_ends_when_the_client_has_gone(github: GitHub, mona: Asking) -> None:
    github.faults.add(Trouble.STALLED, *CREATE)
    with pytest.raises(ReadTimeoutError):
        create(mona, timeout=0.1)

    end = time.monotonic() + 5
    while any("process_request" in each.name for each in threading.enumerate()) and time.monotonic() < end:
        time.sleep(0.02)
    assert time.monotonic() < end


@pytest.mark.parametrize("trouble", [Trouble.RESET_BEFORE, Trouble.RESET_AFTER, Trouble.CUT])
def test_a_reset_is_a_reset_and_no_orderly_end(github: GitHub, trouble: Trouble) -> None:
    github.faults.add(trouble)

    with socket.create_connection(("127.0.0.1", int(github.url.rpartition(":")[2])), timeout=5) as connection:
        connection.sendall(b"GET /api/v3/rate_limit HTTP/1.1\r\nHost: x\r\nUser-Agent: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_limits_say_how_long_to_wait(github: GitHub, mona: Asking) -> None:
    github.faults.add(Trouble.SECONDARY_LIMIT, "GET", "/user", retry_after=7)
    github.faults.add(Trouble.TOO_MANY, "GET", "/user", nth=2)
    github.faults.add(Trouble.PRIMARY_LIMIT, "GET", "/user", nth=3)

    said, silent, hour = (mona.get("/user") for _ in range(3))

    assert said.headers["Retry-After"] == "7"
    assert "secondary rate limit" in said.message
    assert (silent.status, silent.headers.get("Retry-After")) == (429, None)
    assert hour.headers["X-RateLimit-Remaining"] == "0"
    assert int(hour.headers["X-RateLimit-Reset"]) > 1_700_000_000
    assert mona.get("/user").status == 200


def test_the_nth_that_fits_is_struck_so_many_times(github: GitHub, mona: Asking) -> None:
    fault = github.faults.add(Trouble.ERROR, "GET", "/users/*", nth=2, times=2)

    statuses = [mona.get(path).status for path in ("/users/mona", "/user", "/users/mona", "/users/mona", "/users/mona")]

    assert statuses == [200, 200, 500, 500, 200]
    assert (fault.seen, fault.fired) == (4, 2)


def test_a_program_can_be_ended_in_the_middle_of_a_request(github: GitHub, mona: Asking) -> None:
    fault = github.faults.add(Trouble.TIMEOUT_AFTER, *CREATE)
    assert not fault.wait(0)
    code = f"""
import urllib.request as u
u.urlopen(u.Request({github.api_url + CREATE[1]!r}, b'{{"name": "shop"}}', {{"Authorization": "Bearer {mona.token}"}}))
"""
    with subprocess.Popen([sys.executable, "-c", code]) as program:
        assert fault.wait()
        program.kill()

    assert github.names() == ["acme/shop"]


def test_a_fault_that_meets_nothing_has_not_fired(github: GitHub, mona: Asking) -> None:
    fault = github.faults.add(Trouble.ERROR, "DELETE", "/repos/acme/shop")

    mona.get("/user")

    assert (fault.seen, fault.fired) == (0, 0)


def test_what_was_created_is_not_there_for_a_while(github: GitHub, mona: Asking) -> None:
    fault = github.faults.add(Trouble.NOT_FOUND_AFTER_CREATE, *CREATE, times=2)

    github.add_repository("acme/shop2")

    assert mona.post("/orgs/acme/repos", **SHOP).status == 201
    assert [mona.get("/orgs/acme").status, mona.get("/repos/acme/shop2").status] == [200, 200]
    assert fault.fired == 0
    assert [mona.get("/repos/acme/shop").status, mona.put("/repos/ACME/shop/topics", names=["a"]).status] == [404, 404]

    assert fault.fired == 2
    assert mona.get("/repos/acme/shop").status == 200
    assert github.repository("acme/shop").topics == []
    assert mona.post("/orgs/acme/repos", name="shop3").status == 201
    assert mona.get("/repos/acme/shop3").status == 200


def test_another_thing_that_was_created_is_not_there_either(github: GitHub, mona: Asking) -> None:
    github.add_repository("acme/shop")
    fault = github.faults.add(Trouble.NOT_FOUND_AFTER_CREATE, "POST", "/repos/acme/shop/labels")

    assert mona.post("/repos/acme/shop/labels", name="x").status == 201

    assert mona.get("/repos/acme/shop").status == 200
    assert [mona.get("/repos/acme/shop/labels/x").status for _ in range(2)] == [404, 200]
    assert fault.fired == 1


def test_nobody_listens_from_the_answer_before_on(github: GitHub, mona: Asking) -> None:
    mona.get("/user")
    mona.get("/orgs/acme")
    fault = github.faults.add(Trouble.REFUSED, nth=position(github.requests, "GET", "/orgs/acme"))
    assert fault.nth == 2

    mona.get("/user")

    assert fault.fired == 1
    for _ in range(3):
        with pytest.raises(NewConnectionError):
            create(mona)
    assert (len(github.requests), github.names()) == (3, [])
    github.listen()
    assert create(mona) == 201


def test_a_connection_that_was_kept_ends_too(github: GitHub) -> None:
    github.faults.add(Trouble.REFUSED, nth=3)
    url = f"{github.api_url}/rate_limit"
    with PoolManager() as kept, PoolManager() as other:
        assert kept.request("GET", url, retries=False).status == 200
        assert other.request("GET", url, retries=False).status == 200
        for pool in (kept, other):
            with pytest.raises(NewConnectionError):
                pool.request("GET", url, retries=False)
    assert len(github.requests) == 2


def test_somebody_listens_again_after_a_while(github: GitHub) -> None:
    fault = github.faults.add(Trouble.REFUSED, nth=2, lasting=0.2)
    url = f"{github.api_url}/rate_limit"
    with PoolManager() as pool:
        assert pool.request("GET", url, retries=False).status == 200
        with pytest.raises(NewConnectionError):
            pool.request("GET", url, retries=False)
        assert pool.request("GET", url, retries=Retry(8, backoff_factor=0.02)).status == 200
    assert fault.fired == 1


def test_the_first_connection_cannot_be_refused_by_number(github: GitHub) -> None:
    with pytest.raises(ValueError, match="none before the first"):
        github.faults.add(Trouble.REFUSED)


def test_all_works_again_when_faults_are_cleared(github: GitHub, mona: Asking) -> None:
    github.faults.add(Trouble.NOT_FOUND_AFTER_CREATE, *CREATE, times=9)
    mona.post("/orgs/acme/repos", **SHOP)
    github.faults.add(Trouble.ERROR, times=9)
    assert mona.get("/user").status == 500

    github.faults.clear()

    assert mona.get("/repos/acme/shop").status == 200


def test_everything_that_was_asked_is_kept(github: GitHub, mona: Asking) -> None:
    mona.post("/orgs/acme/repos?x=1", **SHOP)

    (request,) = github.requests
    assert (request.method, request.path, request.query, request.json) == (*CREATE, "x=1", SHOP)
    assert (request.status, request.login, request.writes) == (201, "mona", True)
    assert request.headers["authorization"] == f"Bearer {mona.token}"
    assert request.operation is not None
    assert request.operation.creates


def test_a_kept_connection_serves_many_requests(github: GitHub, mona: Asking) -> None:
    headers = {"Authorization": f"Bearer {mona.token}"}
    with PoolManager(maxsize=1) as pool:
        for _ in range(3):
            assert pool.request("GET", f"{github.api_url}/user", headers=headers).status == 200
        (only,) = pool.pools.keys()
        assert pool.pools[only].num_connections == 1
