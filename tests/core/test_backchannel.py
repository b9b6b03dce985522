"""Requests of apps for people who are elsewhere (OpenID CIBA)."""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from authserver.clock import FrozenClock
from authserver.core.apps import App
from authserver.core.backchannel import Wish
from authserver.core.polling import Wanted
from authserver.core.signed_in import SignedIn
from authserver.errors import (
    AuthorizationPending,
    ChallengeExpired,
    ExpiredToken,
    GrantDenied,
    InvalidGrant,
    SlowDown,
    TooManyTries,
    UnknownUser,
)
from authserver.models import (
    BackchannelRequest,
    OutboxLetter,
    SecurityEvent,
    TokenFamily,
    User,
)
from authserver.services import Services
from tests.core.banks import SCOPES

TOKEN = "t" * 32


def test_the_app_is_told_what_to_poll_with_and_nothing_of_it_is_kept(
    ask: Any, db: Any
) -> None:
    """CIBA §7.3: at least 128 bits; here 256."""
    begun = ask(notification_token=TOKEN)
    assert len(begun.auth_req_id) == 43
    assert (begun.expires_in, begun.interval) == (300, 5)
    row = db.session.query(BackchannelRequest).one()
    kept = " ".join(str(getattr(row, column.key)) for column in row.__table__.columns)
    assert begun.auth_req_id not in kept and TOKEN not in kept


def test_an_allowed_request_gives_the_grant_of_its_person(
    ask: Any, agree: Any, hear: Any, ada: User
) -> None:
    begun = ask()
    agree()
    granted = hear(begun)
    assert granted.subject.id == ada.id
    assert (granted.scopes, granted.session_id) == (SCOPES, None)


def test_until_then_it_waits_and_slows_down(
    ask: Any, hear: Any, clock: FrozenClock
) -> None:
    """CIBA §11: `slow_down`, and five seconds more from then on."""
    begun = ask()
    with pytest.raises(AuthorizationPending):
        hear(begun)
    clock.advance(seconds=4)
    with pytest.raises(SlowDown):
        hear(begun)
    clock.advance(seconds=9)
    with pytest.raises(SlowDown):
        hear(begun)
    clock.advance(seconds=15)
    with pytest.raises(AuthorizationPending):
        hear(begun)


def test_it_is_over_after_its_time(
    ask: Any, hear: Any, services: Services, ada: User, clock: FrozenClock
) -> None:
    """CIBA §11: `expired_token`; what was asked for as shorter is shorter."""
    usual = ask()
    brief = ask(requested_expiry=timedelta(seconds=30))
    endless = ask(requested_expiry=timedelta(days=30))
    clock.advance(seconds=30)
    with pytest.raises(ExpiredToken):
        hear(brief)
    assert len(services.backchannel.list_of(ada.id)) == 2
    clock.advance(seconds=270)
    for each in (usual, endless):
        with pytest.raises(ExpiredToken):
            hear(each)
    assert services.backchannel.list_of(ada.id) == []


def test_no_is_told_as_no(
    ask: Any, hear: Any, services: Services, person: SignedIn, db: Any
) -> None:
    begun = ask()
    (one,) = services.backchannel.list_of(person.user_id)
    services.backchannel.deny(one, person)
    with pytest.raises(GrantDenied):
        hear(begun)
    assert db.session.query(TokenFamily).count() == 0


def test_somebody_else_neither_sees_it_nor_decides_it(
    ask: Any, services: Services, db: Any
) -> None:
    ask()
    mallory = services.people.add(email="m@example.test", password=None, verified=True)
    db.session.commit()
    _, cookie = services.sessions.start(mallory, amr=["pwd"], remember=False)
    db.session.commit()
    who = services.sessions.find(cookie)
    row = db.session.query(BackchannelRequest).one()
    assert who is not None
    assert services.backchannel.list_of(mallory.id) == []
    with pytest.raises(ChallengeExpired):
        services.backchannel.get(row.id, user_id=mallory.id)
    one = services.backchannel.get(row.id, user_id=row.user_id)
    with pytest.raises(ChallengeExpired):
        services.backchannel.allow(one, who, SCOPES)
    with pytest.raises(ChallengeExpired):
        services.backchannel.deny(one, who)


def test_an_answer_is_its_clients_alone(
    ask: Any, agree: Any, hear: Any, shop: App
) -> None:
    begun = ask()
    agree()
    with pytest.raises(InvalidGrant):
        hear(begun, app=shop)
    assert hear(begun).scopes


@pytest.mark.parametrize("status", ["locked", "disabled"])
def test_nobody_is_asked_who_may_not_sign_in(
    ask: Any, ada: User, db: Any, status: str
) -> None:
    ada.status = status
    db.session.commit()
    with pytest.raises(UnknownUser):
        ask()
    with pytest.raises(UnknownUser):
        ask(user_id=uuid.uuid4())


def test_the_security_log_tells_of_it(ask: Any, agree: Any, db: Any) -> None:
    ask()
    agree()
    tags = [
        row.event for row in db.session.query(SecurityEvent).order_by(SecurityEvent.id)
    ]
    assert {"grant:backchannel:asked", "grant:backchannel:allowed"} <= set(tags)


class Counter:
    """Counts what is hit, and refuses the third."""

    def __init__(self) -> None:
        self.hits: list[tuple[str, str]] = []

    def hit(self, name: str, key: str) -> None:
        self.hits.append((name, key))
        if len(self.hits) > 2:
            raise TooManyTries("enough")

    def test(self, name: str, key: str) -> bool:
        return True

    def clear(self, name: str, key: str) -> None:
        """Forget nothing."""


def test_one_person_is_not_asked_without_end(
    services: Services, bank: App, ada: User, db: Any
) -> None:
    """ASVS 6.6.4: the limit counts by person, before anything is written."""
    counter = Counter()
    backchannel = replace(services.backchannel, limiter=counter)
    wish = Wish(ada.id, Wanted(SCOPES), None, None, None)
    for _ in range(2):
        backchannel.begin(bank, wish)
    with pytest.raises(TooManyTries):
        backchannel.begin(bank, wish)
    assert set(counter.hits) == {("backchannel:account", str(ada.id))}
    assert db.session.query(BackchannelRequest).count() == 2


def test_the_letter_is_in_the_readers_language(
    ask: Any, services: Services, ada: User, db: Any
) -> None:
    """The app asks, and says nothing of the reader's language."""
    ada.language = "es"
    db.session.commit()
    ask()
    letter = services.outbox.message(db.session.query(OutboxLetter).one())
    assert letter["Content-Language"] == "es"
    assert "espera tu respuesta" in letter["Subject"]
