"""Where the parameters of an authorization request come from.

Four places, and one stage that looks at them all: the query or form, a request that was
pushed to us (RFC 9126), a request object by value, and one by reference (RFC 9101, OIDC
Core §6).  Whoever comes after sees one client, one set of parameters, and one address
that may be answered.  What was sent beside a pushed request or a request object is
ignored (RFC 9101 §6.3): only the client could have written those.
"""

import uuid
from dataclasses import dataclass

from authserver.core.apps import App
from authserver.core.interactions import Interaction
from authserver.core.pushed_requests import PREFIX
from authserver.errors import (
    AppSwitchedOff,
    AuthError,
    InvalidRedirect,
)
from authserver.http.context import services, settings
from authserver.oidc import client_documents, wire


@dataclass(frozen=True)
class Asked:
    """An authorization request of a known client, with a trusted way back."""

    app: App
    params: dict[str, str]
    redirect_uri: str
    pushed_id: uuid.UUID | None = None
    """The pushed request that its answer will spend."""
    fault: AuthError | None = None
    """What is wrong with how it came; the app is told by redirect."""

    @property
    def may_start_again(self) -> bool:
        """Whether its parameters may stand in a plain URL, and would be taken there.

        Those of a pushed request were kept from the browser on purpose.
        """
        needs_more = _must_be_pushed(self.app) or _must_be_signed(self.app)
        return self.pushed_id is None and not needs_more


def gather() -> Asked:
    """Read the authorization request of this browser.

    Raises:
        AuthError: It has no trusted way back; a page tells the person (RFC 6749
            §4.1.2.4), and nobody is redirected.
    """
    sent, doubled = wire.authorization()
    if {"client_id", "redirect_uri"} & set(doubled):
        raise InvalidRedirect("client_id or redirect_uri came twice")
    app = _client(sent)
    try:
        wire.refuse_repeated(doubled)
        asked = _read(app, sent)
    except InvalidRedirect:
        raise
    except AuthError as fault:
        # What could not be read may have named another way back than the usual one.
        if not app.has_redirect_uri(sent.get("redirect_uri", "")):
            raise
        return Asked(app, sent, sent["redirect_uri"], fault=fault)
    return asked


def pushed(app: App, sent: dict[str, str]) -> Asked:
    """Read a request that its client sends ahead (RFC 9126 §2.1).

    Raises:
        AuthError: It names another pushed request, or has no trusted way back.
    """
    if "request_uri" in sent:
        raise AuthError("request_uri pushed", public="A request_uri cannot be pushed.")
    params = _plain_or_signed(app, sent)
    return Asked(app, params, way_back(app, params))


def kept(row: Interaction) -> Asked:
    """Give the request of an interaction as it was read."""
    params = dict(row.request)
    app = _client(params)
    return Asked(app, params, way_back(app, params), row.pushed_id)


def way_back(app: App, params: dict[str, str]) -> str:
    """Give the address that may be answered.

    Raises:
        InvalidRedirect: None that this client has registered.
    """
    asked = params.get("redirect_uri")
    if asked is not None:
        if not app.has_redirect_uri(asked):
            raise InvalidRedirect("redirect_uri is not registered")
        return asked
    # OIDC Core §3.1.2.1: openid needs it said; plain OAuth may leave out the only one.
    is_openid = "openid" in params.get("scope", "").split()
    must_be_said = is_openid or app.security.needs_redirect_uri
    if must_be_said or len(app.redirect_uris) != 1:
        raise InvalidRedirect("redirect_uri missing")
    return app.redirect_uris[0]


def _client(params: dict[str, str]) -> App:
    client_id = params.get("client_id", "")
    app = client_documents.find(client_id)
    if app is not None:
        return app
    if services().client_switch.is_off(client_id):
        raise AppSwitchedOff(f"client {client_id[:80]!r} is switched off")
    raise InvalidRedirect("unknown client_id")


def _read(app: App, sent: dict[str, str]) -> Asked:
    uri = sent.get("request_uri", "")
    if uri.startswith(PREFIX):
        if "request" in sent:
            raise _both()
        found = services().pushed_requests.find(uri, app=app)
        back = way_back(app, found.params)
        return Asked(app, found.params, back, found.id)
    if _must_be_pushed(app):
        raise AuthError("request was not pushed", public="Push this request (PAR).")
    params = _plain_or_signed(app, sent)
    return Asked(app, params, way_back(app, params))


def _plain_or_signed(app: App, sent: dict[str, str]) -> dict[str, str]:
    """Give the parameters of a request object, or those beside where there is none."""
    if "request" in sent and "request_uri" in sent:
        raise _both()
    objects = services().request_objects
    if "request" in sent:
        return _opened(app, objects.by_value(app, sent["request"]))
    if "request_uri" in sent:
        return _opened(app, objects.by_reference(app, sent["request_uri"]))
    if _must_be_signed(app):
        raise AuthError("request is not signed", public="Sign this request (JAR).")
    return sent


def _opened(app: App, inside: dict[str, str]) -> dict[str, str]:
    """RFC 9101 §6.3: what is inside counts, and nothing else."""
    wire.check_text([*inside, *inside.values()])
    return inside | {"client_id": app.client_id}


def _must_be_pushed(app: App) -> bool:
    return app.needs_par or settings().require_par


def _must_be_signed(app: App) -> bool:
    return app.needs_signed_request or settings().require_signed_request


def _both() -> AuthError:
    return AuthError(
        "request and request_uri", public="Send request or request_uri, not both."
    )
