"""The security log as a chain: what is done to it behind our back is found.

Whoever does it here can write every table, and has not the key.
"""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from authserver.crypto.chain import Chain
from authserver.models import AuditChain
from tests.support.audit_log import EVENTS, at, fault

ENDS = AuditChain.__table__
HOUR = timedelta(hours=1)


# -- What is whole


def test_a_log_that_nobody_touched_is_whole(log):
    verdict = log.audit_check.verify()
    assert verdict.fault is None
    assert verdict.checked == verdict.last_position
    assert (verdict.first_position, verdict.waiting) == (1, 0)


def test_an_empty_log_is_whole(services, write):
    assert services.audit_check.verify().fault is None


def test_lines_that_wait_are_counted_and_are_no_fault(log, write):
    write(3, seal=False)
    verdict = log.audit_check.verify()
    assert (verdict.fault, verdict.waiting) == (None, 3)


def test_a_line_of_a_slow_request_comes_later_and_is_no_fault(
    log, db, tamper, write, clock
):
    """Ids are drawn when a request writes; what counts is when it is met."""
    last = db.session.scalar(select(EVENTS.c.id).order_by(EVENTS.c.id.desc()).limit(1))
    facts = {"event": "x:y:z", "facts": {}}
    tamper(insert(EVENTS).values(id=last + 2, created_at=clock.now(), **facts))
    log.audit_seal.seal()
    early = clock.now() - timedelta(seconds=15)
    tamper(insert(EVENTS).values(id=last + 1, created_at=early, **facts))
    log.audit_seal.seal()
    db.session.commit()
    assert fault(log) is None


# -- What is found


@pytest.mark.parametrize(
    "change",
    [
        {"event": "user:signin:granted"},
        {"reason": "another reason"},
        {"facts": {"field": "email"}},
        {"ip_address": "203.0.113.9"},
        {"user_agent": "another"},
        {"trace_id": "f" * 32},
        {"id": 999_999},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_line_that_was_changed_is_found(log, tamper, change):
    tamper(update(EVENTS).where(at(7)).values(change))
    found = fault(log)
    assert (found.position, found.what) == (7, "was changed, moved, or put in")


@pytest.mark.parametrize("column", ["user_id", "actor_id", "client_id"])
def test_a_line_that_names_somebody_else_is_found(log, tamper, column):
    tamper(update(EVENTS).where(at(7)).values({column: uuid.UUID(int=7)}))
    assert fault(log).position == 7


def test_a_moment_that_was_changed_is_found(log, tamper, clock):
    moved = clock.now() - timedelta(microseconds=1)
    tamper(update(EVENTS).where(at(7)).values(created_at=moved))
    assert fault(log).position == 7


@pytest.mark.parametrize("position", [1, 7, 12])
def test_a_line_that_was_deleted_is_found(log, tamper, position):
    tamper(delete(EVENTS).where(at(position)))
    found = fault(log)
    assert (found.position, found.what) == (position, "is missing")


def test_an_end_that_was_cut_off_is_found(log, tamper, write):
    tamper(delete(EVENTS).where(EVENTS.c.position > 9))
    assert fault(log).what == "is missing, and all up to 12"
    write(2)
    assert fault(log).what == "is missing, and all up to 12"


def test_a_log_that_was_emptied_is_found(log, tamper):
    tamper(delete(EVENTS))
    assert fault(log).position == 1


def test_two_lines_that_changed_places_are_found(log, tamper):
    tamper(
        update(EVENTS).where(at(4)).values(position=-1),
        update(EVENTS).where(at(5)).values(position=4),
        update(EVENTS).where(at(-1)).values(position=5),
    )
    assert fault(log).position == 4


def test_two_contents_that_changed_places_are_found(log, tamper):
    tamper(
        update(EVENTS).where(at(4)).values(reason="line 4"),
        update(EVENTS).where(at(5)).values(reason="line 3"),
    )
    assert fault(log).position == 4


def test_a_line_that_was_put_in_between_is_found(log, db, tamper, clock):
    """With the places behind it moved on, and a link copied from its neighbour."""
    copied = db.session.scalar(select(EVENTS.c.chain).where(at(5)))
    for place in range(12, 5, -1):
        tamper(update(EVENTS).where(at(place)).values(position=place + 1))
    made = {"event": "x:y:z", "facts": {}, "created_at": clock.now()}
    tamper(insert(EVENTS).values(position=6, chain=copied, **made))
    assert fault(log).position == 6


@pytest.mark.parametrize(
    ("position", "chain", "what"),
    [
        (13, "aa.bb", "stands behind the end of the chain"),
        (0, "aa.bb", "stands before the beginning of the chain"),
        (None, "aa.bb", "has a link and no place"),
        (13, None, "stands behind the end of the chain"),
    ],
)
def test_a_line_that_was_put_in_outside_is_found(
    log, tamper, clock, position, chain, what
):
    made = {"event": "x:y:z", "facts": {}, "created_at": clock.now()}
    tamper(insert(EVENTS).values(position=position, chain=chain, **made))
    assert fault(log).what == what


def test_a_line_that_was_put_in_to_be_sealed_and_is_dated_back_is_found(
    log, tamper, clock, write
):
    """Before it is sealed, and afterwards."""
    made = {"event": "x:y:z", "facts": {}, "created_at": clock.now() - 2 * HOUR}
    tamper(insert(EVENTS).values(**made))
    assert "waits, and is dated before" in fault(log).what
    write(1)
    assert "dated before lines that were sealed earlier" in fault(log).what


def test_a_chain_made_anew_without_the_key_is_found(log, db, tamper):
    """All of it, from line 5 on, and the ends to go with it."""
    stranger = Chain([b"s" * 32])
    before, rows = "start", db.session.execute(select(EVENTS)).all()
    for row in rows:
        before = stranger.link(before, {"id": row.id})
        tamper(update(EVENTS).where(EVENTS.c.id == row.id).values(chain=before))
    tamper(update(ENDS).values(last_chain=before))
    assert "ends of the chain" in fault(log).what
    tamper(update(ENDS).values(seal=stranger.link("start", {})))
    assert "sealed with a key that is not here" in fault(log).what
