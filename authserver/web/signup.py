"""Sign up, check your mail, verify by code or by link."""

from datetime import timedelta

from flask import Response, redirect, request, url_for

from authserver.core.challenges import MAX_ATTEMPTS, Challenge, Purpose
from authserver.core.interactions import Interaction
from authserver.core.signin import PASSWORD
from authserver.core.users import User
from authserver.errors import (
    ChallengeExpired,
    InvalidInput,
    ProofOfWorkNeeded,
    WrongCode,
)
from authserver.http import language
from authserver.http.context import browser_id, services
from authserver.http.limits import public_limit, signin_limit
from authserver.http.pages import Form, render
from authserver.http.unit_of_work import settle_refusal
from authserver.web import forms, proof_of_work
from authserver.web.page import (
    admit,
    asking_app,
    masked,
    open_interaction,
    providers,
    see,
    waiting,
)

RESEND_AFTER = timedelta(seconds=30)


def show_signup() -> Response:
    """Show the form."""
    return _signup_page(Form(), waiting())


@signin_limit()
def signup() -> Response:
    """Answer the form; known and unknown addresses lead to the same page (C12)."""
    row = waiting()
    given, form = forms.read(forms.SignupForm())
    if given is None:
        return _signup_page(form, row, status=422)
    browser_id()
    try:
        challenge = services().signup.register(
            **given,
            interaction_id=row.id if row else None,
            shown=proof_of_work.shown(),
        )
    except (InvalidInput, ProofOfWorkNeeded) as refusal:
        settle_refusal(refusal)
        return _signup_page(forms.show_again(form, refusal), row, status=refusal.status)
    return _to_verify(challenge, row)


def show_mail_signup() -> Response:
    """Show the way for browsers that cannot solve a puzzle."""
    return _mail_page(Form(), waiting())


@signin_limit()
def mail_signup() -> Response:
    """Send the code first; the password is chosen when it has come back."""
    row = waiting()
    given, form = forms.read(forms.MailSignupForm())
    if given is None:
        return _mail_page(form, row, status=422)
    browser_id()
    try:
        challenge = services().signup.begin_by_mail(
            **given, interaction_id=row.id if row else None
        )
    except InvalidInput as refusal:
        settle_refusal(refusal)
        return _mail_page(forms.show_again(form, refusal), row, status=422)
    return _to_verify(challenge, row)


def _mail_page(form: Form, row: Interaction | None, *, status: int = 200) -> Response:
    return render(
        "web/signup_mail.html",
        status=status,
        app=asking_app(row),
        interaction=row.id if row else None,
        form=form,
        links={"signup": url_for("web.show_signup", interaction=_id(row))},
    )


def _signup_page(form: Form, row: Interaction | None, *, status: int = 200) -> Response:
    return render(
        "web/signup.html",
        status=status,
        app=asking_app(row),
        interaction=row.id if row else None,
        form=form,
        providers=providers(row),
        links={
            "signin": url_for("web.show_signin", interaction=_id(row)),
            "signup_mail": url_for("web.show_mail_signup", interaction=_id(row)),
        },
        **proof_of_work.of_signup(),
    )


def show_verify() -> Response:
    """Ask for the code; somebody verified meanwhile is led on to the sign-in."""
    row = waiting()
    handle = request.args.get("challenge", "")
    challenge = services().challenges.find(Purpose.VERIFY_EMAIL, handle)
    if challenge is not None and challenge.is_used and not challenge.extra.get("decoy"):
        return see("web.show_signin", interaction=_id(row))
    return _verify_page(Form(), challenge, handle, row)


