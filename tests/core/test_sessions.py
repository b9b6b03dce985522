"""Sessions: start, find, end (ASVS 7)."""

from typing import Any

import pytest

from authserver.clock import FrozenClock
from authserver.core.apps import App
from authserver.errors import StepUpNeeded
from authserver.models import Session, TokenFamily, User
from authserver.services import Services
from tests.core.conftest import CALLBACK, VERIFIER


@pytest.fixture
def started(services: Services, ada: User, db: Any) -> tuple[Session, str]:
    made = services.sessions.start(ada, amr=["pwd"], remember=False)
    db.session.commit()
    return made


def test_the_cookie_finds_the_session(
    services: Services, started: tuple[Session, str], ada: User
) -> None:
    found = services.sessions.find(started[1])
    assert found is not None
    assert (found.user_id, found.acr, found.amr) == (ada.id, "1", ("pwd",))


def test_the_database_does_not_hold_the_cookie(started: tuple[Session, str]) -> None:
    session, cookie = started
    secret = cookie.partition(".")[2]
    assert secret not in (session.refresh_token, session.refresh_token_hash)


@pytest.mark.parametrize("cookie", [None, "", "x", "\x00", "a.b", "9" * 10_000])
def test_anything_else_finds_nobody(services: Services, cookie: Any) -> None:
    assert services.sessions.find(cookie) is None


def test_a_right_handle_with_a_wrong_secret_finds_nobody(
    services: Services, started: tuple[Session, str]
) -> None:
    handle = started[1].partition(".")[0]
    assert services.sessions.find(f"{handle}.{'A' * 43}") is None


@pytest.mark.parametrize("status", ["locked", "disabled", "deleted"])
def test_a_user_who_may_not_is_signed_out(
    services: Services, started: tuple[Session, str], ada: User, db: Any, status: str
) -> None:
    ada.status = status
    db.session.commit()
    assert services.sessions.find(started[1]) is None


def test_it_idles_out_and_has_an_absolute_end(
    services: Services, started: tuple[Session, str], clock: FrozenClock, db: Any
) -> None:
    session, cookie = started
    for _ in range(32):
        clock.advance(hours=23)
        if services.sessions.find(cookie) is None:
            break
        services.sessions.touch(session.id)
        db.session.commit()
    age = clock.now() - session.created_at
    assert 29 <= age.days <= 31
    assert services.sessions.find(cookie) is None


def test_nobody_ends_the_session_of_another(
    services: Services, started: tuple[Session, str], db: Any
) -> None:
    """C35: an id alone is not enough."""
    bob = services.people.add(email="bob@example.test", verified=True)
    assert not services.sessions.revoke(started[0].id, user_id=bob.id, because="x")
    db.session.commit()
    assert services.sessions.find(started[1]) is not None


@pytest.mark.parametrize(("offline", "survives"), [(True, True), (False, False)])
def test_signing_out_ends_tokens_but_not_offline_ones(
    services: Services,
    started: tuple[Session, str],
    issue: Any,
    shop: App,
    db: Any,
    ada: User,
    offline: bool,
    survives: bool,
) -> None:
    """OIDC Back-Channel Logout §2.7."""
    scopes = ("openid", "offline_access") if offline else ("openid",)
    code = issue(session_id=started[0].id, scopes=scopes)
    services.grants.redeem_code(
        code, app=shop, redirect_uri=CALLBACK, verifier=VERIFIER
    )
    db.session.commit()
    services.sessions.revoke(started[0].id, user_id=ada.id, because="signed out")
    db.session.commit()
    family = db.session.query(TokenFamily).one()
    assert (family.revoked_at is None) is survives


def test_signing_out_everywhere_ends_everything(
    services: Services,
    started: tuple[Session, str],
    issue: Any,
    shop: App,
    db: Any,
    ada: User,
) -> None:
    services.grants.redeem_code(
        issue(), app=shop, redirect_uri=CALLBACK, verifier=VERIFIER
    )
    db.session.commit()
    services.sessions.revoke_all(ada.id, because="password changed")
    db.session.commit()
    assert services.sessions.find(started[1]) is None
    assert db.session.query(TokenFamily).one().revoked_at is not None


def test_what_is_sensitive_needs_a_recent_proof(
    services: Services, started: tuple[Session, str], clock: FrozenClock, db: Any
) -> None:
    services.sessions.require_recent(started[0].id)
    clock.advance(minutes=10, seconds=1)
    with pytest.raises(StepUpNeeded):
        services.sessions.require_recent(started[0].id)
    services.sessions.confirm(started[0].id)
    db.session.commit()
    services.sessions.require_recent(started[0].id)
    with pytest.raises(StepUpNeeded):
        services.sessions.require_recent(None)
