"""The API description that the catalog shows."""

from pathlib import Path

from fastapi.testclient import TestClient

from app.openapi import document

FILE = Path(__file__).parent.parent / "openapi.json"


def test_the_file_is_what_the_service_serves(client: TestClient) -> None:
    assert FILE.read_text(encoding="utf-8") == document(), "run: make openapi"
    assert client.get("/openapi.json").status_code == 200


def test_every_operation_says_how_it_fails(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    operations = [operation for path in paths.values() for operation in path.values()]
    assert operations
    assert all("default" in operation["responses"] for operation in operations)
