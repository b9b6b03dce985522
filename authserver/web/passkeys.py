"""Passkeys by pages: add one, remove one, sign in with one (WebAuthn Level 3)."""

import uuid

from flask import Response, request, url_for

from authserver.core.users import User
from authserver.errors import BadCredentials, InvalidInput, TooManyTries
from authserver.http import words
from authserver.http.context import browser_id, services
from authserver.http.limits import public_limit, signin_limit
from authserver.http.pages import Form, render
from authserver.http.unit_of_work import settle_refusal
from authserver.web import forms, signin
from authserver.web.page import admit, require_signed_in, waiting
from authserver.web.room import back_to


def show_new_passkey() -> Response:
    """Let the browser make one."""
    return _page(Form())


@public_limit()
def add_passkey() -> Response:
    """Keep what the browser has made; the owner gets a letter."""
    who = require_signed_in()
    given, form = forms.read(forms.PasskeyForm())
    if given is None:
        return _page(form, status=422)
    try:
        services().passkeys.add(who.user_id, who.session_id, **given)
    except InvalidInput as refusal:
        settle_refusal(refusal)
        form.error = " ".join(forms.show_again(form, refusal).errors.values())
        form.errors = {}
        return _page(form, status=422)
    return back_to("web.security", "passkey")


@public_limit()
def remove_passkey(passkey_id: uuid.UUID) -> Response:
    """Take one away, unless it is the last way to sign in."""
    who = require_signed_in()
    services().passkeys.remove(who.user_id, who.session_id, passkey_id=passkey_id)
    return back_to("web.security", "no-passkey")


def _page(form: Form, *, status: int = 200) -> Response:
    who = require_signed_in()
    browser_id()
    return render(
        "web/passkey_new.html",
        status=status,
        form=form,
        passkey_options=services().passkeys.begin(who.user_id, who.session_id),
        offer=False,
        never=False,
        links={"security": url_for("web.security")},
    )


@signin_limit()
def passkey_signin() -> Response:
    """Sign in with whatever passkey the browser has shown."""
    row = waiting()
    credential = request.form.get("credential", "")
    try:
        session, cookie = services().passkeys.enter(credential, remember=False)
    except (BadCredentials, TooManyTries) as refusal:
        return signin.refused_elsewhere(row, refusal)
    return admit(session, cookie, row)


def held_by(user: User) -> list[dict[str, object]]:
    """Give the passkeys of somebody as their page shows them."""
    return [
        {
            "id": one.id,
            "name": one.name,
            "made_at": words.day(one.created_at, user.timezone),
            "used_at": words.moment(one.last_used_at, user.timezone),
            "remove_url": url_for("web.remove_passkey", passkey_id=one.id),
        }
        for one in services().passkeys.list_of(user.id)
    ]
