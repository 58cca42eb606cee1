"""What Prometheus finds."""

from fastapi.testclient import TestClient


def test_counts_requests_by_route_and_not_by_path(client: TestClient) -> None:
    for number in (1, 2):
        client.get(f"/notes/{number}")

    page = client.get("/metrics").text
    assert 'http_requests_total{method="GET",route="/notes/{note_id}",status="404"} 2.0' in page


def test_an_unknown_path_or_method_makes_no_label_of_its_own(client: TestClient) -> None:
    client.request("BREW", "/coffee")

    page = client.get("/metrics").text
    assert 'http_requests_total{method="other",route="unmatched",status="404"} 1.0' in page


def test_says_what_is_running(client: TestClient) -> None:
    assert "app_info{" in client.get("/metrics").text
