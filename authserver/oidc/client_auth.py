"""Client authentication (RFC 6749 §2.3, OIDC Core §9).

Exactly one method in a request, and it must be the one that the client registered, and
one that its profile takes.  What was wrong is for the log: to the wire all faults look
alike.  Signed assertions are in ``assertions``.
"""

import base64
import binascii
from typing import NoReturn
from urllib.parse import unquote_plus

from authserver.core import certificates
from authserver.core.apps import App
from authserver.errors import AuthError, InvalidClient
from authserver.http.context import services
from authserver.oidc import assertions, client_documents, mutual_tls
from authserver.oidc.records import ClientRecord
from authserver.oidc.wire import WireRequest

BASIC = "client_secret_basic"
POST = "client_secret_post"
ASSERTION = "client_assertion"
NONE = "none"


def authenticate(request: WireRequest) -> ClientRecord:
    """Say which client sent this request.

    Raises:
        InvalidClient: It did not prove it.
        AuthError: It used several methods at once (RFC 6749 §2.3).
    """
    form = request.form
    method = _method(request)
    if method == ASSERTION:
        app = assertions.authenticate(form)
    elif method == NONE:
        app = _without_credentials(form.get("client_id", ""))
    else:
        app = _by_secret(request, method)
    claimed = form.get("client_id")
    if claimed is not None and claimed != app.client_id:
        _refuse(request, "client_id in the body is another client's")
    if app.token_endpoint_auth_method not in app.security.auth_methods:
        _refuse(request, f"{app.profile} takes no {app.token_endpoint_auth_method}")
    # Nothing has been written yet: later on we would hold others up.
    services().messages.prepare(app)
    request.auth_method = app.token_endpoint_auth_method
    request.client = ClientRecord(app)
    return request.client


def _method(request: WireRequest) -> str:
    form = request.form
    header = request.headers.get("Authorization", "")
    used = [BASIC] if header[:6].lower() == "basic " else []
    if header and not used:
        raise InvalidClient("an Authorization header that is not Basic")
    if "client_secret" in form:
        used.append(POST)
    if "client_assertion" in form or "client_assertion_type" in form:
        used.append(ASSERTION)
    if len(used) > 1:
        raise AuthError(
            f"methods at once: {used}", public="Use one way to authenticate, not two."
        )
    return used[0] if used else NONE


def _by_secret(request: WireRequest, method: str) -> App:
    if method == BASIC:
        client_id, secret = basic_credentials(request.headers["Authorization"])
    else:
        client_id = request.form.get("client_id", "")
        secret = request.form["client_secret"]
    clients = services().clients
    app = clients.find(client_id)
    # An unknown client costs the same comparison as a known one.
    known = app is not None and clients.has_secret(app, secret)
    if app is None:
        _refuse(request, f"{method} of an unknown client_id {client_id[:80]!r}")
    if app.token_endpoint_auth_method != method:
        _refuse(
            request, f"{method} of {client_id[:80]!r}, which registered another way"
        )
    if not known:
        _refuse(request, f"{method} of {client_id[:80]!r}: the secret is wrong or over")
    return app


def basic_credentials(header: str) -> tuple[str, str]:
    """Read an ``Authorization: Basic`` header as RFC 6749 §2.3.1 writes it.

    Id and secret are form-encoded before they are joined; so a colon, a plus or a
    letter beyond ASCII survives.

    Raises:
        InvalidClient: It is not base64 of UTF-8 with a colon.
    """
    try:
        joined = base64.b64decode(header[6:].strip(), validate=True).decode("utf-8")
        client_id, colon, secret = joined.partition(":")
        plain = unquote_plus(client_id, errors="strict")
        revealed = unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError):
        _refuse_basic("malformed Basic header")
    if not colon or not plain or not revealed:
        _refuse_basic("Basic header without id or secret")
    return plain, revealed


def _without_credentials(client_id: str) -> App:
    """Take a public client, or one whose certificate came with the connection.

    RFC 8705 §2: such a client tells its id and nothing more.
    """
    app = client_documents.find_quietly(client_id) if client_id else None
    if app is not None and app.token_endpoint_auth_method in certificates.METHODS:
        mutual_tls.authenticate(app)
    elif app is None or not app.is_public:
        raise InvalidClient(f"{client_id[:80]!r} may not go without credentials")
    return app


def _refuse(request: WireRequest, why: str) -> NoReturn:
    if request.headers.get("Authorization"):
        _refuse_basic(why)
    raise InvalidClient(why)


def _refuse_basic(why: str) -> NoReturn:
    """RFC 6749 §5.2: who used the header is told which header we take."""
    refusal = InvalidClient(why)
    refusal.headers = {"WWW-Authenticate": 'Basic realm="authserver", charset="UTF-8"'}
    raise refusal
