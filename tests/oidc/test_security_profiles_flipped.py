"""Flipping a client's profile changes what the table lists, and nothing else.

One client, one key, and a probe for each rule of `core/security_profiles`: what the
probe finds under a profile is what the table says of it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import OctKey
from sqlalchemy import select

from authserver.core.security_profiles import PROFILES, SecurityProfile
from authserver.errors import InvalidGrant, UnauthorizedClient
from authserver.models import AuthorizationCode
from authserver.oidc import response_types
from authserver.services import Services
from tests.support.flippable import CALLBACK, KEY_OF, LONG, VERIFIER, Shop
from tests.support.relying_party import JWT_BEARER, basic

METHODS = (
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "none",
)
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")


# -- One probe a rule


def needs_pkce(shop: Shop) -> bool:
    return not shop.pushes(code_challenge=None, code_challenge_method=None)


def needs_par(shop: Shop) -> bool:
    query = {"client_id": shop.client_id, "request": shop.sign(shop.ask())}
    answer = shop.web.get("/authorize", query_string=query)
    assert answer.status_code in (303, 400), answer.text
    return answer.status_code == 400


def needs_redirect_uri(shop: Shop) -> bool:
    return not shop.pushes(redirect_uri=None)


def repeats_redirect_uri(shop: Shop) -> bool:
    code = shop.code(shop.services)
    try:
        shop.services.grants.redeem_code(
            code, app=shop.app, redirect_uri=None, verifier=VERIFIER
        )
    except InvalidGrant:
        return True
    return False


def auth_methods(shop: Shop) -> set[str]:
    return {method for method in METHODS if _proves_by(shop, method)}


def _proves_by(shop: Shop, method: str) -> bool:
    if method == "private_key_jwt":
        return shop.proves(shop.proof())
    shop.flip(token_endpoint_auth_method=method)
    try:
        me = {"client_id": shop.client_id}
        if method == "none":
            return shop.proves(me)
        secret = shop.services.clients.rotate_secret(shop.client_id)
        shop.flip()
        if method == "client_secret_basic":
            return shop.proves({}, Authorization=basic(shop.client_id, secret))
        if method == "client_secret_post":
            return shop.proves(me | {"client_secret": secret})
        return shop.proves(_by_secret(shop, secret))
    finally:
        shop.flip(token_endpoint_auth_method="private_key_jwt")


def _by_secret(shop: Shop, secret: str) -> dict[str, str]:
    now = shop.services.clock.timestamp()
    claims = {
        "iss": shop.client_id,
        "sub": shop.client_id,
        "aud": shop.issuer,
        "exp": now + 60,
        "jti": secrets.token_hex(8),
    }
    signed = jws.serialize_compact(
        {"alg": "HS256"}, json.dumps(claims), OctKey.import_key(secret)
    )
    return {"client_assertion_type": JWT_BEARER, "client_assertion": signed}


def algorithms(shop: Shop) -> set[str]:
    return {one for one in KEY_OF if shop.proves(shop.proof(one))}


def issuer_audience(shop: Shop) -> bool:
    others = (f"{shop.issuer}/token", f"{shop.issuer}/par", [shop.issuer])
    found = {shop.proves(shop.proof(aud=other)) for other in others}
    assert len(found) == 1
    return not found.pop()


def sender_constrained(shop: Shop) -> bool:
    form = {"grant_type": "client_credentials"} | shop.proof()
    answer = shop.web.post("/token", data=form)
    return answer.status_code != 200


def rotates_refresh(shop: Shop) -> bool:
    code = shop.code(shop.services)
    granted = shop.services.grants.redeem_code(
        code, app=shop.app, redirect_uri=CALLBACK, verifier=VERIFIER
    )
    first = shop.services.refresh.with_first(granted).refresh_token
    assert first is not None
    for _ in range(2):
        newer = shop.services.refresh.rotate(first, app=shop.app, scopes=())
        if newer.refresh_token is not None:
            return newer.refresh_token != first
    return False


def longest_code_life(shop: Shop) -> timedelta | None:
    patient = replace(shop.services.settings, code_ttl=LONG)
    grants = replace(shop.services.grants, settings=patient)
    shop.code(replace(shop.services, grants=grants))
    row = shop.db.session.scalar(
        select(AuthorizationCode).order_by(AuthorizationCode.expires_at.desc())
    )
    life = row.expires_at - row.created_at
    return None if life == LONG else life


def needs_signed_request(shop: Shop) -> bool:
    return not shop.pushes(is_signed=False)


def needs_signed_response(shop: Shop) -> bool:
    return not shop.pushes(response_mode=None)


def legacy_response_types(shop: Shop) -> bool:
    """With the older flows switched on, and registered by the client."""
    web = shop.web.application
    older = replace(shop.services.settings, legacy_response_types=True)
    asked = {"response_type": "code id_token", "scope": "openid", "nonce": "n"}
    client = replace(shop.app, response_types=("code", "code id_token"))
    with pytest.MonkeyPatch.context() as patch, web.test_request_context():
        services = replace(shop.services, settings=older)
        patch.setitem(web.extensions, "services", services)
        try:
            response_types.check_legacy(asked, client)
        except UnauthorizedClient:
            return False
    return True


PROBES: dict[str, Callable[[Shop], Any]] = {
    probe.__name__: probe
    for probe in (
        needs_pkce,
        needs_par,
        needs_redirect_uri,
        repeats_redirect_uri,
        auth_methods,
        algorithms,
        issuer_audience,
        sender_constrained,
        rotates_refresh,
        longest_code_life,
        needs_signed_request,
        needs_signed_response,
        legacy_response_types,
    )
}


@pytest.fixture
def shop(client: FlaskClient, services: Services, db: Any) -> Shop:
    return Shop(client, services, db)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("rule", PROBES)
def test_what_is_found_is_what_the_table_says(
    shop: Shop, profile: str, rule: str
) -> None:
    shop.flip(profile=profile)
    said = getattr(PROFILES[profile], rule)
    if isinstance(said, tuple):
        said = {one for one in said if not one.startswith(("tls_", "self_signed_"))}
    assert PROBES[rule](shop) == said


def test_each_rule_has_its_probe() -> None:
    assert set(PROBES) == {column.name for column in fields(SecurityProfile)[1:]}
