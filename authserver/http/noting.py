"""Note what was refused in a flow, once it is settled: for the flow inspector.

A refusal of a protocol address is noted, and one of a page that belongs to an
interaction.  What a polling device is told while it waits is no refusal, and what a proof
needs for the next time is none either.
"""

import base64
import binascii
import logging
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from flask import g, request, url_for
from flask.ctx import _AppCtxGlobals as Noted
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from authserver.core.apps import App
from authserver.core.flows import Sent
from authserver.core.roles import permits
from authserver.crypto import unverified
from authserver.crypto.signing import BadToken
from authserver.errors import AuthError, AuthorizationPending, NonceWanted, SlowDown
from authserver.http import trace
from authserver.http.context import services, signed_in
from authserver.http.unit_of_work import drop, keep_already

NOTED = frozenset(
    {"oidc.authorize", "oidc.resume", "oidc.par", "oidc.token", "oidc.logout"}
    | {"oidc.device_authorization", "oidc.bc_authorize", "oidc.introspect"}
    | {"oidc.revoke"}
)
"""Addresses whose refusals somebody may ask about."""

USUAL = (AuthorizationPending, SlowDown, NonceWanted)
READS = "logs:read"
log = logging.getLogger("authserver.fault")


def saw(app: App, params: Mapping[str, str], interaction: object = None) -> None:
    """Say what this request asks, where its address alone does not tell."""
    g.seen = (app, dict(params), interaction)


def send(noted: Noted) -> None:
    """Note what was refused; never at the cost of the answer."""
    error = noted.get("refusal")
    if isinstance(error, AuthError) and not isinstance(error, USUAL):
        try:
            _note(error)
        except SQLAlchemyError as fault:
            drop()
            log.warning("refusal not noted", extra={"reason": type(fault).__name__})


def _note(error: AuthError) -> None:
    app, params, interaction = g.get("seen") or (None, _params(), None)
    key = _uuid(interaction or params.get("interaction"))
    if request.endpoint not in NOTED and (request.blueprint != "web" or key is None):
        return
    app = app or _client(params, key)
    sent = Sent(
        endpoint=request.url_rule.rule if request.url_rule else request.path[:64],
        params={name: text for name, text in params.items() if name != "interaction"},
        app=app,
        interaction_id=key,
        has_basic=_basic() is not None,
        is_page=request.endpoint not in NOTED,
    )
    if services().flows.note(error, sent, trace.current()):
        keep_already()


def _params() -> dict[str, str]:
    """Give what was sent, as far as it can be read; what cannot is the refusal itself."""
    try:
        return {**request.args.to_dict(), **request.form.to_dict()}
    except HTTPException:
        return request.args.to_dict()


def _client(params: Mapping[str, str], key: uuid.UUID | None) -> App | None:
    """Find who asked: by its word, which proves nothing and is not believed further."""
    named = _basic() or params.get("client_id") or _of_assertion(params)
    if named is None and key is not None:
        row = services().interactions.find(key)
        named = row.request.get("client_id") if row else None
    return services().clients.find(named) if isinstance(named, str) else None


def _basic() -> str | None:
    header = request.headers.get("Authorization", "")
    if header[:6].lower() != "basic ":
        return None
    try:
        joined = base64.b64decode(header[6:].strip()).decode("utf-8")
        return unquote_plus(joined.partition(":")[0], errors="strict")
    except (binascii.Error, ValueError):
        return ""


def _of_assertion(params: Mapping[str, str]) -> Any:
    try:
        return unverified.read(params.get("client_assertion", ""))[1].get("sub")
    except BadToken:
        return None


def _uuid(text: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(text)) if text else None
    except ValueError:
        return None


def link() -> str | None:
    """Give where this refusal is explained, to whoever is here and may read logs."""
    if request.endpoint not in NOTED and not request.args.get("interaction"):
        return None
    try:
        who = signed_in()
        subject = services().directory.subject(who.user_id) if who else None
        if subject is None or not subject.is_email_verified:
            return None
        held = services().roles.permissions_of(subject.roles)
    except SQLAlchemyError:
        return None
    if not permits(held, READS):
        return None
    return url_for("console.show_flow", trace_id=trace.current())
