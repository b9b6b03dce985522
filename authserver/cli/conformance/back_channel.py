"""The endpoints that clients call themselves: tokens, PAR, introspection, userinfo."""

import secrets
from typing import Any

from authserver.adapters.exchange import Answer
from authserver.cli.conformance.lines import (
    FAPI2,
    MCP,
    OAUTH21,
    OIDC,
    Sheet,
    demand,
)
from authserver.cli.conformance.probe import (
    ASSERTION_TYPE,
    CHALLENGE,
    REDIRECT_URI,
    Probe,
    claims_of,
)

LINES = Sheet()
GRANT = {"grant_type": "client_credentials"}
LEAST_LIFE, MOST_LIFE = 5, 599
"""Seconds that a pushed request may live (FAPI 2.0 §5.3.2.2 (12))."""
JWT_CLAIMS = {"iss", "exp", "aud", "sub", "client_id", "iat", "jti"}


def says(answer: Answer, status: int, *words: str) -> dict[str, Any]:
    """Read a refusal in JSON (RFC 6749 §5.2)."""
    demand(answer.status == status, f"answered {answer.status}, not {status}")
    said: dict[str, Any] = answer.json()
    demand(said["error"] in words, f"error is {said['error']}")
    return said


def gives(answer: Answer) -> dict[str, Any]:
    """Read tokens (RFC 6749 §5.1)."""
    demand(answer.status == 200, f"answered {answer.status}")
    demand("no-store" in answer.headers.get("cache-control", ""), "it may be kept")
    said: dict[str, Any] = answer.json()
    demand(said.get("expires_in"), "expires_in is missing")
    return said


@LINES.line("T1", "RFC 6749 §3.2", "Tokens are asked for by POST alone", OAUTH21, OIDC)
def only_post(probe: Probe) -> None:
    """A GET would leave secrets in logs."""
    answer = probe.get(probe.endpoint("token"))
    demand(answer.status in (400, 405), f"a GET is answered {answer.status}")


@LINES.line("T2", "RFC 6749 §5.2", "A stranger is invalid_client", OAUTH21, OIDC, FAPI2)
def stranger(probe: Probe) -> None:
    """In JSON with 401; a header is answered with the header to use."""
    wrong = "Basic " + secrets.token_urlsafe(12)
    says(probe.post("token", GRANT), 401, "invalid_client")
    answer = probe.post("token", GRANT, Authorization=wrong)
    says(answer, 401, "invalid_client")
    demand("www-authenticate" in answer.headers, "WWW-Authenticate is missing")


@LINES.line("T3", "RFC 6749 §2.3", "One way to authenticate, not two", OAUTH21)
def two_ways(probe: Probe) -> None:
    """Which of them would count is anybody's guess."""
    both = {**GRANT, "client_secret": "x", "client_id": probe.plain.client_id}
    says(probe.token(**both), 400, "invalid_request")


@LINES.line("T4", "OAuth 2.1 §10.1; RFC 9700 §2.4", "No password grant", OAUTH21, FAPI2)
def no_password(probe: Probe) -> None:
    """Passwords are for our own pages."""
    form = {"grant_type": "password", "username": "x", "password": "x"}
    says(probe.token(**form), 400, "unsupported_grant_type", "unauthorized_client")


@LINES.line(
    "T5", "RFC 9068 §2; RFC 6749 §4.4.3", "Tokens of clients are sound", OAUTH21
)
def for_itself(probe: Probe) -> None:
    """A signed access token, and no refresh token."""
    said = gives(probe.token(**GRANT))
    demand("refresh_token" not in said, "a refresh token came along")
    header, claims = claims_of(said["access_token"])
    demand(header["typ"] == "at+jwt", f"typ is {header['typ']}")
    demand(set(claims) >= JWT_CLAIMS, f"{JWT_CLAIMS - set(claims)} are missing")


