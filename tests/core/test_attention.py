"""What wants somebody to look, and what does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from authserver.core.attention import KEY_LIFE, Concern
from authserver.core.outbox_search import LATE
from authserver.models import OutboxLetter, StoredKey


@pytest.fixture
def concerns(services):
    """Look anew: figures are kept for half a minute."""

    def look():
        services.overview._kept = None
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
