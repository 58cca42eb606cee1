"""What a caller is told when something goes wrong."""

from fastapi import FastAPI
from fastapi.testclient import TestClient

MEDIA_TYPE = "application/problem+json"


def test_an_unknown_path(client: TestClient) -> None:
    answer = client.get("/nowhere")

    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json() == {"type": "about:blank", "title": "Not Found", "status": 404}


def test_a_method_that_is_not_there(client: TestClient) -> None:
    answer = client.delete("/notes")

    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


def test_an_invalid_request_is_told_why_but_not_repeated(client: TestClient) -> None:
    answer = client.post("/notes", json={"text": "", "password": "hunter2"})

    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 2
    assert "hunter2" not in answer.text


def test_a_bug_is_answered_without_its_details(app: FastAPI, client: TestClient) -> None:
    @app.get("/bug")
    async def bug() -> None:
        message = "the secret cause"
        raise RuntimeError(message)

    answer = client.get("/bug")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["x-request-id"]
    assert "secret" not in answer.text
