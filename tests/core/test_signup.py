"""Sign up without telling who has an account (C10, C12)."""

import re
from typing import Any

import pytest

from authserver.clock import FrozenClock
from authserver.core.challenges import Purpose
from authserver.core.signup import SignUp
from authserver.errors import ChallengeExpired, InvalidInput, WrongCode
from authserver.models import Challenge, OutboxLetter, User
from authserver.services import Services
from tests.core.conftest import PASSWORD

BOB = "bob@example.test"


@pytest.fixture
def signup(services: Services) -> SignUp:
    return services.signup


def letters(services: Services, db: Any) -> list[Any]:
    db.session.commit()
    rows = db.session.query(OutboxLetter).order_by(OutboxLetter.created_at)
    return [services.outbox.message(row) for row in rows]


def code_in(message: Any) -> str:
    text = message.get_body(("plain",)).get_content()
    found = re.search(r"^(\d{6})\s*$", text, re.MULTILINE)
    assert found is not None
    return found[1]


def test_the_mailed_code_verifies(signup: SignUp, services: Services, db: Any) -> None:
    row = signup.register(email="Bob@Example.TEST", password=PASSWORD)
    code = code_in(letters(services, db)[0])
    user, _ = signup.finish_with_code(str(row.id), code)
    assert (user.email, user.status, user.is_email_verified) == (BOB, "active", True)


def test_all_faults_come_at_once(signup: SignUp, db: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        signup.register(email="no address", password="short", full_name="x" * 300)
    assert set(refusal.value.fields) == {"email", "password", "full_name"}
    assert db.session.query(User).filter_by(email="no address").count() == 0


def test_a_known_address_looks_the_same_and_its_owner_is_told(
    signup: SignUp, services: Services, db: Any, ada: User
) -> None:
    row = signup.register(email=ada.email, password=PASSWORD + "!")
    assert [m["X-Letter"] for m in letters(services, db)] == ["account_exists"]
    with pytest.raises(WrongCode):
        signup.finish_with_code(str(row.id), "000000")
    db.session.commit()
    signup.resend(str(row.id))
    assert len(letters(services, db)) == 1
    assert services.passwords.verify(ada, PASSWORD)


def test_a_password_belongs_to_the_try_that_is_verified(
    signup: SignUp, services: Services, db: Any, clock: FrozenClock
) -> None:
    """A stranger's earlier try leaves no password of theirs behind."""
    signup.register(email=BOB, password="what the stranger chose, long")
    clock.advance(seconds=1)
    signup.register(email=BOB, password=PASSWORD)
    mails = letters(services, db)
    handles = db.session.query(Challenge).order_by(Challenge.created_at).all()
    mine = next(h for h in handles if _fits(signup, h, code_in(mails[1]), db))
    db.session.commit()
    user = db.session.get(User, mine.user_id)
    assert services.passwords.verify(user, PASSWORD)
    assert not services.passwords.verify(user, "what the stranger chose, long")


def _fits(signup: SignUp, row: Challenge, code: str, db: Any) -> bool:
    try:
        signup.finish_with_code(str(row.id), code)
    except (WrongCode, ChallengeExpired):
        db.session.rollback()
        return False
    return True


def test_a_new_code_ends_the_one_before(
    signup: SignUp, services: Services, db: Any, clock: FrozenClock
) -> None:
    first = signup.register(email=BOB, password=PASSWORD)
    old = code_in(letters(services, db)[0])
    clock.advance(seconds=1)
    second = signup.resend(str(first.id))
    new = code_in(letters(services, db)[-1])
    with pytest.raises(ChallengeExpired):
        signup.finish_with_code(str(first.id), old)
    db.session.rollback()
    user, _ = signup.finish_with_code(str(second.id), new)
    assert user.is_email_verified


def test_what_is_kept_of_a_letter_is_sealed(
    signup: SignUp, services: Services, db: Any
) -> None:
    signup.register(email=BOB, password=PASSWORD)
    code = code_in(letters(services, db)[0])
    kept = db.session.query(OutboxLetter).one().message_sealed
    assert code not in kept
    assert BOB not in kept


@pytest.mark.parametrize(
    "password",
    [
        "Password123",
        "short1!A"[:7],
        "alllowercase1!"[:12],
        "bob@example.test is me",
        "x" * 129,
    ],
)
def test_weak_passwords_are_refused_with_a_reason(
    signup: SignUp, password: str
) -> None:
    """C26: S1's own example is a breached one."""
    with pytest.raises(InvalidInput) as refusal:
        signup.register(email=BOB, password=password)
    assert refusal.value.fields["password"]


def test_verification_is_for_this_purpose_alone(
    signup: SignUp, services: Services, ada: User, db: Any
) -> None:
    from datetime import timedelta

    other = services.challenges.issue(
        Purpose.RESET_PASSWORD, ada.id, ttl=timedelta(hours=1)
    )
    db.session.commit()
    with pytest.raises(ChallengeExpired):
        signup.finish_with_link(other.token)
