"""Whose account an identity elsewhere opens: never one by its address alone."""

import threading
from dataclasses import replace

import pytest

from authserver.errors import (
    AccountSuspended,
    AddressUnproved,
    Conflict,
    ConnectFirst,
    SecondFactorNeeded,
)
from authserver.models import LoginRecord, OAuthProvider, User
from tests.core.conftest import PASSWORD
from tests.support.elsewhere import GRACE, IN, ISSUER


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
    user.status = "active"  # as older services leave it
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
