"""Many at one moment with one device (RFC 8628): one wins, and only one."""

import threading
from typing import Any

from flask import Flask

from authserver.core.apps import App
from authserver.core.signed_in import SignedIn
from authserver.errors import ChallengeExpired, GrantReplayed
from authserver.models import DeviceGrant, TokenFamily
from authserver.services import Services
from tests.core.devices import SCOPES

THREADS = 50


def test_fifty_threads_with_one_device_code_have_one_winner(
    app: Flask, services: Services, begin: Any, allow: Any, tv: App, db: Any
) -> None:
    """One atomic statement spends it; the others' alarm revokes the winner's tokens."""
    begun = begin()
    allow(begun)
    start, answers = threading.Barrier(THREADS), []
    db.session.rollback()

    def go() -> None:
        with app.app_context():
            start.wait()
            try:
                services.device_grants.redeem(begun.device_code, app=tv)
                answers.append("won")
            except GrantReplayed:
                answers.append("replayed")
            db.session.commit()

    racers = [threading.Thread(target=go) for _ in range(THREADS)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(answers) == ["replayed"] * (THREADS - 1) + ["won"]
    assert db.session.query(TokenFamily).one().revoked_at is not None


def test_of_yes_and_no_at_one_moment_one_counts(
    app: Flask, services: Services, begin: Any, person: SignedIn, db: Any
) -> None:
    found = services.device_grants.find(begin().user_code)
    start, answers = threading.Barrier(8), []
    db.session.rollback()

    def go(place: int) -> None:
        with app.app_context():
            start.wait()
            try:
                if place % 2:
                    services.device_grants.allow(found, person, SCOPES)
                else:
                    services.device_grants.deny(found, person)
                db.session.commit()
                answers.append(place)
            except ChallengeExpired:
                db.session.rollback()

    racers = [threading.Thread(target=go, args=(n,)) for n in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    row = db.session.query(DeviceGrant).one()
    assert len(answers) == 1
    assert (row.allowed_at is None) != (row.denied_at is None)
