"""What is done with tokens one holds: look, end, prove again, and the CSRF token."""

from datetime import datetime
from typing import Any

from flask import Response

from authserver.api import actors
from authserver.api.endpoint import ANYONE, LIMITED, Answer, endpoint
from authserver.api.schemas.auth import (
    CsrfResponse,
    ReauthenticateRequest,
    ReauthenticateResponse,
)
from authserver.api.schemas.tokens import (
    IntrospectResponse,
    RevokedResponse,
    TokenRequest,
)
from authserver.errors import BadCredentials, StepUpNeeded, WrongCode
from authserver.http import cookies, csrf
from authserver.http.context import services, settings


@endpoint(takes=TokenRequest, gives=IntrospectResponse, who=ANYONE, limit="public")
def introspect(token: str, **_: Any) -> dict[str, Any]:
    """Say what an access or refresh token is worth.

    Only for tokens that this API gave: an app's token is inactive here, as are unknown,
    expired and revoked ones, without a word why. Whoever holds the token may ask, since
    it tells them nothing that they could not learn by using it. A resource server that
    asks often registers as a client and uses `POST /introspect`, which has no such
    limit.
    """
    return services().own_tokens.introspect(token)


@endpoint(takes=TokenRequest, gives=RevokedResponse, who=ANYONE, limit="public")
def revoke(token: str, **_: Any) -> dict[str, bool]:
    """End what an access or refresh token belongs to: its session and all its tokens.

    A token that is not known is no fault. Apps revoke theirs at `POST /revoke`.
    """
    services().own_tokens.revoke(token)
    return {"revoked": True}


@endpoint(
    takes=ReauthenticateRequest,
    gives=ReauthenticateResponse,
    who=LIMITED,
    limit="public",
    refuses=(BadCredentials, WrongCode, StepUpNeeded),
)
def reauthenticate(password: str | None, code: str | None) -> dict[str, datetime]:
    """Prove again that it is you, before something sensitive.

    For ten minutes this session may do what answers `AUTH_104` otherwise. Tries are
    counted as those of a sign-in.
    """
    actor = actors.current()
    until = services().signin.confirm(
        actor.id, actor.session_id, password=password, code=code
    )
    return {"confirmedUntil": until}


@endpoint(gives=CsrfResponse, who=ANYONE)
def csrf_token() -> Answer:
    """Give the token that a front end in cookie mode sends as `X-CSRF-Token`.

    It belongs to this browser, and stands in a cookie that scripts can read too. Every
    call but GET that relies on our cookies needs it.
    """
    token = csrf.token()

    def prepare(response: Response) -> None:
        cookies.set_csrf(response, token, settings())

    return Answer({"csrfToken": token}, prepare=prepare)


ROUTES = (
    ("POST", "/auth/token/introspect", introspect),
    ("POST", "/auth/introspect", introspect),
    ("POST", "/auth/token/revoke", revoke),
    ("POST", "/auth/reauthenticate", reauthenticate),
    ("GET", "/auth/csrf", csrf_token),
)
