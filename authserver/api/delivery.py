"""Hand tokens over: in the body, or in cookies out of reach of scripts (C23).

Every view that ends in a pair of tokens ends here, so the two ways never differ by
endpoint.  What a cookie brings back must come with ``X-CSRF-Token``.
"""

from typing import Any

from flask import Response, request

from authserver.api.endpoint import Answer
from authserver.core.pairs import Pair
from authserver.core.sessions import Session
from authserver.errors import PasswordChangeNeeded, SecondFactorNeeded
from authserver.http import cookies, csrf
from authserver.http.context import services, settings
from authserver.http.unit_of_work import settle_refusal

HEADER = "X-Token-Delivery"


def wants_cookies() -> bool:
    """Whether this call asked for cookies, or the operator did for all calls."""
    asked = request.headers.get(HEADER, "").strip().lower()
    return asked == "cookie" or (asked != "body" and settings().cookie_mode)


def admit(session: Session, **more: Any) -> Answer:
    """Give a fresh session its tokens, and hand them over."""
    user = services().users.get(session.user_id)
    return hand_over(services().pairs.issue(user, session), **more)


def hand_over(pair: Pair, *, in_cookies: bool | None = None, **more: Any) -> Answer:
    """Answer with a pair of tokens.

    Args:
        pair: What the core gave.
        in_cookies: Which way; as the call wants it when not given.
        more: Further fields of the answer.
    """
    facts: dict[str, Any] = {
        "tokenType": "Bearer",
        "expiresIn": pair.expires_in,
        "refreshExpiresIn": pair.refresh_expires_in,
        "sessionId": pair.session_id,
        **more,
    }
    if not (wants_cookies() if in_cookies is None else in_cookies):
        facts |= {
            "accessToken": pair.access_token,
            "refreshToken": pair.refresh_token,
        }
        return Answer(facts)
    facts |= {"tokenType": "Cookie", "csrfToken": csrf.token()}
    return Answer(facts, prepare=lambda response: _set(response, pair))


def _set(response: Response, pair: Pair) -> None:
    cookies.set_tokens(
        response,
        pair.access_token,
        pair.refresh_token,
        settings(),
        lives=(pair.expires_in, pair.refresh_expires_in),
    )
    cookies.set_csrf(response, csrf.token(), settings())


def take_back(response: Response) -> None:
    """Let the browser forget the tokens that it holds."""
    held = (cookies.access_name(settings()), cookies.refresh_name(settings()))
    if any(name in request.cookies for name in held):
        cookies.clear_tokens(response, settings())


def kept_refresh_token() -> str | None:
    """Give the refresh token of the cookie, if this call may use it.

    Raises:
        CsrfFailed: There is one, and ``X-CSRF-Token`` does not fit.
    """
    kept = request.cookies.get(cookies.refresh_name(settings()))
    if kept:
        csrf.check_header()
    return kept or None


def what_is_due(due: SecondFactorNeeded | PasswordChangeNeeded) -> dict[str, Any]:
    """Say what stands between a right first proof and the tokens."""
    settle_refusal(due)
    if isinstance(due, SecondFactorNeeded):
        return {
            "mfaRequired": True,
            "mfaToken": due.ticket,
            "methods": list(due.methods),
        }
    return {"passwordChangeRequired": True, "resetToken": due.ticket}
