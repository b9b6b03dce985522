"""An account goes, comes back, or becomes nobody's (C30)."""

import json
import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest

from authserver.clock import FrozenClock
from authserver.core import subjects
from authserver.core.deletion import GONE, GONE_TOO
from authserver.errors import ChallengeExpired, Conflict, NotFound
from authserver.models import (
    Base,
    Challenge,
    LoginRecord,
    OutboxLetter,
    RefreshToken,
    SecurityEvent,
    Session,
    TermsConsent,
    TokenFamily,
    User,
    UserInstitution,
    UserRole,
)
from authserver.services import Services
from tests.core.conftest import PASSWORD

TRACES = ("ada@example.test", "Ada Lovelace", "ada", "+5511999999999", "52998224725")
GRACE = timedelta(days=30)


@pytest.fixture
def lived(services: Services, ada: User, db: Any) -> User:
    """Ada, with a little of everything."""
    wishes = {"phone": "+5511999999999", "cpf": "529.982.247-25", "username": "ada"}
    services.profiles.change(ada.id, wishes)
    ada.extra, ada.profile = {"note": "Ada Lovelace"}, {"nickname": "ada"}
    session, _ = services.signin.with_password("ada", PASSWORD, remember=True)
    services.pairs.issue(ada, session)
    services.terms.record(ada.id, document="terms", version="3", accepted=True)
    services.mfa.begin(ada)
    db.session.commit()
    return ada


def leave(services: Services, user: User, db: Any) -> None:
    services.deletion.delete(user, by=user.id)
    db.session.commit()


def token_of(services: Services, db: Any) -> str:
    rows = db.session.query(OutboxLetter).filter_by(letter="account_deleted")
    body = services.outbox.message(rows.one()).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).split("/account/keep?token=")[1].split()[0]


def test_c30_deleted_it_is_found_by_nobody(
    services: Services, lived: User, db: Any
) -> None:
    leave(services, lived, db)
    assert services.users.find_by_email("ada@example.test") is None
    with pytest.raises(NotFound):
        services.users.get(lived.id)
    assert services.sessions.list_active(lived.id) == []
    assert db.session.query(TokenFamily).filter_by(revoked_at=None).count() == 0


def test_its_address_is_not_free_meanwhile(
    services: Services, lived: User, db: Any
) -> None:
    leave(services, lived, db)
    assert not services.users.is_free("email", "ada@example.test", None)


@pytest.mark.parametrize("status", ["active", "locked", "disabled"])
def test_it_comes_back_as_it_was(
    services: Services, lived: User, db: Any, status: str
) -> None:
    lived.status = status
    leave(services, lived, db)
    services.deletion.undo(token_of(services, db))
    db.session.commit()
    assert (lived.status, lived.deleted_at) == (status, None)
    assert lived.full_name == "Ada Lovelace"


def test_the_way_back_is_used_once_and_ends_with_the_grace(
    services: Services, lived: User, db: Any, clock: FrozenClock
) -> None:
    leave(services, lived, db)
    token = token_of(services, db)
    clock.advance(seconds=(GRACE - timedelta(seconds=1)).total_seconds())
    services.deletion.look(token)
    clock.advance(seconds=1)
    with pytest.raises(ChallengeExpired):
        services.deletion.undo(token)
    db.session.rollback()
    assert lived.status == "deleted"


def test_other_links_and_codes_end_with_it(
    services: Services, lived: User, db: Any
) -> None:
    from authserver.core.challenges import Purpose

    reset = services.challenges.issue(
        Purpose.RESET_PASSWORD, lived.id, ttl=timedelta(hours=1)
    )
    leave(services, lived, db)
    with pytest.raises(ChallengeExpired):
        services.challenges.look(Purpose.RESET_PASSWORD, reset.token)
    open_ones = db.session.query(Challenge).filter_by(user_id=lived.id, is_used=False)
    assert [row.token_type for row in open_ones] == ["deletion_undo"]


# -- Nobody's


def everything_of(db: Any) -> str:
    """Every row of every table but the security log, which has its own time."""
    kept = [t for t in Base.metadata.sorted_tables if t.name != "security_events"]
    rows = [
        [str(value) for value in row]
        for table in kept
        for row in db.session.execute(table.select())
    ]
    return json.dumps(rows, ensure_ascii=False)


def test_nothing_happens_before_the_grace_is_over(
    services: Services, lived: User, db: Any, clock: FrozenClock
) -> None:
    leave(services, lived, db)
    clock.advance(days=29)
    assert services.deletion.anonymise_due(10) == 0


