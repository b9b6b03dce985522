"""Whose account an identity elsewhere opens: never one by its address alone."""

import threading
import uuid
from dataclasses import replace

import pytest

from authserver.adapters.social.base import Errand, Identity
from authserver.core.attempts import Attempt, Wish
from authserver.errors import (
    AccountSuspended,
    AddressUnproved,
    Conflict,
    ConnectFirst,
    LastMethod,
    NotFound,
    NotSignedIn,
    SecondFactorNeeded,
    StepUpNeeded,
)
from authserver.models import LoginRecord, OAuthProvider, SecurityEvent, User
from tests.core.conftest import PASSWORD

ISSUER = "https://idp.example.test"
GRACE = Identity(
    issuer=ISSUER,
    subject="g-1",
    email="grace@example.test",
    is_email_verified=True,
    name="Grace Hopper",
    picture="https://pictures.example/grace.png",
)
IN = Attempt("idp", Wish(face="page"), Errand("https://x", "s", "n", "v" * 43))


@pytest.fixture
def enter(services, db):
    """Come in as Grace; keywords change what the provider says."""

    def enter(attempt=IN, **said):
        session, _ = services.connections.enter(
            attempt, replace(GRACE, **said), kind="browser"
        )
        db.session.commit()
        return session

    return enter


@pytest.fixture
def begun(services, db, ada):
    """Ada's attempt to link, signed in as she is."""
    session, _ = services.sessions.start(ada, amr=["pwd"], remember=False)
    db.session.commit()
    wish = Wish(face="page", user_id=ada.id, session_id=session.id)
    return replace(IN, wish=wish)


def count(db, table):
    return db.session.query(table).count()


def user_of(db, session):
    return db.session.get(User, session.user_id)


# -- Signing in


def test_somebody_new_gets_an_account_without_a_password(db, enter):
    user = user_of(db, enter())
    assert user.email == "grace@example.test"
    assert user.full_name == "Grace Hopper"
    assert (user.status, user.is_email_verified) == ("active", True)
    assert user.password_hash is None
    row = db.session.query(OAuthProvider).one()
    assert (row.issuer, row.subject, row.user_id) == (ISSUER, "g-1", user.id)
    session = enter()
    assert session.amr == ["fed"]
    history = db.session.query(LoginRecord).order_by(LoginRecord.id).all()
    assert [(one.auth_method, one.status) for one in history] == [
        ("idp", "success"),
        ("idp", "success"),
    ]


def test_issuer_and_subject_say_who_it_is_whatever_the_address(db, enter):
    first = enter()
    again = enter(email="other@example.test", is_email_verified=False)
    assert again.user_id == first.user_id
    assert user_of(db, again).email == "grace@example.test"
    assert count(db, User) == 2  # the administrator, and her


@pytest.mark.parametrize("changed", [{"subject": "g-2"}, {"issuer": f"{ISSUER}.evil"}])
def test_another_subject_or_issuer_is_somebody_else(db, enter, changed):
    enter()
    with pytest.raises(ConnectFirst):
        enter(**changed)
    db.session.rollback()
    assert count(db, OAuthProvider) == 1


def test_an_account_is_not_opened_by_its_address(db, ada, enter):
    with pytest.raises(ConnectFirst):
        enter(email="Ada@Example.test")
    assert count(db, OAuthProvider) == 0
    db.session.commit()
    refused = db.session.query(LoginRecord).one()
    assert (refused.status, refused.failure_reason) == ("failure", "connect_first")


@pytest.mark.parametrize("address", ["ada@example.test", "new@example.test", None, "x"])
def test_an_address_that_nobody_vouches_for_begins_and_opens_nothing(
    db, ada, enter, address
):
    with pytest.raises(AddressUnproved):
        enter(email=address, is_email_verified=False)
    with pytest.raises(AddressUnproved):
        enter(email=address if address == "x" else None)
    assert count(db, OAuthProvider) == 0
    assert count(db, User) == 2


def test_an_account_that_waits_for_its_proof_loses_the_password_of_who_began_it(
    services, db, enter
):
    """C12: a stranger cannot prepare an account for somebody else's address."""
    services.signup.register(email="grace@example.test", password=PASSWORD)
    db.session.commit()
    session = enter()
    user = user_of(db, session)
    assert user.password_hash is None
    assert (user.status, user.is_email_verified) == ("active", True)


@pytest.mark.parametrize("status", ["locked", "disabled"])
def test_a_suspended_account_stays_closed(db, enter, status):
    user = user_of(db, enter())
    user.status = status
    db.session.commit()
    with pytest.raises(AccountSuspended):
        enter()


def test_a_deleted_account_stays_closed_and_its_address_taken(services, db, enter):
    user = user_of(db, enter())
    services.deletion.delete(user, by=user.id)
    db.session.commit()
    with pytest.raises(AccountSuspended):
        enter()
    with pytest.raises(ConnectFirst):
        enter(subject="g-2")


def test_the_second_factor_is_asked_for(services, db, enter):
    user = user_of(db, enter())
    user.mfa_enabled = True
    db.session.commit()
    with pytest.raises(SecondFactorNeeded) as due:
        enter()
    assert due.value.ticket


def test_what_sign_up_asks_for_must_be_given_at_sign_up(services, db, enter):
    asks = replace(services.settings, signup_required_fields=("full_name", "cpf"))
    strict = replace(services.connections, settings=asks)
    with pytest.raises(Conflict, match="cpf"):
        strict.enter(IN, GRACE, kind="api")
    db.session.rollback()
    asks = replace(services.settings, signup_required_fields=("full_name",))
    strict = replace(services.connections, settings=asks)
    with pytest.raises(Conflict, match="full_name"):
        strict.enter(IN, replace(GRACE, name=None), kind="api")


def test_eight_at_one_moment_make_one_account(app, services, db, enter):
    start, found = threading.Barrier(8), []

    def come():
        with app.app_context():
            from authserver.models import db as tables

            start.wait()
            session, _ = services.connections.enter(IN, GRACE, kind="browser")
            found.append(session.user_id)
            tables.session.commit()

    racers = [threading.Thread(target=come) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert (len(found), len(set(found))) == (8, 1)
    assert count(db, OAuthProvider) == 1


# -- Linking


def test_linking_is_recorded_and_told_to_the_owner(services, db, ada, begun):
    services.connections.link(begun, GRACE)
    db.session.commit()
    (row,) = services.connections.list_of(ada.id)
    assert row.email == "grace@example.test"
    tags = [one.event for one in db.session.query(SecurityEvent)]
    assert "user:connection:linked" in tags
    services.connections.link(begun, GRACE)
    db.session.commit()
    assert count(db, OAuthProvider) == 1


def test_what_is_somebody_elses_is_not_linked(services, db, enter, begun):
    enter()
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
