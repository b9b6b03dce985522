"""A security log of twelve lines, and somebody who can write every table."""

import pytest
from sqlalchemy import delete

from authserver.core.audit import EventTag
from authserver.models import SecurityEvent

EVENTS = SecurityEvent.__table__


@pytest.fixture
def write(services, db, clock):
    """Write lines as requests do, a second apart, into an empty log; and seal them."""
    db.session.execute(delete(EVENTS))
    db.session.commit()

    def write(count, *, seal=True):
        for number in range(count):
            clock.advance(seconds=1)
            services.audit.record(
                EventTag.PROFILE_CHANGED, reason=f"line {number}", field="phone"
            )
        db.session.commit()
        if seal:
            while services.audit_seal.seal():
                db.session.commit()

    return write


@pytest.fixture
def log(services, db, write):
    """Twelve lines, sealed."""
    write(12)
    return services


@pytest.fixture
def tamper(db):
    """Change the tables as somebody would who has the database's password."""

    def tamper(*statements):
        for statement in statements:
            db.session.execute(statement)
        db.session.commit()

    return tamper


def fault(services):
    return services.audit_check.verify().fault


def at(position):
    return EVENTS.c.position == position
