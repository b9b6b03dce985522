"""What to change so that a refused request would pass: in one or two sentences.

Said in English, as ``error_description`` is: it is for the developer of an app, and
names parameters and members of its registration.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authserver.core import flow_redaction
from authserver.core.apps import App
from authserver.core.flow_redaction import HIDDEN

NO_APP = "No app is registered under this client_id, or it is disabled."
SILENT = (
    "prompt=none must be answered without a page. Nobody fitting is signed in at this"
    " browser: in a frame the cookie of a third party is often withheld."
)
BY_PARAMETER = {
    "code_challenge": "Let the library use PKCE: code_challenge, and S256 as its method.",
    "code_challenge_method": "Send code_challenge_method=S256; plain is not taken.",
    "code_verifier": "Send the code_verifier that this code_challenge was made of. The"
    " app may have kept it for another tab, or lost its session on the way.",
    "code": "A code works once, for the app that asked, and for a short while.",
    "refresh_token": "A refresh token works once where it is rotated. Keep the new one"
    " of each answer, and let one process refresh at a time.",
    "id_token_hint": "Send an ID token of this server, as it was given.",
    "request_uri": "Use the request_uri of an answer of /par once, and within its life.",
    "response_mode": "Leave response_mode out, unless the app wants another than usual.",
    "DPoP": "Make a new proof for each request, with its method and address.",
    "nonce": "Send a nonce, and look for it in the ID token.",
    "state": "Send state, and compare it when the answer comes.",
}


@dataclass(frozen=True)
class Refused:
    """What advice looks at."""

    error: str
    endpoint: str
    parameter: str | None
    asked: dict[str, Any]
    description: str


def advise(refused: Refused, app: App | None) -> list[str]:
    """Give what to change, the likeliest first."""
    return list(_advice(refused, app))


def _advice(refused: Refused, app: App | None) -> Iterator[str]:
    if refused.error in ("login_required", "interaction_required"):
        yield SILENT
        return
    if app is None:
        if refused.parameter in ("client_id", "client_secret", "Authorization", None):
            yield NO_APP
        return
    name, asked = refused.parameter, refused.asked
    if name in ("redirect_uri", "post_logout_redirect_uri"):
        known = app.redirect_uris
        if name != "redirect_uri":
            known = app.post_logout_redirect_uris
        yield from _of_address(asked.get(name), known, refused.endpoint)
    elif name == "scope":
        yield from _of_scope(str(asked.get("scope") or ""), app)
    elif refused.error == "invalid_client":
        yield from _of_authentication(asked, app)
    elif refused.error == "unauthorized_client":
        yield f"It is registered for these grants: {', '.join(app.grant_types)}."
    elif refused.description == "Push this request (PAR).":
        yield "Send the parameters to /par first, and the browser with request_uri."
    elif name in BY_PARAMETER:
        yield BY_PARAMETER[name]


def _of_address(sent: Any, known: Sequence[str], endpoint: str) -> Iterator[str]:
    if not known:
        yield "The app has registered no such address."
        return
    if endpoint == "/token":
        yield "Repeat the redirect_uri of the authorization request, letter by letter."
        return
    shown = [flow_redaction.address(one) for one in known]
    if not isinstance(sent, str):
        yield f"Send one that is registered: {', '.join(shown[:5])}"
        return
    nearest = min(shown, key=lambda one: len(_differences(sent, one)))
    differs = _differences(sent, nearest)
    if differs and len(differs) < len(_PARTS):
        yield f"Nearest registered: {nearest}. It differs in the {', '.join(differs)}."
    else:
        yield f"Registered: {', '.join(shown[:5])}. They are compared letter by letter."


_PARTS = ("scheme", "host", "port", "path", "query")


def _differences(one: str, other: str) -> list[str]:
    if one == other:
        # What differs has been hidden: the values of the query, or a fragment.
        return ["query"] if HIDDEN in one else []
    mine, theirs = _split(one), _split(other)
    return [name for name in _PARTS if mine[name] != theirs[name]] or ["spelling"]


def _split(uri: str) -> dict[str, Any]:
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return dict.fromkeys(_PARTS)
    return {
        "scheme": parts.scheme,
        "host": parts.hostname,
        "port": port,
        "path": parts.path,
        "query": parts.query,
    }


def _of_scope(asked: str, app: App) -> Iterator[str]:
    beyond = [one for one in asked.split() if one not in app.scope.split()]
    if beyond:
        yield f"Not registered for it: {' '.join(beyond)}."
    yield f"It may ask for: {app.scope or 'nothing'}."


def _of_authentication(asked: dict[str, Any], app: App) -> Iterator[str]:
    came = [
        method
        for name, method in (
            ("Authorization", "client_secret_basic"),
            ("client_secret", "client_secret_post"),
            ("client_assertion", "private_key_jwt"),
        )
        if name in asked
    ]
    wanted = app.token_endpoint_auth_method
    told = " and ".join(came) or "nothing"
    if wanted not in came and (came or wanted != "none"):
        yield f"It is registered for {wanted}, and came with {told}."
    elif came:
        yield "It came as registered; what it showed is not what we know of it."
