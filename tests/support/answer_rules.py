"""What every answer of the server must keep, whatever was asked: G2 to G8.

One function a kind of answer; the relying party of the tests calls them each time,
so that no test can forget one.  Numbers are those of the OpenID Foundation's list.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import time
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from joserfc import jws
from joserfc.jwk import KeySet
from requests import Response

JSON = "application/json"
JWK_SET = "application/jwk-set+json"  # RFC 7517 §8.5
LOOPBACK = ("127.0.0.1", "localhost", "::1")
PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
ID_TOKEN_ALGORITHMS = ["RS256", "PS256", "ES256", "Ed25519", "EdDSA"]
# RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 7009 §2.2.1, OIDC Core §3.1.2.6,
# RFC 9126 §2.3, RFC 7591 §3.2.2, RFC 9449 §12.2, RFC 8628 §3.5, OpenID CIBA §13,
# RFC 8693 §2.2.2: the words that a client may meet.
REGISTERED_ERRORS = frozenset(
    "invalid_request unauthorized_client access_denied unsupported_response_type "
    "invalid_scope server_error temporarily_unavailable invalid_client invalid_grant "
    "unsupported_grant_type invalid_token insufficient_scope unsupported_token_type "
    "interaction_required login_required account_selection_required consent_required "
    "invalid_request_uri invalid_request_object request_not_supported "
    "request_uri_not_supported registration_not_supported "
    "unmet_authentication_requirements invalid_redirect_uri invalid_client_metadata "
    "invalid_software_statement unapproved_software_statement "
    "invalid_dpop_proof use_dpop_nonce authorization_pending slow_down expired_token "
    "unknown_user_id expired_login_hint_token invalid_binding_message "
    "missing_user_code invalid_user_code transaction_failed invalid_target "
    "invalid_authorization_details".split()
)
MAY_STAND_IN_AN_ERROR = {
    "error",
    "error_description",
    "error_uri",
    "state",
    "session_state",
    "iss",
}
MUST_COME = {"code": "code", "id_token": "id_token", "token": "access_token"}
COMES_WITH = {
    "code": {"code"},
    "id_token": {"id_token"},
    "token": {"access_token", "token_type", "expires_in", "scope"},
}
# RFC 6749 §5.2: %x20-21 / %x23-5B / %x5D-7E
DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")
# what the scopes of OIDC Core §5.4 stand for; in the code flow userinfo tells it
PERSONAL = frozenset(
    "name given_name family_name middle_name nickname profile picture website gender "
    "birthdate zoneinfo locale updated_at preferred_username email email_verified "
    "address phone_number phone_number_verified".split()
)


def is_safe_url(url: str) -> bool:
    """https, or http on this very machine (G2)."""
    parts = urlsplit(url)
    if parts.scheme == "http":
        return parts.hostname in LOOPBACK
    return parts.scheme == "https" and bool(parts.hostname)


def measured_bits(secret: str) -> float:
    """Shannon entropy of the characters times the length: what the suite measures."""
    counts = Counter(secret)
    per_character = -sum(
        n / len(secret) * math.log2(n / len(secret)) for n in counts.values()
    )
    return per_character * len(secret)


def json_of(
    response: Response, *, status: int = 200, kinds: tuple[str, ...] = (JSON,)
) -> Any:
    """G2: JSON is said to be JSON."""
    kind = response.headers.get("Content-Type", "").split(";")[0].strip()
    assert response.status_code == status and kind in kinds, (
        f"{response.status_code} {kind}: {response.text[:400]}"
    )
    return response.json()


def refused(response: Response, *errors: str, status: int | None = None) -> str:
    """G2: an OAuth refusal is 400 or 401 JSON with a registered word.

    Returns the word.  `errors` are the words that fit; none means any of the list.
    """
    code = response.status_code
    assert code in ((status,) if status else (400, 401)), (
        f"{code}: {response.text[:400]}"
    )
    body = json_of(response, status=code)
    assert isinstance(body, dict)
    error = body.get("error")
    assert error in REGISTERED_ERRORS, f"{error!r} is no registered error"
    assert not errors or error in errors, f"{error!r}, expected one of {errors}: {body}"
    description = body.get("error_description", "")
    assert DESCRIPTION.fullmatch(description), f"RFC 6749 §5.2 forbids: {description!r}"
    assert "no-store" in response.headers.get("Cache-Control", "")
    return error


def authorization_answer(
    params: dict[str, str],
    *,
    state: str | None,
    issuer: str,
    names_issuer: bool,
    wanted: frozenset[str] = frozenset({"code"}),
) -> None:
    """G3, G4 and RFC 9207: state as it was sent, iss, and nothing unheard of."""
    assert params.get("state") == state, "state is not what was sent (G3)"
    if names_issuer:
        assert params.get("iss") == issuer, f"RFC 9207 §2: iss in {params}"
    if "error" in params:
        assert set(params) <= MAY_STAND_IN_AN_ERROR, f"G4: {set(params)}"
        assert params["error"] in REGISTERED_ERRORS, params["error"]
        assert DESCRIPTION.fullmatch(params.get("error_description", "")), params
        assert "code" not in params
    else:
        told = set(params) - {"state", "iss", "session_state"}
        may_come = set().union(*(COMES_WITH[word] for word in wanted))
        assert told <= may_come, told
        missing = {word for word in wanted if MUST_COME[word] not in told}
        assert not missing, f"{missing} is missing in {told}"
        if "code" in wanted:
            assert measured_bits(params["code"]) >= 96, "G5: the code can be guessed"


def token_answer(response: Response, *, kind: str = "Bearer") -> dict[str, Any]:
    """G5 and G8."""
    body = json_of(response)
    assert body["token_type"].lower() == kind.lower(), body["token_type"]
    assert isinstance(body["expires_in"], int) and body["expires_in"] > 0
    assert "no-store" in response.headers["Cache-Control"], "RFC 6749 §5.1"
    assert measured_bits(body["access_token"]) >= 128, "G5"
    if "refresh_token" in body:
        assert measured_bits(body["refresh_token"]) >= 128, "G5"
    return body


def key_set(body: dict[str, Any]) -> KeySet:
    """G7: public keys only, each with its own kid, a use and an algorithm."""
    keys = body["keys"]
    kids = [key["kid"] for key in keys]
    assert keys and len(set(kids)) == len(kids), f"kids are not distinct: {kids}"
    for key in keys:
        assert not PRIVATE_MEMBERS & set(key), "a private member is published"
        assert key["kty"] in ("RSA", "EC", "OKP"), "a symmetric key is published"
        assert key["use"] in ("sig", "enc") and key["alg"], key
        if key["kty"] == "RSA":
            modulus = int.from_bytes(base64.urlsafe_b64decode(key["n"] + "=="))
            assert modulus.bit_length() >= 2048, f"{modulus.bit_length()} bits"
    return KeySet.import_key_set({"keys": keys})


def id_token(
    token: str,
    keys: KeySet,
    *,
    issuer: str,
    client_id: str,
    nonce: str | None,
    access_token: str | None,
    asked: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """G6: OIDC Core §3.1.3.7, by a client that trusts nothing."""
    signed = jws.extract_compact(token.encode())
    header = signed.headers()
    assert header["alg"] in ID_TOKEN_ALGORITHMS, header
    matching = [key for key in keys.keys if key.kid == header.get("kid")]
    assert len(matching) == 1, f"kid {header.get('kid')!r} matches {len(matching)} keys"
    assert jws.validate_compact(signed, matching[0], algorithms=ID_TOKEN_ALGORITHMS)
    assert matching[0].alg in (None, header["alg"]), "the key is for another algorithm"
    claims: dict[str, Any] = json.loads(signed.payload)
    now = time.time()
    assert claims["iss"] == issuer, claims["iss"]
    assert claims["aud"] in (client_id, [client_id]), claims["aud"]
    assert claims.get("azp", client_id) == client_id
    assert abs(now - claims["iat"]) < 300 and claims["exp"] > now
    assert isinstance(claims["sub"], str) and 0 < len(claims["sub"]) <= 255
    assert claims["sub"].isascii()
    assert claims.get("nonce") == nonce, "the nonce is not what was sent"
    if "at_hash" in claims and access_token is not None:
        assert claims["at_hash"] == half_hash(access_token, header["alg"])
    unasked = PERSONAL & set(claims) - asked
    assert not unasked, f"G6: in the code flow userinfo tells {unasked}"
    return claims


def half_hash(value: str, algorithm: str) -> str:
    """OIDC Core §3.1.3.6."""
    name = "sha512" if algorithm in ("EdDSA", "Ed25519") else f"sha{algorithm[2:]}"
    digest = hashlib.new(name, value.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def header_of(token: str) -> dict[str, Any]:
    """The protected header of a compact JWS."""
    header: dict[str, Any] = jws.extract_compact(token.encode()).headers()
    return header


def claims_of(token: str) -> dict[str, Any]:
    """The payload of a compact JWS, not verified: for looking, never for believing."""
    claims: dict[str, Any] = json.loads(jws.extract_compact(token.encode()).payload)
    return claims
