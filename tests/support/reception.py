"""The redirect URI of a relying party: what arrives there, and what it must be like.

By query, fragment or form; as parameters or as one signed JWT (JARM); a code, tokens,
or an error.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from joserfc import jwe, jws

from tests.support import answer_rules
from tests.support.browser import Departure

if TYPE_CHECKING:
    from tests.support.relying_party import Ask, RelyingParty

SIGNED = ("jwt", "query.jwt", "fragment.jwt", "form_post.jwt")
BY_BROWSER = {"id_token", "token"}


def receive(rp: RelyingParty, ask: Ask, departure: Departure) -> dict[str, str]:
    """Give the parameters, held to G3, G4, RFC 9207 and JARM §2."""
    expected = ask.params.get("redirect_uri", rp.registration.redirect_uri)
    assert departure.url.startswith(expected), departure.url
    carrier = carrier_of(ask)
    if carrier == "form_post":
        assert (departure.method, departure.url) == ("POST", expected)
    else:
        assert departure.method == "GET"
        assert bool(departure.fragment) == (carrier == "fragment"), departure.url
    params = dict(departure.params)
    registered = rp.registration.redirect_uri.partition("?")[2]
    for pair in filter(None, registered.split("&")):
        if carrier != "fragment":
            assert params.pop(pair.partition("=")[0]) == pair.partition("=")[2]
    if ask.params.get("response_mode") in SIGNED:
        assert set(params) == {"response"}, f"JARM §2.3: {set(params)}"
        params = opened(rp, params["response"])
    answer_rules.authorization_answer(
        params,
        state=ask.params.get("state"),
        issuer=rp.issuer,
        names_issuer=rp.metadata.get(
            "authorization_response_iss_parameter_supported", False
        ),
        wanted=frozenset(ask.params.get("response_type", "").split()),
    )
    return params


def carrier_of(ask: Ask) -> str:
    """Multiple Response Types §5: tokens go by fragment, a code by query."""
    asked = ask.params.get("response_mode", "jwt")
    if asked != "jwt":
        return asked.removesuffix(".jwt")
    has_tokens = BY_BROWSER & set(ask.params.get("response_type", "").split())
    return "fragment" if has_tokens else "query"


def opened(rp: RelyingParty, response: str) -> dict[str, str]:
    """JARM §2.4: decrypt, then signature, issuer, audience and time."""
    response = decrypted(rp, response)
    signed = jws.extract_compact(response.encode())
    header = signed.headers()
    key = rp.keys.get_by_kid(header["kid"])
    allowed = [rp.registration.response_algorithm]
    assert jws.validate_compact(signed, key, algorithms=allowed), header
    claims: dict[str, Any] = json.loads(signed.payload)
    assert claims.pop("aud") == rp.registration.client_id
    now = time.time()
    assert now < claims.pop("exp") <= now + 601, "JARM §2.1: ten minutes"
    assert abs(claims.pop("iat", now) - now) < 60
    assert claims["iss"] == rp.issuer
    assert all(isinstance(value, str) for value in claims.values()), claims
    return claims


def decrypted(rp: RelyingParty, text: str) -> str:
    """Open what was encrypted to this client; what was not is given as it is."""
    if text.count(".") != 4:
        return text
    algorithms = ["RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW"]
    registry = jwe.JWERegistry(algorithms=[*algorithms, "A128CBC-HS256", "A256GCM"])
    opened = jwe.decrypt_compact(
        text, rp.registration.decryption_key, registry=registry
    )
    assert opened.plaintext is not None
    return opened.plaintext.decode()


def front_claims(
    rp: RelyingParty,
    ask: Ask,
    params: dict[str, str],
    *,
    asked: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """OIDC Core §3.2.2.11, §3.3.2.12: the hashes are there for all that came along."""
    token = decrypted(rp, params["id_token"])
    claims = answer_rules.id_token(
        token,
        rp.keys,
        issuer=rp.issuer,
        client_id=rp.registration.client_id,
        nonce=ask.params["nonce"],
        access_token=params.get("access_token"),
        asked=asked,
    )
    algorithm = answer_rules.header_of(token)["alg"]
    for name, value in (("at_hash", "access_token"), ("c_hash", "code")):
        if value in params:
            assert claims[name] == answer_rules.half_hash(params[value], algorithm)
        else:
            assert name not in claims
    return claims
