"""Where one is signed in, and the way out (C17, C34, C35)."""

import uuid
from typing import Any

from authserver.api import actors, delivery
from authserver.api.endpoint import ANYONE, Answer, endpoint
from authserver.api.schemas.sessions import SessionRefreshResponse, SessionResponse
from authserver.api.schemas.tokens import RefreshRequest
from authserver.core.whereabouts import Entry
from authserver.errors import (
    CsrfFailed,
    InvalidGrant,
    InvalidInput,
    InvalidToken,
    NotFound,
    NotSignedIn,
)
from authserver.http.context import services

SEE_ALL, END_ALL = "sessions:read", "sessions:revoke"


@endpoint(gives=SessionResponse, many=True)
def list_sessions() -> list[Entry]:
    """List where one is signed in, the latest first.

    Each with device, place, the apps that hold tokens there, and whether it is the one
    that asks. Ended sessions are not among them.
    """
    actor = actors.current()
    return services().whereabouts.list_of(actor.id, current=actor.session_id)


@endpoint(gives=SessionResponse, refuses=(NotFound,))
def show_session(session_id: uuid.UUID) -> Entry:
    """Give one session, also one that has ended.

    Somebody else's is not found, except by whoever has the permission `sessions:read`.
    """
    actor = actors.current()
    return services().whereabouts.get(
        session_id, user_id=_whose(SEE_ALL), current=actor.session_id
    )


@endpoint(refuses=(NotFound,))
def end_session(session_id: uuid.UUID) -> Answer:
    """Sign one session out, with the tokens that hang on it.

    Somebody else's is not found, except by whoever has the permission
    `sessions:revoke`. Apps that were allowed to go on offline go on.
    """
    actor = actors.current()
    services().whereabouts.end(
        session_id, user_id=_whose(END_ALL), because=f"ended by {actor.id}"
    )
    is_own = session_id == actor.session_id
    return Answer(prepare=delivery.take_back if is_own else None)


@endpoint()
def end_other_sessions() -> None:
    """Sign out everywhere but here, with every token, also those of apps."""
    actor = actors.current()
    services().whereabouts.end_others(actor.id, current=actor.session_id)


@endpoint(
    takes=RefreshRequest,
    gives=SessionRefreshResponse,
    who=ANYONE,
    limit="public",
    refuses=(InvalidGrant, InvalidToken, NotSignedIn, NotFound, CsrfFailed),
)
def refresh_session(
    session_id: uuid.UUID,
    refreshToken: str | None,  # noqa: N803 -- the wire's spelling
) -> Any:
    """Spend a refresh token of this session for the next pair.

    The rotation is that of `POST /auth/refresh`, and the token must belong to the
    session of the address: an id alone gives no token. Without a refresh token, in body
    or cookie, a caller that is signed in by cookie moves the end of its own session on
    and gets the session back.
    """
    token = refreshToken or delivery.kept_refresh_token()
    if token is not None:
        pair = services().pairs.rotate(token, session_id=session_id)
        in_cookies = None if refreshToken else True
        return delivery.hand_over(pair, in_cookies=in_cookies)
    actor = actors.current()
    if not actor.by_cookie:
        fault = ["Send the refresh token of this session."]
        raise InvalidInput(fields={"refreshToken": fault})
    kept = services().whereabouts.keep(session_id, current=actor.session_id)
    return {"session": kept}


def _whose(permission: str) -> uuid.UUID | None:
    """Give whose sessions the caller may touch; None means everybody's (C35)."""
    actor = actors.current()
    return None if actor.may(permission) else actor.id


ROUTES = (
    ("GET", "/users/me/sessions", list_sessions),
    ("GET", "/sessions", list_sessions),
    ("DELETE", "/sessions", end_other_sessions),
    ("GET", "/sessions/<uuid:session_id>", show_session),
    ("DELETE", "/sessions/<uuid:session_id>", end_session),
    ("POST", "/sessions/<uuid:session_id>/refresh", refresh_session),
)
