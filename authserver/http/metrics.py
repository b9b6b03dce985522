"""/metrics for Prometheus: how many requests, how long, which refusals.

Several processes share their figures through files in ``PROMETHEUS_MULTIPROC_DIR``,
which ``serve`` sets; alone, a process shows its own.
"""

from functools import lru_cache

from flask import Flask, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
    values,
)

REQUESTS = Counter(
    "authserver_requests_total", "Requests answered.", ["endpoint", "status"]
)
SECONDS = Histogram(
    "authserver_request_seconds",
    "Time to answer.",
    ["endpoint"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)


MOST_KEPT = 4096


def count(request: Request, response: Response, seconds: float) -> None:
    """Count a request, by endpoint and not by path: paths are without end."""
    endpoint = request.endpoint or "none"
    _counter(endpoint, response.status_code).inc()
    _histogram(endpoint).observe(seconds)


@lru_cache(maxsize=MOST_KEPT)
def _counter(endpoint: str, status: int) -> Counter:
    return REQUESTS.labels(endpoint, status)


@lru_cache(maxsize=MOST_KEPT)
def _histogram(endpoint: str) -> Histogram:
    return SECONDS.labels(endpoint)


def init_app(app: Flask) -> None:
    """Show the figures at /metrics."""

    @app.get("/metrics")
    def metrics() -> Response:
        """Give the figures in Prometheus' text form."""
        registry = REGISTRY
        if values.ValueClass is not values.MutexValue:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
