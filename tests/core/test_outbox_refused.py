"""A mail server refuses a letter: is there nobody, or is it our own fault?

RFC 5321 §4.2.1, RFC 3463 §3; with a mail server on the loopback.
"""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from authserver.adapters.mailer import SmtpMailer
from authserver.clock import FrozenClock
from authserver.models import OutboxLetter, User
from authserver.services import Services
from tests.adapters.post import Server

Send = Callable[..., None]


@pytest.fixture(scope="module")
def office() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def queued(services: Services, ada: User, db: Any) -> OutboxLetter:
    services.letters.password_changed(ada)
    db.session.commit()
    row: OutboxLetter = db.session.query(OutboxLetter).one()
    return row


@pytest.fixture
def send(services: Services, office: Server, db: Any) -> Send:
    """Send what is due, to a server that says so."""

    def send(**says: str) -> None:
        office.mailbox.says = says
        mailer = SmtpMailer(host="127.0.0.1", port=office.port)
        for row in services.outbox.claim():
            services.outbox.send(row, mailer.deliver)
        db.session.commit()

    return send


NOBODY = [
    {"RCPT": "550 5.1.1 no such user"},
    {"RCPT": "550 no such user"},
    {"RCPT": "553 not a name"},
    {"RCPT": "556 5.1.10 takes no mail"},
    {"RCPT": "550 5.2.1 mailbox disabled"},
    {"DATA": "550 5.1.1 no such user"},
]
OUR_FAULT = [
    {"RCPT": "450 4.2.0 greylisted"},
    {"RCPT": "554 5.7.1 relay access denied"},
    {"RCPT": "550 5.7.1 we do not like you"},
    {"RCPT": "550 5.1.8 who are you"},
    {"RCPT": "530 5.7.0 sign in first"},
    {"RCPT": "552 mailbox full"},
    {"MAIL": "550 5.1.1 no such sender"},
    {"DATA": "550 looks like spam"},
    {"DATA": "554 5.7.1 not today"},
]


def word(says: dict[str, str]) -> str:
    return "-".join(f"{name} {said[:9]}" for name, said in says.items())


@pytest.mark.parametrize("says", NOBODY, ids=word)
def test_where_there_is_nobody_it_is_not_tried_again(
    services: Services,
    queued: OutboxLetter,
    office: Server,
    clock: FrozenClock,
    send: Send,
    says: dict[str, str],
) -> None:
    send(**says)
    assert (queued.status, queued.attempts) == ("refused", 1)
    (said,) = says.values()
    assert said in str(queued.last_error)
    tried = office.mailbox.connections
    clock.advance(days=2)
    send()
    assert office.mailbox.connections == tried
    assert not services.outbox.has_due()


@pytest.mark.parametrize("says", OUR_FAULT, ids=word)
def test_what_may_be_our_own_fault_is_tried_again(
    queued: OutboxLetter, clock: FrozenClock, send: Send, says: dict[str, str]
) -> None:
    send(**says)
    assert queued.status == "waiting"
    clock.advance(minutes=1)
    send()
    assert queued.status == "sent"


def test_so_is_what_fails_before_there_is_a_letter(
    services: Services, queued: OutboxLetter, clock: FrozenClock, db: Any
) -> None:
    """535: the account at the mail server is wrong, whoever the letter is for."""
    with Server(auth_require_tls=False, authenticator=nobody) as office:
        mailer = SmtpMailer(
            host="127.0.0.1", port=office.port, username="us", password="wrong"
        )
        for row in services.outbox.claim():
            fault = services.outbox.send(row, mailer.deliver)
    assert "535" in str(fault)
    assert queued.status == "waiting"


def nobody(*_: object) -> Any:
    from aiosmtpd.smtp import AuthResult

    return AuthResult(success=False, handled=False, message="535 5.7.8 wrong")


def test_an_operator_has_one_tried_again_and_not_by_all_that_failed(
    services: Services, queued: OutboxLetter, send: Send, db: Any
) -> None:
    send(**NOBODY[0])
    by = uuid.uuid4()
    assert services.outbox_retry.all_failed(by=by) == 0
    services.outbox_retry.again(queued.id, by=by)
    db.session.commit()
    db.session.expire_all()
    send()
    assert queued.status == "sent"


def test_what_was_refused_can_be_removed_and_is_not_kept_for_ever(
    services: Services,
    queued: OutboxLetter,
    send: Send,
    db: Any,
    clock: FrozenClock,
) -> None:
    send(**NOBODY[0])
    clock.advance(days=91)
    assert services.housekeeping.sweep()["outbox"] == 1
    db.session.rollback()
    services.outbox_retry.drop(queued.id, by=uuid.uuid4())
    assert db.session.query(OutboxLetter).count() == 0
