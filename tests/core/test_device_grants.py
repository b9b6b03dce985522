"""Devices that wait for their person (RFC 8628)."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from authserver.clock import FrozenClock
from authserver.core.apps import App
from authserver.core.device import Device, here
from authserver.core.device_grants import ALPHABET
from authserver.core.polling import Wanted
from authserver.core.signed_in import SignedIn
from authserver.errors import (
    AuthorizationPending,
    ChallengeExpired,
    ExpiredToken,
    GrantDenied,
    GrantReplayed,
    InvalidGrant,
    SlowDown,
    WrongCode,
)
from authserver.models import (
    ClientConsent,
    DeviceGrant,
    SecurityEvent,
    TokenFamily,
    User,
)
from authserver.services import Services
from tests.core.devices import SCOPES


def test_the_device_is_told_a_long_secret_and_a_short_code(begin: Any) -> None:
    """RFC 8628 §5.2, §6.1: 256 bits for the machine, plain consonants for people."""
    begun = begin()
    assert len(begun.device_code) == 43
    assert re.fullmatch(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", begun.user_code)
    assert not set(ALPHABET) & set("AEIOUY0123456789")
    assert (begun.expires_in, begun.interval) == (600, 5)


def test_neither_secret_is_kept_as_it_is(begin: Any, db: Any) -> None:
    begun = begin()
    row = db.session.query(DeviceGrant).one()
    kept = " ".join(str(getattr(row, column.key)) for column in row.__table__.columns)
    assert begun.device_code not in kept
    assert begun.user_code.replace("-", "") not in kept.replace("-", "")


@pytest.mark.parametrize("spell", [str.lower, str.title, "{}".format, " {} ".format])
@pytest.mark.parametrize("dash", ["-", "", " ", "\u2013", "."])
def test_the_code_is_found_however_it_is_typed(
    begin: Any, services: Services, spell: Callable[[str], str], dash: str
) -> None:
    """RFC 8628 §6.1: without regard to case and punctuation."""
    begun = begin()
    found = services.device_grants.find(spell(begun.user_code.replace("-", dash)))
    assert found.user_code == begun.user_code


@pytest.mark.parametrize("typed", ["", "-", "BCDF-GHJK", "a" * 10_000, "ß", "\ud800"])
def test_another_code_finds_nothing(begin: Any, services: Services, typed: str) -> None:
    begin()
    with pytest.raises(WrongCode):
        services.device_grants.find(typed)


def test_what_waits_says_who_asked_and_from_where(
    services: Services, tv: App, db: Any
) -> None:
    """RFC 8628 §5.4: the person compares."""
    token = here.set(Device(ip="203.0.113.9", user_agent="curl/8.5"))
    try:
        begun = services.device_grants.begin(tv, Wanted(SCOPES))
    finally:
        here.reset(token)
    found = services.device_grants.find(begun.user_code)
    assert (found.client_id, found.ip) == (tv.client_id, "203.0.113.9")
    assert found.wanted.scopes == SCOPES


def test_an_allowed_device_gets_the_grant_of_its_person(
    begin: Any, allow: Any, poll: Any, ada: User, db: Any
) -> None:
    begun = begin()
    allow(begun)
    granted = poll(begun)
    assert granted.subject.id == ada.id
    assert granted.scopes == SCOPES
    assert (granted.acr, granted.amr, granted.session_id) == ("1", ("pwd",), None)
    assert db.session.query(TokenFamily).one().id == granted.family_id
    assert db.session.query(ClientConsent).one().scope == " ".join(SCOPES)


def test_scopes_can_be_left_out_and_none_added(
    begin: Any, allow: Any, poll: Any
) -> None:
    begun = begin(("openid", "email"))
    allow(begun, ("openid", "profile", "roles"))
    assert poll(begun).scopes == ("openid",)


def test_until_then_it_waits_and_slows_down(
    begin: Any, poll: Any, clock: FrozenClock
) -> None:
    """RFC 8628 §3.5: each poll too soon makes the interval five seconds longer."""
    begun = begin()
    with pytest.raises(AuthorizationPending):
        poll(begun)
    clock.advance(seconds=5)
    with pytest.raises(AuthorizationPending):
        poll(begun)
    clock.advance(seconds=4)
    with pytest.raises(SlowDown):
        poll(begun)
    clock.advance(seconds=9)
    with pytest.raises(SlowDown):
        poll(begun)
    clock.advance(seconds=14)
    with pytest.raises(SlowDown):
        poll(begun)
    clock.advance(seconds=20)
    with pytest.raises(AuthorizationPending):
        poll(begun)


def test_who_has_decided_is_not_told_to_slow_down(
    begin: Any, allow: Any, poll: Any
) -> None:
    begun = begin()
    with pytest.raises(AuthorizationPending):
        poll(begun)
    allow(begun)
    assert poll(begun).scopes


def test_no_is_told_as_no(
    begin: Any, poll: Any, services: Services, person: SignedIn, db: Any
) -> None:
    begun = begin()
    services.device_grants.deny(services.device_grants.find(begun.user_code), person)
    with pytest.raises(GrantDenied):
        poll(begun)
    assert db.session.query(TokenFamily).count() == 0


def test_it_is_over_after_its_time(
    begin: Any, allow: Any, poll: Any, services: Services, clock: FrozenClock
) -> None:
    begun, allowed = begin(), begin()
    allow(allowed)
    clock.advance(seconds=600)
    for each in (begun, allowed):
        with pytest.raises(ExpiredToken):
            poll(each)
    with pytest.raises(WrongCode):
        services.device_grants.find(begun.user_code)


def test_a_device_code_is_its_clients_alone(
    begin: Any, allow: Any, poll: Any, shop: App
) -> None:
    begun = begin()
    allow(begun)
    with pytest.raises(InvalidGrant):
        poll(begun, app=shop)
    assert poll(begun).scopes


def test_a_decision_is_taken_once(
    begin: Any, allow: Any, services: Services, person: SignedIn
) -> None:
    begun = begin()
    found = services.device_grants.find(begun.user_code)
    allow(begun)
    with pytest.raises(ChallengeExpired):
        services.device_grants.deny(found, person)
    with pytest.raises(ChallengeExpired):
        services.device_grants.allow(found, person, SCOPES)
    with pytest.raises(ChallengeExpired):
        services.device_grants.get(found.id)
    with pytest.raises(ChallengeExpired):
        services.device_grants.get(uuid.uuid4())


def test_a_decision_too_late_is_none(
    begin: Any, services: Services, person: SignedIn, clock: FrozenClock
) -> None:
    found = services.device_grants.find(begin().user_code)
    clock.advance(seconds=600)
    with pytest.raises(ChallengeExpired):
        services.device_grants.allow(found, person, SCOPES)


def test_a_person_who_is_locked_gives_nothing(
    begin: Any, allow: Any, poll: Any, ada: User, db: Any
) -> None:
    begun = begin()
    allow(begun)
    ada.status = "locked"
    db.session.commit()
    with pytest.raises(InvalidGrant):
        poll(begun)


def test_a_second_use_takes_the_tokens_down(
    begin: Any, allow: Any, poll: Any, db: Any
) -> None:
    begun = begin()
    allow(begun)
    poll(begun)
    with pytest.raises(GrantReplayed):
        poll(begun)
    assert db.session.query(TokenFamily).one().revoked_at is not None


def test_the_security_log_tells_of_it(begin: Any, allow: Any, db: Any) -> None:
    allow(begin())
    tags = [
        row.event for row in db.session.query(SecurityEvent).order_by(SecurityEvent.id)
    ]
    assert "grant:device:allowed" in tags
