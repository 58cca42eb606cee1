"""What Prometheus reads."""

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from app import __version__
from app.about import NAME

router = APIRouter(include_in_schema=False)


class Metrics:
    """The metrics of one application."""

    def __init__(self) -> None:
        """Start every count at zero."""
        self.registry = CollectorRegistry()
        for collector in (GCCollector, PlatformCollector, ProcessCollector):
            collector(registry=self.registry)
        Info("app", "What is running.", registry=self.registry).info(
            {"name": NAME, "version": __version__}
        )
        self.requests = Counter(
            "http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "http_request_duration_seconds",
            "Time until a request was answered.",
            ("method", "route"),
            registry=self.registry,
        )

    def observe(self, method: str, route: str, *, status: int, seconds: float) -> None:
        """Count one request; `route` is its pattern, such as `/notes/{note_id}`."""
        self.requests.labels(method, route, status).inc()
        self.seconds.labels(method, route).observe(seconds)


@router.get("/metrics")
async def read_metrics(request: Request) -> Response:
    """Answer in the format that Prometheus reads."""
    page = generate_latest(request.app.state.metrics.registry)
    return Response(page, media_type=CONTENT_TYPE_LATEST)
