"""What a request leaves in the log."""

import json
import logging
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app import logs


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """Leave the root logger as it was found."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level


def test_one_line_of_json_with_the_id_of_the_caller(
    client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("INFO")
    answer = client.get("/notes", headers={"x-request-id": "abc-1"})

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (line,) = [line for line in lines if line["logger"] == "app.middleware"]
    assert (line["request_id"], line["path"], line["status"]) == ("abc-1", "/notes", 200)
    assert answer.headers["x-request-id"] == "abc-1"


def test_an_id_that_could_forge_log_lines_is_replaced(client: TestClient) -> None:
    answer = client.get("/notes", headers={"x-request-id": 'x", "level": "debug'})

    assert len(answer.headers["x-request-id"]) == 32


def test_an_exception_stays_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO")
    logging.getLogger("test").error("went wrong", exc_info=ValueError("for a reason"))

    (line,) = capsys.readouterr().out.splitlines()
    assert "for a reason" in json.loads(line)["exception"]
