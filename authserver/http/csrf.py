"""The synchronizer token of page forms (OWASP CSRF Prevention).

The token is an HMAC over the browser's own cookie, so it needs no table, holds in every
tab, and survives a restart.  Another site cannot read it and cannot set the cookie.
"""

import uuid

from flask import request

from authserver.crypto import opaque
from authserver.errors import AccountChanged, CsrfFailed
from authserver.http.context import browser_id, services, signed_in

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"


def token() -> str:
    """Give the token for the forms of this page."""
    return opaque.fingerprint(f"csrf|{browser_id()}", key=services().ticket_key)


def token_for(user_id: uuid.UUID) -> str:
    """Give the token for the forms of a page that was shown to one person.

    Several people may be signed in at one browser: what one of them left open in a tab
    must not be done in the name of another.
    """
    return f"{token()}.{_mark_of(user_id)}"


def check() -> None:
    """Refuse a form that did not come from a page of ours, or was shown to another one.

    Raises:
        CsrfFailed: The token is missing or of another browser.
        AccountChanged: The page was shown to somebody who is not in front any more.
    """
    given, _, mark = request.form.get(FIELD, "").partition(".")
    if not opaque.same(given, token()):
        raise CsrfFailed("csrf token does not belong to this browser")
    who = signed_in() if mark else None
    if who is not None and not opaque.same(mark, _mark_of(who.user_id)):
        raise AccountChanged("the form was shown to another user")


def _mark_of(user_id: uuid.UUID) -> str:
    return opaque.fingerprint(f"shown to|{user_id}", key=services().ticket_key)[:16]


def check_header() -> None:
    """Refuse a call that relies on our cookies without the token of this browser.

    The double submit of C23: the browser's own cookie is the one half, the header is
    the other, and only a page that may read our answers can have made it.

    Raises:
        CsrfFailed: The header is missing or of another browser.
    """
    if not opaque.same(request.headers.get(HEADER, ""), token()):
        raise CsrfFailed("csrf header does not belong to this browser")
