"""Send the answer of an authorization request back to the app.

By query, fragment or form (OAuth 2.0 Multiple Response Types §2.1, Form Post §2);
``iss`` and ``state`` are in every one (RFC 9207 §2, RFC 6749 §4.1.2).
"""

from urllib.parse import quote, urlencode, urlsplit

from flask import Response, make_response

from authserver.core.apps import App
from authserver.errors import AuthError
from authserver.http import headers
from authserver.http.context import settings
from authserver.http.pages import render
from authserver.oidc.asking import RESPONSE_MODES


def success(
    app: App, params: dict[str, str], redirect_uri: str, *, code: str
) -> Response:
    """Give the code to the app."""
    return _send(app, params, redirect_uri, {"code": code})


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
    mode = params.get("response_mode", "query")
    if mode == "form_post":
        return _form_post(app, redirect_uri, answer)
    mark = "#" if mode == "fragment" and mode in RESPONSE_MODES else "?"
    if mark == "?" and "?" in redirect_uri:
        mark = "" if redirect_uri.endswith(("?", "&")) else "&"
    query = urlencode(answer, quote_via=quote)
    # 303 and never 307: a posted password must not be posted on (RFC 9700 §4.12).
    response = make_response("", 303)
    response.headers["Location"] = f"{redirect_uri}{mark}{query}"
    return response


def _form_post(app: App, redirect_uri: str, answer: dict[str, str]) -> Response:
    parts = urlsplit(redirect_uri)
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
    headers.allow_form_to(origin)
    return render(
        "oidc/form_post.html", app=app, action=redirect_uri, fields=list(answer.items())
    )
