"""Send the answer of an authorization request back to the app.

By query, fragment or form (OAuth 2.0 Multiple Response Types §2.1, Form Post §2), plain
or as one signed JWT (JARM); ``iss`` and ``state`` are in every one (RFC 9207 §2, RFC 6749
§4.1.2).
"""

from urllib.parse import quote, urlencode, urlsplit

from flask import Response, make_response

from authserver.core.apps import App
from authserver.core.client_messages import Kind
from authserver.errors import AuthError
from authserver.http import headers
from authserver.http.context import services, settings
from authserver.http.pages import render
from authserver.oidc import response_modes, response_types, session_state

SIGNED_LIFE_SECONDS = 600
"""JARM §2.1: ten minutes are recommended as the most."""


def prepare(app: App, params: dict[str, str]) -> None:
    """Have the keys at hand that the answer will be encrypted to.

    Before anything is written, since they may lie at the client's ``jwks_uri``.
    """
    is_signed = response_modes.of(params, app).is_signed
    kinds = [Kind.AUTHORIZATION] if is_signed else []
    if "id_token" in response_types.words(params):
        kinds.append(Kind.ID_TOKEN)
    services().messages.prepare(app, kinds)


def success(
    app: App, params: dict[str, str], redirect_uri: str, told: dict[str, str]
) -> Response:
    """Give the app what its response type names."""
    return _send(app, params, redirect_uri, told)


def refusal(
    app: App, params: dict[str, str], redirect_uri: str, error: AuthError
) -> Response:
    """Tell the app why not; only after its redirect URI is known to be good."""
    said = {"error": error.oauth, "error_description": error.public}
    return _send(app, params, redirect_uri, said)


def _send(
    app: App, params: dict[str, str], redirect_uri: str, answer: dict[str, str]
) -> Response:
    if "state" in params:
        answer["state"] = params["state"]
    answer["iss"] = settings().issuer
    if state := session_state.of(app, params, redirect_uri):
        answer["session_state"] = state
    mode = response_modes.of(params, app)
    if mode.is_signed:
        answer = {"response": _signed(app, answer)}
    if mode.carrier == "form_post":
        return _form_post(app, redirect_uri, answer)
    mark = "#" if mode.carrier == "fragment" else "?"
    if mark == "?" and "?" in redirect_uri:
        mark = "" if redirect_uri.endswith(("?", "&")) else "&"
    query = urlencode(answer, quote_via=quote)
    # 303 and never 307: a posted password must not be posted on (RFC 9700 §4.12).
    response = make_response("", 303)
    response.headers["Location"] = f"{redirect_uri}{mark}{query}"
    return response


def _signed(app: App, answer: dict[str, str]) -> str:
    """Make one JWT of an answer (JARM §2.1); ``iss`` is in it already."""
    now = services().clock.timestamp()
    facts = {"aud": app.client_id, "iat": now, "exp": now + SIGNED_LIFE_SECONDS}
    return services().messages.make(app, Kind.AUTHORIZATION, answer | facts)


def _form_post(app: App, redirect_uri: str, answer: dict[str, str]) -> Response:
    parts = urlsplit(redirect_uri)
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
    headers.allow_form_to(origin)
    return render(
        "oidc/form_post.html", app=app, action=redirect_uri, fields=list(answer.items())
    )
