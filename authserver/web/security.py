"""The ways to sign in: password, authenticator app, backup codes.

A new secret or new codes are shown soon after a proof alone, and taking the app away
asks for one there and then (C14, C15): a stolen session must not be enough.
"""

import uuid

from flask import Response, request, url_for
from flask_babel import gettext

from authserver.adapters import qr
from authserver.core.mfa import Enrolment
from authserver.core.users import User
from authserver.errors import (
    BadCredentials,
    Conflict,
    NotFound,
    TooManyTries,
    WrongCode,
)
from authserver.http import words
from authserver.http.context import services, settings
from authserver.http.limits import public_limit
from authserver.http.pages import Form, render
from authserver.http.unit_of_work import settle_refusal
from authserver.web import forms, passkeys, reauth
from authserver.web.page import require_signed_in, see
from authserver.web.room import back_to, owner, render_room

GROUP = 4
"""A secret is read in groups of so many letters."""


def security() -> Response:
    """Show how one signs in."""
    user = owner(require_signed_in())
    has_totp = bool(user.mfa_enabled)
    changed = user.last_password_change or user.created_at
    links: dict[str, str | None] = {
        "password": url_for("web.show_password"),
        "totp_new": url_for("web.show_totp"),
        "passkey_new": (
            url_for("web.show_new_passkey")
            if services().passkeys.are_possible
            else None
        ),
        "backup_codes": url_for("web.show_new_codes"),
    }
    if settings().backup_codes_viewable:
        links["backup_view"] = url_for("web.show_codes")
    return render_room(
        "web/security.html",
        user,
        password_changed_at=(
            words.day(changed, user.timezone) if user.password_hash else None
        ),
        passkeys=passkeys.held_by(user),
        totp={"remove_url": url_for("web.remove_totp")} if has_totp else None,
        backup_codes_left=len(user.mfa_backup_codes or ()) if has_totp else None,
        connections=_connections(user.id),
        trusted=_trusted(user),
        links=links,
    )


def _trusted(user: User) -> list[dict[str, str]]:
    return [
        {
            "id": str(one.id),
            "name": one.name or gettext("Unknown device"),
            "until": words.day(one.expires_at, user.timezone),
            "remove_url": url_for("web.forget_device", device_id=one.id),
        }
        for one in services().signin.trusted_devices.list_of(user.id)
    ]


@public_limit()
def forget_device(device_id: uuid.UUID) -> Response:
    """Ask a browser for the second factor again; somebody else's is not found."""
    who = require_signed_in()
    services().signin.trusted_devices.remove(device_id, user_id=who.user_id)
    return back_to("web.security", "device-forgotten")


def _connections(user_id: uuid.UUID) -> list[dict[str, str | None]]:
    linked = {one.provider: one for one in services().connections.list_of(user_id)}
    known = {name: one.title for name, one in services().attempts.providers.items()} | {
        name: name for name in linked if name not in services().attempts.providers
    }
    return [
        {
            "name": title,
            "account": linked[name].email if name in linked else None,
            "remove_url": (
                url_for("web.disconnect", provider=name) if name in linked else None
            ),
            "connect_url": url_for("web.show_connect", provider=name),
        }
        for name, title in known.items()
    ]


def show_totp() -> Response:
    """Show the secret for an authenticator app; a reload shows the same one."""
    who = require_signed_in()
    try:
        begun = services().own_mfa.show(who.user_id, who.session_id)
    except Conflict as refusal:
        settle_refusal(refusal)
        return see("web.security")
    return _totp_page(Form(), begun)


@public_limit()
def totp() -> Response:
    """Turn it on with a first code; then the backup codes are shown."""
    who = require_signed_in()
    given, form = forms.read(forms.AppCodeForm())
    try:
        begun = services().own_mfa.show(who.user_id, who.session_id)
        if given is None:
            return _totp_page(form, begun, status=422)
        codes = services().own_mfa.confirm(who.user_id, given["code"])
    except (WrongCode, TooManyTries) as refusal:
        settle_refusal(refusal)
        form.errors["code"] = gettext(refusal.public)
        return _totp_page(form, begun, status=refusal.status)
    except Conflict as refusal:
        settle_refusal(refusal)
        return see("web.security")
    return _new_codes(codes)


