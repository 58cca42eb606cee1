"""Whether the service says truly how it is."""

from fastapi import FastAPI
from fastapi.testclient import TestClient


def test_is_live(client: TestClient) -> None:
    assert client.get("/health/live").json() == {"status": "live"}


def test_is_ready(client: TestClient) -> None:
    assert client.get("/health/ready").json() == {"status": "ready"}


def test_lives_but_is_not_ready_when_something_it_needs_is_down(
    app: FastAPI, client: TestClient
) -> None:
    async def unreachable() -> None:
        raise ConnectionError

    app.state.checks = {"queue": unreachable}

    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["errors"] == ["queue"]
    assert client.get("/health/live").status_code == 200