def test_c30_then_no_table_says_who_it_was(
    services: Services, lived: User, db: Any, clock: FrozenClock
) -> None:
    """LGPD art. 18 VI."""
    who = lived.id
    leave(services, lived, db)
    assert all(trace in everything_of(db) for trace in TRACES[:2])
    clock.advance(days=30)
    assert services.deletion.anonymise_due(10) == 1
    db.session.commit()
    text = everything_of(db)
    for trace in TRACES:
        assert f'"{trace}"' not in text
        assert trace not in text or trace == "ada"
    user = db.session.get(User, who)
    assert user.email == f"{who}@deleted.invalid"
    assert (user.status, user.password_hash, user.cpf_index) == ("deleted", None, None)
    assert user.mfa_secret is None
    for table in (Session, Challenge, UserInstitution, UserRole):
        assert db.session.query(table).filter_by(user_id=who).count() == 0, table
    assert db.session.query(RefreshToken).count() == 0


def test_that_it_happened_stays_without_a_trace_of_whom(
    services: Services, lived: User, db: Any, clock: FrozenClock
) -> None:
    leave(services, lived, db)
    clock.advance(days=30)
    services.deletion.anonymise_due(10)
    db.session.commit()
    record = db.session.query(LoginRecord).one()
    assert (record.status, record.attempted_email) == ("success", None)
    assert (record.ip_address, record.user_agent, record.extra) == (None, None, {})
    agreed = db.session.query(TermsConsent).one()
    assert (agreed.version, agreed.accepted, agreed.ip_address) == ("3", True, None)
    lines = db.session.query(SecurityEvent).order_by(SecurityEvent.id)
    events = [row.event for row in lines]
    assert events[-1] == "user:account:anonymised"


def test_what_is_nobodys_is_done_once_and_given_back_to_nobody(
    services: Services, lived: User, db: Any, clock: FrozenClock
) -> None:
    leave(services, lived, db)
    token = token_of(services, db)
    clock.advance(days=30)
    assert services.deletion.anonymise_due(10) == 1
    assert services.deletion.anonymise_due(10) == 0
    clock.advance(days=-20)
    with pytest.raises(ChallengeExpired):
        services.deletion.undo(token)


def test_the_address_is_free_again(
    services: Services, lived: User, db: Any, clock: FrozenClock
) -> None:
    leave(services, lived, db)
    clock.advance(days=30)
    services.deletion.anonymise_due(10)
    db.session.commit()
    again = services.users.register("ada@example.test", password_hash=None)
    assert again.id != lived.id
    assert services.cpfs.find("529.982.247-25") is None


def test_no_table_about_people_is_forgotten() -> None:
    """A new one is emptied with its user, or it is said here why not."""
    emptied = {table.__tablename__ for table in (*GONE, *GONE_TOO)}
    scrubbed = {"login_history", "terms_consents"}
    otherwise = {
        "security_events": "until its own time is over",
        "authorization_codes": "gone for weeks when the grace is over",
        "backchannel_requests": "gone for weeks when the grace is over",
        "device_grants": "gone for weeks when the grace is over",
        "notices": "gone for weeks when the grace is over",
        "connection_attempts": "gone for weeks when the grace is over",
    }
    about = {
        table.name
        for table in Base.metadata.sorted_tables
        if "user_id" in table.columns
    }
    assert about == emptied | scrubbed | otherwise.keys()


def test_others_are_left_alone(
    services: Services, lived: User, db: Any, clock: FrozenClock
) -> None:
    services.people.add(email="grace@example.test", password=PASSWORD, verified=True)
    leave(services, lived, db)
    clock.advance(days=30)
    services.deletion.anonymise_due(10)
    db.session.commit()
    grace = services.users.find_by_email("grace@example.test")
    assert grace is not None
    assert grace.status == "active"
    assert isinstance(subjects.load(db.session, grace.id).id, uuid.UUID)


def test_of_two_last_super_admins_who_leave_at_one_moment_one_stays(
    services: Services, db: Any, app: Any
) -> None:
    """C18."""
    db.session.query(UserRole).delete()
    ids = [
        services.people.add(
            email=f"{name}@example.test",
            password=PASSWORD,
            verified=True,
            roles=["super_admin"],
        ).id
        for name in ("one", "two")
    ]
    db.session.commit()
    start, answers = threading.Barrier(2), []

    def go(user_id: uuid.UUID) -> None:
        with app.app_context():
            start.wait()
            try:
                services.deletion.delete(services.users.get(user_id), by=user_id)
                db.session.commit()
                answers.append("left")
            except Conflict:
                db.session.rollback()
                answers.append("stays")

    racers = [threading.Thread(target=go, args=(one,)) for one in ids]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(answers) == ["left", "stays"]


@pytest.mark.parametrize("status", ["locked", "disabled", "active"])
def test_only_a_super_admin_who_can_act_counts(
    services: Services, db: Any, status: str
) -> None:
    db.session.query(UserRole).delete()
    one, two = (
        services.people.add(email=f"{name}@example.test", roles=["super_admin"])
        for name in ("one", "two")
    )
    one.status, two.status = "active", status
    db.session.flush()
    if status == "active":
        services.roles.keep_one_but(one.id)
        return
    with pytest.raises(Conflict):
        services.roles.keep_one_but(one.id)
    services.roles.keep_one_but(two.id)