@LINES.line(
    "T6", "RFC 6749 §5.2", "What was never issued is invalid_grant", OAUTH21, OIDC
)
def unknown_code(probe: Probe) -> None:
    """A code, and a refresh token."""
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI}
    says(probe.token(**form, code=secrets.token_urlsafe()), 400, "invalid_grant")
    form = {"grant_type": "refresh_token"}
    nothing = secrets.token_urlsafe()
    says(probe.token(**form, refresh_token=nothing), 400, "invalid_grant")


@LINES.line("T7", "RFC 7662 §2.2", "Introspection says no more than it must", OAUTH21)
def introspection(probe: Probe) -> None:
    """Active of what is good; of the rest that it is not, and to no stranger."""
    token = gives(probe.token(**GRANT))["access_token"]
    asked = {"token": token}
    says(probe.post("introspection", asked), 401, "invalid_client")
    known = probe.post("introspection", asked, Authorization=probe.basic())
    demand(known.json().get("active") is True, "a good token is not active")
    unknown = {"token": secrets.token_urlsafe()}
    said = probe.post("introspection", unknown, Authorization=probe.basic()).json()
    demand(said == {"active": False}, "an unknown token is told about")


@LINES.line("T8", "RFC 7009 §2", "A revoked token is dead at once", OAUTH21)
def revocation(probe: Probe) -> None:
    """And an unknown one is no fault."""
    token = gives(probe.token(**GRANT))["access_token"]
    for each in (token, secrets.token_urlsafe()):
        form = {"token": each}
        answer = probe.post("revocation", form, Authorization=probe.basic())
        demand(answer.status == 200, f"answered {answer.status}")
    form = {"token": token}
    said = probe.post("introspection", form, Authorization=probe.basic()).json()
    demand(said == {"active": False}, "it is active still")


@LINES.line(
    "U1", "RFC 6750 §3", "Userinfo names the scheme it takes", OIDC, OAUTH21, MCP
)
def no_token(probe: Probe) -> None:
    """Without a token no error; with a bad one invalid_token."""
    answer = probe.get(probe.endpoint("userinfo"))
    told = answer.headers.get("www-authenticate", "")
    demand(
        answer.status == 401 and told.startswith("Bearer"), f"{answer.status} {told}"
    )
    demand("error=" not in told, "an error is named though nothing was sent")
    bad = probe.get(probe.endpoint("userinfo"), Authorization="Bearer nothing")
    told = bad.headers.get("www-authenticate", "")
    demand(bad.status == 401 and "invalid_token" in told, f"{bad.status} {told}")


@LINES.line(
    "U2", "RFC 9700 §4.3.2; OAuth 2.1 §5.1", "No token in a query", OAUTH21, FAPI2
)
def token_in_query(probe: Probe) -> None:
    """It would stay in logs and histories."""
    token = gives(probe.token(**GRANT))["access_token"]
    answer = probe.get(f"{probe.endpoint('userinfo')}?access_token={token}")
    demand(answer.status in (400, 401), f"answered {answer.status}")


def push(probe: Probe, **changed: str) -> Answer:
    """Push a request of the client with a key."""
    form = {
        "client_id": probe.strong.client_id,
        "redirect_uri": REDIRECT_URI,
        "response_type": "code",
        "scope": "openid",
        "code_challenge": CHALLENGE.rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        **probe.assertion(),
    } | changed
    kept = {name: value for name, value in form.items() if value}
    return probe.post("pushed_authorization_request", kept)


@LINES.line("P1", "RFC 9126 §2.2", "A request can be pushed", FAPI2)
def pushed(probe: Probe) -> None:
    """201, for a short while; the address given leads to the sign-in."""
    answer = push(probe)
    demand(answer.status == 201, f"answered {answer.status}")
    said = answer.json()
    life = said["expires_in"]
    demand(LEAST_LIFE <= life <= MOST_LIFE, f"it lives {life} s")
    where = probe.endpoint("authorization")
    who, what = probe.strong.client_id, said["request_uri"]
    shown = probe.get(f"{where}?client_id={who}&request_uri={what}")
    demand(shown.status == 303, f"the request is answered {shown.status}")


