"""A device's grant, or an app's, is redeemed while its person's tokens are ended.

RFC 9700 §4.14.2, ASVS 7.4.3: it has no session that could be locked, and no token of it
outlives the end.  Each order of the two is made to happen, on both databases.
"""

import functools
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from authserver.core.acr import SINGLE
from authserver.core.apps import App
from authserver.core.grants import Authorization
from authserver.core.signed_in import SignedIn
from authserver.errors import (
    AccessDenied,
    ChallengeExpired,
    ExpiredToken,
    GrantReplayed,
    InvalidGrant,
)
from authserver.models import DeviceGrant, TokenFamily
from authserver.services import Services
from tests.core.conftest import CALLBACK
from tests.core.devices import SCOPES
from tests.core.test_session_races import Other, sign_out

Act = Callable[[], Any]
ENDS = ["everywhere", "everybody", "withdrawn"]
CASES = [("device", end) for end in ENDS] + [
    ("app", "everywhere"),
    ("code", "withdrawn"),
]
OVER = (ExpiredToken, InvalidGrant)
"""What a client is told of a grant that is over, and of a code."""


@pytest.fixture(params=CASES, ids="-".join)
def race(
    request: Any, services: Services, person: SignedIn, tv: App, bank: App, db: Any
) -> tuple[Act, Act]:
    """What redeems a grant that is allowed, and what ends the person's tokens."""
    kind, end = request.param
    fixture = request.getfixturevalue
    redeem: Act
    if kind == "code":
        app, given = fixture("shop"), of(person)
        code = services.grants.issue_code(app, given)
        redeem = functools.partial(
            services.grants.redeem_code,
            code,
            app=app,
            redirect_uri=CALLBACK,
            verifier=None,
        )
    elif kind == "device":
        app, secret = tv, fixture("begin")()
        fixture("allow")(secret)
        redeem = functools.partial(
            services.device_grants.redeem, secret.device_code, app=app
        )
    else:
        app, secret = bank, fixture("ask")()
        fixture("agree")()
        redeem = functools.partial(
            services.backchannel.redeem, secret.auth_req_id, app=app
        )
    sessions, who = services.sessions, person.user_id
    ends: dict[str, Act] = {
        "everywhere": lambda: sessions.revoke_all(who, because="all"),
        "everybody": lambda: sessions.revoke_everybody(because="all"),
        "withdrawn": lambda: services.consents.withdraw(who, app.id),
    }
    db.session.commit()
    return redeem, ends[end]


def of(person: SignedIn) -> Authorization:
    """What a browser has allowed."""
    return Authorization(
        user_id=person.user_id,
        session_id=person.session_id,
        redirect_uri=CALLBACK,
        scopes=("openid",),
        auth_time=person.auth_time,
        acr=SINGLE,
        amr=("pwd",),
        nonce="n",
    )


def test_who_ends_the_tokens_waits_for_the_family(
    app: Flask, db: Any, race: tuple[Act, Act]
) -> None:
    """The client was first: its family is there for the end, and ends too."""
    redeem, end = race
    redeem()
    Other(app, end, db).meanwhile()
    assert db.session.query(TokenFamily).one().revoked_at is not None


def test_who_redeems_waits_for_the_end(
    app: Flask, db: Any, race: tuple[Act, Act]
) -> None:
    """The end was first: the client begins anew, and nobody is called a thief."""
    redeem, end = race
    end()
    other = Other(app, redeem, db)
    other.meanwhile()
    assert isinstance(other.refusal, OVER)
    assert not isinstance(other.refusal, GrantReplayed)
    assert db.session.query(TokenFamily).all() == []


def test_what_was_allowed_before_the_end_is_over_after_it(
    db: Any, race: tuple[Act, Act]
) -> None:
    redeem, end = race
    end()
    db.session.commit()
    with pytest.raises(OVER) as refusal:
        redeem()
    assert not isinstance(refusal.value, GrantReplayed)


def test_who_ends_the_session_waits_for_what_it_allows(
    app: Flask, services: Services, begin: Any, person: SignedIn, db: Any, tv: App
) -> None:
    begun = begin()
    found = services.device_grants.find(begun.user_code)
    services.device_grants.allow(found, person, SCOPES)
    sessions = services.sessions
    Other(
        app, lambda: sessions.revoke_all(person.user_id, because="all"), db
    ).meanwhile()
    with pytest.raises(ExpiredToken):
        services.device_grants.redeem(begun.device_code, app=tv)


def test_a_session_that_is_ended_allows_nothing(
    app: Flask, services: Services, begin: Any, person: SignedIn, db: Any
) -> None:
    found = services.device_grants.find(begin().user_code)
    db.session.rollback()
    sign_out(services, person)
    grants = services.device_grants
    other = Other(app, lambda: grants.allow(found, person, SCOPES), db)
    other.meanwhile()
    assert isinstance(other.refusal, ChallengeExpired)
    assert db.session.query(DeviceGrant).one().allowed_at is None


def test_nor_does_it_bring_tokens_through_the_browser(
    app: Flask, services: Services, person: SignedIn, shop: App, db: Any
) -> None:
    """OIDC Core §3.2: tokens of older flows come without a code that would be looked at."""
    given, channel = of(person), services.front_channel
    db.session.rollback()
    sign_out(services, person)
    other = Other(app, lambda: channel.answer(shop, given, {"token"}), db)
    other.meanwhile()
    assert isinstance(other.refusal, AccessDenied)
    assert db.session.query(TokenFamily).all() == []
