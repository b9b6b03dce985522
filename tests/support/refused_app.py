"""An app that asks, well and badly, and who looks into it: the flow inspector's cast."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from authserver.models import RefusedRequest
from authserver.services import Services
from tests.support.reader import Reader

BACK = "https://rp.example/callback?tenant=1"
VERIFIER = "v" * 43 + "-verifier"
CHALLENGE = "kWTQMAEkT7VgjtR85ogabxkesKA0Pw2xhDzWaRLjE5o"


@pytest.fixture
def wire(app: Flask, make_reader: Any) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def notes(services: Services, db: Any, make_reader: Any) -> tuple[Any, str]:
    """An app that shows a secret, and its secret."""
    row, secret = services.clients.register(
        name="Notes", redirect_uris=[BACK], scope="openid email", profile="oauth21"
    )
    db.session.commit()
    return row, secret


@pytest.fixture
def good_ask(notes: tuple[Any, str]) -> dict[str, str]:
    """A good request."""
    return {
        "client_id": notes[0].client_id,
        "response_type": "code",
        "redirect_uri": BACK,
        "scope": "openid email",
        "state": "state-that-nobody-may-see",
        "nonce": "nonce-that-nobody-may-see",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }


def noted(db: Any) -> list[RefusedRequest]:
    db.session.rollback()
    return db.session.query(RefusedRequest).order_by(RefusedRequest.created_at).all()


def basic(client_id: str, secret: str) -> dict[str, str]:
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def told(reader: Reader, trace: str) -> str:
    return reader.open(f"/console/flows/{trace}").document.get("finding-1").text