def _totp_page(form: Form, begun: Enrolment, *, status: int = 200) -> Response:
    secret = begun.secret
    groups = [secret[at : at + GROUP] for at in range(0, len(secret), GROUP)]
    return render(
        "web/mfa_totp.html",
        status=status,
        form=form,
        qr=qr.draw(begun.uri),
        secret=" ".join(groups),
        secret_plain=secret,
        otpauth_url=begun.uri,
        links={"security": url_for("web.security")},
    )


def show_remove_totp() -> Response:
    """Ask for the password or a code, to turn the second step off."""
    user = owner(require_signed_in())
    if not user.mfa_enabled:
        return see("web.security")
    return reauth.proof_page(user, Form(), what=_about_to_remove())


@public_limit()
def remove_totp() -> Response:
    """Turn the second step off (C14); the owner gets a letter."""
    who = require_signed_in()
    if not {"password", "code"} & request.form.keys():
        return see("web.show_remove_totp")
    given, form = forms.read(forms.ProofForm())
    proof = reauth.proof_of(given)
    if not proof:
        return reauth.nothing_given(owner(who), form, what=_about_to_remove())
    try:
        services().own_mfa.disable(
            who.user_id,
            who.session_id,
            password=proof.get("password"),
            code=proof.get("code"),
        )
    except Conflict as refusal:
        settle_refusal(refusal)
        return see("web.security")
    except (BadCredentials, WrongCode, TooManyTries) as refusal:
        return reauth.refused(form, refusal, what=_about_to_remove())
    return back_to("web.security", "totp-off")


def _about_to_remove() -> str:
    return gettext("You are about to remove the authenticator app.")


def show_codes() -> Response:
    """Show the backup codes that are left, where the operator lets them be seen."""
    who = require_signed_in()
    codes = services().own_mfa.backup_codes(who.user_id, who.session_id)
    return _codes_page(Form(), codes)


@public_limit()
def keep_codes() -> Response:
    """Go on, once the codes are said to be in a safe place."""
    who = require_signed_in()
    given, form = forms.read(forms.SavedForm())
    if given is not None:
        return see("web.security")
    try:
        codes = services().own_mfa.backup_codes(who.user_id, who.session_id)
    except NotFound as refusal:
        settle_refusal(refusal)
        return see("web.security")
    return _codes_page(form, codes, status=422)


def download_codes() -> Response:
    """Give the same codes as a file."""
    who = require_signed_in()
    codes = services().own_mfa.backup_codes(who.user_id, who.session_id)
    response = Response("".join(f"{code}\r\n" for code in codes), mimetype="text/plain")
    response.headers["Content-Disposition"] = 'attachment; filename="backup-codes.txt"'
    return response


def show_new_codes() -> Response:
    """Ask before the codes that somebody has on paper end."""
    if not owner(require_signed_in()).mfa_enabled:
        return see("web.security")
    return render(
        "web/confirm.html",
        heading=gettext("Make new codes"),
        words=gettext("The codes that you have now will not work any more."),
        submit=gettext("Make new codes"),
        token=None,
        fields=[],
        danger=False,
        links={"cancel": url_for("web.security")},
    )


@public_limit()
def new_codes() -> Response:
    """Make ten new codes; those before end."""
    who = require_signed_in()
    codes = services().own_mfa.renew_backup_codes(who.user_id, who.session_id)
    return _new_codes(codes)


def _new_codes(codes: list[str]) -> Response:
    """Show codes at an address that can be loaded again; else this once."""
    if settings().backup_codes_viewable:
        return see("web.show_codes")
    return _codes_page(Form(), codes)


def _codes_page(form: Form, codes: list[str], *, status: int = 200) -> Response:
    links: dict[str, str | None] = {}
    if settings().backup_codes_viewable:
        links["download"] = url_for("web.download_codes")
    return render(
        "web/backup_codes.html",
        status=status,
        form=form,
        codes=codes,
        action=url_for("web.keep_codes"),
        links=links,
    )
