"""The ends of the chain, lines whose time is over, many at once, and very many."""

import threading
import tracemalloc
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from authserver.core.audit import EventTag
from authserver.core.audit_check import PAGE
from authserver.core.audit_seal import CONTENT, NAME, ChainBroken
from authserver.crypto.chain import START
from authserver.models import AuditChain, SecurityEvent
from tests.support.audit_log import EVENTS, at, fault

ENDS = AuditChain.__table__


# -- The row with the ends


@pytest.mark.parametrize(
    "change",
    [
        {"last_position": 9},
        {"last_chain": "x"},
        {"first_position": 3},
        {"first_chain": "x"},
        {"seal": ""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_ends_that_were_changed_are_found_and_not_sealed_over(
    log, db, tamper, write, change
):
    tamper(delete(EVENTS).where(EVENTS.c.position > 9), update(ENDS).values(change))
    assert "ends of the chain" in fault(log).what
    write(1, seal=False)
    with pytest.raises(ChainBroken):
        log.audit_seal.seal()
    db.session.rollback()


def test_ends_that_are_gone_are_found_and_not_made_anew(log, db, tamper, write):
    tamper(delete(ENDS))
    assert fault(log).what == "the row with the ends of the chain is gone"
    write(1, seal=False)
    with pytest.raises(ChainBroken):
        log.audit_seal.seal()
    db.session.rollback()


def test_a_log_that_was_put_back_to_an_older_state_is_found_by_what_was_noted(
    log, db, tamper, write
):
    """The one thing that the tables alone cannot tell."""
    older = db.session.execute(select(ENDS)).one()._mapping
    write(3)
    verdict = log.audit_check.verify()
    known = (verdict.last_position, verdict.last_chain)
    assert log.audit_check.verify(known=known).fault is None
    tamper(delete(EVENTS).where(EVENTS.c.position > 12), update(ENDS).values(**older))
    assert fault(log) is None
    assert log.audit_check.verify(known=known).fault.what == "was known, and is gone"
    write(3)
    found = log.audit_check.verify(known=known).fault
    assert (found.position, found.what) == (15, "is not the line that was known")


# -- Lines whose time is over


def test_what_we_let_go_leaves_a_whole_chain(log, db, clock, write):
    begins = clock.now() - timedelta(seconds=5)
    assert log.audit_seal.let_go(begins) == 6
    db.session.commit()
    verdict = log.audit_check.verify()
    assert (verdict.fault, verdict.first_position) == (None, 7)
    write(2)
    assert fault(log) is None
    assert log.audit_seal.let_go(begins) == 0


class Meanwhile:
    """Reads; and before the first page is read, something happens."""

    def __init__(self, reads, act):
        self.first, self.reads, self.act = reads.first, reads, act

    def all(self, statement):
        act, self.act = self.act, None
        if act:
            act()
        return self.reads.all(statement)


def test_a_check_that_we_let_go_beside_begins_again(log, db, clock):
    def let_go():
        assert log.audit_seal.let_go(clock.now() - timedelta(seconds=5)) == 6
        db.session.commit()

    check = replace(log.audit_check, reads=Meanwhile(log.reads, let_go))
    verdict = check.verify()
    assert (verdict.fault, verdict.checked) == (None, 6)


def test_lines_whose_time_is_over_go_with_what_else_is_over(log, db, clock):
    begins = log.settings.retain_security_log
    assert log.housekeeping.waiting()["security_events"] is False
    clock.advance(seconds=begins.total_seconds() - 5)
    assert log.housekeeping.waiting()["security_events"] is True
    assert log.housekeeping.sweep()["security_events"] == 6
    assert log.housekeeping.waiting()["security_events"] is False
    db.session.commit()
    assert fault(log) is None


def test_what_others_take_from_the_beginning_is_found(log, db, tamper, clock):
    log.audit_seal.let_go(clock.now() - timedelta(seconds=5))
    db.session.commit()
    tamper(delete(EVENTS).where(EVENTS.c.position <= 8))
    assert fault(log).what == "is missing, and all up to 8"


def test_evidence_stays_while_the_chain_is_broken(log, db, tamper, clock):
    tamper(update(ENDS).values(last_position=9))
    clock.advance(days=4000)
    assert "security_events" not in log.housekeeping.sweep()
    db.session.rollback()
    assert db.session.query(SecurityEvent).count() >= 12


# -- Many at once, and much


def test_eight_that_write_and_three_that_seal_make_one_chain(app, services, db, write):
    db.session.rollback()
    start, ended = threading.Barrier(11), threading.Event()

    def run(work):
        with app.app_context():
            start.wait()
            work()

    def writing():
        from authserver.models import db as tables

        for _ in range(25):
            services.audit.record(EventTag.PROFILE_CHANGED)
            tables.session.commit()

    def sealing():
        from authserver.models import db as tables

        while not ended.is_set():
            services.audit_seal.seal(7)
            tables.session.commit()

    writers = [threading.Thread(target=run, args=(writing,)) for _ in range(8)]
    sealers = [threading.Thread(target=run, args=(sealing,)) for _ in range(3)]
    for thread in writers + sealers:
        thread.start()
    for thread in writers:
        thread.join()
    ended.set()
    for thread in sealers:
        thread.join()
    while services.audit_seal.seal():
        db.session.commit()
    verdict = services.audit_check.verify()
    assert verdict.fault is None
    assert (verdict.checked, verdict.waiting) == (200, 0)


def long_log(services, clock, many):
    """Lines as they lie there once they are sealed."""
    chain, link = services.audit_chain, START
    for number in range(1, many + 1):
        line = dict.fromkeys(CONTENT) | {
            "id": number,
            "event": "x:y:z",
            "facts": {"n": number},
            "reason": "r" * 80,
            "created_at": clock.now(),
        }
        link = chain.link(link, {"position": number, **line})
        yield {**line, "position": number, "chain": link}


@pytest.mark.live
def test_twenty_thousand_lines_are_checked_in_the_memory_of_a_page(
    services, db, clock, write
):
    many = 20_000
    ends = {"name": NAME, "first_position": 0, "first_chain": START}
    batch = []
    for line in long_log(services, clock, many):
        batch.append(line)
        if len(batch) == 5000:
            db.session.execute(insert(EVENTS), batch)
            batch = []
    ends |= {"last_position": many, "last_chain": line["chain"]}
    seal = services.audit_chain.link(START, ends)
    db.session.execute(insert(ENDS).values(**ends, seal=seal, updated_at=clock.now()))
    db.session.commit()
    tracemalloc.start()
    verdict = services.audit_check.verify()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert verdict.fault is None
    assert verdict.checked == many >= 20 * PAGE
    assert peak < 12 << 20
    db.session.execute(update(EVENTS).where(at(19_000)).values(reason="x"))
    db.session.commit()
    assert fault(services).position == 19_000
