"""An app that is switched off: what it has is good nowhere, and nothing is lost."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from authserver.clock import FrozenClock
from authserver.core.apps import App
from authserver.core.clients import OWN_CLIENT
from authserver.errors import Conflict, InvalidToken, NotFound
from authserver.models import SecurityEvent
from authserver.services import Services
from tests.core.conftest import CALLBACK, VERIFIER

BY = uuid.UUID(int=7)


@pytest.fixture
def token(services: Services, db: Any, issue: Callable[..., str], shop: App) -> str:
    grant = services.grants.redeem_code(
        issue(), app=shop, redirect_uri=CALLBACK, verifier=VERIFIER
    )
    db.session.commit()
    return services.tokens.access_token(grant)


def test_what_it_has_is_good_nowhere_until_it_is_on_again(
    services: Services, db: Any, token: str, shop: App
) -> None:
    """RFC 7662 §2.2: at once, whatever was known a moment before."""
    assert services.checks.introspect(token, caller=shop)["active"]
    services.client_switch.turn_off(shop.client_id, by=BY, reason="a leak")
    db.session.commit()
    assert services.checks.introspect(token, caller=shop) == {"active": False}
    with pytest.raises(InvalidToken):
        services.checks.access(token)
    with pytest.raises(InvalidToken):
        services.checks.living(token)
    services.client_switch.turn_on(shop.client_id, by=BY, reason="mended")
    db.session.commit()
    assert services.checks.introspect(token, caller=shop)["active"]
    assert services.checks.access(token).subject.email == "ada@example.test"
    found = (
        db.session.query(SecurityEvent)
        .order_by(SecurityEvent.id)
        .filter(
            SecurityEvent.event.in_(("client:self:disabled", "client:self:enabled"))
        )
    )
    told = [(one.event, one.actor_id, one.reason) for one in found]
    assert told == [
        ("client:self:disabled", BY, "a leak"),
        ("client:self:enabled", BY, "mended"),
    ]


def test_another_process_learns_of_it_within_three_seconds(
    services: Services, db: Any, shop: App, clock: FrozenClock
) -> None:
    services.clients.find(shop.client_id)
    kept = dict(services.clients.cache)
    services.client_switch.turn_off(shop.client_id, by=BY)
    db.session.commit()
    assert services.clients.find(shop.client_id) is None
    # What the other process has read a moment ago.
    services.clients.cache.update(kept)
    assert services.clients.find(shop.client_id) is not None
    clock.advance(seconds=3)
    assert services.clients.find(shop.client_id) is None


def test_it_is_switched_once_and_our_own_is_never_off(
    services: Services, db: Any, shop: App
) -> None:
    switch = services.client_switch
    with pytest.raises(Conflict):
        switch.turn_on(shop.client_id, by=BY)
    switch.turn_off(shop.client_id, by=BY)
    with pytest.raises(Conflict):
        switch.turn_off(shop.client_id, by=BY)
    with pytest.raises(Conflict):
        switch.turn_off(OWN_CLIENT, by=BY)
    with pytest.raises(NotFound):
        switch.turn_off("nobody", by=BY)
    db.session.rollback()


def test_whether_it_is_off_is_asked_of_any_text(services: Services, shop: App) -> None:
    for hostile in ("", "\x00", "\ud800", "x" * 10_000, shop.client_id):
        assert services.client_switch.is_off(hostile) is False