@public_limit()
def verify() -> Response:
    """Spend the code; the browser that signed up is signed in at once."""
    row = waiting()
    handle = request.values.get("challenge", "")
    challenge = services().challenges.find(Purpose.VERIFY_EMAIL, handle)
    given, form = forms.read(forms.CodeForm())
    if given is None:
        return _verify_page(form, challenge, handle, row, status=422)
    try:
        user, spent = services().signup.finish_with_code(handle, given["code"])
    except (WrongCode, ChallengeExpired) as refusal:
        settle_refusal(refusal)
        challenge = services().challenges.find(Purpose.VERIFY_EMAIL, handle)
        form.errors["code"] = language.translate(refusal.public)
        return _verify_page(form, challenge, handle, row, status=refusal.status)
    if not services().challenges.is_from_this_browser(spent):
        return see("web.verified", interaction=spent.interaction_id)
    return _enter(user, spent, row)


def _enter(user: User, spent: Challenge, row: Interaction | None) -> Response:
    """Sign in who has begun here; who has no password yet chooses one first."""
    if ticket := services().signup.first_password(user, spent):
        return see("web.show_setup", token=ticket, interaction=_id(row))
    session, cookie = services().signin.with_proof(
        user, method="signup", amr=PASSWORD, remember=False
    )
    return admit(session, cookie, row)


def _verify_page(
    form: Form,
    challenge: Challenge | None,
    handle: str,
    row: Interaction | None,
    *,
    status: int = 200,
) -> Response:
    now = services().clock.now()
    wait, left = 0, None
    if challenge is not None:
        wait = max(0, int((challenge.created_at + RESEND_AFTER - now).total_seconds()))
        if challenge.attempts > 1:
            left = max(0, MAX_ATTEMPTS - challenge.attempts)
    ttl = services().settings.verification_ttl
    return render(
        "web/check_mail.html",
        status=status,
        app=asking_app(row),
        interaction=_id(row),
        form=form,
        challenge=handle,
        address=masked(challenge.email if challenge else None),
        lifetime=language.duration(ttl.total_seconds()),
        resent="resent" in request.args,
        wait=wait,
        tries_left=left,
        links={
            "verify_resend": url_for("web.resend", interaction=_id(row)),
            "signup": url_for("web.show_signup", interaction=_id(row)),
        },
    )


@public_limit()
def resend() -> Response:
    """Send a new code; too soon after the last one nothing is sent."""
    row = waiting()
    handle = request.form.get("challenge", "")
    challenge = services().challenges.find(Purpose.VERIFY_EMAIL, handle)
    if challenge is None:
        raise ChallengeExpired("no such challenge")
    is_early = services().clock.now() < challenge.created_at + RESEND_AFTER
    if challenge.is_used or is_early:
        return _to_verify(challenge, row)
    browser_id()
    return _to_verify(services().signup.resend(handle), row, resent=1)


def show_verify_link() -> Response:
    """Show the button.  A GET spends nothing: mail scanners open links too."""
    token = request.args.get("token", "")
    challenge = services().challenges.look(Purpose.VERIFY_EMAIL, token)
    open_interaction(challenge.interaction_id)
    return render("web/verify_link.html", token=token, address=masked(challenge.email))


@public_limit()
def verify_link() -> Response:
    """Spend the link; the browser that signed up is signed in at once."""
    user, spent = services().signup.finish_with_link(request.form.get("token", ""))
    row = services().interactions.find(spent.interaction_id)
    if row is not None and not services().interactions.is_open(row):
        row = None
    if not services().challenges.is_from_this_browser(spent):
        return see("web.verified", interaction=spent.interaction_id)
    return _enter(user, spent, row)


def verified() -> Response:
    """Say that the address is verified, to a browser that did not sign up."""
    row = waiting()
    links: dict[str, str | None] = {
        "next": url_for("web.show_signin", interaction=_id(row))
    }
    return render("web/verified.html", app=asking_app(row), links=links)


def _to_verify(
    challenge: Challenge, row: Interaction | None, **more: object
) -> Response:
    return redirect(  # type: ignore[return-value]
        url_for(
            "web.show_verify", challenge=challenge.id, interaction=_id(row), **more
        ),
        303,
    )


def _id(row: Interaction | None) -> str | None:
    return str(row.id) if row else None
