"""What is over goes, in batches by index (LGPD art. 15-16)."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from authserver.clock import FrozenClock
from authserver.core import housekeeping
from authserver.models import (
    Base,
    Challenge,
    Client,
    InitialToken,
    LoginRecord,
    OutboxLetter,
    RateLimit,
    RefreshToken,
    RememberedAnswer,
    RevokedToken,
    Session,
    SpentAssertion,
    TokenFamily,
    User,
)
from authserver.services import Services
from tests.core.conftest import PASSWORD

Make = Callable[[datetime, Any], Any]


def challenge(at: datetime, user: User) -> Challenge:
    handle = uuid.uuid4()
    return Challenge(
        id=handle,
        user_id=user.id,
        token=str(handle),
        token_hash=str(handle),
        token_type="magic_link",
        expires_at=at,
        extra={},
    )


def session(at: datetime, user: User) -> Session:
    handle = uuid.uuid4()
    return Session(
        id=handle,
        user_id=user.id,
        refresh_token=str(handle),
        refresh_token_hash=str(handle),
        expires_at=at,
        auth_time=at,
        absolute_expires_at=at,
        acr="1",
        amr=["pwd"],
    )


def letter(at: datetime, user: User, *, status: str = "sent") -> OutboxLetter:
    return OutboxLetter(
        letter="verify_email", recipient="x@example.test", not_before=at, status=status
    )


def client(at: datetime, user: User) -> Client:
    return Client(
        client_id=str(uuid.uuid4()),
        name="Never used",
        redirect_uris=[],
        post_logout_redirect_uris=[],
        grant_types=[],
        response_types=[],
        scope="",
        token_endpoint_auth_method="none",
        unused_until=at,
    )


def answer(at: datetime, user: User) -> RememberedAnswer:
    return RememberedAnswer(
        key=str(uuid.uuid4()), request_print="x", created_at=at, expires_at=at
    )


MAKERS: dict[str, tuple[timedelta, Make]] = {
    "verification_tokens": (timedelta(days=7), challenge),
    "sessions": (timedelta(days=180), session),
    "outbox": (timedelta(days=90), letter),
    "remembered_answers": (timedelta(), answer),
    "login_history": (
        timedelta(days=365),
        lambda at, user: LoginRecord(
            user_id=user.id, action="login", status="success", created_at=at
        ),
    ),
    "revoked_tokens": (
        timedelta(days=7),
        lambda at, _: RevokedToken(jti=str(uuid.uuid4()), expires_at=at),
    ),
    "spent_assertions": (
        timedelta(days=7),
        lambda at, _: SpentAssertion(fingerprint=str(uuid.uuid4()), expires_at=at),
    ),
    "initial_tokens": (
        timedelta(days=7),
        lambda at, _: InitialToken(
            token_hash=str(uuid.uuid4()),
            note="",
            profile="oidc",
            uses=1,
            uses_left=1,
            expires_at=at,
        ),
    ),
    "clients": (timedelta(), client),
    "rate_limits": (
        timedelta(days=7),
        lambda at, _: RateLimit(key=str(uuid.uuid4()), count=1, expires_at=at),
    ),
}
"""By table: how long it is kept, and a row whose moment is ``at``.

The security log is a chain: see ``test_audit_seal``.
"""


@pytest.mark.parametrize("name", MAKERS)
def test_what_is_over_goes_and_what_is_not_stays(
    services: Services, db: Any, ada: User, clock: FrozenClock, name: str
) -> None:
    services.housekeeping.sweep()
    keep, make = MAKERS[name]
    late = clock.now() - keep - timedelta(seconds=1)
    over, living = make(late, ada), make(clock.now() - keep, ada)
    db.session.add_all([over, living])
    db.session.flush()
    assert services.housekeeping.waiting()[name] is True
    assert services.housekeeping.sweep() == {name: 1}
    assert services.housekeeping.waiting()[name] is False
    db.session.commit()
    db.session.refresh(living)
    assert services.housekeeping.sweep() == {}


def test_a_letter_that_was_not_sent_stays(
    services: Services, db: Any, ada: User, clock: FrozenClock
) -> None:
    old = clock.now() - timedelta(days=400)
    db.session.add_all([letter(old, ada, status=s) for s in ("waiting", "failed")])
    db.session.flush()
    assert "outbox" not in services.housekeeping.sweep()


def test_families_take_what_is_left_of_them_along(
    services: Services, db: Any, ada: User, clock: FrozenClock
) -> None:
    begun, _ = services.signin.with_password("ada", PASSWORD, remember=True)
    services.pairs.issue(ada, begun)
    db.session.commit()
    clock.advance(days=38)
    swept = services.housekeeping.sweep()
    assert (swept["refresh_tokens"], swept["token_families"]) == (1, 1)
    for table in (TokenFamily, RefreshToken):
        assert db.session.query(table).count() == 0


def test_a_batch_is_small_and_the_next_one_goes_on(
    services: Services,
    db: Any,
    ada: User,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(housekeeping, "BATCH", 3)
    old = clock.now() - timedelta(days=400)
    db.session.add_all([MAKERS["login_history"][1](old, ada) for _ in range(7)])
    db.session.flush()
    swept = [services.housekeeping.sweep().get("login_history", 0) for _ in range(4)]
    assert swept == [3, 3, 1, 0]


def test_accounts_whose_grace_is_over_become_nobodys(
    services: Services, db: Any, ada: User, clock: FrozenClock
) -> None:
    services.deletion.delete(ada, by=ada.id)
    db.session.commit()
    clock.advance(days=31)
    assert services.housekeeping.sweep()["users"] == 1
    assert ada.anonymised_at == clock.now()


def test_every_rule_goes_by_an_index(services: Services, db: Any) -> None:
    """On a table of ten million rows a clean-up must not read all of them."""
    for name, rule in services.housekeeping.rules().items():
        leading = [
            tuple(column.name for column in index.columns)
            for index in rule.table.__table__.indexes
        ]
        wanted = rule.moment.key
        ways = {columns[0] for columns in leading} | {
            columns[1] for columns in leading if rule.only is not None and columns[1:]
        }
        assert wanted in ways, name


def test_nothing_that_grows_is_forgotten(services: Services, db: Any) -> None:
    """A table with a moment of its end is cleaned, or it is said here why not."""
    kept = {
        "user_roles": "an assignment that has ended is history of the role",
        "client_secrets": "a handful for each client",
    }
    ends = {
        table.name
        for table in Base.metadata.sorted_tables
        if "expires_at" in table.columns
    }
    cleaned = {
        rule.table.__tablename__ for rule in services.housekeeping.rules().values()
    }
    assert ends - cleaned == set(kept)
