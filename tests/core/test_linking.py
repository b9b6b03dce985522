"""Link an account of another service to one's own, and unlink it."""

import threading
import uuid
from dataclasses import replace

import pytest

from authserver.core.attempts import Wish
from authserver.errors import (
    Conflict,
    LastMethod,
    NotFound,
    NotSignedIn,
    StepUpNeeded,
)
from authserver.models import OAuthProvider, Passkey, SecurityEvent
from tests.support.elsewhere import GRACE, IN


@pytest.fixture
def begun(services, db, ada):
    """Ada's attempt to link, signed in as she is."""
    session, _ = services.sessions.start(ada, amr=["pwd"], remember=False)
    db.session.commit()
    wish = Wish(face="page", user_id=ada.id, session_id=session.id)
    return replace(IN, wish=wish)


def count(db, table):
    return db.session.query(table).count()


def test_linking_is_recorded_and_told_to_the_owner(services, db, ada, begun):
    services.connections.link(begun, GRACE)
    db.session.commit()
    (row,) = services.connections.list_of(ada.id)
    assert row.email == "grace@example.test"
    tags = [
        one.event for one in db.session.query(SecurityEvent).order_by(SecurityEvent.id)
    ]
    assert "user:connection:linked" in tags
    services.connections.link(begun, GRACE)
    db.session.commit()
    assert count(db, OAuthProvider) == 1


def test_what_is_somebody_elses_is_not_linked(services, db, begun):
    services.connections.enter(IN, GRACE, kind="browser")
    db.session.commit()
    with pytest.raises(Conflict):
        services.connections.link(begun, GRACE)


def test_one_account_of_a_service_each(services, db, begun):
    services.connections.link(begun, GRACE)
    with pytest.raises(Conflict, match="issuer"):
        services.connections.link(begun, replace(GRACE, subject="g-2"))


def test_whoever_has_signed_out_meanwhile_links_nothing(services, db, ada, begun):
    services.sessions.revoke_all(ada.id, because="a test")
    db.session.commit()
    with pytest.raises(NotSignedIn):
        services.connections.link(begun, GRACE)


def test_a_session_that_has_run_out_links_nothing(services, db, begun, clock):
    clock.advance(days=40)
    with pytest.raises(NotSignedIn):
        services.connections.link(begun, GRACE)


def test_a_session_of_another_links_nothing(services, db, begun):
    other = replace(begun, wish=replace(begun.wish, user_id=uuid.uuid4()))
    with pytest.raises(NotSignedIn):
        services.connections.link(other, GRACE)


def test_unlinking_leaves_a_way_in(services, db, ada, begun):
    services.connections.link(begun, GRACE)
    session = begun.wish.session_id
    ada.password_hash = None
    db.session.commit()
    with pytest.raises(LastMethod):
        services.connections.unlink(ada.id, "idp", session_id=session)
    services.connections.link(begun, replace(GRACE, issuer="https://two.test"))
    other = replace(begun, provider="two")
    services.connections.link(other, replace(GRACE, issuer="https://three.test"))
    db.session.commit()
    services.connections.unlink(ada.id, "idp", session_id=session)
    db.session.commit()
    assert [row.provider for row in services.connections.list_of(ada.id)] == ["two"]
    with pytest.raises(NotFound):
        services.connections.unlink(ada.id, "idp", session_id=session)


def test_a_passkey_is_a_way_in(services, db, ada, begun):
    services.connections.link(begun, GRACE)
    ada.password_hash = None
    db.session.add(
        Passkey(
            user_id=ada.id,
            credential_id="c",
            public_key="k",
            sign_count=0,
            aaguid="a",
            is_synced=False,
            name="Phone",
        )
    )
    db.session.commit()
    session = begun.wish.session_id
    services.connections.unlink(ada.id, "idp", session_id=session)
    assert services.connections.list_of(ada.id) == []


def test_unlinking_needs_a_recent_proof(services, db, ada, begun, clock):
    services.connections.link(begun, GRACE)
    db.session.commit()
    clock.advance(minutes=11)
    with pytest.raises(StepUpNeeded):
        services.connections.unlink(ada.id, "idp", session_id=begun.wish.session_id)


def test_two_that_go_at_one_moment_leave_one(app, services, db, ada, begun):
    services.connections.link(begun, GRACE)
    other = replace(begun, provider="two")
    services.connections.link(other, replace(GRACE, issuer="https://two.test"))
    ada.password_hash = None
    db.session.commit()
    user_id, session = ada.id, begun.wish.session_id
    db.session.rollback()  # on SQLite a transaction that reads holds the door
    start, said = threading.Barrier(2), []

    def go(provider):
        with app.app_context():
            from authserver.models import db as tables

            start.wait()
            try:
                services.connections.unlink(user_id, provider, session_id=session)
                tables.session.commit()
                said.append("gone")
            except LastMethod:
                tables.session.rollback()
                said.append("stays")

    racers = [threading.Thread(target=go, args=(name,)) for name in ("idp", "two")]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(said) == ["gone", "stays"]
