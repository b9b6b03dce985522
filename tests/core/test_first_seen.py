"""A sign-in from where somebody was not seen before, and "this was not me"."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from authserver.adapters.geo import Place
from authserver.core.device import Device, here
from authserver.errors import BadCredentials, ChallengeExpired
from authserver.models import OutboxLetter, SecurityEvent, Session, TokenFamily, User
from authserver.services import Services
from tests.core.conftest import PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
HOME = Device(ip="203.0.113.7", user_agent=FIREFOX, browser="b" * 43)
Enter = Callable[..., Session]


class Atlas:
    """Knows two countries by the first number of an address."""

    def find(self, address: str | None, *, language: str = "en") -> Place | None:
        country = {"203": "BR", "198": "PT"}.get((address or "").split(".")[0])
        return Place(country=country) if country else None


@pytest.fixture
def enter(services: Services, ada: User, db: Any) -> Any:
    """Sign in from a device: keywords change one thing."""

    def go(**changed: Any) -> Session:
        token = here.set(replace(HOME, **changed))
        try:
            session, _ = services.signin.with_password(
                "ada", PASSWORD, remember=True, kind="api"
            )
        finally:
            here.reset(token)
        db.session.commit()
        return session

    return go


@pytest.fixture
def atlas(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Places are known."""
    known = services.sessions.surroundings.geo
    assert known is not None
    monkeypatch.setitem(services.sessions.surroundings.__dict__, "geo", Atlas())


def letters(db: Any) -> int:
    return int(db.session.query(OutboxLetter).filter_by(letter="new_device").count())


def token_of(services: Services, db: Any) -> str:
    row = db.session.query(OutboxLetter).filter_by(letter="new_device").one()
    body = services.outbox.message(row).get_body(("plain",))
    assert body is not None
    text = str(body.get_content())
    return text.split("/not-me?token=")[1].split(maxsplit=1)[0]


def test_the_first_sign_in_of_all_is_told_to_nobody(enter: Enter, db: Any) -> None:
    enter()
    assert letters(db) == 0


def test_a_browser_that_was_here_is_known_wherever_it_goes(
    enter: Enter, db: Any
) -> None:
    enter()
    enter(ip="192.0.2.200", user_agent="another line")
    assert letters(db) == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"browser": "c" * 43},
        # Everything but the secret of the cookie can be copied.
        {"browser": "c" * 43, "ip": "203.0.113.7", "user_agent": FIREFOX},
    ],
)
def test_another_browser_is_told(
    enter: Enter, db: Any, changed: dict[str, str]
) -> None:
    enter()
    enter(**changed)
    assert letters(db) == 1
    events = {row.event for row in db.session.query(SecurityEvent)}
    assert "user:device:first-seen" in events
    enter(**changed)
    assert letters(db) == 1


@pytest.mark.parametrize(
    ("changed", "count"),
    [
        ({}, 0),
        ({"ip": "203.0.113.250"}, 0),
        ({"ip": "203.0.114.7"}, 1),
        ({"user_agent": "App/2"}, 1),
        ({"ip": None}, 1),
        ({"ip": "nonsense"}, 1),
    ],
)
def test_a_program_is_known_by_line_and_network_together(
    enter: Enter, db: Any, changed: dict[str, str], count: int
) -> None:
    program = {"browser": None, "user_agent": "App/1"}
    enter(**program)
    enter(**(program | changed))
    assert letters(db) == count


def test_ipv6_neighbours_share_a_48(enter: Enter, db: Any) -> None:
    program = {"browser": None, "user_agent": "App/1"}
    enter(**program, ip="2001:db8:1:2::3")
    enter(**program, ip="2001:db8:1:ffff::9")
    assert letters(db) == 0
    enter(**program, ip="2001:db8:2::3")
    assert letters(db) == 1


def test_a_known_device_in_a_new_country_is_told(
    enter: Enter, db: Any, atlas: None
) -> None:
    enter()
    session = enter(ip="198.51.100.9")
    assert session.location_country == "PT"
    assert letters(db) == 1
    enter(ip="198.51.100.10")
    assert letters(db) == 1


def test_an_unknown_country_says_nothing(enter: Enter, db: Any, atlas: None) -> None:
    enter()
    enter(ip="192.0.2.1")
    assert letters(db) == 0


# -- This was not me


def test_disowning_ends_that_sign_in_and_all_that_hangs_on_it(
    enter: Enter, services: Services, db: Any, ada: User
) -> None:
    mine, strange = enter(), enter(browser="c" * 43)
    for session in (mine, strange):
        services.pairs.issue(ada, session)
    db.session.commit()
    services.rescue.disown(token_of(services, db))
    db.session.commit()
    db.session.expire_all()
    assert (mine.is_active, strange.is_active) == (True, False)
    for family in db.session.query(TokenFamily):
        assert (family.revoked_at is None) == (family.session_id == mine.id)


def test_the_password_is_gone_also_for_devices_that_were_known(
    enter: Enter, services: Services, db: Any, ada: User
) -> None:
    """C5: a lock would let the thief's browser pass, since it has been here."""
    enter()
    enter(browser="c" * 43)
    services.rescue.disown(token_of(services, db))
    db.session.commit()
    for browser in ("b" * 43, "c" * 43):
        with pytest.raises(BadCredentials):
            enter(browser=browser)
        db.session.rollback()
    assert ada.password_hash is None
    kinds = [row.letter for row in db.session.query(OutboxLetter)]
    assert kinds.count("reset_password") == 1


def test_a_device_that_was_disowned_is_not_known(
    enter: Enter, services: Services, db: Any, ada: User
) -> None:
    enter()
    enter(browser="c" * 43)
    services.rescue.disown(token_of(services, db))
    services.passwords.replace(ada, PASSWORD)
    db.session.commit()
    enter(browser="c" * 43)
    assert letters(db) == 2


def test_the_link_works_once_and_for_seven_days(
    enter: Enter, services: Services, db: Any, clock: Any
) -> None:
    enter()
    enter(browser="c" * 43)
    token = token_of(services, db)
    clock.advance(days=6)
    services.rescue.look(token)
    services.rescue.disown(token)
    with pytest.raises(ChallengeExpired):
        services.rescue.disown(token)
    db.session.rollback()
    clock.advance(days=2)
    with pytest.raises(ChallengeExpired):
        services.rescue.look(token)
