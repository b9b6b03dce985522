"""Is the process alive, and can it do its work?  /healthz, /readyz, /metrics."""

from flask import Flask, Response, jsonify

from authserver.http.context import services


def init_app(app: Flask) -> None:
    """Add the three addresses that operators and load balancers ask."""

    @app.get("/healthz")
    def healthz() -> Response:
        """Say that the process answers; nothing else is looked at."""
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        """Say whether requests can be served, check by check."""
        checks = services().readiness()
        is_ready = all(word in ("ok", "degraded") for word in checks.values())
        body = jsonify(status="ok" if is_ready else "unavailable", checks=checks)
        return body, 200 if is_ready else 503
