"""The synchronizer token of page forms (OWASP CSRF Prevention).

The token is an HMAC over the browser's own cookie, so it needs no table, holds in every
tab, and survives a restart.  Another site cannot read it and cannot set the cookie.
"""

from flask import request

from authserver.crypto import opaque
from authserver.errors import CsrfFailed
from authserver.http.context import browser_id, services

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"


def token() -> str:
    """Give the token for the forms of this page."""
    return opaque.fingerprint(f"csrf|{browser_id()}", key=services().ticket_key)


def check() -> None:
    """Refuse a form that did not come from a page of ours.

    Raises:
        CsrfFailed: The token is missing or of another browser.
    """
    given = request.form.get(FIELD, "")
    if not opaque.same(given, token()):
        raise CsrfFailed("csrf token does not belong to this browser")


def check_header() -> None:
    """Refuse a call that relies on our cookies without the token of this browser.

    The double submit of C23: the browser's own cookie is the one half, the header is
    the other, and only a page that may read our answers can have made it.

    Raises:
        CsrfFailed: The header is missing or of another browser.
    """
    if not opaque.same(request.headers.get(HEADER, ""), token()):
        raise CsrfFailed("csrf header does not belong to this browser")
