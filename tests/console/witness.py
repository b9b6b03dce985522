"""No deed without a line in the security log: watched in every test of the console."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask, Request, Response, request, request_finished, request_started
from sqlalchemy import func, select

from authserver.models import SecurityEvent
from authserver.services import Services

FIRST_A_PROOF = "/reauth"
"""Where somebody is sent who must show first that it is they; nothing is done yet."""


@pytest.fixture(autouse=True)
def every_deed_is_recorded(
    make_reader: object, app: Flask, services: Services
) -> Iterator[None]:
    """What a form led to was written down by whoever did it."""
    before, silent = [0], list[str]()

    def lines() -> int:
        with services.reads.engine.connect() as connection:
            return connection.scalar(select(func.count(SecurityEvent.id))) or 0

    def begun(*_: Any, **__: Any) -> None:
        if is_deed(request):
            before[0] = lines()

    def ended(*_: Any, response: Response, **__: Any) -> None:
        if not is_deed(request) or response.status_code != 303:
            return
        leads_to = urlsplit(response.location or "").path
        if leads_to != FIRST_A_PROOF and lines() == before[0]:
            silent.append(f"{request.path} -> {leads_to}")

    request_started.connect(begun, app)
    request_finished.connect(ended, app)
    yield
    request_started.disconnect(begun, app)
    request_finished.disconnect(ended, app)
    assert silent == []


def is_deed(came: Request) -> bool:
    return came.method == "POST" and came.path.startswith("/console/")
