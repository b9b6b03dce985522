"""What wants somebody to look, and what does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from authserver.core.attention import KEY_LIFE, SOON, Concern
from authserver.core.outbox_search import LATE
from authserver.models import AuthorizationCode, Client, OutboxLetter, StoredKey


@pytest.fixture
def concerns(services):
    """Look anew: figures are kept for half a minute."""

    def look():
        services.overview._kept = services.client_survey._kept = None
        return services.attention.concerns()

    return look


def letter(db, clock, *, status="waiting", age=timedelta()):
    row = OutboxLetter(
        letter="verify_email",
        recipient="ada@example.test",
        status=status,
        not_before=clock.now() - age,
        created_at=clock.now() - age,
    )
    db.session.add(row)
    db.session.commit()


def test_all_is_well_on_a_fresh_server(concerns):
    assert concerns() == []


def test_letters_that_were_given_up_and_letters_that_are_late(concerns, db, clock):
    letter(db, clock, age=LATE - timedelta(seconds=1))
    assert concerns() == []
    letter(db, clock, age=LATE + timedelta(seconds=1))
    letter(db, clock, status="failed")
    letter(db, clock, status="failed")
    assert concerns() == [Concern("letters-failed", 2), Concern("letters-late", 1)]


def test_an_old_key_is_soon_and_a_missing_one_is_bad(concerns, services, db, clock):
    key = db.session.query(StoredKey).filter_by(state="active").first()
    key.activated_at = clock.now() - KEY_LIFE - timedelta(days=1)
    db.session.commit()
    assert concerns() == [Concern("key-old", 366, is_bad=False)]
    db.session.query(StoredKey).delete()
    db.session.commit()
    services.keys._ring = None
    try:
        assert Concern("keys-missing") in concerns()
    finally:
        services.keys._ring = None


def test_a_key_that_is_due_is_told_before_it_is_old(concerns, db, clock):
    key = db.session.query(StoredKey).filter_by(state="active").first()
    key.activated_at = clock.now() - KEY_LIFE + SOON
    db.session.commit()
    assert concerns() == [Concern("key-due", 30, is_bad=False)]
    key.activated_at += timedelta(minutes=1)
    db.session.commit()
    assert concerns() == []


def test_apps_that_could_be_stricter_are_advice(concerns, services, ada, db, clock):
    web = {"redirect_uris": ["https://shop.example/cb"]}
    services.clients.register(name="Free", **web)
    row, _ = services.clients.register(name="Off", **web)
    row.disabled_at = clock.now()
    strict, _ = services.clients.register(name="Strict", profile="oauth21", **web)
    db.session.commit()
    advice = {"is_bad": False, "is_advice": True}
    assert concerns() == [Concern("clients-may-move", 1, **advice)]
    free = db.session.query(Client).filter_by(name="Free").one()
    for app, challenge in ((free, None), (strict, "x")):
        db.session.add(code(app, ada, clock, challenge))
    db.session.commit()
    assert concerns() == [Concern("clients-weak", 1, **advice)]


def code(client, user, clock, challenge):
    now = clock.now()
    return AuthorizationCode(
        code_hash=client.name,
        client_id=client.id,
        user_id=user.id,
        redirect_uri="https://shop.example/cb",
        scope="openid",
        challenge=challenge,
        auth_time=now,
        acr="1",
        amr=["pwd"],
        created_at=now,
        expires_at=now,
    )


def test_limits_that_each_process_counts_alone(concerns, services, monkeypatch):
    monkeypatch.setattr(services.throttle, "resting_until", 1.0)
    assert concerns() == [Concern("limits-degraded")]


def test_a_database_of_another_release(concerns, db):
    place = "auth." if db.engine.dialect.name == "postgresql" else ""
    table = f"{place}authserver_version"
    now = db.session.scalar(text(f"SELECT version_num FROM {table}"))
    try:
        db.session.execute(text(f"UPDATE {table} SET version_num = '0001'"))
        db.session.commit()
        assert Concern("database-behind") in concerns()
    finally:
        db.session.execute(text(f"UPDATE {table} SET version_num = '{now}'"))
        db.session.commit()


def test_what_is_bad_comes_first(concerns, db, clock):
    key = db.session.query(StoredKey).filter_by(state="active").first()
    key.activated_at = clock.now() - KEY_LIFE * 2
    letter(db, clock, status="failed")
    assert [one.is_bad for one in concerns()] == [True, False]
