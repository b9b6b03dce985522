"""Token exchange (RFC 8693): who may act for whom, and with which key."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from authserver.clock import FrozenClock
from authserver.core import client_metadata, client_rules
from authserver.core.apps import App
from authserver.core.binding import UNBOUND, Binding
from authserver.core.client_metadata import CIBA, TOKEN_EXCHANGE
from authserver.core.grant import Grant
from authserver.core.keys import DEFAULT_ALG
from authserver.core.token_exchange import ACCESS_TOKEN, MOST_ACTORS, Wish
from authserver.core.token_types import ACCESS
from authserver.crypto import signing, unverified
from authserver.errors import AuthError, InvalidInput
from authserver.models import SecurityEvent, User
from authserver.services import Services
from tests.core.conftest import CALLBACK, VERIFIER

Exchange = Callable[..., Grant]
JKT = Binding(jkt="j" * 43)
OTHER = Binding(jkt="k" * 43)


@pytest.fixture
def api(register: Callable[..., App], shop: App) -> App:
    """Another client, which may exchange the shop's tokens."""
    return register(
        name="Api",
        grant_types=(TOKEN_EXCHANGE,),
        extra={"token_exchange_from": [shop.client_id]},
    )


@pytest.fixture
def token(services: Services, db: Any, shop: App, issue: Any) -> Callable[..., str]:
    """An access token of the shop; keywords are further claims."""

    def give(**claims: Any) -> str:
        granted = services.grants.redeem_code(
            issue(), app=shop, redirect_uri=CALLBACK, verifier=VERIFIER
        )
        db.session.commit()
        _, said = unverified.read(services.tokens.access_token(granted))
        key = services.keys.signer(DEFAULT_ALG)
        return signing.sign_jwt(key, said | claims, ACCESS)

    return give


@pytest.fixture
def exchange(services: Services, db: Any, api: App) -> Exchange:
    def give(token: str, *, app: App = api, shown: Binding = UNBOUND, **more: Any):
        wish = Wish(token, ACCESS_TOKEN, None, None, None, (), None, None)
        granted = services.token_exchange.exchange(
            replace(wish, **more), app=app, shown=shown
        )
        db.session.commit()
        return granted

    return give


def claims_of(services: Services, granted: Grant) -> dict[str, Any]:
    _, said = unverified.read(services.tokens.access_answer(granted)["access_token"])
    return said


def test_the_lesser_token_is_of_the_same_family_and_person(
    services: Services, exchange: Exchange, token: Any, ada: User, api: App
) -> None:
    claims = claims_of(services, exchange(token()))
    assert claims["sub"] == str(ada.id)
    assert claims["act"] == {"sub": api.client_id, "client_id": api.client_id}
    assert "offline_access" not in claims["scope"].split()


@pytest.mark.parametrize("signed_after", [0, 1])
def test_it_lives_no_longer_than_its_subject(
    services: Services,
    exchange: Exchange,
    token: Any,
    clock: FrozenClock,
    signed_after: int,
) -> None:
    """Nor when a second ends between the decision and the signing."""
    subject = token()
    _, before = unverified.read(subject)
    clock.advance(minutes=10)
    granted = exchange(subject)
    clock.advance(seconds=signed_after)
    told = services.tokens.access_answer(granted)
    _, after = unverified.read(told["access_token"])
    assert after["exp"] == before["exp"]
    assert told["expires_in"] == after["exp"] - after["iat"]
    clock.advance(minutes=5)
    with pytest.raises(AuthError):
        exchange(subject)


@pytest.mark.parametrize("member", ["sub", "client_id"])
def test_may_act_lets_its_actor_act_and_nobody_else(
    services: Services, exchange: Exchange, token: Any, api: App, member: str
) -> None:
    """RFC 8693 §4.4."""
    allowed = token(may_act={member: api.client_id})
    assert claims_of(services, exchange(allowed))["act"]["sub"] == api.client_id
    wrong = {"sub": api.client_id, "iss": "https://other.example"}
    for other in ({member: "somebody"}, {}, "api", [], wrong, {"group": "staff"}):
        with pytest.raises(AuthError):
            exchange(token(may_act=other))


def test_may_act_holds_for_the_clients_own_tokens_too(
    exchange: Exchange, token: Any, shop: App
) -> None:
    with pytest.raises(AuthError):
        exchange(token(may_act={"sub": "somebody"}), app=shop)


def test_those_who_acted_before_are_kept_and_counted(
    services: Services, exchange: Exchange, token: Any
) -> None:
    """RFC 8693 §4.1: nested, and not without end."""
    act: dict[str, Any] = {"sub": "first"}
    for number in range(MOST_ACTORS - 2):
        act = {"sub": f"later-{number}", "act": act}
    assert claims_of(services, exchange(token(act=act)))["act"]["act"] == act
    with pytest.raises(AuthError):
        exchange(token(act={"sub": "a", "act": {"sub": "b", "act": act}}))


def test_out_of_a_bound_token_no_bearer_token_is_made(
    exchange: Exchange, token: Any, shop: App
) -> None:
    """RFC 9449 §7.2: what is bound to a key is worth nothing without one."""
    bound = token(cnf=JKT.cnf)
    with pytest.raises(AuthError):
        exchange(bound)
    assert exchange(bound, shown=OTHER).binding == OTHER
    with pytest.raises(AuthError):
        exchange(bound, app=shop, shown=OTHER)
    assert exchange(bound, app=shop, shown=JKT).binding == JKT


def test_a_bound_actor_token_needs_its_own_key(
    services: Services, exchange: Exchange, token: Any, shop: App
) -> None:
    actor = {"actor_token": token(cnf=JKT.cnf), "actor_type": ACCESS_TOKEN}
    with pytest.raises(AuthError):
        exchange(token(), app=shop, shown=OTHER, **actor)
    assert exchange(token(), app=shop, shown=JKT, **actor).act


def test_a_locked_person_is_nobodys_subject(
    exchange: Exchange, token: Any, ada: User, db: Any
) -> None:
    subject = token()
    ada.status = "locked"
    db.session.commit()
    with pytest.raises(AuthError):
        exchange(subject)


def test_the_security_log_tells_of_it(exchange: Exchange, token: Any, db: Any) -> None:
    exchange(token())
    tags = [
        row.event for row in db.session.query(SecurityEvent).order_by(SecurityEvent.id)
    ]
    assert "grant:token:exchanged" in tags


def test_a_public_client_may_not_even_register_for_it(
    services: Services, db: Any
) -> None:
    with pytest.raises(InvalidInput):
        services.clients.register(
            name="Spa", auth_method="none", grant_types=(TOKEN_EXCHANGE,)
        )


def test_a_client_that_is_not_meant_by_a_token_may_not_exchange_it(
    services: Services, exchange: Exchange, token: Any, db: Any
) -> None:
    """It has the grant, and a token that it found somewhere."""
    row, _ = services.clients.register(name="Other", grant_types=(TOKEN_EXCHANGE,))
    db.session.commit()
    other = services.clients.find(row.client_id)
    with pytest.raises(AuthError):
        exchange(token(), app=other)


def test_who_registers_itself_may_not_have_people_asked() -> None:
    """CIBA would tell a stranger who has an account, and wear people out."""
    given = {"client_name": "Me", "grant_types": [CIBA], "redirect_uris": []}
    offer = client_metadata.Offer(client_metadata.VALUES, client_metadata.FEATURES)
    _, faults = client_rules.complete(given, offer)
    assert "grant_types" in faults
    _, faults = client_rules.complete(given, offer, by_operator=True)
    assert "grant_types" not in faults
