"""/metrics for Prometheus: how many requests, how long, which refusals.

Several processes share their figures through files in ``PROMETHEUS_MULTIPROC_DIR``,
which ``serve`` sets; alone, a process shows its own.
"""

import time

from flask import Flask, Response, g, request
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


def init_app(app: Flask) -> None:
    """Count every request, by endpoint and not by path: paths are without end."""

    def begin() -> None:
        g.metered = time.perf_counter()

    def end(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        REQUESTS.labels(endpoint, response.status_code).inc()
        if "metered" in g:
            SECONDS.labels(endpoint).observe(time.perf_counter() - g.metered)
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        """Give the figures in Prometheus' text form."""
        registry = REGISTRY
        if values.ValueClass is not values.MutexValue:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    app.before_request(begin)
    app.after_request(end)
