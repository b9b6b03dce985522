"""Events go with what they tell of, to the streams that may hear of it (CAEP 1.0)."""

import dataclasses
import uuid
from typing import Any

import pytest

from authserver.core.apps import App
from authserver.core.signals import Event
from authserver.models import Notice, Passkey, Session, User
from authserver.services import Services
from tests.core.conftest import PASSWORD

BETTER = "seven violet anchors beneath the tide"


@pytest.fixture
def stream(services: Services, shop: App, ada: User, db: Any) -> dict[str, Any]:
    """The shop's, which Ada uses."""
    services.consents.remember(ada.id, shop.id, ["openid"])
    made = services.streams.create(
        shop, {"events_requested": [event.value for event in Event]}
    )
    db.session.commit()
    return made


@pytest.fixture
def session(services: Services, ada: User, db: Any) -> Session:
    found, _ = services.sessions.start(ada, amr=["pwd"], remember=False)
    db.session.commit()
    return found


def events(db: Any) -> list[tuple[str, dict[str, Any]]]:
    rows = db.session.query(Notice).filter_by(kind="event").order_by(Notice.created_at)
    return [(row.payload["event"], row.payload["facts"]) for row in rows]


def test_another_password_is_told(
    services: Services, stream: Any, session: Session, ada: User, db: Any
) -> None:
    services.password_change.change(
        ada.id, current=PASSWORD, new=BETTER, session_id=session.id
    )
    said = {"credential_type": "password", "change_type": "update"}
    assert events(db) == [(Event.CREDENTIAL_CHANGE, said)]
    db.session.rollback()
    assert events(db) == [], "what did not come about is not told"


def test_a_passkey_that_goes_is_told(
    services: Services, stream: Any, session: Session, ada: User, db: Any
) -> None:
    row = Passkey(
        id=uuid.uuid4(),
        user_id=ada.id,
        credential_id="c",
        public_key="k",
        sign_count=0,
        aaguid="",
        is_synced=True,
        name="Telephone",
    )
    db.session.add(row)
    db.session.flush()
    services.passkeys.remove(ada.id, session.id, passkey_id=row.id)
    said = {"credential_type": "fido2-platform", "change_type": "delete"}
    assert events(db) == [(Event.CREDENTIAL_CHANGE, said)]


def test_a_stream_hears_what_it_asked_for_alone(
    services: Services, stream: Any, session: Session, shop: App, ada: User, db: Any
) -> None:
    asked = {"stream_id": stream["stream_id"], "events_requested": []}
    services.streams.change(shop, asked, is_whole=False)
    services.sessions.revoke(session.id, user_id=ada.id, because="signed out")
    assert events(db) == []


def test_a_header_is_sealed_and_goes_with_its_stream(
    services: Services, shop: App, db: Any
) -> None:
    delivery = {
        "method": "urn:ietf:rfc:8935",
        "endpoint_url": "https://shop.example.test/events",
        "authorization_header": "Bearer hush-hush",
    }
    made = services.streams.create(shop, {"delivery": delivery})
    row = services.streams.get(shop, made["stream_id"])
    assert "hush" not in (row.authorization_sealed or "")
    assert made["delivery"] == delivery
    services.streams.verify(shop, made)
    services.streams.end(shop, made["stream_id"])
    db.session.commit()
    assert events(db) == []


def test_verifications_that_nobody_takes_do_not_pile_up(
    services: Services, stream: Any, shop: App
) -> None:
    from authserver.core.streams import MAX_WAITING_CHECKS
    from authserver.errors import AuthError

    for _ in range(MAX_WAITING_CHECKS):
        services.streams.verify(shop, stream)
    with pytest.raises(AuthError):
        services.streams.verify(shop, stream)


def test_an_operators_own_client_may_watch_anybody(
    services: Services, shop: App, db: Any
) -> None:
    """Of others it is asked that the person uses them."""
    eve = services.people.add(email="eve@example.test", verified=True)
    db.session.flush()
    made = services.streams.create(shop, {"events_requested": list(Event)})
    asked = {
        "stream_id": made["stream_id"],
        "subject": {"format": "email", "email": "eve@example.test"},
    }
    signals = services.sessions.endings.signals
    services.streams.add_subject(shop, asked)
    signals.credential_changed(eve.id, kind="app", change="create")
    assert events(db) == []
    services.streams.add_subject(dataclasses.replace(shop, skip_consent=True), asked)
    signals.credential_changed(eve.id, kind="app", change="create")
    assert len(events(db)) == 1
