"""The example resource, from outside."""

import pytest
from fastapi.testclient import TestClient


def test_a_note_is_found_where_the_answer_says(client: TestClient) -> None:
    made = client.post("/notes", json={"text": "hello"})

    assert made.status_code == 201
    assert client.get(made.headers["location"]).json() == {"id": 1, "text": "hello"}


def test_a_note_that_was_never_made(client: TestClient) -> None:
    answer = client.get("/notes/1")

    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is no such note."


@pytest.mark.parametrize("text", ["", "x" * 2001, "a\x00b"])
def test_a_text_that_cannot_be_kept(client: TestClient, text: str) -> None:
    assert client.post("/notes", json={"text": text}).status_code == 422


@pytest.mark.parametrize("note_id", ["0", "9" * 20, "one"])
def test_an_id_that_no_note_can_have(client: TestClient, note_id: str) -> None:
    assert client.get(f"/notes/{note_id}").status_code == 422


def test_notes_are_listed_in_pages(client: TestClient) -> None:
    for text in ("one", "two", "three"):
        client.post("/notes", json={"text": text})

    page = client.get("/notes", params={"after": 1, "limit": 1}).json()
    assert page == [{"id": 2, "text": "two"}]
