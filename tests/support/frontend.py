"""A front end on the network: JSON over HTTP to a live server, as the seeds write it."""

from __future__ import annotations

from typing import Any

import requests

from tests.support.live import LiveServer


class Frontend:
    """One device, with a jar for cookies."""

    def __init__(self, server: LiveServer) -> None:
        self.server = server
        self.http = requests.Session()
        self.token: str | None = None

    def call(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            named["Authorization"] = f"Bearer {self.token}"
        return self.http.request(
            method,
            f"{self.server.url}/v1{path}",
            json=body,
            headers=named,
            timeout=30,
        )

    def get(self, path: str, **headers: str) -> requests.Response:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:
        return self.call("POST", path, body, **headers)

    def close(self) -> None:
        self.http.close()
