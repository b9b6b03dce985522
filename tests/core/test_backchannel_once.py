"""Pings go out once, requests are used once, and clients must be able to use them."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from authserver.core.apps import App
from authserver.core.client_metadata import CIBA
from authserver.errors import GrantReplayed, InvalidInput
from authserver.models import TokenFamily
from authserver.services import Services

THREADS = 50
TOKEN = "t" * 32


def test_a_ping_is_due_once_somebody_has_decided_and_goes_once(
    ask: Any, agree: Any, services: Services, db: Any
) -> None:
    """FAPI-CIBA: it is not repeated; claiming it is the end of it."""
    begun = ask(notification_token=TOKEN)
    assert not services.pings.has_due()
    assert services.pings.claim() == []
    agree()
    assert services.pings.has_due()
    (ping,) = services.pings.claim()
    db.session.commit()
    assert (ping.auth_req_id, ping.token) == (begun.auth_req_id, TOKEN)
    assert ping.url == "https://bank.example.test/cb"
    assert not services.pings.has_due()
    assert services.pings.claim() == []


def test_of_many_who_would_ping_one_does(
    app: Flask, ask: Any, agree: Any, services: Services, db: Any
) -> None:
    ask(notification_token=TOKEN)
    agree()
    db.session.rollback()
    assert sum(len(one) for one in race(app, services.pings.claim, db)) == 1


def race(app: Flask, act: Callable[[], Any], db: Any, threads: int = 8) -> list[Any]:
    start, brought = threading.Barrier(threads), []

    def go() -> None:
        with app.app_context():
            start.wait()
            brought.append(act())
            db.session.commit()

    racers = [threading.Thread(target=go) for _ in range(threads)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    return brought


def test_fifty_threads_with_one_auth_req_id_have_one_winner(
    app: Flask, services: Services, ask: Any, agree: Any, bank: App, db: Any
) -> None:
    """One atomic statement spends it; the others' alarm revokes the winner's tokens."""
    begun = ask()
    agree()
    db.session.rollback()

    def redeem() -> str:
        try:
            services.backchannel.redeem(begun.auth_req_id, app=bank)
        except GrantReplayed:
            return "replayed"
        return "won"

    answers = race(app, redeem, db, THREADS)
    assert sorted(answers) == ["replayed"] * (THREADS - 1) + ["won"]
    assert db.session.query(TokenFamily).one().revoked_at is not None


FAULTS: dict[str, dict[str, Any]] = {
    "grant_types": {"auth_method": "none"},
    "backchannel_token_delivery_mode": {
        "extra": {"backchannel_token_delivery_mode": "push"}
    },
    "backchannel_client_notification_endpoint": {
        "extra": {"backchannel_token_delivery_mode": "ping"}
    },
    "backchannel_authentication_request_signing_alg": {
        "extra": {"backchannel_authentication_request_signing_alg": "none"}
    },
    "jwks": {"extra": {"backchannel_authentication_request_signing_alg": "PS256"}},
}


@pytest.mark.parametrize("field", FAULTS)
def test_a_client_that_could_not_use_it_is_not_registered(
    services: Services, db: Any, field: str
) -> None:
    """CIBA §4: no public client, no push, an address for pings, keys for signatures."""
    with pytest.raises(InvalidInput) as refusal:
        services.clients.register(name="Bank", grant_types=(CIBA,), **FAULTS[field])
    assert set(refusal.value.fields) >= {field}
