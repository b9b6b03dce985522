"""APIs that insist on ``typ: JWT``: an ID token is still no access token (RFC 8725 §3.11)."""

from collections.abc import Callable
from typing import Any

import pytest

from authserver.core.apps import App
from authserver.core.grant import Grant
from authserver.core.grants import Authorization
from authserver.core.keys import DEFAULT_ALG
from authserver.crypto import pkce, signing, unverified
from authserver.errors import InvalidToken
from authserver.models import User
from authserver.services import Services
from tests.core.conftest import CALLBACK, VERIFIER

MAIL = "https://mail.example.test"
SCOPES = ("openid", "email", "imap")


@pytest.fixture
def mail(services: Services, db: Any) -> App:
    """An API whose tokens say ``JWT``; its own client is called as the API is."""
    services.resources.create(
        by=None,
        identifier=MAIL,
        name="Mail",
        names={},
        scopes={"imap": {}},
        token_ttl=None,
        signing_alg=None,
        token_typ="JWT",
        introspection_clients=[MAIL],
        is_open=False,
    )
    services.clients.register(
        name="Mail",
        client_id=MAIL,
        redirect_uris=[CALLBACK],
        scope=" ".join(SCOPES),
    )
    db.session.commit()
    services.clients.cache.clear()
    found = services.clients.find(MAIL)
    assert found is not None
    return found


@pytest.fixture
def granted(services: Services, db: Any, ada: User, mail: App) -> Grant:
    code = services.grants.issue_code(
        mail,
        Authorization(
            user_id=ada.id,
            session_id=None,
            redirect_uri=CALLBACK,
            scopes=SCOPES,
            auth_time=services.clock.now(),
            acr="1",
            amr=("pwd",),
            challenge=pkce.challenge_of(VERIFIER),
        ),
    )
    found = services.grants.redeem_code(
        code, app=mail, redirect_uri=CALLBACK, verifier=VERIFIER
    )
    db.session.commit()
    return found


@pytest.fixture
def resigned(services: Services) -> Callable[..., str]:
    """Sign the claims of a token again, as a ``JWT``; keywords change one."""

    def give(token: str, **changed: Any) -> str:
        _, claims = unverified.read(token)
        kept = {n: v for n, v in (claims | changed).items() if v is not None}
        return signing.sign_jwt(services.keys.signer(DEFAULT_ALG), kept, "JWT")

    return give


def test_its_token_says_jwt_and_is_taken_back(
    services: Services, db: Any, granted: Grant, mail: App
) -> None:
    token = services.tokens.access_token(granted)
    header, claims = unverified.read(token)
    assert header["typ"] == "JWT"
    assert claims["aud"] == [services.settings.issuer, MAIL]
    assert services.checks.access(token).subject.email == "ada@example.test"
    assert services.checks.introspect(token, caller=mail)["active"] is True
    services.checks.revoke(token, app=mail)
    db.session.commit()
    assert services.checks.introspect(token, caller=mail) == {"active": False}


def test_an_id_token_is_none_although_it_says_the_same(
    services: Services, granted: Grant, mail: App
) -> None:
    """Not even one for a client that is called as the API is."""
    given = services.tokens.id_token(granted, None)
    header, claims = unverified.read(given)
    assert (header["typ"], claims["aud"]) == ("JWT", MAIL)
    assert services.checks.introspect(given, caller=mail) == {"active": False}
    with pytest.raises(InvalidToken):
        services.checks.access(given)


@pytest.mark.parametrize("claim", ["client_id", "jti", "scope"])
def test_each_mark_of_an_access_token_is_needed(
    services: Services, granted: Grant, mail: App, resigned: Any, claim: str
) -> None:
    token = services.tokens.access_token(granted)
    assert services.checks.access(resigned(token))
    with pytest.raises(InvalidToken):
        services.checks.access(resigned(token, **{claim: None}))


def test_a_token_for_others_says_what_it_is(
    services: Services, granted: Grant, resigned: Any
) -> None:
    token = services.tokens.access_token(granted)
    with pytest.raises(InvalidToken):
        services.checks.access(resigned(token, aud=services.settings.issuer))


def test_where_no_api_insists_none_is_taken(
    services: Services, db: Any, granted: Grant
) -> None:
    token = services.tokens.access_token(granted)
    row = services.resources.get_by_identifier(MAIL)
    services.resources.delete(row.id, by=None)
    db.session.commit()
    with pytest.raises(InvalidToken):
        services.checks.access(token)
