"""A code is redeemed while its session ends: no token outlives the session.

RFC 9700 §4.14.2, ASVS 7.4.1.  Each order of the two is made to happen, on both databases.
"""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from authserver.core.apps import App
from authserver.core.signed_in import SignedIn
from authserver.errors import AuthError, InvalidGrant
from authserver.models import TokenFamily
from authserver.services import Services
from tests.core.conftest import CALLBACK, VERIFIER

MOMENT = 0.3
"""Seconds in which the other would have come to its end, if nothing held it."""


@pytest.fixture
def code(issue: Callable[..., str], person: SignedIn, db: Any) -> str:
    """A code of Ada's session, for an app that gets no ``offline_access``."""
    given = issue(session_id=person.session_id, scopes=("openid",))
    db.session.rollback()
    return given


class Other(threading.Thread):
    """Another process: it acts, and commits unless it is refused."""

    def __init__(self, app: Flask, act: Callable[[], Any], db: Any) -> None:
        super().__init__()
        self.app, self.act, self.db = app, act, db
        self.refusal: AuthError | None = None

    def run(self) -> None:
        with self.app.app_context():
            try:
                self.act()
                self.db.session.commit()
            except AuthError as refusal:
                self.refusal = refusal
                self.db.session.rollback()

    def meanwhile(self) -> None:
        """Give it the time to come to its end, if nothing holds it; then commit."""
        self.start()
        self.join(MOMENT)
        self.db.session.commit()
        self.join(30)
        assert not self.is_alive()


def redeem(services: Services, code: str, shop: App) -> None:
    services.grants.redeem_code(
        code, app=shop, redirect_uri=CALLBACK, verifier=VERIFIER
    )


def sign_out(services: Services, person: SignedIn) -> None:
    services.sessions.revoke(
        person.session_id, user_id=person.user_id, because="signed out"
    )


def test_who_ends_the_session_waits_for_the_family(
    app: Flask,
    services: Services,
    db: Any,
    person: SignedIn,
    shop: App,
    code: str,
) -> None:
    """The code was first: its family is there when the session ends, and ends too."""
    db.session.rollback()
    redeem(services, code, shop)
    Other(app, lambda: sign_out(services, person), db).meanwhile()
    assert db.session.query(TokenFamily).one().revoked_at is not None


def test_who_comes_with_the_code_waits_for_the_end(
    app: Flask,
    services: Services,
    db: Any,
    person: SignedIn,
    shop: App,
    code: str,
) -> None:
    """The end was first: the code brings nothing any more."""
    db.session.rollback()
    sign_out(services, person)
    other = Other(app, lambda: redeem(services, code, shop), db)
    other.meanwhile()
    assert isinstance(other.refusal, InvalidGrant)
    assert db.session.query(TokenFamily).all() == []
