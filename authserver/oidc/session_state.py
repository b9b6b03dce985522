"""``session_state`` and the frame that watches it (OIDC Session Management 1.0).

An app is told a salted hash of the state of its person's browser, and asks a frame of
ours on its own page whether the state is still the same.  Nothing is sent for that: the
frame compares what it is asked with a cookie, made again at each sign-in and taken away
at sign-out.  Where browsers keep third-party cookies from frames it knows nothing, and
says ``error``.
"""

import hashlib
from urllib.parse import urlsplit

from flask import Response, after_this_request, request

from authserver.core.apps import App
from authserver.crypto import opaque
from authserver.errors import NotFound
from authserver.http import cookies, headers
from authserver.http.context import session_cookie, settings, signed_in
from authserver.http.pages import plain

USUAL_PORTS = {"https": ":443", "http": ":80"}


def of(app: App, params: dict[str, str], redirect_uri: str) -> str | None:
    """Give the ``session_state`` of an answer (§2); None where it has none."""
    origin = _origin(redirect_uri)
    is_asked = "openid" in params.get("scope", "").split()
    if not settings().session_management or not is_asked or origin is None:
        return None
    state = cookies.state_of(session_cookie()) if signed_in() is not None else ""
    _correct(state)
    salt = opaque.new_secret(12)
    said = f"{app.client_id} {origin} {state} {salt}"
    return f"{hashlib.sha256(said.encode()).hexdigest()}.{salt}"


def check_session() -> Response:
    """Show the frame (§3.3).

    Raises:
        NotFound: The operator has not turned it on.
    """
    if not settings().session_management:
        raise NotFound("session management is off")
    headers.allow_framing()
    return plain("oidc/check_session.html", cookie=cookies.state_name(settings()))


def _correct(state: str) -> None:
    """Let the browser's cookie say what we say: the session may have ended elsewhere."""
    if request.cookies.get(cookies.state_name(settings()), "") != state:

        @after_this_request
        def correct(response: Response) -> Response:
            cookies.set_state(response, state, settings())
            return response


def _origin(uri: str) -> str | None:
    """Give the origin of the app's page as browsers write it (RFC 6454 §6.2)."""
    parts = urlsplit(uri)
    if parts.scheme not in USUAL_PORTS:
        return None
    return f"{parts.scheme}://{parts.netloc.lower()}".removesuffix(
        USUAL_PORTS[parts.scheme]
    )
