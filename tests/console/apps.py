"""Apps as operators register them at the console."""

from __future__ import annotations

from typing import Any

from authserver.models import Client
from tests.support.reader import Reader

BACK = "https://app.example/back"


def client(db: Any, name: str) -> Client:
    db.session.rollback()
    return db.session.query(Client).filter_by(name=name).one()


def register(root: Reader, kind: str = "web", **typed: str) -> Reader:
    """Send the form as it comes, with these fields filled."""
    root.open("/console/clients").link("client-new")
    told = {
        "kind": kind,
        "client_name": "Notes",
        "redirect_uris": BACK,
        "scope": "openid email",
        "profile": "oauth21",
    }
    return root.send("/console/clients/new", **told | typed)
