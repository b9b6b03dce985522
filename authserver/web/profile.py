"""Name, number, language and time zone; and the way to another e-mail address."""

from functools import cache
from zoneinfo import available_timezones

from flask import Response, request, url_for

from authserver.core.challenges import Challenge
from authserver.core.users import User
from authserver.errors import (
    AuthError,
    ChallengeExpired,
    Conflict,
    InvalidInput,
    WrongCode,
)
from authserver.http import cookies, language
from authserver.http.context import browser_id, services, settings
from authserver.http.limits import public_limit
from authserver.http.pages import Form, render
from authserver.http.unit_of_work import settle_refusal
from authserver.web import forms
from authserver.web.page import masked, require_signed_in, see
from authserver.web.room import back_to, owner, render_room
from authserver.web.signup import RESEND_AFTER

FIELDS = ("full_name", "username", "phone", "language", "timezone")


def profile() -> Response:
    """Show what is known of the owner."""
    return _page(owner(require_signed_in()), Form())


@public_limit()
def change_profile() -> Response:
    """Change it; all faults come back at once."""
    user = owner(require_signed_in())
    given, form = forms.read(forms.ProfileForm())
    try:
        services().profiles.change(user.id, given or {})
    except (InvalidInput, Conflict) as refusal:
        return _refused(form, refusal)
    response = back_to("web.profile", "saved")
    if picked := language.match([(given or {}).get("language", "")]):
        cookies.set_language(response, picked, settings())
    return response


@public_limit()
def change_email() -> Response:
    """Send a code to another address; an address that is taken shows nothing (C12)."""
    who = require_signed_in()
    given, form = forms.read(forms.AddressForm())
    if given is None:
        return _page(owner(who), form, status=422)
    browser_id()
    try:
        services().email_changes.ask(
            who.user_id, given["email"], session_id=who.session_id
        )
    except InvalidInput as refusal:
        return _refused(form, refusal)
    return see("web.show_email_code")


def show_email_code() -> Response:
    """Ask for the code that went to the new address."""
    user = owner(require_signed_in())
    pending = _pending(user)
    if pending is None:
        return see("web.profile")
    return _code_page(Form(), pending)


@public_limit()
def email_code() -> Response:
    """Take the code: from now on it is the address of the account."""
    user = owner(require_signed_in())
    pending = _pending(user)
    if pending is None:
        return see("web.profile")
    given, form = forms.read(forms.CodeForm())
    if given is None:
        return _code_page(form, pending, status=422)
    try:
        services().email_changes.finish_with_code(user.id, given["code"])
    except (WrongCode, ChallengeExpired, Conflict) as refusal:
        settle_refusal(refusal)
        form.errors["code"] = language.translate(refusal.public)
        return _code_page(form, pending, status=refusal.status)
    return back_to("web.profile", "email")


@public_limit()
def resend_email_code() -> Response:
    """Send another code; too soon after the last one nothing is sent."""
    who = require_signed_in()
    pending = _pending(owner(who))
    if pending is None:
        return see("web.profile")
    if _wait(pending):
        return see("web.show_email_code")
    browser_id()
    services().email_changes.ask(
        who.user_id, pending.email or "", session_id=who.session_id
    )
    return see("web.show_email_code", resent=1)


def _refused(form: Form, refusal: AuthError) -> Response:
    settle_refusal(refusal)
    user = owner(require_signed_in())
    return _page(user, forms.show_again(form, refusal), status=refusal.status)


def _page(user: User, form: Form, *, status: int = 200) -> Response:
    known = {name: getattr(user, name) or "" for name in FIELDS}
    known["language"] = language.match([user.language]) or user.language
    form.values = known | form.values
    pending = _pending(user)
    return render_room(
        "web/profile.html",
        user,
        status=status,
        form=form,
        locales=list(language.LANGUAGES.items()),
        timezones=_zones(),
        pending_email=pending.email if pending else None,
        links={
            "email_change": url_for("web.change_email"),
            "email_code": url_for("web.show_email_code"),
        },
    )


def _code_page(form: Form, pending: Challenge, *, status: int = 200) -> Response:
    ttl = services().settings.verification_ttl
    return render(
        "web/check_mail.html",
        status=status,
        form=form,
        challenge=str(pending.id),
        address=masked(pending.email),
        lifetime=language.duration(ttl.total_seconds()),
        resent="resent" in request.args,
        wait=_wait(pending),
        tries_left=None,
        links={
            "verify_resend": url_for("web.resend_email_code"),
            "signup": url_for("web.profile"),
        },
    )


def _pending(user: User) -> Challenge | None:
    return services().email_changes.pending(user.id)


def _wait(pending: Challenge) -> int:
    left = pending.created_at + RESEND_AFTER - services().clock.now()
    return max(0, int(left.total_seconds()))


@cache
def _zones() -> list[str]:
    """Give the time zones that are named after places."""
    return sorted(
        name
        for name in available_timezones()
        if "/" in name and not name.startswith("Etc/")
    )