@LINES.line("P2", "RFC 9126 §2.1, §2.3", "Bad requests are refused when pushed", FAPI2)
def badly_pushed(probe: Probe) -> None:
    """A request_uri inside, no challenge, plain, another response type, no proof."""
    says(push(probe, request_uri="urn:x"), 400, "invalid_request")
    says(push(probe, code_challenge=""), 400, "invalid_request")
    says(push(probe, code_challenge_method="plain"), 400, "invalid_request")
    words = ("unsupported_response_type", "unauthorized_client", "invalid_request")
    says(push(probe, response_type="code id_token"), 400, *words)
    says(push(probe, client_assertion=""), 401, "invalid_client")


@LINES.line("P3", "RFC 9126 §2.3", "Pushing is a POST", FAPI2)
def push_by_post(probe: Probe) -> None:
    """Anything else is 405."""
    answer = probe.get(probe.endpoint("pushed_authorization_request"))
    demand(answer.status == 405, f"a GET is answered {answer.status}")


def strong_token(probe: Probe, *, proof: str | None, **assertion: Any) -> Answer:
    """Ask for a token as the client with a key."""
    form = {**GRANT, **probe.assertion(**assertion)}
    headers = {"DPoP": proof} if proof else {}
    return probe.post("token", form, **headers)


@LINES.line(
    "F1", "FAPI 2.0 §5.3.2.1 (8)", "An assertion is for the issuer alone", FAPI2
)
def audience(probe: Probe) -> None:
    """Not for an endpoint, and not for several."""
    where = probe.endpoint("token")
    for aud in (where, [probe.issuer], [probe.issuer, where], "https://other.invalid"):
        answer = strong_token(probe, proof=probe.proof(where), aud=aud)
        says(answer, 401, "invalid_client")


@LINES.line("F2", "RFC 7523 §3; OIDC Core §9", "An assertion is good once", FAPI2, OIDC)
def replay(probe: Probe) -> None:
    """Whoever has read one cannot use it."""
    where, once = probe.endpoint("token"), probe.assertion()
    demand(once["client_assertion_type"] == ASSERTION_TYPE, "no assertion")
    gives(probe.post("token", {**GRANT, **once}, DPoP=probe.proof(where)))
    again = probe.post("token", {**GRANT, **once}, DPoP=probe.proof(where))
    says(again, 401, "invalid_client")


@LINES.line("F3", "FAPI 2.0 §5.3.2.1 (4)", "No token without a key to hold it", FAPI2)
def bound(probe: Probe) -> None:
    """With a proof it is bound (RFC 9449 §6.1); without one there is none."""
    words = ("invalid_request", "invalid_dpop_proof", "invalid_grant")
    says(strong_token(probe, proof=None), 400, *words)
    where = probe.endpoint("token")
    said = gives(strong_token(probe, proof=probe.proof(where)))
    demand(said["token_type"] == "DPoP", f"token_type is {said['token_type']}")
    _, claims = claims_of(said["access_token"])
    demand(claims["cnf"]["jkt"] == probe.proof_key.kid, "it is bound to another key")


@LINES.line("F4", "RFC 9449 §4.3", "A bad proof is refused", FAPI2)
def bad_proofs(probe: Probe) -> None:
    """For another method, another address, of yesterday, or used before."""
    where = probe.endpoint("token")
    now = int(probe.clock.now().timestamp())
    once = probe.proof(where)
    gives(strong_token(probe, proof=once))
    bad = (
        once,
        probe.proof(where, "GET"),
        probe.proof("https://other.invalid/token"),
        probe.proof(where, iat=now - 86_400),
        "nothing",
    )
    for proof in bad:
        says(strong_token(probe, proof=proof), 400, "invalid_dpop_proof")
